/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A table of iptables: chains, and rules in the order of their lines. */
#ifndef LBCTL_RULESET_IPTABLES_TABLE_H
#define LBCTL_RULESET_IPTABLES_TABLE_H

#include "ruleset/iptables-rule.h"

struct iptables_chain {
	char name[CHAIN_NAME_MAX + 1];
	size_t *rules; /* positions in the table, in order */
	size_t count;
	size_t capacity;
	bool active; /* it is being followed */
	bool done;   /* it was followed, if once is enough */
};

struct iptables_table {
	uint16_t family;
	/* It stands for rules of nft: its hooks are jumps to base chains, and
	   who is accepted goes on with the next one. */
	bool nft;
	struct iptables_rule **rules; /* in the order of the lines */
	size_t count;
	size_t capacity;
	struct iptables_chain *chains;
	size_t chain_count;
	size_t chain_capacity;
};

void iptables_table_free(struct iptables_table *table);
/* Returns the chain of that name, or NULL. */
struct iptables_chain *iptables_find_chain(const struct iptables_table *table,
					   const char *name);
/* Returns the chain of that name, new if need be; NULL without memory. */
struct iptables_chain *iptables_add_chain(struct iptables_table *table,
					  const char *name) MUST_CHECK;
/* Moves the rule to its chain, with its texts. Returns 0, or -ENOMEM, and then
   the caller still owns them. */
int iptables_add_rule(struct iptables_table *table,
		      const struct iptables_rule *rule) MUST_CHECK;

/* Tells whether the chain is one of ours. */
bool iptables_is_ours(const char *name);

/* Returns why iptables_follow() passed a rule over, or NULL if it did not. */
const char *iptables_passed_over(const struct iptables_table *table,
				 const struct iptables_rule *rule);

#endif
