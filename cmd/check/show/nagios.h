/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The results of checks, as a line of a Nagios plugin. */
#ifndef LBCTL_CHECK_NAGIOS_H
#define LBCTL_CHECK_NAGIOS_H

#include "check/pool/member.h"

/* The facts of a plugin's line. */
struct nagios_facts {
	const struct members *members;
	const struct watched_list *watched;
	unsigned int quorums_lost;
	bool faulty; /* a check had a problem: it can be worse than it looks */
};

/* Prints "LBCTL OK - 3 of 3 servers up | ...". Returns the status, 0 to 3. */
int nagios_print(FILE *stream, const struct nagios_facts *facts);

#endif
