/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Files beside the kernel's state, in /run/lbctl: the lock, and for each
 * network namespace the holds of its servers and its VIPs.
 */
#ifndef LBCTL_RUN_STATE_H
#define LBCTL_RUN_STATE_H

#include "ipvsctl.h"
#include "kept.h"
#include "scope.h"

#define STATE_LOCK	"lock"
#define STATE_LOCK_PATH KEPT_FOLDER "/" STATE_LOCK

/* Opens or makes the writers' lock. Returns 0, -EPERM, -ENOMEM, -EIO. */
int state_open_lock(int *ret_fd, struct ipvsctl_error *err) MUST_CHECK;
/* Fills err for errno -raw in using path. Returns -EPERM, -ENOMEM or -EIO. */
int state_fail(int raw, const char *path, struct ipvsctl_error *err);

/*
 * Adds the namespace's holds to config; -1: the caller's namespace. A file that
 * is missing, or of a namespace that is gone, counts as empty. A file that
 * others can write, or that is too long, is an error. Returns 0, -ENOMEM,
 * -EPERM, -EIO.
 */
int state_read_holds(int netns, struct ipvsctl_config *config,
		     struct ipvsctl_error *err) MUST_CHECK;
/* Reads the file of holds, NULL if there is none; free *ret_text. Returns as
   state_read_holds(). */
int state_read_text(int netns, char **ret_text,
		    struct ipvsctl_error *err) MUST_CHECK;
/* Replaces the file of holds at once; text "" removes it. Returns 0, -EPERM,
   -ENOMEM, -EIO. */
int state_write_holds(int netns, const char *text,
		      struct ipvsctl_error *err) MUST_CHECK;

/* Do the same for the file of VIPs, of the calling thread's namespace; path gets
   its name. */
int state_read_vips(char path[KEPT_PATH], char **ret_text,
		    struct ipvsctl_error *err) MUST_CHECK;
int state_write_vips(const char *text, struct ipvsctl_error *err) MUST_CHECK;

#endif
