/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Network namespaces: entering one and coming back. */
#ifndef LBCTL_NETNS_H
#define LBCTL_NETNS_H

#include "ipvsctl.h"
#include "scope.h"

/*
 * Takes the calling thread into the namespace; with fd -1 it stays where it
 * is and nothing is done, and so it does, privileged or not, in its own. *ret_back is for netns_leave(). Returns 0, -EPERM,
 * -EIO.
 */
int netns_enter(int fd, int *ret_back, struct ipvsctl_error *err) MUST_CHECK;
/*
 * Takes it back. Returns code, or a failure to return, which is worse: the
 * thread must not go on as if it were where it was.
 */
int netns_leave(int back, int code, struct ipvsctl_error *err) MUST_CHECK;

#endif
