/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Servers that are drained before they are deleted. */
#include "model/leaving.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "model/holds.h"
#include "number.h"

#define WITH_SERVICE ":service"

/* ---- The reason ---------------------------------------------------------- */

/* Reads digits up to the mark and sets *text behind it. */
static bool take_number(const char **text, char mark, uint32_t *ret_number)
{
	static const struct number_range range = { "time", 0, INT32_MAX };
	const size_t length = strspn(*text, "0123456789");
	char digits[12];

	if (length >= sizeof(digits) || (*text)[length] != mark)
		return false;
	(void)snprintf(digits, sizeof(digits), "%.*s", (int)length, *text);
	*text += length + (mark != '\0');
	return number_parse(digits, &range, ret_number, NULL) == 0;
}

bool leaving_parse(const char *reason, struct ipvsctl_leaving *ret_leaving)
{
	struct ipvsctl_leaving leaving = { 0 };
	const char *rest = reason + strlen(LEAVING "@");

	if (strncmp(reason, LEAVING "@", strlen(LEAVING "@")) != 0 ||
	    !take_number(&rest, '+', &leaving.since))
		return false;
	leaving.with_service = strchr(rest, ':') != NULL;
	if (!take_number(&rest, leaving.with_service ? ':' : '\0',
			 &leaving.seconds) ||
	    (leaving.with_service && strcmp(rest, WITH_SERVICE + 1) != 0))
		return false;
	*ret_leaving = leaving;
	return true;
}

/* Holds the server, or replaces the times of its hold. Returns 0 or -ENOMEM. */
static int hold(struct ipvsctl_config *config,
		const struct ipvsctl_service *service,
		const struct ipvsctl_server *server,
		const struct ipvsctl_leaving *leaving)
{
	char reason[IPVSCTL_REASON_MAX + 1];
	struct ipvsctl_server *found =
		config_server(config, service, server, NULL);

	(void)snprintf(reason, sizeof(reason), LEAVING "@%u+%u%s",
		       leaving->since, leaving->seconds,
		       leaving->with_service ? WITH_SERVICE : "");
	if (!found ||
	    hold_table_add_reason(&config->holds, service, found, reason) < 0)
		return -ENOMEM;
	hold_table_mark(&config->holds, service, found);
	return 0;
}

/* Reads the times of a hold. Tells whether its server is leaving. */
static bool get_times(const struct hold *held,
		      struct ipvsctl_leaving *ret_leaving)
{
	const size_t position = hold_reason_position(held, LEAVING);

	return position != SIZE_MAX && !held->aside &&
	       leaving_parse(held->reasons[position], ret_leaving);
}

static bool is_leaving(const struct hold *held)
{
	struct ipvsctl_leaving leaving;

	return get_times(held, &leaving);
}

/* ---- Asking, ending ------------------------------------------------------ */

API bool ipvsctl_config_get_leaving(const struct ipvsctl_config *config,
				    const struct ipvsctl_service *service,
				    const struct ipvsctl_server *server,
				    struct ipvsctl_leaving *ret_leaving)
{
	return get_times(hold_table_find(&config->holds, service, server),
			 ret_leaving);
}

API bool ipvsctl_config_service_is_leaving(const struct ipvsctl_config *config,
					   const struct ipvsctl_service *service)
{
	ipvsctl_for_each_server(config, service, server) {
		struct ipvsctl_leaving leaving;

		if (ipvsctl_config_get_leaving(config, service, server,
					       &leaving) &&
		    leaving.with_service)
			return true;
	}
	return false;
}

API int ipvsctl_config_delete_left(struct ipvsctl_config *config,
				   const struct ipvsctl_service *service,
				   const struct ipvsctl_server *server,
				   struct ipvsctl_error *err)
{
	struct ipvsctl_leaving leaving;
	int r;

	if (!ipvsctl_config_get_leaving(config, service, server, &leaving))
		return fail(err, -ENOENT, "the server is not leaving");
	r = ipvsctl_config_delete_server(config, service, server, err);
	if (r < 0 || !leaving.with_service ||
	    ipvsctl_config_count_servers(config, service) > 0)
		return r;
	return ipvsctl_config_delete_service(config, service, err);
}

bool leaving_stop(struct ipvsctl_config *config,
		  const struct ipvsctl_service *service,
		  const struct ipvsctl_server *server)
{
	struct ipvsctl_leaving leaving;

	return ipvsctl_config_get_leaving(config, service, server, &leaving) &&
	       ipvsctl_config_release(config, service, server, LEAVING, NULL) ==
		       0;
}

int leaving_keep_service(struct ipvsctl_config *config,
			 const struct ipvsctl_service *service)
{
	int r = 0;

	if (config->holds.count == 0)
		return 0;
	ipvsctl_for_each_server(config, service, server) {
		struct ipvsctl_leaving leaving;

		if (!ipvsctl_config_get_leaving(config, service, server,
						&leaving) ||
		    !leaving.with_service)
			continue;
		leaving.with_service = false;
		r = hold(config, service, server, &leaving);
		if (r < 0)
			break;
	}
	return r;
}

bool leaving_any(const struct ipvsctl_config *config)
{
	for (size_t i = 0; i < config->holds.count; i++)
		if (is_leaving(&config->holds.holds[i]))
			return true;
	for (size_t i = 0; i < config->vips.count; i++)
		if (config->vips.vips[i].leaving)
			return true;
	return false;
}

