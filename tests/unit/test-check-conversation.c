/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Conversations by steps: over a line of our own, and by TCP. */
#include "unit.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "check/probe/conversation.h"
#include "check/probe/prober.h"
#include "probing.h"
#include "talker.h"

#define LOCAL "127.0.0.1"

/* ---- A line of our own --------------------------------------------------- */

/* A probe, and the server that it talks to. */
struct scene {
	struct probe probe; /* first */
	struct check check;
	struct prober prober;

	const char *says; /* what the server says, chunk bytes at once */
	size_t length, said, chunk;
	int error;    /* at the end: 0 waits, -1 closes */
	bool ready;   /* otherwise the next try is too early */
	size_t takes; /* bytes at once */
	char heard[256];
	size_t heard_length;
};

static ssize_t fake_send(const struct probe *probe, const void *bytes,
			 size_t length)
{
	struct scene *scene = (struct scene *)(uintptr_t)probe;

	scene->ready = !scene->ready;
	if (!scene->ready)
		return -EAGAIN;
	length = length < scene->takes ? length : scene->takes;
	assert_true(scene->heard_length + length < sizeof(scene->heard));
	(void)memcpy(scene->heard + scene->heard_length, bytes, length);
	scene->heard_length += length;
	return (ssize_t)length;
}

static ssize_t fake_receive(const struct probe *probe, void *bytes, size_t size)
{
	struct scene *scene = (struct scene *)(uintptr_t)probe;
	size_t length = scene->length - scene->said;

	if (length == 0 && scene->error)
		return scene->error < 0 ? 0 : -scene->error;
	scene->ready = !scene->ready;
	if (length == 0 || !scene->ready)
		return -EAGAIN;
	length = length < scene->chunk ? length : scene->chunk;
	length = length < size ? length : size;
	(void)memcpy(bytes, scene->says + scene->said, length);
	scene->said += length;
	return (ssize_t)length;
}

static const struct conversation_line fake_line = {
	.send = fake_send,
	.receive = fake_receive,
	.fail = probe_end_errno,
};

static const struct probe_kind no_kind = { .stop = NULL };
static const struct probe_limits no_limits = { .window = 0 };

/* Steps are texts, "!" before those to send and "?" before those to expect. */
static struct scene *given_scene(const char *const *steps, const char *says,
				 size_t length)
{
	static struct scene scene;

	scene = (struct scene){
		.check = given_check(CHECK_TCP, PROBING_SHORT_US),
		.says = says,
		.length = length,
		.chunk = SIZE_MAX,
		.takes = SIZE_MAX,
		.prober = { .under_way = 1,
			    .running = { [CHECK_TCP] = 1 },
			    .kinds = { [CHECK_TCP] = &no_kind },
			    .limits = &no_limits },
	};
	for (; *steps; steps++)
		given_step(&scene.check, **steps == '?', *steps + 1);
	scene.probe = (struct probe){ .check = &scene.check,
				      .prober = &scene.prober,
				      .watch.fd = -1 };
	return &scene;
}

/* Talks until the probe ends, or the server is waited for in vain. */
static void talk(struct scene *scene)
{
	struct conversation *conversation = conversation_new(&scene->check.way);
	uint32_t events = EPOLLIN;

	assert_non_null(conversation);
	assert_int_equal(loop_new(&scene->prober.loop), 0);
	for (int vain = 0; events && vain < 2;) {
		const size_t before = scene->said + scene->heard_length;

		events = conversation_go_on(conversation, &scene->probe,
					    &fake_line);
		vain = scene->said + scene->heard_length > before ? 0 :
								    vain + 1;
	}
	assert_int_equal(scene->prober.under_way, events ? 1 : 0);
	if (events)
		conversation_expire(conversation, &scene->probe);
	assert_int_equal(scene->prober.under_way, 0);
	loop_free(scene->prober.loop);
	free(conversation);
	free(scene->check.way.steps);
}

/* ---- What is said and expected ------------------------------------------- */

