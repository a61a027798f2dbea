/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * An expression up to the first NUL, then chunks as libcurl hands them out: a
 * byte for the kind and length of each. Whatever a server sends, a probe ends
 * with one verdict and a message that a terminal can show.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The callbacks are its own. */
#include "check/probe/curl/answer.c"
#include "check/probe/curl/match.h"
#include "check/probe/curl/transfer.h"
#include "check/probe/prober.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
	if (!truth)
		abort();
}

static void must_have_ended(const struct probe *probe)
{
	must(probe->verdict == PROBE_UP || probe->verdict == PROBE_DOWN ||
	     probe->verdict == PROBE_UNKNOWN);
	must(probe->message[0] &&
	     memchr(probe->message, '\0', sizeof(probe->message)));
	for (const char *c = probe->message; *c; c++)
		must(*c >= ' ' && *c <= '~');
}

/* Gives the chunks to the callbacks, until one ends the transfer. */
static void hand_out(struct probe *probe, const uint8_t *data, size_t size)
{
	while (size > 0) {
		const bool header = data[0] & 0x80;
		size_t length = data[0] & 0x7f;
		char *chunk;

		data++;
		size--;
		length = length < size ? length : size;
		/* Not a byte longer, for what is read behind it to be seen. */
		chunk = malloc(length ? length : 1);
		must(chunk != NULL);
		memcpy(chunk, data, length);
		if ((header ? on_header : on_body)(chunk, 1, length, probe) !=
		    length)
			size = length;
		free(chunk);
		data += length;
		size -= length;
	}
}

static void try_answer(struct matcher *matcher, const uint8_t *data, size_t size)
{
	/* A handle that has done nothing has status 0. */
	struct check check = { .way = { .kind = CHECK_HTTP,
					.body = (char *)"",
					.statuses = { { 0, 599 } },
					.status_count = 1 } };
	struct curl_way way = { .check = &check, .body = matcher };
	struct transfer transfer = { .way = &way, .easy = curl_easy_init() };
	const struct probe_limits limits = { .window = 0 };
	struct prober prober = { .under_way = 1, .limits = &limits };
	struct probe probe = { .check = &check,
			       .prober = &prober,
			       .state = &transfer,
			       .watch.fd = -1 };

	must(transfer.easy && loop_new(&prober.loop) == 0);
	hand_out(&probe, data, size);
	answer_end(&probe, CURLE_OK);
	must_have_ended(&probe);
	must(prober.under_way == 0);
	must(transfer.body_size <= BODY_MAX);
	loop_free(prober.loop);
	curl_easy_cleanup(transfer.easy);
	free(transfer.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\0', size);
	struct matcher *matcher;

	/* What is taken, PCRE2 takes. */
	if (!end || matcher_new((const char *)data, &matcher) < 0)
		return 0;
	try_answer(matcher, end + 1, size - (size_t)(end + 1 - data));
	matcher_free(matcher);
	return 0;
}
