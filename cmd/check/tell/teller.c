/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Reports in a child: it can take two minutes, and rounds must go on. There is
 * one child at a time: programs that hang must not fill the machine with
 * children.
 */
#include "check/tell/teller.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "check/tell/news.h"
#include "check/tell/tell.h"
#include "check/tell/warn.h"
#include "clock.h"

#define END_US	     INT64_C(1000000)
#define END_PAUSE_NS 10000000L

/* News with a copy of their check, since they outlive their round. */
struct queued_news {
	struct transition transition;
	size_t others;
	struct check check; /* its name, program and addresses */
};

/* ---- The queue ----------------------------------------------------------- */

static void queued_free(struct queued_news *queued)
{
	free(queued->check.notify);
	free(queued->check.mail);
	free(queued->check.mail_from);
	free(queued->check.smtp_url);
}

static void drop(struct teller *teller, size_t place)
{
	queued_free(&teller->queue[place]);
	teller->count--;
	(void)memmove(&teller->queue[place], &teller->queue[place + 1],
		      (teller->count - place) * sizeof(*teller->queue));
}

static int copy_text(const char *text, char **ret_copy)
{
	if (!text)
		return 0;
	*ret_copy = strdup(text);
	return *ret_copy ? 0 : -ENOMEM;
}

static int copy_news(const struct news *news, struct queued_news *queued)
{
	const struct check *check = news->first->check;
	int r;

	*queued = (struct queued_news){
		.transition = *news->first,
		.others = news->others,
	};
	(void)memcpy(queued->check.name, check->name, sizeof(check->name));
	r = copy_text(check->notify, &queued->check.notify);
	if (r == 0)
		r = copy_text(check->mail, &queued->check.mail);
	if (r == 0)
		r = copy_text(check->mail_from, &queued->check.mail_from);
	if (r == 0)
		r = copy_text(check->smtp_url, &queued->check.smtp_url);
	if (r < 0)
		queued_free(queued);
	return r;
}

/* Tells whether later news replace these. */
static bool is_replaced(const struct queued_news *old, const struct news *news)
{
	const struct transition *a = &old->transition, *b = news->first;
	const struct news earlier = { .first = a };

	return old->others == news->others &&
	       news_is_quorum(&earlier) == news_is_quorum(news) &&
	       strcmp(old->check.name, b->check->name) == 0 &&
	       ipvsctl_service_compare(&a->service, &b->service) == 0 &&
	       (news_is_quorum(news) ||
		(a->server.port == b->server.port &&
		 ipvsctl_address_compare(&a->server.address,
					 &b->server.address) == 0));
}

static int enqueue(struct teller *teller, const struct news *news)
{
	struct queued_news queued;
	int r = copy_news(news, &queued);

	if (r < 0)
		return r;
	for (size_t i = teller->count; i-- > 0;)
		if (is_replaced(&teller->queue[i], news)) {
			drop(teller, i);
			teller->untold++;
		}
	if (teller->count == TELLER_QUEUE_MAX) {
		drop(teller, 0);
		teller->untold++;
	}
	teller->queue[teller->count++] = queued;
	return 0;
}

static void enqueue_all(struct command *command, struct teller *teller,
			const struct news_list *news)
{
	int r = 0;

	if (!teller->queue)
		teller->queue =
			calloc(TELLER_QUEUE_MAX, sizeof(*teller->queue));
	if (!teller->queue)
		r = -ENOMEM;
	for (size_t i = 0; r == 0 && i < news->count; i++) {
		const struct check *check = news->list[i].first->check;

		if ((check->notify || check->mail) &&
		    news_is_told(&news->list[i]))
			r = enqueue(teller, &news->list[i]);
	}
	if (r < 0)
		tell_warning(command, "no program is run, no mail is sent: "
				      "out of memory");
}

/* ---- The child ----------------------------------------------------------- */

static void tell_queue(struct command *command, struct teller *teller)
{
	struct news_list news = { .list = calloc(teller->count,
						 sizeof(struct news)) };

	if (!news.list) {
		tell_warning(command, "no program is run, no mail is sent: "
				      "out of memory");
		return;
	}
	for (size_t i = 0; i < teller->count; i++) {
		struct queued_news *queued = &teller->queue[i];

		queued->transition.check = &queued->check;
		news.list[news.count++] = (struct news){
			.first = &queued->transition,
			.others = queued->others,
		};
	}
	news_tell(command, &news);
	news_free(&news);
}

static void run_child(struct command *command, struct teller *teller,
		      pid_t parent)
{
	/* If the parent dies, SIGTERM makes this child end what it runs. */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() == parent)
		tell_queue(command, teller);
	_exit(0);
}

static bool has_ended(struct teller *teller)
{
	if (teller->child > 0 && waitpid(teller->child, NULL, WNOHANG) == 0)
		return false;
	teller->child = 0;
	return true;
}

static void start(struct command *command, struct teller *teller)
{
	const pid_t parent = getpid();
	const pid_t child = fork();

	if (child == 0)
		run_child(command, teller, parent);
	if (child < 0) {
		tell_warning(command,
			     "no program is run yet, no mail is sent: "
			     "%s",
			     strerror(errno));
		return;
	}
	if (teller->untold > 0)
		tell_warning(command,
			     "%zu changes were not reported to programs and "
			     "by mail, which take too long",
			     teller->untold);
	teller->child = child;
	teller->untold = 0;
	while (teller->count > 0)
		drop(teller, teller->count - 1);
}

void teller_tell(struct command *command, struct teller *teller,
		 const struct transitions *transitions)
{
	AUTO_NEWS struct news_list news = { 0 };

	if (news_gather(transitions, &news) < 0) {
		tell_warning(command, "transitions are not reported: "
				      "out of memory");
		return;
	}
	if (news.count > 0) {
		news_log(&news);
		enqueue_all(command, teller, &news);
	}
	if (has_ended(teller) && teller->count > 0)
		start(command, teller);
}

/* ---- The end ------------------------------------------------------------- */

static void end_child(struct teller *teller, int signal)
{
	const struct timespec pause = { .tv_nsec = END_PAUSE_NS };
	const int64_t end = clock_now() + END_US;

	if (has_ended(teller))
		return;
	(void)kill(teller->child, signal);
	while (!has_ended(teller) && clock_now() < end)
		(void)nanosleep(&pause, NULL);
}

void teller_end(struct command *command, struct teller *teller)
{
	end_child(teller, SIGTERM);
	end_child(teller, SIGKILL);
	if (teller->count > 0)
		tell_warning(command, "the last %zu changes are not reported",
			     teller->count);
	while (teller->count > 0)
		drop(teller, teller->count - 1);
	free(TAKE_PTR(teller->queue));
}
