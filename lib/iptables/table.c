/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* libiptc behind one set of functions; reads our chains through them. */
#include "table.h"

#include <sys/socket.h>

#include <linux/capability.h>

#include <libiptc/libip6tc.h>
#include <libiptc/libiptc.h>
#include <stdio.h>
#include <string.h>

#include "capability.h"
#include "iptables-names.h"
#include "model/error.h"
#include "system.h"

/* Programs that do not take the lock may change the table at any time. */
#define OPEN_TRIES 10

/* Only the type of an entry differs between the families. */
#define WRAPPERS(tc, entry)                                                 \
	static const void *tc##_first(const char *chain,                    \
				      struct xtc_handle *handle)            \
	{                                                                   \
		return tc##_first_rule(chain, handle);                      \
	}                                                                   \
	static const void *tc##_next(const void *rule,                      \
				     struct xtc_handle *handle)             \
	{                                                                   \
		return tc##_next_rule((const struct entry *)rule, handle);  \
	}                                                                   \
	static const char *tc##_label(const void *rule,                     \
				      struct xtc_handle *handle)            \
	{                                                                   \
		return tc##_get_target((const struct entry *)rule, handle); \
	}                                                                   \
	static int tc##_append(const char *chain, const void *rule,         \
			       struct xtc_handle *handle)                   \
	{                                                                   \
		return tc##_append_entry(chain, (const struct entry *)rule, \
					 handle);                           \
	}

#define FUNCTIONS(tc)                                                   \
	.init = tc##_init, .free = tc##_free, .commit = tc##_commit,    \
	.first_chain = tc##_first_chain, .next_chain = tc##_next_chain, \
	.builtin = tc##_builtin, .first_rule = tc##_first,              \
	.next_rule = tc##_next, .target = tc##_label,                   \
	.create = tc##_create_chain, .remove = tc##_delete_chain,       \
	.flush = tc##_flush_entries, .zero = tc##_zero_entries,         \
	.append = tc##_append, .delete_number = tc##_delete_num_entry

WRAPPERS(iptc, ipt_entry)
WRAPPERS(ip6tc, ip6t_entry)

#define IPV4(name, operation)                                                 \
	{                                                                     \
		.layout = &layout_ipv4, .level = IPPROTO_IP, .table = (name), \
		.module = "iptable_" name, .open = (operation),               \
		FUNCTIONS(iptc)                                               \
	}
#define IPV6(name, operation)                                  \
	{                                                      \
		.layout = &layout_ipv6, .level = IPPROTO_IPV6, \
		.table = (name), .module = "ip6table_" name,   \
		.open = (operation), FUNCTIONS(ip6tc)          \
	}

const struct table_ops mangle_ipv4 = IPV4("mangle", OPERATION_MARK_OPEN);
const struct table_ops mangle_ipv6 = IPV6("mangle", OPERATION_MARK_OPEN);
const struct table_ops nat_ipv4 = IPV4("nat", OPERATION_NAT_OPEN);
const struct table_ops nat_ipv6 = IPV6("nat", OPERATION_NAT_OPEN);

bool table_exists(const struct table_ops *ops)
{
	return iptables_has_table(ops->layout->family, ops->table);
}

/* Works for both families: struct ip6t_getinfo has the same members. */
static int read_info(const struct table_ops *ops, struct ipt_getinfo *info)
{
	socklen_t size = sizeof(*info);
	AUTO_CLOSE int fd = socket(ops->layout->family, SOCK_RAW | SOCK_CLOEXEC,
				   IPPROTO_RAW);

	*info = (struct ipt_getinfo){ .name = "" };
	(void)snprintf(info->name, sizeof(info->name), "%s", ops->table);
	return fd < 0 ?
		       fd :
		       getsockopt(fd, ops->level, IPT_SO_GET_INFO, info, &size);
}

/* Returns how many entries the kernel has if it has the snapshot's rules. */
static size_t count_entries(const struct table_ops *ops,
			    struct xtc_handle *handle)
{
	size_t count = 1; /* the table's last */

	for (const char *chain = ops->first_chain(handle); chain;
	     chain = ops->next_chain(handle)) {
		/* A policy, or a head with the name and a return. */
		count += ops->builtin(chain, handle) ? 1 : 2;
		for (const void *entry = ops->first_rule(chain, handle); entry;
		     entry = ops->next_rule(entry, handle))
			count++;
	}
	return count;
}

/*
 * If memory is short, libiptc can return a table that is cut short, and a
 * commit of that would delete the rest. So the number of entries must be the
 * kernel's. Returns NULL with errno; EAGAIN: the table has just changed.
 */
