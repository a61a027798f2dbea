/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Values of iptables' options, in all spellings that iptables takes. */
#ifndef LBCTL_RULESET_IPTABLES_VALUE_H
#define LBCTL_RULESET_IPTABLES_VALUE_H

#include "ruleset/iptables-match.h"
#include "scope.h"

#define VALUE_RANGE_TEXT ((size_t)2 * IPVSCTL_ADDRESS_TEXT)

/* "udp", "UDP", "17", "all". Returns whether it is known. */
bool value_protocol(const char *text, uint16_t *ret_protocol) MUST_CHECK;
/*
 * "10.0.0.0/8", "10.1.2.3/255.0.0.0": bits behind the mask are cleared. Returns
 * NULL or why it cannot be read.
 */
const char *value_network(const char *text,
			  struct ipvsctl_network *ret_network) MUST_CHECK;
/* The first and the last address of a network: "10.0.0.0-10.255.255.255". */
void value_range(const struct ipvsctl_network *network,
		 char text[VALUE_RANGE_TEXT]);
/* "80", "80:90", ":90", "80:", "80,443". Returns whether it can be read. */
bool value_ports(const char *text, struct ipvsctl_ports *ret_ports) MUST_CHECK;
/* "MARK" or "MARK/MASK"; without a mask all bits. Returns 0 or -EINVAL. */
int value_mark(const char *text, uint32_t *ret_mark, uint32_t *ret_mask,
	       struct ipvsctl_error *err) MUST_CHECK;

#define CHANGE_OPTIONS "--set-xmark --set-mark --and-mark --or-mark --xor-mark"
/* What MARK does with one of these and that value. Returns 0 or -EINVAL. */
int value_change(const char *option, const char *text,
		 struct change *ret_change,
		 struct ipvsctl_error *err) MUST_CHECK;

#endif
