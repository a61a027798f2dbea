/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Any bytes as a file of servers. What is taken is in order, each once, and is
 * found; written again, a line each, it is the same; and pools never become
 * empty by it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/pool/listed.h"
#include "check/pool/run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
	if (!truth)
		abort();
}

static int parse(const void *bytes, size_t size, struct server_list *list)
{
	struct ipvsctl_error err = { 0 };
	char *text = malloc(size + 1);
	int r;

	must(text != NULL);
	memcpy(text, bytes, size);
	text[size] = '\0';
	r = server_list_parse(&(struct server_file){ "fuzz", text, size, NULL },
			      list, &err);
	must(r == 0 || (r == -EINVAL && err.code == r && err.file[0]));
	free(text);
	return r;
}

static int compare(const struct listed_server *a, const struct listed_server *b)
{
	int order = ipvsctl_address_compare(&a->address, &b->address);

	return order ? order : (int)a->port - (int)b->port;
}

/* As nginx has them, where there is a weight, or plain. */
static char *format(const struct server_list *list, size_t *ret_length)
{
	char *text = NULL;
	FILE *stream = open_memstream(&text, ret_length);

	must(stream != NULL);
	for (size_t i = 0; i < list->count; i++) {
		const struct listed_server *one = &list->servers[i];
		const struct ipvsctl_server server = { .address = one->address,
						       .port = one->port };
		char name[IPVSCTL_IDENTITY_TEXT];

		(void)ipvsctl_server_format(&server, name);
		if (one->weighed)
			(void)fprintf(stream, "server %s weight=%u%s;\n", name,
				      one->weight,
				      one->backup ? " backup" : "");
		else if (one->backup)
			(void)fprintf(stream, "server %s backup;\n", name);
		else
			(void)fprintf(stream, "%s\n", name);
	}
	must(fclose(stream) == 0);
	return text;
}

static void must_come_again(const struct server_list *list)
{
	struct server_list again = { 0 };
	size_t length = 0;
	char *text = format(list, &length);

	must(parse(text, length, &again) == 0);
	must(again.count == list->count);
	for (size_t i = 0; i < list->count; i++) {
		const struct listed_server *a = &list->servers[i];
		const struct listed_server *b = &again.servers[i];

		must(compare(a, b) == 0 && a->weighed == b->weighed &&
		     a->weight == b->weight && a->backup == b->backup);
	}
	free(text);
	server_list_free(&again);
}

static void must_serve(const struct server_list *list, const char *name)
{
	const struct check check = { 0 };
	struct ipvsctl_service service;

	must(ipvsctl_service_parse(name, &service, NULL) == 0);
	for (size_t i = 0; i < list->count; i++) {
		struct ipvsctl_server server;

		if (!list->servers[i].backup &&
		    list_server(&check, &service, &list->servers[i], &server,
				NULL) == 0)
			must(list_find(list, &service, &server) != NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct server_list list = { 0 };

	if (parse(data, size, &list) < 0) {
		must(!list.servers);
		return 0;
	}
	must(list.count > 0);
	for (size_t i = 1; i < list.count; i++)
		must(compare(&list.servers[i - 1], &list.servers[i]) < 0);
	must_come_again(&list);
	must_serve(&list, "tcp:192.0.2.1:80");
	must_serve(&list, "fwmark:1/inet6");
	server_list_free(&list);
	return 0;
}
