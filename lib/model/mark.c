/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Mark rules: defaults, identity, and checks. */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "index.h"
#include "model/address.h"
#include "model/object.h"
#include "number.h"

API void ipvsctl_mark_init(struct ipvsctl_mark *rule, bool exclude)
{
	*rule = (struct ipvsctl_mark){
		.mark = 1,
		.mask = UINT32_MAX,
		.exclude = exclude,
		.exempt_own = mark_usual_exemption(exclude),
		.priority = exclude ? IPVSCTL_EXCLUDE_PRIORITY :
				      IPVSCTL_MARK_PRIORITY,
	};
}

API void ipvsctl_mark_clear(struct ipvsctl_mark *rule)
{
	if (!rule)
		return;
	free((char *)rule->comment);
	free((char *)rule->extra);
	rule->comment = NULL;
	rule->extra = NULL;
	addresses_clear(&rule->source);
	addresses_clear(&rule->destination);
}

/* value may be the text that is replaced. */
int mark_set_text(const char **text, const char *value)
{
	char *copy = value && *value ? strdup(value) : NULL;

	if (value && *value && !copy)
		return -ENOMEM;
	free((char *)*text);
	*text = copy;
	return 0;
}

int mark_copy(const struct ipvsctl_mark *rule, struct ipvsctl_mark *ret_copy)
{
	struct ipvsctl_mark copy = *rule;

	copy.comment = NULL;
	copy.extra = NULL;
	copy.source.ranges = NULL;
	copy.destination.ranges = NULL;
	if (mark_set_text(&copy.comment, rule->comment) < 0 ||
	    mark_set_text(&copy.extra, rule->extra) < 0 ||
	    addresses_copy(&rule->source, &copy.source) < 0 ||
	    addresses_copy(&rule->destination, &copy.destination) < 0) {
		ipvsctl_mark_clear(&copy);
		return -ENOMEM;
	}
	*ret_copy = copy;
	return 0;
}

API int ipvsctl_mark_parse(const char *text, uint32_t *ret_mark,
			   struct ipvsctl_error *err)
{
	return number_parse(text,
			    &(struct number_range){ "mark", 1, UINT32_MAX },
			    ret_mark, err);
}

/* Tells whether the conditions are the same, those of addresses and ports apart. */
static bool same_rest(const struct ipvsctl_mark *a, const struct ipvsctl_mark *b)
{
	return a->exempt_own == b->exempt_own && a->priority == b->priority &&
	       a->family == b->family && a->hook == b->hook &&
	       a->protocol == b->protocol && a->negated == b->negated &&
	       a->source_type == b->source_type &&
	       a->destination_type == b->destination_type &&
	       a->state == b->state && a->has_dscp == b->has_dscp &&
	       (!a->has_dscp || a->dscp == b->dscp) &&
	       a->has_mac == b->has_mac &&
	       (!a->has_mac || !memcmp(a->mac, b->mac, sizeof(a->mac))) &&
	       !strcmp(a->in_interface, b->in_interface) &&
	       !strcmp(mark_text(a->extra), mark_text(b->extra));
}

API bool ipvsctl_mark_same_match(const struct ipvsctl_mark *a,
				 const struct ipvsctl_mark *b)
{
	return same_rest(a, b) && addresses_equal(&a->source, &b->source) &&
	       addresses_equal(&a->destination, &b->destination) &&
	       ports_equal(&a->source_ports, &b->source_ports) &&
	       ports_equal(&a->destination_ports, &b->destination_ports);
}

static uint32_t hash_ports(uint32_t hash, const struct ipvsctl_ports *ports)
{
	return index_hash(hash, ports->ranges,
			  ports->count * sizeof(ports->ranges[0]));
}

static uint32_t hash_text(uint32_t hash, const char *text)
{
	return *text ? index_hash(hash, text, strlen(text)) : hash;
}

/* Most rules have few conditions: those that a rule lacks cost no call. */
uint32_t mark_hash(const struct ipvsctl_mark *rule)
{
	const uint16_t numbers[] = {
		rule->exempt_own,
		rule->priority,
		rule->family,
		rule->hook,
		rule->protocol,
		rule->negated,
		rule->source_type,
		rule->destination_type,
		rule->state,
		rule->has_dscp ? rule->dscp : UINT16_MAX,
		rule->source_ports.count,
		rule->source_ports.negated,
		rule->destination_ports.count,
		rule->destination_ports.negated,
		rule->source.count,
		rule->destination.count,
	};
	uint32_t hash = index_hash(INDEX_HASH_START, numbers, sizeof(numbers));

	if (rule->source.count)
		hash = addresses_hash(hash, &rule->source);
	if (rule->destination.count)
		hash = addresses_hash(hash, &rule->destination);
	if (rule->source_ports.count)
		hash = hash_ports(hash, &rule->source_ports);
	if (rule->destination_ports.count)
		hash = hash_ports(hash, &rule->destination_ports);
	if (rule->has_mac)
		hash = index_hash(hash, rule->mac, sizeof(rule->mac));
	hash = hash_text(hash, rule->in_interface);
	return hash_text(hash, mark_text(rule->extra));
}

