/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Transitions as they are told: what many services share is told once. */
#ifndef LBCTL_CHECK_TELL_H
#define LBCTL_CHECK_TELL_H

#include <time.h>

#include "check/process/child.h"
#include "check/tell/transition.h"

#define NEWS_TEXT_SIZE 512

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
/* The same in short: "fwmark:1: server 10.0.0.1 is down". */
void news_subject(const struct news *news, char text[NEWS_TEXT_SIZE]);

/* A line of syslog each. */
void news_log(const struct news_list *news);
/* Runs programs and sends mails, which takes two minutes at most. */
void news_tell(struct command *command, const struct news_list *news);

/* Of what could not be told; nothing under --quiet. */
void tell_warning(const struct command *command, const char *format, ...)
	PRINTF(2, 3);
/* Of those that went wrong, a few by what they are: "mail to a@b.example". */
void tell_children(const struct command *command, const struct child *children,
		   size_t count,
		   const char *(*name)(const struct child *child));

#define NOTIFY_LOCK  "/run/lbctl/check/notify.lock"
#define MAIL_PROGRAM "/usr/sbin/sendmail"
#define TELL_EACH_US INT64_C(30000000) /* for a program, or for a mail */
#define TELL_ALL_US  INT64_C(60000000) /* for all programs, for all mails */

/* Runs the checks' programs under a lock, so that runs do not get mixed. */
void notify_all(struct command *command, const struct news_list *news,
		const char *lock);
/* Mails, by a program that is called as sendmail is, or by SMTP. */
void mail_all(struct command *command, const struct news_list *news,
	      const char *program);

/* ---- A mail as text (letter.c) ---- */

struct letter {
	const char *from, *to; /* addresses */
	const char *host;
	time_t time;
	unsigned int number; /* of this process's letters */
	const struct news *const *news;
	size_t count;
};

/* Whether it is an address that can do no harm in a header or as a word. */
bool letter_address_ok(const char *address);
/* Header and lines; free *ret_text. Returns 0, -EINVAL for an address that
   is not OK, or -ENOMEM. */
int letter_compose(const struct letter *letter, char **ret_text) MUST_CHECK;

#endif
