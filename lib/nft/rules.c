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
#include "nft/snat.h"
#include "nft/span-list.h"

/* A line with rules, and what it and the lines before it demand. */
struct origin {
	const struct line *line;
	const struct set *set; /* of a map */
	struct match match;
	uint16_t exempt;
	uint16_t hook;
	uint16_t priority;
	/* A line of a segment ends a part if it has pieces without a number:
	   these come behind the numbers of that part. */
	uint32_t part;
};

/* One line or element: small, since there are many to sort. */
struct piece {
	uint32_t origin;
	uint32_t element; /* NO_INDEX: the line itself */
	uint32_t number;
	uint32_t place; /* in the order of the walk */
};

struct walker {
	const struct view *view;
	struct origin *origins;
	size_t origin_count;
	size_t origin_capacity;
	struct piece *pieces;
	size_t count;
	size_t capacity;
	struct origin now; /* what the segment says, and the part */
	bool ends;	   /* the part */
	bool failed;
};

/* ---- Walking ------------------------------------------------------------ */

/* Adds a line with pieces. Returns its place. */
static uint32_t add_origin(struct walker *walker, const struct line *line,
			   const struct set *set, const struct match *match)
{
	struct origin *grown =
		array_grow(walker->origins, &walker->origin_capacity,
			   walker->origin_count + 1, sizeof(*grown));

	if (!grown) {
		walker->failed = true;
		return NO_INDEX;
	}
	walker->origins = grown;
	grown[walker->origin_count] = walker->now;
	grown[walker->origin_count].line = line;
	grown[walker->origin_count].set = set;
	grown[walker->origin_count].match = *match;
	return (uint32_t)walker->origin_count++;
}

