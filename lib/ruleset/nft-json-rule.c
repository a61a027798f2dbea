/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Makes rules as iptables has them of a rule of nft: one for each statement and
 * each way to match. What they cannot express one after the other becomes a
 * chain that is a part of the rule.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "model/object.h"
#include "ruleset/nft-json.h"

#define WHY_STATEMENT "it has a statement that is not supported"
#define WHY_CONDITION "it has a limit, a quota or an update of a set"
#define WHY_MARK      "it sets the mark to what is neither a number nor a map"
#define WHY_SEVERAL   "it tests several marks and may change them"
#define WHY_XT \
	"it is a rule of iptables, which iptables-nft-save -t mangle shows"
#define DEPTH_MAX_OF_MARKS 16

/* A rule that is being made. */
struct part {
	struct nft_build *build;
	json_t *rule;
	unsigned int line;
	char chain[CHAIN_NAME_MAX + 1]; /* that the next part goes to */
	bool inner;			/* the chain is a part of the rule */
	bool several; /* a packet whose mark changes may match another way */
	bool more;    /* further statements follow */
	bool done;    /* no packet gets to them */
	struct nft_ways ways;
};

/* What a part of the rule does. */
struct action {
	const char *target;
	enum ending ending;
	unsigned int sets;
	bool is_goto;
	bool is_inner;
	bool marks;
	struct change change;
	const char *why;
};

void nft_chain_name(size_t number, char name[CHAIN_NAME_MAX + 1])
{
	(void)snprintf(name, CHAIN_NAME_MAX + 1, "c%zu", number);
}

/* ---- Adding parts -------------------------------------------------------- */

/* Sets the comment of the element or the rule, unless it is not valid here. */
static int set_comment(const struct part *part, const struct nft_way *way,
		       struct ipvsctl_mark *rule)
{
	const char *comment = way->comment;
	int r;

	if (!comment)
		comment = json_string_value(
			json_object_get(part->rule, "comment"));
	r = ipvsctl_mark_set(rule, "comment", comment ? comment : "", NULL);
	return r == -ENOMEM ? r : 0;
}

static int add_part(struct part *part, const struct nft_way *way,
		    const struct action *action)
{
	struct iptables_rule rule = {
		.is_goto = action->is_goto,
		.is_inner = action->is_inner,
		.match = way->match,
		.why = part->ways.why ? part->ways.why : action->why,
		.ending = action->ending,
		.marks = action->marks,
		.change = action->change,
		.reads = part->ways.reads,
		.sets = action->sets,
		.text = "",
		.line = part->line,
	};
	int r = mark_copy(&way->match.rule, &rule.match.rule);

	if (r < 0)
		return r;
	(void)snprintf(rule.chain, sizeof(rule.chain), "%s", part->chain);
	(void)snprintf(rule.target, sizeof(rule.target), "%s", action->target);
	/* To return from a part means to return from the rule's chain. */
	rule.is_inner |=
		part->inner && (rule.is_goto || rule.ending == ENDING_RETURN);
	r = set_comment(part, way, &rule.match.rule);
	if (r == 0)
		r = iptables_add_rule(part->build->table, &rule);
	if (r < 0)
		ipvsctl_mark_clear(&rule.match.rule);
	return r;
}

/* Does the action for all ways. */
static int add_parts(struct part *part, const struct action *action)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < part->ways.count; i++)
		r = add_part(part, &part->ways.items[i], action);
	return r;
}

static bool same_conditions(const struct match *a, const struct match *b)
{
	struct match both = *a;

	if (!a->condition_count && !b->condition_count)
		return true;
	both.condition_count = b->condition_count;
	(void)memcpy(both.conditions, b->conditions, sizeof(both.conditions));
	return match_is_same(a, &both);
}

/* Notes whether a packet whose mark changes can match another way, too. */
static void note_several(struct part *part)
{
	const struct nft_ways *ways = &part->ways;

	for (size_t i = 1; i < ways->count && !part->several; i++)
		part->several = !same_conditions(&ways->items[0].match,
						 &ways->items[i].match);
}

static bool tests_mark(const struct part *part)
{
	for (size_t i = 0; i < part->ways.count; i++)
		if (part->ways.items[i].match.condition_count)
			return true;
	return false;
}

