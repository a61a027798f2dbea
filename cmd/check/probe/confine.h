/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Drops all rights that a process that talks to servers does not need. */
#ifndef LBCTL_CHECK_CONFINE_H
#define LBCTL_CHECK_CONFINE_H

#include <stdbool.h>
#include <sys/types.h>

#include "output/cleanup.h"

/*
 * The account to become, if /etc/passwd has it; otherwise a user id that no
 * other process has. As nobody, other programs of nobody could end or limit the
 * process.
 */
#define CONFINE_USER "lbctl"
#define CONFINE_UID  2000000001
/* The root directory of the process: empty and not writable. */
#define CONFINE_ROOT "/run/lbctl/empty"

/* The calls of the process's sockets that can need a capability. */
struct confine_needs {
	bool ping;	/* ICMP sockets */
	bool interface; /* SO_BINDTODEVICE */
	bool mark;	/* SO_MARK */
};

/*
 * Confines the calling process, a child of parent with one thread. It keeps no
 * descriptor but /dev/null as the first three, no file, no other user's rights
 * and no capability beyond the needs. It can start no process and make no
 * system call that confine_calls() refuses. Another layer covers what the
 * process lacks the privilege to give up. Returns 0, or a negative errno with
 * the failed step in ret_step; the process must end then.
 */
int confine(const struct confine_needs *needs, pid_t parent,
	    const char **ret_step) MUST_CHECK;

/* ---- confine-calls.c ---- */

/* Makes the kernel refuse system calls by EPERM. 0 or a negative errno. */
int confine_calls(void) MUST_CHECK;

#endif
