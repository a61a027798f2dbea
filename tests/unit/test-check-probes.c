/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Probes of every kind that needs no program, against sockets of our own. */
#include "unit.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <string.h>

#include "probing.h"

#define LOCAL "127.0.0.1"

/* ---- TCP ----------------------------------------------------------------- */

/* Nobody accepts: the kernel does, as far as the queue goes. */
static int listener(const char *address, uint16_t *ret_port)
{
	int fd = bound_socket(address, SOCK_STREAM, ret_port);

	assert_int_equal(listen(fd, 4096), 0);
	return fd;
}

static void try_tcp(const char *address)
{
	const struct check check = given_check(CHECK_TCP, PROBING_LONG_US);
	uint16_t open_port, closed_port;
	int open = listener(address, &open_port);
	int closed = bound_socket(address, SOCK_STREAM, &closed_port);
	struct probe probes[] = {
		given_probe(&check, address, open_port),
		given_probe(&check, address, closed_port),
	};

	run_probes(probes, ARRAY_SIZE(probes), 0);
	assert_probe(&probes[0], PROBE_UP, "connected");
	assert_probe(&probes[1], PROBE_DOWN, "connection refused");
	(void)close(open);
	(void)close(closed);
}

static void test_tcp(void **state)
{
	(void)state;
	try_tcp(LOCAL);
	if (has_six())
		try_tcp("::1");
}

/* ---- UDP ----------------------------------------------------------------- */

static void answer_udp(const struct datagram *datagram)
{
	static const char zeros[60000];

	if (datagram->length == 0) {
		respond(datagram, "nothing", 7);
	} else if (memcmp(datagram->bytes, "stray", 5) == 0) {
		respond(datagram, "no", 2);
		respond(datagram, "", 0);
		respond(datagram, "\0yes", 4);
	} else if (memcmp(datagram->bytes, "large", 5) == 0) {
		respond(datagram, zeros, sizeof(zeros));
	} else if (memcmp(datagram->bytes, "wrong", 5) == 0) {
		respond(datagram, "no", 2);
	}
}

static void try_udp(const char *address)
{
	enum { EMPTY, STRAY, LARGE, WRONG, MUTE, DEAF, REFUSING, COUNT };
	struct check checks[COUNT];
	struct probe probes[COUNT];
	uint16_t port, closed_port;
	struct responder *server = responder_start(address, answer_udp, &port);
	int closed = bound_socket(address, SOCK_DGRAM, &closed_port);

	(void)close(closed);
	for (int i = 0; i < COUNT; i++)
		checks[i] = given_check(CHECK_UDP,
					i == WRONG || i == MUTE || i == DEAF ?
						PROBING_SHORT_US :
						PROBING_LONG_US);
	given_step(&checks[STRAY], false, "stray");
	given_step(&checks[STRAY], true, "yes");
	given_step(&checks[LARGE], false, "large");
	given_step(&checks[WRONG], false, "wrong");
	given_step(&checks[WRONG], true, "yes");
	given_step(&checks[MUTE], false, "silence");
	given_step(&checks[MUTE], true, "yes");
	given_step(&checks[DEAF], false, "silence");
	for (int i = 0; i < COUNT; i++)
		probes[i] = given_probe(&checks[i], address,
					i == REFUSING ? closed_port : port);
	run_probes(probes, COUNT, 0);
	responder_stop(server);
	for (int i = 0; i < COUNT; i++)
		free(checks[i].way.steps);
	assert_probe(&probes[EMPTY], PROBE_UP, "answered");
	assert_probe(&probes[STRAY], PROBE_UP, "answered");
	assert_probe(&probes[LARGE], PROBE_UP, "answered");
	assert_probe(&probes[WRONG], PROBE_DOWN, "unexpected answer");
	assert_probe(&probes[MUTE], PROBE_DOWN, "no answer within 1 s");
	assert_probe(&probes[DEAF], PROBE_UNKNOWN,
		     "no answer, and none is expected");
	assert_probe(&probes[REFUSING], PROBE_DOWN, "connection refused");
}

static void test_udp(void **state)
{
	(void)state;
	try_udp(LOCAL);
}

static void test_udp_six(void **state)
{
	(void)state;
	if (!has_six()) {
		print_message("no ::1 here\n");
		skip();
	}
	try_udp("::1");
}

