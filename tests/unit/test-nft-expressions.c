/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Lines of rules as expressions of nf_tables: ours, and those of nft(8). */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "hands.h"

/* ---- Written and read ---------------------------------------------------- */

static void must_come_back(const struct view *view, const struct line *line)
{
	AUTO_BATCH struct batch batch = { .count = 0 };
	AUTO_FREE char *before = line_tell(line);
	AUTO_FREE char *after = NULL;
	struct line again;

	line_put(&batch, view, line);
	assert_int_equal(read_line(&batch, &again), 0);
	after = line_tell(&again);
	assert_string_equal(after, before);
	if (line->kind != LINE_JUMP)
		assert_true(match_equal(&again.match, &line->match));
}

static const char *const spoken[] = {
	"1",
	"0xffffffff --hook input",
	"0x10 --mask 0xf0",
	"0x80000001 --mask 0x80000001",
	"exclude",
	"1 --proto udp --dport 50000:60000",
	"1 --proto tcp --sport 53",
	"1 --proto tcp --sport 1:2 --dport 80",
	"1 --proto tcp --dport 80,443,8000:8100",
	"1 --proto tcp --dport 0:65534",
	"1 --proto sctp --dport 9899 --exempt-own conntrack",
	"1 --proto icmp",
	"1 --proto icmpv6",
	"1 --proto icmp --ipv4",
	"1 --ipv6 --proto tcp",
	"1 --in-interface eth0",
	"1 --in-interface eth+",
	"1 --in-interface e+",
	"1 --in-interface abcdefghijklmno",
	"1 --in-interface abcdefghijklmn+",
	"1 --proto udp --dport 40000 --no-exempt-own",
	"exclude --proto udp --dport 51820 --exempt-own socket",
	"1 --src 10.0.0.0/8 --dst 192.0.2.1",
	"1 --src 10.1.2.2/31",
	"1 --src 128.0.0.0/1 --dst 10.128.0.0/9",
	"1 --dst 10.1.0.0/16 --src 10.1.2.0/24",
	"1 --src 2001:db8::/33 --dst 2001:db8::1",
	"1 --src 8000::/1 --dst 2001:db8::/127",
	"1 --proto tcp --dst 2001:db8::1 --sport 1:5 --dport 80",
	"exclude --proto udp --dst 172.31.36.102 --dport 51820 --hook input",
	"exclude --in-interface eth1 --dst 172.31.36.102",
};

static void test_lines_come_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(spoken); i++) {
		AUTO_VIEW struct view view = { .exists = false };
		const char *const lines[] = { spoken[i], NULL };

		given_view(lines, &view);
		assert_true(view.line_count >= 2);
		for (size_t n = 0; n < view.line_count; n++)
			must_come_back(&view, &view.lines[n]);
	}
}

/* Look-ups by every set of fields, in both families, of both values. */
static void test_lookups_come_back(void **state)
{
	static const uint16_t families[] = { AF_INET, AF_INET6 };

	(void)state;
	for (unsigned int i = 0; i < 4 * 16; i++) {
		struct line line = { .kind = LINE_MAP,
				     .match.family = families[i / 2 % 2],
				     .match.protocol = 17,
				     .verdict = i % 2,
				     .target = "prerouting-map-1" };
		AUTO_BATCH struct batch batch = { .count = 0 };
		struct line again;

		line.mask = line.verdict ? 0 : UINT32_MAX;
		for (unsigned int field = 0; field < FIELD_COUNT; field++)
			if (i / 4 & FIELD_BIT(field))
				line.keys[line.key_count++] = (uint8_t)field;
		line_put(&batch, NULL, &line);
		assert_int_equal(read_line(&batch, &again), 0);
		/* Without a key it looks up nothing. */
		assert_int_equal(again.kind,
				 line.key_count ? LINE_MAP : LINE_ALIEN);
		assert_int_equal(again.verdict, line.verdict);
		assert_int_equal(again.key_count, line.key_count);
		assert_memory_equal(again.keys, line.keys, sizeof(line.keys));
		assert_string_equal(again.target, line.target);
		assert_true(match_equal(&again.match, &line.match));
	}
}

/* ---- As nft(8) writes them ----------------------------------------------- */

