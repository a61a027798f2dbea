/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Listings, rewritten to what they would be without a known difference. */
#include "compat.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool is_save(const struct step *step)
{
	return options_have(&step->options, "save");
}

/* ---- Lines and blocks -------------------------------------------------------- */

/* A service's line, or what stands before the first; and its servers'. */
struct block {
	char **lines;
	size_t count;
	char *text; /* of all, once joined */
};

struct listing {
	char *text; /* cut into lines */
	char **lines;
	struct block *blocks; /* the first is the heading */
	size_t count;
};

static bool starts_service(const char *line)
{
	static const char *const starts[] = { "TCP ", "UDP ", "SCTP ",
					      "FWM ", "?",    "-A " };

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (strncmp(line, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

static void listing_cut(struct listing *listing, const char *text)
{
	size_t most = 2, count = 0;
	char *rest = NULL;

	for (const char *at = text; *at; at++)
		most += *at == '\n';
	listing->text = duplicate(text);
	listing->lines = allocate(most * sizeof(char *));
	listing->blocks = allocate((most + 1) * sizeof(struct block));
	listing->blocks[0].lines = listing->lines;
	listing->count = 1;
	for (char *line = strtok_r(listing->text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (starts_service(line))
			listing->blocks[listing->count++].lines =
				&listing->lines[count];
		listing->lines[count++] = line;
		listing->blocks[listing->count - 1].count++;
	}
}

static void listing_free(struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++)
		free(listing->blocks[i].text);
	free(listing->blocks);
	free(listing->lines);
	free(listing->text);
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int compare_blocks(const void *a, const void *b)
{
	return strcmp(((const struct block *)a)->text,
		      ((const struct block *)b)->text);
}

static char *join(char **lines, size_t count)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		bail_out("open_memstream", "out of memory");
	for (size_t i = 0; i < count; i++)
		(void)fprintf(stream, "%s\n", lines[i]);
	if (fclose(stream) != 0)
		bail_out("fclose", "out of memory");
	return text;
}

/* The same with its services, and if wanted their servers, by text. */
static char *by_text(const char *text, bool servers)
{
	struct listing listing = { .count = 0 };
	char **texts;
	char *sorted;

	listing_cut(&listing, text);
	texts = allocate(listing.count * sizeof(char *));
	for (size_t i = 0; i < listing.count; i++) {
		struct block *block = &listing.blocks[i];

		if (i && servers && block->count > 2)
			qsort(block->lines + 1, block->count - 1,
			      sizeof(char *), compare_texts);
		block->text = join(block->lines, block->count);
	}
	if (listing.count > 2)
		qsort(listing.blocks + 1, listing.count - 1,
		      sizeof(struct block), compare_blocks);
	for (size_t i = 0; i < listing.count; i++)
		texts[i] = listing.blocks[i].text;
	sorted = join(texts, listing.count);
	free(texts);
	listing_free(&listing);
	return sorted;
}

static void replace(char **text, char *with)
{
	free(*text);
	*text = with;
}

static void both_by_text(char **peer, char **ours, bool servers)
{
	replace(peer, by_text(*peer, servers));
	replace(ours, by_text(*ours, servers));
}

/* ---- The kernel's order ---------------------------------------------------------- */

/* Its hash of services takes in where the namespace is in memory. */
bool rewrite_order(const struct step *step, char **peer, char **ours)
{
	if (!options_have(&step->options, "nosort"))
		return false;
	both_by_text(peer, ours, false);
	return true;
}

/* ---- Thresholds -------------------------------------------------------------------- */

/* Reads " -x N" or the like at *at; N is not 0. */
static uint32_t take_number(const char **at, const char *option)
{
	size_t length = strlen(option);
	char *end;
	unsigned long value;

	if (strncmp(*at, option, length) != 0 || !isdigit((*at)[length]))
		return 0;
	value = strtoul(*at + length, &end, 10);
	if (value)
		*at = end;
	return (uint32_t)value;
}

/* What is left of a server's line; its numbers go to seen. */
static void print_without(FILE *stream, const char *line, FILE *seen)
{
	const char *weight =
		strncmp(line, "-a ", 3) == 0 ? strstr(line, " -w ") : NULL;
	const char *rest;
	uint32_t upper, lower;

	if (!weight) {
		(void)fprintf(stream, "%s\n", line);
		return;
	}
	rest = weight + 4 + strspn(weight + 4, "-0123456789");
	(void)fprintf(stream, "%.*s", (int)(rest - line), line);
	(void)fprintf(seen, "%.*s", (int)(rest - weight - 4), weight + 4);
	upper = take_number(&rest, " -x ");
	lower = take_number(&rest, " -y ");
	(void)fprintf(stream, "%s\n", rest);
	(void)fprintf(seen, " %u %u\n", upper, lower);
}

static void print_triples(FILE *stream, const struct ipvsctl_config *config)
{
	ipvsctl_for_each_service(config, service) {

		ipvsctl_for_each_server(config, service, server)
			(void)fprintf(stream, "%d %u %u\n",
				      (int)ipvsctl_server_effective_weight(
					      server),
				      server->upper_threshold,
				      server->lower_threshold);
	}
}

static char *sorted_lines(const char *text)
{
	struct listing listing = { .count = 0 };
	char *sorted;

	listing_cut(&listing, text);
	if (listing.blocks[0].count)
		qsort(listing.lines, listing.blocks[0].count, sizeof(char *),
		      compare_texts);
	sorted = join(listing.lines, listing.blocks[0].count);
	listing_free(&listing);
	return sorted;
}

struct memory {
	FILE *stream;
	char *text;
	size_t length;
};

static void memory_open(struct memory *memory)
{
	memory->stream = open_memstream(&memory->text, &memory->length);
	if (!memory->stream)
		bail_out("open_memstream", "out of memory");
}

static void memory_sort(struct memory *memory)
{
	if (fclose(memory->stream) != 0)
		bail_out("fclose", "out of memory");
	replace(&memory->text, sorted_lines(memory->text));
}

/* Ours has them after the weight: each must be one that the kernel has. */
bool rewrite_thresholds(const struct step *step, char **peer, char **ours)
{
	struct memory seen, expected, out;
	struct listing listing = { .count = 0 };
	bool right;

	(void)peer;
	if (!is_save(step))
		return false;
	memory_open(&seen);
	memory_open(&expected);
	memory_open(&out);
	listing_cut(&listing, *ours);
	for (char **line = listing.lines; *line; line++)
		print_without(out.stream, *line, seen.stream);
	listing_free(&listing);
	print_triples(expected.stream, step->after[OURS].config);
	memory_sort(&seen);
	memory_sort(&expected);
	right = fclose(out.stream) == 0 &&
		strcmp(seen.text, expected.text) == 0 &&
		strcmp(out.text, *ours) != 0;
	if (right)
		replace(ours, duplicate(out.text));
	free(seen.text);
	free(expected.text);
	free(out.text);
	return right;
}

/* ---- Marks ------------------------------------------------------------------------- */

/*
 * Copies a number that may be negative as the mark that it is; padding behind
 * it, of a listing in columns, gives or takes as much.
 */
static const char *print_mark(FILE *stream, const char *text, bool columns)
{
	char *rest;
	long value = strtol(text, &rest, 10);
	int before = (int)(rest - text), after, spaces;
	const char *six = strncmp(rest, " IPv6", 5) == 0 ? " IPv6" : "";

	if (value >= 0)
		return text;
	after = fprintf(stream, "%u", (uint32_t)value);
	(void)fputs(six, stream);
	rest += strlen(six);
	spaces = (int)strspn(rest, " ");
	if (!columns)
		return rest;
	(void)fprintf(stream, "%*s", spaces + before - after, "");
	return rest + spaces;
}

bool rewrite_marks(const struct step *step, char **peer, char **ours)
{
	static const char *const starts[] = { "FWM  ", "-A -f ", "-a -f " };
	bool columns = options_have(&step->options, "stats") ||
		       options_have(&step->options, "rate");
	struct listing listing = { .count = 0 };
	struct memory out;
	bool changed;

	(void)ours;
	if (step->self)
		return false;
	memory_open(&out);
	listing_cut(&listing, *peer);
	for (char **line = listing.lines; *line; line++) {
		const char *at = *line;

		for (size_t i = 0; i < 3; i++) {
			size_t length = strlen(starts[i]);

			if (strncmp(at, starts[i], length) != 0)
				continue;
			(void)fputs(starts[i], out.stream);
			at = print_mark(out.stream, at + length, columns);
			break;
		}
		(void)fprintf(out.stream, "%s\n", at);
	}
	listing_free(&listing);
	if (fclose(out.stream) != 0)
		bail_out("fclose", "out of memory");
	changed = strcmp(out.text, *peer) != 0;
	replace(peer, out.text);
	return changed;
}

/* ---- Order ---------------------------------------------------------------------------- */

/* What names a server or a service in a line, as listing_expected() has it. */
static void print_key(FILE *stream, const char *line, bool save)
{
	const char *six = save ? " -6" : " IPv6", *at = line;
	size_t length;

	if (save && strncmp(line, "-a ", 3) == 0)
		at = strstr(line, " -r ") ?: line;
	else if (save)
		at = line + 3;
	at += strspn(at, " ");
	/* Two words: "-> ADDRESS", "TCP  ADDRESS", "-r ADDRESS", "-f MARK". */
	length = strcspn(at, " ");
	(void)fprintf(stream, "%.*s ", (int)length, at);
	at += length + strspn(at + length, " ");
	length = strcspn(at, " ");
	(void)fprintf(stream, "%.*s", (int)length, at);
	if (strncmp(at + length, six, strlen(six)) == 0)
		(void)fputs(six, stream);
	(void)fputc('\n', stream);
}

/* Whether ours, numeric, has everything where it belongs. */
static bool is_in_order(const struct step *step, const char *ours)
{
	bool save = is_save(step), right;
	struct listing listing = { .count = 0 };
	struct memory keys;
	char *expected;

	if (step->self || !options_have(&step->options, "numeric") ||
	    options_find_service(&step->options) >= 0)
		return true;
	memory_open(&keys);
	listing_cut(&listing, ours);
	for (char **line = listing.blocks[0].lines + listing.blocks[0].count;
	     *line; line++)
		print_key(keys.stream, *line, save);
	listing_free(&listing);
	if (fclose(keys.stream) != 0)
		bail_out("fclose", "out of memory");
	expected = listing_expected(&step->after[OURS], save);
	right = strcmp(keys.text, expected) == 0;
	free(keys.text);
	free(expected);
	return right;
}

bool rewrite_sort(const struct step *step, char **peer, char **ours)
{
	if (options_have(&step->options, "nosort") ||
	    !state_misorders(&step->after[PEER]) || !is_in_order(step, *ours))
		return false;
	both_by_text(peer, ours, true);
	return true;
}