/* ---- DNS ----------------------------------------------------------------- */

static void send_reply(const struct datagram *datagram, int id_offset,
		       const char *address)
{
	static const uint8_t head[] = { 0xc0, 12, 0, ns_t_a, 0, ns_c_in,
					0,    0,  0, 60,     0, 4 };
	uint8_t reply[600];
	size_t length = datagram->length;

	memcpy(reply, datagram->bytes, length);
	reply[1] = (uint8_t)(reply[1] + id_offset);
	reply[2] |= 0x80;
	if (strcmp(address, "none") == 0)
		reply[3] |= ns_r_nxdomain;
	if (strcmp(address, "cut") == 0)
		reply[2] |= 2;
	if (strcmp(address, "other") == 0)
		reply[13]++;
	if (strchr(address, '.')) {
		reply[7] = 1;
		memcpy(reply + length, head, sizeof(head));
		length += sizeof(head);
		(void)inet_pton(AF_INET, address, reply + length);
		length += 4;
	}
	respond(datagram, reply, length);
}

/* What is asked for says how to answer. */
static void answer_dns(const struct datagram *datagram)
{
	const char *name = (const char *)datagram->bytes + 13;

	if (strncmp(name, "right", 5) == 0) {
		send_reply(datagram, 0, "192.0.2.1");
	} else if (strncmp(name, "second", 6) == 0) {
		respond(datagram, "junk", 4);
		respond(datagram, datagram->bytes, datagram->length);
		send_reply(datagram, 1, "192.0.2.66");
		send_reply(datagram, 0, "other");
		send_reply(datagram, 0, "192.0.2.2");
	} else if (strncmp(name, "wrong", 5) == 0) {
		send_reply(datagram, 1, "192.0.2.66");
	} else {
		char text[8] = { 0 };

		memcpy(text, name, datagram->bytes[12] % sizeof(text));
		send_reply(datagram, 0, text);
	}
}

static void try_dns(const char *address)
{
	static char names[][16] = { "right.test.", "right.test", "second.test",
				    "none.test",   "cut.test",	 "empty.test",
				    "wrong.test",  "right.test" };
	static char first[] = "192.0.2.1", other[] = "192.0.2.9";
	static char *both[] = { other, first, NULL };
	static char *none[] = { other, NULL };
	enum { COUNT = ARRAY_SIZE(names) };
	struct check checks[COUNT];
	struct probe probes[COUNT];
	uint16_t port;
	struct responder *server = responder_start(address, answer_dns, &port);

	for (int i = 0; i < COUNT; i++) {
		checks[i] = given_check(CHECK_DNS, i == 6 ? PROBING_SHORT_US :
							    PROBING_LONG_US);
		checks[i].way.dns_name = names[i];
		checks[i].way.dns_type = ns_t_a;
		probes[i] = given_probe(&checks[i], address, port);
	}
	checks[1].way.answers = both;
	checks[7].way.answers = none;
	run_probes(probes, COUNT, 0);
	responder_stop(server);
	assert_probe(&probes[0], PROBE_UP, "A 192.0.2.1");
	assert_probe(&probes[1], PROBE_UP, "A 192.0.2.1");
	assert_probe(&probes[2], PROBE_UP, "A 192.0.2.2");
	assert_probe(&probes[3], PROBE_DOWN, "NXDOMAIN");
	assert_probe(&probes[4], PROBE_UNKNOWN,
		     "truncated reply without a wanted record");
	assert_probe(&probes[5], PROBE_DOWN, "no A record");
	assert_probe(&probes[6], PROBE_DOWN, "no answer within 1 s");
	assert_probe(&probes[7], PROBE_DOWN, "unexpected A record: 192.0.2.1");
}

static void test_dns(void **state)
{
	(void)state;
	try_dns(has_six() ? "::1" : LOCAL);
}

static void test_dns_faults(void **state)
{
	static char bad[] = "www..example.org", good[] = "example.org";
	struct check checks[] = {
		given_check(CHECK_DNS, PROBING_LONG_US),
		given_check(CHECK_DNS, PROBING_LONG_US),
	};
	uint16_t port;
	int closed = bound_socket(LOCAL, SOCK_DGRAM, &port);
	struct probe probes[2];

	(void)state;
	(void)close(closed);
	checks[0].way.dns_name = bad;
	checks[1].way.dns_name = good;
	checks[1].way.dns_type = ns_t_a;
	probes[0] = given_probe(&checks[0], LOCAL, port);
	probes[1] = given_probe(&checks[1], LOCAL, port);
	run_probes(probes, 2, 0);
	assert_probe(&probes[0], PROBE_UNKNOWN, "not a DNS name");
	assert_probe(&probes[1], PROBE_DOWN, "connection refused");
}

