/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* VIPs that are withdrawn: their reasons, separated by commas. */
#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "model/config.h"
#include "model/object.h"

/* Returns where the reason is in a list, or NULL. */
static const char *find_reason(const char *list, const char *reason)
{
	size_t length = strlen(reason);

	for (const char *one = list; one && *one;) {
		if (strcspn(one, ",") == length && !strncmp(one, reason, length))
			return one;
		one = strchr(one, ',');
		one = one ? one + 1 : NULL;
	}
	return NULL;
}

API bool ipvsctl_vip_is_withdrawn(const struct ipvsctl_vip *vip,
				  const char *reason)
{
	return reason ? find_reason(vip->withdrawn, reason) != NULL :
			vip->withdrawn[0] != '\0';
}

static int fail_missing(const struct ipvsctl_vip *vip, struct ipvsctl_error *err)
{
	return vip_about(vip, fail(err, -ENOENT, "no such VIP"), err);
}

API int ipvsctl_config_withdraw_vip(struct ipvsctl_config *config,
				    const struct ipvsctl_vip *identity,
				    const char *reason,
				    struct ipvsctl_error *err)
{
	struct ipvsctl_vip *vip = vip_table_find(&config->vips, identity);
	size_t used;

	if (!vip)
		return fail_missing(identity, err);
	if (!*reason || strpbrk(reason, ", \t\r\n"))
		return fail(err, -EINVAL, "'%.64s' is not a reason", reason);
	if (find_reason(vip->withdrawn, reason))
		return 0;
	used = strlen(vip->withdrawn);
	if (used + strlen(reason) + 2 > sizeof(vip->withdrawn))
		return vip_about(vip,
				 fail(err, -EINVAL,
				      "it is withdrawn for too many reasons"),
				 err);
	(void)snprintf(vip->withdrawn + used, sizeof(vip->withdrawn) - used,
		       "%s%s", used ? "," : "", reason);
	return 0;
}

API int ipvsctl_config_return_vip(struct ipvsctl_config *config,
				  const struct ipvsctl_vip *identity,
				  const char *reason, struct ipvsctl_error *err)
{
	struct ipvsctl_vip *vip = vip_table_find(&config->vips, identity);
	char *place, *rest;

	if (!vip)
		return fail_missing(identity, err);
	if (!reason) {
		vip->withdrawn[0] = '\0';
		return 0;
	}
	place = vip->withdrawn;
	while (*place && place != find_reason(vip->withdrawn, reason))
		place++;
	rest = place + strcspn(place, ",");
	if (*rest)
		rest++;
	else if (place > vip->withdrawn && *place)
		place--;
	(void)memmove(place, rest, strlen(rest) + 1);
	return 0;
}

void withdrawn_adopt(struct ipvsctl_config *config,
		     const struct ipvsctl_config *from)
{
	for (size_t i = 0; i < from->vips.count; i++) {
		const struct ipvsctl_vip *before = &from->vips.vips[i];
		struct ipvsctl_vip *vip =
			before->withdrawn[0] ?
				vip_table_find(&config->vips, before) :
				NULL;

		if (vip)
			(void)memcpy(vip->withdrawn, before->withdrawn,
				     sizeof(vip->withdrawn));
	}
}
