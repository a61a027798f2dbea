/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * What the library reads without counters, through the kernel's older
 * interface where that can tell all, is what it reads with them.
 */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "sample.h"
#include "tap.h"

static bool same_server(const struct ipvsctl_server *a,
			const struct ipvsctl_server *b)
{
	return !ipvsctl_server_compare(a, b) && a->forward == b->forward &&
	       a->weight == b->weight && a->held == b->held &&
	       a->tunnel == b->tunnel && a->tunnel_port == b->tunnel_port &&
	       a->tunnel_checksum == b->tunnel_checksum &&
	       a->upper_threshold == b->upper_threshold &&
	       a->lower_threshold == b->lower_threshold &&
	       a->active_connections == b->active_connections &&
	       a->inactive_connections == b->inactive_connections &&
	       a->persistent_connections == b->persistent_connections;
}

static bool same_service(const struct ipvsctl_service *a,
			 const struct ipvsctl_service *b)
{
	return !ipvsctl_service_compare(a, b) && a->flags == b->flags &&
	       a->persistence_seconds == b->persistence_seconds &&
	       a->netmask == b->netmask &&
	       strcmp(a->scheduler, b->scheduler) == 0 &&
	       strcmp(a->persistence_engine, b->persistence_engine) == 0;
}

static bool no_counters(const struct ipvsctl_counters *counters)
{
	static const struct ipvsctl_counters none;

	return memcmp(counters, &none, sizeof(none)) == 0;
}

static bool same_servers(const struct ipvsctl_config *full,
			 const struct ipvsctl_config *bare,
			 const struct ipvsctl_service *service)
{
	const struct ipvsctl_server *one = NULL, *other = NULL;

	do {
		one = ipvsctl_config_next_server(full, service, one);
		other = ipvsctl_config_next_server(bare, service, other);
		if (!one || !other)
			return !one && !other;
	} while (same_server(one, other) && no_counters(&other->counters));
	return false;
}

/* All servers that the kernel has are in both, with all but the counters. */
static void compare_readings(const struct ipvsctl_config *full,
			     const struct ipvsctl_config *bare)
{
	const struct ipvsctl_service *one = NULL, *other = NULL;
	char text[IPVSCTL_IDENTITY_TEXT];

	while ((one = ipvsctl_config_next_service(full, one))) {
		other = ipvsctl_config_next_service(bare, other);
		ok(other && same_service(one, other) &&
			   no_counters(&other->counters) &&
			   same_servers(full, bare, one),
		   "%s with %zu servers reads the same without counters",
		   ipvsctl_service_format(one, text),
		   ipvsctl_config_count_servers(full, one));
	}
	ok(!ipvsctl_config_next_service(bare, other), "and nothing else");
}

/* Pools that one interface of the kernel or the other has trouble with. */
static const struct sample pools[] = {
	{ "tcp:192.0.2.1:1", "", NULL, "" },
	{ "tcp:192.0.2.1:2", "scheduler wrr", "10.0.0.1",
	  "forward nat weight 2147483647" },
	{ "tcp:192.0.2.1:2", "", "10.0.0.2", "forward nat weight 65536" },
	{ "tcp:192.0.2.1:2", "", "10.0.0.2:1", "forward nat" },
	{ "udp:192.0.2.1:2", "one-packet -", "10.0.0.1",
	  "upper-threshold 2147483647 lower-threshold 50 weight 0" },
	{ "sctp:192.0.2.1:2", "persistent 60", "10.0.0.1", "" },
	{ "udp:192.0.2.1:5060", "persistent 60 pe sip", "10.0.0.1", "" },
	{ "tcp:192.0.2.2:0", "persistent 100 netmask 24", "10.0.0.1", "" },
	{ "tcp:192.0.2.3:1", "", "127.0.0.1", "" },
	{ "tcp:192.0.2.3:2", "", "10.0.0.1", "forward tun" },
	{ "tcp:192.0.2.3:3", "", "10.0.0.1",
	  "forward tun tunnel gue tunnel-port 6080 tunnel-checksum remote" },
	{ "tcp:192.0.2.3:4", "", "10.0.0.1",
	  "forward tun tunnel gre tunnel-checksum full" },
	{ "tcp:192.0.2.3:4", "", "10.0.0.2", "" },
	{ "tcp:192.0.2.4:1", "", "10.0.0.1", "forward tun tunnel gre" },
	{ "tcp:192.0.2.4:1", "", "2001:db8::9", "forward tun" },
	{ "tcp:192.0.2.4:1", "", "10.0.0.2", "forward nat" },
	{ "tcp:192.0.2.4:2", "", "2001:db8::9", "forward tun" },
	{ "tcp:192.0.2.4:2", "", "10.0.0.2", "upper-threshold 9" },
	{ "tcp:192.0.2.4:3", "", "2001:db8::9", "forward tun" },
	{ "tcp:[2001:db8::1]:7", "", "10.0.0.1", "forward tun" },
	{ "tcp:[2001:db8::1]:7", "", "2001:db8::9", "weight 5" },
	{ "udp:[2001:db8::1]:443", "scheduler sh sched-flags sh-port",
	  "[2001:db8::2]:4433", "forward nat" },
	{ "fwmark:8", "", "10.0.0.1:0", "" },
	{ "fwmark:8", "", "2001:db8::9", "forward tun" },
	{ "fwmark:8/inet6", "", "2001:db8::9", "weight 3" },
	{ "fwmark:8/inet6", "", "10.0.0.1",
	  "forward tun tunnel gue tunnel-port 6080" },
	{ "fwmark:4294967295", "", "10.0.0.3:0", "forward nat weight 7" },
	{ "fwmark:4294967295", "", "10.0.0.4:9", "forward nat weight 0" },
	{ "udp:127.0.0.5:9999", "", "127.0.0.1", "forward nat" },
};