bool mark_equal(const struct ipvsctl_mark *a, const struct ipvsctl_mark *b)
{
	return a->exclude == b->exclude &&
	       (a->exclude || (a->mark == b->mark && a->mask == b->mask)) &&
	       mark_same_snat(a, b) &&
	       !strcmp(mark_text(a->comment), mark_text(b->comment));
}

/* ---- Check ------------------------------------------------------------- */

static int check_snat(const struct ipvsctl_mark *rule, struct ipvsctl_error *err)
{
	if (rule->snat && rule->exclude)
		return fail(err, -EINVAL,
			    "--snat goes by a mark, and an exclusion sets none");
	if (rule->snat && rule->mask != UINT32_MAX)
		return fail(err, -EINVAL,
			    "--snat goes by the whole mark, and --mask sets a "
			    "part of it");
	return 0;
}

static int settle_family(struct ipvsctl_mark *rule, uint16_t family,
			 const char *what, struct ipvsctl_error *err)
{
	if (family != AF_UNSPEC && rule->family == AF_UNSPEC)
		rule->family = family;
	if (family == AF_UNSPEC || rule->family == family)
		return 0;
	return fail(err, -EINVAL, "%s is %s, the rest of the rule is not", what,
		    family == AF_INET6 ? "IPv6" : "IPv4");
}

static int fail_never(const char *what, struct ipvsctl_error *err)
{
	return fail(err, -EINVAL, "no packet can match %s", what);
}

/* Puts a list in its order, in place; those that were set have it. One of all
   addresses says no more than the family. */
static int settle_addresses(struct ipvsctl_addresses *addresses,
			    const char *what, struct ipvsctl_error *err)
{
	if (!addresses_in_order(addresses))
		addresses->count = addresses_sort(
			(struct ipvsctl_address_range *)addresses->ranges,
			addresses->count);
	if (addresses->negated &&
	    (!addresses->count || addresses_whole(addresses)))
		return fail_never(what, err);
	if (addresses_whole(addresses))
		addresses->count = 0;
	return 0;
}

/* Puts a list in its order; one of all ports means any port. */
static int settle_ports(struct ipvsctl_ports *ports, struct ipvsctl_error *err)
{
	ports_settle(ports);
	if (ports->negated && (!ports->count || ports_are_whole(ports)))
		return fail_never("the ports", err);
	if (ports_are_whole(ports))
		*ports = (struct ipvsctl_ports){ 0 };
	return 0;
}

static int check_addresses(struct ipvsctl_addresses *addresses,
			   const char *what, struct ipvsctl_error *err)
{
	uint16_t family = addresses_family(addresses);

	if (addresses->count > IPVSCTL_ADDRESSES_MAX)
		return fail(err, -EINVAL, "%s is more than %u addresses", what,
			    IPVSCTL_ADDRESSES_MAX);
	for (size_t i = 0; i < addresses->count; i++) {
		const struct ipvsctl_address_range *range =
			&addresses->ranges[i];

		if (range->first.family != family ||
		    range->last.family != family ||
		    ipvsctl_address_compare(&range->first, &range->last) > 0)
			return fail(err, -EINVAL,
				    "%s is not a list of ranges of one family",
				    what);
	}
	return 0;
}

static int check_family(struct ipvsctl_mark *rule, struct ipvsctl_error *err)
{
	bool negated = rule->negated & IPVSCTL_NOT_PROTOCOL;
	uint16_t protocol = rule->protocol == IPPROTO_ICMP   ? AF_INET :
			    rule->protocol == IPPROTO_ICMPV6 ? AF_INET6 :
							       AF_UNSPEC;
	int r = check_addresses(&rule->source, "the source", err);

	if (!r)
		r = check_addresses(&rule->destination, "the destination", err);
	if (!r)
		r = settle_family(rule, addresses_family(&rule->source),
				  "the source", err);
	if (!r)
		r = settle_family(rule, addresses_family(&rule->destination),
				  "the destination", err);
	if (!r && !negated)
		r = settle_family(rule, protocol, "the protocol", err);
	if (!r && rule->snat)
		r = settle_family(rule, rule->snat_address.family,
				  "the address of --snat", err);
	return r;
}

