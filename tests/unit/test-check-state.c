/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What runs remember, in memory. */
#include "alloc.h"
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "check/state/state.h"
#include "given.h"

/* ---- Checks and rows ---- */

static void test_checks_are_sorted(void **state)
{
	static const char *const names[] = { "m", "c", "x", "a", "z",
					     "b", "c", "y", "a" };
	AUTO_STATE struct state all = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_non_null(state_need(&all, names[i], "all"));
		assert_non_null(state_need(&all, names[i], "fwmark:1"));
	}
	assert_int_equal(all.check_count, 14);
	for (size_t i = 1; i < all.check_count; i++) {
		int order = strcmp(all.checks[i - 1].name, all.checks[i].name);

		assert_true(order < 0 ||
			    (order == 0 && strcmp(all.checks[i - 1].selected,
						  all.checks[i].selected) < 0));
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_string_equal(state_find(&all, names[i], "all")->name,
				    names[i]);
	assert_null(state_find(&all, "d", "all"));
	assert_null(state_find(&all, "a", "al"));
	state_drop_check(&all, state_find(&all, "m", "all"));
	assert_int_equal(all.check_count, 13);
	assert_null(state_find(&all, "m", "all"));
	assert_non_null(state_find(&all, "m", "fwmark:1"));
	while (all.check_count)
		state_drop_check(&all, &all.checks[0]);
	assert_non_null(state_need(&all, "m", "all"));
}

static struct state_row row_at(uint8_t last, uint16_t port)
{
	return (struct state_row){ .address = { 2, { 10, 0, 0, last } },
				   .port = port };
}

static void test_rows_are_sorted(void **state)
{
	AUTO_STATE struct state all = { 0 };
	struct state_check *check = state_need(&all, "a", "all");
	struct state_row rows[100];

	(void)state;
	for (unsigned int i = 0; i < 100; i++)
		rows[i] =
			row_at((uint8_t)(i * 37 % 50), (uint16_t)(i * 13 % 2));
	assert_int_equal(state_add_rows(check, NULL, 0), 0);
	assert_int_equal(state_add_rows(check, rows, 40), 0);
	assert_int_equal(state_add_rows(check, rows + 20, 80), 0);
	for (size_t i = 1; i < check->count; i++) {
		int order = ipvsctl_address_compare(&check->rows[i - 1].address,
						    &check->rows[i].address);

		assert_true(order < 0 ||
			    (order == 0 &&
			     check->rows[i - 1].port < check->rows[i].port));
	}
	for (size_t i = 0; i < 100; i++)
		assert_non_null(
			state_row(check, &rows[i].address, rows[i].port, NULL));
	assert_null(state_row(check, &rows[0].address, 2, NULL));
}

/* Those that are there keep what is known of them. */
static void test_rows_are_kept(void **state)
{
	AUTO_STATE struct state all = { 0 };
	struct state_check *check = state_need(&all, "a", "all");
	struct state_row rows[3] = { row_at(3, 1), row_at(1, 1), row_at(2, 1) };

	(void)state;
	assert_int_equal(state_add_rows(check, rows, 3), 0);
	check->rows[0].streak = 10;
	check->rows[0].seen = true;
	check->rows[2].streak = 30;
	check->rows[2].seen = true;
	state_drop_unseen(check);
	assert_int_equal(check->count, 2);
	assert_null(state_row(check, &rows[2].address, 1, NULL));
	assert_int_equal(state_row(check, &rows[1].address, 1, NULL)->streak,
			 10);
	assert_int_equal(state_row(check, &rows[0].address, 1, NULL)->streak,
			 30);
	rows[0] = row_at(9, 1);
	assert_int_equal(state_add_rows(check, rows, 1), 0);
	assert_int_equal(state_row(check, &rows[1].address, 1, NULL)->streak,
			 10);
	check->rows[0].seen = false;
	check->rows[1].seen = false;
	state_drop_unseen(check);
	assert_int_equal(check->count, 0);
}

static void test_text(void **state)
{
	static const struct {
		enum row_state state;
		uint32_t streak;
		const char *text;
	} cases[] = {
		{ ROW_NEW, 0, "new" },
		{ ROW_NEW, 5, "new" },
		{ ROW_UP, 0, "up" },
		{ ROW_UP, 1, "failing 1/3" },
		{ ROW_UP, 2, "failing 2/3" },
		{ ROW_DOWN, 0, "down" },
		{ ROW_DOWN, 1, "recovering 1/2" },
		{ ROW_DOWN, UINT32_MAX, "recovering 4294967295/2" },
	};
	const struct state_check check = { .fall = 3, .rise = 2 };
	const struct state_check longest = { .fall = UINT32_MAX,
					     .rise = UINT32_MAX };
	const struct state_row most = { .state = ROW_DOWN,
					.streak = UINT32_MAX };
	char text[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct state_row row = { .state = (uint8_t)cases[i].state,
					       .streak = cases[i].streak };

		assert_ptr_equal(state_text(&check, &row, text), text);
		assert_string_equal(text, cases[i].text);
	}
	assert_true(strlen(state_text(&longest, &most, text)) < 32);
}

