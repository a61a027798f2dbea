/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Prints values that exist on this host, one per line, for completion. */
#include <dirent.h>
#include <net/if.h>
#include <sys/utsname.h>

#include <string.h>

#include "common/command.h"

static void print_services(struct command *command)
{
	char text[IPVSCTL_IDENTITY_TEXT];

	if (command_load(command, IPVSCTL_SERVICES, NULL) < 0)
		return;
	ipvsctl_for_each_service(command->from, service)
		(void)puts(ipvsctl_service_format(service, text));
}

static void print_servers(struct command *command)
{
	struct ipvsctl_service service;
	char text[IPVSCTL_IDENTITY_TEXT];

	if (command->argument_count < 1 ||
	    ipvsctl_service_parse(command->arguments[0], &service, NULL) < 0 ||
	    command_load(command, IPVSCTL_SERVICES, &service) < 0)
		return;
	ipvsctl_for_each_server(command->from, &service, server)
		(void)puts(ipvsctl_server_format(server, text));
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void free_names(struct dirent **names, int count)
{
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

/* Tells whether the module of a scheduler is installed; unknown is true. */
static bool is_installed(const char *scheduler)
{
	struct utsname system;
	struct dirent **names = NULL;
	char path[512];
	char prefix[32];
	bool found = false;
	int count;

	if (uname(&system) < 0)
		return true;
	(void)snprintf(path, sizeof(path),
		       "/lib/modules/%s/kernel/net/netfilter/ipvs",
		       system.release);
	(void)snprintf(prefix, sizeof(prefix), "ip_vs_%s.ko", scheduler);
	count = scandir(path, &names, is_visible, alphasort);
	if (count < 0)
		return true;
	for (int i = 0; i < count && !found; i++)
		found = strncmp(names[i]->d_name, prefix, strlen(prefix)) == 0;
	free_names(names, count);
	return found;
}

static void print_schedulers(struct command *command)
{
	static const char *const schedulers[] = {
		"dh",  "fo", "lblc", "lblcr", "lc",   "mh",  "nq",
		"ovf", "rr", "sed",  "sh",    "twos", "wlc", "wrr",
	};

	(void)command;
	for (size_t i = 0; i < ARRAY_SIZE(schedulers); i++)
		if (is_installed(schedulers[i]))
			(void)puts(schedulers[i]);
}

static void print_interfaces(struct command *command)
{
	struct if_nameindex *names = if_nameindex();

	(void)command;
	for (size_t i = 0; names && names[i].if_name; i++)
		(void)puts(names[i].if_name);
	if_freenameindex(names);
}

static void print_netns(struct command *command)
{
	struct dirent **names = NULL;
	int count = scandir("/run/netns", &names, is_visible, alphasort);

	(void)command;
	for (int i = 0; i < count; i++)
		(void)puts(names[i]->d_name);
	free_names(names, count);
}

/* Prints the marks that rules set and those of services. */
static void print_marks(struct command *command)
{
	if (command_load(command, IPVSCTL_MARKS, NULL) == 0)
		ipvsctl_for_each_mark(command->from, rule)
			if (!rule->exclude)
				(void)printf("%u\n", rule->mark);
	if (command_load(command, IPVSCTL_SERVICES, NULL) == 0)
		ipvsctl_for_each_service(command->from, service)
			if (service->fwmark)
				(void)printf("%u\n", service->fwmark);
}

void command_complete(struct command *command)
{
	static const struct {
		const char *kind;
		void (*print)(struct command *command);
	} kinds[] = {
		{ "services", print_services },
		{ "servers", print_servers },
		{ "schedulers", print_schedulers },
		{ "interfaces", print_interfaces },
		{ "netns", print_netns },
		{ "marks", print_marks },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strcmp(kinds[i].kind, command->complete) == 0)
			kinds[i].print(command);
}
