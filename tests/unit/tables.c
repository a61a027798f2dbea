/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Views of nf_tables' mark rules for tests. */
#include "tables.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "nft/rules.h"
#include "nft/stages.h"
#include "text.h"

const struct ipvsctl_port_range asking_ports = { 32768, 60999 };

/* ---- From lines ---------------------------------------------------------- */

struct ipvsctl_config *given_marks(const char *const *lines)
{
	struct ipvsctl_config *config = NULL;
	struct ipvsctl_error err = { 0 };

	assert_int_equal(ipvsctl_config_new(&config, NULL), 0);
	for (; *lines; lines++) {
		struct ipvsctl_mark rule = given_mark(*lines);

		if (ipvsctl_config_add_mark(config, &rule, &err) < 0)
			fail_msg("'%s': %s", *lines, err.message);
		ipvsctl_mark_clear(&rule);
	}
	return config;
}

void compile_view(const struct ipvsctl_config *config, struct view *view)
{
	struct stage_request request = { .config = config,
					 .own = &asking_ports,
					 .set_number = 1 };
	struct rule_state *states;
	uint32_t count = 0;

	ipvsctl_for_each_mark(config, rule)
		count++;
	states = calloc(count + 1, sizeof(*states));
	assert_non_null(states);
	for (uint32_t i = 0; i < count; i++)
		states[i].number = i + 1;
	request.states = states;
	assert_int_equal(stages_compile(&request, view), 0);
	free(states);
}

void given_view(const char *const *lines, struct view *view)
{
	struct ipvsctl_config *config = given_marks(lines);

	compile_view(config, view);
	ipvsctl_config_free(config);
}

/* ---- As text ------------------------------------------------------------- */

static const char *const field_names[FIELD_COUNT] = { "src", "dst", "sport",
						      "dport" };

/* A value of 4 or 16 bytes is an address, one of 2 a port. */
static void tell_value(struct text *text, const uint8_t *value, size_t width)
{
	char address[INET6_ADDRSTRLEN];

	if (width == 2)
		text_add(text, "%d", value[0] << 8 | value[1]);
	else
		text_add_text(text, inet_ntop(width == 4 ? AF_INET : AF_INET6,
					      value, address, sizeof(address)));
}

static void tell_span(struct text *text, const struct span *span, size_t width)
{
	tell_value(text, span->first, width);
	if (memcmp(span->first, span->last, sizeof(span->first)) != 0) {
		text_add(text, "-");
		tell_value(text, span->last, width);
	}
}

static void tell_match(struct text *text, const struct match *match)
{
	if (match->in_interface[0])
		text_add(text, " in %s", match->in_interface);
	if (match->family)
		text_add(text, " ip%d", match->family == AF_INET ? 4 : 6);
	if (match->protocol)
		text_add(text, " proto %d", match->protocol);
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		enum match_field field = (enum match_field)i;

		if (!match_has(match, field))
			continue;
		text_add(text, " %s ", field_names[i]);
		tell_span(text, &match->spans[i],
			  field_width(field, match->family));
	}
}

static void tell_bearer(struct text *text, const struct view *view,
			const struct bearer *bearer)
{
	if (bearer->number != NO_NUMBER)
		text_add(text, " #%u", bearer->number);
	if (bearer->comment)
		text_add(text, " '%s'", view_text(view, bearer->comment));
	if (bearer->packets || bearer->bytes)
		text_add(text, " (%" PRIu64 ", %" PRIu64 ")", bearer->packets,
			 bearer->bytes);
}

static void tell_line(struct text *text, const struct view *view,
		      const struct line *line)
{
	tell_match(text, &line->match);
	switch (line->kind) {
	case LINE_ALIEN:
		text_add(text, " alien");
		break;
	case LINE_JUMP:
		text_add(text, " jump %s", line->target);
		break;
	case LINE_EXEMPT:
		text_add(text, " exempt %s",
			 ipvsctl_exemption_name(
				 (enum ipvsctl_exemption)line->exempt));
		break;
	case LINE_MAP:
		for (size_t i = 0; i < line->key_count; i++)
			text_add(text, "%s%s", i ? " . " : " ",
				 field_names[line->keys[i]]);
		text_add(text, "%s @%s", line->verdict ? " vmap" : " map",
			 line->target);
		break;
	case LINE_SNAT:
		text_add(text, " snat by %s @%s", line->address ? "map" : "set",
			 line->target);
		break;
	case LINE_RULE:
		if (line->exclude)
			text_add(text, " accept");
		else if (line->mask == UINT32_MAX)
			text_add(text, " mark %u", line->mark);
		else
			text_add(text, " mark %#x/%#x", line->mark, line->mask);
		tell_bearer(text, view, &line->bearer);
		break;
	}
	text_add(text, "\n");
}

