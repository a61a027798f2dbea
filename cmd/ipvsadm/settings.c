/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* -L of timeouts and of sync daemons. */
#include <sys/socket.h>

#include <string.h>

#include "ipvsadm/print.h"

int list_timeouts(struct ipvsctl *ctx)
{
	AUTO_CONFIG struct ipvsctl_config *config = NULL;
	const struct ipvsctl_timeouts *timeouts;
	struct ipvsctl_error err;

	if (ipvsctl_load(ctx, IPVSCTL_TIMEOUTS, NULL, &config, &err) < 0)
		return kernel_failed(LIST, &err, EXIT_LIST_FAILED);
	timeouts = ipvsctl_config_get_timeouts(config);
	(void)printf("Timeout (tcp tcpfin udp): %u %u %u\n", timeouts->tcp,
		     timeouts->tcp_fin, timeouts->udp);
	return 0;
}

static void print_sync(const struct ipvsctl_sync *sync)
{
	char group[IPVSCTL_ADDRESS_TEXT];

	(void)printf("%s sync daemon (mcast=%s, syncid=%u",
		     ipvsctl_sync_role_name(sync->role), sync->interface,
		     sync->id);
	if (sync->max_length)
		(void)printf(", maxlen=%u", sync->max_length);
	if (sync->group.family)
		(void)printf(", group=%s",
			     ipvsctl_address_format(&sync->group, group));
	if (sync->port)
		(void)printf(", port=%u", sync->port);
	if (sync->ttl)
		(void)printf(", ttl=%u", sync->ttl);
	(void)puts(")");
}

int list_sync(struct ipvsctl *ctx)
{
	static const enum ipvsctl_sync_role roles[] = { IPVSCTL_SYNC_MASTER,
							IPVSCTL_SYNC_BACKUP };
	AUTO_CONFIG struct ipvsctl_config *config = NULL;
	struct ipvsctl_error err;

	if (ipvsctl_load(ctx, IPVSCTL_SYNC, NULL, &config, &err) < 0)
		return kernel_failed(LIST, &err, EXIT_LIST_FAILED);
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		const struct ipvsctl_sync *sync =
			ipvsctl_config_get_sync(config, roles[i]);

		if (sync)
			print_sync(sync);
	}
	return 0;
}
