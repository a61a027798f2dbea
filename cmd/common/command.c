/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The life of a command: parse, run, report, check the output, status. */
#include "common/command.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "common/output.h"

int command_fail(struct command *command, int code, const char *subject,
		 const char *format, ...)
{
	struct ipvsctl_error *err = &command->err;
	va_list arguments;

	*err = (struct ipvsctl_error){ .code = code };
	(void)snprintf(err->subject, sizeof(err->subject), "%s",
		       subject ? subject : "");
	va_start(arguments, format);
	(void)vsnprintf(err->message, sizeof(err->message), format, arguments);
	va_end(arguments);
	return code;
}

int command_hint(struct command *command, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(command->err.hint, sizeof(command->err.hint), format,
			arguments);
	va_end(arguments);
	return code;
}

int command_no_memory(struct command *command)
{
	return command_fail(command, -ENOMEM, NULL, "out of memory");
}

int command_output_failed(struct command *command, int r)
{
	if (r == -ENOMEM)
		return command_no_memory(command);
	/* Not worth a message. */
	if (r == -EPIPE) {
		command->unread = true;
		return 0;
	}
	if (command->changed)
		command->standing = true;
	return command_fail(command, -EIO, NULL, "write error: %s",
			    strerror(-r));
}

int command_about(struct command *command, int code, const char *subject)
{
	struct ipvsctl_error *err = &command->err;

	if (!err->subject[0])
		(void)snprintf(err->subject, sizeof(err->subject), "%s",
			       subject);
	return code;
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

bool command_has(const struct command *command, const char *name)
{
	for (size_t i = 0; i < command->value_count; i++)
		if (!command->values[i].attribute &&
		    strcmp(command->values[i].name, name) == 0)
			return true;
	return false;
}

const char *command_value(const struct command *command, const char *name,
			  const char *otherwise)
{
	for (size_t i = 0; i < command->value_count; i++)
		if (!command->values[i].attribute &&
		    strcmp(command->values[i].name, name) == 0)
			return command->values[i].value;
	return otherwise;
}

/* Runs what was parsed. */
static int run(struct command *command)
{
	if (command->special)
		return command_special(command);
	if (command->complete) {
		command_complete(command);
		return 0;
	}
	return command->verb->run(command);
}

/* A full disk is a failure of the command, even when all else went well. */
static enum status finish(struct command *command, enum status status)
{
	int r = output_close();
	enum status failed =
		command->changed ? STATUS_STANDING : STATUS_REFUSED;
	struct report report = command_report(command);

	if (r == 0 || r == -EPIPE || command->unread)
		return status;
	if (status > STATUS_NO)
		return status;
	(void)command_fail(command, -EIO, NULL, "write error: %s", strerror(-r));
	report_error(&report, failed, &command->err, NULL);
	return failed;
}

int command_main(const struct command_program *program, int argc,
		 const char **argv)
{
	struct command command;
	enum status status;
	int r;

	output_open();
	r = command_parse(program, argc, argv, &command);
	if (r == 0)
		r = run(&command);
	status = status_of(r, command.standing);
	if (r < 0 && !command.err.message[0])
		(void)command_fail(&command, r, NULL, "%s", strerror(-r));
	if (command.err.message[0] && r != 0) {
		struct report report = command_report(&command);

		report_error(&report, status, &command.err,
			     (const char *const *)command.stands);
	}
	status = finish(&command, status);
	r = status == STATUS_DONE ? command.exit_status : (int)status;
	command_free(&command);
	return r;
}
