/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Checks that run together: equal ways, and overlapping names. */
#include <errno.h>
#include <string.h>

#include "check/config/check.h"
#include "fail.h"
#include "text.h"

/* ---- Ways ---------------------------------------------------------------- */

static void key_list(FILE *stream, char *const *list)
{
	for (; list && *list; list++)
		(void)fprintf(stream, "%zu %s\n", strlen(*list), *list);
	(void)fprintf(stream, "\n");
}

static void key_steps(FILE *stream, const struct check_way *way)
{
	for (size_t i = 0; i < way->step_count; i++) {
		const struct check_bytes *bytes = &way->steps[i].bytes;

		(void)fputc(way->steps[i].expects ? '?' : '!', stream);
		for (size_t j = 0; j < bytes->length; j++)
			(void)fprintf(stream, "%02x", bytes->bytes[j]);
	}
}

static void key_address(FILE *stream, const struct ipvsctl_address *address)
{
	char text[IPVSCTL_ADDRESS_TEXT] = "-";

	if (address->family)
		(void)ipvsctl_address_format(address, text);
	(void)fprintf(stream, "%s\n", text);
}

/* Returns a text that only equal ways share. */
static char *way_key(const struct check *check)
{
	const struct check_way *way = &check->way;
	const char *texts[] = {
		way->interface, way->path,	way->method,
		way->host,	way->body,	way->sha256,
		way->ca_file,	way->sni,	way->certificate,
		way->key,	way->user,	way->http_version,
		way->dns_name,	way->data_file, way->weight_file
	};
	struct text written = { 0 };
	char *key = NULL;
	FILE *stream = text_open(&written);

	if (!stream)
		return NULL;
	(void)fprintf(stream, "%d %d %u %lld %u %d %d %d %d %u %d %u\n",
		      way->kind, way->server_port, way->port,
		      (long long)way->timeout_us, way->mark,
		      way->proxy_protocol, way->via_vip, way->follow,
		      way->insecure, way->dns_type, way->weight_from,
		      way->agent_port);
	key_address(stream, &way->source);
	key_address(stream, &way->vip);
	/* Programs get the check's name. */
	if (way->kind == CHECK_EXEC)
		(void)fprintf(stream, "%s\n", check->name);
	if (way->via_vip)
		(void)fprintf(stream, "%s\n", check->selected);
	for (size_t i = 0; i < way->status_count; i++)
		(void)fprintf(stream, "%u-%u,", way->statuses[i].first,
			      way->statuses[i].last);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		(void)fprintf(stream, "\n%d%s", texts[i] != NULL,
			      texts[i] ? texts[i] : "");
	key_list(stream, way->headers);
	key_list(stream, way->wanted_headers);
	key_list(stream, way->answers);
	key_list(stream, way->exec);
	key_steps(stream, way);
	return text_close(stream, &written, &key, NULL) < 0 ? NULL : key;
}

/* A check and its sort key. */
struct keyed {
	char *key;
	struct check *check;
};

static int compare_keyed(const void *a, const void *b)
{
	return strcmp(((const struct keyed *)a)->key,
		      ((const struct keyed *)b)->key);
}

static void free_keyed(struct keyed *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i].key);
	free(list);
}

/* Calls key for all and sorts by it; free with free_keyed(). */
static struct keyed *sort_by(const struct checks *checks,
			     char *(*key)(const struct check *check))
{
	struct keyed *list = calloc(checks->count + 1, sizeof(*list));

	for (size_t i = 0; list && i < checks->count; i++) {
		list[i].check = &checks->checks[i];
		list[i].key = key(list[i].check);
		if (!list[i].key) {
			free_keyed(list, i);
			return NULL;
		}
	}
	if (list)
		qsort(list, checks->count, sizeof(*list), compare_keyed);
	return list;
}

static int number_ways(struct command *command, const struct checks *checks)
{
	struct keyed *list = sort_by(checks, way_key);
	unsigned int number = 0;

	if (!list)
		return command_no_memory(command);
	for (size_t i = 0; i < checks->count; i++) {
		if (i > 0 && compare_keyed(&list[i - 1], &list[i]) != 0)
			number++;
		list[i].check->way_number = number;
		if (list[i].check->reporter)
			list[i].check->reporter->way_number = number;
	}
	free_keyed(list, checks->count);
	return 0;
}

/* ---- Names --------------------------------------------------------------- */

/* One selector of a check, to find overlaps. */
struct claim {
	const struct check *check;
	const struct check_selector *selector;
};

static int compare_claims(const void *a, const void *b)
{
	const struct claim *one = a, *other = b;
	int order = strcmp(one->check->name, other->check->name);

	if (order == 0 && one->selector->all != other->selector->all)
		order = one->selector->all ? -1 : 1;
	return order ? order :
		       ipvsctl_service_compare(&one->selector->service,
					       &other->selector->service);
}

static uint16_t last_port(const struct check_selector *selector)
{
	return selector->last_port ? selector->last_port :
				     selector->service.port;
}

/* Tells whether a claim extends to the start of a later one. */
static bool reaches(const struct claim *claim, const struct claim *later)
{
	struct ipvsctl_service service = claim->selector->service;

	if (strcmp(claim->check->name, later->check->name) != 0)
		return false;
	service.port = later->selector->service.port;
	return claim->selector->all ||
	       (!ipvsctl_service_compare(&service, &later->selector->service) &&
		service.port <= last_port(claim->selector));
}

static int fail_overlap(struct command *command, const struct claim *claim)
{
	const char *where = claim->check->where;

	(void)command_fail(command, -EINVAL, claim->check->selected,
			   "another check named '%s' selects it too%s%s",
			   claim->check->name, where ? ": " : "",
			   where ? where : "");
	return fail_hint(&command->err, -EINVAL,
			 "give one of them another --name");
}

/* Compares each claim with the one before that reaches furthest. */
static int find_overlap(struct command *command, const struct claim *claims,
			size_t count)
{
	const struct claim *furthest = claims;

	for (const struct claim *claim = claims; claim < claims + count;
	     claim++) {
		if (!reaches(furthest, claim)) {
			furthest = claim;
			continue;
		}
		if (furthest->check != claim->check)
			return fail_overlap(command, claim);
		if (!furthest->selector->all &&
		    last_port(claim->selector) > last_port(furthest->selector))
			furthest = claim;
	}
	return 0;
}

/* Refuses checks of one name that overlap: one would restore servers that the
   other takes out. */
static int check_names(struct command *command, const struct checks *checks)
{
	AUTO_FREE struct claim *claims = NULL;
	size_t count = 0;

	for (size_t i = 0; i < checks->count; i++)
		count += checks->checks[i].selector_count;
	claims = calloc(count + 1, sizeof(*claims));
	if (!claims)
		return command_no_memory(command);
	count = 0;
	for (size_t i = 0; i < checks->count; i++)
		for (size_t j = 0; j < checks->checks[i].selector_count; j++)
			claims[count++] = (struct claim){
				&checks->checks[i],
				&checks->checks[i].selectors[j],
			};
	qsort(claims, count, sizeof(*claims), compare_claims);
	return find_overlap(command, claims, count);
}

int check_all(struct command *command, struct checks *checks)
{
	int r = check_names(command, checks);

	return r < 0 ? r : number_ways(command, checks);
}

const struct check *checks_find(const struct checks *checks, const char *name,
				const struct ipvsctl_service *service)
{
	for (size_t i = 0; i < checks->count; i++)
		if (strcmp(checks->checks[i].name, name) == 0 &&
		    check_selects(&checks->checks[i], service))
			return &checks->checks[i];
	return NULL;
}