static void tell_chains(struct text *text, const struct view *view,
			enum chain_role role)
{
	static const char *const roles[] = { "alien", "base", "segment",
					     "bucket" };

	for (size_t i = 0; i < view->chain_count; i++) {
		const struct chain *chain = &view->chains[i];

		if (chain->role != role)
			continue;
		text_add(text, "%s %s%s:\n", roles[role], chain->name,
			 chain->wrong ? " (wrong)" : "");
		for (uint32_t n = 0; n < chain->count; n++)
			tell_line(text, view, &view->lines[chain->first + n]);
	}
}

static int compare_elements(const void *a, const void *b)
{
	const struct element *one = a, *other = b;

	return memcmp(one->key, other->key, sizeof(one->key));
}

/* Keys are told as words of four bytes, or as the one value. */
static void tell_element(struct text *text, const struct view *view,
			 const struct set *set, const struct element *element)
{
	uint32_t mark;

	if (set->snat) {
		memcpy(&mark, element->key, sizeof(mark));
		text_add(text, " mark %u ", mark);
		if (set->address_length)
			tell_value(text, element->address, set->address_length);
		text_add(text, "\n");
		return;
	}
	text_add(text, " ");
	if (set->key_length == 2 || set->key_length == 4 ||
	    set->key_length == 16)
		tell_value(text, element->key, set->key_length);
	else
		for (size_t i = 0; i < set->key_length; i++)
			text_add(text, "%s%02x", i && i % 4 == 0 ? "." : "",
				 element->key[i]);
	if (set->interval) {
		text_add(text, "-");
		tell_value(text, element->last, set->key_length);
	}
	if (!set->verdict)
		text_add(text, " mark %u", element->mark);
	else if (element->chain == NO_INDEX)
		text_add(text, " accept");
	else
		text_add(text, " jump %s", view->chains[element->chain].name);
	tell_bearer(text, view, &element->bearer);
	text_add(text, "\n");
}

static void tell_set(struct text *text, const struct view *view,
		     const struct set *set)
{
	struct element *sorted = calloc(set->count + 1, sizeof(*sorted));

	assert_non_null(sorted);
	for (uint32_t i = 0; i < set->count; i++)
		sorted[i] = view->elements[set->first + i];
	if (set->count)
		qsort(sorted, set->count, sizeof(*sorted), compare_elements);
	text_add(text, "%sset %s%s%s%s %d:\n", set->alien ? "alien " : "",
		 set->name, set->interval ? " interval" : "",
		 set->verdict ? " verdict" : "", set->snat ? " snat" : "",
		 set->key_length);
	for (uint32_t i = 0; i < set->count && !set->alien; i++)
		tell_element(text, view, set, &sorted[i]);
	free(sorted);
}

char *view_tell(const struct view *view)
{
	static const enum chain_role roles[] = { ROLE_BASE, ROLE_SEGMENT,
						 ROLE_BUCKET, ROLE_ALIEN };
	struct text text = { 0 };
	char *whole = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		tell_chains(&text, view, roles[i]);
	for (size_t i = 0; i < view->set_count; i++)
		tell_set(&text, view, &view->sets[i]);
	assert_int_equal(text_take(&text, &whole), 0);
	return whole;
}

void assert_view(const struct view *view, const char *text)
{
	AUTO_FREE char *told = view_tell(view);

	assert_string_equal(told, text);
}

char *config_lines(const struct ipvsctl_config *config)
{
	char *lines = NULL;

	assert_int_equal(ipvsctl_ruleset_format(config, IPVSCTL_MARKS,
						IPVSCTL_FORMAT_RULESET, &lines,
						NULL),
			 0);
	return lines;
}

char *view_rules(const struct view *view)
{
	struct ipvsctl_config *config = NULL;
	struct numbers numbers = { .count = 0 };
	struct text text = { 0 };
	char *line = NULL, *whole = NULL;
	size_t place = 0;

	assert_int_equal(ipvsctl_config_new(&config, NULL), 0);
	assert_int_equal(rules_of_view(view, config, &asking_ports, &numbers),
			 0);
	ipvsctl_for_each_mark(config, rule) {
		assert_true(place < numbers.count);
		assert_int_equal(ipvsctl_mark_line(rule, &line, NULL), 0);
		if (numbers.of[place] == NO_NUMBER)
			text_add(&text, "- %s\n", line);
		else
			text_add(&text, "%u %s\n", numbers.of[place], line);
		place++;
		free(line);
	}
	assert_int_equal(place, numbers.count);
	free(numbers.of);
	ipvsctl_config_free(config);
	assert_int_equal(text_take(&text, &whole), 0);
	return whole;
}
