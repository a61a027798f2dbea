/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* VIPs as a table. */
#include <errno.h>
#include <stdio.h>

#include "output/render.h"

static const struct render_column columns[] = {
	{ "VIP", false, false },
	{ "HELD", false, false },
	{ "TUNNEL", false, false },
	{ "DEV", false, false },
	{ "STATE", false, false },
	{ "LABEL", false, false },
	{ "MARK", false, false },
	{ "ANNOUNCE", true, false },
	{ "ADDED-BY", false, false },
	{ "WHY", false, true },
	{ 0 },
};

static const char *way(const struct ipvsctl_vip *vip)
{
	if (vip->flags & IPVSCTL_VIP_LOCAL_ROUTE)
		return "local-route";
	return vip->flags & IPVSCTL_VIP_REAL_SERVER ? "real-server" :
						      "director";
}

static int add_row(struct render_table *table, const struct ipvsctl_vip *vip)
{
	char address[IPVSCTL_IDENTITY_TEXT];
	char tunnel[RENDER_NUMBER] = "";
	char mark[RENDER_NUMBER + RENDER_NUMBER] = "";
	char announcements[RENDER_NUMBER] = "";
	const char *const cells[] = {
		ipvsctl_vip_format(vip, address),
		way(vip),
		tunnel,
		vip->interface,
		vip->withdrawn[0] ? "withdrawn" :
		vip->leaving	  ? "leaving" :
		vip->down	  ? "down" :
				    "up",
		vip->label,
		mark,
		announcements,
		vip->adopted ? "others" : "lbctl",
		vip->withdrawn,
	};

	if (vip->tunnel == IPVSCTL_VIP_GUE)
		(void)snprintf(tunnel, sizeof(tunnel), "%s:%u",
			       ipvsctl_vip_tunnel_name(vip->tunnel),
			       vip->tunnel_port);
	else if (vip->tunnel)
		(void)snprintf(tunnel, sizeof(tunnel), "%s",
			       ipvsctl_vip_tunnel_name(vip->tunnel));
	if (vip->mark)
		(void)snprintf(mark, sizeof(mark), "%u (0x%x)", vip->mark,
			       vip->mark);
	if (!(vip->flags & (IPVSCTL_VIP_LOCAL_ROUTE | IPVSCTL_VIP_REAL_SERVER)))
		(void)render_number(announcements, vip->announcements);
	return render_table_row(table, cells);
}

int render_vips(FILE *stream, const struct ipvsctl_config *config)
{
	AUTO_TABLE struct render_table *table = NULL;
	int r = render_table_new(columns, &table);

	ipvsctl_for_each_vip(config, vip)
		if (r == 0)
			r = add_row(table, vip);
	return r < 0 ? r : render_table_print(stream, table);
}
