/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The languages of rulesets, and the functions that read them. */
#ifndef LBCTL_RULESET_H
#define LBCTL_RULESET_H

#include "ruleset/run-lines.h"

/* Numbers of lines of a text, from 1, in order. */
struct line_numbers {
	unsigned int *lines;
	size_t count;
	size_t capacity;
};

/* A text that is being read into a configuration. */
struct source {
	const char *name;
	const char *text; /* NUL-terminated; only JSON has NULs inside */
	size_t length;
	const char *const *words; /* of a command line, which is no text */
	size_t word_count;
	unsigned int line;		   /* at fault, when a reader fails */
	const struct ipvsctl_names *names; /* or NULL */
	ipvsctl_skipped_fn skipped;	   /* or NULL */
	void *skipped_data;
	ipvsctl_repeated_fn repeated; /* or NULL */
	void *repeated_data;
	struct line_numbers *repeated_lines; /* found by the first reading */
};

/* Each runs a text. Returns 0, -EINVAL, -ENOENT or -ENOMEM. */
typedef int (*reader_fn)(struct source *source, struct run *run,
			 struct ipvsctl_error *err);
int ruleset_read_lines(struct source *source, struct run *run,
		       struct ipvsctl_error *err) MUST_CHECK;
int ruleset_read_words(struct source *source, struct run *run,
		       struct ipvsctl_error *err) MUST_CHECK;
int ruleset_read_json(struct source *source, struct run *run,
		      struct ipvsctl_error *err) MUST_CHECK;
int ruleset_read_ipvsadm(struct source *source, struct run *run,
			 struct ipvsctl_error *err) MUST_CHECK;
int ruleset_read_iptables(struct source *source, struct run *run,
			  struct ipvsctl_error *err) MUST_CHECK;

/* Returns the run of the first reading; lib/kernel sets how rules settle. */
struct run *ruleset_found(struct ipvsctl_ruleset *ruleset);

/*
 * Fails, and says what the text is, if it only looks like a ruleset: a listing
 * of iptables -S, a shell script. Returns whether it is such a text.
 */
bool ruleset_name_other(struct source *source, struct ipvsctl_error *err);

/* The first and the last line of a saved ruleset. */
#define RULESET_BEGIN "# lbctl ruleset: see lbctl-ruleset(5)"
#define RULESET_END   "# end of ruleset"

/*
 * Writes config as a JSON document, with a newline; free *ret_text. format has
 * flags of enum ipvsctl_format. Returns 0, -ENOMEM, or -EINVAL for a text in it
 * that is not UTF-8, unless what is written is to be shown.
 */
int ruleset_format_json(const struct ipvsctl_config *config, unsigned int kinds,
			unsigned int format, char **ret_text) MUST_CHECK;

#endif
