/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Reads a configuration from a JSON document. A kind that the document has is
 * described as a whole; others stay as they are.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "model/backend.h"
#include "model/object.h"
#include "ruleset/json.h"
#include "ruleset/ruleset.h"

/* A place in the document: "services[3].servers[0]". */
struct path {
	char text[96];
};

static PRINTF(2, 3) struct path
	path_of(const struct path *parent, const char *format, ...)
{
	struct path path = *parent;
	size_t length = strlen(path.text);
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(path.text + length, sizeof(path.text) - length, format,
			arguments);
	va_end(arguments);
	return path;
}

/* Names the place, and keeps the object's own name if there is one. */
static int fail_path(const struct path *path, int code,
		     struct ipvsctl_error *err)
{
	char subject[sizeof(err->subject)];

	if (!err || code == -ENOMEM)
		return code;
	(void)snprintf(subject, sizeof(subject), "%s", err->subject);
	return fail_about(err, code, "%s%s%s", path->text,
			  subject[0] ? ": " : "", subject);
}

/* ---- Values ------------------------------------------------------------ */

/* Gets the value as text, NULL for true. Returns false for other values. */
static bool value_text(const json_t *value, char number[24],
		       const char **ret_text)
{
	if (json_is_string(value)) {
		*ret_text = json_string_value(value);
		return true;
	}
	*ret_text = NULL;
	if (json_is_integer(value)) {
		(void)snprintf(number, 24, "%lld",
			       (long long)json_integer_value(value));
		*ret_text = number;
	}
	return *ret_text || json_is_true(value);
}

/* Returns the attribute of a key, or NULL. */
static const struct ipvsctl_attribute *
find_attribute(const struct attribute_table *table, const char *key)
{
	char known[JSON_KEY_SIZE];

	for (size_t i = 0; table->shown[i].name; i++)
		if (strcmp(json_key(table->shown[i].name, known), key) == 0)
			return &table->shown[i];
	return NULL;
}

/* Finds "exempt_own" for "no_exempt_own", and the reverse; or NULL. */
static const struct ipvsctl_attribute *
find_opposite(const struct attribute_table *table, const char *key)
{
	char opposite[JSON_KEY_SIZE + 3];

	if (strncmp(key, "no_", 3) == 0)
		return find_attribute(table, key + 3);
	(void)snprintf(opposite, sizeof(opposite), "no_%s", key);
	return find_attribute(table, opposite);
}

/* Returns the value that a boolean stands for; NULL: none. "exempt_own" was a
   flag before it had values, and is still accepted as one. */
static const char *word_of_flag(const struct ipvsctl_attribute *attribute,
				const json_t *value)
{
	if (strcmp(attribute->name, "exempt-own") != 0)
		return NULL;
	return ipvsctl_exemption_name(json_is_true(value) ?
					      IPVSCTL_EXEMPT_SOCKET :
					      IPVSCTL_EXEMPT_NONE);
}

/* An object and what its members can be. */
struct target {
	const struct attribute_table *table;
	void *object;
	const char *const *others; /* keys read elsewhere; NULL ends them */
};

static bool is_other(const struct target *target, const char *key)
{
	for (const char *const *other = target->others; *other; other++)
		if (strcmp(*other, key) == 0)
			return true;
	return false;
}

static int set_member(const struct target *target, const char *key,
		      const json_t *value, struct ipvsctl_error *err)
{
	const struct ipvsctl_attribute *attribute;
	const char *text = NULL;
	char number[24];

	if (strcmp(key, JSON_RUNTIME) == 0 || is_other(target, key))
		return 0;
	attribute = find_attribute(target->table, key);
	if (!attribute)
		return fail(err, -EINVAL, "unknown key '%.64s'", key);
	/* For a flag that is false, set the opposite one. */
	if (!attribute->value && json_is_false(value)) {
		attribute = find_opposite(target->table, key);
		if (!attribute)
			return 0;
		value = json_true();
	}
	if (json_is_boolean(value) && attribute_is_optional(attribute))
		return json_is_false(value) ?
			       0 :
			       attribute_set(target->table, target->object,
					     attribute->name, NULL, err);
	if (json_is_boolean(value) && attribute->value)
		text = word_of_flag(attribute, value);
	if (!text &&
	    (!value_text(value, number, &text) || !text != !attribute->value))
		return fail(err, -EINVAL, "'%.64s' must be %s", key,
			    attribute->value ? "a string or a number" :
					       "true or false");
	return attribute_set(target->table, target->object, attribute->name,
			     text, err);
}

