/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Paths to servers, in the network namespace of a context. */
#include "vip/paths.h"

#include "kernel/context.h"
#include "kernel/netns.h"
#include "model/error.h"

typedef int (*paths_fn)(struct rtnetlink *rtnetlink, struct ipvsctl_path *paths,
			size_t count);

static int look(paths_fn fn, struct ipvsctl_path *paths, size_t count,
		struct ipvsctl_error *err)
{
	AUTO_RTNETLINK struct rtnetlink rtnetlink = { .fd = -1 };
	int r = rtnetlink_open(&rtnetlink);

	if (r == 0)
		r = fn(&rtnetlink, paths, count);
	return r < 0 ? fail_kernel(err, OPERATION_READ, -r, NULL) : 0;
}

static int look_in_netns(struct ipvsctl *ctx, paths_fn fn,
			 struct ipvsctl_path *paths, size_t count,
			 struct ipvsctl_error *err)
{
	int back = -1, r = netns_enter(ctx->netns, &back, err);

	return r < 0 ? r : netns_leave(back, look(fn, paths, count, err), err);
}

API int ipvsctl_check_paths(struct ipvsctl *ctx, struct ipvsctl_path *paths,
			    size_t count, struct ipvsctl_error *err)
{
	return look_in_netns(ctx, paths_check, paths, count, err);
}

API int ipvsctl_find_paths(struct ipvsctl *ctx, struct ipvsctl_path *paths,
			   size_t count, struct ipvsctl_error *err)
{
	return look_in_netns(ctx, paths_find, paths, count, err);
}