/* Goes on in a new chain, with the packets that matched so far. */
static int enter_inner(struct part *part)
{
	char name[CHAIN_NAME_MAX + 1];
	const struct action jump = { .target = name,
				     .is_inner = true,
				     .change = CHANGE_NOTHING };
	int r;

	(void)snprintf(name, sizeof(name), "i%zu", part->build->inner_count++);
	note_several(part);
	if (!iptables_add_chain(part->build->table, name))
		return -ENOMEM;
	r = add_parts(part, &jump);
	(void)memcpy(part->chain, name, sizeof(name));
	part->inner = true;
	return r < 0 ? r : nft_ways_all(&part->build->scope, &part->ways);
}

/* ---- Matches ------------------------------------------------------------- */

/* Sends the packets that match out of the rest of the rule. */
static int add_break(struct part *part, json_t *left, json_t *right)
{
	const struct nft_scope *scope = &part->build->scope;
	const struct action leave = { .target = "RETURN",
				      .ending = ENDING_BREAK,
				      .change = CHANGE_NOTHING };
	int r = nft_match_has(scope, &part->ways, left);

	if (r == 0)
		r = enter_inner(part);
	if (r == 0)
		r = nft_match(scope, &part->ways, left, right);
	if (r == 0)
		r = add_parts(part, &leave);
	return r < 0 ? r : nft_ways_all(scope, &part->ways);
}

static int take_match(struct part *part, json_t *match)
{
	const struct nft_scope *scope = &part->build->scope;
	json_t *left = json_object_get(match, "left");
	json_t *right = json_object_get(match, "right");
	const char *op = json_string_value(json_object_get(match, "op"));
	json_t *of = json_object_get(left, "ct");
	const char *key = json_string_value(json_object_get(of, "key"));
	bool state = key && strcmp(key, "state") == 0;
	int r;

	if (!left || !right || !op)
		return nft_fail(scope, "a match without left, right or op");
	/* Only a state is one bit of the value; lists are bits, too. */
	if ((strcmp(op, "in") == 0) != json_is_array(right) && !state)
		op = "bits";
	if (state && strcmp(op, "in") != 0 && json_is_array(right))
		op = "bits";
	if (strcmp(op, "==") == 0 || (strcmp(op, "in") == 0 && state))
		return nft_match(scope, &part->ways, left, right);
	if (strcmp(op, "!=") != 0)
		return nft_match_compare(scope, &part->ways, op, match);
	r = nft_match_not(scope, &part->ways, left, right);
	return r > 0 ? add_break(part, left, right) : r;
}

/* ---- Marks --------------------------------------------------------------- */

/* Applies an operation with a constant. */
static bool apply(struct change *change, const char *op, uint32_t value)
{
	switch (*op) {
	case '&':
		change->keep &= value;
		change->flip &= value;
		return true;
	case '|':
		change->keep &= ~value;
		change->flip |= value;
		return true;
	case '^':
		change->flip ^= value;
		return true;
	default:
		return false;
	}
}

/* Gets what an expression makes of the mark. Returns false if that is unknown. */
static bool get_change(json_t *value, int depth, struct change *ret_change)
{
	struct change change = CHANGE_NOTHING;
	uint32_t number = 0;
	const char *key = NULL;
	json_t *body = NULL;

	*ret_change = (struct change){ 0 };
	if (nft_number(value, &ret_change->flip))
		return true;
	if (depth == DEPTH_MAX_OF_MARKS || !nft_member(value, &key, &body))
		return false;
	if (strcmp(key, "meta") == 0) {
		const char *name =
			json_string_value(json_object_get(body, "key"));

		*ret_change = change;
		return name && strcmp(name, "mark") == 0;
	}
	if (json_array_size(body) < 2 || key[1] ||
	    !get_change(json_array_get(body, 0), depth + 1, &change))
		return false;
	for (size_t i = 1; i < json_array_size(body); i++)
		if (!nft_number(json_array_get(body, i), &number) ||
		    !apply(&change, key, number))
			return false;
	*ret_change = change;
	return true;
}

static struct action mark_action(const struct part *part, json_t *value)
{
	struct action action = { .target = "MARK", .sets = THING_MARK };

