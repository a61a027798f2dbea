/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Runs programs for news. */
#ifndef LBCTL_CHECK_NOTIFY_H
#define LBCTL_CHECK_NOTIFY_H

#include "check/tell/news.h"

#define NOTIFY_LOCK "/run/lbctl/check/notify.lock"

/* Runs the checks' programs under a lock, so that runs do not mix. */
void notify_all(struct command *command, const struct news_list *news,
		const char *lock);

#endif
