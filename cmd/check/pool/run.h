/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What a run carries from one part to the next. */
#ifndef LBCTL_CHECK_RUN_H
#define LBCTL_CHECK_RUN_H

#include "check/config/servers.h"
#include "check/pool/member.h"
#include "check/state/state.h"
#include "check/tell/teller.h"
#include "check/tell/transition.h"

struct run {
	struct command *command;
	const struct checks *checks;
	struct server_list *lists; /* of checks, by position; NULL: no file */
	struct state state;
	struct members members;
	struct watched_list watched;
	struct probe *probes; /* sorted by way, target */
	size_t probe_count;
	unsigned int window; /* probes at once at most; 0: as many as fit */
	struct transitions transitions;
	struct teller *teller; /* of rounds; NULL: telling is waited for */
	unsigned int quorums_lost;
	bool from_file; /* checks that the file does not have are gone */
	bool told;	/* warnings have been given: not again */
	bool faulty; /* something was warned of that is in the way of a check */
	bool exposed; /* of secrets that all can read */
	/*
	 * Why the state or the holds cannot be saved, code 0 if they can. Such
	 * a run drains and gives back only: the next one would know of nothing
	 * else.
	 */
	struct ipvsctl_error unsaved;
	bool weights_unsaved; /* it was the holds */
	bool sysctl_needed[STATE_SYSCTLS];
	struct ipvsctl_config *marks; /* the mark rules; NULL: not known */
	bool marks_tried;	      /* to read them */
	bool drains_instead; /* it was they, and more than that was to be done */
};

/* Warns of what is in the way of a check, the first time that it is met. */
void run_warn(struct run *run, const char *format, ...) PRINTF(2, 3);
/* The same of what is in no check's way. */
void run_remark(const struct run *run, const char *format, ...) PRINTF(2, 3);
void run_free(struct run *run);
#define AUTO_RUN CLEANUP(run_free)

#endif
