/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Objects from text in the words of a ruleset, for tests. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "given.h"

#define MAX_WORDS 64

struct words {
	char bytes[2048];
	char *words[MAX_WORDS];
	size_t count;
	const char *extra; /* what follows " -- ", or NULL */
};

/* Cuts at blanks, takes quotes and backslashes away. */
static void split(const char *text, struct words *words)
{
	const char *extra = strstr(text, " -- ");
	const char *end = extra ? extra : text + strlen(text);
	char *out = words->bytes;
	bool quoted = false;
	bool inside = false;

	words->count = 0;
	words->extra = extra ? extra + 4 : NULL;
	assert_true(strlen(text) < sizeof(words->bytes));
	for (const char *at = text; at < end; at++) {
		if (*at == ' ' && !quoted) {
			*out = '\0';
			out += inside;
			inside = false;
			continue;
		}
		if (!inside) {
			assert_true(words->count < MAX_WORDS);
			words->words[words->count++] = out;
		}
		inside = true;
		if (*at == '\'')
			quoted = !quoted;
		else if (*at == '\\' && !quoted)
			*out++ = *++at;
		else
			*out++ = *at;
	}
	*out = '\0';
}

typedef int (*set_fn)(void *object, const char *name, const char *value,
		      struct ipvsctl_error *err);

static bool takes_value(const struct ipvsctl_attribute *attributes,
			const char *name)
{
	for (; attributes->name; attributes++)
		if (!strcmp(attributes->name, name))
			return attributes->value && *attributes->value != '=';
	return false;
}

static int set_all(const struct words *words, size_t first, set_fn set,
		   const struct ipvsctl_attribute *attributes, void *object,
		   struct ipvsctl_error *err)
{
	for (size_t i = first; i < words->count; i++) {
		char *name = words->words[i] + 2;
		char *equals = strchr(name, '=');
		const char *value = equals ? equals + 1 : NULL;

		assert_memory_equal(words->words[i], "--", 2);
		if (equals)
			*equals = '\0';
		else if (takes_value(attributes, name) && i + 1 < words->count)
			value = words->words[++i];
		int r = set(object, name, value, err);
		if (r)
			return r;
	}
	return 0;
}

static int set_service(void *object, const char *name, const char *value,
		       struct ipvsctl_error *err)
{
	return ipvsctl_service_set(object, name, value, err);
}

static int set_server(void *object, const char *name, const char *value,
		      struct ipvsctl_error *err)
{
	return ipvsctl_server_set(object, name, value, err);
}

static int set_mark(void *object, const char *name, const char *value,
		    struct ipvsctl_error *err)
{
	return ipvsctl_mark_set(object, name, value, err);
}

static int set_sync(void *object, const char *name, const char *value,
		    struct ipvsctl_error *err)
{
	return ipvsctl_sync_set(object, name, value, err);
}

int read_service(const char *text, struct ipvsctl_service *ret_service,
		 struct ipvsctl_error *err)
{
	struct words words;

	split(text, &words);
	int r = ipvsctl_service_parse(words.words[0], ret_service, err);
	if (!r)
		r = set_all(&words, 1, set_service,
			    ipvsctl_service_attributes(), ret_service, err);
	return r ? r : ipvsctl_service_check(ret_service, err);
}

int read_server(const struct ipvsctl_service *service, const char *text,
		struct ipvsctl_server *ret_server, struct ipvsctl_error *err)
{
	struct words words;

	split(text, &words);
	int r = ipvsctl_server_parse(words.words[0], service, ret_server, err);
	if (!r)
		r = set_all(&words, 1, set_server, ipvsctl_server_attributes(),
			    ret_server, err);
	return r ? r : ipvsctl_server_check(service, ret_server, err);
}

int read_mark(const char *text, struct ipvsctl_mark *ret_rule,
	      struct ipvsctl_error *err)
{
	struct words words;
	int r = 0;

	split(text, &words);
	bool exclude = !strcmp(words.words[0], "exclude");
	ipvsctl_mark_init(ret_rule, exclude);
	if (!exclude)
		r = ipvsctl_mark_parse(words.words[0], &ret_rule->mark, err);
	if (!r)
		r = set_all(&words, 1, set_mark, ipvsctl_mark_attributes(),
			    ret_rule, err);
	if (!r && words.extra)
		r = ipvsctl_mark_set(ret_rule, "extra", words.extra, err);
	if (!r)
		r = ipvsctl_mark_check(ret_rule, err);
	if (r)
		ipvsctl_mark_clear(ret_rule);
	return r;
}

int read_sync(const char *text, struct ipvsctl_sync *ret_sync,
	      struct ipvsctl_error *err)
{
	struct words words;

	split(text, &words);
	int r = ipvsctl_sync_parse(words.words[0], ret_sync, err);
	if (!r)
		r = set_all(&words, 1, set_sync, ipvsctl_sync_attributes(),
			    ret_sync, err);
	return r ? r : ipvsctl_sync_check(ret_sync, err);
}

static int set_vip(void *object, const char *name, const char *value,
		   struct ipvsctl_error *err)
{
	return ipvsctl_vip_set(object, name, value, err);
}

int read_vip(const char *text, struct ipvsctl_vip *ret_vip,
	     struct ipvsctl_error *err)
{
	struct words words;

	split(text, &words);
	int r = ipvsctl_vip_parse(words.words[0], ret_vip, err);
	if (!r)
		r = set_all(&words, 1, set_vip, ipvsctl_vip_attributes(),
			    ret_vip, err);
	return r ? r : ipvsctl_vip_check(ret_vip, err);
}

static void must(int r, const char *text, const struct ipvsctl_error *err)
{
	if (r)
		fail_msg("'%s': %s (%s)", text, err->message, err->hint);
}

