/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The helper: translates between iptables' words and the kernel's rules by
 * libxtables, for one family a run. It is a program of its own because that
 * library ends the process on wrong words and keeps its state in globals.
 *
 * A failure is one line on standard error and status 1; replies to earlier
 * requests have been written then.
 */
#ifndef LBCTL_XTABLES_H
#define LBCTL_XTABLES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#include <netinet/in.h>

#include <xtables.h>

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

/* The library's view of this program. */
extern struct xtables_globals helper_globals;

/* Writes what is wrong to standard error, and ends the program. */
void complain(const char *format, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/*
 * Finds a match, and loads it if needed. Returns NULL if there is none. Looks
 * twice, since glibc 2.36 reports lack of memory as a missing file, too.
 */
static inline struct xtables_match *
find_match(const char *name, struct xtables_rule_match **matches)
{
	struct xtables_match *match =
		xtables_find_match(name, XTF_TRY_LOAD, matches);
	return match ? match : xtables_find_match(name, XTF_TRY_LOAD, matches);
}

/* Answers a request to compile: text is the words of a rule of protocol. */
void compile_words(uint8_t family, uint16_t protocol, const char *text,
		   FILE *out);

/* Answers a request to print a rule (or, without chain, its matches). */
void print_entry(uint8_t family, const char *chain, const char *label,
		 const void *entry, FILE *out);

#endif
