/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Collects the facts of this host. Reads only: writes, sends and loads nothing. */
#ifndef LBCTL_DOCTOR_COLLECT_H
#define LBCTL_DOCTOR_COLLECT_H

#include "common/command.h"
#include "doctor/facts/facts.h"

/*
 * Collects all facts of the network namespace of --netns. A fact that cannot be
 * read is unknown, which is no failure. Returns 0; -ENOMEM; or a code with
 * command->err filled for a namespace that cannot be entered.
 */
int collect(struct command *command, struct facts *ret_facts) MUST_CHECK;

/* ---- Parts --------------------------------------------------------------- */

/* Each adds the facts of its sort; 0 or -ENOMEM. */
int collect_host(struct facts *facts) MUST_CHECK;
int collect_network(struct facts *facts) MUST_CHECK;
int collect_sysctls(struct facts *facts) MUST_CHECK;
int collect_config(struct command *command, struct facts *facts) MUST_CHECK;
int collect_routes(struct command *command, struct facts *facts) MUST_CHECK;
int collect_checks(struct command *command, struct facts *facts) MUST_CHECK;
int collect_saved(struct command *command, struct facts *facts) MUST_CHECK;

/* Records the failure of the command as the reason why a fact is unknown, and
   clears it. Returns 0, or -ENOMEM if that was the failure. */
int collect_failed(struct command *command, struct facts *facts,
		   enum fact fact) MUST_CHECK;

#endif
