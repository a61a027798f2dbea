/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Opens and closes contexts, and connects them to the kernel. */
#include "kernel/context.h"

#include <linux/ip_vs.h>
#include <string.h>

#include "kernel/netns.h"
#include "model/config.h"
#include "model/error.h"
#include "model/object.h"
#include "netlink/codec.h"

/* The file is there as long as the module, in every namespace. */
API bool ipvsctl_has_ipvs(void)
{
	return access("/proc/net/ip_vs", F_OK) == 0;
}

API int ipvsctl_open(struct ipvsctl **ret_ctx, const char *netns,
		     struct ipvsctl_error *err)
{
	AUTO_FREE struct ipvsctl *ctx = malloc(sizeof(*ctx));
	int r;

	if (!ctx)
		return fail_memory(err);
	*ctx = (struct ipvsctl){
		.netns = -1,
		.lock = -1,
	};
	genl_init(&ctx->genl);
	if (netns) {
		r = ipvsctl_open_netns(netns, &ctx->netns, err);
		if (r < 0)
			return r;
	}
	*ret_ctx = TAKE_PTR(ctx);
	return 0;
}

API void ipvsctl_close(struct ipvsctl *ctx)
{
	if (!ctx)
		return;
	ipvsctl_unlock(ctx);
	genl_free(&ctx->genl);
	closep(&ctx->netns);
	free(ctx);
}

API void ipvsctl_on_progress(struct ipvsctl *ctx, ipvsctl_progress_fn fn,
			     void *data)
{
	ctx->progress = fn;
	ctx->progress_data = data;
}

API void ipvsctl_on_unsaved(struct ipvsctl *ctx, ipvsctl_unsaved_fn fn,
			    void *data)
{
	ctx->unsaved = fn;
	ctx->unsaved_data = data;
}

/* A socket stays in the namespace in which it was made. */
int context_connect(struct ipvsctl *ctx, struct ipvsctl_error *err)
{
	int back, r;

	if (genl_is_open(&ctx->genl))
		return 0;
	r = netns_enter(ctx->netns, &back, err);
	if (r < 0)
		return r;
	return netns_leave(back, genl_open(&ctx->genl, err), err);
}

struct info_request {
	struct ipvsctl_info info;
	struct ipvsctl_error *err;
};

static int take_info(const struct genl_reply *reply, void *data)
{
	struct info_request *request = data;

	if (!reply->data)
		return fail_kernel(request->err, OPERATION_READ,
				   reply->raw ? reply->raw : EIO, reply->text);
	return codec_get_info(reply->data, reply->length, &request->info) < 0 ?
		       fail(request->err, -EIO,
			    "the kernel's answer is malformed") :
		       0;
}

API int ipvsctl_info(struct ipvsctl *ctx, struct ipvsctl_info *ret_info,
		     struct ipvsctl_error *err)
{
	struct info_request request = { .err = err };
	int r = context_connect(ctx, err);

	if (r < 0)
		return r;
	if (genl_start(&ctx->genl, IPVS_CMD_GET_INFO, 0) < 0 ||
	    genl_queue(&ctx->genl) < 0)
		return fail_memory(err);
	r = genl_exchange(&ctx->genl, take_info, &request, err);
	if (r < 0)
		return r;
	*ret_info = request.info;
	return 0;
}

API const char *ipvsctl_version(void)
{
	return LBCTL_VERSION;
}
