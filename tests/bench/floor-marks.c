/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The least a program can do to put mark rules into a fresh mangle table:
 * read the table, insert prebuilt entries, write it back, without a library.
 * The counters of a fresh table are zero, so they need not be carried over.
 *
 *   floor-marks RULES [FILE]    FILE gets the milliseconds from socket to end
 */
#include <netinet/in.h>

#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define TABLE	      "mangle"
#define FRESH_ENTRIES 6 /* the policies of five chains and the end */

/* What the kernel checks: header, match and target lie back to back. */
struct rule {
	struct ipt_entry entry;
	struct {
		struct xt_entry_match head;
		struct xt_udp udp;
		uint8_t padding[6];
	} match;
	struct {
		struct xt_entry_target head;
		struct xt_mark_tginfo2 mark;
	} target;
};

_Static_assert(sizeof(struct rule) == 112 + 48 + 40, "no gaps");

static void fail(const char *what)
{
	fprintf(stderr, "floor-marks: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* -p udp -m udp -d VIP --dport FIRST:LAST -j MARK --set-mark MARK */
static void fill_rule(struct rule *rule, unsigned int i)
{
	rule->entry.ip.proto = IPPROTO_UDP;
	rule->entry.ip.dst.s_addr = htonl(bench_vip(i));
	rule->entry.ip.dmsk.s_addr = UINT32_MAX;
	rule->entry.target_offset = sizeof(rule->entry) + sizeof(rule->match);
	rule->entry.next_offset = sizeof(*rule);
	rule->match.head.u.user.match_size = sizeof(rule->match);
	memcpy(rule->match.head.u.user.name, "udp", sizeof("udp"));
	rule->match.udp.spts[1] = UINT16_MAX;
	rule->match.udp.dpts[0] = BENCH_FIRST_PORT;
	rule->match.udp.dpts[1] = BENCH_LAST_PORT;
	rule->target.head.u.user.target_size = sizeof(rule->target);
	rule->target.head.u.user.revision = 2;
	memcpy(rule->target.head.u.user.name, "MARK", sizeof("MARK"));
	rule->target.mark.mark = bench_mark(i);
	rule->target.mark.mask = UINT32_MAX;
}

static struct ipt_get_entries *read_table(int fd, struct ipt_getinfo *ret_info)
{
	socklen_t size = sizeof(*ret_info);
	struct ipt_get_entries *table;

	memset(ret_info, 0, sizeof(*ret_info));
	memcpy(ret_info->name, TABLE, sizeof(TABLE));
	if (getsockopt(fd, SOL_IP, IPT_SO_GET_INFO, ret_info, &size))
		fail("info");
	if (ret_info->num_entries != FRESH_ENTRIES) {
		errno = EEXIST;
		fail("the table is not fresh");
	}
	size = (socklen_t)sizeof(*table) + ret_info->size;
	table = calloc(1, size);
	if (!table)
		fail("memory");
	memcpy(table->name, TABLE, sizeof(TABLE));
	table->size = ret_info->size;
	if (getsockopt(fd, SOL_IP, IPT_SO_GET_ENTRIES, table, &size))
		fail("entries");
	return table;
}

/* The header of the new table: all that lies behind the rules moves. */
static void fill_replace(struct ipt_replace *replace,
			 const struct ipt_getinfo *info, unsigned int rules)
{
	unsigned int added = rules * (unsigned int)sizeof(struct rule);

	memcpy(replace->name, TABLE, sizeof(TABLE));
	replace->valid_hooks = info->valid_hooks;
	replace->num_entries = info->num_entries + rules;
	replace->size = info->size + added;
	replace->num_counters = info->num_entries;
	for (int i = 0; i < NF_INET_NUMHOOKS; i++) {
		replace->hook_entry[i] = info->hook_entry[i] + added;
		replace->underflow[i] = info->underflow[i] + added;
	}
	replace->hook_entry[NF_INET_PRE_ROUTING] -= added;
}

static void put(int fd, unsigned int rules)
{
	struct ipt_getinfo info;
	struct ipt_get_entries *table = read_table(fd, &info);
	struct xt_counters counters[FRESH_ENTRIES];
	size_t added = rules * sizeof(struct rule);
	size_t size = sizeof(struct ipt_replace) + info.size + added;
	struct ipt_replace *replace = calloc(1, size);
	unsigned int start = info.hook_entry[NF_INET_PRE_ROUTING];
	char *entries;

	if (!replace)
		fail("memory");
	fill_replace(replace, &info, rules);
	replace->counters = counters;
	entries = (char *)replace->entries;
	memcpy(entries, table->entrytable, start);
	for (unsigned int i = 0; i < rules; i++)
		fill_rule((void *)(entries + start + i * sizeof(struct rule)),
			  i);
	memcpy(entries + start + added, (char *)table->entrytable + start,
	       info.size - start);
	if (setsockopt(fd, SOL_IP, IPT_SO_SET_REPLACE, replace, (socklen_t)size))
		fail("replace");
}

int main(int argc, char **argv)
{
	double start;
	int fd;

	if (argc != 2 && argc != 3) {
		fputs("Usage: floor-marks RULES [FILE]\n", stderr);
		return 2;
	}
	start = bench_now_ms();
	fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (fd < 0)
		fail("socket");
	put(fd, bench_count(argv[1]));
	close(fd);
	return bench_report(argv[2], bench_now_ms() - start) ? 1 : 0;
}
