/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Sends mails: one per address, by a program or by SMTP. */
#include "check/tell/mail.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "check/probe/curl-module.h"
#include "check/process/every.h"
#include "check/tell/letter.h"
#include "check/tell/warn.h"
#include "child.h"
#include "clock.h"

#define ROOT_AT	  "root@"
#define HOST_SIZE (HOST_NAME_MAX + 1)
#define HOST_LETTERS                                           \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"0123456789.-_"

/* A mail: adjacent ones of the sorted news. */
struct mail {
	const struct news **news;
	size_t count;
	char *text;
	const char *argv[7];
};

/* This host, as a sender of mail. */
struct sender {
	char host[HOST_SIZE];
	char root[sizeof(ROOT_AT) + HOST_SIZE]; /* the default sender */
};

struct mails {
	const struct sender *sender;
	const struct news **news; /* sorted by mail */
	struct mail *list;
	struct child *children; /* of mails that the program sends */
	size_t count, child_count;
};

static const char *const environment[] = { CHILD_PATH, CHILD_LANG, NULL };

static void mails_free(struct mails *mails)
{
	for (size_t i = 0; mails->list && i < mails->count; i++)
		free(mails->list[i].text);
	free(mails->news);
	free(mails->list);
	free(mails->children);
}

static int compare_texts(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

/* Returns 0 if both go into one mail. */
static int compare_checks(const struct check *a, const struct check *b)
{
	int r = compare_texts(a->mail, b->mail);

	if (r == 0)
		r = compare_texts(a->mail_from, b->mail_from);
	return r != 0 ? r : compare_texts(a->smtp_url, b->smtp_url);
}

static int compare_mails(const void *a, const void *b)
{
	const struct news *const *first = a, *const *second = b;
	int r = compare_checks((*first)->first->check, (*second)->first->check);

	return r != 0 ? r : (*first > *second) - (*first < *second);
}

/* Takes "localhost" if the host's name does not fit an address. */
static void name_sender(struct sender *sender)
{
	char *host = sender->host;

	if (gethostname(host, sizeof(sender->host) - 1) < 0 || !host[0] ||
	    host[strspn(host, HOST_LETTERS)])
		(void)snprintf(host, sizeof(sender->host), "localhost");
	(void)snprintf(sender->root, sizeof(sender->root), ROOT_AT "%s", host);
}

/* Sorts the news that go by mail, and groups them into mails. */
static int mails_new(const struct news_list *news, struct mails *mails)
{
	const size_t size = sizeof(const struct news *);
	size_t count = 0;

	mails->news = calloc(news->count + 1, size);
	mails->list = calloc(news->count + 1, sizeof(*mails->list));
	mails->children = calloc(news->count + 1, sizeof(*mails->children));
	if (!mails->news || !mails->list || !mails->children)
		return -ENOMEM;
	for (size_t i = 0; i < news->count; i++)
		if (news->list[i].first->check->mail &&
		    news_is_told(&news->list[i]))
			mails->news[count++] = &news->list[i];
	qsort(mails->news, count, size, compare_mails);
	for (size_t i = 0; i < count; i++) {
		const struct check *check = mails->news[i]->first->check;

		if (i == 0 || compare_checks(mails->news[i - 1]->first->check,
					     check) != 0)
			mails->list[mails->count++].news = mails->news + i;
		mails->list[mails->count - 1].count++;
	}
	return 0;
}

/* Returns the check with the mail's addresses: the same for all its news. */
static const struct check *check_of(const struct mail *mail)
{
	return mail->news[0]->first->check;
}

static const char *from_of(const struct mails *mails, const struct mail *mail)
{
	const char *from = check_of(mail)->mail_from;

	return from ? from : mails->sender->root;
}

static int compose(const struct mails *mails, struct mail *mail)
{
	const struct letter letter = {
		.from = from_of(mails, mail),
		.to = check_of(mail)->mail,
		.host = mails->sender->host,
		.time = time(NULL),
		.number = (unsigned int)(mail - mails->list),
		.news = mail->news,
		.count = mail->count,
	};

	return letter_compose(&letter, &mail->text);
}

static void compose_all(struct command *command, struct mails *mails)
{
	for (size_t i = 0; i < mails->count; i++) {
		struct mail *mail = &mails->list[i];
		int r = compose(mails, mail);

		if (r < 0)
			tell_warning(command, "no mail to %s: %s",
				     check_of(mail)->mail,
				     r == -EINVAL ? "not an address" :
						    strerror(-r));
	}
}

static void send_by_program(struct command *command, struct mails *mails,
			    const char *program, int64_t end)
{
	const struct child_limits limits = {
		.each = NEWS_EACH_US,
		.end = end,
		.stop = &every_stopped,
	};

	for (size_t i = 0; i < mails->count; i++) {
		struct mail *mail = &mails->list[i];
		const char *const argv[] = { program, "-i",
					     "-f",    from_of(mails, mail),
					     "--",    check_of(mail)->mail,
					     NULL };

		if (!mail->text || check_of(mail)->smtp_url)
			continue;
		_Static_assert(sizeof(argv) == sizeof(mail->argv), "words");
		(void)memcpy(mail->argv, argv, sizeof(argv));
		mails->children[mails->child_count] = (struct child){
			.argv = mail->argv,
			.envp = environment,
			.input = mail->text,
			.input_size = strlen(mail->text),
			.lane = mails->child_count,
			.about = check_of(mail)->mail,
		};
		mails->child_count++;
	}
	children_run(mails->children, mails->child_count, &limits);
	tell_children(command, mails->children, mails->child_count);
}

/* Returns whether it was sent; if not, writes why. */
static bool send_one(const struct probe_curl *curl, const struct mails *mails,
		     const struct mail *mail, int64_t end,
		     char why[PROBE_MESSAGE_SIZE])
{
	struct probe_mail sent = {
		.url = check_of(mail)->smtp_url,
		.from = from_of(mails, mail),
		.to = check_of(mail)->mail,
		.text = mail->text,
		.stop = &every_stopped,
	};
	int64_t left = end - clock_now();

	if (left > NEWS_EACH_US)
		left = NEWS_EACH_US;
	sent.timeout_seconds = (unsigned int)(left > 0 ? left / 1000000 : 0);
	(void)snprintf(why, PROBE_MESSAGE_SIZE, "%s",
		       every_stopped ? "interrupted" : "there was no time left");
	/* Less than a second counts as no time. */
	return !every_stopped && sent.timeout_seconds > 0 &&
	       curl->mail(&sent, why) == 0;
}

static void send_by_smtp(struct command *command, const struct mails *mails,
			 int64_t end)
{
	const struct probe_curl *curl = NULL;
	char why[PROBE_MESSAGE_SIZE];

	for (size_t i = 0; i < mails->count; i++) {
		const struct mail *mail = &mails->list[i];

		if (!mail->text || !check_of(mail)->smtp_url)
			continue;
		if (!curl)
			curl = curl_module(command);
		if (!curl) {
			tell_warning(command, "no mail by SMTP: %s",
				     command->err.message);
			return;
		}
		if (!send_one(curl, mails, mail, end, why))
			tell_warning(command, "no mail to %s: %s",
				     check_of(mail)->mail, why);
	}
}

void mail_all(struct command *command, const struct news_list *news,
	      const char *program)
{
	/* A mail that is not sent is only a warning: keep command->err. */
	const struct ipvsctl_error err = command->err;
	const int64_t end = clock_now() + NEWS_ALL_US;
	struct sender sender = { 0 };
	struct mails mails = { .sender = &sender };

	name_sender(&sender);
	if (mails_new(news, &mails) < 0) {
		tell_warning(command, "no mail was sent: out of memory");
	} else {
		compose_all(command, &mails);
		send_by_program(command, &mails, program, end);
		send_by_smtp(command, &mails, end);
	}
	mails_free(&mails);
	command->err = err;
}
