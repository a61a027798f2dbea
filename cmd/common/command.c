/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Errors of a command, and the options that it was given. */
#include "common/command.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "fail.h"
#include "output/output.h"

int command_fail(struct command *command, int code, const char *subject,
		 const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)fail_with(&command->err, code, format, arguments);
	va_end(arguments);
	return fail_about(&command->err, code, "%s", subject ? subject : "");
}

int command_no_memory(struct command *command)
{
	return fail_memory(&command->err);
}

int command_output_failed(struct command *command, int r)
{
	if (r == -ENOMEM)
		return command_no_memory(command);
	/* A reader that has gone is no failure. */
	if (r == -EPIPE) {
		command->unread = true;
		return 0;
	}
	if (command->changed)
		command->standing = true;
	return command_fail(command, -EIO, NULL, "write error: %s",
			    strerror(-r));
}

const char *command_name(const struct command *command,
			 char name[COMMAND_NAME_SIZE])
{
	bool verb = command->verb && command->program->standard;

	(void)snprintf(name, COMMAND_NAME_SIZE, "%s%s%s",
		       command->program->name, verb ? " " : "",
		       verb ? command->verb->name : "");
	return name;
}

struct report command_report(const struct command *command)
{
	return (struct report){
		.stream = stderr,
		.program = command->program->name,
		.verb = command->verb && command->program->standard ?
				command->verb->name :
				NULL,
		.json = command->json,
		.strange = command->strange,
	};
}

/* Returns the verb's own option, or attribute, as it was given; or NULL. */
static const struct command_value *find_value(const struct command *command,
					      const char *name, bool attribute)
{
	for (size_t i = 0; i < command->value_count; i++)
		if (command->values[i].attribute == attribute &&
		    strcmp(command->values[i].name, name) == 0)
			return &command->values[i];
	return NULL;
}

bool command_has(const struct command *command, const char *name)
{
	return find_value(command, name, false);
}

const char *command_value(const struct command *command, const char *name,
			  const char *otherwise)
{
	const struct command_value *value = find_value(command, name, false);

	return value ? value->value : otherwise;
}

const char *command_attribute(const struct command *command, const char *name)
{
	const struct command_value *value = find_value(command, name, true);

	return value ? value->value : NULL;
}
