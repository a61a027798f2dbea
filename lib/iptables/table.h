/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * One family's table mangle or nat through libiptc: reading our chains, editing a
 * snapshot, committing it. libiptc's functions return 1, or 0 with errno.
 */
#ifndef LBCTL_IPTABLES_TABLE_H
#define LBCTL_IPTABLES_TABLE_H

#include "image.h"
#include "model/error.h"

struct xtc_handle;

/* libiptc's functions; only the entries differ between the families. */
struct table_ops {
	const struct layout *layout;
	int level; /* of its socket options */
	const char *table;
	const char *module;
	enum operation open; /* what fails if it cannot be opened */
	struct xtc_handle *(*init)(const char *table);
	void (*free)(struct xtc_handle *handle);
	int (*commit)(struct xtc_handle *handle);
	const char *(*first_chain)(struct xtc_handle *handle);
	const char *(*next_chain)(struct xtc_handle *handle);
	int (*builtin)(const char *chain, struct xtc_handle *handle);
	const void *(*first_rule)(const char *chain, struct xtc_handle *handle);
	const void *(*next_rule)(const void *entry, struct xtc_handle *handle);
	const char *(*target)(const void *entry, struct xtc_handle *handle);
	int (*create)(const char *chain, struct xtc_handle *handle);
	int (*remove)(const char *chain, struct xtc_handle *handle);
	int (*flush)(const char *chain, struct xtc_handle *handle);
	int (*zero)(const char *chain, struct xtc_handle *handle);
	int (*append)(const char *chain, const void *entry,
		      struct xtc_handle *handle);
	int (*delete_number)(const char *chain, unsigned int number,
			     struct xtc_handle *handle);
};

extern const struct table_ops mangle_ipv4;
extern const struct table_ops mangle_ipv6;
extern const struct table_ops nat_ipv4;
extern const struct table_ops nat_ipv6;

/* Tells whether the table is there: opening it would make it. */
bool table_exists(const struct table_ops *ops);

/*
 * Takes a snapshot of the whole table; loads the kernel's module if it is
 * missing. Returns 0, -EPERM, -EOPNOTSUPP, -ENOMEM, -EAGAIN, -EIO; free
 * *ret_handle by ops->free().
 */
int table_open(const struct table_ops *ops, struct xtc_handle **ret_handle,
	       struct ipvsctl_error *err) MUST_CHECK;

/* Returns why libiptc failed; libiptc 1.8.9 sets errno to -ENOMEM, too. */
static inline int table_errno(void)
{
	return errno ? abs(errno) : EIO;
}

/* Fails as fail_kernel(), for libiptc's errno: its ENOMEM may be ours. */
int table_fail(struct ipvsctl_error *err, enum operation operation, int raw);

/* Reads our chains into an empty image. Returns 0, -ENOMEM, -EIO. */
int table_read(const struct table_ops *ops, struct xtc_handle *handle,
	       struct image *image) MUST_CHECK;

/* Returns what a standard target of the snapshot means; NULL for other targets. */
const char *table_label(const struct table_ops *ops, const void *entry,
			struct xtc_handle *handle);
/* Tells whether a rule of a hook's built-in chain jumps to our chains. */
bool table_is_jump(const struct table_ops *ops, struct xtc_handle *handle,
		   const void *entry, unsigned int hook);

/* An edit of a snapshot. */
struct edit {
	const struct table_ops *ops;
	struct xtc_handle *handle;
	struct image *current; /* what the snapshot has */
	struct image *wanted;  /* gets the counters of rules that stay */
	bool carried;	       /* wanted has these counters */
	bool zero;	       /* counters */
	bool changed;	       /* there is something to commit */
};

/*
 * Makes the snapshot's chains those of wanted; sets changed. Leaves chains that
 * are as wanted alone. Returns 0 or a negative errno.
 */
int table_edit(struct edit *edit) MUST_CHECK;

#endif
