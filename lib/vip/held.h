/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* One change of what holds a VIP. */
#ifndef LBCTL_VIP_HELD_H
#define LBCTL_VIP_HELD_H

#include "vip/rtnetlink.h"
#include "vip/vips.h"

/*
 * Adds, moves or deletes the address, route or rule of a VIP; what others have
 * added is neither added again nor deleted, and a VIP that is withdrawn has none.
 * A move that fails leaves the VIP where it was. Returns 0, -EINVAL, -EPERM,
 * -EOPNOTSUPP, -ENOMEM, -EIO.
 */
int held_change(struct rtnetlink *rtnetlink, const struct vip_change *change,
		struct ipvsctl_error *err) MUST_CHECK;

#endif
