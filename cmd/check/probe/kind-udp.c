/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * udp: the server is up if it answers, and down if it refuses. Without an
 * expected answer, silence says nothing: many servers have none.
 */
#include <string.h>

#include "check/probe/datagram.h"
#include "check/probe/probe.h"

static int udp_start(struct probe *probe)
{
	const struct check_bytes *request =
		check_step(&probe->check->way, false);

	/* Set when an unexpected answer arrives. */
	probe->message[0] = '\0';
	return datagram_start(probe, request ? request->bytes : NULL,
			      request ? request->length : 0);
}

static void udp_ready(struct probe *probe, uint32_t events)
{
	const struct check_bytes *expected =
		check_step(&probe->check->way, true);
	uint8_t answer[DATAGRAM_MAX];
	size_t length;

	(void)events;
	if (!datagram_receive(probe, answer, &length))
		return;
	if (!expected ||
	    memmem(answer, length, expected->bytes, expected->length))
		probe_end(probe, PROBE_UP, "answered");
	else
		/* A stray datagram is no verdict: the right one may follow. */
		(void)snprintf(probe->message, sizeof(probe->message),
			       "unexpected answer");
}

static void udp_expire(struct probe *probe)
{
	if (!check_step(&probe->check->way, true))
		probe_end(probe, PROBE_UNKNOWN,
			  "no answer, and none is expected");
	else if (probe->message[0])
		probe_end(probe, PROBE_DOWN, "unexpected answer");
	else
		probe_end_late(probe);
}

const struct probe_kind probe_udp = {
	.start = udp_start,
	.ready = udp_ready,
	.expire = udp_expire,
	.descriptors = 1,
};
