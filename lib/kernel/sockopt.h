/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The kernel's older interface to IPVS, for what it does better than netlink.
 * It reads all services, or all servers of a service, in one call: several
 * times as fast, and as one snapshot. It carries out a step faster than
 * netlink, and each refusal is known before the next step. It supports only
 * IPv4, no tunnel options, no persistence engines, and only 32-bit counters.
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
 * Reads the servers of an entry that has none yet, without counters; only those
 * in only, unless that is NULL. The order is the kernel's or, with reverse, the
 * opposite, which is mostly sorted. Returns 0, -ENOMEM, or -EOPNOTSUPP if this
 * interface does not answer or cannot report everything about each server; the
 * entry then still has none.
 */
int sockopt_read_servers(struct sockopt *sockopt,
			 const struct server_table *only, bool reverse,
			 struct service_entry *entry) MUST_CHECK;

/* How a configuration compares with the services that the kernel has now. */
enum sockopt_opinion {
	SOCKOPT_UNSURE, /* it has more, perhaps IPv6; or no answer */
	SOCKOPT_AGREES, /* it has the same, all of them IPv4 */
	SOCKOPT_MISSES, /* it lacks a service */
};
enum sockopt_opinion sockopt_compare_services(
	const struct sockopt *sockopt, const struct ipvsctl_config *config);

/* ---- Writing (sockopt-write.c) ---- */

/* Tells whether this interface can carry out the step as netlink would. */
bool sockopt_can(const struct ipvsctl_step *step);
/*
 * Carries out a step for which sockopt_can() is true. Returns 0, or the
 * kernel's refusal as a positive errno with the same meaning as over netlink.
 * ENOPROTOOPT means that the caller must use netlink.
 */
int sockopt_do(const struct sockopt *sockopt,
	       const struct ipvsctl_step *step) MUST_CHECK;

#endif
