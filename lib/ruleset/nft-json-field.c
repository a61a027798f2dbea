/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Fields that rules of nft compare, and values, in the words of iptables, which
 * know all that mark rules can match.
 */
#include "ruleset/nft-json-field.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "model/address.h"
#include "model/object.h"
#include "ruleset/iptables-value.h"

#define WHY_VALUE "it has a value that is not supported"
#define WORDS_MAX 12

/* ---- Values -------------------------------------------------------------- */

/* Gets a text: a string, or a number in digits. */
static const char *text_of(json_t *value, char number[24])
{
	if (json_is_string(value))
		return json_string_value(value);
	if (!json_is_integer(value))
		return NULL;
	(void)snprintf(number, 24, "%lld", (long long)json_integer_value(value));
	return number;
}

/* ---- Fields -------------------------------------------------------------- */

static const struct nft_field fields[] = {
	{ "ip", "saddr", FIELD_NETWORK, AF_INET, NULL, { "-s" } },
	{ "ip", "daddr", FIELD_NETWORK, AF_INET, NULL, { "-d" } },
	{ "ip6", "saddr", FIELD_NETWORK, AF_INET6, NULL, { "-s" } },
	{ "ip6", "daddr", FIELD_NETWORK, AF_INET6, NULL, { "-d" } },
	{ "ip", "protocol", FIELD_PROTOCOL, AF_INET, NULL, { "-p" } },
	{ "ip", "dscp", FIELD_DSCP, AF_INET, NULL, { "-m", "dscp", "--dscp" } },
	{ "ip6", "dscp", FIELD_DSCP, AF_INET6, NULL, { "-m", "dscp", "--dscp" } },
	{ "ether", "saddr", FIELD_MAC, 0, NULL, { "-m", "mac", "--mac-source" } },
	{ "meta", "l4proto", FIELD_PROTOCOL, 0, NULL, { "-p" } },
	{ "meta", "nfproto", FIELD_FAMILY, 0, NULL, { NULL } },
	{ "meta", "protocol", FIELD_FAMILY, 0, NULL, { NULL } },
	{ "meta", "mark", FIELD_MARK, 0, NULL, { "-m", "mark", "--mark" } },
	{ "meta", "iifname", FIELD_INTERFACE, 0, NULL, { "-i" } },
	{ "meta", "iif", FIELD_INTERFACE, 0, NULL, { "-i" } },
	{ "ct", "mark", FIELD_CONNMARK, 0, NULL, { "-m", "connmark", "--mark" } },
	{ "ct",
	  "state",
	  FIELD_STATE,
	  0,
	  NULL,
	  { "-m", "conntrack", "--ctstate" } },
	{ "fib",
	  "saddr",
	  FIELD_TYPE,
	  0,
	  NULL,
	  { "-m", "addrtype", "--src-type" } },
	{ "fib",
	  "daddr",
	  FIELD_TYPE,
	  0,
	  NULL,
	  { "-m", "addrtype", "--dst-type" } },
	{ "tcp", "sport", FIELD_PORT, 0, "tcp", { "--sport", "--sports" } },
	{ "tcp", "dport", FIELD_PORT, 0, "tcp", { "--dport", "--dports" } },
	{ "udp", "sport", FIELD_PORT, 0, "udp", { "--sport", "--sports" } },
	{ "udp", "dport", FIELD_PORT, 0, "udp", { "--dport", "--dports" } },
	{ "sctp", "sport", FIELD_PORT, 0, "sctp", { "--sport", "--sports" } },
	{ "sctp", "dport", FIELD_PORT, 0, "sctp", { "--dport", "--dports" } },
	{ "th", "sport", FIELD_PORT, 0, NULL, { "--sport", "--sports" } },
	{ "th", "dport", FIELD_PORT, 0, NULL, { "--dport", "--dports" } },
};

