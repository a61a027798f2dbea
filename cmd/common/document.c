/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Writes what a command has loaded as a document for lbctl-restore. */
#include <string.h>

#include "common/command.h"
#include "output/output.h"

int command_document(struct command *command, unsigned int kinds, bool partial,
		     char **ret_text)
{
	return ipvsctl_ruleset_format(
		command->from, kinds,
		IPVSCTL_FORMAT_JSON | IPVSCTL_FORMAT_RUNTIME |
			(partial ? (unsigned int)IPVSCTL_FORMAT_PARTIAL : 0),
		ret_text, &command->err);
}

int command_show_document(struct command *command, unsigned int kinds,
			  bool partial)
{
	AUTO_FREE char *text = NULL;
	int r = command_document(command, kinds, partial, &text);

	if (r < 0)
		return r;
	r = output_write(stdout, text, strlen(text));
	return r < 0 ? command_output_failed(command, r) : 0;
}
