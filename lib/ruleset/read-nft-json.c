/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Reads what "nft -j list" writes: makes the mark rules that give packets the
 * same marks as its rules do before IPVS sees the packets.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "fail.h"
#include "model/config.h"
#include "ruleset/iptables-made.h"
#include "ruleset/iptables-walk.h"
#include "ruleset/nft-json-hook.h"
#include "ruleset/ruleset.h"

/* The table that mark rules of lbctl are in. */
#define OUR_FAMILY "inet"
#define OUR_TABLE  "lbctl"

/* What became of a rule. */
struct note {
	bool used;
	const char *why; /* it was passed over, or NULL */
};

/* A listing being read. */
struct reading {
	struct source *source;
	json_t *list;
	struct nft_listing listing;
	json_t *sets;	 /* by nft_name() */
	json_t *updated; /* sets that rules change, by nft_name() */
	json_t *dormant; /* tables without effect, by nft_name() */
	json_t *numbers; /* of chains, by nft_name() */
	json_t *marking; /* tables with rules that set marks, by nft_name() */
	struct note *notes; /* of each item of the list */
	json_t *ours;	    /* a rule of lbctl's own, or NULL */
	unsigned int line;  /* at fault: 1 + the item's number; 0: none */
	struct ipvsctl_error *err;
};

/* ---- Places -------------------------------------------------------------- */

/* Writes the place of an item: "table inet lb, chain pre, handle 7". */
static void describe(const struct reading *reading, unsigned int line,
		     char text[512])
{
	json_t *item = json_array_get(reading->list, line - 1);
	json_t *handle;
	json_t *body = NULL;
	const char *kind = NULL;
	const char *chain;
	int used;

	if (!nft_member(item, &kind, &body)) {
		(void)snprintf(text, 512, "nftables[%u]", line - 1);
		return;
	}
	if (strcmp(kind, "table") == 0) {
		(void)snprintf(text, 512, "table %.20s %.128s",
			       nft_text(body, "family"),
			       nft_text(body, "name"));
		return;
	}
	handle = json_object_get(body, "handle");
	chain = json_string_value(
		json_object_get(body,
				strcmp(kind, "rule") == 0 ? "chain" : "name"));
	used = snprintf(text, 480, "table %.20s %.128s, %s %.128s",
			nft_text(body, "family"), nft_text(body, "table"),
			strcmp(kind, "rule") == 0 ? "chain" : kind,
			chain ? chain : "?");
	if (strcmp(kind, "rule") != 0)
		return;
	if (json_is_integer(handle))
		(void)snprintf(text + used, 512 - (size_t)used, ", handle %lld",
			       (long long)json_integer_value(handle));
	else
		(void)snprintf(text + used, 512 - (size_t)used,
			       ", nftables[%u]", line - 1);
}

/* Makes the item at fault the failure's subject. Returns code. */
static int fail_place(const struct reading *reading, int code)
{
	char text[512];

	if (code != -EINVAL || !reading->line)
		return code;
	describe(reading, reading->line, text);
	return fail_about(reading->err, code, "%s", text);
}

static int fail_item(struct reading *reading, size_t i, const char *what)
{
	reading->line = (unsigned int)i + 1;
	return nft_fail(&(struct nft_scope){ .err = reading->err }, what);
}

/* ---- What the listing has ------------------------------------------------ */

static bool is_ours(json_t *body, const char *table)
{
	return strcmp(nft_text(body, "family"), OUR_FAMILY) == 0 &&
	       strcmp(nft_text(body, table), OUR_TABLE) == 0;
}

static const char *name_of(json_t *body, const char *name,
			   char text[NFT_NAME_SIZE])
{
	const struct nft_scope scope = { .family = nft_text(body, "family"),
					 .table = nft_text(body, "table") };

	return nft_name(&scope, name, text);
}