static bool has_ports(uint16_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
	case IPPROTO_UDPLITE:
	case IPPROTO_DCCP:
		return true;
	default:
		return false;
	}
}

/* Checks the fields of one value; what is not there cannot be negated. */
static int check_scalars(const struct ipvsctl_mark *rule,
			 struct ipvsctl_error *err)
{
	const struct {
		bool there;
		uint16_t bit;
		const char *what;
	} fields[] = {
		{ rule->protocol, IPVSCTL_NOT_PROTOCOL, "the protocol" },
		{ rule->in_interface[0], IPVSCTL_NOT_IN_INTERFACE,
		  "the interface" },
		{ rule->source_type, IPVSCTL_NOT_SOURCE_TYPE,
		  "the type of the source" },
		{ rule->destination_type, IPVSCTL_NOT_DESTINATION_TYPE,
		  "the type of the destination" },
		{ rule->has_mac, IPVSCTL_NOT_MAC, "the MAC address" },
		{ rule->has_dscp, IPVSCTL_NOT_DSCP, "the DSCP" },
		{ rule->state, IPVSCTL_NOT_STATE, "the state" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if ((rule->negated & fields[i].bit) && !fields[i].there)
			return fail_never(fields[i].what, err);
	if (rule->source_type > IPVSCTL_ADDRESS_LOCAL ||
	    rule->destination_type > IPVSCTL_ADDRESS_LOCAL ||
	    rule->state > IPVSCTL_STATE_NEW ||
	    rule->negated >= 2 * IPVSCTL_NOT_STATE ||
	    (rule->has_dscp && rule->dscp > DSCP_MAX))
		return fail(err, -EINVAL, "the type, state or DSCP is unknown");
	return 0;
}

static int check_match(const struct ipvsctl_mark *rule,
		       struct ipvsctl_error *err)
{
	int r;

	if (rule->source_ports.count > IPVSCTL_PORT_SLOTS ||
	    rule->destination_ports.count > IPVSCTL_PORT_SLOTS)
		return fail(err, -EINVAL, "more than %u ports",
			    IPVSCTL_PORT_SLOTS);
	if (rule->protocol > UINT8_MAX || rule->hook > IPVSCTL_HOOK_OUTPUT ||
	    rule->exempt_own > IPVSCTL_EXEMPT_CONNTRACK)
		return fail(err, -EINVAL,
			    "the protocol, hook or exemption is unknown");
	if ((rule->source_ports.count || rule->destination_ports.count) &&
	    (!has_ports(rule->protocol) ||
	     (rule->negated & IPVSCTL_NOT_PROTOCOL))) {
		r = fail(err, -EINVAL, "ports need a protocol that has ports");
		return fail_hint(err, r, "--proto udp");
	}
	if ((rule->in_interface[0] || rule->has_mac) &&
	    rule->hook == IPVSCTL_HOOK_OUTPUT) {
		r = fail(err, -EINVAL, "packets of the output hook have no %s",
			 rule->in_interface[0] ? "input interface" :
						 "sender on a link");
		return fail_hint(err, r, "--hook prerouting");
	}
	r = check_scalars(rule, err);
	if (r)
		return r;
	if (strlen(mark_text(rule->comment)) > IPVSCTL_COMMENT_MAX ||
	    strlen(mark_text(rule->extra)) > IPVSCTL_EXTRA_MAX)
		return fail(err, -EINVAL, "the comment or extra is too long");
	return 0;
}

API int ipvsctl_mark_check(struct ipvsctl_mark *rule, struct ipvsctl_error *err)
{
	struct ipvsctl_mark settled = *rule;
	int r = check_family(&settled, err);

	if (!r)
		r = check_match(&settled, err);
	if (!r)
		r = settle_ports(&settled.source_ports, err);
	if (!r)
		r = settle_ports(&settled.destination_ports, err);
	if (!r)
		r = settle_addresses(&settled.source, "the source", err);
	if (!r)
		r = settle_addresses(&settled.destination, "the destination",
				     err);
	if (r)
		return r;
	if (!rule->exclude && !rule->mark)
		return fail(err, -EINVAL, "mark 0 is no mark");
	if (!rule->exclude && (!rule->mask || (rule->mark & ~rule->mask))) {
		r = fail(err, -EINVAL, "mark 0x%x does not fit the mask 0x%x",
			 rule->mark, rule->mask);
		return fail_hint(err, r, "--mask 0x%x", rule->mask | rule->mark);
	}
	r = check_snat(rule, err);
	if (r)
		return r;
	*rule = settled;
	return 0;
}