static const struct sample matches[] = {
	{ "ip4 proto 17 dst 10.0.0.1 dport 80 " TOLD " (3, 900)",
	  { IPV4, IP(16, 4), CMP("\12\0\0\1"), UDP, TH(2, 2), CMP("\0\120"),
	    COUNTER, SET } },
	{ "ip4 proto 17 dst 10.0.0.1 dport 80 accept (3, 900)",
	  { UDP, TH(2, 2), CMP("\0\120"), COUNTER, IPV4, IP(16, 4),
	    CMP("\12\0\0\1"), ACCEPT } },
	/* The family as Ethernet's type, behind the sender: nft 1.1.3 */
	{ "ip4 dst 10.0.0.1 accept",
	  { ETHER, LL(6, 8), CMP("\2\0\0\0\0\1\10\0"), IP(16, 4),
	    CMP("\12\0\0\1"), ACCEPT } },
	{ "ip6 proto 17 accept",
	  { ETHER, UDP, LL(12, 2), CMP("\206\335"), LL(6, 6),
	    CMP_OF(1, NFT_CMP_NEQ, "\2\0\0\0\0\1"), ACCEPT } },
	/* Ranges: as one expression, and as two in either order */
	{ "proto 17 dport 80-90 " TOLD,
	  { UDP, TH(2, 2), RANGE("\0\120", "\0\132"), SET } },
	{ "proto 17 dport 80-90 " TOLD,
	  { UDP, TH(2, 2), CMP_OF(1, NFT_CMP_GTE, "\0\120"),
	    CMP_OF(1, NFT_CMP_LTE, "\0\132"), SET } },
	{ "proto 17 sport 80-90 " TOLD,
	  { TH(0, 2), CMP_OF(1, NFT_CMP_LTE, "\0\132"), UDP, TH(0, 2),
	    CMP_OF(1, NFT_CMP_GTE, "\0\120"), SET } },
	{ "ip4 src 10.0.0.1-10.0.0.5 dst 10.0.0.1-10.0.0.9 accept",
	  { IPV4, IP(12, 4), RANGE("\12\0\0\1", "\12\0\0\5"), IP(16, 4),
	    RANGE("\12\0\0\1", "\12\0\0\11"), ACCEPT } },
	/* Prefixes: shorter loads, and masks */
	{ "ip4 src 10.0.0.0-10.255.255.255 accept",
	  { IPV4, IP(12, 1), CMP("\12"), ACCEPT } },
	{ "ip4 dst 10.1.2.0-10.1.2.255 accept",
	  { IPV4, IP(16, 3), CMP("\12\1\2"), ACCEPT } },
	{ "ip4 dst 10.16.0.0-10.31.255.255 accept",
	  { IPV4, IP(16, 4), BITWISE("\377\360\0\0", "\0\0\0\0"),
	    CMP("\12\20\0\0"), ACCEPT } },
	{ "ip6 src 2001:d00::-2001:dff:ffff:ffff:ffff:ffff:ffff:ffff "
	  "accept",
	  { IPV6, IP(8, 3), CMP("\40\1\15"), ACCEPT } },
	/* Every address is no match. */
	{ "ip4 accept",
	  { IPV4, IP(12, 4), BITWISE("\0\0\0\0", "\0\0\0\0"), CMP("\0\0\0\0"),
	    ACCEPT } },
	{ "ip4 accept",
	  { IPV4, IP(12, 4), RANGE("\0\0\0\0", "\377\377\377\377"), ACCEPT } },
	/* Two fields by one load */
	{ "proto 17 sport 53 dport 80 accept",
	  { UDP, TH(0, 4), CMP("\0\65\0\120"), ACCEPT } },
	{ "ip4 src 10.0.0.1 dst 10.0.0.2 accept",
	  { IPV4, IP(12, 8), CMP("\12\0\0\1\12\0\0\2"), ACCEPT } },
	{ "ip4 src 10.0.0.1 dst 10.0.0.0-10.0.0.255 accept",
	  { IPV4, IP(12, 7), CMP("\12\0\0\1\12\0\0"), ACCEPT } },
	/* The other names of registers */
	{ "proto 17 " TOLD,
	  { META(NFT_REG32_00, NFT_META_L4PROTO),
	    CMP_OF(NFT_REG_1, NFT_CMP_EQ, "\21"), SET } },
	{ "ip6 accept",
	  { META(NFT_REG32_15, NFT_META_NFPROTO),
	    CMP_OF(NFT_REG32_15, NFT_CMP_EQ, "\12"), ACCEPT } },
	{ "ip6 accept",
	  { META(NFT_REG_3, NFT_META_NFPROTO),
	    CMP_OF(NFT_REG32_08, NFT_CMP_EQ, "\12"), ACCEPT } },
	/* Interfaces */
	{ "in eth0 accept",
	  { IIF, CMP("eth0\0\0\0\0\0\0\0\0\0\0\0\0"), ACCEPT } },
	{ "in eth0 accept", { IIF, CMP("eth0\0"), ACCEPT } },
	{ "in eth+ accept", { IIF, CMP("eth"), ACCEPT } },
	{ "in eth++ accept", { IIF, CMP("eth+"), ACCEPT } },
	{ "in abcdefghijklmn+ accept", { IIF, CMP("abcdefghijklmn"), ACCEPT } },
	/* What the protocol implies */
	{ "ip4 proto 1 accept", { L4, CMP("\1"), ACCEPT } },
	{ "ip6 proto 58 accept", { L4, CMP("\72"), ACCEPT } },
};

