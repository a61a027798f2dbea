/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Views of nf_tables' mark rules for tests: from lines, as text, as messages. */
#ifndef LBCTL_UNIT_TABLES_H
#define LBCTL_UNIT_TABLES_H

#include "given.h"

#include "bytes.h"
#include "netlink/walk.h"
#include "nft/view.h"

/* The ports from which the host of these tests asks. */
extern const struct ipvsctl_port_range asking_ports;

/* Fills an empty view with what rules compile to. They get the numbers 1, 2 and
   so on, and the first map the number 1. */
void compile_view(const struct ipvsctl_config *config, struct view *view);
/* The same of lines without their "mark"; ends with NULL. */
void given_view(const char *const *lines, struct view *view);
struct ipvsctl_config *given_marks(const char *const *lines);

/*
 * Returns the view as text, to be freed: a line for each chain, line, set and
 * element. The elements of a set are sorted.
 */
char *view_tell(const struct view *view);
void assert_view(const struct view *view, const char *text);

/* Returns the rules of a view as a ruleset; in front of each its number, or "-". */
char *view_rules(const struct view *view);
char *config_lines(const struct ipvsctl_config *config);

/* ---- Messages ------------------------------------------------------------ */

/* The transactions of one change, one behind the other. */
struct transactions {
	struct bytes bytes;
	size_t count;
	size_t ends[16]; /* of each in bytes */
};

/* Runs change_commit() on a socket that takes everything. Only the allocations
   of change_commit() can fail. */
int capture_change(const struct view *now, struct view *wanted, bool zero,
		   struct transactions *ret_transactions);
void transactions_free(struct transactions *transactions);
#define AUTO_TRANSACTIONS CLEANUP(transactions_free)
/* Counts the messages of that type, NFT_MSG_..., in all transactions. */
size_t transactions_count(const struct transactions *transactions,
			  unsigned int type);
/* Fills an empty view with what messages make of an empty table. */
void take_transactions(const struct transactions *transactions,
		       struct view *view);

typedef void (*message_fn)(unsigned int type, uint16_t flags,
			   struct walk attributes, void *data);
/* Calls fn for each message of nf_tables. */
void each_message(const struct bytes *bytes, message_fn fn, void *data);
/* Returns the attributes of a message that batch.h has made. */
struct walk attributes_of(const struct bytes *message);

#endif
