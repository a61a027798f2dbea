/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Makes hooks, as tables of iptables have them, of base chains. */
#include "ruleset/nft-json-hook.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "array.h"
#include "fail.h"
#include "ruleset/iptables-effects.h"

/* Where the kernel tracks connections, translates, and has IPVS. */
#define PRIORITY_TRACKING    (-200)
#define PRIORITY_NAT	     (-100)
#define PRIORITY_IPVS_INPUT  99
#define PRIORITY_IPVS_OUTPUT (-98)

const char *nft_text(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

bool nft_has_packets(const char *family, uint16_t packets)
{
	return strcmp(family, "inet") == 0 ||
	       strcmp(family, packets == AF_INET ? "ip" : "ip6") == 0;
}

/* ---- Chains -------------------------------------------------------------- */

int nft_note_chain(struct nft_listing *listing, json_t *chain, unsigned int line)
{
	json_t *priority = json_object_get(chain, "prio");
	json_int_t number = json_integer_value(priority);
	struct nft_chain noted = {
		.family = nft_text(chain, "family"),
		.table = nft_text(chain, "table"),
		.name = nft_text(chain, "name"),
		.hook = json_string_value(json_object_get(chain, "hook")),
		.type = nft_text(chain, "type"),
		.priority = (int)number,
		.drops = strcmp(nft_text(chain, "policy"), "drop") == 0,
		.line = line,
	};
	struct nft_chain *grown =
		array_grow(listing->chains, &listing->capacity,
			   listing->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	listing->chains = grown;
	if (json_object_get(chain, "hook") &&
	    (!noted.hook || !*noted.type || !json_is_integer(priority) ||
	     number < INT_MIN || number > INT_MAX))
		return -EINVAL;
	grown[listing->count++] = noted;
	return 0;
}

/* Tells whether one of the rule's statements has that name. */
static bool has_statement(json_t *rule, const char *wanted)
{
	json_t *list = json_object_get(rule, "expr");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_object_get(json_array_get(list, i), wanted))
			return true;
	return false;
}

void nft_note_nat(struct nft_listing *listing, json_t *rule)
{
	static const char *const names[] = { "dnat", "snat", "masquerade",
					     "redirect", "xt" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		listing->translates |= has_statement(rule, names[i]);
}

/* Tells whether packets have met IPVS before the chain. */
static bool is_late(const struct nft_chain *chain)
{
	const char *hook = chain->hook ? chain->hook : "";

	if (strcmp(hook, "input") == 0)
		return chain->priority >= PRIORITY_IPVS_INPUT;
	if (strcmp(hook, "output") == 0)
		return chain->priority >= PRIORITY_IPVS_OUTPUT;
	return strcmp(hook, "forward") == 0 ||
	       strcmp(hook, "postrouting") == 0 || strcmp(hook, "egress") == 0;
}

bool nft_may_mark(const struct nft_listing *listing, json_t *rule)
{
	json_t *list = json_object_get(rule, "expr");

	for (size_t i = 0; i < listing->count; i++) {
		const struct nft_chain *chain = &listing->chains[i];

		if (is_late(chain) &&
		    strcmp(chain->family, nft_text(rule, "family")) == 0 &&
		    strcmp(chain->table, nft_text(rule, "table")) == 0 &&
		    strcmp(chain->name, nft_text(rule, "chain")) == 0)
			return false;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *mangle =
			json_object_get(json_array_get(list, i), "mangle");
		json_t *key = json_object_get(mangle, "key");

		if (strcmp(nft_text(json_object_get(key, "meta"), "key"),
			   "mark") == 0)
			return true;
	}
	return false;
}

int nft_add_chains(const struct nft_listing *listing, struct nft_build *build)
{
	for (size_t i = 0; i < listing->count; i++) {
		const struct nft_chain *chain = &listing->chains[i];
		char name[CHAIN_NAME_MAX + 1];

		if (!nft_has_packets(chain->family, build->scope.packets))
			continue;
		nft_chain_name(chain->line - 1, name);
		if (!iptables_add_chain(build->table, name))
			return -ENOMEM;
	}
	return 0;
}

/* ---- Hooks --------------------------------------------------------------- */

/* Base chains of one hook. */
struct hook {
	const char *name; /* as iptables has it */
	const struct nft_chain **chains;
	size_t count;
};

static const char *hook_of(const struct nft_chain *chain)
{
	static const struct {
		const char *nft;
		const char *iptables;
	} names[] = {
		{ "ingress", "PREROUTING" },
		{ "prerouting", "PREROUTING" },
		{ "input", "INPUT" },
		{ "output", "OUTPUT" },
	};

	if (is_late(chain))
		return "POSTROUTING";
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i].nft, chain->hook) == 0)
			return names[i].iptables;
	return NULL;
}

