/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What other programs have in nf_tables. */
#ifndef LBCTL_NFT_OTHERS_H
#define LBCTL_NFT_OTHERS_H

#include "ipvsctl.h"
#include "nft/channel.h"

/*
 * Finds the rules of other tables that set marks, and the rules in our table
 * that are none of ours; words of nft(8) as far as they are known. Free
 * *ret_found, also after a failure. Returns 0 or as channel_ask().
 */
int others_find(struct channel *channel, struct bytes *ret_found) MUST_CHECK;
/* Calls fn for each of them. Returns 0 or the value of fn. */
int others_tell(const struct bytes *found, ipvsctl_foreign_rule_fn fn,
		void *data) MUST_CHECK;

#endif
