/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Lines of a ruleset about services, servers and timeouts. */
#include <string.h>

#include "model/error.h"
#include "model/object.h"
#include "ruleset/grammar.h"

/* The service of the first argument, which lives until the next line. */
static int parse_service(const struct statement *statement,
			 const struct ipvsctl_service **ret_service,
			 struct ipvsctl_error *err)
{
	struct grammar *grammar = statement->grammar;
	const char *text = statement->arguments[0];
	size_t length;
	int r;

	*ret_service = &grammar->service;
	if (*text && strcmp(grammar->text, text) == 0)
		return 0;
	grammar->text[0] = '\0';
	r = ipvsctl_service_parse(text, &grammar->service, err);
	length = strlen(text);
	if (r == 0 && length < sizeof(grammar->text))
		(void)memcpy(grammar->text, text, length + 1);
	return r;
}

/* A service with everything that the line says, checked. */
static int whole_service(const struct statement *statement,
			 struct ipvsctl_service *service,
			 struct ipvsctl_error *err)
{
	int r = ipvsctl_service_parse(statement->arguments[0], service, err);

	if (r == 0)
		r = statement_set(statement, service, statement->arguments[0],
				  err);
	return r < 0 ? r : ipvsctl_service_check(service, err);
}

static int add(struct run *run, const struct statement *statement,
	       struct ipvsctl_error *err)
{
	struct ipvsctl_service service;
	int r = whole_service(statement, &service, err);

	return r < 0 ? r : run_add_service(run, &service, err);
}

static int replace(struct run *run, const struct statement *statement,
		   struct ipvsctl_error *err)
{
	struct ipvsctl_service service;
	int r = whole_service(statement, &service, err);

	return r < 0 ? r : run_replace_service(run, &service, err);
}

/* What is not known yet, only its options can be checked of. */
static int change(struct run *run, const struct statement *statement,
		  struct ipvsctl_error *err)
{
	struct ipvsctl_service service;
	bool found = false;
	int r = ipvsctl_service_parse(statement->arguments[0], &service, err);

	if (r == 0)
		r = run_get_service(run, &service, &service, &found, err);
	if (r == 0)
		r = statement_set(statement, &service, statement->arguments[0],
				  err);
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
		if (r == 0)
			r = run_delete_service(run, &service, err);
	}
	return r;
}

static int flush(struct run *run, const struct statement *statement,
		 struct ipvsctl_error *err)
{
	(void)statement;
	(void)err;
	run_flush(run, IPVSCTL_SERVICES);
	return 0;
}

/* ---- Servers ----------------------------------------------------------- */

/* What is done with each server of a line. */
typedef int (*server_fn)(struct run *run, const struct ipvsctl_service *service,
			 const struct ipvsctl_server *server,
			 struct ipvsctl_error *err);

/* Servers with everything that the line says, checked. */
static int each_whole_server(struct run *run, const struct statement *statement,
			     server_fn fn, struct ipvsctl_error *err)
{
	const struct ipvsctl_service *service;
	int r = parse_service(statement, &service, err);

	for (size_t i = 1; r == 0 && i < statement->argument_count; i++) {
		const char *text = statement->arguments[i];
		struct ipvsctl_server *server = &statement->grammar->server;

		r = ipvsctl_server_parse(text, service, server, err);
		if (r == 0)
			r = statement_set(statement, server, text, err);
		if (r == 0)
			r = ipvsctl_server_check(service, server, err);
		if (r == 0)
			r = fn(run, service, server, err);
	}
	return r;
}

static int add_server(struct run *run, const struct statement *statement,
		      struct ipvsctl_error *err)
{
	struct grammar *grammar = statement->grammar;
	int r = each_whole_server(run, statement, run_add_server, err);

	grammar->pool = r == 0 && statement->argument_count == 2;
	return r;
}

int grammar_add_server(const struct grammar *grammar, struct run *run,
		       const struct ipvsctl_server *identity,
		       struct ipvsctl_error *err)
{
	struct ipvsctl_server server = grammar->server;
	int r;

