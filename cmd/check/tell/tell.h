/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Has all be told of news who want to be. */
#ifndef LBCTL_CHECK_TELL_H
#define LBCTL_CHECK_TELL_H

#include "check/tell/news.h"

/* Runs programs and sends mails, which takes two minutes at most. */
void news_tell(struct command *command, const struct news_list *news);
/*
 * Tells of all: a syslog line each; then, but of what only a log is for, the
 * checks' programs, which are
 * waited for a bounded time; then one mail per address. What could not be told
 * is warned of on the command's stderr, and is no failure. Mail by SMTP goes out
 * of the network namespace that the program is in.
 */
void transitions_tell(struct command *command,
		      const struct transitions *transitions);

#endif
