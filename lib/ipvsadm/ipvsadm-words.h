/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The language of ipvsadm 1.31: its options, what each sets, and the commands
 * that it goes with. lbctl-ipvsadm reads it leniently, with ipvsadm's messages;
 * the library reads files strictly, and names the line at fault.
 */
#ifndef LBCTL_IPVSADM_WORDS_H
#define LBCTL_IPVSADM_WORDS_H

#include <ipvsctl.h>

#include "scan.h"
#include "scope.h"

/* The index into tables of commands. */
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
	NO_COMMAND,
};

/* Bits of request->given, in the order in which ipvsadm checks them. */
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
	IPV6 = OPTION_COUNT, /* no bit: may be given twice */
	NO_OPTION,
};

#define BIT(option) (UINT64_C(1) << (option))

#define TUNNEL_OPTIONS                                                     \
	(BIT(TUN_TYPE) | BIT(TUN_PORT) | BIT(TUN_NOCSUM) | BIT(TUN_CSUM) | \
	 BIT(TUN_REMCSUM))

/* A command line that was parsed. */
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

/* The object in a request that has the attribute. */
enum ipvsadm_of {
	OF_REQUEST, /* no attribute, but the request's own */
	OF_SERVICE,
	OF_SERVER,
	OF_SYNC,
	OF_OUTPUT, /* it sets nothing up */
};

struct ipvsadm_word {
	const char *name;
	char letter;	   /* or 0 */
	uint16_t protocol; /* of the service that it names; 0: a mark */
	enum scan_takes takes;
	enum ipvsadm_command command;
	enum ipvsadm_option option;
	enum ipvsadm_of of;
	const char *attribute; /* as rulesets call it */
	const char *value;     /* set if none is given */
};

extern const struct ipvsadm_word ipvsadm_words[];

/* Finds an option's place in ipvsadm_words, from 1; see scan_find_fn. */
bool ipvsadm_find(const void *unused, const char *name, size_t length,
		  struct scan_option *ret_option);

/* The options of a command or a tunnel type, as BIT()s. */
struct ipvsadm_rule {
	const char *name; /* in messages of ipvsadm */
	uint64_t needs;
	uint64_t may;
	uint64_t one_of; /* at most one of these */
};

extern const struct ipvsadm_rule ipvsadm_rules[COMMAND_COUNT];

/* Fills in a request of no command, with ipvsadm's defaults. */
void ipvsadm_begin(struct request *request);
/* Sets the attribute of a word, if it has one. Returns 0 or -EINVAL. */
int ipvsadm_set(struct request *request, const struct ipvsadm_word *word,
		const char *value, struct ipvsctl_error *err) MUST_CHECK;
/* Fills in what depends on other options: netmask, port, scheduler, interface. */
void ipvsadm_settle(struct request *request, bool server_has_port);

#endif