/* Deletes the VIPs that are leaving; keep: only those that it does not want. */
static void delete_vips(struct ipvsctl_config *config,
			bool (*keep)(const struct ipvsctl_config *config,
				     struct ipvsctl_vip *vip))
{
	/* From the end: the last one may take the place of one that is gone. */
	for (size_t i = config->vips.count; i-- > 0;) {
		struct ipvsctl_vip *vip = &config->vips.vips[i];

		if (vip->leaving && !(keep && keep(config, vip)))
			vip_table_delete(&config->vips, vip);
	}
}

int leaving_delete_all(struct ipvsctl_config *config)
{
	int r = 0;

	/* From the end: the last hold takes the place of one that is dropped, and
	   a service takes those with it that were set aside. */
	for (size_t i = config->holds.count; r == 0 && i-- > 0;) {
		struct hold held;

		if (i >= config->holds.count)
			continue;
		held = config->holds.holds[i];
		if (is_leaving(&held))
			r = ipvsctl_config_delete_left(config, &held.service,
						       &held.server, NULL);
	}
	delete_vips(config, NULL);
	return r;
}

/* ---- VIPs ---------------------------------------------------------------- */

/* Tells whether connections to servers that are leaving need the address. */
static bool is_needed(const struct ipvsctl_config *config,
		      const struct ipvsctl_address *address)
{
	for (size_t i = 0; i < config->holds.count; i++) {
		const struct hold *held = &config->holds.holds[i];

		if (is_leaving(held) &&
		    (held->service.fwmark ?
			     held->service.address.family == address->family :
			     !ipvsctl_address_compare(&held->service.address,
						      address)))
			return true;
	}
	return false;
}

/* Tells whether the VIP stays; for good if a service has its address again. */
static bool keep_vip(const struct ipvsctl_config *config,
		     struct ipvsctl_vip *vip)
{
	ipvsctl_for_each_service(config, service)
		if (!service->fwmark &&
		    !ipvsctl_address_compare(&service->address, &vip->address) &&
		    !ipvsctl_config_service_is_leaving(config, service)) {
			vip->leaving = false;
			return true;
		}
	return is_needed(config, &vip->address);
}

API void ipvsctl_config_delete_left_vips(struct ipvsctl_config *config)
{
	delete_vips(config, keep_vip);
}

/* ---- Putting back -------------------------------------------------------- */

/* Copies the reasons for which from holds the server. Returns 0 or -ENOMEM. */
static int copy_reasons(struct ipvsctl_config *to,
			const struct ipvsctl_config *from,
			const struct ipvsctl_service *service,
			const struct ipvsctl_server *server)
{
	const char *reason = NULL;

	while ((reason = ipvsctl_config_next_reason(from, service, server,
						    reason)))
		if (hold_table_add_reason(&to->holds, service, server, reason) <
		    0)
			return -ENOMEM;
	return 0;
}

static int put_back_server(struct ipvsctl_config *to,
			   const struct ipvsctl_config *from,
			   const struct ipvsctl_service *service,
			   const struct ipvsctl_server *server,
			   const struct ipvsctl_leaving *how)
{
	struct ipvsctl_leaving leaving = *how;
	struct ipvsctl_leaving before;

	if (ipvsctl_config_get_leaving(from, service, server, &before)) {
		leaving.since = before.since;
		/* Who knows only this server does not know of its service. */
		if (from->partial)
			leaving.with_service = before.with_service;
	}
	if (ipvsctl_config_add_server(to, service, server, NULL) < 0 ||
	    copy_reasons(to, from, service, server) < 0)
		return -ENOMEM;
	return hold(to, service, server, &leaving);
}

/* Puts back the servers of one service, and the service itself. */
static int put_back_pool(struct ipvsctl_config *to,
			 const struct ipvsctl_config *from,
			 const struct ipvsctl_service *service,
			 const struct ipvsctl_leaving *how)
{
	struct ipvsctl_leaving leaving = *how;
	bool missing = !config_entry(to, service);
	int r = 0;

	leaving.with_service = missing;
	ipvsctl_for_each_server(from, service, server) {
		if (server->removed ||
		    ipvsctl_config_find_server(to, service, server))
			continue;
		if (missing)
			r = ipvsctl_config_add_service(to, service, NULL);
		missing = false;
		if (r == 0)
			r = put_back_server(to, from, service, server, &leaving);
		if (r < 0)
			return -ENOMEM;
	}
	return 0;
}

static bool has_address(const struct ipvsctl_config *config,
			const struct ipvsctl_address *address)
{
	ipvsctl_for_each_vip(config, vip)
		if (!ipvsctl_address_compare(&vip->address, address))
			return true;
	return false;
}

int leaving_put_back(struct ipvsctl_config *to,
		     const struct ipvsctl_config *from,
		     const struct ipvsctl_leaving *how)
{
	int r = 0;

	ipvsctl_for_each_service(from, service)
		if (r == 0)
			r = put_back_pool(to, from, service, how);
	if (r < 0 || !(from->kinds & to->kinds & IPVSCTL_VIPS))
		return r;
	ipvsctl_for_each_vip(from, vip) {
		struct ipvsctl_vip kept = *vip;

		/* Without its address nobody is connected to it. */
		if (r < 0 || vip->withdrawn[0] ||
		    has_address(to, &vip->address) ||
		    !is_needed(to, &vip->address))
			continue;
		kept.leaving = true;
		r = vip_table_add(&to->vips, &kept);
	}
	return r;
}
