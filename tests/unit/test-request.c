/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Steps as requests: what undoes each, what the kernel would not see. */
#include "unit.h"

#include <string.h>

#include "netlink/request.h"

static const struct ipvsctl_service service;
static const struct ipvsctl_server light = { .weight = 1 };
static const struct ipvsctl_server heavy = { .weight = 2 };
static const struct ipvsctl_server held = { .weight = 2, .held = true };

static void every_step_has_an_inverse(void **state)
{
	const struct ipvsctl_step add = { .action = IPVSCTL_ADD,
					  .object = IPVSCTL_OBJECT_SERVER,
					  .service = &service,
					  .after = &light };
	const struct ipvsctl_step change = { .action = IPVSCTL_CHANGE,
					     .object = IPVSCTL_OBJECT_SERVER,
					     .service = &service,
					     .before = &light,
					     .after = &heavy };
	struct ipvsctl_step inverse, again;

	(void)state;
	assert_true(request_invert(&add, &inverse));
	assert_int_equal(inverse.action, IPVSCTL_DELETE);
	assert_ptr_equal(inverse.before, &light);
	assert_null(inverse.after);
	assert_true(request_invert(&inverse, &again));
	assert_memory_equal(&add, &again, sizeof(add));
	assert_true(request_invert(&change, &inverse));
	assert_int_equal(inverse.action, IPVSCTL_CHANGE);
	assert_ptr_equal(inverse.before, &heavy);
	assert_ptr_equal(inverse.after, &light);
}

static void some_steps_have_none(void **state)
{
	static const struct ipvsctl_timeouts timeouts = { .tcp = 1 };
	const struct ipvsctl_step zero = { .action = IPVSCTL_ZERO,
					   .object = IPVSCTL_OBJECT_SERVICE };
	const struct ipvsctl_step set = { .action = IPVSCTL_CHANGE,
					  .object = IPVSCTL_OBJECT_TIMEOUTS,
					  .after = &timeouts };
	struct ipvsctl_step inverse;

	(void)state;
	assert_false(request_invert(&zero, &inverse));
	assert_false(request_invert(&set, &inverse));
}

static bool needed(const struct ipvsctl_server *before,
		   const struct ipvsctl_server *after)
{
	const struct ipvsctl_step step = { .action = IPVSCTL_CHANGE,
					   .object = IPVSCTL_OBJECT_SERVER,
					   .service = &service,
					   .before = before,
					   .after = after };

	return request_needed(&step);
}

static void only_what_the_kernel_sees_is_sent(void **state)
{
	struct ipvsctl_server other = held;

	(void)state;
	assert_true(needed(&light, &heavy));
	assert_true(needed(&heavy, &held));
	assert_false(needed(&held, &held));
	other.weight = 100;
	assert_false(needed(&held, &other));
	other.forward = IPVSCTL_FORWARD_DR;
	assert_true(needed(&held, &other));
}

/* The kernel does not have them. */
static void nothing_of_removed_servers_is_sent(void **state)
{
	struct ipvsctl_server removed = held, other = held;
	const struct ipvsctl_step add = { .action = IPVSCTL_ADD,
					  .object = IPVSCTL_OBJECT_SERVER,
					  .service = &service,
					  .after = &removed };
	const struct ipvsctl_step drop = { .action = IPVSCTL_DELETE,
					   .object = IPVSCTL_OBJECT_SERVER,
					   .service = &service,
					   .before = &removed };

	(void)state;
	assert_true(request_needed(&add));
	assert_true(request_needed(&drop));
	removed.removed = true;
	other.removed = true;
	other.forward = IPVSCTL_FORWARD_DR;
	assert_false(needed(&removed, &other));
	assert_false(request_needed(&add));
	assert_false(request_needed(&drop));
}

static void refusals_say_what_they_are_about(void **state)
{
	struct ipvsctl_error err;
	struct ipvsctl_service of;
	struct ipvsctl_server server;

	(void)state;
	assert_int_equal(ipvsctl_service_parse("tcp:192.0.2.1:80", &of, NULL),
			 0);
	assert_int_equal(ipvsctl_server_parse("10.0.0.1", &of, &server, NULL),
			 0);
	const struct ipvsctl_step change = { .action = IPVSCTL_CHANGE,
					     .object = IPVSCTL_OBJECT_SERVER,
					     .service = &of,
					     .before = &server,
					     .after = &server };
	const struct ipvsctl_step zero = { .action = IPVSCTL_ZERO,
					   .object = IPVSCTL_OBJECT_SERVICE };

	assert_int_equal(request_fail(&change, ESRCH, "", &err), -ENOENT);
	assert_string_equal(err.subject, "tcp:192.0.2.1:80 10.0.0.1:80");
	assert_string_equal(err.message, "no such service");
	assert_int_equal(request_fail(&change, ENOENT, "words", &err), -ENOENT);
	assert_string_equal(err.message, "no such server (words)");
	assert_int_equal(request_fail(&zero, EPERM, "", &err), -EPERM);
	assert_string_equal(err.subject, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_step_has_an_inverse),
		cmocka_unit_test(some_steps_have_none),
		cmocka_unit_test(only_what_the_kernel_sees_is_sent),
		cmocka_unit_test(nothing_of_removed_servers_is_sent),
		cmocka_unit_test(refusals_say_what_they_are_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
