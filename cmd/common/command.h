/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A program: its tables of verbs and options, and the life of a command. */
#ifndef LBCTL_COMMAND_H
#define LBCTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include <ipvsctl.h>

#include "output/cleanup.h"
#include "output/report.h"

struct command;

/* An option of a verb. A table ends with a NULL name. */
struct command_option {
	const char *name;    /* "wait", without dashes */
	char letter;	     /* one-letter form, or 0 */
	const char *value;   /* placeholder, "SECONDS"; NULL: a flag; one that
				ends in "..." can be given more than once */
	const char *summary; /* one line for --help */
};

/* Returns the attributes that an object takes as options. */
typedef const struct ipvsctl_attribute *(*command_attributes_fn)(void);

/*
 * Runs a verb. Returns 0; 1 if the answer is no (command->err has the reason or
 * is unset); or a negative code of the library with command->err filled.
 */
typedef int (*command_run_fn)(struct command *command);

/* The name of the only verb of a program without a choice of verbs. */
#define COMMAND_ONLY "-"

/* A verb. A table ends with a NULL name. */
struct command_verb {
	const char *name;
	const char *arguments; /* as arguments_count() reads them */
	const char *summary;
	const struct command_option *options; /* its own, or NULL */
	command_attributes_fn attributes;     /* of its object, or NULL */
	bool words; /* takes words of another grammar after "--" */
	bool raw;   /* takes all words that follow, options too */
	command_run_fn run;
};

/* A program. Help lists verbs in their order. */
struct command_program {
	const char *name;    /* "lbctl-svc" */
	const char *summary; /* one line */
	const struct command_verb *verbs;
	const char *standard; /* the default verb; NULL: there is only
				 COMMAND_ONLY */
	bool implied;	      /* it can be left out before SERVICE or option */
};

/* An option that was given; a command has them in order. */
struct command_value {
	const char *name;  /* the table's own string */
	char *word;	   /* "--scheduler=rr" */
	const char *value; /* in word; NULL for a flag */
	bool attribute;	   /* of the verb's object, not the verb's own */
};

/* A parsed command line, and what is needed to run it. */
struct command {
	const struct command_program *program;
	const struct command_verb *verb;
	bool json;
	bool quiet;
	bool dry_run;
	char *netns;	/* NULL: the caller's */
	char *complete; /* --complete KIND, or NULL */
	int special;	/* COMMAND_HELP, _VERSION, _DESCRIBE; or 0 */

	char **arguments;
	size_t argument_count;
	struct command_value *values;
	size_t value_count;
	char **words; /* after "--", for a verb that takes them */
	size_t word_count;

	bool strange; /* the command line is wrong, not a value in it */
	struct ipvsctl_error err;
	struct ipvsctl *ctx;
	unsigned int kinds; /* what was loaded */
	const struct ipvsctl_service *only;
	struct ipvsctl_selection selection; /* without a service: all */
	struct ipvsctl_edit *edit;   /* NULL: from and to are edited by hand */
	struct ipvsctl_config *from; /* as loaded */
	struct ipvsctl_config *to;   /* as wanted */
	bool unread;		     /* nobody reads stdout any more */
	bool changed;		     /* the kernel was written to */
	bool standing;		     /* changes remain despite a failure */
	int exit_status;	     /* not 0: replaces status 0 */
	char **stands;		     /* the remaining changes; NULL at the
					end */
};

/* ---- Parsing (parse.c) --------------------------------------------------- */

/*
 * Parses a command line, and touches nothing else. Returns 0, or -EINVAL or
 * -ENOMEM with command->err filled. Call command_free() in either case.
 */
int command_parse(const struct command_program *program, int argc,
		  const char **argv, struct command *ret_command) MUST_CHECK;
void command_free(struct command *command);
#define COMMAND_NAME_SIZE 64
/* Writes "lbctl-svc add", or "lbctl-save" if it has no verbs. Returns name. */
const char *command_name(const struct command *command,
			 char name[COMMAND_NAME_SIZE]);
/* Returns the verb of that name, or NULL. */
const struct command_verb *command_find(const struct command_program *program,
					const char *name);

/* ---- What verbs use ------------------------------------------------------ */

/* Fills command->err; subject NULL or "": none. Returns code. */
int command_fail(struct command *command, int code, const char *subject,
		 const char *format, ...) PRINTF(4, 5);
