/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Exit statuses from results. */
#include "unit.h"

#include <errno.h>

#include "output/status.h"

static void test_results(void **state)
{
	static const struct {
		int result;
		enum status status;
	} cases[] = {
		{ 0, STATUS_DONE },
		{ 1, STATUS_NO },
		{ -EINVAL, STATUS_INPUT },
		{ -ENOENT, STATUS_REFUSED },
		{ -EEXIST, STATUS_REFUSED },
		{ -EBUSY, STATUS_REFUSED },
		{ -EAGAIN, STATUS_REFUSED },
		{ -ETIMEDOUT, STATUS_REFUSED },
		{ -ENOMEM, STATUS_REFUSED },
		{ -EIO, STATUS_REFUSED },
		{ -EPERM, STATUS_PERMISSION },
		{ -EOPNOTSUPP, STATUS_UNSUPPORTED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(status_of(cases[i].result, false),
				 cases[i].status);
}

/* What stands in the kernel outweighs why the rest failed. */
static void test_standing(void **state)
{
	(void)state;
	assert_int_equal(status_of(-EPERM, true), STATUS_STANDING);
	assert_int_equal(status_of(-EIO, true), STATUS_STANDING);
	assert_int_equal(status_of(0, true), STATUS_DONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_standing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
