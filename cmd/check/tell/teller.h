/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reports transitions while rounds go on, in one child at a time. */
#ifndef LBCTL_CHECK_TELLER_H
#define LBCTL_CHECK_TELLER_H

#include <sys/types.h>

#include "check/tell/transition.h"

#define TELLER_QUEUE_MAX 1000

/*
 * A child runs programs and sends mails. Meanwhile news of rounds wait for the
 * next child: the last of each server, or of each service's quorum. If too many
 * wait, the oldest are dropped. { 0 } is an idle teller.
 */
struct teller {
	pid_t child; /* 0: none */
	struct queued_news *queue;
	size_t count;
	size_t untold; /* replaced or dropped since the last child began */
};

/* Logs transitions at once, and reports them in a child. */
void teller_tell(struct command *command, struct teller *teller,
		 const struct transitions *transitions);
/* Ends the child and what it runs, within two seconds. */
void teller_end(struct command *command, struct teller *teller);

#endif
