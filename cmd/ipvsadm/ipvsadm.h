/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * ipvsadm 1.31's command line, and what it says to that. Functions that can
 * fail say why on stderr and return the exit status; 0 when all went well.
 */
#ifndef LBCTL_IPVSADM_H
#define LBCTL_IPVSADM_H

#include <stdint.h>

#include <ipvsctl.h>

#include "common/cleanup.h"

/* Exit statuses of ipvsadm. */
enum {
	EXIT_LIST_FAILED = 1,	  /* or output that could not be written */
	EXIT_WRONG = 2,		  /* command line, input; no IPVS */
	EXIT_KERNEL_FAILED = 255, /* also what popt does not understand */
};

/* In the order of the tables in rules.c. */
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

/* Bits of what was given, in the order in which it is looked at. */
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

/* How long others may hold the lock: they are done within milliseconds. */
#define LOCK_MS 10000

#define BIT(option) (UINT64_C(1) << (option))

/* A command line that is understood. */
struct request {
	const char *program; /* as it was called */
	enum ipvsadm_command command;
	uint64_t given; /* BIT() of enum ipvsadm_option */
	struct ipvsctl_service service;
	struct ipvsctl_server server;
	struct ipvsctl_sync sync;
	struct ipvsctl_timeouts timeouts;
	bool odd_interface; /* with a name that no interface can have */
};

static inline bool has(const struct request *request, enum ipvsadm_option option)
{
	return request->given & BIT(option);
}

/* Writes the line to stderr and returns the status. */
int complain(int status, const char *format, ...) PRINTF(2, 3);

/* ---- Understanding (options.c, rules.c, parse.c) ---- */

/* Fills in request from the words of a command line. 0 or a status. */
int options_parse(const char **argv, struct request *request) MUST_CHECK;
/* What goes with what. 0 or a status. */
int rules_check(struct request *request) MUST_CHECK;
/* Says that an option was given twice; returns the status. */
int rules_repeated(enum ipvsadm_option option);

/* The whole of text as a number in min to max, else -1. */
int64_t parse_number(const char *text, int64_t min, int64_t max) MUST_CHECK;
/*
 * "HOST[:PORT]" of a service or, under it, of a server; names are looked up.
 * Sets address and, if there is one, port. 0; -EINVAL.
 */
int parse_endpoint(const char *text, uint16_t protocol,
		   struct ipvsctl_address *address, uint16_t *port,
		   bool *ret_has_port) MUST_CHECK;
/* A persistence netmask of that family; 0 or a status. */
int parse_netmask(const char *text, uint16_t family,
		  uint32_t *ret_netmask) MUST_CHECK;
/* A multicast address; 0 or a status. */
int parse_group(const char *text, struct ipvsctl_address *ret_group) MUST_CHECK;
/* Scheduler flags, "sh-port,flag-3"; 0 or a status. */
int parse_scheduler_flags(const char *text, const char *scheduler,
			  uint32_t *ret_flags) MUST_CHECK;

void usage_print(const char *program);
void usage_version(void);
/* What ipvsadm-save says to options it does not know; returns its status. */
int usage_save(const char *program);
/* "Try ..." on stderr; returns its status. */
int usage_try(const char *program);

/* ---- Doing ---- */

/* Opens what talks to the kernel and sees that it has IPVS. 0 or a status. */
int kernel_open(struct ipvsctl **ret_ctx,
		struct ipvsctl_info *ret_info) MUST_CHECK;
/* Says what the kernel's errno means for that command; returns the status. */
int kernel_refused(enum ipvsadm_command command, int raw);
/* Says why a command failed; returns the status given. */
int kernel_failed(enum ipvsadm_command command, const struct ipvsctl_error *err,
		  int status);

/* Carries out a command that writes. */
int edit_run(struct ipvsctl *ctx, const struct request *request) MUST_CHECK;
/* -L: services and servers; timeouts; sync daemons; connections. */
int list_services(struct ipvsctl *ctx, const struct ipvsctl_info *info,
		  const struct request *request) MUST_CHECK;
int list_timeouts(struct ipvsctl *ctx) MUST_CHECK;
int list_sync(struct ipvsctl *ctx) MUST_CHECK;
int list_connections(struct ipvsctl *ctx,
		     const struct request *request) MUST_CHECK;
/* Carries out -S. */
int save_run(struct ipvsctl *ctx, const struct request *request) MUST_CHECK;
/* Carries out -R; exactly: what the input does not have goes. */
int restore_run(const char *program, bool exactly) MUST_CHECK;

#endif
