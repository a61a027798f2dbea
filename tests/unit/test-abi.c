/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The layout of public structs, which programs are compiled with. A new field
 * must take the place of reserved room: then nothing here changes but a
 * reserved field's offset. Any other change is one of the library's soname.
 */
#include "unit.h"

#include <stddef.h>
#include <stdio.h>

#include "ipvsctl.h"
#include "scope.h"

#define SIZE(type, bytes)                                   \
	{                                                   \
		"struct " #type, sizeof(struct type), bytes \
	}
#define OFFSET(type, field, bytes)                                        \
	{                                                                 \
		"struct " #type "." #field, offsetof(struct type, field), \
			bytes                                             \
	}

/* Where long has 64 bits; other hosts have layouts of their own. */
static void test_layouts_stay(void **state)
{
	static const struct {
		const char *name;
		size_t bytes, expected;
	} cases[] = {
		SIZE(ipvsctl_error, 816),
		OFFSET(ipvsctl_error, reserved, 784),
		SIZE(ipvsctl_address, 18),
		SIZE(ipvsctl_address_range, 36),
		SIZE(ipvsctl_addresses, 16),
		SIZE(ipvsctl_counters, 80),
		SIZE(ipvsctl_attribute, 32),
		SIZE(ipvsctl_service, 192),
		OFFSET(ipvsctl_service, counters, 80),
		OFFSET(ipvsctl_service, reserved, 160),
		SIZE(ipvsctl_server, 160),
		OFFSET(ipvsctl_server, counters, 64),
		OFFSET(ipvsctl_server, reserved, 144),
		SIZE(ipvsctl_ports, 64),
		SIZE(ipvsctl_mark, 280),
		OFFSET(ipvsctl_mark, bytes, 240),
		OFFSET(ipvsctl_mark, snat, 248),
		OFFSET(ipvsctl_mark, reserved, 272),
		SIZE(ipvsctl_sync, 64),
		OFFSET(ipvsctl_sync, reserved, 48),
		SIZE(ipvsctl_timeouts, 32),
		OFFSET(ipvsctl_timeouts, reserved, 12),
		SIZE(ipvsctl_names, 56),
		SIZE(ipvsctl_info, 40),
		SIZE(ipvsctl_outcome, 56),
		SIZE(ipvsctl_selection, 40),
		SIZE(ipvsctl_connection, 392),
		OFFSET(ipvsctl_connection, reserved, 360),
		SIZE(ipvsctl_connection_state, 16),
		SIZE(ipvsctl_path, 120),
		SIZE(ipvsctl_push, 56),
		SIZE(ipvsctl_pushed, 80),
	};
	bool same = true;

	(void)state;
	if (sizeof(long) != 8)
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (cases[i].bytes != cases[i].expected) {
			print_error("%s: %zu, not %zu\n", cases[i].name,
				    cases[i].bytes, cases[i].expected);
			same = false;
		}
	assert_true(same);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layouts_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
