/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Mark rules in nf_tables. The generation of the tables that a change was made
 * for goes with it: if another program changed anything meanwhile, the kernel
 * refuses ours, and we read again. So there is no lock.
 */
#include <string.h>

#include "kernel/marks.h"
#include "local-ports.h"
#include "model/address.h"
#include "model/config.h"
#include "model/error.h"
#include "model/iptables-own.h"
#include "model/object.h"
#include "nft/change.h"
#include "nft/expressions.h"
#include "nft/numbering.h"
#include "nft/others.h"
#include "nft/rules.h"
#include "nft/span-list.h"
#include "nft/view-read.h"

static int open_channel(struct channel *channel, struct ipvsctl_error *err)
{
	int r = channel_open(channel);

	return r < 0 ? fail_kernel(err, OPERATION_NFT_OPEN, -r, NULL) : 0;
}

static int nft_look(struct mark_sight *ret_sight, struct ipvsctl_error *err)
{
	AUTO_CHANNEL struct channel channel = { .fd = -1 };
	int r = open_channel(&channel, err);

	if (r < 0)
		return r;
	r = view_look(&channel, &ret_sight->ours, &ret_sight->others);
	ret_sight->chains = ret_sight->ours;
	return r < 0 ? fail_kernel(err, OPERATION_NFT_READ, -r, NULL) : 0;
}

/* What the rules of a configuration were read from. */
struct reading {
	struct mark_source source; /* first: the configuration has it */
	uint64_t netns;		   /* 0: unknown */
	struct view view;
	struct numbers numbers;
};

static struct reading *reading_of(struct mark_source *source)
{
	return (struct reading *)(void *)source;
}

static void reading_free(struct mark_source *source)
{
	struct reading *reading = reading_of(source);

	view_free(&reading->view);
	free(reading->numbers.of);
	free(reading);
}

/* Reads the rules into a configuration that has none, and keeps there what they
   were read from. */
static int read_rules(struct channel *channel, struct ipvsctl_config *config,
		      enum operation *ret_operation)
{
	struct ipvsctl_port_range own = local_ports();
	struct reading *reading = calloc(1, sizeof(*reading));
	int r;

	if (!reading)
		return -ENOMEM;
	reading->source.free = reading_free;
	*ret_operation = OPERATION_NFT_READ;
	r = view_read(channel, &reading->view);
	*ret_operation = OPERATION_NFT_COMMIT;
	if (r == 0)
		r = rules_of_view(&reading->view, config, &own,
				  &reading->numbers);
	if (r == 0 && channel_netns(channel, &reading->netns) < 0)
		reading->netns = 0;
	if (r < 0)
		reading_free(&reading->source);
	else
		config->marks.source = &reading->source;
	return r;
}

static int nft_load(struct ipvsctl_config *config, struct ipvsctl_error *err)
{
	AUTO_CHANNEL struct channel channel = { .fd = -1 };
	enum operation operation = OPERATION_NFT_READ;
	int r = open_channel(&channel, err);

	if (r < 0)
		return r;
	r = read_rules(&channel, config, &operation);
	if (r < 0)
		return fail_kernel(err, operation, -r, NULL);
	reading_of(config->marks.source)->view.aged = true;
	return 0;
}

/* ---- Checking ------------------------------------------------------------ */

/* Says how to write the rule's words as options, or else how to use them. */
static int hint_of_words(const struct ipvsctl_mark *rule, int code,
			 struct ipvsctl_error *err)
{
	AUTO_TEXT struct text options = { 0 };
	struct ipvsctl_mark own = *rule;
	char rest[IPVSCTL_EXTRA_MAX + 1];

	if (iptables_own(&own, rest) == 0 && !own.extra &&
	    ipvsctl_mark_check(&own, NULL) == 0)
		attribute_line(&options, &mark_attribute_table, &own, rule,
			       false);
	iptables_own_clear(&own, rule);
	/* A part of the options would be another rule. */
	if (!options.length || options.failed ||
	    options.length > sizeof(err->hint))
		return fail_hint(err, code, "--backend iptables");
	return fail_hint(err, code, "%.*s", (int)options.length - 1,
			 options.bytes + 1);
}

