/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reports news to programs, by mail and to the log. */
#ifndef LBCTL_CHECK_TELL_H
#define LBCTL_CHECK_TELL_H

#include "check/tell/news.h"

/* Runs programs and sends mails, for two minutes at most. */
void news_tell(struct command *command, const struct news_list *news);
/*
 * Reports all transitions: a syslog line each, then the checks' programs, then
 * one mail per address. Programs and mails have a bounded time; they do not get
 * transitions that are only logged. What cannot be reported is a warning on the
 * command's stderr, not a failure. Mail by SMTP leaves from the program's
 * network namespace.
 */
void transitions_tell(struct command *command,
		      const struct transitions *transitions);

#endif
