/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Mark rules as a table. */
#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "output/render.h"

static const struct render_column columns[] = {
	{ "PRIORITY", true, false },
	{ "HOOK", false, false },
	{ "ACTION", false, false },
	{ "FAMILY", false, true },
	{ "PROTO", false, false },
	{ "SOURCE", false, true },
	{ "SPORT", false, true },
	{ "DESTINATION", false, false },
	{ "DPORT", false, false },
	{ "INTERFACE", false, true },
	{ "MORE", false, true },
	{ "COMMENT", false, true },
	{ "PACKETS", true, false },
	{ "BYTES", true, false },
	{ 0 },
};

static const char *family_name(unsigned int family)
{
	if (family == AF_INET)
		return "ipv4";
	return family == AF_INET6 ? "ipv6" : "";
}

static const char *action(const struct ipvsctl_mark *rule, char text[40])
{
	char mark[32];

	if (rule->exclude)
		return "exclude";
	(void)snprintf(text, 40, "mark %s", render_mark(mark, rule->mark));
	return text;
}

static const char *addresses_or_any(const struct ipvsctl_addresses *addresses,
				    char text[IPVSCTL_ADDRESSES_TEXT])
{
	return *ipvsctl_addresses_format(addresses, text) ? text : "any";
}

static const char *text_or_none(const char *text)
{
	return text ? text : "";
}

/* Returns the value; writes it to text after "!" if the bit says so. */
static const char *negatable(const struct ipvsctl_mark *rule,
			     enum ipvsctl_negated bit, const char *value,
			     char text[32])
{
	if (!(rule->negated & bit))
		return value;
	(void)snprintf(text, 32, "!%s", value);
	return text;
}

/*
 * Writes the line of the rule without what has a column of its own. Returns 0 or
 * -ENOMEM; free *ret_line.
 */
static int rest_line(const struct ipvsctl_mark *rule, char **ret_line)
{
	struct ipvsctl_mark plain, rest = *rule;

	ipvsctl_mark_init(&plain, rule->exclude);
	rest.mark = plain.mark;
	rest.priority = plain.priority;
	rest.hook = plain.hook;
	rest.family = plain.family;
	rest.protocol = plain.protocol;
	rest.source = plain.source;
	rest.source_ports = plain.source_ports;
	rest.destination = plain.destination;
	rest.destination_ports = plain.destination_ports;
	rest.in_interface[0] = '\0';
	rest.negated &=
		(uint16_t) ~(IPVSCTL_NOT_PROTOCOL | IPVSCTL_NOT_IN_INTERFACE);
	rest.comment = NULL;
	return ipvsctl_mark_line(&rest, ret_line, NULL);
}

static int add_row(struct render_table *table, const struct ipvsctl_mark *rule,
		   const char *more)
{
	char priority[RENDER_NUMBER];
	char packets[RENDER_NUMBER];
	char bytes[RENDER_NUMBER];
	char protocol[RENDER_NUMBER];
	char act[40];
	char interface[32];
	char not_protocol[32];
	char source[IPVSCTL_ADDRESSES_TEXT];
	char destination[IPVSCTL_ADDRESSES_TEXT];
	char source_ports[128];
	char destination_ports[128];
	const char *const cells[] = {
		priority,
		ipvsctl_hook_name(rule->hook),
		action(rule, act),
		family_name(rule->family),
		negatable(rule, IPVSCTL_NOT_PROTOCOL,
			  render_protocol(rule->protocol, protocol),
			  not_protocol),
		ipvsctl_addresses_format(&rule->source, source),
		ipvsctl_ports_format(&rule->source_ports, source_ports),
		addresses_or_any(&rule->destination, destination),
		ipvsctl_ports_format(&rule->destination_ports,
				     destination_ports),
		negatable(rule, IPVSCTL_NOT_IN_INTERFACE, rule->in_interface,
			  interface),
		more,
		text_or_none(rule->comment),
		packets,
		bytes,
	};

	(void)render_number(priority, rule->priority);
	(void)render_number(packets, rule->packets);
	(void)render_number(bytes, rule->bytes);
	return render_table_row(table, cells);
}

static int add_rule(struct render_table *table, const struct ipvsctl_mark *rule)
{
	AUTO_FREE char *line = NULL;
	int r = rest_line(rule, &line);
	const char *more = line;

	if (r < 0)
		return r;
	more += strlen(rule->exclude ? "mark exclude" : "mark add 1");
	return add_row(table, rule, more + (*more == ' '));
}

int render_marks(FILE *stream, const struct ipvsctl_config *config)
{
	AUTO_TABLE struct render_table *table = NULL;
	const struct ipvsctl_mark *rule = NULL;
	int r = render_table_new(columns, &table);

	while (r == 0 && (rule = ipvsctl_config_next_mark(config, rule)))
		r = add_rule(table, rule);
	return r < 0 ? r : render_table_print(stream, table);
}
