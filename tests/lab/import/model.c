/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Random rules, put into the kernel by a backend, against a model of ten lines:
 * the marks of packets are the same, and so are the rules that are read back.
 * Each set of rules is made of the one before, as edits are.
 */
#include <ipvsctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import.h"
#include "packets.h"

#define PACKETS	  50
#define RULES_MAX 40

static uint32_t seed;

static uint32_t below(uint32_t bound)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % bound;
}

static const char *one_of(const char *const *texts, size_t count)
{
	return texts[below((uint32_t)count)];
}
#define ONE_OF(texts) one_of(texts, sizeof(texts) / sizeof((texts)[0]))

static void must(int r, const struct ipvsctl_error *err)
{
	if (r >= 0)
		return;
	(void)fprintf(stderr, "%s: %s\n", err->subject, err->message);
	exit(1);
}

/* ---- Random rules --------------------------------------------------------- */

/* How the rules of one shape are made; those of a set have a few shapes. */
struct shape {
	unsigned int family; /* 4, 6, or 0: both */
	const char *proto;
	unsigned int source, destination, sport, dport; /* 0: any, kinds */
	bool exclude;
	const char *hook;
	const char *interface;
};

static void random_shape(struct shape *shape)
{
	static const char *const protocols[] = { "udp", "udp", "tcp", "any" };
	static const char *const interfaces[] = {
		"", "", "", "", "eth0", "eth+"
	};
	static const unsigned int families[] = { 4, 4, 6, 0 };

	*shape = (struct shape){
		.family = families[below(4)],
		.proto = ONE_OF(protocols),
		.exclude = !below(5),
		.hook = below(8) ? "prerouting" : "input",
		.interface = ONE_OF(interfaces),
	};
	if (shape->family) {
		shape->source = below(4);
		shape->destination = below(4);
	}
	if (strcmp(shape->proto, "any") != 0) {
		shape->sport = below(6) ? 0 : 1 + below(2);
		shape->dport = below(4);
	}
}

/* Values are few, so that packets meet rules, and rules each other. */
static void random_network(char *out, size_t size, unsigned int family,
			   unsigned int kind)
{
	unsigned int low = below(4), high = low + below(5);

	if (kind > 2) {
		(void)snprintf(out, size,
			       family == 4 ? "%s10.0.1.%u-10.0.1.%u,10.0.0.%u,"
					     "10.0.2.4/30" :
					     "%sfd00::1:%x-fd00::1:%x,fd00::%x,"
					     "fd00::2:4/126",
			       below(3) ? "" : "!", low, high, below(8));
		return;
	}
	static const unsigned int lengths[] = { 16, 22, 24, 28, 30, 31 };
	unsigned int length = kind == 1 ? 32 : lengths[below(6)];
	unsigned int host =
		(below(3) << 8 | below(8)) >> (32 - length) << (32 - length);

	if (family == 4)
		(void)snprintf(out, size, "10.0.%u.%u/%u", host >> 8,
			       host & 0xff, length);
	else
		(void)snprintf(out, size, "fd00::%x:%x/%u", host >> 8,
			       host & 0xff, length + 96);
}

static void random_ports(char *out, size_t size, unsigned int kind)
{
	unsigned int first = 40000 + below(24);

	if (kind == 1)
		(void)snprintf(out, size, "%u", first);
	else if (kind == 2)
		(void)snprintf(out, size, "%u:%u", first, first + below(6));
	else
		(void)snprintf(out, size, "%s%u,%u:%u,%u", below(3) ? "" : "!",
			       first, first + 2, first + 3 + below(4),
			       40000 + below(24));
}

static void set(struct ipvsctl_mark *rule, const char *name, const char *value)
{
	struct ipvsctl_error err = { 0 };

	must(ipvsctl_mark_set(rule, name, value, &err), &err);
}

/* Gives some rules a condition that no map looks up. */
static void random_condition(const struct shape *shape,
			     struct ipvsctl_mark *rule)
{
	static const char *const pairs[][2] = {
		{ "mac", "02:00:00:00:00:01" },
		{ "mac", "!02:00:00:00:00:02" },
		{ "dscp", "ef" },
		{ "dscp", "!10" },
		{ "dst-type", "local" },
		{ "dst-type", "!local" },
		{ "in-interface", "!eth0" },
		{ "proto", "!tcp" },
	};
	uint32_t which = below(24);

	if (which >= sizeof(pairs) / sizeof(pairs[0]) ||
	    (which == 7 && (shape->sport || shape->dport)))
		return;
	set(rule, pairs[which][0], pairs[which][1]);
}

