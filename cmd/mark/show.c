/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Shows mark rules, and those that others made. */
#include <sys/socket.h>

#include <errno.h>

#include "common/output.h"
#include "common/render.h"
#include "mark/mark.h"

/* Where foreign rules go while they are read. */
struct foreign {
	unsigned int family; /* AF_UNSPEC: both */
	json_t *array;	     /* NULL: to stdout */
	size_t count;
};

static int take_foreign(uint16_t family, const char *rule, void *data)
{
	struct foreign *foreign = data;
	const char *name = family == AF_INET6 ? "ipv6" : "ipv4";
	int r;

	if (foreign->family != AF_UNSPEC && foreign->family != family)
		return 0;
	if (foreign->array)
		return json_array_append_new(
			       foreign->array,
			       render_pack("{s:s, s:o}", "family", name, "rule",
					   render_text_json(rule))) < 0 ?
			       -ENOMEM :
			       0;
	errno = 0;
	if (foreign->count++ == 0)
		(void)printf("\nRules of others:\n");
	if (printf("%s  ", name) < 0)
		return errno > 0 ? -errno : -EIO;
	r = output_clean(stdout, rule);
	return r < 0 ? r : output_write(stdout, "\n", 1);
}

/* Failures of stdout leave command->err alone. */
static int read_foreign(struct command *command, struct foreign *foreign)
{
	int r = ipvsctl_each_foreign_rule(command->ctx, take_foreign, foreign,
					  &command->err);

	if (r < 0 && !command->err.message[0])
		return command_output_failed(command, r);
	return r;
}

static int show_json(struct command *command, struct foreign *foreign)
{
	AUTO_JSON json_t *document =
		render_document("marks", render_marks_json(command->from,
							   foreign->family));
	int r;

	if (!document)
		return command_no_memory(command);
	if (command_has(command, "all")) {
		foreign->array = json_array();
		if (!foreign->array || json_object_set_new(document, "foreign",
							   foreign->array) < 0)
			return command_no_memory(command);
		r = read_foreign(command, foreign);
		if (r < 0)
			return r;
	}
	r = output_json(stdout, TAKE_PTR(document));
	return r < 0 ? command_output_failed(command, r) : 0;
}

static unsigned int chosen_family(const struct command *command)
{
	bool ipv4 = command_has(command, "ipv4");
	bool ipv6 = command_has(command, "ipv6");

	if (ipv4 == ipv6)
		return AF_UNSPEC;
	return ipv4 ? AF_INET : AF_INET6;
}

int mark_show(struct command *command)
{
	struct foreign foreign = { .family = chosen_family(command) };
	int r = mark_open(command);

	if (r == 0)
		r = command_load(command, IPVSCTL_MARKS, NULL);
	if (r < 0)
		return r;
	if (command->json)
		return show_json(command, &foreign);
	r = render_marks(stdout, command->from, foreign.family);
	if (r < 0)
		return command_output_failed(command, r);
	return command_has(command, "all") ? read_foreign(command, &foreign) :
					     0;
}
