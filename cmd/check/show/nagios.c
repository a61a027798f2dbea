/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The state of all servers as one line, as monitoring plugins print it. */
#include "check/show/nagios.h"

#define NAMED_MAX 3

enum plugin {
	PLUGIN_OK,
	PLUGIN_WARNING,
	PLUGIN_CRITICAL,
	PLUGIN_UNKNOWN,
};

static const char *const plugin_names[] = {
	[PLUGIN_OK] = "OK",
	[PLUGIN_WARNING] = "WARNING",
	[PLUGIN_CRITICAL] = "CRITICAL",
	[PLUGIN_UNKNOWN] = "UNKNOWN",
};

/* Services, the first of them by name. */
struct empties {
	const struct ipvsctl_service *named[NAMED_MAX];
	size_t count;
};

/* Servers of services, whatever the number of their checks. */
struct summary {
	size_t counts[ROW_DOWN + 1]; /* by enum row_state */
	size_t total;
	size_t dead; /* services with a server down and none up */
	const struct member *named[NAMED_MAX]; /* that are down */
	size_t named_count;
	struct empties missing, empty;
	unsigned int quorums_lost;
};

static enum row_state state_of(const struct member *member)
{
	return member->row ? (enum row_state)member->row->state : ROW_NEW;
}

static int compare_members(const void *a, const void *b)
{
	const struct member *const *first = a, *const *second = b;
	int r = ipvsctl_service_compare((*first)->service, (*second)->service);

	if (r == 0)
		r = ipvsctl_server_compare(&(*first)->server,
					   &(*second)->server);
	/* If a server has several checks, one that found it down comes first
	   and counts, else one that does not know it yet. */
	if (r == 0)
		r = (state_of(*first) == ROW_UP) -
		    (state_of(*second) == ROW_UP);
	if (r == 0)
		r = (int)state_of(*second) - (int)state_of(*first);
	return r;
}

/* Adds the servers of the service that sorted begins with; returns where the
   next begins. */
static size_t add_service(struct summary *summary,
			  const struct member *const *sorted, size_t count)
{
	size_t counts[ROW_DOWN + 1] = { 0 };
	size_t i = 0;

	for (; i < count && ipvsctl_service_compare(sorted[i]->service,
						    sorted[0]->service) == 0;
	     i++) {
		enum row_state state = state_of(sorted[i]);

		if (i > 0 && ipvsctl_server_compare(&sorted[i]->server,
						    &sorted[i - 1]->server) == 0)
			continue;
		if (state == ROW_DOWN && summary->named_count < NAMED_MAX)
			summary->named[summary->named_count++] = sorted[i];
		counts[state]++;
		summary->total++;
	}
	for (size_t state = 0; state < ARRAY_SIZE(counts); state++)
		summary->counts[state] += counts[state];
	summary->dead += counts[ROW_UP] == 0 && counts[ROW_DOWN] > 0;
	return i;
}

static int summarize(const struct members *members, struct summary *summary)
{
	const size_t size = sizeof(const struct member *);
	const struct member **sorted = calloc(members->count + 1, size);

	if (!sorted)
		return -1;
	for (size_t i = 0; i < members->count; i++)
		sorted[i] = &members->list[i];
	qsort(sorted, members->count, size, compare_members);
	for (size_t i = 0; i < members->count;)
		i += add_service(summary, sorted + i, members->count - i);
	free(sorted);
	return 0;
}

static int compare_watched(const void *a, const void *b)
{
	const struct watched *const *first = a, *const *second = b;

	return ipvsctl_service_compare(&(*first)->service, &(*second)->service);
}

/* Finds the services without a server, each once, whatever the number of its
   checks. Returns 0 or -1 without memory. */
static int find_empties(const struct watched_list *watched,
			struct summary *summary)
{
	const size_t size = sizeof(const struct watched *);
	const struct watched **sorted = calloc(watched->count + 1, size);
	size_t count = 0;

