/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Any words, each ended by a NUL byte, as the command line of a program that
 * adds and changes objects. What is wrong is told with a known status; what
 * is taken is told as the line of a ruleset, which reads back the same.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "again.h"

#include "common/command.h"
#include "common/options.h"

#define WORDS_MAX 40

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A line that makes what it says, by itself or behind another. */
static void must_read_back(const char *before, char *line)
{
	struct ipvsctl_config *config;
	char *text = NULL;
	char *told = NULL;

	must(asprintf(&text, "%s%s\n", before, line) >= 0);
	config = read_text(text);
	must(ipvsctl_ruleset_format(config, EVERYTHING, IPVSCTL_FORMAT_RULESET,
				    &told, NULL) == 0);
	must(strstr(told, line) != NULL);
	ipvsctl_config_free(config);
	free(told);
	free(text);
	free(line);
}

static int add_service(struct command *command)
{
	struct ipvsctl_service service;
	char *line = NULL;
	int r = options_service(command, command->arguments[0], &service);

	if (r == 0)
		r = options_set_service(command, &service);
	if (r == 0)
		r = ipvsctl_service_check(&service, &command->err);
	if (r < 0)
		return r;
	must(ipvsctl_service_line(&service, &line, NULL) == 0);
	must_read_back("", line);
	return 0;
}

static int add_server(struct command *command)
{
	struct ipvsctl_service service;
	struct ipvsctl_server server;
	char *before = NULL;
	char *with_end = NULL;
	char *line = NULL;
	int r = options_service(command, command->arguments[0], &service);

	if (r == 0)
		r = ipvsctl_server_parse(command->arguments[1], &service,
					 &server, &command->err);
	if (r == 0)
		r = options_set_server(command, &server);
	if (r == 0)
		r = ipvsctl_server_check(&service, &server, &command->err);
	if (r < 0)
		return r;
	must(ipvsctl_service_line(&service, &before, NULL) == 0);
	must(asprintf(&with_end, "%s\n", before) >= 0);
	must(ipvsctl_server_line(&service, &server, &line, NULL) == 0);
	must_read_back(with_end, line);
	free(before);
	free(with_end);
	return 0;
}

static int add_mark(struct command *command)
{
	AUTO_MARK struct ipvsctl_mark rule = { 0 };
	char *line = NULL;
	int r;

	ipvsctl_mark_init(&rule, !command->argument_count);
	r = command->argument_count ?
		    ipvsctl_mark_parse(command->arguments[0], &rule.mark,
				       &command->err) :
		    0;
	if (r == 0)
		r = options_set_mark(command, &rule);
	if (r == 0)
		r = ipvsctl_mark_set_words(&rule,
					   (const char *const *)command->words,
					   command->word_count, &command->err);
	if (r == 0)
		r = ipvsctl_mark_check(&rule, &command->err);
	if (r < 0)
		return r;
	must(ipvsctl_mark_line(&rule, &line, NULL) == 0);
	must_read_back("", line);
	return 0;
}

static const struct command_verb verbs[] = {
	{ .name = "add",
	  .arguments = "SERVICE",
	  .attributes = ipvsctl_service_attributes,
	  .min_arguments = 1,
	  .max_arguments = 1,
	  .run = add_service },
	{ .name = "add-server",
	  .arguments = "SERVICE SERVER...",
	  .attributes = ipvsctl_server_attributes,
	  .min_arguments = 2,
	  .max_arguments = COMMAND_ANY,
	  .run = add_server },
	{ .name = "mark",
	  .arguments = "[MARK]",
	  .attributes = ipvsctl_mark_attributes,
	  .max_arguments = 1,
	  .words = true,
	  .run = add_mark },
	{ 0 },
};

static const struct command_program program = {
	.name = "lbctl-test",
	.verbs = verbs,
	.standard = "add",
	.implied = true,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *words[WORDS_MAX + 1] = { "lbctl-test" };
	struct command command = { 0 };
	int count = 1;
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
	r = command_parse(&program, count, words, &command);
	must(r == 0 || (r == -EINVAL && command.err.message[0]));
	if (r == 0 && !command.special && !command.complete)
		r = command.verb->run(&command);
	must(r == 0 || (r == -EINVAL && command.err.message[0]));
	command_free(&command);
	free(text);
	return 0;
}
