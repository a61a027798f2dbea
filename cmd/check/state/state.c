/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The state in memory. */
#include "check/state/state.h"

#include <errno.h>
#include <string.h>

#include "array.h"
#include "clock.h"

void state_server_clear(struct state_server *server)
{
	array_free_texts(TAKE_PTR(server->reasons));
}

void state_free(struct state *state)
{
	for (size_t i = 0; i < state->check_count; i++) {
		free(state->checks[i].selected);
		free(state->checks[i].known);
		free(state->checks[i].vip);
		free(state->checks[i].rows);
	}
	free(state->checks);
	for (size_t i = 0; i < state->server_count; i++)
		state_server_clear(&state->servers[i]);
	free(state->servers);
	*state = (struct state){ 0 };
}

/* ---- Times --------------------------------------------------------------- */

int64_t state_now(void)
{
	return clock_now() / 1000;
}

int64_t state_wall(int64_t since_boot)
{
	return (clock_us(CLOCK_REALTIME) / 1000 - state_now() + since_boot) /
	       1000;
}

/* ---- Sorted arrays ------------------------------------------------------- */

/* Returns the position of an item, or where to insert it. */
static size_t lower_bound(const void *array, size_t count, size_t size,
			  const void *wanted,
			  int (*compare)(const void *item, const void *wanted))
{
	size_t first = 0;

	while (count > 0) {
		size_t half = count / 2;
		const char *middle =
			(const char *)array + (first + half) * size;

		if (compare(middle, wanted) < 0) {
			first += half + 1;
			count -= half + 1;
		} else {
			count = half;
		}
	}
	return first;
}

/* Makes room for one more at that place; NULL without memory. */
static void *open_gap(void *array, size_t *capacity, size_t count, size_t size,
		      size_t place)
{
	char *grown = array_grow(array, capacity, count + 1, size);

	if (grown)
		(void)memmove(grown + (place + 1) * size, grown + place * size,
			      (count - place) * size);
	return grown;
}

static void close_gap(void *array, size_t count, size_t size, size_t place)
{
	char *start = (char *)array + place * size;

	(void)memmove(start, start + size, (count - place - 1) * size);
}

/* ---- Checks -------------------------------------------------------------- */

struct check_key {
	const char *name, *selected;
};

static int compare_checks(const void *item, const void *key)
{
	const struct state_check *check = item;
	const struct check_key *wanted = key;
	int order = strcmp(check->name, wanted->name);

	return order ? order : strcmp(check->selected, wanted->selected);
}

/* Returns the position of a check, or where to insert it. */
static size_t check_place(const struct state *state, const char *name,
			  const char *selected, bool *ret_found)
{
	const struct check_key wanted = { name, selected };
	size_t place =
		lower_bound(state->checks, state->check_count,
			    sizeof(*state->checks), &wanted, compare_checks);

	*ret_found = place < state->check_count &&
		     compare_checks(&state->checks[place], &wanted) == 0;
	return place;
}

struct state_check *state_find(const struct state *state, const char *name,
			       const char *selected)
{
	bool found;
	size_t place = check_place(state, name, selected, &found);

	return found ? &state->checks[place] : NULL;
}

struct state_check *state_need(struct state *state, const char *name,
			       const char *selected)
{
	bool found;
	size_t place = check_place(state, name, selected, &found);
	struct state_check *grown;
	char *copy;

	if (found)
		return &state->checks[place];
	grown = open_gap(state->checks, &state->check_capacity,
			 state->check_count, sizeof(*grown), place);
	if (!grown)
		return NULL;
	state->checks = grown;
	copy = strdup(selected);
	if (!copy) {
		close_gap(grown, state->check_count + 1, sizeof(*grown), place);
		return NULL;
	}
	state->check_count++;
	grown[place] = (struct state_check){ .selected = copy };
	(void)snprintf(grown[place].name, sizeof(grown->name), "%s", name);
	return &grown[place];
}

void state_drop_check(struct state *state, struct state_check *check)
{
	size_t place = (size_t)(check - state->checks);

	free(check->selected);
	free(check->known);
	free(check->vip);
	free(check->rows);
	close_gap(state->checks, state->check_count--, sizeof(*check), place);
}

bool state_drop_applied(struct state *state)
{
	bool dropped = false;

	for (size_t i = state->server_count; i-- > 0;)
		if (state->servers[i].dropped) {
			state_drop_server(state, &state->servers[i]);
			dropped = true;
		}
	for (size_t i = state->check_count; i-- > 0;) {
		struct state_check *check = &state->checks[i];

		dropped = dropped || check->dropped || check->vip_dropped;
		if (check->vip_dropped)
			free(TAKE_PTR(check->vip));
		check->withdrawn = check->withdrawn && !check->vip_dropped;
		check->vip_dropped = false;
		if (check->dropped)
			state_drop_check(state, check);
	}
	return dropped;
}

/* ---- Rows ---------------------------------------------------------------- */

static int compare_rows(const void *a, const void *b)
{
	const struct state_row *one = a, *other = b;
	int order = ipvsctl_address_compare(&one->address, &other->address);

	if (order == 0)
		order = (int)one->port - (int)other->port;
	return order ? order : told_compare(&one->told, &other->told);
}

struct state_row *state_row(const struct state_check *check,
			    const struct ipvsctl_address *address,
			    uint16_t port, const struct told *told)
{
	struct state_row wanted = { .address = *address, .port = port };

	if (told)
		wanted.told = *told;
	return check->count ? bsearch(&wanted, check->rows, check->count,
				      sizeof(wanted), compare_rows) :
			      NULL;
}

