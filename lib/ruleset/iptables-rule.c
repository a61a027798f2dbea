/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A rule in the words of iptables-save, as a mark rule. */
#include <string.h>
#include <sys/socket.h>

#include "error.h"
#include "mark-extra.h"
#include "object.h"
#include "ruleset/iptables-rule.h"

/* A rule being taken apart. */
struct parse {
	char *const *words;
	size_t count;
	size_t next;
	struct ipvsctl_mark *rule;
	const char *module; /* the last one after -m */
	bool module_added;  /* to the further matches */
	char extra[IPVSCTL_EXTRA_MAX + 1];
	const char *target;
	const char *why; /* it has no equal here, or NULL */
	bool marked;
};

/* The first reason is the one to tell. */
static void reject(struct parse *parse, const char *why)
{
	if (!parse->why)
		parse->why = why;
}

/* ---- Options that have attributes of their own -------------------------- */

/* Returns 0 or -EINVAL. */
typedef int (*take_fn)(struct parse *parse, const char *value,
		       struct ipvsctl_error *err);

static int take_chain(struct parse *parse, const char *value,
		      struct ipvsctl_error *err)
{
	static const struct {
		const char *chain;
		enum ipvsctl_hook hook;
	} hooks[] = {
		{ "PREROUTING", IPVSCTL_HOOK_PREROUTING },
		{ "INPUT", IPVSCTL_HOOK_INPUT },
		{ "OUTPUT", IPVSCTL_HOOK_OUTPUT },
	};

	(void)err;
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++)
		if (strcmp(hooks[i].chain, value) == 0) {
			parse->rule->hook = (uint16_t)hooks[i].hook;
			return 0;
		}
	reject(parse, "it is in none of PREROUTING, INPUT and OUTPUT");
	if (strncmp(value, "LBCTL-", 6) == 0)
		parse->target = value;
	return 0;
}

static int take_module(struct parse *parse, const char *value,
		       struct ipvsctl_error *err)
{
	(void)err;
	parse->module = value;
	parse->module_added = false;
	return 0;
}

static int take_target(struct parse *parse, const char *value,
		       struct ipvsctl_error *err)
{
	(void)err;
	/* A chain of ours has said what it is by its own name. */
	if (!parse->target)
		parse->target = value;
	parse->module = NULL;
	return 0;
}

static int take_proto(struct parse *parse, const char *value,
		      struct ipvsctl_error *err)
{
	static const char *const names[][2] = { { "ipv6-icmp", "icmpv6" },
						{ "all", "any" } };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i][0], value) == 0)
			value = names[i][1];
	(void)err;
	if (ipvsctl_mark_set(parse->rule, "proto", value, NULL) < 0)
		reject(parse, "it has a value that is not supported");
	return 0;
}

/* "MARK" or "MARK/MASK". Returns 0 or -EINVAL. */
static int parse_mark(struct parse *parse, const char *value,
		      struct ipvsctl_error *err)
{
	static const struct ipvsctl_range number = { "mark", 0, UINT32_MAX };
	const char *slash = strchrnul(value, '/');
	char mark[16];
	int r;

	if ((size_t)(slash - value) >= sizeof(mark))
		return fail(err, -EINVAL, "'%.64s' is not MARK/MASK", value);
	(void)memcpy(mark, value, (size_t)(slash - value));
	mark[slash - value] = '\0';
	r = ipvsctl_number_parse(mark, &number, &parse->rule->mark, err);
	if (r == 0 && *slash)
		r = ipvsctl_number_parse(slash + 1, &number, &parse->rule->mask,
					 err);
	parse->marked = true;
	return r;
}

/* The kernel turns over what the mark has outside of the mask. */
static int take_xmark(struct parse *parse, const char *value,
		      struct ipvsctl_error *err)
{
	int r = parse_mark(parse, value, err);

	if (r == 0 && (parse->rule->mark & ~parse->rule->mask))
		reject(parse, "it turns bits of the mark over");
	return r;
}

/* This spelling sets it. */
static int take_mark(struct parse *parse, const char *value,
		     struct ipvsctl_error *err)
{
	int r = parse_mark(parse, value, err);

	parse->rule->mask |= parse->rule->mark;
	return r;
}

/* attribute: of the mark rule, set to the value; else take is called. */
static const struct native {
	const char *option;
	const char *module; /* that it is an option of, or NULL */
	const char *attribute;
	take_fn take;
} natives[] = {
	{ "-A", NULL, NULL, take_chain },
	{ "-m", NULL, NULL, take_module },
	{ "-j", NULL, NULL, take_target },
	{ "-g", NULL, NULL, take_target },
	{ "-p", NULL, NULL, take_proto },
	{ "-s", NULL, "src", NULL },
	{ "-d", NULL, "dst", NULL },
	{ "-i", NULL, "in-interface", NULL },
	{ "--sport", "tcp udp sctp udplite dccp", "sport", NULL },
	{ "--dport", "tcp udp sctp udplite dccp", "dport", NULL },
	{ "--sports", "multiport", "sport", NULL },
	{ "--dports", "multiport", "dport", NULL },
	{ "--comment", "comment", "comment", NULL },
	{ "--set-xmark", NULL, NULL, take_xmark },
	{ "--set-mark", NULL, NULL, take_mark },
};

