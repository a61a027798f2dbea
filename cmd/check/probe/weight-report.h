/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What a server, its program or a file reports of its weight. */
#ifndef LBCTL_CHECK_WEIGHT_REPORT_H
#define LBCTL_CHECK_WEIGHT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a report does to a condition, "drained" or "down". */
enum report_change {
	REPORT_KEEPS,
	REPORT_SETS,
	REPORT_LIFTS,
};

enum report_unit {
	REPORT_NO_WEIGHT, /* the weight stays as it is */
	REPORT_NUMBER,
	REPORT_PERCENT, /* of the wanted weight */
};

struct weight_report {
	uint8_t drain, down; /* enum report_change */
	uint8_t unit;	     /* enum report_unit */
	uint32_t weight;     /* of that unit */
};

#define REPORT_NUMBER_MAX  65535
#define REPORT_PERCENT_MAX 100
/* Room for the first line of a report, and its NUL. */
#define REPORT_LINE_SIZE 256

/*
 * Reads a line in the words of HAProxy's agent-check, separated by blanks or
 * commas: "ready up 75% # reason". Skips unknown words, as HAProxy does. With
 * numbers, "20" is a weight, too, and a line with an unknown word is none of a
 * report: it can be any text. Returns whether this is a report.
 */
bool weight_report_parse(const char *line, size_t length, bool numbers,
			 struct weight_report *ret_report);

/*
 * Finds the end of the first line in what was read so far: a newline, a carriage
 * return or a NUL, or the end of all if ended. Returns false if there is none
 * yet.
 */
bool weight_report_line(const char *text, size_t length, bool ended,
			size_t *ret_length);

/* Tells whether a report that came from another process makes sense. */
bool weight_report_is_valid(const struct weight_report *report, bool numbers);

#endif
