/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Values of options about how to probe. */
#include "check/config/option-values.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "check/config/expression.h"
#include "check/config/values.h"
#include "fail.h"
#include "number.h"
#include "program.h"

int option_set_port(struct check *check, const char *value,
		    struct ipvsctl_error *err)
{
	static const struct number_range ports = { "port", 1, UINT16_MAX };
	uint32_t port = 0;
	int r;

	check->way.server_port = strcmp(value, "server") == 0;
	if (check->way.server_port)
		return 0;
	r = number_parse(value, &ports, &port, err);
	check->way.port = (uint16_t)port;
	return r;
}

int option_set_dns_name(struct check *check, const char *value,
			struct ipvsctl_error *err)
{
	if (!*value || strlen(value) > 255)
		return fail(err, -EINVAL, "'%.64s' is not a DNS name", value);
	return value_copy(value, &check->way.dns_name, err);
}

int option_set_timeout(struct check *check, const char *value,
		       struct ipvsctl_error *err)
{
	return value_seconds(value, &check->way.timeout_us, err);
}

int option_set_source(struct check *check, const char *value,
		      struct ipvsctl_error *err)
{
	return ipvsctl_address_parse(value, &check->way.source, err);
}

int option_set_vip(struct check *check, const char *value,
		   struct ipvsctl_error *err)
{
	check->way.via_vip = true;
	return ipvsctl_address_parse(value, &check->way.vip, err);
}

int option_set_interface(struct check *check, const char *value,
			 struct ipvsctl_error *err)
{
	if (!*value || strlen(value) > IPVSCTL_INTERFACE_MAX ||
	    strpbrk(value, "/: "))
		return fail(err, -EINVAL,
			    "'%.32s' is not the name of an interface", value);
	return value_copy(value, &check->way.interface, err);
}

int option_set_mark(struct check *check, const char *value,
		    struct ipvsctl_error *err)
{
	return ipvsctl_mark_parse(value, &check->way.mark, err);
}

bool option_is_line(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

int option_set_path(struct check *check, const char *value,
		    struct ipvsctl_error *err)
{
	if (value[0] != '/' || !option_is_line(value) || strchr(value, ' '))
		return fail(err, -EINVAL,
			    "'%.64s' is not a path: it starts with / and "
			    "has no blanks",
			    value);
	return value_copy(value, &check->way.path, err);
}

int option_set_header(struct check *check, const char *value,
		      struct ipvsctl_error *err)
{
	const char *colon = strchr(value, ':');

	if (!colon || colon == value || !option_is_line(value))
		return fail(err, -EINVAL,
			    "'%.64s' is not a header such as "
			    "'Accept: text/plain'",
			    value);
	return value_append(value, &check->way.headers, err);
}

int option_set_status(struct check *check, const char *value,
		      struct ipvsctl_error *err)
{
	return value_statuses(value, &check->way, err);
}

/* Refuses what is not an expression that can be searched for. */
static int check_expression(const char *value, struct ipvsctl_error *err)
{
	char pattern[EXPRESSION_PATTERN];
	const char *why, *rest;
	int r = expression_translate(value, pattern, &why, &rest);

	if (r == 0)
		return 0;
	(void)fail(err, r,
		   "'%.64s' is not an extended regular expression: %s%s"
		   "%.32s%s",
		   value, why, *rest ? " (at '" : "", rest, *rest ? "')" : "");
	return fail_hint(err, r, "man 7 regex");
}

int option_set_body(struct check *check, const char *value,
		    struct ipvsctl_error *err)
{
	int r = check_expression(value, err);

	return r < 0 ? r : value_copy(value, &check->way.body, err);
}

/* The letters of a header's name: see section 5.6.2 of RFC 9110. */
static const char name_letters[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789!#$%&'*+-.^_`|~";

/* Keeps "Content-Type: text/.*" without the blank, which is no part of either. */
int option_set_expect_header(struct check *check, const char *value,
			     struct ipvsctl_error *err)
{
	const size_t name = strspn(value, name_letters);
	AUTO_FREE char *kept = NULL;
	const char *expression;
	size_t count = 0;
	int r;

	if (name == 0 || value[name] != ':')
		return fail(err, -EINVAL,
			    "'%.64s' is not a header's name and an expression, "
			    "such as 'Content-Type: ^text/'",
			    value);
	expression = value + name + 1 + strspn(value + name + 1, " ");
	r = check_expression(expression, err);
	if (r < 0)
		return r;
	for (char **one = check->way.wanted_headers; one && *one; one++)
		count++;
	if (count == CHECK_WANTED_HEADERS)
		return fail(err, -EINVAL, "more than %d headers",
			    CHECK_WANTED_HEADERS);
	if (asprintf(&kept, "%.*s:%s", (int)name, value, expression) < 0)
		return fail_memory(err);
	return value_append(kept, &check->way.wanted_headers, err);
}

int option_set_sha256(struct check *check, const char *value,
		      struct ipvsctl_error *err)
{
	int r = 0;

	if (strlen(value) != 64 || strspn(value, "0123456789abcdefABCDEF") != 64)
		r = fail(err, -EINVAL,
			 "'%.64s' is not 64 hex digits, as sha256sum "
			 "prints them",
			 value);
	if (r == 0)
		r = value_copy(value, &check->way.sha256, err);
	for (char *c = check->way.sha256; r == 0 && *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return r;
}

static int add_step(struct check_way *way, bool expects, const char *value,
		    struct ipvsctl_error *err)
{
	struct check_step step = { .expects = expects };
	struct check_step *grown;
	int r;

	if (way->step_count == CHECK_STEPS)
		return fail(err, -EINVAL, "more than %d steps", CHECK_STEPS);
	r = value_bytes(value, &step.bytes, err);
	if (r < 0)
		return r;
	grown = reallocarray(way->steps, way->step_count + 1, sizeof(step));
	if (!grown) {
		free(step.bytes.bytes);
		return fail_memory(err);
	}
	way->steps = grown;
	grown[way->step_count++] = step;
	return 0;
}

int option_set_send(struct check *check, const char *value,
		    struct ipvsctl_error *err)
{
	return add_step(&check->way, false, value, err);
}

int option_set_expect(struct check *check, const char *value,
		      struct ipvsctl_error *err)
{
	int r = add_step(&check->way, true, value, err);
	size_t length;

	if (r < 0)
		return r;
	length = check->way.steps[check->way.step_count - 1].bytes.length;
	if (length == 0)
		return fail(err, -EINVAL, "nothing is expected");
	if (length > CHECK_EXPECT)
		return fail(err, -EINVAL, "more than %d bytes", CHECK_EXPECT);
	return 0;
}

int option_set_type(struct check *check, const char *value,
		    struct ipvsctl_error *err)
{
	return value_dns_type(value, &check->way.dns_type, err);
}

int option_set_answer(struct check *check, const char *value,
		      struct ipvsctl_error *err)
{
	return value_append(value, &check->way.answers, err);
}

int option_check_program(const char *value, struct ipvsctl_error *err)
{
	char why[PROGRAM_WHY_SIZE];

	if (value[0] != '/')
		return fail(err, -EINVAL,
			    "'%.128s' is not the absolute path of a program",
			    value);
	/* A missing program is checked again when it runs. */
	if (program_look(value, why) == -EPERM)
		return fail(err, -EINVAL, "%s", why);
	return 0;
}

int option_set_exec(struct check *check, const char *value,
		    struct ipvsctl_error *err)
{
	int r = option_check_program(value, err);

	return r < 0 ? r : value_append(value, &check->way.exec, err);
}
