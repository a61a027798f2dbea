/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Commands in ipvsadm's language that change something, as in files. */
#ifndef LBCTL_READ_IPVSADM_H
#define LBCTL_READ_IPVSADM_H

#include "ipvsadm-words.h"

/*
 * Parses the words of a line: those from the second on, which end with NULL;
 * changes their order. names can be NULL. Returns 0 or -EINVAL.
 */
int ipvsadm_parse(const char **words, const struct ipvsctl_names *names,
		  struct request *ret_request,
		  struct ipvsctl_error *err) MUST_CHECK;

#endif
