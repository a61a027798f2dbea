/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Edits VIPs as lines say. */
#include <string.h>

#include "fail.h"
#include "model/object.h"
#include "ruleset/run-lines.h"

int run_replace_vip(struct run *run, const struct ipvsctl_vip *vip,
		    struct ipvsctl_error *err)
{
	run_touch(run, IPVSCTL_VIPS);
	return ipvsctl_config_find_vip(run->config, vip) ?
		       ipvsctl_config_change_vip(run->config, vip, err) :
		       ipvsctl_config_add_vip(run->config, vip, err);
}

int run_add_vip(struct run *run, const struct ipvsctl_vip *vip,
		struct ipvsctl_error *err)
{
	struct ipvsctl_config *config = run_stated(run, IPVSCTL_VIPS);
	const struct ipvsctl_vip *found =
		ipvsctl_config_find_vip(run->config, vip);
	int r;

	if (run->strict && found && !found->leaving) {
		r = vip_about(vip, fail(err, -EEXIST, "the VIP exists already"),
			      err);
		return fail_hint(err, r, "lbctl-vip show");
	}
	if (!run->strict && ipvsctl_config_find_vip(config, vip)) {
		r = fail(err, -EINVAL, "the ruleset adds this VIP twice");
		r = fail_hint(err, r, "take one of the two lines out");
		return vip_about(vip, r, err);
	}
	if (config != run->config) {
		r = ipvsctl_config_add_vip(config, vip, err);
		if (r < 0)
			return r;
	}
	return run_replace_vip(run, vip, err);
}

/* Says how to delete an address that others have added. */
static int fail_not_ours(const struct ipvsctl_vip *vip,
			 struct ipvsctl_error *err)
{
	char text[IPVSCTL_IDENTITY_TEXT];
	int r = fail(err, -EBUSY, "lbctl has not added this address");

	(void)fail_hint(err, r, "ip addr del %s/%u dev %s",
			ipvsctl_address_format(&vip->address, text),
			vip->prefix_length, vip->interface);
	return vip_about(vip, r, err);
}

static int fail_missing(const struct run *run, const struct ipvsctl_vip *vip,
			struct ipvsctl_error *err)
{
	const struct ipvsctl_vip *other =
		run->before ? vip_table_find(&run->before->others, vip) : NULL;
	int r;

	if (!run->before)
		return 0;
	if (other)
		return fail_not_ours(other, err);
	r = vip_about(vip, fail(err, -ENOENT, "no such VIP"), err);
	return fail_hint(err, r, "lbctl-vip show");
}

int run_delete_vip(struct run *run, const struct ipvsctl_vip *vip,
		   struct ipvsctl_error *err)
{
	bool several = false;
	const struct ipvsctl_vip *found =
		config_named_vip(run->config, vip, &several);
	struct ipvsctl_vip identity;

	run_touch(run, IPVSCTL_VIPS);
	if (!found)
		return fail_missing(run, vip, err);
	if (several && !vip->prefix_length) {
		int r = fail(err, -EINVAL,
			     "several VIPs have this address, with different "
			     "prefix lengths");

		return vip_about(vip, fail_hint(err, r, "lbctl-vip show"), err);
	}
	identity = *found;
	if (run->stated && vip_table_find(&run->stated->vips, &identity)) {
		int r = ipvsctl_config_delete_vip(run->stated, &identity, err);

		if (r < 0)
			return r;
	}
	return ipvsctl_config_delete_vip(run->config, &identity, err);
}
