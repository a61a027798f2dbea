/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Mark rules as the kernel's rules, and back. */
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include "given.h"
#include "unit.h"

#include "iptables/exemption.h"
#include "model/object.h"

static const struct layout *const layouts[] = { &layout_ipv4, &layout_ipv6 };

static const struct ipvsctl_port_range own_ports = { 32768, 60999 };

/* ---- One rule ---------------------------------------------------------- */

static const char *const spoken[] = {
	"1",
	"0xffffffff --mask 0xffffffff",
	"0x10 --mask 0xf0",
	"exclude",
	"1 --proto udp --dport 50000:60000",
	"1 --proto tcp --sport 53",
	"1 --proto tcp --sport 1:2 --dport 80",
	"1 --proto tcp --dport 80,443,8000:8100",
	"1 --proto udp --sport 1,2 --dport 3,4",
	"1 --proto tcp --sport 5 --dport 3,4",
	"1 --proto tcp --dport 0:65534",
	"1 --proto sctp --dport 9899",
	"1 --proto sctp --sport 7 --dport 9899:9999",
	"1 --proto sctp --dport 1,2,3",
	"1 --proto tcp --dport 1:2,3:4,5:6,7:8,9:10,11:12,13:14,15",
	"1 --proto icmp",
	"1 --in-interface eth0",
	"1 --in-interface eth+",
	"1 --in-interface abcdefghijklmno",
	"1 --comment 'web, \"main\"'",
	"1 --proto udp --dport 40000 --no-exempt-own",
	"1 --proto '!tcp'",
	"1 --proto '!icmp'",
	"1 --proto tcp --dport '!80' --sport '!1:2'",
	"1 --proto tcp --dport '!80,443' --sport 5",
	"1 --proto tcp --dport '!80' --sport 1,2",
	"1 --proto udp --sport '!40000:50000'",
	"1 --proto sctp --sport '!7' --dport '!9899:9999'",
	"1 --proto udplite --dport '!7'",
	"1 --in-interface '!eth0'",
	"1 --in-interface '!eth+'",
	"1 --src-type local",
	"1 --src-type local --dst-type '!local'",
	"1 --dst-type local",
	"1 --mac 00:11:22:aa:bb:cc",
	"1 --mac '!00:11:22:aa:bb:cc'",
	"1 --dscp 0",
	"1 --dscp '!ef'",
	"1 --state new",
	"1 --state '!new' --exempt-own conntrack",
	"exclude --proto udp --dport 51820 --exempt-own socket",
	"1 --proto udp --dport 40000 --exempt-own conntrack",
	"1 --proto sctp --dport 40000 --exempt-own conntrack",
	"1 --proto sctp --dport 40000",
};

static const char *const spoken_ipv4[] = {
	"1 --src 10.0.0.0/8 --dst 192.0.2.1",
	"1 --src 10.1.2.2/31",
	"1 --src '!10.0.0.0/8' --dst '!192.0.2.1'",
	"1 --src 10.0.0.1-10.0.0.9 --dst 10.0.0.3-10.0.0.4",
	"1 --src '!10.0.0.1-10.0.0.9'",
	"1 --src '!10.0.0.1,10.0.0.3,192.0.2.0/24' --dst 10.0.0.1",
	"exclude --proto udp --dst 172.31.36.102 --dport 51820",
};

static const char *const spoken_ipv6[] = {
	"1 --src 2001:db8::/33 --dst 2001:db8::1",
	"1 --proto tcp --dst 2001:db8::1 --dport 80",
	"1 --proto icmpv6",
	"1 --src '!2001:db8::/33' --dst 2001:db8::1-2001:db8::9",
	"1 --src '!2001:db8::1,2001:db8::3'",
};

static void encode(const struct layout *layout, const struct ipvsctl_mark *rule,
		   struct bytes *out)
{
	const struct mark_parts parts = {
		.tracked = mark_shown_exemption(rule, &own_ports) ==
			   IPVSCTL_EXEMPT_CONNTRACK,
	};

	encode_mark(layout, rule, &parts, out);
	assert_false(out->failed);
	assert_int_equal(entry_length(layout, out->data), out->size);
	assert_true(entry_valid(layout, out->data, out->size));
}

