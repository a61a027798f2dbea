/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Makes the kernel's table what it should be, by editing what differs. Rules
 * and elements that stay are not touched, and keep their counters.
 *
 * A packet that began before a transaction can meet sets as they are after it.
 * So there are up to three: one makes new maps and chains, which nothing leads
 * to yet; one switches to them; one removes what nothing leads to any more. If
 * the process dies between, the next change removes what was left.
 */
#ifndef LBCTL_NFT_CHANGE_H
#define LBCTL_NFT_CHANGE_H

#include "nft/channel.h"
#include "nft/view.h"

/*
 * Changes the table from now to wanted, whose sets and chains get the names of
 * those in now that they continue. With zero all counters become 0. Returns 0;
 * -EEXIST if a chain of another program has a name of ours; -ERESTART without a
 * change if counters have to be written again, and now is aged; else as
 * channel_commit(). After a failure either what was or what is wanted counts.
 */
int change_commit(struct channel *channel, const struct view *now,
		  struct view *wanted, bool zero) MUST_CHECK;

#endif
