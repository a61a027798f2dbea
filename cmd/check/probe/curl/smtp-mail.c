/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Sends mail by SMTP, one message at a time. */
#include <errno.h>
#include <string.h>

#include "check/probe/curl/transfer.h"
#include "clock.h"

/* The rest of the message, and the deadline. */
struct mail {
	const char *rest;
	size_t length;
	long seconds;
	int64_t deadline;
	const volatile sig_atomic_t *stop;
};

static size_t on_read(char *buffer, size_t one, size_t size, void *data)
{
	struct mail *mail = data;
	size_t length = one * size;

	if (length > mail->length)
		length = mail->length;
	memcpy(buffer, mail->rest, length);
	mail->rest += length;
	mail->length -= length;
	return length;
}

/* Limits QUIT, too; libcurl's timeout does not. */
static int on_progress(void *data, curl_off_t down_all, curl_off_t down,
		       curl_off_t up_all, curl_off_t up)
{
	const struct mail *mail = data;

	(void)down_all;
	(void)down;
	(void)up_all;
	(void)up;
	return *mail->stop || clock_now() > mail->deadline;
}

static size_t on_write(char *bytes, size_t one, size_t length, void *data)
{
	(void)bytes;
	(void)one;
	(void)data;
	return length;
}

/* Returns a copy with CRLF line ends, or NULL without memory. */
static char *with_crlf(const char *text)
{
	char *copy = malloc(2 * strlen(text) + 1);
	char *end = copy;

	if (!copy)
		return NULL;
	for (const char *c = text; *c; c++) {
		if (*c == '\n' && (c == text || c[-1] != '\r'))
			*end++ = '\r';
		*end++ = *c;
	}
	*end = '\0';
	return copy;
}

static CURLcode set_server(CURL *easy, const char *url, const struct mail *mail)
{
	const long seconds = mail->seconds;
	CURLcode code = curl_easy_setopt(easy, CURLOPT_URL, url);

	if (!code)
		code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
					"smtp,smtps");
	if (!code)
		code = curl_easy_setopt(easy, CURLOPT_PROXY, "");
	if (!code)
		code = curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* Makes this handle send QUIT, which on_progress() limits. */
	(void)curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	/* Do not wait for a DNS lookup that still runs at the end. */
	(void)curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	/* Never send a password unencrypted, even if STARTTLS was cut out. */
	(void)curl_easy_setopt(easy, CURLOPT_USE_SSL,
			       strchr(url, '@') ? (long)CURLUSESSL_ALL :
						  (long)CURLUSESSL_TRY);
	(void)curl_easy_setopt(easy, CURLOPT_TIMEOUT, seconds);
	(void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, seconds);
	(void)curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, seconds);
	return code;
}

static CURLcode set_message(CURL *easy, struct mail *mail, const char *from,
			    const struct curl_slist *to)
{
	(void)curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
	(void)curl_easy_setopt(easy, CURLOPT_READDATA, mail);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_write);
	(void)curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	(void)curl_easy_setopt(easy, CURLOPT_XFERINFODATA, mail);
	(void)curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
	return curl_easy_setopt(easy, CURLOPT_MAIL_FROM, from);
}

static int mail_failed(CURLcode code, const char *text,
		       char ret_why[PROBE_MESSAGE_SIZE])
{
	message_clean(text[0] ? text : curl_easy_strerror(code), ret_why);
	if (code == CURLE_OPERATION_TIMEDOUT ||
	    code == CURLE_ABORTED_BY_CALLBACK)
		return -ETIMEDOUT;
	return code == CURLE_OUT_OF_MEMORY ? -ENOMEM : -EIO;
}

/* The server, the sender and the recipient. */
struct envelope {
	const char *url, *from;
	struct curl_slist *to;
};

static int perform(CURL *easy, const struct envelope *envelope,
		   struct mail *mail, char ret_why[PROBE_MESSAGE_SIZE])
{
	char text[CURL_ERROR_SIZE] = "";
	CURLcode code;

	(void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, text);
	code = set_server(easy, envelope->url, mail);
	if (!code)
		code = set_message(easy, mail, envelope->from, envelope->to);
	if (!code)
		code = curl_easy_perform(easy);
	(void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL);
	ret_why[0] = '\0';
	return code ? mail_failed(code, text, ret_why) : 0;
}

static int deliver(const struct envelope *envelope, struct mail *mail,
		   char ret_why[PROBE_MESSAGE_SIZE])
{
	int r = -ENOMEM;
	CURL *easy;

	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return r;
	easy = curl_easy_init();
	if (easy)
		r = perform(easy, envelope, mail, ret_why);
	curl_easy_cleanup(easy);
	curl_global_cleanup();
	return r;
}

int mail_send(const struct probe_mail *sent, char ret_why[PROBE_MESSAGE_SIZE])
{
	struct envelope envelope = {
		.url = sent->url,
		.from = sent->from,
		.to = curl_slist_append(NULL, sent->to),
	};
	char *message = with_crlf(sent->text);
	struct mail mail = {
		.rest = message,
		.length = message ? strlen(message) : 0,
		.seconds = (long)sent->timeout_seconds,
		.deadline =
			clock_now() + sent->timeout_seconds * INT64_C(1000000),
		.stop = sent->stop,
	};
	int r = -ENOMEM;

	message_clean(strerrordesc_np(ENOMEM), ret_why);
	if (message && envelope.to)
		r = deliver(&envelope, &mail, ret_why);
	curl_slist_free_all(envelope.to);
	free(message);
	return r;
}