static int by_priority(const void *a, const void *b)
{
	const struct nft_chain *one = *(const struct nft_chain *const *)a;
	const struct nft_chain *other = *(const struct nft_chain *const *)b;
	bool early = strcmp(one->hook, "ingress") == 0;

	if (early != (strcmp(other->hook, "ingress") == 0))
		return early ? -1 : 1;
	if (one->priority != other->priority)
		return one->priority < other->priority ? -1 : 1;
	return one->line < other->line ? -1 : one->line > other->line;
}

/* Adds a rule for every packet to a chain that stands for hooks. */
static int add_rule(struct nft_build *build, const char *chain,
		    const char *target, const struct iptables_rule *like)
{
	struct iptables_rule rule = *like;

	ipvsctl_mark_init(&rule.match.rule, false);
	rule.match.rule.family = build->scope.packets;
	rule.match.rule.exempt_own = false;
	rule.change = CHANGE_NOTHING;
	rule.text = "";
	(void)snprintf(rule.chain, sizeof(rule.chain), "%s", chain);
	(void)snprintf(rule.target, sizeof(rule.target), "%s", target);
	return iptables_add_rule(build->table, &rule);
}

/* Returns the things that mark rules of the hook see otherwise. */
static unsigned int differences(const struct nft_listing *listing,
				const struct nft_chain *chain)
{
	if (strcmp(chain->hook, "input") == 0)
		return 0;
	if (chain->priority <= PRIORITY_TRACKING)
		return THING_TRACKING | THING_CONNMARK | THING_LABEL;
	return chain->priority >= PRIORITY_NAT && listing->translates ?
		       THING_ADDRESS :
		       0;
}

/* Adds the jump of a hook to a base chain. */
static int add_base(const struct nft_listing *listing, struct nft_build *build,
		    const char *hook, const struct nft_chain *chain)
{
	struct iptables_rule jump = { .line = chain->line };
	const struct iptables_rule drop = { .line = chain->line,
					    .ending = ENDING_DROP };
	char name[CHAIN_NAME_MAX + 1];
	char outer[CHAIN_NAME_MAX + 1];
	int r;

	jump.sets = differences(listing, chain);
	if (strcmp(chain->type, "nat") == 0)
		jump.no_marks = "its base chain is of the type nat, which sees "
				"only the first packet of a connection";
	else if (strcmp(chain->hook, "ingress") == 0)
		jump.no_marks = "its base chain is of the hook ingress";
	nft_chain_name(chain->line - 1, name);
	if (!chain->drops)
		return add_rule(build, hook, name, &jump);
	/* What comes back from a chain whose policy is drop is dropped. */
	(void)snprintf(outer, sizeof(outer), "p%u", chain->line);
	r = add_rule(build, hook, outer, &jump);
	jump.no_marks = NULL;
	jump.sets = 0;
	if (r == 0)
		r = add_rule(build, outer, name, &jump);
	return r == 0 ? add_rule(build, outer, "DROP", &drop) : r;
}