	action.marks = get_change(value, 0, &action.change);
	if (!action.marks) {
		action.change = CHANGE_NOTHING;
		action.why = WHY_MARK;
	}
	if (part->several && (action.change.flip & action.change.keep))
		action.why = WHY_SEVERAL;
	return action;
}

static int set_mark(struct part *part, json_t *value)
{
	const struct nft_scope *scope = &part->build->scope;
	json_t *map = json_object_get(value, "map");
	struct action action;
	int r = 0;

	if (tests_mark(part) && part->more)
		r = enter_inner(part);
	if (r == 0 && map)
		r = nft_match_map(scope, &part->ways,
				  json_object_get(map, "key"),
				  json_object_get(map, "data"));
	if (r < 0)
		return r;
	note_several(part);
	if (!map) {
		action = mark_action(part, value);
		return add_parts(part, &action);
	}
	if (part->several)
		nft_ways_reject(&part->ways, WHY_SEVERAL);
	for (size_t i = 0; r == 0 && i < part->ways.count; i++) {
		const struct nft_way *way = &part->ways.items[i];

		action = mark_action(part, way->value);
		r = add_part(part, way, &action);
	}
	return r;
}

/* Returns what a value is set of; "*" is any name, and the last row anything. */
static unsigned int things_of(const char *owner, const char *name)
{
	static const struct {
		const char *owner;
		const char *name;
		unsigned int things;
	} rows[] = {
		{ "meta", "priority", 0 },
		{ "meta", "nftrace", 0 },
		{ "meta", "secmark", 0 },
		{ "ct", "mark", THING_CONNMARK },
		{ "ct", "label", THING_LABEL },
		{ "ct", "secmark", 0 },
		{ "ct", "*", THING_TRACKING },
		{ "ip", "saddr", THING_ADDRESS },
		{ "ip", "daddr", THING_ADDRESS },
		{ "ip6", "saddr", THING_ADDRESS },
		{ "ip6", "daddr", THING_ADDRESS },
		{ "ip", "dscp", THING_TOS },
		{ "ip", "ecn", THING_TOS },
		{ "ip", "ttl", THING_TTL },
		{ "ip6", "dscp", THING_TOS },
		{ "ip6", "ecn", THING_TOS },
		{ "ip6", "hoplimit", THING_TTL },
		{ "tcp", "*", THING_TCP | THING_ADDRESS },
		{ "tcp option", "*", THING_TCP },
		{ "udp", "sport", THING_ADDRESS },
		{ "udp", "dport", THING_ADDRESS },
		{ "th", "sport", THING_ADDRESS },
		{ "th", "dport", THING_ADDRESS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].owner, owner) == 0 &&
		    (rows[i].name[0] == '*' || strcmp(rows[i].name, name) == 0))
			return rows[i].things;
	return THINGS_ALL;
}

static int take_mangle(struct part *part, json_t *mangle)
{
	json_t *value = json_object_get(mangle, "value");
	struct action action = { .target = "", .change = CHANGE_NOTHING };
	json_t *body = NULL;
	const char *owner = NULL;
	const char *name;
	bool payload;

	if (!value || !nft_member(json_object_get(mangle, "key"), &owner, &body))
		return nft_fail(&part->build->scope,
				"a 'mangle' without key or value");
	payload = strcmp(owner, "payload") == 0;
	name = json_string_value(
		json_object_get(body, payload ? "field" :
				      strcmp(owner, "tcp option") == 0 ?
						"name" :
						"key"));
	if (payload)
		owner = json_string_value(json_object_get(body, "protocol"));
	if (owner && name && strcmp(owner, "meta") == 0 &&
	    strcmp(name, "mark") == 0)
		return set_mark(part, value);
	action.sets = owner && name ? things_of(owner, name) : THINGS_ALL;
	if (action.sets & THING_MARK)
		action.why = WHY_STATEMENT;
	return action.sets ? add_parts(part, &action) : 0;
}

/* ---- Verdicts and other statements --------------------------------------- */

static int get_jump(const struct part *part, json_t *body, bool is_goto,
		    struct action *action, char target[CHAIN_NAME_MAX + 1])
{
	const struct nft_scope *scope = &part->build->scope;
	const char *name = json_string_value(json_object_get(body, "target"));
	char text[NFT_NAME_SIZE];
	json_t *number;

