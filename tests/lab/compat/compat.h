/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What the parts of the differential tester share. */
#ifndef LBCTL_TESTS_COMPAT_H
#define LBCTL_TESTS_COMPAT_H

#include <ipvsctl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum side_of {
	PEER, /* ipvsadm itself */
	OURS,
	SIDES,
};

/* Ends the test: something that has to work does not. */
_Noreturn void bail_out(const char *what, const char *why);
void *allocate(size_t size);
char *duplicate(const char *text);

/* ---- Command lines ------------------------------------------------------- */

#define WORDS_MAX 96

/* Words behind the program's name, and what it reads; NULL: nothing. */
struct command {
	char *words[WORDS_MAX + 1]; /* NULL-terminated */
	size_t count;
	char *input;
};

/* A word more; what does not fit is left out. */
void command_add(struct command *command, const char *word);
void __attribute__((format(printf, 2, 3)))
command_addf(struct command *command, const char *format, ...);
void command_clear(struct command *command);
/* As a shell would read it. */
void command_print(FILE *stream, const struct command *command);

/* An option as popt would find it: by its long name, and its argument. */
struct seen {
	const char *name; /* "tcp-service" */
	const char *value;
};

#define SEEN_MAX 64

struct options {
	struct seen seen[SEEN_MAX];
	size_t count;
};

void options_read(const struct command *command, struct options *ret_options);
/* The place of the option, or -1. */
int options_find(const struct options *options, const char *name);
bool options_have(const struct options *options, const char *name);
/* The place of what names the service (-t, -u, --sctp-service, -f), or -1. */
int options_find_service(const struct options *options);

/* ---- Script and chance: where command lines come from ---------------------- */

struct script;

struct script *script_open(const char *path);
enum script_line {
	SCRIPT_END,
	SCRIPT_RESET,
	SCRIPT_COMMAND,
};
enum script_line script_next(struct script *script, struct command *ret_command,
			     unsigned int *ret_line);
void script_close(struct script *script);

struct chance {
	uint64_t state;
};

/* The same numbers for the same seed, everywhere. */
uint32_t chance_below(struct chance *chance, uint32_t bound);
bool chance_percent(struct chance *chance, uint32_t percent);
const char *chance_of(struct chance *chance, const char *const *texts);

/* The next command line of all those that there could be. */
void random_command(struct chance *chance, struct command *ret_command);
/* The parts that it is made of. */
void random_service(struct chance *chance, struct command *command,
		    bool careful);
void random_service_options(struct chance *chance, struct command *command,
			    bool careful);
void random_server(struct chance *chance, struct command *command, bool careful,
		   bool with_options);
void random_daemon(struct chance *chance, struct command *command, bool careful);
void random_listing(struct chance *chance, struct command *command);
void random_stray(struct chance *chance, struct command *command);
void random_restore(struct chance *chance, struct command *command);
/* Option, value in one of the ways to spell that; short or "" for none. */
void random_spell(struct chance *chance, struct command *command,
		  const char *letter, const char *name, const char *value);

/* ---- Namespaces, and what runs in them --------------------------------------- */

/* For programs that are started often; private /run has to be there. */
void keep_program(const char *program);
void keep_file(const char *path);

struct side {
	const char *program;
	char netns[16];
	int netns_fd;
	int input; /* files in memory */
	int output;
	int errors;
	struct ipvsctl *ctx;
};

struct world {
	struct side sides[SIDES];
	int home_fd; /* the namespace that the tester came from */
};

void world_open(struct world *world, const char *peer, const char *ours);
void world_close(struct world *world);

struct result {
	int status; /* as wait() has it */
	bool late;  /* killed when its time was over */
	char *output;
	size_t output_size;
	char *errors;
	size_t errors_size;
};

/* Runs the command on both sides at once. */
void world_run(struct world *world, const struct command *command,
	       struct result ret_results[SIDES]);
void result_clear(struct result *result);
/* The exit status; -1 after a signal. */
int result_status(const struct result *result);

/* ---- What the kernel has ---------------------------------------------------- */

/* As plain data, and as a line for each object, ordered by text. */
struct state {
	struct ipvsctl_config *config;
	char **lines;
	size_t count;
};

void state_read(const struct side *side, struct state *ret_state);
void state_clear(struct state *state);
bool state_same(const struct state *a, const struct state *b);
/*
 * Calls fn for each line that only one has; b is NULL or a is. Stops, and
 * returns false, when it does.
 */
bool state_differ(const struct state *a, const struct state *b,
		  bool (*fn)(const char *a, const char *b, void *data),
		  void *data);
/* Gives both sides what state has, NULL being nothing, in the same order. */
void world_level(struct world *world, const struct state *state);

/* ---- Differences ------------------------------------------------------------- */

/* A command, run. */
struct step {
	const struct command *command;
	struct options options;
	struct result results[SIDES];
	struct state before; /* of both sides */
	struct state after[SIDES];
	bool self; /* ours is the peer again */
};

#define DIFFERENCES_MAX 16

/* A way in which ours may differ. */
struct difference {
	const char *name;
	const char *reason;
	/* Whether all that differs comes of it. */
	bool (*explains)(const struct step *step);
	/*
	 * Or, for what only shows in a listing: rewrites both texts to what
	 * they would be without it; returns whether it had to.
	 */
	bool (*rewrite)(const struct step *step, char **peer, char **ours);
};

extern const struct difference differences[];

/* Whether anything differs; which of the differences it is, 0 for none. */
bool step_differs(const struct step *step);
unsigned int step_explain(const struct step *step);

/* Rewrites, of listings. */
bool rewrite_order(const struct step *step, char **peer, char **ours);
bool rewrite_thresholds(const struct step *step, char **peer, char **ours);
bool rewrite_marks(const struct step *step, char **peer, char **ours);
bool rewrite_sort(const struct step *step, char **peer, char **ours);
bool rewrite_flags(const struct step *step, char **peer, char **ours);
bool rewrite_names(const struct step *step, char **peer, char **ours);
/* The keys of services and servers as -n shows them, in the right order. */
char *listing_expected(const struct state *state, bool save);
/* Whether numbers lie so far apart that ipvsadm orders them wrongly. */
bool state_misorders(const struct state *state);

/* ---- Reports ------------------------------------------------------------------ */

#define MESSAGES_MAX 512

struct report {
	unsigned int run;
	unsigned int alike;
	unsigned int explained[DIFFERENCES_MAX];
	unsigned int unexplained;
	/* Distinct complaints of the peer, and how often they came. */
	char *messages[MESSAGES_MAX];
	unsigned int times[MESSAGES_MAX];
	size_t messages_count;
};

/* Counts; returns whether the sides are alike. */
bool report_step(struct report *report, const struct step *step,
		 const char *place);
void report_messages(const struct report *report);
/* The last line. */
void report_end(const struct report *report);
void report_clear(struct report *report);

#endif