	if (!sorted)
		return -1;
	for (size_t i = 0; i < watched->count; i++)
		if (watched->list[i].count == 0 && !watched->list[i].leaving)
			sorted[count++] = &watched->list[i];
	qsort(sorted, count, size, compare_watched);
	for (size_t i = 0; i < count; i++) {
		struct empties *empties = sorted[i]->missing ?
						  &summary->missing :
						  &summary->empty;

		if (i > 0 && compare_watched(&sorted[i - 1], &sorted[i]) == 0)
			continue;
		if (empties->count < NAMED_MAX)
			empties->named[empties->count] = &sorted[i]->service;
		empties->count++;
	}
	free(sorted);
	return 0;
}

static enum plugin judge(const struct summary *summary)
{
	if (summary->quorums_lost > 0 || summary->dead > 0 ||
	    summary->missing.count > 0 || summary->empty.count > 0)
		return PLUGIN_CRITICAL;
	if (summary->counts[ROW_DOWN] > 0)
		return PLUGIN_WARNING;
	return summary->counts[ROW_UP] > 0 ? PLUGIN_OK : PLUGIN_UNKNOWN;
}

static void put_empties(FILE *stream, const char *what,
			const struct empties *empties)
{
	char text[IPVSCTL_IDENTITY_TEXT];

	if (empties->count == 0)
		return;
	for (size_t i = 0; i < empties->count && i < NAMED_MAX; i++)
		(void)fprintf(stream, "%s%s", i > 0 ? ", " : what,
			      ipvsctl_service_format(empties->named[i], text));
	if (empties->count > NAMED_MAX)
		(void)fprintf(stream, " and %zu more",
			      empties->count - NAMED_MAX);
}

static void put_text(FILE *stream, const struct summary *summary)
{
	size_t down = summary->counts[ROW_DOWN];

	if (summary->total == 0)
		(void)fputs("no servers are checked", stream);
	else
		(void)fprintf(stream, "%zu of %zu servers up",
			      summary->counts[ROW_UP], summary->total);
	for (size_t i = 0; i < summary->named_count; i++) {
		const struct member *member = summary->named[i];
		char service[IPVSCTL_IDENTITY_TEXT],
			server[IPVSCTL_IDENTITY_TEXT];

		(void)fprintf(stream, "%s%s of %s", i > 0 ? ", " : "; down: ",
			      ipvsctl_server_format(&member->server, server),
			      ipvsctl_service_format(member->service, service));
	}
	if (down > summary->named_count)
		(void)fprintf(stream, " and %zu more",
			      down - summary->named_count);
	if (summary->counts[ROW_NEW] > 0)
		(void)fprintf(stream, "; not known yet: %zu",
			      summary->counts[ROW_NEW]);
	if (summary->dead > 0)
		(void)fprintf(stream, "; services without a server: %zu",
			      summary->dead);
	put_empties(stream, "; no server: ", &summary->empty);
	put_empties(stream, "; no such service: ", &summary->missing);
	if (summary->quorums_lost > 0)
		(void)fprintf(stream, "; quorums lost: %u",
			      summary->quorums_lost);
}

static void put_figures(FILE *stream, const struct summary *summary)
{
	(void)fprintf(stream,
		      "'up'=%zu;;;0;%zu 'down'=%zu;;;0;%zu "
		      "'unknown'=%zu;;;0;%zu 'quorums_lost'=%u;;;0;",
		      summary->counts[ROW_UP], summary->total,
		      summary->counts[ROW_DOWN], summary->total,
		      summary->counts[ROW_NEW], summary->total,
		      summary->quorums_lost);
}

int nagios_print(FILE *stream, const struct nagios_facts *facts)
{
	struct summary summary = { .quorums_lost = facts->quorums_lost };
	enum plugin plugin;

	if (summarize(facts->members, &summary) < 0 ||
	    find_empties(facts->watched, &summary) < 0) {
		(void)fputs("LBCTL UNKNOWN - out of memory\n", stream);
		return PLUGIN_UNKNOWN;
	}
	plugin = judge(&summary);
	if (plugin == PLUGIN_OK && facts->faulty)
		plugin = PLUGIN_UNKNOWN;
	(void)fprintf(stream, "LBCTL %s - ", plugin_names[plugin]);
	put_text(stream, &summary);
	if (facts->faulty)
		(void)fputs("; not all could be checked", stream);
	(void)fputs(" | ", stream);
	put_figures(stream, &summary);
	(void)fputc('\n', stream);
	return (int)plugin;
}