	if (!name)
		return nft_fail(scope, "a jump without target");
	number = json_object_get(part->build->chains,
				 nft_name(scope, name, text));
	if (!number) {
		action->ending = ENDING_DROP;
		action->sets = THINGS_ALL;
		action->why = "it leads to a chain that the text lacks, which "
			      "nft -j list table FAMILY TABLE shows, too";
		return 0;
	}
	nft_chain_name((size_t)json_integer_value(number), target);
	action->target = target;
	action->is_goto = is_goto;
	if (!is_goto && part->several)
		action->why = WHY_SEVERAL;
	return 0;
}

/* What each statement does to packets. */
static const struct statement {
	const char *name;
	const char *target;
	enum ending ending;
	unsigned int sets;
	const char *why;
	bool goes_on; /* perhaps not for all packets */
} statements[] = {
	{ "accept", "ACCEPT", ENDING_ACCEPT, 0, NULL, false },
	{ "drop", "DROP", ENDING_DROP, 0, NULL, false },
	{ "reject", "REJECT", ENDING_DROP, 0, NULL, false },
	{ "return", "RETURN", ENDING_RETURN, 0, NULL, false },
	{ "fwd", "", ENDING_DROP, 0, NULL, false },
	{ "queue", "NFQUEUE", ENDING_DROP, THING_MARK,
	  "the program that reads the queue may set any mark", false },
	{ "snat", "", ENDING_ACCEPT, THING_ADDRESS, NULL, false },
	{ "dnat", "", ENDING_ACCEPT, THING_ADDRESS, NULL, false },
	{ "masquerade", "", ENDING_ACCEPT, THING_ADDRESS, NULL, false },
	{ "redirect", "", ENDING_ACCEPT, THING_ADDRESS, NULL, false },
	{ "continue", NULL, ENDING_NONE, 0, NULL, true },
	{ "counter", NULL, ENDING_NONE, 0, NULL, true },
	{ "log", NULL, ENDING_NONE, 0, NULL, true },
	{ "last", NULL, ENDING_NONE, 0, NULL, true },
	{ "dup", NULL, ENDING_NONE, 0, NULL, true },
	{ "secmark", NULL, ENDING_NONE, 0, NULL, true },
	{ "notrack", "", ENDING_NONE, THING_TRACKING, NULL, true },
	{ "ct helper", "", ENDING_NONE, THING_TRACKING, NULL, true },
	{ "ct timeout", "", ENDING_NONE, THING_TRACKING, NULL, true },
	{ "ct expectation", "", ENDING_NONE, THING_TRACKING, NULL, true },
	{ "reset", "", ENDING_NONE, THING_TCP, NULL, true },
	{ "limit", NULL, ENDING_NONE, 0, WHY_CONDITION, true },
	{ "quota", NULL, ENDING_NONE, 0, WHY_CONDITION, true },
	{ "ct count", NULL, ENDING_NONE, 0, WHY_CONDITION, true },
	{ "meter", NULL, ENDING_NONE, 0, WHY_CONDITION, true },
	{ "set", "", ENDING_NONE, THING_SET, WHY_CONDITION, true },
	{ "map", "", ENDING_NONE, THING_SET, WHY_CONDITION, true },
	{ NULL, "", ENDING_DROP, THINGS_ALL, WHY_STATEMENT, true },
};

/* Returns the row of a statement; that of unknown ones if there is none. */
static const struct statement *find_statement(const char *name)
{
	const struct statement *statement = statements;

	while (statement->name && strcmp(statement->name, name) != 0)
		statement++;
	return statement;
}

/* Gets the action of a verdict or another statement. */
static int get_action(const struct part *part, const char *name, json_t *body,
		      struct action *action, char target[CHAIN_NAME_MAX + 1])
{
	const struct statement *statement = find_statement(name);
	bool is_goto = strcmp(name, "goto") == 0;

	*action = (struct action){ .target = "", .change = CHANGE_NOTHING };
	if (is_goto || strcmp(name, "jump") == 0)
		return get_jump(part, body, is_goto, action, target);
	action->target = statement->target;
	action->ending = statement->ending;
	action->sets = statement->sets;
	action->why = statement->sets & THING_MARK ? statement->why : NULL;
	return 0;
}

