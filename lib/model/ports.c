/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Lists of ports, from text and to text. */
#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "model/address.h"
#include "number.h"

static const struct number_range port_number = { "port", 0, UINT16_MAX };

/* Parses one item of length bytes, "80" or "8000:8100". */
static int range_parse(const char *text, size_t length,
		       struct ipvsctl_port_range *ret_range,
		       struct ipvsctl_error *err)
{
	char item[16];
	uint32_t first = 0;
	uint32_t last = 0;

	if (length >= sizeof(item))
		return fail(err, -EINVAL, "'%.*s' is not PORT or FIRST:LAST",
			    length > 64 ? 64 : (int)length, text);
	(void)memcpy(item, text, length);
	item[length] = '\0';
	char *colon = strchr(item, ':');
	if (colon)
		*colon = '\0';
	int r = number_parse(item, &port_number, &first, err);
	if (r < 0)
		return r;
	last = first;
	if (colon)
		r = number_parse(colon + 1, &port_number, &last, err);
	if (r < 0)
		return r;
	if (first > last) {
		r = fail(err, -EINVAL, "the range %u:%u goes backwards", first,
			 last);
		return fail_hint(err, r, "%u:%u", last, first);
	}
	ret_range->first = (uint16_t)first;
	ret_range->last = (uint16_t)last;
	return 0;
}

int ports_parse(const char *text, struct ipvsctl_ports *ret_ports,
		struct ipvsctl_error *err)
{
	struct ipvsctl_ports ports = { .negated = *text == '!' };
	const char *items = text + ports.negated;
	const char *rest = strcmp(items, "any") ? items : NULL;
	unsigned int slots = 0;

	if (ports.negated && !rest)
		return fail(err, -EINVAL, "'!any' matches no packet");

	while (rest) {
		struct ipvsctl_port_range range = { 0 };
		const char *comma = strchrnul(rest, ',');
		int r = range_parse(rest, (size_t)(comma - rest), &range, err);

		if (r < 0)
			return r;
		slots += range.first == range.last ? 1 : 2;
		if (slots > IPVSCTL_PORT_SLOTS) {
			r = fail(err, -EINVAL,
				 "more than %u ports; a range counts twice",
				 IPVSCTL_PORT_SLOTS);
			return fail_hint(err, r, "spread them over two rules");
		}
		ports.ranges[ports.count++] = range;
		rest = *comma ? comma + 1 : NULL;
	}
	*ret_ports = ports;
	return 0;
}

API const char *ipvsctl_ports_format(const struct ipvsctl_ports *ports,
				     char text[128])
{
	char *end = text;

	*end = '\0';
	if (ports->negated && ports->count)
		*end++ = '!';
	for (size_t i = 0; i < ports->count && i < IPVSCTL_PORT_SLOTS; i++) {
		const struct ipvsctl_port_range *range = &ports->ranges[i];

		if (end + sizeof(",65535:65535") > text + 128)
			break;
		if (i)
			*end++ = ',';
		end = number_put(end, range->first);
		if (range->first != range->last) {
			*end++ = ':';
			end = number_put(end, range->last);
		}
		*end = '\0';
	}
	return text;
}

bool ports_equal(const struct ipvsctl_ports *a, const struct ipvsctl_ports *b)
{
	if (a->count != b->count || a->negated != b->negated)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->ranges[i].first != b->ranges[i].first ||
		    a->ranges[i].last != b->ranges[i].last)
			return false;
	return true;
}

bool ports_have_all(const struct ipvsctl_ports *ports,
		    const struct ipvsctl_port_range *range)
{
	uint32_t next = range->first; /* the first that is not found yet */

	for (size_t i = 0; i < ports->count; i++)
		if (ports->ranges[i].first <= next &&
		    ports->ranges[i].last >= next)
			next = ports->ranges[i].last + 1u;
	return next > range->last;
}

bool ports_are_whole(const struct ipvsctl_ports *ports)
{
	return ports_have_all(ports,
			      &(struct ipvsctl_port_range){ 0, UINT16_MAX });
}

/* Items with ports in common become one; neighbours stay two. */
void ports_settle(struct ipvsctl_ports *ports)
{
	uint16_t kept = 0;

	for (size_t i = 1; i < ports->count; i++)
		for (size_t at = i; at && ports->ranges[at - 1].first >
						  ports->ranges[at].first;
		     at--) {
			struct ipvsctl_port_range range = ports->ranges[at];

			ports->ranges[at] = ports->ranges[at - 1];
			ports->ranges[at - 1] = range;
		}
	for (size_t i = 1; i < ports->count; i++) {
		struct ipvsctl_port_range *last = &ports->ranges[kept];

		if (ports->ranges[i].first > last->last)
			ports->ranges[++kept] = ports->ranges[i];
		else if (ports->ranges[i].last > last->last)
			last->last = ports->ranges[i].last;
	}
	if (ports->count)
		ports->count = (uint16_t)(kept + 1);
}