int command_no_memory(struct command *command);
/* Fills command->err for a renderer's failure r: no memory, or stdout cannot be
   written. Returns a code, or 0 if nobody reads stdout. */
int command_output_failed(struct command *command, int r);
/* Returns the command's report, for report_warning(). */
struct report command_report(const struct command *command);

/* Tells whether the verb's own option was given. */
bool command_has(const struct command *command, const char *name);
/* Returns the value of the verb's own option, or otherwise. */
const char *command_value(const struct command *command, const char *name,
			  const char *otherwise);
/* Returns the value of the attribute, or NULL. */
const char *command_attribute(const struct command *command, const char *name);

/* Opens the kernel in the namespace of --netns, with the mark backend of
   --backend. Returns 0 or a code. */
int command_open(struct command *command) MUST_CHECK;
/* Opens the kernel and takes the lock of writers. */
int command_lock(struct command *command) MUST_CHECK;
/* Opens the kernel and reads it, or only that service, into command->from. */
int command_load(struct command *command, unsigned int kinds,
		 const struct ipvsctl_service *only) MUST_CHECK;
/*
 * Does command_load(), under the lock of writers unless this is a dry run, and
 * makes command->to, a copy to edit. only must live as long as the command.
 */
int command_begin(struct command *command, unsigned int kinds,
		  const struct ipvsctl_service *only) MUST_CHECK;
/* Does the same for some servers of a service: see ipvsctl_load_servers(). */
int command_begin_servers(struct command *command,
			  const struct ipvsctl_selection *selection) MUST_CHECK;
/*
 * Runs a ruleset on the objects that it is about, and applies the difference
 * like command_apply(). Obeys the verb's options of edit-options.h. Warns like
 * all command_warn_...().
 */
int command_edit(struct command *command,
		 struct ipvsctl_ruleset *ruleset) MUST_CHECK;
/* Makes the command a ruleset's line, as words: "svc", "add", ... The words
   belong to the command; free *ret_words. Returns 0 or a code. */
int command_line_words(struct command *command, const char ***ret_words,
		       size_t *ret_count) MUST_CHECK;
/* Runs that line: a command_run_fn for verbs of the library's grammar. */
int command_line(struct command *command);
/* Applies the difference between command->from and command->to. */
int command_commit(struct command *command) MUST_CHECK;
/*
 * Applies a plan, or under --dry-run prints it and returns 1 if it would change
 * something. Prints it with --json.
 */
int command_apply(struct command *command,
		  const struct ipvsctl_plan *plan) MUST_CHECK;

/* ---- What was read, as JSON (document.c) --------------------------------- */

/*
 * Writes these kinds of command->from as a document that lbctl-restore reads;
 * partial: there are other objects. Free *ret_text.
 */
int command_document(struct command *command, unsigned int kinds, bool partial,
		     char **ret_text) MUST_CHECK;
/* Prints the document. */
int command_show_document(struct command *command, unsigned int kinds,
			  bool partial) MUST_CHECK;

/* ---- Deletions (left.c) -------------------------------------------------- */

/* Warns of connections to servers that the edit deletes, if the kernel drops
   their packets silently. */
void command_warn_left(const struct command *command);
/* Warns of changes of schedulers, during which no connection can begin. */
void command_warn_scheduler(const struct command *command);

/* ---- Marks (reserve.c) --------------------------------------------------- */

/* Warns of new rules that match replies to UDP sockets of this host that are not
   connected; says how to keep such sockets from their ports. */
void command_warn_reserve(const struct command *command);
/* Warns of rules with --snat that IPVS does not let take effect. */
void command_warn_snat(const struct command *command);

/* ---- VIPs (vips.c) -------------------------------------------------------- */

/* Warns of new VIPs whose interface is down, or which others have added. */
void command_warn_vips(const struct command *command);

/* ---- Help (help.c) ------------------------------------------------------- */

/* The letters of command->special. */
#define COMMAND_HELP	 'h'
#define COMMAND_VERSION	 'V'
#define COMMAND_DESCRIBE 'D'

/* The options of every program, before or after the verb. */
extern const struct command_option command_common[];

/* Prints the answer to --help, --version or --describe. */
int command_special(const struct command *command);

/* Prints current values for a shell to complete; prints nothing on failure. */
void command_complete(struct command *command);

#endif
