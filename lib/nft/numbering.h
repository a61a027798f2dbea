/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The numbers of mark rules, which comments in the kernel carry: they rise in
 * the order of the rules of a hook and priority, with gaps. Elements of a map
 * have no other order.
 */
#ifndef LBCTL_NFT_NUMBERING_H
#define LBCTL_NFT_NUMBERING_H

#include "nft/rules.h"
#include "nft/stages.h"

/*
 * Makes the states of wanted's rules: those of current keep their counters, and
 * their numbers if the order allows. *ret_states is to be freed. Returns 0 or
 * -ENOMEM.
 */
int numbering_make(const struct ipvsctl_config *wanted,
		   const struct ipvsctl_config *current,
		   const struct numbers *numbers,
		   struct rule_state **ret_states) MUST_CHECK;

#endif
