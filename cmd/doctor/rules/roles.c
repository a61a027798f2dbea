/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Works out what a host does: rules are for some roles only. */
#include <errno.h>
#include <string.h>

#include "doctor/rules/judge.h"

static const struct {
	enum role role;
	const char *name;
} names[] = {
	{ ROLE_DIRECTOR, "director" },
	{ ROLE_BACKUP, "backup" },
	{ ROLE_SERVER, "real-server" },
};

const char *roles_format(unsigned int roles, char text[64])
{
	size_t length = 0;

	(void)snprintf(text, 64, "none");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (roles & names[i].role)
			length += (size_t)snprintf(text + length, 64 - length,
						   "%s%s", length ? ", " : "",
						   names[i].name);
	return text;
}

int role_parse(const char *text, unsigned int *ret_roles)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(text, names[i].name) != 0)
			continue;
		*ret_roles = names[i].role;
		/* A backup is a director for all else. */
		if (names[i].role == ROLE_BACKUP)
			*ret_roles |= ROLE_DIRECTOR;
		return 0;
	}
	return -EINVAL;
}

/* Tells whether the host receives connections, and sends none. */
static bool is_backup(const struct ipvsctl_config *config)
{
	return ipvsctl_config_get_sync(config, IPVSCTL_SYNC_BACKUP) &&
	       !ipvsctl_config_get_sync(config, IPVSCTL_SYNC_MASTER);
}

unsigned int roles_of(const struct facts *facts)
{
	unsigned int roles = 0;

	if (facts->config && facts->known[FACT_SERVICES]) {
		if (ipvsctl_config_next_service(facts->config, NULL))
			roles |= ROLE_DIRECTOR;
		if (is_backup(facts->config))
			roles |= ROLE_DIRECTOR | ROLE_BACKUP;
	}
	if (facts->config && facts->known[FACT_VIPS])
		ipvsctl_for_each_vip(facts->config, vip)
			if (vip->flags & IPVSCTL_VIP_REAL_SERVER)
				roles |= ROLE_SERVER;
	/* An active director may hold its own VIPs on lo, and route to them. */
	if ((roles & (ROLE_DIRECTOR | ROLE_BACKUP)) == ROLE_DIRECTOR)
		return roles;
	facts_for_each(facts, FACT_ADDRESSES, fact_address,
		       address) if (is_silent_vip(facts, address)) roles |=
		ROLE_SERVER;
	return roles;
}