/* More than one message holds. */
static void add_many(struct ipvsctl_config *config, const char *address)
{
	struct ipvsctl_service service = service_of(address);

	must(ipvsctl_config_add_service(config, &service, &err), address);
	for (unsigned int i = 0; i < 300; i++) {
		char text[64];

		(void)snprintf(text, sizeof(text), "10.2.%u.%u", i / 250,
			       i % 250 + 1);
		struct ipvsctl_server server = server_of(&service, text);

		must(ipvsctl_config_add_server(config, &service, &server, &err),
		     text);
	}
}

static void send_datagram(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(9999),
				  .sin_addr.s_addr = htonl(0x7f000005) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	must(fd, "socket");
	must(sendto(fd, "", 1, 0, (void *)&to, sizeof(to)) == 1 ? 0 : -errno,
	     "sendto");
	(void)close(fd);
}

/* The kernel adds up its counters every 2 seconds. */
static struct ipvsctl_config *load_counted(struct ipvsctl *ctx)
{
	struct ipvsctl_service service = service_of("udp:127.0.0.5:9999");
	struct ipvsctl_config *config;
	const struct ipvsctl_server *server;

	for (int i = 0; i < 20; i++) {
		must(ipvsctl_load(ctx, IPVSCTL_SERVICES | IPVSCTL_COUNTERS,
				  NULL, &config, &err),
		     "load");
		server = ipvsctl_config_next_server(config, &service, NULL);
		if (server && server->counters.connections == 1)
			return config;
		ipvsctl_config_free(config);
		(void)usleep(500000);
	}
	must(-ETIME, "counters");
	return NULL;
}

static void test_counters(struct ipvsctl *ctx)
{
	struct ipvsctl_service held = service_of("fwmark:4294967295");
	struct ipvsctl_server server = server_of(&held, "10.0.0.3:0");
	struct ipvsctl_config *empty = load(ctx), *to = copy(empty);
	struct ipvsctl_config *full, *bare;

	for (size_t i = 0; i < sizeof(pools) / sizeof(pools[0]); i++)
		add_sample(to, &pools[i]);
	add_many(to, "tcp:192.0.2.9:1");
	add_many(to, "fwmark:10");
	must(ipvsctl_config_hold(to, &held, &server, "test", &err), "hold");
	must(apply(ctx, empty, to, NULL), "apply");
	send_datagram();
	full = load_counted(ctx);
	bare = load(ctx);
	compare_readings(full, bare);
	ok(!differs(ctx, to, IPVSCTL_SERVICES), "both as they were written");
	ipvsctl_config_free(empty);
	ipvsctl_config_free(full);
	ipvsctl_config_free(bare);
	ipvsctl_config_free(to);
	clear(ctx);
}

int main(void)
{
	struct ipvsctl *ctx;

	own_namespace();
	ctx = open_context(NULL);
	test_counters(ctx);
	ipvsctl_close(ctx);
	return finish();
}
