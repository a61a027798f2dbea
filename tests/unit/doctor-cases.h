/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Hosts with and without the faults that rules of lbctl-doctor look for. */
#ifndef LBCTL_UNIT_DOCTOR_CASES_H
#define LBCTL_UNIT_DOCTOR_CASES_H

#include <stddef.h>

/* What differs from a healthy host, and the rules that find something. */
struct doctor_case {
	const char *rule;	/* that the case is for */
	const char *found;	/* "M1 M2"; "": nothing is wrong */
	const char *lines[8];	/* of given_config() */
	const char *sysctls[4]; /* "net/ipv4/ip_forward=0" */
	const char *json;	/* members in place of the healthy ones */
	const char *mend;	/* of the first finding; NULL: not looked at */
};

extern const struct doctor_case doctor_cases[];
extern const size_t doctor_case_count;

#endif