/* Gets the two names of a field. Returns whether it has just these. */
static bool get_names(const char *kind, json_t *body, const char **ret_owner,
		      const char **ret_name)
{
	json_t *flags = json_object_get(body, "flags");

	*ret_owner = kind;
	if (strcmp(kind, "payload") == 0) {
		*ret_owner =
			json_string_value(json_object_get(body, "protocol"));
		*ret_name = json_string_value(json_object_get(body, "field"));
	} else if (strcmp(kind, "fib") == 0) {
		const char *result =
			json_string_value(json_object_get(body, "result"));

		*ret_name = json_string_value(json_is_array(flags) ?
						      json_array_get(flags, 0) :
						      flags);
		if (!result || strcmp(result, "type") != 0 ||
		    json_array_size(flags) > 1)
			return false;
	} else {
		*ret_name = json_string_value(json_object_get(body, "key"));
		/* "ct original ..." and the like have further members. */
		if (json_object_size(body) != 1)
			return false;
	}
	return *ret_owner && *ret_name;
}

const struct nft_field *nft_find_field(json_t *left, uint32_t *ret_mask)
{
	const char *kind = NULL;
	const char *owner = NULL;
	const char *name = NULL;
	json_t *body = NULL;

	*ret_mask = UINT32_MAX;
	if (!nft_member(left, &kind, &body))
		return NULL;
	if (strcmp(kind, "&") == 0) {
		if (json_array_size(body) != 2 ||
		    !nft_number(json_array_get(body, 1), ret_mask) ||
		    !nft_member(json_array_get(body, 0), &kind, &body))
			return NULL;
	}
	if (!get_names(kind, body, &owner, &name))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (strcmp(fields[i].owner, owner) != 0 ||
		    strcmp(fields[i].name, name) != 0)
			continue;
		return *ret_mask == UINT32_MAX ||
				       fields[i].kind == FIELD_MARK ||
				       fields[i].kind == FIELD_CONNMARK ?
			       &fields[i] :
			       NULL;
	}
	return NULL;
}

/* ---- Matches by words ---------------------------------------------------- */

/* A match that is being put into words. */
struct phrase {
	const struct nft_test *test;
	char text[512]; /* of the words */
	size_t used;
	char *words[WORDS_MAX];
	size_t count;
};

/* Adds a word; what does not fit is a value that no match has. */
static void say(struct phrase *phrase, const char *word)
{
	size_t size = word ? strlen(word) + 1 : 0;

	if (!size || phrase->count == WORDS_MAX ||
	    size > sizeof(phrase->text) - phrase->used)
		return;
	phrase->words[phrase->count++] =
		memcpy(phrase->text + phrase->used, word, size);
	phrase->used += size;
}

/* Adds a way that the words describe; all packets if nothing does. */
static int add_way(struct phrase *phrase, struct nft_ways *ways)
{
	struct iptables_rule rule;
	struct nft_way *grown;
	int r = iptables_parse(phrase->words, phrase->count,
			       phrase->test->packets, &rule, NULL);

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return nft_add_all(phrase->test->packets, WHY_VALUE, ways);
	nft_ways_reject(ways, rule.why);
	ways->reads |= rule.reads;
	grown = rule.never ? NULL : nft_ways_grow(ways);
	if (!grown) {
		ipvsctl_mark_clear(&rule.match.rule);
		return rule.never ? 0 : -ENOMEM;
	}
	*grown = (struct nft_way){ .match = rule.match };
	ways->count++;
	return 0;
}

/* Adds the way by the field's words and that value. */
static int add_value(const struct nft_test *test, const char *value,
		     struct nft_ways *ways)
{
	const struct nft_field *field = test->field;
	struct phrase phrase = { .test = test };

	say(&phrase, "-A");
	say(&phrase, "x");
	if (field->words[1]) {
		say(&phrase, field->words[0]);
		say(&phrase, field->words[1]);
	}
	if (test->negated)
		say(&phrase, "!");
	say(&phrase, field->words[1] ? field->words[2] : field->words[0]);
	say(&phrase, value);
	return add_way(&phrase, ways);
}

/* ---- Addresses ----------------------------------------------------------- */

static bool is_source(const struct nft_test *test)
{
	return strcmp(test->field->name, "saddr") == 0;
}

