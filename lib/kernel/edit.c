/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Edits: run a ruleset on the kernel's state and apply the difference. */
#include "fail.h"
#include "kernel/context.h"
#include "kernel/run-state.h"
#include "model/config.h"
#include "model/leaving.h"
#include "ruleset/ruleset.h"

/* Writers hold the lock for milliseconds; one that holds it longer is stuck. */
#define LOCK_MILLISECONDS 10000

struct ipvsctl_edit {
	struct ipvsctl *ctx;
	struct ipvsctl_ruleset *ruleset; /* the caller's */
	struct run *found;		 /* the ruleset's first reading */
	bool assumed;			 /* from is assumed, not read */
	struct ipvsctl_config *from;
	struct ipvsctl_config *to;
	struct ipvsctl_plan *plan;
};

static void forget(struct ipvsctl_edit *edit)
{
	ipvsctl_plan_free(TAKE_PTR(edit->plan));
	ipvsctl_config_free(TAKE_PTR(edit->from));
	ipvsctl_config_free(TAKE_PTR(edit->to));
}

static int compare(struct ipvsctl_edit *edit, struct ipvsctl_error *err)
{
	return ipvsctl_plan_compare(edit->from, edit->to, &edit->plan, err);
}

/* ---- Reading ----------------------------------------------------------- */

API int ipvsctl_assume(struct ipvsctl *ctx,
		       const struct ipvsctl_service *service,
		       const struct ipvsctl_server *server,
		       struct ipvsctl_config **ret_config,
		       struct ipvsctl_error *err)
{
	CLEANUP(config_freep) struct ipvsctl_config *config = NULL;
	AUTO_FREE char *holds = NULL;
	int r;

	if (server && !service)
		return fail(err, -EINVAL, "a server needs a service");
	r = context_connect(ctx, err);
	if (r == 0)
		r = state_read_text(ctx->netns, &holds, err);
	if (r < 0)
		return r;
	if (holds && *holds)
		return 1;
	r = ipvsctl_config_new(&config, err);
	if (r < 0)
		return r;
	config->kinds = IPVSCTL_SERVICES;
	config->partial = config->assumed = true;
	if (service)
		r = ipvsctl_config_add_service(config, service, err);
	if (r == 0 && server)
		r = ipvsctl_config_add_server(config, service, server, err);
	if (r < 0)
		return r;
	*ret_config = TAKE_PTR(config);
	return 0;
}

/* Runs the ruleset on edit->from and makes the plan. */
static int compute(struct ipvsctl_edit *edit, struct ipvsctl_error *err)
{
	int r = ipvsctl_ruleset_run(edit->ruleset, edit->from, &edit->to, err);

	/* Without this, a rule that loads in another spelling than the
	   ruleset's would be replaced by every run. */
	if (r == 0 && !edit->found->strict)
		r = ipvsctl_settle(edit->ctx, edit->to, err);
	return r < 0 ? r : compare(edit, err);
}

/* Reads what the ruleset needs: everything, one service, or some servers. */
static int read_kernel(struct ipvsctl_edit *edit,
		       struct ipvsctl_config **ret_config,
		       struct ipvsctl_error *err)
{
	const struct aim *aim = &edit->found->aim;
	const struct ipvsctl_selection selection = {
		.service = &aim->service,
		.servers = aim->servers,
		.count = aim->server_count,
	};

	if (aim->at == AIM_ONE && aim->server_count &&
	    edit->found->kinds == IPVSCTL_SERVICES)
		return ipvsctl_load_servers(edit->ctx, &selection, ret_config,
					    err);
	return ipvsctl_load(edit->ctx, edit->found->kinds,
			    aim->at == AIM_ONE ? &aim->service : NULL,
			    ret_config, err);
}

static int begin_read(struct ipvsctl_edit *edit, struct ipvsctl_error *err)
{
	int r;

	forget(edit);
	edit->assumed = false;
	r = read_kernel(edit, &edit->from, err);
	return r < 0 ? r : compute(edit, err);
}

/* Begins without reading the kernel. Returns 1 if it must be read. */
static int begin_assumed(struct ipvsctl_edit *edit, struct ipvsctl_error *err)
{
	const struct aim *aim = &edit->found->aim;
	int r = 1;

	if (aim->step != STEP_NONE)
		r = ipvsctl_assume(edit->ctx,
				   aim->step == STEP_IF_EXISTS ? &aim->service :
								 NULL,
				   NULL, &edit->from, err);
	if (r != 0)
		return 1;
	edit->assumed = true;
	r = compute(edit, err);
	return r < 0 && r != -ENOMEM ? 1 : r;
}

