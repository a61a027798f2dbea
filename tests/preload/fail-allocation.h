/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What the preloaded allocator and the test that runs programs under it share. */
#ifndef LBCTL_FAIL_ALLOCATION_H
#define LBCTL_FAIL_ALLOCATION_H

/* Names the descriptor of the shared memory, in the environment. */
#define FAIL_VARIABLE "LBCTL_FAIL_ALLOCATION"

#define FAIL_MAX 65536

/* The code that asked for an allocation. */
enum fail_caller {
	FAIL_OURS,
	FAIL_LIBC,
	FAIL_IPTC,
	FAIL_JANSSON,
	FAIL_OTHERS,
	FAIL_CALLERS,
};

struct fail_shared {
	unsigned int fails; /* the allocation that fails, from 1; 0: none */
	unsigned int count; /* allocations so far */
	int record;	    /* note who asks */
	unsigned char callers[FAIL_MAX];
};

#endif
