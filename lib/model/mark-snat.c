/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The marks whose packets leave with an address of this host. */
#include "model/mark-snat.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "array.h"
#include "fail.h"
#include "model/object.h"

static const uint16_t families[] = { AF_INET, AF_INET6 };

bool mark_same_snat(const struct ipvsctl_mark *a, const struct ipvsctl_mark *b)
{
	return a->snat == b->snat &&
	       (!a->snat || ipvsctl_address_compare(&a->snat_address,
						    &b->snat_address) == 0);
}

static bool is_of(const struct ipvsctl_mark *rule, uint16_t family)
{
	return rule->family == AF_UNSPEC || rule->family == family;
}

static int compare_identities(const void *a, const void *b)
{
	const struct snat *one = a, *other = b;

	if (one->family != other->family)
		return one->family < other->family ? -1 : 1;
	return (one->mark > other->mark) - (one->mark < other->mark);
}

/* Of one mark, that without an address comes first, as in the kernel. */
static int compare(const void *a, const void *b)
{
	const struct snat *one = a, *other = b;
	int order = compare_identities(a, b);

	return order ? order :
		       ipvsctl_address_compare(&one->address, &other->address);
}

int snats_add(struct snats *snats, const struct snat *snat)
{
	struct snat *grown = array_grow(snats->of, &snats->capacity,
					snats->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	snats->of = grown;
	grown[snats->count++] = *snat;
	return 0;
}

void snats_sort(struct snats *snats)
{
	size_t kept = 0;

	if (snats->count)
		qsort(snats->of, snats->count, sizeof(*snats->of), compare);
	for (size_t i = 0; i < snats->count; i++)
		if (!kept ||
		    compare_identities(&snats->of[kept - 1], &snats->of[i]))
			snats->of[kept++] = snats->of[i];
	snats->count = kept;
}

int snats_collect(struct snats *snats, const struct ipvsctl_config *config)
{
	ipvsctl_for_each_mark(config, rule) {
		struct snat snat = { .mark = rule->mark,
				     .address = rule->snat_address };

		for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
			snat.family = families[i];
			if (rule->snat && is_of(rule, snat.family) &&
			    snats_add(snats, &snat) < 0)
				return -ENOMEM;
		}
	}
	snats_sort(snats);
	return 0;
}

void snats_free(struct snats *snats)
{
	free(snats->of);
	*snats = (struct snats){ .count = 0 };
}

const struct snat *snats_find(const struct snats *snats, uint16_t family,
			      uint32_t mark)
{
	const struct snat sought = { .family = family, .mark = mark };

	return snats->count ? bsearch(&sought, snats->of, snats->count,
				      sizeof(sought), compare_identities) :
			      NULL;
}

/* Gives the rule what the families that it is for have in common. */
void snats_give(const struct snats *snats, struct ipvsctl_mark *rule)
{
	const struct snat *found = NULL, *before = NULL;

	rule->snat = false;
	rule->snat_address = (struct ipvsctl_address){ .family = AF_UNSPEC };
	if (rule->exclude || rule->mask != UINT32_MAX)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		if (!is_of(rule, families[i]))
			continue;
		found = snats_find(snats, families[i], rule->mark);
		if (!found || (before && (found->address.family ||
					  before->address.family)))
			return;
		before = found;
	}
	rule->snat = found;
	if (found)
		rule->snat_address = found->address;
}

bool config_has_snat(const struct ipvsctl_config *config)
{
	ipvsctl_for_each_mark(config, rule)
		if (rule->snat)
			return true;
	return false;
}

/* Tells whether the rule says what the rules of its mark do together. */
static bool agrees(const struct snats *snats, const struct ipvsctl_mark *rule)
{
	struct ipvsctl_mark shared = *rule;

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		if (rule->exclude || !is_of(rule, families[i]))
			continue;
		shared.family = families[i];
		snats_give(snats, &shared);
		if (!mark_same_snat(rule, &shared))
			return false;
	}
	return true;
}

int config_check_snat(const struct ipvsctl_config *config,
		      struct ipvsctl_error *err)
{
	AUTO_SNATS struct snats snats = { .count = 0 };
	int r;

	if (!config_has_snat(config))
		return 0;
	if (snats_collect(&snats, config) < 0)
		return fail_memory(err);
	ipvsctl_for_each_mark(config, rule) {
		if (agrees(&snats, rule))
			continue;
		r = fail(err, -EINVAL,
			 "--snat goes by the mark, and rules of this mark "
			 "differ in it");
		(void)fail_hint(err, r,
				"give all rules of the mark the same --snat, "
				"or take another mark");
		return mark_about(rule, r, err);
	}
	return 0;
}
