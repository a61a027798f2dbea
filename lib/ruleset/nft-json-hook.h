/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Base chains of nft, in the order in which packets meet them. */
#ifndef LBCTL_RULESET_NFT_JSON_HOOK_H
#define LBCTL_RULESET_NFT_JSON_HOOK_H

#include "ruleset/nft-json.h"

struct nft_chain {
	const char *family;
	const char *table;
	const char *name;
	const char *hook; /* NULL: it is no base chain */
	const char *type;
	int priority;
	bool drops;	   /* its policy does */
	unsigned int line; /* of it in the listing */
};

struct nft_listing {
	struct nft_chain *chains;
	size_t count;
	size_t capacity;
	bool translates; /* a rule does NAT */
};

/* Returns a string that is a member of an object, or "". */
const char *nft_text(json_t *object, const char *key);
/* Tells whether rules of a table's family see packets of that family. */
bool nft_has_packets(const char *family, uint16_t packets);

/* Notes a chain. Returns 0, -ENOMEM, or -EINVAL for one that cannot be. */
int nft_note_chain(struct nft_listing *listing, json_t *chain,
		   unsigned int line) MUST_CHECK;
/* Notes whether a rule does NAT. */
void nft_note_nat(struct nft_listing *listing, json_t *rule);
/* Tells whether a rule sets marks that IPVS may see. */
bool nft_may_mark(const struct nft_listing *listing, json_t *rule);

/* Adds the family's chains to the table. Returns 0 or -ENOMEM. */
int nft_add_chains(const struct nft_listing *listing,
		   struct nft_build *build) MUST_CHECK;
/*
 * Adds the hooks: chains as iptables has them, with a jump to each base chain.
 * Returns 0, -ENOMEM, or -EINVAL and the chain at fault in *ret_line.
 */
int nft_add_hooks(const struct nft_listing *listing, struct nft_build *build,
		  unsigned int *ret_line) MUST_CHECK;

#endif
