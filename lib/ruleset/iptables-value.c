/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads the values of iptables' options. */
#include "ruleset/iptables-value.h"

#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "model/address.h"
#include "number.h"

bool value_protocol(const char *text, uint16_t *ret_protocol)
{
	/* Names are not looked up; directors use these. */
	static const struct {
		const char *name;
		uint16_t number;
	} names[] = {
		{ "all", 0 },	     { "icmp", 1 },	 { "igmp", 2 },
		{ "ipencap", 4 },    { "tcp", 6 },	 { "udp", 17 },
		{ "dccp", 33 },	     { "ipv6", 41 },	 { "gre", 47 },
		{ "esp", 50 },	     { "ah", 51 },	 { "icmpv6", 58 },
		{ "ipv6-icmp", 58 }, { "ospf", 89 },	 { "pim", 103 },
		{ "vrrp", 112 },     { "l2tp", 115 },	 { "sctp", 132 },
		{ "mh", 135 },	     { "ipv6-mh", 135 }, { "udplite", 136 },
	};
	static const struct number_range range = { "protocol", 0, UINT8_MAX };
	uint32_t number = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcasecmp(names[i].name, text) == 0) {
			*ret_protocol = names[i].number;
			return true;
		}
	if (number_parse(text, &range, &number, NULL) < 0)
		return false;
	*ret_protocol = (uint16_t)number;
	return true;
}

/* ---- Networks ------------------------------------------------------------ */

/* Returns the length of a mask's leading ones; -1: ones follow a zero. */
static int mask_length(const struct ipvsctl_address *mask)
{
	int bits = (int)address_length(mask) * 8;
	int length = 0;

	while (length < bits && mask->bytes[length / 8] & 0x80 >> length % 8)
		length++;
	for (int i = length; i < bits; i++)
		if (mask->bytes[i / 8] & 0x80 >> i % 8)
			return -1;
	return length;
}

static void clear_behind(struct ipvsctl_address *address, unsigned int length)
{
	for (unsigned int i = length; i < address_length(address) * 8; i++)
		address->bytes[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
}

const char *value_network(const char *text, struct network *ret_network)
{
	static const char unknown[] = "it has a value that is not supported";
	struct network network = { 0 };
	struct ipvsctl_address mask = { 0 };
	const char *slash = strchrnul(text, '/');
	char bare[IPVSCTL_ADDRESS_TEXT];
	uint32_t prefix;
	int length;

	if ((size_t)(slash - text) >= sizeof(bare))
		return unknown;
	(void)snprintf(bare, sizeof(bare), "%.*s", (int)(slash - text), text);
	if (ipvsctl_address_parse(bare, &network.address, NULL) < 0)
		return unknown;
	prefix = (uint32_t)address_length(&network.address) * 8;
	if (*slash && number_parse(slash + 1,
				   &(struct number_range){ "prefix", 0, prefix },
				   &prefix, NULL) < 0) {
		if (ipvsctl_address_parse(slash + 1, &mask, NULL) < 0 ||
		    mask.family != network.address.family)
			return unknown;
		length = mask_length(&mask);
		if (length < 0)
			return "its mask has gaps";
		prefix = (uint32_t)length;
	}
	network.prefix_length = (uint8_t)prefix;
	clear_behind(&network.address, prefix);
	*ret_network = network;
	return NULL;
}

void value_range(const struct ipvsctl_address_range *range,
		 char text[VALUE_RANGE_TEXT])
{
	char first[IPVSCTL_ADDRESS_TEXT];
	char last[IPVSCTL_ADDRESS_TEXT];

	(void)snprintf(text, VALUE_RANGE_TEXT, "%s-%s",
		       ipvsctl_address_format(&range->first, first),
		       ipvsctl_address_format(&range->last, last));
}

/* ---- Ports and marks ------------------------------------------------------ */

bool value_ports(const char *text, struct ipvsctl_ports *ret_ports)
{
	char whole[128];
	size_t length = strlen(text);
	bool open = length && text[length - 1] == ':';
	int wrote =
		snprintf(whole, sizeof(whole), "%s%s%s",
			 *text == ':' ? "0" : "", text, open ? "65535" : "");

	/* iptables does not know our words "any" and "!80". */
	return *text != '!' && wrote > 0 && (size_t)wrote < sizeof(whole) &&
	       strcmp(text, "any") != 0 &&
	       ports_parse(whole, ret_ports, NULL) == 0;
}

int value_mark(const char *text, uint32_t *ret_mark, uint32_t *ret_mask,
	       struct ipvsctl_error *err)
{
	static const struct number_range number = { "mark", 0, UINT32_MAX };
	const char *slash = strchrnul(text, '/');
	uint32_t value = 0;
	uint32_t mask = UINT32_MAX;
	char mark[16];
	int r;

	if ((size_t)(slash - text) >= sizeof(mark))
		return fail(err, -EINVAL, "'%.64s' is not MARK/MASK", text);
	(void)snprintf(mark, sizeof(mark), "%.*s", (int)(slash - text), text);
	r = number_parse(mark, &number, &value, err);
	if (r == 0 && *slash)
		r = number_parse(slash + 1, &number, &mask, err);
	if (r < 0)
		return r;
	*ret_mark = value;
	*ret_mask = mask;
	return 0;
}

int value_change(const char *option, const char *text,
		 struct change *ret_change, struct ipvsctl_error *err)
{
	uint32_t value = 0;
	uint32_t mask = UINT32_MAX;
	int r = value_mark(text, &value, &mask, err);

	/* The first letter tells the option; for "s" the one after "--set-". */
	switch (option[2]) {
	case 'a':
		*ret_change = (struct change){ value, 0 };
		break;
	case 'o':
		*ret_change = (struct change){ ~value, value };
		break;
	case 'x':
		*ret_change = (struct change){ UINT32_MAX, value };
		break;
	default:
		/* --set-mark clears what it sets, too; --set-xmark toggles. */
		*ret_change = (struct change){
			option[6] == 'x' ? ~mask : ~(mask | value), value
		};
	}
	return r;
}
