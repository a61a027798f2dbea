/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Paths to servers, in the network namespace of a context. */
#include "vip/paths.h"

#include "kernel/context.h"
#include "kernel/netns.h"
#include "model/error.h"

static int check(struct ipvsctl_path *paths, size_t count,
		 struct ipvsctl_error *err)
{
	AUTO_RTNETLINK struct rtnetlink rtnetlink = { .fd = -1 };
	int r = rtnetlink_open(&rtnetlink);

	if (r == 0)
		r = paths_check(&rtnetlink, paths, count);
	return r < 0 ? fail_kernel(err, OPERATION_READ, -r, NULL) : 0;
}

API int ipvsctl_check_paths(struct ipvsctl *ctx, struct ipvsctl_path *paths,
			    size_t count, struct ipvsctl_error *err)
{
	int back = -1, r = netns_enter(ctx->netns, &back, err);

	return r < 0 ? r : netns_leave(back, check(paths, count, err), err);
}
