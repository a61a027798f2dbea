/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* -L of services and servers. */
#include <sys/socket.h>

#include <string.h>

#include "ipvsadm/print.h"

/* Longer names are cut, except those of IPv6. */
#define SERVICE_COLUMN 33
#define SERVER_COLUMN  28
#define ROW_MAX	       (2 * NAMES_TEXT + 512)

/* A listing that is being printed. */
struct list {
	struct page page;
	const struct request *request;
	const struct ipvsctl_config *config;
	const struct style *style;
	bool numeric;
	bool exact;
};

/* A way of listing: titles, and what follows the names. */
struct style {
	enum ipvsadm_option option;
	const char *titles;
	/* NULL: scheduler and flags. */
	char *(*put_service)(const struct list *list, char *at,
			     const struct ipvsctl_service *service);
	char *(*put_server)(const struct list *list, char *at,
			    const struct ipvsctl_server *server);
};

/* ---- Numbers ----------------------------------------------------------- */

/* Writes a number of nine columns, in thousands, millions... if it is large. */
static char *put_large(const struct list *list, char *at, uint64_t number)
{
	static const struct {
		uint64_t below;
		uint64_t unit;
		char letter;
	} scales[] = {
		{ 1000000000, 1000, 'K' },
		{ 100000000000, 1000000, 'M' },
		{ 100000000000000, 1000000000, 'G' },
		{ UINT64_MAX, 1000000000000, 'T' },
	};
	size_t i = 0;

	if (list->exact && number > 99999999) {
		*at++ = ' ';
		return page_put_number(at, number, 0);
	}
	if (number < 100000000)
		return page_put_number(at, number, 9);
	while (i < ARRAY_SIZE(scales) - 1 && number >= scales[i].below)
		i++;
	at = page_put_number(at, number / scales[i].unit, 8);
	*at++ = scales[i].letter;
	return at;
}

/* Writes a number, filled with blanks. */
static char *put_left(char *at, uint64_t number, size_t width)
{
	char *end = page_put_number(at, number, 0);

	if (end >= at + width)
		return end;
	(void)memset(end, ' ', width - (size_t)(end - at));
	return at + width;
}

static char *put_connections(char *at, const struct ipvsctl_server *server)
{
	at = put_left(at, server->active_connections, 10);
	*at++ = ' ';
	return put_left(at, server->inactive_connections, 10);
}

static char *put_totals(const struct list *list, char *at,
			const struct ipvsctl_counters *counters)
{
	at = put_large(list, at, counters->connections);
	at = put_large(list, at, counters->in_packets);
	at = put_large(list, at, counters->out_packets);
	at = put_large(list, at, counters->in_bytes);
	return put_large(list, at, counters->out_bytes);
}

/* ---- Services ---------------------------------------------------------- */

static char *put_service_totals(const struct list *list, char *at,
				const struct ipvsctl_service *service)
{
	return put_totals(list, at, &service->counters);
}

static char *put_service_rates(const struct list *list, char *at,
			       const struct ipvsctl_service *service)
{
	const struct ipvsctl_counters *counters = &service->counters;

	at = put_large(list, at, counters->connections_per_second);
	at = put_large(list, at, counters->in_packets_per_second);
	at = put_large(list, at, counters->out_packets_per_second);
	at = put_large(list, at, counters->in_bytes_per_second);
	return put_large(list, at, counters->out_bytes_per_second);
}

static char *put_attributes(char *at, const struct ipvsctl_service *service)
{
	char text[64];

	at = page_put_words(at, " ", service->scheduler);
	if (print_has_flags(service)) {
		at = page_put_words(at, " (", print_flags(service, false, text));
		*at++ = ')';
	}
	if (service->persistence_seconds) {
		at = page_put_number(stpcpy(at, " persistent "),
				     service->persistence_seconds, 0);
		if (print_netmask(service, text)[0])
			at = page_put_words(at, " mask ", text);
		if (service->persistence_engine[0])
			at = page_put_words(at, " pe ",
					    service->persistence_engine);
	}
	if (service->flags & IPVSCTL_ONE_PACKET)
		at = stpcpy(at, " ops");
	return at;
}

static char *put_service_name(const struct list *list, char *at,
			      const struct ipvsctl_service *service)
{
	const bool ipv6 = service->address.family == AF_INET6;
	char *start = at;

	if (service->fwmark) {
		at = page_put_number(stpcpy(at, "FWM  "), service->fwmark, 0);
		return ipv6 ? stpcpy(at, " IPv6") : at;
	}
	at = page_put_text(at, names_protocol(service->protocol) ?: "?", 4);
	*at++ = ' ';
	(void)names_format(at,
			   &(struct endpoint){ &service->address, service->port,
					       service->protocol },
			   list->numeric);
	at += strnlen(at, NAMES_SHOWN);
	return !ipv6 && at > start + SERVICE_COLUMN ? start + SERVICE_COLUMN :
						      at;
}

