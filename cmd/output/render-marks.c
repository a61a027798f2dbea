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

static const char *text_or_none(const char *text)
{
	return text ? text : "";
}

/* Writes the exemption unless it is the usual one. */
static const char *exemption(const struct ipvsctl_mark *rule, char text[32])
{
	struct ipvsctl_mark usual;

	ipvsctl_mark_init(&usual, rule->exclude);
	text[0] = '\0';
	if (rule->exempt_own == usual.exempt_own)
		return text;
	if (rule->exempt_own == IPVSCTL_EXEMPT_NONE)
		return "no-exempt-own ";
	(void)snprintf(text, 32, "exempt-own %s ",
		       ipvsctl_exemption_name(rule->exempt_own));
	return text;
}

/* Writes the attributes that have no column of their own. */
static const char *more(const struct ipvsctl_mark *rule, char *text, size_t size)
{
	char mask[24] = "";
	char own[32];
	size_t length;

	if (!rule->exclude && rule->mask != UINT32_MAX)
		(void)snprintf(mask, sizeof(mask), "mask 0x%x ", rule->mask);
	(void)snprintf(text, size, "%s%s%s", mask, exemption(rule, own),
		       text_or_none(rule->extra));
	length = strlen(text);
	if (length > 0 && text[length - 1] == ' ')
		text[length - 1] = '\0';
	return text;
}

static int add_row(struct libscols_table *table, const struct ipvsctl_mark *rule)
{
	char priority[RENDER_NUMBER];
	char packets[RENDER_NUMBER];
	char bytes[RENDER_NUMBER];
	char protocol[RENDER_NUMBER];
	char act[40];
	char rest[IPVSCTL_EXTRA_MAX + 64];
	char source[IPVSCTL_ADDRESS_TEXT + 5];
	char destination[IPVSCTL_ADDRESS_TEXT + 5];
	char source_ports[128];
	char destination_ports[128];
	bool from_anywhere = rule->source.address.family == AF_UNSPEC;
	const char *const cells[] = {
		priority,
		ipvsctl_hook_name(rule->hook),
		action(rule, act),
		family_name(rule->family),
		render_protocol(rule->protocol, protocol),
		from_anywhere ? "" : render_network(&rule->source, source),
		ipvsctl_ports_format(&rule->source_ports, source_ports),
		render_network(&rule->destination, destination),
		ipvsctl_ports_format(&rule->destination_ports,
				     destination_ports),
		rule->in_interface,
		more(rule, rest, sizeof(rest)),
		text_or_none(rule->comment),
		packets,
		bytes,
	};

	(void)render_number(priority, rule->priority);
	(void)render_number(packets, rule->packets);
	(void)render_number(bytes, rule->bytes);
	return render_table_row(table, cells);
}

int render_marks(FILE *stream, const struct ipvsctl_config *config)
{
	AUTO_TABLE struct libscols_table *table = NULL;
	const struct ipvsctl_mark *rule = NULL;
	int r = render_table_new(stream, columns, &table);

	while (r == 0 && (rule = ipvsctl_config_next_mark(config, rule)))
		r = add_row(table, rule);
	return r < 0 ? r : render_table_print(stream, table);
}
