/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads the source of a weight, and makes the reporter that asks it. */
#include "check/config/reporter.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "check/config/option-values.h"
#include "check/config/placeholder.h"
#include "check/config/values.h"
#include "fail.h"
#include "number.h"

#define AGENT "agent:"
#define FILES "file:"

static int set_agent(struct check_way *way, const char *text,
		     struct ipvsctl_error *err)
{
	static const struct number_range ports = { "port", 1, UINT16_MAX };
	uint32_t port;
	int r = number_parse(text, &ports, &port, err);

	if (r < 0)
		return r;
	way->weight_from = CHECK_WEIGHT_FROM_AGENT;
	way->agent_port = (uint16_t)port;
	return 0;
}

static int set_file(struct check_way *way, const char *path,
		    struct ipvsctl_error *err)
{
	if (path[0] != '/' || !option_is_line(path) || strlen(path) >= PATH_MAX)
		return fail(err, -EINVAL,
			    "'%.128s' is not the absolute path of a file",
			    path);
	way->weight_from = CHECK_WEIGHT_FROM_FILE;
	return value_copy(path, &way->weight_file, err);
}

int option_set_weight_from(struct check *check, const char *value,
			   struct ipvsctl_error *err)
{
	struct check_way *way = &check->way;

	if (strncmp(value, AGENT, strlen(AGENT)) == 0)
		return set_agent(way, value + strlen(AGENT), err);
	if (strncmp(value, FILES, strlen(FILES)) == 0)
		return set_file(way, value + strlen(FILES), err);
	if (strcmp(value, "status") == 0)
		way->weight_from = CHECK_WEIGHT_FROM_STATUS;
	else if (strcmp(value, "output") == 0)
		way->weight_from = CHECK_WEIGHT_FROM_OUTPUT;
	else
		return fail(err, -EINVAL,
			    "'%.64s' is not status, output, agent:PORT or "
			    "file:PATH",
			    value);
	return 0;
}

int reporter_check(const struct check_way *way, struct ipvsctl_error *err)
{
	const bool status = way->weight_from == CHECK_WEIGHT_FROM_STATUS;

	if (way->kind == CHECK_EXEC ||
	    (!status && way->weight_from != CHECK_WEIGHT_FROM_OUTPUT))
		return 0;
	return fail(err, -EINVAL, "--weight-from %s does not go with --%s",
		    status ? "status" : "output", check_kind_name(way->kind));
}

int reporter_new(struct check *check, struct ipvsctl_error *err)
{
	const struct check_way *way = &check->way;
	const bool agent = way->weight_from == CHECK_WEIGHT_FROM_AGENT;
	struct check *reporter;

	if (!agent && way->weight_from != CHECK_WEIGHT_FROM_FILE)
		return 0;
	reporter = calloc(1, sizeof(*reporter));
	if (!reporter)
		return fail_memory(err);
	reporter->way = (struct check_way){
		.kind = agent ? CHECK_AGENT : CHECK_FILE,
		.port = way->agent_port,
		.timeout_us = way->timeout_us,
		.source = way->source,
		.interface = way->interface,
		.mark = way->mark,
		.weight_file = way->weight_file,
	};
	(void)memcpy(reporter->name, check->name, sizeof(reporter->name));
	check->reporter = reporter;
	return 0;
}

void reporter_free(struct check *reporter)
{
	free(reporter);
}

bool reporter_tells_service(const struct check_way *way)
{
	char *const words[] = { way->weight_file, NULL };

	return way->weight_file && placeholder_tells_service(words);
}
