/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads files of servers, and finds servers in them. */
#include "check/pool/listed.h"

#include <errno.h>
#include <string.h>

#include "check/config/file-text.h"

int list_read(struct run *run, const char *path, const char *upstream,
	      struct server_list *list)
{
	struct file_text text = { 0 };
	struct server_file file = { .name = path, .upstream = upstream };
	int r = file_text_read(run->command, path, false, &text);

	if (r < 0)
		return r;
	file.text = text.text;
	file.length = text.length;
	r = server_list_parse(&file, list, &run->command->err);
	free(text.text);
	if (r == 0 && list->strange_line)
		run_warn(run,
			 "%s:%u: nginx does not know a word in this line; "
			 "the word is ignored",
			 path, list->strange_line);
	return r;
}

void list_warn(struct run *run)
{
	struct ipvsctl_error *err = &run->command->err;
	char place[160] = "";

	(void)snprintf(place, sizeof(place), "%s", err->file);
	if (err->file[0] && err->line)
		(void)snprintf(place, sizeof(place), "%s:%u", err->file,
			       err->line);
	run_warn(run, "%s: %s; its pool is left as it is%s%s",
		 place[0] ? place : err->subject, err->message,
		 err->hint[0] ? ": " : "", err->hint);
	*err = (struct ipvsctl_error){ 0 };
}

int list_read_all(struct run *run)
{
	run->lists = calloc(run->checks->count + 1, sizeof(*run->lists));
	if (!run->lists)
		return command_no_memory(run->command);
	for (size_t i = 0; i < run->checks->count; i++) {
		const struct check *check = &run->checks->checks[i];
		int r = check->servers_file ?
				list_read(run, check->servers_file,
					  check->upstream, &run->lists[i]) :
				0;

		if (r == -ENOMEM)
			return r;
		if (r < 0)
			list_warn(run);
	}
	return 0;
}

int list_set_attributes(const struct check *check,
			struct ipvsctl_server *server,
			struct ipvsctl_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < check->attribute_count; i++)
		r = ipvsctl_server_set(server, check->attributes[i].name,
				       check->attributes[i].value, err);
	return r;
}

/* Under a mark the server gets the client's port, whatever the file says. */
uint16_t list_port(const struct ipvsctl_service *service,
		   const struct listed_server *listed)
{
	if (service->fwmark)
		return 0;
	return listed->port ? listed->port : service->port;
}

int list_server_like(const struct check *check,
		     const struct ipvsctl_service *service,
		     const struct listed_server *listed,
		     struct ipvsctl_server *server, struct ipvsctl_error *err)
{
	int r;

	server->address = listed->address;
	server->port = list_port(service, listed);
	server->held = server->removed = false;
	/* nginx gives a backup without a weight 1. */
	if (listed->backup)
		server->weight = 1;
	r = list_set_attributes(check, server, err);
	if (listed->weighed)
		server->weight = listed->weight;
	return r < 0 ? r : ipvsctl_server_check(service, server, err);
}

int list_server(const struct check *check,
		const struct ipvsctl_service *service,
		const struct listed_server *listed,
		struct ipvsctl_server *ret_server, struct ipvsctl_error *err)
{
	char address[IPVSCTL_ADDRESS_TEXT];
	int r;

	r = ipvsctl_server_parse(ipvsctl_address_format(&listed->address,
							address),
				 service, ret_server, err);
	return r < 0 ? r :
		       list_server_like(check, service, listed, ret_server, err);
}

const struct listed_server *list_find(const struct server_list *list,
				      const struct ipvsctl_service *service,
				      const struct ipvsctl_server *server)
{
	size_t first = 0, count = list->count;

	/* Find the first of that address; few have several. */
	while (count > 0) {
		size_t half = count / 2;

		if (ipvsctl_address_compare(&list->servers[first + half].address,
					    &server->address) < 0) {
			first += half + 1;
			count -= half + 1;
		} else {
			count = half;
		}
	}
	for (; first < list->count &&
	       !ipvsctl_address_compare(&list->servers[first].address,
					&server->address);
	     first++)
		if (!list->servers[first].backup &&
		    list_port(service, &list->servers[first]) == server->port)
			return &list->servers[first];
	return NULL;
}
