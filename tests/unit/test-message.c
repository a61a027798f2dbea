/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Messages of netlink as they come: whole, cut short, and verdicts. */
#include "unit.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>

#include "netlink/message.h"
#include "scope.h"

static void test_messages_one_by_one(void **state)
{
	const struct nlmsghdr headers[] = { { .nlmsg_len = 16, .nlmsg_seq = 1 },
					    { .nlmsg_len = 16,
					      .nlmsg_seq = 2 } };
	const char *at = (const void *)headers;
	size_t left = sizeof(headers);
	const struct nlmsghdr *header = NULL;

	(void)state;
	assert_int_equal(message_next(&at, &left, &header), 1);
	assert_int_equal(header->nlmsg_seq, 1);
	assert_int_equal(message_next(&at, &left, &header), 1);
	assert_int_equal(header->nlmsg_seq, 2);
	assert_int_equal(message_next(&at, &left, &header), 0);
	assert_int_equal(left, 0);
}

static void test_lengths_that_cannot_be(void **state)
{
	static const uint32_t lengths[] = { 0, 15, 17, UINT32_MAX };
	const struct nlmsghdr *header = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		const struct nlmsghdr given = { .nlmsg_len = lengths[i] };
		const char *at = (const void *)&given;
		size_t left = sizeof(given);

		assert_int_equal(message_next(&at, &left, &header), -EBADMSG);
	}
}

static void test_verdicts(void **state)
{
	struct {
		struct nlmsghdr header;
		int code;
	} given = { { .nlmsg_len = 20, .nlmsg_type = NLMSG_ERROR }, -EEXIST };

	(void)state;
	assert_true(message_is_verdict(&given.header));
	assert_int_equal(message_verdict(&given.header), -EEXIST);
	given.code = 0;
	assert_int_equal(message_verdict(&given.header), 0);
	given.code = EEXIST;
	assert_int_equal(message_verdict(&given.header), -EBADMSG);
	given.header.nlmsg_len = 19;
	assert_int_equal(message_verdict(&given.header), -EBADMSG);
	given.header.nlmsg_type = NLMSG_MIN_TYPE;
	assert_false(message_is_verdict(&given.header));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages_one_by_one),
		cmocka_unit_test(test_lengths_that_cannot_be),
		cmocka_unit_test(test_verdicts),
	};

	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
