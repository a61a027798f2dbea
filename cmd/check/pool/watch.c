/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Finds the services that a check watches: those that it names, those of its
 * ranges that exist or once did, and with "all" every service that exists.
 */
#include "check/pool/watch.h"

#include <errno.h>
#include <string.h>

#include "array.h"
#include "text.h"

/* A check, and the place in run->watched where its services begin. */
struct watcher {
	struct run *run;
	const struct check *check;
	struct state_check *state;
	size_t start;
};

static int add(struct watcher *watcher, const struct ipvsctl_service *service,
	       bool missing)
{
	struct watched_list *watched = &watcher->run->watched;
	struct watched *grown = array_grow(watched->list, &watched->capacity,
					   watched->count + 1, sizeof(*grown));

	if (!grown)
		return command_no_memory(watcher->run->command);
	watched->list = grown;
	watched->list[watched->count++] = (struct watched){
		.check = watcher->check,
		.service = *service,
		.missing = missing,
	};
	return 0;
}

static const struct ipvsctl_service *find_existing(
	const struct watcher *watcher, const struct ipvsctl_service *service)
{
	return ipvsctl_config_find_service(watcher->run->command->from, service);
}

/* Adds the services of ranges and of "all". */
static int add_existing(struct watcher *watcher)
{
	const struct run *run = watcher->run;
	const struct ipvsctl_service *service = NULL;
	int r = 0;

	while (r == 0 &&
	       (service = ipvsctl_config_next_service(run->command->from,
						      service)))
		if (check_selects(watcher->check, service) &&
		    !state_server(&run->state, STATE_PROBE, NULL, service, NULL))
			r = add(watcher, service, false);
	return r;
}

/* Adds the services of a selector that do not exist, but should. */
static int add_missing(struct watcher *watcher,
		       const struct check_selector *selector)
{
	struct ipvsctl_service service = selector->service;
	unsigned int last =
		selector->last_port ? selector->last_port : service.port;
	int r = 0;

	for (unsigned int port = service.port; r == 0 && port <= last; port++) {
		service.port = (uint16_t)port;
		if (!find_existing(watcher, &service))
			r = add(watcher, &service, true);
	}
	return r;
}

static int add_named(struct watcher *watcher)
{
	const struct check *check = watcher->check;
	int r = 0;

	for (size_t i = 0; r == 0 && i < check->selector_count; i++) {
		const struct check_selector *selector = &check->selectors[i];
		const struct ipvsctl_service *service;

		if (selector->all || selector->last_port)
			continue;
		service = find_existing(watcher, &selector->service);
		r = service ? add(watcher, service, false) :
			      add_missing(watcher, selector);
	}
	return r;
}

/* Adds the services of ranges that earlier runs knew and that are gone. */
static int add_known(struct watcher *watcher)
{
	struct check known = { 0 };
	int r = 0;

	if (!watcher->state->known)
		return 0;
	if (check_parse_selected(watcher->state->known, &known) < 0)
		return command_no_memory(watcher->run->command);
	for (size_t i = 0; r == 0 && i < known.selector_count; i++)
		r = known.selectors[i].all ?
			    0 :
			    add_missing(watcher, &known.selectors[i]);
	free(known.selectors);
	return r;
}

static int compare(const void *a, const void *b)
{
	const struct watched *one = a, *other = b;

	return ipvsctl_service_compare(&one->service, &other->service);
}

/* Sorts, and keeps services once that several selectors have. */
static void sort_and_unite(struct watcher *watcher)
{
	struct watched_list *watched = &watcher->run->watched;
	struct watched *list = watched->list;
	size_t kept = watcher->start;

	if (watched->count == watcher->start)
		return;
	qsort(list + watcher->start, watched->count - watcher->start,
	      sizeof(*list), compare);
	for (size_t i = watcher->start; i < watched->count; i++)
		if (i == watcher->start ||
		    compare(&list[kept - 1], &list[i]) != 0)
			list[kept++] = list[i];
	watched->count = kept;
}

/* ---- Ranges for later runs ----------------------------------------------- */

static bool has_ranges(const struct check *check)
{
	for (size_t i = 0; i < check->selector_count; i++)
		if (check->selectors[i].last_port)
			return true;
	return false;
}

/* Tells whether the service is the next port of the range that ends with
   last. */
static bool follows(const struct ipvsctl_service *last,
		    const struct ipvsctl_service *service)
{
	struct ipvsctl_service next = *last;

	if (last->fwmark || last->port == UINT16_MAX)
		return false;
	next.port++;
	return ipvsctl_service_compare(&next, service) == 0;
}

static void put_range(FILE *stream, const struct ipvsctl_service *first,
		      const struct ipvsctl_service *last)
{
	char text[IPVSCTL_IDENTITY_TEXT];

	(void)fputs(ipvsctl_service_format(first, text), stream);
	if (first != last)
		(void)fprintf(stream, ":%u", last->port);
}

/* Writes the services of the check's ranges as few selectors. */
static void put_known(FILE *stream, const struct watcher *watcher)
{
	const struct watched_list *watched = &watcher->run->watched;
	const struct ipvsctl_service *first = NULL, *last = NULL;

	for (size_t i = watcher->start; i < watched->count; i++) {
		const struct ipvsctl_service *service =
			&watched->list[i].service;

		if (!check_has_in_range(watcher->check, service))
			continue;
		if (first && !follows(last, service)) {
			put_range(stream, first, last);
			(void)fputc(',', stream);
			first = NULL;
		}
		first = first ? first : service;
		last = service;
	}
	if (first)
		put_range(stream, first, last);
}

static int remember(struct watcher *watcher)
{
	struct text written = { 0 };
	FILE *stream = text_open(&written);
	char *known = NULL;

	if (stream)
		put_known(stream, watcher);
	if (!stream || text_close(stream, &written, &known, NULL) < 0)
		return command_no_memory(watcher->run->command);
	free(watcher->state->known);
	if (!known[0])
		free(TAKE_PTR(known));
	watcher->state->known = known;
	return 0;
}

int watch(struct run *run, const struct check *check)
{
	struct watcher watcher = {
		.run = run,
		.check = check,
		.state = state_find(&run->state, check->name, check->selected),
		.start = run->watched.count,
	};
	const bool ranges = has_ranges(check);
	int r = 0;

	if (ranges || check->selectors[0].all)
		r = add_existing(&watcher);
	if (r == 0)
		r = add_named(&watcher);
	if (r == 0 && ranges)
		r = add_known(&watcher);
	if (r < 0)
		return r;
	sort_and_unite(&watcher);
	return ranges ? remember(&watcher) : 0;
}
