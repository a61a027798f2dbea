// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: The lbctl authors
//
// Clients that go on sending, whoever answers.

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "traffic.h"

// Rounds without an answer after which a flow is silent.
#define PATIENCE 10
#define ROUND_MS 200
// Rounds in which all are answered for the first time, or some never.
#define BEGINNING 50

struct flow {
	int fd;			/* -1 of a connection that broke */
	char name[NAME_SIZE];	/* of who answered last */
	unsigned long answered; /* in this round */
	uint64_t answered_ms;	/* at first, when it began */
	bool waits; /* of a connection: its question is not answered */
	bool moved; /* another has answered before */
};

struct flows {
	struct flow *flows;
	unsigned int count;
	bool stream;
	bool idle; /* ask only at the beginning and the end */
	bool ends; /* it is the end */
	bool print_gap;
	uint64_t gap_ms; /* longest time between two answers of a flow */
	unsigned int interval_ms; /* of a round */
	unsigned long round;
};

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void lose(struct flow *flow)
{
	close(flow->fd);
	flow->fd = -1;
	flow->name[0] = '\0';
}

// Notes a wait of a flow, one that has ended or goes on.
static void note_gap(struct flows *all, const struct flow *flow, uint64_t now)
{
	if (now - flow->answered_ms > all->gap_ms)
		all->gap_ms = now - flow->answered_ms;
}

static void hear(struct flows *all, struct flow *flow, uint64_t now)
{
	char name[NAME_SIZE];
	ssize_t n;

	while ((n = recv(flow->fd, name, sizeof(name) - 1, 0)) > 0) {
		name[n] = '\0';
		flow->moved |= flow->name[0] && strcmp(flow->name, name) != 0;
		memcpy(flow->name, name, sizeof(name));
		flow->answered = all->round;
		flow->waits = false;
		note_gap(all, flow, now);
		flow->answered_ms = now;
	}
	if (all->stream && (n == 0 || errno != EAGAIN))
		lose(flow);
}

// Whether a flow asks in this round. A connection asks one thing at a time, so
// that answers are not joined.
static bool asks(const struct flows *all, const struct flow *flow)
{
	return flow->fd >= 0 && !flow->waits &&
	       (!all->idle || all->ends || !flow->name[0]);
}

// Errors of datagrams are what a dead server sends, or what is sent of it.
static void speak(const struct flows *all, struct flow *flow)
{
	for (int i = 0; i < 2; i++)
		if (send(flow->fd, "?", 1, 0) == 1) {
			flow->waits = all->stream;
			return;
		}
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct flow *)a)->name,
		      ((const struct flow *)b)->name);
}

// Whether a flow gets answers. An idle one does until it asks again.
static bool is_silent(const struct flows *all, const struct flow *flow)
{
	return !flow->name[0] || ((!all->idle || flow->waits) &&
				  flow->answered + PATIENCE < all->round);
}

static void print_flows(struct flows *all, FILE *to)
{
	unsigned int silent = 0, moved = 0, same = 0, lost = 0;
	struct flow *flows = all->flows;

	qsort(flows, all->count, sizeof(*flows), compare);
	for (unsigned int i = 0; i < all->count; i++) {
		lost += flows[i].fd < 0;
		moved += flows[i].moved;
		if (is_silent(all, &flows[i]))
			silent++;
		else
			same++;
		if (i + 1 < all->count && compare(&flows[i], &flows[i + 1]) == 0)
			continue;
		if (same)
			fprintf(to, "%s %u\n", flows[i].name, same);
		same = 0;
	}
	fprintf(to, "silent %u\nmoved %u\n", silent - lost, moved);
	if (all->stream)
		fprintf(to, "lost %u\n", lost);
	if (!all->print_gap)
		return;
	for (unsigned int i = 0; i < all->count; i++)
		note_gap(all, &flows[i], now_ms());
	fprintf(to, "gap %llu\n", (unsigned long long)all->gap_ms);
	all->gap_ms = 0;
}

static void open_flows(char **argv, struct flows *all)
{
	struct endpoint to;

	parse_endpoint(argv, &to);
	set_port(&to, parse_number(argv[2], 65535, NULL));
	all->stream = to.protocol->type == SOCK_STREAM;
	for (unsigned int i = 0; i < all->count; i++) {
		all->flows[i].answered_ms = now_ms();
		all->flows[i].fd = open_socket(&to);
		if (connect(all->flows[i].fd, (struct sockaddr *)&to.addr,
			    to.size) &&
		    errno != EINPROGRESS)
			die("connect");
	}
}

// Has each ask, and hears what there is by the end of the round.
static void go_round(struct flows *all)
{
	const struct timespec pause = {
		.tv_sec = all->interval_ms / 1000,
		.tv_nsec = (long)(all->interval_ms % 1000) * 1000000L,
	};
	uint64_t now;

	all->round++;
	for (unsigned int i = 0; i < all->count; i++)
		if (asks(all, &all->flows[i]))
			speak(all, &all->flows[i]);
	nanosleep(&pause, NULL);
	now = now_ms();
	for (unsigned int i = 0; i < all->count; i++)
		if (all->flows[i].fd >= 0)
			hear(all, &all->flows[i], now);
}

static bool all_answered(const struct flows *all)
{
	for (unsigned int i = 0; i < all->count; i++)
		if (!all->flows[i].name[0])
			return false;
	return true;
}

// Writes a report for 'look', which waits for the file.
static void answer_look(struct flows *all, const char *report)
{
	char path[PATH_MAX], complete[PATH_MAX];
	FILE *file;

	looked = 0;
	snprintf(path, sizeof(path), "%s.new", report);
	snprintf(complete, sizeof(complete), "%s.look", report);
	file = fopen(path, "we");
	if (!file)
		die(path);
	print_flows(all, file);
	if (fclose(file) || rename(path, complete))
		die(complete);
}

static void parse_flow(int argc, char **argv, struct flows *all)
{
	if (argc < 6 || strcmp(argv[4], "--report") != 0)
		die_usage("flow: wrong arguments");
	all->count = parse_number(argv[3], 10000, NULL);
	all->interval_ms = ROUND_MS;
	for (int i = 6; i < argc; i++) {
		if (!strcmp(argv[i], "--idle"))
			all->idle = true;
		else if (!strcmp(argv[i], "--gap"))
			all->print_gap = true;
		else if (!strcmp(argv[i], "--every") && i + 1 < argc)
			all->interval_ms = parse_number(argv[++i], 60000, NULL);
		else
			die_usage(argv[i]);
	}
}

int cmd_flow(int argc, char **argv)
{
	struct flows all = { 0 };

	parse_flow(argc, argv, &all);
	all.flows = calloc(all.count + 1, sizeof(*all.flows));
	if (!all.flows)
		die("memory");
	allow_descriptors(all.count);
	open_flows(argv, &all);
	catch_signals();
	while (all.round < BEGINNING && !all_answered(&all))
		go_round(&all);
	into_background(argv[5]);
	// Who answers now is known when all were asked long enough, and what was
	// on its way before has arrived.
	for (unsigned int left = 2 * PATIENCE; left > 0;) {
		if (stopped) {
			all.ends = true;
			all.interval_ms = ROUND_MS;
			left--;
		}
		go_round(&all);
		if (looked)
			answer_look(&all, argv[5]);
	}
	begin_report(argv[5]);
	print_flows(&all, stdout);
	free(all.flows);
	return fflush(stdout) ? STATUS_FAILED : 0;
}
