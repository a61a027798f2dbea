/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Lines about services, servers and timeouts. */
#include <string.h>

#include "fail.h"
#include "model/object.h"
#include "number.h"
#include "ruleset/grammar.h"

/* Notes the service of a command line: only that is read from the kernel. */
static void aim(struct run *run, const struct ipvsctl_service *service,
		enum aim_step step)
{
	if (run->strict)
		run_aim(run, service, step, true);
}

/* Reads the first argument into grammar->service, for the lines that follow. */
static int parse_service(struct run *run, const struct statement *statement,
			 enum aim_step step, struct ipvsctl_error *err)
{
	struct grammar *grammar = statement->grammar;
	const char *text = statement->arguments[0];
	size_t length;
	int r;

	if (*text && strcmp(grammar->text, text) == 0)
		return 0;
	grammar->text[0] = '\0';
	r = ipvsctl_service_parse(text, &grammar->service, err);
	if (r < 0)
		return r;
	if (run->strict)
		run_aim(run, &grammar->service, step, false);
	length = strlen(text);
	if (length < sizeof(grammar->text))
		(void)memcpy(grammar->text, text, length + 1);
	return 0;
}

/* Failures name the service as the line spells it; those of a command line name
   it in its usual form. The same holds for servers below. */
static int set_service(const struct run *run, const struct statement *statement,
		       struct ipvsctl_service *service,
		       struct ipvsctl_error *err)
{
	char text[IPVSCTL_IDENTITY_TEXT];

	return statement_set(statement, service,
			     run->strict ?
				     ipvsctl_service_format(service, text) :
				     statement->arguments[0],
			     err);
}

/* Makes a service of the attributes that the line gives, and checks it. */
static int whole_service(struct run *run, const struct statement *statement,
			 enum aim_step step, struct ipvsctl_service *service,
			 struct ipvsctl_error *err)
{
	int r = ipvsctl_service_parse(statement->arguments[0], service, err);

	if (r < 0)
		return r;
	aim(run, service, step);
	r = set_service(run, statement, service, err);
	return r < 0 ? r : ipvsctl_service_check(service, err);
}

static int add(struct run *run, const struct statement *statement,
	       struct ipvsctl_error *err)
{
	struct ipvsctl_service service;
	int r = whole_service(run, statement, STEP_IF_MISSING, &service, err);

	return r < 0 ? r : run_add_service(run, &service, err);
}

static int replace(struct run *run, const struct statement *statement,
		   struct ipvsctl_error *err)
{
	struct ipvsctl_service service;
	int r = whole_service(run, statement, STEP_NONE, &service, err);

	return r < 0 ? r : run_replace_service(run, &service, err);
}

/* Checks only the options of a service that is not known yet. */
static int change(struct run *run, const struct statement *statement,
		  struct ipvsctl_error *err)
{
	struct ipvsctl_service service;
	bool found = false;
	int r = ipvsctl_service_parse(statement->arguments[0], &service, err);

	if (r < 0)
		return r;
	aim(run, &service, STEP_NONE);
	r = run_get_service(run, &service, &service, &found, err);
	if (r == 0)
		r = set_service(run, statement, &service, err);
	if (r < 0 || !found)
		return r;
	r = ipvsctl_service_check(&service, err);
	return r < 0 ? r : run_replace_service(run, &service, err);
}

static int delete (struct run *run, const struct statement *statement,
		   struct ipvsctl_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < statement->argument_count; i++) {
		struct ipvsctl_service service;

		r = ipvsctl_service_parse(statement->arguments[i], &service,
					  err);
		if (r < 0)
			return r;
		aim(run, &service, STEP_IF_EXISTS);
		r = run_delete_service(run, &service, err);
	}
	return r;
}

static int flush(struct run *run, const struct statement *statement,
		 struct ipvsctl_error *err)
{
	(void)statement;
	(void)err;
	run->aim.at = AIM_MANY;
	run_flush(run, IPVSCTL_SERVICES);
	return 0;
}

/* ---- Servers ----------------------------------------------------------- */

/* Edits one server of the line's service; failures call it subject. */
typedef int (*server_fn)(struct run *run, const struct statement *statement,
			 const char *subject, struct ipvsctl_server *server,
			 struct ipvsctl_error *err);

static int each_server(struct run *run, const struct statement *statement,
		       enum aim_step step, server_fn fn,
		       struct ipvsctl_error *err)
{
	const struct grammar *grammar = statement->grammar;
	struct ipvsctl_server *server = &statement->grammar->server;
	char text[IPVSCTL_IDENTITY_TEXT];
	int r = parse_service(run, statement, step, err);

	for (size_t i = 1; r == 0 && i < statement->argument_count; i++) {
		const char *subject = statement->arguments[i];

		r = ipvsctl_server_parse(subject, &grammar->service, server,
					 err);
		if (r == 0 && run->strict) {
			subject = ipvsctl_server_format(server, text);
			if (run_aim_server(run, server) < 0)
				r = fail_memory(err);
		}
		if (r == 0)
			r = fn(run, statement, subject, server, err);
	}
	return r;
}

