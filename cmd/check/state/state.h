/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The state that a run leaves to the next: a file in /run/lbctl/check. */
#ifndef LBCTL_CHECK_STATE_H
#define LBCTL_CHECK_STATE_H

#include <stdio.h>

#include "check/config/check.h"
#include "check/probe/probe.h"

/* Room for what is shown of a report. */
#define STATE_SAID_SIZE 64

enum row_state {
	ROW_NEW, /* no probe has had a verdict yet */
	ROW_UP,
	ROW_DOWN,
};

/* The state of a check's target. Times are milliseconds since boot, including
   suspend; a change of the clock does not move them. 0: never. */
struct state_row {
	struct ipvsctl_address address;
	uint16_t port;
	struct told told;    /* the service, if the program gets it */
	uint8_t state;	     /* enum row_state */
	uint8_t verdict;     /* of the last probe: enum probe_verdict */
	uint32_t streak;     /* verdicts in a row against the state */
	int64_t since;	     /* when the state began */
	int64_t last;	     /* when a verdict was last taken */
	uint32_t latency_us; /* of the last probe that was up */
	uint32_t transitions;
	bool weighed; /* a weight is reported, which differs from the wanted */
	bool percent; /* of the wanted weight, it is */
	uint32_t weight; /* that weight */
	uint8_t source;	 /* enum check_weight_from, of the report */
	bool drained;	 /* by a report, whatever the weight */
	bool told_down;	 /* by a report, though its probe may be up */
	char said[STATE_SAID_SIZE]; /* the last report, or "" */
	int64_t slow_since;	    /* its slow start began; 0: it has none */
	uint32_t slow_ms;	    /* that this takes */
	int64_t asked; /* a round of its own rhythm began that probed it */
	uint8_t rank;  /* of a standby, from 1; 0: a first server */
	bool serving;  /* a standby that is in a service */
	bool kept;     /* in a service by --keep, though down */
	bool turned;   /* drained or ready by a report, not yet told */
	bool seen;     /* by this run; not saved */
	bool changed;  /* its state, not yet reported */
	char message[PROBE_MESSAGE_SIZE]; /* why the last was not up, or "" */
};

/* A check that has run, with its targets sorted by address, port, service. */
struct state_check {
	char name[CHECK_NAME_SIZE];
	char *selected;
	bool from_file;	     /* from checks.conf */
	bool current;	     /* the file still has it; not saved */
	int64_t last;	     /* when it last ran */
	uint32_t fall, rise; /* as they were then */
	char *vip;	     /* that it withdraws; or NULL */
	bool withdrawn;	     /* that VIP, by this check */
	bool vip_dropped;    /* that VIP, by this run, likewise */
	bool dropped;	     /* by this run, once it is applied; not saved */
	char *known; /* services its port ranges had, as selectors; or NULL */
	struct state_row *rows;
	size_t count, capacity;
};

/* Why the state remembers a server of a service. */
enum state_role {
	STATE_REMOVED,	/* taken out by checks: it was down */
	STATE_STAND_IN, /* put in for a server that is down */
	STATE_SORRY,	/* put in for lack of a quorum */
	STATE_STANDBY,	/* put in for lack of servers that are up */
	STATE_LEAVING,	/* drained, to be taken out when idle */
	STATE_QUORUM,	/* no server: the service has lost its quorum */
	STATE_PROBE,	/* no server: a private service of probes */
	STATE_ROLES,
};

/* A server that the state remembers. Its reasons are those of holds:
   "check:NAME" from checks, any others from others. */
struct state_server {
	enum state_role role;
	char name[CHECK_NAME_SIZE]; /* of the check; "-": no single one */
	int64_t since;
	struct ipvsctl_service service;
	struct ipvsctl_server server; /* as it was when it was removed */
	char **reasons; /* NULL at the end, or NULL; of STATE_REMOVED */
	bool guest;	/* STATE_LEAVING: it was one that came in */
	bool wanted;	/* by this run, as guest or lost quorum; not saved */
	bool dropped;	/* by this run, once it is applied; not saved */
};

/* IPVS sysctls that checks set so that clients leave dead servers. */
enum state_sysctl {
	STATE_EXPIRE_NODEST_CONN,	 /* removed servers */
	STATE_EXPIRE_QUIESCENT_TEMPLATE, /* drained, of a persistent service */
	STATE_SYSCTLS,
};

struct state {
	bool sysctl_set[STATE_SYSCTLS]; /* by a check: it was 0 before */
	struct state_check *checks;	/* sorted */
	size_t check_count, check_capacity;
	struct state_server *servers; /* sorted */
	size_t server_count, server_capacity;
	bool damaged; /* a part of the file made no sense */
};

