/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Which VIPs this host holds at the moment: the kernel's routing knows. */
#include "push/held.h"

#include <string.h>
#include <sys/socket.h>

#include "array.h"
#include "vip/objects.h"

void held_free(struct held *held)
{
	free(held->answers);
	index_free(&held->index);
}

static uint32_t hash(const struct held_answer *answer)
{
	uint32_t so_far = index_hash(INDEX_HASH_START, &answer->mark,
				     sizeof(answer->mark));

	return index_hash(so_far, answer->address.bytes,
			  sizeof(answer->address.bytes));
}

static bool is_same(const void *array, size_t position, const void *identity)
{
	const struct held_answer *a =
		(const struct held_answer *)array + position;
	const struct held_answer *b = identity;

	return a->mark == b->mark &&
	       ipvsctl_address_compare(&a->address, &b->address) == 0;
}

static int remember(struct held *held, const struct held_answer *answer)
{
	struct held_answer *grown = array_grow(held->answers, &held->capacity,
					       held->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	held->answers = grown;
	grown[held->count] = *answer;
	return index_add(&held->index, hash(answer), held->count++);
}

static const struct held_answer *recall(const struct held *held,
					const struct held_answer *question)
{
	const size_t position = index_find(&held->index, hash(question),
					   held->answers, is_same, question);

	return position == SIZE_MAX ? NULL : &held->answers[position];
}

int held_vip(struct held *held, const struct ipvsctl_address *vip, uint32_t mark)
{
	struct held_answer question = { .address = *vip, .mark = mark };
	const struct held_answer *known = recall(held, &question);
	int r;

	if (known)
		return known->held;
	r = address_is_local(held->rtnetlink, vip, mark);
	if (r < 0)
		return r;
	question.held = r > 0;
	r = remember(held, &question);
	return r < 0 ? r : question.held;
}

/* Of a range that has one address held or not, all are. */
static int holds_one(struct held *held, const struct ipvsctl_mark *rule)
{
	int r = 0;

	for (size_t i = 0; i < rule->destination.count && r == 0; i++)
		r = held_vip(held, &rule->destination.ranges[i].first,
			     rule->mark);
	return r;
}

static int ask_rules(struct held *held, uint32_t mark, uint16_t family)
{
	bool any = false;

	ipvsctl_for_each_mark(held->config, rule) {
		const struct ipvsctl_addresses *vips = &rule->destination;
		int r;

		if (rule->exclude || rule->mark != mark || !vips->count ||
		    vips->negated || vips->ranges[0].first.family != family)
			continue;
		r = holds_one(held, rule);
		if (r != 0)
			return r;
		any = true;
	}
	return !any;
}

int held_mark(struct held *held, uint32_t mark, uint16_t family)
{
	/* No VIP has only a family. */
	struct held_answer question = { .address.family = family, .mark = mark };
	const struct held_answer *known = recall(held, &question);
	int r;

	if (known)
		return known->held;
	r = ask_rules(held, mark, family);
	if (r < 0)
		return r;
	question.held = r > 0;
	r = remember(held, &question);
	return r < 0 ? r : question.held;
}
