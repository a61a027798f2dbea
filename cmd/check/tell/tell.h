/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Telling news to all who want them. */
#ifndef LBCTL_CHECK_TELL_H
#define LBCTL_CHECK_TELL_H

#include "check/tell/news.h"

/* Runs programs and sends mails, for two minutes at most. */
void news_tell(struct command *command, const struct news_list *news);
/*
 * Tells of all transitions: first a syslog line each; then, but for those that
 * are only for the log, by the checks' programs, for a bounded time; then by
 * one mail per address. Warns on the command's stderr of what could not be
 * told, which is no failure. Mail by SMTP leaves from the program's network
 * namespace.
 */
void transitions_tell(struct command *command,
		      const struct transitions *transitions);

#endif
