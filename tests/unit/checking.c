/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Checks out of command lines, as lbctl-check reads them. */
#include "checking.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_WORDS 64

static int run_nothing(struct command *command)
{
	(void)command;
	return 0;
}

static const struct command_verb verbs[] = {
	{ .name = "run",
	  .arguments = "[SERVICE...]",
	  .options = check_options,
	  .attributes = ipvsctl_server_attributes,
	  .words = true,
	  .run = run_nothing },
	{ .name = "show", .arguments = "[CHECK...]", .run = run_nothing },
	{ 0 },
};

const struct command_program checking_program = {
	.name = "lbctl-check",
	.verbs = verbs,
	.standard = "run",
	.implied = true,
};

static int cut(char *text, const char **words)
{
	int count = 0;
	char *rest = NULL;

	words[count++] = checking_program.name;
	for (char *word = strtok_r(text, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		assert_true(count < MAX_WORDS - 1);
		words[count++] = word;
	}
	words[count] = NULL;
	return count;
}

int checking_add(const char *line, struct checks *checks,
		 struct ipvsctl_error *err)
{
	const char *words[MAX_WORDS];
	struct command command;
	char copy[1024];
	int count, r;

	(void)snprintf(copy, sizeof(copy), "%s", line);
	count = cut(copy, words);
	r = command_parse(&checking_program, count, words, &command);
	if (r == 0 && command.argument_count > 0)
		r = check_add(&command, &command, NULL, checks);
	*err = command.err;
	command_free(&command);
	return r;
}

struct checks given_checks(const char *const *lines)
{
	struct command command = { .program = &checking_program };
	struct checks checks = { 0 };
	struct ipvsctl_error err = { 0 };

	for (; *lines; lines++)
		if (checking_add(*lines, &checks, &err) != 0)
			fail_msg("'%s': %s", *lines, err.message);
	if (check_all(&command, &checks) != 0)
		fail_msg("%s", command.err.message);
	return checks;
}

/* "name kind:port selected fall/rise where|..." */
char *checking_tell(const struct checks *checks)
{
	char *told = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&told, &length);

	assert_non_null(stream);
	for (size_t i = 0; i < checks->count; i++) {
		const struct check *check = &checks->checks[i];
		const char *colon =
			check->where ? strrchr(check->where, ':') : NULL;

		(void)fprintf(stream, "%s%s %s:%u %s %u/%u", i ? "|" : "",
			      check->name, check_kind_name(check->way.kind),
			      check->way.port, check->selected, check->fall,
			      check->rise);
		if (colon)
			(void)fprintf(stream, " @%s", colon + 1);
	}
	assert_int_equal(fclose(stream), 0);
	return told;
}

int checking_line(const char *text, struct checks *checks,
		  struct ipvsctl_error *err)
{
	struct command command = { .program = &checking_program };
	int r = checking_add(text, checks, err);

	if (r == 0) {
		r = check_all(&command, checks);
		*err = command.err;
	}
	return r;
}

/* ---- Files ---- */

void checking_write(char path[sizeof(PATH_TEMPLATE)], const char *text,
		    size_t length)
{
	int fd;

	(void)strcpy(path, PATH_TEMPLATE);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, length), (ssize_t)length);
	assert_int_equal(close(fd), 0);
}

int checking_read(const char *path, struct checks *checks,
		  struct ipvsctl_error *err)
{
	struct command command = { .program = &checking_program };
	int r = check_read_file(&command, path, checks);

	if (r == 0)
		r = check_all(&command, checks);
	*err = command.err;
	return r;
}

int checking_bytes(const char *text, size_t length, struct checks *checks,
		   struct ipvsctl_error *err)
{
	char path[sizeof(PATH_TEMPLATE)];
	int r;

	checking_write(path, text, length);
	r = checking_read(path, checks, err);
	/* What failures call it is checked here, and out of the way. */
	if (err->file[0]) {
		assert_string_equal(err->file, path);
		(void)strcpy(err->file, "FILE");
	}
	assert_int_equal(unlink(path), 0);
	return r;
}
