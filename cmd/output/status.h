/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The exit statuses of all programs, and how they are found. */
#ifndef LBCTL_STATUS_H
#define LBCTL_STATUS_H

#include <stdbool.h>

enum status {
	STATUS_DONE = 0,	/* done; the answer is yes */
	STATUS_NO = 1,		/* nothing went wrong, the answer is no */
	STATUS_INPUT = 2,	/* the input is wrong; nothing was done */
	STATUS_REFUSED = 3,	/* the system refused; nothing changed */
	STATUS_STANDING = 4,	/* changes were made and remain */
	STATUS_PERMISSION = 5,	/* needs CAP_NET_ADMIN */
	STATUS_UNSUPPORTED = 6, /* the kernel or host lacks what is needed */
};

/*
 * Returns the status for a result: 0 and 1 as they are, a negative code of the
 * library by a table. standing: changes were made and could not be undone.
 */
enum status status_of(int result, bool standing);

#endif
