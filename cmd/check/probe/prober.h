/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What the runner of probes and the parts of a probe share. */
#ifndef LBCTL_CHECK_PROBER_H
#define LBCTL_CHECK_PROBER_H

#include <sys/resource.h>

#include "check/probe/probe.h"

struct prober {
	struct loop *loop;
	const struct probe_kind *kinds[CHECK_KINDS]; /* NULL: not needed */
	unsigned int running[CHECK_KINDS];
	unsigned int window;	  /* probes at once at most; 0: no limit */
	unsigned int descriptors; /* that probes may have */
	unsigned int used;	  /* of them */
	struct rlimit limit;	  /* as it was before more was asked for */
	size_t under_way;
	struct probe *again; /* those to be started anew */
	const struct probe_limits *limits;
};

#endif
