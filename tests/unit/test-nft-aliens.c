/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Rules of nf_tables that are in our table, and that we would never write. */
#include <stdlib.h>

#include "hands.h"

static const struct sample matches[] = {
	{ NULL, { { "limit", { { 0 } } }, ACCEPT } },
	{ NULL, { L4, CMP_OF(1, NFT_CMP_GT, "\21"), ACCEPT } },
	{ NULL, { L4, CMP_OF(1, NFT_CMP_LT, "\21"), ACCEPT } },
	{ NULL, { META(1, NFT_META_LEN), CMP("\0\0\0\5"), ACCEPT } },
	{ NULL, { META(1, NFT_META_NFPROTO), CMP("\3"), ACCEPT } },
	{ NULL, { L4, CMP("\0"), ACCEPT } },
	{ NULL, { L4, CMP("\21\0"), ACCEPT } },
	{ NULL, { L4, CMP(""), ACCEPT } },
	{ NULL, { UDP, UDP, ACCEPT } },
	{ NULL, { IPV4, IPV6, ACCEPT } },
	{ NULL, { CMP("\1"), ACCEPT } },
	/* Of Ethernet's header: another type, the type twice, half a sender */
	{ NULL, { ETHER, LL(6, 8), CMP("\2\0\0\0\0\1\10\6"), ACCEPT } },
	{ NULL, { ETHER, LL(12, 2), CMP("\10\0"), IPV4, ACCEPT } },
	{ NULL, { ETHER, LL(12, 2), CMP("\10\0"), ACCEPT } },
	{ NULL, { ETHER, LL(6, 4), CMP("\2\0\0\0"), ACCEPT } },
	{ NULL,
	  { ETHER, LL(6, 8), CMP_OF(1, NFT_CMP_NEQ, "\2\0\0\0\0\1\10\0"),
	    ACCEPT } },
	/* Fields that need what is not there */
	{ NULL, { TH(2, 2), CMP("\0\120"), ACCEPT } },
	{ NULL, { IP(12, 4), CMP("\12\0\0\1"), ACCEPT } },
	{ NULL, { IP(12, 4), RANGE("\1\0\0\0", "\2\0\0\0"), ACCEPT } },
	/* Other places of headers */
	{ NULL, { IPV4, IP(8, 1), CMP("\100"), ACCEPT } },
	{ NULL, { IPV4, IP(8, 4), CMP("\1\2\3\4"), ACCEPT } },
	{ NULL, { IPV4, PAYLOAD(1, 0, 12, 4), CMP("\1\2\3\4"), ACCEPT } },
	{ NULL, { IPV6, IP(40, 4), CMP("\1\2\3\4"), ACCEPT } },
	{ NULL, { IPV6, IP(0xfffffffe, 4), CMP("\1\2\3\4"), ACCEPT } },
	{ NULL, { UDP, TH(4, 2), RANGE("\0\1", "\0\2"), ACCEPT } },
	/* Parts of a field that are no prefix */
	{ NULL, { IPV4, IP(13, 3), CMP("\0\0\1"), ACCEPT } },
	{ NULL,
	  { IPV4, IP(12, 4), BITWISE("\377\0\377\0", "\0\0\0\0"),
	    CMP("\12\0\1\0"), ACCEPT } },
	{ NULL,
	  { IPV4, IP(12, 4), BITWISE("\377\0\0\0", "\0\0\0\0"),
	    CMP("\12\0\0\1"), ACCEPT } },
	{ NULL,
	  { IPV4, IP(12, 4), BITWISE("\377\0\0\0", "\1\0\0\0"),
	    CMP("\12\0\0\0"), ACCEPT } },
	{ NULL,
	  { IPV4, IP(12, 4), BITWISE("\377\0\0\0", "\0\0\0\0"),
	    BITWISE("\377\0\0\0", "\0\0\0\0"), CMP("\12\0\0\0"), ACCEPT } },
	{ NULL, { UDP, TH(2, 1), CMP("\0"), ACCEPT } },
	{ NULL,
	  { UDP, TH(2, 2), BITWISE("\377\0", "\0\0"), CMP("\1\0"), ACCEPT } },
	/* Twice the same */
	{ NULL, { IPV4, IP(12, 4), CMP(MARK), CMP(MARK), ACCEPT } },
	{ NULL, { UDP, TH(2, 2), CMP("\0\5"), RANGE("\0\1", "\0\11"), ACCEPT } },
	/* Bounds */
	{ NULL, { UDP, TH(2, 2), CMP_OF(1, NFT_CMP_GTE, "\0\1"), ACCEPT } },
	{ NULL, { UDP, TH(2, 2), CMP_OF(1, NFT_CMP_LTE, "\0\1"), ACCEPT } },
	{ NULL, { UDP, TH(2, 2), RANGE("\0\5", "\0\1"), ACCEPT } },
	{ NULL, { UDP, TH(2, 2), RANGE("\0\1\1", "\0\5\1"), ACCEPT } },
	{ NULL, { UDP, TH(2, 2), RANGE("\0", "\1"), ACCEPT } },
	{ NULL, { UDP, TH(2, 2), RANGE("\0\1", "\0\5\1"), ACCEPT } },
	{ NULL,
	  { UDP, TH(2, 2), CMP_OF(1, NFT_CMP_GTE, "\0\1\1"),
	    CMP_OF(1, NFT_CMP_LTE, "\0\5"), ACCEPT } },
	{ NULL, { L4, RANGE("\1", "\5"), ACCEPT } },
	/* Interfaces */
	{ NULL, { IIF, CMP(""), ACCEPT } },
	{ NULL, { IIF, CMP("\0"), ACCEPT } },
	{ NULL, { IIF, CMP("eth+\0"), ACCEPT } },
	{ NULL, { IIF, CMP("abcdefghijklmno"), ACCEPT } },
	{ NULL, { IIF, CMP("abcdefghijklmnop"), ACCEPT } },
	{ NULL, { IIF, CMP("eth"), IIF, CMP("eth0\0"), ACCEPT } },
	/* Registers that do not exist, and values that are too long */
	{ NULL, { META(NFT_REG32_15 + 1, NFT_META_L4PROTO), ACCEPT } },
	{ NULL, { META(5, NFT_META_L4PROTO), ACCEPT } },
	{ NULL, { META(0, NFT_META_L4PROTO), ACCEPT } },
	{ NULL, { META(UINT32_MAX, NFT_META_L4PROTO), ACCEPT } },
	{ NULL, { L4, CMP("12345678901234567"), ACCEPT } },
};