/* Adds the way to have one of these addresses, as an attribute: words do not tell
   that two ranges have no address in common. */
static int add_addresses(const struct nft_test *test,
			 const struct ipvsctl_address_range *range,
			 struct nft_ways *ways)
{
	const struct ipvsctl_addresses one = { .ranges = range, .count = 1 };
	int r = nft_add_all(test->packets, NULL, ways);
	struct ipvsctl_mark *rule;

	if (r < 0)
		return r;
	rule = &ways->items[ways->count - 1].match.rule;
	return addresses_copy(&one, is_source(test) ? &rule->source :
						      &rule->destination);
}

static int add_range(const struct nft_test *test, const char *first,
		     const char *last, struct nft_ways *ways)
{
	struct phrase phrase = { .test = test };
	struct ipvsctl_address_range range;
	struct network network;
	char text[VALUE_RANGE_TEXT];

	if (ipvsctl_address_parse(first, &range.first, NULL) < 0 ||
	    ipvsctl_address_parse(last, &range.last, NULL) < 0 ||
	    range.first.family != test->field->family ||
	    range.last.family != test->field->family ||
	    ipvsctl_address_compare(&range.first, &range.last) > 0)
		return nft_add_all(test->packets, WHY_VALUE, ways);
	if (address_range_network(&range, &network)) {
		network_format(&network, text);
		return add_value(test, text, ways);
	}
	if (!test->negated)
		return add_addresses(test, &range, ways);
	value_range(&range, text);
	say(&phrase, "-A");
	say(&phrase, "x");
	say(&phrase, "-m");
	say(&phrase, "iprange");
	say(&phrase, "!");
	say(&phrase, is_source(test) ? "--src-range" : "--dst-range");
	say(&phrase, text);
	return add_way(&phrase, ways);
}

static int add_network(const struct nft_test *test, json_t *value,
		       struct nft_ways *ways)
{
	json_t *prefix = json_object_get(value, "prefix");
	json_t *range = json_object_get(value, "range");
	const char *address = json_string_value(
		prefix ? json_object_get(prefix, "addr") : value);
	const char *first = json_string_value(json_array_get(range, 0));
	const char *last = json_string_value(json_array_get(range, 1));
	struct ipvsctl_address parsed;
	char network[IPVSCTL_ADDRESS_TEXT + 16];
	uint32_t length = 0;

	ways->reads |= THING_ADDRESS;
	if (first && last)
		return add_range(test, first, last, ways);
	if (!address || ipvsctl_address_parse(address, &parsed, NULL) < 0 ||
	    parsed.family != test->field->family ||
	    (prefix && (!nft_number(json_object_get(prefix, "len"), &length) ||
			length > address_length(&parsed) * 8)))
		return nft_add_all(test->packets, WHY_VALUE, ways);
	(void)snprintf(network, sizeof(network), prefix ? "%s/%u" : "%s",
		       address, length);
	return add_value(test, network, ways);
}

/* ---- Ports --------------------------------------------------------------- */

/* Writes "80" or "80:90" behind what is in list. Returns the slots it takes. */
static size_t list_ports(json_t *value, char *list, size_t size)
{
	json_t *range = json_object_get(value, "range");
	size_t used = strlen(list);
	uint32_t first = 0;
	uint32_t last = 0;

	if (!nft_number(range ? json_array_get(range, 0) : value, &first) ||
	    !nft_number(range ? json_array_get(range, 1) : value, &last) ||
	    first > last || last > UINT16_MAX)
		return 0;
	(void)snprintf(list + used, size - used,
		       first == last ? "%s%u" : "%s%u:%u", used ? "," : "",
		       first, last);
	return first == last ? 1 : 2;
}

/* Adds the way of a list of ports. */
static int add_ports(const struct nft_test *test, const char *list,
		     struct nft_ways *ways)
{
	const struct nft_field *field = test->field;
	bool several = strchr(list, ',');
	struct phrase phrase = { .test = test };

