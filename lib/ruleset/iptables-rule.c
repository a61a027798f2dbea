/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Parses a rule in the words of iptables-save. */
#include "ruleset/iptables-rule.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "fail.h"
#include "model/address.h"
#include "model/mark-extra.h"
#include "model/object.h"
#include "ruleset/iptables-value.h"

#define MODULES_MAX 16

/* The state of parsing a rule. */
struct parse {
	char *const *words;
	size_t count;
	size_t next;
	uint16_t family;
	struct iptables_rule *rule;
	const char *modules[MODULES_MAX]; /* in the order of loading */
	size_t module_count;
	size_t stateful;    /* 1 + the first module that keeps state; 0: none */
	bool module_added;  /* the last one is in extra */
	bool negated;	    /* "!" came before */
	bool targeted;	    /* further words are the target's */
	const char *option; /* that the value belongs to */
	const char *owner;  /* of the option */
	char front[IPVSCTL_EXTRA_MAX + 1]; /* words made here, before extra */
	char extra[IPVSCTL_EXTRA_MAX + 1];
};

/* Only the first reason is reported. */
static void reject(struct parse *parse, const char *why)
{
	if (!parse->rule->why)
		parse->rule->why = why;
}

static void reject_value(struct parse *parse)
{
	reject(parse, "it has a value that is not supported");
}

/* ---- Modules and further words ------------------------------------------ */

static void note_known(struct parse *parse, const struct known *known)
{
	struct iptables_rule *rule = parse->rule;

	if (!known)
		return;
	rule->reads |= known->reads;
	if (known->kind == KNOWN_TARGET) {
		rule->sets |= known->sets;
		return;
	}
	rule->match_sets |= known->sets;
	rule->match.keeps_state |= known->keeps_state;
	if ((known->reads & THING_MARK) &&
	    !(known->name && strcmp(known->name, "mark") == 0))
		rule->match.reads_mark = true;
	if (known->keeps_state && !parse->stateful)
		parse->stateful = parse->module_count;
}

/* Adds the effects of an option of the target or of a match. */
static void note_option(struct parse *parse, const char *word)
{
	for (size_t i = 0; i < parse->module_count; i++)
		note_known(parse,
			   known_find(KNOWN_MATCH, parse->modules[i], word));
	note_known(parse, known_find(KNOWN_TARGET, parse->rule->target, word));
}

/* Matches that test nothing by themselves, or are kept as attributes. */
static bool is_silent(const char *module)
{
	static const char *const silent[] = {
		"tcp",	 "udp",	   "sctp",	"dccp",	     "udplite", "icmp",
		"icmp6", "icmpv6", "ipv6-icmp", "multiport", "comment", "mark"
	};

	for (size_t i = 0; i < ARRAY_SIZE(silent); i++)
		if (strcmp(silent[i], module) == 0)
			return true;
	return false;
}

static void add_word(struct parse *parse, const char *word)
{
	if (!extra_add(parse->extra, word))
		reject(parse, "its matches are too long");
}

/* Adds the last module to the further words, once. */
static void add_module(struct parse *parse)
{
	if (parse->module_added)
		return;
	parse->module_added = true;
	/* Conditions in other words than "--mark" are not understood. */
	if (strcmp(parse->modules[parse->module_count - 1], "mark") == 0)
		reject(parse, "it has an option that is not supported");
	add_word(parse, "-m");
	add_word(parse, parse->modules[parse->module_count - 1]);
}

static void load_module(struct parse *parse, const char *name)
{
	if (parse->module_count == MODULES_MAX) {
		reject(parse, "it has too many matches");
		return;
	}
	parse->modules[parse->module_count++] = name;
	parse->module_added = false;
	note_known(parse, known_find(KNOWN_MATCH, name, NULL));
	if (!is_silent(name))
		add_module(parse);
}

