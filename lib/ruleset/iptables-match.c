/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Joins two matches, and conditions on the mark. */
#include "ruleset/iptables-match.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "model/address.h"
#include "model/object.h"

struct change change_both(struct change first, struct change second)
{
	return (struct change){
		.keep = first.keep & second.keep,
		.flip = (first.flip & second.keep) ^ second.flip,
	};
}

/* ---- Attributes --------------------------------------------------------- */

/* A rule has one range, and so have two of them in common. Only rules that were
   made can be negated; of them it is asked whether they are apart. */
static enum joined join_addresses(const struct ipvsctl_addresses *a,
				  const struct ipvsctl_addresses *b,
				  struct ipvsctl_address_range *room,
				  struct ipvsctl_addresses *ret_joined)
{
	const struct ipvsctl_address_range *one = a->ranges;
	const struct ipvsctl_address_range *other = b->ranges;

	*ret_joined = a->count ? *a : *b;
	if (!a->count || !b->count)
		return JOINED;
	if (a->negated || b->negated)
		return JOINED_NOT;
	room->first = ipvsctl_address_compare(&one->first, &other->first) < 0 ?
			      other->first :
			      one->first;
	room->last = ipvsctl_address_compare(&one->last, &other->last) < 0 ?
			     one->last :
			     other->last;
	ret_joined->ranges = room;
	return ipvsctl_address_compare(&room->first, &room->last) <= 0 ?
		       JOINED :
		       JOINED_EMPTY;
}

static enum joined join_ports(const struct ipvsctl_ports *a,
			      const struct ipvsctl_ports *b,
			      struct ipvsctl_ports *ret_joined)
{
	struct ipvsctl_ports ports = { 0 };
	size_t slots = 0;

	*ret_joined = a->count ? *a : *b;
	if (!a->count || !b->count || ports_equal(a, b))
		return JOINED;
	if (a->negated || b->negated)
		return JOINED_NOT;
	for (size_t i = 0; i < (size_t)a->count * b->count; i++) {
		const struct ipvsctl_port_range *one = &a->ranges[i / b->count];
		const struct ipvsctl_port_range *other =
			&b->ranges[i % b->count];
		struct ipvsctl_port_range both = {
			one->first > other->first ? one->first : other->first,
			one->last < other->last ? one->last : other->last,
		};

		if (both.first > both.last)
			continue;
		slots += both.first == both.last ? 1 : 2;
		if (slots > IPVSCTL_PORT_SLOTS)
			return JOINED_NOT;
		ports.ranges[ports.count++] = both;
	}
	*ret_joined = ports;
	return ports.count ? JOINED : JOINED_EMPTY;
}

/* Tells whether pattern matches every name that other matches. */
static bool covers_interface(const char *pattern, const char *other)
{
	size_t length = strlen(pattern);

	return strcmp(pattern, other) == 0 || !length ||
	       (pattern[length - 1] == '+' &&
		strncmp(pattern, other, length - 1) == 0);
}

static enum joined join_interfaces(const char *a, const char *b,
				   char joined[IPVSCTL_INTERFACE_MAX + 1])
{
	const char *narrow = covers_interface(b, a) ? a : b;

	(void)memmove(joined, narrow, strlen(narrow) + 1);
	return narrow == a || covers_interface(a, b) ? JOINED : JOINED_EMPTY;
}

/* ---- Further words ------------------------------------------------------ */

/* Returns the length of the words up to the next "-m". */
static size_t group_length(const char *words)
{
	bool quoted = false;
	const char *at = words;

	for (; *at; at++) {
		if (*at == '\\' && at[1])
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (!quoted && at != words && strncmp(at, " -m ", 4) == 0)
			break;
	}
	return (size_t)(at - words);
}

static bool has_group(const char *words, const char *group, size_t length)
{
	while (*words) {
		size_t span = group_length(words);

		if (span == length && strncmp(words, group, length) == 0)
			return true;
		words += span;
		words += *words == ' ';
	}
	return false;
}

/*
 * Adds each match of more that *extra lacks; all of them if it keeps state.
 * *extra then points to words.
 */
static enum joined join_words(const char **extra, const char *more,
			      bool keeps_state, match_words words)
{
	const char *before = mark_text(*extra);
	size_t used = strlen(before);

	if (!more)
		return JOINED;
	if (used > IPVSCTL_EXTRA_MAX)
		return JOINED_NOT;
	(void)memcpy(words, before, used + 1);
	while (*more) {
		size_t length = group_length(more);

		if (keeps_state || !has_group(words, more, length)) {
			if (used + length + 1 > IPVSCTL_EXTRA_MAX)
				return JOINED_NOT;
			if (used)
				words[used++] = ' ';
			(void)memcpy(words + used, more, length);
			used += length;
			words[used] = '\0';
		}
		more += length;
		more += *more == ' ';
	}
	*extra = words;
	return JOINED;
}

/* ---- Conditions --------------------------------------------------------- */

static bool same_condition(const struct condition *a, const struct condition *b)
{
	return a->value == b->value && a->mask == b->mask &&
	       a->negated == b->negated;
}

