/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Splits the lines of a ruleset into words; does not change the text. */
#include "words.h"

#include <string.h>

#include "array.h"
#include "fail.h"

/* The limit for the words of a line, joined lines included. */
#define BUFFER_SIZE ((size_t)128 * 1024)

/* Characters that end a word, or have a meaning in it. */
static const bool special[256] = {
	['\0'] = true, [' '] = true, ['\t'] = true, ['\r'] = true,
	['\n'] = true, ['"'] = true, ['\''] = true, ['\\'] = true,
};

static bool is_special(char c)
{
	return special[(unsigned char)c];
}

void words_open(struct words *words, const char *text)
{
	*words = (struct words){ .at = text, .next = 1 };
}

void words_free(struct words *words)
{
	free(words->buffer);
	free(words->words);
}

/* Returns the length of a line end, LF or CR LF; 0: none. */
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

/* Skips blanks and the ends of lines that are joined to the next. */
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
	const char *from;
	char *to;
	const char *end;    /* of the buffer, less the NUL */
	unsigned int lines; /* lines that ended on the way */
	const char *fault;  /* what is wrong, or NULL */
};

static void put(struct cursor *cursor, char c)
{
	if (cursor->to < cursor->end)
		*cursor->to++ = c;
	else
		cursor->fault = "the line is too long";
}

/* Copies the text in quotes. */
static void take_quoted(struct cursor *cursor)
{
	const char quote = *cursor->from++;

	while (*cursor->from != quote && !cursor->fault) {
		size_t joined = quote == '"' ? joined_end(cursor->from) : 0;

		if (joined) {
			cursor->from += joined;
			cursor->lines++;
			continue;
		}
		if (quote == '"' && *cursor->from == '\\' && cursor->from[1] &&
		    strchr("\"\\$`", cursor->from[1]))
			cursor->from++;
		if (!*cursor->from) {
			cursor->fault = quote == '"' ?
						"a quote, \", is not closed" :
						"a quote, ', is not closed";
			return;
		}
		cursor->lines += *cursor->from == '\n';
		put(cursor, *cursor->from++);
	}
	cursor->from++;
}

/* Copies up to the end of the word. */
static void take_word(struct cursor *cursor)
{
	while (!cursor->fault) {
		char c = *cursor->from;
		size_t joined = joined_end(cursor->from);

		if (c == '\'' || c == '"') {
			take_quoted(cursor);
		} else if (joined) {
			cursor->from += joined;
			cursor->lines++;
		} else if (c == '\\' && cursor->from[1]) {
			put(cursor, cursor->from[1]);
			cursor->from += 2;
		} else if (c == '\\') {
			cursor->fault = "nothing follows the last \\";
		} else if (c == '\r' && !line_end(cursor->from)) {
			cursor->fault = "a carriage return that does not end "
					"the line";
		} else if (is_special(c)) {
			return;
		} else {
			put(cursor, c);
			cursor->from++;
		}
	}
}

/* Makes room for one more word, of any length. */
static int make_room(struct words *words, struct ipvsctl_error *err)
{
	char **grown = array_grow(words->words, &words->capacity,
				  words->count + 1, sizeof(*grown));

	if (!grown)
		return fail_memory(err);
	words->words = grown;
	if (!words->buffer)
		words->buffer = malloc(BUFFER_SIZE);
	if (!words->buffer)
		return fail_memory(err);
	words->to = words->count ? words->to : words->buffer;
	return 0;
}

/* Copies words without special characters that a blank follows. */
static int add_plain_words(struct words *words, struct ipvsctl_error *err)
{
	while (*words->at != '#') {
		const char *end = words->at;
		size_t length;
		int r = 0;

		while (!is_special(*end))
			end++;
		if (*end != ' ' || end == words->at)
			return 0;
		if (words->count == words->capacity)
			r = make_room(words, err);
		if (r < 0)
			return r;
		length = (size_t)(end - words->at);
		/* add_word() refuses a word that does not fit. */
		if (length >= BUFFER_SIZE - (size_t)(words->to - words->buffer))
			return 0;
		words->words[words->count++] = words->to;
		(void)memcpy(words->to, words->at, length);
		words->to[length] = '\0';
		words->to += length + 1;
		words->at = end + 1;
	}
	return 0;
}

/* Adds any word. Returns 1 if the line ends after it, 0 or a negative errno. */
static int add_word(struct words *words, struct ipvsctl_error *err)
{
	struct cursor cursor = { .from = words->at };
	size_t ends;
	int r = words->count < words->capacity ? 0 : make_room(words, err);

	if (r < 0)
		return r;
	cursor.to = words->to;
	cursor.end = words->buffer + BUFFER_SIZE - 1;
	if (cursor.to >= cursor.end)
		cursor.fault = "the line is too long";
	take_word(&cursor);
	words->next += cursor.lines;
	if (cursor.fault)
		return fail(err, -EINVAL, "%s", cursor.fault);
	words->words[words->count++] = words->to;
	*cursor.to = '\0';
	words->to = cursor.to + 1;
	ends = line_end(cursor.from);
	words->at = cursor.from + ends;
	words->next += ends > 0;
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
	words->to = words->buffer;
	while (!words->count && *words->at) {
		words->line = words->next;
		int r = take_line(words, err);

		if (r < 0)
			return r;
	}
	return words->count > 0;
}
