/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Objects and the steps of plans as lines of a ruleset. */
#include "ruleset/lines.h"

#include <string.h>

#include "fail.h"
#include "model/config.h"
#include "model/holds.h"
#include "model/leaving.h"
#include "model/mark-extra.h"
#include "model/object.h"
#include "model/plan.h"
#include "text.h"

/* ---- Services and servers ---------------------------------------------- */

static void add_service_name(struct text *text, const char *verb,
			     const struct ipvsctl_service *service)
{
	char name[IPVSCTL_IDENTITY_TEXT];

	text_add_text(text, "svc ");
	text_add_text(text, verb);
	text_add_text(text, " ");
	text_add_text(text, ipvsctl_service_format(service, name));
}

static void add_server_name(struct text *text, const char *verb,
			    const struct ipvsctl_service *service,
			    const struct ipvsctl_server *server)
{
	char name[IPVSCTL_IDENTITY_TEXT];

	server_short_format(service, server, name);
	add_service_name(text, verb, service);
	text_add_text(text, " ");
	text_add_text(text, name);
}

void line_add_service(struct text *text, const struct ipvsctl_service *service)
{
	struct ipvsctl_service reference = service_default(service);

	add_service_name(text, "add", service);
	if (service_is_odd(service))
		text_add(text, " --unchecked");
	attribute_line(text, &service_attribute_table, service, &reference,
		       true);
}

void line_add_server(struct text *text, const struct ipvsctl_service *service,
		     const struct ipvsctl_server *server)
{
	struct ipvsctl_server reference = server_default(server);

	add_server_name(text, "add-server", service, server);
	if (server_is_odd(service, server))
		text_add_text(text, " --unchecked");
	attribute_line(text, &server_attribute_table, server, &reference, true);
}

API int ipvsctl_service_line(const struct ipvsctl_service *service,
			     char **ret_line, struct ipvsctl_error *err)
{
	AUTO_TEXT struct text text = { 0 };

	line_add_service(&text, service);
	return text_take(&text, ret_line) < 0 ? fail_memory(err) : 0;
}

API int ipvsctl_server_line(const struct ipvsctl_service *service,
			    const struct ipvsctl_server *server,
			    char **ret_line, struct ipvsctl_error *err)
{
	AUTO_TEXT struct text text = { 0 };

	line_add_server(&text, service, server);
	return text_take(&text, ret_line) < 0 ? fail_memory(err) : 0;
}

/* ---- Mark rules and sync daemons --------------------------------------- */

void line_add_sync(struct text *text, const struct ipvsctl_sync *sync)
{
	struct ipvsctl_sync reference = { .role = sync->role };

	text_add(text, "sync start %s", ipvsctl_sync_role_name(sync->role));
	attribute_line(text, &sync_attribute_table, sync, &reference, false);
}

static void add_vip_line(struct text *text, const char *verb,
			 const struct ipvsctl_vip *vip)
{
	const struct ipvsctl_vip reference = vip_default(vip);
	char name[IPVSCTL_IDENTITY_TEXT];

	text_add(text, "vip %s %s", verb, ipvsctl_vip_format(vip, name));
	attribute_line(text, &vip_attribute_table, vip, &reference, true);
}

void line_add_vip(struct text *text, const struct ipvsctl_vip *vip)
{
	add_vip_line(text, "add", vip);
}

API int ipvsctl_vip_line(const struct ipvsctl_vip *vip, char **ret_line,
			 struct ipvsctl_error *err)
{
	AUTO_TEXT struct text text = { 0 };

	line_add_vip(&text, vip);
	return text_take(&text, ret_line) < 0 ? fail_memory(err) : 0;
}

void line_add_timeouts(struct text *text,
		       const struct ipvsctl_timeouts *timeouts)
{
	text_add(text, "svc timeouts %u %u %u", timeouts->tcp,
		 timeouts->tcp_fin, timeouts->udp);
}

API int ipvsctl_sync_line(const struct ipvsctl_sync *sync, char **ret_line,
			  struct ipvsctl_error *err)
{
	AUTO_TEXT struct text text = { 0 };

	line_add_sync(&text, sync);
	return text_take(&text, ret_line) < 0 ? fail_memory(err) : 0;
}

/* ---- Steps ------------------------------------------------------------- */

static void service_step(struct text *text, const struct ipvsctl_step *step)
{
	switch (step->action) {
	case IPVSCTL_ADD:
		line_add_service(text, step->after);
		break;
	case IPVSCTL_CHANGE:
		add_service_name(text, "change", step->after);
		if (service_is_odd(step->after))
			text_add(text, " --unchecked");
		attribute_line(text, &service_attribute_table, step->after,
			       step->before, false);
		break;
	case IPVSCTL_DELETE:
		if (step->before)
			add_service_name(text, "delete", step->before);
		else
			text_add_text(text, "svc flush");
		break;
	case IPVSCTL_ZERO:
		if (step->service)
			add_service_name(text, "zero", step->service);
		else
			text_add_text(text, "svc zero");
		break;
	case IPVSCTL_MOVE:
		break;
	}
}

