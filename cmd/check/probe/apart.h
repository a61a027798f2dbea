/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Probing apart: a confined child reads what servers send, and this process
 * reads only verdicts from the child.
 */
#ifndef LBCTL_CHECK_APART_H
#define LBCTL_CHECK_APART_H

#include <sys/types.h>

#include "check/probe/probe.h"

/* A verdict from the child. It can be anything and must not be trusted. */
struct apart_record {
	uint8_t done; /* not 0: the rest is written */
	uint8_t verdict;
	uint8_t said; /* not 0: there is a message */
	uint32_t latency_us;
	int64_t started;
	struct weight_report report;
};

/*
 * Memory that both processes share. Unlike a pipe it never makes the child
 * wait: its probes would run out of time while this process is stopped. It also
 * has no order that could be broken.
 */
struct apart_board {
	uint64_t turns;		       /* of the child's loop: a sign of life */
	char why[PROBE_MESSAGE_SIZE];  /* why it gave up; "": it did not */
	struct apart_record records[]; /* of probes, by position */
};

struct apart {
	struct probe *probes;
	size_t count;
	const struct probe_limits *limits;
	/* The work of the child. The child is killed at the third look in a row
	   that finds it at the same turn, or if it takes far too long. */
	void (*work)(struct apart *apart);
	int64_t look_us;

	struct apart_board *board;
	/* Behind the records, by position: most servers are up and use none of
	   this memory. */
	char (*messages)[PROBE_MESSAGE_SIZE];
	pid_t parent, pid;
	int64_t began;
	struct prober *prober; /* the parent's, while it waits */
	struct loop_watch process;
	struct loop_timer look;
	uint64_t turns;		      /* at the last look */
	unsigned int still;	      /* looks in a row at the same turn */
	int64_t looks;		      /* left until the child takes too long */
	char why[PROBE_MESSAGE_SIZE]; /* why undone probes are unknown */
};

/*
 * Runs probes as probe_all() does, those of the network in a confined child.
 * Programs must come last among probes; this process runs them meanwhile. A
 * probe that the child does not finish is unknown.
 */
int apart_probe_all(struct probe *probes, size_t count,
		    const struct probe_limits *limits) MUST_CHECK;

/* Runs probes with a child that works as apart says; programs is the number of
   programs that follow apart's probes. */
int apart_run(struct apart *apart, size_t programs) MUST_CHECK;

#endif