/* Sets the attributes that the line gives, and checks the server. */
static int set_whole(const struct statement *statement, const char *subject,
		     struct ipvsctl_server *server, struct ipvsctl_error *err)
{
	int r = statement_set(statement, server, subject, err);

	return r < 0 ? r :
		       ipvsctl_server_check(&statement->grammar->service,
					    server, err);
}

static int add_one(struct run *run, const struct statement *statement,
		   const char *subject, struct ipvsctl_server *server,
		   struct ipvsctl_error *err)
{
	int r = set_whole(statement, subject, server, err);

	return r < 0 ? r :
		       run_add_server(run, &statement->grammar->service, server,
				      err);
}

static int add_server(struct run *run, const struct statement *statement,
		      struct ipvsctl_error *err)
{
	const bool one = statement->argument_count == 2;
	int r = each_server(run, statement, one ? STEP_IF_EXISTS : STEP_NONE,
			    add_one, err);

	statement->grammar->pool = r == 0 && one;
	return r;
}

int grammar_add_server(struct grammar *grammar, struct run *run,
		       const struct ipvsctl_server *identity,
		       struct ipvsctl_error *err)
{
	struct ipvsctl_server *server = &grammar->server;
	int r;

	server->address = identity->address;
	server->port = identity->port;
	r = ipvsctl_server_check(&grammar->service, server, err);
	return r < 0 ? r : run_add_server(run, &grammar->service, server, err);
}

static int replace_one(struct run *run, const struct statement *statement,
		       const char *subject, struct ipvsctl_server *server,
		       struct ipvsctl_error *err)
{
	int r = set_whole(statement, subject, server, err);

	return r < 0 ? r :
		       run_replace_server(run, &statement->grammar->service,
					  server, err);
}

static int replace_server(struct run *run, const struct statement *statement,
			  struct ipvsctl_error *err)
{
	return each_server(run, statement, STEP_NONE, replace_one, err);
}

static int change_one(struct run *run, const struct statement *statement,
		      const char *subject, struct ipvsctl_server *server,
		      struct ipvsctl_error *err)
{
	const struct ipvsctl_service *service = &statement->grammar->service;
	bool found = false;
	int r = run_get_server(run, service, server, &found, err);

	if (r == 0)
		r = statement_set(statement, server, subject, err);
	if (r < 0 || !found)
		return r;
	r = ipvsctl_server_check(service, server, err);
	return r < 0 ? r : run_change_server(run, service, server, err);
}

static int change_server(struct run *run, const struct statement *statement,
			 struct ipvsctl_error *err)
{
	return each_server(run, statement, STEP_NONE, change_one, err);
}

static int delete_one(struct run *run, const struct statement *statement,
		      const char *subject, struct ipvsctl_server *server,
		      struct ipvsctl_error *err)
{
	(void)subject;
	return run_delete_server(run, &statement->grammar->service, server, err);
}

static int delete_server(struct run *run, const struct statement *statement,
			 struct ipvsctl_error *err)
{
	return each_server(run, statement, STEP_NONE, delete_one, err);
}

/* ---- Timeouts ---------------------------------------------------------- */

static int timeouts(struct run *run, const struct statement *statement,
		    struct ipvsctl_error *err)
{
	static const char *const names[] = { "tcp timeout", "tcp-fin timeout",
					     "udp timeout" };
	uint32_t values[ARRAY_SIZE(names)];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int r = number_parse(statement->arguments[i],
				     &(struct number_range){
					     names[i], 0, IPVSCTL_TIMEOUT_MAX },
				     &values[i], err);
		if (r < 0)
			return r;
	}
	run_set_timeouts(run, &(struct ipvsctl_timeouts){ .tcp = values[0],
							  .tcp_fin = values[1],
							  .udp = values[2] });
	return 0;
}

/* The most frequent verbs come first. */
const struct verb svc_verbs[] = {
	{ "add-server", "SERVICE SERVER...", &server_attribute_table, NULL,
	  false, add_server },
	{ "add", "SERVICE", &service_attribute_table, NULL, false, add },
	{ "flush", "", NULL, NULL, false, flush },
	{ "timeouts", "TCP TCP-FIN UDP", NULL, NULL, false, timeouts },
	{ "change", "SERVICE", &service_attribute_table, NULL, false, change },
	{ "replace", "SERVICE", &service_attribute_table, NULL, false, replace },
	{ "delete", "SERVICE...", NULL, NULL, false, delete },
	{ "change-server", "SERVICE SERVER...", &server_attribute_table, NULL,
	  false, change_server },
	{ "replace-server", "SERVICE SERVER...", &server_attribute_table, NULL,
	  false, replace_server },
	{ "delete-server", "SERVICE SERVER...", NULL, NULL, false,
	  delete_server },
	{ 0 },
};
