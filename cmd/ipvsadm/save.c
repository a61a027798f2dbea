/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* -S: writes the configuration for -R, ours and ipvsadm's. */
#include <netinet/in.h>
#include <sys/socket.h>

#include <string.h>

#include "ipvsadm/print.h"

#define ROW_MAX (2 * NAMES_TEXT + 512)

struct save {
	struct page page;
	const struct ipvsctl_config *config;
	bool numeric;
	/* "-t 192.0.2.1:80", of the service whose lines are written. */
	char service[NAMES_TEXT + 32];
};

static char *put_number(char *at, const char *word, uint64_t number)
{
	return page_put_number(stpcpy(at, word), number, 0);
}

/* ---- Services ---------------------------------------------------------- */

static const char *protocol_option(uint16_t protocol)
{
	static const struct {
		uint16_t protocol;
		const char *option;
	} options[] = {
		{ IPPROTO_TCP, "-t " },
		{ IPPROTO_UDP, "-u " },
		{ IPPROTO_SCTP, "--sctp-service " },
	};

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].protocol == protocol)
			return options[i].option;
	return NULL;
}

static void name_service(struct save *save,
			 const struct ipvsctl_service *service)
{
	const struct endpoint endpoint = { &service->address, service->port,
					   service->protocol };
	char name[NAMES_TEXT];
	char *at = save->service;

	if (!service->fwmark) {
		(void)page_put_words(at, protocol_option(service->protocol),
				     names_format_safe(name, &endpoint,
						       save->numeric));
		return;
	}
	at = put_number(at, "-f ", service->fwmark);
	if (service->address.family == AF_INET6)
		(void)stpcpy(at, " -6");
}

static void save_service(struct save *save,
			 const struct ipvsctl_service *service)
{
	char text[64];
	char *at = page_reserve(&save->page, ROW_MAX);

	if (!at)
		return;
	at = page_put_words(at, "-A ", save->service);
	at = page_put_words(at, " -s ", service->scheduler);
	if (service->persistence_seconds) {
		at = put_number(at, " -p ", service->persistence_seconds);
		if (print_netmask(service, text)[0])
			at = page_put_words(at, " -M ", text);
	}
	if (service->persistence_engine[0])
		at = page_put_words(at, " --pe ", service->persistence_engine);
	if (service->flags & IPVSCTL_ONE_PACKET)
		at = stpcpy(at, " -o");
	if (print_has_flags(service))
		at = page_put_words(at, " -b ",
				    print_flags(service, true, text));
	*at++ = '\n';
	page_end(&save->page, at);
}

/* ---- Servers ----------------------------------------------------------- */

static const char *forward_option(uint16_t forward)
{
	static const char *const options[] = {
		[IPVSCTL_FORWARD_NAT] = " -m",
		[IPVSCTL_FORWARD_LOCAL] = " -g",
		[IPVSCTL_FORWARD_TUN] = " -i",
		[IPVSCTL_FORWARD_DR] = " -g",
	};

	/* ipvsadm writes this; only our -R reads it. */
	return forward < ARRAY_SIZE(options) ? options[forward] : " (null)";
}

static char *put_tunnel(char *at, const struct ipvsctl_server *server)
{
	const uint16_t checksum = server->tunnel_checksum;

	if (server->tunnel > IPVSCTL_TUNNEL_GRE)
		return at;
	at = page_put_words(at, " --tun-type ",
			    ipvsctl_tunnel_name(server->tunnel));
	if (server->tunnel == IPVSCTL_TUNNEL_IPIP)
		return at;
	if (server->tunnel == IPVSCTL_TUNNEL_GUE)
		at = put_number(at, " --tun-port ", server->tunnel_port);
	if (checksum & IPVSCTL_TUNNEL_CHECKSUM_REMOTE)
		return stpcpy(at, " --tun-remcsum");
	return stpcpy(at, checksum & IPVSCTL_TUNNEL_CHECKSUM_FULL ?
				  " --tun-csum" :
				  " --tun-nocsum");
}

