/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Lays out our chains for a configuration's mark rules. */
#include "wanted.h"

#include <string.h>
#include <sys/socket.h>

#include "array.h"
#include "exemption.h"
#include "fail.h"
#include "helper.h"
#include "model/object.h"
#include "system.h"

/* An entry's offsets have 16 bits. */
#define MATCHES_MAX 32768

/* A rule with lists of addresses needs an entry for each combination. */
#define ENTRIES_MAX 256

/* ---- Collecting ------------------------------------------------------------ */

int wanted_families(const struct ipvsctl_config *config, size_t *ret_count,
		    struct ipvsctl_error *err)
{
	bool ipv6 = system_has_ipv6();
	const struct ipvsctl_mark *rule = NULL;

	while (!ipv6 && (rule = ipvsctl_config_next_mark(config, rule)))
		if (rule->family == AF_INET6)
			return mark_about(rule,
					  fail(err, -EOPNOTSUPP,
					       "the rule is for IPv6, which "
					       "this host does not have"),
					  err);
	*ret_count = ipv6 ? 2 : 1;
	return 0;
}

/* A configuration keeps its rules in the order in which they are tried. */
static int select_rules(struct wanted *wanted,
			const struct ipvsctl_config *config)
{
	size_t capacity = 0;

	ipvsctl_for_each_mark(config, rule) {
		if (rule->family != AF_UNSPEC &&
		    rule->family != wanted->layout->family)
			continue;
		void *grown =
			array_grow(wanted->rules, &capacity, wanted->count + 1,
				   sizeof(struct ipvsctl_mark *));
		if (!grown)
			return -ENOMEM;
		wanted->rules = grown;
		wanted->rules[wanted->count++] = rule;
	}
	wanted->places = calloc(wanted->count + 1, sizeof(wanted->places[0]));
	return wanted->places ? 0 : -ENOMEM;
}

/*
 * Gives each rule its chain: within a priority, a new one begins where rules
 * that are exempt by their sockets follow others, and the reverse.
 */
static int number_chains(struct wanted *wanted, struct ipvsctl_error *err)
{
	for (size_t i = 0; i < wanted->count; i++) {
		const struct ipvsctl_mark *rule = wanted->rules[i];
		const struct ipvsctl_mark *before =
			i ? wanted->rules[i - 1] : NULL;
		struct place *place = &wanted->places[i];
		place->exempt = mark_shown_exemption(rule, &wanted->own) ==
				IPVSCTL_EXEMPT_SOCKET;
		if (!before || rule->hook != before->hook ||
		    rule->priority != before->priority)
			continue;
		place->number = place[-1].number;
		if (place->exempt != place[-1].exempt)
			place->number = chain_next_number(place->number);
		/* The last one can need one more. */
		if (place->number >= CHAIN_NUMBER_MAX)
			return mark_about(rule,
					  fail(err, -EOPNOTSUPP,
					       "too often rules with and "
					       "without --exempt-own socket "
					       "take turns"),
					  err);
	}
	return 0;
}

static int check_entries(const struct wanted *wanted, struct ipvsctl_error *err)
{
	for (size_t i = 0; i < wanted->count; i++) {
		size_t count = mark_entry_count(wanted->rules[i]);
		int r;
		if (count <= ENTRIES_MAX)
			continue;
		r = fail(err, -EINVAL,
			 "its lists of addresses need %zu rules of iptables, "
			 "which are more than %u",
			 count, ENTRIES_MAX);
		return mark_about(wanted->rules[i], r, err);
	}
	return 0;
}

/* Adds one request for the helper for each rule that has words. */
static void request_words(const struct wanted *wanted, struct bytes *requests)
{
	for (size_t i = 0; i < wanted->count; i++) {
		const struct ipvsctl_mark *rule = wanted->rules[i];
		uint8_t request[sizeof(uint16_t) + IPVSCTL_EXTRA_MAX];
		if (!rule->extra)
			continue;
		size_t length = strnlen(rule->extra, IPVSCTL_EXTRA_MAX);
		memcpy(request, &rule->protocol, sizeof(uint16_t));
		memcpy(request + sizeof(uint16_t), rule->extra, length);
		frame_add(requests, request, sizeof(uint16_t) + length);
	}
}

