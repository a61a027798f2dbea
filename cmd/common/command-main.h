/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A program from its command line to its exit status. */
#ifndef LBCTL_COMMAND_MAIN_H
#define LBCTL_COMMAND_MAIN_H

#include "common/command.h"

/* Parses, runs and reports. Returns the exit status for main(). */
int command_main(const struct command_program *program, int argc,
		 const char **argv);

#endif
