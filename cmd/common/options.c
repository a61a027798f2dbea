/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Options into numbers and objects; the library knows what is valid. */
#include "common/options.h"

#include <errno.h>

int options_range(struct command *command, const struct options_range *range,
		  uint32_t *ret_number)
{
	const char *text = command_value(command, range->name, NULL);

	if (!text) {
		*ret_number = range->otherwise;
		return 0;
	}
	return ipvsctl_number_parse(text,
				    &(struct ipvsctl_range){ range->name,
							     range->min,
							     range->max },
				    ret_number, &command->err);
}

/* Sets one attribute of whichever object it is. */
typedef int (*set_fn)(void *object, const char *name, const char *value,
		      struct ipvsctl_error *err);

static int set_all(struct command *command, void *object, set_fn set)
{
	for (size_t i = 0; i < command->value_count; i++) {
		const struct command_value *value = &command->values[i];
		int r;

		if (!value->attribute)
			continue;
		r = set(object, value->name, value->value, &command->err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int set_service(void *object, const char *name, const char *value,
		       struct ipvsctl_error *err)
{
	return ipvsctl_service_set(object, name, value, err);
}

static int set_server(void *object, const char *name, const char *value,
		      struct ipvsctl_error *err)
{
	return ipvsctl_server_set(object, name, value, err);
}

static int set_mark(void *object, const char *name, const char *value,
		    struct ipvsctl_error *err)
{
	return ipvsctl_mark_set(object, name, value, err);
}

static int set_sync(void *object, const char *name, const char *value,
		    struct ipvsctl_error *err)
{
	return ipvsctl_sync_set(object, name, value, err);
}

int options_set_service(struct command *command, struct ipvsctl_service *service)
{
	char text[IPVSCTL_IDENTITY_TEXT];
	int r = set_all(command, service, set_service);

	if (r < 0)
		return command_about(command, r,
				     ipvsctl_service_format(service, text));
	return 0;
}

int options_set_server(struct command *command, struct ipvsctl_server *server)
{
	char text[IPVSCTL_IDENTITY_TEXT];
	int r = set_all(command, server, set_server);

	if (r < 0)
		return command_about(command, r,
				     ipvsctl_server_format(server, text));
	return 0;
}

int options_set_mark(struct command *command, struct ipvsctl_mark *rule)
{
	return set_all(command, rule, set_mark);
}

int options_set_sync(struct command *command, struct ipvsctl_sync *sync)
{
	int r = set_all(command, sync, set_sync);

	if (r < 0)
		return command_about(command, r,
				     ipvsctl_sync_role_name(sync->role));
	return 0;
}

int options_service(struct command *command, const char *text,
		    struct ipvsctl_service *ret_service)
{
	int r = ipvsctl_service_parse(text, ret_service, &command->err);

	return r < 0 ? command_about(command, r, text) : 0;
}
