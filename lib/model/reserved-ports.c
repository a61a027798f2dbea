/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Finds out which local ports rules need reserved. */
#include "model/reserved-ports.h"

#include <netinet/in.h>
#include <stdlib.h>

#include "scope.h"

#define PORT_COUNT (UINT16_MAX + 1)

/* So many local ports must stay: without any, this host cannot connect. */
#define LOCAL_PORTS_LEFT 1024

struct port_set {
	bool has[PORT_COUNT];
};

static void add_range(struct port_set *set, unsigned long first,
		      unsigned long last)
{
	for (; first <= last && first < PORT_COUNT; first++)
		set->has[first] = true;
}

/* Reads "80,8000-8100" up to its end, or to what is none of this. */
static void read_set(const char *text, struct port_set *set)
{
	char *end = NULL;

	for (;; text = end + (*end == ',')) {
		unsigned long first = strtoul(text, &end, 10);
		unsigned long last = first;
		if (end == text)
			return;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		add_range(set, first, last);
	}
}

static void write_set(const struct port_set *set, struct text *value)
{
	const char *comma = "";

	for (unsigned int first = 0; first < PORT_COUNT; first++) {
		unsigned int last = first;
		if (!set->has[first])
			continue;
		while (last + 1 < PORT_COUNT && set->has[last + 1])
			last++;
		text_add(value, first == last ? "%s%u" : "%s%u-%u", comma,
			 first, last);
		comma = ",";
		first = last;
	}
}

static bool is_concerned(const struct ipvsctl_mark *rule)
{
	return !rule->exclude && rule->exempt_own == IPVSCTL_EXEMPT_SOCKET &&
	       rule->hook != IPVSCTL_HOOK_OUTPUT &&
	       rule->protocol == IPPROTO_UDP &&
	       !(rule->negated & IPVSCTL_NOT_PROTOCOL) &&
	       rule->destination_ports.count;
}

static bool has_port(const struct ipvsctl_ports *ports, unsigned long port)
{
	for (size_t i = 0; i < ports->count; i++)
		if (ports->ranges[i].first <= port &&
		    ports->ranges[i].last >= port)
			return true;
	return false;
}

/* Adds the rule's local ports. */
static void add_rule(const struct ipvsctl_mark *rule, struct port_set *set,
		     const struct ipvsctl_port_range *local)
{
	const struct ipvsctl_ports *ports = &rule->destination_ports;
	unsigned long first = local->first, last = local->last;

	for (size_t i = 0; i < ports->count && !ports->negated; i++) {
		unsigned long from = ports->ranges[i].first;
		unsigned long to = ports->ranges[i].last;
		add_range(set, from < first ? first : from,
			  to > last ? last : to);
	}
	for (; ports->negated && first <= last; first++)
		if (!has_port(ports, first))
			set->has[first] = true;
}

static size_t count_set(const struct port_set *set,
			const struct ipvsctl_port_range *local)
{
	size_t count = 0;

	for (size_t port = local->first; port <= local->last; port++)
		count += set->has[port];
	return count;
}

bool reserved_ports_wanted(const struct ipvsctl_config *before,
			   const struct ipvsctl_config *config,
			   const char *reserved,
			   const struct ipvsctl_port_range *local,
			   struct text *value)
{
	struct port_set set = { 0 };
	size_t had, has;

	read_set(reserved, &set);
	had = count_set(&set, local);
	ipvsctl_for_each_mark(config, rule)
		if (is_concerned(rule) &&
		    !ipvsctl_config_find_mark(before, rule))
			add_rule(rule, &set, local);
	has = count_set(&set, local);
	if (has == had ||
	    local->last - local->first + 1U < has + LOCAL_PORTS_LEFT)
		return false;
	write_set(&set, value);
	return true;
}
