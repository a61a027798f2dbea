/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Shows services, once or repeatedly. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/options.h"
#include "output/listing.h"
#include "output/output.h"
#include "svc/svc.h"

#define WATCH_MAX (24 * 3600)

struct show {
	struct ipvsctl_service *wanted; /* command->argument_count of them */
	unsigned int columns;
	uint32_t watch;
};

static const struct {
	const char *option;
	enum listing_columns columns;
} choices[] = {
	{ "stats", LISTING_STATS },
	{ "rates", LISTING_RATES },
	{ "thresholds", LISTING_THRESHOLDS },
};

static int parse(struct command *command, struct show *show)
{
	static const struct options_range watch = { "watch", 1, WATCH_MAX, 0 };
	int r = options_range(command, &watch, &show->watch);

	show->wanted =
		calloc(command->argument_count + 1, sizeof(*show->wanted));
	if (r == 0 && !show->wanted)
		return command_no_memory(command);
	for (size_t i = 0; r == 0 && i < command->argument_count; i++)
		r = ipvsctl_service_parse(command->arguments[i],
					  &show->wanted[i], &command->err);
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++)
		if (command_has(command, choices[i].option))
			show->columns |= choices[i].columns;
	return r;
}

/* Chooses the services to show. Returns 1 if one does not exist. */
static int choose(struct command *command, const struct show *show,
		  const struct ipvsctl_service ***ret_services,
		  size_t *ret_count)
{
	const struct ipvsctl_service **services;
	size_t count = command->argument_count;

	if (count == 0) {
		if (listing_all(command->from, ret_services, ret_count) < 0)
			return command_no_memory(command);
		return 0;
	}
	services = calloc(count, sizeof(const struct ipvsctl_service *));
	if (!services)
		return command_no_memory(command);
	for (size_t i = 0; i < count; i++) {
		services[i] = ipvsctl_config_find_service(command->from,
							  &show->wanted[i]);
		if (!services[i]) {
			free(services);
			(void)svc_no_service(command, &show->wanted[i]);
			return 1;
		}
	}
	*ret_services = services;
	*ret_count = count;
	return 0;
}

/* Flushes stdout unless r is a failure; returns the code for either. */
static int flush(struct command *command, int r)
{
	errno = 0;
	if (r == 0 && fflush(stdout) != 0)
		r = errno > 0 ? -errno : -EIO;
	return r < 0 ? command_output_failed(command, r) : 0;
}

static bool is_wanted(const struct command *command, const struct show *show,
		      const struct ipvsctl_service *service)
{
	for (size_t i = 0; i < command->argument_count; i++)
		if (ipvsctl_service_compare(&show->wanted[i], service) == 0)
			return true;
	return false;
}

/* Prints the wanted services as JSON, or with none an empty list. */
static int show_json(struct command *command, const struct show *show, bool none)
{
	const bool partial = command->argument_count > 0;
	const struct ipvsctl_service *service = NULL;
	int r = 0;

	while (partial && r == 0 &&
	       (service = ipvsctl_config_next_service(command->from, service))) {
		if (!none && is_wanted(command, show, service))
			continue;
		r = ipvsctl_config_delete_service(command->from, service,
						  &command->err);
		service = NULL;
	}
	if (r == 0)
		r = command_show_document(command, IPVSCTL_SERVICES, partial);
	return r < 0 ? r : flush(command, 0);
}

/* Tells how many holds would return with their servers. */
static void print_waiting(const struct ipvsctl_config *config)
{
	const size_t count = ipvsctl_config_count_waiting(config);

	if (count > 0)
		(void)printf("%zu hold%s for servers that do not exist\n",
			     count, count == 1 ? " waits" : "s wait");
}

/* Counters take several times as long to read as everything else. */
static unsigned int kinds(const struct command *command, const struct show *show)
{
	bool counters = command->json ||
			(show->columns & (LISTING_STATS | LISTING_RATES));

	return IPVSCTL_SERVICES | (counters ? IPVSCTL_COUNTERS : 0);
}

/* Reads and writes the list once. */
static int show_once(struct command *command, const struct show *show)
{
	const struct ipvsctl_service **services = NULL;
	struct listing listing = { .columns = show->columns };
	size_t count = command->argument_count;
	int r = command_load(command, kinds(command, show),
			     count == 1 ? &show->wanted[0] : NULL);

	if (r == 0)
		r = choose(command, show, &services, &listing.count);
	if (r != 0)
		return r;
	listing.config = command->from;
	listing.services = services;
	if (show->watch > 0 && isatty(STDOUT_FILENO))
		(void)fputs("\033[H\033[J", stdout);
	if (command->json) {
		r = show_json(command, show, false);
	} else {
		r = listing_print(stdout, &listing);
		if (r == 0)
			print_waiting(command->from);
		r = flush(command, r);
	}
	free(services);
	return r;
}

/* Says that a watched service does not exist; it may come back. */
static int show_none(struct command *command, const struct show *show)
{
	if (command->json)
		return show_json(command, show, true);
	if (isatty(STDOUT_FILENO))
		(void)fputs("\033[H\033[J", stdout);
	(void)output_clean(stdout, command->err.subject);
	(void)fputs(": ", stdout);
	(void)output_clean(stdout, command->err.message);
	(void)fputc('\n', stdout);
	return flush(command, 0);
}

/*
 * Shows services until a signal ends it. The signals are blocked and waited
 * for, so that none interrupts a reading.
 */
static int show_again(struct command *command, const struct show *show)
{
	struct timespec pause = { .tv_sec = (time_t)show->watch };
	sigset_t ending;
	int r;

	(void)sigemptyset(&ending);
	(void)sigaddset(&ending, SIGINT);
	(void)sigaddset(&ending, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &ending, NULL);
	for (;;) {
		r = show_once(command, show);
		if (r > 0)
			r = show_none(command, show);
		/* Stop when stdout is closed. */
		if (r < 0 || ferror(stdout))
			return r;
		if (sigtimedwait(&ending, NULL, &pause) > 0)
			return 0;
	}
}

int svc_show(struct command *command)
{
	struct show show = { 0 };
	int r = parse(command, &show);

	if (r == 0)
		r = show.watch > 0 ? show_again(command, &show) :
				     show_once(command, &show);
	free(show.wanted);
	return r;
}