struct ipvsctl_service given_service(const char *text)
{
	struct ipvsctl_service service = { 0 };
	struct ipvsctl_error err = { 0 };

	must(read_service(text, &service, &err), text, &err);
	return service;
}

struct ipvsctl_server given_server(const char *service, const char *text)
{
	struct ipvsctl_service parsed = { 0 };
	struct ipvsctl_server server = { 0 };
	struct ipvsctl_error err = { 0 };

	must(ipvsctl_service_parse(service, &parsed, &err), service, &err);
	must(read_server(&parsed, text, &server, &err), text, &err);
	return server;
}

struct ipvsctl_mark given_mark(const char *text)
{
	struct ipvsctl_mark rule;
	struct ipvsctl_error err = { 0 };

	must(read_mark(text, &rule, &err), text, &err);
	return rule;
}

struct ipvsctl_sync given_sync(const char *text)
{
	struct ipvsctl_sync sync = { 0 };
	struct ipvsctl_error err = { 0 };

	must(read_sync(text, &sync, &err), text, &err);
	return sync;
}

struct ipvsctl_vip given_vip(const char *text)
{
	struct ipvsctl_vip vip = { .mark = 0 };
	struct ipvsctl_error err = { 0 };

	must(read_vip(text, &vip, &err), text, &err);
	return vip;
}

void assert_failure(const struct ipvsctl_error *err,
		    const struct failure *wanted)
{
	assert_int_equal(err->code, wanted->code);
	if (wanted->subject)
		assert_string_equal(err->subject, wanted->subject);
	if (wanted->message)
		assert_string_equal(err->message, wanted->message);
	if (wanted->hint)
		assert_string_equal(err->hint, wanted->hint);
}

/* ---- Configurations ---------------------------------------------------- */

static int add_service(struct ipvsctl_config *config, const char *rest,
		       struct ipvsctl_error *err)
{
	struct ipvsctl_service service = given_service(rest);

	return ipvsctl_config_add_service(config, &service, err);
}

static int add_server(struct ipvsctl_config *config, const char *rest,
		      struct ipvsctl_error *err)
{
	char name[64] = "";
	struct ipvsctl_service service = { 0 };

	assert_int_equal(sscanf(rest, "%63s", name), 1);
	must(ipvsctl_service_parse(name, &service, err), name, err);
	struct ipvsctl_server server =
		given_server(name, rest + strlen(name) + 1);
	return ipvsctl_config_add_server(config, &service, &server, err);
}

static int add_mark(struct ipvsctl_config *config, const char *rest,
		    struct ipvsctl_error *err)
{
	AUTO_MARK struct ipvsctl_mark rule = given_mark(rest);

	return ipvsctl_config_add_mark(config, &rule, err);
}

static int add_sync(struct ipvsctl_config *config, const char *rest,
		    struct ipvsctl_error *err)
{
	struct ipvsctl_sync sync = given_sync(rest);

	(void)err;
	ipvsctl_config_set_sync(config, &sync);
	return 0;
}

static int add_vip(struct ipvsctl_config *config, const char *rest,
		   struct ipvsctl_error *err)
{
	struct ipvsctl_vip vip = given_vip(rest);

	return ipvsctl_config_add_vip(config, &vip, err);
}

static int set_timeouts(struct ipvsctl_config *config, const char *rest,
			struct ipvsctl_error *err)
{
	struct ipvsctl_timeouts timeouts = { 0 };

	(void)err;
	assert_int_equal(sscanf(rest, "%u %u %u", &timeouts.tcp,
				&timeouts.tcp_fin, &timeouts.udp),
			 3);
	ipvsctl_config_set_timeouts(config, &timeouts);
	return 0;
}

typedef int (*reason_fn)(struct ipvsctl_config *config,
			 const struct ipvsctl_service *service,
			 const struct ipvsctl_server *server,
			 const char *reason, struct ipvsctl_error *err);

static int add_reason(struct ipvsctl_config *config, const char *rest,
		      reason_fn add, struct ipvsctl_error *err)
{
	char names[3][64];
	struct ipvsctl_service service = { 0 };

	assert_int_equal(sscanf(rest, "%63s %63s %63s", names[0], names[1],
				names[2]),
			 3);
	must(ipvsctl_service_parse(names[0], &service, err), rest, err);
	struct ipvsctl_server server = given_server(names[0], names[1]);
	return add(config, &service, &server, names[2], err);
}

static int add_hold(struct ipvsctl_config *config, const char *rest,
		    struct ipvsctl_error *err)
{
	return add_reason(config, rest, ipvsctl_config_hold, err);
}

static int remove_server(struct ipvsctl_config *config, const char *rest,
			 struct ipvsctl_error *err)
{
	return add_reason(config, rest, ipvsctl_config_remove_server, err);
}

struct ipvsctl_config *given_config(const char *const *lines)
{
	static const struct {
		const char *word;
		int (*add)(struct ipvsctl_config *config, const char *rest,
			   struct ipvsctl_error *err);
	} words[] = {
		{ "service ", add_service },   { "server ", add_server },
		{ "mark ", add_mark },	       { "sync ", add_sync },
		{ "timeouts ", set_timeouts }, { "hold ", add_hold },
		{ "remove ", remove_server },  { "vip ", add_vip },
	};
	struct ipvsctl_config *config = NULL;
	struct ipvsctl_error err = { 0 };

	assert_int_equal(ipvsctl_config_new(&config, NULL), 0);
	for (; *lines; lines++) {
		bool known = false;

		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
			size_t length = strlen(words[i].word);

			if (strncmp(*lines, words[i].word, length))
				continue;
			known = true;
			must(words[i].add(config, *lines + length, &err),
			     *lines, &err);
		}
		assert_true(known);
	}
	return config;
}
