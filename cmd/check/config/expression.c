/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Translates extended regular expressions to PCRE2. */
#include "check/config/expression.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define DEPTH_MAX 32 /* nested groups */
#define UNLIMITED UINT32_MAX

struct translation {
	const char *at; /* what is read next */
	char *pattern;
	size_t length;
	unsigned int depth;
	const char *why; /* why text is wrong at "at"; NULL: it is not */
};

/* The part of a pattern that a repetition can follow. */
struct atom {
	size_t from;	 /* start in the pattern */
	uint32_t weight; /* its parts, repeated ones counted each time */
	bool group;
	bool anchor; /* matches no character, and does not repeat */
};

static void put(struct translation *to, const char *bytes, size_t length)
{
	if (to->length + length >= EXPRESSION_PATTERN) {
		to->why = "it is too long";
		return;
	}
	memcpy(to->pattern + to->length, bytes, length);
	to->length += length;
}

/* Writes a literal byte. */
static void put_literal(struct translation *to, char byte)
{
	const char escaped[] = { '\\', byte };
	const bool plain = isalnum((unsigned char)byte) || (byte & 0x80);

	put(to, plain ? &byte : escaped, plain ? 1 : 2);
}

/* ---- Brackets -------------------------------------------------------------- */

static void read_class(struct translation *to)
{
	static const char *const classes[] = {
		"[:alnum:]", "[:alpha:]", "[:blank:]", "[:cntrl:]",
		"[:digit:]", "[:graph:]", "[:lower:]", "[:print:]",
		"[:punct:]", "[:space:]", "[:upper:]", "[:xdigit:]",
	};

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		const size_t length = strlen(classes[i]);

		if (strncmp(to->at, classes[i], length) == 0) {
			put(to, to->at, length);
			to->at += length;
			return;
		}
	}
	to->why = "there is no such class of characters";
}

/* A character, or a range of them. */
static void read_member(struct translation *to)
{
	const bool range = to->at[1] == '-' && to->at[2] && to->at[2] != ']';
	const char *end = to->at + (range ? 2 : 0);

	if (end[0] == '[' && end[1] && strchr(".=:", end[1])) {
		to->why = "collating elements are not supported";
		return;
	}
	if ((unsigned char)end[0] < (unsigned char)to->at[0]) {
		to->why = "the range ends before it begins";
		return;
	}
	put_literal(to, to->at[0]);
	if (range) {
		put(to, "-", 1);
		put_literal(to, end[0]);
	}
	to->at = end + 1;
}

static void read_bracket(struct translation *to)
{
	const char *first;

	put(to, to->at++, 1);
	if (*to->at == '^')
		put(to, to->at++, 1);
	first = to->at;
	while (!to->why && (to->at == first || *to->at != ']')) {
		if (!*to->at)
			to->why = "a [ has no ]";
		else if (to->at[0] == '[' && to->at[1] == ':')
			read_class(to);
		else
			read_member(to);
	}
	if (!to->why)
		put(to, to->at++, 1);
}

/* ---- Atoms ----------------------------------------------------------------- */

/* Reads an escape as glibc does, but "\<" and "\>" both become "\b". That
   differs only if a non-word character follows "\<" or precedes "\>". */
static void read_escape(struct translation *to, struct atom *atom)
{
	static const struct {
		char escape;
		bool anchor;
		const char *pattern;
	} escapes[] = {
		{ 'w', false, "\\w" }, { 'W', false, "\\W" },
		{ 's', false, "\\s" }, { 'S', false, "\\S" },
		{ 'b', true, "\\b" },  { 'B', true, "\\B" },
		{ '<', true, "\\b" },  { '>', true, "\\b" },
		{ '`', true, "\\A" },  { '\'', true, "\\z" },
	};
	const char escape = to->at[1];

	for (size_t i = 0; i < ARRAY_SIZE(escapes); i++)
		if (escape == escapes[i].escape) {
			put(to, escapes[i].pattern, 2);
			atom->anchor = escapes[i].anchor;
			to->at += 2;
			return;
		}
	if (!escape) {
		to->why = "it ends in a \\";
	} else if (isdigit((unsigned char)escape)) {
		to->why = "back-references are not supported";
	} else if (isalpha((unsigned char)escape)) {
		to->why = "extended regular expressions have no such escape";
	} else {
		put_literal(to, escape);
		to->at += 2;
	}
}

static uint32_t read_alternatives(struct translation *to);