/* What load makes of a decoded rule, as far as it concerns the entry. */
static void finish(struct decoded *decoded, const struct ipvsctl_mark *wanted)
{
	struct chain_id id = chain_parse(decoded->label);
	struct ipvsctl_mark *rule = &decoded->rule;

	rule->hook = wanted->hook;
	rule->priority = wanted->priority;
	rule->family = wanted->family;
	/* A head is no part of the entry. */
	if (!decoded->exemption)
		decoded->exemption = mark_shown_exemption(wanted, &own_ports);
	rule->exempt_own =
		mark_read_exemption(rule, decoded->exemption, &own_ports);
	if (rule->exclude)
		return;
	assert_int_equal(id.kind, CHAIN_MARK);
	rule->mark = id.mark;
	rule->mask = id.mask;
}

static void check_spoken(const struct layout *layout, const char *text)
{
	AUTO_MARK struct ipvsctl_mark rule = given_mark(text);
	struct decoded decoded;
	struct bytes entry = { 0 };

	encode(layout, &rule, &entry);
	assert_true(decode_mark(layout, entry.data, &decoded));
	finish(&decoded, &rule);
	if (!ipvsctl_mark_same_match(&rule, &decoded.rule) ||
	    strcmp(mark_text(rule.comment), mark_text(decoded.rule.comment)) !=
		    0 ||
	    rule.exclude != decoded.rule.exclude || decoded.extra.size)
		fail_msg("%s came back as something else", text);
	if (!rule.exclude) {
		assert_int_equal(rule.mark, decoded.rule.mark);
		assert_int_equal(rule.mask, decoded.rule.mask);
	}
	bytes_free(&entry);
}

static void test_rules_come_back_from_entries(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(spoken); i++)
		for (size_t f = 0; f < ARRAY_SIZE(layouts); f++)
			check_spoken(layouts[f], spoken[i]);
	for (size_t i = 0; i < ARRAY_SIZE(spoken_ipv4); i++)
		check_spoken(&layout_ipv4, spoken_ipv4[i]);
	for (size_t i = 0; i < ARRAY_SIZE(spoken_ipv6); i++)
		check_spoken(&layout_ipv6, spoken_ipv6[i]);
}

/* The smallest rule byte by byte, as iptables 1.8.9 writes it on x86-64. */
static void test_an_entry_has_the_bytes_of_iptables(void **state)
{
	AUTO_MARK struct ipvsctl_mark rule =
		given_mark("1 --proto udp --dst 192.0.2.1 --dport 1000:2000");
	struct bytes entry = { 0 };
	static const uint8_t udp[] = { 0,    0,	   0xff, 0xff, 0xe8,
				       0x03, 0xd0, 0x07, 0,    0 };

	(void)state;
	encode(&layout_ipv4, &rule, &entry);
	assert_int_equal(entry.size, 112 + 48 + 40);
	assert_memory_equal(entry.data + 4, "\xc0\x00\x02\x01", 4);
	assert_memory_equal(entry.data + 12, "\xff\xff\xff\xff", 4);
	assert_int_equal(entry.data[80], IPPROTO_UDP);
	assert_int_equal(entry.data[82], 2); /* goto */
	assert_int_equal(entry.data[88], 160);
	assert_int_equal(entry.data[90], 200);
	assert_int_equal(entry.data[112], 48);
	assert_string_equal((const char *)entry.data + 114, "udp");
	assert_memory_equal(entry.data + 144, udp, sizeof(udp));
	assert_int_equal(entry.data[160], 40);
	assert_string_equal((const char *)entry.data + 162, "LBCTL-MARK-0x1");
	bytes_free(&entry);
}

static void test_setting_a_mark_comes_back(void **state)
{
	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(layouts); f++) {
		struct bytes entry = { 0 };
		uint32_t mark = 0;
		uint32_t mask = 0;

		encode_set_mark(layouts[f], 0x12, 0xff, &entry);
		assert_true(entry_valid(layouts[f], entry.data, entry.size));
		assert_true(
			decode_set_mark(layouts[f], entry.data, &mark, &mask));
		assert_int_equal(mark, 0x12);
		assert_int_equal(mask, 0xff);
		assert_null(decode_link(layouts[f], entry.data, false));
		bytes_free(&entry);
	}
}