	say(&phrase, "-A");
	say(&phrase, "x");
	say(&phrase, "-p");
	say(&phrase, test->protocol);
	say(&phrase, "-m");
	say(&phrase, several ? "multiport" : test->protocol);
	if (test->negated)
		say(&phrase, "!");
	say(&phrase, field->words[several ? 1 : 0]);
	say(&phrase, list);
	ways->reads |= THING_ADDRESS;
	return add_way(&phrase, ways);
}

int nft_add_port_list(const struct nft_test *test,
		      const struct nft_elements *elements,
		      struct nft_ways *ways)
{
	char list[256] = "";
	size_t slots = 0;
	int r = 0;

	if (!test->protocol)
		return nft_add_all(test->packets,
				   "it matches ports of any protocol", ways);
	for (size_t i = 0; r == 0 && i < elements->count; i++) {
		char one[32] = "";
		size_t more =
			list_ports(elements->items[i].key, one, sizeof(one));

		if (!more)
			return nft_add_all(test->packets, WHY_VALUE, ways);
		if (slots + more > IPVSCTL_PORT_SLOTS) {
			r = add_ports(test, list, ways);
			list[0] = '\0';
			slots = 0;
		}
		slots += list_ports(elements->items[i].key, list, sizeof(list));
	}
	return r == 0 && slots ? add_ports(test, list, ways) : r;
}

size_t nft_port_slots(const struct nft_elements *elements)
{
	size_t slots = 0;

	for (size_t i = 0; i < elements->count; i++) {
		char one[32] = "";

		slots += list_ports(elements->items[i].key, one, sizeof(one));
	}
	return slots;
}

/* ---- Other values -------------------------------------------------------- */

static int add_mark(const struct nft_test *test, json_t *value,
		    struct nft_ways *ways)
{
	char text[32];
	uint32_t mark = 0;

	if (!nft_number(value, &mark))
		return nft_add_all(test->packets, WHY_VALUE, ways);
	(void)snprintf(text, sizeof(text), "0x%x/0x%x", mark, test->mask);
	return add_value(test, text, ways);
}

/* Adds all packets or none. */
static int add_family(const struct nft_test *test, json_t *value,
		      struct nft_ways *ways)
{
	static const struct {
		const char *name;
		uint16_t family;
	} names[] = { { "ipv4", AF_INET },
		      { "ip", AF_INET },
		      { "ipv6", AF_INET6 },
		      { "ip6", AF_INET6 } };
	const char *name = json_string_value(value);

	for (size_t i = 0; name && i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].family == test->packets ?
				       nft_add_all(test->packets, NULL, ways) :
				       0;
	return nft_add_all(test->packets, WHY_VALUE, ways);
}

/* Takes "eth*" as "eth+"; a backslash makes a star a part of the name. */
static int add_interface(const struct nft_test *test, json_t *value,
			 struct nft_ways *ways)
{
	const char *name = json_string_value(value);
	size_t length = name ? strlen(name) : 0;
	char pattern[IPVSCTL_INTERFACE_MAX + 2];

	if (!length || length >= sizeof(pattern) || strchr(name, '\\') ||
	    strchr(name, '+') || strcmp(name, "*") == 0)
		return nft_add_all(test->packets, WHY_VALUE, ways);
	(void)snprintf(pattern, sizeof(pattern), "%s", name);
	if (pattern[length - 1] == '*')
		pattern[length - 1] = '+';
	return add_value(test, pattern, ways);
}

static int add_protocol(const struct nft_test *test, json_t *value,
			struct nft_ways *ways)
{
	char number[24];
	const char *name = text_of(value, number);
	uint16_t protocol = 0;

	/* "-p 0" means every protocol. */
	if (!name || !value_protocol(name, &protocol) || !protocol)
		return nft_add_all(test->packets, WHY_VALUE, ways);
	return add_value(test, name, ways);
}

