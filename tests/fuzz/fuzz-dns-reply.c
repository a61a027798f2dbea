/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Any bytes as a name server's reply, and behind a question that is the one
 * asked, for they would seldom come to that by themselves.
 */
#include <arpa/nameser.h>

#include <stdlib.h>
#include <string.h>

#include "check/probe/dns.h"

#define ID	  0x1234
#define REPLY_MAX 8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
	if (!truth)
		abort();
}

static void try_reply(const struct check_way *way, const uint8_t *bytes,
		      size_t length)
{
	struct dns_judgement judgement;
	/* Not a byte longer, for what is read behind it to be seen. */
	uint8_t *reply = malloc(length ? length : 1);

	must(reply != NULL);
	memcpy(reply, bytes, length);
	memset(&judgement, 0xff, sizeof(judgement));
	if (dns_judge(way, ID, reply, length, &judgement)) {
		must(judgement.verdict == PROBE_UP ||
		     judgement.verdict == PROBE_DOWN ||
		     judgement.verdict == PROBE_UNKNOWN);
		must(memchr(judgement.message, '\0',
			    sizeof(judgement.message)) != NULL);
	}
	free(reply);
}

/* The bytes as counts and records of a reply that succeeds. */
static void try_answers(const struct check_way *way, const uint8_t *bytes,
			size_t length)
{
	uint8_t reply[REPLY_MAX];
	int start = dns_query(way, ID, reply);

	must(start > 0);
	if (length < 4 || length > REPLY_MAX - DNS_QUERY_SIZE)
		return;
	reply[2] = 0x80 | (bytes[0] & 2);
	reply[7] = bytes[1];
	reply[9] = bytes[2];
	reply[11] = bytes[3];
	memcpy(reply + start, bytes + 4, length - 4);
	try_reply(way, reply, (size_t)start + length - 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint16_t types[] = { ns_t_a,   ns_t_aaaa, ns_t_cname,
					  ns_t_mx,  ns_t_ns,   ns_t_ptr,
					  ns_t_soa, ns_t_srv,  ns_t_txt,
					  99,	    ns_t_any };
	char address[] = "192.0.2.1", name[] = "10 mx.example.org.";
	char *answers[] = { address, name, NULL };
	char asked[] = "Www.example.org";
	struct check_way way = { .kind = CHECK_DNS, .dns_name = asked };

	if (size < 1)
		return 0;
	way.dns_type = types[(data[0] >> 1) % ARRAY_SIZE(types)];
	way.answers = data[0] & 1 ? answers : NULL;
	try_reply(&way, data + 1, size - 1);
	try_answers(&way, data + 1, size - 1);
	return 0;
}
