/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A configuration as a JSON document: the attributes of lines as members. */
#include <string.h>

#include "clean.h"
#include "model/error.h"
#include "model/object.h"
#include "ruleset/json.h"
#include "ruleset/ruleset.h"
#include "text.h"

const struct json_part json_parts[] = {
	{ "timeouts", IPVSCTL_TIMEOUTS },
	{ "services", IPVSCTL_SERVICES },
	{ "marks", IPVSCTL_MARKS },
	{ "daemons", IPVSCTL_SYNC },
	{ NULL, 0 },
};

const char *json_key(const char *name, char key[JSON_KEY_SIZE])
{
	size_t i = 0;

	for (; i < JSON_KEY_SIZE - 1 && name[i]; i++)
		key[i] = (char)(name[i] == '-' ? '_' : name[i]);
	key[i] = '\0';
	return key;
}

/* Each attribute has one type, whatever its value. */
static bool is_number(const struct ipvsctl_attribute *attribute)
{
	static const char *const numbers[] = { "NUMBER", "SECONDS", "PORT",
					       "BYTES" };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (strcmp(attribute->value, numbers[i]) == 0)
			return true;
	return false;
}

static json_t *value_json(const struct ipvsctl_attribute *attribute,
			  const char *value)
{
	if (!attribute->value)
		return json_true();
	if (is_number(attribute))
		return json_integer(strtoll(value, NULL, 10));
	return json_string(value);
}

struct member {
	json_t *object;
	bool failed;
};

static void add_attribute(const struct ipvsctl_attribute *attribute,
			  const char *value, void *data)
{
	struct member *member = data;
	char key[JSON_KEY_SIZE];

	if (json_object_set_new(member->object, json_key(attribute->name, key),
				value_json(attribute, value)) < 0)
		member->failed = true;
}

/* The attributes that a line would have. Takes object over. */
static json_t *add_attributes(json_t *object,
			      const struct attribute_table *table,
			      const void *of, const void *reference)
{
	const struct attribute_view view = { table, of, reference, true };
	struct member member = { .object = object, .failed = !object };

	if (object)
		attribute_each(&view, add_attribute, &member);
	if (!member.failed)
		return object;
	json_decref(object);
	return NULL;
}

/* ---- Objects ----------------------------------------------------------- */

/*
 * The object with one member more; takes both over. NULL without memory, which
 * json_pack() of jansson 2.14 does not notice.
 */
static json_t *with_member(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) == 0)
		return object;
	json_decref(object);
	return NULL;
}

/*
 * An object with its name and, before the attributes that it bears on, whether
 * it is odd.
 */
static json_t *begin_object(const char *key, const char *name, bool odd)
{
	json_t *object = with_member(json_object(), key, json_string(name));

	return odd ? with_member(object, "unchecked", json_true()) : object;
}

static json_t *server_json(const struct ipvsctl_service *service,
			   const struct ipvsctl_server *server)
{
	struct ipvsctl_server reference = server_default(server);
	char text[IPVSCTL_IDENTITY_TEXT];

	server_short_format(service, server, text);
	return add_attributes(begin_object("server", text,
					   server_is_odd(service, server)),
			      &server_attribute_table, server, &reference);
}

static json_t *servers_json(const struct ipvsctl_config *config,
			    const struct ipvsctl_service *service)
{
	AUTO_JSON json_t *array = json_array();
	const struct ipvsctl_server *server = NULL;

	while ((server = ipvsctl_config_next_server(config, service, server)))
		if (json_array_append_new(array, server_json(service, server)) <
		    0)
			return NULL;
	return TAKE_PTR(array);
}

static json_t *service_json(const struct ipvsctl_config *config,
			    const struct ipvsctl_service *service)
{
	struct ipvsctl_service reference = service_default(service);
	char text[IPVSCTL_IDENTITY_TEXT];
	AUTO_JSON json_t *object = add_attributes(
		begin_object("service", ipvsctl_service_format(service, text),
			     service_is_odd(service)),
		&service_attribute_table, service, &reference);

	if (!object || json_object_set_new(object, "servers",
					   servers_json(config, service)) < 0)
		return NULL;
	return TAKE_PTR(object);
}

static json_t *services_json(const struct ipvsctl_config *config)
{
	AUTO_JSON json_t *array = json_array();
	const struct ipvsctl_service *service = NULL;

	while ((service = ipvsctl_config_next_service(config, service)))
		if (json_array_append_new(array,
					  service_json(config, service)) < 0)
			return NULL;
	return TAKE_PTR(array);
}

