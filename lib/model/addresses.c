/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Lists of addresses, networks and ranges, from text and to text. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "fail.h"
#include "index.h"
#include "model/address.h"
#include "step.h"

#define ITEM_SIZE (2 * IPVSCTL_IDENTITY_TEXT)

/* ---- One range --------------------------------------------------------- */

struct ipvsctl_address_range address_range_of(const struct network *network)
{
	struct ipvsctl_address_range range = { network->address,
					       network->address };
	size_t length = address_length(&network->address);

	for (size_t i = network->prefix_length; i < length * 8; i++)
		range.last.bytes[i / 8] |= (uint8_t)(0x80 >> i % 8);
	return range;
}

static bool bit(const struct ipvsctl_address *address, size_t position)
{
	return address->bytes[position / 8] & (0x80 >> position % 8);
}

bool address_range_network(const struct ipvsctl_address_range *range,
			   struct network *ret_network)
{
	size_t bits = address_length(&range->first) * 8;
	size_t length = 0;

	while (length < bits &&
	       bit(&range->first, length) == bit(&range->last, length))
		length++;
	for (size_t i = length; i < bits; i++)
		if (bit(&range->first, i) || !bit(&range->last, i))
			return false;
	*ret_network = (struct network){ .address = range->first,
					 .prefix_length = (uint8_t)length };
	return true;
}

/* Reads "FIRST-LAST"; dash is where the dash is. */
static int pair_parse(char *item, char *dash,
		      struct ipvsctl_address_range *ret_range,
		      struct ipvsctl_error *err)
{
	struct ipvsctl_address_range range;
	int r;

	*dash = '\0';
	r = ipvsctl_address_parse(item, &range.first, err);
	if (r == 0)
		r = ipvsctl_address_parse(dash + 1, &range.last, err);
	if (r < 0)
		return r;
	if (range.first.family != range.last.family)
		return fail(err, -EINVAL,
			    "a range cannot lead from one address family to "
			    "the other");
	if (ipvsctl_address_compare(&range.first, &range.last) > 0) {
		r = fail(err, -EINVAL, "the range %s-%s goes backwards", item,
			 dash + 1);
		return fail_hint(err, r, "%s-%s", dash + 1, item);
	}
	*ret_range = range;
	return 0;
}

/* Reads one item, of length bytes. */
static int item_parse(const char *text, size_t length,
		      struct ipvsctl_address_range *ret_range,
		      struct ipvsctl_error *err)
{
	struct network network = { 0 };
	char item[ITEM_SIZE];
	char *dash;
	int r;

	if (length >= sizeof(item))
		return fail(err, -EINVAL,
			    "'%.64s' is not ADDRESS, ADDRESS/PREFIX or "
			    "FIRST-LAST",
			    text);
	(void)memcpy(item, text, length);
	item[length] = '\0';
	dash = strchr(item, '-');
	if (dash)
		return pair_parse(item, dash, ret_range, err);
	r = network_parse(item, &network, err);
	if (r < 0)
		return r;
	if (network.address.family == AF_UNSPEC)
		return fail(err, -EINVAL, "'any' cannot be part of a list");
	*ret_range = address_range_of(&network);
	return 0;
}

/* Writes an address, else a prefix, else "FIRST-LAST". Returns its end. */
static char *item_format(const struct ipvsctl_address_range *range, char *text)
{
	struct network network;

	if (address_range_network(range, &network)) {
		network_format(&network, text);
		return text + strlen(text);
	}
	(void)ipvsctl_address_format(&range->first, text);
	text += strlen(text);
	*text++ = '-';
	(void)ipvsctl_address_format(&range->last, text);
	return text + strlen(text);
}

/* ---- Lists ------------------------------------------------------------- */

static int compare_ranges(const void *a, const void *b)
{
	const struct ipvsctl_address_range *one = a;
	const struct ipvsctl_address_range *other = b;
	int order = ipvsctl_address_compare(&one->first, &other->first);

	return order ? order :
		       ipvsctl_address_compare(&one->last, &other->last);
}

