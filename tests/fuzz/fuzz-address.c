/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Any bytes as the identities and values that people type: what is accepted
 * must come back the same after formatting and parsing it again.
 */
#include <stdlib.h>
#include <string.h>

#include "ipvsctl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
	if (!truth)
		abort();
}

static void try_address(const char *text)
{
	struct ipvsctl_address address, again;
	char formatted[IPVSCTL_ADDRESS_TEXT];

	if (ipvsctl_address_parse(text, &address, NULL) < 0)
		return;
	(void)ipvsctl_address_format(&address, formatted);
	must(ipvsctl_address_parse(formatted, &again, NULL) == 0);
	must(ipvsctl_address_compare(&address, &again) == 0);
}

static void try_service(const char *text)
{
	struct ipvsctl_service service, again;
	char formatted[IPVSCTL_IDENTITY_TEXT];

	if (ipvsctl_service_parse(text, &service, NULL) < 0)
		return;
	(void)ipvsctl_service_format(&service, formatted);
	must(ipvsctl_service_parse(formatted, &again, NULL) == 0);
	must(ipvsctl_service_compare(&service, &again) == 0);
}

static void try_server(const char *text)
{
	struct ipvsctl_service service;
	struct ipvsctl_server server, again;
	char formatted[IPVSCTL_IDENTITY_TEXT];

	must(ipvsctl_service_parse("tcp:192.0.2.1:80", &service, NULL) == 0);
	if (ipvsctl_server_parse(text, &service, &server, NULL) < 0)
		return;
	(void)ipvsctl_server_format(&server, formatted);
	must(ipvsctl_server_parse(formatted, &service, &again, NULL) == 0);
	must(ipvsctl_server_compare(&server, &again) == 0);
}

/* A value for every attribute of a mark rule: the richest texts there are. */
static void try_attributes(const char *text)
{
	const struct ipvsctl_attribute *attribute = ipvsctl_mark_attributes();
	struct ipvsctl_mark rule;
	char *line = NULL;

	ipvsctl_mark_init(&rule, false);
	for (; attribute->name; attribute++)
		(void)!ipvsctl_mark_set(&rule, attribute->name,
					attribute->value ? text : NULL, NULL);
	(void)!ipvsctl_mark_check(&rule, NULL);
	must(ipvsctl_mark_line(&rule, &line, NULL) == 0);
	ipvsctl_mark_clear(&rule);
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);

	if (!text)
		return 0;
	try_address(text);
	try_service(text);
	try_server(text);
	try_attributes(text);
	free(text);
	return 0;
}
