/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * A configuration as a JSON document: the attributes of lines as members, and
 * under "runtime" what the kernel and lbctl know beyond them.
 */
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "clean.h"
#include "fail.h"
#include "model/object.h"
#include "ruleset/json.h"
#include "ruleset/ruleset.h"
#include "text.h"

/* What to write of which configuration. */
struct writer {
	const struct ipvsctl_config *config;
	bool runtime;
	bool lossy; /* a text was not UTF-8 */
};

const char *json_key(const char *name, char key[JSON_KEY_SIZE])
{
	size_t i = 0;

	for (; i < JSON_KEY_SIZE - 1 && name[i]; i++)
		key[i] = (char)(name[i] == '-' ? '_' : name[i]);
	key[i] = '\0';
	return key;
}

/* ---- Members ----------------------------------------------------------- */

/*
 * Adds a member and takes over value. Drops *object if memory runs out, which
 * the packing functions of jansson 2.14 do not notice.
 */
static void add(json_t **object, const char *key, json_t *value)
{
	if (*object && json_object_set_new(*object, key, value) == 0)
		return;
	if (!*object)
		json_decref(value);
	json_decref(TAKE_PTR(*object));
}

static void add_text(json_t **object, const char *key, const char *text)
{
	add(object, key, json_string(text));
}

static void add_number(json_t **object, const char *key, uint64_t number)
{
	add(object, key, json_integer((json_int_t)number));
}

static void append(json_t **array, json_t *value)
{
	if (*array && json_array_append_new(*array, value) == 0)
		return;
	if (!*array)
		json_decref(value);
	json_decref(TAKE_PTR(*array));
}

/* Makes a string; each byte that is not UTF-8 becomes U+FFFD. */
static json_t *text_json(struct writer *writer, const char *text)
{
	const size_t size = CLEAN_SIZE(strlen(text));
	AUTO_FREE char *cleaned = NULL;

	if (clean_is_utf8(text))
		return json_string(text);
	writer->lossy = true;
	cleaned = malloc(size);
	if (!cleaned)
		return NULL;
	(void)clean_utf8(text, cleaned, size);
	return json_string(cleaned);
}

struct members {
	const struct attribute_table *table;
	struct writer *writer;
	json_t **object;
};

/* Each attribute has one type, whatever its value. */
static void add_attribute(const struct ipvsctl_attribute *attribute,
			  const char *value, void *data)
{
	const struct members *members = data;
	char key[JSON_KEY_SIZE];

	add(members->object, json_key(attribute->name, key),
	    !attribute->value ? json_true() :
	    attribute_is_number(members->table, attribute) ?
				json_integer(strtoll(value, NULL, 10)) :
				text_json(members->writer, value));
}

/* Adds the attributes that a line would have. */
static void add_attributes(struct writer *writer, json_t **object,
			   const struct attribute_table *table, const void *of,
			   const void *reference)
{
	const struct attribute_view view = { table, of, reference, true };
	struct members members = { table, writer, object };

	attribute_each(&view, add_attribute, &members);
}

/* ---- What the kernel knows --------------------------------------------- */

#define COUNTER(name)                                           \
	{                                                       \
#name, offsetof(struct ipvsctl_counters, name), \
	}

static json_t *counters_json(const struct ipvsctl_counters *counters)
{
	static const struct {
		const char *key;
		size_t offset;
	} members[] = {
		COUNTER(connections),
		COUNTER(in_packets),
		COUNTER(out_packets),
		COUNTER(in_bytes),
		COUNTER(out_bytes),
		COUNTER(connections_per_second),
		COUNTER(in_packets_per_second),
		COUNTER(out_packets_per_second),
		COUNTER(in_bytes_per_second),
		COUNTER(out_bytes_per_second),
	};
	json_t *object = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		uint64_t number;

		(void)memcpy(&number,
			     (const char *)counters + members[i].offset,
			     sizeof(number));
		add_number(&object, members[i].key, number);
	}
	return object;
}

static json_t *reasons_json(const struct ipvsctl_config *config,
			    const struct ipvsctl_service *service,
			    const struct ipvsctl_server *server)
{
	json_t *array = json_array();
	const char *reason = NULL;

	while (server->held &&
	       (reason = ipvsctl_config_next_reason(config, service, server,
						    reason)))
		append(&array, json_string(reason));
	return array;
}

