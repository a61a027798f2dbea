/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The data that the runner and the parts of a probe share. */
#ifndef LBCTL_CHECK_PROBER_H
#define LBCTL_CHECK_PROBER_H

#include <sys/resource.h>

#include "check/probe/probe.h"

struct prober {
	struct loop *loop;
	const struct probe_kind *kinds[CHECK_PROBE_KINDS]; /* NULL: not needed */
	unsigned int running[CHECK_PROBE_KINDS];
	unsigned int window;	  /* most probes at once; 0: no limit */
	unsigned int descriptors; /* that probes can have */
	unsigned int used;	  /* of them */
	struct rlimit limit;	  /* before more was asked for */
	size_t under_way;
	struct probe *again; /* first to start again */
	const struct probe_limits *limits;
};

#endif
