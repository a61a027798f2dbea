/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Requests to the kernel for the steps of a plan, and inverse steps. */
#include "netlink/request.h"

#include <linux/ip_vs.h>

#include "model/error.h"
#include "netlink/codec.h"

typedef int (*put_fn)(struct nl_msg *msg, const struct ipvsctl_step *step);

static int put_service(struct nl_msg *msg, const struct ipvsctl_step *step)
{
	return codec_put_service(msg, step->after);
}

/* Tells whether the step deletes all services, known or not. */
static bool is_flush(const struct ipvsctl_step *step)
{
	return step->object == IPVSCTL_OBJECT_SERVICE &&
	       step->action == IPVSCTL_DELETE && !step->before;
}

static int delete_service(struct nl_msg *msg, const struct ipvsctl_step *step)
{
	return codec_put_service_identity(msg, step->before);
}

static int put_server(struct nl_msg *msg, const struct ipvsctl_step *step)
{
	int r = codec_put_service_identity(msg, step->service);

	return r < 0 ? r : codec_put_server(msg, step->after);
}

static int delete_server(struct nl_msg *msg, const struct ipvsctl_step *step)
{
	int r = codec_put_service_identity(msg, step->service);

	return r < 0 ? r : codec_put_server_identity(msg, step->before);
}

static int put_sync(struct nl_msg *msg, const struct ipvsctl_step *step)
{
	return codec_put_sync(msg, step->after);
}

static int delete_sync(struct nl_msg *msg, const struct ipvsctl_step *step)
{
	const struct ipvsctl_sync *sync = step->before;

	return codec_put_sync_role(msg, sync->role);
}

static int put_timeouts(struct nl_msg *msg, const struct ipvsctl_step *step)
{
	return codec_put_timeouts(msg, step->after);
}

/* Without a service the kernel zeroes all. */
static int put_zero(struct nl_msg *msg, const struct ipvsctl_step *step)
{
	return step->service ? codec_put_service_identity(msg, step->service) :
			       0;
}

static const struct kind {
	put_fn put;
	enum operation operation;
	uint8_t command;
} kinds[][4] = {
	[IPVSCTL_OBJECT_SERVICE] = {
		[IPVSCTL_ADD] = { put_service, OPERATION_ADD_SERVICE,
				  IPVS_CMD_NEW_SERVICE },
		[IPVSCTL_CHANGE] = { put_service, OPERATION_CHANGE_SERVICE,
				     IPVS_CMD_SET_SERVICE },
		[IPVSCTL_DELETE] = { delete_service, OPERATION_DELETE_SERVICE,
				     IPVS_CMD_DEL_SERVICE },
		[IPVSCTL_ZERO] = { put_zero, OPERATION_ZERO, IPVS_CMD_ZERO },
	},
	[IPVSCTL_OBJECT_SERVER] = {
		[IPVSCTL_ADD] = { put_server, OPERATION_ADD_SERVER,
				  IPVS_CMD_NEW_DEST },
		[IPVSCTL_CHANGE] = { put_server, OPERATION_CHANGE_SERVER,
				     IPVS_CMD_SET_DEST },
		[IPVSCTL_DELETE] = { delete_server, OPERATION_DELETE_SERVER,
				     IPVS_CMD_DEL_DEST },
	},
	[IPVSCTL_OBJECT_SYNC] = {
		[IPVSCTL_ADD] = { put_sync, OPERATION_START_SYNC,
				  IPVS_CMD_NEW_DAEMON },
		[IPVSCTL_DELETE] = { delete_sync, OPERATION_STOP_SYNC,
				     IPVS_CMD_DEL_DAEMON },
	},
	[IPVSCTL_OBJECT_TIMEOUTS] = {
		[IPVSCTL_CHANGE] = { put_timeouts, OPERATION_SET_TIMEOUTS,
				     IPVS_CMD_SET_CONFIG },
	},
};

static const struct kind *kind_of(const struct ipvsctl_step *step)
{
	return &kinds[step->object][step->action];
}

int request_put(struct genl *genl, const struct ipvsctl_step *step)
{
	const struct kind *kind = kind_of(step);
	int r;

	if (is_flush(step))
		return genl_start(genl, IPVS_CMD_FLUSH, 0);
	r = genl_start(genl, kind->command, 0);
	return r < 0 ? r : kind->put(genl->request, step);
}

