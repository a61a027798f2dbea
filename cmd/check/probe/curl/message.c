/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Maps failures of libcurl to verdicts and messages. */
#include <errno.h>
#include <string.h>

#include "check/probe/curl/transfer.h"
#include "check/probe/probe.h"
#include "clean.h"

/* Failures that do not come from the network. */
static const struct outcome {
	CURLcode code;
	enum probe_verdict verdict;
	const char *before;  /* put before libcurl's text */
	const char *instead; /* replaces that text, unless NULL */
} outcomes[] = {
	{ CURLE_PEER_FAILED_VERIFICATION, PROBE_DOWN, "certificate: ", NULL },
	{ CURLE_SSL_CONNECT_ERROR, PROBE_DOWN, "TLS: ", NULL },
	{ CURLE_GOT_NOTHING, PROBE_DOWN, "", "closed without an answer" },
	{ CURLE_PARTIAL_FILE, PROBE_DOWN, "", "answer was cut short" },
	{ CURLE_TOO_MANY_REDIRECTS, PROBE_DOWN, "", "more than 5 redirects" },
	{ CURLE_SSL_CERTPROBLEM, PROBE_UNKNOWN, "", NULL },
	{ CURLE_SSL_CACERT_BADFILE, PROBE_UNKNOWN, "", NULL },
	{ CURLE_SSL_CIPHER, PROBE_UNKNOWN, "", NULL },
	{ CURLE_SSL_ENGINE_INITFAILED, PROBE_UNKNOWN, "", NULL },
	{ CURLE_FAILED_INIT, PROBE_UNKNOWN, "", NULL },
	{ CURLE_NOT_BUILT_IN, PROBE_UNKNOWN, "", NULL },
	{ CURLE_BAD_FUNCTION_ARGUMENT, PROBE_UNKNOWN, "", NULL },
	{ CURLE_OUT_OF_MEMORY, PROBE_UNKNOWN, "", "out of memory" },
	/* Names are never looked up, so this is a lack of memory. */
	{ CURLE_COULDNT_RESOLVE_HOST, PROBE_UNKNOWN, "", "out of memory" },
};
_Static_assert(REDIRECTS_MAX == 5, "a message has it");

static const struct outcome *outcome_of(CURLcode code)
{
	static const struct outcome other = { CURLE_OK, PROBE_DOWN, "", NULL };

	for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++)
		if (outcomes[i].code == code)
			return &outcomes[i];
	return &other;
}

/* ---- Texts --------------------------------------------------------------- */

/* Skips prefixes that only name the library. */
static const char *skip_known(const char *text)
{
	static const char *const known[] = {
		"SSL certificate problem: ",
		"SSL: ",
		"OpenSSL SSL_connect: ",
		"OpenSSL SSL_read: ",
		"Recv failure: ",
		"Send failure: ",
	};
	const char *last;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strncmp(text, known[i], strlen(known[i])))
			text += strlen(known[i]);
	if (strncmp(text, "OpenSSL/", 8) != 0 && strncmp(text, "error:", 6) != 0)
		return text;
	/* "OpenSSL/3.0.22: error:0A00010B:SSL routines::wrong version number" */
	last = strrchr(text, ':');
	return last && last[1] ? last + 1 : text;
}

/* Servers choose parts of the text; terminals and JSON show it. */
void message_clean(const char *text, char ret_text[PROBE_MESSAGE_SIZE])
{
	static const char *const tails[] = { " in connection to ", ", errno " };
	size_t length = strlen(text);

	for (size_t i = 0; i < ARRAY_SIZE(tails); i++) {
		const char *tail = strstr(text, tails[i]);

		if (tail && (size_t)(tail - text) < length)
			length = (size_t)(tail - text);
	}
	if (length >= PROBE_MESSAGE_SIZE)
		length = PROBE_MESSAGE_SIZE - 1;
	memcpy(ret_text, text, length);
	ret_text[length] = '\0';
	clean_ascii(ret_text);
	while (length > 0 && strchr(" ?.", ret_text[length - 1]))
		length--;
	ret_text[length] = '\0';
}

static void end_by_text(struct probe *probe, CURLcode code)
{
	const struct transfer *transfer = probe->state;
	const struct outcome *outcome = outcome_of(code);
	const char *said =
		transfer->text[0] ? transfer->text : curl_easy_strerror(code);
	char text[PROBE_MESSAGE_SIZE];

	message_clean(outcome->instead ? outcome->instead : skip_known(said),
		      text);
	if (strstr(text, "SSL_ERROR_SYSCALL"))
		(void)strcpy(text, "connection closed");
	/* OpenSSL reports our lack of memory only in its text. */
	probe_end(probe,
		  strstr(text, "malloc failure") ? PROBE_UNKNOWN :
						   outcome->verdict,
		  "%s%.96s", outcome->before, text);
}

/* ---- Faults -------------------------------------------------------------- */

/* Returns the errno of a failed connection; 0: another failure. */
static int connect_error(const struct transfer *transfer, CURLcode code)
{
	long error = 0;

	if (code == CURLE_COULDNT_CONNECT || code == CURLE_OPERATION_TIMEDOUT)
		(void)curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO,
					&error);
	return (int)error;
}

static long redirects(const struct transfer *transfer)
{
	long count = 0;

	(void)curl_easy_getinfo(transfer->easy, CURLINFO_REDIRECT_COUNT, &count);
	return count;
}

void message_end(struct probe *probe, CURLcode code)
{
	const struct transfer *transfer = probe->state;
	int error = connect_error(transfer, code);

	if (transfer->error)
		probe_end(probe, PROBE_UNKNOWN, "socket: %s",
			  strerrordesc_np(transfer->error));
	else if (error)
		probe_end_errno(probe, error);
	else if (code == CURLE_OUT_OF_MEMORY && transfer->received > HEADER_MAX)
		probe_end(probe, PROBE_DOWN, "headers larger than %d KiB",
			  HEADER_MAX_KIB);
	else if (code == CURLE_URL_MALFORMAT && redirects(transfer) == 0 &&
		 transfer->header_size == 0)
		probe_end(probe, PROBE_UNKNOWN,
			  "the path is not valid in a URL");
	else if (code == CURLE_UNSUPPORTED_PROTOCOL &&
		 transfer->header_size == 0)
		probe_end(probe, PROBE_DOWN, "no HTTP answer");
	else if (code == CURLE_OPERATION_TIMEDOUT)
		message_expire(probe);
	else
		end_by_text(probe, code);
}

void message_expire(struct probe *probe)
{
	const struct transfer *transfer = probe->state;
	if (transfer->conversation)
		conversation_expire(transfer->conversation, probe);
	else if (transfer->run->deaf)
		probe_end(probe, PROBE_UNKNOWN, "out of memory");
	else if (transfer->header_size > 0)
		probe_end(probe, PROBE_DOWN, "no whole answer within %g s",
			  (double)probe->check->way.timeout_us / 1e6);
	else
		probe_end_late(probe);
}
