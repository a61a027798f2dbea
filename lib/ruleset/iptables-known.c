/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The table of all targets and matches. A match without a row is assumed to
 * read, set and remember everything; a target without a row, to set the mark
 * and drop the packet.
 */
#include "ruleset/iptables-known.h"

#include <string.h>

#include "scope.h"

#define TARGET(name, sets, ending)                               \
	{                                                        \
		KNOWN_TARGET, name, NULL, 0, sets, ending, false \
	}
#define TARGET_OPTION(name, option, sets)                               \
	{                                                               \
		KNOWN_TARGET, name, option, 0, sets, ENDING_NONE, false \
	}
/* The result depends only on the packet and on what the match reads. */
#define MATCH(name, reads)                                            \
	{                                                             \
		KNOWN_MATCH, name, NULL, reads, 0, ENDING_NONE, false \
	}
/* The match counts, remembers or is random. */
#define STATE(name, things)                                                \
	{                                                                  \
		KNOWN_MATCH, name, NULL, things, things, ENDING_NONE, true \
	}
#define MATCH_OPTION(name, option, reads, sets, state)                     \
	{                                                                  \
		KNOWN_MATCH, name, option, reads, sets, ENDING_NONE, state \
	}

static const struct known table[] = {
	/* No target: the packet goes on. */
	TARGET("", 0, ENDING_NONE),
	TARGET("ACCEPT", 0, ENDING_ACCEPT),
	TARGET("RETURN", 0, ENDING_RETURN),
	TARGET("DROP", 0, ENDING_DROP),
	TARGET("REJECT", 0, ENDING_DROP),
	TARGET("MARK", THING_MARK, ENDING_NONE),
	TARGET("HMARK", THING_MARK, ENDING_NONE),
	TARGET("TPROXY", THING_MARK, ENDING_ACCEPT),
	/* The program that reads the queue may drop the packet and set its
	   mark. */
	TARGET("NFQUEUE", THING_MARK, ENDING_DROP),
	TARGET("QUEUE", THING_MARK, ENDING_DROP),
	TARGET("CONNMARK", THING_CONNMARK, ENDING_NONE),
	TARGET_OPTION("CONNMARK", "--restore-mark", THING_MARK),
	TARGET("SET", THING_SET, ENDING_NONE),
	TARGET_OPTION("SET", "--map-set", THING_MARK),
	TARGET("CT", THING_TRACKING, ENDING_NONE),
	TARGET("NOTRACK", THING_TRACKING, ENDING_NONE),
	TARGET("RATEEST", THING_RATE, ENDING_NONE),
	TARGET("TOS", THING_TOS, ENDING_NONE),
	TARGET("DSCP", THING_TOS, ENDING_NONE),
	TARGET("ECN", THING_TOS | THING_TCP, ENDING_NONE),
	TARGET("TTL", THING_TTL, ENDING_NONE),
	TARGET("HL", THING_TTL, ENDING_NONE),
	TARGET("TCPMSS", THING_TCP, ENDING_NONE),
	TARGET("TCPOPTSTRIP", THING_TCP, ENDING_NONE),
	TARGET("CHECKSUM", THING_TCP, ENDING_NONE),
	TARGET("DNAT", THING_ADDRESS, ENDING_ACCEPT),
	TARGET("MASQUERADE", THING_ADDRESS, ENDING_ACCEPT),
	TARGET("REDIRECT", THING_ADDRESS, ENDING_ACCEPT),
	TARGET("SNAT", THING_ADDRESS, ENDING_ACCEPT),
	/* These report the packet, or set what no match reads. */
	TARGET("AUDIT", 0, ENDING_NONE),
	TARGET("CLASSIFY", 0, ENDING_NONE),
	TARGET("CONNSECMARK", 0, ENDING_NONE),
	TARGET("IDLETIMER", 0, ENDING_NONE),
	TARGET("LED", 0, ENDING_NONE),
	TARGET("LOG", 0, ENDING_NONE),
	TARGET("NFLOG", 0, ENDING_NONE),
	TARGET("SECMARK", 0, ENDING_NONE),
	TARGET("TEE", 0, ENDING_NONE),
	TARGET("TRACE", 0, ENDING_NONE),
	TARGET("ULOG", 0, ENDING_NONE),

	MATCH("addrtype", 0),
	MATCH("ah", 0),
	MATCH("bpf", THINGS_HEADER | THING_MARK),
	MATCH("cgroup", 0),
	MATCH("cluster", 0),
	MATCH("comment", 0),
	MATCH("connbytes", 0),
	MATCH("connlabel", THING_LABEL),
	MATCH_OPTION("connlabel", "--set", 0, THING_LABEL, true),
	MATCH("connmark", THING_CONNMARK),
	MATCH("conntrack", THING_TRACKING),
	MATCH("cpu", 0),
	MATCH("dccp", 0),
	MATCH("devgroup", 0),
	MATCH("dscp", THING_TOS),
	MATCH("dst", 0),
	MATCH("ecn", THING_TOS | THING_TCP),
	MATCH("esp", 0),
	MATCH("eui64", 0),
	MATCH("frag", 0),
	MATCH("hbh", 0),
	MATCH("helper", THING_TRACKING),
	MATCH("hl", THING_TTL),
	MATCH("icmp", 0),
	MATCH("icmp6", 0),
	MATCH("icmpv6", 0),
	MATCH("ipcomp", 0),
	MATCH("iprange", 0),
	MATCH("ipv6-icmp", 0),
	MATCH("ipv6header", 0),
	MATCH("ipvs", 0),
	MATCH("l2tp", 0),
	MATCH("length", 0),
	MATCH("mac", 0),
	MATCH("mark", THING_MARK),
	MATCH("mh", 0),
	MATCH("multiport", 0),
	MATCH("osf", 0),
	MATCH("owner", 0),
	MATCH("physdev", 0),
	MATCH("pkttype", 0),
	MATCH("policy", 0),
	MATCH("rateest", THING_RATE),
	MATCH("realm", 0),
	MATCH("rpfilter", 0),
	MATCH_OPTION("rpfilter", "--validmark", THING_MARK, 0, false),
	MATCH("rt", 0),
	MATCH("sctp", 0),
	MATCH("set", THING_SET),
	MATCH_OPTION("set", "--packets-eq", 0, THING_SET, true),
	MATCH_OPTION("set", "--packets-lt", 0, THING_SET, true),
	MATCH_OPTION("set", "--packets-gt", 0, THING_SET, true),
	MATCH_OPTION("set", "--bytes-eq", 0, THING_SET, true),
	MATCH_OPTION("set", "--bytes-lt", 0, THING_SET, true),
	MATCH_OPTION("set", "--bytes-gt", 0, THING_SET, true),
	MATCH("socket", 0),
	MATCH_OPTION("socket", "--restore-skmark", 0, THING_MARK, true),
	MATCH("srh", 0),
	MATCH("state", THING_TRACKING),
	MATCH("string", THINGS_HEADER),
	MATCH("tcp", THING_TCP),
	MATCH("tcpmss", THING_TCP),
	MATCH("time", 0),
	MATCH("tos", THING_TOS),
	MATCH("ttl", THING_TTL),
	MATCH("u32", THINGS_HEADER),
	MATCH("udp", 0),
	MATCH("udplite", 0),
	STATE("connlimit", 0),
	STATE("hashlimit", THING_BUCKET),
	STATE("limit", 0),
	STATE("nfacct", 0),
	STATE("quota", 0),
	STATE("recent", THING_RECENT),
	STATE("statistic", 0),
};

const struct known *known_find(enum known_kind kind, const char *name,
			       const char *option)
{
	static const struct known unknown[] = {
		[KNOWN_TARGET] = { KNOWN_TARGET, NULL, NULL, THINGS_ALL,
				   THINGS_ALL, ENDING_DROP, true },
		[KNOWN_MATCH] = { KNOWN_MATCH, NULL, NULL, THINGS_ALL,
				  THINGS_ALL, ENDING_NONE, true },
	};

	/* iptables takes "--restore" for "--restore-mark". */
	size_t length = option ? strcspn(option, "=") : 0;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const struct known *known = &table[i];

		if (known->kind == kind && !known->option == !option &&
		    strcmp(known->name, name) == 0 &&
		    (!option || (length > 2 &&
				 strncmp(known->option, option, length) == 0)))
			return known;
	}
	return option ? NULL : &unknown[kind];
}
