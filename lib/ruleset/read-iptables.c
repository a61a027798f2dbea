/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Reads iptables-save's text: makes the mark rules that give packets the same
 * marks as its mangle table.
 */
#include <string.h>
#include <sys/socket.h>

#include "array.h"
#include "fail.h"
#include "model/config.h"
#include "model/mark-extra.h"
#include "ruleset/iptables-made.h"
#include "ruleset/iptables-walk.h"
#include "ruleset/ruleset.h"

#define TABLE_NAME_MAX 31

/* A text being read. */
struct reading {
	struct source *source;
	char name[TABLE_NAME_MAX + 1]; /* of the table; "": outside of one */
	unsigned int families;	       /* whose mangle table was read */
	struct iptables_table table;
	struct iptables_rule policies[3]; /* chains whose policy drops */
	size_t policy_count;
	char *copy;   /* of a line, cut into words */
	char **words; /* in it */
	size_t word_count;
	size_t word_capacity;
	size_t copy_capacity;
};

/* ---- Lines ------------------------------------------------------------- */

static int add_word(struct reading *reading, char *word)
{
	char **grown = array_grow(reading->words, &reading->word_capacity,
				  reading->word_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	reading->words = grown;
	grown[reading->word_count++] = word;
	return 0;
}

/* Cuts a line into words, as iptables-restore does. */
static int split_line(struct reading *reading, const char *line)
{
	char *grown = array_grow(reading->copy, &reading->copy_capacity,
				 2 * strlen(line) + 2, 1);
	int r;

	if (!grown)
		return -ENOMEM;
	reading->copy = grown;
	reading->word_count = 0;
	while ((r = extra_next(&line, grown)) > 0) {
		if (add_word(reading, grown) < 0)
			return -ENOMEM;
		grown += strlen(grown) + 1;
	}
	return r;
}

static bool is_mangle(const struct reading *reading)
{
	return strcmp(reading->name, "mangle") == 0;
}

/* Takes one rule; "[12:3456]" before it are its counters. */
static int take_rule(struct reading *reading, const char *line,
		     struct ipvsctl_error *err)
{
	const char *start = *line == '[' ? strchrnul(line, ']') : line;
	struct iptables_rule rule;
	int r;

	start += strspn(start, "] ");
	r = split_line(reading, start);
	if (r == -ENOMEM)
		return fail_memory(err);
	if (r < 0)
		return fail(err, r, "a quote is not closed");
	/* Other tables are only searched for marks. */
	r = iptables_parse(reading->words, reading->word_count,
			   reading->table.family, &rule,
			   is_mangle(reading) ? err : NULL);
	if (r == -ENOMEM)
		return fail_memory(err);
	if (r < 0)
		return is_mangle(reading) ? r : 0;
	rule.text = start;
	rule.line = reading->source->line;
	r = iptables_add_rule(&reading->table, &rule);
	if (r < 0)
		ipvsctl_mark_clear(&rule.match.rule);
	return r < 0 ? fail_memory(err) : 0;
}

/* Takes ":PREROUTING DROP [0:0]"; the policy is a rule after all others. */
static int take_chain(struct reading *reading, const char *line,
		      struct ipvsctl_error *err)
{
	char name[CHAIN_NAME_MAX + 1] = "";
	const char *policy = line + 1 + strcspn(line + 1, " ");
	size_t length = (size_t)(policy - line - 1);
	struct iptables_rule rule = { .target = "DROP",
				      .ending = ENDING_DROP,
				      .change = CHANGE_NOTHING,
				      .text = line,
				      .line = reading->source->line };

	if (!length || length > CHAIN_NAME_MAX)
		return fail(err, -EINVAL, "'%.64s' names no chain", line);
	(void)memcpy(name, line + 1, length);
	if (!iptables_add_chain(&reading->table, name))
		return fail_memory(err);
	policy += strspn(policy, " ");
	if (strncmp(policy, "DROP", 4) != 0 ||
	    reading->policy_count == ARRAY_SIZE(reading->policies) ||
	    (strcmp(name, "PREROUTING") != 0 && strcmp(name, "INPUT") != 0 &&
	     strcmp(name, "OUTPUT") != 0))
		return 0;
	(void)memcpy(rule.chain, name, sizeof(name));
	ipvsctl_mark_init(&rule.match.rule, false);
	rule.match.rule.family = reading->table.family;
	reading->policies[reading->policy_count++] = rule;
	return 0;
}

/* ---- Tables ------------------------------------------------------------ */

/* Reports each rule that was passed over. */
static void tell_passed_over(const struct reading *reading)
{
	const struct source *source = reading->source;

	for (size_t i = 0; source->skipped && i < reading->table.count; i++) {
		const struct iptables_rule *rule = reading->table.rules[i];
		const char *why = iptables_passed_over(&reading->table, rule);

		if (why)
			source->skipped(source->name, rule->line, rule->text,
					why, source->skipped_data);
	}
}

/*
 * Our own chains are not imported, since their rules exist. Fails if they do
 * not, as in a text from another host.
 */
static int check_ours(struct reading *reading, const struct run *run,
		      struct ipvsctl_error *err)
{
	const struct iptables_rule *jump = NULL;
	bool marks = false;
	int r;

	for (size_t i = 0; i < reading->table.count; i++) {
		const struct iptables_rule *rule = reading->table.rules[i];

		if (!iptables_is_ours(rule->chain) &&
		    iptables_is_ours(rule->target))
			jump = rule;
		marks |= iptables_is_ours(rule->chain) && rule->marks;
	}
	if (!run->known || !jump || !marks ||
	    ipvsctl_config_next_mark(run->config, NULL))
		return 0;
	reading->source->line = jump->line;
	r = fail(err, -EINVAL,
		 "this leads to mark rules of lbctl, which are not imported "
		 "and do not exist here");
	return fail_hint(err, r,
			 "take them over with lbctl-save --only mark, or "
			 "delete the line");
}

static int commit_mangle(struct reading *reading, struct run *run,
			 struct ipvsctl_error *err)
{
	struct iptables_made made = { 0 };
	unsigned int family = reading->table.family == AF_INET6 ? 2 : 1;
	int r = 0;

	if (reading->families & family)
		return fail_hint(
			err,
			fail(err, -EINVAL,
			     "this is the second mangle table of IPv%u, for "
			     "which iptables-restore would forget the first",
			     family == 2 ? 6 : 4),
			"take the first one out");
	reading->families |= family;
	for (size_t i = 0; r == 0 && i < reading->policy_count; i++)
		r = iptables_add_rule(&reading->table, &reading->policies[i]);
	if (r < 0 || ipvsctl_config_new(&made.config, NULL) < 0)
		return fail_memory(err);
	r = check_ours(reading, run, err);
	if (r == 0)
		r = iptables_follow(&reading->table, &made,
				    &reading->source->line, err);
	if (r == 0)
		r = iptables_add_made(&made, run, &reading->source->line, err);
	if (r == 0)
		tell_passed_over(reading);
	free(made.lines);
	ipvsctl_config_free(made.config);
	return r;
}

static int commit(struct reading *reading, struct run *run,
		  struct ipvsctl_error *err)
{
	uint16_t family = reading->table.family;
	unsigned int line = reading->source->line;
	int r = is_mangle(reading) ?
			commit_mangle(reading, run, err) :
			iptables_check_other(&reading->table, reading->name,
					     &reading->source->line, err);

	if (r == 0)
		reading->source->line = line;
	iptables_table_free(&reading->table);
	reading->table.family = family;
	reading->policy_count = 0;
	reading->name[0] = '\0';
	return r;
}

/* ---- The text ---------------------------------------------------------- */

/* Fails if iptables-nft-save did not understand a table: it may set marks. */
static int check_comment(const char *line, struct ipvsctl_error *err)
{
	static const char table[] = "# Table `";
	const char *name = line + strlen(table);
	int r;

	if (strncmp(line, table, strlen(table)) != 0 ||
	    !strstr(name, "' is incompatible"))
		return 0;
	r = fail(err, -EINVAL,
		 "iptables-nft-save could not show the table %.*s, so its "
		 "marks are not known",
		 (int)strcspn(name, "'"), name);
	return fail_hint(err, r,
			 strncmp(name, "mangle'", 7) == 0 ?
				 "nft -j list ruleset | lbctl-restore" :
				 "iptables-nft-save -t mangle | lbctl-restore");
}

/* Takes the family from "# Generated by ip6tables-save v1.8.9". */
static int note_comment(struct reading *reading, const char *line,
			struct ipvsctl_error *err)
{
	static const char generated[] = "# Generated by ip";
	const char *name = line + strlen(generated);

	if (strncmp(line, generated, strlen(generated)) == 0)
		reading->table.family = *name == '6' ? AF_INET6 : AF_INET;
	return check_comment(line, err);
}

static int take_table(struct reading *reading, const char *line,
		      struct ipvsctl_error *err)
{
	const char *name = line + 1;

	if (reading->name[0])
		return fail(err, -EINVAL, "the table before has no COMMIT");
	if (!*name || strlen(name) > TABLE_NAME_MAX)
		return fail(err, -EINVAL, "'%.64s' names no table", line);
	(void)memcpy(reading->name, name, strlen(name) + 1);
	return 0;
}

static int take_line(struct reading *reading, struct run *run, const char *line,
		     struct ipvsctl_error *err)
{
	bool of_table = *line == ':' || *line == '-' || *line == '[' ||
			strcmp(line, "COMMIT") == 0;

	if (of_table && !reading->name[0])
		return fail(err, -EINVAL,
			    "outside any table: the text may be cut short");
	if (*line == '#')
		return note_comment(reading, line, err);
	if (*line == '*')
		return take_table(reading, line, err);
	if (*line == 'C' && of_table)
		return commit(reading, run, err);
	if (*line == ':')
		return take_chain(reading, line, err);
	if (of_table)
		return take_rule(reading, line, err);
	if (*line)
		return fail(err, -EINVAL,
			    "'%.64s' is not a line of iptables-save", line);
	return 0;
}

/* Takes the lines of a text. Cuts the text up; rules refer to it. */
static int take_lines(struct reading *reading, struct run *run, char *text,
		      struct ipvsctl_error *err)
{
	char *rest = text;
	int r = 0;

	while (r == 0 && rest && *rest) {
		char *line = strsep(&rest, "\n");

		reading->source->line++;
		line += strspn(line, " \t");
		line[strcspn(line, "\r")] = '\0';
		r = take_line(reading, run, line, err);
	}
	if (r == 0 && reading->name[0])
		r = fail(err, -EINVAL,
			 "COMMIT is missing: the text may be cut short");
	return r;
}

int ruleset_read_iptables(struct source *source, struct run *run,
			  struct ipvsctl_error *err)
{
	char *text = strdup(source->text);
	struct reading reading = { .source = source, .table.family = AF_INET };
	int r = text ? take_lines(&reading, run, text, err) : fail_memory(err);

	iptables_table_free(&reading.table);
	free(reading.copy);
	free(reading.words);
	free(text);
	return r;
}
