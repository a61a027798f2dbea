/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Any bytes as the file of holds: reading never fails for what it says, and
 * what is written of it reads back the same.
 */
#include <stdlib.h>
#include <string.h>

#include "model/holds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
	if (!truth)
		abort();
}

/* A service with a server, as the kernel has it while held. */
static struct ipvsctl_config *loaded(bool partial, uint32_t weight)
{
	struct ipvsctl_config *config;
	struct ipvsctl_service service;
	struct ipvsctl_server server;

	must(ipvsctl_config_new(&config, NULL) == 0);
	must(ipvsctl_service_parse("tcp:192.0.2.1:80", &service, NULL) == 0);
	must(ipvsctl_server_parse("10.0.0.1", &service, &server, NULL) == 0);
	server.weight = weight;
	must(ipvsctl_config_add_service(config, &service, NULL) == 0);
	must(ipvsctl_config_add_server(config, &service, &server, NULL) == 0);
	config->partial = partial;
	return config;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* The last byte says how it is read. */
	const uint8_t how = size > 0 ? data[--size] : 0;
	const bool partial = how & 1;
	const uint32_t weight = how >> 5;
	struct ipvsctl_config *first = loaded(partial, weight);
	struct ipvsctl_config *second = loaded(partial, weight);
	char *text = NULL, *again = NULL;

	must(holds_parse(first, (const char *)data, size, NULL, NULL) == 0);
	must(holds_format(first, &text) == 0);
	must(holds_parse(second, text, strlen(text), NULL, NULL) == 0);
	must(holds_format(second, &again) == 0);
	must(strcmp(text, again) == 0);
	free(text);
	free(again);
	ipvsctl_config_free(first);
	ipvsctl_config_free(second);
	return 0;
}
