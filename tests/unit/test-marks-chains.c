/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The chains of mark rules: the heads that they begin with, and their names. */
#include <string.h>

#include "given.h"
#include "unit.h"

#include "iptables/exemption.h"
#include "model/object.h"

static const struct ipvsctl_port_range own_ports = { 32768, 60999 };

/* ---- Heads --------------------------------------------------------------- */

/* A head as its chain has it, before the rule that text says. */
static const char *head_target(const char *head, const char *text,
			       bool *ret_covers)
{
	AUTO_MARK struct ipvsctl_mark rule = given_mark(text);
	struct heads heads = { .count = 0 };
	struct bytes entry = { 0 };
	struct bytes of = { 0 };
	static char name[CHAIN_NAME_SIZE];
	const char *target;

	encode_mark(&layout_ipv4, &rule, &(struct mark_parts){ 0 }, &entry);
	if (head) {
		AUTO_MARK struct ipvsctl_mark other = given_mark(head);

		encode_head(&layout_ipv4, &other, 0, "LBCTL-PREROUTING-1", &of);
	} else {
		encode_head(&layout_ipv4, NULL, 0, "LBCTL-PREROUTING-1", &of);
	}
	assert_true(entry_valid(&layout_ipv4, of.data, of.size));
	target = decode_head(&layout_ipv4, of.data);
	assert_non_null(target);
	strcpy(name, target);
	assert_null(decode_head(&layout_ipv4, entry.data));
	heads_add(&heads, of.data);
	*ret_covers = heads_cover(&heads, &layout_ipv4, entry.data);
	bytes_free(&entry);
	bytes_free(&of);
	return name;
}

static void test_heads_come_back_and_cover_their_rules(void **state)
{
	static const struct {
		const char *head;
		const char *rule;
		bool covers;
	} cases[] = {
		{ NULL, "1", true },
		{ NULL, "1 --proto udp --dport 5:6 --src 10.0.0.1", true },
		{ "1", "1 --proto udp", true },
		{ "1 --proto udp", "2 --proto udp", true },
		{ "1 --proto udp", "2 --proto udp --dport 40000,5", true },
		{ "1 --proto udp --dport 40000", "1 --proto udp", false },
		{ "1 --proto udp --dport 1,2", "1 --proto udp --dport 1,3",
		  false },
		{ "1 --proto udp", "1", false },
		{ "1 --src 10.0.0.1", "1 --src 10.0.0.2", false },
		{ "1 --src 10.0.0.1", "exclude --src 10.0.0.1", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool covers = false;

		assert_string_equal(head_target(cases[i].head, cases[i].rule,
						&covers),
				    "LBCTL-PREROUTING-1");
		if (covers != cases[i].covers)
			fail_msg("wrong about: %s, %s", cases[i].head,
				 cases[i].rule);
	}
}

/* The first is what iptables 1.8.9 makes of "-m socket" on Linux 6.18. */
static void test_only_our_socket_match_makes_a_head(void **state)
{
	struct bytes head = { 0 };
	static const struct {
		size_t offset;
		uint8_t value;
	} changes[] = {
		{ 112 + 31, 2 },  /* the revision */
		{ 112 + 32, 2 },  /* --nowildcard */
		{ 112 + 2, 'S' }, /* the name */
		{ 82, 0 },	  /* a jump */
		{ 83, 0x08 },	  /* an inverted source */
	};

	(void)state;
	encode_head(&layout_ipv4, NULL, 0, "LBCTL-INPUT-1", &head);
	assert_int_equal(head.size, 112 + 40 + 40);
	assert_int_equal(head.data[112], 40);
	assert_string_equal((const char *)head.data + 114, "socket");
	assert_int_equal(head.data[112 + 31], 3);
	assert_int_equal(head.data[112 + 32], 0);
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		uint8_t *byte = head.data + changes[i].offset;
		uint8_t before = *byte;

		assert_non_null(decode_head(&layout_ipv4, head.data));
		*byte = changes[i].value;
		if (decode_head(&layout_ipv4, head.data))
			fail_msg("change %zu was read over", i);
		*byte = before;
	}
	bytes_free(&head);
}