static void add_piece(struct walker *walker, uint32_t origin, uint32_t element,
		      const struct bearer *bearer)
{
	struct piece *grown = array_grow(walker->pieces, &walker->capacity,
					 walker->count + 1, sizeof(*grown));

	if (!grown) {
		walker->failed = true;
		return;
	}
	walker->pieces = grown;
	grown[walker->count] = (struct piece){
		.origin = origin,
		.element = element,
		.number = bearer->number,
		.place = (uint32_t)walker->count,
	};
	walker->count++;
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

bool rules_expand(struct match *match, const struct line *line,
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
	uint32_t origin = NO_INDEX;
	const struct set *set;

	if (place == NO_INDEX)
		return;
	set = &view->sets[place];
	if (set->alien || set->verdict != line->verdict)
		return;
	for (uint32_t i = 0; i < set->count && !walker->failed; i++) {
		const struct element *element = &view->elements[set->first + i];
		struct match whole = *match;

		if (element->alien || !rules_expand(&whole, line, set, element))
			continue;
		if (set->verdict && element->chain != NO_INDEX) {
			if (view->chains[element->chain].role == ROLE_BUCKET)
				walk_chain(walker, element->chain, &whole,
					   depth + 1);
			continue;
		}
		if (origin == NO_INDEX)
			origin = add_origin(walker, line, set, match);
		add_piece(walker, origin, set->first + i, &element->bearer);
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
	add_piece(walker, add_origin(walker, line, NULL, match), NO_INDEX,
		  &line->bearer);
	walker->now.exempt = exempt;
}

/* Where elements change, rules of theirs are in a chain in front of the map. */
static bool leads_to_front(const struct view *view, const struct line *line,
			   uint32_t *ret_place)
{
	if (line->kind != LINE_JUMP)
		return false;
	*ret_place = view_chain(view, line->target);
	return *ret_place != NO_INDEX &&
	       view->chains[*ret_place].role == ROLE_BUCKET;
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
		uint32_t front;

		if (leads_to_front(view, line, &front))
			walk_chain(walker, front, match, depth + 1);
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
			walker->now.part += walker->ends;
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
		walker->now = (struct origin){ .hook = segment->hook,
					       .priority = segment->priority,
					       .part = walker->now.part };
		walk_chain(walker, place, &any, 0);
	}
}

/* ---- Pieces to rules ---------------------------------------------------- */

static int compare_pieces(const void *a, const void *b, void *data)
{
	const struct piece *one = a, *other = b;
	const struct origin *origins = data;
	const struct origin *from = &origins[one->origin];
	const struct origin *to = &origins[other->origin];

	if (from->hook != to->hook)
		return from->hook < to->hook ? -1 : 1;
	if (from->priority != to->priority)
		return from->priority < to->priority ? -1 : 1;
	if (from->part != to->part)
		return from->part < to->part ? -1 : 1;
	if (one->number != other->number)
		return one->number < other->number ? -1 : 1;
	return one->place < other->place ? -1 : one->place > other->place;
}

/* All that a piece says. */
struct part {
	const struct origin *origin;
	const struct bearer *bearer;
	struct match match;
	uint32_t mark;
	uint32_t mask;
	bool exclude;
};

static void get_part(const struct walker *walker, const struct piece *piece,
		     struct part *ret_part)
{
	const struct origin *origin = &walker->origins[piece->origin];
	const struct line *line = origin->line;
	const struct element *element;

	*ret_part = (struct part){
		.origin = origin,
		.bearer = &line->bearer,
		.match = origin->match,
		.mark = line->mark,
		.mask = line->mask,
		.exclude = line->exclude,
	};
	if (piece->element == NO_INDEX)
		return;
	element = &walker->view->elements[piece->element];
	/* The walk took no element for which this fails. */
	(void)rules_expand(&ret_part->match, line, origin->set, element);
	ret_part->bearer = &element->bearer;
	ret_part->mark = element->mark;
	ret_part->exclude = origin->set->verdict;
}

/* Tells whether two pieces can belong to one rule: they differ in what can be a
   list, or in the family that a DSCP needs. */
static bool are_parts(const struct view *view, const struct part *a,
		      const struct part *b)
{
	struct match match = a->match;

	for (size_t i = 0; i < FIELD_COUNT; i++)
		match.spans[i] = b->match.spans[i];
	if (match.conditions.has_dscp && !(match.fields & FIELDS_OF_ADDRESSES))
		match.family = b->match.family;
	return a->origin->hook == b->origin->hook &&
	       a->origin->priority == b->origin->priority &&
	       a->origin->exempt == b->origin->exempt &&
	       a->exclude == b->exclude && a->mark == b->mark &&
	       a->mask == b->mask &&
	       !strcmp(view_text(view, a->bearer->comment),
		       view_text(view, b->bearer->comment)) &&
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

static void begin_rule(const struct view *view, const struct part *part,
		       struct assembly *assembly)
{
	const struct conditions *conditions = &part->match.conditions;
	struct ipvsctl_mark *rule = &assembly->rule;

	assembly->has_ipv4 = assembly->has_ipv6 = false;
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		assembly->lists[i].count = 0;
		assembly->lists[i].width =
			field_width((enum match_field)i, part->match.family);
	}
	ipvsctl_mark_init(rule, part->exclude);
	if (!part->exclude) {
		rule->mark = part->mark;
		rule->mask = part->mask;
	}
	rule->hook = part->origin->hook;
	rule->priority = part->origin->priority;
	rule->family = part->match.family;
	rule->protocol = part->match.protocol;
	memcpy(rule->in_interface, part->match.in_interface,
	       sizeof(rule->in_interface));
	rule->negated = conditions->negated;
	rule->source_type = conditions->source_type;
	rule->destination_type = conditions->destination_type;
	rule->state = conditions->state;
	rule->has_dscp = conditions->has_dscp;
	rule->dscp = conditions->dscp;
	rule->has_mac = conditions->has_mac;
	memcpy(rule->mac, conditions->mac, sizeof(rule->mac));
	if (part->bearer->comment)
		rule->comment = view_text(view, part->bearer->comment);
}

/* Adds a part to the rule; returns false if its lists have no room. */
static bool join(struct assembly *assembly, const struct part *part)
{
	const struct match *match = &part->match;

	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (match_has(match, (enum match_field)i) &&
		    !spans_add(&assembly->lists[i], &match->spans[i]))
			return false;
	assembly->has_ipv4 = assembly->has_ipv4 || match->family == AF_INET;
	assembly->has_ipv6 = assembly->has_ipv6 || match->family == AF_INET6;
	assembly->rule.packets += part->bearer->packets;
	assembly->rule.bytes += part->bearer->bytes;
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
static size_t take_parts(const struct walker *walker,
			 const struct piece *pieces, size_t count,
			 struct assembly *assembly)
{
	struct part first, next;
	size_t parts = 1;
	bool fits;

	get_part(walker, pieces, &first);
	begin_rule(walker->view, &first, assembly);
	fits = join(assembly, &first);
	for (; parts < count && pieces[parts].number == pieces->number;
	     parts++) {
		get_part(walker, &pieces[parts], &next);
		if (!are_parts(walker->view, &first, &next))
			break;
		fits = fits && join(assembly, &next);
	}
	if (fits && end_rule(assembly) == parts)
		return parts;
	begin_rule(walker->view, &first, assembly);
	return join(assembly, &first) && end_rule(assembly) ? 1 : 0;
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
	AUTO_SNATS struct snats snats = { .count = 0 };
	int r = assembly ? snat_of_view(walker->view, &snats) : -ENOMEM;

	for (size_t taken, i = 0; i < walker->count && r == 0; i += taken) {
		const struct piece *piece = &walker->pieces[i];
		struct ipvsctl_mark *rule = &assembly->rule;

		taken = take_parts(walker, piece, walker->count - i, assembly);
		/* Others can make what no ruleset says. */
		if (!taken || ipvsctl_mark_check(rule, NULL) < 0) {
			taken += !taken;
			continue;
		}
		rule->exempt_own = (uint16_t)mark_read_exemption(
			rule, walker->origins[piece->origin].exempt, own);
		snats_give(&snats, rule);
		r = config_append_new_mark(config, rule);
		if (r == 0 && numbers)
			r = add_number(numbers, piece->number);
		if (r == -EEXIST)
			r = 0;
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
	if (walker.count && !walker.failed)
		qsort_r(walker.pieces, walker.count, sizeof(*walker.pieces),
			compare_pieces, walker.origins);
	r = walker.failed ? -ENOMEM : add_rules(&walker, config, own, numbers);
	free(walker.origins);
	free(walker.pieces);
	return r;
}