static void test_times(void **state)
{
	int64_t now = state_now(), wall = (int64_t)time(NULL);

	(void)state;
	assert_true(now > 0);
	assert_true(state_wall(now) >= wall - 1);
	assert_true(state_wall(now) <= wall + 60);
	assert_int_equal(state_wall(now) - state_wall(now - 60000), 60);
}

/* ---- Servers ---- */

static struct state_server entry_of(enum state_role role, const char *name,
				    const char *service, const char *server)
{
	struct state_server entry = { .role = role,
				      .service = given_service(service) };

	if (server)
		entry.server = given_server(service, server);
	(void)snprintf(entry.name, sizeof(entry.name), "%s", name);
	return entry;
}

static void test_servers(void **state)
{
	const struct state_server entries[] = {
		entry_of(STATE_QUORUM, "b", "fwmark:1", NULL),
		entry_of(STATE_SORRY, "b", "fwmark:1", "10.0.0.1"),
		entry_of(STATE_SORRY, "a", "fwmark:1", "10.0.0.1"),
		entry_of(STATE_SORRY, "a", "fwmark:1", "10.0.0.2"),
		entry_of(STATE_SORRY, "a", "fwmark:2", "10.0.0.1"),
		entry_of(STATE_REMOVED, "-", "fwmark:1", "10.0.0.1"),
		entry_of(STATE_REMOVED, "-", "tcp:192.0.2.1:80", "10.0.0.1"),
		entry_of(STATE_QUORUM, "a", "fwmark:1", NULL),
		entry_of(STATE_LEAVING, "a", "fwmark:1", "10.0.0.1"),
	};
	struct state_server *found;
	AUTO_STATE struct state all = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
		assert_int_equal(state_add_server(&all, &entries[i]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		const struct state_server *one = &entries[i];

		found = state_server(&all, one->role, one->name, &one->service,
				     one->role == STATE_QUORUM ? NULL :
								 &one->server);
		assert_non_null(found);
		assert_memory_equal(found, one, sizeof(*one));
	}
	found = state_server(&all, STATE_SORRY, NULL, &entries[1].service,
			     &entries[1].server);
	assert_string_equal(found->name, "a");
	/* The first of its service. */
	found = state_server(&all, STATE_REMOVED, NULL, &entries[6].service,
			     NULL);
	assert_memory_equal(found, &entries[6], sizeof(*found));
	assert_null(state_server(&all, STATE_SORRY, "c", &entries[1].service,
				 &entries[1].server));
	assert_null(state_server(&all, STATE_STAND_IN, NULL,
				 &entries[1].service, &entries[1].server));
	assert_null(state_server(&all, STATE_LEAVING, NULL, &entries[4].service,
				 &entries[4].server));
	/* Taken out in this order none of the others is lost. */
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		const struct state_server *one = &entries[i];

		found = state_server(&all, one->role, one->name, &one->service,
				     one->role == STATE_QUORUM ? NULL :
								 &one->server);
		assert_non_null(found);
		state_drop_server(&all, found);
	}
	assert_int_equal(all.server_count, 0);
}

static void test_roles(void **state)
{
	static const struct {
		enum state_role role;
		const char *text;
	} cases[] = {
		{ STATE_REMOVED, "removed" }, { STATE_STAND_IN, "stand-in" },
		{ STATE_SORRY, "sorry" },     { STATE_LEAVING, "leaving" },
		{ STATE_QUORUM, "quorum" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(state_role_text(cases[i].role),
				    cases[i].text);
	for (int role = 0; role < STATE_ROLES; role++)
		assert_non_null(state_role_text((enum state_role)role));
}

static int grow(void *data)
{
	AUTO_STATE struct state all = { 0 };
	const struct state_row row = row_at(1, 1);
	struct state_server entry;
	struct state_check *check;
	int r = 0;

	(void)data;
	alloc_pause();
	entry = entry_of(STATE_SORRY, "a", "fwmark:1", "10.0.0.1");
	alloc_resume();
	for (char name[] = "c"; r == 0 && name[0] > 'a'; name[0]--) {
		check = state_need(&all, name, "all");
		r = check ? state_add_rows(check, &row, 1) : -ENOMEM;
	}
	for (uint16_t port = 3; r == 0 && port > 0; port--) {
		entry.server.port = port;
		r = state_add_server(&all, &entry);
	}
	return r;
}

static void test_growing_without_memory(void **state)
{
	(void)state;
	alloc_each_failure(grow, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checks_are_sorted),
		cmocka_unit_test(test_rows_are_sorted),
		cmocka_unit_test(test_rows_are_kept),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_servers),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_growing_without_memory),
	};

	return cmocka_run_group_tests_name("check-state", tests, NULL, NULL);
}
