/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Any words, each ended by a NUL byte, as the command line of a program that
 * adds objects. What is wrong is told with a known status; what is taken is a
 * line of the library's grammar, and what that makes reads back the same.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "again.h"

#include "common/command.h"

#define WORDS_MAX 40

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Servers have a service to be added to. */
static struct ipvsctl_config *given_service(const char *text)
{
	struct ipvsctl_config *config = NULL;
	struct ipvsctl_service service;

	must(ipvsctl_config_new(&config, NULL) == 0);
	must(ipvsctl_service_parse(text, &service, NULL) == 0);
	must(ipvsctl_config_add_service(config, &service, NULL) == 0);
	return config;
}

static int run_line(struct command *command)
{
	struct ipvsctl_config *from = NULL;
	struct ipvsctl_config *to = NULL;
	struct ipvsctl_ruleset *ruleset = NULL;
	const char **words = NULL;
	size_t count = 0;
	int r = command_line_words(command, &words, &count);

	must(r == 0 && ipvsctl_ruleset_new(&ruleset, NULL) == 0);
	r = ipvsctl_ruleset_add_words(ruleset, words, count, &command->err);
	if (r == 0) {
		if (strcmp(command->verb->name, "add-server") == 0)
			from = given_service(command->arguments[0]);
		else
			must(ipvsctl_config_new(&from, NULL) == 0);
		r = ipvsctl_ruleset_run(ruleset, from, &to, &command->err);
	}
	/* The same server can be named twice. */
	if (r == 0)
		must_survive(to);
	else if (r == -EEXIST)
		r = -EINVAL;
	ipvsctl_config_free(from);
	ipvsctl_config_free(to);
	ipvsctl_ruleset_free(ruleset);
	free(words);
	return r;
}

static const struct command_verb svc_verbs[] = {
	{ .name = "add",
	  .arguments = "SERVICE",
	  .attributes = ipvsctl_service_attributes,
	  .run = run_line },
	{ .name = "add-server",
	  .arguments = "SERVICE SERVER...",
	  .attributes = ipvsctl_server_attributes,
	  .run = run_line },
	{ 0 },
};

static const struct command_verb mark_verbs[] = {
	{ .name = "add",
	  .arguments = "MARK",
	  .attributes = ipvsctl_mark_attributes,
	  .words = true,
	  .run = run_line },
	{ .name = "exclude",
	  .arguments = "",
	  .attributes = ipvsctl_mark_attributes,
	  .words = true,
	  .run = run_line },
	{ 0 },
};

static const struct command_program programs[] = {
	{ .name = "lbctl-svc",
	  .verbs = svc_verbs,
	  .standard = "add",
	  .implied = true },
	{ .name = "lbctl-mark",
	  .verbs = mark_verbs,
	  .standard = "exclude",
	  .implied = true },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *words[WORDS_MAX + 1] = { "svc" };
	struct command command = { 0 };
	int count = 1;
	int mark;
	/* The last word is ended, too. */
	char *text = malloc(size + 1);
	int r;

	must(text != NULL);
	if (size)
		(void)memcpy(text, data, size);
	text[size] = '\0';
	for (size_t at = 0; at < size && count < WORDS_MAX;
	     at += strlen(text + at) + 1)
		words[count++] = text + at;
	/* "mark" in front makes it a command line of lbctl-mark. */
	mark = count > 1 && strcmp(words[1], "mark") == 0;
	r = command_parse(&programs[mark], count - mark, words + mark, &command);
	must(r == 0 || (r == -EINVAL && command.err.message[0]));
	if (r == 0 && !command.special && !command.complete)
		r = command.verb->run(&command);
	must(r == 0 || (r == -EINVAL && command.err.message[0]));
	command_free(&command);
	free(text);
	return 0;
}
