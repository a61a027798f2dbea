/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reporters: the part of a check that asks an agent or a file for a weight. */
#ifndef LBCTL_CHECK_REPORTER_H
#define LBCTL_CHECK_REPORTER_H

#include "check/config/check.h"

/* Checks that the source of the weight goes with the kind of probe. Returns 0, or
   -EINVAL with err filled. */
int reporter_check(const struct check_way *way,
		   struct ipvsctl_error *err) MUST_CHECK;
/*
 * Gives a finished check its reporter, if it needs one. The reporter shares texts
 * with the check. Returns 0, or -ENOMEM with err filled.
 */
int reporter_new(struct check *check, struct ipvsctl_error *err) MUST_CHECK;
void reporter_free(struct check *reporter);
/* Tells whether the path of the file names a value of the service. */
bool reporter_tells_service(const struct check_way *way);

#endif
