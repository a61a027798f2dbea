/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The configuration in a document of facts: the library's JSON, with what the
   kernel and the holds add to it. */
#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "doctor/facts/fields.h"
#include "fail.h"

/* Returns the kinds that are known. */
static unsigned int known_kinds(const struct facts *facts)
{
	unsigned int kinds = 0;

	for (int fact = 0; fact < FACTS; fact++)
		if (facts->known[fact])
			kinds |= fact_shapes[fact].kinds;
	return kinds;
}

int facts_config_format(const struct facts *facts, json_t **ret_object,
			struct ipvsctl_error *err)
{
	AUTO_FREE char *text = NULL;
	json_t *object;
	int r;

	if (!facts->config) {
		*ret_object = json_null();
		return 0;
	}
	r = ipvsctl_ruleset_format(facts->config, known_kinds(facts),
				   IPVSCTL_FORMAT_JSON | IPVSCTL_FORMAT_RUNTIME,
				   &text, err);
	if (r < 0)
		return r;
	object = json_loads(text, 0, NULL);
	if (!object)
		return fail_memory(err);
	*ret_object = object;
	return 0;
}

/* ---- What the kernel and the holds add ------------------------------------ */

static uint32_t number_of(const json_t *object, const char *key)
{
	const json_int_t number =
		json_integer_value(json_object_get(object, key));

	return number < 0 || number > UINT32_MAX ? 0 : (uint32_t)number;
}

static int take_holds(const json_t *runtime, struct ipvsctl_config *config,
		      const struct ipvsctl_service *service,
		      const struct ipvsctl_server *server)
{
	const json_t *held = json_object_get(runtime, "held");
	const bool removed = json_is_true(json_object_get(runtime, "removed"));
	int r = 0;

	for (size_t i = 0; r == 0 && i < json_array_size(held); i++) {
		const char *reason = json_string_value(json_array_get(held, i));

		if (!reason)
			continue;
		r = removed ?
			    ipvsctl_config_remove_server(config, service,
							 server, reason, NULL) :
			    ipvsctl_config_hold(config, service, server, reason,
						NULL);
		/* Not a reason: the document is of somebody else's making. */
		if (r == -EINVAL)
			r = 0;
	}
	return r;
}

static int take_server(const json_t *object, struct ipvsctl_config *config,
		       const struct ipvsctl_service *service)
{
	const char *name = json_string_value(json_object_get(object, "server"));
	const json_t *runtime = json_object_get(object, "runtime");
	const json_t *counters = json_object_get(runtime, "counters");
	const struct ipvsctl_server *found;
	struct ipvsctl_server server;
	int r;

	if (!name || !runtime ||
	    ipvsctl_server_parse(name, service, &server, NULL) < 0)
		return 0;
	found = ipvsctl_config_find_server(config, service, &server);
	if (!found)
		return 0;
	server = *found;
	server.active_connections = number_of(runtime, "active_connections");
	server.inactive_connections =
		number_of(runtime, "inactive_connections");
	server.counters.connections = number_of(counters, "connections");
	server.counters.in_packets = number_of(counters, "in_packets");
	server.counters.out_packets = number_of(counters, "out_packets");
	r = ipvsctl_config_change_server(config, service, &server, NULL);
	return r < 0 ? r : take_holds(runtime, config, service, &server);
}

static int take_runtime(const json_t *services, struct ipvsctl_config *config)
{
	int r = 0;

	for (size_t i = 0; i < json_array_size(services); i++) {
		const json_t *object = json_array_get(services, i);
		const json_t *servers = json_object_get(object, "servers");
		const char *name =
			json_string_value(json_object_get(object, "service"));
		struct ipvsctl_service service;

		if (!name || ipvsctl_service_parse(name, &service, NULL) < 0)
			continue;
		for (size_t j = 0; r == 0 && j < json_array_size(servers); j++)
			r = take_server(json_array_get(servers, j), config,
					&service);
	}
	return r;
}

static int take_withdrawn(const json_t *vips, struct ipvsctl_config *config)
{
	int r = 0;

	for (size_t i = 0; r != -ENOMEM && i < json_array_size(vips); i++) {
		const json_t *object = json_array_get(vips, i);
		const char *name =
			json_string_value(json_object_get(object, "vip"));
		const json_t *reasons =
			json_object_get(json_object_get(object, "runtime"),
					"withdrawn");

		for (size_t j = 0;
		     name && r != -ENOMEM && j < json_array_size(reasons);
		     j++) {
			const char *reason =
				json_string_value(json_array_get(reasons, j));
			struct ipvsctl_vip vip;

			/* Not a reason, or of no VIP: see take_holds(). */
			if (reason && ipvsctl_vip_parse(name, &vip, NULL) == 0)
				r = ipvsctl_config_withdraw_vip(config, &vip,
								reason, NULL);
		}
	}
	return r == -ENOMEM ? r : 0;
}

/* ---- Reading -------------------------------------------------------------- */

static int run_text(const char *text, struct ipvsctl_config **ret_config,
		    struct ipvsctl_error *err)
{
	AUTO_RULESET struct ipvsctl_ruleset *ruleset = NULL;
	AUTO_CONFIG struct ipvsctl_config *nothing = NULL;
	int r = ipvsctl_ruleset_new(&ruleset, err);

	if (r == 0)
		r = ipvsctl_config_new(&nothing, err);
	if (r == 0)
		r = ipvsctl_ruleset_add(ruleset, "config", text, strlen(text),
					err);
	if (r == 0)
		r = ipvsctl_ruleset_run(ruleset, nothing, ret_config, err);
	return r;
}

int facts_config_parse(json_t *object, struct facts *facts,
		       struct ipvsctl_error *err)
{
	AUTO_FREE char *text = NULL;
	int r;

	if (!json_is_object(object))
		return 0;
	text = json_dumps(object, 0);
	if (!text)
		return fail_memory(err);
	r = run_text(text, &facts->config, err);
	if (r < 0)
		return r == -ENOMEM ? r : fail_about(err, -EINVAL, "config");
	for (int fact = 0; fact < FACTS; fact++) {
		const json_t *part =
			json_object_get(object, fact_shapes[fact].key);

		facts->known[fact] =
			fact_shapes[fact].kinds && json_is_array(part);
	}
	r = take_runtime(json_object_get(object, "services"), facts->config);
	if (r == 0)
		r = take_withdrawn(json_object_get(object, "vips"),
				   facts->config);
	return r < 0 ? fail_memory(err) : 0;
}
