/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* How long the lab's programs wait on a machine that is slow just now. */
#ifndef LBCTL_PACE_H
#define LBCTL_PACE_H

#include <stdlib.h>

/* Returns the time at the pace that scripts/lab.d/pace measured. */
static inline unsigned int paced(unsigned int milliseconds)
{
	const char *pace = getenv("LAB_PACE");
	unsigned long percent = pace ? strtoul(pace, NULL, 10) : 0;

	return percent > 100 ? (unsigned int)(milliseconds * percent / 100) :
			       milliseconds;
}

#endif