void state_free(struct state *state);
#define AUTO_STATE CLEANUP(state_free)

/* ---- As text (state-text.c) ---- */

/* Reads the text of state_format(). Skips lines that make no sense, and then
   sets state->damaged. Returns 0 or -ENOMEM. */
int state_parse(const char *text, size_t length,
		struct state *ret_state) MUST_CHECK;
/* Writes the state as text; free *ret_text. Returns 0 or -ENOMEM. */
int state_format(const struct state *state, char **ret_text,
		 size_t *ret_length) MUST_CHECK;

/* Returns "expire_nodest_conn", the sysctl's name below net.ipv4.vs. */
const char *state_sysctl_name(enum state_sysctl number);
/* Returns the name of the role, "removed", "stand-in". */
const char *state_role_text(enum state_role role);

/* ---- As a file (state-file.c) ---- */

/*
 * Reads the file of this network namespace. A file that is missing, or that
 * others could have written, counts as empty. With warn, warns of the latter
 * and of damage. Returns 0 or a code with command->err filled.
 */
int state_load(struct command *command, bool warn,
	       struct state *ret_state) MUST_CHECK;
/* Replaces the file atomically. Returns 0 or a code with command->err
   filled. */
int state_save(struct command *command, const struct state *state) MUST_CHECK;

/* Tells whether the arguments, names of checks, want this one: without any, all
   are wanted. */
bool state_is_wanted(const struct command *command, const char *name);
/* Checks that the state has all these names. Returns 0, or code with
   command->err filled. */
int state_find_wanted(struct command *command, const struct state *state,
		      int code) MUST_CHECK;

/* ---- In memory (state.c) ---- */

/* Returns the milliseconds since boot. */
int64_t state_now(void);
/* Returns the wall-clock time, in seconds, of milliseconds since boot. */
int64_t state_wall(int64_t since_boot);
/* Returns the check of that name and selection, or NULL. */
struct state_check *state_find(const struct state *state, const char *name,
			       const char *selected);
/* Returns the check of that name and selection, or NULL without memory. Adds it
   if it is missing, which can move other checks. */
struct state_check *state_need(struct state *state, const char *name,
			       const char *selected);
/* Drops a check; those after it move up. */
void state_drop_check(struct state *state, struct state_check *check);
/* Drops the checks, VIPs and servers that a run has dropped and that had to be
   known until it was applied. Tells whether there were any. */
bool state_drop_applied(struct state *state);
/* Returns the row of a target, or NULL. told NULL: of all services. */
struct state_row *state_row(const struct state_check *check,
			    const struct ipvsctl_address *address,
			    uint16_t port, const struct told *told);
/* Adds the rows that are missing for these targets. Returns 0 or -ENOMEM. */
int state_add_rows(struct state_check *check, const struct state_row *rows,
		   size_t count) MUST_CHECK;
/* Drops the rows of targets that this run has not seen. */
void state_drop_unseen(struct state_check *check);
/* Returns a service's server of that role, or NULL. name, server NULL: any. */
struct state_server *state_server(const struct state *state,
				  enum state_role role, const char *name,
				  const struct ipvsctl_service *service,
				  const struct ipvsctl_server *server);
/* Tells whether servers of that role come in for a while, as guests. */
bool state_comes_in(enum state_role role);
/* Tells whether any check has the server of the service as such a guest. */
bool state_has_come_in(const struct state *state,
		       const struct ipvsctl_service *service,
		       const struct ipvsctl_server *server);
/* Tells whether the server is a guest of the service: it has come in, or is
   leaving. */
bool state_is_guest(const struct state *state,
		    const struct ipvsctl_service *service,
		    const struct ipvsctl_server *server);
/* Adds a reason, if missing, to a list of reasons. Returns 0 or -ENOMEM. */
int state_add_reason(char ***reasons, const char *reason) MUST_CHECK;
/* Frees the reasons. */
void state_server_clear(struct state_server *server);
/* Adds a copy, or replaces one like it; takes over reasons. 0 or -ENOMEM. */
int state_add_server(struct state *state,
		     const struct state_server *server) MUST_CHECK;
void state_drop_server(struct state *state, struct state_server *server);
/* Adds copies of all servers of state to copy. Returns 0 or -ENOMEM. */
int state_copy_servers(const struct state *state, struct state *copy) MUST_CHECK;
/* Returns the milliseconds that the row's slow start still takes, or 0. */
int64_t state_slow_left(const struct state_row *row);
/* Writes "up", "failing 1/3", "down", "down, kept", "recovering 1/2" or "new".
   Returns text. */
const char *state_text(const struct state_check *check,
		       const struct state_row *row, char text[32]);

#endif