static json_t *mark_json(const struct ipvsctl_mark *rule)
{
	struct ipvsctl_mark reference;
	json_t *object = rule->exclude ? with_member(json_object(), "exclude",
						     json_true()) :
					 with_member(json_object(), "mark",
						     json_integer(rule->mark));

	ipvsctl_mark_init(&reference, rule->exclude);
	object =
		add_attributes(object, &mark_attribute_table, rule, &reference);
	return rule->extra[0] ?
		       with_member(object, "extra", json_string(rule->extra)) :
		       object;
}

static json_t *marks_json(const struct ipvsctl_config *config)
{
	AUTO_JSON json_t *array = json_array();
	const struct ipvsctl_mark *rule = NULL;

	while ((rule = ipvsctl_config_next_mark(config, rule)))
		if (json_array_append_new(array, mark_json(rule)) < 0)
			return NULL;
	return TAKE_PTR(array);
}

static json_t *sync_json(const struct ipvsctl_sync *sync)
{
	struct ipvsctl_sync reference = { .role = sync->role };

	return add_attributes(with_member(json_object(), "role",
					  json_string(ipvsctl_sync_role_name(
						  sync->role))),
			      &sync_attribute_table, sync, &reference);
}

static json_t *syncs_json(const struct ipvsctl_config *config)
{
	AUTO_JSON json_t *array = json_array();

	for (enum ipvsctl_sync_role role = IPVSCTL_SYNC_MASTER;
	     role <= IPVSCTL_SYNC_BACKUP; role++) {
		const struct ipvsctl_sync *sync =
			ipvsctl_config_get_sync(config, role);

		if (sync && json_array_append_new(array, sync_json(sync)) < 0)
			return NULL;
	}
	return TAKE_PTR(array);
}

static json_t *timeouts_json(const struct ipvsctl_config *config)
{
	const struct ipvsctl_timeouts *timeouts =
		ipvsctl_config_get_timeouts(config);

	json_t *object;

	if (!timeouts)
		return json_null();
	object = with_member(json_object(), "tcp", json_integer(timeouts->tcp));
	object =
		with_member(object, "tcp_fin", json_integer(timeouts->tcp_fin));
	return with_member(object, "udp", json_integer(timeouts->udp));
}

static json_t *part_json(const struct ipvsctl_config *config, unsigned int kind)
{
	switch (kind) {
	case IPVSCTL_TIMEOUTS:
		return timeouts_json(config);
	case IPVSCTL_SERVICES:
		return services_json(config);
	case IPVSCTL_MARKS:
		return marks_json(config);
	default:
		return syncs_json(config);
	}
}

/* ---- The document ------------------------------------------------------ */

/* Why there is no document: JSON is UTF-8, and nothing else is in the way. */
static int failure(const struct ipvsctl_config *config, unsigned int kinds)
{
	const struct ipvsctl_mark *rule = NULL;

	while ((kinds & IPVSCTL_MARKS) &&
	       (rule = ipvsctl_config_next_mark(config, rule)))
		if (!clean_is_utf8(rule->in_interface) ||
		    !clean_is_utf8(rule->comment) ||
		    !clean_is_utf8(rule->extra))
			return -EINVAL;
	for (enum ipvsctl_sync_role role = IPVSCTL_SYNC_MASTER;
	     (kinds & IPVSCTL_SYNC) && role <= IPVSCTL_SYNC_BACKUP; role++) {
		const struct ipvsctl_sync *sync =
			ipvsctl_config_get_sync(config, role);

		if (sync && !clean_is_utf8(sync->interface))
			return -EINVAL;
	}
	return -ENOMEM;
}

static int add_part(const char *part, size_t size, void *text)
{
	text_add(text, "%.*s", (int)size, part);
	return 0;
}

int ruleset_format_json(const struct ipvsctl_config *config, unsigned int kinds,
			char **ret_text)
{
	AUTO_JSON json_t *document =
		with_member(json_object(), "version", json_integer(1));
	AUTO_TEXT struct text text = { 0 };

	for (const struct json_part *part = json_parts; part->key; part++)
		if ((kinds & part->kind) &&
		    json_object_set_new(document, part->key,
					part_json(config, part->kind)) < 0)
			return failure(config, kinds);
	/* jansson 2.14 goes on behind a key that could not be written. */
	if (json_dump_callback(document, add_part, &text, JSON_INDENT(2)) < 0)
		return -ENOMEM;
	text_add_text(&text, "\n");
	return text_take(&text, ret_text);
}
