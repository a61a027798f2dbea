/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Failures: what callers read, and what the kernel's errnos become. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "given.h"

#include "model/error.h"

static void test_fail_sets_all_and_clears_what_is_old(void **state)
{
	struct ipvsctl_error err = { .line = 7,
				     .subject = "old",
				     .hint = "old" };

	(void)state;
	assert_int_equal(fail(&err, -EEXIST, "port %u", 80u), -EEXIST);
	assert_failure(&err, &(struct failure){ -EEXIST, "", "port 80", "" });
	assert_int_equal(err.line, 0);
	assert_int_equal(fail_about(&err, -EEXIST, "%s:%d", "tcp", 1), -EEXIST);
	assert_int_equal(fail_hint(&err, -EEXIST, "lbctl-svc %s", "add"),
			 -EEXIST);
	assert_failure(&err, &(struct failure){ -EEXIST, "tcp:1", "port 80",
						"lbctl-svc add" });
}

static void test_fail_without_an_error_only_returns(void **state)
{
	(void)state;
	assert_int_equal(fail(NULL, -EINVAL, "x"), -EINVAL);
	assert_int_equal(fail_about(NULL, -EINVAL, "x"), -EINVAL);
	assert_int_equal(fail_hint(NULL, -EINVAL, "x"), -EINVAL);
	assert_int_equal(fail_memory(NULL), -ENOMEM);
	assert_int_equal(fail_kernel(NULL, OPERATION_READ, EPERM, NULL), -EPERM);
}

static void test_control_characters_and_length_are_bounded(void **state)
{
	struct ipvsctl_error err = { 0 };
	char text[1024];

	(void)state;
	(void)memset(text, 'x', sizeof(text));
	text[1] = '\033';
	text[2] = '\n';
	text[3] = 0x7f;
	text[sizeof(text) - 1] = '\0';
	(void)fail(&err, -EINVAL, "%s", text);
	assert_memory_equal(err.message, "x???xxx", 7);
	assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
	(void)fail_about(&err, -EINVAL, "%s", text);
	assert_int_equal(strlen(err.subject), sizeof(err.subject) - 1);
	(void)fail_hint(&err, -EINVAL, "%s", text);
	assert_int_equal(strlen(err.hint), sizeof(err.hint) - 1);
}

static void test_memory(void **state)
{
	struct ipvsctl_error err = { 0 };

	(void)state;
	assert_int_equal(fail_memory(&err), -ENOMEM);
	assert_failure(&err,
		       &(struct failure){ -ENOMEM, "", "out of memory", "" });
}

