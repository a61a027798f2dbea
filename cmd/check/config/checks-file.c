/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* checks.conf: each line is a check, in the words of a command line. */
#include <errno.h>
#include <string.h>

#include "check/config/check-options.h"
#include "check/config/check.h"
#include "check/config/file-text.h"
#include "check/config/values.h"
#include "fail.h"
#include "words.h"

static void set_place(struct command *command, const char *path,
		      unsigned int line)
{
	struct ipvsctl_error *err = &command->err;

	(void)snprintf(err->file, sizeof(err->file), "%s", path);
	err->line = line;
}

/* Refuses options that do not belong to a check. */
static int check_line(const struct command *line, struct ipvsctl_error *err)
{
	for (size_t i = 0; i < line->value_count; i++)
		if (!line->values[i].attribute &&
		    option_of_run(line->values[i].name))
			return fail(err, -EINVAL,
				    "--%s is for the command line",
				    line->values[i].name);
	if (line->special || line->json || line->quiet || line->dry_run ||
	    line->netns || line->complete)
		return fail(err, -EINVAL,
			    "options of all programs are for the command "
			    "line");
	if (line->argument_count == 0)
		return fail(err, -EINVAL, "no service is named");
	return 0;
}

/* A line is what lbctl-check's verb run takes, whoever reads the file. */
static const struct command_verb line_verbs[] = {
	{
		.name = "run",
		.arguments = "[SERVICE...]",
		.options = check_options,
		.attributes = ipvsctl_server_attributes,
		.words = true,
	},
	{ 0 },
};

static const struct command_program line_program = {
	.name = "lbctl-check",
	.verbs = line_verbs,
	.standard = "run",
};

/* Parses a line as if it followed the program's name and "run". */
static int add_words(struct command *command, const struct words *words,
		     const char *where, struct checks *checks)
{
	AUTO_FREE const char **copy =
		calloc(words->count + 3, sizeof(const char *));
	struct command line;
	int r;

	if (!copy)
		return command_no_memory(command);
	copy[0] = line_program.name;
	copy[1] = "run";
	(void)memcpy(copy + 2, words->words, words->count * sizeof(*copy));
	r = command_parse(&line_program, (int)words->count + 2, copy, &line);
	if (r < 0)
		command->err = line.err;
	else
		r = check_line(&line, &command->err);
	if (r == 0)
		r = check_add(command, &line, where, checks);
	command_free(&line);
	return r;
}

static int add_lines(struct command *command, const char *path,
		     const char *text, struct checks *checks)
{
	AUTO_WORDS struct words words;
	int r;

	words_open(&words, text);
	while ((r = words_next(&words, &command->err)) > 0) {
		AUTO_FREE char *where = NULL;

		if (asprintf(&where, "%s:%u", path, words.line) < 0)
			return command_no_memory(command);
		r = add_words(command, &words, where, checks);
		if (r < 0)
			break;
	}
	if (r < 0)
		set_place(command, path, words.line);
	return r;
}

int check_read_file(struct command *command, const char *path,
		    struct checks *checks)
{
	struct file_text file = { 0 };
	AUTO_FREE char *text = NULL;
	int r = file_text_read(command, path, true, &file);

	text = file.text;
	if (r < 0)
		return r;
	if (strlen(text) != file.length) {
		r = command_fail(command, -EINVAL, NULL,
				 "there are NUL bytes in it");
		set_place(command, path, 0);
		return r;
	}
	return add_lines(command, path, text, checks);
}
