/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* One run of checks, by its parts. */
#ifndef LBCTL_CHECK_RUN_H
#define LBCTL_CHECK_RUN_H

#include "check/state/state.h"
#include "check/tell/teller.h"
#include "check/tell/transition.h"

/* ---- Files of servers (servers.c) ---------------------------------------- */

struct listed_server {
	struct ipvsctl_address address;
	uint16_t port; /* 0: none was given */
	bool weighed;
	bool backup; /* nginx uses it only when the others are down */
	uint32_t weight;
	unsigned int line;
};

struct server_list {
	struct listed_server *servers;
	size_t count;
	unsigned int strange_line; /* the first with a word that nginx does not
				      have; 0: none */
};

struct server_file {
	const char *name; /* what failures call it */
	char *text;	  /* is changed */
	size_t length;
	const char *upstream; /* the block to take; NULL: the only one */
};

/*
 * Reads servers, one a line or as nginx lists those of an upstream. Returns 0,
 * -EINVAL with file and line, -ENOMEM.
 */
int server_list_parse(const struct server_file *file,
		      struct server_list *ret_list,
		      struct ipvsctl_error *err) MUST_CHECK;
void server_list_free(struct server_list *list);
#define AUTO_SERVER_LIST CLEANUP(server_list_free)

/* ---- The run ------------------------------------------------------------- */

/* What a run carries from one part to the next. */
struct run {
	struct command *command;
	const struct checks *checks;
	struct server_list *lists; /* of checks, by position; NULL: no file */
	struct state state;
	struct members members;
	struct watched_list watched;
	struct probe *probes; /* sorted by way, target */
	size_t probe_count;
	unsigned int window; /* probes at once at most; 0: as many as fit */
	struct transitions transitions;
	struct teller *teller; /* of rounds; NULL: telling is waited for */
	unsigned int quorums_lost;
	bool from_file; /* checks that the file does not have are gone */
	bool told;	/* warnings have been given: not again */
	bool faulty; /* something was warned of that is in the way of a check */
	bool exposed; /* of secrets that all can read */
	/*
	 * Why the state or the holds cannot be saved, code 0 if they can. Such
	 * a run drains and gives back only: the next one would know of nothing
	 * else.
	 */
	struct ipvsctl_error unsaved;
	bool weights_unsaved; /* it was the holds */
	bool sysctl_needed[STATE_SYSCTLS];
	struct ipvsctl_config *marks; /* the mark rules; NULL: not known */
	bool marks_tried;	      /* to read them */
	bool drains_instead; /* it was they, and more than that was to be done */
};

/* Adds the services that a check answers for to run->watched (watch.c). Returns
   0 or a code with command->err filled. */
int watch(struct run *run, const struct check *check) MUST_CHECK;

/* Pools (pool.c): who is to be probed. */

/* Reads the files of servers; one that cannot be read is warned of. */
int pool_read_lists(struct run *run) MUST_CHECK;
/*
 * Finds the services and members of all checks in command->from and
 * run->state, and gives each member its row.
 */
int pool_find(struct run *run) MUST_CHECK;
/* The server of a list line under a service, with the check's attributes. */
int pool_server(const struct check *check,
		const struct ipvsctl_service *service,
		const struct listed_server *listed,
		struct ipvsctl_server *ret_server,
		struct ipvsctl_error *err) MUST_CHECK;
/* Sets what the check says of servers that it brings in. */
int pool_set_attributes(const struct check *check,
			struct ipvsctl_server *server,
			struct ipvsctl_error *err) MUST_CHECK;
/* The list's server of that address that is no backup, or NULL. */
const struct listed_server *pool_listed(const struct server_list *list,
					const struct ipvsctl_service *service,
					const struct ipvsctl_server *server);
/* Whether the server is in the service for another reason than to be checked:
   it stands in, or is on its way out. */
bool pool_is_guest(const struct state *state,
		   const struct ipvsctl_service *service,
		   const struct ipvsctl_server *server);

/* Targets (target.c). */

/* Backups of files of servers (spare.c), which are kept out. */

/* Marks the rows of the backups of a check's file as seen. */
void spare_keep_rows(struct run *run, size_t position);
/* Adds rows of those that have none, and says so. Returns 0 or -ENOMEM with
   command->err filled. */
int spare_add_rows(struct run *run, size_t position) MUST_CHECK;

/* Makes run->probes of the members: each target of each way once. */
int target_collect(struct run *run) MUST_CHECK;
/* The probe of a member, or NULL. */
const struct probe *target_of(const struct run *run,
			      const struct member *member);

/* Verdicts (verdict.c): the state machine. */

/* Takes what the probes say into the rows. */
void verdict_take(struct run *run);
/* One verdict into a row; present: the kernel has the server. */
void verdict_step(const struct check *check, struct state_row *row,
		  enum probe_verdict verdict, bool present, int64_t now);
/* Whether the row means that the server is out. */
bool verdict_is_out(const struct check *check, const struct state_row *row,
		    bool present);

/* Servers that checks have removed (removed.c). Each returns 0 or a code with
   command->err filled. */

/* Has run->state know those of command->from, and no others. */
int removed_read(struct run *run) MUST_CHECK;
/* Leaves in command->to what the kernel has, until removed_write(). */
int removed_set_aside(struct run *run) MUST_CHECK;
/* Adds those of run->state to command->to. */
int removed_write(struct run *run) MUST_CHECK;
/* Whether this run takes a server out of the kernel. */
bool removed_takes_out(const struct run *run);

/* Effects (effect.c): command->to as the states want it. */
int effect_all(struct run *run) MUST_CHECK;

/* Drops what checks that are gone from checks.conf hold. */
int effect_forget(struct run *run, struct state_check *state) MUST_CHECK;

/* Sysctls that make clients leave servers which are down (cut.c). */

/* Finds out which have to be set, for the state that is then saved. Returns
   whether any has. */
bool cut_decide(struct run *run);
/* Sets them. One that cannot be set is warned of. */
void cut_set(struct run *run);
/* Once no check is left: as they were. Returns 0; 1 for a dry run that has
   something to put back; or a code with command->err filled. */
int cut_put_back(struct run *run) MUST_CHECK;

/* Warns of secrets of checks that all users can read, in arguments or in the
   file (secrets.c). */
void secrets_warn(struct run *run, const char *file);

/* What a unit of systemd keeps from checks (unit.c): warns of mails; says in the
   hint of command->err what helps. Returns r. */
void unit_warn(const struct run *run);
int unit_hint(struct command *command, int r);

/* Warns of what is in the way of a check, the first time that it is met. */
void run_warn(struct run *run, const char *format, ...) PRINTF(2, 3);
/* The same of what is in no check's way. */
void run_remark(const struct run *run, const char *format, ...) PRINTF(2, 3);
/* The whole of a run: 0 all up; 1 something is down; or a code. */
int run_once(struct run *run) MUST_CHECK;
void run_free(struct run *run);
#define AUTO_RUN CLEANUP(run_free)

#endif