static void read_group(struct translation *to, struct atom *atom)
{
	atom->group = true;
	if (++to->depth > DEPTH_MAX) {
		to->why = "groups are nested too deeply";
		return;
	}
	to->at++;
	put(to, "(?:", 3);
	atom->weight += read_alternatives(to);
	if (!to->why && *to->at != ')')
		to->why = "a ( has no )";
	if (to->why)
		return;
	put(to, to->at++, 1);
	to->depth--;
}

static struct atom read_atom(struct translation *to)
{
	struct atom atom = { .from = to->length, .weight = 1 };

	switch (*to->at) {
	case '(':
		read_group(to, &atom);
		break;
	case '[':
		read_bracket(to);
		break;
	case '\\':
		read_escape(to, &atom);
		break;
	case '^':
	case '$':
		atom.anchor = true;
		put(to, to->at++, 1);
		break;
	case '.':
		put(to, to->at++, 1);
		break;
	case '*':
	case '+':
	case '?':
	case '{':
		to->why = "there is nothing to repeat";
		break;
	default:
		put_literal(to, *to->at++);
	}
	return atom;
}

/* ---- Repetitions ----------------------------------------------------------- */

/* Reads a count of "{2,5}"; returns none if it is missing. */
static uint32_t read_count(struct translation *to, uint32_t none)
{
	uint32_t count = 0;

	if (!isdigit((unsigned char)*to->at))
		return none;
	for (; isdigit((unsigned char)*to->at); to->at++)
		if (count <= EXPRESSION_REPEAT)
			count = count * 10 + (uint32_t)(*to->at - '0');
	if (count > EXPRESSION_REPEAT)
		to->why = "it repeats more than 255 times";
	return count;
}

static void read_interval(struct translation *to, uint32_t *least,
			  uint32_t *most)
{
	const char *from = ++to->at;

	*least = *most = read_count(to, 0);
	if (!to->why && *to->at == ',') {
		to->at++;
		*most = read_count(to, UNLIMITED);
	}
	if (!to->why && (*to->at != '}' || to->at == from || *most < *least)) {
		to->at = from - 1;
		to->why = "this { begins no repetition such as {2,5}";
	}
	if (!to->why)
		to->at++;
}

/* Repeats the atom at the end of the pattern. */
static void put_repetition(struct translation *to, const struct atom *atom,
			   uint32_t least, uint32_t most)
{
	const size_t length = to->length - atom->from;
	char text[32];

	if (least == 0 && most == UNLIMITED) {
		put(to, "*", 1);
		return;
	}
	(void)snprintf(text, sizeof(text),
		       most != UNLIMITED ? "{%u,%u}" :
		       atom->group	 ? "{%u,}" :
					   "{%u}",
		       least, most);
	put(to, text, strlen(text));
	if (most == UNLIMITED && !atom->group) {
		put(to, to->pattern + atom->from, length);
		put(to, "*", 1);
	}
}

/* Returns the factor of the atom's weight. */
static uint32_t read_repetition(struct translation *to, const struct atom *atom)
{
	uint32_t least = *to->at == '+', most = *to->at == '?' ? 1 : UNLIMITED;

	if (atom->anchor) {
		to->why = "there is nothing to repeat";
		return 0;
	}
	if (*to->at == '{')
		read_interval(to, &least, &most);
	else
		to->at++;
	if (to->why)
		return 0;
	put_repetition(to, atom, least, most);
	if (*to->at && strchr("*+?{", *to->at))
		to->why = "a repetition is repeated: write (...) around it";
	return most == UNLIMITED ? least + 1 : most;
}

/* Returns their weight. */
static uint32_t read_alternatives(struct translation *to)
{
	uint32_t weight = 0;

	while (!to->why && *to->at && *to->at != ')') {
		struct atom atom;

		if (*to->at == '|') {
			put(to, to->at++, 1);
			weight++;
			continue;
		}
		atom = read_atom(to);
		if (!to->why && *to->at && strchr("*+?{", *to->at))
			atom.weight *= read_repetition(to, &atom);
		weight += atom.weight;
		if (weight > EXPRESSION_WEIGHT && !to->why)
			to->why = "it repeats too much";
	}
	return weight;
}

int expression_translate(const char *text, char ret_pattern[EXPRESSION_PATTERN],
			 const char **ret_why, const char **ret_rest)
{
	struct translation to = { .at = text, .pattern = ret_pattern };

	if (strlen(text) > EXPRESSION_MAX)
		to.why = "it is longer than 1024 bytes";
	(void)read_alternatives(&to);
	if (!to.why && *to.at)
		to.why = "a ) has no (";
	ret_pattern[to.length] = '\0';
	*ret_why = to.why;
	*ret_rest = to.at;
	return to.why ? -EINVAL : 0;
}