API int ipvsctl_edit_begin(struct ipvsctl *ctx, struct ipvsctl_ruleset *ruleset,
			   enum ipvsctl_edit_reading reading,
			   struct ipvsctl_edit **ret_edit,
			   struct ipvsctl_error *err)
{
	struct ipvsctl_edit *edit = calloc(1, sizeof(*edit));
	int r = 0;

	if (!edit)
		return fail_memory(err);
	edit->ctx = ctx;
	edit->ruleset = ruleset;
	edit->found = ruleset_found(ruleset);
	edit->found->settle = ipvsctl_settle;
	edit->found->settle_ctx = ctx;
	if (reading != IPVSCTL_EDIT_LOOK)
		r = ipvsctl_lock(ctx, LOCK_MILLISECONDS, err);
	if (r == 0)
		r = reading == IPVSCTL_EDIT_QUICK ? begin_assumed(edit, err) :
						    1;
	if (r > 0)
		r = begin_read(edit, err);
	if (r < 0)
		ipvsctl_edit_free(edit);
	else
		*ret_edit = edit;
	return r;
}

API void ipvsctl_edit_free(struct ipvsctl_edit *edit)
{
	if (edit)
		forget(edit);
	free(edit);
}

API const struct ipvsctl_config *
ipvsctl_edit_from(const struct ipvsctl_edit *edit)
{
	return edit->from;
}

API const struct ipvsctl_config *ipvsctl_edit_to(const struct ipvsctl_edit *edit)
{
	return edit->to;
}

API const struct ipvsctl_plan *ipvsctl_edit_plan(const struct ipvsctl_edit *edit)
{
	return edit->plan;
}

/* ---- Other wishes -------------------------------------------------------- */

/* Makes the plan anew, after edit->to was changed. */
static int compare_again(struct ipvsctl_edit *edit, struct ipvsctl_error *err)
{
	ipvsctl_plan_free(TAKE_PTR(edit->plan));
	return compare(edit, err);
}

static int fail_assumed(struct ipvsctl_error *err)
{
	return fail(err, -EINVAL, "the kernel was not read");
}

API int ipvsctl_edit_drain(struct ipvsctl_edit *edit,
			   const struct ipvsctl_leaving *how,
			   struct ipvsctl_error *err)
{
	if (edit->assumed)
		return fail_assumed(err);
	ipvsctl_plan_free(TAKE_PTR(edit->plan));
	if (leaving_put_back(edit->to, edit->from, how) < 0)
		return fail_memory(err);
	return compare_again(edit, err);
}

API int ipvsctl_edit_keep_weights(struct ipvsctl_edit *edit,
				  struct ipvsctl_error *err)
{
	struct service_entry *entry = NULL;

	if (edit->assumed)
		return fail_assumed(err);
	while ((entry = config_next_entry(edit->to, entry))) {
		struct ipvsctl_server *server = NULL;

		while ((server = table_next_server(&entry->table, server))) {
			const struct ipvsctl_server *before =
				ipvsctl_config_find_server(edit->from,
							   &entry->service,
							   server);

			if (before)
				server->weight = before->weight;
		}
	}
	return compare_again(edit, err);
}

/* ---- Carrying out -------------------------------------------------------- */

/* After undoing failed, makes edit->plan the changes that remain in the kernel.
   If nothing was read, keeps the plan: any of its steps may remain. */
static void find_standing(struct ipvsctl_edit *edit)
{
	struct ipvsctl_config *now = NULL;

	if (edit->assumed)
		return;
	ipvsctl_plan_free(TAKE_PTR(edit->plan));
	if (read_kernel(edit, &now, NULL) < 0)
		return;
	ipvsctl_config_free(edit->to);
	edit->to = now;
	(void)compare(edit, NULL);
}

API int ipvsctl_edit_commit(struct ipvsctl_edit *edit,
			    struct ipvsctl_outcome *ret_outcome,
			    struct ipvsctl_error *err)
{
	struct ipvsctl_outcome outcome = { .done = 0 };
	int r = ipvsctl_apply(edit->ctx, edit->plan, &outcome, err);

	/* The assumption may be wrong: read the kernel and try again. */
	if (r < 0 && r != -ENOMEM && edit->assumed && !outcome.standing) {
		r = begin_read(edit, err);
		if (r == 0)
			r = ipvsctl_apply(edit->ctx, edit->plan, &outcome, err);
	}
	if (r < 0 && outcome.standing)
		find_standing(edit);
	if (ret_outcome)
		*ret_outcome = outcome;
	return r;
}
