/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* How clients get away from a server that is down. */
#ifndef LBCTL_CHECK_CUT_H
#define LBCTL_CHECK_CUT_H

#include "check/pool/run.h"

/* Whether a server that is out since then has to lose its clients; a check that
   is NULL is as if it said nothing. */
bool cut_is_due(struct run *run, const struct check *check,
		const struct ipvsctl_service *service, int64_t since);
/* A server is taken out: what is left of its flows and connections ends. */
void cut_flows(struct run *run);
/* A server of the service is drained: who is known goes to another. */
void cut_templates(struct run *run, const struct check *check,
		   const struct ipvsctl_service *service);

/* ---- Sysctls: they make clients leave servers which are down ---- */

/* Finds out which have to be set, for the state that is then saved. Returns
   whether any has. */
bool cut_decide(struct run *run);
/* Sets them. One that cannot be set is warned of. */
void cut_set(struct run *run);
/* Once no check is left: as they were. Returns 0; 1 for a dry run that has
   something to put back; or a code with command->err filled. */
int cut_put_back(struct run *run) MUST_CHECK;

#endif