/* Tells whether a positive condition decides another, and its result. */
static bool settles(const struct condition *by, const struct condition *other,
		    bool *ret_true)
{
	uint32_t both = by->mask & other->mask;

	if (by->negated)
		return false;
	if ((by->value ^ other->value) & both)
		*ret_true = other->negated;
	else if ((other->mask & ~by->mask) == 0)
		*ret_true = !other->negated;
	else
		return false;
	return true;
}

enum joined match_add_condition(struct match *match,
				const struct condition *condition)
{
	bool is_true = false;

	if (!condition->mask || (condition->value & ~condition->mask)) {
		is_true = !condition->value;
		return is_true != condition->negated ? JOINED : JOINED_EMPTY;
	}
	for (size_t i = 0; i < match->condition_count; i++) {
		const struct condition *known = &match->conditions[i];

		if (same_condition(known, condition))
			return JOINED;
		if (settles(known, condition, &is_true))
			return is_true ? JOINED : JOINED_EMPTY;
		if (settles(condition, known, &is_true) && !is_true)
			return JOINED_EMPTY;
	}
	if (match->condition_count == CONDITIONS_MAX)
		return JOINED_NOT;
	match->conditions[match->condition_count++] = *condition;
	return JOINED;
}

enum joined match_add_conditions(struct match *match, const struct match *other,
				 struct change change)
{
	enum joined joined = JOINED;

	for (size_t i = 0; joined == JOINED && i < other->condition_count; i++) {
		struct condition condition = other->conditions[i];
		uint32_t set = condition.mask & ~change.keep;
		bool differs = ((change.flip ^ condition.value) & set) ||
			       (condition.value & ~condition.mask);

		/* The change sets known bits; the others came in. */
		condition.mask &= change.keep;
		condition.value =
			(condition.value ^ change.flip) & condition.mask;
		if (differs)
			joined = condition.negated ? JOINED : JOINED_EMPTY;
		else
			joined = match_add_condition(match, &condition);
	}
	return joined;
}

/* ---- Whole matches ------------------------------------------------------ */

enum joined match_join(const struct match *first, const struct match *second,
		       struct match_room *room, struct match *ret_joined)
{
	struct match both = *first;
	const struct ipvsctl_mark *a = &first->rule;
	const struct ipvsctl_mark *b = &second->rule;
	enum joined results[] = {
		a->protocol && b->protocol && a->protocol != b->protocol ?
			JOINED_EMPTY :
			JOINED,
		join_addresses(&a->source, &b->source, &room->source,
			       &both.rule.source),
		join_addresses(&a->destination, &b->destination,
			       &room->destination, &both.rule.destination),
		join_ports(&a->source_ports, &b->source_ports,
			   &both.rule.source_ports),
		join_ports(&a->destination_ports, &b->destination_ports,
			   &both.rule.destination_ports),
		join_interfaces(a->in_interface, b->in_interface,
				both.rule.in_interface),
		match_add_conditions(&both, second, CHANGE_NOTHING),
		join_words(&both.rule.extra, b->extra, second->keeps_state,
			   room->words),
	};
	enum joined worst = JOINED;

	for (size_t i = 0; i < ARRAY_SIZE(results); i++)
		if (results[i] == JOINED_EMPTY)
			return JOINED_EMPTY;
		else if (results[i] != JOINED)
			worst = results[i];
	both.rule.protocol |= b->protocol;
	both.keeps_state |= second->keeps_state;
	both.reads_mark |= second->reads_mark;
	*ret_joined = both;
	return worst;
}

bool match_is_apart(const struct match *a, const struct match *b)
{
	struct match joined;
	struct match_room room;

	return match_join(a, b, &room, &joined) == JOINED_EMPTY;
}

bool match_is_same(const struct match *a, const struct match *b)
{
	if (a->condition_count != b->condition_count)
		return false;
	for (size_t i = 0; i < a->condition_count; i++)
		if (!same_condition(&a->conditions[i], &b->conditions[i]))
			return false;
	return ipvsctl_mark_same_match(&a->rule, &b->rule);
}

bool match_is_all(const struct match *match)
{
	const struct ipvsctl_mark *rule = &match->rule;

	return !rule->protocol && !rule->source.count &&
	       !rule->destination.count && !rule->in_interface[0] &&
	       !rule->extra && !match->condition_count;
}

/* Writes the conditions, and after them the further words. */
bool match_write_words(const struct match *match, match_words extra)
{
	const char *words = mark_text(match->rule.extra);
	size_t used = 0;

	for (size_t i = 0; i < match->condition_count; i++) {
		const struct condition *condition = &match->conditions[i];
		char mask[16] = "";

		if (condition->mask != UINT32_MAX)
			(void)snprintf(mask, sizeof(mask), "/0x%x",
				       condition->mask);
		used += (size_t)snprintf(extra + used,
					 IPVSCTL_EXTRA_MAX + 1 - used,
					 "%s-m mark %s--mark 0x%x%s",
					 used ? " " : "",
					 condition->negated ? "! " : "",
					 condition->value, mask);
	}
	if (used + strlen(words) + 1 > IPVSCTL_EXTRA_MAX)
		return false;
	(void)snprintf(extra + used, IPVSCTL_EXTRA_MAX + 1 - used, "%s%s",
		       used && *words ? " " : "", words);
	return true;
}
