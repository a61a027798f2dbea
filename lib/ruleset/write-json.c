/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * A configuration as a JSON document: the attributes of lines as members, and
 * under "runtime" what the kernel and lbctl know beyond them.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "clean.h"
#include "fail.h"
#include "model/leaving.h"
#include "model/object.h"
#include "ruleset/json-text.h"
#include "ruleset/json.h"
#include "ruleset/ruleset.h"

/* What to write of which configuration. */
struct writer {
	struct json_text json;
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

static void open_object(struct writer *writer, const char *key)
{
	json_text_open(&writer->json, key, '{');
}

static void close_object(struct writer *writer)
{
	json_text_close(&writer->json, '}');
}

static void open_array(struct writer *writer, const char *key)
{
	json_text_open(&writer->json, key, '[');
}

static void close_array(struct writer *writer)
{
	json_text_close(&writer->json, ']');
}

static void put_word(struct writer *writer, const char *key, const char *word)
{
	json_text_word(&writer->json, key, word);
}

static void put_number(struct writer *writer, const char *key, uint64_t number)
{
	json_text_number(&writer->json, key, (int64_t)number);
}

/* Each byte that is not UTF-8 becomes U+FFFD. */
static void put_text(struct writer *writer, const char *key, const char *text)
{
	AUTO_FREE char *cleaned = NULL;

	if (!clean_is_utf8(text)) {
		const size_t size = CLEAN_SIZE(strlen(text));

		writer->lossy = true;
		cleaned = malloc(size);
		if (!cleaned) {
			writer->json.text.failed = true;
			return;
		}
		(void)clean_utf8(text, cleaned, size);
	}
	json_text_string(&writer->json, key, cleaned ? cleaned : text);
}

struct members {
	const struct attribute_table *table;
	struct writer *writer;
};

/* Each attribute has one type, whatever its value. */
static void put_attribute(const struct ipvsctl_attribute *attribute,
			  const char *value, void *data)
{
	const struct members *members = data;
	char key[JSON_KEY_SIZE];

	(void)json_key(attribute->name, key);
	if (!attribute->value)
		put_word(members->writer, key, "true");
	else if (attribute_is_number(members->table, attribute))
		json_text_number(&members->writer->json, key,
				 strtoll(value, NULL, 10));
	else
		put_text(members->writer, key, value);
}

/* Writes the attributes that a line would have. */
static void put_attributes(struct writer *writer,
			   const struct attribute_table *table, const void *of,
			   const void *reference)
{
	const struct attribute_view view = { table, of, reference, true };
	struct members members = { table, writer };

	attribute_each(&view, put_attribute, &members);
}

/* ---- What the kernel knows --------------------------------------------- */

#define COUNTER(name)                                           \
	{                                                       \
#name, offsetof(struct ipvsctl_counters, name), \
	}

static void put_counters(struct writer *writer,
			 const struct ipvsctl_counters *counters)
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

	open_object(writer, "counters");
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		uint64_t number;

		(void)memcpy(&number,
			     (const char *)counters + members[i].offset,
			     sizeof(number));
		put_number(writer, members[i].key, number);
	}
	close_object(writer);
}

static void put_reasons(struct writer *writer,
			const struct ipvsctl_service *service,
			const struct ipvsctl_server *server)
{
	struct ipvsctl_leaving leaving;
	const char *reason = NULL;

	open_array(writer, "held");
	while (server->held &&
	       (reason = ipvsctl_config_next_reason(writer->config, service,
						    server, reason)))
		put_text(writer, NULL,
			 leaving_parse(reason, &leaving) ? LEAVING : reason);
	close_array(writer);
	if (!ipvsctl_config_get_leaving(writer->config, service, server,
					&leaving))
		return;
	open_object(writer, LEAVING);
	put_number(writer, "since", leaving.since);
	put_number(writer, "seconds", leaving.seconds);
	close_object(writer);
}

static void put_server_runtime(struct writer *writer,
			       const struct ipvsctl_service *service,
			       const struct ipvsctl_server *server)
{
	char address[IPVSCTL_ADDRESS_TEXT];

	open_object(writer, JSON_RUNTIME);
	put_text(writer, "address",
		 ipvsctl_address_format(&server->address, address));
	put_number(writer, "port", server->port);
	put_number(writer, "effective_weight",
		   ipvsctl_server_effective_weight(server));
	put_reasons(writer, service, server);
	put_word(writer, "removed", server->removed ? "true" : "false");
	put_number(writer, "active_connections", server->active_connections);
	put_number(writer, "inactive_connections", server->inactive_connections);
	put_number(writer, "persistent_connections",
		   server->persistent_connections);
	put_counters(writer, &server->counters);
	close_object(writer);
}

