/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Settings of the kernel that VIPs and mark rules need. */
#ifndef LBCTL_VIP_SETTINGS_H
#define LBCTL_VIP_SETTINGS_H

#include "vip/record.h"

/*
 * Notes in the record which settings have to be raised for its VIPs, and what
 * they are; not those of devices that do not exist. Changes nothing else. Returns
 * 0; -EBUSY, naming the setting, if one of an interface stands in the way;
 * -ENOMEM; -EIO.
 */
int settings_note(struct record *record, struct ipvsctl_error *err) MUST_CHECK;
/* Sets what the record notes for VIPs. Returns 0, -EPERM, -EIO. */
int settings_raise(const struct record *record,
		   struct ipvsctl_error *err) MUST_CHECK;
/*
 * Gives settings that none of the record's VIPs needs the values that they had,
 * but for those that somebody has changed since, and forgets them.
 */
int settings_lower(struct record *record, struct ipvsctl_error *err) MUST_CHECK;

/*
 * Lets IPVS track connections in the calling thread's network namespace, without
 * which nothing changes the source of its packets, or, if that is not needed any
 * more, gives the setting the value that it had, unless somebody has changed it
 * since. Does nothing where the kernel has no such setting. Returns 0, -EPERM,
 * -ENOMEM, -EIO.
 */
int settings_track(bool needed, struct ipvsctl_error *err) MUST_CHECK;

#endif