/* Sets all members, but first the one that affects the others. */
static int set_members(const struct target *target, json_t *object,
		       struct ipvsctl_error *err)
{
	const char *key = "unchecked";
	json_t *value = json_object_get(object, key);
	int r = value ? set_member(target, key, value, err) : 0;

	if (r < 0)
		return r;
	json_object_foreach(object, key, value) {
		r = set_member(target, key, value, err);
		if (r < 0)
			break;
	}
	return r;
}

/* Gets the string that names an object. Returns 0 or -EINVAL. */
static int get_name(const json_t *object, const char *key,
		    const char **ret_name, struct ipvsctl_error *err)
{
	const char *name = json_string_value(json_object_get(object, key));

	if (!json_is_object(object))
		return fail(err, -EINVAL, "expected an object");
	if (!name)
		return fail(err, -EINVAL, "the string '%s' is missing", key);
	*ret_name = name;
	return 0;
}

/* ---- Objects ----------------------------------------------------------- */

typedef int (*item_fn)(struct run *run, json_t *item, const void *data,
		       const struct path *path, struct ipvsctl_error *err);

/* An array, its place in the document, and what to do with each item. */
struct list {
	const json_t *array;
	struct path path;
	item_fn read;
	const void *data; /* for it */
};

static int each_item(struct run *run, const struct list *list,
		     struct ipvsctl_error *err)
{
	int r = 0;

	if (!json_is_array(list->array))
		return fail_path(&list->path,
				 fail(err, -EINVAL, "expected an array"), err);
	for (size_t i = 0; r == 0 && i < json_array_size(list->array); i++) {
		struct path item = path_of(&list->path, "[%zu]", i);

		r = list->read(run, json_array_get(list->array, i), list->data,
			       &item, err);
	}
	return r;
}

static int read_server(struct run *run, json_t *item, const void *data,
		       const struct path *path, struct ipvsctl_error *err)
{
	static const char *const others[] = { "server", NULL };
	const struct ipvsctl_service *service = data;
	struct ipvsctl_server server;
	const struct target target = { &server_attribute_table, &server,
				       others };
	const char *name = NULL;
	int r = get_name(item, "server", &name, err);

	if (r == 0)
		r = ipvsctl_server_parse(name, service, &server, err);
	if (r == 0)
		r = set_members(&target, item, err);
	if (r == 0)
		r = ipvsctl_server_check(service, &server, err);
	if (r == 0)
		r = run_add_server(run, service, &server, err);
	return r < 0 ? fail_path(path, r, err) : 0;
}

static int read_service(struct run *run, json_t *item, const void *data,
			const struct path *path, struct ipvsctl_error *err)
{
	static const char *const others[] = { "service", "servers", NULL };
	const json_t *servers = json_object_get(item, "servers");
	struct ipvsctl_service service;
	const struct target target = { &service_attribute_table, &service,
				       others };
	const char *name = NULL;
	int r = get_name(item, "service", &name, err);

	(void)data;
	if (r == 0)
		r = ipvsctl_service_parse(name, &service, err);
	if (r == 0)
		r = set_members(&target, item, err);
	if (r == 0)
		r = ipvsctl_service_check(&service, err);
	if (r == 0)
		r = run_add_service(run, &service, err);
	if (r < 0 || !servers)
		return r < 0 ? fail_path(path, r, err) : 0;
	return each_item(run,
			 &(struct list){ .array = servers,
					 .path = path_of(path, ".servers"),
					 .read = read_server,
					 .data = &service },
			 err);
}

/* Begins a rule with its mark, or as an exclusion. */
static int begin_mark(const json_t *item, struct ipvsctl_mark *rule,
		      struct ipvsctl_error *err)
{
	const json_t *mark = json_object_get(item, "mark");
	const json_t *flag = json_object_get(item, "exclude");
	bool exclude = json_is_true(flag);
	const char *text = NULL;
	char number[24];

