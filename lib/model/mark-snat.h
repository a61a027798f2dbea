/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The marks whose packets leave with an address of this host as their source.
 * The kernel changes the source behind the rules that set marks, where it sees
 * the mark alone: so it goes by family and mark, not by rule.
 */
#ifndef LBCTL_MARK_SNAT_H
#define LBCTL_MARK_SNAT_H

#include "ipvsctl.h"
#include "scope.h"

struct snat {
	uint16_t family; /* AF_INET or AF_INET6 */
	uint32_t mark;
	struct ipvsctl_address address; /* AF_UNSPEC: the interface's */
};

struct snats {
	struct snat *of;
	size_t count;
	size_t capacity;
};

/* Adds one, out of order. Returns 0 or -ENOMEM. */
int snats_add(struct snats *snats, const struct snat *snat) MUST_CHECK;
/* Sorts them by family and mark; one of the same mark is left. */
void snats_sort(struct snats *snats);
/* Collects those of a configuration's rules, sorted. Returns 0 or -ENOMEM. */
int snats_collect(struct snats *snats,
		  const struct ipvsctl_config *config) MUST_CHECK;
void snats_free(struct snats *snats);
#define AUTO_SNATS CLEANUP(snats_free)

/* Returns that of a mark among sorted ones, or NULL. */
const struct snat *snats_find(const struct snats *snats, uint16_t family,
			      uint32_t mark);
/* Sets snat in a rule that was read, by its mark. */
void snats_give(const struct snats *snats, struct ipvsctl_mark *rule);

/* Fails with -EINVAL if two rules of one mark disagree; or -ENOMEM. */
int config_check_snat(const struct ipvsctl_config *config,
		      struct ipvsctl_error *err) MUST_CHECK;
bool config_has_snat(const struct ipvsctl_config *config);

#endif
