/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads texts in the language of rulesets. */
#include <string.h>

#include "fail.h"
#include "ruleset/grammar.h"
#include "ruleset/ruleset.h"
#include "words.h"

/* Returns the last line of the text that begins with line, or NULL. */
static const char *last_line(const char *text, const char *line)
{
	const char *found = NULL;
	const char *at = text;

	while ((at = strstr(at, line))) {
		if (at == text || at[-1] == '\n')
			found = at;
		at++;
	}
	return found;
}

/* Fails if a saved text lacks its last line: it may be cut short. */
static int check_end(struct source *source, struct ipvsctl_error *err)
{
	const char *begin = last_line(source->text, RULESET_BEGIN);
	int r;

	if (!begin || strstr(begin, "\n" RULESET_END))
		return 0;
	source->line = 1;
	for (const char *at = source->text; at < begin; at++)
		source->line += *at == '\n';
	r = fail(err, -EINVAL,
		 "the line '" RULESET_END "' is missing: the text may be cut "
		 "short");
	return fail_hint(err, r, "if it is whole, take this line out");
}

/* ---- Pools --------------------------------------------------------------- */

/*
 * The lines of a pool differ only in the server, and nearly all lines of a
 * large ruleset are such: "svc add-server SERVICE SERVER --forward nat". So one
 * is parsed, and the others reuse the result.
 */
struct pool {
	const char *line; /* the one that was parsed; NULL: none */
	size_t before;	  /* bytes of it before the server */
	const char *rest; /* what follows the server, */
	size_t length;	  /* with the end of the line */
};

/* Characters that no word of such a line has. */
#define SPECIAL "'\"\\#\t\r\n"

/* Records a line, which begins at line, if it has this form. */
static void note_pool(struct pool *pool, const struct words *words,
		      const struct grammar *grammar, const char *line)
{
	static const char start[] = "svc add-server ";
	const char *service = line + strlen(start);
	const char *server;

	pool->line = NULL;
	if (!grammar->pool || strncmp(line, start, strlen(start)) != 0 ||
	    strcspn(line, SPECIAL) + 1 != (size_t)(words->at - line))
		return;
	server = strchr(service, ' ');
	if (!server || strchr(" -", *service) || strchr(" -", server[1]))
		return;
	server++;
	pool->line = line;
	pool->before = (size_t)(server - line);
	pool->rest = server + strcspn(server, " \n");
	pool->length = (size_t)(words->at - pool->rest);
}

/*
 * Runs the next line if it is another of that pool. Returns 1, 0 for another
 * line, or a failure.
 */
static int run_pool(const struct pool *pool, struct words *words,
		    struct grammar *grammar, struct run *run,
		    struct ipvsctl_error *err)
{
	char text[IPVSCTL_IDENTITY_TEXT];
	struct ipvsctl_server server;
	const char *name = words->at + pool->before;
	size_t length;
	int r;

	if (!pool->line || strncmp(words->at, pool->line, pool->before) != 0)
		return 0;
	length = strcspn(name, " " SPECIAL);
	if (!length || length >= sizeof(text) || *name == '-' ||
	    strncmp(name + length, pool->rest, pool->length) != 0)
		return 0;
	(void)memcpy(text, name, length);
	text[length] = '\0';
	words->line = words->next;
	r = ipvsctl_server_parse(text, &grammar->service, &server, err);
	if (r == 0)
		r = grammar_add_server(grammar, run, &server, err);
	words->at = name + length + pool->length;
	words->next++;
	return r < 0 ? r : 1;
}

/* ---- Texts --------------------------------------------------------------- */

/* Runs the next line. Returns 1, 0 at the end, or a failure. */
static int run_next(struct words *words, struct grammar *grammar,
		    struct pool *pool, struct run *run,
		    struct ipvsctl_error *err)
{
	const char *line = words->at;
	int r = run_pool(pool, words, grammar, run, err);

	if (r != 0)
		return r;
	r = words_next(words, err);
	if (r <= 0)
		return r;
	r = grammar_run(grammar, run, words->words, words->count, err);
	note_pool(pool, words, grammar, line);
	return r < 0 ? r : 1;
}

int ruleset_read_lines(struct source *source, struct run *run,
		       struct ipvsctl_error *err)
{
	AUTO_WORDS struct words words;
	AUTO_GRAMMAR struct grammar grammar = { 0 };
	struct pool pool = { 0 };
	int r = check_end(source, err);

	words_open(&words, source->text);
	if (r < 0)
		return r;
	do
		r = run_next(&words, &grammar, &pool, run, err);
	while (r > 0);
	if (r < 0)
		source->line = words.line;
	return r;
}

/* The grammar moves the words, but they must be run again: copies them. */
int ruleset_read_words(struct source *source, struct run *run,
		       struct ipvsctl_error *err)
{
	AUTO_GRAMMAR struct grammar grammar = { 0 };
	AUTO_FREE char **words = NULL;

	if (!source->word_count)
		return fail(err, -EINVAL, "the command line is empty");
	words = calloc(source->word_count + 1, sizeof(*words));
	if (!words)
		return fail_memory(err);
	for (size_t i = 0; i < source->word_count; i++)
		words[i] = (char *)source->words[i];
	return grammar_run(&grammar, run, words, source->word_count, err);
}
