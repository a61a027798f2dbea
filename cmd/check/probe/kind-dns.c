/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* dns: the server is up if it answers a question with the wanted records. */
#include <sys/random.h>

#include <errno.h>

#include "check/probe/datagram.h"
#include "check/probe/dns.h"
#include "check/probe/probe.h"

struct dns {
	uint16_t id;
};

static int dns_start(struct probe *probe)
{
	struct dns *dns = calloc(1, sizeof(*dns));
	uint8_t query[DNS_QUERY_SIZE];
	int length;

	probe->state = dns;
	if (!dns)
		return -ENOMEM;
	/* The id must not be predictable. */
	if (getrandom(&dns->id, sizeof(dns->id), 0) < 0)
		return -errno;
	length = dns_query(&probe->check->way, dns->id, query);
	if (length < 0) {
		probe_end(probe, PROBE_UNKNOWN, "not a DNS name");
		return 0;
	}
	return datagram_start(probe, query, (size_t)length);
}

static void dns_ready(struct probe *probe, uint32_t events)
{
	const struct dns *dns = probe->state;
	struct dns_judgement judgement;
	uint8_t reply[DATAGRAM_MAX];
	size_t length;

	(void)events;
	if (datagram_receive(probe, reply, &length) &&
	    dns_judge(&probe->check->way, dns->id, reply, length, &judgement))
		probe_end(probe, judgement.verdict, "%s", judgement.message);
}

const struct probe_kind probe_dns = {
	.start = dns_start,
	.ready = dns_ready,
	.stop = probe_free_state,
	.descriptors = 1,
};