int state_add_rows(struct state_check *check, const struct state_row *rows,
		   size_t count)
{
	size_t wanted = check->count + count, kept = 0;
	struct state_row *grown;

	if (count == 0)
		return 0;
	grown = array_grow(check->rows, &check->capacity, wanted,
			   sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	check->rows = grown;
	(void)memcpy(check->rows + check->count, rows, count * sizeof(*rows));
	qsort(check->rows, wanted, sizeof(*rows), compare_rows);
	/* Services that share a target share its row. */
	for (size_t i = 0; i < wanted; i++)
		if (kept == 0 ||
		    compare_rows(&check->rows[kept - 1], &check->rows[i]) != 0)
			check->rows[kept++] = check->rows[i];
	check->count = kept;
	return 0;
}

void state_drop_unseen(struct state_check *check)
{
	size_t kept = 0;

	for (size_t i = 0; i < check->count; i++)
		if (check->rows[i].seen)
			check->rows[kept++] = check->rows[i];
	check->count = kept;
}

int64_t state_slow_left(const struct state_row *row)
{
	const int64_t left = row->slow_since + row->slow_ms - state_now();

	return row->slow_since && left > 0 ? left : 0;
}

const char *state_text(const struct state_check *check,
		       const struct state_row *row, char text[32])
{
	static const char *const words[] = { "new", "up", "down" };

	if (row->state == ROW_NEW || row->streak == 0)
		(void)snprintf(text, 32, "%s%s", words[row->state],
			       row->kept ? ", kept" : "");
	else
		(void)snprintf(text, 32, "%s %u/%u%s",
			       row->state == ROW_UP ? "failing" : "recovering",
			       row->streak,
			       row->state == ROW_UP ? check->fall : check->rise,
			       row->kept ? ", kept" : "");
	return text;
}

/* ---- Servers ------------------------------------------------------------- */

/* A server without a family comes before all others of its service. */
static int compare_servers(const void *a, const void *b)
{
	const struct state_server *one = a, *other = b;
	int order = (int)one->role - (int)other->role;

	if (!order)
		order = ipvsctl_service_compare(&one->service, &other->service);
	if (!order)
		order = ipvsctl_server_compare(&one->server, &other->server);
	return order ? order : strcmp(one->name, other->name);
}

struct state_server *state_server(const struct state *state,
				  enum state_role role, const char *name,
				  const struct ipvsctl_service *service,
				  const struct ipvsctl_server *server)
{
	struct state_server wanted = { .role = role, .service = *service };
	size_t place;

	if (server)
		wanted.server = *server;
	place = lower_bound(state->servers, state->server_count, sizeof(wanted),
			    &wanted, compare_servers);
	for (; place < state->server_count; place++) {
		struct state_server *one = &state->servers[place];

		if (one->role != role ||
		    ipvsctl_service_compare(&one->service, service) != 0 ||
		    (server &&
		     ipvsctl_server_compare(&one->server, server) != 0))
			return NULL;
		if (!name || strcmp(one->name, name) == 0)
			return one;
	}
	return NULL;
}

int state_add_server(struct state *state, const struct state_server *server)
{
	size_t place = lower_bound(state->servers, state->server_count,
				   sizeof(*server), server, compare_servers);
	struct state_server *grown = state->servers;

	if (place < state->server_count &&
	    compare_servers(&grown[place], server) == 0) {
		state_server_clear(&grown[place]);
		grown[place] = *server;
		return 0;
	}
	grown = open_gap(grown, &state->server_capacity, state->server_count,
			 sizeof(*server), place);
	if (!grown)
		return -ENOMEM;
	state->servers = grown;
	grown[place] = *server;
	state->server_count++;
	return 0;
}

int state_add_reason(char ***reasons, const char *reason)
{
	for (char **one = *reasons; one && *one; one++)
		if (strcmp(*one, reason) == 0)
			return 0;
	return array_add_text(reasons, reason);
}

int state_copy_servers(const struct state *state, struct state *copy)
{
	for (size_t i = 0; i < state->server_count; i++) {
		char **reasons = state->servers[i].reasons;
		struct state_server entry = state->servers[i];
		int r = 0;

		entry.reasons = NULL;
		for (; r == 0 && reasons && *reasons; reasons++)
			r = state_add_reason(&entry.reasons, *reasons);
		if (r == 0)
			r = state_add_server(copy, &entry);
		if (r < 0) {
			state_server_clear(&entry);
			return r;
		}
	}
	return 0;
}

void state_drop_server(struct state *state, struct state_server *server)
{
	size_t place = (size_t)(server - state->servers);

	state_server_clear(server);
	close_gap(state->servers, state->server_count--, sizeof(*server), place);
}

static const enum state_role come_in[] = { STATE_STAND_IN, STATE_SORRY,
					   STATE_STANDBY };

bool state_comes_in(enum state_role role)
{
	for (size_t i = 0; i < ARRAY_SIZE(come_in); i++)
		if (come_in[i] == role)
			return true;
	return false;
}

bool state_has_come_in(const struct state *state,
		       const struct ipvsctl_service *service,
		       const struct ipvsctl_server *server)
{
	for (size_t i = 0; state->server_count && i < ARRAY_SIZE(come_in); i++)
		if (state_server(state, come_in[i], NULL, service, server))
			return true;
	return false;
}

bool state_is_guest(const struct state *state,
		    const struct ipvsctl_service *service,
		    const struct ipvsctl_server *server)
{
	return state_has_come_in(state, service, server) ||
	       state_server(state, STATE_LEAVING, NULL, service, server);
}
