/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Values of iptables' options, in all spellings that iptables takes. */
#ifndef LBCTL_RULESET_IPTABLES_VALUE_H
#define LBCTL_RULESET_IPTABLES_VALUE_H

#include "model/address.h"
#include "ruleset/iptables-match.h"
#include "scope.h"

#define VALUE_RANGE_TEXT ((size_t)2 * IPVSCTL_ADDRESS_TEXT)

/* Reads "udp", "UDP", "17" or "all". Returns whether it is known. */
bool value_protocol(const char *text, uint16_t *ret_protocol) MUST_CHECK;
/*
 * Reads "10.0.0.0/8" or "10.1.2.3/255.0.0.0", and clears the bits after the
 * mask. Returns NULL, or why it cannot be read.
 */
const char *value_network(const char *text,
			  struct network *ret_network) MUST_CHECK;
/* Writes "10.0.0.0-10.255.255.255", as iprange has it. */
void value_range(const struct ipvsctl_address_range *range,
		 char text[VALUE_RANGE_TEXT]);
/* Reads "80", "80:90", ":90", "80:" or "80,443". Returns whether it could. */
bool value_ports(const char *text, struct ipvsctl_ports *ret_ports) MUST_CHECK;
/* Reads "MARK" or "MARK/MASK"; default: all bits. Returns 0 or -EINVAL. */
int value_mark(const char *text, uint32_t *ret_mark, uint32_t *ret_mask,
	       struct ipvsctl_error *err) MUST_CHECK;

#define CHANGE_OPTIONS "--set-xmark --set-mark --and-mark --or-mark --xor-mark"
/* Gets MARK's change by one of CHANGE_OPTIONS and its value: 0 or -EINVAL. */
int value_change(const char *option, const char *text,
		 struct change *ret_change,
		 struct ipvsctl_error *err) MUST_CHECK;

#endif
