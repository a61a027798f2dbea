/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Addresses, networks and ports, for the parsers of objects. */
#ifndef LBCTL_ADDRESS_H
#define LBCTL_ADDRESS_H

#include "ipvsctl.h"
#include "scope.h"

/* An address block; any address if the family is AF_UNSPEC. */
struct network {
	struct ipvsctl_address address;
	uint8_t prefix_length;
};

/* Writes a number without a NUL; returns where it ends. */
char *number_put(char *text, uint64_t number);

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

/* Reads "ADDRESS" or "ADDRESS/PREFIX"; the default prefix is the whole address.
   Returns 0 or -EINVAL. */
int prefixed_parse(const char *text, struct network *ret_network,
		   bool *ret_has_prefix, struct ipvsctl_error *err) MUST_CHECK;
/* Fails if bits after the prefix are set in a network that was text. */
int network_check(const struct network *given, const char *text,
		  struct ipvsctl_error *err) MUST_CHECK;
/*
 * Reads "ADDRESS", "ADDRESS/PREFIX" or "any"; bits after the prefix must be
 * zero. Returns 0 or -EINVAL.
 */
int network_parse(const char *text, struct network *ret_network,
		  struct ipvsctl_error *err) MUST_CHECK;
/* Writes "10.0.0.0/8", or only the address if the prefix covers it all. */
void network_format(const struct network *network,
		    char text[IPVSCTL_IDENTITY_TEXT]);

/* Returns the addresses of a network. */
struct ipvsctl_address_range address_range_of(const struct network *network);
/* Gets the network that has just these addresses. Returns false if none has. */
bool address_range_network(const struct ipvsctl_address_range *range,
			   struct network *ret_network);

/*
 * Reads "192.0.2.1,192.0.2.9-192.0.2.20,10.0.0.0/8", "!192.0.2.1" or "any", and
 * replaces a list that owns its ranges. Returns 0, -EINVAL, -ENOMEM.
 */
int addresses_parse(const char *text, struct ipvsctl_addresses *addresses,
		    struct ipvsctl_error *err) MUST_CHECK;
/* Copies a list; clear the copy. Returns 0 or -ENOMEM. */
int addresses_copy(const struct ipvsctl_addresses *from,
		   struct ipvsctl_addresses *to) MUST_CHECK;
/* Frees the ranges, and makes the list an empty one. */
void addresses_clear(struct ipvsctl_addresses *addresses);
/*
 * Takes a range out of a list in order, of the same family, that owns its ranges.
 * Returns 0, -ENOMEM, -ENODATA if nothing would be left, -E2BIG for too many.
 */
int addresses_take_out(struct ipvsctl_addresses *addresses,
		       const struct ipvsctl_address_range *range) MUST_CHECK;
/* Sorts ranges and joins those that overlap. Returns how many are left. */
uint16_t addresses_sort(struct ipvsctl_address_range *ranges, uint16_t count);
/* Tells whether the ranges are as addresses_sort() leaves them. */
bool addresses_in_order(const struct ipvsctl_addresses *addresses);
/* Tells whether the items of a list in order are all addresses of its family. */
bool addresses_whole(const struct ipvsctl_addresses *addresses);
/* Returns the family of a list, or AF_UNSPEC. */
static inline uint16_t
addresses_family(const struct ipvsctl_addresses *addresses)
{
	return addresses->count ? addresses->ranges[0].first.family : 0;
}
bool addresses_equal(const struct ipvsctl_addresses *a,
		     const struct ipvsctl_addresses *b);
/* Continues a hash over what addresses_equal() compares. */
uint32_t addresses_hash(uint32_t hash,
			const struct ipvsctl_addresses *addresses);

/* Reads "80,443,8000:8100", "!80" or "any". Returns 0 or -EINVAL. */
int ports_parse(const char *text, struct ipvsctl_ports *ret_ports,
		struct ipvsctl_error *err) MUST_CHECK;
/* Sorts a list, and joins items that overlap. */
void ports_settle(struct ipvsctl_ports *ports);
/* Tells whether the items of a settled list have all ports of the range, or all
   that there are. */
bool ports_have_all(const struct ipvsctl_ports *ports,
		    const struct ipvsctl_port_range *range);
bool ports_are_whole(const struct ipvsctl_ports *ports);
bool ports_equal(const struct ipvsctl_ports *a, const struct ipvsctl_ports *b);

#endif
