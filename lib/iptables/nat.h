/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Our chain in the table nat, which changes the source by the mark. */
#ifndef LBCTL_IPTABLES_NAT_H
#define LBCTL_IPTABLES_NAT_H

#include "image.h"
#include "model/mark-snat.h"

/*
 * Makes the image that current should become: our rules of the family, and
 * behind them the rules that others put into our chain. Returns 0 or -ENOMEM.
 */
int nat_image(const struct snats *snats, const struct image *current,
	      struct image *image) MUST_CHECK;
/* Adds what the rules of an image do, if packets reach them. 0 or -ENOMEM. */
int nat_read(const struct image *image, struct snats *snats) MUST_CHECK;

#endif
