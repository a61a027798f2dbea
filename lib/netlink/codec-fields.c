/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads and writes netlink attributes by table; trusts no length. */
#include "netlink/codec-fields.h"

#include <linux/ip_vs.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

/* The offset of each statistics attribute in struct ipvsctl_counters. */
#define COUNTER(member) offsetof(struct ipvsctl_counters, member)
static const uint16_t counter_offsets[] = {
	[IPVS_STATS_ATTR_CONNS] = COUNTER(connections),
	[IPVS_STATS_ATTR_INPKTS] = COUNTER(in_packets),
	[IPVS_STATS_ATTR_OUTPKTS] = COUNTER(out_packets),
	[IPVS_STATS_ATTR_INBYTES] = COUNTER(in_bytes),
	[IPVS_STATS_ATTR_OUTBYTES] = COUNTER(out_bytes),
	[IPVS_STATS_ATTR_CPS] = COUNTER(connections_per_second),
	[IPVS_STATS_ATTR_INPPS] = COUNTER(in_packets_per_second),
	[IPVS_STATS_ATTR_OUTPPS] = COUNTER(out_packets_per_second),
	[IPVS_STATS_ATTR_INBPS] = COUNTER(in_bytes_per_second),
	[IPVS_STATS_ATTR_OUTBPS] = COUNTER(out_bytes_per_second),
};

/* Older counters are 32 bits wide, the STATS64 ones all 64. */
static int get_counters(const struct netlink_attribute *nest,
			struct ipvsctl_counters *counters)
{
	struct walk walk = { nest->value, nest->length };
	struct netlink_attribute attribute;
	uint64_t wide;
	uint32_t narrow;

	while (attribute_next(&walk, &attribute)) {
		if (attribute.type == IPVS_STATS_ATTR_UNSPEC ||
		    attribute.type >= ARRAY_SIZE(counter_offsets))
			continue;
		if (attribute.length == sizeof(wide)) {
			memcpy(&wide, attribute.value, sizeof(wide));
		} else if (attribute.length == sizeof(narrow)) {
			memcpy(&narrow, attribute.value, sizeof(narrow));
			wide = narrow;
		} else {
			return -EBADMSG;
		}
		memcpy((char *)counters + counter_offsets[attribute.type],
		       &wide, sizeof(wide));
	}
	return walk.left ? -EBADMSG : 0;
}

static int get_field(const struct field *field,
		     const struct netlink_attribute *attribute, void *object)
{
	char *out = (char *)object + field->offset;

	switch (field->form) {
	case FORM_NUMBER:
		if (attribute->length != field->size)
			return -EBADMSG;
		memcpy(out, attribute->value, field->size);
		return 0;
	case FORM_ADDRESS:
		if (attribute->length > field->size)
			return -EBADMSG;
		memcpy(out, attribute->value, attribute->length);
		return 0;
	case FORM_TEXT:
		return attribute_get_text(attribute, out, field->size) ?
			       0 :
			       -EBADMSG;
	default:
		return 0;
	}
}

/*
 * Current kernels send two forms of the counters. Only the one with the higher
 * attribute number is read, at the end.
 */
int fields_get(struct walk walk, const struct layout *layout, void *object,
	       uint32_t *ret_seen)
{
	struct netlink_attribute attribute;
	struct netlink_attribute counters = { .type = 0 };
	uint32_t seen = 0;
	int r;

	while (attribute_next(&walk, &attribute)) {
		if (attribute.type >= layout->count)
			continue;
		const struct field *field = &layout->fields[attribute.type];
		if (field->form == FORM_COUNTERS) {
			if (attribute.type > counters.type)
				counters = attribute;
			continue;
		}
		r = get_field(field, &attribute, object);
		if (r < 0)
			return r;
		seen |= BIT(attribute.type);
	}
	if (walk.left || (seen & layout->required) != layout->required)
		return -EBADMSG;
	*ret_seen = seen;
	if (!counters.type)
		return 0;
	return get_counters(&counters,
			    (void *)((char *)object +
				     layout->fields[counters.type].offset));
}

int fields_get_nested(struct walk walk, unsigned int type,
		      const struct layout *layout, void *object,
		      uint32_t *ret_seen)
{
	struct netlink_attribute attribute;

	while (attribute_next(&walk, &attribute))
		if (attribute.type == type)
			return fields_get((struct walk){ attribute.value,
							 attribute.length },
					  layout, object, ret_seen);
	return -EBADMSG;
}

int fields_put_one(struct nl_msg *msg, int type, size_t length,
		   const void *value)
{
	return nla_put(msg, type, (int)length, value) < 0 ? -EMSGSIZE : 0;
}

int fields_put(struct nl_msg *msg, const struct layout *layout, uint32_t which,
	       const void *object)
{
	for (uint16_t type = 0; type < layout->count; type++) {
		const struct field *field = &layout->fields[type];
		const char *value = (const char *)object + field->offset;

		if (!(which & BIT(type)))
			continue;
		size_t size = field->form == FORM_TEXT ? strlen(value) + 1 :
							 field->size;
		if (fields_put_one(msg, type, size, value) < 0)
			return -EMSGSIZE;
	}
	return 0;
}

int fields_put_nested(struct nl_msg *msg, int type, const struct layout *layout,
		      uint32_t which, const void *object)
{
	struct nlattr *nest = nla_nest_start(msg, type);

	if (!nest || fields_put(msg, layout, which, object) < 0)
		return -EMSGSIZE;
	return nla_nest_end(msg, nest) < 0 ? -EMSGSIZE : 0;
}
