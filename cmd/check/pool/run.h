/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The data that a run carries from one part to the next. */
#ifndef LBCTL_CHECK_RUN_H
#define LBCTL_CHECK_RUN_H

#include "check/config/servers-file.h"
#include "check/pool/member.h"
#include "check/state/state.h"
#include "check/tell/teller.h"
#include "check/tell/transition.h"

/* The standbys of a check, by rank. */
struct standby_list {
	struct standby {
		struct listed_server listed;
		const char *file; /* NULL: of the command line */
		uint8_t rank;	  /* from 1 */
	} * list;
	size_t count, capacity;
	bool incomplete; /* a file cannot be read: those that are in stay */
};

struct rhythm;

struct run {
	struct command *command;
	const struct checks *checks;
	struct server_list *lists; /* of checks, by position; empty: no file */
	struct standby_list *standbys; /* likewise */
	struct state state;
	struct members members;
	struct watched_list watched;
	struct probe *probes; /* sorted by way and target */
	size_t probe_count;
	size_t server_probes; /* of them: the others only ask for weights */
	unsigned int window;  /* most probes at once; 0: as many as fit */
	const struct rhythm *rhythm; /* NULL: all servers are due */
	int64_t began;		     /* milliseconds since boot */
	struct transitions transitions;
	struct teller *teller; /* of rounds; NULL: the run reports itself */
	unsigned int quorums_lost;
	bool from_file; /* checks that the file lacks are gone */
	bool told;	/* warnings were given: not again */
	bool faulty;	/* a problem of a check was warned of */
	bool exposed;	/* all users can read a secret */
	/*
	 * Why the state or the holds cannot be saved; code 0 if they can. Such
	 * a run only drains and gives back: the next run would not know of
	 * anything else.
	 */
	struct ipvsctl_error unsaved;
	bool weights_unsaved; /* the holds cannot be saved */
	bool with_vips;	      /* VIPs are loaded, and can be changed */
	bool vips_failed;     /* VIPs could not be changed: the rest goes on */
	bool sysctl_needed[STATE_SYSCTLS];
	struct ipvsctl_config *marks; /* the mark rules; NULL: not known */
	bool marks_tried;	      /* reading them was tried */
	bool drains_instead; /* holds unsaved, more than a drain planned */
};

/* Warns, unless run->told, of a problem of a check; sets run->faulty. */
void run_warn(struct run *run, const char *format, ...) PRINTF(2, 3);
/* Warns of command->err, whatever was told, and clears it; sets run->faulty. */
void run_warn_error(struct run *run);
/* Warns, unless run->told, of something that is no check's problem. */
void run_remark(const struct run *run, const char *format, ...) PRINTF(2, 3);
void run_free(struct run *run);
#define AUTO_RUN CLEANUP(run_free)

#endif
