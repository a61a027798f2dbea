/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Rules of nf_tables made by hand, from expressions as nft(8) writes them. */
#ifndef LBCTL_UNIT_HANDS_H
#define LBCTL_UNIT_HANDS_H

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "tables.h"

#include "nft/expressions.h"

/* One expression: a name, and up to six attributes. */
struct hand {
	const char *name;
	struct {
		uint16_t type; /* 0: none is left */
		enum { NUMBER, VALUE, TEXT } kind;
		uint32_t number;   /* of a VALUE its length */
		const char *bytes; /* of a VALUE or TEXT */
	} attributes[7];
};

/* The expressions that nft(8) writes. */
#define META(reg, key)                                           \
	{                                                        \
		"meta",                                          \
		{                                                \
			{ NFTA_META_DREG, NUMBER, reg, NULL },   \
			{                                        \
				NFTA_META_KEY, NUMBER, key, NULL \
			}                                        \
		}                                                \
	}
#define PAYLOAD(reg, base, offset, length)                                     \
	{                                                                      \
		"payload",                                                     \
		{                                                              \
			{ NFTA_PAYLOAD_DREG, NUMBER, reg, NULL },              \
				{ NFTA_PAYLOAD_BASE, NUMBER, base, NULL },     \
				{ NFTA_PAYLOAD_OFFSET, NUMBER, offset, NULL }, \
			{                                                      \
				NFTA_PAYLOAD_LEN, NUMBER, length, NULL         \
			}                                                      \
		}                                                              \
	}
#define IP(offset, length) \
	PAYLOAD(NFT_REG_1, NFT_PAYLOAD_NETWORK_HEADER, offset, length)
#define TH(offset, length) \
	PAYLOAD(NFT_REG_1, NFT_PAYLOAD_TRANSPORT_HEADER, offset, length)
#define LL(offset, length) \
	PAYLOAD(NFT_REG_1, NFT_PAYLOAD_LL_HEADER, offset, length)
#define CMP_OF(reg, op, bytes)                                                 \
	{                                                                      \
		"cmp",                                                         \
		{                                                              \
			{ NFTA_CMP_SREG, NUMBER, reg, NULL },                  \
				{ NFTA_CMP_OP, NUMBER, op, NULL },             \
			{                                                      \
				NFTA_CMP_DATA, VALUE, sizeof(bytes) - 1, bytes \
			}                                                      \
		}                                                              \
	}
#define CMP(bytes) CMP_OF(NFT_REG_1, NFT_CMP_EQ, bytes)
#define RANGE(from, to)                                                        \
	{                                                                      \
		"range",                                                       \
		{                                                              \
			{ NFTA_RANGE_SREG, NUMBER, NFT_REG_1, NULL },          \
				{ NFTA_RANGE_OP, NUMBER, NFT_RANGE_EQ, NULL }, \
				{ NFTA_RANGE_FROM_DATA, VALUE,                 \
				  sizeof(from) - 1, from },                    \
			{                                                      \
				NFTA_RANGE_TO_DATA, VALUE, sizeof(to) - 1, to  \
			}                                                      \
		}                                                              \
	}
#define BITWISE(mask, flips)                                                    \
	{                                                                       \
		"bitwise",                                                      \
		{                                                               \
			{ NFTA_BITWISE_SREG, NUMBER, NFT_REG_1, NULL },         \
				{ NFTA_BITWISE_DREG, NUMBER, NFT_REG_1, NULL }, \
				{ NFTA_BITWISE_LEN, NUMBER, sizeof(mask) - 1,   \
				  NULL },                                       \
				{ NFTA_BITWISE_MASK, VALUE, sizeof(mask) - 1,   \
				  mask },                                       \
			{                                                       \
				NFTA_BITWISE_XOR, VALUE, sizeof(flips) - 1,     \
					flips                                   \
			}                                                       \
		}                                                               \
	}
#define LOOKUP(reg, dreg, set)                                           \
	{                                                                \
		"lookup",                                                \
		{                                                        \
			{ NFTA_LOOKUP_SET, TEXT, 0, set },               \
				{ NFTA_LOOKUP_SREG, NUMBER, reg, NULL }, \
			{                                                \
				NFTA_LOOKUP_DREG, NUMBER, dreg, NULL     \
			}                                                \
		}                                                        \
	}
#define IMMEDIATE(bytes)                                                       \
	{                                                                      \
		"immediate",                                                   \
		{                                                              \
			{ NFTA_IMMEDIATE_DREG, NUMBER, NFT_REG_1, NULL },      \
			{                                                      \
				NFTA_IMMEDIATE_DATA, VALUE, sizeof(bytes) - 1, \
					bytes                                  \
			}                                                      \
		}                                                              \
	}
