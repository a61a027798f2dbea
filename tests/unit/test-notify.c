/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Which sync daemons run after keepalived's calls: every sequence of four, with
 * one id and with two, against what is to be true after the last.
 */
#include "unit.h"

#include <stdbool.h>

#include "scope.h"
#include "sync/notify.h"

#define CALLS 4

static const enum notify_state every[] = { NOTIFY_MASTER, NOTIFY_BACKUP,
					   NOTIFY_FAULT, NOTIFY_STOP };

/* The ids of the daemons that run, master and backup; NONE: none does. */
struct daemons {
	int id[2];
};
#define NONE (-1)

static void fulfil(struct daemons *daemons, const struct notify_wish wishes[2])
{
	for (int role = 0; role < 2; role++) {
		int id = (int)wishes[role].id;

		if (wishes[role].runs)
			daemons->id[role] = id;
		else if (daemons->id[role] == id)
			daemons->id[role] = NONE;
	}
}

static void test_one_instance(void **state)
{
	static const struct notify_id id = { "", 7 };

	(void)state;
	for (unsigned int sequence = 0; sequence < 256; sequence++) {
		struct daemons daemons = { { NONE, NONE } };

		for (unsigned int i = 0; i < CALLS; i++) {
			enum notify_state now = every[sequence >> 2 * i & 3];
			bool backup =
				now == NOTIFY_BACKUP || now == NOTIFY_FAULT;
			struct notify_wish wishes[2];

			notify_decide(&id, 1, &now, wishes);
			fulfil(&daemons, wishes);
			assert_int_equal(daemons.id[0],
					 now == NOTIFY_MASTER ? 7 : NONE);
			assert_int_equal(daemons.id[1], backup ? 7 : NONE);
		}
	}
}

/* Daemons of another id are somebody else's, unless their role is needed. */
static void test_other_ids_stay(void **state)
{
	static const struct notify_id id = { "", 7 };
	struct daemons daemons = { { 9, 9 } };
	enum notify_state now = NOTIFY_STOP;
	struct notify_wish wishes[2];

	(void)state;
	notify_decide(&id, 1, &now, wishes);
	fulfil(&daemons, wishes);
	assert_int_equal(daemons.id[0], 9);
	assert_int_equal(daemons.id[1], 9);
	now = NOTIFY_MASTER;
	notify_decide(&id, 1, &now, wishes);
	fulfil(&daemons, wishes);
	assert_int_equal(daemons.id[0], 7);
	assert_int_equal(daemons.id[1], 9);
}

static void test_two_instances(void **state)
{
	static const struct notify_id ids[] = { { "VI_1", 1 }, { "VI_2", 2 } };

	(void)state;
	for (unsigned int sequence = 0; sequence < 4096; sequence++) {
		enum notify_state states[2] = { NOTIFY_UNKNOWN, NOTIFY_UNKNOWN };
		struct daemons daemons = { { NONE, NONE } };

		for (unsigned int i = 0; i < CALLS; i++) {
			unsigned int call = sequence >> 3 * i & 7;
			struct notify_wish wishes[2];
			bool stopped;

			states[call >> 2] = every[call & 3];
			notify_decide(ids, 2, states, wishes);
			fulfil(&daemons, wishes);
			stopped = states[0] == NOTIFY_STOP &&
				  states[1] == NOTIFY_STOP;
			assert_int_equal(daemons.id[0], stopped ? NONE : 1);
			assert_int_equal(daemons.id[1], stopped ? NONE : 2);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_instance),
		cmocka_unit_test(test_other_ids_stay),
		cmocka_unit_test(test_two_instances),
	};

	return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}
