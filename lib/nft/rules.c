/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Mark rules from a view, as packets reach them. A rule with lists is several
 * lines or elements with one number: one for each combination of the lists'
 * items.
 */
#include "nft/rules.h"

#include <string.h>
#include <sys/socket.h>

#include "array.h"
#include "model/config.h"
#include "model/object.h"
#include "nft/span-list.h"

/* One line or element, with what the lines before it demand. */
struct piece {
	struct match match;
	uint32_t mark;
	uint32_t mask;
	bool exclude;
	uint16_t exempt;
	uint16_t hook;
	uint16_t priority;
	uint32_t part;	/* of the walk */
	uint32_t place; /* in the order of the walk */
	struct bearer bearer;
};

struct walker {
	const struct view *view;
	struct piece *pieces;
	size_t count;
	size_t capacity;
	struct piece now; /* hook, priority and exemption of the segment */
	/* A line of a segment ends a part if it has pieces without a number:
	   these come behind the numbers of that part. */
	uint32_t part;
	bool ends;
	bool failed;
};

/* ---- Walking ------------------------------------------------------------ */

static void add_piece(struct walker *walker, const struct match *match,
		      const struct line *line, const struct bearer *bearer)
{
	struct piece *grown = array_grow(walker->pieces, &walker->capacity,
					 walker->count + 1, sizeof(*grown));
	struct piece *piece;

	if (!grown) {
		walker->failed = true;
		return;
	}
	walker->pieces = grown;
	piece = &grown[walker->count];
	*piece = walker->now;
	piece->match = *match;
	piece->exclude = line->exclude;
	piece->mark = line->mark;
	piece->mask = line->mask;
	piece->part = walker->part;
	piece->place = (uint32_t)walker->count++;
	piece->bearer = *bearer;
	walker->ends = walker->ends || bearer->number == NO_NUMBER;
}

/*
 * Adds what the line demands to what lines before it demanded. Returns false if
 * no packet could match both, or not in a way that one rule can say.
 */
static bool narrow(struct match *match, const struct match *by)
{
	if (!match_overlap(match, by) || match->fields & by->fields)
		return false;
	if (by->family)
		match->family = by->family;
	if (by->protocol)
		match->protocol = by->protocol;
	if (by->in_interface[0] && match->in_interface[0] &&
	    strcmp(by->in_interface, match->in_interface) != 0)
		return false;
	if (by->in_interface[0])
		memcpy(match->in_interface, by->in_interface,
		       sizeof(match->in_interface));
	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (match_has(by, (enum match_field)i))
			match->spans[i] = by->spans[i];
	match->fields |= by->fields;
	if (match_has_conditions(match) && match_has_conditions(by))
		return false;
	if (match_has_conditions(by))
		match->conditions = by->conditions;
	return true;
}

/* Adds an element's key to match. Returns false if the key is no such key. */
static bool expand(struct match *match, const struct line *line,
		   const struct set *set, const struct element *element)
{
	struct match keys = { .fields = 0 };
	size_t at = 0;

	for (size_t i = 0; i < line->key_count; i++) {
		enum match_field field = (enum match_field)line->keys[i];
		size_t width = field_width(field, match->family);
		struct span *span = &keys.spans[field];

		if (at + width > set->key_length ||
		    keys.fields & FIELD_BIT(field))
			return false;
		memcpy(span->first, element->key + at, width);
		memcpy(span->last,
		       set->interval ? element->last : element->key + at,
		       width);
		if (memcmp(span->first, span->last, width) > 0)
			return false;
		keys.fields |= (uint8_t)FIELD_BIT(field);
		at += line->key_count > 1 ? (width + 3) & ~(size_t)3 : width;
	}
	return at == set->key_length &&
	       (!set->interval || line->key_count == 1) && narrow(match, &keys);
}

static void walk_chain(struct walker *walker, uint32_t place,
		       const struct match *match, unsigned int depth);

static void walk_map(struct walker *walker, const struct line *line,
		     const struct match *match, unsigned int depth)
{
	const struct view *view = walker->view;
	uint32_t place = view_set(view, line->target);
	const struct set *set;
	struct line value = *line;

	if (place == NO_INDEX)
		return;
	set = &view->sets[place];
	if (set->alien || set->verdict != line->verdict)
		return;
	for (uint32_t i = 0; i < set->count; i++) {
		const struct element *element = &view->elements[set->first + i];
		struct match whole = *match;

		if (element->alien || !expand(&whole, line, set, element))
			continue;
		value.mark = element->mark;
		value.exclude = set->verdict;
		if (!set->verdict || element->chain == NO_INDEX)
			add_piece(walker, &whole, &value, &element->bearer);
		else if (view->chains[element->chain].role == ROLE_BUCKET)
			walk_chain(walker, element->chain, &whole, depth + 1);
	}
}

static bool is_head_of_all(const struct line *line)
{
	const struct match any = { .family = AF_UNSPEC };

	return match_equal(&line->match, &any);
}

