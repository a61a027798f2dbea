/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The grammar of rulesets and of the command lines that edit: for each noun, a
 * table of verbs. The options of a verb are the attributes of its object.
 */
#ifndef LBCTL_GRAMMAR_H
#define LBCTL_GRAMMAR_H

#include "model/attribute.h"
#include "ruleset/run-lines.h"

struct grammar;

/* A parsed line; the values in it are not parsed yet. */
struct statement {
	const struct verb *verb;
	char **arguments;
	size_t argument_count;
	bool flag;     /* the verb's own flag was given */
	char **extras; /* words after "--"; NULL without one */
	size_t extra_count;
	struct grammar *grammar;
};

/* A verb; tables end with a NULL name. */
struct verb {
	const char *name;
	const char *arguments; /* as arguments_count() reads them */
	const struct attribute_table *attributes; /* or NULL */
	const char *flag; /* an option of its own without value, or NULL */
	bool extras;	  /* takes words after "--" */
	int (*run)(struct run *run, const struct statement *statement,
		   struct ipvsctl_error *err);
};

/* The subject of a line; tables end with a NULL name. */
struct noun {
	const char *name;
	const struct verb *verbs;
};

extern const struct verb svc_verbs[];
extern const struct verb mark_verbs[];
extern const struct verb sync_verbs[];
extern const struct verb vip_verbs[];

/* An attribute that the line gives. */
struct option {
	const struct attribute_table *table;
	size_t position; /* in the table */
	const char *value;
};

/* The state that is kept from one line to the next. */
struct grammar {
	struct option *options;
	size_t option_count;
	size_t capacity;
	/* The service named last; the lines of a pool name the same one. */
	char text[IPVSCTL_IDENTITY_TEXT];
	struct ipvsctl_service service;
	/* The last line added this one server to it. */
	bool pool;
	struct ipvsctl_server server;
};

void grammar_free(struct grammar *grammar);
#define AUTO_GRAMMAR CLEANUP(grammar_free)
/* Runs a line of at least one word. Returns 0, -EINVAL, -ENOENT, -ENOMEM. */
int grammar_run(struct grammar *grammar, struct run *run, char **words,
		size_t count, struct ipvsctl_error *err) MUST_CHECK;

/*
 * Adds a server to grammar->service like the one that the last line added: only
 * its identity differs. Returns as grammar_run().
 */
int grammar_add_server(struct grammar *grammar, struct run *run,
		       const struct ipvsctl_server *identity,
		       struct ipvsctl_error *err) MUST_CHECK;

/* Sets the given options in object; failures are about subject. */
int statement_set(const struct statement *statement, void *object,
		  const char *subject, struct ipvsctl_error *err) MUST_CHECK;

#endif
