/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Our chains of one family's mangle table as plain data: those that the kernel
 * has, or those that it should have.
 */
#ifndef LBCTL_IPTABLES_IMAGE_H
#define LBCTL_IPTABLES_IMAGE_H

#include "entry.h"

struct image_rule {
	size_t offset; /* of its normal form in arena */
	uint64_t packets;
	uint64_t bytes;
	uint32_t chain; /* in chains, once counters are carried */
	bool standard;	/* as read: the target is a verdict or a chain */
};

struct image_chain {
	char name[CHAIN_NAME_SIZE];
	struct chain_id id;
	size_t first; /* in rules */
	size_t count;
	bool exempt; /* has a head; known once counters are carried */
};

struct image {
	const struct layout *layout;
	struct bytes arena;
	struct image_rule *rules;
	size_t rule_count;
	size_t rule_capacity;
	struct image_chain *chains;
	size_t chain_count;
	size_t chain_capacity;
	unsigned int jumps[HOOK_COUNT]; /* from the built-in chain to our base */
	bool failed;			/* memory ran out */
};

void image_free(struct image *image);
#define AUTO_IMAGE CLEANUP(image_free)

/* Starts a chain; rules that are added next belong to it. */
void image_add_chain(struct image *image, const struct chain_id *id);
/* Adds the rule whose normal form was appended to arena from offset on. */
void image_add_rule(struct image *image, size_t offset, uint64_t packets,
		    uint64_t bytes);
/* Sorts chains by their names, for image_find(). */
void image_sort(struct image *image);
/* Returns 0, or -ENOMEM if adding ran out of memory. */
int image_check(const struct image *image) MUST_CHECK;

/* Tells whether two images that were read agree, but for counters. */
bool image_same(const struct image *a, const struct image *b);

/* Returns the chain of that name in a sorted image, or NULL. */
const struct image_chain *image_find(const struct image *image,
				     const char *name);
/* Returns the normal form of a chain's rule, by number from 0. */
const void *image_entry(const struct image *image,
			const struct image_chain *chain, size_t number);
const struct image_rule *image_rule(const struct image *image,
				    const struct image_chain *chain,
				    size_t number);
/* Tells whether two chains have the same rules, counters apart. */
bool image_same_chain(const struct image *a, const struct image_chain *chain_a,
		      const struct image *b, const struct image_chain *chain_b);

/* The kinds of rules in our chains. */
enum rule_kind {
	RULE_MARK,  /* a mark rule; ret_decoded is filled, extra to be freed */
	RULE_LINK,  /* goes on to another chain of ours */
	RULE_HEAD,  /* takes own packets to another chain of ours */
	RULE_ALIEN, /* made by somebody else */
};
enum rule_kind image_classify(const struct image *image,
			      const struct image_chain *chain, size_t number,
			      struct decoded *ret_decoded);

/*
 * Copies the counters of rules to those with the same match and exemption, in
 * whatever chain of their priority they are. Returns 0 or -ENOMEM.
 */
int image_carry_counters(struct image *from, struct image *to) MUST_CHECK;

#endif