/* Tells whether all flags of a table are known: nft 1.0.6 writes its name. */
static bool has_known_flags(json_t *table)
{
	static const char *const known[] = { "dormant", "owner", "persist" };
	json_t *flags = json_object_get(table, "flags");
	size_t count = json_is_array(flags) ? json_array_size(flags) : 1;
	size_t found = 0;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		found += nft_has_flag(table, known[i]);
	return !flags || found == count;
}

/* Notes a table that is switched off. */
static int note_table(struct reading *reading, size_t i, json_t *table)
{
	const struct nft_scope scope = { .family = nft_text(table, "family"),
					 .table = nft_text(table, "name") };
	char text[NFT_NAME_SIZE];

	if (is_ours(table, "name"))
		return 0;
	if (!has_known_flags(table)) {
		reading->line = (unsigned int)i + 1;
		return fail_hint(reading->err,
				 fail(reading->err, -EINVAL,
				      "the table has flags, which this version "
				      "of nft does not name: it may be dormant"),
				 "list the other tables only: nft -j list "
				 "table FAMILY TABLE | lbctl-restore");
	}
	if (!nft_has_flag(table, "dormant"))
		return 0;
	return json_object_set_new(reading->dormant, nft_name(&scope, "", text),
				   json_true()) < 0 ?
		       -ENOMEM :
		       0;
}

static int note_chain(struct reading *reading, size_t i, json_t *body)
{
	const char *name = nft_text(body, "name");
	char text[NFT_NAME_SIZE];
	int r;

	(void)name_of(body, name, text);
	if (!*name || strlen(name) > 255)
		return fail_item(reading, i, "a chain without a name");
	if (json_object_get(reading->numbers, text))
		return fail_item(reading, i, "a chain for the second time");
	if (json_object_set_new(reading->numbers, text,
				json_integer((json_int_t)i)) < 0)
		return -ENOMEM;
	r = nft_note_chain(&reading->listing, body, (unsigned int)i + 1);
	if (r == 0 && json_object_get(reading->dormant, name_of(body, "", text)))
		reading->listing.chains[reading->listing.count - 1].hook = NULL;
	return r == -EINVAL ? fail_item(reading, i,
					"a base chain whose type, hook or prio "
					"is none") :
			      r;
}

/* Refuses what changes tables. */
static int check_kind(struct reading *reading, const char *kind)
{
	static const char *const commands[] = { "add",	   "create", "insert",
						"replace", "delete", "destroy",
						"flush",   "rename", "reset",
						"list" };
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(commands[i], kind) != 0)
			continue;
		r = fail(reading->err, -EINVAL,
			 "these are commands for nft, not a listing");
		return fail_hint(reading->err, r,
				 "run them, then: nft -j list ruleset | "
				 "lbctl-restore");
	}
	return 0;
}

/* Notes an item of the list, unless it is a rule. */
static int note_item(struct reading *reading, size_t i)
{
	json_t *body = NULL;
	const char *kind = NULL;
	char text[NFT_NAME_SIZE];
	int r;

	if (!nft_member(json_array_get(reading->list, i), &kind, &body) ||
	    !json_is_object(body))
		return fail_item(reading, i, "an item");
	r = check_kind(reading, kind);
	if (r < 0)
		return r;
	if (strcmp(kind, "table") == 0)
		return note_table(reading, i, body);
	if (strcmp(kind, "chain") == 0)
		return is_ours(body, "table") ? 0 :
						note_chain(reading, i, body);
	if (strcmp(kind, "set") != 0 && strcmp(kind, "map") != 0)
		return 0;
	(void)name_of(body, nft_text(body, "name"), text);
	return json_object_set(reading->sets, text, body) < 0 ? -ENOMEM : 0;
}

/* Returns the rule that an item is, or NULL. */
static json_t *rule_at(const struct reading *reading, size_t i)
{
	return json_object_get(json_array_get(reading->list, i), "rule");
}