/* iptables loads the protocol's own match for unknown options. */
static const char *protocol_module(const struct parse *parse)
{
	static const struct {
		uint16_t protocol;
		const char *module;
	} modules[] = {
		{ 6, "tcp" },	    { 17, "udp" }, { 132, "sctp" },
		{ 33, "dccp" },	    { 1, "icmp" }, { 58, "icmp6" },
		{ 136, "udplite" }, { 50, "esp" }, { 51, "ah" },
		{ 135, "mh" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(modules); i++)
		if (modules[i].protocol == parse->rule->match.rule.protocol)
			return modules[i].module;
	return NULL;
}

/* Adds a match of one option before the other words. */
static void add_front(struct parse *parse, const char *module,
		      const char *option, const char *value)
{
	const char *const words[] = { "-m", module, "!", option, value };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if ((i != 2 || parse->negated) &&
		    !extra_add(parse->front, words[i]))
			reject(parse, "its matches are too long");
}

/* Rejects a condition that would move before a match that keeps state. */
static void check_order(struct parse *parse)
{
	size_t position = parse->module_count;

	if (!parse->owner || !parse->stateful)
		return;
	for (size_t i = 0; i < parse->module_count; i++)
		if (parse->modules[i] == parse->owner)
			position = i + 1;
	if (position > parse->stateful)
		reject(parse, "a match that keeps state comes before another "
			      "of its matches");
}

/* ---- Options that have attributes of their own -------------------------- */

/* Returns 0 or -EINVAL. */
typedef int (*take_fn)(struct parse *parse, const char *value,
		       struct ipvsctl_error *err);

static int take_name(char name[CHAIN_NAME_MAX + 1], const char *value,
		     struct ipvsctl_error *err)
{
	if (strlen(value) > CHAIN_NAME_MAX)
		return fail(err, -EINVAL, "'%.64s' is too long for a name",
			    value);
	(void)memcpy(name, value, strlen(value) + 1);
	return 0;
}

static int take_chain(struct parse *parse, const char *value,
		      struct ipvsctl_error *err)
{
	return take_name(parse->rule->chain, value, err);
}

static int take_module(struct parse *parse, const char *value,
		       struct ipvsctl_error *err)
{
	(void)err;
	parse->targeted = false;
	load_module(parse, value);
	return 0;
}

static int take_target(struct parse *parse, const char *value,
		       struct ipvsctl_error *err)
{
	const struct known *known = known_find(KNOWN_TARGET, value, NULL);

	/* MARK's options are in natives; verdicts have none. */
	parse->targeted = known->name && strcmp(value, "MARK") != 0 &&
			  (known->sets || known->ending == ENDING_NONE);
	return take_name(parse->rule->target, value, err);
}

static int take_goto(struct parse *parse, const char *value,
		     struct ipvsctl_error *err)
{
	parse->rule->is_goto = true;
	return take_target(parse, value, err);
}

static int take_proto(struct parse *parse, const char *value,
		      struct ipvsctl_error *err)
{
	(void)err;
	if (parse->negated)
		reject(parse, "it negates the protocol");
	if (!value_protocol(value, &parse->rule->match.rule.protocol))
		reject_value(parse);
	return 0;
}

/* The iprange match can express "! -s". Returns 0 or -ENOMEM. */
static int take_network(struct parse *parse, const char *value,
			const char *attribute, const char *option)
{
	struct network taken = { 0 };
	struct ipvsctl_address_range range;
	char text[VALUE_RANGE_TEXT];
	const char *why = value_network(value, &taken);

	if (why) {
		reject(parse, why);
	} else if (!parse->negated) {
		network_format(&taken, text);
		return ipvsctl_mark_set(&parse->rule->match.rule, attribute,
					text, NULL);
	} else if (!taken.prefix_length) {
		parse->rule->never = true;
	} else {
		range = address_range_of(&taken);
		value_range(&range, text);
		add_front(parse, "iprange", option, text);
	}
	return 0;
}

static int take_source(struct parse *parse, const char *value,
		       struct ipvsctl_error *err)
{
	int r = take_network(parse, value, "src", "--src-range");

	return r < 0 ? fail_memory(err) : 0;
}

static int take_destination(struct parse *parse, const char *value,
			    struct ipvsctl_error *err)
{
	int r = take_network(parse, value, "dst", "--dst-range");

	return r < 0 ? fail_memory(err) : 0;
}

static int take_interface(struct parse *parse, const char *value,
			  struct ipvsctl_error *err)
{
	(void)err;
	if (parse->negated)
		reject(parse, "it negates the interface");
	/* "+" is every interface. */
	if (strcmp(value, "+") != 0 &&
	    (*value == '!' || ipvsctl_mark_set(&parse->rule->match.rule,
					       "in-interface", value, NULL) < 0))
		reject_value(parse);
	return 0;
}

/* Keeps a second condition on ports in iptables' words. */
static void take_ports(struct parse *parse, const char *value,
		       struct ipvsctl_ports *ports, const char *option)
{
	struct ipvsctl_ports taken = { 0 };

	check_order(parse);
	if (!value_ports(value, &taken)) {
		reject_value(parse);
	} else if (!parse->negated && !ports->count) {
		*ports = taken;
	} else {
		add_front(parse, parse->owner, option, value);
	}
}

static bool is_list(const struct parse *parse)
{
	return strcmp(parse->owner, "multiport") == 0;
}

static int take_sport(struct parse *parse, const char *value,
		      struct ipvsctl_error *err)
{
	(void)err;
	take_ports(parse, value, &parse->rule->match.rule.source_ports,
		   is_list(parse) ? "--sports" : "--sport");
	return 0;
}

static int take_dport(struct parse *parse, const char *value,
		      struct ipvsctl_error *err)
{
	(void)err;
	take_ports(parse, value, &parse->rule->match.rule.destination_ports,
		   is_list(parse) ? "--dports" : "--dport");
	return 0;
}

/* Drops a comment that is not valid here: it changes no mark. */
static int take_comment(struct parse *parse, const char *value,
			struct ipvsctl_error *err)
{
	struct ipvsctl_mark *rule = &parse->rule->match.rule;
	int r = ipvsctl_mark_set(rule, "comment", value, NULL);

	return r == -EINVAL ? ipvsctl_mark_set(rule, "comment", "", err) : r;
}

static int take_condition(struct parse *parse, const char *value,
			  struct ipvsctl_error *err)
{
	struct condition condition = { .negated = parse->negated };
	int r = value_mark(value, &condition.value, &condition.mask, err);
	enum joined joined;

	if (r < 0)
		return r;
	check_order(parse);
	joined = match_add_condition(&parse->rule->match, &condition);
	if (joined == JOINED_EMPTY)
		parse->rule->never = true;
	if (joined == JOINED_NOT)
		reject(parse, "it has too many conditions on the mark");
	return 0;
}

/* Ignores the counters, two words. */
static int take_counters(struct parse *parse, const char *value,
			 struct ipvsctl_error *err)
{
	(void)value;
	if (parse->next == parse->count)
		return fail(err, -EINVAL, "'%.32s' needs two values",
			    parse->option);
	parse->next++;
	return 0;
}

/* Reads the change that MARK makes. */
static int take_change(struct parse *parse, const char *value,
		       struct ipvsctl_error *err)
{
	parse->rule->marks = true;
	return value_change(parse->option, value, &parse->rule->change, err);
}

/* ---- Options ------------------------------------------------------------- */

#define WITH_PORTS "tcp udp sctp udplite dccp"

static const struct native {
	const char *names;   /* of the option */
	const char *modules; /* that it is an option of; NULL: of iptables */
	const char *target;  /* that it is an option of, or NULL */
	take_fn take;
} natives[] = {
	{ "-A --append", NULL, NULL, take_chain },
	{ "-m --match", NULL, NULL, take_module },
	{ "-j --jump", NULL, NULL, take_target },
	{ "-g --goto", NULL, NULL, take_goto },
	{ "-p --protocol --proto", NULL, NULL, take_proto },
	{ "-s --source --src", NULL, NULL, take_source },
	{ "-d --destination --dst", NULL, NULL, take_destination },
	{ "-i --in-interface", NULL, NULL, take_interface },
	{ "-c --set-counters", NULL, NULL, take_counters },
	{ "--sport --source-port", WITH_PORTS, NULL, take_sport },
	{ "--dport --destination-port", WITH_PORTS, NULL, take_dport },
	{ "--sports --source-ports", "multiport", NULL, take_sport },
	{ "--dports --destination-ports", "multiport", NULL, take_dport },
	{ "--comment", "comment", NULL, take_comment },
	{ "--mark", "mark connmark", NULL, take_condition },
	{ CHANGE_OPTIONS, NULL, "MARK", take_change },
};

/* Tells whether the word, of that length, is one of the words of list. */
static bool is_among(const char *word, size_t length, const char *list)
{
	for (const char *at = list; *at; at += strspn(at, " ")) {
		size_t span = strcspn(at, " ");

		if (span == length && strncmp(at, word, length) == 0)
			return true;
		at += span;
	}
	return false;
}

/*
 * Returns the module in list that the option belongs to: the one that was
 * loaded last, or the protocol's own.
 */
static const char *find_owner(struct parse *parse, const char *list)
{
	const char *module = protocol_module(parse);

	for (size_t i = parse->module_count; i-- > 0;)
		if (is_among(parse->modules[i], strlen(parse->modules[i]), list))
			return parse->modules[i];
	if (!module || !is_among(module, strlen(module), list))
		return NULL;
	load_module(parse, module);
	return module;
}

/* Finds the option of that name, and sets parse->owner to its module. */
static const struct native *find_native(struct parse *parse, const char *word)
{
	size_t length =
		strncmp(word, "--", 2) == 0 ? strcspn(word, "=") : strlen(word);

	for (size_t i = 0; i < ARRAY_SIZE(natives); i++) {
		const struct native *native = &natives[i];

		if (!is_among(word, length, native->names))
			continue;
		parse->owner = NULL;
		if (native->target)
			return strcmp(native->target, parse->rule->target) ?
				       NULL :
				       native;
		if (!native->modules)
			return native;
		parse->owner = find_owner(parse, native->modules);
		if (!parse->owner || strcmp(parse->owner, "connmark") == 0)
			return NULL;
		return native;
	}
	return NULL;
}

static int take_native(struct parse *parse, const struct native *native,
		       const char *word, struct ipvsctl_error *err)
{
	const char *value =
		strncmp(word, "--", 2) == 0 ? strchr(word, '=') : NULL;
	int r;

	if (value)
		value++;
	else if (parse->next < parse->count)
		value = parse->words[parse->next++];
	else
		return fail(err, -EINVAL, "'%.32s' needs a value", word);
	parse->option = word;
	r = native->take(parse, value, err);
	parse->negated = false;
	return r;
}

/* Options whose value may look like another option. */
static bool takes_text(const char *word)
{
	static const char list[] = "--string --hex-string --log-prefix "
				   "--nflog-prefix --ulog-prefix --label";

	return is_among(word, strlen(word), list);
}

/* Keeps the words of further matches, after the module they belong to. */
static void take_extra(struct parse *parse, const char *word)
{
	const char *module = protocol_module(parse);

	note_option(parse, word);
	if (!parse->targeted) {
		bool brief = word[0] == '-' && word[1] && !word[2];

		if (!parse->module_count && module && !brief)
			load_module(parse, module);
		/* Only options of matches can follow "--", not "-o eth0". */
		if (!parse->module_count || brief) {
			reject(parse, "it has an option that is not supported");
			return;
		}
		add_module(parse);
		if (parse->negated)
			add_word(parse, "!");
		add_word(parse, word);
	}
	parse->negated = false;
	if (takes_text(word) && parse->next < parse->count) {
		word = parse->words[parse->next++];
		if (!parse->targeted)
			add_word(parse, word);
	}
}

static int take_word(struct parse *parse, const char *word,
		     struct ipvsctl_error *err)
{
	const struct native *native = find_native(parse, word);

	if (native)
		return take_native(parse, native, word, err);
	if (strcmp(word, "!") == 0 && parse->next < parse->count)
		parse->negated = true;
	else
		take_extra(parse, word);
	return 0;
}

/* ---- Whole rules --------------------------------------------------------- */

/* Settles what depends on the whole rule. */
static int finish(struct parse *parse, struct ipvsctl_error *err)
{
	struct iptables_rule *rule = parse->rule;
	const struct known *target =
		known_find(KNOWN_TARGET, rule->target, NULL);
	char words[2 * IPVSCTL_EXTRA_MAX + 2];
	int r;

	rule->ending = target->ending;
	rule->sets |= target->sets;
	rule->marks &= strcmp(rule->target, "MARK") == 0;
	if (!rule->marks && strcmp(rule->target, "MARK") == 0)
		return fail(err, -EINVAL, "MARK needs a mark to set");
	(void)snprintf(words, sizeof(words), "%s%s%s", parse->front,
		       parse->front[0] && parse->extra[0] ? " " : "",
		       parse->extra);
	r = ipvsctl_mark_set(&rule->match.rule, "extra", words, NULL);
	if (r == -ENOMEM)
		return fail_memory(err);
	if (r < 0)
		reject(parse, "it has a match that is not supported");
	if (rule->why)
		return 0;
	return ipvsctl_mark_check(&rule->match.rule, err);
}

int iptables_parse(char *const *words, size_t count, uint16_t family,
		   struct iptables_rule *ret_rule, struct ipvsctl_error *err)
{
	struct parse parse = {
		.words = words,
		.count = count,
		.family = family,
		.rule = ret_rule,
	};
	int r = 0;

	*ret_rule = (struct iptables_rule){ .change = CHANGE_NOTHING };
	if (!count ||
	    (strcmp(words[0], "-A") != 0 && strcmp(words[0], "--append") != 0))
		return fail(err, -EINVAL,
			    "'%.64s' does not begin a rule of iptables-save",
			    count ? words[0] : "");
	ipvsctl_mark_init(&ret_rule->match.rule, false);
	ret_rule->match.rule.family = family;
	ret_rule->match.rule.exempt_own = IPVSCTL_EXEMPT_NONE;
	while (r == 0 && parse.next < count)
		r = take_word(&parse, words[parse.next++], err);
	if (r == 0)
		r = finish(&parse, err);
	if (r < 0)
		ipvsctl_mark_clear(&ret_rule->match.rule);
	return r;
}
