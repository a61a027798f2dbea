/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Recognises texts of other languages that begin like one of ours: listings of
 * iptables -S, and shell scripts. They are only looked at, never run.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "ruleset/ruleset.h"

/* Words that begin a command of a script, and no line of a ruleset. */
static const char *const commands[] = {
	"iptables", "ip6tables", "ipset", "nft",      "sudo",	   "doas",
	"if",	    "then",	 "else",  "fi",	      "for",	   "while",
	"until",    "do",	 "done",  "case",     "esac",	   "export",
	"set",	    "exit",	 "echo",  "modprobe", "sysctl",	   "ip",
	"ifconfig", "route",	 "exec",  "source",   "systemctl", "sleep",
	"[",	    ".",
};

/* A line from its first word on. */
struct line {
	const char *start;
	size_t length;
	size_t word; /* length of the first word */
};

/* Steps to the next line that has words. Returns false at the end. */
static bool next_line(const char **text, struct line *line)
{
	for (;;) {
		*text += strspn(*text, " \t\r\n");
		if (!**text)
			return false;
		line->start = *text;
		line->length = strcspn(*text, "\n");
		line->word = strcspn(*text, " \t\r\n;&|");
		*text += line->length;
		if (*line->start != '#')
			return true;
	}
}

static bool is_word(const char *word, size_t length, const char *wanted)
{
	return strlen(wanted) == length && strncmp(word, wanted, length) == 0;
}

/* "iptables-legacy" is a command of iptables, too. */
static bool is_command(const char *word, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		size_t known = strlen(commands[i]);

		if (is_word(word, length, commands[i]) ||
		    (length > known && word[known] == '-' && known > 6 &&
		     strncmp(word, commands[i], known) == 0))
			return true;
	}
	return false;
}

/* "NAME=value". */
static bool is_assignment(const char *word, size_t length)
{
	size_t i = 0;

	while (i < length && (isalnum((unsigned char)word[i]) || word[i] == '_'))
		i++;
	return i > 0 && i < length && word[i] == '=' &&
	       !isdigit((unsigned char)word[0]);
}

/* Tells whether quotes hold more than a word. */
static bool is_quoted_command(const struct line *line)
{
	const char quote = *line->start;
	const char *end = memchr(line->start + 1, quote, line->length - 1);

	return (quote == '"' || quote == '\'') && end &&
	       memchr(line->start, ' ', (size_t)(end - line->start));
}

/* Tells whether the line can be in a script, but not in a ruleset. */
static bool is_of_script(const struct line *line)
{
	const char *word = line->start;
	size_t length = line->word;

	if (*word == '/' || *word == '$' || is_quoted_command(line) ||
	    is_command(word, length) || is_assignment(word, length))
		return true;
	return is_word(word, length, "ipvsadm") &&
	       memchr(word, '$', line->length);
}

static bool is_script(const char *text)
{
	struct line line;

	if (strncmp(text, "#!", 2) == 0)
		return true;
	while (next_line(&text, &line))
		if (is_of_script(&line))
			return true;
	return false;
}

/* Recognises "-P INPUT ACCEPT", "-N chain" and "-A chain", not ipvsadm's -A. */
static bool is_listing(const char *text)
{
	struct line line;
	const char *chain;

	if (!next_line(&text, &line) || line.word != 2 ||
	    line.start[0] != '-' || !strchr("PNA", line.start[1]))
		return false;
	chain = line.start + 2 + strspn(line.start + 2, " ");
	return chain > line.start + 2 && isalnum((unsigned char)*chain);
}

/* Tells whether the listing has IPv6 addresses. */
static bool has_ipv6(const char *text)
{
	static const char *const options[] = { " -s ", " -d " };

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		const char *at = strstr(text, options[i]);

		if (at && memchr(at + 4, ':', strcspn(at + 4, " \n")))
			return true;
	}
	return strstr(text, "ipv6-icmp");
}

/* Tells how to save what the script sets up. */
static void hint_saving(const char *text, struct ipvsctl_error *err, int code)
{
	static const struct {
		const char *program;
		const char *save;
	} savers[] = {
		{ "ipvsadm", "ipvsadm-save -n" },
		{ "iptables", "iptables-save -t mangle" },
		{ "ip6tables", "ip6tables-save -t mangle" },
	};
	char hint[200] = "";
	size_t used = 0;

	for (size_t i = 0; i < ARRAY_SIZE(savers); i++)
		if (strstr(text, savers[i].program))
			used += (size_t)snprintf(hint + used,
						 sizeof(hint) - used,
						 "%s%s | lbctl-restore",
						 used ? "; " : "",
						 savers[i].save);
	(void)fail_hint(err, code, "run it, then: %s",
			used ? hint : "ipvsadm-save -n | lbctl-restore");
}

bool ruleset_name_other(struct source *source, struct ipvsctl_error *err)
{
	const char *text = source->text;
	int r;

	if (is_listing(text)) {
		r = fail(err, -EINVAL, "this is a listing of iptables -S");
		(void)fail_hint(err, r, "%s-save -t mangle | lbctl-restore",
				has_ipv6(text) ? "ip6tables" : "iptables");
	} else if (is_script(text)) {
		r = fail(err, -EINVAL, "this is a shell script, not a ruleset");
		hint_saving(text, err, r);
	} else {
		return false;
	}
	source->line = 1;
	return true;
}
