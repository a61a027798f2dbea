/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Runs command lines through two programs that should do the same, ipvsadm and
 * ours, each in a network namespace, and compares all that comes of each: what
 * is written, the exit status, what the kernel then has.
 *
 *   compat [--seed N] [--count M] [--script FILE] [--show] [--self] PEER OURS
 *   compat [--seed N] [--count M] --print
 *
 * A script's commands come first, then M random ones (1000 without a script).
 * What differs is reported, but for what compat/explain.c lists; then both get
 * what the peer has. --show counts the peer's complaints. --self says that OURS is
 * ipvsadm too, and so need not have right what ipvsadm has wrong. --print only
 * writes the random commands, as a script.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "compat/compat.h"

struct settings {
	uint64_t seed;
	unsigned long count;
	const char *script;
	bool show;
	bool self;
	bool print;
};

struct test {
	struct world world;
	struct report report;
	struct state state; /* of both sides */
	bool self;
};

static _Noreturn void usage(void)
{
	(void)printf("Bail out! usage: compat [--seed N] [--count M] "
		     "[--script FILE] [--show] [--self] PEER OURS\n");
	exit(2);
}

static unsigned long number_of(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || end == text)
		usage();
	return value;
}

static void read_settings(struct settings *settings, int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "count", required_argument, NULL, 'c' },
		{ "script", required_argument, NULL, 'f' },
		{ "show", no_argument, NULL, 'v' },
		{ "self", no_argument, NULL, 'i' },
		{ "print", no_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	bool counted = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 's')
			settings->seed = number_of(optarg);
		else if (option == 'f')
			settings->script = optarg;
		else if (option == 'v')
			settings->show = true;
		else if (option == 'i')
			settings->self = true;
		else if (option == 'p')
			settings->print = true;
		else if (option == 'c')
			settings->count = number_of(optarg);
		else
			usage();
		counted |= option == 'c';
	}
	if (!counted && !settings->script)
		settings->count = 1000;
	if (!settings->print && argc - optind != 2)
		usage();
}

/* ---- Steps -------------------------------------------------------------------- */

static void level(struct test *test, const struct state *state)
{
	struct state now;

	world_level(&test->world, state);
	state_read(&test->world.sides[PEER], &now);
	state_clear(&test->state);
	test->state = now;
}

static void step_clear(struct step *step)
{
	for (int i = 0; i < SIDES; i++) {
		result_clear(&step->results[i]);
		state_clear(&step->after[i]);
	}
}

/* What ours adds in another order is of another age, which --nosort shows. */
static bool shuffles(const struct step *step)
{
	return options_have(&step->options, "restore");
}

static void run_step(struct test *test, const struct command *command,
		     const char *place)
{
	struct step step = { .command = command,
			     .before = test->state,
			     .self = test->self };
	bool alike;

	options_read(command, &step.options);
	world_run(&test->world, command, step.results);
	for (int i = 0; i < SIDES; i++)
		state_read(&test->world.sides[i], &step.after[i]);
	alike = report_step(&test->report, &step, place);
	if (shuffles(&step) ||
	    (!alike && !state_same(&step.after[PEER], &step.after[OURS]))) {
		level(test, &step.after[PEER]);
	} else {
		/* Now the state of both. */
		state_clear(&test->state);
		test->state = step.after[PEER];
		step.after[PEER] = (struct state){ .count = 0 };
	}
	step_clear(&step);
}

static void run_script(struct test *test, const char *path)
{
	struct script *script = script_open(path);
	struct command command;
	unsigned int line;
	enum script_line found;

	while ((found = script_next(script, &command, &line)) != SCRIPT_END) {
		char place[160];

		(void)snprintf(place, sizeof(place), "%s:%u", path, line);
		if (found == SCRIPT_RESET)
			level(test, NULL);
		else
			run_step(test, &command, place);
		command_clear(&command);
	}
	script_close(script);
}

static void run_random(struct test *test, const struct settings *settings)
{
	struct chance chance = { .state = settings->seed };

	for (unsigned long i = 1; i <= settings->count; i++) {
		struct command command = { .count = 0 };
		char place[64];

		(void)snprintf(place, sizeof(place), "seed %llu, step %lu",
			       (unsigned long long)settings->seed, i);
		random_command(&chance, &command);
		if (settings->print)
			command_print(stdout, &command);
		else
			run_step(test, &command, place);
		command_clear(&command);
	}
}

int main(int argc, char **argv)
{
	struct settings settings = { .seed = 1 };
	struct test test = { .report.run = 0 };
	bool good;

	read_settings(&settings, argc, argv);
	if (settings.print) {
		run_random(&test, &settings);
		return 0;
	}
	test.self = settings.self;
	(void)printf("1..1\n");
	world_open(&test.world, argv[optind], argv[optind + 1]);
	level(&test, NULL);
	if (settings.script)
		run_script(&test, settings.script);
	run_random(&test, &settings);
	if (settings.show)
		report_messages(&test.report);
	report_end(&test.report);
	good = test.report.run && !test.report.unexplained;
	state_clear(&test.state);
	report_clear(&test.report);
	world_close(&test.world);
	return good ? 0 : 1;
}