static json_t *server_runtime(const struct ipvsctl_config *config,
			      const struct ipvsctl_service *service,
			      const struct ipvsctl_server *server)
{
	char address[IPVSCTL_ADDRESS_TEXT];
	json_t *object = json_object();

	add_text(&object, "address",
		 ipvsctl_address_format(&server->address, address));
	add_number(&object, "port", server->port);
	add_number(&object, "effective_weight",
		   ipvsctl_server_effective_weight(server));
	add(&object, "held", reasons_json(config, service, server));
	add(&object, "removed", json_boolean(server->removed));
	add_number(&object, "active_connections", server->active_connections);
	add_number(&object, "inactive_connections",
		   server->inactive_connections);
	add_number(&object, "persistent_connections",
		   server->persistent_connections);
	add(&object, "counters", counters_json(&server->counters));
	return object;
}

static json_t *family_json(uint16_t family)
{
	return family == AF_UNSPEC ? json_null() :
				     json_integer(family == AF_INET6 ? 6 : 4);
}

static json_t *service_runtime(const struct ipvsctl_service *service)
{
	char address[IPVSCTL_ADDRESS_TEXT];
	json_t *object = json_object();

	add_text(&object, "protocol",
		 ipvsctl_protocol_name(service->fwmark ? 0 : service->protocol));
	add(&object, "family", family_json(service->address.family));
	if (service->fwmark) {
		add_number(&object, "fwmark", service->fwmark);
	} else {
		add_text(&object, "address",
			 ipvsctl_address_format(&service->address, address));
		add_number(&object, "port", service->port);
	}
	add(&object, "counters", counters_json(&service->counters));
	return object;
}

static json_t *mark_runtime(const struct ipvsctl_mark *rule)
{
	json_t *object = json_object();

	add(&object, "family", family_json(rule->family));
	add_number(&object, "packets", rule->packets);
	add_number(&object, "bytes", rule->bytes);
	return object;
}

/* ---- Objects ----------------------------------------------------------- */

/* Writes the port, unless it and the service's port are 0. */
static const char *server_name(const struct ipvsctl_service *service,
			       const struct ipvsctl_server *server,
			       char text[IPVSCTL_IDENTITY_TEXT])
{
	if (server->port)
		return ipvsctl_server_format(server, text);
	server_short_format(service, server, text);
	return text;
}

static json_t *server_json(struct writer *writer,
			   const struct ipvsctl_service *service,
			   const struct ipvsctl_server *server)
{
	struct ipvsctl_server reference = server_default(server);
	json_t *object = json_object();
	char text[IPVSCTL_IDENTITY_TEXT];

	add_text(&object, "server", server_name(service, server, text));
	/* This comes before the attributes that it affects. */
	if (server_is_odd(service, server))
		add(&object, "unchecked", json_true());
	add_attributes(writer, &object, &server_attribute_table, server,
		       &reference);
	if (writer->runtime)
		add(&object, JSON_RUNTIME,
		    server_runtime(writer->config, service, server));
	return object;
}

static json_t *service_json(struct writer *writer,
			    const struct ipvsctl_service *service)
{
	struct ipvsctl_service reference = service_default(service);
	json_t *object = json_object();
	json_t *servers = json_array();
	char text[IPVSCTL_IDENTITY_TEXT];

	add_text(&object, "service", ipvsctl_service_format(service, text));
	if (service_is_odd(service))
		add(&object, "unchecked", json_true());
	add_attributes(writer, &object, &service_attribute_table, service,
		       &reference);
	if (writer->runtime)
		add(&object, JSON_RUNTIME, service_runtime(service));
	ipvsctl_for_each_server(writer->config, service, server)
		append(&servers, server_json(writer, service, server));
	add(&object, "servers", servers);
	return object;
}

static json_t *services_json(struct writer *writer)
{
	json_t *array = json_array();

	ipvsctl_for_each_service(writer->config, service)
		append(&array, service_json(writer, service));
	return array;
}

static json_t *mark_json(struct writer *writer, const struct ipvsctl_mark *rule)
{
	struct ipvsctl_mark reference;
	json_t *object = json_object();

	ipvsctl_mark_init(&reference, rule->exclude);
	if (rule->exclude)
		add(&object, "exclude", json_true());
	else
		add_number(&object, "mark", rule->mark);
	add_attributes(writer, &object, &mark_attribute_table, rule, &reference);
	if (rule->extra)
		add(&object, "extra", text_json(writer, rule->extra));
	if (writer->runtime)
		add(&object, JSON_RUNTIME, mark_runtime(rule));
	return object;
}

