/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A whole table of iptables, as the kernel has it: read, compared and put back. */
#ifndef LBCTL_TABLE_H
#define LBCTL_TABLE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Behind netinet/in.h, which they clash with otherwise. */
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

/* Both families' structures agree up to the entries, as do the numbers. */
struct table {
	struct ipt_getinfo info;
	struct ipt_get_entries *got;
};

static inline int table_socket(int family)
{
	return socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
}

static inline int table_level(int family)
{
	return family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6;
}

/* Sets the counters of all entries to zero. */
static inline void table_zero(struct table *table, int family)
{
	const size_t next = family == AF_INET ?
				    offsetof(struct ipt_entry, next_offset) :
				    offsetof(struct ip6t_entry, next_offset);
	const size_t counters = family == AF_INET ?
					offsetof(struct ipt_entry, counters) :
					offsetof(struct ip6t_entry, counters);
	uint16_t length;

	for (size_t at = 0; at < table->info.size; at += length) {
		char *entry = (char *)table->got->entrytable + at;

		(void)memset(entry + counters, 0, sizeof(struct xt_counters));
		(void)memcpy(&length, entry + next, sizeof(length));
	}
}

/* Reads a table, without its counters. Returns 0, or -1 with errno. */
static inline int table_read(struct table *table, int family, const char *name)
{
	int fd = table_socket(family);
	socklen_t size = sizeof(table->info);
	int r;

	*table = (struct table){ 0 };
	(void)snprintf(table->info.name, sizeof(table->info.name), "%s", name);
	r = getsockopt(fd, table_level(family), IPT_SO_GET_INFO, &table->info,
		       &size);
	if (r == 0) {
		size = (socklen_t)(sizeof(*table->got) + table->info.size);
		table->got = calloc(1, size);
		(void)snprintf(table->got->name, sizeof(table->got->name), "%s",
			       name);
		table->got->size = table->info.size;
		r = getsockopt(fd, table_level(family), IPT_SO_GET_ENTRIES,
			       table->got, &size);
	}
	(void)close(fd);
	if (r == 0)
		table_zero(table, family);
	return r;
}

static inline void table_free(struct table *table)
{
	free(table->got);
	table->got = NULL;
}

static inline bool table_same(const struct table *one, const struct table *other)
{
	return one->info.size == other->info.size &&
	       memcmp(one->got->entrytable, other->got->entrytable,
		      one->info.size) == 0;
}

/* Puts it in the place of the table of its name. Returns 0, or -1 with errno. */
static inline int table_put(const struct table *table, int family)
{
	int fd = table_socket(family);
	struct ipt_getinfo now = { 0 };
	socklen_t size = sizeof(now);
	struct ipt_replace *replace =
		calloc(1, sizeof(*replace) + table->info.size);
	int r;

	(void)memcpy(now.name, table->info.name, sizeof(now.name));
	r = getsockopt(fd, table_level(family), IPT_SO_GET_INFO, &now, &size);
	*replace = (struct ipt_replace){
		.valid_hooks = table->info.valid_hooks,
		.num_entries = table->info.num_entries,
		.size = table->info.size,
		.num_counters = now.num_entries,
		.counters = calloc(now.num_entries, sizeof(struct xt_counters)),
	};
	(void)memcpy(replace->name, table->info.name, sizeof(replace->name));
	(void)memcpy(replace->hook_entry, table->info.hook_entry,
		     sizeof(replace->hook_entry));
	(void)memcpy(replace->underflow, table->info.underflow,
		     sizeof(replace->underflow));
	(void)memcpy(replace->entries, table->got->entrytable, table->info.size);
	if (r == 0)
		r = setsockopt(fd, table_level(family), IPT_SO_SET_REPLACE,
			       replace,
			       (socklen_t)(sizeof(*replace) + table->info.size));
	free(replace->counters);
	free(replace);
	(void)close(fd);
	return r;
}

#endif
