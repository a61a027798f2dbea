/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The commands that write, each as one plan. What can be seen beforehand is
 * refused in the order in which the kernel would have refused it (read in 6.1),
 * so that the words are the same.
 */
#include <errno.h>

#include "ipvsadm/ipvsadm.h"

struct edit {
	struct ipvsctl *ctx;
	const struct request *request;
	struct ipvsctl_config *from;
	struct ipvsctl_config *to;
	struct ipvsctl_error err;
	int refused; /* the errno that the kernel would have refused with */
};

/* Has edit_run() say what the kernel would have answered with. */
static int refuse(struct edit *edit, int raw)
{
	edit->refused = raw;
	return -raw;
}

static bool has_service(const struct edit *edit)
{
	return ipvsctl_config_find_service(edit->from, &edit->request->service);
}

static const struct ipvsctl_server *find_server(const struct edit *edit)
{
	return ipvsctl_config_find_server(edit->from, &edit->request->service,
					  &edit->request->server);
}

/* ---- Services and servers ---------------------------------------------- */

static int add_service(struct edit *edit)
{
	if (has_service(edit))
		return refuse(edit, EEXIST);
	return ipvsctl_config_add_service(edit->to, &edit->request->service,
					  &edit->err);
}

static int edit_service(struct edit *edit)
{
	if (!has_service(edit))
		return refuse(edit, ESRCH);
	return ipvsctl_config_change_service(edit->to, &edit->request->service,
					     &edit->err);
}

static int delete_service(struct edit *edit)
{
	if (!has_service(edit))
		return refuse(edit, ESRCH);
	return ipvsctl_config_delete_service(edit->to, &edit->request->service,
					     &edit->err);
}

/* Whether the server is of another family than its service. */
static bool is_mixed(const struct request *request)
{
	return (request->command == ADD_SERVER ||
		request->command == EDIT_SERVER) &&
	       request->server.address.family !=
		       request->service.address.family;
}

/* A sync daemon cannot tell others of such servers. */
static bool has_sync(const struct edit *edit)
{
	return ipvsctl_config_get_sync(edit->from, IPVSCTL_SYNC_MASTER) ||
	       ipvsctl_config_get_sync(edit->from, IPVSCTL_SYNC_BACKUP);
}

/* What the kernel looks at before it looks for the server. */
static int check_server(struct edit *edit)
{
	const struct ipvsctl_server *server = &edit->request->server;

	if (!has_service(edit))
		return refuse(edit, ESRCH);
	if (is_mixed(edit->request) && has_sync(edit))
		return refuse(edit, EINVAL);
	return server->lower_threshold > server->upper_threshold ?
		       refuse(edit, ERANGE) :
		       0;
}

static int add_server(struct edit *edit)
{
	const struct ipvsctl_server *found;
	int r = check_server(edit);

	if (r < 0)
		return r;
	found = find_server(edit);
	if (found && !found->removed)
		return refuse(edit, EEXIST);
	/* The kernel does not have a removed server: adding it ends the
	   removal. */
	if (found)
		r = ipvsctl_config_delete_server(edit->to,
						 &edit->request->service, found,
						 &edit->err);
	if (r < 0)
		return r;
	return ipvsctl_config_add_server(edit->to, &edit->request->service,
					 &edit->request->server, &edit->err);
}

static int edit_server(struct edit *edit)
{
	int r = check_server(edit);

	if (r < 0)
		return r;
	if (!find_server(edit))
		return refuse(edit, ENOENT);
	return ipvsctl_config_change_server(edit->to, &edit->request->service,
					    &edit->request->server, &edit->err);
}

static int delete_server(struct edit *edit)
{
	if (!has_service(edit))
		return refuse(edit, ESRCH);
	if (!find_server(edit))
		return refuse(edit, ENOENT);
	return ipvsctl_config_delete_server(edit->to, &edit->request->service,
					    &edit->request->server, &edit->err);
}

/* ---- Timeouts and sync daemons ----------------------------------------- */

/* 0 keeps one, as in the kernel. */
static int set_timeouts(struct edit *edit)
{
	const struct ipvsctl_timeouts *given = &edit->request->timeouts;
	struct ipvsctl_timeouts wanted =
		*ipvsctl_config_get_timeouts(edit->from);

	if (given->tcp)
		wanted.tcp = given->tcp;
	if (given->tcp_fin)
		wanted.tcp_fin = given->tcp_fin;
	if (given->udp)
		wanted.udp = given->udp;
	ipvsctl_config_set_timeouts(edit->to, &wanted);
	return 0;
}

