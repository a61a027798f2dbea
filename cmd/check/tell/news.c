/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Groups transitions and writes them as text. */
#include "check/tell/news.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>

#include "clean.h"

static const struct wording {
	const char *event; /* for programs; NULL: only logged */
	int priority;
	bool quorum;
	const char *one, *many; /* services */
	const char *what;	/* NULL: "server" */
} wordings[] = {
	[TRANSITION_DOWN] = { "down", LOG_WARNING, false, "is down", "is down" },
	[TRANSITION_UP] = { "up", LOG_NOTICE, false, "is up", "is up" },
	[TRANSITION_QUORUM_LOST] = { "quorum-lost", LOG_ALERT, true,
				     "has lost its quorum",
				     "have lost their quorum" },
	[TRANSITION_QUORUM_GAINED] = { "quorum-gained", LOG_NOTICE, true,
				       "has its quorum again",
				       "have their quorum again" },
	[TRANSITION_CUT] = { NULL, LOG_NOTICE, false, "is still down",
			     "is still down" },
	[TRANSITION_STANDBY_IN] = { "standby-in", LOG_WARNING, false,
				    "comes in", "comes in" },
	[TRANSITION_STANDBY_OUT] = { "standby-out", LOG_NOTICE, false,
				     "goes out", "goes out" },
	[TRANSITION_DRAINED] = { NULL, LOG_NOTICE, false, "asks to be drained",
				 "asks to be drained" },
	[TRANSITION_READY] = { NULL, LOG_NOTICE, false, "is ready again",
			       "is ready again" },
	[TRANSITION_VIP_WITHDRAWN] = { "vip-withdrawn", LOG_ALERT, false,
				       "is withdrawn", "is withdrawn", "VIP" },
	[TRANSITION_VIP_RETURNED] = { "vip-returned", LOG_NOTICE, false,
				      "is back", "is back", "VIP" },
};

/* ---- Grouping ------------------------------------------------------------ */

static int order(uintmax_t a, uintmax_t b)
{
	return (a > b) - (a < b);
}

/* Returns 0 if both are reported as one. A server's port does not matter: under
   direct routing each service has the server at its own port. */
static int compare_news(const struct transition *a, const struct transition *b)
{
	int r = order((uintptr_t)a->check, (uintptr_t)b->check);

	if (r == 0)
		r = order(a->event, b->event);
	if (r != 0)
		return r;
	if (!wordings[a->event].quorum)
		return ipvsctl_address_compare(&a->server.address,
					       &b->server.address);
	r = order(a->up, b->up);
	if (r == 0)
		r = order(a->wanted, b->wanted);
	return r != 0 ? r : strcmp(a->reason, b->reason);
}

static int compare_transitions(const void *a, const void *b)
{
	const struct transition *const *first = a, *const *second = b;
	int r = compare_news(*first, *second);

	return r != 0 ? r : order((uintptr_t)*first, (uintptr_t)*second);
}

static int compare_places(const void *a, const void *b)
{
	const struct news *first = a, *second = b;

	return order((uintptr_t)first->first, (uintptr_t)second->first);
}

/* Sorts so that transitions reported as one are adjacent. Returns NULL without
   memory. */
static const struct transition **sort(const struct transitions *transitions)
{
	const size_t size = sizeof(const struct transition *);
	const struct transition **sorted = calloc(transitions->count + 1, size);

	if (!sorted)
		return NULL;
	for (size_t i = 0; i < transitions->count; i++)
		sorted[i] = &transitions->list[i];
	qsort(sorted, transitions->count, size, compare_transitions);
	return sorted;
}

int news_gather(const struct transitions *transitions,
		struct news_list *ret_news)
{
	const struct transition **sorted = sort(transitions);
	struct news *list = calloc(transitions->count + 1, sizeof(*list));
	size_t count = 0;

	if (!sorted || !list) {
		free(sorted);
		free(list);
		return -ENOMEM;
	}
	for (size_t i = 0; i < transitions->count; i++) {
		if (i > 0 && compare_news(sorted[i - 1], sorted[i]) == 0)
			list[count - 1].others++;
		else
			list[count++].first = sorted[i];
	}
	free(sorted);
	qsort(list, count, sizeof(*list), compare_places);
	*ret_news = (struct news_list){ list, count };
	return 0;
}

