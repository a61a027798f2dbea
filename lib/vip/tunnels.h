/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * What takes packets to a real server's VIPs out of tunnels: devices, and UDP
 * ports for gue. VIPs share them. What others have made or have up is used, and
 * stays as it is.
 */
#ifndef LBCTL_VIP_TUNNELS_H
#define LBCTL_VIP_TUNNELS_H

#include "vip/record.h"
#include "vip/rtnetlink.h"

/*
 * Notes in the record which devices and ports its VIPs need that are not there
 * or not up. Changes nothing else. Returns 0; -EBUSY, naming what stands in the
 * way; -EOPNOTSUPP, -ENOMEM, -EIO.
 */
int tunnels_note(struct rtnetlink *rtnetlink, struct record *record,
		 struct ipvsctl_error *err) MUST_CHECK;
/* Makes the devices that are missing; they are down. Returns 0; -EOPNOTSUPP if
   the kernel has no such kind; -EPERM, -ENOMEM, -EIO. */
int tunnels_make(struct rtnetlink *rtnetlink, const struct record *record,
		 struct ipvsctl_error *err) MUST_CHECK;
/* Opens what the record notes: from now on packets come in. Returns as
   tunnels_make(). */
int tunnels_open(struct rtnetlink *rtnetlink, const struct record *record,
		 struct ipvsctl_error *err) MUST_CHECK;
/*
 * Puts back what the record notes and none of its VIPs needs, and forgets it. A
 * device stays as it is if it has addresses of others by now. Returns 0, -EPERM,
 * -ENOMEM, -EIO.
 */
int tunnels_close(struct rtnetlink *rtnetlink, struct record *record,
		  const struct vip_table *others,
		  struct ipvsctl_error *err) MUST_CHECK;

#endif