static const struct talk_case {
	const char *steps[6];
	const char *says;
	int error;
	enum probe_verdict verdict;
	const char *message;
} talk_cases[] = {
	{ { "?220" }, "220 ready\r\n", 0, PROBE_UP, "answered" },
	{ { "!PING" }, "", 0, PROBE_UP, "connected" },
	{ { "!PING\r\n", "?+PONG", "!INFO\r\n", "?role:master" },
	  "+PONG\r\n$9\r\nrole:master\r\n",
	  0,
	  PROBE_UP,
	  "answered" },
	/* The second begins behind the first. */
	{ { "?aba", "?ba" }, "xababa", 0, PROBE_UP, "answered" },
	{ { "?aba", "?bab" },
	  "xababa",
	  0,
	  PROBE_DOWN,
	  "step 2: unexpected answer: ba" },
	{ { "?aa", "?aa" }, "aaa", 0, PROBE_DOWN, "step 2: unexpected answer: a" },
	{ { "?aab" }, "aaaab", 0, PROBE_UP, "answered" },
	{ { "!x", "?y" }, "", 0, PROBE_DOWN, "step 2: no answer within 1 s" },
	{ { "!x", "?y" }, "", -1, PROBE_DOWN, "step 2: closed without an answer" },
	{ { "!x", "?y" },
	  "-ERR no\r\nmore",
	  -1,
	  PROBE_DOWN,
	  "step 2: unexpected answer: -ERR no" },
	{ { "!x", "?y" },
	  "no \33[2J",
	  0,
	  PROBE_DOWN,
	  "step 2: unexpected answer: no ?[2J" },
	{ { "!x", "?y" }, "\1\2", 0, PROBE_DOWN, "step 2: unexpected answer" },
	{ { "!x", "?y" }, "\r\n", 0, PROBE_DOWN, "step 2: unexpected answer" },
	{ { "?1", "?2" },
	  "0123456789012345678901234567890123456789012345678901",
	  0,
	  PROBE_UP,
	  "answered" },
	{ { "?x" },
	  "0123456789012345678901234567890123456789012345678901",
	  0,
	  PROBE_DOWN,
	  "step 1: unexpected answer: "
	  "012345678901234567890123456789012345678901234567" },
	{ { "!x", "?y" }, "", ECONNRESET, PROBE_DOWN, "connection reset by peer" },
	{ { "!x", "?y" }, "", ENOMEM, PROBE_UNKNOWN, NULL },
};

/* However the bytes come. */
static void test_talks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(talk_cases); i++)
		for (size_t chunk = 1; chunk < 16; chunk++) {
			const struct talk_case *one = &talk_cases[i];
			struct scene *scene = given_scene(one->steps, one->says,
							  strlen(one->says));

			scene->chunk = chunk;
			scene->takes = chunk;
			scene->error = one->error;
			talk(scene);
			assert_probe(&scene->probe, one->verdict, one->message);
		}
}

/* What is sent comes whole, and not before its turn. */
static void test_sent(void **state)
{
	static const char *const steps[] = { "!one", "!two", "?go", "!three",
					     NULL };
	struct scene *scene = given_scene(steps, "gone", 4);

	(void)state;
	scene->takes = 2;
	talk(scene);
	assert_probe(&scene->probe, PROBE_UP, "answered");
	assert_string_equal(scene->heard, "onetwothree");
	scene = given_scene(steps, "no", 2);
	talk(scene);
	assert_probe(&scene->probe, PROBE_DOWN, NULL);
	assert_string_equal(scene->heard, "onetwo");
}

/* ---- Limits -------------------------------------------------------------- */

#define KIB64 65536

/* A step reads 64 KiB at most, and each step its own. */
static void test_floods(void **state)
{
	static const char *const steps[] = { "?END", "?END", NULL };
	static char says[3 * KIB64];
	struct scene *scene;

	(void)state;
	(void)memset(says, 'x', sizeof(says));
	scene = given_scene(steps, says, sizeof(says));
	talk(scene);
	assert_probe(&scene->probe, PROBE_DOWN,
		     "step 1: answer larger than 64 KiB");
	assert_in_range(scene->said, KIB64, KIB64 + 4096);

	(void)memcpy(says + 60000, "END", 3);
	(void)memcpy(says + 120000, "END", 3);
	scene = given_scene(steps, says, sizeof(says));
	talk(scene);
	assert_probe(&scene->probe, PROBE_UP, "answered");

	(void)memset(says + 120000, 'x', 3);
	scene = given_scene(steps, says, sizeof(says));
	talk(scene);
	assert_probe(&scene->probe, PROBE_DOWN,
		     "step 2: answer larger than 64 KiB");
	assert_in_range(scene->said, 60003 + KIB64, 60003 + KIB64 + 4096);
}

static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 16;
}

static void fill(uint32_t *seed, char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		text[i] = "ab"[next(seed) % 2];
	text[length] = '\0';
}

/* Finds the same as one search after the other in all that is said. */
static void test_random(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char texts[3][16] = { "?", "?", "?" }, says[64];
		const char *steps[] = { texts[0], texts[1], texts[2], NULL };
		const char *at = says;
		struct scene *scene;

		fill(&seed, says, next(&seed) % 60);
		for (int i = 0; i < 3; i++)
			fill(&seed, texts[i] + 1, 1 + next(&seed) % 8);
		scene = given_scene(steps, says, strlen(says));
		scene->chunk = 1 + next(&seed) % 8;
		talk(scene);
		for (int i = 0; at && i < 3; i++) {
			at = strstr(at, texts[i] + 1);
			at = at ? at + strlen(texts[i] + 1) : NULL;
		}
		assert_probe(&scene->probe, at ? PROBE_UP : PROBE_DOWN, NULL);
	}
}

/* ---- By TCP -------------------------------------------------------------- */

static void run(struct probe *probe)
{
	run_apart(probe, &no_limits);
}

struct script {
	const char *says[4]; /* after each line that it hears */
	char heard[512];
};