	server.address = identity->address;
	server.port = identity->port;
	r = ipvsctl_server_check(&grammar->service, &server, err);
	return r < 0 ? r : run_add_server(run, &grammar->service, &server, err);
}

static int replace_server(struct run *run, const struct statement *statement,
			  struct ipvsctl_error *err)
{
	return each_whole_server(run, statement, run_replace_server, err);
}

static int change_one(struct run *run, const struct ipvsctl_service *service,
		      const struct statement *statement, const char *text,
		      struct ipvsctl_error *err)
{
	struct ipvsctl_server server;
	bool found = false;
	int r = ipvsctl_server_parse(text, service, &server, err);

	if (r == 0)
		r = run_get_server(run, service, &server, &found, err);
	if (r == 0)
		r = statement_set(statement, &server, text, err);
	if (r < 0 || !found)
		return r;
	r = ipvsctl_server_check(service, &server, err);
	return r < 0 ? r : run_replace_server(run, service, &server, err);
}

static int change_server(struct run *run, const struct statement *statement,
			 struct ipvsctl_error *err)
{
	const struct ipvsctl_service *service;
	int r = parse_service(statement, &service, err);

	for (size_t i = 1; r == 0 && i < statement->argument_count; i++)
		r = change_one(run, service, statement, statement->arguments[i],
			       err);
	return r;
}

static int delete_server(struct run *run, const struct statement *statement,
			 struct ipvsctl_error *err)
{
	const struct ipvsctl_service *service;
	int r = parse_service(statement, &service, err);

	for (size_t i = 1; r == 0 && i < statement->argument_count; i++) {
		struct ipvsctl_server server;

		r = ipvsctl_server_parse(statement->arguments[i], service,
					 &server, err);
		if (r == 0)
			r = run_delete_server(run, service, &server, err);
	}
	return r;
}

/* ---- Timeouts ---------------------------------------------------------- */

static int timeouts(struct run *run, const struct statement *statement,
		    struct ipvsctl_error *err)
{
	static const char *const names[] = { "tcp timeout", "tcp-fin timeout",
					     "udp timeout" };
	uint32_t values[ARRAY_SIZE(names)];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int r = ipvsctl_number_parse(statement->arguments[i],
					     &(struct ipvsctl_range){
						     names[i], 0,
						     IPVSCTL_TIMEOUT_MAX },
					     &values[i], err);
		if (r < 0)
			return r;
	}
	run_set_timeouts(run, &(struct ipvsctl_timeouts){ .tcp = values[0],
							  .tcp_fin = values[1],
							  .udp = values[2] });
	return 0;
}

/* The most frequent ones first. */
const struct verb svc_verbs[] = {
	{ "add-server", "SERVICE SERVER...", 2, GRAMMAR_ANY,
	  &server_attribute_table, NULL, false, add_server },
	{ "add", "SERVICE", 1, 1, &service_attribute_table, NULL, false, add },
	{ "flush", "", 0, 0, NULL, NULL, false, flush },
	{ "timeouts", "TCP TCP-FIN UDP", 3, 3, NULL, NULL, false, timeouts },
	{ "change", "SERVICE", 1, 1, &service_attribute_table, NULL, false,
	  change },
	{ "replace", "SERVICE", 1, 1, &service_attribute_table, NULL, false,
	  replace },
	{ "delete", "SERVICE...", 1, GRAMMAR_ANY, NULL, NULL, false, delete },
	{ "change-server", "SERVICE SERVER...", 2, GRAMMAR_ANY,
	  &server_attribute_table, NULL, false, change_server },
	{ "replace-server", "SERVICE SERVER...", 2, GRAMMAR_ANY,
	  &server_attribute_table, NULL, false, replace_server },
	{ "delete-server", "SERVICE SERVER...", 2, GRAMMAR_ANY, NULL, NULL,
	  false, delete_server },
	{ 0 },
};