static bool same_server(const struct ipvsctl_server *a,
			const struct ipvsctl_server *b)
{
	return ipvsctl_server_effective_weight(a) ==
		       ipvsctl_server_effective_weight(b) &&
	       a->forward == b->forward && a->tunnel == b->tunnel &&
	       a->tunnel_port == b->tunnel_port &&
	       a->tunnel_checksum == b->tunnel_checksum &&
	       a->upper_threshold == b->upper_threshold &&
	       a->lower_threshold == b->lower_threshold;
}

/* The kernel does not have removed servers. */
static bool is_removed(const struct ipvsctl_step *step)
{
	const struct ipvsctl_server *server =
		step->after ? step->after : step->before;

	return server->removed;
}

bool request_needed(const struct ipvsctl_step *step)
{
	if (step->object != IPVSCTL_OBJECT_SERVER)
		return true;
	return !is_removed(step) && (step->action != IPVSCTL_CHANGE ||
				     !same_server(step->before, step->after));
}

bool request_invert(const struct ipvsctl_step *step,
		    struct ipvsctl_step *ret_inverse)
{
	static const enum ipvsctl_action inverses[] = {
		[IPVSCTL_ADD] = IPVSCTL_DELETE,
		[IPVSCTL_CHANGE] = IPVSCTL_CHANGE,
		[IPVSCTL_DELETE] = IPVSCTL_ADD,
		[IPVSCTL_ZERO] = IPVSCTL_ZERO,
		[IPVSCTL_MOVE] = IPVSCTL_MOVE,
	};
	struct ipvsctl_step inverse = *step;

	inverse.action = inverses[step->action];
	inverse.before = step->after;
	inverse.after = step->before;
	if (step->action == IPVSCTL_ZERO ||
	    (inverse.action != IPVSCTL_DELETE && !inverse.after))
		return false;
	*ret_inverse = inverse;
	return true;
}

static int about_server(const struct ipvsctl_step *step,
			const struct ipvsctl_server *server, int code,
			struct ipvsctl_error *err)
{
	char service_text[IPVSCTL_IDENTITY_TEXT];
	char server_text[IPVSCTL_IDENTITY_TEXT];

	return fail_about(err, code, "%s %s",
			  ipvsctl_service_format(step->service, service_text),
			  ipvsctl_server_format(server, server_text));
}

static int about_service(const struct ipvsctl_service *service, int code,
			 struct ipvsctl_error *err)
{
	char text[IPVSCTL_IDENTITY_TEXT];

	return fail_about(err, code, "%s",
			  ipvsctl_service_format(service, text));
}

static int about_sync(const struct ipvsctl_sync *sync, int raw, int code,
		      struct ipvsctl_error *err)
{
	if (raw == ENODEV) {
		(void)fail(err, code, "no such interface: '%s'",
			   sync->interface);
		(void)fail_hint(err, code, "ip link show");
		if (err)
			err->kernel_errno = raw;
	}
	return fail_about(err, code, "%s", ipvsctl_sync_role_name(sync->role));
}

/* Names the modules that may be missing: the kernel does not say which. */
static void hint_modules(const struct ipvsctl_service *service,
			 struct ipvsctl_error *err)
{
	const char *engine = service->persistence_engine;

	(void)fail_hint(err, -EOPNOTSUPP, "modprobe ip_vs_%s%s%s",
			service->scheduler,
			*engine ? "; modprobe ip_vs_pe_" : "", engine);
}

int request_fail(const struct ipvsctl_step *step, int raw, const char *text,
		 struct ipvsctl_error *err)
{
	const void *object = step->after ? step->after : step->before;
	int code = fail_kernel(err, kind_of(step)->operation, raw, text);

	switch (step->object) {
	case IPVSCTL_OBJECT_SERVICE:
		object = object ? object : step->service;
		if (raw == ENOENT && step->after)
			hint_modules(step->after, err);
		return object ? about_service(object, code, err) : code;
	case IPVSCTL_OBJECT_SERVER:
		return about_server(step, object, code, err);
	case IPVSCTL_OBJECT_SYNC:
		return about_sync(object, raw, code, err);
	case IPVSCTL_OBJECT_TIMEOUTS:
		return fail_about(err, code, "timeouts");
	case IPVSCTL_OBJECT_MARK:
	case IPVSCTL_OBJECT_VIP:
		break;
	}
	return code;
}