/* Gives each rule with words its reply; returns the first without one. */
static const struct ipvsctl_mark *take_replies(struct wanted *wanted)
{
	size_t offset = 0;

	for (size_t i = 0; i < wanted->count; i++) {
		const void *data;
		size_t size;
		if (!wanted->rules[i]->extra)
			continue;
		if (!frame_next(&wanted->matches, &offset, &data, &size) ||
		    !matches_valid(data, size) || size > MATCHES_MAX)
			return wanted->rules[i];
		wanted->places[i].offset = offset - size;
		wanted->places[i].size = size;
	}
	return NULL;
}

static int compile_words(struct wanted *wanted, struct ipvsctl_error *err)
{
	AUTO_BYTES struct bytes requests = { 0 };

	request_words(wanted, &requests);
	if (!requests.size && !requests.failed)
		return 0;
	int r = helper_run(HELPER_COMPILE, wanted->layout->family, &requests,
			   &wanted->matches, err);
	const struct ipvsctl_mark *failed = take_replies(wanted);
	if (r == 0 && failed)
		r = fail(err, -EIO, "the xtables helper's answer is malformed");
	/* IPv4 came first, and accepted the words. */
	if (r == -EINVAL && failed && failed->family == AF_UNSPEC &&
	    wanted->layout->family == AF_INET6)
		(void)fail_hint(err, r, "--ipv4");
	if ((r == -EINVAL || r == -EIO) && failed)
		return mark_about(failed, r, err);
	return r;
}

int wanted_collect(struct wanted *wanted, const struct ipvsctl_config *config,
		   struct ipvsctl_error *err)
{
	if (select_rules(wanted, config) < 0)
		return fail_memory(err);
	int r = check_entries(wanted, err);
	if (r == 0)
		r = number_chains(wanted, err);
	return r < 0 ? r : compile_words(wanted, err);
}

void wanted_free(struct wanted *wanted)
{
	free(wanted->rules);
	free(wanted->places);
	bytes_free(&wanted->matches);
	*wanted = (struct wanted){ 0 };
}

/* ---- Laying out ------------------------------------------------------------- */

/* A foreign rule in one of our chains. */
struct alien {
	struct chain_id chain;
	size_t position; /* in that chain */
	const void *entry;
	const struct image_rule *rule;
};

/* The state of the layout. */
struct plan {
	const struct wanted *wanted;
	struct image *image;
	struct alien *aliens; /* by chain, then position */
	size_t alien_count;
	size_t alien_capacity;
	size_t next_alien;
	size_t next_rule;
	size_t next_entry; /* of that rule */
	struct chain_id *marks;
	size_t mark_count;
	size_t mark_capacity;
	bool failed;
};

