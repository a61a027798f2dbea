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

/* Adds "name value " to the text. */
static void add_more(char *text, size_t size, const char *name,
		     const char *value)
{
	size_t length = strlen(text);

	(void)snprintf(text + length, size - length, "%s %s ", name, value);
}

static void add_types(const struct ipvsctl_mark *rule, char *text, size_t size)
{
	char value[32];

	if (rule->source_type)
		add_more(text, size, "src-type",
			 negatable(rule, IPVSCTL_NOT_SOURCE_TYPE, "local",
				   value));
	if (rule->destination_type)
		add_more(text, size, "dst-type",
			 negatable(rule, IPVSCTL_NOT_DESTINATION_TYPE, "local",
				   value));
}

static void add_conditions(const struct ipvsctl_mark *rule, char *text,
			   size_t size)
{
	const uint8_t *mac = rule->mac;
	char value[32];
	char plain[RENDER_NUMBER];

	add_types(rule, text, size);
	if (rule->has_mac) {
		(void)snprintf(plain, sizeof(plain),
			       "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
			       mac[2], mac[3], mac[4], mac[5]);
		add_more(text, size, "mac",
			 negatable(rule, IPVSCTL_NOT_MAC, plain, value));
	}
	if (rule->has_dscp) {
		(void)snprintf(plain, sizeof(plain), "%u", rule->dscp);
		add_more(text, size, "dscp",
			 negatable(rule, IPVSCTL_NOT_DSCP, plain, value));
	}
	if (rule->state)
		add_more(text, size, "state",
			 negatable(rule, IPVSCTL_NOT_STATE, "new", value));
}

/* Writes the attributes that have no column of their own. */
static const char *more(const struct ipvsctl_mark *rule, char *text, size_t size)
{
	char own[32];
	size_t length;

	text[0] = '\0';
	if (!rule->exclude && rule->mask != UINT32_MAX)
		(void)snprintf(text, size, "mask 0x%x ", rule->mask);
	add_conditions(rule, text, size);
	length = strlen(text);
	(void)snprintf(text + length, size - length, "%s%s",
		       exemption(rule, own), text_or_none(rule->extra));
	length = strlen(text);
	if (length > 0 && text[length - 1] == ' ')
		text[length - 1] = '\0';
	return text;
}

static int add_row(struct render_table *table, const struct ipvsctl_mark *rule)
{
	char priority[RENDER_NUMBER];
	char packets[RENDER_NUMBER];
	char bytes[RENDER_NUMBER];
	char protocol[RENDER_NUMBER];
	char act[40];
	char rest[IPVSCTL_EXTRA_MAX + 192];
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
	AUTO_TABLE struct render_table *table = NULL;
	const struct ipvsctl_mark *rule = NULL;
	int r = render_table_new(columns, &table);

	while (r == 0 && (rule = ipvsctl_config_next_mark(config, rule)))
		r = add_row(table, rule);
	return r < 0 ? r : render_table_print(stream, table);
}
