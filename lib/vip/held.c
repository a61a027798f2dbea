/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* One change of what holds a VIP. */
#include "vip/held.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "model/error.h"
#include "model/object.h"
#include "sysctl.h"
#include "vip/objects.h"
#include "vip/record.h"

static int fail_change(const struct ipvsctl_vip *vip, enum operation operation,
		       int raw, struct ipvsctl_error *err)
{
	int r = fail_kernel(err, operation, -raw, NULL);

	if (raw == -ENODEV) {
		r = fail(err, -EINVAL, "no such interface: '%s'",
			 vip->interface);
		(void)fail_hint(err, r, "ip link show");
	} else if (raw == -EACCES && vip->address.family == AF_INET6) {
		r = fail(err, -EOPNOTSUPP, "%s has IPv6 switched off",
			 vip->interface);
		(void)fail_hint(err, r,
				"sysctl -w net.ipv6.conf.%s.disable_ipv6=0",
				vip->interface);
	}
	return vip_about(vip, r, err);
}

static int add_held(struct rtnetlink *rtnetlink, const struct ipvsctl_vip *vip,
		    struct ipvsctl_error *err)
{
	int r = object_add(rtnetlink, vip);

	return r < 0 && r != -EEXIST ?
		       fail_change(vip, OPERATION_ADD_VIP, r, err) :
		       0;
}

/* With an address the kernel deletes those that came later to its network,
   unless it is told to keep them. */
static int delete_address(struct rtnetlink *rtnetlink,
			  const struct ipvsctl_vip *vip)
{
	char name[SETTING_NAME + sizeof("net/")];
	uint32_t all = 1, own = 1;
	bool kept;
	int r;

	(void)snprintf(name, sizeof(name),
		       "net/ipv4/conf/%s/promote_secondaries", vip->interface);
	kept = vip->address.family != AF_INET || vip->prefix_length == 32 ||
	       sysctl_get("net/ipv4/conf/all/promote_secondaries", &all) < 0 ||
	       sysctl_get(name, &own) < 0 || all || own ||
	       sysctl_set(name, 1) < 0;
	r = object_delete(rtnetlink, vip);
	if (!kept && sysctl_set(name, 0) < 0 && r == 0)
		r = -EIO;
	return r;
}

static int delete_held(struct rtnetlink *rtnetlink,
		       const struct ipvsctl_vip *vip, struct ipvsctl_error *err)
{
	int r = vip->flags & IPVSCTL_VIP_LOCAL_ROUTE ?
			object_delete(rtnetlink, vip) :
			delete_address(rtnetlink, vip);
	/* It is no failure if somebody else has deleted it already. */
	bool gone = r == -EADDRNOTAVAIL || r == -ESRCH || r == -ENOENT ||
		    r == -ENODEV;

	return r < 0 && !gone ? fail_change(vip, OPERATION_DELETE_VIP, r, err) :
				0;
}

/* Tells whether the kernel has the same for both. */
static bool same_held(const struct ipvsctl_vip *a, const struct ipvsctl_vip *b)
{
	const unsigned int scope = IPVSCTL_VIP_REAL_SERVER;

	return a->prefix_length == b->prefix_length &&
	       !strcmp(a->interface, b->interface) &&
	       !strcmp(a->label, b->label) &&
	       (a->flags & scope) == (b->flags & scope);
}

/* Tells whether an address that is added would be the one that stands. */
static bool in_the_way(const struct ipvsctl_vip *a, const struct ipvsctl_vip *b)
{
	return !strcmp(a->interface, b->interface) &&
	       (a->prefix_length == b->prefix_length ||
		a->address.family == AF_INET6);
}

/* Puts a VIP in the place of another, or leaves that. */
static int move_held(struct rtnetlink *rtnetlink,
		     const struct ipvsctl_vip *before,
		     const struct ipvsctl_vip *after, struct ipvsctl_error *err)
{
	int r;

	if (in_the_way(before, after)) {
		r = delete_held(rtnetlink, before, err);
		if (r < 0)
			return r;
		r = add_held(rtnetlink, after, err);
		if (r < 0)
			(void)add_held(rtnetlink, before, NULL);
		return r;
	}
	r = add_held(rtnetlink, after, err);
	if (r < 0)
		return r;
	r = delete_held(rtnetlink, before, err);
	if (r < 0)
		(void)delete_held(rtnetlink, after, NULL);
	return r;
}

int held_change(struct rtnetlink *rtnetlink, const struct vip_change *change,
		struct ipvsctl_error *err)
{
	const struct ipvsctl_vip *before = change->before;
	const struct ipvsctl_vip *after = change->after;

	if (before && (before->adopted || before->withdrawn[0]))
		before = NULL;
	if (after && (after->adopted || after->withdrawn[0]))
		after = NULL;
	if (before && after)
		return same_held(before, after) ?
			       0 :
			       move_held(rtnetlink, before, after, err);
	if (before)
		return delete_held(rtnetlink, before, err);
	return after ? add_held(rtnetlink, after, err) : 0;
}