/* Whether word is one of the words of list. */
static bool is_among(const char *word, const char *list)
{
	size_t length = strlen(word);

	for (const char *at = list; *at; at += strspn(at, " ")) {
		size_t span = strcspn(at, " ");

		if (span == length && strncmp(at, word, length) == 0)
			return true;
		at += span;
	}
	return false;
}

static const struct native *find_native(const struct parse *parse,
					const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(natives); i++) {
		const struct native *native = &natives[i];

		if (strcmp(native->option, word) == 0 &&
		    (!native->module ||
		     (parse->module && is_among(parse->module, native->module))))
			return native;
	}
	return NULL;
}

/* ---- Whole rules ------------------------------------------------------- */

static int take_native(struct parse *parse, const struct native *native,
		       struct ipvsctl_error *err)
{
	const char *value;

	if (parse->next == parse->count)
		return fail(err, -EINVAL, "'%s' needs a value", native->option);
	value = parse->words[parse->next++];
	if (native->take)
		return native->take(parse, value, err);
	/* What is wrong with it here may be right there. */
	if (ipvsctl_mark_set(parse->rule, native->attribute, value, NULL) < 0)
		reject(parse, "it has a value that is not supported");
	return 0;
}

/* Further matches keep their words, behind the module they belong to. */
static void take_extra(struct parse *parse, const char *word)
{
	bool fits = true;

	/* Such as "-o eth0": only matches can stand behind "--". */
	if (!parse->module) {
		reject(parse, "it has an option that is not supported");
		return;
	}
	if (!parse->module_added) {
		fits = extra_add(parse->extra, "-m") &&
		       extra_add(parse->extra, parse->module);
		parse->module_added = true;
	}
	if (!fits || !extra_add(parse->extra, word))
		reject(parse, "its matches are too long");
}

static int take_word(struct parse *parse, const char *word,
		     struct ipvsctl_error *err)
{
	const struct native *native = find_native(parse, word);
	bool negated = strcmp(word, "!") == 0 && parse->next < parse->count &&
		       find_native(parse, parse->words[parse->next]);

	if (native)
		return take_native(parse, native, err);
	if (negated)
		reject(parse, "it negates a match");
	else if (parse->target)
		reject(parse, "its target has an option that is not supported");
	else
		take_extra(parse, word);
	return 0;
}

/* What kind of rule the words were; nothing of ours is reported. */
static enum iptables_verdict judge(struct parse *parse)
{
	const char *target = parse->target ? parse->target : "";

	if (strncmp(target, "LBCTL-", 6) == 0)
		return IPTABLES_OURS;
	if (parse->marked && !parse->rule->mark)
		reject(parse, "it takes a mark away");
	if (parse->why)
		return IPTABLES_OTHER;
	if (strcmp(target, "RETURN") == 0)
		return IPTABLES_RETURN;
	if (strcmp(target, "MARK") == 0 && parse->marked)
		return IPTABLES_MARK;
	reject(parse, "its target is neither MARK nor RETURN");
	return IPTABLES_OTHER;
}

/* Settles what depends on the whole. */
static int finish(struct parse *parse, enum iptables_verdict *verdict,
		  struct ipvsctl_error *err)
{
	struct ipvsctl_mark *rule = parse->rule;

	if (parse->extra[0] &&
	    ipvsctl_mark_set(rule, "extra", parse->extra, NULL) < 0)
		reject(parse, "it has a match that is not supported");
	*verdict = judge(parse);
	if (*verdict == IPTABLES_OURS || *verdict == IPTABLES_OTHER)
		return 0;
	if (*verdict == IPTABLES_RETURN) {
		rule->exclude = true;
		rule->exempt_own = false;
		rule->priority = IPVSCTL_EXCLUDE_PRIORITY;
		rule->mark = 1;
		rule->mask = UINT32_MAX;
	}
	return ipvsctl_mark_check(rule, err);
}

int iptables_parse(char *const *words, size_t count, struct iptables_rule *rule,
		   struct ipvsctl_error *err)
{
	struct parse parse = { .words = words,
			       .count = count,
			       .rule = &rule->mark };
	uint16_t family = rule->mark.family;
	int r = 0;

	if (!count || strcmp(words[0], "-A") != 0)
		return fail(err, -EINVAL,
			    "'%.64s' does not begin a rule of iptables-save",
			    count ? words[0] : "");
	ipvsctl_mark_init(&rule->mark, false);
	rule->mark.family = family;
	while (r == 0 && parse.next < count) {
		const char *word = words[parse.next++];

		/* A module with nothing to say, as "-m udp", is left out. */
		r = take_word(&parse, word, err);
	}
	if (r == 0)
		r = finish(&parse, &rule->verdict, err);
	rule->why = parse.why;
	return r;
}
