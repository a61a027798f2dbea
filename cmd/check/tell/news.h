/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Transitions as they are told: what many services share is told once. */
#ifndef LBCTL_CHECK_NEWS_H
#define LBCTL_CHECK_NEWS_H

#include "check/tell/transition.h"

#define NEWS_TEXT_SIZE 512
#define NEWS_EACH_US   INT64_C(30000000) /* for a program, or for a mail */
#define NEWS_ALL_US    INT64_C(60000000) /* for all programs, for all mails */

/*
 * A transition of one check and server, or of quorums with the same numbers,
 * and of how many services more than its own.
 */
struct news {
	const struct transition *first;
	size_t others;
};

struct news_list {
	struct news *list;
	size_t count;
};

/* In the order of the transitions. Returns 0 or -ENOMEM. */
int news_gather(const struct transitions *transitions,
		struct news_list *ret_news) MUST_CHECK;
void news_free(struct news_list *news);
#define AUTO_NEWS CLEANUP(news_free)

/* "down", "up", "quorum-lost", "quorum-gained". */
const char *news_event(const struct news *news);
/* Whether programs and mails tell of it, too. */
bool news_is_told(const struct news *news);
bool news_is_quorum(const struct news *news);
/* As transition_text(), "of fwmark:1 and 9 other services". */
void news_text(const struct news *news, char text[NEWS_TEXT_SIZE]);
/* "server 10.0.0.1:0 of fwmark:1 is down: connection refused; drained". */
void transition_text(const struct transition *transition, char *text,
		     size_t size);
/* The same in short: "fwmark:1: server 10.0.0.1 is down". */
void news_subject(const struct news *news, char text[NEWS_TEXT_SIZE]);

/* A line of syslog each. */
void news_log(const struct news_list *news);

#endif
