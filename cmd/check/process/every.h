/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Running again and again, under a service manager or not. */
#ifndef LBCTL_CHECK_EVERY_H
#define LBCTL_CHECK_EVERY_H

#include <signal.h>

#include "common/command.h"

/* Not 0 once SIGTERM or SIGINT has come. */
extern volatile sig_atomic_t every_stopped;

/* From now on the first of them only sets every_stopped, and a run ends in good
   order; one that comes half a second later, or after, ends the process. */
void every_catch_signals(void);

/* Runs once; returns as a command_run_fn. */
typedef int (*every_run_fn)(struct command *command, void *data);

/*
 * Calls run every so many microseconds, from start to start, until a signal
 * ends it; failures are reported and not the end, but for -ESTALE, which is
 * returned. Tells systemd that it is ready after the first run, and feeds its
 * watchdog.
 */
int every(struct command *command, int64_t interval_us, every_run_fn run,
	  void *data) MUST_CHECK;

#endif
