/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* lbctl: runs the programs of the family; shows everything on one screen. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "common/command-main.h"
#include "common/command.h"
#include "output/listing.h"
#include "output/output.h"
#include "output/render.h"

/* ---- Running lbctl-NOUN ---- */

/* Finds the program beside this one; without /proc, by the path of execve(). */
static void program_path(const char *noun, char path[PATH_MAX])
{
	char self[PATH_MAX];
	const unsigned long address = getauxval(AT_EXECFN);
	const char *run_as;
	const char *slash;

	(void)memcpy(&run_as, &address, sizeof(run_as));
	if (!realpath("/proc/self/exe", self) &&
	    !(run_as && realpath(run_as, self)))
		self[0] = '\0';
	slash = strrchr(self, '/');
	(void)snprintf(path, PATH_MAX, "%.*s/lbctl-%s",
		       slash ? (int)(slash - self) : 0, self, noun);
}

/* Runs the program, with the common options that came before the noun. */
static int run_noun(struct command *command)
{
	char path[PATH_MAX];
	char name[64];
	size_t count = 0;
	const char **argv =
		calloc(command->argument_count + 7, sizeof(const char *));

	if (!argv)
		return command_no_memory(command);
	program_path(command->verb->name, path);
	(void)snprintf(name, sizeof(name), "lbctl-%s", command->verb->name);
	argv[count++] = name;
	if (command->json)
		argv[count++] = "--json";
	if (command->quiet)
		argv[count++] = "--quiet";
	if (command->dry_run)
		argv[count++] = "--dry-run";
	if (command->netns) {
		argv[count++] = "--netns";
		argv[count++] = command->netns;
	}
	for (size_t i = 0; i < command->argument_count; i++)
		argv[count++] = command->arguments[i];
	(void)execv(path, (char *const *)argv);
	free(argv);
	return command_fail(command, -EIO, path, "cannot be run: %s",
			    strerror(errno));
}

/* ---- Status ---- */

static int print_services(const struct ipvsctl_config *config)
{
	AUTO_FREE const struct ipvsctl_service **services = NULL;
	struct listing listing = { .config = config };
	int r = listing_all(config, &services, &listing.count);

	if (r < 0)
		return r;
	listing.services = services;
	if (listing.count == 0)
		(void)puts("none");
	return listing_print(stdout, &listing);
}

static int print_marks(const struct ipvsctl_config *config)
{
	if (!ipvsctl_config_next_mark(config, NULL))
		(void)puts("none");
	return render_marks(stdout, config);
}

static int print_syncs(const struct ipvsctl_config *config)
{
	if (!ipvsctl_config_get_sync(config, IPVSCTL_SYNC_MASTER) &&
	    !ipvsctl_config_get_sync(config, IPVSCTL_SYNC_BACKUP))
		(void)puts("none");
	return render_syncs(stdout, config);
}

static int print_vips(const struct ipvsctl_config *config)
{
	if (!ipvsctl_config_next_vip(config, NULL))
		(void)puts("none");
	return render_vips(stdout, config);
}

static int print_timeouts(const struct ipvsctl_config *config)
{
	const struct ipvsctl_timeouts *timeouts =
		ipvsctl_config_get_timeouts(config);

	if (timeouts)
		(void)printf("tcp %u  tcp-fin %u  udp %u\n", timeouts->tcp,
			     timeouts->tcp_fin, timeouts->udp);
	return 0;
}

/* The sections of the screen. */
static const struct section {
	const char *title;
	unsigned int kind;
	int (*print)(const struct ipvsctl_config *config);
} sections[] = {
	{ "Services", IPVSCTL_SERVICES, print_services },
	{ "Mark rules", IPVSCTL_MARKS, print_marks },
	{ "VIPs", IPVSCTL_VIPS, print_vips },
	{ "Sync daemons", IPVSCTL_SYNC, print_syncs },
	{ "Timeouts", IPVSCTL_TIMEOUTS, print_timeouts },
};
#define OF_IPVS	   (IPVSCTL_SERVICES | IPVSCTL_SYNC | IPVSCTL_TIMEOUTS)
#define EVERYTHING (OF_IPVS | IPVSCTL_MARKS | IPVSCTL_VIPS)

/* Loads everything that is there: IPVS if it is loaded, mark rules if the host
   supports them. */
static int load(struct command *command)
{
	unsigned int counters = command->json ? IPVSCTL_COUNTERS : 0;
	unsigned int kinds = EVERYTHING;
	struct ipvsctl_error first;
	int r;

	if (!ipvsctl_has_ipvs())
		kinds &= ~(unsigned int)OF_IPVS;
	r = command_load(command, kinds | counters, NULL);
	if (r != -EOPNOTSUPP)
		return r;
	first = command->err;
	kinds &= ~(unsigned int)IPVSCTL_MARKS;
	r = command_load(command, kinds | counters, NULL);
	command->err = first;
	return r;
}

static int status(struct command *command)
{
	int r = load(command);

	if (r < 0)
		return r;
	if (command->json)
		return command_show_document(command, EVERYTHING, false);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(sections); i++) {
		(void)printf("%s%s\n", i > 0 ? "\n" : "", sections[i].title);
		if (command->kinds & sections[i].kind) {
			r = sections[i].print(command->from);
			continue;
		}
		(void)fputs("not available: ", stdout);
		(void)output_clean(stdout, sections[i].kind & OF_IPVS ?
						   "IPVS is not loaded" :
						   command->err.message);
		(void)fputc('\n', stdout);
	}
	return r < 0 ? command_output_failed(command, r) : 0;
}

static int help(struct command *command)
{
	command->verb = NULL;
	command->special = COMMAND_HELP;
	return command_special(command);
}

#define NOUN(noun, text)                                                     \
	{                                                                    \
		.name = (noun), .arguments = "[VERB]...", .summary = (text), \
		.raw = true, .run = run_noun                                 \
	}

static const struct command_verb verbs[] = {
	NOUN("svc", "services and the servers behind them: lbctl-svc"),
	NOUN("mark", "rules that mark packets: lbctl-mark"),
	NOUN("vip", "addresses of services on this host: lbctl-vip"),
	NOUN("sync", "sharing of connection state: lbctl-sync"),
	NOUN("save", "write the configuration: lbctl-save"),
	NOUN("restore", "make it what rulesets say: lbctl-restore"),
	NOUN("check", "health checks of servers: lbctl-check"),
	NOUN("doctor", "why no traffic flows: lbctl-doctor"),
	{
		.name = "status",
		.arguments = "",
		.summary = "one screen of everything",
		.run = status,
	},
	{
		.name = "help",
		.arguments = "",
		.summary = "print this",
		.run = help,
	},
	{ 0 },
};

static const struct command_program program = {
	.name = "lbctl",
	.summary = "the load balancer of this host's kernel",
	.verbs = verbs,
	.standard = "status",
};

int main(int argc, const char **argv)
{
	return command_main(&program, argc, argv);
}
