/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Puts the table of the benchmark through the library, as a program that
 * restores does: read texts, lock, load, compare, apply.
 *
 *   put SERVICES SERVERS
 */
#include <ipvsctl.h>

#include "bench.h"

static void fail(const struct ipvsctl_error *err)
{
	fprintf(stderr, "put: %s: %s\n", err->subject, err->message);
	exit(1);
}

static const char *format(char text[IPVSCTL_IDENTITY_TEXT], const char *before,
			  uint32_t address)
{
	snprintf(text, IPVSCTL_IDENTITY_TEXT, "%s%u.%u.%u.%u:%d", before,
		 address >> 24, address >> 16 & 0xff, address >> 8 & 0xff,
		 address & 0xff, BENCH_PORT);
	return text;
}

static void add_servers(struct ipvsctl_config *config,
			const struct ipvsctl_service *service,
			unsigned int count)
{
	char text[IPVSCTL_IDENTITY_TEXT];
	struct ipvsctl_error err = { 0 };
	struct ipvsctl_server server;

	for (unsigned int i = 0; i < count; i++) {
		format(text, "", bench_server(i));
		if (ipvsctl_server_parse(text, service, &server, &err) ||
		    ipvsctl_server_set(&server, "forward", "nat", &err) ||
		    ipvsctl_server_check(service, &server, &err) ||
		    ipvsctl_config_add_server(config, service, &server, &err))
			fail(&err);
	}
}

static void add_services(struct ipvsctl_config *config, unsigned int services,
			 unsigned int servers)
{
	char text[IPVSCTL_IDENTITY_TEXT];
	struct ipvsctl_error err = { 0 };
	struct ipvsctl_service service;

	for (unsigned int i = 0; i < services; i++) {
		format(text, "tcp:", bench_vip(i));
		if (ipvsctl_service_parse(text, &service, &err) ||
		    ipvsctl_service_set(&service, "scheduler", "rr", &err) ||
		    ipvsctl_service_check(&service, &err) ||
		    ipvsctl_config_add_service(config, &service, &err))
			fail(&err);
		add_servers(config, &service, servers);
	}
}

int main(int argc, char **argv)
{
	struct ipvsctl_error err = { 0 };
	struct ipvsctl_config *before, *after;
	struct ipvsctl_plan *plan;
	struct ipvsctl *ctx;

	if (argc != 3) {
		fputs("Usage: put SERVICES SERVERS\n", stderr);
		return 2;
	}
	if (ipvsctl_open(&ctx, NULL, &err) || ipvsctl_lock(ctx, 1000, &err) ||
	    ipvsctl_load(ctx, IPVSCTL_SERVICES, NULL, &before, &err))
		fail(&err);
	if (ipvsctl_config_copy(before, &after, NULL))
		return 1;
	add_services(after, bench_count(argv[1]), bench_count(argv[2]));
	if (ipvsctl_plan_compare(before, after, &plan, &err) ||
	    ipvsctl_apply(ctx, plan, NULL, &err))
		fail(&err);
	ipvsctl_plan_free(plan);
	ipvsctl_config_free(after);
	ipvsctl_config_free(before);
	ipvsctl_close(ctx);
	return 0;
}
