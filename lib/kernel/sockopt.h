/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The kernel's older interface to IPVS, for what it does better than netlink.
 * It reads all services, or all servers of a service, in one call: several
 * times as fast, and as one snapshot. It carries out a step faster than
 * netlink, and each refusal is known before the next step. It knows only IPv4,
 * no options of tunnels, no persistence engines, and only 32 bits of counters.
 */
#ifndef LBCTL_SOCKOPT_H
#define LBCTL_SOCKOPT_H

#include "model/config.h"
#include "model/plan.h"
#include "scope.h"

struct ip_vs_get_dests;

struct sockopt {
	int fd; /* -1: not open */
	struct ip_vs_get_dests *servers;
	size_t room; /* of servers */
};

/*
 * Opens a socket in the calling thread's network namespace. If that fails, so
 * does reading.
 */
void sockopt_open(struct sockopt *sockopt);
void sockopt_free(struct sockopt *sockopt);
/*
 * Reads the servers, or of these only those named unless only is NULL, of an
 * entry that has none yet, without counters: in the kernel's order, or in the
 * reverse, which is mostly the sorted one. Returns 0, -ENOMEM, or -EOPNOTSUPP if
 * this interface cannot tell everything about each of them, or did not answer;
 * the entry then still has none.
 */
int sockopt_read_servers(struct sockopt *sockopt,
			 const struct server_table *only, bool reverse,
			 struct service_entry *entry) MUST_CHECK;

/* A configuration compared with the services that the kernel has now. */
enum sockopt_opinion {
	SOCKOPT_UNSURE, /* it has others, perhaps IPv6; or no answer */
	SOCKOPT_AGREES, /* it has the same, all of them IPv4 */
	SOCKOPT_MISSES, /* it lacks one */
};
enum sockopt_opinion sockopt_compare_services(
	const struct sockopt *sockopt, const struct ipvsctl_config *config);

/* ---- Writing (sockopt-write.c) ---- */

/* Tells whether this interface can do all that netlink would for a step. */
bool sockopt_can(const struct ipvsctl_step *step);
/*
 * Carries out a step for which sockopt_can() is true. Returns 0, or the
 * kernel's refusal as a positive errno with the meaning that it has over
 * netlink; but ENOPROTOOPT means: use netlink.
 */
int sockopt_do(const struct sockopt *sockopt,
	       const struct ipvsctl_step *step) MUST_CHECK;

#endif
