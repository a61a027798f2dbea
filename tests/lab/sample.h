/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Services and servers that the compiled lab tests have in tables. */
#ifndef LBCTL_SAMPLE_H
#define LBCTL_SAMPLE_H

#include "tap.h"

/* Attributes as "name value name value"; a flag's value is "-". */
struct sample {
	const char *service;
	const char *attributes;
	const char *server; /* or NULL */
	const char *server_attributes;
};

typedef int (*set_fn)(void *object, const char *name, const char *value);

static int set_service(void *object, const char *name, const char *value)
{
	return ipvsctl_service_set(object, name, value, &err);
}

static int set_server(void *object, const char *name, const char *value)
{
	return ipvsctl_server_set(object, name, value, &err);
}

static void set_all(void *object, set_fn set, const char *attributes)
{
	char text[256], *state = NULL;

	(void)snprintf(text, sizeof(text), "%s", attributes);
	for (char *name = strtok_r(text, " ", &state); name;
	     name = strtok_r(NULL, " ", &state)) {
		char *value = strtok_r(NULL, " ", &state);

		must(set(object, name, strcmp(value, "-") != 0 ? value : NULL),
		     name);
	}
}

/* Adds the service, if it is not there yet, and the server. */
static void add_sample(struct ipvsctl_config *config,
		       const struct sample *sample)
{
	struct ipvsctl_service service = service_of(sample->service);
	struct ipvsctl_server server;

	set_all(&service, set_service, sample->attributes);
	must(ipvsctl_service_check(&service, &err), sample->service);
	if (!ipvsctl_config_find_service(config, &service))
		must(ipvsctl_config_add_service(config, &service, &err), "add");
	if (!sample->server)
		return;
	server = server_of(&service, sample->server);
	set_all(&server, set_server, sample->server_attributes);
	must(ipvsctl_server_check(&service, &server, &err), sample->server);
	must(ipvsctl_config_add_server(config, &service, &server, &err), "add");
}

#endif
