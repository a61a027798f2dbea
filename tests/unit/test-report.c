/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The forms of diagnostics. */
#include "captured.h"

#include <errno.h>

#include "output/report.h"

static const struct ipvsctl_error missing = {
	.code = -ENOENT,
	.subject = "tcp:192.0.2.1:80",
	.message = "no such service",
	.hint = "lbctl-svc add tcp:192.0.2.1:80",
};

static void test_hint(void **state)
{
	struct captured captured;
	struct report report = { .program = "lbctl-svc", .verb = "change" };

	(void)state;
	captured_open(&captured);
	report.stream = captured.stream;
	report_error(&report, STATUS_REFUSED, &missing, NULL);
	captured_equals(&captured,
			"lbctl-svc: tcp:192.0.2.1:80: no such service\n"
			"lbctl-svc: hint: lbctl-svc add tcp:192.0.2.1:80\n");
}

/* Wrong input always takes two lines. */
static void test_usage(void **state)
{
	static const struct ipvsctl_error fault = {
		.code = -EINVAL,
		.message = "unknown verb 'ad'",
	};
	struct captured captured;
	struct report report = { .program = "lbctl-svc", .strange = true };

	(void)state;
	captured_open(&captured);
	report.stream = captured.stream;
	report_error(&report, STATUS_INPUT, &fault, NULL);
	report.verb = "add";
	report_error(&report, STATUS_INPUT, &fault, NULL);
	captured_equals(&captured, "lbctl-svc: unknown verb 'ad'\n"
				   "Try 'lbctl-svc --help'.\n"
				   "lbctl-svc: unknown verb 'ad'\n"
				   "Try 'lbctl-svc add --help'.\n");
}

static void test_standing(void **state)
{
	static const struct ipvsctl_error fault = {
		.code = -EIO,
		.message = "the kernel refused",
	};
	static const char *const stands[] = { "svc add tcp:192.0.2.1:80",
					      "svc add tcp:192.0.2.2:80",
					      NULL };
	struct captured captured;
	struct report report = { .program = "lbctl-svc" };

	(void)state;
	captured_open(&captured);
	report.stream = captured.stream;
	report_error(&report, STATUS_STANDING, &fault, stands);
	report.json = true;
	report_error(&report, STATUS_STANDING, &fault, stands);
	captured_equals(
		&captured,
		"lbctl-svc: the kernel refused\n"
		"lbctl-svc: stands: svc add tcp:192.0.2.1:80\n"
		"lbctl-svc: stands: svc add tcp:192.0.2.2:80\n"
		"{\"version\":1,\"error\":{\"status\":4,\"message\":"
		"\"the kernel refused\",\"standing\":["
		"\"svc add tcp:192.0.2.1:80\",\"svc add tcp:192.0.2.2:80\"]}}"
		"\n");
}

static void test_json(void **state)
{
	struct captured captured;
	struct report report = { .program = "lbctl-svc", .json = true };

	(void)state;
	captured_open(&captured);
	report.stream = captured.stream;
	report_error(&report, STATUS_REFUSED, &missing, NULL);
	report_warning(&report, "mask %s", "0xff");
	captured_equals(&captured,
			"{\"version\":1,\"error\":{\"status\":3,\"subject\":"
			"\"tcp:192.0.2.1:80\",\"message\":\"no such service\","
			"\"hint\":\"lbctl-svc add tcp:192.0.2.1:80\"}}\n"
			"{\"version\":1,\"warning\":\"mask 0xff\"}\n");
}

/* Neither terminals nor readers of JSON get what the user typed raw. */
static void test_cleaned(void **state)
{
	static const struct ipvsctl_error fault = {
		.code = -EINVAL,
		.subject = "\xff\x1b[2J",
		.message = "what is that",
		.hint = "tcp:192.0.2.1:80",
	};
	struct captured captured;
	struct report report = { .program = "lbctl-svc", .json = true };

	(void)state;
	captured_open(&captured);
	report.stream = captured.stream;
	report_error(&report, STATUS_INPUT, &fault, NULL);
	report.json = false;
	report_error(&report, STATUS_INPUT, &fault, NULL);
	report_warning(&report, "mask %s", "0xff");
	captured_equals(&captured,
			"{\"version\":1,\"error\":{\"status\":2,\"subject\":"
			"\"\\uFFFD?[2J\",\"message\":\"what is that\",\"hint\":"
			"\"tcp:192.0.2.1:80\"}}\n"
			"lbctl-svc: \xef\xbf\xbd?[2J: what is that\n"
			"lbctl-svc: hint: tcp:192.0.2.1:80\n"
			"lbctl-svc: warning: mask 0xff\n");
}

/* Warnings quote files, whose bytes nobody has looked at. */
static void test_warning_cleaned(void **state)
{
	struct captured captured;
	struct report report = { .program = "lbctl-check" };

	(void)state;
	captured_open(&captured);
	report.stream = captured.stream;
	report_warning(&report, "u.conf: '%s'",
		       "\x1b[2J\a\xc2\x9b"
		       "31m\xe9");
	report.json = true;
	report_warning(&report, "u.conf: '%s'",
		       "\x1b[2J\a\xc2\x9b"
		       "31m\xe9");
	captured_equals(&captured, "lbctl-check: warning: u.conf: "
				   "'?[2J??31m\xef\xbf\xbd'\n"
				   "{\"version\":1,\"warning\":\"u.conf: "
				   "'?[2J??31m\\uFFFD'\"}\n");
}

/* A line of what could not be undone holds the comments of rules. */
static void test_standing_cleaned(void **state)
{
	static const struct ipvsctl_error fault = { .code = -EIO };
	static const char *const stands[] = { "mark 1 --comment '\xc2\x9b\xe9'",
					      NULL };
	struct captured captured;
	struct report report = { .program = "lbctl-mark" };

	(void)state;
	captured_open(&captured);
	report.stream = captured.stream;
	report_error(&report, STATUS_STANDING, &fault, stands);
	captured_equals(&captured, "lbctl-mark: \n"
				   "lbctl-mark: stands: mark 1 --comment "
				   "'?\xef\xbf\xbd'\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hint),
		cmocka_unit_test(test_usage),
		cmocka_unit_test(test_standing),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_cleaned),
		cmocka_unit_test(test_warning_cleaned),
		cmocka_unit_test(test_standing_cleaned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
