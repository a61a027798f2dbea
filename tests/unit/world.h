/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Runs of checks with a configuration in memory for a kernel. */
#ifndef LBCTL_UNIT_WORLD_H
#define LBCTL_UNIT_WORLD_H

#include "unit.h"

#include "check/pool/run.h"
#include "checking.h"

/* What there is from one run to the next. */
struct world {
	struct ipvsctl_config *kernel;
	struct checks checks;
	char *state;	      /* as text */
	const char *lists[4]; /* texts of the files of servers, by check */
	bool unsaved;	      /* what runs find out and hold is not */
	bool killed;	      /* runs save what they mean to do, and end */
	int64_t older;	      /* how much the state ages before a run */
	unsigned int told;    /* transitions of the last run */
	unsigned int lost;    /* quorums */
	char news[1024];      /* all transitions, a line each */
};

void open_world(struct world *world, const char *const *config,
		const char *const *checks);
void close_world(struct world *world);
/* The checks are others from now on. */
void change_checks(struct world *world, const char *const *checks);
/* What the kernel has of a server of fwmark:1. */
void change_weight(struct world *world, const char *address, uint32_t weight,
		   uint32_t connections);

/* "fwmark:1 10.0.0.1=5(admin,check:web) 10.0.0.2=6", a line a service. Free. */
char *describe(const struct ipvsctl_config *config);
void assert_world(const struct world *world, const char *wanted);

/* Begins a run: the configurations, the state, the lists. */
void open_run(struct world *world, struct command *command, struct run *run);
typedef enum probe_verdict (*verdict_fn)(const struct member *member,
					 void *data);
/* Has each target judged once. */
void take_verdicts(struct run *run, verdict_fn verdict, void *data);
/* What it did is what the kernel has, and what it knows is kept. */
void close_run(struct world *world, struct command *command, struct run *run);

/* A whole run. down: who is, "10.0.0.1", or to one check, "web@10.0.0.1", or
   of whom it is not known, "?10.0.0.1", or who says a weight, "10.0.0.1=55", or
   whose agent says something, "10.0.0.1~drain". The others are up. */
void run_with(struct world *world, const char *down);
void run_and_assert(struct world *world, const char *down, const char *wanted);
/* The check goes as if it had been taken out of the file. */
void forget(struct world *world, const char *name, const char *selected);

/* Checks, and what the kernel has after each run; NULL at the end. */
struct step {
	const char *down, *wanted;
};

struct scenario {
	const char *checks[5];
	struct step steps[10];
};

void try_scenarios(const char *const *config, const struct scenario *scenarios,
		   size_t count);

#define FAST " --tcp 80 --fall 1 --rise 1 "
#define WEB  "fwmark:1" FAST "--name web "

#define TWO                                                        \
	"service fwmark:1", "server fwmark:1 10.0.0.1 --weight 5", \
		"server fwmark:1 10.0.0.2 --weight 6"

#define ALL_UP "fwmark:1 10.0.0.1=5 10.0.0.2=6"

/* TWO, and the same with the first held by an admin. */
extern const char *const two[], *const two_and_admin[];

#endif