static int take_statement(struct part *part, const char *name, json_t *body)
{
	const struct statement *statement = find_statement(name);
	char target[CHAIN_NAME_MAX + 1];
	struct action action;
	int r;

	note_several(part);
	r = get_action(part, name, body, &action, target);
	if (r == 0 && action.target)
		r = add_parts(part, &action);
	if (statement->why && statement->goes_on)
		nft_ways_reject(&part->ways, statement->why);
	part->done |= !statement->goes_on || strcmp(name, "jump") == 0 ||
		      strcmp(name, "goto") == 0;
	return r;
}

/* Takes a match or a target of iptables, of which only the name is known. */
static int take_xt(struct part *part, json_t *xt)
{
	const char *type = json_string_value(json_object_get(xt, "type"));
	const char *name = json_string_value(json_object_get(xt, "name"));
	struct action action = { .target = "",
				 .change = CHANGE_NOTHING,
				 .why = WHY_XT };
	const struct known *known;

	if (type && strcmp(type, "match") == 0) {
		part->ways.reads |= THINGS_ALL;
		if (!name || strcmp(name, "comment") != 0)
			nft_ways_reject(&part->ways, WHY_XT);
		return 0;
	}
	known = known_find(KNOWN_TARGET, name ? name : "?", NULL);
	action.ending = known->ending;
	action.sets = known->sets;
	return add_parts(part, &action);
}

static int take_vmap(struct part *part, json_t *vmap)
{
	const struct nft_scope *scope = &part->build->scope;
	int r = nft_match_map(scope, &part->ways, json_object_get(vmap, "key"),
			      json_object_get(vmap, "data"));

	note_several(part);
	for (size_t i = 0; r == 0 && i < part->ways.count; i++) {
		const struct nft_way *way = &part->ways.items[i];
		char target[CHAIN_NAME_MAX + 1];
		struct action action = { .target = NULL };
		json_t *body = NULL;
		const char *name = NULL;

		/* Elements that are not known lead anywhere. */
		if (!way->value)
			name = "";
		else if (!nft_member(way->value, &name, &body))
			return nft_fail(scope, "a verdict in a map");
		r = get_action(part, name, body, &action, target);
		if (r == 0 && action.target)
			r = add_part(part, way, &action);
		if (part->more && !action.target)
			nft_ways_reject(&part->ways, WHY_STATEMENT);
	}
	part->done = !part->ways.why;
	return r;
}

/* ---- Rules --------------------------------------------------------------- */

/* Tells whether anything follows that does more than to count. */
static bool has_more(json_t *list, size_t from)
{
	for (size_t i = from; i < json_array_size(list); i++) {
		json_t *body = NULL;
		const char *name = NULL;

		if (!nft_member(json_array_get(list, i), &name, &body) ||
		    find_statement(name)->target || find_statement(name)->why)
			return true;
	}
	return false;
}

static int take_expression(struct part *part, json_t *expression)
{
	const struct nft_scope *scope = &part->build->scope;
	const char *name = NULL;
	json_t *body = NULL;

	if (!nft_member(expression, &name, &body))
		return nft_fail(scope, "an expression");
	if (strcmp(name, "match") == 0)
		return take_match(part, body);
	if (strcmp(name, "mangle") == 0)
		return take_mangle(part, body);
	if (strcmp(name, "vmap") == 0)
		return take_vmap(part, body);
	if (strcmp(name, "xt") == 0)
		return take_xt(part, body);
	return take_statement(part, name, body);
}

int nft_add_rule(struct nft_build *build, size_t chain, json_t *rule,
		 unsigned int line)
{
	struct part part = { .build = build, .rule = rule, .line = line };
	json_t *list = json_object_get(rule, "expr");
	int r = nft_ways_all(&build->scope, &part.ways);

	nft_chain_name(chain, part.chain);
	if (r == 0 && list && !json_is_array(list))
		r = nft_fail(&build->scope, "a rule's expr");
	for (size_t i = 0; r == 0 && i < json_array_size(list); i++) {
		part.more = has_more(list, i + 1);
		r = take_expression(&part, json_array_get(list, i));
		if (part.done || !part.ways.count)
			break;
	}
	nft_ways_free(&part.ways);
	return r;
}
