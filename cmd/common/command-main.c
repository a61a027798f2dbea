/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A program from its command line to its exit status. */
#include "common/command-main.h"

#include <errno.h>
#include <string.h>

#include "output/output.h"

/* Runs the parsed command. */
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

/* Closes stdout: a full disk is a failure even if the command succeeded. */
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
