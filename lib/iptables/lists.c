/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Makes rules with lists of addresses of the kernel's rules. */
#include "lists.h"

#include <stddef.h>
#include <string.h>

#include "model/address.h"
#include "model/object.h"

void found_rule_clear(struct found_rule *found)
{
	/* It belongs to the image. */
	found->rule.comment = NULL;
	ipvsctl_mark_clear(&found->rule);
}

/* Tells whether the second differs only in its addresses. */
static bool same_but_addresses(const struct ipvsctl_mark *a,
			       const struct ipvsctl_mark *b)
{
	struct ipvsctl_mark other = *b;

	other.source = a->source;
	other.destination = a->destination;
	return ipvsctl_mark_same_match(a, &other) && mark_equal(a, &other);
}

/*
 * Gets how many sources, and how many destinations for each, the entries of one
 * rule name: all combinations, destinations inside. Returns false if they are
 * not all there, or in another order.
 */
static bool count_sides(const struct found_rule *rules, size_t count,
			size_t *ret_sources, size_t *ret_destinations)
{
	const struct ipvsctl_addresses *first = &rules[0].rule.source;
	size_t inner = 1;

	while (inner < count &&
	       addresses_equal(&rules[inner].rule.source, first))
		inner++;
	if (count % inner || inner > IPVSCTL_ADDRESSES_MAX ||
	    count / inner > IPVSCTL_ADDRESSES_MAX)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!addresses_equal(&rules[i].rule.source,
				     &rules[i - i % inner].rule.source) ||
		    !addresses_equal(&rules[i].rule.destination,
				     &rules[i % inner].rule.destination))
			return false;
	*ret_sources = count / inner;
	*ret_destinations = inner;
	return true;
}

/* Makes one list of the lists of several rules, step rules apart. */
static int join_side(const struct found_rule *rules, size_t count, size_t step,
		     size_t side, struct ipvsctl_addresses *ret_joined)
{
	struct ipvsctl_address_range ranges[IPVSCTL_ADDRESSES_MAX];
	struct ipvsctl_addresses joined = { .ranges = ranges };

	for (size_t i = 0; i < count; i++) {
		const void *rule = &rules[i * step].rule;
		const struct ipvsctl_addresses *one =
			(const void *)((const char *)rule + side);
		if (count > 1 && (one->negated || one->count != 1))
			return -EINVAL;
		joined.negated = one->negated;
		for (uint16_t n = 0; n < one->count; n++)
			ranges[joined.count++] = one->ranges[n];
	}
	uint16_t before = joined.count;
	joined.count = addresses_sort(ranges, joined.count);
	if (joined.count != before || addresses_whole(&joined))
		return -EINVAL;
	return addresses_copy(&joined, ret_joined);
}

/* Makes one rule of entries. Returns 0, -EINVAL if they are none, -ENOMEM. */
static int join_rules(struct found_rule *rules, size_t count)
{
	struct ipvsctl_addresses source = { 0 };
	struct ipvsctl_addresses destination = { 0 };
	size_t sources = 0;
	size_t inner = 0;

	if (!count_sides(rules, count, &sources, &inner))
		return -EINVAL;
	int r = join_side(rules, sources, inner,
			  offsetof(struct ipvsctl_mark, source), &source);
	if (r == 0)
		r = join_side(rules, inner, 1,
			      offsetof(struct ipvsctl_mark, destination),
			      &destination);
	if (r < 0) {
		addresses_clear(&source);
		return r;
	}
	addresses_clear(&rules[0].rule.source);
	addresses_clear(&rules[0].rule.destination);
	rules[0].rule.source = source;
	rules[0].rule.destination = destination;
	for (size_t i = 1; i < count; i++) {
		rules[0].rule.packets += rules[i].rule.packets;
		rules[0].rule.bytes += rules[i].rule.bytes;
		found_rule_clear(&rules[i]);
	}
	return 0;
}

/* Returns how many entries from the first on can be of one rule. */
static size_t count_further(const struct found_rule *rules, size_t count)
{
	size_t further = 1;

	while (further < count && rules[further].further &&
	       same_but_addresses(&rules[0].rule, &rules[further].rule))
		further++;
	return further;
}

int lists_join(struct found_rule *rules, size_t *count)
{
	size_t kept = 0;
	size_t i = 0;
	int r = 0;

	while (i < *count) {
		size_t entries = count_further(&rules[i], *count - i);
		size_t used = entries;
		if (entries > 1 && r != -ENOMEM)
			r = join_rules(&rules[i], entries);
		if (entries > 1 && r == 0)
			used = 1;
		(void)memmove(&rules[kept], &rules[i], used * sizeof(rules[0]));
		kept += used;
		i += entries;
	}
	*count = kept;
	return r == -ENOMEM ? r : 0;
}
