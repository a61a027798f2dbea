/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Runs at intervals, with or without a service manager. */
#ifndef LBCTL_CHECK_EVERY_H
#define LBCTL_CHECK_EVERY_H

#include <signal.h>

#include "common/command.h"

/* Not 0 once SIGTERM, SIGINT or SIGHUP has come. */
extern volatile sig_atomic_t every_stopped;

/* Catches SIGTERM, SIGINT, SIGHUP. The first only sets every_stopped, so that
   the run ends cleanly; one over half a second later ends the process. */
void every_catch_signals(void);

/* Does one run. Returns as a command_run_fn. */
typedef int (*every_run_fn)(struct command *command, void *data);

/*
 * Calls run until a signal, then returns 0; *wait_us after a run is the time from
 * its start to that of the next.
 * Reports failures and continues, but returns -ESTALE, and -EINVAL of the first
 * run. Tells systemd after the first run that it is ready, and feeds its
 * watchdog.
 */
int every(struct command *command, const int64_t *wait_us, every_run_fn run,
	  void *data) MUST_CHECK;

#endif
