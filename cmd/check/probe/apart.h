/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Probing apart: a child that is confined reads what servers send, and this
 * process reads nothing of it but verdicts.
 */
#ifndef LBCTL_CHECK_APART_H
#define LBCTL_CHECK_APART_H

#include <sys/types.h>

#include "check/probe/probe.h"

/* A verdict as the child leaves it, which must be taken for anything. */
struct apart_record {
	uint8_t done; /* not 0: the rest is written */
	uint8_t verdict;
	uint8_t said; /* not 0: there is a message */
	uint32_t latency_us;
	int64_t started;
};

/*
 * Memory that both processes have. Unlike a pipe it never makes the child wait,
 * whose probes would run out of time while this process is stopped, and it has
 * no order that could be broken.
 */
struct apart_board {
	uint64_t turns;		       /* of the child's loop: a sign of life */
	char why[PROBE_MESSAGE_SIZE];  /* it gave up; "": it did not */
	struct apart_record records[]; /* of the probes, by position */
};

struct apart {
	struct probe *probes;
	size_t count;
	const struct probe_limits *limits;
	/* All that the child does; it is killed at the third look in a row
	   that finds it at the same turn, or when it takes far too long. */
	void (*work)(struct apart *apart);
	int64_t look_us;

	struct apart_board *board;
	/* Behind its records, by position: most servers are up and cost none
	   of this memory. */
	char (*messages)[PROBE_MESSAGE_SIZE];
	pid_t parent, pid;
	int64_t began;
	struct prober *prober; /* of the parent, while it waits */
	struct loop_watch process;
	struct loop_timer look;
	uint64_t turns;		      /* at the last look */
	unsigned int still;	      /* looks in a row that found it there */
	int64_t looks;		      /* until it has had time enough */
	char why[PROBE_MESSAGE_SIZE]; /* probes that are not done are unknown */
};

/*
 * Runs probes as probe_all() does, those of the network in a confined child.
 * Programs come last among probes, and are run by this process meanwhile. A
 * probe that the child has left is unknown.
 */
int apart_probe_all(struct probe *probes, size_t count,
		    const struct probe_limits *limits) MUST_CHECK;

/* The same of a child that does as apart says; programs are the count of those
   that stand behind its probes. */
int apart_run(struct apart *apart, size_t programs) MUST_CHECK;

#endif
