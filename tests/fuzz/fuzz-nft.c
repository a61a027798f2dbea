/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Any messages as the kernel's table: read what can be read, crash on none. A
 * line that is ours, written and read again, is the same; rules are ones that a
 * ruleset can say.
 *
 * The input is a run of messages without their headers. In front of each are
 * its kind, of elements also the set (kind + 4 * set), and two bytes of length,
 * the lower first.
 */
#include <stdio.h>
#include <sys/socket.h>

#include "again.h"

#include "nft/expressions.h"
#include "nft/rules.h"
#include "nft/view-read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum kind { CHAIN, SET, RULE, ELEMENTS };
#define KINDS	4
#define SETS	(256 / KINDS)
#define HEAD	3
#define MESSAGE 20 /* the headers of netlink and of nf_tables */

struct input {
	const uint8_t *data;
	size_t size;
};

static int take(enum kind kind, struct walk attributes, struct view *view)
{
	switch (kind) {
	case CHAIN:
		return view_take_chain(attributes, view);
	case SET:
		return view_take_set(attributes, view);
	case RULE:
		return view_take_rule(attributes, view);
	case ELEMENTS:
		break;
	}
	return view_take_elements(attributes, view);
}

/* Takes the messages of one kind. Returns false if one was refused. */
static bool take_all(struct input rest, uint8_t kind, struct view *view)
{
	int r = 0;

	while (r == 0 && rest.size > HEAD) {
		size_t length = (size_t)(rest.data[1] | rest.data[2] << 8);
		char *copy; /* aligned, and with nothing behind it */

		if (length > rest.size - HEAD)
			length = rest.size - HEAD;
		if (rest.data[0] == kind) {
			copy = malloc(length);
			must(copy || !length);
			if (length)
				memcpy(copy, rest.data + HEAD, length);
			r = take((enum kind)(kind % KINDS),
				 (struct walk){ copy, length }, view);
			free(copy);
			must(r == 0 || r == -EBADMSG);
		}
		rest.data += HEAD + length;
		rest.size -= HEAD + length;
	}
	return r == 0;
}

static bool take_sets(struct input input, struct view *view)
{
	for (size_t i = 0; i < view->set_count && i < SETS; i++) {
		struct set *set = &view->sets[i];

		if (set->alien)
			continue;
		set->first = (uint32_t)view->element_count;
		if (!take_all(input, (uint8_t)(ELEMENTS + KINDS * i), view))
			return false;
		set->count = (uint32_t)view->element_count - set->first;
		if (set->interval)
			view_join_intervals(view, set);
	}
	return true;
}

/* ---- Lines --------------------------------------------------------------- */

static bool same_rule(const struct view *a, const struct line *one,
		      const struct view *b, const struct line *other)
{
	return one->exclude == other->exclude && one->mark == other->mark &&
	       one->mask == other->mask &&
	       one->bearer.number == other->bearer.number &&
	       one->bearer.packets == other->bearer.packets &&
	       one->bearer.bytes == other->bearer.bytes &&
	       !strcmp(view_text(a, one->bearer.comment),
		       view_text(b, other->bearer.comment));
}

static bool same_line(const struct view *a, const struct line *one,
		      const struct view *b, const struct line *other)
{
	if (one->kind != other->kind ||
	    (one->kind != LINE_JUMP && !match_equal(&one->match, &other->match)))
		return false;
	switch (one->kind) {
	case LINE_JUMP:
		return !strcmp(one->target, other->target);
	case LINE_EXEMPT:
		return one->exempt == other->exempt;
	case LINE_RULE:
		return same_rule(a, one, b, other);
	case LINE_MAP:
		return one->verdict == other->verdict &&
		       one->key_count == other->key_count &&
		       !memcmp(one->keys, other->keys, one->key_count) &&
		       !strcmp(one->target, other->target);
	case LINE_SNAT:
		return one->address == other->address &&
		       !strcmp(one->target, other->target);
	case LINE_ALIEN:
		break;
	}
	return true;
}

static void must_write(const struct view *view, const struct line *line)
{
	char text[NFT_COMMENT_MAX + 1];
	const char *comment = view_text(view, line->bearer.comment);
	AUTO_BATCH struct batch batch = { .count = 0 };
	AUTO_VIEW struct view again = { .exists = false };
	struct line wanted = *line;

	/* Of a comment without a number, or that is too long, nothing stays. */
	if (line->bearer.number == NO_NUMBER ||
	    comment_format(line->bearer.number, comment, text) >
		    NFT_COMMENT_MAX) {
		wanted.bearer.number = NO_NUMBER;
		wanted.bearer.comment = 0;
	}
	must(view_add_chain(&again));
	(void)snprintf(again.chains[0].name, sizeof(again.chains[0].name),
		       "prerouting");
	must(view_index(&again) == 0);
	batch_start(&batch, 0, 0);
	batch_put_text(&batch, 1, NFT_TABLE); /* NFTA_RULE_TABLE, _CHAIN */
	batch_put_text(&batch, 2, "prerouting");
	line_put(&batch, view, &wanted);
	batch_end(&batch);
	must(!batch.bytes.failed);
	must(view_take_rule((struct walk){ (char *)batch.bytes.data + MESSAGE,
					   batch.bytes.size - MESSAGE },
			    &again) == 0);
	must(again.line_count == 1);
	must(same_line(view, &wanted, &again, &again.lines[0]));
}

/* ---- Rules --------------------------------------------------------------- */

static void must_rise(const struct ipvsctl_ports *ports)
{
	for (size_t i = 0; i < ports->count; i++)
		must(ports->ranges[i].first <= ports->ranges[i].last);
}

static void make_rules(const struct view *view)
{
	static const struct ipvsctl_port_range own = { 32768, 60999 };
	struct numbers numbers = { .count = 0 };
	struct ipvsctl_config *config = NULL;
	size_t count = 0;

	must(ipvsctl_config_new(&config, NULL) == 0);
	must(rules_of_view(view, config, &own, &numbers) == 0);
	ipvsctl_for_each_mark(config, rule) {
		struct ipvsctl_mark copy = *rule;

		must(ipvsctl_mark_check(&copy, NULL) == 0);
		must_rise(&rule->source_ports);
		must_rise(&rule->destination_ports);
		count++;
	}
	must(count == numbers.count);
	free(numbers.of);
	ipvsctl_config_free(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_VIEW struct view view = { .exists = true };
	struct input input = { data, size };

	if (!take_all(input, CHAIN, &view) || !take_all(input, SET, &view))
		return 0;
	must(view_index(&view) == 0);
	if (!take_all(input, RULE, &view) || !take_sets(input, &view))
		return 0;
	for (size_t i = 0; i < view.line_count; i++)
		if (view.lines[i].kind != LINE_ALIEN)
			must_write(&view, &view.lines[i]);
	make_rules(&view);
	return 0;
}