static void test_which_exemptions_show(void **state)
{
	static const struct {
		const char *rule;
		enum ipvsctl_exemption shown;
		enum ipvsctl_exemption read; /* if none shows */
	} cases[] = {
		{ "1", IPVSCTL_EXEMPT_SOCKET, IPVSCTL_EXEMPT_NONE },
		{ "1 --exempt-own conntrack", IPVSCTL_EXEMPT_CONNTRACK,
		  IPVSCTL_EXEMPT_NONE },
		{ "1 --no-exempt-own", IPVSCTL_EXEMPT_NONE,
		  IPVSCTL_EXEMPT_NONE },
		{ "exclude", IPVSCTL_EXEMPT_NONE, IPVSCTL_EXEMPT_NONE },
		{ "exclude --exempt-own socket", IPVSCTL_EXEMPT_SOCKET,
		  IPVSCTL_EXEMPT_NONE },
		{ "1 --hook output", IPVSCTL_EXEMPT_NONE,
		  IPVSCTL_EXEMPT_SOCKET },
		{ "1 --proto tcp --dport 80", IPVSCTL_EXEMPT_NONE,
		  IPVSCTL_EXEMPT_SOCKET },
		{ "exclude --proto tcp --dport 80 --exempt-own conntrack",
		  IPVSCTL_EXEMPT_NONE, IPVSCTL_EXEMPT_NONE },
		/* The kernel finds no sockets of sctp. */
		{ "1 --proto sctp", IPVSCTL_EXEMPT_NONE, IPVSCTL_EXEMPT_SOCKET },
		{ "1 --proto sctp --exempt-own conntrack",
		  IPVSCTL_EXEMPT_CONNTRACK, IPVSCTL_EXEMPT_SOCKET },
		{ "1 --proto sctp --no-exempt-own", IPVSCTL_EXEMPT_NONE,
		  IPVSCTL_EXEMPT_SOCKET },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_MARK struct ipvsctl_mark rule = given_mark(cases[i].rule);

		if (mark_shown_exemption(&rule, &own_ports) != cases[i].shown ||
		    mark_read_exemption(&rule, IPVSCTL_EXEMPT_NONE,
					&own_ports) != cases[i].read)
			fail_msg("wrong about: %s", cases[i].rule);
	}
}

/* ---- Chains -------------------------------------------------------------- */

static void test_names_of_chains(void **state)
{
	static const struct {
		struct chain_id id;
		const char *name;
	} cases[] = {
		{ { .kind = CHAIN_BASE }, "LBCTL-PREROUTING" },
		{ { .kind = CHAIN_PRIORITY, .hook = 1, .priority = 65535 },
		  "LBCTL-INPUT-65535" },
		{ { .kind = CHAIN_PRIORITY, .hook = 2 }, "LBCTL-OUTPUT-0" },
		{ { .kind = CHAIN_PRIORITY, .priority = 1, .number = 2 },
		  "LBCTL-PREROUTING-1-2" },
		{ { .kind = CHAIN_PRIORITY,
		    .priority = 65535,
		    .number = CHAIN_NUMBER_MAX },
		  "LBCTL-PREROUTING-65535-99999" },
		{ { .kind = CHAIN_MARK, .mark = 1, .mask = UINT32_MAX },
		  "LBCTL-MARK-0x1" },
		{ { .kind = CHAIN_MARK, .mark = 0xff000000, .mask = 0xff000000 },
		  "LBCTL-0xff000000-0xff000000" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char name[CHAIN_NAME_SIZE];
		struct chain_id id = chain_parse(cases[i].name);

		assert_string_equal(chain_format(&cases[i].id, name),
				    cases[i].name);
		assert_true(strlen(name) <= 28);
		assert_int_equal(id.kind, cases[i].id.kind);
		assert_int_equal(id.hook, cases[i].id.hook);
		assert_int_equal(id.priority, cases[i].id.priority);
		assert_int_equal(id.number, cases[i].id.number);
		assert_int_equal(id.mark, cases[i].id.mark);
		assert_int_equal(id.mask, cases[i].id.mask);
	}
}

static void test_names_that_are_not_ours(void **state)
{
	static const char *const names[] = {
		"",
		"PREROUTING",
		"LBCTL",
		"LBCTL-",
		"LBCTL-FORWARD",
		"LBCTL-PREROUTING-",
		"LBCTL-PREROUTING-01",
		"LBCTL-PREROUTING-65536",
		"LBCTL-PREROUTING-1-",
		"LBCTL-PREROUTING-1-0",
		"LBCTL-PREROUTING-1-1",
		"LBCTL-PREROUTING-1-02",
		"LBCTL-PREROUTING-1-100000",
		"LBCTL-PREROUTING-1-100002",
		"LBCTL-PREROUTING-1-2-3",
		"LBCTL-PREROUTING-1x",
		"LBCTL-PREROUTING-+1",
		"LBCTL-PREROUTINGX",
		"LBCTL-MARK-1",
		"LBCTL-MARK-0x01",
		"LBCTL-MARK-0xA",
		"LBCTL-0x1",
		"LBCTL-0x1-0xffffffff",
		"LBCTL-MARK-0x100000001",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (chain_parse(names[i]).kind != CHAIN_FOREIGN)
			fail_msg("'%s' is not ours", names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heads_come_back_and_cover_their_rules),
		cmocka_unit_test(test_only_our_socket_match_makes_a_head),
		cmocka_unit_test(test_which_exemptions_show),
		cmocka_unit_test(test_names_of_chains),
		cmocka_unit_test(test_names_that_are_not_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
