/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The attributes of mark rules: one table for options, rulesets and help. */
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "clean.h"
#include "fail.h"
#include "model/address.h"
#include "model/mark-extra.h"
#include "model/object.h"
#include "number.h"
#include "text.h"

static const struct name protocols[] = {
	{ IPPROTO_TCP, "tcp" },
	{ IPPROTO_UDP, "udp" },
	{ IPPROTO_SCTP, "sctp" },
	{ IPPROTO_ICMP, "icmp" },
	{ IPPROTO_ICMPV6, "icmpv6" },
	{ IPPROTO_ESP, "esp" },
	{ IPPROTO_AH, "ah" },
	{ IPPROTO_UDPLITE, "udplite" },
	{ IPPROTO_DCCP, "dccp" },
	{ 0, "any" },
	{ 0, NULL },
};

static const struct name hooks[] = {
	{ IPVSCTL_HOOK_PREROUTING, "prerouting" },
	{ IPVSCTL_HOOK_INPUT, "input" },
	{ IPVSCTL_HOOK_OUTPUT, "output" },
	{ 0, NULL },
};

static const struct name address_types[] = {
	{ IPVSCTL_ADDRESS_LOCAL, "local" },
	{ IPVSCTL_ADDRESS_ANY, "any" },
	{ 0, NULL },
};

static const struct name states[] = {
	{ IPVSCTL_STATE_NEW, "new" },
	{ IPVSCTL_STATE_ANY, "any" },
	{ 0, NULL },
};

static const struct name exemptions[] = {
	{ IPVSCTL_EXEMPT_SOCKET, "socket" },
	{ IPVSCTL_EXEMPT_CONNTRACK, "conntrack" },
	{ IPVSCTL_EXEMPT_NONE, "none" },
	{ 0, NULL },
};

API const char *ipvsctl_exemption_name(enum ipvsctl_exemption exemption)
{
	return name_of(exemptions, exemption);
}

API const char *ipvsctl_hook_name(enum ipvsctl_hook hook)
{
	return name_of(hooks, hook);
}

static int set_proto(void *object, const char *value, struct ipvsctl_error *err)
{
	static const struct number_range numbers = { "protocol", 1, UINT8_MAX };
	struct ipvsctl_mark *rule = object;
	uint32_t protocol = 0;

	if (!name_find(protocols, value, &protocol) &&
	    number_parse(value, &numbers, &protocol, NULL) < 0)
		return fail(err, -EINVAL,
			    "protocol '%.32s' is none of tcp, udp, sctp, icmp, "
			    "icmpv6, esp, ah, udplite, dccp, any, nor a number "
			    "from 1 to 255",
			    value);
	rule->protocol = (uint16_t)protocol;
	return 0;
}

static bool format_proto(const void *object, char *value)
{
	const struct ipvsctl_mark *rule = object;
	const char *name = name_of(protocols, rule->protocol);

	if (*name == '?')
		attribute_number(value, rule->protocol);
	else
		attribute_text(value, name);
	return true;
}

static int set_family(struct ipvsctl_mark *rule, uint16_t family,
		      struct ipvsctl_error *err)
{
	if (rule->family != AF_UNSPEC && rule->family != family)
		return fail(err, -EINVAL,
			    "--ipv4 and --ipv6 exclude each other; without "
			    "either a rule is for both");
	rule->family = family;
	return 0;
}

static int set_ipv4(void *object, const char *value, struct ipvsctl_error *err)
{
	(void)value;
	return set_family(object, AF_INET, err);
}

static int set_ipv6(void *object, const char *value, struct ipvsctl_error *err)
{
	(void)value;
	return set_family(object, AF_INET6, err);
}

/* The names that iptables knows, too. */
static const struct name dscps[] = {
	{ 0, "cs0" },	{ 8, "cs1" },	{ 16, "cs2" },	{ 24, "cs3" },
	{ 32, "cs4" },	{ 40, "cs5" },	{ 48, "cs6" },	{ 56, "cs7" },
	{ 10, "af11" }, { 12, "af12" }, { 14, "af13" }, { 18, "af21" },
	{ 20, "af22" }, { 22, "af23" }, { 26, "af31" }, { 28, "af32" },
	{ 30, "af33" }, { 34, "af41" }, { 36, "af42" }, { 38, "af43" },
	{ 46, "ef" },	{ 0, NULL },
};

