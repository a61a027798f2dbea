/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What runs remember as text, also where that is damaged. */
#include "alloc.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "check/state/state.h"
#include "given.h"

#define FIRST "lbctl-check 1\n"

static struct state parsed(const char *text)
{
	struct state state = { 0 };

	assert_int_equal(state_parse(text, strlen(text), &state), 0);
	return state;
}

static char *formatted(const struct state *state)
{
	char *text = NULL;
	size_t length = 0;

	assert_int_equal(state_format(state, &text, &length), 0);
	assert_int_equal(strlen(text), length);
	return text;
}

/* Parsed and written it is the same, and not damaged. */
static void assert_fixpoint(const char *text)
{
	AUTO_STATE struct state state = parsed(text);
	AUTO_FREE char *again = formatted(&state);

	assert_string_equal(again, text);
	assert_false(state.damaged);
}

/* ---- Whole ---- */

#define ROW "row 10.0.0.1 80 1 1 0 5 6 700 0 0\n"
#define WEB "check web tcp:192.0.2.1:80 1 7 3 2\n"
#define REMOVED                                                               \
	"server removed - 9 admin,check:web svc add-server tcp:192.0.2.1:80 " \
	"10.0.0.1 --forward nat --weight 5\n"

static void test_fixpoints(void **state)
{
	static const char *const texts[] = {
		FIRST,
		FIRST WEB,
		FIRST WEB ROW,
		FIRST WEB "known tcp:192.0.2.1:80:81,tcp:192.0.2.1:90\n" ROW,
		FIRST WEB ROW "standby 1 0\n",
		FIRST WEB ROW "weight 0\nstandby 255 1\n",
		FIRST WEB ROW "weight 99 percent\nsaid 3 1 0 1 drain # x  y\n",
		FIRST WEB ROW "said 4 0 1 0 down\nstandby 1 0\n",
		FIRST WEB ROW "weight 5\nslow-start 700 60000\nasked 900\n",
		FIRST WEB ROW "row 10.0.0.1 81 2 2 1 5 6 0 3 1 connection "
			      "refused\n",
		FIRST "check a all 0 0 1 1\n"
		      "row 10.0.0.1 0 0 0 0 0 0 0 0 0\n"
		      "row 10.0.0.2 65535 2 2 4294967295 4611686018427387903 "
		      "4611686018427387903 4294967295 4294967295 0 x  y\n"
		      "row 2001:db8::1 80 1 0 0 1 2 3 4 0\n"
		      "check a fwmark:1 1 0 1 1\n"
		      "check b all 0 0 1 1\n",
		FIRST WEB ROW "weight 0\n"
			      "row 10.0.0.1 80 1 1 0 5 6 700 0 0\n"
			      "told tcp:192.0.2.1:80\n"
			      "weight 253\n"
			      "row 10.0.0.1 80 1 1 0 5 6 700 0 0\n"
			      "told fwmark:7/inet6\n",
		FIRST "server standby a 1 - svc add-server fwmark:1 10.0.0.6 "
		      "--forward dr --weight 1\n",
		FIRST REMOVED,
		FIRST "sysctl expire_nodest_conn\n",
		FIRST "sysctl expire_nodest_conn\n"
		      "sysctl expire_quiescent_template\n"
		      "server leaving a 1 guest svc add-server fwmark:1 "
		      "10.0.0.8 --forward dr --weight 1\n",
		FIRST "server removed - 1 check:a svc add-server fwmark:1 "
		      "10.0.0.1 --forward dr --weight 1\n"
		      "server removed - 1 check:a svc add-server "
		      "fwmark:1/inet6 2001:db8::1 --forward dr "
		      "--weight 1\n"
		      "server stand-in a 1 - svc add-server fwmark:1 "
		      "10.0.0.7 --forward dr --weight 1\n"
		      "server sorry a 1 - svc add-server fwmark:1 10.0.0.9 "
		      "--forward dr --weight 1\n"
		      "server leaving a 1 - svc add-server fwmark:1 10.0.0.8 "
		      "--forward dr --weight 1\n"
		      "server leaving b 1 - svc add-server fwmark:1 10.0.0.8 "
		      "--forward dr --weight 1\n"
		      "quorum a 1 tcp:192.0.2.1:80\n"
		      "quorum a 1 fwmark:1\n"
		      "quorum b 1 fwmark:1\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_fixpoint(texts[i]);
}

static void test_what_is_read(void **state)
{
	AUTO_STATE struct state all = parsed(
		FIRST WEB
		"row 10.0.0.1 81 2 2 4 5 6 7 8 0 connection refused\n" REMOVED);
	const struct ipvsctl_service service =
		given_service("tcp:192.0.2.1:80");
	const struct ipvsctl_server server =
		given_server("tcp:192.0.2.1:80", "10.0.0.1");
	const struct state_check *check =
		state_find(&all, "web", "tcp:192.0.2.1:80");
	const struct state_server *entry =
		state_server(&all, STATE_REMOVED, NULL, &service, &server);
	const struct state_row *row;

	(void)state;
	assert_non_null(check);
	assert_true(check->from_file);
	assert_int_equal(check->last, 7);
	assert_int_equal(check->fall, 3);
	assert_int_equal(check->rise, 2);
	row = state_row(check, &server.address, 81, NULL);
	assert_non_null(row);
	assert_null(state_row(check, &server.address, 80, NULL));
	assert_int_equal(row->state, ROW_DOWN);
	assert_int_equal(row->verdict, PROBE_DOWN);
	assert_int_equal(row->streak, 4);
	assert_int_equal(row->since, 5);
	assert_int_equal(row->last, 6);
	assert_int_equal(row->latency_us, 7);
	assert_int_equal(row->transitions, 8);
	assert_string_equal(row->message, "connection refused");
	assert_non_null(entry);
	assert_int_equal(entry->since, 9);
	assert_string_equal(entry->reasons[0], "admin");
	assert_string_equal(entry->reasons[1], "check:web");
	assert_null(entry->reasons[2]);
	assert_int_equal(entry->server.weight, 5);
	assert_int_equal(entry->server.forward, IPVSCTL_FORWARD_NAT);
}

/* All that a server can have comes back. */
static void test_servers_in_full(void **state)
{
	static const char *const servers[][2] = {
		{ "tcp:192.0.2.1:80", "10.0.0.1:8080 --forward nat --weight 7 "
				      "--upper-threshold 100 "
				      "--lower-threshold 50" },
		{ "tcp:192.0.2.1:80", "10.0.0.2 --weight 0" },
		{ "fwmark:1", "10.0.0.3 --forward tun" },
		{ "udp:[2001:db8::1]:53", "2001:db8::5 --forward dr" },
		{ "fwmark:1/inet6", "10.0.0.3 --forward tun --unchecked" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(servers); i++) {
		struct state_server entry = {
			.role = STATE_REMOVED,
			.name = "-",
			.service = given_service(servers[i][0]),
			.server = given_server(servers[i][0], servers[i][1]),
		};
		AUTO_STATE struct state before = { 0 };
		AUTO_STATE struct state after = { 0 };
		AUTO_FREE char *text = NULL;

		assert_int_equal(state_add_server(&before, &entry), 0);
		text = formatted(&before);
		after = parsed(text);
		assert_false(after.damaged);
		assert_int_equal(after.server_count, 1);
		entry.server.unchecked = after.servers[0].server.unchecked;
		assert_memory_equal(&after.servers[0].server, &entry.server,
				    sizeof(entry.server));
	}
}

/* ---- Damage ---- */

static void test_damage(void **state)
{
	static const struct {
		const char *text;
		const char *kept; /* of it, behind the first line */
	} cases[] = {
		{ "x", "" },
		{ "lbctl-check 1", "" },
		{ "lbctl-check 2\n" WEB, "" },
		{ "lbctl-check 1 \n" WEB, "" },
		{ "\n" FIRST WEB, "" },
		{ WEB ROW, "" },
		{ "{\"checks\": []}\n", "" },
		{ FIRST "\n" WEB, WEB },
		{ FIRST "what is this\n" WEB ROW, WEB ROW },
		{ FIRST ROW WEB, WEB },
		/* Cut off. */
		{ FIRST "check web tcp:192.0.2.1:80 1 7 3 2", "" },
		{ FIRST WEB "row 10.0.0.1 80 1 1 0 5 6 700 0 0", WEB },
		{ FIRST WEB "row 10.0.0.1 80 1 1 0 5 6", WEB },
		{ FIRST WEB ROW "r", WEB ROW },
		{ FIRST WEB ROW "row 10.0.0.", WEB ROW },
		/* Half lines, with more behind them. */
		{ FIRST "check\n" ROW WEB ROW, WEB ROW },
		{ FIRST "check web\n" ROW, "" },
		{ FIRST "check web x 1 7 3\n" ROW, "" },
		{ FIRST WEB "row\n" ROW, WEB ROW },
		{ FIRST WEB "row 10.0.0.2 80 1 1 0 5 6 700\n" ROW, WEB ROW },
		{ FIRST WEB "row 10.0.0.2  80 1 1 0 5 6 700 0 0\n", WEB },
		{ FIRST "server\nserver removed\nserver removed -\n"
			"server removed - 9\nserver removed - 9 admin\n"
			"server removed - 9 admin svc\n" REMOVED,
		  REMOVED },
		{ FIRST "quorum\nquorum a\nquorum a 1\n", "" },
		/* Of a row that is not there, or nothing. */
		{ FIRST "weight 5\n" WEB "weight 5\ntold fwmark:1\n" ROW,
		  WEB ROW },
		{ FIRST "slow-start 1 2\nasked 3\n" WEB ROW, WEB ROW },
		{ FIRST "said 3 1 0 0 x\n" WEB "said 3 1 0 0 x\n" ROW, WEB ROW },
		{ FIRST WEB ROW "weight\nweight x\nweight 2147483648\n"
				"weight 101 percent\nweight 5 per\n"
				"slow-start\nslow-start 5\nslow-start 5 x\n"
				"slow-start 5 4294967296\nasked\nasked x\n"
				"said\nsaid 5 0 0 0 x\nsaid 3 2 0 0 x\n"
				"said 3 0 2 0 x\nsaid 3 0 0 2 x\nsaid 3 0 0\n"
				"told\ntold web\n",
		  WEB ROW },
		{ FIRST "sysctl\nsysctl \nsysctl conntrack\n"
			"sysctl expire_nodest_conn 1\n",
		  "" },
		/* Numbers out of range. */
		{ FIRST "check web x 2 7 3 2\n", "" },
		{ FIRST "check web x 1 -7 3 2\n", "" },
		{ FIRST "check web x 1 7 4294967296 2\n", "" },
		{ FIRST "check web x 1 9223372036854775807 3 2\n", "" },
		{ FIRST "check web x 1 99999999999999999999 3 2\n", "" },
		{ FIRST "check web x 1 0x7 3 2\n", "" },
		{ FIRST WEB "row 10.0.0.1 65536 1 1 0 5 6 7 0 0\n", WEB },
		{ FIRST WEB "row 10.0.0.1 80 4 1 0 5 6 7 0 0\n", WEB },
		{ FIRST WEB "row 10.0.0.1 80 1 3 0 5 6 7 0 0\n", WEB },
		{ FIRST WEB "row 10.0.0.1 80 3 0 0 5 6 7 0 0\n", WEB },
		{ FIRST WEB ROW "standby 0 1\n", WEB ROW },
		{ FIRST WEB ROW "standby 1 2\n", WEB ROW },
		{ FIRST WEB "standby 1 1\n" ROW, WEB ROW },
		{ FIRST WEB "row 10.0.0.1 80 1 1 4294967296 5 6 7 0 0\n", WEB },
		{ FIRST WEB "row 10.0.0.1 80 1 1 +0 5 6 7 0 0\n", WEB },
		/* Words that are none. */
		{ FIRST WEB "row host 80 1 1 0 5 6 7 0 0\n", WEB },
		{ FIRST WEB "row 10.0.0.1:80 80 1 1 0 5 6 7 0 0\n", WEB },
		{ FIRST "check "
			"01234567890123456789012345678901234567890 x 1 7 3 2\n",
		  "" },
		{ FIRST "server guest a 1 - svc add-server fwmark:1 "
			"10.0.0.1:0\n",
		  "" },
		{ FIRST "server quorum a 1 - svc add-server fwmark:1 "
			"10.0.0.1:0\n",
		  "" },
		{ FIRST "server sorry a 1 - svc add-server fwmark:1 web\n", "" },
		{ FIRST "server sorry a 1 - svc add-server web 10.0.0.1\n", "" },
		{ FIRST "server sorry a 1 - svc add-server fwmark:1\n", "" },
		{ FIRST "server sorry a 1 - svc add-server fwmark:1 10.0.0.1 "
			"--weight x\n",
		  "" },
		{ FIRST "server sorry a 1 - svc add-server fwmark:1 "
			"10.0.0.1 'x\n",
		  "" },
		{ FIRST "server sorry a 1 - svc delete fwmark:1\n", "" },
		{ FIRST "server sorry a 1 - svc add fwmark:2\n", "" },
		{ FIRST "quorum a 1 web\n", "" },
		{ FIRST "quorum a 1 fwmark:1 x\n", "" },
		/* A line that ends as elsewhere. */
		{ "lbctl-check 1\r\n" WEB, "" },
		{ FIRST "check web x 1 7 3 2\r\n", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_STATE struct state all = parsed(cases[i].text);
		AUTO_FREE char *text = formatted(&all);

		if (!all.damaged)
			fail_msg("'%s' is not damaged", cases[i].text);
		if (strcmp(text + strlen(FIRST), cases[i].kept) != 0)
			fail_msg("'%s': '%s'", cases[i].text,
				 text + strlen(FIRST));
		/* What is written of it is whole again. */
		assert_fixpoint(text);
	}
}

static void test_nothing_is_not_damaged(void **state)
{
	AUTO_STATE struct state empty = parsed("");
	AUTO_STATE struct state first = parsed(FIRST);

	(void)state;
	assert_false(empty.damaged);
	assert_false(first.damaged);
	assert_int_equal(empty.check_count, 0);
}

static void test_nul_bytes(void **state)
{
	static const char text[] = FIRST WEB ROW "\0check a all 0 0 1 1\n";
	AUTO_STATE struct state all = { 0 };
	AUTO_STATE struct state zero = { 0 };

	(void)state;
	assert_int_equal(state_parse(text, sizeof(text) - 1, &all), 0);
	assert_true(all.damaged);
	assert_int_equal(all.check_count, 1);
	assert_int_equal(all.checks[0].count, 1);
	/* As a disk leaves a file that was not written to its end. */
	assert_int_equal(state_parse("\0\0\0\0", 4, &zero), 0);
	assert_true(zero.damaged);
}

/* Each way to cut it off, and each byte that is another. */
static void test_any_damage(void **state)
{
	static const char text[] =
		FIRST WEB ROW REMOVED "quorum a 1 fwmark:1\n";
	char copy[sizeof(text)];

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		AUTO_STATE struct state cut = { 0 };
		AUTO_STATE struct state other = { 0 };
		AUTO_FREE char *one = NULL, *two = NULL;

		assert_int_equal(state_parse(text, i, &cut), 0);
		assert_true(cut.damaged || i == 0 || text[i - 1] == '\n');
		one = formatted(&cut);
		assert_fixpoint(one);
		(void)memcpy(copy, text, sizeof(text));
		copy[i] = (char)(copy[i] ^ (i % 2 ? 0x10 : 1));
		assert_int_equal(state_parse(copy, sizeof(copy) - 1, &other), 0);
		two = formatted(&other);
		assert_fixpoint(two);
	}
}

/* What is there twice is once. */
static void test_twice(void **state)
{
	AUTO_STATE struct state all = parsed(
		FIRST WEB ROW WEB ROW ROW "row 10.0.0.2 80 0 0 0 0 0 0 0 0\n");

	(void)state;
	assert_int_equal(all.check_count, 1);
	assert_int_equal(all.checks[0].count, 2);
}

/* A server that is in two of a kind would come back twice. */
static void test_servers_that_are_there_twice(void **state)
{
	AUTO_STATE struct state all =
		parsed(FIRST REMOVED REMOVED
		       "quorum a 1 fwmark:1\nquorum a 2 fwmark:1\n");

	(void)state;
	assert_int_equal(all.server_count, 2);
}

static void test_long_messages_are_cut(void **state)
{
	char text[1024] = FIRST WEB "row 10.0.0.1 80 1 1 0 5 6 700 0 0 ";
	size_t length = strlen(text);
	struct state all;

	(void)state;
	(void)memset(text + length, 'x', 500);
	(void)strcpy(text + length + 500, "\n");
	all = parsed(text);
	assert_int_equal(strlen(all.checks[0].rows[0].message),
			 PROBE_MESSAGE_SIZE - 1);
	state_free(&all);
}

/* ---- Memory ---- */

static int parse_and_format(void *data)
{
	AUTO_STATE struct state all = { 0 };
	AUTO_FREE char *text = NULL;
	size_t length = 0;
	int r = state_parse(data, strlen(data), &all);

	if (r == 0)
		r = state_format(&all, &text, &length);
	if (r == 0)
		assert_string_equal(text, data);
	return r;
}

static void test_memory(void **state)
{
	char rows[] = FIRST WEB ROW "check web2 all 0 0 1 1\n" ROW;
	char servers[] = FIRST REMOVED
		"server sorry a 1 - svc add-server fwmark:1 10.0.0.9 "
		"--forward dr --weight 1\n"
		"quorum a 1 fwmark:1\n";

	(void)state;
	alloc_each_failure(parse_and_format, rows);
	alloc_each_failure(parse_and_format, servers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixpoints),
		cmocka_unit_test(test_what_is_read),
		cmocka_unit_test(test_servers_in_full),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_nothing_is_not_damaged),
		cmocka_unit_test(test_nul_bytes),
		cmocka_unit_test(test_any_damage),
		cmocka_unit_test(test_twice),
		cmocka_unit_test(test_servers_that_are_there_twice),
		cmocka_unit_test(test_long_messages_are_cut),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests_name("check-state-text", tests, NULL,
					   NULL);
}
