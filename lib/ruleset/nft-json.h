/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Rules of "nft -j list", made to rules that can be followed as those of
 * iptables are.
 */
#ifndef LBCTL_RULESET_NFT_JSON_H
#define LBCTL_RULESET_NFT_JSON_H

#include "ruleset/iptables-table.h"
#include "ruleset/json.h"

/* ---- Matches ------------------------------------------------------------- */

/* One of the ways in which a packet can match a rule. They exclude each other. */
struct nft_way {
	struct match match;
	json_t *value;	     /* that a map gives it, or NULL */
	const char *comment; /* of the map's element, or NULL */
};

struct nft_ways {
	struct nft_way *items;
	size_t count;
	size_t capacity;
	unsigned int reads; /* things */
	const char *why;    /* they have no equal here, or NULL */
};

/* The place of a match: what it can refer to, and for which packets it is. */
struct nft_scope {
	json_t *sets;	    /* all sets and maps, by nft_name() */
	json_t *updated;    /* those that rules change, by nft_name() */
	const char *family; /* of the table */
	const char *table;
	uint16_t packets; /* AF_INET or AF_INET6 */
	struct ipvsctl_error *err;
};

#define NFT_NAME_SIZE 800
/* Writes the name that a set, map or chain has among all tables. */
const char *nft_name(const struct nft_scope *scope, const char *name,
		     char text[NFT_NAME_SIZE]);

void nft_ways_free(struct nft_ways *ways);
#define AUTO_WAYS CLEANUP(nft_ways_free)
/* Makes ways the one way of every packet. Returns 0 or -ENOMEM. */
int nft_ways_all(const struct nft_scope *scope,
		 struct nft_ways *ways) MUST_CHECK;
/* Notes why the ways have no equal; only the first reason is kept. */
void nft_ways_reject(struct nft_ways *ways, const char *why);

/*
 * Each narrows ways. Returns 0, -ENOMEM, or -EINVAL for JSON that nft does not
 * write. data: a value, a set or the name of one.
 */
int nft_match(const struct nft_scope *scope, struct nft_ways *ways,
	      json_t *left, json_t *data) MUST_CHECK;
/* The same; each way gets the value that the map gives it. */
int nft_match_map(const struct nft_scope *scope, struct nft_ways *ways,
		  json_t *left, json_t *data) MUST_CHECK;
/* Returns 1, and changes nothing, if ways cannot express what does not match. */
int nft_match_not(const struct nft_scope *scope, struct nft_ways *ways,
		  json_t *left, json_t *data) MUST_CHECK;
/* Narrows ways to the packets that have what left reads. */
int nft_match_has(const struct nft_scope *scope, struct nft_ways *ways,
		  json_t *left) MUST_CHECK;
/* Matches what "<", ">=" and so on compare. */
int nft_match_compare(const struct nft_scope *scope, struct nft_ways *ways,
		      const char *op, json_t *match) MUST_CHECK;

/* ---- Rules --------------------------------------------------------------- */

/* What makes the rules of one address family. */
struct nft_build {
	struct nft_scope scope;
	json_t *chains; /* their numbers, by nft_name() */
	struct iptables_table *table;
	size_t inner_count; /* chains that are parts of rules */
};

/* Writes the name that a chain has in build->table. */
void nft_chain_name(size_t number, char name[CHAIN_NAME_MAX + 1]);
/*
 * Adds a rule to the chain of that number. line: what its parts have as line.
 * Returns as nft_match().
 */
int nft_add_rule(struct nft_build *build, size_t chain, json_t *rule,
		 unsigned int line) MUST_CHECK;

/* ---- Values -------------------------------------------------------------- */

/* Gets the single member of an object. Returns false if it is none. */
bool nft_member(json_t *object, const char **ret_key,
		json_t **ret_value) MUST_CHECK;
/* Gets a number of 32 bits. Returns false if it is none. */
bool nft_number(json_t *value, uint32_t *ret_number) MUST_CHECK;
/* Tells whether a table or a set has a flag. */
bool nft_has_flag(json_t *set, const char *flag);
/* Fails since the JSON is not what nft writes. Returns -EINVAL. */
int nft_fail(const struct nft_scope *scope, const char *what);

#endif
