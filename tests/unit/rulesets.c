/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Texts of rulesets, run on a configuration and told again, for tests. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "rulesets.h"

#include "text.h"

static int begin(const struct listener *listener,
		 struct ipvsctl_ruleset **ret_ruleset)
{
	int r = ipvsctl_ruleset_new(ret_ruleset, NULL);

	if (r || !listener)
		return r;
	ipvsctl_ruleset_use_names(*ret_ruleset, listener->names);
	ipvsctl_ruleset_on_skipped(*ret_ruleset, listener->skipped,
				   listener->data);
	return 0;
}

struct ipvsctl_ruleset *given_ruleset(const char *text,
				      const struct listener *listener)
{
	struct ipvsctl_ruleset *ruleset = NULL;
	struct ipvsctl_error err = { 0 };

	assert_int_equal(begin(listener, &ruleset), 0);
	if (ipvsctl_ruleset_add(ruleset, TEXT_NAME, text, strlen(text), &err))
		fail_msg("%s:%u: %s: %s", err.file, err.line, err.subject,
			 err.message);
	return ruleset;
}

int read_ruleset(const char *text, size_t length,
		 const struct listener *listener, struct ipvsctl_error *err)
{
	struct ipvsctl_ruleset *ruleset = NULL;
	int r = begin(listener, &ruleset);

	if (!r)
		r = ipvsctl_ruleset_add(ruleset, TEXT_NAME, text, length, err);
	ipvsctl_ruleset_free(ruleset);
	return r;
}

int run_ruleset(const char *const *from, const char *text,
		const struct listener *listener, struct ipvsctl_config **ret_to,
		struct ipvsctl_error *err)
{
	struct ipvsctl_config *standing = given_config(from);
	struct ipvsctl_ruleset *ruleset = given_ruleset(text, listener);
	int r = ipvsctl_ruleset_run(ruleset, standing, ret_to, err);

	ipvsctl_ruleset_free(ruleset);
	ipvsctl_config_free(standing);
	return r;
}

/* ---- Telling ----------------------------------------------------------- */

static void tell_line(struct text *text, char *line, const char *end)
{
	text_add(text, "%s%s\n", line, end);
	free(line);
}

static void tell_services(struct text *text, const struct ipvsctl_config *config)
{
	char *line = NULL;

	ipvsctl_for_each_service(config, service) {

		assert_int_equal(ipvsctl_service_line(service, &line, NULL), 0);
		tell_line(text, line, "");
		ipvsctl_for_each_server(config, service, server) {
			assert_int_equal(ipvsctl_server_line(service, server,
							     &line, NULL),
					 0);
			tell_line(text, line, server->held ? " held" : "");
		}
	}
}

char *tell(const struct ipvsctl_config *config)
{
	const struct ipvsctl_timeouts *timeouts =
		ipvsctl_config_get_timeouts(config);
	struct text text = { 0 };
	char *line = NULL;

	if (timeouts)
		text_add(&text, "svc timeouts %u %u %u\n", timeouts->tcp,
			 timeouts->tcp_fin, timeouts->udp);
	tell_services(&text, config);
	ipvsctl_for_each_mark(config, rule) {
		assert_int_equal(ipvsctl_mark_line(rule, &line, NULL), 0);
		tell_line(&text, line, "");
	}
	ipvsctl_for_each_vip(config, vip) {
		assert_int_equal(ipvsctl_vip_line(vip, &line, NULL), 0);
		tell_line(&text, line, "");
	}
	for (enum ipvsctl_sync_role role = IPVSCTL_SYNC_MASTER;
	     role <= IPVSCTL_SYNC_BACKUP; role++) {
		const struct ipvsctl_sync *sync =
			ipvsctl_config_get_sync(config, role);

		if (!sync)
			continue;
		assert_int_equal(ipvsctl_sync_line(sync, &line, NULL), 0);
		tell_line(&text, line, "");
	}
	assert_int_equal(text_take(&text, &line), 0);
	return line;
}

void assert_makes(const char *const *from, const char *text,
		  const struct listener *listener, const char *wanted)
{
	struct ipvsctl_config *to = NULL;
	struct ipvsctl_error err = { 0 };
	char *told;

	if (run_ruleset(from, text, listener, &to, &err))
		fail_msg("'%s': %s:%u: %s: %s", text, err.file, err.line,
			 err.subject, err.message);
	assert_int_equal(err.code, 0);
	told = tell(to);
	if (strcmp(told, wanted) != 0)
		print_error("of '%s':\n", text);
	assert_string_equal(told, wanted);
	free(told);
	ipvsctl_config_free(to);
}

void assert_refused(const struct refusal *refusal,
		    const struct listener *listener)
{
	struct ipvsctl_error err = { 0 };
	size_t length = strlen(refusal->text);
	int r = read_ruleset(refusal->text, length, listener, &err);

	if (r != -EINVAL || err.line != refusal->line)
		print_error("'%s' gives %d, line %u: '%s'\n", refusal->text, r,
			    err.line, err.message);
	assert_int_equal(r, -EINVAL);
	assert_string_equal(err.file, TEXT_NAME);
	assert_int_equal(err.line, refusal->line);
	assert_failure(&err,
		       &(struct failure){ -EINVAL, refusal->subject,
					  refusal->message, refusal->hint });
	assert_int_equal(read_ruleset(refusal->text, length, listener, NULL),
			 -EINVAL);
}

/* ---- Without memory ---------------------------------------------------- */

struct attempt {
	const struct ipvsctl_config *from;
	const char *text;
	const struct listener *listener;
};

static int write_both(const struct ipvsctl_ruleset *ruleset,
		      const struct ipvsctl_config *to)
{
	unsigned int kinds = ipvsctl_ruleset_kinds(ruleset);
	char *lines = NULL;
	char *json = NULL;
	int r = ipvsctl_ruleset_format(to, kinds, IPVSCTL_FORMAT_RULESET,
				       &lines, NULL);

	if (!r)
		r = ipvsctl_ruleset_format(to, kinds,
					   IPVSCTL_FORMAT_JSON |
						   IPVSCTL_FORMAT_RUNTIME,
					   &json, NULL);
	free(lines);
	free(json);
	return r;
}

static int try_all(void *data)
{
	const struct attempt *attempt = data;
	struct ipvsctl_ruleset *ruleset = NULL;
	struct ipvsctl_config *to = NULL;
	struct ipvsctl_error err = { 0 };
	int r = begin(attempt->listener, &ruleset);

	if (r)
		return r;
	r = ipvsctl_ruleset_add(ruleset, TEXT_NAME, attempt->text,
				strlen(attempt->text), &err);
	if (!r)
		r = ipvsctl_ruleset_run(ruleset, attempt->from, &to, &err);
	if (r) {
		assert_int_equal(err.code, r);
		assert_string_equal(err.message, "out of memory");
		assert_null(to);
	} else {
		r = write_both(ruleset, to);
	}
	ipvsctl_config_free(to);
	ipvsctl_ruleset_free(ruleset);
	return r;
}

void assert_survives_without_memory(const char *const *from, const char *text,
				    const struct listener *listener)
{
	struct ipvsctl_config *standing = given_config(from);
	struct attempt attempt = { standing, text, listener };

	alloc_each_failure(try_all, &attempt);
	ipvsctl_config_free(standing);
}