/* The order of layout: by hook; a base chain, then priorities. */
static int compare_ids(const struct chain_id *a, const struct chain_id *b)
{
	if (a->hook != b->hook)
		return a->hook < b->hook ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

static int compare_aliens(const void *a, const void *b)
{
	const struct alien *one = a;
	const struct alien *other = b;
	int order = compare_ids(&one->chain, &other->chain);

	if (order)
		return order;
	return (one->position > other->position) -
	       (one->position < other->position);
}

static void need_mark(struct plan *plan, const struct chain_id *id)
{
	void *grown = array_grow(plan->marks, &plan->mark_capacity,
				 plan->mark_count + 1, sizeof(*id));

	if (!grown) {
		plan->failed = true;
		return;
	}
	plan->marks = grown;
	plan->marks[plan->mark_count++] = *id;
}

static void add_alien(struct plan *plan, const struct image *current,
		      const struct image_chain *chain, size_t number)
{
	void *grown = array_grow(plan->aliens, &plan->alien_capacity,
				 plan->alien_count + 1, sizeof(struct alien));

	if (!grown) {
		plan->failed = true;
		return;
	}
	plan->aliens = grown;
	const void *entry = image_entry(current, chain, number);
	plan->aliens[plan->alien_count++] =
		(struct alien){ chain->id, number, entry,
				image_rule(current, chain, number) };
	struct part target;
	entry_get_target(current->layout, entry, &target);
	struct chain_id id = chain_parse(target.name);
	if (id.kind == CHAIN_MARK)
		need_mark(plan, &id);
}

static void find_aliens(struct plan *plan, const struct image *current)
{
	struct decoded decoded;

	for (size_t i = 0; i < current->chain_count; i++) {
		const struct image_chain *chain = &current->chains[i];
		if (chain->id.kind == CHAIN_MARK)
			continue;
		for (size_t n = 0; n < chain->count; n++) {
			if (image_classify(current, chain, n, &decoded) ==
			    RULE_ALIEN)
				add_alien(plan, current, chain, n);
			bytes_free(&decoded.extra);
		}
	}
	if (plan->alien_count)
		qsort(plan->aliens, plan->alien_count, sizeof(struct alien),
		      compare_aliens);
}

/* Puts the next entry of the next rule. */
static void put_entry(struct plan *plan)
{
	const struct wanted *wanted = plan->wanted;
	const struct ipvsctl_mark *rule = wanted->rules[plan->next_rule];
	const struct place *place = &wanted->places[plan->next_rule];
	struct bytes words = { 0 };
	const struct mark_parts parts = {
		.number = plan->next_entry++,
		.tracked = mark_shown_exemption(rule, &wanted->own) ==
			   IPVSCTL_EXEMPT_CONNTRACK,
		.extra = &words,
	};

	if (place->size) {
		words.data = wanted->matches.data + place->offset;
		words.size = place->size;
	}
	size_t offset = plan->image->arena.size;
	encode_mark(wanted->layout, rule, &parts, &plan->image->arena);
	/* A rule's counters are the sum of its entries', of both families. */
	bool counted = wanted->carries && plan->next_entry == 1 &&
		       (rule->family != AF_UNSPEC ||
			wanted->layout->family == AF_INET);
	image_add_rule(plan->image, offset, counted ? rule->packets : 0,
		       counted ? rule->bytes : 0);
	if (plan->next_entry < mark_entry_count(rule))
		return;
	plan->next_entry = 0;
	plan->next_rule++;
	if (!rule->exclude)
		need_mark(plan, &(struct chain_id){ .kind = CHAIN_MARK,
						    .mark = rule->mark,
						    .mask = rule->mask });
}

static void put_alien(struct plan *plan)
{
	const struct alien *alien = &plan->aliens[plan->next_alien++];
	const struct layout *layout = plan->wanted->layout;
	size_t offset = plan->image->arena.size;

	bytes_add(&plan->image->arena, alien->entry,
		  entry_length(layout, alien->entry));
	image_add_rule(plan->image, offset, alien->rule->packets,
		       alien->rule->bytes);
}

static void put_link(struct plan *plan, const struct chain_id *next)
{
	char name[CHAIN_NAME_SIZE];
	size_t offset = plan->image->arena.size;

	encode_link(plan->wanted->layout, chain_format(next, name), false,
		    &plan->image->arena);
	image_add_rule(plan->image, offset, 0, 0);
}

/* Gets the chain of a rule. Returns false if there is no such rule. */
static bool rule_chain(const struct wanted *wanted, size_t position,
		       struct chain_id *ret_id)
{
	if (position >= wanted->count)
		return false;
	const struct ipvsctl_mark *rule = wanted->rules[position];
	*ret_id =
		(struct chain_id){ .kind = CHAIN_PRIORITY,
				   .hook = rule->hook,
				   .priority = rule->priority,
				   .number = wanted->places[position].number };
	return true;
}

/* One chain that is being laid out. */
struct chain {
	struct chain_id id;
	struct chain_id next; /* the chain after it */
	bool more;	      /* there is one */
	size_t rules_end;     /* its rules are those before this one */
	size_t aliens_end;
	size_t entries; /* of its rules */
	size_t heads;
};

/* Finds the chain after this one: that of the next rule or alien. */
static void find_next(const struct plan *plan, struct chain *chain)
{
	struct chain_id id;
	bool have = rule_chain(plan->wanted, chain->rules_end, &id);

	if (chain->aliens_end < plan->alien_count) {
		const struct chain_id *other =
			&plan->aliens[chain->aliens_end].chain;
		if (!have || compare_ids(other, &id) < 0)
			id = *other;
		have = true;
	}
	chain->more = have && id.hook == chain->id.hook;
	if (chain->more)
		chain->next = id;
}

/*
 * Begins a chain. Heads need a chain to go to, so that they cannot be taken for
 * exclusions of sockets: behind the last rules it is an empty one.
 */
static struct chain begin_chain(const struct plan *plan,
				const struct chain_id *id)
{
	struct chain chain = { .id = *id,
			       .rules_end = plan->next_rule,
			       .aliens_end = plan->next_alien };
	const struct place *places = plan->wanted->places;
	struct chain_id of;

	while (rule_chain(plan->wanted, chain.rules_end, &of) &&
	       compare_ids(&of, id) == 0)
		chain.entries += mark_entry_count(
			plan->wanted->rules[chain.rules_end++]);
	while (chain.aliens_end < plan->alien_count &&
	       compare_ids(&plan->aliens[chain.aliens_end].chain, id) == 0)
		chain.aliens_end++;
	find_next(plan, &chain);
	if (chain.rules_end == plan->next_rule ||
	    !places[plan->next_rule].exempt)
		return chain;
	chain.heads = chain.entries > HEADS_MAX ? 1 : chain.entries;
	if (!chain.more) {
		chain.more = true;
		chain.next = *id;
		chain.next.number = chain_next_number(id->number);
	}
	return chain;
}

/* Puts the head of an entry, or one for all if there would be too many. */
static void put_head(struct plan *plan, const struct chain *chain, size_t head)
{
	const struct ipvsctl_mark **rule =
		&plan->wanted->rules[plan->next_rule];
	char name[CHAIN_NAME_SIZE];
	bool all = chain->entries > HEADS_MAX;
	size_t offset = plan->image->arena.size;

	for (; !all && head >= mark_entry_count(*rule); rule++)
		head -= mark_entry_count(*rule);
	encode_head(plan->wanted->layout, all ? NULL : *rule, head,
		    chain_format(&chain->next, name), &plan->image->arena);
	image_add_rule(plan->image, offset, 0, 0);
}

/* Fills the last chain; an alien keeps its place, counted from the top. */
static void put_rules(struct plan *plan, const struct chain *chain)
{
	size_t head = 0;

	for (size_t position = 0;; position++) {
		bool rule = plan->next_rule < chain->rules_end;
		bool foreign =
			plan->aliens && plan->next_alien < chain->aliens_end;
		if (foreign &&
		    (!rule ||
		     plan->aliens[plan->next_alien].position <= position))
			put_alien(plan);
		else if (head < chain->heads)
			put_head(plan, chain, head++);
		else if (rule)
			put_entry(plan);
		else
			return;
	}
}

/* Lays out the chains of one hook, each with a link to the next. */
static void put_hook(struct plan *plan, uint16_t hook)
{
	const struct chain_id base = { .kind = CHAIN_BASE, .hook = hook };
	struct chain chain = begin_chain(plan, &base);

	if (!chain.more && chain.aliens_end == plan->next_alien)
		return;
	plan->image->jumps[hook] = 1;
	while (!plan->image->failed) {
		image_add_chain(plan->image, &chain.id);
		if (plan->image->failed)
			return;
		put_rules(plan, &chain);
		if (!chain.more)
			return;
		put_link(plan, &chain.next);
		chain = begin_chain(plan, &chain.next);
	}
}

static int compare_marks(const void *a, const void *b)
{
	const struct chain_id *one = a;
	const struct chain_id *other = b;

	if (one->mark != other->mark)
		return one->mark < other->mark ? -1 : 1;
	return (one->mask > other->mask) - (one->mask < other->mask);
}

static void put_marks(struct plan *plan)
{
	const struct chain_id *last = NULL;

	if (plan->mark_count)
		qsort(plan->marks, plan->mark_count, sizeof(plan->marks[0]),
		      compare_marks);
	for (size_t i = 0; i < plan->mark_count; i++) {
		const struct chain_id *id = &plan->marks[i];
		if (last && compare_marks(last, id) == 0)
			continue;
		last = id;
		image_add_chain(plan->image, id);
		size_t offset = plan->image->arena.size;
		encode_set_mark(plan->wanted->layout, id->mark, id->mask,
				&plan->image->arena);
		image_add_rule(plan->image, offset, 0, 0);
	}
}

int wanted_image(const struct wanted *wanted, const struct image *current,
		 struct image *image)
{
	struct plan plan = { .wanted = wanted, .image = image };

	image->layout = wanted->layout;
	find_aliens(&plan, current);
	for (uint16_t hook = 0; hook < HOOK_COUNT && !plan.failed; hook++)
		put_hook(&plan, hook);
	put_marks(&plan);
	image_sort(image);
	free(plan.aliens);
	free(plan.marks);
	return plan.failed ? -ENOMEM : image_check(image);
}
