/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Commands in ipvsadm's language (version 1.31), a word at a time. */
#ifndef LBCTL_RULESET_IPVSADM_H
#define LBCTL_RULESET_IPVSADM_H

#include "ruleset/run.h"

/* The object that an option names, or whose attribute it sets. */
enum ipvsadm_of {
	OF_NOTHING,
	OF_SERVICE_NAME,
	OF_SERVICE,
	OF_SERVER_NAME,
	OF_SERVER,
	OF_FORWARD, /* a server's, of which there can be one */
	OF_SYNC,
	OF_SYNC_ID,
	OF_COUNT,
};

/* The meaning of a command line of ipvsadm. */
struct ipvsadm {
	const struct ipvsctl_names *names; /* or NULL */
	char command; /* its letter, or one of those below */
#define IPVSADM_SET_TIMEOUTS 1
#define IPVSADM_START_SYNC   2
#define IPVSADM_STOP_SYNC    3
	bool has_service;
	bool has_server;
	bool has_forward;
	const char *server_text; /* read when the service is known */
	const char *netmask_text;
	struct ipvsctl_service service;
	struct ipvsctl_server server;
	struct ipvsctl_sync sync;
	uint32_t timeouts[3];
	size_t timeout_count;
	uint64_t taken;		     /* options, by their place in the table */
	const char *given[OF_COUNT]; /* the last option of each */
};

/* Understands the words of a line. Returns 0 or -EINVAL. */
int ipvsadm_parse(struct ipvsadm *ipvsadm, char *const *words, size_t count,
		  struct ipvsctl_error *err) MUST_CHECK;

#endif
