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
		.backend_name = "auto",
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

/* ---- Mark backends --------------------------------------------------------- */

API int ipvsctl_use_mark_backend(struct ipvsctl *ctx, const char *name,
				 struct ipvsctl_error *err)
{
	static const char *const names[] = { "auto", "iptables", "nft" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		ctx->backend_name = names[i];
		ctx->backend = NULL;
		return 0;
	}
	return fail(err, -EINVAL,
		    "'%.64s' is not a mark backend; there are: auto, iptables, "
		    "nft",
		    name);
}

/* Loads the backend, once, and enters the context's namespace. */
static int enter(struct ipvsctl *ctx, int *ret_back, struct ipvsctl_error *err)
{
	int r = 0;

	if (!ctx->backend)
		r = mark_backend_get(ctx->backend_name, &ctx->backend, err);
	return r < 0 ? r : netns_enter(ctx->netns, ret_back, err);
}

int context_load_marks(struct ipvsctl *ctx, struct ipvsctl_config *config,
		       struct ipvsctl_error *err)
{
	int back = -1, r = enter(ctx, &back, err);

	if (r < 0)
		return r;
	return netns_leave(back, ctx->backend->load(config, err), err);
}

int context_apply_marks(struct ipvsctl *ctx,
			const struct ipvsctl_config *wanted, bool zero,
			struct ipvsctl_error *err)
{
	int back = -1, r = enter(ctx, &back, err);

	if (r < 0)
		return r;
	return netns_leave(back, ctx->backend->apply(wanted, zero, err), err);
}

/*
 * Tells whether the rule may load back in another form: words have many
 * spellings, the exemption of replies does not always show, and a rule of one
 * family can be half of one for both. Only the backend knows for sure.
 */
static bool is_unsettled(const struct ipvsctl_mark *rule)
{
	return rule->extra ||
	       rule->exempt_own != mark_usual_exemption(rule->exclude) ||
	       (rule->family && !rule->source.address.family &&
		!rule->destination.address.family);
}

static bool has_unsettled(const struct ipvsctl_config *config)
{
	ipvsctl_for_each_mark(config, rule)
		if (is_unsettled(rule))
			return true;
	return false;
}

API int ipvsctl_settle(struct ipvsctl *ctx, struct ipvsctl_config *config,
		       struct ipvsctl_error *err)
{
	struct ipvsctl_config *settled = NULL;
	int back = -1, r;

	if (!has_unsettled(config))
		return 0;
	r = enter(ctx, &back, err);
	if (r < 0)
		return r;
	r = ipvsctl_config_new(&settled, err);
	if (r == 0)
		r = ctx->backend->settle(config, settled, err);
	r = netns_leave(back, r, err);
	if (r == 0) {
		struct mark_table rules = config->marks;

		config->marks = settled->marks;
		settled->marks = rules;
	}
	ipvsctl_config_free(settled);
	return r;
}

API int ipvsctl_each_foreign_rule(struct ipvsctl *ctx,
				  ipvsctl_foreign_rule_fn fn, void *data,
				  struct ipvsctl_error *err)
{
	int back = -1, r = enter(ctx, &back, err);

	if (r < 0)
		return r;
	return netns_leave(back, ctx->backend->each_foreign(fn, data, err), err);
}

API const char *ipvsctl_version(void)
{
	return LBCTL_VERSION;
}
