/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Reads the mark rules of iptables-save's mangle table.
 *
 * There, the last MARK rule that matches decides, and RETURN saves from those
 * behind it; here, the first rule that matches decides. So the MARK rules of a
 * chain are added from last to first, behind the RETURN rules. A RETURN rule
 * between MARK rules has no equal.
 */
#include <string.h>
#include <sys/socket.h>

#include "array.h"
#include "error.h"
#include "mark-extra.h"
#include "object.h"
#include "ruleset/iptables-rule.h"
#include "ruleset/ruleset.h"

/* A rule that counts, on its way into the run. */
struct item {
	struct ipvsctl_mark rule;
	const char *text; /* of the line */
	unsigned int line;
};

/* The MARK rules of one chain, among the items. */
struct marks {
	size_t count;
	size_t first;
	size_t last;
};

struct table {
	struct source *source;
	uint16_t family;
	bool inside; /* between *mangle and COMMIT */
	bool open;   /* between any * and COMMIT */
	struct item *items;
	size_t count;
	size_t capacity;
	struct marks marks[IPVSCTL_HOOK_OUTPUT + 1]; /* when all are read */
	char *copy;   /* of a line, cut into words */
	char **words; /* in it */
	size_t word_count;
	size_t word_capacity;
	size_t copy_capacity;
};

static void skip(const struct table *table, unsigned int line, const char *rule,
		 const char *why)
{
	const struct source *source = table->source;

	if (source->skipped)
		source->skipped(source->name, line, rule, why,
				source->skipped_data);
}

/* ---- Lines ------------------------------------------------------------- */