static int check_rule(const struct ipvsctl_mark *rule, struct ipvsctl_error *err)
{
	char text[NFT_COMMENT_MAX + 1];
	int r;

	if (rule->extra) {
		r = fail(err, -EINVAL,
			 "words after '--' need the iptables backend");
		(void)hint_of_words(rule, r, err);
		return mark_about(rule, r, err);
	}
	if (stages_combinations(rule) > COMBINATIONS_MAX)
		return mark_about(rule,
				  fail(err, -EINVAL,
				       "its lists have %zu combinations, more "
				       "than %d",
				       stages_combinations(rule),
				       COMBINATIONS_MAX),
				  err);
	/* The number takes up to ten digits, and two characters follow. */
	if (comment_format(NO_NUMBER, mark_text(rule->comment), text) >
	    NFT_COMMENT_MAX)
		return mark_about(rule,
				  fail(err, -EINVAL,
				       "nft(8) keeps no comment that long: %d "
				       "bytes, of which '\"' and '%%' take "
				       "three",
				       NFT_COMMENT_MAX - 12),
				  err);
	return 0;
}

/* ---- Applying ------------------------------------------------------------ */

static uint32_t next_set_number(const struct view *view)
{
	uint32_t highest = 0;

	for (size_t i = 0; i < view->set_count; i++)
		(void)set_name_parse(view->sets[i].name, &highest);
	return highest + 1;
}

/* Gives rules that the kernel does not have the counters of wanted. */
static void carry_counters(const struct ipvsctl_config *wanted,
			   const struct ipvsctl_config *current,
			   struct rule_state *states)
{
	ipvsctl_for_each_mark(wanted, rule) {
		if (!ipvsctl_config_find_mark(current, rule)) {
			states->packets = rule->packets;
			states->bytes = rule->bytes;
		}
		states++;
	}
}

/* Changes the rules, from those that were read. Returns -ERESTART if they must
   be read again, or as change_commit(). */
static int change_rules(struct channel *channel,
			const struct ipvsctl_config *wanted,
			const struct ipvsctl_config *current,
			enum mark_counters counters)
{
	const struct reading *reading = reading_of(current->marks.source);
	struct ipvsctl_port_range own = local_ports();
	AUTO_VIEW struct view after = { .exists = false };
	AUTO_FREE struct rule_state *states = NULL;
	struct stage_request request = { .config = wanted, .own = &own };
	int r = numbering_make(wanted, current, &reading->numbers, &states);

	if (r == 0 && counters == MARK_COUNTERS_CARRY)
		carry_counters(wanted, current, states);
	if (r < 0)
		return r;
	request.states = states;
	request.set_number = next_set_number(&reading->view);
	r = stages_compile(&request, &after);
	return r < 0 ? r :
		       change_commit(channel, &reading->view, &after,
				     counters == MARK_COUNTERS_ZERO);
}

/* Reads the rules, and changes them once. */
static int apply_once(struct channel *channel,
		      const struct ipvsctl_config *wanted,
		      enum mark_counters counters,
		      enum operation *ret_operation)
{
	CLEANUP(config_freep) struct ipvsctl_config *current = NULL;
	int r = ipvsctl_config_new(&current, NULL);

	if (r == 0)
		r = read_rules(channel, current, ret_operation);
	return r < 0 ? r : change_rules(channel, wanted, current, counters);
}

/* Tells whether the rules were read in the channel's network namespace. */
static bool is_of_here(const struct channel *channel, struct mark_source *source)
{
	uint64_t netns;

	return source && source->free == reading_free &&
	       channel_netns(channel, &netns) == 0 &&
	       netns == reading_of(source)->netns;
}

/* Rules that come from the other backend need not have been settled for ours.
   Without its words a rule would match more. */
static int check_rules(const struct ipvsctl_config *wanted,
		       struct ipvsctl_error *err)
{
	int r = 0;

	ipvsctl_for_each_mark(wanted, rule)
		if (r == 0 && (rule->extra || rule->comment))
			r = check_rule(rule, err);
	return r;
}

