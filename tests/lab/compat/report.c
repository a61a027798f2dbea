/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What is said of commands that differ, and of all of them at the end. */
#include "compat.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* A fault that shows everywhere must not fill the disk. */
#define REPORTS_MAX 100

/* ---- A difference ------------------------------------------------------------ */

static void print_lines(const char *title, const char *text)
{
	if (!*text)
		return;
	(void)printf("#   %s:\n", title);
	while (*text) {
		size_t length = strcspn(text, "\n");

		(void)printf("#     |%.*s%s\n", (int)length, text,
			     text[length] ? "" : " (no newline)");
		text += length + (text[length] != '\0');
	}
}

static void print_result(const char *name, const struct result *result)
{
	if (result->late)
		(void)printf("#  %s: killed when its time was over\n", name);
	else if (WIFSIGNALED(result->status))
		(void)printf("#  %s: died by signal %d\n", name,
			     WTERMSIG(result->status));
	else
		(void)printf("#  %s: status %d\n", name, result_status(result));
	print_lines("output", result->output);
	print_lines("errors", result->errors);
}

static bool print_difference(const char *a, const char *b, void *data)
{
	const char *const *names = data;

	(void)printf("#   %s has: %s\n", a ? names[0] : names[1], a ? a : b);
	return true;
}

static void print_command(const struct command *command)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		bail_out("open_memstream", "out of memory");
	command_print(stream, command);
	if (fclose(stream) != 0)
		bail_out("fclose", "out of memory");
	print_lines("command", text);
	free(text);
}

static void print_step(const struct step *step, const char *place)
{
	const char *names[] = { "peer", "ours", "before" };

	(void)printf("# differs: %s\n", place);
	print_command(step->command);
	print_result("peer", &step->results[PEER]);
	print_result("ours", &step->results[OURS]);
	if (state_same(&step->after[PEER], &step->after[OURS]))
		return;
	(void)state_differ(&step->after[PEER], &step->after[OURS],
			   print_difference, names);
	names[0] = "before";
	names[1] = "peer";
	(void)state_differ(&step->before, &step->after[PEER], print_difference,
			   names);
}

/* ---- Messages --------------------------------------------------------------------- */

/*
 * The first line, without what the command line had in `' or before a colon, so
 * that a message counts as one.
 */
static char *message_of(const char *errors)
{
	char *message = duplicate(errors), *quoted, *end;
	size_t length;

	message[strcspn(message, "\n")] = '\0';
	length = strlen(message);
	quoted = strchr(message, '`');
	end = quoted ? strrchr(quoted, '\'') : NULL;
	if (strstr(message, ": unknown option"))
		(void)snprintf(message, length + 1, ": unknown option");
	else if (strncmp(message, "unexpected argument ", 20) == 0)
		message[20] = '\0';
	else if (end && strncmp(message, "Try", 3) != 0)
		(void)memmove(quoted + 1, end, strlen(end) + 1);
	return message;
}

static void count_message(struct report *report, const char *errors)
{
	char *message = message_of(errors);

	for (size_t i = 0; i < report->messages_count; i++) {
		if (strcmp(report->messages[i], message) != 0)
			continue;
		report->times[i]++;
		free(message);
		return;
	}
	if (report->messages_count == MESSAGES_MAX) {
		free(message);
		return;
	}
	report->messages[report->messages_count] = message;
	report->times[report->messages_count++] = 1;
}

void report_messages(const struct report *report)
{
	(void)printf("# %zu distinct complaints of the peer:\n",
		     report->messages_count);
	for (size_t i = 0; i < report->messages_count; i++)
		(void)printf("# %6u  %s\n", report->times[i],
			     report->messages[i]);
}

/* ---- Counting -------------------------------------------------------------------------- */

bool report_step(struct report *report, const struct step *step,
		 const char *place)
{
	unsigned int which;

	report->run++;
	if (step->results[PEER].errors_size)
		count_message(report, step->results[PEER].errors);
	if (!step_differs(step)) {
		report->alike++;
		return true;
	}
	which = step_explain(step);
	for (size_t i = 0; differences[i].name; i++)
		report->explained[i] += which >> i & 1;
	if (which)
		return false;
	if (++report->unexplained <= REPORTS_MAX)
		print_step(step, place);
	(void)fflush(stdout);
	return false;
}

void report_end(const struct report *report)
{
	(void)printf("%sok 1 - %u commands: %u alike, %u differ as they may",
		     report->unexplained ? "not " : "", report->run,
		     report->alike,
		     report->run - report->alike - report->unexplained);
	for (size_t i = 0; differences[i].name; i++)
		if (report->explained[i])
			(void)printf(", %s %u", differences[i].name,
				     report->explained[i]);
	(void)printf(", %u unexplained\n", report->unexplained);
}

void report_clear(struct report *report)
{
	for (size_t i = 0; i < report->messages_count; i++)
		free(report->messages[i]);
	report->messages_count = 0;
}
