/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Sends and awaits the steps of a check, one after the other. */
#include "check/probe/conversation.h"

#include <sys/epoll.h>

#include <errno.h>
#include <string.h>

#define ANSWER_MAX ((size_t)CONVERSATION_ANSWER_KIB << 10)
#define CHUNK	   2048 /* bytes that are read at once */
#define SAMPLE	   48	/* letters of an unexpected answer */

struct conversation {
	const struct check_way *way;
	bool expects; /* anything */
	size_t step;
	size_t sent;  /* bytes of this step */
	size_t heard; /* bytes in this step */
	size_t length, size;
	char sample[SAMPLE + 1]; /* the begin of what this step has heard */
	/* Heard, and not yet passed: an expected text can begin in these and
	   end in bytes that follow. */
	uint8_t bytes[];
};

struct conversation *conversation_new(const struct check_way *way)
{
	struct conversation *conversation;
	size_t longest = 0;

	for (size_t i = 0; i < way->step_count; i++)
		if (way->steps[i].expects &&
		    way->steps[i].bytes.length > longest)
			longest = way->steps[i].bytes.length;
	conversation = calloc(1, sizeof(*conversation) + longest + CHUNK);
	if (!conversation)
		return NULL;
	conversation->way = way;
	conversation->expects = longest > 0;
	conversation->size = longest + CHUNK;
	return conversation;
}

/* Forgets the first bytes. */
static void pass(struct conversation *conversation, size_t count)
{
	conversation->length -= count;
	(void)memmove(conversation->bytes, conversation->bytes + count,
		      conversation->length);
}

/* Adds the last length bytes to what the step has heard. */
static void hear(struct conversation *conversation, size_t length)
{
	const uint8_t *bytes =
		conversation->bytes + conversation->length - length;

	for (size_t i = 0; i < length && conversation->heard + i < SAMPLE; i++)
		conversation->sample[conversation->heard + i] = (char)bytes[i];
	conversation->heard += length;
}

static void next_step(struct conversation *conversation)
{
	conversation->step++;
	conversation->sent = conversation->heard = 0;
	(void)memset(conversation->sample, 0, sizeof(conversation->sample));
	/* The server can have said more than was waited for. */
	hear(conversation, conversation->length);
}

/* ---- Ends ---------------------------------------------------------------- */

/* Ends the probe: "step 2: unexpected answer: -ERR", or with why. */
static void end_down(const struct conversation *conversation,
		     struct probe *probe, const char *why)
{
	const size_t number = conversation->step + 1;
	char sample[SAMPLE + 1];

	(void)memcpy(sample, conversation->sample, sizeof(sample));
	sample[strcspn(sample, "\r\n")] = '\0';
	if (conversation->heard == 0)
		probe_end(probe, PROBE_DOWN, "step %zu: %s", number, why);
	else if (sample[0] < ' ' || sample[0] > '~')
		probe_end(probe, PROBE_DOWN, "step %zu: unexpected answer",
			  number);
	else
		probe_end(probe, PROBE_DOWN, "step %zu: unexpected answer: %s",
			  number, sample);
}

void conversation_expire(const struct conversation *conversation,
			 struct probe *probe)
{
	const struct check_way *way = conversation->way;
	char why[48];

	(void)snprintf(why, sizeof(why), "%s within %g s",
		       way->steps[conversation->step].expects ? "no answer" :
								"not taken",
		       (double)way->timeout_us / 1e6);
	end_down(conversation, probe, why);
}

/* ---- Steps --------------------------------------------------------------- */

/* Each returns 0 if the step is done, events to wait for, or a negative value
   if the probe has ended. */

static int64_t send_step(struct conversation *conversation, struct probe *probe,
			 const struct conversation_line *line)
{
	const struct check_bytes *bytes =
		&conversation->way->steps[conversation->step].bytes;

	while (conversation->sent < bytes->length) {
		const ssize_t sent =
			line->send(probe, bytes->bytes + conversation->sent,
				   bytes->length - conversation->sent);

		if (sent == -EAGAIN)
			return EPOLLOUT;
		if (sent < 0) {
			line->fail(probe, (int)-sent);
			return -1;
		}
		conversation->sent += (size_t)sent;
	}
	return 0;
}

/* Looks for the expected bytes, and passes them. Returns whether they came. */
static bool find(struct conversation *conversation,
		 const struct check_bytes *wanted)
{
	const uint8_t *found = memmem(conversation->bytes, conversation->length,
				      wanted->bytes, wanted->length);

	if (found)
		pass(conversation,
		     (size_t)(found - conversation->bytes) + wanted->length);
	else if (conversation->length >= wanted->length)
		pass(conversation, conversation->length - wanted->length + 1);
	return found;
}

static int64_t await_step(struct conversation *conversation,
			  struct probe *probe,
			  const struct conversation_line *line)
{
	const struct check_bytes *wanted =
		&conversation->way->steps[conversation->step].bytes;

	while (!find(conversation, wanted)) {
		const size_t room = conversation->size - conversation->length;
		ssize_t got;

		if (conversation->heard >= ANSWER_MAX) {
			probe_end(probe, PROBE_DOWN,
				  "step %zu: answer larger than %d KiB",
				  conversation->step + 1,
				  CONVERSATION_ANSWER_KIB);
			return -1;
		}
		got = line->receive(probe,
				    conversation->bytes + conversation->length,
				    room < CHUNK ? room : CHUNK);
		if (got == -EAGAIN)
			return EPOLLIN;
		if (got < 0)
			line->fail(probe, (int)-got);
		if (got == 0)
			end_down(conversation, probe,
				 "closed without an answer");
		if (got <= 0)
			return -1;
		conversation->length += (size_t)got;
		hear(conversation, (size_t)got);
	}
	return 0;
}

uint32_t conversation_go_on(struct conversation *conversation,
			    struct probe *probe,
			    const struct conversation_line *line)
{
	const struct check_way *way = conversation->way;

	while (conversation->step < way->step_count) {
		const bool expects = way->steps[conversation->step].expects;
		const int64_t events =
			expects ? await_step(conversation, probe, line) :
				  send_step(conversation, probe, line);

		if (events != 0)
			return events > 0 ? (uint32_t)events : 0;
		next_step(conversation);
	}
	probe_end(probe, PROBE_UP, "%s",
		  conversation->expects ? "answered" : "connected");
	return 0;
}
