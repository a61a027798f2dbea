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

/* One line or element, with what the lines before it demand. */
struct piece {
	struct match match;
	uint32_t mark;
	uint32_t mask;
	bool exclude;
	uint16_t exempt;
	uint16_t hook;
	uint16_t priority;
	uint32_t place; /* in the order of the walk */
	struct bearer bearer;
};

struct walker {
	const struct view *view;
	struct piece *pieces;
	size_t count;
	size_t capacity;
	struct piece now; /* hook, priority and exemption of the segment */
	uint32_t number;  /* the last one seen: for lines without one */
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
	piece->place = (uint32_t)walker->count++;
	piece->bearer = *bearer;
	if (bearer->number != NO_NUMBER)
		walker->number = bearer->number;
	else
		piece->bearer.number = walker->number;
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
	const struct set *set = &view->sets[place];
	struct line value = *line;

	if (place == NO_INDEX || set->alien || set->verdict != line->verdict)
		return;
	for (uint32_t i = 0; i < set->count; i++) {
		const struct element *element = &view->elements[set->first + i];
		struct match whole = *match;

		if (!expand(&whole, line, set, element))
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

		if (head == line || head->kind != LINE_EXEMPT)
			break;
		if (match_equal(&head->match, &line->match))
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
		const struct chain *segment = &view->chains[place];

		if (place == NO_INDEX || segment->role != ROLE_SEGMENT ||
		    segment->hook != base->hook)
			continue;
		walker->now = (struct piece){ .hook = segment->hook,
					      .priority = segment->priority };
		walker->number = 0;
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
	if (one->bearer.number != other->bearer.number)
		return one->bearer.number < other->bearer.number ? -1 : 1;
	return one->place < other->place ? -1 : one->place > other->place;
}

/* Tells whether two pieces can belong to one rule: they differ in ports. */
static bool are_parts(const struct view *view, const struct piece *a,
		      const struct piece *b)
{
	struct match match = a->match;

	for (size_t i = FIELD_SOURCE_PORT; i < FIELD_COUNT; i++)
		match.spans[i] = b->match.spans[i];
	return a->hook == b->hook && a->priority == b->priority &&
	       a->bearer.number == b->bearer.number && a->exempt == b->exempt &&
	       a->exclude == b->exclude && a->mark == b->mark &&
	       a->mask == b->mask &&
	       !strcmp(view_text(view, a->bearer.comment),
		       view_text(view, b->bearer.comment)) &&
	       match_equal(&match, &b->match);
}

static uint16_t get16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/* Adds a range of ports in order; returns false if it does not fit. */
static bool add_ports(struct ipvsctl_ports *ports, const struct span *span)
{
	struct ipvsctl_port_range range = { get16(span->first),
					    get16(span->last) };
	size_t at = ports->count, slots = 0;

	for (size_t i = 0; i < ports->count; i++) {
		if (ports->ranges[i].first == range.first)
			return ports->ranges[i].last == range.last;
		slots +=
			ports->ranges[i].first == ports->ranges[i].last ? 1 : 2;
	}
	if (slots + (range.first == range.last ? 1 : 2) > IPVSCTL_PORT_SLOTS)
		return false;
	while (at && ports->ranges[at - 1].first > range.first) {
		ports->ranges[at] = ports->ranges[at - 1];
		at--;
	}
	ports->ranges[at] = range;
	ports->count++;
	return true;
}

/* Gets a network of a span. Returns false if it is none. */
static bool get_network(const struct match *match, enum match_field field,
			struct ipvsctl_network *network)
{
	const struct span *span = &match->spans[field];
	size_t width = field_width(field, match->family), ones = 0;

	if (!match_has(match, field))
		return true;
	while (ones < width * 8 &&
	       !((span->first[ones / 8] ^ span->last[ones / 8]) &
		 (0x80 >> ones % 8)))
		ones++;
	for (size_t i = ones; i < width * 8; i++)
		if (span->first[i / 8] & (0x80 >> i % 8) ||
		    !(span->last[i / 8] & (0x80 >> i % 8)))
			return false;
	network->address.family = match->family;
	network->prefix_length = (uint8_t)ones;
	memcpy(network->address.bytes, span->first, width);
	return true;
}

static bool make_rule(const struct view *view, const struct piece *piece,
		      struct ipvsctl_mark *rule)
{
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
	if (piece->bearer.comment)
		rule->comment = view_text(view, piece->bearer.comment);
	return get_network(&piece->match, FIELD_SOURCE, &rule->source) &&
	       get_network(&piece->match, FIELD_DESTINATION, &rule->destination);
}

/* Adds a piece to the rule; returns false if its lists have no room. */
static bool join(struct ipvsctl_mark *rule, const struct piece *piece)
{
	const struct match *match = &piece->match;

	if (match_has(match, FIELD_SOURCE_PORT) &&
	    !add_ports(&rule->source_ports, &match->spans[FIELD_SOURCE_PORT]))
		return false;
	if (match_has(match, FIELD_DESTINATION_PORT) &&
	    !add_ports(&rule->destination_ports,
		       &match->spans[FIELD_DESTINATION_PORT]))
		return false;
	rule->packets += piece->bearer.packets;
	rule->bytes += piece->bearer.bytes;
	return true;
}

static size_t items(const struct ipvsctl_ports *ports)
{
	return ports->count ? ports->count : 1;
}

/*
 * Makes a rule of the first pieces that are parts of one, if they are all
 * combinations of its lists; else of the first piece. Returns how many.
 */
static size_t take_parts(const struct view *view, const struct piece *pieces,
			 size_t count, struct ipvsctl_mark *rule)
{
	size_t parts = 1;

	if (!make_rule(view, pieces, rule))
		return 0;
	while (parts < count && are_parts(view, &pieces[0], &pieces[parts]))
		parts++;
	for (size_t i = 0; i < parts; i++)
		if (!join(rule, &pieces[i]))
			parts = 0;
	if (parts ==
	    items(&rule->source_ports) * items(&rule->destination_ports))
		return parts;
	(void)make_rule(view, pieces, rule);
	(void)join(rule, &pieces[0]);
	return 1;
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
	size_t taken;
	int r = 0;

	for (size_t i = 0; i < walker->count && r == 0; i += taken) {
		const struct piece *piece = &walker->pieces[i];
		struct ipvsctl_mark rule;

		taken = take_parts(walker->view, piece, walker->count - i,
				   &rule);
		if (!taken) {
			taken = 1;
			continue;
		}
		rule.exempt_own =
			(uint16_t)mark_read_exemption(&rule, piece->exempt, own);
		if (ipvsctl_config_find_mark(config, &rule))
			continue;
		r = config_append_mark(config, &rule);
		if (r == 0 && numbers)
			r = add_number(numbers, piece->bearer.number);
	}
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
