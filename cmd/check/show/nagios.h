/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What checks know, as a line of a plugin of Nagios. */
#ifndef LBCTL_CHECK_NAGIOS_H
#define LBCTL_CHECK_NAGIOS_H

#include "check/pool/member.h"

/* What a plugin's line is about. */
struct nagios_facts {
	const struct members *members;
	const struct watched_list *watched;
	unsigned int quorums_lost;
	bool faulty; /* something was in the way, so that all may not be as
			well as it looks */
};

/* "LBCTL OK - 3 of 3 servers up | ..." Returns the plugin's status 0 to 3. */
int nagios_print(FILE *stream, const struct nagios_facts *facts);

#endif
