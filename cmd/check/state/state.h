/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What runs remember of each other: a file in /run/lbctl/check. */
#ifndef LBCTL_CHECK_STATE_H
#define LBCTL_CHECK_STATE_H

#include <stdio.h>

#include "check/config/check.h"
#include "check/probe/probe.h"

enum row_state {
	ROW_NEW, /* no probe has had a verdict yet */
	ROW_UP,
	ROW_DOWN,
	ROW_BACKUP, /* no target: a backup of the file, which is kept out */
};

/* What is known of a target of a check. Times are milliseconds since boot,
   suspended or not, which no change of the clock moves; 0: never. */
struct state_row {
	struct ipvsctl_address address;
	uint16_t port;
	struct told told; /* the service, where the program is told it */
	uint8_t state;	  /* enum row_state */
	uint8_t verdict;  /* of the last probe: enum probe_verdict */
	uint32_t streak;  /* verdicts in a row that speak against the state */
	int64_t since;	  /* when the state began */
	int64_t last;	  /* when the last probe began */
	uint32_t latency_us; /* of the last probe that was answered */
	uint32_t transitions;
	bool weighed;	 /* when it was last up, it said which weight */
	uint32_t weight; /* it should have */
	bool seen;	 /* by this run; not kept */
	bool changed;	 /* its state, which nobody has been told of yet */
	char message[PROBE_MESSAGE_SIZE]; /* why the last was not up, or "" */
};

/* A check that has run, with its targets sorted by address, port and service. */
struct state_check {
	char name[CHECK_NAME_SIZE];
	char *selected;
	bool from_file;	     /* of checks.conf */
	bool current;	     /* the file still has it, in this run; not kept */
	int64_t last;	     /* when it last ran */
	uint32_t fall, rise; /* as they were then */
	char *known; /* services that its port ranges have had, as selectors; NULL: none */
	struct state_row *rows;
	size_t count, capacity;
};

/* Why the state remembers a server of a service. */
enum state_role {
	STATE_REMOVED,	/* taken out by checks that found it down */
	STATE_STAND_IN, /* put in for one that is down */
	STATE_SORRY,	/* put in for lack of a quorum */
	STATE_LEAVING,	/* drained, to be taken out when it is idle */
	STATE_QUORUM,	/* no server: the service has lost its quorum */
	STATE_PROBE,	/* no server: a service that stands while probes last */
	STATE_ROLES,
};

/* Reasons are hold reasons: "check:NAME" of checks, others of others. */
struct state_server {
	enum state_role role;
	char name[CHECK_NAME_SIZE]; /* of the check; "" for STATE_REMOVED */
	int64_t since;
	struct ipvsctl_service service;
	struct ipvsctl_server server; /* as it was when it was removed */
	char **reasons; /* NULL at the end, or NULL; of STATE_REMOVED */
	bool guest;	/* of STATE_LEAVING: it has stood in, or been sorry */
	bool wanted;	/* a guest or a lost quorum, by this run; not kept */
	bool dropped; /* by this run, once it has been carried out; not kept */
};

/* Sysctls of IPVS that checks set, so that clients leave dead servers. */
enum state_sysctl {
	STATE_EXPIRE_NODEST_CONN,	 /* of removed servers */
	STATE_EXPIRE_QUIESCENT_TEMPLATE, /* of drained ones of persistent services */
	STATE_SYSCTLS,
};

struct state {
	bool sysctl_set[STATE_SYSCTLS]; /* by a check: it was 0 before */
	struct state_check *checks;	/* sorted */
	size_t check_count;
	struct state_server *servers; /* sorted */
	size_t server_count;
	bool damaged; /* the file made no sense somewhere */
};

void state_free(struct state *state);
#define AUTO_STATE CLEANUP(state_free)

/* ---- As text (state-text.c) ---- */

/* Reads what state_format() wrote; sense is made of what has any: a line that
   has none is skipped, and state->damaged set. Returns 0 or -ENOMEM. */
int state_parse(const char *text, size_t length,
		struct state *ret_state) MUST_CHECK;
/* Free *ret_text. Returns 0 or -ENOMEM. */
int state_format(const struct state *state, char **ret_text,
		 size_t *ret_length) MUST_CHECK;

/* "expire_nodest_conn": its name below net.ipv4.vs. */
const char *state_sysctl_name(enum state_sysctl number);
/* "removed", "stand-in": what the role is called. */
const char *state_role_text(enum state_role role);

/* ---- As a file (state-file.c) ---- */

/*
 * Reads the file of this network namespace. One that is missing, or that others
 * could have written, is as empty; with warn, that and damage are warned of.
 * Returns 0 or a code with command->err filled.
 */
int state_load(struct command *command, bool warn,
	       struct state *ret_state) MUST_CHECK;
/* Replaces it at once. */
int state_save(struct command *command, const struct state *state) MUST_CHECK;

/* ---- In memory (state.c) ---- */

/* Milliseconds since boot. */
int64_t state_now(void);
/* Wall-clock time, in seconds, of a moment since boot. */
int64_t state_wall(int64_t since_boot);
/* The check of that name and selection, or NULL. */
struct state_check *state_find(const struct state *state, const char *name,
			       const char *selected);
/* Whether there is one of that name, whatever its selection. */
bool state_has(const struct state *state, const char *name);
/* The check of a name and selection, added when it is missing; NULL without memory. What was found
   before may have moved. */
struct state_check *state_need(struct state *state, const char *name,
			       const char *selected);
/* Forgets a check; those behind it move up. */
void state_drop_check(struct state *state, struct state_check *check);
/* The row of a target, or NULL. told NULL: of all services. */
struct state_row *state_row(const struct state_check *check,
			    const struct ipvsctl_address *address,
			    uint16_t port, const struct told *told);
/* Adds rows that are missing for these targets. Returns 0 or -ENOMEM. */
int state_add_rows(struct state_check *check, const struct state_row *rows,
		   size_t count) MUST_CHECK;
/* Drops the rows of targets that this run has not seen. */
void state_drop_unseen(struct state_check *check);
/* The server of that role under the service, or NULL. name NULL: any. */
struct state_server *state_server(const struct state *state,
				  enum state_role role, const char *name,
				  const struct ipvsctl_service *service,
				  const struct ipvsctl_server *server);
/* Whether the server is in the service for another reason than to be checked:
   it stands in, or is on its way out. */
bool state_is_guest(const struct state *state,
		    const struct ipvsctl_service *service,
		    const struct ipvsctl_server *server);
/* Adds one that is missing to a list as of state_server. Returns 0 or -ENOMEM. */
int state_add_reason(char ***reasons, const char *reason) MUST_CHECK;
/* Frees the reasons. */
void state_server_clear(struct state_server *server);
/* Adds a copy, in place of one like it; takes over reasons. Returns 0 or -ENOMEM. */
int state_add_server(struct state *state,
		     const struct state_server *server) MUST_CHECK;
void state_drop_server(struct state *state, struct state_server *server);
/* Adds copies of all servers of a state to another. Returns 0 or -ENOMEM. */
int state_copy_servers(const struct state *state, struct state *copy) MUST_CHECK;
/* "up", "failing 1/3", "down", "recovering 1/2", "new". Returns text. */
const char *state_text(const struct state_check *check,
		       const struct state_row *row, char text[32]);

#endif
