/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Shows mark rules, and those that others made. */
#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "mark/mark.h"
#include "output/output.h"
#include "output/render.h"

/* The destination of foreign rules that are read. */
struct foreign {
	unsigned int family; /* AF_UNSPEC: both */
	json_t *array;	     /* NULL: to stdout */
	size_t count;
};

static int take_foreign(uint16_t family, const char *rule, void *data)
{
	struct foreign *foreign = data;
	const char *name = family == AF_INET6 ? "ipv6" :
			   family == AF_INET  ? "ipv4" :
						"inet";
	int r;

	if (foreign->family != AF_UNSPEC && family != AF_UNSPEC &&
	    foreign->family != family)
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

static void warn_split(const struct command *command)
{
	const struct report report = command_report(command);

	if (!command->quiet && ipvsctl_config_is_split(command->from))
		report_warning(&report,
			       "rules of lbctl are in nf_tables and in "
			       "iptables: lbctl-mark convert %s",
			       ipvsctl_backend_name(ipvsctl_config_get_backend(
				       command->from)));
}

/* Leaves only rules that concern the family in command->from. */
static int choose(struct command *command, unsigned int family)
{
	AUTO_CONFIG struct ipvsctl_config *all = NULL;
	const struct ipvsctl_mark *rule = NULL;
	int r = ipvsctl_config_copy(command->from, &all, &command->err);

	while (r == 0 && (rule = ipvsctl_config_next_mark(all, rule)))
		if (rule->family != AF_UNSPEC && rule->family != family)
			r = ipvsctl_config_delete_mark(command->from, rule,
						       &command->err);
	return r;
}

/* Writes the document, and the rules of others as its last member. */
static int write_all(const char *document, const char *foreign)
{
	const size_t length = strlen(document) - strlen("\n}\n");
	int r = output_write(stdout, document, length);

	errno = 0;
	if (r == 0 && printf(",\n  \"runtime\": %s}\n", foreign) < 0)
		r = errno > 0 ? -errno : -EIO;
	return r;
}

static int show_all_json(struct command *command, struct foreign *foreign,
			 bool partial)
{
	AUTO_FREE char *document = NULL, *others = NULL;
	AUTO_JSON json_t *array = json_array();
	int r = command_document(command, IPVSCTL_MARKS, partial, &document);

	if (r < 0 || !array)
		return r < 0 ? r : command_no_memory(command);
	foreign->array = array;
	r = read_foreign(command, foreign);
	if (r < 0)
		return r;
	r = output_format_json(render_pack("{s:O}", "foreign", array), 0,
			       &others);
	if (r == 0)
		r = write_all(document, others);
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
	const bool partial = foreign.family != AF_UNSPEC;
	int r = command_load(command, IPVSCTL_MARKS, NULL);

	if (r < 0)
		return r;
	warn_split(command);
	if (partial)
		r = choose(command, foreign.family);
	if (r < 0)
		return r;
	if (command->json && command_has(command, "all"))
		return show_all_json(command, &foreign, partial);
	if (command->json)
		return command_show_document(command, IPVSCTL_MARKS, partial);
	r = render_marks(stdout, command->from);
	if (r < 0)
		return command_output_failed(command, r);
	return command_has(command, "all") ? read_foreign(command, &foreign) :
					     0;
}
