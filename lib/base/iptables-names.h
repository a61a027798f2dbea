/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What this network namespace has of legacy iptables, told by files only. */
#ifndef LBCTL_BASE_IPTABLES_NAMES_H
#define LBCTL_BASE_IPTABLES_NAMES_H

#include <stdbool.h>

/* Tells whether the kernel has ip_tables, with or without a table. */
bool iptables_exists(void);
/* Tells whether there is a table, such as "mangle", for AF_INET or AF_INET6:
   asking for it by its name would make it. Who may not know gets true. */
bool iptables_has_table(int family, const char *table);

#endif
