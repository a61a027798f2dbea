// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: The lbctl authors
//
// Clients that go on sending, whoever answers.

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "traffic.h"

#define ROUND_NS 200000000L
// Rounds without an answer after which a flow is silent.
#define PATIENCE 10
// Rounds in which all are answered for the first time, or some never.
#define BEGINNING 50

struct flow {
	int fd;
	char name[NAME_SIZE];	/* of who answered last */
	unsigned long answered; /* in this round */
	bool moved;		/* another has answered before */
};

static void hear(struct flow *flow, unsigned long round)
{
	char name[NAME_SIZE];
	ssize_t n;

	while ((n = recv(flow->fd, name, sizeof(name) - 1, 0)) > 0) {
		name[n] = '\0';
		flow->moved |= flow->name[0] && strcmp(flow->name, name) != 0;
		memcpy(flow->name, name, sizeof(name));
		flow->answered = round;
	}
}

// Errors are what a dead server sends, or what is sent of it.
static void speak(struct flow *flow)
{
	for (int i = 0; i < 2 && send(flow->fd, "?", 1, 0) != 1; i++)
		;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct flow *)a)->name,
		      ((const struct flow *)b)->name);
}

static void print_flows(struct flow *flows, unsigned int count,
			unsigned long round)
{
	unsigned int silent = 0, moved = 0, same = 0;

	for (unsigned int i = 0; i < count; i++) {
		moved += flows[i].moved;
		if (!flows[i].name[0] || flows[i].answered + PATIENCE < round) {
			flows[i].name[0] = '\0';
			silent++;
		}
	}
	qsort(flows, count, sizeof(*flows), compare);
	for (unsigned int i = silent; i < count; i++) {
		same++;
		if (i + 1 < count && compare(&flows[i], &flows[i + 1]) == 0)
			continue;
		printf("%s %u\n", flows[i].name, same);
		same = 0;
	}
	printf("silent %u\nmoved %u\n", silent, moved);
}

static void open_flows(char **argv, struct flow *flows, unsigned int count)
{
	struct endpoint to;

	parse_endpoint(argv, &to);
	set_port(&to, parse_number(argv[2], 65535, NULL));
	for (unsigned int i = 0; i < count; i++) {
		flows[i].fd = open_socket(&to);
		if (connect(flows[i].fd, (struct sockaddr *)&to.addr, to.size))
			die("connect");
	}
}

// Has each ask, and hears what there is by the end of the round.
static void go_round(struct flow *flows, unsigned int count, unsigned long round)
{
	const struct timespec pause = { .tv_nsec = ROUND_NS };

	for (unsigned int i = 0; i < count; i++)
		speak(&flows[i]);
	nanosleep(&pause, NULL);
	for (unsigned int i = 0; i < count; i++)
		hear(&flows[i], round);
}

static bool all_answered(const struct flow *flows, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (!flows[i].name[0])
			return false;
	return true;
}

int cmd_flow(int argc, char **argv)
{
	unsigned int count;
	unsigned long round = 1;
	struct flow *flows;

	if (argc != 6 || strcmp(argv[4], "--report") != 0 ||
	    strcmp(argv[0], "udp") != 0)
		die_usage("flow: wrong arguments");
	count = parse_number(argv[3], 10000, NULL);
	flows = calloc(count + 1, sizeof(*flows));
	if (!flows)
		die("memory");
	allow_descriptors(count);
	open_flows(argv, flows, count);
	catch_signals();
	for (; round < BEGINNING && !all_answered(flows, count); round++)
		go_round(flows, count, round);
	into_background(argv[5]);
	// Who answers now is known when all were asked long enough, and what was
	// on its way before has arrived.
	for (unsigned int left = 2 * PATIENCE; left > 0; round++) {
		left -= stopped ? 1 : 0;
		go_round(flows, count, round);
	}
	begin_report(argv[5]);
	print_flows(flows, count, round - 1);
	free(flows);
	return fflush(stdout) ? STATUS_FAILED : 0;
}
