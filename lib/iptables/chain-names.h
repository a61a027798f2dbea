/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The names of our chains; the name shows that a chain is ours:
 *   LBCTL-PREROUTING      jumped to from the built-in chain
 *   LBCTL-PREROUTING-100  the first rules of one priority
 *   LBCTL-PREROUTING-100-2  more rules of that priority
 *   LBCTL-MARK-0x1        sets the whole mark
 *   LBCTL-0x1-0xff        sets the bits of a mask
 *   LBCTL-POSTROUTING     in the table nat: changes the source by the mark
 */
#ifndef LBCTL_IPTABLES_CHAIN_NAMES_H
#define LBCTL_IPTABLES_CHAIN_NAMES_H

#include <stdbool.h>
#include <stdint.h>

/* iptables takes 28 characters: "LBCTL-PREROUTING-65535-99999". */
#define CHAIN_NAME_SIZE	 32
#define CHAIN_NUMBER_MAX 99999

/* The hooks of mark rules, enum ipvsctl_hook, and that of the table nat. */
#define HOOK_POSTROUTING 3
#define HOOK_COUNT	 4

enum chain_kind {
	CHAIN_FOREIGN,
	CHAIN_BASE,
	CHAIN_PRIORITY,
	CHAIN_MARK,
};

struct chain_id {
	enum chain_kind kind;
	uint16_t hook;	   /* base, priority */
	uint16_t priority; /* priority */
	uint32_t number;   /* priority; 0: the first chain, then 2, 3, ... */
	uint32_t mark;	   /* mark */
	uint32_t mask;
};

/* Returns the number of the chain after the one of that number. */
static inline uint32_t chain_next_number(uint32_t number)
{
	return number ? number + 1 : 2;
}

/* Writes the name of a chain. Returns name. */
const char *chain_format(const struct chain_id *id, char name[CHAIN_NAME_SIZE]);
/* Parses a chain's name; only names as formatted are ours. */
struct chain_id chain_parse(const char *name);
/* Returns "PREROUTING", "INPUT", "OUTPUT" or "POSTROUTING"; "" for any other. */
const char *builtin_name(unsigned int hook);
/* Returns the hook of that built-in chain, or HOOK_COUNT. */
unsigned int builtin_hook(const char *name);

#endif