/* As iptables 1.8.9 writes the targets' data. */
static void test_sources_come_back(void **state)
{
	static const struct snat cases[] = {
		{ .mark = 9 },
		{ .mark = UINT32_MAX },
		{ .mark = 9, .address.bytes = { 192, 0, 2, 1, [15] = 7 } },
	};

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		const struct layout *layout = layouts[i % 2];
		struct bytes entry = { 0 };
		struct snat snat = cases[i / 2], again = { .mark = 0 };
		uint8_t *target;

		snat.family = layout->family;
		if (snat.address.bytes[0])
			snat.address.family = layout->family;
		if (layout->family == AF_INET)
			memset(snat.address.bytes + 4, 0, 12);
		encode_snat(layout, &snat, &entry);
		assert_true(entry_valid(layout, entry.data, entry.size));
		assert_true(decode_snat(layout, entry.data, &again));
		assert_memory_equal(&again, &snat, sizeof(snat));
		/* A port, or anything else, is none of ours. */
		target = entry.data + entry_target(layout, entry.data);
		target[entry.size - entry_target(layout, entry.data) - 6] ^= 1;
		assert_false(decode_snat(layout, entry.data, &again));
		target[entry.size - entry_target(layout, entry.data) - 6] ^= 1;
		entry.data[layout->match_size - 1] ^= 1;
		assert_false(decode_snat(layout, entry.data, &again));
		bytes_free(&entry);
		encode_link(layout, "LBCTL-POSTROUTING", true, &entry);
		assert_false(decode_snat(layout, entry.data, &again));
		bytes_free(&entry);
	}
}

static void test_links_come_back(void **state)
{
	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(layouts); f++) {
		struct bytes entry = { 0 };

		encode_link(layouts[f], "LBCTL-INPUT", true, &entry);
		assert_string_equal(decode_link(layouts[f], entry.data, true),
				    "LBCTL-INPUT");
		assert_null(decode_link(layouts[f], entry.data, false));
		bytes_free(&entry);
		encode_link(layouts[f], "LBCTL-INPUT-7", false, &entry);
		assert_string_equal(decode_link(layouts[f], entry.data, false),
				    "LBCTL-INPUT-7");
		bytes_free(&entry);
	}
}

/* Conditions that a mark rule has no words for must not get lost. */
static void test_what_cannot_be_said_is_not_read(void **state)
{
	AUTO_MARK struct ipvsctl_mark rule = given_mark("1 --src 10.0.0.0/8");
	static const struct {
		size_t offset;
		uint8_t value;
	} changes[] = {
		{ 83, 0x20 }, /* not the fragments after the first */
		{ 83, 0x40 }, /* not a protocol that is none */
		{ 83, 0x10 }, /* not a destination that is none */
		{ 83, 0x01 }, /* not an interface that is none */
		{ 3, 0x01 },  /* bits after the mask */
		{ 82, 0x03 }, /* fragments */
		{ 64, 0xff }, /* an outgoing interface */
		{ 11, 0x01 }, /* a mask with a hole */
		{ 48, 0xff }, /* a mask for an interface without a name */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		struct bytes entry = { 0 };
		struct decoded decoded;

		encode(&layout_ipv4, &rule, &entry);
		entry.data[changes[i].offset] = changes[i].value;
		if (decode_mark(&layout_ipv4, entry.data, &decoded))
			fail_msg("change %zu was read over", i);
		bytes_free(&entry);
	}
}

static void test_unknown_matches_are_kept_apart(void **state)
{
	AUTO_MARK struct ipvsctl_mark rule =
		given_mark("1 --proto udp --dport 5");
	struct bytes extra = { 0 };
	struct bytes entry = { 0 };
	struct decoded decoded;
	struct part match;
	size_t at = layout_ipv6.size;
	uint8_t *blob = bytes_extend(&extra, 48);

	(void)state;
	assert_non_null(blob);
	blob[0] = 48;
	memcpy(blob + 2, "length", 6);
	encode_mark(&layout_ipv6, &rule,
		    &(struct mark_parts){ .extra = &extra }, &entry);
	assert_true(entry_valid(&layout_ipv6, entry.data, entry.size));
	assert_true(decode_mark(&layout_ipv6, entry.data, &decoded));
	assert_int_equal(decoded.rule.destination_ports.count, 1);
	assert_true(entry_valid(&layout_ipv6, decoded.extra.data,
				decoded.extra.size));
	assert_true(entry_next_match(&layout_ipv6, decoded.extra.data, &at,
				     &match));
	assert_string_equal(match.name, "length");
	assert_false(entry_next_match(&layout_ipv6, decoded.extra.data, &at,
				      &match));
	bytes_free(&decoded.extra);
	bytes_free(&extra);
	bytes_free(&entry);
}

