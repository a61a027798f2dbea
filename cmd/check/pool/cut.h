/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Moving clients away from a server that is down. */
#ifndef LBCTL_CHECK_CUT_H
#define LBCTL_CHECK_CUT_H

#include "check/pool/run.h"

/* Tells whether a server that is out since then must lose its clients. A NULL
   check means the defaults. */
bool cut_is_due(struct run *run, const struct check *check,
		const struct ipvsctl_service *service, int64_t since);
/* Notes that a server is taken out: its flows and connections must end. */
void cut_flows(struct run *run);
/* Notes that a server is drained: known clients must go to another. */
void cut_templates(struct run *run, const struct check *check,
		   const struct ipvsctl_service *service);

/* ---- Sysctls that make clients leave servers that are down ---- */

/* Decides which sysctls to set, and notes them in the state, to be saved. Tells
   whether there are any. */
bool cut_decide(struct run *run);
/* Sets the sysctls, and warns of those that cannot be set. */
void cut_set(struct run *run);
/* Restores the sysctls if no check is left. Returns 0; 1 if a dry run would
   restore one; or a code with command->err filled. */
int cut_put_back(struct run *run) MUST_CHECK;

#endif
