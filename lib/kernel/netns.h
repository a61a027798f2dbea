/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Network namespaces: entering one and coming back. */
#ifndef LBCTL_NETNS_H
#define LBCTL_NETNS_H

#include "ipvsctl.h"
#include "scope.h"

/*
 * Moves the calling thread into the namespace of fd; -1 means that it stays. A
 * thread that is there already needs no privilege. *ret_back is for
 * netns_leave(). Returns 0, -EPERM, -EIO.
 */
int netns_enter(int fd, int *ret_back, struct ipvsctl_error *err) MUST_CHECK;
/*
 * Moves the thread back. Returns code, or the failure to return, which is
 * worse: the thread must not go on as if it were back.
 */
int netns_leave(int back, int code, struct ipvsctl_error *err) MUST_CHECK;

#endif