static void serve_script(int fd, void *data)
{
	struct script *script = data;

	for (size_t i = 0; i < ARRAY_SIZE(script->says) && script->says[i];
	     i++) {
		(void)talker_hear(fd, "\n", 1, script->heard,
				  sizeof(script->heard));
		talker_say(fd, script->says[i], strlen(script->says[i]));
	}
	(void)talker_hear(fd, "\n", 1, script->heard, sizeof(script->heard));
}

static void try_tcp(const char *address)
{
	struct script script = { .says = { "+PONG\r\n", "role:slave\r\n" } };
	struct check check = given_check(CHECK_TCP, PROBING_SHORT_US);
	struct probe probe;
	uint16_t port;
	struct talker *talker =
		talker_start(address, serve_script, &script, &port);

	given_step(&check, false, "PING\n");
	given_step(&check, true, "+PONG");
	given_step(&check, false, "INFO\n");
	given_step(&check, true, "role:");
	probe = given_probe(&check, address, port);
	run(&probe);
	assert_probe(&probe, PROBE_UP, "answered");
	given_step(&check, true, "master");
	run(&probe);
	assert_probe(&probe, PROBE_DOWN, "step 5: unexpected answer: slave");
	talker_stop(talker);
	run(&probe);
	assert_probe(&probe, PROBE_DOWN, "connection refused");
	free(check.way.steps);
}

static void test_tcp(void **state)
{
	(void)state;
	try_tcp(LOCAL);
	if (has_six())
		try_tcp("::1");
}

/* More than the connection takes at once. */
static void serve_slowly(int fd, void *data)
{
	static char heard[KIB64 + 2];

	(void)data;
	(void)usleep(200000);
	if (talker_hear(fd, "\n", 1, heard, sizeof(heard)) == KIB64)
		talker_say(fd, "all", 3);
	(void)talker_hear(fd, "\n", 1, heard, sizeof(heard));
}

static void test_much(void **state)
{
	static char much[KIB64 + 1];
	struct check check = given_check(CHECK_TCP, PROBING_LONG_US);
	struct probe probe;
	uint16_t port;
	struct talker *talker = talker_start(LOCAL, serve_slowly, NULL, &port);

	(void)state;
	(void)memset(much, 'x', KIB64);
	much[KIB64 - 1] = '\n';
	given_step(&check, false, much);
	given_step(&check, true, "all");
	probe = given_probe(&check, LOCAL, port);
	run(&probe);
	talker_stop(talker);
	assert_probe(&probe, PROBE_UP, "answered");
	free(check.way.steps);
}

/* ---- The PROXY protocol -------------------------------------------------- */

/* What came first, with the bytes that follow. */
struct header {
	char heard[256];
	size_t length;
	uint16_t port; /* of the client */
};

static void serve_header(int fd, void *data)
{
	struct header *header = data;
	struct sockaddr_in6 from;
	socklen_t length = sizeof(from);

	assert_int_equal(getpeername(fd, (struct sockaddr *)&from, &length), 0);
	header->port = ntohs(from.sin6_port);
	header->length =
		talker_hear(fd, "x", 1, header->heard, sizeof(header->heard));
	talker_say(fd, "y", 1);
	(void)talker_hear(fd, "x", 1, (char[4]){ 0 }, 4);
}

static void try_header(const char *address, enum check_proxy version,
		       struct header *header, uint16_t *ret_port)
{
	struct check check = given_check(CHECK_TCP, PROBING_LONG_US);
	struct talker *talker =
		talker_start(address, serve_header, header, ret_port);
	struct probe probe = given_probe(&check, address, *ret_port);

	check.way.proxy_protocol = version;
	given_step(&check, false, "x");
	given_step(&check, true, "y");
	run(&probe);
	assert_probe(&probe, PROBE_UP, "answered");
	talker_stop(talker);
	free(check.way.steps);
}

static void test_proxy_header(void **state)
{
	static const char local[] = "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0x";
	struct header header;
	char line[128];
	uint16_t port;

	(void)state;
	try_header(LOCAL, CHECK_PROXY_NONE, &header, &port);
	assert_string_equal(header.heard, "x");
	try_header(LOCAL, CHECK_PROXY_V1, &header, &port);
	(void)snprintf(line, sizeof(line),
		       "PROXY TCP4 127.0.0.1 127.0.0.1 %u %u\r\nx", header.port,
		       port);
	assert_string_equal(header.heard, line);
	try_header(LOCAL, CHECK_PROXY_V2, &header, &port);
	assert_int_equal(header.length, sizeof(local) - 1);
	assert_memory_equal(header.heard, local, sizeof(local) - 1);
	if (!has_six())
		return;
	try_header("::1", CHECK_PROXY_V1, &header, &port);
	(void)snprintf(line, sizeof(line), "PROXY TCP6 ::1 ::1 %u %u\r\nx",
		       header.port, port);
	assert_string_equal(header.heard, line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_talks),
		cmocka_unit_test(test_sent),
		cmocka_unit_test(test_floods),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_much),
		cmocka_unit_test(test_proxy_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