static char *pad(char *start, char *at, size_t width)
{
	*at = '\0';
	return page_put_text(at, "",
			     at < start + width ? width - (size_t)(at - start) :
						  0);
}

static void put_service(struct list *list, const struct ipvsctl_service *service)
{
	char *start = page_reserve(&list->page, ROW_MAX);
	char *at = start;

	if (!at)
		return;
	at = put_service_name(list, at, service);
	if (list->style->put_service)
		at = list->style->put_service(list,
					      pad(start, at, SERVICE_COLUMN),
					      service);
	else
		at = put_attributes(at, service);
	*at++ = '\n';
	page_end(&list->page, at);
}

/* ---- Servers ----------------------------------------------------------- */

static const char *forward_name(uint16_t forward)
{
	static const char *const names[] = {
		[IPVSCTL_FORWARD_NAT] = "Masq",
		[IPVSCTL_FORWARD_LOCAL] = "Local",
		[IPVSCTL_FORWARD_TUN] = "Tunnel",
		[IPVSCTL_FORWARD_DR] = "Route",
	};

	/* ipvsadm has no name for it, and the C library prints NULL so. */
	return forward < ARRAY_SIZE(names) ? names[forward] : "(null)";
}

static char *put_forward(char *at, const struct ipvsctl_server *server)
{
	*at++ = ' ';
	at = page_put_text(at, forward_name(server->forward), 7);
	*at++ = ' ';
	return at;
}

static char *put_weight(char *at, const struct ipvsctl_server *server)
{
	at = put_left(at, ipvsctl_server_effective_weight(server), 6);
	*at++ = ' ';
	return put_connections(at, server);
}

static char *put_server_plain(const struct list *list, char *at,
			      const struct ipvsctl_server *server)
{
	(void)list;
	return put_weight(put_forward(at, server), server);
}

/* Writes "gue:6080:+c"; ignores unknown flags. */
static void format_tunnel(const struct ipvsctl_server *server, char text[32])
{
	const char *checksum =
		server->tunnel_checksum & IPVSCTL_TUNNEL_CHECKSUM_REMOTE ?
			"r+c" :
		server->tunnel_checksum & IPVSCTL_TUNNEL_CHECKSUM_FULL ? "+c" :
									 "-c";

	if (server->forward != IPVSCTL_FORWARD_TUN ||
	    server->tunnel > IPVSCTL_TUNNEL_GRE)
		(void)snprintf(text, 32, "n/a");
	else if (server->tunnel == IPVSCTL_TUNNEL_IPIP)
		(void)snprintf(text, 32, "ipip");
	else if (server->tunnel == IPVSCTL_TUNNEL_GUE)
		(void)snprintf(text, 32, "gue:%u:%s", server->tunnel_port,
			       checksum);
	else
		(void)snprintf(text, 32, "gre:%s", checksum);
}

static char *put_server_tunnel(const struct list *list, char *at,
			       const struct ipvsctl_server *server)
{
	char tunnel[32];

	(void)list;
	format_tunnel(server, tunnel);
	at = page_put_text(put_forward(at, server), tunnel, 13);
	*at++ = ' ';
	return put_weight(at, server);
}

static char *put_server_thresholds(const struct list *list, char *at,
				   const struct ipvsctl_server *server)
{
	(void)list;
	*at++ = ' ';
	at = put_left(at, server->upper_threshold, 10);
	*at++ = ' ';
	at = put_left(at, server->lower_threshold, 10);
	*at++ = ' ';
	return put_connections(at, server);
}

static char *put_server_persistent(const struct list *list, char *at,
				   const struct ipvsctl_server *server)
{
	(void)list;
	*at++ = ' ';
	at = put_left(at, ipvsctl_server_effective_weight(server), 9);
	*at++ = ' ';
	at = put_left(at, server->persistent_connections, 11);
	*at++ = ' ';
	return put_connections(at, server);
}

static char *put_server_totals(const struct list *list, char *at,
			       const struct ipvsctl_server *server)
{
	return put_totals(list, at, &server->counters);
}

/* Only the bytes are scaled. */
static char *put_server_rates(const struct list *list, char *at,
			      const struct ipvsctl_server *server)
{
	const struct ipvsctl_counters *counters = &server->counters;

	*at++ = ' ';
	at = page_put_number(at, counters->connections_per_second, 8);
	*at++ = ' ';
	at = page_put_number(at, counters->in_packets_per_second, 8);
	*at++ = ' ';
	at = page_put_number(at, counters->out_packets_per_second, 8);
	at = put_large(list, at, counters->in_bytes_per_second);
	return put_large(list, at, counters->out_bytes_per_second);
}