/* What is wrong with it the kernel is to say: one that runs is not seen. */
static int start_sync(struct edit *edit)
{
	const struct ipvsctl_sync *sync = &edit->request->sync;

	if (edit->request->odd_interface)
		return refuse(edit, ENODEV);
	ipvsctl_config_remove_sync(edit->from,
				   (enum ipvsctl_sync_role)sync->role);
	ipvsctl_config_set_sync(edit->to, sync);
	return 0;
}

static int stop_sync(struct edit *edit)
{
	enum ipvsctl_sync_role role =
		(enum ipvsctl_sync_role)edit->request->sync.role;

	if (!ipvsctl_config_get_sync(edit->from, role))
		return refuse(edit, ESRCH);
	ipvsctl_config_remove_sync(edit->to, role);
	return 0;
}

/* ---- Commands that nothing need be known for ---------------------------- */

static int plan_flush(const struct edit *edit, struct ipvsctl_plan *plan)
{
	(void)edit;
	return ipvsctl_plan_flush(plan);
}

static int plan_zero(const struct edit *edit, struct ipvsctl_plan *plan)
{
	return ipvsctl_plan_zero(plan, IPVSCTL_SERVICES,
				 has(edit->request, SERVICE) ?
					 &edit->request->service :
					 NULL);
}

static const struct {
	unsigned int kinds; /* to be loaded */
	bool one_service;   /* and no other */
	int (*edit)(struct edit *edit);
	int (*plan)(const struct edit *edit, struct ipvsctl_plan *plan);
} commands[COMMAND_COUNT] = {
	[ADD_SERVICE] = { IPVSCTL_SERVICES, true, add_service, NULL },
	[EDIT_SERVICE] = { IPVSCTL_SERVICES, true, edit_service, NULL },
	[DELETE_SERVICE] = { IPVSCTL_SERVICES, true, delete_service, NULL },
	[ADD_SERVER] = { IPVSCTL_SERVICES, true, add_server, NULL },
	[EDIT_SERVER] = { IPVSCTL_SERVICES, true, edit_server, NULL },
	[DELETE_SERVER] = { IPVSCTL_SERVICES, true, delete_server, NULL },
	[SET_TIMEOUTS] = { IPVSCTL_TIMEOUTS, false, set_timeouts, NULL },
	[START_SYNC] = { IPVSCTL_SYNC, false, start_sync, NULL },
	[STOP_SYNC] = { IPVSCTL_SYNC, false, stop_sync, NULL },
	[FLUSH] = { 0, false, NULL, plan_flush },
	[ZERO] = { 0, false, NULL, plan_zero },
};

static int make_plan(struct edit *edit, struct ipvsctl_plan **ret_plan)
{
	const enum ipvsadm_command command = edit->request->command;
	const struct ipvsctl_service *service =
		commands[command].one_service ? &edit->request->service : NULL;
	unsigned int kinds = commands[command].kinds |
			     (is_mixed(edit->request) ? IPVSCTL_SYNC : 0);
	int r = ipvsctl_load(edit->ctx, kinds, service, &edit->from, &edit->err);

	if (r == 0)
		r = ipvsctl_config_copy(edit->from, &edit->to);
	if (r == 0 && commands[command].edit)
		r = commands[command].edit(edit);
	if (r == 0)
		r = ipvsctl_plan_compare(edit->from, edit->to, ret_plan,
					 &edit->err);
	if (r == 0 && commands[command].plan)
		r = commands[command].plan(edit, *ret_plan);
	return r;
}

int edit_run(struct ipvsctl *ctx, const struct request *request)
{
	struct edit edit = { .ctx = ctx, .request = request };
	struct ipvsctl_plan *plan = NULL;
	int r = ipvsctl_lock(ctx, LOCK_MS, &edit.err);

	if (r == 0)
		r = make_plan(&edit, &plan);
	if (r == 0)
		r = ipvsctl_apply(ctx, plan, NULL, &edit.err);
	ipvsctl_plan_free(plan);
	ipvsctl_config_free(edit.from);
	ipvsctl_config_free(edit.to);
	if (r == 0)
		return 0;
	if (edit.refused)
		return kernel_refused(request->command, edit.refused);
	if (!edit.err.code)
		return kernel_refused(request->command, ENOMEM);
	return kernel_failed(request->command, &edit.err, EXIT_KERNEL_FAILED);
}
