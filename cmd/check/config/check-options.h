/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The options of a check, and their values. */
#ifndef LBCTL_CHECK_OPTIONS_H
#define LBCTL_CHECK_OPTIONS_H

#include "check/config/check.h"

/* Sets one option. Returns 0, or -EINVAL or -ENOMEM with err filled. */
int option_set(struct check *check, const char *name, const char *value,
	       struct ipvsctl_error *err) MUST_CHECK;
/* Tells whether the option goes with that kind; options of run go with all. */
bool option_fits(const char *name, enum check_kind kind);
/* Tells whether the option is about a run, not about a check. */
bool option_of_run(const char *name);

#endif