static struct xtc_handle *open_whole(const struct table_ops *ops)
{
	struct ipt_getinfo info;

	errno = 0;
	struct xtc_handle *handle = ops->init(ops->table);
	int raw = table_errno();
	if (!handle) {
		errno = raw;
		return NULL;
	}
	raw = raw == ENOMEM ? ENOMEM : 0;
	if (!raw && read_info(ops, &info) < 0)
		raw = errno;
	if (!raw && count_entries(ops, handle) == info.num_entries)
		return handle;
	ops->free(handle);
	errno = raw ? raw : EAGAIN;
	return NULL;
}

static struct xtc_handle *open_settled(const struct table_ops *ops)
{
	struct xtc_handle *handle = NULL;

	for (int tries = 0; !handle && tries < OPEN_TRIES; tries++) {
		handle = open_whole(ops);
		if (!handle && errno != EAGAIN)
			break;
	}
	return handle;
}

int table_fail(struct ipvsctl_error *err, enum operation operation, int raw)
{
	return raw == ENOMEM ? fail_memory(err) :
			       fail_kernel(err, operation, raw, NULL);
}

int table_open(const struct table_ops *ops, struct xtc_handle **ret_handle,
	       struct ipvsctl_error *err)
{
	struct xtc_handle *handle = open_settled(ops);

	if (!handle && (errno == ENOPROTOOPT || errno == ENOENT)) {
		int raw = errno;
		system_load_module(ops->module);
		handle = open_settled(ops);
		if (!handle && errno == EIO)
			errno = raw;
	}
	/* If ip_tables is registered, the kernel loads the table by itself. */
	if (!handle && errno == ENOPROTOOPT && !has_capability(CAP_SYS_MODULE))
		return table_fail(err, OPERATION_MARK_LOAD, errno);
	if (!handle)
		return table_fail(err, ops->open, errno);
	*ret_handle = handle;
	return 0;
}

const char *table_label(const struct table_ops *ops, const void *entry,
			struct xtc_handle *handle)
{
	struct part target;

	entry_get_target(ops->layout, entry, &target);
	return target.name[0] ? NULL : ops->target(entry, handle);
}

static int read_chain(const struct table_ops *ops, struct xtc_handle *handle,
		      const char *chain, struct image *image)
{
	const struct layout *layout = ops->layout;

	for (const void *entry = ops->first_rule(chain, handle); entry;
	     entry = ops->next_rule(entry, handle)) {
		if (!entry_valid(layout, entry, entry_length(layout, entry)))
			return -EIO;
		struct xt_counters counters;
		memcpy(&counters, (const uint8_t *)entry + layout->counters,
		       sizeof(counters));
		size_t offset = image->arena.size;
		const char *label = table_label(ops, entry, handle);
		entry_normalize(layout, entry, label, &image->arena);
		image_add_rule(image, offset, counters.pcnt, counters.bcnt);
		if (image->rule_count)
			image->rules[image->rule_count - 1].standard = label;
	}
	return image_check(image);
}

bool table_is_jump(const struct table_ops *ops, struct xtc_handle *handle,
		   const void *entry, unsigned int hook)
{
	char base[CHAIN_NAME_SIZE];
	struct chain_id id = { .kind = CHAIN_BASE, .hook = (uint16_t)hook };
	const char *label = table_label(ops, entry, handle);

	return label && strcmp(label, chain_format(&id, base)) == 0 &&
	       decode_link(ops->layout, entry, true);
}

static void count_jumps(const struct table_ops *ops, struct xtc_handle *handle,
			unsigned int hook, struct image *image)
{
	const char *chain = builtin_name(hook);

	for (const void *entry = ops->first_rule(chain, handle); entry;
	     entry = ops->next_rule(entry, handle))
		image->jumps[hook] += table_is_jump(ops, handle, entry, hook);
}

int table_read(const struct table_ops *ops, struct xtc_handle *handle,
	       struct image *image)
{
	image->layout = ops->layout;
	for (const char *chain = ops->first_chain(handle); chain;
	     chain = ops->next_chain(handle)) {
		struct chain_id id = chain_parse(chain);
		unsigned int hook = builtin_hook(chain);
		if (hook < HOOK_COUNT)
			count_jumps(ops, handle, hook, image);
		if (id.kind == CHAIN_FOREIGN)
			continue;
		image_add_chain(image, &id);
		int r = read_chain(ops, handle, chain, image);
		if (r < 0)
			return r;
	}
	image_sort(image);
	return image_check(image);
}