static void put_family(struct writer *writer, uint16_t family)
{
	if (family == AF_UNSPEC)
		put_word(writer, "family", "null");
	else
		put_number(writer, "family", family == AF_INET6 ? 6 : 4);
}

static void put_service_runtime(struct writer *writer,
				const struct ipvsctl_service *service)
{
	char address[IPVSCTL_ADDRESS_TEXT];

	open_object(writer, JSON_RUNTIME);
	put_text(writer, "protocol",
		 ipvsctl_protocol_name(service->fwmark ? 0 : service->protocol));
	put_family(writer, service->address.family);
	if (service->fwmark) {
		put_number(writer, "fwmark", service->fwmark);
	} else {
		put_text(writer, "address",
			 ipvsctl_address_format(&service->address, address));
		put_number(writer, "port", service->port);
	}
	put_counters(writer, &service->counters);
	close_object(writer);
}

static void put_mark_runtime(struct writer *writer,
			     const struct ipvsctl_mark *rule)
{
	open_object(writer, JSON_RUNTIME);
	put_family(writer, rule->family);
	put_number(writer, "packets", rule->packets);
	put_number(writer, "bytes", rule->bytes);
	close_object(writer);
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

static void put_server(struct writer *writer,
		       const struct ipvsctl_service *service,
		       const struct ipvsctl_server *server)
{
	struct ipvsctl_server reference = server_default(server);
	char text[IPVSCTL_IDENTITY_TEXT];

	open_object(writer, NULL);
	put_text(writer, "server", server_name(service, server, text));
	/* This comes before the attributes that it affects. */
	if (server_is_odd(service, server))
		put_word(writer, "unchecked", "true");
	put_attributes(writer, &server_attribute_table, server, &reference);
	if (writer->runtime)
		put_server_runtime(writer, service, server);
	close_object(writer);
}

static void put_service(struct writer *writer,
			const struct ipvsctl_service *service)
{
	struct ipvsctl_service reference = service_default(service);
	char text[IPVSCTL_IDENTITY_TEXT];

	open_object(writer, NULL);
	put_text(writer, "service", ipvsctl_service_format(service, text));
	if (service_is_odd(service))
		put_word(writer, "unchecked", "true");
	put_attributes(writer, &service_attribute_table, service, &reference);
	if (writer->runtime)
		put_service_runtime(writer, service);
	open_array(writer, "servers");
	ipvsctl_for_each_server(writer->config, service, server)
		put_server(writer, service, server);
	close_array(writer);
	close_object(writer);
}

static void put_services(struct writer *writer, const char *key)
{
	open_array(writer, key);
	ipvsctl_for_each_service(writer->config, service)
		put_service(writer, service);
	close_array(writer);
}

static void put_mark(struct writer *writer, const struct ipvsctl_mark *rule)
{
	struct ipvsctl_mark reference;

	ipvsctl_mark_init(&reference, rule->exclude);
	open_object(writer, NULL);
	if (rule->exclude)
		put_word(writer, "exclude", "true");
	else
		put_number(writer, "mark", rule->mark);
	put_attributes(writer, &mark_attribute_table, rule, &reference);
	if (rule->extra)
		put_text(writer, "extra", rule->extra);
	if (writer->runtime)
		put_mark_runtime(writer, rule);
	close_object(writer);
}

static void put_marks(struct writer *writer, const char *key)
{
	open_array(writer, key);
	ipvsctl_for_each_mark(writer->config, rule)
		put_mark(writer, rule);
	close_array(writer);
}

/* Only a VIP that is withdrawn or leaving has more than its attributes. */
static void put_vip_runtime(struct writer *writer, const struct ipvsctl_vip *vip)
{
	char reasons[sizeof(vip->withdrawn)], *rest = NULL;

	(void)snprintf(reasons, sizeof(reasons), "%s", vip->withdrawn);
	open_object(writer, JSON_RUNTIME);
	open_array(writer, "withdrawn");
	for (char *reason = strtok_r(reasons, ",", &rest); reason;
	     reason = strtok_r(NULL, ",", &rest))
		put_text(writer, NULL, reason);
	close_array(writer);
	if (vip->leaving)
		json_text_word(&writer->json, LEAVING, "true");
	close_object(writer);
}

static void put_vips(struct writer *writer, const char *key)
{
	open_array(writer, key);
	ipvsctl_for_each_vip(writer->config, vip) {
		const struct ipvsctl_vip reference = vip_default(vip);
		char text[IPVSCTL_IDENTITY_TEXT];

		open_object(writer, NULL);
		put_text(writer, "vip", ipvsctl_vip_format(vip, text));
		put_attributes(writer, &vip_attribute_table, vip, &reference);
		if (writer->runtime && (vip->withdrawn[0] || vip->leaving))
			put_vip_runtime(writer, vip);
		close_object(writer);
	}
	close_array(writer);
}

static void put_syncs(struct writer *writer, const char *key)
{
	open_array(writer, key);
	for (enum ipvsctl_sync_role role = IPVSCTL_SYNC_MASTER;
	     role <= IPVSCTL_SYNC_BACKUP; role++) {
		const struct ipvsctl_sync *sync =
			ipvsctl_config_get_sync(writer->config, role);
		struct ipvsctl_sync reference = { .role = (uint16_t)role };

		if (!sync)
			continue;
		open_object(writer, NULL);
		put_text(writer, "role", ipvsctl_sync_role_name(role));
		put_attributes(writer, &sync_attribute_table, sync, &reference);
		close_object(writer);
	}
	close_array(writer);
}

static void put_timeouts(struct writer *writer, const char *key)
{
	const struct ipvsctl_timeouts *timeouts =
		ipvsctl_config_get_timeouts(writer->config);

	if (!timeouts) {
		put_word(writer, key, "null");
		return;
	}
	open_object(writer, key);
	put_number(writer, "tcp", timeouts->tcp);
	put_number(writer, "tcp_fin", timeouts->tcp_fin);
	put_number(writer, "udp", timeouts->udp);
	close_object(writer);
}

const struct json_part json_parts[] = {
	{ "timeouts", IPVSCTL_TIMEOUTS, put_timeouts },
	{ "services", IPVSCTL_SERVICES, put_services },
	{ "marks", IPVSCTL_MARKS, put_marks },
	{ "vips", IPVSCTL_VIPS, put_vips },
	{ "daemons", IPVSCTL_SYNC, put_syncs },
	{ 0 },
};

/* ---- The document ------------------------------------------------------ */

static void put_part(struct writer *writer, const struct json_part *part)
{
	if (writer->config->kinds & part->kind)
		part->write(writer, part->key);
	else
		put_word(writer, part->key, "null");
}

static void put_document(struct writer *writer, unsigned int kinds,
			 unsigned int format)
{
	const struct ipvsctl_config *config = writer->config;

	open_object(writer, NULL);
	put_number(writer, "version", JSON_VERSION);
	if (format & IPVSCTL_FORMAT_PARTIAL)
		put_word(writer, "partial", "true");
	for (const struct json_part *part = json_parts; part->key; part++)
		if (kinds & part->kind)
			put_part(writer, part);
	if (kinds & IPVSCTL_MARKS && config->backend &&
	    (writer->runtime || config->backend_stated))
		put_text(writer, JSON_BACKEND,
			 ipvsctl_backend_name(config->backend));
	if (writer->runtime && (kinds & IPVSCTL_SERVICES)) {
		open_object(writer, JSON_RUNTIME);
		put_number(writer, "waiting_holds",
			   ipvsctl_config_count_waiting(config));
		close_object(writer);
	}
	if (writer->lossy)
		put_word(writer, "lossy", "true");
	close_object(writer);
	text_add_text(&writer->json.text, "\n");
}

int ruleset_format_json(const struct ipvsctl_config *config, unsigned int kinds,
			unsigned int format, char **ret_text)
{
	struct writer writer = {
		.config = config,
		.runtime = format & IPVSCTL_FORMAT_RUNTIME,
	};
	int r;

	put_document(&writer, kinds, format);
	r = writer.lossy && !writer.runtime ?
		    -EINVAL :
		    text_take(&writer.json.text, ret_text);
	text_free(&writer.json.text);
	return r;
}