void news_free(struct news_list *news)
{
	free(news->list);
	*news = (struct news_list){ 0 };
}

/* ---- Words ----------------------------------------------------------------- */

const char *news_event(const struct news *news)
{
	return wordings[news->first->event].event;
}

bool news_is_told(const struct news *news)
{
	return wordings[news->first->event].event != NULL;
}

bool news_is_quorum(const struct news *news)
{
	return wordings[news->first->event].quorum;
}

/* Room for a service and how many others. */
#define SERVICES_TEXT (IPVSCTL_IDENTITY_TEXT + 48)

/* "fwmark:1 and 9 other services" */
static const char *services_text(const struct news *news,
				 char text[SERVICES_TEXT])
{
	size_t length =
		strlen(ipvsctl_service_format(&news->first->service, text));

	if (news->others > 0)
		(void)snprintf(text + length, SERVICES_TEXT - length,
			       " and %zu other service%s", news->others,
			       news->others == 1 ? "" : "s");
	return text;
}

static const char *verb_of(const struct news *news)
{
	const struct wording *wording = &wordings[news->first->event];

	return news->others > 0 ? wording->many : wording->one;
}

static const char *what_of(const struct news *news)
{
	const char *what = wordings[news->first->event].what;

	return what ? what : "server";
}

static void format_quorum(const struct news *news, char *text, size_t size)
{
	const struct transition *transition = news->first;
	const bool more = transition->up > transition->wanted;
	char services[SERVICES_TEXT];

	if (transition->reason[0]) {
		(void)snprintf(text, size, "%s %s: %s",
			       services_text(news, services), verb_of(news),
			       transition->reason);
		return;
	}

	(void)snprintf(text, size,
		       more ? "%s %s: %u servers up, %u needed%s%s" :
			      "%s %s: %u of %u servers up%s%s",
		       services_text(news, services), verb_of(news),
		       transition->up, transition->wanted,
		       transition->done[0] ? "; " : "", transition->done);
}

static void format_server(const struct news *news, char *text, size_t size)
{
	const struct transition *transition = news->first;
	char services[SERVICES_TEXT], server[IPVSCTL_IDENTITY_TEXT];

	(void)snprintf(text, size, "%s %s of %s %s%s%s%s%s", what_of(news),
		       ipvsctl_server_format(&transition->server, server),
		       services_text(news, services), verb_of(news),
		       transition->reason[0] ? ": " : "", transition->reason,
		       transition->done[0] ? "; " : "", transition->done);
}

static void format_news(const struct news *news, char *text, size_t size)
{
	if (news_is_quorum(news))
		format_quorum(news, text, size);
	else
		format_server(news, text, size);
	clean_ascii(text);
}

void news_text(const struct news *news, char text[NEWS_TEXT_SIZE])
{
	format_news(news, text, NEWS_TEXT_SIZE);
}

void transition_text(const struct transition *transition, char *text,
		     size_t size)
{
	const struct news news = { .first = transition };

	format_news(&news, text, size);
}

/* Leaves out a server's port of 0. */
void news_subject(const struct news *news, char text[NEWS_TEXT_SIZE])
{
	const struct ipvsctl_server *server = &news->first->server;
	char services[SERVICES_TEXT], name[IPVSCTL_IDENTITY_TEXT];

	(void)services_text(news, services);
	if (news_is_quorum(news)) {
		(void)snprintf(text, NEWS_TEXT_SIZE, "%s %s", services,
			       verb_of(news));
		return;
	}
	if (server->port)
		(void)ipvsctl_server_format(server, name);
	else
		(void)ipvsctl_address_format(&server->address, name);
	(void)snprintf(text, NEWS_TEXT_SIZE, "%s: %s %s %s", services,
		       what_of(news), name, verb_of(news));
}

/* ---- The log --------------------------------------------------------------- */

void news_log(const struct news_list *news)
{
	char text[NEWS_TEXT_SIZE];

	openlog("lbctl-check", LOG_PID, LOG_DAEMON);
	for (size_t i = 0; i < news->count; i++) {
		const struct news *one = &news->list[i];

		news_text(one, text);
		syslog(wordings[one->first->event].priority, "%s", text);
	}
	closelog();
}