/* Writes "NEW,RELATED" behind what is in list. Returns whether it is known. */
static bool list_state(json_t *value, char *list, size_t size)
{
	static const char *const states[] = { "invalid", "new", "established",
					      "related", "untracked" };
	const char *name = json_string_value(value);
	size_t used = strlen(list);

	for (size_t i = 0; name && i < ARRAY_SIZE(states); i++) {
		if (strcmp(states[i], name) != 0)
			continue;
		(void)snprintf(list + used, size - used, "%s%s",
			       used ? "," : "", name);
		for (char *at = list + used; *at; at++)
			*at = (char)toupper((unsigned char)*at);
		return true;
	}
	return false;
}

int nft_add_states(const struct nft_test *test,
		   const struct nft_elements *elements, struct nft_ways *ways)
{
	char list[64] = "";

	if (elements->count > 5)
		return nft_add_all(test->packets, WHY_VALUE, ways);
	for (size_t i = 0; i < elements->count; i++)
		if (!list_state(elements->items[i].key, list, sizeof(list)))
			return nft_add_all(test->packets, WHY_VALUE, ways);
	return list[0] ? add_value(test, list, ways) : 0;
}

static int add_type(const struct nft_test *test, json_t *value,
		    struct nft_ways *ways)
{
	const char *name = json_string_value(value);

	ways->reads |= THING_ADDRESS;
	if (!name || strcmp(name, "local") != 0)
		return nft_add_all(test->packets, WHY_VALUE, ways);
	return add_value(test, "LOCAL", ways);
}

static int add_mac(const struct nft_test *test, json_t *value,
		   struct nft_ways *ways)
{
	const char *address = json_string_value(value);

	if (!address || strlen(address) != 17)
		return nft_add_all(test->packets, WHY_VALUE, ways);
	return add_value(test, address, ways);
}

/* Gets the number of a class: "cs1", "af11", "ef". */
static bool class_number(const char *name, uint32_t *ret_number)
{
	char digits[3] = "";

	if (strcmp(name, "ef") == 0) {
		*ret_number = 46;
		return true;
	}
	if (strlen(name) > 2)
		(void)snprintf(digits, sizeof(digits), "%s", name + 2);
	if (strncmp(name, "cs", 2) == 0 && strlen(name) == 3 &&
	    strchr("01234567", digits[0])) {
		*ret_number = (uint32_t)(digits[0] - '0') * 8;
		return true;
	}
	if (strncmp(name, "af", 2) != 0 || strlen(name) != 4 ||
	    !strchr("1234", digits[0]) || !strchr("123", digits[1]))
		return false;
	*ret_number = (uint32_t)(digits[0] - '0') * 8 +
		      (uint32_t)(digits[1] - '0') * 2;
	return true;
}

static int add_dscp(const struct nft_test *test, json_t *value,
		    struct nft_ways *ways)
{
	const char *name = json_string_value(value);
	uint32_t number = UINT32_MAX;
	char text[16];

	if (!(name ? class_number(name, &number) : nft_number(value, &number)) ||
	    number > 63)
		return nft_add_all(test->packets, WHY_VALUE, ways);
	(void)snprintf(text, sizeof(text), "0x%02x", number);
	return add_value(test, text, ways);
}

int nft_add_value(const struct nft_test *test, json_t *value,
		  struct nft_ways *ways)
{
	const struct nft_elements one = {
		.items = &(struct nft_element){ .key = value }, .count = 1
	};

	switch (test->field->kind) {
	case FIELD_NETWORK:
		return add_network(test, value, ways);
	case FIELD_PORT:
		return nft_add_port_list(test, &one, ways);
	case FIELD_PROTOCOL:
		return add_protocol(test, value, ways);
	case FIELD_FAMILY:
		return add_family(test, value, ways);
	case FIELD_MARK:
	case FIELD_CONNMARK:
		return add_mark(test, value, ways);
	case FIELD_INTERFACE:
		return add_interface(test, value, ways);
	case FIELD_STATE:
		return nft_add_states(test, &one, ways);
	case FIELD_TYPE:
		return add_type(test, value, ways);
	case FIELD_MAC:
		return add_mac(test, value, ways);
	case FIELD_DSCP:
		return add_dscp(test, value, ways);
	default:
		return nft_add_all(test->packets, WHY_VALUE, ways);
	}
}