/* What else has a comment keeps it, or the two would change places for ever. */
static void test_the_last_comment_is_the_rules(void **state)
{
	AUTO_MARK struct ipvsctl_mark rule = given_mark("1 --comment ours");
	AUTO_MARK struct ipvsctl_mark other = given_mark("1 --comment other");
	struct bytes extra = { 0 };
	struct bytes entry = { 0 };
	struct decoded decoded;
	struct part match;
	size_t at = layout_ipv4.size;

	(void)state;
	encode_mark(&layout_ipv4, &other, &(struct mark_parts){ 0 }, &entry);
	bytes_add(&extra, entry.data + layout_ipv4.size,
		  entry_target(&layout_ipv4, entry.data) - layout_ipv4.size);
	bytes_free(&entry);
	encode_mark(&layout_ipv4, &rule,
		    &(struct mark_parts){ .extra = &extra }, &entry);
	assert_true(decode_mark(&layout_ipv4, entry.data, &decoded));
	assert_string_equal(decoded.rule.comment, "ours");
	assert_true(entry_next_match(&layout_ipv4, decoded.extra.data, &at,
				     &match));
	assert_string_equal((const char *)match.data, "other");
	assert_false(entry_next_match(&layout_ipv4, decoded.extra.data, &at,
				      &match));
	bytes_free(&decoded.extra);
	bytes_free(&extra);
	bytes_free(&entry);
}

/* A list of all ports, which we do not write, is read as we write it. */
static void test_every_port_is_any_port(void **state)
{
	AUTO_MARK struct ipvsctl_mark rule =
		given_mark("1 --proto udplite --dport 1:2");
	struct bytes entry = { 0 };
	struct decoded decoded;

	(void)state;
	rule.destination_ports.ranges[0] =
		(struct ipvsctl_port_range){ 0, UINT16_MAX };
	encode(&layout_ipv4, &rule, &entry);
	assert_true(decode_mark(&layout_ipv4, entry.data, &decoded));
	assert_int_equal(decoded.rule.destination_ports.count, 0);
	assert_int_equal(decoded.extra.size, 0);
	bytes_free(&entry);
}

/* A list of others has any order. One that no packet fulfils stays words. */
static void test_lists_of_ports_are_settled(void **state)
{
	const struct ipvsctl_ports parts = {
		.count = 2, .ranges = { { 40001, 65535 }, { 0, 40000 } }
	};
	AUTO_MARK struct ipvsctl_mark rule = given_mark("1 --proto udp");
	struct bytes list = { 0 }, all = { 0 }, none = { 0 };
	struct decoded decoded;
	char text[128];

	(void)state;
	rule.destination_ports = parts;
	encode(&layout_ipv4, &rule, &all);
	assert_true(decode_mark(&layout_ipv4, all.data, &decoded));
	assert_int_equal(decoded.rule.destination_ports.count, 0);
	rule.destination_ports.negated = true;
	encode(&layout_ipv4, &rule, &none);
	assert_true(decode_mark(&layout_ipv4, none.data, &decoded));
	assert_int_equal(decoded.rule.destination_ports.count, 0);
	assert_true(decoded.extra.size > 0);
	bytes_free(&decoded.extra);
	rule.destination_ports.ranges[1].first = 5;
	encode(&layout_ipv4, &rule, &list);
	assert_true(decode_mark(&layout_ipv4, list.data, &decoded));
	assert_string_equal(ipvsctl_ports_format(&decoded.rule.destination_ports,
						 text),
			    "!5:40000,40001:65535");
	bytes_free(&list);
	bytes_free(&all);
	bytes_free(&none);
}

