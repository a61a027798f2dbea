/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * VIPs of the network namespace of the calling thread. What lbctl has added is
 * recorded under /run/lbctl before the kernel gets it: after a death in between
 * the record has too much, which does not count, never too little.
 */
#ifndef LBCTL_VIP_VIPS_H
#define LBCTL_VIP_VIPS_H

#include "model/config.h"

/*
 * Adds the VIPs that stand to config, and to config->others the addresses that
 * others have added. Returns 0, -EPERM, -EAGAIN, -ENOMEM, -EIO.
 */
int vips_load(struct ipvsctl_config *config,
	      struct ipvsctl_error *err) MUST_CHECK;

/* before is NULL for a VIP that is to be added, after for one to be deleted. */
struct vip_change {
	const struct ipvsctl_vip *before;
	const struct ipvsctl_vip *after;
};

/*
 * Makes all changes or none, but for VIPs that other hosts answer for: it leaves
 * these out, sets left_out of each, which has an element for each change, and
 * returns -EBUSY. Returns 0; -EBUSY also, with nothing left out, for an address
 * that this host has from others, or a setting that stands in the way; -EINVAL,
 * -EPERM, -EOPNOTSUPP, -ENOMEM, -EIO.
 */
int vips_apply(const struct vip_change *changes, size_t count, bool *left_out,
	       struct ipvsctl_error *err) MUST_CHECK;
/* See ipvsctl_announce_vips(). */
int vips_announce(const struct ipvsctl_vip *vips, size_t count,
		  struct ipvsctl_error *err) MUST_CHECK;

#endif