static int nft_apply(const struct ipvsctl_config *wanted,
		     const struct ipvsctl_config *loaded,
		     enum mark_counters counters, struct ipvsctl_error *err)
{
	AUTO_CHANNEL struct channel channel = { .fd = -1 };
	enum operation operation = OPERATION_NFT_COMMIT;
	int r = check_rules(wanted, err);

	if (r == 0)
		r = open_channel(&channel, err);
	if (r < 0)
		return r;
	r = -ERESTART;
	if (loaded && counters == MARK_COUNTERS_KEEP &&
	    is_of_here(&channel, loaded->marks.source))
		r = change_rules(&channel, wanted, loaded, counters);
	for (int tries = 0; r == -ERESTART && tries < CHANNEL_TRIES; tries++)
		r = apply_once(&channel, wanted, counters, &operation);
	return r < 0 ? fail_kernel(err, operation, -r, NULL) : 0;
}

/* ---- Settling ------------------------------------------------------------ */

/* A rule as it will load back, with room for its lists. */
struct settled {
	struct ipvsctl_mark rule;
	struct ipvsctl_address_range sources[SPANS_MAX];
	struct ipvsctl_address_range destinations[SPANS_MAX];
};

static int settle_rule(const struct ipvsctl_mark *wanted,
		       const struct ipvsctl_port_range *own,
		       struct settled *settled, struct ipvsctl_error *err)
{
	struct ipvsctl_mark *rule = &settled->rule;
	int r = check_rule(wanted, err);

	if (r < 0)
		return r;
	*rule = *wanted;
	if (!strcmp(rule->in_interface, "+"))
		rule->in_interface[0] = '\0';
	addresses_as_spans(&rule->source, settled->sources);
	addresses_as_spans(&rule->destination, settled->destinations);
	ports_as_spans(&rule->source_ports);
	ports_as_spans(&rule->destination_ports);
	rule->exempt_own =
		(uint16_t)mark_read_exemption(rule,
					      mark_shown_exemption(rule, own),
					      own);
	return 0;
}

/* Adds a settled rule, unless one of those before it is the same. */
static int add_settled(struct ipvsctl_config *config,
		       const struct ipvsctl_mark *rule,
		       const struct ipvsctl_mark *wanted,
		       struct ipvsctl_error *err)
{
	int r = config_append_new_mark(config, rule);
	const struct ipvsctl_mark *before;

	if (r != -EEXIST)
		return r < 0 ? fail_memory(err) : 0;
	before = ipvsctl_config_find_mark(config, rule);
	return mark_equal(before, rule) ? 0 :
					  mark_fail_hidden(wanted, before, err);
}

/* Copies nothing before the first rule that does not stay as it is. */
static int nft_settle(const struct ipvsctl_config *wanted,
		      struct ipvsctl_config *settled, struct ipvsctl_error *err)
{
	struct ipvsctl_port_range own = local_ports();
	bool differs = false;
	struct settled room;

	ipvsctl_for_each_mark(wanted, rule) {
		int r = settle_rule(rule, &own, &room, err);

		if (r < 0)
			return r;
		if (!differs && ipvsctl_mark_same_match(rule, &room.rule))
			continue;
		for (const struct ipvsctl_mark *before = NULL;
		     !differs && r == 0 &&
		     (before = ipvsctl_config_next_mark(wanted, before)) !=
			     rule;)
			r = add_settled(settled, before, before, err);
		differs = true;
		if (r == 0)
			r = add_settled(settled, &room.rule, rule, err);
		if (r < 0)
			return r;
	}
	return !differs;
}

static int nft_each_foreign(ipvsctl_foreign_rule_fn fn, void *data,
			    struct ipvsctl_error *err)
{
	AUTO_CHANNEL struct channel channel = { .fd = -1 };
	struct bytes found = { .size = 0 };
	int r = open_channel(&channel, err);

	if (r < 0)
		return r;
	r = others_find(&channel, &found);
	if (r < 0)
		r = fail_kernel(err, OPERATION_NFT_READ, -r, NULL);
	else
		r = others_tell(&found, fn, data);
	bytes_free(&found);
	return r;
}

const struct mark_backend mark_backend_nft = {
	.look = nft_look,
	.load = nft_load,
	.apply = nft_apply,
	.settle = nft_settle,
	.each_foreign = nft_each_foreign,
};
