/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Addresses, networks and ports, for the parsers of objects. */
#ifndef LBCTL_ADDRESS_H
#define LBCTL_ADDRESS_H

#include "ipvsctl.h"
#include "scope.h"

/* Writes a number without a NUL; returns where it ends. */
char *number_put(char *text, uint32_t number);

/* Returns how many bytes of an address count: 4, 16, or 0 without a family. */
size_t address_length(const struct ipvsctl_address *address);
bool address_is_multicast(const struct ipvsctl_address *address);
/* Tells whether an address is neither unspecified, broadcast nor multicast. */
bool address_is_unicast(const struct ipvsctl_address *address);

/*
 * Reads "ADDRESS", "ADDRESS:PORT", "[V6]", "[V6]:PORT"; *ret_has_port tells
 * whether there was a port. Returns 0 or -EINVAL.
 */
int endpoint_parse(const char *text, struct ipvsctl_address *ret_address,
		   bool *ret_has_port, uint16_t *ret_port,
		   struct ipvsctl_error *err) MUST_CHECK;
/* Writes "1.2.3.4:80" or "[2001:db8::1]:80". */
void endpoint_format(const struct ipvsctl_address *address, uint16_t port,
		     char text[IPVSCTL_IDENTITY_TEXT]);

/*
 * Reads "ADDRESS", "ADDRESS/PREFIX" or "any"; bits after the prefix must be
 * zero. Returns 0 or -EINVAL.
 */
int network_parse(const char *text, struct ipvsctl_network *ret_network,
		  struct ipvsctl_error *err) MUST_CHECK;
/* Writes "10.0.0.0/8", or only the address if the prefix covers it all. */
void network_format(const struct ipvsctl_network *network,
		    char text[IPVSCTL_IDENTITY_TEXT]);
bool network_equal(const struct ipvsctl_network *a,
		   const struct ipvsctl_network *b);

/* Reads "80,443,8000:8100" or "any". Returns 0 or -EINVAL. */
int ports_parse(const char *text, struct ipvsctl_ports *ret_ports,
		struct ipvsctl_error *err) MUST_CHECK;
/* Sorts a list, and joins items that overlap. */
void ports_settle(struct ipvsctl_ports *ports);
bool ports_equal(const struct ipvsctl_ports *a, const struct ipvsctl_ports *b);

#endif
