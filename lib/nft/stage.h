/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Stages while they are made, and their layout as chains, lines and sets. */
#ifndef LBCTL_NFT_STAGE_H
#define LBCTL_NFT_STAGE_H

#include "nft/stages.h"
#include "nft/view.h"

/* What the pieces of one stage have in common. */
struct shape {
	uint16_t family;
	uint8_t protocol;
	uint8_t exact;		/* FIELD_BIT of the fields with one value */
	enum match_field range; /* the field with several; FIELD_COUNT: none */
	uint16_t exempt;	/* enum ipvsctl_exemption */
	bool exclude;
	bool alone; /* in no map: the rest of the shape does not count */
	char in_interface[IFNAMSIZ];
};

/* A rule, or one combination of the items of its lists. */
struct piece {
	const struct ipvsctl_mark *rule;
	struct match match;
	struct shape shape;
	struct rule_state state;
	uint32_t place; /* of the rule among all */
	uint16_t exempt;
	struct piece *next; /* of the stage */
};

/* The pieces of a stage with the same exact fields. */
struct bucket {
	const struct piece *piece; /* the first */
	uint8_t exact;		   /* the stage's */
	size_t count;
	void *tree; /* of spans, by tsearch(3), if there is a range */
};

struct stage {
	struct shape shape;
	struct piece *first;
	struct piece *last;
	size_t count;
	bool varies; /* the range is not the same for all pieces */
	struct bucket *buckets;
	size_t bucket_count;
	size_t bucket_capacity;
	struct index index; /* of buckets */
};

struct stages {
	struct stage *of; /* by hook, priority, then as packets reach them */
	size_t count;
	size_t capacity;
	struct piece *next_piece; /* the first that is free */
	uint32_t number;	  /* for the next map's name */
};

/* Returns the place of the piece's bucket among those of its stage. */
size_t stage_bucket(const struct stage *stage, const struct piece *piece);
/* Fills the view. Returns 0 or -ENOMEM. */
int stages_layout(struct stages *stages, struct view *view) MUST_CHECK;

#endif