static void test_matches_that_are_not_ours(void **state)
{
	(void)state;
	check_samples(matches, ARRAY_SIZE(matches));
}

static const struct sample actions[] = {
	{ NULL, { { 0 } } },
	{ NULL, { COUNTER } },
	{ NULL, { UDP } },
	{ NULL, { IMMEDIATE(MARK), SET_MARK } },
	{ NULL, { VERDICT(NF_DROP) } },
	{ NULL, { VERDICT(NFT_RETURN) } },
	{ NULL, { VERDICT_TO(NFT_GOTO, "prerouting-100") } },
	{ NULL, { VERDICT(NFT_JUMP) } },
	{ NULL, { UDP, VERDICT_TO(NFT_JUMP, "prerouting-100") } },
	{ NULL, { IMMEDIATE(MARK), SET_MARK, VERDICT_TO(NFT_JUMP, "x") } },
	{ NULL, { IMMEDIATE(MARK), SET_MARK, VERDICT(NF_DROP) } },
	/* Behind what it does */
	{ NULL, { ACCEPT, COUNTER } },
	{ NULL, { ACCEPT, ACCEPT } },
	{ NULL, { ACCEPT, UDP } },
	{ NULL, { IMMEDIATE(MARK), SET_MARK, UDP, ACCEPT } },
	{ NULL,
	  { UDP, IMMEDIATE(MARK), SET_MARK, TH(2, 2), RANGE("\0\1", "\0\2"),
	    ACCEPT } },
	/* Marks */
	{ NULL, { IMMEDIATE(MARK), SET_MARK, SET } },
	{ NULL, { IMMEDIATE("\0\0\0\0"), SET_MARK, ACCEPT } },
	{ NULL, { IMMEDIATE("\7\7"), SET_MARK, ACCEPT } },
	{ NULL, { SET_MARK, ACCEPT } },
	{ NULL, { L4, SET_MARK, ACCEPT } },
	{ NULL, { META(1, NFT_META_MARK), SET_MARK, ACCEPT } },
	{ NULL,
	  { IMMEDIATE(MARK), BITWISE("\1\0\0\1", "\0\0\0\0"), SET_MARK,
	    ACCEPT } },
	{ NULL,
	  { META(1, NFT_META_MARK), BITWISE("\377\377\377\377", "\0\0\0\0"),
	    SET_MARK, ACCEPT } },
	{ NULL,
	  { META(1, NFT_META_MARK), BITWISE("\377\0\0\377", MARK), SET_MARK,
	    ACCEPT } },
	{ NULL,
	  { META(1, NFT_META_PRIORITY), BITWISE("\0\0\0\0", MARK), SET_MARK,
	    ACCEPT } },
	{ NULL,
	  { IMMEDIATE(MARK),
	    { "meta",
	      { { NFTA_META_KEY, NUMBER, NFT_META_PRIORITY, NULL },
		{ NFTA_META_SREG, NUMBER, NFT_REG_1, NULL } } },
	    ACCEPT } },
	/* Exemptions */
	{ NULL, { SOCKET(NFT_SOCKET_MARK), CMP("\0"), VERDICT(NFT_RETURN) } },
	{ NULL,
	  { SOCKET(NFT_SOCKET_WILDCARD), CMP("\1"), VERDICT(NFT_RETURN) } },
	{ NULL, { SOCKET(NFT_SOCKET_WILDCARD), CMP(""), VERDICT(NFT_RETURN) } },
	{ NULL,
	  { SOCKET(NFT_SOCKET_WILDCARD), CMP("\0\0"), VERDICT(NFT_RETURN) } },
	{ NULL,
	  { SOCKET(NFT_SOCKET_WILDCARD), BITWISE("\0", "\0"), CMP("\0"),
	    VERDICT(NFT_RETURN) } },
	{ NULL, { SOCKET(NFT_SOCKET_WILDCARD), CMP("\0"), ACCEPT } },
	{ NULL, { SOCKET(NFT_SOCKET_WILDCARD), CMP("\0"), SET } },
	{ NULL,
	  { SOCKET(NFT_SOCKET_WILDCARD), CMP("\0"), CT(NFT_CT_DIRECTION),
	    CMP("\1"), VERDICT(NFT_RETURN) } },
	{ NULL, { CT(NFT_CT_DIRECTION), CMP("\0"), VERDICT(NFT_RETURN) } },
	{ NULL, { CT(NFT_CT_STATE), CMP("\1"), VERDICT(NFT_RETURN) } },
};

