/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* This host's own part of the way to servers. */
#ifndef LBCTL_VIP_PATHS_H
#define LBCTL_VIP_PATHS_H

#include "vip/neighbours.h"
#include "vip/rtnetlink.h"

/* A next hop that is asked whether it is there, or another host of its link. */
struct asked {
	bool gateway;
	bool witness; /* another host, which no path leads to */
	bool fixed;   /* an operator's entry: its silence says nothing */
};

/* Finds the faults of paths: see ipvsctl_check_paths(). Returns 0 or a negative
   errno. */
int paths_check(struct rtnetlink *rtnetlink, struct ipvsctl_path *paths,
		size_t count) MUST_CHECK;
/* Follows paths by routes and links alone: see ipvsctl_find_paths(). Returns as
   paths_check(). */
int paths_find(struct rtnetlink *rtnetlink, struct ipvsctl_path *paths,
	       size_t count) MUST_CHECK;

/* Decides by the answers, asked[i] about neighbours[i], which paths without a
   fault so far are silent. */
void paths_judge(struct ipvsctl_path *paths, size_t count,
		 const struct neighbour *neighbours, const struct asked *asked,
		 size_t asked_count);

#endif
