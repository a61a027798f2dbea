/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Composes mails. */
#include "check/tell/letter.h"

#include <errno.h>
#include <string.h>

#include "check/config/values.h"
#include "text.h"

/* Most lines of a mail, to keep it readable. */
#define LINES_MAX 1000

static void put_subject(FILE *stream, const struct letter *letter)
{
	char text[NEWS_TEXT_SIZE];

	if (letter->count == 1) {
		news_subject(letter->news[0], text);
		(void)fprintf(stream, "Subject: lbctl: %s\n", text);
		return;
	}
	(void)fprintf(stream, "Subject: lbctl: %zu changes on %s\n",
		      letter->count, letter->host);
}

static void put_header(FILE *stream, const struct letter *letter)
{
	struct tm time = { 0 };
	char date[64] = "";

	(void)localtime_r(&letter->time, &time);
	(void)strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S %z", &time);
	(void)fprintf(stream, "From: %s\nTo: %s\n", letter->from, letter->to);
	put_subject(stream, letter);
	(void)fprintf(stream, "Date: %s\n", date);
	(void)fprintf(stream, "Message-ID: <lbctl.%lld.%ld.%u@%s>\n",
		      (long long)letter->time, (long)getpid(), letter->number,
		      letter->host);
	(void)fputs("MIME-Version: 1.0\n"
		    "Content-Type: text/plain; charset=UTF-8\n"
		    "Content-Transfer-Encoding: 7bit\n"
		    "Auto-Submitted: auto-generated\n\n",
		    stream);
}

static void put_lines(FILE *stream, const struct letter *letter)
{
	char text[NEWS_TEXT_SIZE];

	for (size_t i = 0; i < letter->count && i < LINES_MAX; i++) {
		news_text(letter->news[i], text);
		(void)fprintf(stream, "%s\n", text);
	}
	if (letter->count > LINES_MAX)
		(void)fprintf(stream, "and %zu more changes\n",
			      letter->count - LINES_MAX);
	(void)fprintf(stream, "\n-- \nlbctl-check on %s\n", letter->host);
}

int letter_compose(const struct letter *letter, char **ret_text)
{
	struct text written = { 0 };
	FILE *stream;

	if (!value_is_mail(letter->from) || !value_is_mail(letter->to) ||
	    !value_is_mail(letter->host))
		return -EINVAL;
	stream = text_open(&written);
	if (!stream)
		return -ENOMEM;
	put_header(stream, letter);
	put_lines(stream, letter);
	return text_close(stream, &written, ret_text, NULL);
}
