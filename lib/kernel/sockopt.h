/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The kernel's older interface to IPVS, for what it does better than netlink.
 * It hands out all services, or all servers of a service, in one call, several
 * times as fast and as they were at one moment. And it carries out a step in
 * less time than netlink takes to look through the message; where one is
 * refused, none behind it has been tried. It knows IPv4 only, no options of
 * tunnels, no persistence engines, and of the counters only 32 bits.
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
	size_t room; /* for so many */
};

/*
 * Opens in the calling thread's network namespace. Where that fails, reading
 * does, too.
 */
void sockopt_open(struct sockopt *sockopt);
void sockopt_free(struct sockopt *sockopt);
/*
 * Reads the servers of an entry that has none yet, without counters: in the
 * kernel's order, or in the reverse, which is mostly the sorted one. Returns 0,
 * -ENOMEM, or -EOPNOTSUPP when this interface cannot tell everything about
 * each of them, or did not answer; the entry then still has none.
 */
int sockopt_read_servers(struct sockopt *sockopt, bool reverse,
			 struct service_entry *entry) MUST_CHECK;

/* What the kernel's services are now, beside those of a configuration. */
enum sockopt_opinion {
	SOCKOPT_UNSURE, /* it has others, IPv6 among them perhaps */
	SOCKOPT_AGREES, /* it has the same, all of them IPv4 */
	SOCKOPT_MISSES, /* it lacks one */
};
enum sockopt_opinion sockopt_compare_services(
	const struct sockopt *sockopt, const struct ipvsctl_config *config);

/* ---- Writing (sockopt-write.c) ---- */

/* Whether a step is all that netlink would make of it. */
bool sockopt_can(const struct ipvsctl_step *step);
/*
 * Carries out such a step. Returns 0, or the kernel's refusal as a positive
 * errno, which means what it does over netlink; but ENOPROTOOPT, that netlink
 * is to be asked.
 */
int sockopt_do(const struct sockopt *sockopt,
	       const struct ipvsctl_step *step) MUST_CHECK;

#endif
