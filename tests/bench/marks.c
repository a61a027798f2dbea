/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Puts mark rules through the library in one plan.
 *
 *   marks RULES [FILE]    FILE gets the milliseconds from load to the end of
 *                         apply
 *
 * Writes to no file, which fail, show in a trace where apply begins and ends.
 */
#include <arpa/inet.h>
#include <ipvsctl.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

static void fail(const struct ipvsctl_error *err)
{
	fprintf(stderr, "marks: %s: %s\n", err->subject, err->message);
	exit(1);
}

static void show_in_trace(const char *text)
{
	if (write(-1, text, strlen(text)) >= 0)
		exit(1);
}

static void add_rules(struct ipvsctl_config *config, unsigned int count)
{
	struct ipvsctl_address_range vips = { .first = { .family = AF_INET } };
	struct ipvsctl_error err = { 0 };
	struct ipvsctl_mark rule;

	for (unsigned int i = 0; i < count; i++) {
		uint32_t vip = htonl(bench_vip(i));

		ipvsctl_mark_init(&rule, false);
		rule.mark = bench_mark(i);
		rule.protocol = IPPROTO_UDP;
		rule.family = AF_INET;
		memcpy(vips.first.bytes, &vip, sizeof(vip));
		vips.last = vips.first;
		rule.destination.ranges = &vips;
		rule.destination.count = 1;
		rule.destination_ports.count = 1;
		rule.destination_ports.ranges[0].first = BENCH_FIRST_PORT;
		rule.destination_ports.ranges[0].last = BENCH_LAST_PORT;
		if (ipvsctl_mark_check(&rule, &err) ||
		    ipvsctl_config_add_mark(config, &rule, &err))
			fail(&err);
	}
}

static void put(struct ipvsctl *ctx, unsigned int rules)
{
	struct ipvsctl_error err = { 0 };
	struct ipvsctl_config *before, *after;
	struct ipvsctl_plan *plan;

	if (ipvsctl_load(ctx, IPVSCTL_MARKS, NULL, &before, &err))
		fail(&err);
	if (ipvsctl_config_copy(before, &after, NULL))
		exit(1);
	add_rules(after, rules);
	if (ipvsctl_plan_compare(before, after, &plan, &err))
		fail(&err);
	show_in_trace("apply begins");
	if (ipvsctl_apply(ctx, plan, NULL, &err))
		fail(&err);
	show_in_trace("apply ends");
	ipvsctl_plan_free(plan);
	ipvsctl_config_free(after);
	ipvsctl_config_free(before);
}

int main(int argc, char **argv)
{
	struct ipvsctl_error err = { 0 };
	struct ipvsctl *ctx;
	double start;

	if (argc != 2 && argc != 3) {
		fputs("Usage: marks RULES [FILE]\n", stderr);
		return 2;
	}
	if (ipvsctl_open(&ctx, NULL, &err) || ipvsctl_lock(ctx, 1000, &err))
		fail(&err);
	start = bench_now_ms();
	put(ctx, bench_count(argv[1]));
	start = bench_now_ms() - start;
	ipvsctl_close(ctx);
	return bench_report(argv[2], start) ? 1 : 0;
}
