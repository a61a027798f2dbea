/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Command lines of lbctl-ipvsadm: what they ask for, and what is said. */
#ifndef LBCTL_UNIT_IPVSADM_LINES_H
#define LBCTL_UNIT_IPVSADM_LINES_H

#include "unit.h"

#include "ipvsadm/ipvsadm.h"

#define LINE_WORDS 48
#define LINE_SAID  1024

/* What has become of a line. */
struct heard {
	struct request request;
	int status;
	char said[LINE_SAID]; /* on stderr */
	char words[LINE_SAID];
};

/*
 * Has options_parse() and rules_check() at a line, whose words are split at
 * blanks; '' is an empty word.
 */
void hear_line(const char *line, struct heard *heard);
/* Fails the test unless the line ends so; said is without the newline. */
void assert_said(const char *line, int status, const char *said);
/* Hears a line that is right. */
void hear_right(const char *line, struct heard *heard);

/* All that a request has beside what goes without saying. Returns text. */
const char *request_text(const struct request *request, char text[LINE_SAID]);

/* The names of the options and how each is given, by its bit. */
extern const struct option_words {
	const char *name;  /* in messages */
	const char *words; /* "-s rr" */
} option_words[OPTION_COUNT];

/* A command that lacks nothing, and how it is named. */
extern const struct command_words {
	const char *name;
	const char *line;
	const char *may; /* blanks around each option that goes with it */
} command_words[COMMAND_COUNT];

#endif