/* Notes the sets and maps that a rule changes. */
static int note_updated(struct reading *reading, json_t *rule)
{
	static const char *const statements[] = { "set", "map" };
	json_t *list = json_object_get(rule, "expr");

	for (size_t i = 0; i < 2 * json_array_size(list); i++) {
		const char *statement = statements[i % 2];
		json_t *update =
			json_object_get(json_array_get(list, i / 2), statement);
		const char *name = nft_text(update, statement);
		char text[NFT_NAME_SIZE];

		if (*name == '@' &&
		    json_object_set_new(reading->updated,
					name_of(rule, name + 1, text),
					json_true()) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Refuses marks in tables of families whose hooks are none of ours. */
static int check_rule(struct reading *reading, size_t i)
{
	json_t *rule = rule_at(reading, i);
	const char *family = nft_text(rule, "family");
	char text[NFT_NAME_SIZE];

	if (!rule)
		return 0;
	if (is_ours(rule, "table")) {
		reading->ours = rule;
		return 0;
	}
	if (!json_object_get(reading->numbers,
			     name_of(rule, nft_text(rule, "chain"), text)))
		return fail_item(reading, i,
				 "a rule of a chain that is not in the text");
	nft_note_nat(&reading->listing, rule);
	if (note_updated(reading, rule) < 0)
		return -ENOMEM;
	if ((strcmp(family, "netdev") != 0 && strcmp(family, "bridge") != 0) ||
	    !nft_may_mark(&reading->listing, rule))
		return 0;
	reading->line = (unsigned int)i + 1;
	return fail_hint(reading->err,
			 fail(reading->err, -EINVAL,
			      "this rule sets marks in a table of the family "
			      "%s, and only those of ip, ip6 and inet are "
			      "imported",
			      family),
			 "move it to a table inet, or delete the rule if these "
			 "packets need no mark");
}

static int note_all(struct reading *reading)
{
	size_t count = json_array_size(reading->list);
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++)
		r = note_item(reading, i);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = check_rule(reading, i);
	return r;
}

/* ---- One address family -------------------------------------------------- */

/* Makes the rules of the family's packets. */
static int add_rules(struct reading *reading, struct nft_build *build)
{
	int r = nft_add_chains(&reading->listing, build);

	for (size_t i = 0; r == 0 && i < json_array_size(reading->list); i++) {
		json_t *rule = rule_at(reading, i);
		char text[NFT_NAME_SIZE];
		json_t *number;

		if (!rule || is_ours(rule, "table") ||
		    !nft_has_packets(nft_text(rule, "family"),
				     build->scope.packets))
			continue;
		build->scope.family = nft_text(rule, "family");
		build->scope.table = nft_text(rule, "table");
		number = json_object_get(reading->numbers,
					 name_of(rule, nft_text(rule, "chain"),
						 text));
		reading->line = (unsigned int)i + 1;
		r = nft_add_rule(build, (size_t)json_integer_value(number),
				 rule, reading->line);
	}
	return r;
}

/* Notes which rules were passed over, and which tables set marks. */
static int note_results(struct reading *reading,
			const struct iptables_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct iptables_rule *rule = table->rules[i];
		json_t *body = rule_at(reading, rule->line - 1);
		struct note *note = &reading->notes[rule->line - 1];
		char text[NFT_NAME_SIZE];
		const char *why;

		if (!body || rule->ending == ENDING_BREAK ||
		    (rule->is_inner && iptables_find_chain(table, rule->target)))
			continue;
		if ((rule->sets & THING_MARK) &&
		    json_object_set_new(reading->marking,
					name_of(body, "", text),
					json_true()) < 0)
			return -ENOMEM;
		why = rule->reached ?
			      iptables_passed_over(table, rule) :
			      "packets get to it after IPVS has seen them, or "
			      "never";
		note->used |= !why;
		if (!note->why)
			note->why = why;
	}
	return 0;
}

/* Makes the mark rules for packets of the family. */
static int make_family(struct reading *reading, uint16_t packets,
		       struct iptables_made *made)
{
	struct iptables_table table = { .family = packets, .nft = true };
	struct nft_build build = { .scope = { .sets = reading->sets,
					      .updated = reading->updated,
					      .packets = packets,
					      .err = reading->err },
				   .chains = reading->numbers,
				   .table = &table };
	int r = add_rules(reading, &build);

	if (r == 0)
		r = nft_add_hooks(&reading->listing, &build, &reading->line);
	if (r == 0 && ipvsctl_config_new(&made->config, NULL) < 0)
		r = -ENOMEM;
	if (r == 0)
		r = iptables_follow(&table, made, &reading->line, reading->err);
	if (r == 0)
		r = note_results(reading, &table);
	iptables_table_free(&table);
	return r;
}

/* ---- The document -------------------------------------------------------- */

/* Fails if the text has rules of lbctl's own, which do not exist here. */
static int check_ours(const struct reading *reading, const struct run *run)
{
	int r;

	if (!run->known || !reading->ours ||
	    ipvsctl_config_next_mark(run->config, NULL))
		return 0;
	r = fail(reading->err, -EINVAL,
		 "the table %s %s has mark rules of lbctl, which are not "
		 "imported and do not exist here",
		 OUR_FAMILY, OUR_TABLE);
	return fail_hint(reading->err, r,
			 "take them over with lbctl-save --only mark, or list "
			 "the other tables only");
}

/* Reports the rules that were passed over, of tables that set marks. */
static void tell_passed_over(const struct reading *reading)
{
	const struct source *source = reading->source;

	for (size_t i = 0;
	     source->skipped && i < json_array_size(reading->list); i++) {
		const struct note *note = &reading->notes[i];
		json_t *rule = rule_at(reading, i);
		char text[NFT_NAME_SIZE];
		char place[512];

		if (!rule || note->used || !note->why ||
		    !json_object_get(reading->marking, name_of(rule, "", text)))
			continue;
		describe(reading, (unsigned int)i + 1, place);
		source->skipped(source->name, 0, place, note->why,
				source->skipped_data);
	}
}

/* Makes the rules of both families, and adds them. */
static int make_all(struct reading *reading, struct run *run)
{
	struct iptables_made made[2] = { { 0 }, { 0 } };
	struct iptables_made both = { 0 };
	int r = make_family(reading, AF_INET, &made[0]);

	if (r == 0)
		r = make_family(reading, AF_INET6, &made[1]);
	if (r == 0)
		r = iptables_merge_made(&made[0], &made[1], &both);
	if (r == 0) {
		reading->line = 0;
		r = check_ours(reading, run);
	}
	if (r == 0)
		r = iptables_add_made(&both, run, &reading->line, reading->err);
	iptables_made_free(&made[0]);
	iptables_made_free(&made[1]);
	iptables_made_free(&both);
	return r;
}

int ruleset_read_nft_json(struct source *source, struct run *run,
			  json_t *document, struct ipvsctl_error *err)
{
	json_t *list = json_object_get(document, "nftables");
	struct reading reading = {
		.source = source,
		.list = list,
		.sets = json_object(),
		.updated = json_object(),
		.dormant = json_object(),
		.numbers = json_object(),
		.marking = json_object(),
		.notes = calloc(json_array_size(list) + 1, sizeof(struct note)),
		.err = err,
	};
	int r = reading.sets && reading.updated && reading.dormant &&
				reading.numbers && reading.marking &&
				reading.notes ?
			0 :
			-ENOMEM;

	if (r == 0 && !json_is_array(list))
		r = fail(err, -EINVAL, "'nftables' must be an array");
	if (r == 0)
		r = note_all(&reading);
	if (r == 0)
		r = make_all(&reading, run);
	if (r == 0)
		tell_passed_over(&reading);
	r = fail_place(&reading, r);
	json_decref(reading.sets);
	json_decref(reading.updated);
	json_decref(reading.dormant);
	json_decref(reading.numbers);
	json_decref(reading.marking);
	free(reading.notes);
	free(reading.listing.chains);
	return r == -ENOMEM ? fail_memory(err) : r;
}
