/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Cuts the lines of a ruleset into words, in place: words only get shorter. */
#include <string.h>

#include "array.h"
#include "error.h"
#include "ruleset/words.h"

/* What ends a word or is more than itself in it. */
static const bool special[256] = {
	['\0'] = true, [' '] = true, ['\t'] = true, ['\r'] = true,
	['\n'] = true, ['"'] = true, ['\''] = true, ['\\'] = true,
};

static bool is_special(char c)
{
	return special[(unsigned char)c];
}

void words_open(struct words *words, char *text)
{
	*words = (struct words){ .at = text, .next = 1 };
}

void words_free(struct words *words)
{
	free(words->words);
}

/* The length of a line's end, which may be that of another system. */
static size_t line_end(const char *at)
{
	if (at[0] == '\n')
		return 1;
	return at[0] == '\r' && at[1] == '\n' ? 2 : 0;
}

static size_t joined_end(const char *at)
{
	size_t length = at[0] == '\\' ? line_end(at + 1) : 0;

	return length ? length + 1 : 0;
}

/* Steps over blanks and the ends of lines that go on. */
static void skip_blanks(struct words *words)
{
	for (;;) {
		size_t length;

		while (*words->at == ' ' || *words->at == '\t')
			words->at++;
		if (*words->at != '\\')
			return;
		length = joined_end(words->at);
		if (!length)
			return;
		words->at += length;
		words->next++;
	}
}

/* Where a word is read from and written to. */
struct cursor {
	char *from;
	char *to;
};

/* Copies what quotes hold. Returns how many lines it spans, or SIZE_MAX. */
static size_t take_quoted(struct cursor *cursor)
{
	const char quote = *cursor->from++;
	size_t lines = 0;

	while (*cursor->from != quote) {
		size_t joined = quote == '"' ? joined_end(cursor->from) : 0;

		if (joined) {
			cursor->from += joined;
			lines++;
			continue;
		}
		if (quote == '"' && *cursor->from == '\\' && cursor->from[1] &&
		    strchr("\"\\$`", cursor->from[1]))
			cursor->from++;
		if (!*cursor->from)
			return SIZE_MAX;
		lines += *cursor->from == '\n';
		*cursor->to++ = *cursor->from++;
	}
	cursor->from++;
	return lines;
}

/* Copies up to the end of the word. Returns 0 or -EINVAL. */
static int take_word(struct words *words, struct cursor *cursor,
		     struct ipvsctl_error *err)
{
	for (;;) {
		char c = *cursor->from;
		size_t lines = 0;

		if (!is_special(c)) {
			*cursor->to++ = c;
			cursor->from++;
		} else if (c == '\'' || c == '"') {
			lines = take_quoted(cursor);
			if (lines == SIZE_MAX)
				return fail(err, -EINVAL,
					    "a quote, %c, is not closed", c);
			words->next += (unsigned int)lines;
		} else if (joined_end(cursor->from)) {
			cursor->from += joined_end(cursor->from);
			words->next++;
		} else if (c == '\\' && cursor->from[1]) {
			*cursor->to++ = cursor->from[1];
			cursor->from += 2;
		} else if (c == '\\') {
			return fail(err, -EINVAL, "nothing follows the last \\");
		} else if (c == '\r' && !line_end(cursor->from)) {
			return fail(err, -EINVAL,
				    "a carriage return that does "
				    "not end the line");
		} else {
			return 0;
		}
	}
}

static int make_room(struct words *words, struct ipvsctl_error *err)
{
	char **grown = array_grow(words->words, &words->capacity,
				  words->count + 1, sizeof(*grown));

	if (!grown)
		return fail_memory(err);
	words->words = grown;
	return 0;
}

/* Cuts off words without anything special, and a blank behind each. */
static int add_plain_words(struct words *words, struct ipvsctl_error *err)
{
	char *at = words->at;
	int r = 0;

	while (*at != '#') {
		char *end = at;

		while (!is_special(*end))
			end++;
		if (*end != ' ' || end == at)
			break;
		if (words->count == words->capacity)
			r = make_room(words, err);
		if (r < 0)
			return r;
		words->words[words->count++] = at;
		*end = '\0';
		at = end + 1;
	}
	words->at = at;
	return 0;
}

/* Adds any word. Returns 0, 1 when the line ends behind it, or a failure. */
static int add_word(struct words *words, struct ipvsctl_error *err)
{
	struct cursor cursor = { .from = words->at, .to = words->at };
	size_t ends;
	int r = words->count < words->capacity ? 0 : make_room(words, err);

	if (r < 0)
		return r;
	words->words[words->count++] = words->at;
	r = take_word(words, &cursor, err);
	if (r < 0)
		return r;
	/* What follows is looked at before the NUL may take its place. */
	ends = line_end(cursor.from);
	words->at = cursor.from;
	if (ends) {
		words->at += ends;
		words->next++;
	} else if (*words->at) {
		words->at++;
	}
	*cursor.to = '\0';
	return ends ? 1 : 0;
}

/* Reads one line. Returns 0 or a failure. */
static int take_line(struct words *words, struct ipvsctl_error *err)
{
	int r = 0;

	while (r == 0) {
		/* Nearly all words are plain. */
		r = add_plain_words(words, err);
		if (r < 0)
			return r;
		skip_blanks(words);
		if (*words->at == '#')
			words->at += strcspn(words->at, "\n");
		size_t ends = line_end(words->at);
		if (ends) {
			words->at += ends;
			words->next++;
			return 0;
		}
		if (!*words->at)
			return 0;
		r = add_word(words, err);
	}
	return r < 0 ? r : 0;
}

int words_next(struct words *words, struct ipvsctl_error *err)
{
	words->count = 0;
	while (!words->count && *words->at) {
		words->line = words->next;
		int r = take_line(words, err);

		if (r < 0)
			return r;
	}
	return words->count > 0;
}
