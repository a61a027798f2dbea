/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What a program is: tables of verbs and options, and the life of a command. */
#ifndef LBCTL_COMMAND_H
#define LBCTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include <ipvsctl.h>

#include "common/cleanup.h"
#include "common/report.h"

struct command;

/* An option of a verb; tables end with a NULL name. */
struct command_option {
	const char *name;    /* "wait", without dashes */
	char letter;	     /* its one-letter form, or 0 */
	const char *value;   /* placeholder, "SECONDS"; NULL: a flag; one that
				ends in "..." may be given more than once */
	const char *summary; /* one line for --help */
};

/* Gives the attributes that an object takes as options. */
typedef const struct ipvsctl_attribute *(*command_attributes_fn)(void);

/*
 * Runs a verb: 0 done, 1 the answer is no (command->err tells why, or is
 * unset), or a negative code of the library with command->err filled.
 */
typedef int (*command_run_fn)(struct command *command);

#define COMMAND_ANY ((size_t)-1)
/* The name of the one verb of a program that has no verbs to choose from. */
#define COMMAND_ONLY "-"

/* A verb; tables end with a NULL name. */
struct command_verb {
	const char *name;
	const char *arguments; /* "SERVICE SERVER..." */
	const char *summary;
	const struct command_option *options; /* its own, or NULL */
	command_attributes_fn attributes;     /* of its object, or NULL */
	size_t min_arguments;
	size_t max_arguments; /* COMMAND_ANY: no limit */
	bool words;	      /* takes words of another grammar after "--" */
	bool raw;	      /* takes all that follows as it is */
	command_run_fn run;
};

/* A program; verbs[0..] as help lists them. */
struct command_program {
	const char *name;    /* "lbctl-svc" */
	const char *summary; /* one line */
	const struct command_verb *verbs;
	const char *standard; /* the verb when none is given; NULL: there is
				 but COMMAND_ONLY */
	bool implied;	      /* it may be left out before a SERVICE */
};

/* An option as it was given, in order. */
struct command_value {
	const char *name; /* the table's own string */
	char *value;	  /* NULL for a flag */
	bool attribute;	  /* for the object's set function, not the verb */
};

/* A command line understood, and what carrying it out needs. */
struct command {
	const struct command_program *program;
	const struct command_verb *verb;
	bool json;
	bool quiet;
	bool dry_run;
	char *netns;	/* NULL: the caller's */
	char *complete; /* --complete KIND, or NULL */
	int special;	/* a letter: help, version or describe asked for */

	char **arguments;
	size_t argument_count;
	struct command_value *values;
	size_t value_count;
	char **words; /* after "--"; of a verb that takes them */
	size_t word_count;

	bool strange; /* the command line is at fault, not a value in it */
	struct ipvsctl_error err;
	struct ipvsctl *ctx;
	unsigned int kinds; /* what was loaded */
	const struct ipvsctl_service *only;
	struct ipvsctl_config *from; /* as loaded */
	struct ipvsctl_config *to;   /* as it shall be */
	bool unread;		     /* nobody reads stdout any more */
	bool changed;		     /* the kernel was written to */
	bool standing;		     /* and could not be put back */
	int exit_status;	     /* not 0: instead of the usual ones */
	char **stands;		     /* the lines, NULL at the end */
};

/* ---- Parsing (parse.c) --------------------------------------------------- */

/*
 * Understands a command line without touching anything else. Returns 0 or -EINVAL, -ENOMEM with command->err filled;
 * either way command_free() is needed.
 */
int command_parse(const struct command_program *program, int argc,
		  const char **argv, struct command *ret_command) MUST_CHECK;
void command_free(struct command *command);
#define COMMAND_NAME_SIZE 64
/* "lbctl-svc add", or "lbctl-save" of a program without verbs; returns name. */
const char *command_name(const struct command *command,
			 char name[COMMAND_NAME_SIZE]);
/* The verb of that name, or NULL. */
const struct command_verb *command_find(const struct command_program *program,
					const char *name);

/* ---- What verbs use ------------------------------------------------------ */

/* Fills command->err, subject NULL or "" for none; returns code. */
int command_fail(struct command *command, int code, const char *subject,
		 const char *format, ...) PRINTF(4, 5);
/* Adds a command that helps to what command_fail() said; returns code. */
int command_hint(struct command *command, int code, const char *format, ...)
	PRINTF(3, 4);
int command_no_memory(struct command *command);
/* What a renderer's failure r is: no memory, or stdout cannot be written. */
int command_output_failed(struct command *command, int r);
/* Names what a failure is about if it does not say so itself; returns code. */
int command_about(struct command *command, int code, const char *subject);
/* Who reports, for report_warning(). */
struct report command_report(const struct command *command);

/* Whether the verb's own option was given. */
bool command_has(const struct command *command, const char *name);
/* The value of the verb's own option, or otherwise. */
const char *command_value(const struct command *command, const char *name,
			  const char *otherwise);

/* Opens the kernel where --netns says. Returns 0 or a code. */
int command_open(struct command *command) MUST_CHECK;
/* Opens and takes the lock of writers. */
int command_lock(struct command *command) MUST_CHECK;
/* Opens and reads into command->from; of only that service unless NULL. */
int command_load(struct command *command, unsigned int kinds,
		 const struct ipvsctl_service *only) MUST_CHECK;
/*
 * As command_load(), under the lock of writers unless this is a dry run, and
 * with command->to, a copy to edit. only must live as long as the command.
 */
int command_begin(struct command *command, unsigned int kinds,
		  const struct ipvsctl_service *only) MUST_CHECK;
/* What a command may take for granted, since the kernel refuses it otherwise. */
enum command_assumption {
	COMMAND_READS,		/* nothing */
	COMMAND_ASSUMES_NONE,	/* that the service does not exist */
	COMMAND_ASSUMES_SERVICE /* that it exists */
};
/* Edits command->to. Returns 0 or a code; is called twice if the kernel has
   refused what was assumed. */
typedef int (*command_edit_fn)(struct command *command, void *data);
/*
 * Edits servers or the service and carries that out. If it is one step, and no
 * server is held, this is all that the kernel is asked.
 */
int command_edit(struct command *command, const struct ipvsctl_service *service,
		 enum command_assumption assumption, command_edit_fn edit,
		 void *data) MUST_CHECK;
/* The way from command->from to command->to, carried out. */
int command_commit(struct command *command) MUST_CHECK;
/*
 * Carries a plan out, or under --dry-run prints it and returns 1 when it
 * would change something. Prints it with --json.
 */
int command_apply(struct command *command,
		  const struct ipvsctl_plan *plan) MUST_CHECK;

/* ---- Deletions (left.c) -------------------------------------------------- */

/* Warns of what the way from command->from to command->to leaves at servers
   that are deleted, where the kernel drops it without a word. */
void command_warn_left(const struct command *command);

/* ---- Help (help.c) ------------------------------------------------------- */

/* The letters in command->special. */
#define COMMAND_HELP	 'h'
#define COMMAND_VERSION	 'V'
#define COMMAND_DESCRIBE 'D'

/* Options of every program, before or after the verb. */
extern const struct command_option command_common[];

/* Prints what --help, --version and --describe ask for. */
int command_special(const struct command *command);

/* Live values for a shell to complete; says nothing when it cannot. */
void command_complete(struct command *command);

#endif