	if (!json_is_object(item))
		return fail(err, -EINVAL, "expected an object");
	if (flag && !json_is_boolean(flag))
		return fail(err, -EINVAL, "'exclude' must be true or false");
	ipvsctl_mark_init(rule, exclude);
	if (exclude && !mark)
		return 0;
	if (exclude || !value_text(mark, number, &text) || !text)
		return fail(err, -EINVAL,
			    "either the number 'mark' or 'exclude': true is "
			    "required");
	return ipvsctl_mark_parse(text, &rule->mark, err);
}

static int read_mark(struct run *run, json_t *item, const void *data,
		     const struct path *path, struct ipvsctl_error *err)
{
	static const char *const others[] = { "mark", "exclude", NULL };
	AUTO_MARK struct ipvsctl_mark rule = { 0 };
	const struct target target = { &mark_attribute_table, &rule, others };
	int r = begin_mark(item, &rule, err);

	(void)data;
	if (r == 0)
		r = set_members(&target, item, err);
	if (r == 0)
		r = ipvsctl_mark_check(&rule, err);
	if (r == 0)
		r = run_add_mark(run, &rule, err);
	return r < 0 ? fail_path(path, r, err) : 0;
}

static int read_sync(struct run *run, json_t *item, const void *data,
		     const struct path *path, struct ipvsctl_error *err)
{
	static const char *const others[] = { "role", NULL };
	struct ipvsctl_sync sync;
	const struct target target = { &sync_attribute_table, &sync, others };
	const char *name = NULL;
	int r = get_name(item, "role", &name, err);

	(void)data;
	if (r == 0)
		r = ipvsctl_sync_parse(name, &sync, err);
	if (r == 0)
		r = set_members(&target, item, err);
	if (r == 0)
		r = ipvsctl_sync_check(&sync, err);
	if (r == 0)
		r = run_start_sync(run, &sync, err);
	return r < 0 ? fail_path(path, r, err) : 0;
}

static int read_vip(struct run *run, json_t *item, const void *data,
		    const struct path *path, struct ipvsctl_error *err)
{
	static const char *const others[] = { "vip", NULL };
	struct ipvsctl_vip vip;
	const struct target target = { &vip_attribute_table, &vip, others };
	const char *name = NULL;
	int r = get_name(item, "vip", &name, err);

	(void)data;
	if (r == 0)
		r = ipvsctl_vip_parse(name, &vip, err);
	if (r == 0)
		r = set_members(&target, item, err);
	if (r == 0)
		r = ipvsctl_vip_check(&vip, err);
	if (r == 0)
		r = run_add_vip(run, &vip, err);
	return r < 0 ? fail_path(path, r, err) : 0;
}

static int read_timeouts(struct run *run, json_t *object,
			 const struct path *path, struct ipvsctl_error *err)
{
	struct ipvsctl_timeouts timeouts = { 0 };
	const struct {
		const char *key;
		uint32_t *value;
	} members[] = { { "tcp", &timeouts.tcp },
			{ "tcp_fin", &timeouts.tcp_fin },
			{ "udp", &timeouts.udp } };
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return fail_path(path, fail(err, -EINVAL, "expected an object"),
				 err);
	json_object_foreach(object, key, value) {
		const json_int_t number = json_integer_value(value);
		size_t i = 0;

		while (i < ARRAY_SIZE(members) &&
		       strcmp(members[i].key, key) != 0)
			i++;
		if (i == ARRAY_SIZE(members) || !json_is_integer(value) ||
		    number < 0 || number > IPVSCTL_TIMEOUT_MAX)
			return fail_path(path,
					 fail(err, -EINVAL,
					      "'%.64s' is none of tcp, tcp_fin "
					      "and udp with a number from 0 to "
					      "%d",
					      key, IPVSCTL_TIMEOUT_MAX),
					 err);
		*members[i].value = (uint32_t)number;
	}
	run_set_timeouts(run, &timeouts);
	return 0;
}

/* ---- The document ------------------------------------------------------ */

