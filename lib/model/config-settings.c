/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Sync daemons and timeouts of a configuration. */
#include "model/config.h"

/* Returns the index of the role's daemon; roles are 1 and 2. */
static size_t sync_slot(unsigned int role)
{
	return role == IPVSCTL_SYNC_BACKUP;
}

API const struct ipvsctl_sync *ipvsctl_config_get_sync(
	const struct ipvsctl_config *config, enum ipvsctl_sync_role role)
{
	const struct ipvsctl_sync *sync = &config->sync[sync_slot(role)];

	return sync->role ? sync : NULL;
}

API void ipvsctl_config_set_sync(struct ipvsctl_config *config,
				 const struct ipvsctl_sync *sync)
{
	config->sync[sync_slot(sync->role)] = *sync;
	config->kinds |= IPVSCTL_SYNC;
}

API void ipvsctl_config_remove_sync(struct ipvsctl_config *config,
				    enum ipvsctl_sync_role role)
{
	config->sync[sync_slot(role)] = (struct ipvsctl_sync){ 0 };
	config->kinds |= IPVSCTL_SYNC;
}

API const struct ipvsctl_timeouts *
ipvsctl_config_get_timeouts(const struct ipvsctl_config *config)
{
	return config->has_timeouts ? &config->timeouts : NULL;
}

API void ipvsctl_config_set_timeouts(struct ipvsctl_config *config,
				     const struct ipvsctl_timeouts *timeouts)
{
	config->timeouts = *timeouts;
	config->has_timeouts = true;
	config->kinds |= IPVSCTL_TIMEOUTS;
}