/* As read from the kernel, into memory that somebody used before. */
static void test_what_does_not_count_is_cleared(void **state)
{
	AUTO_MARK struct ipvsctl_mark rule =
		given_mark("exclude --proto udp --dport 5");

	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(layouts); f++) {
		const struct layout *layout = layouts[f];
		struct bytes entry = { 0 };
		struct bytes dirty = { 0 };
		struct bytes normal = { 0 };

		encode(layout, &rule, &entry);
		bytes_add(&dirty, entry.data, entry.size);
		dirty.data[layout->comefrom] = 7;
		memset(dirty.data + layout->counters, 8, 16);
		memset(dirty.data + layout->size + 2 + 4, 0xbe, 29 - 4);
		memset(dirty.data + entry_target(layout, dirty.data) + 2, 0xbe,
		       29);
		dirty.data[entry_target(layout, dirty.data) + 2] = 0;
		dirty.data[dirty.size - 8] = 0xfb; /* the verdict */
		entry_normalize(layout, dirty.data, "RETURN", &normal);
		assert_int_equal(normal.size, entry.size);
		assert_memory_equal(normal.data, entry.data, entry.size);
		bytes_free(&entry);
		bytes_free(&dirty);
		bytes_free(&normal);
	}
}

static void test_broken_entries_are_refused(void **state)
{
	AUTO_MARK struct ipvsctl_mark rule =
		given_mark("1 --proto udp --dport 1,2 --comment x");

	(void)state;
	for (size_t f = 0; f < ARRAY_SIZE(layouts); f++) {
		const struct layout *layout = layouts[f];
		const size_t fields[] = { layout->target_offset,
					  layout->next_offset, layout->size };
		struct bytes entry = { 0 };

		encode(layout, &rule, &entry);
		for (size_t size = 0; size < entry.size; size++)
			assert_false(entry_valid(layout, entry.data, size));
		for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
			uint8_t *field = entry.data + fields[i];
			uint8_t before = *field;

			*field = (uint8_t)(before + 1);
			assert_false(
				entry_valid(layout, entry.data, entry.size));
			*field = before;
		}
		assert_true(entry_valid(layout, entry.data, entry.size));
		bytes_free(&entry);
	}
}

static void test_which_rules_meet_own_traffic(void **state)
{
	static const struct {
		const char *rule;
		bool meets;
	} cases[] = {
		{ "1", true },
		{ "1 --hook input", true },
		{ "1 --hook output", false },
		{ "1 --proto udp", true },
		{ "1 --proto icmp", false },
		{ "1 --proto sctp --dport 60999", true },
		{ "1 --proto tcp --dport 61000:65535", false },
		{ "1 --proto tcp --dport 1:32767", false },
		{ "1 --proto tcp --dport 80,40000", true },
		{ "1 --proto tcp --dport 1:65535", true },
		{ "1 --proto tcp --sport 40000 --dport 80", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_MARK struct ipvsctl_mark rule = given_mark(cases[i].rule);

		rule.exempt_own = IPVSCTL_EXEMPT_CONNTRACK;
		if ((mark_shown_exemption(&rule, &own_ports) ==
		     IPVSCTL_EXEMPT_CONNTRACK) != cases[i].meets)
			fail_msg("wrong about: %s", cases[i].rule);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules_come_back_from_entries),
		cmocka_unit_test(test_an_entry_has_the_bytes_of_iptables),
		cmocka_unit_test(test_setting_a_mark_comes_back),
		cmocka_unit_test(test_sources_come_back),
		cmocka_unit_test(test_links_come_back),
		cmocka_unit_test(test_what_cannot_be_said_is_not_read),
		cmocka_unit_test(test_unknown_matches_are_kept_apart),
		cmocka_unit_test(test_the_last_comment_is_the_rules),
		cmocka_unit_test(test_every_port_is_any_port),
		cmocka_unit_test(test_lists_of_ports_are_settled),
		cmocka_unit_test(test_what_does_not_count_is_cleared),
		cmocka_unit_test(test_broken_entries_are_refused),
		cmocka_unit_test(test_which_rules_meet_own_traffic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