static int set_dscp(void *object, const char *value, struct ipvsctl_error *err)
{
	static const struct number_range numbers = { "DSCP", 0, DSCP_MAX };
	struct ipvsctl_mark *rule = object;
	uint32_t dscp = 0;

	if (strcmp(value, "any") == 0) {
		rule->has_dscp = false;
		return 0;
	}
	if (!name_find(dscps, value, &dscp) &&
	    number_parse(value, &numbers, &dscp, NULL) < 0)
		return fail(err, -EINVAL,
			    "DSCP '%.32s' is neither a number from 0 to %u nor "
			    "one of cs0 to cs7, af11 to af43, ef, any",
			    value, DSCP_MAX);
	rule->has_dscp = true;
	rule->dscp = (uint8_t)dscp;
	return 0;
}

static bool format_dscp(const void *object, char *value)
{
	const struct ipvsctl_mark *rule = object;
	const char *name = name_of(dscps, rule->dscp);

	if (!rule->has_dscp)
		attribute_text(value, "any");
	else if (*name == '?')
		attribute_number(value, rule->dscp);
	else
		attribute_text(value, name);
	return true;
}

/* Reads "00:11:22:aa:bb:cc". */
static bool mac_parse(const char *text, uint8_t mac[6])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < 18; i++) {
		char letter = text[i];
		const char *digit =
			letter ?
				strchr(digits, tolower((unsigned char)letter)) :
				NULL;

		if (i == 17)
			return letter == '\0';
		if (i % 3 == 2 ? letter != ':' : !digit)
			return false;
		if (i % 3 == 0)
			mac[i / 3] = (uint8_t)((digit - digits) << 4);
		else if (i % 3 == 1)
			mac[i / 3] |= (uint8_t)(digit - digits);
	}
	return false;
}

static int set_mac(void *object, const char *value, struct ipvsctl_error *err)
{
	struct ipvsctl_mark *rule = object;
	uint8_t mac[6];

	if (strcmp(value, "any") == 0) {
		rule->has_mac = false;
		return 0;
	}
	if (!mac_parse(value, mac))
		return fail(err, -EINVAL,
			    "'%.32s' is not a MAC address such as "
			    "00:11:22:aa:bb:cc",
			    value);
	rule->has_mac = true;
	(void)memcpy(rule->mac, mac, sizeof(mac));
	return 0;
}

