/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Runs the programs that checks have for transitions. */
#include "check/tell/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "check/process/every.h"
#include "check/tell/warn.h"
#include "child.h"
#include "clock.h"
#include "flock.h"

/* Facts for a program; those before FACT_ARGUMENTS are arguments, too. */
enum fact {
	FACT_EVENT,
	FACT_SERVICE,
	FACT_SERVER,
	FACT_CHECK,
	FACT_REASON,
	FACT_ARGUMENTS,
	FACT_DONE = FACT_ARGUMENTS,
	FACT_UP,
	FACT_WANTED,
	FACT_OTHERS,
	FACTS,
};

static const char *const fact_names[FACTS] = {
	[FACT_EVENT] = "LBCTL_EVENT=",	 [FACT_SERVICE] = "LBCTL_SERVICE=",
	[FACT_SERVER] = "LBCTL_SERVER=", [FACT_CHECK] = "LBCTL_CHECK=",
	[FACT_REASON] = "LBCTL_REASON=", [FACT_DONE] = "LBCTL_DONE=",
	[FACT_UP] = "LBCTL_UP=",	 [FACT_WANTED] = "LBCTL_WANTED=",
	[FACT_OTHERS] = "LBCTL_OTHERS=",
};

/* A run of a program; its words point into texts[]. */
struct call {
	const char *argv[1 + FACT_ARGUMENTS + 1];
	const char *envp[2 + FACTS + 1];
	char texts[FACTS][160];
};

struct calls {
	const struct news **news; /* sorted by lane */
	struct call *list;
	struct child *children;
	size_t count;
};

static void calls_free(struct calls *calls)
{
	free(calls->news);
	free(calls->list);
	free(calls->children);
}

/* Returns 0 for one server, or for one service's quorum. */
static int compare_lanes(const struct news *a, const struct news *b)
{
	int r = news_is_quorum(a) - news_is_quorum(b);

	if (r != 0)
		return r;
	if (news_is_quorum(a))
		return ipvsctl_service_compare(&a->first->service,
					       &b->first->service);
	return ipvsctl_address_compare(&a->first->server.address,
				       &b->first->server.address);
}

/* Keeps the order within a lane. */
static int compare_calls(const void *a, const void *b)
{
	const struct news *const *first = a, *const *second = b;
	int r = compare_lanes(*first, *second);

	return r != 0 ? r : (*first > *second) - (*first < *second);
}

static void set_fact(struct call *call, enum fact fact, const char *value)
{
	char *text = call->texts[fact];
	size_t name = strlen(fact_names[fact]);

	(void)snprintf(text, sizeof(call->texts[fact]), "%s%s",
		       fact_names[fact], value);
	call->envp[2 + fact] = text;
	if (fact < FACT_ARGUMENTS)
		call->argv[1 + fact] = text + name;
}

static void set_number(struct call *call, enum fact fact, size_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%zu", number);
	set_fact(call, fact, text);
}

static void set_call(struct call *call, const struct news *news)
{
	const struct transition *transition = news->first;
	char service[IPVSCTL_IDENTITY_TEXT], server[IPVSCTL_IDENTITY_TEXT];

	call->argv[0] = transition->check->notify;
	call->envp[0] = CHILD_PATH;
	call->envp[1] = CHILD_LANG;
	set_fact(call, FACT_EVENT, news_event(news));
	set_fact(call, FACT_SERVICE,
		 ipvsctl_service_format(&transition->service, service));
	set_fact(call, FACT_SERVER,
		 news_is_quorum(news) ?
			 "-" :
			 ipvsctl_server_format(&transition->server, server));
	set_fact(call, FACT_CHECK, transition->check->name);
	set_fact(call, FACT_REASON, transition->reason);
	set_fact(call, FACT_DONE, transition->done);
	set_number(call, FACT_UP, transition->up);
	set_number(call, FACT_WANTED, transition->wanted);
	set_number(call, FACT_OTHERS, news->others);
}

static int calls_new(const struct news_list *news, struct calls *calls)
{
	const size_t size = sizeof(const struct news *);

	calls->news = calloc(news->count + 1, size);
	if (!calls->news)
		return -ENOMEM;
	for (size_t i = 0; i < news->count; i++)
		if (news->list[i].first->check->notify &&
		    news_is_told(&news->list[i]))
			calls->news[calls->count++] = &news->list[i];
	qsort(calls->news, calls->count, size, compare_calls);
	calls->list = calloc(calls->count + 1, sizeof(*calls->list));
	calls->children = calloc(calls->count + 1, sizeof(*calls->children));
	if (!calls->list || !calls->children)
		return -ENOMEM;
	for (size_t i = 0; i < calls->count; i++) {
		struct child *child = &calls->children[i];

		set_call(&calls->list[i], calls->news[i]);
		child->argv = calls->list[i].argv;
		child->envp = calls->list[i].envp;
		child->about = child->argv[1 + FACT_SERVICE];
		if (i > 0)
			child->lane = child[-1].lane +
				      (compare_lanes(calls->news[i - 1],
						     calls->news[i]) != 0);
	}
	return 0;
}

static void run_calls(struct command *command, struct calls *calls,
		      const char *lock)
{
	const struct child_limits limits = {
		.each = NEWS_EACH_US,
		.end = clock_now() + NEWS_ALL_US,
		.stop = &every_stopped,
	};
	AUTO_CLOSE int fd =
		open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int r = fd < 0 ? -errno : flock_wait(fd, NEWS_ALL_US, &every_stopped);

	if (r == -EBUSY || r == -EINTR) {
		tell_warning(command, "no program was run: %s",
			     r == -EINTR ?
				     "interrupted" :
				     "those of another run have not ended");
		return;
	}
	if (r < 0)
		tell_warning(command, "%s: %s; programs are run anyway", lock,
			     strerror(-r));
	children_run(calls->children, calls->count, &limits);
	tell_children(command, calls->children, calls->count);
}

void notify_all(struct command *command, const struct news_list *news,
		const char *lock)
{
	struct calls calls = { 0 };

	if (calls_new(news, &calls) < 0)
		tell_warning(command, "no program was run: out of memory");
	else if (calls.count > 0)
		run_calls(command, &calls, lock);
	calls_free(&calls);
}
