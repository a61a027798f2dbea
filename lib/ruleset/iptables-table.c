/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The chains and rules of a table, as they were read. */
#include "ruleset/iptables-table.h"

#include <string.h>

#include "array.h"

void iptables_table_free(struct iptables_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		ipvsctl_mark_clear(&table->rules[i]->match.rule);
		free(table->rules[i]);
	}
	for (size_t i = 0; i < table->chain_count; i++)
		free(table->chains[i].rules);
	free(table->rules);
	free(table->chains);
	*table = (struct iptables_table){ 0 };
}

struct iptables_chain *iptables_find_chain(const struct iptables_table *table,
					   const char *name)
{
	for (size_t i = 0; i < table->chain_count; i++)
		if (strcmp(table->chains[i].name, name) == 0)
			return &table->chains[i];
	return NULL;
}

struct iptables_chain *iptables_add_chain(struct iptables_table *table,
					  const char *name)
{
	struct iptables_chain *grown = iptables_find_chain(table, name);

	if (grown)
		return grown;
	grown = array_grow(table->chains, &table->chain_capacity,
			   table->chain_count + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	table->chains = grown;
	grown += table->chain_count++;
	*grown = (struct iptables_chain){ 0 };
	(void)memcpy(grown->name, name, strlen(name) + 1);
	return grown;
}

static int reserve(struct iptables_table *table, struct iptables_chain *chain)
{
	size_t *positions = array_grow(chain->rules, &chain->capacity,
				       chain->count + 1, sizeof(*positions));
	struct iptables_rule **rules;

	if (!positions)
		return -ENOMEM;
	chain->rules = positions;
	rules = array_grow(table->rules, &table->capacity, table->count + 1,
			   sizeof(struct iptables_rule *));
	if (!rules)
		return -ENOMEM;
	table->rules = rules;
	return 0;
}

int iptables_add_rule(struct iptables_table *table,
		      const struct iptables_rule *rule)
{
	struct iptables_chain *chain = iptables_add_chain(table, rule->chain);
	struct iptables_rule *copy;

	if (!chain || reserve(table, chain) < 0)
		return -ENOMEM;
	copy = malloc(sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	*copy = *rule;
	chain->rules[chain->count++] = table->count;
	table->rules[table->count++] = copy;
	return 0;
}

bool iptables_is_ours(const char *name)
{
	return strncmp(name, "LBCTL-", 6) == 0;
}

/* ---- What was passed over ------------------------------------------------------ */

static bool is_builtin(const char *chain)
{
	static const char *const names[] = { "PREROUTING", "INPUT", "OUTPUT",
					     "FORWARD", "POSTROUTING" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], chain) == 0)
			return true;
	return false;
}

const char *iptables_passed_over(const struct iptables_table *table,
				 const struct iptables_rule *rule)
{
	if (iptables_is_ours(rule->chain) || iptables_is_ours(rule->target) ||
	    rule->uses)
		return NULL;
	if (!rule->reached && strcmp(rule->chain, "FORWARD") != 0 &&
	    strcmp(rule->chain, "POSTROUTING") != 0 && is_builtin(rule->chain))
		return "a rule before it lets no packet through to it";
	if (!rule->reached)
		return is_builtin(rule->chain) ?
			       "it is in none of PREROUTING, INPUT and OUTPUT" :
			       "no jump from PREROUTING, INPUT or OUTPUT leads "
			       "to it";
	if (iptables_find_chain(table, rule->target) ||
	    (rule->ending == ENDING_RETURN && !is_builtin(rule->chain)))
		return NULL;
	if (rule->whynot)
		return rule->whynot;
	if (rule->never)
		return "no packet matches it";
	if (rule->marks && change_is_nothing(rule->change))
		return "it changes no mark";
	if (rule->marks)
		return rule->shadowed ? "a rule behind it matches the same" :
					"no packet matches it";
	if (rule->ending == ENDING_NONE)
		return "its target sets no mark";
	return rule->shadowed ?
		       "a rule before it matches the same" :
	       table->nft ?
		       "no rule that marks follows that it could save from" :
		       "no MARK rule follows that it could save from";
}
