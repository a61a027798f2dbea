/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Which VIPs this host holds at the moment. */
#ifndef LBCTL_HELD_H
#define LBCTL_HELD_H

#include "index.h"
#include "ipvsctl.h"
#include "vip/rtnetlink.h"

struct held_answer {
	struct ipvsctl_address address; /* only a family: the mark as a whole */
	uint32_t mark;
	bool held;
};

struct held {
	struct rtnetlink *rtnetlink;
	const struct ipvsctl_config *config;
	struct held_answer *answers; /* each question is asked once */
	size_t count;
	size_t capacity;
	struct index index;
};

void held_free(struct held *held);

/* Tells whether this host takes packets to a VIP with that mark, or 0, as its own.
   Returns 1, 0 or a negative errno. */
int held_vip(struct held *held, const struct ipvsctl_address *vip,
	     uint32_t mark) MUST_CHECK;
/* Tells the same of a mark: whether it holds one of the destinations of mark rules
   that set it. A mark without such a rule is held. */
int held_mark(struct held *held, uint32_t mark, uint16_t family) MUST_CHECK;

#endif
