/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Compiles iptables' words to match blobs. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "model/mark-extra.h"
#include "xtables.h"

#define WORDS_MAX 128

/* The library's distance between the options of two matches. */
#define OPTION_SCALE 256

/* The rule that the words belong to: the parts that matches look at. */
union rule {
	struct ipt_entry ipv4;
	struct ip6t_entry ipv6;
};

/* Names of protocols whose options may come without "-m". */
static const struct {
	uint16_t number;
	const char *name;
} protocols[] = {
	{ IPPROTO_TCP, "tcp" },		{ IPPROTO_UDP, "udp" },
	{ IPPROTO_SCTP, "sctp" },	{ IPPROTO_DCCP, "dccp" },
	{ IPPROTO_UDPLITE, "udplite" }, { IPPROTO_ICMP, "icmp" },
	{ IPPROTO_ICMPV6, "icmp6" },	{ IPPROTO_ESP, "esp" },
	{ IPPROTO_AH, "ah" },
};

/* The state of parsing one rule's words. */
struct parse {
	union rule rule;
	uint16_t protocol;
	struct xtables_rule_match *matches;
	int invert;	  /* "!" came before */
	int has_protocol; /* the protocol's own match is loaded */
};

/* Registers a match's options and allocates its data. */
static void use_match(struct xtables_match *match)
{
	struct xtables_globals *globals = &helper_globals;
	size_t size = XT_ALIGN(sizeof(struct xt_entry_match)) + match->size;

	match->m = xtables_calloc(1, size);
	match->m->u.match_size = (uint16_t)size;
	(void)strncpy(match->m->u.user.name,
		      match->real_name ? match->real_name : match->name,
		      sizeof(match->m->u.user.name) - 1);
	match->m->u.user.revision = match->revision;
	if (match->udata_size)
		match->udata = xtables_calloc(1, match->udata_size);
	if (match->init)
		match->init(match->m);
	/* The first use of a match has registered its options. */
	if (match == match->next)
		return;
	struct option *options = NULL;
	if (match->x6_options)
		options = xtables_options_xfrm(globals->orig_opts,
					       globals->opts, match->x6_options,
					       &match->option_offset);
	else if (match->extra_opts)
		options =
			xtables_merge_options(globals->orig_opts, globals->opts,
					      match->extra_opts,
					      &match->option_offset);
	else
		return;
	if (!options)
		complain("out of memory");
	globals->opts = options;
}

static void load_match(struct parse *parse, const char *name)
{
	if (parse->invert)
		complain("'!' before -m");
	struct xtables_match *match = find_match(name, &parse->matches);
	if (!match)
		complain("there is no match '%s'", name);
	use_match(match);
}

/* Loads the protocol's own match, once, for an unknown option. */
static int load_protocol(struct parse *parse)
{
	if (parse->has_protocol)
		return 0;
	parse->has_protocol = 1;
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (protocols[i].number != parse->protocol)
			continue;
		struct xtables_match *match =
			find_match(protocols[i].name, &parse->matches);
		if (!match)
			return 0;
		use_match(match);
		return 1;
	}
	return 0;
}

/* Passes an option to the match it belongs to. */
static int give_option(struct parse *parse, int option, char **words)
{
	struct xtables_rule_match *at;

	for (at = parse->matches; at; at = at->next) {
		unsigned int offset = at->match->option_offset;
		if (at->completed ||
		    (!at->match->x6_parse && !at->match->parse) ||
		    (unsigned int)option < offset ||
		    (unsigned int)option >= offset + OPTION_SCALE)
			continue;
		xtables_option_mpcall((unsigned int)option, words,
				      parse->invert != 0, at->match,
				      &parse->rule);
		parse->invert = 0;
		return 1;
	}
	return 0;
}

static void take_option(struct parse *parse, int option, char **words)
{
	switch (option) {
	case 'm':
		load_match(parse, optarg);
		return;
	case 'j':
	case 'g':
		complain("a mark rule has its own target: no -j, no -g");
	case 1:
		if (strcmp(optarg, "!") == 0 && !parse->invert) {
			parse->invert = 1;
			return;
		}
		complain("unexpected word '%s'", optarg);
	case ':':
		complain("'%s' needs a value", words[optind - 1]);
	default:
		break;
	}
	if (option >= OPTION_SCALE && give_option(parse, option, words))
		return;
	if (option == '?' && load_protocol(parse)) {
		/* Read it once more: the match may know it. */
		optind--;
		return;
	}
	complain("unknown option '%s'; only matches may follow --",
		 words[optind - 1]);
}

/* Writes the matches in the order of the words. */
static void write_matches(const struct xtables_rule_match *matches, FILE *out)
{
	for (; matches; matches = matches->next) {
		const struct xt_entry_match *match = matches->match->m;
		(void)fwrite(match, 1, match->u.match_size, out);
	}
}

static void set_protocol(uint8_t family, struct parse *parse)
{
	if (family == NFPROTO_IPV4) {
		parse->rule.ipv4.ip.proto = parse->protocol;
		return;
	}
	parse->rule.ipv6.ipv6.proto = parse->protocol;
	if (parse->protocol)
		parse->rule.ipv6.ipv6.flags |= IP6T_F_PROTO;
}

/* Resets the library's globals for the next rule. */
static void reset(void)
{
	struct xtables_match *match;

	for (match = xtables_matches; match; match = match->next)
		match->mflags = 0;
	(void)xtables_set_params(&helper_globals);
	xtables_free_opts(1);
	helper_globals.opts = helper_globals.orig_opts;
	helper_globals.option_offset = 0;
	optind = 0;
	opterr = 0;
}

/*
 * Copies the words of text to copy, which has room for all of it. words[0] is
 * the program's name, and NULL ends the list. Returns their number.
 */
static int split_words(const char *text, char *copy, char *words[WORDS_MAX + 1])
{
	static char name[] = "xtables";
	int count = 1;
	int r;

	words[0] = name;
	while ((r = extra_next(&text, copy)) > 0) {
		if (count == WORDS_MAX)
			complain("too many words");
		words[count++] = copy;
		copy += strlen(copy) + 1;
	}
	if (r < 0)
		complain("a quote is not closed");
	words[count] = NULL;
	return count;
}

void compile_words(uint8_t family, uint16_t protocol, const char *text,
		   FILE *out)
{
	struct parse parse = { .protocol = protocol };
	char *words[WORDS_MAX + 1];
	char *copy = xtables_malloc(strlen(text) + 1);
	int count = split_words(text, copy, words);
	int option;

	reset();
	set_protocol(family, &parse);
	while ((option = getopt_long(count, words, "-:m:j:g:",
				     helper_globals.opts, NULL)) != -1)
		take_option(&parse, option, words);
	if (parse.invert)
		complain("nothing follows '!'");
	if (optind < count)
		complain("unexpected word '%s'", words[optind]);
	for (struct xtables_rule_match *at = parse.matches; at; at = at->next)
		xtables_option_mfcall(at->match);
	write_matches(parse.matches, out);
	xtables_rule_matches_free(&parse.matches);
	free(copy);
}
