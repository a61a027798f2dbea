/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Diagnostics, as lines for people or as one JSON object. */
#ifndef LBCTL_REPORT_H
#define LBCTL_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include <ipvsctl.h>

#include "output/cleanup.h"
#include "output/status.h"

/* The stream and the sender of diagnostics. */
struct report {
	FILE *stream;
	const char *program; /* "lbctl-svc" */
	const char *verb;    /* "add", or NULL before one is known */
	bool json;
	bool strange; /* the command line itself is wrong */
};

/*
 * Writes "PROGRAM: SUBJECT: MESSAGE", then "PROGRAM: hint: HINT" if there is
 * one. Wrong input without file or hint, and any wrong command line, gets the
 * way to --help instead. stands: lines of changes not undone, or NULL.
 */
void report_error(const struct report *report, enum status status,
		  const struct ipvsctl_error *err, const char *const *stands);

/* Writes "PROGRAM: warning: MESSAGE", or a JSON object with "warning". */
void report_warning(const struct report *report, const char *format, ...)
	PRINTF(2, 3);

#endif