/* Adds a line's rule; a head of its match exempts it. */
static void add_rule_of(struct walker *walker, const struct chain *chain,
			const struct match *match, const struct line *line)
{
	uint16_t exempt = walker->now.exempt;

	for (uint32_t i = 0; i < chain->count; i++) {
		const struct line *head =
			&walker->view->lines[chain->first + i];

		if (head == line || head->kind == LINE_RULE ||
		    head->kind == LINE_MAP)
			break;
		if (head->kind == LINE_EXEMPT &&
		    match_equal(&head->match, &line->match))
			walker->now.exempt = head->exempt;
	}
	add_piece(walker, match, line, &line->bearer);
	walker->now.exempt = exempt;
}

static void walk_chain(struct walker *walker, uint32_t place,
		       const struct match *match, unsigned int depth)
{
	const struct view *view = walker->view;
	const struct chain *chain = &view->chains[place];

	/* Our chains have two levels; others could form a loop. */
	for (uint32_t i = 0; i < chain->count && depth < 3; i++) {
		const struct line *line = &view->lines[chain->first + i];
		struct match whole = *match;

		/* A head with a match is for the rule of that match. */
		if (line->kind == LINE_EXEMPT && is_head_of_all(line))
			walker->now.exempt = line->exempt;
		if ((line->kind != LINE_RULE && line->kind != LINE_MAP) ||
		    !narrow(&whole, &line->match))
			continue;
		if (line->kind == LINE_RULE)
			add_rule_of(walker, chain, &whole, line);
		else
			walk_map(walker, line, &whole, depth);
		if (!depth) {
			walker->part += walker->ends;
			walker->ends = false;
		}
	}
}

static void walk_base(struct walker *walker, const struct chain *base)
{
	const struct match any = { .family = AF_UNSPEC };
	const struct view *view = walker->view;

	for (uint32_t i = 0; i < base->count; i++) {
		const struct line *line = &view->lines[base->first + i];
		uint32_t place = line->kind == LINE_JUMP ?
					 view_chain(view, line->target) :
					 NO_INDEX;
		const struct chain *segment;

		if (place == NO_INDEX)
			continue;
		segment = &view->chains[place];
		if (segment->role != ROLE_SEGMENT || segment->hook != base->hook)
			continue;
		walker->now = (struct piece){ .hook = segment->hook,
					      .priority = segment->priority };
		walk_chain(walker, place, &any, 0);
	}
}

/* ---- Pieces to rules ---------------------------------------------------- */

static int compare_pieces(const void *a, const void *b)
{
	const struct piece *one = a, *other = b;

	if (one->hook != other->hook)
		return one->hook < other->hook ? -1 : 1;
	if (one->priority != other->priority)
		return one->priority < other->priority ? -1 : 1;
	if (one->part != other->part)
		return one->part < other->part ? -1 : 1;
	if (one->bearer.number != other->bearer.number)
		return one->bearer.number < other->bearer.number ? -1 : 1;
	return one->place < other->place ? -1 : one->place > other->place;
}

/* Tells whether two pieces can belong to one rule: they differ in what can be a
   list, or in the family that a DSCP needs. */
static bool are_parts(const struct view *view, const struct piece *a,
		      const struct piece *b)
{
	struct match match = a->match;

	for (size_t i = 0; i < FIELD_COUNT; i++)
		match.spans[i] = b->match.spans[i];
	if (match.conditions.has_dscp && !(match.fields & FIELDS_OF_ADDRESSES))
		match.family = b->match.family;
	return a->hook == b->hook && a->priority == b->priority &&
	       a->bearer.number == b->bearer.number && a->exempt == b->exempt &&
	       a->exclude == b->exclude && a->mark == b->mark &&
	       a->mask == b->mask &&
	       !strcmp(view_text(view, a->bearer.comment),
		       view_text(view, b->bearer.comment)) &&
	       match_equal(&match, &b->match);
}

/* The rule that pieces become, with room for its lists. */
struct assembly {
	struct ipvsctl_mark rule;
	struct span_list lists[FIELD_COUNT];
	struct ipvsctl_address_range sources[SPANS_MAX];
	struct ipvsctl_address_range destinations[SPANS_MAX];
	bool has_ipv4, has_ipv6;
};

static void begin_rule(const struct view *view, const struct piece *piece,
		       struct assembly *assembly)
{
	const struct conditions *conditions = &piece->match.conditions;
	struct ipvsctl_mark *rule = &assembly->rule;

	assembly->has_ipv4 = assembly->has_ipv6 = false;
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		assembly->lists[i].count = 0;
		assembly->lists[i].width =
			field_width((enum match_field)i, piece->match.family);
	}
	ipvsctl_mark_init(rule, piece->exclude);
	if (!piece->exclude) {
		rule->mark = piece->mark;
		rule->mask = piece->mask;
	}
	rule->hook = piece->hook;
	rule->priority = piece->priority;
	rule->family = piece->match.family;
	rule->protocol = piece->match.protocol;
	memcpy(rule->in_interface, piece->match.in_interface,
	       sizeof(rule->in_interface));
	rule->negated = conditions->negated;
	rule->source_type = conditions->source_type;
	rule->destination_type = conditions->destination_type;
	rule->state = conditions->state;
	rule->has_dscp = conditions->has_dscp;
	rule->dscp = conditions->dscp;
	rule->has_mac = conditions->has_mac;
	memcpy(rule->mac, conditions->mac, sizeof(rule->mac));
	if (piece->bearer.comment)
		rule->comment = view_text(view, piece->bearer.comment);
}