static int read_part(struct run *run, const struct json_part *part,
		     json_t *value, bool partial, struct ipvsctl_error *err)
{
	const struct path none = { "" };
	struct path path = path_of(&none, "%s", part->key);
	item_fn read = part->kind == IPVSCTL_SERVICES ? read_service :
		       part->kind == IPVSCTL_MARKS    ? read_mark :
		       part->kind == IPVSCTL_VIPS     ? read_vip :
							read_sync;

	/* The program that wrote the document did not know this part. */
	if (json_is_null(value))
		return 0;
	if (part->kind == IPVSCTL_TIMEOUTS)
		return read_timeouts(run, value, &path, err);
	if (!partial)
		run_flush(run, part->kind);
	return each_item(run,
			 &(struct list){
				 .array = value, .path = path, .read = read },
			 err);
}

/* Members of the document that are no part of the configuration. */
static bool is_about_document(const char *key)
{
	static const char *const keys[] = { "version", "partial", "lossy",
					    JSON_BACKEND, JSON_RUNTIME };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strcmp(keys[i], key) == 0)
			return true;
	return false;
}

/* Gets the backend of mark rules, if the document states one. */
static int read_backend(struct run *run, const json_t *document,
			struct ipvsctl_error *err)
{
	const json_t *value = json_object_get(document, JSON_BACKEND);
	enum ipvsctl_backend backend;
	int r;

	if (!value)
		return 0;
	if (!json_is_string(value))
		return fail(err, -EINVAL, "'" JSON_BACKEND "' must be a string");
	r = backend_parse(json_string_value(value), &backend, err);
	if (r < 0)
		return r;
	if (backend != IPVSCTL_BACKEND_AUTO)
		ipvsctl_config_set_backend(run->config, backend);
	return 0;
}

/* Gets a flag of the document. It must be a boolean, since objects that a
   complete document lacks are deleted. */
static int get_flag(const json_t *document, const char *key, bool *ret_flag,
		    struct ipvsctl_error *err)
{
	const json_t *value = json_object_get(document, key);

	if (value && !json_is_boolean(value))
		return fail(err, -EINVAL, "'%s' must be true or false", key);
	*ret_flag = json_is_true(value);
	return 0;
}

static int read_document(struct run *run, json_t *document,
			 struct ipvsctl_error *err)
{
	const json_int_t version =
		json_integer_value(json_object_get(document, "version"));
	bool partial = false, lossy = false;
	const char *key;
	json_t *value;

	if (!json_is_object(document))
		return fail(err, -EINVAL, "the document must be an object");
	if (version < 1 || version > JSON_VERSION)
		return fail(err, -EINVAL,
			    "the document's 'version' must be 1 or %d",
			    JSON_VERSION);
	if (get_flag(document, "partial", &partial, err) < 0 ||
	    get_flag(document, "lossy", &lossy, err) < 0)
		return -EINVAL;
	if (lossy)
		return fail_hint(err,
				 fail(err, -EINVAL,
				      "the document is 'lossy': it shows bytes "
				      "that are not UTF-8 as others"),
				 "lbctl-save");
	json_object_foreach(document, key, value) {
		const struct json_part *part = json_parts;
		int r;

		if (is_about_document(key))
			continue;
		while (part->key && strcmp(part->key, key) != 0)
			part++;
		if (!part->key)
			return fail(err, -EINVAL,
				    "'%.64s' is none of version, partial, "
				    "timeouts, services, marks, mark_backend, "
				    "vips, daemons",
				    key);
		r = read_part(run, part, value, partial, err);
		if (r < 0)
			return r;
	}
	return read_backend(run, document, err);
}

static json_t *load(const struct source *source, json_error_t *error)
{
	return json_loadb(source->text, source->length, JSON_REJECT_DUPLICATES,
			  error);
}

int ruleset_read_json(struct source *source, struct run *run,
		      struct ipvsctl_error *err)
{
	json_error_t error;
	AUTO_JSON json_t *document = load(source, &error);
	AUTO_JSON json_t *again = load(source, &error);

	/*
	 * If memory runs out, jansson 2.14 drops characters, and then succeeds
	 * or reports a syntax error. So two readings must agree.
	 */
	if (document && json_equal(document, again))
		return json_object_get(document, "nftables") ?
			       ruleset_read_nft_json(source, run, document,
						     err) :
			       read_document(run, document, err);
	if (document || again)
		return fail_memory(err);
	source->line = error.line > 0 ? (unsigned int)error.line : 0;
	return fail(err, -EINVAL, "this is not JSON: %s, column %d", error.text,
		    error.column);
}
