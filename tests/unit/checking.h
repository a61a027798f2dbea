/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Checks out of command lines, as lbctl-check reads them. */
#ifndef LBCTL_UNIT_CHECKING_H
#define LBCTL_UNIT_CHECKING_H

#include "unit.h"

#include "check/config/check.h"

/* With the tables of lbctl-check's run. */
extern const struct command_program checking_program;

/*
 * Adds the check of a command line, whose words are cut at blanks; none when
 * it names no service. Returns 0 or the first failure.
 */
int checking_add(const char *line, struct checks *checks,
		 struct ipvsctl_error *err);
/* The checks of these lines, side by side; NULL at the end. */
struct checks given_checks(const char *const *lines);

/* "name kind:port selected fall/rise @line|..." Free. */
char *checking_tell(const struct checks *checks);
/* The check of a command line, by itself. Returns 0 or the first failure. */
int checking_line(const char *text, struct checks *checks,
		  struct ipvsctl_error *err);

#define PATH_TEMPLATE "/tmp/lbctl-test-XXXXXX"

/* A file of one's own, which path is set to. */
void checking_write(char path[sizeof(PATH_TEMPLATE)], const char *text,
		    size_t length);
/* The checks of a file, side by side. Returns 0 or the first failure. */
int checking_read(const char *path, struct checks *checks,
		  struct ipvsctl_error *err);
/* The same of such bytes in a file, which failures call "FILE". */
int checking_bytes(const char *text, size_t length, struct checks *checks,
		   struct ipvsctl_error *err);

#endif