/* Writes a change of holds alone; the reason "admin" is the default. */
static void hold_step(struct text *text, const struct ipvsctl_step *step)
{
	const struct hold *before =
		hold_table_find(&step->plan->from->holds, step->service,
				step->before);
	const struct hold *after = hold_table_find(&step->plan->to->holds,
						   step->service, step->after);
	/* Of several changes, the one that decides the weight is written. */
	const bool raised = ipvsctl_server_effective_weight(step->after) >
			    ipvsctl_server_effective_weight(step->before);
	const char *dropped = hold_extra_reason(before, after);
	const char *reason =
		raised && dropped ? NULL : hold_new_reason(after, before);
	const char *verb = reason ? "drain" : "undrain";

	if (!reason)
		reason = dropped;
	add_server_name(text, verb, step->service, step->after);
	if (reason && strcmp(reason, "admin") != 0)
		text_add(text, " --reason %.*s", (int)strcspn(reason, "@"),
			 reason);
}

static void server_step(struct text *text, const struct ipvsctl_step *step)
{
	switch (step->action) {
	case IPVSCTL_ADD:
		line_add_server(text, step->service, step->after);
		break;
	case IPVSCTL_CHANGE:
		if (server_equal(step->before, step->after)) {
			hold_step(text, step);
			break;
		}
		add_server_name(text, "change-server", step->service,
				step->after);
		if (server_is_odd(step->service, step->after))
			text_add(text, " --unchecked");
		attribute_line(text, &server_attribute_table, step->after,
			       step->before, false);
		break;
	case IPVSCTL_DELETE:
		add_server_name(text, "delete-server", step->service,
				step->before);
		break;
	case IPVSCTL_ZERO:
	case IPVSCTL_MOVE:
		break;
	}
}

static void mark_step(struct text *text, const struct ipvsctl_step *step)
{
	switch (step->action) {
	case IPVSCTL_ADD:
		mark_add_line(text, "add", step->after);
		break;
	case IPVSCTL_CHANGE:
		mark_add_line(text, "replace", step->after);
		break;
	case IPVSCTL_DELETE:
		mark_add_line(text, "delete", step->before);
		break;
	case IPVSCTL_ZERO:
		text_add_text(text, "mark zero");
		break;
	case IPVSCTL_MOVE:
		text_add(text, "mark convert %s",
			 ipvsctl_backend_name(step->plan->to->backend));
		break;
	}
}

static void sync_step(struct text *text, const struct ipvsctl_step *step)
{
	const struct ipvsctl_sync *before = step->before;

	if (step->after)
		line_add_sync(text, step->after);
	else if (before)
		text_add(text, "sync stop %s",
			 ipvsctl_sync_role_name(before->role));
}

/* Writes that a VIP is withdrawn, for which reasons, or comes back; or that it
   stays for servers that are leaving, or for good. */
static bool held_vip_step(struct text *text, const struct ipvsctl_step *step)
{
	const struct ipvsctl_vip *before = step->before, *after = step->after;
	char name[IPVSCTL_IDENTITY_TEXT];

	if (!before || !after)
		return false;
	(void)ipvsctl_vip_format(after, name);
	if (strcmp(before->withdrawn, after->withdrawn) != 0) {
		text_add(text, "vip %s %s",
			 after->withdrawn[0] ? "withdraw" : "return", name);
		if (after->withdrawn[0])
			text_add(text, " --reason %s", after->withdrawn);
		return true;
	}
	if (before->leaving == after->leaving)
		return false;
	text_add(text, "vip %s %s --reason " LEAVING,
		 after->leaving ? "drain" : "undrain", name);
	return true;
}

static void vip_step(struct text *text, const struct ipvsctl_step *step)
{
	const struct ipvsctl_vip *before = step->before;
	char name[IPVSCTL_IDENTITY_TEXT];

	if (held_vip_step(text, step))
		return;
	if (step->after) {
		add_vip_line(text, before ? "replace" : "add", step->after);
		return;
	}
	text_add(text, "vip delete %s", ipvsctl_vip_format(before, name));
	if (before->mark)
		text_add(text, " --mark %u", before->mark);
}

static void timeouts_step(struct text *text, const struct ipvsctl_step *step)
{
	line_add_timeouts(text, step->after);
}

API int ipvsctl_step_format(const struct ipvsctl_step *step, char **ret_line,
			    struct ipvsctl_error *err)
{
	static void (*const formats[])(struct text *,
				       const struct ipvsctl_step *) = {
		[IPVSCTL_OBJECT_SERVICE] = service_step,
		[IPVSCTL_OBJECT_SERVER] = server_step,
		[IPVSCTL_OBJECT_MARK] = mark_step,
		[IPVSCTL_OBJECT_SYNC] = sync_step,
		[IPVSCTL_OBJECT_TIMEOUTS] = timeouts_step,
		[IPVSCTL_OBJECT_VIP] = vip_step,
	};
	AUTO_TEXT struct text text = { 0 };

	formats[step->object](&text, step);
	return text_take(&text, ret_line) < 0 ? fail_memory(err) : 0;
}