/* Finds what a base chain can do. */
static int get_effects(const struct nft_build *build,
		       const struct nft_chain *chain, struct effects *effects)
{
	char name[CHAIN_NAME_MAX + 1];
	size_t steps = 0;
	int r;

	nft_chain_name(chain->line - 1, name);
	*effects = (struct effects){ .table = build->table, .steps = &steps };
	r = iptables_find_effects(effects,
				  iptables_find_chain(build->table, name), 0);
	effects->drops |= chain->drops;
	if (r == 0)
		return 0;
	return fail_hint(build->scope.err,
			 fail(build->scope.err, r, "%s", effects->why), "%s",
			 effects->hint);
}

/* Returns how many of the chains, from the first on, have one priority. */
static size_t count_ties(const struct nft_chain *const *chains, size_t count)
{
	size_t ties = 1;

	while (ties < count && chains[ties]->priority == chains[0]->priority &&
	       strcmp(chains[ties]->hook, chains[0]->hook) == 0)
		ties++;
	return ties;
}

/* Tells whether it matters to others when a chain is passed. */
static bool matters(const struct effects *effects)
{
	return effects->marks || effects->drops || effects->sets;
}

/* Fails if chains of one priority may depend on their order. */
static int check_ties(const struct nft_build *build,
		      const struct nft_chain *const *chains, size_t count,
		      unsigned int *ret_line)
{
	struct effects before = { 0 };

	for (size_t i = 0; i < count; i++) {
		struct effects effects;
		int r;

		*ret_line = chains[i]->line;
		r = get_effects(build, chains[i], &effects);
		if (r < 0)
			return r;
		if ((before.marks || effects.marks) && matters(&before) &&
		    matters(&effects))
			return fail_hint(build->scope.err,
					 fail(build->scope.err, -EINVAL,
					      "another base chain of this hook "
					      "has the same priority, and the "
					      "text does not say which of the "
					      "two comes first"),
					 "give them different priorities");
		before.marks |= effects.marks;
		before.drops |= effects.drops;
		before.sets |= effects.sets;
	}
	return 0;
}

/* Adds the jumps of a hook. */
static int add_hook(const struct nft_listing *listing, struct nft_build *build,
		    const struct hook *hook, unsigned int *ret_line)
{
	int r = 0;

	qsort(hook->chains, hook->count, sizeof(struct nft_chain *),
	      by_priority);
	for (size_t ties, i = 0; r == 0 && i < hook->count; i += ties) {
		ties = count_ties(hook->chains + i, hook->count - i);
		if (ties > 1 && strcmp(hook->name, "POSTROUTING") != 0)
			r = check_ties(build, hook->chains + i, ties, ret_line);
		for (size_t k = i; r == 0 && k < i + ties; k++) {
			*ret_line = hook->chains[k]->line;
			r = add_base(listing, build, hook->name,
				     hook->chains[k]);
		}
	}
	return r;
}

/* Collects the base chains of a hook. Returns 0, or -EINVAL. */
static int collect(const struct nft_listing *listing,
		   const struct nft_build *build, struct hook *hook,
		   unsigned int *ret_line)
{
	hook->count = 0;
	for (size_t i = 0; i < listing->count; i++) {
		const struct nft_chain *chain = &listing->chains[i];
		const char *name = chain->hook ? hook_of(chain) : "";

		if (!nft_has_packets(chain->family, build->scope.packets))
			continue;
		*ret_line = chain->line;
		if (!name)
			return nft_fail(&build->scope, "a hook of that name");
		if (strcmp(name, hook->name) == 0)
			hook->chains[hook->count++] = chain;
	}
	return 0;
}

int nft_add_hooks(const struct nft_listing *listing, struct nft_build *build,
		  unsigned int *ret_line)
{
	static const char *const names[] = { "PREROUTING", "INPUT", "OUTPUT",
					     "POSTROUTING" };
	struct hook hook = { .chains = calloc(listing->count + 1,
					      sizeof(struct nft_chain *)) };
	int r = hook.chains ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(names); i++) {
		hook.name = names[i];
		r = collect(listing, build, &hook, ret_line);
		if (r == 0)
			r = add_hook(listing, build, &hook, ret_line);
	}
	free(hook.chains);
	return r;
}
