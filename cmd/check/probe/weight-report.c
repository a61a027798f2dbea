/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads reports of weights. */
#include "check/probe/weight-report.h"

#include <string.h>
#include <strings.h>

#include "output/cleanup.h"

static const struct {
	const char *name;
	uint8_t drain, down;
} words[] = {
	{ "ready", REPORT_LIFTS, REPORT_KEEPS },
	{ "up", REPORT_KEEPS, REPORT_LIFTS },
	{ "drain", REPORT_SETS, REPORT_KEEPS },
	{ "maint", REPORT_SETS, REPORT_KEEPS },
	{ "down", REPORT_KEEPS, REPORT_SETS },
	{ "fail", REPORT_KEEPS, REPORT_SETS },
	{ "failed", REPORT_KEEPS, REPORT_SETS },
	{ "stopped", REPORT_KEEPS, REPORT_SETS },
};

/* In one line, "drain" counts more than "ready". */
static uint8_t combine(uint8_t one, uint8_t other)
{
	if (one == REPORT_SETS || other == REPORT_SETS)
		return REPORT_SETS;
	return one == REPORT_LIFTS ? one : other;
}

/* Reads "75%", or "20" if numbers are allowed. A server may not ask for more
   than all of its wanted weight. */
static bool read_weight(const char *word, size_t length, bool numbers,
			struct weight_report *report)
{
	const bool percent = word[length - 1] == '%';
	const size_t digits = length - percent;
	uint32_t weight = 0;

	if (digits < 1 || digits > 5 || (!percent && !numbers))
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (word[i] < '0' || word[i] > '9')
			return false;
		weight = weight * 10 + (uint32_t)(word[i] - '0');
	}
	if (!percent && weight > REPORT_NUMBER_MAX)
		return false;
	if (percent && weight > REPORT_PERCENT_MAX)
		weight = REPORT_PERCENT_MAX;
	report->unit = percent ? REPORT_PERCENT : REPORT_NUMBER;
	report->weight = weight;
	return true;
}

static bool read_word(const char *word, size_t length, bool numbers,
		      struct weight_report *report)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strlen(words[i].name) == length &&
		    strncasecmp(words[i].name, word, length) == 0) {
			report->drain = combine(report->drain, words[i].drain);
			report->down = combine(report->down, words[i].down);
			return true;
		}
	return read_weight(word, length, numbers, report);
}

static bool is_gap(char letter)
{
	return letter == ' ' || letter == '\t' || letter == ',';
}

bool weight_report_parse(const char *line, size_t length, bool numbers,
			 struct weight_report *ret_report)
{
	struct weight_report report = { .unit = REPORT_NO_WEIGHT };
	bool known = false, unknown = false;
	size_t end;

	for (size_t at = 0; at < length && line[at] != '#'; at = end) {
		end = at + 1;
		if (is_gap(line[at]))
			continue;
		while (end < length && !is_gap(line[end]) && line[end] != '#')
			end++;
		if (read_word(line + at, end - at, numbers, &report))
			known = true;
		else
			unknown = true;
	}
	/* "5 users of 20" is no weight. */
	if (!known || (numbers && unknown))
		return false;
	*ret_report = report;
	return true;
}

bool weight_report_line(const char *text, size_t length, bool ended,
			size_t *ret_length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] == '\n' || text[i] == '\r' || text[i] == '\0') {
			*ret_length = i;
			return true;
		}
	if (ended)
		*ret_length = length;
	return ended;
}

bool weight_report_is_valid(const struct weight_report *report, bool numbers)
{
	static const uint32_t limits[] = {
		[REPORT_NO_WEIGHT] = 0,
		[REPORT_NUMBER] = REPORT_NUMBER_MAX,
		[REPORT_PERCENT] = REPORT_PERCENT_MAX,
	};

	return report->drain <= REPORT_LIFTS && report->down <= REPORT_LIFTS &&
	       report->unit <= REPORT_PERCENT &&
	       (numbers || report->unit != REPORT_NUMBER) &&
	       report->weight <= limits[report->unit];
}
