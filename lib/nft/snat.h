/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The chain of the postrouting hook, in which packets get another source by
 * their marks: for each family a line with a set of marks, and one with a map
 * from marks to addresses.
 */
#ifndef LBCTL_NFT_SNAT_H
#define LBCTL_NFT_SNAT_H

#include "model/mark-snat.h"
#include "nft/view.h"

/* Adds the chain that rules need, if any; number is that of the first set. */
void snat_layout(const struct snats *snats, uint32_t number, struct view *view);
/* Collects the marks of a view, sorted. Returns 0 or -ENOMEM. */
int snat_of_view(const struct view *view, struct snats *snats) MUST_CHECK;

#endif
