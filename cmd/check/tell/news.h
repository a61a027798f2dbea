/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Transitions as they are reported: once if many services share one. */
#ifndef LBCTL_CHECK_NEWS_H
#define LBCTL_CHECK_NEWS_H

#include "check/tell/transition.h"

#define NEWS_TEXT_SIZE 512
#define NEWS_EACH_US   INT64_C(30000000) /* for a program or a mail */
#define NEWS_ALL_US    INT64_C(60000000) /* for all programs, for all mails */

/*
 * A transition of one check and server, or of quorums with the same numbers,
 * and the number of services that share it beside its own.
 */
struct news {
	const struct transition *first;
	size_t others;
};

struct news_list {
	struct news *list;
	size_t count;
};

/* Gathers news, in the order of the transitions. Returns 0 or -ENOMEM. */
int news_gather(const struct transitions *transitions,
		struct news_list *ret_news) MUST_CHECK;
void news_free(struct news_list *news);
#define AUTO_NEWS CLEANUP(news_free)

/* Returns "down", "up", "quorum-lost", "quorum-gained", "standby-in",
   "standby-out", "vip-withdrawn", "vip-returned"; NULL: only logged. */
const char *news_event(const struct news *news);
/* Tells whether the news also go to programs and mail. */
bool news_is_told(const struct news *news);
bool news_is_quorum(const struct news *news);
/* Writes as transition_text(), with "of fwmark:1 and 9 other services". */
void news_text(const struct news *news, char text[NEWS_TEXT_SIZE]);
/* Writes "server 10.0.0.1:0 of fwmark:1 is down: no answer; drained". */
void transition_text(const struct transition *transition, char *text,
		     size_t size);
/* Writes the news in short: "fwmark:1: server 10.0.0.1 is down". */
void news_subject(const struct news *news, char text[NEWS_TEXT_SIZE]);

/* Writes a line of syslog for each. */
void news_log(const struct news_list *news);

#endif