static void test_forms_of_matches(void **state)
{
	(void)state;
	check_samples(matches, ARRAY_SIZE(matches));
}

static const struct sample actions[] = {
	{ "accept", { ACCEPT } },
	{ TOLD, { SET } },
	{ TOLD,
	  { META(1, NFT_META_MARK), BITWISE("\0\0\0\0", MARK), SET_MARK,
	    ACCEPT } },
	{ "mark 0x70700/0xffff00",
	  { META(1, NFT_META_MARK), BITWISE("\377\0\0\377", "\0\7\7\0"),
	    SET_MARK, ACCEPT } },
	{ "jump prerouting-100", { VERDICT_TO(NFT_JUMP, "prerouting-100") } },
	{ "jump others", { COUNTER, VERDICT_TO(NFT_JUMP, "others") } },
	{ "exempt socket",
	  { SOCKET(NFT_SOCKET_WILDCARD), CMP("\0"), VERDICT(NFT_RETURN) } },
	{ "proto 17 dport 80 exempt socket",
	  { UDP, TH(2, 2), CMP("\0\120"), SOCKET(NFT_SOCKET_WILDCARD),
	    CMP("\0"), VERDICT(NFT_RETURN) } },
	{ "exempt conntrack",
	  { CT(NFT_CT_DIRECTION), CMP("\1"), VERDICT(NFT_RETURN) } },
	{ "ip4 snat by set @" MAP,
	  { IPV4, ORIGINAL, META_MARK, IN_SET(MAP), MASQ(0) } },
	{ "ip6 snat by set @" MAP,
	  { COUNTER, META_MARK, IN_SET(MAP), ORIGINAL, IPV6, MASQ(0) } },
	{ "ip4 snat by map @" MAP,
	  { ORIGINAL, META_MARK, LOOKUP(1, 1, MAP),
	    NAT(NFT_NAT_SNAT, NFPROTO_IPV4, 1, 1) } },
	{ "ip6 snat by map @" MAP,
	  { IPV6, ORIGINAL, META_MARK, LOOKUP(1, NFT_REG32_00, MAP),
	    NAT(NFT_NAT_SNAT, NFPROTO_IPV6, NFT_REG32_00, 0) } },
	{ "ip4 proto 17 dst . dport map @" MAP,
	  { IPV4, UDP, PAYLOAD(NFT_REG32_00, 1, 16, 4),
	    PAYLOAD(NFT_REG32_01, 2, 2, 2), LOOKUP(1, 1, MAP), SET_MARK,
	    ACCEPT } },
	{ "ip4 proto 17 dst . dport map @" MAP,
	  { UDP, IPV4, PAYLOAD(NFT_REG_1, 1, 16, 4),
	    PAYLOAD(NFT_REG32_01, 2, 2, 2),
	    LOOKUP(NFT_REG32_00, NFT_REG32_00, MAP), SET_MARK, ACCEPT } },
	{ "ip6 proto 17 dst . sport . dport vmap @" MAP,
	  { IPV6, UDP, PAYLOAD(NFT_REG_1, 1, 24, 16),
	    PAYLOAD(NFT_REG_2, 2, 0, 2), PAYLOAD(NFT_REG32_05, 2, 2, 2),
	    LOOKUP(1, NFT_REG_VERDICT, MAP) } },
};

static void test_forms_of_actions(void **state)
{
	(void)state;
	check_samples(actions, ARRAY_SIZE(actions));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_come_back),
		cmocka_unit_test(test_lookups_come_back),
		cmocka_unit_test(test_forms_of_matches),
		cmocka_unit_test(test_forms_of_actions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
