/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The state of reading one rule of the kernel. */
#ifndef LBCTL_NFT_READER_H
#define LBCTL_NFT_READER_H

#include "nft/view.h"

#define WORDS 16 /* registers of four bytes */

enum source_kind {
	SOURCE_NONE,
	SOURCE_META,
	SOURCE_PAYLOAD,
	SOURCE_CONSTANT, /* number */
	SOURCE_FOUND,	 /* the value that a map had */
	SOURCE_SOCKET,
	SOURCE_DIRECTION,
	SOURCE_STATE,
	SOURCE_TYPE_OF, /* an address's; key has the flags of fib */
};

/* What a register holds. */
struct source {
	enum source_kind kind;
	uint32_t key;	 /* of meta; of payload the base */
	uint32_t offset; /* of payload */
	uint32_t length; /* of payload */
	uint32_t number; /* of a constant */
	bool masked;	 /* mask and flips were applied */
	uint8_t mask[16];
	uint8_t flips[16];
};

/* Bytes of a header that are known; a header has no more of our fields. */
struct header {
	uint8_t values[40];
	uint8_t masks[40];
};

/* Bounds of one field; which one shows when the family is known. */
struct bounds {
	struct source source;
	bool has_first, has_last;
	struct span span;
};
#define BOUNDS_MAX 8

struct reader {
	struct line *line;
	struct source registers[WORDS];
	struct source nowhere;	  /* of a register that does not exist */
	struct header headers[2]; /* network, transport */
	struct bounds bounds[BOUNDS_MAX];
	size_t bound_count;
	struct source keys[FIELD_COUNT];
	bool looked_up;
	bool marks;
	bool exempts;  /* the value of a socket or of conntrack was compared */
	bool by_mark;  /* the mark was looked up */
	bool original; /* the connection's direction is to be original */
	bool snats;
	bool ended;
	int32_t verdict;
	bool alien;
	bool ethernet; /* the interface was compared to be one */
};

/* What a register is compared with. */
struct comparison {
	bool negated;
	size_t size;
	uint8_t value[16];
};

/* Each notes what a comparison demands, or that no rule of ours has it. */
void reader_compare(struct reader *reader, const struct source *source,
		    const struct comparison *comparison);
/* The bounds have that size; first or last can be NULL. */
void reader_bound(struct reader *reader, const struct source *source,
		  size_t size, const uint8_t *first, const uint8_t *last);
/* Makes the line's match and keys of what was noted. */
void reader_take_match(struct reader *reader);

#endif