bool addresses_in_order(const struct ipvsctl_addresses *addresses)
{
	for (size_t i = 1; i < addresses->count; i++)
		if (ipvsctl_address_compare(&addresses->ranges[i - 1].last,
					    &addresses->ranges[i].first) >= 0)
			return false;
	return true;
}

uint16_t addresses_sort(struct ipvsctl_address_range *ranges, uint16_t count)
{
	uint16_t kept = 0;

	if (count > 1)
		qsort(ranges, count, sizeof(ranges[0]), compare_ranges);
	for (uint16_t i = 0; i < count; i++) {
		struct ipvsctl_address_range *last = &ranges[kept - 1];

		if (!kept ||
		    ipvsctl_address_compare(&last->last, &ranges[i].first) < 0)
			ranges[kept++] = ranges[i];
		else if (ipvsctl_address_compare(&last->last, &ranges[i].last) <
			 0)
			last->last = ranges[i].last;
	}
	return kept;
}

int addresses_copy(const struct ipvsctl_addresses *from,
		   struct ipvsctl_addresses *to)
{
	size_t size = from->count * sizeof(from->ranges[0]);
	struct ipvsctl_address_range *ranges = NULL;

	if (size) {
		ranges = malloc(size);
		if (!ranges)
			return -ENOMEM;
		(void)memcpy(ranges, from->ranges, size);
	}
	*to = (struct ipvsctl_addresses){ .ranges = ranges,
					  .count = from->count,
					  .negated = from->negated };
	return 0;
}

void addresses_clear(struct ipvsctl_addresses *addresses)
{
	free((struct ipvsctl_address_range *)addresses->ranges);
	*addresses = (struct ipvsctl_addresses){ 0 };
}

/* Writes what of a range is not in another. Returns how many ranges that is. */
static uint16_t subtract(const struct ipvsctl_address_range *range,
			 const struct ipvsctl_address_range *other,
			 struct ipvsctl_address_range left[2])
{
	size_t length = address_length(&range->first);
	uint16_t count = 0;

	left[0] = left[1] = *range;
	if (ipvsctl_address_compare(&range->last, &other->first) < 0 ||
	    ipvsctl_address_compare(&other->last, &range->first) < 0)
		return 1;
	if (ipvsctl_address_compare(&range->first, &other->first) < 0) {
		left[count].last = other->first;
		(void)step_down(left[count++].last.bytes, length);
	}
	if (ipvsctl_address_compare(&other->last, &range->last) < 0) {
		left[count].first = other->last;
		(void)step_up(left[count++].first.bytes, length);
	}
	return count;
}

int addresses_take_out(struct ipvsctl_addresses *addresses,
		       const struct ipvsctl_address_range *range)
{
	struct ipvsctl_address_range ranges[IPVSCTL_ADDRESSES_MAX + 2];
	struct ipvsctl_addresses left = { .ranges = ranges };
	struct ipvsctl_addresses copy;

	left.negated = addresses->negated || !addresses->count;
	for (uint16_t i = 0; i < addresses->count; i++) {
		if (left.negated)
			ranges[left.count++] = addresses->ranges[i];
		else
			left.count += subtract(&addresses->ranges[i], range,
					       &ranges[left.count]);
	}
	if (left.negated)
		ranges[left.count++] = *range;
	left.count = addresses_sort(ranges, left.count);
	if (!left.count || left.count > IPVSCTL_ADDRESSES_MAX)
		return left.count ? -E2BIG : -ENODATA;
	if (addresses_copy(&left, &copy) < 0)
		return -ENOMEM;
	addresses_clear(addresses);
	*addresses = copy;
	return 0;
}

/* Tells whether no address is between two ranges in order. */
static bool are_neighbours(const struct ipvsctl_address_range *one,
			   const struct ipvsctl_address_range *next)
{
	uint8_t after[sizeof(one->last.bytes)];
	size_t length = address_length(&one->last);

	memcpy(after, one->last.bytes, sizeof(after));
	return step_up(after, length) &&
	       memcmp(after, next->first.bytes, length) == 0;
}

