/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The values of one field of a mark rule as spans. */
#include "nft/span-list.h"

#include <string.h>
#include <sys/socket.h>

#include "model/address.h"
#include "step.h"

/* Empties a list. The spans are left as they are: most lists have few. */
static void begin(struct span_list *list, size_t width)
{
	list->width = width;
	list->count = 0;
}

/* Adds a span of zeros, and returns it. */
static struct span *add_zeros(struct span_list *list)
{
	struct span *span = &list->spans[list->count++];

	memset(span, 0, sizeof(*span));
	return span;
}

static void copy(const struct span_list *list, struct span_list *ret_copy)
{
	ret_copy->width = list->width;
	ret_copy->count = list->count;
	memcpy(ret_copy->spans, list->spans,
	       list->count * sizeof(list->spans[0]));
}

static void highest(uint8_t *number, size_t width)
{
	memset(number, 0xff, width);
}

/* Makes the list what it leaves; it has no more than SPANS_MAX - 1 items. */
static void invert(struct span_list *list)
{
	struct span gap = { .first = { 0 } };
	struct span_list gaps;
	bool more = true;

	begin(&gaps, list->width);
	for (size_t i = 0; i < list->count; i++) {
		memcpy(gap.last, list->spans[i].first, sizeof(gap.last));
		/* Without a value in front, or between, there is no gap. */
		if (step_down(gap.last, list->width) &&
		    memcmp(gap.first, gap.last, sizeof(gap.first)) <= 0)
			gaps.spans[gaps.count++] = gap;
		memcpy(gap.first, list->spans[i].last, sizeof(gap.first));
		more = step_up(gap.first, list->width);
	}
	memset(gap.last, 0, sizeof(gap.last));
	highest(gap.last, list->width);
	if (more)
		gaps.spans[gaps.count++] = gap;
	copy(&gaps, list);
}

/* ---- From rules ---------------------------------------------------------- */

void spans_of_addresses(const struct ipvsctl_addresses *addresses,
			struct span_list *list)
{
	uint16_t family = addresses_family(addresses);

	begin(list, family == AF_INET ? 4 : 16);
	for (size_t i = 0; i < addresses->count && i < SPANS_MAX - 1; i++) {
		struct span *span = add_zeros(list);

		memcpy(span->first, addresses->ranges[i].first.bytes,
		       list->width);
		memcpy(span->last, addresses->ranges[i].last.bytes, list->width);
	}
	if (addresses->negated)
		invert(list);
}

static void put16(uint8_t *bytes, uint16_t port)
{
	bytes[0] = (uint8_t)(port >> 8);
	bytes[1] = (uint8_t)port;
}

static uint16_t get16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

void spans_of_ports(const struct ipvsctl_ports *ports, struct span_list *list)
{
	begin(list, 2);
	for (size_t i = 0; i < ports->count && i < IPVSCTL_PORT_SLOTS; i++) {
		struct span *span = add_zeros(list);

		put16(span->first, ports->ranges[i].first);
		put16(span->last, ports->ranges[i].last);
	}
	if (ports->negated)
		invert(list);
}

/* ---- To rules ------------------------------------------------------------ */

bool spans_add(struct span_list *list, const struct span *span)
{
	size_t at = list->count;

	while (at && memcmp(list->spans[at - 1].first, span->first,
			    sizeof(span->first)) > 0)
		at--;
	if (at && !memcmp(&list->spans[at - 1], span, sizeof(*span)))
		return true;
	if (list->count == SPANS_MAX ||
	    (at && memcmp(list->spans[at - 1].last, span->first,
			  sizeof(span->first)) >= 0) ||
	    (at < list->count && memcmp(span->last, list->spans[at].first,
					sizeof(span->last)) >= 0))
		return false;
	memmove(&list->spans[at + 1], &list->spans[at],
		(list->count - at) * sizeof(*span));
	list->spans[at] = *span;
	list->count++;
	return true;
}

/* Makes a list that begins and ends as a negated one the list that it leaves.
   Returns whether it was one. */
static bool negate(struct span_list *list)
{
	const struct span *last = &list->spans[list->count - 1];
	const uint8_t none[16] = { 0 };
	uint8_t end[16] = { 0 };

	highest(end, list->width);
	if (list->count < 2 ||
	    memcmp(list->spans[0].first, none, sizeof(none)) != 0 ||
	    memcmp(last->last, end, sizeof(end)) != 0)
		return false;
	invert(list);
	return true;
}

bool addresses_of_spans(const struct span_list *list, uint16_t family,
			struct ipvsctl_address_range *ranges,
			struct ipvsctl_addresses *addresses)
{
	struct span_list values;

	*addresses = (struct ipvsctl_addresses){ .ranges = ranges };
	if (!list->count)
		return true;
	copy(list, &values);
	addresses->negated = negate(&values);
	if (!values.count || values.count > IPVSCTL_ADDRESSES_MAX)
		return false;
	for (size_t i = 0; i < values.count; i++) {
		ranges[i] =
			(struct ipvsctl_address_range){ .first.family = family,
							.last.family = family };
		memcpy(ranges[i].first.bytes, values.spans[i].first,
		       values.width);
		memcpy(ranges[i].last.bytes, values.spans[i].last, values.width);
	}
	addresses->count = (uint16_t)values.count;
	return true;
}

bool ports_of_spans(const struct span_list *list, struct ipvsctl_ports *ports)
{
	struct span_list values;
	size_t slots = 0;

	*ports = (struct ipvsctl_ports){ .count = 0 };
	if (!list->count)
		return true;
	copy(list, &values);
	ports->negated = negate(&values);
	for (size_t i = 0; i < values.count; i++) {
		struct ipvsctl_port_range range = {
			get16(values.spans[i].first), get16(values.spans[i].last)
		};

		slots += range.first == range.last ? 1 : 2;
		if (slots > IPVSCTL_PORT_SLOTS)
			return false;
		ports->ranges[ports->count++] = range;
	}
	return ports->count;
}

void ports_as_spans(struct ipvsctl_ports *ports)
{
	struct span_list list;
	struct ipvsctl_ports settled;

	if (ports->count < 2 && !ports->negated)
		return;
	spans_of_ports(ports, &list);
	if (ports_of_spans(&list, &settled))
		*ports = settled;
}

void addresses_as_spans(struct ipvsctl_addresses *addresses,
			struct ipvsctl_address_range *ranges)
{
	struct ipvsctl_addresses settled;
	struct span_list list;

	if (addresses->count < 2 && !addresses->negated)
		return;
	spans_of_addresses(addresses, &list);
	if (addresses_of_spans(&list, addresses_family(addresses), ranges,
			       &settled))
		*addresses = settled;
}