static bool format_mac(const void *object, char *value)
{
	const struct ipvsctl_mark *rule = object;
	const uint8_t *mac = rule->mac;

	if (rule->has_mac)
		(void)snprintf(value, 18, "%02x:%02x:%02x:%02x:%02x:%02x",
			       mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	else
		attribute_text(value, "any");
	return true;
}

/* Tells whether the family must be written, since nothing else implies it. */
static bool says_family(const struct ipvsctl_mark *rule, uint16_t family)
{
	return rule->family == family && !rule->source.count &&
	       !rule->destination.count &&
	       ((rule->negated & IPVSCTL_NOT_PROTOCOL) ||
		(rule->protocol != IPPROTO_ICMP &&
		 rule->protocol != IPPROTO_ICMPV6));
}

static bool format_ipv4(const void *object, char *value)
{
	(void)value;
	return says_family(object, AF_INET);
}

static bool format_ipv6(const void *object, char *value)
{
	(void)value;
	return says_family(object, AF_INET6);
}

static int set_exemption(void *object, const char *value,
			 struct ipvsctl_error *err)
{
	struct ipvsctl_mark *rule = object;
	unsigned int exemption = 0;
	int r = name_parse(exemptions, "exemption", value, &exemption, err);

	if (r == 0)
		rule->exempt_own = (uint16_t)exemption;
	return r;
}

/* None is written by the flag, as before there were several exemptions. */
static bool format_exemption(const void *object, char *value)
{
	const struct ipvsctl_mark *rule = object;

	attribute_text(value, name_of(exemptions, rule->exempt_own));
	return rule->exempt_own != IPVSCTL_EXEMPT_NONE;
}

static int set_no_exemption(void *object, const char *value,
			    struct ipvsctl_error *err)
{
	struct ipvsctl_mark *rule = object;

	(void)value;
	(void)err;
	rule->exempt_own = IPVSCTL_EXEMPT_NONE;
	return 0;
}

static bool format_no_exemption(const void *object, char *value)
{
	const struct ipvsctl_mark *rule = object;

	(void)value;
	return rule->exempt_own == IPVSCTL_EXEMPT_NONE;
}

#define MASQUERADE "masquerade"

static int set_snat(void *object, const char *value, struct ipvsctl_error *err)
{
	struct ipvsctl_address address = { .family = AF_UNSPEC };
	struct ipvsctl_mark *rule = object;

	if (strcmp(value, MASQUERADE) != 0 &&
	    (ipvsctl_address_parse(value, &address, NULL) < 0 ||
	     !address_is_unicast(&address)))
		return fail(err, -EINVAL,
			    "source '%.64s' is neither an address that a host "
			    "can have nor " MASQUERADE,
			    value);
	rule->snat = true;
	rule->snat_address = address;
	return 0;
}

static bool format_snat(const void *object, char *value)
{
	const struct ipvsctl_mark *rule = object;

	if (rule->snat_address.family == AF_UNSPEC)
		attribute_text(value, MASQUERADE);
	else
		(void)ipvsctl_address_format(&rule->snat_address, value);
	return rule->snat;
}

static int store_text(const char **text, const char *value,
		      struct ipvsctl_error *err)
{
	return mark_set_text(text, value) < 0 ? fail_memory(err) : 0;
}

static int set_comment(void *object, const char *value,
		       struct ipvsctl_error *err)
{
	static const struct word_rule rule_of_comments = { "comment",
							   IPVSCTL_COMMENT_MAX,
							   WORD_TEXT };
	char comment[IPVSCTL_COMMENT_MAX + 1];
	struct ipvsctl_mark *rule = object;
	int r;

	if (!clean_is_utf8(value))
		return fail(err, -EINVAL, "the comment is not UTF-8");
	r = word_parse(&rule_of_comments, value, comment, err);
	return r < 0 ? r : store_text(&rule->comment, comment, err);
}

static bool format_comment(const void *object, char *value)
{
	const struct ipvsctl_mark *rule = object;

	attribute_text(value, mark_text(rule->comment));
	return *value;
}

/* Stores one spelling, so that equal words are equal texts. */
static int set_extra(void *object, const char *value, struct ipvsctl_error *err)
{
	static const struct word_rule rule_of_extras = { "the text after '--'",
							 IPVSCTL_EXTRA_MAX,
							 WORD_TEXT };
	char extra[IPVSCTL_EXTRA_MAX + 1] = "";
	char word[IPVSCTL_EXTRA_MAX + 1];
	struct ipvsctl_mark *rule = object;
	bool fits = true;
	int r = word_parse(&rule_of_extras, value, word, err);

	if (r < 0)
		return r;
	while (fits && (r = extra_next(&value, word)) > 0)
		fits = extra_add(extra, word);
	if (r < 0)
		return fail(err, r, "a quote after '--' is not closed");
	if (!fits)
		return fail(err, -EINVAL, "%s is too long with its quotes",
			    rule_of_extras.what);
	return store_text(&rule->extra, extra, err);
}

#define ATTRIBUTES(X)                                                          \
	X("proto", "PROTO", "tcp, udp, sctp, icmp, icmpv6, ... or a number",   \
	  OWN_FIELD(struct ipvsctl_mark, protocol, set_proto, format_proto),   \
	  NEGATION(struct ipvsctl_mark, IPVSCTL_NOT_PROTOCOL))                 \
	X("src", "ADDRESSES", "source: ADDRESS, NETWORK/PREFIX, FIRST-LAST",   \
	  ADDRESSES_FIELD(struct ipvsctl_mark, source))                        \
	X("sport", "PORTS", "packets from these ports: 53,8000:8100",          \
	  PORTS_FIELD(struct ipvsctl_mark, source_ports))                      \
	X("dst", "ADDRESSES", "destination, likewise; lists have commas",      \
	  ADDRESSES_FIELD(struct ipvsctl_mark, destination))                   \
	X("dport", "PORTS", "packets to these ports: 80,443,8000:8100",        \
	  PORTS_FIELD(struct ipvsctl_mark, destination_ports))                 \
	X("in-interface", "DEV",                                               \
	  "received on this interface; eth+: all eth...",                      \
	  WORD_FIELD(struct ipvsctl_mark, in_interface, "interface name",      \
		     WORD_INTERFACES),                                         \
	  NEGATION(struct ipvsctl_mark, IPVSCTL_NOT_IN_INTERFACE))             \
	X("src-type", "local|any", "local: the source is this host's own",     \
	  NAME_FIELD(struct ipvsctl_mark, source_type, "type of address",      \
		     address_types),                                           \
	  NEGATION(struct ipvsctl_mark, IPVSCTL_NOT_SOURCE_TYPE))              \
	X("dst-type", "local|any",                                             \
	  "local: the destination is this host's own",                         \
	  NAME_FIELD(struct ipvsctl_mark, destination_type, "type of address", \
		     address_types),                                           \
	  NEGATION(struct ipvsctl_mark, IPVSCTL_NOT_DESTINATION_TYPE))         \
	X("mac", "MAC", "sent on the last link from this MAC address",         \
	  .set = set_mac, .format = format_mac,                                \
	  NEGATION(struct ipvsctl_mark, IPVSCTL_NOT_MAC))                      \
	X("dscp", "DSCP", "0 to 63, cs0 to cs7, af11 to af43, ef",             \
	  .set = set_dscp, .format = format_dscp,                              \
	  NEGATION(struct ipvsctl_mark, IPVSCTL_NOT_DSCP))                     \
	X("state", "new|any", "new: the first packets of a connection",        \
	  NAME_FIELD(struct ipvsctl_mark, state, "state", states),             \
	  NEGATION(struct ipvsctl_mark, IPVSCTL_NOT_STATE))                    \
	X("hook", "prerouting|input|output",                                   \
	  "prerouting (default), input or output",                             \
	  NAME_FIELD(struct ipvsctl_mark, hook, "hook", hooks))                \
	X("priority", "NUMBER", "lower is tried first (100, exclude 50)",      \
	  NUMBER_FIELD(struct ipvsctl_mark, priority, "priority", 0,           \
		       UINT16_MAX))                                            \
	X("mask", "MASK", "the bits of the mark to set (0xffffffff)",          \
	  HEX_FIELD(struct ipvsctl_mark, mask, "mask", 1, UINT32_MAX))         \
	X("snat", "=ADDRESS", "to servers with this host's address as source", \
	  .set = set_snat, .format = format_snat, .left_out = MASQUERADE)      \
	X("no-exempt-own", NULL, "also replies to this host's own traffic",    \
	  OWN_FIELD(struct ipvsctl_mark, exempt_own, set_no_exemption,         \
		    format_no_exemption))                                      \
	X("exempt-own", "socket|conntrack|none",                               \
	  "what keeps such replies out (socket, exclude none)",                \
	  OWN_FIELD(struct ipvsctl_mark, exempt_own, set_exemption,            \
		    format_exemption))                                         \
	X("ipv4", NULL, "IPv4 only", .set = set_ipv4, .format = format_ipv4)   \
	X("ipv6", NULL, "IPv6 only", .set = set_ipv6, .format = format_ipv6)   \
	X("comment", "TEXT", "a note kept with the rule", .set = set_comment,  \
	  .format = format_comment)                                            \
	X("extra", "WORDS", "further matches in iptables' words, as after --", \
	  .set = set_extra, .written = WRITTEN_NEVER)

ATTRIBUTE_TABLE(mark_attribute_table, ATTRIBUTES);

API const struct ipvsctl_attribute *ipvsctl_mark_attributes(void)
{
	return shown;
}

API int ipvsctl_mark_set(struct ipvsctl_mark *rule, const char *name,
			 const char *value, struct ipvsctl_error *err)
{
	return attribute_set(&mark_attribute_table, rule, name, value, err);
}

API int ipvsctl_mark_set_words(struct ipvsctl_mark *rule,
			       const char *const *words, size_t count,
			       struct ipvsctl_error *err)
{
	char extra[IPVSCTL_EXTRA_MAX + 1] = "";

	if (!count)
		return 0;
	if (rule->extra)
		return fail(err, -EINVAL,
			    "--extra and words after -- exclude each other");
	for (size_t i = 0; i < count; i++)
		if (!extra_add(extra, words[i]))
			return fail(err, -EINVAL,
				    "the words after -- are too long");
	return ipvsctl_mark_set(rule, "extra", extra, err);
}

/* ---- As a line of a ruleset ---------------------------------------------- */

/* Quotes for a shell, where users paste lines. */
static void add_extra(struct text *text, const char *extra)
{
	AUTO_FREE char *word = malloc(strlen(extra) + 1);

	if (!word) {
		text->failed = true;
		return;
	}
	text_add_text(text, " --");
	while (extra_next(&extra, word) > 0) {
		text_add_text(text, " ");
		text_add_word(text, word);
	}
}

void mark_add_line(struct text *text, const char *verb,
		   const struct ipvsctl_mark *rule)
{
	struct ipvsctl_mark reference;

	ipvsctl_mark_init(&reference, rule->exclude);
	text_add_text(text, "mark ");
	if (!rule->exclude)
		text_add(text, "%s %u", verb, rule->mark);
	else if (!strcmp(verb, "add"))
		text_add_text(text, "exclude");
	else
		text_add(text, "%s --exclude", verb);
	attribute_line(text, &mark_attribute_table, rule, &reference, true);
	if (*mark_text(rule->extra))
		add_extra(text, rule->extra);
}

API int ipvsctl_mark_line(const struct ipvsctl_mark *rule, char **ret_line,
			  struct ipvsctl_error *err)
{
	AUTO_TEXT struct text text = { 0 };

	mark_add_line(&text, "add", rule);
	return text_take(&text, ret_line) < 0 ? fail_memory(err) : 0;
}