static void random_rule(const struct shape *shape, struct ipvsctl_mark *rule)
{
	static const char *const comments[] = { "video", "50% \"off\"", "a: b" };
	static const char *const priorities[] = { "90", "200" };
	char value[160];
	struct ipvsctl_error err = { 0 };

	ipvsctl_mark_init(rule, shape->exclude);
	rule->mark = 1 + below(9);
	set(rule, "proto", shape->proto);
	set(rule, "hook", shape->hook);
	if (shape->interface[0])
		set(rule, "in-interface", shape->interface);
	if (shape->source) {
		random_network(value, sizeof(value), shape->family,
			       shape->source);
		set(rule, "src", value);
	}
	if (shape->destination) {
		random_network(value, sizeof(value), shape->family,
			       shape->destination);
		set(rule, "dst", value);
	}
	if (shape->sport) {
		random_ports(value, sizeof(value), shape->sport);
		set(rule, "sport", value);
	}
	if (shape->dport) {
		random_ports(value, sizeof(value), shape->dport);
		set(rule, "dport", value);
	}
	random_condition(shape, rule);
	if (!shape->exclude && !below(12))
		rule->mask = 0xff;
	if (!below(12))
		set(rule, "priority", ONE_OF(priorities));
	if (!below(4))
		set(rule, "comment", ONE_OF(comments));
	if (!shape->exclude && !below(4))
		rule->exempt_own = IPVSCTL_EXEMPT_NONE;
	must(ipvsctl_mark_check(rule, &err), &err);
}

/* Keeps some rules of those before, so that edits are made in place. */
static bool random_rules(struct ipvsctl *ctx, struct ipvsctl_config **config)
{
	struct ipvsctl_config *next = NULL;
	struct ipvsctl_error err = { 0 };
	struct shape shapes[3];
	uint32_t count = below(RULES_MAX);

	must(ipvsctl_config_new(&next, &err), &err);
	ipvsctl_for_each_mark(*config, rule)
		if (below(3))
			must(ipvsctl_config_add_mark(next, rule, &err), &err);
	for (size_t i = 0; i < 3; i++)
		random_shape(&shapes[i]);
	for (uint32_t i = 0; i < count; i++) {
		struct ipvsctl_mark rule;

		random_rule(&shapes[below(3)], &rule);
		if (!ipvsctl_config_find_mark(next, &rule))
			must(ipvsctl_config_add_mark(next, &rule, &err), &err);
		ipvsctl_mark_clear(&rule);
	}
	/* Rules that hide others in other words are refused; then there is one
	   set less. */
	if (ipvsctl_settle(ctx, next, &err) < 0) {
		ipvsctl_config_free(next);
		return false;
	}
	ipvsctl_config_free(*config);
	*config = next;
	return true;
}

/* ---- The model ------------------------------------------------------------ */

static bool in_addresses(const struct ipvsctl_addresses *addresses,
			 const uint8_t *address, size_t width)
{
	bool found = false;

	for (size_t i = 0; i < addresses->count; i++)
		found = found || (memcmp(addresses->ranges[i].first.bytes,
					 address, width) <= 0 &&
				  memcmp(addresses->ranges[i].last.bytes,
					 address, width) >= 0);
	return !addresses->count || found != addresses->negated;
}

static bool in_ports(const struct ipvsctl_ports *ports, uint16_t port)
{
	bool found = false;

	for (size_t i = 0; i < ports->count; i++)
		found = found || (ports->ranges[i].first <= port &&
				  port <= ports->ranges[i].last);
	return !ports->count || found != ports->negated;
}

/* Every destination is this host's; every packet begins a connection. */
static bool matches(const struct ipvsctl_mark *rule, const struct packet *packet)
{
	size_t width = packet->family == AF_INET ? 4 : 16;
	const uint8_t mac[] = { 2, 0, 0, 0, 0, packet->mac };
	bool equal[] = {
		!rule->protocol || rule->protocol == packet->protocol,
		strcmp(rule->in_interface, "eth0") != 0 || !packet->device,
		!rule->has_mac || memcmp(rule->mac, mac, sizeof(mac)) == 0,
		!rule->has_dscp || rule->dscp == packet->tos >> 2,
		true,
	};
	static const unsigned int bits[] = { IPVSCTL_NOT_PROTOCOL,
					     IPVSCTL_NOT_IN_INTERFACE,
					     IPVSCTL_NOT_MAC, IPVSCTL_NOT_DSCP,
					     IPVSCTL_NOT_DESTINATION_TYPE };

	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (equal[i] == !!(rule->negated & bits[i]))
			return false;
	return (!rule->family || rule->family == packet->family) &&
	       in_addresses(&rule->source, packet->source, width) &&
	       in_addresses(&rule->destination, packet->destination, width) &&
	       in_ports(&rule->source_ports, packet->source_port) &&
	       in_ports(&rule->destination_ports, packet->destination_port);
}

static uint32_t model(const struct ipvsctl_config *config,
		      const struct packet *packet)
{
	uint32_t mark = 0;

	for (unsigned int hook = 0; hook < 2; hook++)
		ipvsctl_for_each_mark(config, rule) {
			if (rule->hook != hook || !matches(rule, packet))
				continue;
			if (!rule->exclude)
				mark = (mark & ~rule->mask) | rule->mark;
			break;
		}
	return mark;
}