static void test_errnos_mean_what_the_operation_makes_of_them(void **state)
{
	static const struct {
		enum operation operation;
		int raw;
		int code;
		const char *message;
	} cases[] = {
		{ OPERATION_OPEN, ENOENT, -EOPNOTSUPP,
		  "the kernel has no IPVS" },
		{ OPERATION_OPEN, EPERM, -EPERM, "needs CAP_NET_ADMIN" },
		{ OPERATION_READ, EPERM, -EPERM, "needs CAP_NET_ADMIN" },
		{ OPERATION_READ, ESRCH, -ENOENT, "no such service" },
		{ OPERATION_ADD_SERVICE, EEXIST, -EEXIST,
		  "service already exists" },
		{ OPERATION_ADD_SERVICE, ENOENT, -EOPNOTSUPP,
		  "the kernel has no such scheduler or persistence engine" },
		{ OPERATION_CHANGE_SERVICE, ENOENT, -EOPNOTSUPP,
		  "the kernel has no such scheduler or persistence engine" },
		{ OPERATION_CHANGE_SERVICE, ESRCH, -ENOENT, "no such service" },
		{ OPERATION_DELETE_SERVICE, ESRCH, -ENOENT, "no such service" },
		{ OPERATION_ADD_SERVER, EEXIST, -EEXIST,
		  "server already exists" },
		{ OPERATION_ADD_SERVER, ESRCH, -ENOENT, "no such service" },
		{ OPERATION_ADD_SERVER, ERANGE, -EINVAL, NULL },
		{ OPERATION_ADD_SERVER, EINVAL, -EINVAL, NULL },
		{ OPERATION_CHANGE_SERVER, ENOENT, -ENOENT, "no such server" },
		{ OPERATION_DELETE_SERVER, ENOENT, -ENOENT, "no such server" },
		{ OPERATION_DELETE_SERVER, ESRCH, -ENOENT, "no such service" },
		{ OPERATION_START_SYNC, EEXIST, -EEXIST,
		  "the sync daemon is already running" },
		{ OPERATION_START_SYNC, ENODEV, -EINVAL, "no such interface" },
		{ OPERATION_STOP_SYNC, ESRCH, -ENOENT, "no such sync daemon" },
		{ OPERATION_SET_TIMEOUTS, EINVAL, -EINVAL,
		  "the kernel takes no timeout that long" },
		{ OPERATION_ZERO, ESRCH, -ENOENT, "no such service" },
		{ OPERATION_ZERO, ENOMEM, -ENOMEM,
		  "the kernel is out of memory" },
		{ OPERATION_ADD_SERVICE, EAFNOSUPPORT, -EOPNOTSUPP,
		  "the kernel does not support this address family" },
		{ OPERATION_ADD_SERVICE, ENOPROTOOPT, -EOPNOTSUPP, NULL },
		{ OPERATION_READ, ETIMEDOUT, -ETIMEDOUT,
		  "the kernel did not answer" },
		{ OPERATION_READ, EBUSY, -EBUSY, NULL },
		{ OPERATION_READ, EAGAIN, -EAGAIN, NULL },
		{ OPERATION_MARK_OPEN, EPERM, -EPERM,
		  "needs CAP_NET_ADMIN and CAP_NET_RAW" },
		{ OPERATION_MARK_OPEN, ENOENT, -EOPNOTSUPP,
		  "the kernel has no mangle table" },
		{ OPERATION_MARK_OPEN, ENOPROTOOPT, -EOPNOTSUPP,
		  "the kernel has no mangle table" },
		{ OPERATION_MARK_COMMIT, EPERM, -EPERM,
		  "needs CAP_NET_ADMIN and CAP_NET_RAW" },
		{ OPERATION_MARK_COMMIT, ENOENT, -EOPNOTSUPP, NULL },
		{ OPERATION_MARK_COMMIT, EINVAL, -EINVAL, NULL },
		{ OPERATION_MARK_COMMIT, ELOOP, -EINVAL, NULL },
		{ OPERATION_MARK_COMMIT, EAGAIN, -EAGAIN, NULL },
		{ OPERATION_ADD_SERVICE, EXDEV, -EIO,
		  "the kernel says: Invalid cross-device link" },
		{ OPERATION_ADD_SERVICE, 9999, -EIO,
		  "the kernel says error 9999" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_error err = { 0 };
		int r = fail_kernel(&err, cases[i].operation, cases[i].raw,
				    NULL);

		assert_int_equal(r, cases[i].code);
		assert_failure(&err,
			       &(struct failure){ cases[i].code, "",
						  cases[i].message, NULL });
	}
}

static void test_hints_of_the_kernel(void **state)
{
	struct ipvsctl_error err = { 0 };

	(void)state;
	(void)fail_kernel(&err, OPERATION_OPEN, ENOENT, NULL);
	assert_string_equal(err.hint, "modprobe ip_vs");
	(void)fail_kernel(&err, OPERATION_READ, EPERM, NULL);
	assert_non_null(strstr(err.hint, "sudo"));
	(void)fail_kernel(&err, OPERATION_ADD_SERVICE, ENOENT, NULL);
	assert_non_null(strstr(err.hint, "modprobe ip_vs_NAME"));
	(void)fail_kernel(&err, OPERATION_READ, ESRCH, NULL);
	assert_string_equal(err.hint, "");
}

static void test_the_kernels_own_text_is_appended(void **state)
{
	struct ipvsctl_error err = { 0 };

	(void)state;
	(void)fail_kernel(&err, OPERATION_ADD_SERVER, EEXIST, "really");
	assert_string_equal(err.message, "server already exists (really)");
	(void)fail_kernel(&err, OPERATION_ADD_SERVER, EEXIST, "");
	assert_string_equal(err.message, "server already exists");
	(void)fail_kernel(&err, OPERATION_ADD_SERVER, EXDEV, "why");
	assert_string_equal(err.message,
			    "the kernel says: Invalid cross-device link (why)");
	(void)fail_kernel(&err, OPERATION_ADD_SERVER, 9999, "why");
	assert_string_equal(err.message, "the kernel says error 9999 (why)");
}

/* Whatever the kernel answers, callers see only the codes in the header. */
static void test_only_public_codes_come_out(void **state)
{
	static const int codes[] = { -EINVAL,	  -ENOENT, -EEXIST, -EPERM,
				     -EOPNOTSUPP, -EBUSY,  -EAGAIN, -ETIMEDOUT,
				     -ENOMEM,	  -EIO };

	(void)state;
	for (int operation = OPERATION_OPEN; operation <= OPERATION_MARK_COMMIT;
	     operation++)
		for (int raw = 1; raw < 200; raw++) {
			struct ipvsctl_error err = { 0 };
			int r = fail_kernel(&err, (enum operation)operation,
					    raw, NULL);
			bool known = false;

			for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
				known = known || r == codes[i];
			assert_true(known);
			assert_int_equal(err.code, r);
			assert_string_not_equal(err.message, "");
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fail_sets_all_and_clears_what_is_old),
		cmocka_unit_test(test_fail_without_an_error_only_returns),
		cmocka_unit_test(test_control_characters_and_length_are_bounded),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(
			test_errnos_mean_what_the_operation_makes_of_them),
		cmocka_unit_test(test_hints_of_the_kernel),
		cmocka_unit_test(test_the_kernels_own_text_is_appended),
		cmocka_unit_test(test_only_public_codes_come_out),
	};

	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