#define SET_MARK                                                        \
	{                                                               \
		"meta",                                                 \
		{                                                       \
			{ NFTA_META_KEY, NUMBER, NFT_META_MARK, NULL }, \
			{                                               \
				NFTA_META_SREG, NUMBER, NFT_REG_1, NULL \
			}                                               \
		}                                                       \
	}
#define SOCKET(key)                                                       \
	{                                                                 \
		"socket",                                                 \
		{                                                         \
			{ NFTA_SOCKET_KEY, NUMBER, key, NULL },           \
			{                                                 \
				NFTA_SOCKET_DREG, NUMBER, NFT_REG_1, NULL \
			}                                                 \
		}                                                         \
	}
#define CT(key)                                                    \
	{                                                          \
		"ct",                                              \
		{                                                  \
			{ NFTA_CT_DREG, NUMBER, NFT_REG_1, NULL }, \
			{                                          \
				NFTA_CT_KEY, NUMBER, key, NULL     \
			}                                          \
		}                                                  \
	}
#define COUNTER                   \
	{                         \
		"counter",        \
		{                 \
			{         \
				0 \
			}         \
		}                 \
	}
#define VERDICT(code)                                             \
	{                                                         \
		"verdict",                                        \
		{                                                 \
			{                                         \
				1, NUMBER, (uint32_t)(code), NULL \
			}                                         \
		}                                                 \
	}
#define VERDICT_TO(code, chain)                                \
	{                                                      \
		"verdict",                                     \
		{                                              \
			{ 1, NUMBER, (uint32_t)(code), NULL }, \
			{                                      \
				2, TEXT, 0, chain              \
			}                                      \
		}                                              \
	}
#define ACCEPT VERDICT(NF_ACCEPT)
#define IPV4   META(NFT_REG_1, NFT_META_NFPROTO), CMP("\2")
#define IPV6   META(NFT_REG_1, NFT_META_NFPROTO), CMP("\12")
#define L4     META(NFT_REG_1, NFT_META_L4PROTO)
#define UDP    L4, CMP("\21")
#define ETHER  META(NFT_REG_1, NFT_META_IIFTYPE), CMP("\1\0")
#define IIF    META(NFT_REG_1, NFT_META_IIFNAME)
/* A mark that is the same in both orders of bytes. */
#define MARK "\7\0\0\7"
#define SET  IMMEDIATE(MARK), SET_MARK, ACCEPT
#define TOLD "mark 117440519"

#define MAP "prerouting-map-1"

#define META_MARK META(NFT_REG_1, NFT_META_MARK)
#define ORIGINAL  CT(NFT_CT_DIRECTION), CMP("\0")
/* A set has no value. */
#define IN_SET(set)                                               \
	{                                                         \
		"lookup",                                         \
		{                                                 \
			{ NFTA_LOOKUP_SET, TEXT, 0, set },        \
			{                                         \
				NFTA_LOOKUP_SREG, NUMBER, 1, NULL \
			}                                         \
		}                                                 \
	}
#define MASQ(flags)                                                  \
	{                                                            \
		"masq",                                              \
		{                                                    \
			{                                            \
				NFTA_MASQ_FLAGS, NUMBER, flags, NULL \
			}                                            \
		}                                                    \
	}
/* The kernel shows the register of one address twice. */
#define NAT(type, family, last, flags)                                         \
	{                                                                      \
		"nat",                                                         \
		{                                                              \
			{ NFTA_NAT_TYPE, NUMBER, type, NULL },                 \
				{ NFTA_NAT_FAMILY, NUMBER, family, NULL },     \
				{ NFTA_NAT_REG_ADDR_MIN, NUMBER, 1, NULL },    \
				{ NFTA_NAT_REG_ADDR_MAX, NUMBER, last, NULL }, \
			{                                                      \
				NFTA_NAT_FLAGS, NUMBER, flags, NULL            \
			}                                                      \
		}                                                              \
	}

#define HANDS 24

struct sample {
	const char *line; /* NULL: alien */
	struct hand hands[HANDS];
};

/* Each sample has to be read as its line says. */
void check_samples(const struct sample *samples, size_t count);
/* Reads the line that batch has; returns what line_get() does. */
int read_line(const struct batch *batch, struct line *line);
/* Returns a line as view_tell() says it, without its comment; to be freed. */
char *line_tell(const struct line *line);

#endif
