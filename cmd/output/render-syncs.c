/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Sync daemons as a table. */
#include <sys/socket.h>

#include <errno.h>

#include "output/render.h"

static const struct render_column columns[] = {
	{ "ROLE", false, false },      { "INTERFACE", false, false },
	{ "ID", true, false },	       { "GROUP", false, false },
	{ "PORT", true, false },       { "TTL", true, false },
	{ "MAX-LENGTH", true, false }, { 0 },
};

static const enum ipvsctl_sync_role roles[] = { IPVSCTL_SYNC_MASTER,
						IPVSCTL_SYNC_BACKUP };

/* Writes a number; nothing for 0: the kernel did not report it. */
static const char *number(char text[RENDER_NUMBER], unsigned int value)
{
	text[0] = '\0';
	if (value > 0)
		(void)render_number(text, value);
	return text;
}

static const char *group(const struct ipvsctl_sync *sync,
			 char text[IPVSCTL_ADDRESS_TEXT])
{
	if (sync->group.family == AF_UNSPEC)
		return "";
	return ipvsctl_address_format(&sync->group, text);
}

static int add_row(struct render_table *table, const struct ipvsctl_sync *sync)
{
	char id[RENDER_NUMBER];
	char port[RENDER_NUMBER];
	char ttl[RENDER_NUMBER];
	char max_length[RENDER_NUMBER];
	char address[IPVSCTL_ADDRESS_TEXT];
	const char *const cells[] = {
		ipvsctl_sync_role_name(sync->role),
		sync->interface,
		id,
		group(sync, address),
		number(port, sync->port),
		number(ttl, sync->ttl),
		number(max_length, sync->max_length),
	};

	(void)render_number(id, sync->id);
	return render_table_row(table, cells);
}

int render_syncs(FILE *stream, const struct ipvsctl_config *config)
{
	AUTO_TABLE struct render_table *table = NULL;
	int r = render_table_new(columns, &table);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(roles); i++) {
		const struct ipvsctl_sync *sync =
			ipvsctl_config_get_sync(config, roles[i]);

		if (sync)
			r = add_row(table, sync);
	}
	return r < 0 ? r : render_table_print(stream, table);
}