static void save_server(struct save *save,
			const struct ipvsctl_service *service,
			const struct ipvsctl_server *server)
{
	const struct endpoint endpoint = { &server->address, server->port,
					   service->protocol };
	char name[NAMES_TEXT];
	char *at = page_reserve(&save->page, ROW_MAX);

	if (!at)
		return;
	at = page_put_words(at, "-a ", save->service);
	at = page_put_words(at, " -r ",
			    names_format_safe(name, &endpoint, save->numeric));
	at = stpcpy(at, forward_option(server->forward));
	/* Save the wanted weight, even if the server is held. */
	at = put_number(at, " -w ", server->weight);
	if (server->upper_threshold)
		at = put_number(at, " -x ", server->upper_threshold);
	if (server->lower_threshold)
		at = put_number(at, " -y ", server->lower_threshold);
	if (server->forward == IPVSCTL_FORWARD_TUN)
		at = put_tunnel(at, server);
	*at++ = '\n';
	page_end(&save->page, at);
}

/* ---- Timeouts and sync daemons ----------------------------------------- */

static void save_timeouts(struct save *save)
{
	const struct ipvsctl_timeouts *timeouts =
		ipvsctl_config_get_timeouts(save->config);
	char *at = page_reserve(&save->page, ROW_MAX);

	if (!at)
		return;
	at = put_number(at, "--set ", timeouts->tcp);
	at = put_number(at, " ", timeouts->tcp_fin);
	at = put_number(at, " ", timeouts->udp);
	*at++ = '\n';
	page_end(&save->page, at);
}

static void save_sync(struct save *save, enum ipvsctl_sync_role role)
{
	const struct ipvsctl_sync *sync =
		ipvsctl_config_get_sync(save->config, role);
	char group[IPVSCTL_ADDRESS_TEXT];
	char *at = sync ? page_reserve(&save->page, ROW_MAX) : NULL;

	if (!at)
		return;
	at = page_put_words(at, "--start-daemon ", ipvsctl_sync_role_name(role));
	at = page_put_words(at, " --mcast-interface ", sync->interface);
	at = put_number(at, " --syncid ", sync->id);
	if (sync->max_length)
		at = put_number(at, " --sync-maxlen ", sync->max_length);
	if (sync->group.family)
		at = page_put_words(at, " --mcast-group ",
				    ipvsctl_address_format(&sync->group, group));
	if (sync->port)
		at = put_number(at, " --mcast-port ", sync->port);
	if (sync->ttl)
		at = put_number(at, " --mcast-ttl ", sync->ttl);
	*at++ = '\n';
	page_end(&save->page, at);
}

/* ---- All of it --------------------------------------------------------- */

/* Refuses services, made by others, that no option can express. */
static int check(const struct ipvsctl_service *const *services, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!services[i]->fwmark &&
		    !protocol_option(services[i]->protocol))
			return complain(EXIT_LIST_FAILED,
					"a service of protocol %u cannot be "
					"saved",
					services[i]->protocol);
	return 0;
}

static void save_all(struct save *save,
		     const struct ipvsctl_service *const *services,
		     size_t count)
{
	struct ipvsctl_leaving leaving;

	for (size_t i = 0; i < count && save->page.r == 0; i++) {
		if (ipvsctl_config_service_is_leaving(save->config, services[i]))
			continue;
		name_service(save, services[i]);
		save_service(save, services[i]);
		ipvsctl_for_each_server(save->config, services[i], server)
			if (!ipvsctl_config_get_leaving(save->config,
							services[i], server,
							&leaving))
				save_server(save, services[i], server);
	}
}

static int save_config(struct save *save, bool full)
{
	AUTO_FREE const struct ipvsctl_service **services = NULL;
	size_t count = 0;
	int status;

	if (print_order(save->config, true, &services, &count) < 0)
		return complain(EXIT_LIST_FAILED, "Memory allocation problem");
	status = check(services, count);
	if (status != 0)
		return status;
	if (full)
		save_timeouts(save);
	save_all(save, services, count);
	if (full) {
		save_sync(save, IPVSCTL_SYNC_MASTER);
		save_sync(save, IPVSCTL_SYNC_BACKUP);
	}
	return print_end(&save->page);
}

int save_run(struct ipvsctl *ctx, const struct request *request)
{
	AUTO_CONFIG struct ipvsctl_config *config = NULL;
	struct ipvsctl_error err;
	struct save save = { .page.stream = stdout,
			     .numeric = has(request, NUMERIC) };
	const bool full = has(request, FULL);

	if (ipvsctl_load(ctx,
			 IPVSCTL_SERVICES |
				 (full ? IPVSCTL_TIMEOUTS | IPVSCTL_SYNC : 0),
			 NULL, &config, &err) < 0)
		return kernel_failed(LIST, &err, EXIT_LIST_FAILED);
	save.config = config;
	return save_config(&save, full);
}