static void put_server(struct list *list, const struct ipvsctl_service *service,
		       const struct ipvsctl_server *server)
{
	const struct endpoint endpoint = { &server->address, server->port,
					   service->protocol };
	char *at = page_reserve(&list->page, ROW_MAX);
	char *name;
	size_t most = server->address.family == AF_INET6 ? NAMES_SHOWN :
							   SERVER_COLUMN;

	if (!at)
		return;
	name = stpcpy(at, "  -> ");
	(void)names_format(name, &endpoint, list->numeric);
	at = pad(name, name + strnlen(name, most), SERVER_COLUMN);
	at = list->style->put_server(list, at, server);
	*at++ = '\n';
	page_end(&list->page, at);
}

/* ---- Styles ------------------------------------------------------------ */

/* The first that was given counts; the last is the default. */
static const struct style styles[] = {
	{ STATS,
	  "Prot LocalAddress:Port               Conns   InPkts  OutPkts  "
	  "InBytes OutBytes\n"
	  "  -> RemoteAddress:Port\n",
	  put_service_totals, put_server_totals },
	{ RATE,
	  "Prot LocalAddress:Port                 CPS    InPPS   OutPPS    "
	  "InBPS   OutBPS\n"
	  "  -> RemoteAddress:Port\n",
	  put_service_rates, put_server_rates },
	{ THRESHOLDS,
	  "Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn "
	  "InActConn \n"
	  "  -> RemoteAddress:Port\n",
	  NULL, put_server_thresholds },
	{ PERSISTENT_CONN,
	  "Prot LocalAddress:Port            Weight    PersistConn ActiveConn "
	  "InActConn \n"
	  "  -> RemoteAddress:Port\n",
	  NULL, put_server_persistent },
	{ TUN_INFO,
	  "Prot LocalAddress:Port Scheduler Flags\n"
	  "  -> RemoteAddress:Port           Forward TunnelInfo    Weight "
	  "ActiveConn InActConn\n",
	  NULL, put_server_tunnel },
	{ OPTION_COUNT,
	  "Prot LocalAddress:Port Scheduler Flags\n"
	  "  -> RemoteAddress:Port           Forward Weight ActiveConn "
	  "InActConn\n",
	  NULL, put_server_plain },
};

static const struct style *choose_style(const struct request *request)
{
	const struct style *style = styles;

	while (style->option != OPTION_COUNT && !has(request, style->option))
		style++;
	return style;
}

/* ---- Listings ---------------------------------------------------------- */

static void put_all(struct list *list,
		    const struct ipvsctl_service *const *services, size_t count)
{
	page_add(&list->page, list->style->titles);
	for (size_t i = 0; i < count && list->page.r == 0; i++) {

		put_service(list, services[i]);
		ipvsctl_for_each_server(list->config, services[i], server)
			if (!server->removed)
				put_server(list, services[i], server);
	}
}

static void put_header(struct list *list, const struct ipvsctl_info *info)
{
	char text[80];

	(void)snprintf(text, sizeof(text),
		       "IP Virtual Server version %u.%u.%u (size=%u)\n",
		       info->version >> 16 & 0xff, info->version >> 8 & 0xff,
		       info->version & 0xff, info->connection_table_size);
	page_add(&list->page, text);
}

static int put_listing(struct list *list, const struct ipvsctl_info *info)
{
	AUTO_FREE const struct ipvsctl_service **services = NULL;
	size_t count = 0;
	const bool one = has(list->request, SERVICE);

	if (print_order(list->config, !has(list->request, NOSORT), &services,
			&count) < 0)
		return complain(EXIT_LIST_FAILED, "Memory allocation problem");
	if (one && count == 0)
		return complain(EXIT_LIST_FAILED, "No such service");
	if (!one)
		put_header(list, info);
	put_all(list, services, count);
	return print_end(&list->page);
}

static unsigned int wanted_kinds(const struct request *request)
{
	unsigned int kinds = IPVSCTL_SERVICES;

	if (has(request, STATS) || has(request, RATE))
		kinds |= IPVSCTL_COUNTERS;
	if (has(request, NOSORT))
		kinds |= IPVSCTL_UNSORTED;
	return kinds;
}

int list_services(struct ipvsctl *ctx, const struct ipvsctl_info *info,
		  const struct request *request)
{
	AUTO_CONFIG struct ipvsctl_config *config = NULL;
	struct ipvsctl_error err;
	struct list list = {
		.page.stream = stdout,
		.request = request,
		.style = choose_style(request),
		.numeric = has(request, NUMERIC),
		.exact = has(request, EXACT),
	};

	if (ipvsctl_load(ctx, wanted_kinds(request),
			 has(request, SERVICE) ? &request->service : NULL,
			 &config, &err) < 0)
		return kernel_failed(LIST, &err, EXIT_LIST_FAILED);
	list.config = config;
	return put_listing(&list, info);
}