bool addresses_whole(const struct ipvsctl_addresses *addresses)
{
	const struct ipvsctl_address_range *ranges = addresses->ranges;
	size_t count = addresses->count;

	for (size_t i = 0; count && i < address_length(&ranges[0].first); i++)
		if (ranges[0].first.bytes[i] ||
		    ranges[count - 1].last.bytes[i] != UINT8_MAX)
			return false;
	for (size_t i = 1; i < count; i++)
		if (!are_neighbours(&ranges[i - 1], &ranges[i]))
			return false;
	return count;
}

bool addresses_equal(const struct ipvsctl_addresses *a,
		     const struct ipvsctl_addresses *b)
{
	if (a->count != b->count || (a->count && a->negated != b->negated))
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (compare_ranges(&a->ranges[i], &b->ranges[i]) != 0)
			return false;
	return true;
}

uint32_t addresses_hash(uint32_t hash, const struct ipvsctl_addresses *addresses)
{
	const uint16_t numbers[] = { addresses->count,
				     addresses->count && addresses->negated };

	hash = index_hash(hash, numbers, sizeof(numbers));
	for (size_t i = 0; i < addresses->count; i++) {
		const struct ipvsctl_address_range *range =
			&addresses->ranges[i];
		size_t length = address_length(&range->first);

		hash = index_hash(hash, range->first.bytes, length);
		hash = index_hash(hash, range->last.bytes, length);
	}
	return hash;
}

/* Reads the items of a list into ranges. */
static int list_parse(const char *text,
		      struct ipvsctl_address_range ranges[IPVSCTL_ADDRESSES_MAX],
		      uint16_t *ret_count, struct ipvsctl_error *err)
{
	uint16_t count = 0;

	while (text) {
		const char *comma = strchrnul(text, ',');
		int r;

		if (count == IPVSCTL_ADDRESSES_MAX) {
			r = fail(err, -EINVAL, "more than %u addresses",
				 IPVSCTL_ADDRESSES_MAX);
			return fail_hint(err, r, "spread them over two rules");
		}
		r = item_parse(text, (size_t)(comma - text), &ranges[count],
			       err);
		if (r < 0)
			return r;
		if (ranges[count].first.family != ranges[0].first.family)
			return fail(err, -EINVAL,
				    "a list cannot have addresses of IPv4 and "
				    "IPv6");
		count++;
		text = *comma ? comma + 1 : NULL;
	}
	*ret_count = count;
	return 0;
}

int addresses_parse(const char *text, struct ipvsctl_addresses *addresses,
		    struct ipvsctl_error *err)
{
	struct ipvsctl_address_range ranges[IPVSCTL_ADDRESSES_MAX] = { 0 };
	struct ipvsctl_addresses parsed = { .ranges = ranges };
	struct ipvsctl_addresses copy = { 0 };
	int r = 0;

	parsed.negated = *text == '!';
	if (parsed.negated)
		text++;
	if (strcmp(text, "any") != 0)
		r = list_parse(text, ranges, &parsed.count, err);
	else if (parsed.negated)
		r = fail(err, -EINVAL, "'!any' matches no packet");
	if (r < 0)
		return r;
	parsed.count = addresses_sort(ranges, parsed.count);
	if (addresses_copy(&parsed, &copy) < 0)
		return fail_memory(err);
	addresses_clear(addresses);
	*addresses = copy;
	return 0;
}

API const char *
ipvsctl_addresses_format(const struct ipvsctl_addresses *addresses,
			 char text[IPVSCTL_ADDRESSES_TEXT])
{
	char *end = text;

	*end = '\0';
	if (addresses->count && addresses->negated)
		*end++ = '!';
	for (size_t i = 0; i < addresses->count && i < IPVSCTL_ADDRESSES_MAX;
	     i++) {
		if (i)
			*end++ = ',';
		end = item_format(&addresses->ranges[i], end);
	}
	return text;
}
