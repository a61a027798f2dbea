/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Tables of iptables without a process for each; a failure ends the program. */
#ifndef LBCTL_IMPORT_TABLES_H
#define LBCTL_IMPORT_TABLES_H

#include <stdbool.h>

struct table;

/* Has the policy of the family's OUTPUT chain drop all packets. */
void tables_drop_output(int family);
/* Returns the family's mangle table, for tables_free(). */
struct table *tables_read(int family);
void tables_put(const struct table *table, int family);
bool tables_same(const struct table *one, const struct table *other);
void tables_free(struct table *table);
/* Prints both mangle tables, and all files of lbctl in /run but locks. */
int import_state(void);
/* Forgets the connections of this network namespace. */
void forget_connections(void);

#endif
