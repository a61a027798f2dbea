/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Giving up all that a process which talks to servers has no use for. */
#ifndef LBCTL_CHECK_CONFINE_H
#define LBCTL_CHECK_CONFINE_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/cleanup.h"

/*
 * The account that it becomes, when /etc/passwd has it. Else it becomes a user
 * that no other process is: programs that run as nobody could end or limit it.
 */
#define CONFINE_USER "lbctl"
#define CONFINE_UID  2000000001
/* Its root: empty, and nothing can write it. */
#define CONFINE_ROOT "/run/lbctl/empty"

/* The calls of its sockets that may take a capability. */
struct confine_needs {
	bool ping;	/* ICMP sockets */
	bool interface; /* SO_BINDTODEVICE */
	bool mark;	/* SO_MARK */
};

/*
 * Confines the calling process, a child of parent, which has one thread: no
 * descriptor but /dev/null as the first three, no file, no other user's rights,
 * no capability that the needs do not take, no new process, and no system call
 * of confine_calls(). What the process has no privilege to give up, another
 * layer covers. Returns 0 or a negative errno, with what has failed in
 * ret_step; the process must end then.
 */
int confine(const struct confine_needs *needs, pid_t parent,
	    const char **ret_step) MUST_CHECK;

/* ---- confine-calls.c ---- */

/* Has the kernel refuse system calls by EPERM. Returns 0 or a negative errno. */
int confine_calls(void) MUST_CHECK;

#endif