/* ---- Comparing ------------------------------------------------------------- */

static void random_packet(struct packet *packet)
{
	bool ipv6 = !below(3);

	*packet = (struct packet){
		.family = ipv6 ? AF_INET6 : AF_INET,
		.protocol = below(2) ? IPPROTO_UDP : IPPROTO_TCP,
		.ttl = 64,
		.tos = (uint8_t)(below(3) ? 0 :
				 below(2) ? 46 << 2 :
					    10 << 2),
		.mac = (uint8_t)below(4),
		.device = (uint8_t)below(2),
		.source_port = (uint16_t)(40000 + below(30)),
		.destination_port = (uint16_t)(40000 + below(30)),
		.length = 8,
	};
	packet->source[0] = packet->destination[0] = ipv6 ? 0xfd : 10;
	packet->source[ipv6 ? 13 : 2] = (uint8_t)below(3);
	packet->destination[ipv6 ? 13 : 2] = (uint8_t)below(3);
	packet->source[ipv6 ? 15 : 3] = (uint8_t)below(8);
	packet->destination[ipv6 ? 15 : 3] = (uint8_t)below(8);
}

static char *text_of(const struct ipvsctl_config *config)
{
	struct ipvsctl_error err = { 0 };
	char *text = NULL;

	must(ipvsctl_ruleset_format(config, IPVSCTL_MARKS,
				    IPVSCTL_FORMAT_RULESET, &text, &err),
	     &err);
	return text;
}

static void apply(struct ipvsctl *ctx, const struct ipvsctl_config *wanted)
{
	struct ipvsctl_config *now = NULL, *after = NULL;
	struct ipvsctl_plan *plan = NULL;
	struct ipvsctl_outcome outcome = { 0 };
	struct ipvsctl_error err = { 0 };
	char *expected, *actual;

	must(ipvsctl_load(ctx, IPVSCTL_MARKS, NULL, &now, &err), &err);
	must(ipvsctl_plan_compare(now, wanted, &plan, &err), &err);
	must(ipvsctl_apply(ctx, plan, &outcome, &err), &err);
	must(ipvsctl_load(ctx, IPVSCTL_MARKS, NULL, &after, &err), &err);
	expected = text_of(wanted);
	actual = text_of(after);
	if (strcmp(expected, actual) != 0) {
		(void)printf("# wanted:\n%s# read:\n%s", expected, actual);
		give_up("other rules were read");
	}
	free(expected);
	free(actual);
	ipvsctl_plan_free(plan);
	ipvsctl_config_free(now);
	ipvsctl_config_free(after);
}

static unsigned int compare(const char *backend,
			    const struct ipvsctl_config *config,
			    unsigned int *marked)
{
	unsigned int wrong = 0;

	for (unsigned int i = 0; i < PACKETS; i++) {
		struct packet packet;
		uint64_t got;
		uint32_t expected;

		random_packet(&packet);
		expected = model(config, &packet);
		got = packets_send(&packet);
		*marked += expected != 0;
		if (got == expected)
			continue;
		wrong++;
		(void)printf(
			"# %s: mark %u, not %llu: %s %s 10.0.%u.%u:%u to "
			"10.0.%u.%u:%u\n",
			backend, expected, (unsigned long long)got,
			packet.family == AF_INET ? "ipv4" : "ipv6",
			packet.protocol == IPPROTO_UDP ? "udp" : "tcp",
			packet.source[packet.family == AF_INET ? 2 : 13],
			packet.source[packet.family == AF_INET ? 3 : 15],
			packet.source_port,
			packet.destination[packet.family == AF_INET ? 2 : 13],
			packet.destination[packet.family == AF_INET ? 3 : 15],
			packet.destination_port);
	}
	if (wrong) {
		char *text = text_of(config);

		(void)printf("# %s", text);
		free(text);
	}
	return wrong;
}

int import_model(const char *backend, unsigned int start, unsigned int count)
{
	struct ipvsctl_config *config = NULL;
	struct ipvsctl_error err = { 0 };
	struct ipvsctl *ctx = NULL;
	unsigned int wrong = 0, sets = 0, marked = 0;

	seed = start;
	must(ipvsctl_open(&ctx, NULL, &err), &err);
	must(ipvsctl_use_mark_backend(ctx, backend, &err), &err);
	must(ipvsctl_config_new(&config, &err), &err);
	while (sets < count && wrong < 5) {
		if (!random_rules(ctx, &config))
			continue;
		sets++;
		apply(ctx, config);
		wrong += compare(backend, config, &marked);
	}
	ipvsctl_config_free(config);
	ipvsctl_close(ctx);
	(void)printf("%sok 1 - %u random sets of rules, %u packets each, %u "
		     "marked, seed %u, by %s\n1..1\n",
		     wrong ? "not " : "", sets, PACKETS, marked, start,
		     backend);
	return wrong != 0;
}
