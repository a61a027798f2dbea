/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Random tables of iptables, and random packets for them. */
#ifndef LBCTL_IMPORT_RULES_H
#define LBCTL_IMPORT_RULES_H

#include <stddef.h>

#include "packets.h"

#define TEXT_MAX 16384

/* Always the same numbers for a seed, so that a failure can be repeated. */
void random_seed(unsigned int seed);
unsigned int random_below(unsigned int bound);

/* A mangle table in which each rule is one that an import must take. */
void random_plain_table(char text[TEXT_MAX], int family);
/* A mangle table of any rules. */
void random_wild_table(char text[TEXT_MAX], int family);
void random_packet(struct packet *packet, int family);

#endif
