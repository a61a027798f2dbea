/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Prepares a check once per run: its name, headers and expression. */
#include <arpa/inet.h>

#include <errno.h>
#include <string.h>

#include "check/probe/curl/match.h"
#include "check/probe/curl/transfer.h"

static const char name_characters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";

/* Copies a host as in a URL, without the port: "name", "name:80", "192.0.2.1",
   "2001:db8::1", "[2001:db8::1]:80". Returns 0, 1 if it is no host, -1 without
   memory. */
static int url_name(const char *host, char **ret_name)
{
	char text[INET6_ADDRSTRLEN] = "";
	struct in6_addr address;
	size_t length = strcspn(host, ":");
	int written;

	if (*host == '[')
		(void)snprintf(text, sizeof(text), "%.*s",
			       (int)strcspn(host + 1, "]"), host + 1);
	else
		(void)snprintf(text, sizeof(text), "%s", host);
	if (inet_pton(AF_INET6, text, &address) == 1) {
		written = asprintf(ret_name, "[%s]", text);
		return written < 0 ? -1 : 0;
	}
	if (length == 0 || strspn(host, name_characters) < length)
		return 1;
	*ret_name = strndup(host, length);
	return *ret_name ? 0 : -1;
}

static int set_name(struct curl_way *way)
{
	const struct check_way *of = &way->check->way;
	const char *host = of->host;
	int r;

	if (of->kind != CHECK_HTTP && of->sni)
		host = of->sni;
	if (!host)
		return 0;
	r = url_name(host, &way->name);
	if (r > 0)
		(void)snprintf(way->fault, sizeof(way->fault),
			       "\"%.60s\" is not the name of a host", host);
	return r < 0 ? -1 : 0;
}

static int set_credentials(struct curl_run *run, struct curl_way *way)
{
	const struct check_way *of = &way->check->way;

	/* A redirect may lead to https. */
	if (of->kind == CHECK_SMTP || (of->kind == CHECK_HTTP && !of->follow))
		return 0;
	way->credentials = curl_credentials(run, of);
	if (!way->credentials)
		return -1;
	if (!way->fault[0])
		(void)snprintf(way->fault, sizeof(way->fault), "%s",
			       way->credentials->fault);
	return 0;
}

static int add_header(struct curl_way *way, const char *header)
{
	struct curl_slist *list = curl_slist_append(way->headers, header);

	if (!list)
		return -1;
	way->headers = list;
	return 0;
}

static int add_host(struct curl_way *way)
{
	const char *host = way->check->way.host;
	AUTO_FREE char *header = NULL;

	if (!host)
		return 0;
	if (asprintf(&header, "Host: %s", host) < 0)
		return -1;
	return add_header(way, header);
}

static int set_headers(struct curl_way *way)
{
	const struct check_way *of = &way->check->way;

	if (add_host(way) < 0)
		return -1;
	/* libcurl would send a type of its own with a body, and would ask
	   before it sends a large one. */
	if (of->data_file && (add_header(way, "Content-Type:") < 0 ||
			      add_header(way, "Expect:") < 0))
		return -1;
	for (char **header = of->headers; header && *header; header++)
		if (add_header(way, *header) < 0)
			return -1;
	return 0;
}

static int set_body(struct curl_way *way)
{
	const char *body = way->check->way.body;
	int r = body ? matcher_new(body, &way->body) : 0;

	if (r == -EINVAL)
		(void)snprintf(way->fault, sizeof(way->fault),
			       "body: the expression cannot be searched for");
	return r == -ENOMEM ? -1 : 0;
}

/* The list has "Name:expression". */
static int set_wanted_headers(struct curl_way *way)
{
	char **list = way->check->way.wanted_headers;
	int r = 0;

	for (size_t i = 0; r == 0 && list && list[i]; i++) {
		struct wanted_header *header = &way->wanted[i];

		header->name = list[i];
		header->length = strcspn(list[i], ":");
		r = matcher_new(list[i] + header->length + 1, &header->value);
	}
	if (r == -EINVAL)
		(void)snprintf(way->fault, sizeof(way->fault),
			       "header: the expression cannot be searched for");
	return r == -ENOMEM ? -1 : 0;
}

static void way_free(struct curl_way *way)
{
	curl_slist_free_all(way->headers);
	matcher_free(way->body);
	for (size_t i = 0; i < CHECK_WANTED_HEADERS; i++)
		matcher_free(way->wanted[i].value);
	free(way->name);
	free(way);
}

void curl_ways_free(struct curl_way *ways)
{
	while (ways) {
		struct curl_way *next = ways->next;

		way_free(ways);
		ways = next;
	}
}

/* Probes of a check are adjacent, so the first one mostly fits. */
static struct curl_way *take(struct curl_run *run, const struct check *check)
{
	for (struct curl_way **at = &run->ways; *at; at = &(*at)->next) {
		struct curl_way *way = *at;

		if (way->check == check) {
			*at = way->next;
			return way;
		}
	}
	return NULL;
}

const struct curl_way *curl_way(struct curl_run *run, const struct check *check)
{
	struct curl_way *way = take(run, check);

	if (!way) {
		way = calloc(1, sizeof(*way));
		if (!way)
			return NULL;
		way->check = check;
		if (set_name(way) < 0 || set_headers(way) < 0 ||
		    set_body(way) < 0 || set_wanted_headers(way) < 0 ||
		    set_credentials(run, way) < 0) {
			way_free(way);
			return NULL;
		}
	}
	way->next = run->ways;
	run->ways = way;
	return way;
}