static void test_actions_that_are_not_ours(void **state)
{
	(void)state;
	check_samples(actions, ARRAY_SIZE(actions));
}

#define DPORT TH(2, 2)

static const struct sample lookups[] = {
	/* The source is changed by the mark, and in one direction. */
	{ NULL, { IPV4, META_MARK, IN_SET(MAP), MASQ(0) } },
	{ NULL, { IPV4, ORIGINAL, MASQ(0) } },
	{ NULL, { ORIGINAL, META_MARK, IN_SET(MAP), MASQ(0) } },
	{ NULL, { IPV4, ORIGINAL, META_MARK, IN_SET(MAP) } },
	{ NULL, { IPV4, ORIGINAL, META_MARK, IN_SET(MAP), ACCEPT } },
	{ NULL, { IPV4, ORIGINAL, META_MARK, IN_SET(MAP), MASQ(4) } },
	{ NULL, { IPV4, UDP, ORIGINAL, META_MARK, IN_SET(MAP), MASQ(0) } },
	{ NULL, { IPV4, ORIGINAL, META_MARK, CMP(MARK), MASQ(0) } },
	{ NULL,
	  { IPV4, ORIGINAL, META_MARK, BITWISE("\377\0\0\0", "\0\0\0\0"),
	    IN_SET(MAP), MASQ(0) } },
	{ NULL,
	  { IPV4, CT(NFT_CT_DIRECTION), CMP("\1"), META_MARK, IN_SET(MAP),
	    MASQ(0) } },
	{ NULL,
	  { IPV6, ORIGINAL, META_MARK, LOOKUP(1, 1, MAP),
	    NAT(NFT_NAT_SNAT, NFPROTO_IPV4, 1, 1) } },
	{ NULL,
	  { ORIGINAL, META_MARK, LOOKUP(1, 1, MAP),
	    NAT(NFT_NAT_DNAT, NFPROTO_IPV4, 1, 1) } },
	{ NULL,
	  { ORIGINAL, META_MARK, LOOKUP(1, 1, MAP),
	    NAT(NFT_NAT_SNAT, NFPROTO_INET, 1, 1) } },
	{ NULL,
	  { ORIGINAL, META_MARK, LOOKUP(1, 1, MAP),
	    NAT(NFT_NAT_SNAT, NFPROTO_IPV4, 2, 1) } },
	{ NULL,
	  { ORIGINAL, META_MARK, LOOKUP(1, 1, MAP),
	    NAT(NFT_NAT_SNAT, NFPROTO_IPV4, 1, 4) } },
	{ NULL,
	  { ORIGINAL, META_MARK, LOOKUP(1, 2, MAP),
	    NAT(NFT_NAT_SNAT, NFPROTO_IPV4, 1, 1) } },
	{ NULL, { META_MARK, LOOKUP(1, NFT_REG_VERDICT, MAP) } },
	/* A set has no value; flags invert. */
	{ NULL,
	  { UDP,
	    DPORT,
	    { "lookup",
	      { { NFTA_LOOKUP_SET, TEXT, 0, MAP },
		{ NFTA_LOOKUP_SREG, NUMBER, 1, NULL } } },
	    ACCEPT } },
	{ NULL,
	  { UDP,
	    DPORT,
	    { "lookup",
	      { { NFTA_LOOKUP_SET, TEXT, 0, MAP },
		{ NFTA_LOOKUP_SREG, NUMBER, 1, NULL },
		{ NFTA_LOOKUP_DREG, NUMBER, 0, NULL },
		{ NFTA_LOOKUP_FLAGS, NUMBER, 1, NULL } } } } },
	{ NULL, { UDP, DPORT, LOOKUP(1, 0, MAP), ACCEPT } },
	{ NULL, { UDP, DPORT, LOOKUP(1, 0, MAP), COUNTER } },
	{ NULL, { DPORT, LOOKUP(1, 0, MAP), UDP } },
	{ NULL, { DPORT, UDP, LOOKUP(1, 0, MAP) } },
	{ NULL, { UDP, DPORT, LOOKUP(1, 0, MAP), LOOKUP(1, 0, MAP) } },
	{ NULL, { UDP, DPORT, LOOKUP(1, 1, MAP), ACCEPT } },
	{ NULL, { UDP, DPORT, LOOKUP(1, 1, MAP), SET_MARK } },
	{ NULL, { UDP, DPORT, LOOKUP(1, 1, MAP), SET } },
	{ NULL, { UDP, SET_MARK, DPORT, LOOKUP(1, 1, MAP), ACCEPT } },
	{ NULL,
	  { UDP, DPORT, LOOKUP(1, 1, MAP), BITWISE("\377\0\0\377", "\0\0\0\0"),
	    SET_MARK, ACCEPT } },
	{ NULL,
	  { UDP, IMMEDIATE(MARK), SET_MARK, DPORT, LOOKUP(1, 9, MAP), ACCEPT } },
	{ NULL, { UDP, LOOKUP(1, 0, MAP) } },
	{ NULL, { LOOKUP(NFT_REG32_15 + 1, 0, MAP) } },
	{ NULL, { UDP, DPORT, LOOKUP(1, 24, MAP), SET_MARK, ACCEPT } },
	/* Keys that are no fields of ours */
	{ NULL, { IPV4, IP(8, 4), LOOKUP(1, 0, MAP) } },
	{ NULL, { IP(12, 4), LOOKUP(1, 0, MAP) } },
	{ NULL,
	  { IPV4, IP(12, 4), BITWISE("\377\0\0\0", "\0\0\0\0"),
	    LOOKUP(1, 0, MAP) } },
	{ NULL,
	  { UDP, DPORT,
	    LOOKUP(1, 0,
		   "a-name-of-a-set-that-is-longer-than-any-of-ours-"
		   "could-ever-be-at-all") } },
	{ NULL,
	  { SOCKET(NFT_SOCKET_WILDCARD), CMP("\0"), UDP, DPORT,
	    LOOKUP(1, 0, MAP) } },
};

static void test_lookups_that_are_not_ours(void **state)
{
	(void)state;
	check_samples(lookups, ARRAY_SIZE(lookups));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matches_that_are_not_ours),
		cmocka_unit_test(test_actions_that_are_not_ours),
		cmocka_unit_test(test_lookups_that_are_not_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
