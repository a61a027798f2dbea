/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The commands that write, each as one plan. They check in the order in which
 * the kernel does (6.1), so that the messages are the same.
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

/* Makes edit_run() report what the kernel would have refused with. */
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

/* Tells whether the server has another family than its service. */
static bool is_mixed(const struct request *request)
{
	return (request->command == ADD_SERVER ||
		request->command == EDIT_SERVER) &&
	       request->server.address.family !=
		       request->service.address.family;
}

/* Sync daemons cannot share connections to servers of another family. */
static bool has_sync(const struct edit *edit)
{
	return ipvsctl_config_get_sync(edit->from, IPVSCTL_SYNC_MASTER) ||
	       ipvsctl_config_get_sync(edit->from, IPVSCTL_SYNC_BACKUP);
}

/* Checks what the kernel checks before it looks for the server. */
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

/* Makes a server stay that is leaving. Returns 1 if it is not. */
static int keep_server(struct edit *edit)
{
	const struct request *request = edit->request;
	struct ipvsctl_leaving leaving;
	int r;

	if (!ipvsctl_config_get_leaving(edit->to, &request->service,
					&request->server, &leaving))
		return 1;
	r = ipvsctl_config_release(edit->to, &request->service,
				   &request->server, "leaving", &edit->err);
	return r < 0 ? r :
		       ipvsctl_config_change_server(edit->to, &request->service,
						    &request->server,
						    &edit->err);
}

static int add_server(struct edit *edit)
{
	const struct ipvsctl_server *found;
	int r = check_server(edit);

	if (r < 0)
		return r;
	r = keep_server(edit);
	if (r <= 0)
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

/* As in the kernel, 0 keeps a timeout. */
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

/* Hides a daemon that runs from the plan: the kernel must refuse the start. */
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

/* ---- Commands that read nothing ----------------------------------------- */

static int plan_flush(const struct edit *edit, struct ipvsctl_plan *plan)
{
	(void)edit;
	return ipvsctl_plan_flush(plan, NULL);
}

static int plan_zero(const struct edit *edit, struct ipvsctl_plan *plan)
{
	return ipvsctl_plan_zero(plan, IPVSCTL_SERVICES,
				 has(edit->request, SERVICE) ?
					 &edit->request->service :
					 NULL,
				 NULL);
}

/* The kernel refuses the command if what is assumed is wrong. */
enum assumption {
	ASSUME_NO_SERVICE = 1,
	ASSUME_SERVICE,
	ASSUME_OTHER_SERVICE, /* the service, not as it is given */
	ASSUME_SERVER,
	ASSUME_OTHER_SERVER,
};

static const struct {
	unsigned int kinds; /* to load */
	bool one_service;   /* load only the given one */
	int (*edit)(struct edit *edit);
	int (*plan)(const struct edit *edit, struct ipvsctl_plan *plan);
	enum assumption assumption; /* 0: none */
} commands[COMMAND_COUNT] = {
	[ADD_SERVICE] = { IPVSCTL_SERVICES, true, add_service, NULL,
			  ASSUME_NO_SERVICE },
	[EDIT_SERVICE] = { IPVSCTL_SERVICES, true, edit_service, NULL,
			   ASSUME_OTHER_SERVICE },
	[DELETE_SERVICE] = { IPVSCTL_SERVICES, true, delete_service, NULL,
			     ASSUME_SERVICE },
	[ADD_SERVER] = { IPVSCTL_SERVICES, true, add_server, NULL,
			 ASSUME_SERVICE },
	[EDIT_SERVER] = { IPVSCTL_SERVICES, true, edit_server, NULL,
			  ASSUME_OTHER_SERVER },
	[DELETE_SERVER] = { IPVSCTL_SERVICES, true, delete_server, NULL,
			    ASSUME_SERVER },
	[SET_TIMEOUTS] = { .kinds = IPVSCTL_TIMEOUTS, .edit = set_timeouts },
	[START_SYNC] = { .kinds = IPVSCTL_SYNC, .edit = start_sync },
	[STOP_SYNC] = { .kinds = IPVSCTL_SYNC, .edit = stop_sync },
	[FLUSH] = { .plan = plan_flush },
	[ZERO] = { .plan = plan_zero },
};

/*
 * Fills edit->from without reading the kernel. To edit an object, assumes any
 * other value, so that the plan has a step. Returns as ipvsctl_assume().
 */
static int assume(struct edit *edit)
{
	const enum assumption assumption =
		commands[edit->request->command].assumption;
	struct ipvsctl_service service = edit->request->service;
	struct ipvsctl_server server = edit->request->server;

	if (!assumption || is_mixed(edit->request))
		return 1;
	if (assumption == ASSUME_OTHER_SERVICE)
		service.flags ^= IPVSCTL_ONE_PACKET;
	if (assumption == ASSUME_OTHER_SERVER)
		server.weight ^= 1;
	return ipvsctl_assume(edit->ctx,
			      assumption == ASSUME_NO_SERVICE ? NULL : &service,
			      assumption >= ASSUME_SERVER ? &server : NULL,
			      &edit->from, &edit->err);
}

static int load(struct edit *edit)
{
	const enum ipvsadm_command command = edit->request->command;

	return ipvsctl_load(edit->ctx,
			    commands[command].kinds |
				    (is_mixed(edit->request) ? IPVSCTL_SYNC : 0),
			    commands[command].one_service ?
				    &edit->request->service :
				    NULL,
			    &edit->from, &edit->err);
}

/* Makes the plan of the command, from edit->from. */
static int make_plan(struct edit *edit, struct ipvsctl_plan **ret_plan)
{
	const enum ipvsadm_command command = edit->request->command;
	int r = ipvsctl_config_copy(edit->from, &edit->to, &edit->err);

	if (r == 0 && commands[command].edit)
		r = commands[command].edit(edit);
	if (r == 0)
		r = ipvsctl_plan_compare(edit->from, edit->to, ret_plan,
					 &edit->err);
	if (r == 0 && commands[command].plan)
		r = commands[command].plan(edit, *ret_plan);
	return r;
}

/* Runs the command on the edit->from that fill makes. */
static int run(struct edit *edit, int (*fill)(struct edit *edit),
	       struct ipvsctl_outcome *ret_outcome)
{
	AUTO_PLAN struct ipvsctl_plan *plan = NULL;
	int r = fill(edit);

	if (r == 0)
		r = make_plan(edit, &plan);
	if (r == 0)
		r = ipvsctl_apply(edit->ctx, plan, ret_outcome, &edit->err);
	ipvsctl_config_free(TAKE_PTR(edit->from));
	ipvsctl_config_free(TAKE_PTR(edit->to));
	return r;
}

int edit_run(struct ipvsctl *ctx, const struct request *request)
{
	struct edit edit = { .ctx = ctx, .request = request };
	struct ipvsctl_outcome outcome = { .done = 0 };
	int r = ipvsctl_lock(ctx, LOCK_MS, &edit.err);

	if (r == 0) {
		r = run(&edit, assume, &outcome);
		/* The assumption may be wrong: read the kernel, try again. */
		if (r != 0 && r != -ENOMEM && outcome.done == 0) {
			edit.refused = 0;
			edit.err = (struct ipvsctl_error){ 0 };
			r = run(&edit, load, &outcome);
		}
	}
	if (r == 0)
		return 0;
	if (edit.refused)
		return kernel_refused(request->command, edit.refused);
	if (!edit.err.code)
		return kernel_refused(request->command, ENOMEM);
	return kernel_failed(request->command, &edit.err, EXIT_KERNEL_FAILED);
}