/* Adds a piece to the rule; returns false if its lists have no room. */
static bool join(struct assembly *assembly, const struct piece *piece)
{
	const struct match *match = &piece->match;

	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (match_has(match, (enum match_field)i) &&
		    !spans_add(&assembly->lists[i], &match->spans[i]))
			return false;
	assembly->has_ipv4 = assembly->has_ipv4 || match->family == AF_INET;
	assembly->has_ipv6 = assembly->has_ipv6 || match->family == AF_INET6;
	assembly->rule.packets += piece->bearer.packets;
	assembly->rule.bytes += piece->bearer.bytes;
	return true;
}

/* Makes the lists of the rule. Returns how many combinations it has, or 0 if a
   list does not fit. */
static size_t end_rule(struct assembly *assembly)
{
	const struct span_list *lists = assembly->lists;
	struct ipvsctl_mark *rule = &assembly->rule;
	size_t count = 1;

	if (assembly->has_ipv4 && assembly->has_ipv6) {
		rule->family = AF_UNSPEC;
		count = 2;
	}
	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (lists[i].count)
			count *= lists[i].count;
	if (!addresses_of_spans(&lists[FIELD_SOURCE], rule->family,
				assembly->sources, &rule->source) ||
	    !addresses_of_spans(&lists[FIELD_DESTINATION], rule->family,
				assembly->destinations, &rule->destination) ||
	    !ports_of_spans(&lists[FIELD_SOURCE_PORT], &rule->source_ports) ||
	    !ports_of_spans(&lists[FIELD_DESTINATION_PORT],
			    &rule->destination_ports))
		return 0;
	return count;
}

/*
 * Makes a rule of the first pieces that are parts of one, if they are all
 * combinations of its lists; else of the first piece. Returns how many, or 0 if
 * no rule can say what the first one does.
 */
static size_t take_parts(const struct view *view, const struct piece *pieces,
			 size_t count, struct assembly *assembly)
{
	size_t parts = 1, joined = 0;

	begin_rule(view, pieces, assembly);
	while (parts < count && are_parts(view, &pieces[0], &pieces[parts]))
		parts++;
	while (joined < parts && join(assembly, &pieces[joined]))
		joined++;
	if (joined == parts && end_rule(assembly) == parts)
		return parts;
	begin_rule(view, pieces, assembly);
	return join(assembly, &pieces[0]) && end_rule(assembly) ? 1 : 0;
}

static int add_number(struct numbers *numbers, uint32_t number)
{
	uint32_t *grown = array_grow(numbers->of, &numbers->capacity,
				     numbers->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	numbers->of = grown;
	grown[numbers->count++] = number;
	return 0;
}

/* A rule that matches the same as one before it never decides. */
static int add_rules(const struct walker *walker, struct ipvsctl_config *config,
		     const struct ipvsctl_port_range *own,
		     struct numbers *numbers)
{
	struct assembly *assembly = calloc(1, sizeof(*assembly));
	int r = assembly ? 0 : -ENOMEM;

	for (size_t taken, i = 0; i < walker->count && r == 0; i += taken) {
		const struct piece *piece = &walker->pieces[i];
		struct ipvsctl_mark *rule = &assembly->rule;

		taken = take_parts(walker->view, piece, walker->count - i,
				   assembly);
		/* Others can make what no ruleset says. */
		if (!taken || ipvsctl_mark_check(rule, NULL) < 0) {
			taken += !taken;
			continue;
		}
		rule->exempt_own =
			(uint16_t)mark_read_exemption(rule, piece->exempt, own);
		if (ipvsctl_config_find_mark(config, rule))
			continue;
		r = config_append_mark(config, rule);
		if (r == 0 && numbers)
			r = add_number(numbers, piece->bearer.number);
	}
	free(assembly);
	return r;
}

int rules_of_view(const struct view *view, struct ipvsctl_config *config,
		  const struct ipvsctl_port_range *own, struct numbers *numbers)
{
	struct walker walker = { .view = view };
	int r = 0;

	for (size_t i = 0; i < view->chain_count; i++)
		if (view->chains[i].role == ROLE_BASE && !view->chains[i].wrong)
			walk_base(&walker, &view->chains[i]);
	if (walker.count)
		qsort(walker.pieces, walker.count, sizeof(*walker.pieces),
		      compare_pieces);
	r = walker.failed ? -ENOMEM : add_rules(&walker, config, own, numbers);
	free(walker.pieces);
	return r;
}
