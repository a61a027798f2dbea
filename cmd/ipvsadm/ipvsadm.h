/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * ipvsadm 1.31's command line, and its answers. A function that can fail prints
 * the reason to stderr and returns the exit status; 0 on success.
 */
#ifndef LBCTL_IPVSADM_H
#define LBCTL_IPVSADM_H

#include <stdint.h>

#include <ipvsctl.h>

#include "common/cleanup.h"

/* Exit statuses of ipvsadm. */
enum {
	EXIT_LIST_FAILED = 1,	  /* or output cannot be written */
	EXIT_WRONG = 2,		  /* command line, input; or no IPVS */
	EXIT_KERNEL_FAILED = 255, /* or popt does not understand */
};

/* The index into the tables of rules.c and edit.c. */
enum ipvsadm_command {
	ADD_SERVICE,
	EDIT_SERVICE,
	DELETE_SERVICE,
	FLUSH,
	LIST,
	ADD_SERVER,
	DELETE_SERVER,
	EDIT_SERVER,
	SET_TIMEOUTS,
	START_SYNC,
	STOP_SYNC,
	RESTORE,
	SAVE,
	ZERO,
	COMMAND_COUNT,
	HELP = COMMAND_COUNT, /* whatever else is on the line */
	VERSION,
};

/* Bits of request->given, in the order in which they are checked. */
enum ipvsadm_option {
	NUMERIC,
	CONNECTION,
	SERVICE,
	SCHEDULER,
	PERSISTENT,
	NETMASK,
	SERVER,
	FORWARD,
	WEIGHT,
	U_THRESHOLD,
	L_THRESHOLD,
	MCAST_INTERFACE,
	TIMEOUT,
	DAEMON,
	STATS,
	RATE,
	THRESHOLDS,
	PERSISTENT_CONN,
	NOSORT,
	SYNCID,
	EXACT,
	OPS,
	PE,
	SCHED_FLAGS,
	MCAST_GROUP,
	MCAST_PORT,
	MCAST_TTL,
	SYNC_MAXLEN,
	TUN_INFO,
	TUN_TYPE,
	TUN_PORT,
	TUN_NOCSUM,
	TUN_CSUM,
	TUN_REMCSUM,
	FULL, /* ours: -S with timeouts and sync daemons */
	OPTION_COUNT,
};

/* Milliseconds to wait for the lock; others hold it for a few. */
#define LOCK_MS 10000

#define BIT(option) (UINT64_C(1) << (option))

/* A parsed command line. */
struct request {
	const char *program; /* as it was called */
	enum ipvsadm_command command;
	uint64_t given; /* BIT() of enum ipvsadm_option */
	struct ipvsctl_service service;
	struct ipvsctl_server server;
	struct ipvsctl_sync sync;
	struct ipvsctl_timeouts timeouts;
	bool odd_interface; /* its name is one that no interface can have */
};

static inline bool has(const struct request *request, enum ipvsadm_option option)
{
	return request->given & BIT(option);
}

/* Writes a line to stderr. Returns status. */
int complain(int status, const char *format, ...) PRINTF(2, 3);

/* ---- Understanding (options.c, rules.c, parse.c) ---- */

/* Fills in request from a command line. Returns 0 or a status. */
int options_parse(const char **argv, struct request *request) MUST_CHECK;
/* Checks the options together; can set the server's port. 0 or a status. */
int rules_check(struct request *request) MUST_CHECK;
/* Reports an option that was given twice. Returns the status. */
int rules_repeated(enum ipvsadm_option option);

/* Returns the whole text as a number from min to max, or -1. */
int64_t parse_number(const char *text, int64_t min, int64_t max) MUST_CHECK;
/*
 * Reads "HOST[:PORT]" of a service or, under it, of a server; looks names up.
 * Sets address and, if there is one, port. Returns 0 or -EINVAL.
 */
int parse_endpoint(const char *text, uint16_t protocol,
		   struct ipvsctl_address *address, uint16_t *port,
		   bool *ret_has_port) MUST_CHECK;
/* Reads a persistence netmask of that family. Returns 0 or a status. */
int parse_netmask(const char *text, uint16_t family,
		  uint32_t *ret_netmask) MUST_CHECK;
/* Reads a multicast address. Returns 0 or a status. */
int parse_group(const char *text, struct ipvsctl_address *ret_group) MUST_CHECK;
/* Reads scheduler flags, "sh-port,flag-3"; cuts text. Returns 0 or a status. */
int parse_scheduler_flags(char *text, const char *scheduler,
			  uint32_t *ret_flags) MUST_CHECK;

void usage_print(const char *program);
void usage_version(void);
/* Prints ipvsadm-save's answer to an unknown option. Returns its status. */
int usage_save(const char *program);
/* Prints "Try ..." to stderr. Returns the status. */
int usage_try(const char *program);

/* ---- Doing ---- */

/* Opens the kernel, and checks that it has IPVS. Returns 0 or a status. */
int kernel_open(struct ipvsctl **ret_ctx,
		struct ipvsctl_info *ret_info) MUST_CHECK;
/* Reports what the kernel's errno means for a command. Returns the status. */
int kernel_refused(enum ipvsadm_command command, int raw);
/* Reports why a command failed. Returns status. */
int kernel_failed(enum ipvsadm_command command, const struct ipvsctl_error *err,
		  int status);

/* Runs a command that writes. */
int edit_run(struct ipvsctl *ctx, const struct request *request) MUST_CHECK;
/* Each runs a kind of -L. */
int list_services(struct ipvsctl *ctx, const struct ipvsctl_info *info,
		  const struct request *request) MUST_CHECK;
int list_timeouts(struct ipvsctl *ctx) MUST_CHECK;
int list_sync(struct ipvsctl *ctx) MUST_CHECK;
int list_connections(struct ipvsctl *ctx,
		     const struct request *request) MUST_CHECK;
/* Runs -S. */
int save_run(struct ipvsctl *ctx, const struct request *request) MUST_CHECK;
/* Runs -R; exactly: deletes what the input does not have. */
int restore_run(const char *program, bool exactly) MUST_CHECK;

#endif