/* ---- Ping ---------------------------------------------------------------- */

static bool may_ping(int family, int protocol)
{
	static const int types[] = { SOCK_DGRAM, SOCK_RAW };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		int fd = socket(family, types[i] | SOCK_CLOEXEC, protocol);

		if (fd < 0)
			continue;
		(void)close(fd);
		return true;
	}
	return false;
}

static void test_ping(void **state)
{
	const struct check check = given_check(CHECK_PING, PROBING_LONG_US);
	struct probe probes[101];

	(void)state;
	if (!may_ping(AF_INET, IPPROTO_ICMP)) {
		probes[0] = given_probe(&check, LOCAL, 0);
		run_probes(probes, 1, 0);
		assert_probe(&probes[0], PROBE_UNKNOWN, NULL);
		print_message("may not ping here\n");
		skip();
	}
	/* All at once: each is to find its own answer. */
	for (size_t i = 0; i < 50; i++)
		probes[i] = given_probe(&check, LOCAL, 0);
	for (size_t i = 50; i < 100; i++)
		probes[i] = given_probe(&check, "127.0.0.2", 0);
	probes[100] = given_probe(&check, has_six() ? "::1" : LOCAL, 0);
	run_probes(probes, 101, 0);
	for (size_t i = 0; i < 101; i++)
		assert_probe(&probes[i], PROBE_UP, "answered");
}

/* ---- Many ---------------------------------------------------------------- */

#define MANY 300

/* Of TCP and UDP in turn, all fine. */
static void try_many(unsigned int window)
{
	const struct check checks[] = {
		given_check(CHECK_TCP, PROBING_LONG_US),
		given_check(CHECK_UDP, PROBING_LONG_US),
	};
	static struct probe probes[MANY];
	uint16_t ports[2];
	int tcp = listener(LOCAL, &ports[0]);
	struct responder *udp = responder_start(LOCAL, answer_udp, &ports[1]);

	for (size_t i = 0; i < MANY; i++)
		probes[i] = given_probe(&checks[i % 2], LOCAL, ports[i % 2]);
	run_probes(probes, MANY, window);
	responder_stop(udp);
	(void)close(tcp);
	for (size_t i = 0; i < MANY; i++)
		assert_probe(&probes[i], PROBE_UP, NULL);
}

static void test_windows(void **state)
{
	(void)state;
	try_many(1);
	try_many(7);
	try_many(1000);
	try_many(0);
}

#define NO_LIMIT 255

/*
 * Returns how many of those are not up that have few descriptors to go by;
 * NO_LIMIT: valgrind lets nobody lower them.
 */
static int run_short(uint16_t port)
{
	const struct check check = given_check(CHECK_TCP, PROBING_LONG_US);
	const struct rlimit few = { .rlim_cur = 32, .rlim_max = 32 };
	const struct probe_limits limits = { .window = 0 };
	static struct probe probes[200];
	int failed = 0;

	if (setrlimit(RLIMIT_NOFILE, &few) < 0)
		return NO_LIMIT;
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++)
		probes[i] = given_probe(&check, LOCAL, port);
	if (probe_all(probes, ARRAY_SIZE(probes), &limits) < 0)
		return 201;
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++)
		failed += probes[i].verdict != PROBE_UP;
	return failed;
}

static void test_shortage(void **state)
{
	uint16_t port;
	int fd = listener(LOCAL, &port);
	pid_t child = fork();
	int status = -1;

	(void)state;
	if (child == 0)
		_exit(run_short(port));
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	(void)close(fd);
	if (WEXITSTATUS(status) == NO_LIMIT) {
		print_message("cannot set limits here\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_udp),
		cmocka_unit_test(test_udp_six),
		cmocka_unit_test(test_dns),
		cmocka_unit_test(test_dns_faults),
		cmocka_unit_test(test_ping),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_shortage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
