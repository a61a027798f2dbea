/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Matches of iptables' words that mark rules have as attributes. */
#include "model/iptables-own.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "model/address.h"
#include "model/mark-extra.h"
#include "model/object.h"

/*
 * A match has these words, and "!" in front of the option if it is negated.
 * Values have any case in iptables' words, and small letters in ours.
 */
static const struct {
	const char *match; /* NULL: that of the rule's protocol */
	const char *option;
	const char *value; /* the only one, or NULL: any */
	const char *attribute;
} owns[] = {
	{ "iprange", "--src-range", NULL, "src" },
	{ "iprange", "--dst-range", NULL, "dst" },
	{ "addrtype", "--src-type", "local", "src-type" },
	{ "addrtype", "--dst-type", "local", "dst-type" },
	{ "mac", "--mac-source", NULL, "mac" },
	{ "dscp", "--dscp", NULL, "dscp" },
	{ "dscp", "--dscp-class", NULL, "dscp" },
	{ "conntrack", "--ctstate", "new", "state" },
	{ "state", "--state", "new", "state" },
	{ "multiport", "--sports", NULL, "sport" },
	{ "multiport", "--dports", NULL, "dport" },
	{ NULL, "--sport", NULL, "sport" },
	{ NULL, "--dport", NULL, "dport" },
};

/* "-m", a name, "!", an option and its value; one more is too many. */
#define WORDS_MAX 5

struct group {
	char words[WORDS_MAX + 1][IPVSCTL_EXTRA_MAX + 1];
	size_t count;
};

/* Gets the words up to the next "-m". Returns false at the end. */
static bool next_group(const char **extra, struct group *group)
{
	const char *at = *extra;

	group->count = 0;
	while (group->count <= WORDS_MAX) {
		const char *before = at;

		if (extra_next(&at, group->words[group->count]) <= 0)
			break;
		if (group->count && !strcmp(group->words[group->count], "-m")) {
			at = before;
			break;
		}
		group->count++;
	}
	*extra = at;
	return group->count;
}

/* Tells whether the rule has what the attribute would set. */
static bool has(const struct ipvsctl_mark *rule, const char *attribute)
{
	if (!strcmp(attribute, "src"))
		return rule->source.count;
	if (!strcmp(attribute, "dst"))
		return rule->destination.count;
	if (!strcmp(attribute, "sport"))
		return rule->source_ports.count;
	if (!strcmp(attribute, "dport"))
		return rule->destination_ports.count;
	if (!strcmp(attribute, "mac"))
		return rule->has_mac;
	if (!strcmp(attribute, "dscp"))
		return rule->has_dscp;
	if (!strcmp(attribute, "state"))
		return rule->state;
	return !strcmp(attribute, "src-type") ? rule->source_type :
						rule->destination_type;
}

/* Takes "FIRST-LAST" out of the rule's addresses. Returns as own_group(); -ENODATA
   if none are left. */
static int take_out(const char *text, struct ipvsctl_addresses *addresses)
{
	struct ipvsctl_addresses range = { 0 };
	int r = addresses_parse(text, &range, NULL);

	if (r == 0 && (range.count != 1 || range.negated ||
		       (addresses->count && addresses_family(addresses) !=
						    addresses_family(&range))))
		r = -EINVAL;
	if (r == 0)
		r = addresses_take_out(addresses, range.ranges);
	addresses_clear(&range);
	return r == -ENOMEM || r == -ENODATA ? r : r == 0;
}

/* Sets what a group says. Returns 1, 0 if no attribute says it, or as
   iptables_own(). */
static int own_group(const struct group *group, struct ipvsctl_mark *rule)
{
	bool negated = group->count == 5 && !strcmp(group->words[2], "!");
	const char *option = group->words[negated ? 3 : 2];
	const char *value = group->words[negated ? 4 : 3];
	char text[IPVSCTL_EXTRA_MAX + 2];
	int r;

	if (group->count != (negated ? 5 : 4))
		return 0;
	(void)snprintf(text, sizeof(text), "%s%s", negated ? "!" : "", value);
	for (char *at = text; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	for (size_t i = 0; i < ARRAY_SIZE(owns); i++) {
		const char *match = owns[i].match;

		if (!match)
			match = ipvsctl_protocol_name(rule->protocol);
		if (strcmp(group->words[1], match) != 0 ||
		    strcmp(option, owns[i].option) != 0 ||
		    (owns[i].value &&
		     strcmp(text + negated, owns[i].value) != 0))
			continue;
		if (negated && strcmp(match, "iprange") == 0)
			return take_out(value,
					strcmp(owns[i].attribute, "src") == 0 ?
						&rule->source :
						&rule->destination);
		if (has(rule, owns[i].attribute))
			continue;
		r = ipvsctl_mark_set(rule, owns[i].attribute, text, NULL);
		return r == -ENOMEM ? r : r == 0;
	}
	return 0;
}

static bool keep_group(const struct group *group,
		       char rest[IPVSCTL_EXTRA_MAX + 1])
{
	for (size_t i = 0; i < group->count; i++)
		if (!extra_add(rest, group->words[i]))
			return false;
	return true;
}

/* Groups longer than WORDS_MAX come in parts, which are kept as they are. */
int iptables_own(struct ipvsctl_mark *rule, char rest[IPVSCTL_EXTRA_MAX + 1])
{
	const struct ipvsctl_addresses source = rule->source;
	const struct ipvsctl_addresses destination = rule->destination;
	const char *extra = mark_text(rule->extra);
	struct group *group = malloc(sizeof(*group));
	bool fits = true;
	int r = group ? 0 : -ENOMEM;

	rule->source = rule->destination = (struct ipvsctl_addresses){ 0 };
	if (r == 0)
		r = addresses_copy(&source, &rule->source);
	if (r == 0)
		r = addresses_copy(&destination, &rule->destination);
	rest[0] = '\0';
	while (r >= 0 && fits && next_group(&extra, group)) {
		r = own_group(group, rule);
		if (r == 0)
			fits = keep_group(group, rest);
	}
	free(group);
	if (r < 0)
		return r;
	if (fits)
		rule->extra = rest[0] ? rest : NULL;
	return 0;
}

void iptables_own_clear(struct ipvsctl_mark *own,
			const struct ipvsctl_mark *rule)
{
	if (own->source.ranges != rule->source.ranges)
		addresses_clear(&own->source);
	if (own->destination.ranges != rule->destination.ranges)
		addresses_clear(&own->destination);
}
