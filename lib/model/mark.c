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
	if (mark_set_text(&copy.comment, rule->comment) < 0 ||
	    mark_set_text(&copy.extra, rule->extra) < 0) {
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

API bool ipvsctl_mark_same_match(const struct ipvsctl_mark *a,
				 const struct ipvsctl_mark *b)
{
	return a->exempt_own == b->exempt_own && a->priority == b->priority &&
	       a->family == b->family && a->hook == b->hook &&
	       a->protocol == b->protocol &&
	       network_equal(&a->source, &b->source) &&
	       network_equal(&a->destination, &b->destination) &&
	       ports_equal(&a->source_ports, &b->source_ports) &&
	       ports_equal(&a->destination_ports, &b->destination_ports) &&
	       !strcmp(a->in_interface, b->in_interface) &&
	       !strcmp(mark_text(a->extra), mark_text(b->extra));
}

static uint32_t hash_network(uint32_t hash,
			     const struct ipvsctl_network *network)
{
	size_t length = address_length(&network->address);

	hash = index_hash(hash, network->address.bytes, length);
	return length ? index_hash(hash, &network->prefix_length, 1) : hash;
}

static uint32_t hash_ports(uint32_t hash, const struct ipvsctl_ports *ports)
{
	hash = index_hash(hash, &ports->count, sizeof(ports->count));
	return index_hash(hash, ports->ranges,
			  ports->count * sizeof(ports->ranges[0]));
}

uint32_t mark_hash(const struct ipvsctl_mark *rule)
{
	uint16_t numbers[] = { rule->exempt_own, rule->priority, rule->family,
			       rule->hook, rule->protocol };
	const char *extra = mark_text(rule->extra);
	uint32_t hash = index_hash(INDEX_HASH_START, numbers, sizeof(numbers));

	hash = hash_network(hash, &rule->source);
	hash = hash_network(hash, &rule->destination);
	hash = hash_ports(hash, &rule->source_ports);
	hash = hash_ports(hash, &rule->destination_ports);
	hash = index_hash(hash, rule->in_interface, strlen(rule->in_interface));
	return index_hash(hash, extra, strlen(extra));
}

bool mark_equal(const struct ipvsctl_mark *a, const struct ipvsctl_mark *b)
{
	return a->exclude == b->exclude &&
	       (a->exclude || (a->mark == b->mark && a->mask == b->mask)) &&
	       !strcmp(mark_text(a->comment), mark_text(b->comment));
}

/* ---- Check ------------------------------------------------------------- */

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

/* Drops a network of all addresses, which says no more than the family. */
static void drop_whole(struct ipvsctl_network *network)
{
	if (!network->prefix_length)
		*network = (struct ipvsctl_network){ 0 };
}

/* Drops a range of all ports, which means any port. */
static void drop_every(struct ipvsctl_ports *ports)
{
	if (ports->count == 1 && !ports->ranges[0].first &&
	    ports->ranges[0].last == UINT16_MAX)
		*ports = (struct ipvsctl_ports){ 0 };
}

static int check_family(struct ipvsctl_mark *rule, struct ipvsctl_error *err)
{
	uint16_t protocol = rule->protocol == IPPROTO_ICMP   ? AF_INET :
			    rule->protocol == IPPROTO_ICMPV6 ? AF_INET6 :
							       AF_UNSPEC;
	int r = settle_family(rule, rule->source.address.family, "the source",
			      err);

	if (!r)
		r = settle_family(rule, rule->destination.address.family,
				  "the destination", err);
	if (!r)
		r = settle_family(rule, protocol, "the protocol", err);
	if (r)
		return r;
	drop_whole(&rule->source);
	drop_whole(&rule->destination);
	return 0;
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
	    !has_ports(rule->protocol)) {
		r = fail(err, -EINVAL, "ports need a protocol that has ports");
		return fail_hint(err, r, "--proto udp");
	}
	if (rule->in_interface[0] && rule->hook == IPVSCTL_HOOK_OUTPUT) {
		r = fail(err, -EINVAL,
			 "packets of the output hook have no input interface");
		return fail_hint(err, r, "--hook prerouting");
	}
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
	if (r)
		return r;
	if (!rule->exclude && !rule->mark)
		return fail(err, -EINVAL, "mark 0 is no mark");
	if (!rule->exclude && (!rule->mask || (rule->mark & ~rule->mask))) {
		r = fail(err, -EINVAL, "mark 0x%x does not fit the mask 0x%x",
			 rule->mark, rule->mask);
		return fail_hint(err, r, "--mask 0x%x", rule->mask | rule->mark);
	}
	drop_every(&settled.source_ports);
	drop_every(&settled.destination_ports);
	*rule = settled;
	return 0;
}
