/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Prints the kernel's rules in iptables' words. */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "xtables.h"

/* The parts that both families' headers have. */
struct header {
	const void *ip; /* ipt_ip or ip6t_ip6, for the library */
	int family;
	size_t width; /* of an address, in bytes */
	const void *source, *source_mask;
	const void *destination, *destination_mask;
	const char *in, *out;
	const unsigned char *in_mask, *out_mask;
	uint16_t protocol;
	bool go, fragment;
	uint8_t invert;
	size_t matches; /* where they begin */
	size_t target;
};

#define HEADER(entry, part, af, goto_flag, ...)                              \
	(struct header)                                                      \
	{                                                                    \
		.ip = &(entry)->part, .family = (af),                        \
		.width = sizeof((entry)->part.src),                          \
		.source = &(entry)->part.src,                                \
		.source_mask = &(entry)->part.smsk,                          \
		.destination = &(entry)->part.dst,                           \
		.destination_mask = &(entry)->part.dmsk,                     \
		.in = (entry)->part.iniface, .out = (entry)->part.outiface,  \
		.in_mask = (entry)->part.iniface_mask,                       \
		.out_mask = (entry)->part.outiface_mask,                     \
		.protocol = (entry)->part.proto,                             \
		.go = (entry)->part.flags & (goto_flag),                     \
		.invert = (entry)->part.invflags, .matches = sizeof(*entry), \
		.target = (entry)->target_offset, __VA_ARGS__                \
	}

static struct header read_header(uint8_t family, const void *entry)
{
	const struct ipt_entry *four = entry;
	const struct ip6t_entry *six = entry;

	return family == NFPROTO_IPV4 ?
		       HEADER(four, ip, AF_INET, IPT_F_GOTO,
			      .fragment = four->ip.flags & IPT_F_FRAG) :
		       HEADER(six, ipv6, AF_INET6, IP6T_F_GOTO);
}

static void print_address(const struct header *header, const char *option,
			  const uint8_t *address, const uint8_t *mask,
			  bool invert)
{
	char text[INET6_ADDRSTRLEN];
	unsigned int length = 0;
	bool whole = true;

	while (length < header->width * 8 &&
	       mask[length / 8] & (0x80 >> length % 8))
		length++;
	for (unsigned int i = length; i < header->width * 8; i++)
		whole = whole && !(mask[i / 8] & (0x80 >> i % 8));
	if (length == 0 && whole && !invert)
		return;
	(void)inet_ntop(header->family, address, text, sizeof(text));
	printf("%s %s %s/", invert ? " !" : "", option, text);
	if (whole) {
		printf("%u", length);
		return;
	}
	(void)inet_ntop(header->family, mask, text, sizeof(text));
	printf("%s", text);
}

static void print_interface(const char *option, const char *name,
			    const unsigned char *mask, bool invert)
{
	size_t length = strnlen(name, IFNAMSIZ - 1);

	if (!mask[0] && !length)
		return;
	printf("%s %s %.*s", invert ? " !" : "", option, (int)length, name);
	/* Only the mask tells that the name is a prefix. */
	if (length && mask[length] == 0 && name[length - 1] != '+')
		printf("+");
}

static void print_protocol(const struct header *header)
{
	const struct xtables_pprot *at = xtables_chain_protos;
	bool invert = header->invert & XT_INV_PROTO;

	if (!header->protocol && !invert)
		return;
	while (at->name && (at->num != header->protocol || at->num == 0))
		at++;
	if (at->name)
		printf("%s -p %s", invert ? " !" : "", at->name);
	else
		printf("%s -p %u", invert ? " !" : "", header->protocol);
}

static void print_header(const struct header *header)
{
	uint8_t invert = header->invert;

	print_address(header, "-s", header->source, header->source_mask,
		      invert & IPT_INV_SRCIP);
	print_address(header, "-d", header->destination,
		      header->destination_mask, invert & IPT_INV_DSTIP);
	print_interface("-i", header->in, header->in_mask,
			invert & IPT_INV_VIA_IN);
	print_interface("-o", header->out, header->out_mask,
			invert & IPT_INV_VIA_OUT);
	print_protocol(header);
	if (header->fragment)
		printf("%s -f", invert & IPT_INV_FRAG ? " !" : "");
}

static void print_match(const struct header *header,
			const struct xt_entry_match *match)
{
	const char *name = match->u.user.name;
	struct xtables_match *found = find_match(name, NULL);
	struct xtables_match *exact =
		found ? xtables_find_match_revision(name, XTF_TRY_LOAD, found,
						    match->u.user.revision) :
			NULL;

	if (!exact) {
		printf(" -m %s[unsupported revision]", name);
		return;
	}
	printf(" -m %s", exact->alias ? exact->alias(match) : name);
	if (exact->save)
		exact->save(header->ip, match);
	if (found == found->next)
		free(found);
}

static void print_target(const struct header *header,
			 const struct xt_entry_target *target,
			 const char *label)
{
	const char *name = target->u.user.name;

	if (label[0])
		printf(" -%c %s", header->go ? 'g' : 'j', label);
	if (label[0] || !name[0])
		return;
	struct xtables_target *found = xtables_find_target(name, XTF_TRY_LOAD);
	if (!found) /* as in find_match() */
		found = xtables_find_target(name, XTF_TRY_LOAD);
	struct xtables_target *exact =
		found ? xtables_find_target_revision(name, XTF_TRY_LOAD, found,
						     target->u.user.revision) :
			NULL;
	if (!exact) {
		printf(" -j %s[unsupported revision]", name);
		return;
	}
	printf(" -j %s", exact->alias ? exact->alias(target) : name);
	if (exact->save)
		exact->save(header->ip, target);
}

static void print_matches(const struct header *header, const char *entry)
{
	size_t offset = header->matches;

	while (offset < header->target) {
		const struct xt_entry_match *match =
			(const void *)(entry + offset);
		print_match(header, match);
		offset += match->u.match_size;
	}
}

void print_entry(uint8_t family, const char *chain, const char *label,
		 const void *entry, FILE *out)
{
	struct header header = read_header(family, entry);

	(void)out; /* it is stdout, where the library prints */
	if (chain[0]) {
		printf("-A %s", chain);
		print_header(&header);
		print_matches(&header, entry);
		print_target(&header,
			     (const void *)((const char *)entry + header.target),
			     label);
		return;
	}
	print_matches(&header, entry);
}
