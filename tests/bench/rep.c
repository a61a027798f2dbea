/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Times commands by turns, each from its start to its end, and prints for
 * each a line of tab-separated values: name, number of runs, and in
 * milliseconds the least and the median wall time, the median user and system
 * time. A first round warms up and does not count.
 *
 *   rep [-u | -o] [-p COMMAND] [-n ROUNDS] NAME[*TIMES]=COMMAND...
 *
 * COMMAND is split at blanks; no shell is involved. In its words, {} is
 * replaced by a number that grows with every start of a program; a word <FILE
 * names its standard input, else /dev/null. Its output goes to /dev/null.
 * TIMES starts in a row count as one run. -u: each run in a network namespace
 * of its own; -o: all in one new namespace; lo is up in either. -p: what to
 * run, untimed, first in the new namespace.
 */
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define WORDS_MAX 64

extern char **environ;

enum measure {
	WALL,
	USER,
	SYSTEM,
	MEASURES,
};

struct command {
	const char *name;
	unsigned int times;
	char *words[WORDS_MAX + 1];
	const char *input;
	double *samples[MEASURES];
};

static void fail(const char *what, int error)
{
	fprintf(stderr, "rep: %s: %s\n", what, strerror(error));
	exit(1);
}

static void usage(void)
{
	fputs("Usage: rep [-u | -o] [-p COMMAND] [-n ROUNDS] "
	      "NAME[*TIMES]=COMMAND...\n",
	      stderr);
	exit(2);
}

static void split_words(struct command *command, char *text)
{
	char *rest = NULL;
	size_t count = 0;

	command->input = "/dev/null";
	for (char *word = strtok_r(text, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		if (count == WORDS_MAX)
			usage();
		if (*word == '<')
			command->input = word + 1;
		else
			command->words[count++] = word;
	}
	if (!count)
		usage();
}

static void parse_command(struct command *command, char *text,
			  unsigned int rounds)
{
	char *equals = strchr(text, '=');
	char *times;

	if (!equals)
		usage();
	*equals = '\0';
	times = strchr(text, '*');
	if (times)
		*times++ = '\0';
	command->name = text;
	command->times = times ? bench_count(times) : 1;
	split_words(command, equals + 1);
	for (int i = 0; i < MEASURES; i++) {
		command->samples[i] = calloc(rounds, sizeof(double));
		if (!command->samples[i])
			fail("memory", ENOMEM);
	}
}

/* The word with {} replaced by the number; the caller frees. */
static char *fill_word(const char *word, unsigned int number)
{
	const char *hole = strstr(word, "{}");
	char *filled;
	int length;

	if (hole)
		length = asprintf(&filled, "%.*s%u%s", (int)(hole - word), word,
				  number, hole + 2);
	else
		length = asprintf(&filled, "%s", word);
	if (length < 0)
		fail("memory", ENOMEM);
	return filled;
}

static double milliseconds(const struct timeval *time)
{
	return (double)time->tv_sec * 1e3 + (double)time->tv_usec / 1e3;
}

/* Starts the program and waits for its end, adding up what it took. */
static void run_words(const struct command *command, char **words,
		      const posix_spawn_file_actions_t *actions,
		      double *measures)
{
	struct rusage usage;
	double start = bench_now_ms();
	int status;
	pid_t pid;
	int error = posix_spawnp(&pid, words[0], actions, NULL, words, environ);

	if (error)
		fail(words[0], error);
	if (wait4(pid, &status, 0, &usage) < 0)
		fail("wait4", errno);
	measures[WALL] += bench_now_ms() - start;
	measures[USER] += milliseconds(&usage.ru_utime);
	measures[SYSTEM] += milliseconds(&usage.ru_stime);
	if (status) {
		fprintf(stderr, "rep: %s: wait status 0x%x\n", command->name,
			(unsigned int)status);
		exit(1);
	}
}

static void run_once(const struct command *command, unsigned int number,
		     const posix_spawn_file_actions_t *actions,
		     double *measures)
{
	char *words[WORDS_MAX + 1] = { NULL };

	for (int i = 0; command->words[i]; i++)
		words[i] = fill_word(command->words[i], number);
	run_words(command, words, actions, measures);
	for (int i = 0; words[i]; i++)
		free(words[i]);
}

/* One run of a command; round 0 is the one that does not count. */
static void run(struct command *command, unsigned int round)
{
	static unsigned int number;
	posix_spawn_file_actions_t actions;
	double measures[MEASURES] = { 0 };

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, command->input, O_RDONLY,
					 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	for (unsigned int i = 0; i < command->times; i++)
		run_once(command, ++number, &actions, measures);
	posix_spawn_file_actions_destroy(&actions);
	for (int i = 0; round && i < MEASURES; i++)
		command->samples[i][round - 1] = measures[i];
}

static int compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *samples, unsigned int count)
{
	qsort(samples, count, sizeof(*samples), compare_doubles);
	return (samples[(count - 1) / 2] + samples[count / 2]) / 2;
}

static void report(const struct command *command, unsigned int rounds)
{
	double middle = median(command->samples[WALL], rounds);

	printf("%s\t%u\t%.3f\t%.3f\t%.3f\t%.3f\n", command->name, rounds,
	       command->samples[WALL][0], middle,
	       median(command->samples[USER], rounds),
	       median(command->samples[SYSTEM], rounds));
}

/*
 * Without an address the namespace has no table of local routes, and then the
 * kernel takes no server: its address counts as broadcast.
 */
static void enter_fresh_namespace(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	if (unshare(CLONE_NEWNET))
		fail("unshare", errno);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request))
		fail("lo", errno);
	close(fd);
}

struct options {
	unsigned int rounds;
	bool each_fresh;
	bool all_fresh;
	struct command prepare;
};

static void enter_and_prepare(struct options *options)
{
	enter_fresh_namespace();
	if (options->prepare.name)
		run(&options->prepare, 0);
}

static void run_all(struct command *commands, size_t count,
		    struct options *options)
{
	if (options->all_fresh)
		enter_and_prepare(options);
	for (unsigned int round = 0; round <= options->rounds; round++) {
		for (size_t i = 0; i < count; i++) {
			if (options->each_fresh)
				enter_and_prepare(options);
			run(&commands[i], round);
		}
	}
	for (size_t i = 0; i < count; i++)
		report(&commands[i], options->rounds);
}

static void parse_options(int argc, char **argv, struct options *options)
{
	int option;

	while ((option = getopt(argc, argv, "uop:n:")) != -1) {
		switch (option) {
		case 'u':
			options->each_fresh = true;
			break;
		case 'o':
			options->all_fresh = true;
			break;
		case 'p':
			options->prepare.name = "prepare";
			options->prepare.times = 1;
			split_words(&options->prepare, optarg);
			break;
		case 'n':
			options->rounds = bench_count(optarg);
			break;
		default:
			usage();
		}
	}
	if (optind == argc || !options->rounds)
		usage();
}

int main(int argc, char **argv)
{
	struct options options = { .rounds = 5 };
	struct command *commands;
	size_t count = 0;

	parse_options(argc, argv, &options);
	commands = calloc((size_t)(argc - optind), sizeof(*commands));
	if (!commands)
		fail("memory", ENOMEM);
	while (optind < argc)
		parse_command(&commands[count++], argv[optind++],
			      options.rounds);
	run_all(commands, count, &options);
	return fflush(stdout) ? 1 : 0;
}
