/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Tables of iptables, connections and files, without a process for each. */
#include "../table.h"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>

#include <ftw.h>

#include "packets.h"
#include "tables.h"

/* A target that a policy is, at an offset of a table. */
static void set_policy(struct table *table, int family, unsigned int hook,
		       int verdict)
{
	const size_t target =
		family == AF_INET ? offsetof(struct ipt_entry, target_offset) :
				    offsetof(struct ip6t_entry, target_offset);
	char *entry =
		(char *)table->got->entrytable + table->info.underflow[hook];
	struct xt_standard_target *standard;
	uint16_t offset;

	(void)memcpy(&offset, entry + target, sizeof(offset));
	standard = (struct xt_standard_target *)(void *)(entry + offset);
	standard->verdict = verdict;
}

void tables_drop_output(int family)
{
	struct table table;

	if (table_read(&table, family, "filter") < 0)
		give_up("reading filter");
	set_policy(&table, family, NF_INET_LOCAL_OUT, -NF_DROP - 1);
	if (table_put(&table, family) < 0)
		give_up("writing filter");
	table_free(&table);
}

struct table *tables_read(int family)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table || table_read(table, family, "mangle") < 0)
		give_up("reading mangle");
	return table;
}

void tables_put(const struct table *table, int family)
{
	if (table_put(table, family) < 0)
		give_up("writing mangle");
}

bool tables_same(const struct table *one, const struct table *other)
{
	return table_same(one, other);
}

void tables_free(struct table *table)
{
	table_free(table);
	free(table);
}

/* ---- Files ---------------------------------------------------------------- */

static int print_file(const char *path, const struct stat *status, int type,
		      struct FTW *place)
{
	char line[4096];
	FILE *file;

	(void)status;
	if (type != FTW_F || strcmp(path + place->base, "lock") == 0)
		return 0;
	file = fopen(path, "re");
	if (!file)
		give_up(path);
	(void)printf("%s\n", path);
	while (fgets(line, sizeof(line), file))
		(void)printf("%s: %s", path, line);
	(void)fclose(file);
	return 0;
}

static void print_table(int family)
{
	struct table *table = tables_read(family);
	const uint8_t *bytes = (const uint8_t *)table->got->entrytable;

	for (unsigned int i = 0; i < table->info.size; i++)
		(void)printf("%s%02x", i % 32 ? "" : "\n", bytes[i]);
	(void)printf("\n");
	tables_free(table);
}

int import_state(void)
{
	print_table(AF_INET);
	print_table(AF_INET6);
	(void)nftw("/run/lbctl", print_file, 8, FTW_PHYS);
	return 0;
}

/* ---- Connections ---------------------------------------------------------- */

void forget_connections(void)
{
	const struct {
		struct nlmsghdr header;
		struct nfgenmsg family; /* any */
	} request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 |
				      IPCTNL_MSG_CT_DELETE,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		},
	};
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);

	/* Without connections in this kernel there is nothing to forget. */
	if (fd < 0)
		return;
	if (send(fd, &request, sizeof(request), 0) == sizeof(request))
		(void)!recv(fd, &answer, sizeof(answer), 0);
	(void)close(fd);
}
