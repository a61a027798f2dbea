/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Fields that rules of nft compare, and the ways to match their values. */
#ifndef LBCTL_RULESET_NFT_JSON_FIELD_H
#define LBCTL_RULESET_NFT_JSON_FIELD_H

#include "ruleset/nft-json.h"

enum nft_kind {
	FIELD_NETWORK,
	FIELD_PORT,
	FIELD_PROTOCOL,
	FIELD_FAMILY,
	FIELD_MARK,
	FIELD_CONNMARK,
	FIELD_INTERFACE,
	FIELD_STATE,
	FIELD_TYPE,
	FIELD_MAC,
	FIELD_DSCP,
};

struct nft_field {
	const char *owner; /* "ip", "meta" */
	const char *name;  /* "saddr", "mark" */
	enum nft_kind kind;
	uint16_t family;      /* that only has it; 0: both */
	const char *protocol; /* that only has it, or NULL */
	/* Of iptables: the option; or "-m", a match and its option; of ports the
	   options for one and for several. */
	const char *words[3];
};

/* An element of a set or a map. */
struct nft_element {
	json_t *key;
	json_t *value;	     /* of a map, or NULL */
	const char *comment; /* or NULL */
};

struct nft_elements {
	struct nft_element *items;
	size_t count;
	size_t capacity;
	const char *why; /* they are not known, or NULL */
};

/* A field that is being compared. */
struct nft_test {
	const struct nft_field *field;
	uint32_t mask;	      /* of the bits that are compared */
	uint16_t packets;     /* AF_INET or AF_INET6 */
	const char *protocol; /* of ports, or NULL */
	bool negated;
};

/* Finds a field, perhaps with a mask of bits. Returns NULL if it is unknown. */
const struct nft_field *nft_find_field(json_t *left, uint32_t *ret_mask);

/* Makes room for one more way. Returns it, or NULL without memory. */
struct nft_way *nft_ways_grow(struct nft_ways *ways) MUST_CHECK;
/* Adds the way of every packet, and notes why that is too much, or NULL. */
int nft_add_all(uint16_t packets, const char *why,
		struct nft_ways *ways) MUST_CHECK;
/*
 * Each adds the ways to match a value, or one of them; that of every packet for
 * what is not supported. Returns 0 or -ENOMEM.
 */
int nft_add_value(const struct nft_test *test, json_t *value,
		  struct nft_ways *ways) MUST_CHECK;
int nft_add_port_list(const struct nft_test *test,
		      const struct nft_elements *elements,
		      struct nft_ways *ways) MUST_CHECK;
int nft_add_states(const struct nft_test *test,
		   const struct nft_elements *elements,
		   struct nft_ways *ways) MUST_CHECK;
/* Returns how many slots of a rule the ports take. */
size_t nft_port_slots(const struct nft_elements *elements);

#endif