static json_t *marks_json(struct writer *writer)
{
	json_t *array = json_array();

	ipvsctl_for_each_mark(writer->config, rule)
		append(&array, mark_json(writer, rule));
	return array;
}

static json_t *vips_json(struct writer *writer)
{
	json_t *array = json_array();

	ipvsctl_for_each_vip(writer->config, vip) {
		const struct ipvsctl_vip reference = vip_default(vip);
		json_t *object = json_object();
		char text[IPVSCTL_IDENTITY_TEXT];

		add_text(&object, "vip", ipvsctl_vip_format(vip, text));
		add_attributes(writer, &object, &vip_attribute_table, vip,
			       &reference);
		append(&array, object);
	}
	return array;
}

static json_t *syncs_json(struct writer *writer)
{
	json_t *array = json_array();

	for (enum ipvsctl_sync_role role = IPVSCTL_SYNC_MASTER;
	     role <= IPVSCTL_SYNC_BACKUP; role++) {
		const struct ipvsctl_sync *sync =
			ipvsctl_config_get_sync(writer->config, role);
		struct ipvsctl_sync reference = { .role = (uint16_t)role };
		json_t *object;

		if (!sync)
			continue;
		object = json_object();
		add_text(&object, "role", ipvsctl_sync_role_name(role));
		add_attributes(writer, &object, &sync_attribute_table, sync,
			       &reference);
		append(&array, object);
	}
	return array;
}

static json_t *timeouts_json(struct writer *writer)
{
	const struct ipvsctl_timeouts *timeouts =
		ipvsctl_config_get_timeouts(writer->config);
	json_t *object;

	if (!timeouts)
		return json_null();
	object = json_object();
	add_number(&object, "tcp", timeouts->tcp);
	add_number(&object, "tcp_fin", timeouts->tcp_fin);
	add_number(&object, "udp", timeouts->udp);
	return object;
}

const struct json_part json_parts[] = {
	{ "timeouts", IPVSCTL_TIMEOUTS, timeouts_json },
	{ "services", IPVSCTL_SERVICES, services_json },
	{ "marks", IPVSCTL_MARKS, marks_json },
	{ "vips", IPVSCTL_VIPS, vips_json },
	{ "daemons", IPVSCTL_SYNC, syncs_json },
	{ 0 },
};

/* ---- The document ------------------------------------------------------ */

static int add_part(const char *part, size_t size, void *data)
{
	struct text *text = data;

	text_add_bytes(text, part, size);
	return text->failed ? -1 : 0;
}

static json_t *whole_runtime(const struct ipvsctl_config *config)
{
	json_t *object = json_object();

	add_number(&object, "waiting_holds",
		   ipvsctl_config_count_waiting(config));
	return object;
}

int ruleset_format_json(const struct ipvsctl_config *config, unsigned int kinds,
			unsigned int format, char **ret_text)
{
	struct writer writer = {
		.config = config,
		.runtime = format & IPVSCTL_FORMAT_RUNTIME,
	};
	AUTO_JSON json_t *document = json_object();
	AUTO_TEXT struct text text = { 0 };

	add_number(&document, "version", JSON_VERSION);
	if (format & IPVSCTL_FORMAT_PARTIAL)
		add(&document, "partial", json_true());
	for (const struct json_part *part = json_parts; part->key; part++)
		if (kinds & part->kind)
			add(&document, part->key,
			    config->kinds & part->kind ? part->write(&writer) :
							 json_null());
	if (kinds & IPVSCTL_MARKS && config->backend &&
	    (writer.runtime || config->backend_stated))
		add_text(&document, JSON_BACKEND,
			 ipvsctl_backend_name(config->backend));
	if (writer.runtime && (kinds & IPVSCTL_SERVICES))
		add(&document, JSON_RUNTIME, whole_runtime(config));
	if (writer.lossy)
		add(&document, "lossy", json_true());
	if (document && writer.lossy && !writer.runtime)
		return -EINVAL;
	/* jansson 2.14 goes on after a key that it could not write. */
	if (!document ||
	    json_dump_callback(document, add_part, &text, JSON_INDENT(2)) < 0)
		return -ENOMEM;
	text_add_text(&text, "\n");
	return text_take(&text, ret_text);
}