static int add_word(struct table *table, char *word)
{
	char **grown = array_grow(table->words, &table->word_capacity,
				  table->word_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	table->words = grown;
	grown[table->word_count++] = word;
	return 0;
}

/* Cuts a line into words, as iptables-restore does. */
static int split_line(struct table *table, const char *line)
{
	char *grown = array_grow(table->copy, &table->copy_capacity,
				 2 * strlen(line) + 2, 1);
	int r;

	if (!grown)
		return -ENOMEM;
	table->copy = grown;
	table->word_count = 0;
	while ((r = extra_next(&line, grown)) > 0) {
		if (add_word(table, grown) < 0)
			return -ENOMEM;
		grown += strlen(grown) + 1;
	}
	return r;
}

static int add_item(struct table *table, const struct ipvsctl_mark *rule,
		    const char *text)
{
	struct item *grown = array_grow(table->items, &table->capacity,
					table->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	table->items = grown;
	grown[table->count++] = (struct item){ .rule = *rule,
					       .text = text,
					       .line = table->source->line };
	return 0;
}

/* Takes one rule; "[12:3456]" before it are its counters. */
static int take_rule(struct table *table, const char *line,
		     struct ipvsctl_error *err)
{
	const char *start = *line == '[' ? strchrnul(line, ']') : line;
	struct iptables_rule rule = { .mark.family = table->family };
	int r;

	start += strspn(start, "] ");
	r = split_line(table, start);
	if (r == -ENOMEM)
		return fail_memory(err);
	if (r < 0)
		return fail(err, r, "a quote is not closed");
	r = iptables_parse(table->words, table->word_count, &rule, err);
	if (r < 0 || rule.verdict == IPTABLES_OURS)
		return r;
	if (rule.verdict == IPTABLES_OTHER) {
		skip(table, table->source->line, start, rule.why);
		return 0;
	}
	return add_item(table, &rule.mark, start) < 0 ? fail_memory(err) : 0;
}

/* ---- Chains ------------------------------------------------------------ */

/* Notes where the MARK rules of each chain begin and end. */
static void note_marks(struct table *table)
{
	(void)memset(table->marks, 0, sizeof(table->marks));
	for (size_t i = 0; i < table->count; i++) {
		const struct ipvsctl_mark *rule = &table->items[i].rule;
		struct marks *marks = &table->marks[rule->hook];

		if (rule->exclude)
			continue;
		if (!marks->count++)
			marks->first = i;
		marks->last = i;
	}
}

static int fail_item(const struct table *table, const struct item *item,
		     const char *message, struct ipvsctl_error *err)
{
	int r = fail(err, -EINVAL, "%s", message);

	table->source->line = item->line;
	return fail_hint(err, r,
			 "lbctl-mark exclude, lbctl-mark add "
			 "--priority NUMBER");
}

/* Adds a rule, if none that was added before it decides all that it could. */
static int add_once(struct table *table, const struct item *item,
		    struct ipvsctl_config *seen, struct run *run,
		    struct ipvsctl_error *err)
{
	int r = ipvsctl_config_add_mark(seen, &item->rule, NULL);

	table->source->line = item->line;
	if (r == -EEXIST) {
		skip(table, item->line, item->text,
		     item->rule.exclude ? "a rule before it matches the same" :
					  "a rule behind it matches the same");
		return 0;
	}
	return r < 0 ? fail_memory(err) : run_add_mark(run, &item->rule, err);
}

/* Adds an exclusion that has MARK rules behind it, and none before it. */
static int add_exclusion(struct table *table, size_t position,
			 struct ipvsctl_config *seen, struct run *run,
			 struct ipvsctl_error *err)
{
	const struct item *item = &table->items[position];
	const struct marks *marks = &table->marks[item->rule.hook];

	if (!marks->count || marks->last < position) {
		skip(table, item->line, item->text,
		     "no MARK rule follows that it could save from");
		return 0;
	}
	if (marks->first < position)
		return fail_item(table, item,
				 "a RETURN rule between MARK rules has no "
				 "equal: here the first match decides",
				 err);
	return add_once(table, item, seen, run, err);
}

/* Adds a MARK rule, from last to first. */
static int add_marking(struct table *table, size_t position,
		       struct ipvsctl_config *seen, struct run *run,
		       struct ipvsctl_error *err)
{
	const struct item *item = &table->items[position];

	if (item->rule.mask != UINT32_MAX &&
	    table->marks[item->rule.hook].count > 1)
		return fail_item(table, item,
				 "of several MARK rules with masks each sets "
				 "its bits: here the first match decides",
				 err);
	return add_once(table, item, seen, run, err);
}

static int add_all(struct table *table, struct ipvsctl_config *seen,
		   struct run *run, struct ipvsctl_error *err)
{
	int r = 0;

	note_marks(table);
	for (size_t i = 0; r == 0 && i < table->count; i++)
		if (table->items[i].rule.exclude)
			r = add_exclusion(table, i, seen, run, err);
	for (size_t i = table->count; r == 0 && i-- > 0;)
		if (!table->items[i].rule.exclude)
			r = add_marking(table, i, seen, run, err);
	return r;
}

static int commit(struct table *table, struct run *run,
		  struct ipvsctl_error *err)
{
	struct ipvsctl_config *seen = NULL;
	unsigned int line = table->source->line;
	int r;

	if (ipvsctl_config_new(&seen) < 0)
		return fail_memory(err);
	r = add_all(table, seen, run, err);
	ipvsctl_config_free(seen);
	table->count = 0;
	if (r == 0)
		table->source->line = line;
	return r;
}

/* ---- The text ---------------------------------------------------------- */

/* "# Generated by ip6tables-save v1.8.9": addresses need not tell. */
static void note_comment(struct table *table, const char *line)
{
	static const char generated[] = "# Generated by ip";
	const char *name = line + strlen(generated);

	if (strncmp(line, generated, strlen(generated)) == 0)
		table->family = *name == '6' ? AF_INET6 : AF_INET;
}

static int take_line(struct table *table, struct run *run, const char *line,
		     struct ipvsctl_error *err)
{
	bool of_table = *line == ':' || *line == '-' || *line == '[' ||
			strcmp(line, "COMMIT") == 0;

	if (of_table && !table->open)
		return fail(err, -EINVAL,
			    "this is in no table: the text may be cut short");
	if (*line == '#') {
		note_comment(table, line);
	} else if (*line == '*') {
		if (table->open)
			return fail(err, -EINVAL,
				    "the table before has no COMMIT");
		table->open = true;
		table->inside = strcmp(line, "*mangle") == 0;
	} else if (strcmp(line, "COMMIT") == 0) {
		table->open = false;
		if (table->inside) {
			table->inside = false;
			return commit(table, run, err);
		}
	} else if (*line && !of_table) {
		return fail(err, -EINVAL, "'%.64s' is not of iptables-save",
			    line);
	} else if (table->inside && *line && *line != ':') {
		return take_rule(table, line, err);
	}
	return 0;
}

/* Takes the lines of a text, which is cut up, and rules refer to. */
static int take_lines(struct table *table, struct run *run, char *text,
		      struct ipvsctl_error *err)
{
	char *rest = text;
	int r = 0;

	while (r == 0 && rest && *rest) {
		char *line = strsep(&rest, "\n");

		table->source->line++;
		line[strcspn(line, "\r")] = '\0';
		r = take_line(table, run, line, err);
	}
	if (r == 0 && table->open)
		r = fail(err, -EINVAL,
			 "COMMIT is missing: the text may be cut short");
	return r;
}

int ruleset_read_iptables(struct source *source, struct run *run,
			  struct ipvsctl_error *err)
{
	char *text = strdup(source->text);
	struct table table = { .source = source, .family = AF_INET };
	int r = text ? take_lines(&table, run, text, err) : fail_memory(err);

	free(table.items);
	free(table.copy);
	free(table.words);
	free(text);
	return r;
}
