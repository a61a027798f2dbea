/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The counters of a wanted view's lines and elements. */
#ifndef LBCTL_NFT_COUNTERS_H
#define LBCTL_NFT_COUNTERS_H

#include "nft/matching.h"

/* Sets the counters of the wanted lines and elements: those that stay keep theirs,
   which are a part of their rule's; the rest goes to one that is new. With zero all
   become 0. Returns 0 or -ENOMEM. */
int counters_settle(const struct matching *matching, bool zero) MUST_CHECK;

#endif
