/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* VIPs of a context's network namespace. */
#include "kernel/context.h"
#include "kernel/netns.h"

int context_load_vips(struct ipvsctl *ctx, struct ipvsctl_config *config,
		      struct ipvsctl_error *err)
{
	int back = -1, r = netns_enter(ctx->netns, &back, err);

	if (r < 0)
		return r;
	return netns_leave(back, vips_load(config, err), err);
}

int context_apply_vips(struct ipvsctl *ctx, const struct vip_change *changes,
		       size_t count, bool *left_out, struct ipvsctl_error *err)
{
	int back = -1, r = netns_enter(ctx->netns, &back, err);

	if (r < 0)
		return r;
	return netns_leave(back, vips_apply(changes, count, left_out, err), err);
}

API int ipvsctl_announce_vips(struct ipvsctl *ctx,
			      const struct ipvsctl_vip *vips, size_t count,
			      struct ipvsctl_error *err)
{
	int back = -1, r = netns_enter(ctx->netns, &back, err);

	if (r < 0)
		return r;
	return netns_leave(back, vips_announce(vips, count, err), err);
}
