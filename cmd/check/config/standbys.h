/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Options about standbys, against each other. */
#ifndef LBCTL_CHECK_STANDBYS_H
#define LBCTL_CHECK_STANDBYS_H

#include "check/config/check.h"

/* Returns 0, or -EINVAL with err filled. */
int standbys_check(const struct check *check,
		   struct ipvsctl_error *err) MUST_CHECK;
/* Fills in the percentages that were not given. */
void standbys_set_defaults(struct check *check);
void standbys_free(struct check *check);

#endif
