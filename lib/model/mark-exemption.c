/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What keeps replies to this host's own conversations from mark rules. */
#include <netinet/in.h>

#include "model/address.h"
#include "model/object.h"

enum ipvsctl_exemption mark_usual_exemption(bool exclude)
{
	return exclude ? IPVSCTL_EXEMPT_NONE : IPVSCTL_EXEMPT_SOCKET;
}

/* Tells whether replies to this host's own conversations could match. */
static bool overlaps_own(const struct ipvsctl_mark *rule,
			 const struct ipvsctl_port_range *own)
{
	const struct ipvsctl_ports *ports = &rule->destination_ports;

	if (rule->hook == IPVSCTL_HOOK_OUTPUT)
		return false;
	/* One protocol that is negated leaves others. */
	if (rule->protocol && !(rule->negated & IPVSCTL_NOT_PROTOCOL) &&
	    rule->protocol != IPPROTO_TCP && rule->protocol != IPPROTO_UDP &&
	    rule->protocol != IPPROTO_SCTP)
		return false;
	if (ports->negated)
		return !ports_have_all(ports, own);
	for (size_t i = 0; i < ports->count; i++)
		if (ports->ranges[i].first <= own->last &&
		    ports->ranges[i].last >= own->first)
			return true;
	return ports->count == 0;
}

/* Returns the exemption that shows if the rule has that one. */
static enum ipvsctl_exemption show(const struct ipvsctl_mark *rule,
				   enum ipvsctl_exemption exemption,
				   const struct ipvsctl_port_range *own)
{
	if (!overlaps_own(rule, own))
		return IPVSCTL_EXEMPT_NONE;
	/* The kernel's match looks for no sockets but those of TCP and UDP. */
	if (exemption == IPVSCTL_EXEMPT_SOCKET &&
	    rule->protocol == IPPROTO_SCTP &&
	    !(rule->negated & IPVSCTL_NOT_PROTOCOL))
		return IPVSCTL_EXEMPT_NONE;
	return exemption;
}

enum ipvsctl_exemption mark_shown_exemption(const struct ipvsctl_mark *rule,
					    const struct ipvsctl_port_range *own)
{
	return show(rule, rule->exempt_own, own);
}

enum ipvsctl_exemption mark_read_exemption(const struct ipvsctl_mark *rule,
					   enum ipvsctl_exemption shown,
					   const struct ipvsctl_port_range *own)
{
	enum ipvsctl_exemption usual = mark_usual_exemption(rule->exclude);

	return !overlaps_own(rule, own) || (!shown && !show(rule, usual, own)) ?
		       usual :
		       shown;
}
