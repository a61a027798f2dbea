/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The library among others: reading while another process changes the table,
 * the lock, holds, namespaces, a caller without privileges, connections.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

#include "tap.h"

#define STABLE	300 /* several messages of a dump */
#define READERS 40

/* ---- Reading under change ------------------------------------------------------ */

static void name_service(char text[64], const char *net, unsigned int i)
{
	(void)snprintf(text, 64, "tcp:%s.%u.%u:80", net, i / 250, i % 250 + 1);
}

static void add_services(struct ipvsctl_config *config, const char *net,
			 unsigned int count)
{
	char text[64];

	for (unsigned int i = 0; i < count; i++) {
		name_service(text, net, i);
		struct ipvsctl_service service = service_of(text);
		struct ipvsctl_server server = server_of(&service, "10.2.0.1");

		must(ipvsctl_config_add_service(config, &service, &err), text);
		must(ipvsctl_config_add_server(config, &service, &server, &err),
		     text);
	}
}

/* Adds and deletes services until it is killed. */
static void churn(void)
{
	struct ipvsctl *ctx = open_context(NULL);
	struct ipvsctl_service none = service_of("tcp:10.9.0.1:1");
	struct ipvsctl_config *empty, *some;

	must(ipvsctl_load(ctx, IPVSCTL_SERVICES, &none, &empty, &err), "load");
	some = copy(empty);
	add_services(some, "10.8", 40);
	for (;;) {
		(void)apply(ctx, empty, some, NULL);
		(void)apply(ctx, some, empty, NULL);
		(void)usleep(2000);
	}
}

static pid_t start(void (*body)(void))
{
	pid_t pid = fork();

	if (pid == 0) {
		body();
		_exit(0);
	}
	must(pid, "fork");
	return pid;
}

static void stop(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

/* Whether every stable service is there, with its server. */
static bool complete(const struct ipvsctl_config *config)
{
	char text[64];

	for (unsigned int i = 0; i < STABLE; i++) {
		name_service(text, "10.1", i);
		struct ipvsctl_service service = service_of(text);

		if (ipvsctl_config_count_servers(config, &service) != 1)
			return false;
	}
	return true;
}

/* No service of the other process is ever without its server, either. */
static size_t half_read(const struct ipvsctl_config *config)
{
	size_t count = 0;

	ipvsctl_for_each_service(config, service)
		count += !ipvsctl_config_count_servers(config, service);
	return count;
}

static void test_churn(struct ipvsctl *ctx)
{
	struct ipvsctl_config *empty = load(ctx), *to = copy(empty);
	unsigned int whole = 0, again = 0, broken = 0;
	pid_t pid;

	add_services(to, "10.1", STABLE);
	must(apply(ctx, empty, to, NULL), "apply");
	pid = start(churn);
	for (int i = 0; i < READERS; i++) {
		struct ipvsctl_config *now;
		int r = ipvsctl_load(ctx, IPVSCTL_SERVICES, NULL, &now, &err);

		if (r == -EAGAIN) {
			again++;
			continue;
		}
		must(r, "load");
		whole += complete(now);
		broken += !complete(now);
		if (half_read(now) > 1)
			(void)printf("# %zu services without servers\n",
				     half_read(now));
		ipvsctl_config_free(now);
	}
	stop(pid);
	ok(!broken, "no reading misses a service that was there all the time");
	ok(whole > 0, "%u of %d readings were complete, %u gave up", whole,
	   READERS, again);
	clear(ctx);
	ipvsctl_config_free(empty);
	ipvsctl_config_free(to);
}

/* ---- The lock --------------------------------------------------------------------- */

/* Stops when it has the lock, and keeps it for a while when it goes on. */
static void hold_lock(void)
{
	struct ipvsctl *ctx = open_context(NULL);

	must(ipvsctl_lock(ctx, 1000, &err), "lock");
	(void)raise(SIGSTOP);
	(void)usleep(300000);
	ipvsctl_close(ctx);
}

static void test_lock(struct ipvsctl *ctx)
{
	pid_t pid;

	ok(ipvsctl_lock(ctx, 0, &err) == 0, "a free lock is taken");
	ok(ipvsctl_lock(ctx, 0, &err) == 0, "and may be taken twice");
	ipvsctl_unlock(ctx);
	pid = start(hold_lock);
	must(waitpid(pid, NULL, WUNTRACED), "waitpid");
	ok(ipvsctl_lock(ctx, 50, &err) == -EBUSY, "a lock held elsewhere: %s",
	   err.message);
	(void)kill(pid, SIGCONT);
	ok(ipvsctl_lock(ctx, 30000, &err) == 0, "is had by waiting for it");
	ipvsctl_unlock(ctx);
	stop(pid);
}

/* ---- Holds -------------------------------------------------------------------------- */

/* The weight that the kernel itself has, from its own listing. */
static long kernel_weight(const char *server)
{
	FILE *file = fopen("/proc/thread-self/net/ip_vs", "re");
	char line[256];
	long weight = -1;

	while (file && fgets(line, sizeof(line), file)) {
		const char *found = strstr(line, server);

		if (found)
			(void)sscanf(found + strlen(server), "%*s %ld", &weight);
	}
	if (file)
		(void)fclose(file);
	return weight;
}

static size_t count_files(void)
{
	DIR *directory = opendir("/run/lbctl");
	size_t count = 0;

	for (struct dirent *entry; directory && (entry = readdir(directory));)
		count += strstr(entry->d_name, "holds.") != NULL;
	if (directory)
		(void)closedir(directory);
	return count;
}

struct held {
	struct ipvsctl_service service;
	struct ipvsctl_server server;
};

/* Holds or, without hold, releases, having loaded that service only. */
static int set_hold(struct ipvsctl *ctx, const struct held *held,
		    const char *reason, bool hold)
{
	struct ipvsctl_config *from, *to;
	int r;

	must(ipvsctl_load(ctx, IPVSCTL_SERVICES, &held->service, &from, &err),
	     "load");
	to = copy(from);
	if (hold)
		must(ipvsctl_config_hold(to, &held->service, &held->server,
					 reason, &err),
		     "hold");
	else
		must(ipvsctl_config_release(to, &held->service, &held->server,
					    reason, &err),
		     "release");
	r = apply(ctx, from, to, NULL);
	ipvsctl_config_free(from);
	ipvsctl_config_free(to);
	return r;
}

static struct ipvsctl_server read_server(const struct held *held)
{
	struct ipvsctl *ctx = open_context(NULL);
	struct ipvsctl_config *config = load(ctx);
	struct ipvsctl_server server =
		*ipvsctl_config_find_server(config, &held->service,
					    &held->server);

	ipvsctl_config_free(config);
	ipvsctl_close(ctx);
	return server;
}

static void add_held(struct ipvsctl *ctx, struct held *ret_held,
		     const char *service, const char *server)
{
	struct ipvsctl_config *from = load(ctx), *to = copy(from);

	ret_held->service = service_of(service);
	ret_held->server = server_of(&ret_held->service, server);
	ret_held->server.weight = 5;
	must(ipvsctl_config_add_service(to, &ret_held->service, &err), "add");
	must(ipvsctl_config_add_server(to, &ret_held->service,
				       &ret_held->server, &err),
	     "add");
	must(apply(ctx, from, to, NULL), "apply");
	ipvsctl_config_free(from);
	ipvsctl_config_free(to);
}

static void test_holds(struct ipvsctl *ctx)
{
	struct held first, second;
	struct ipvsctl_server now;

	add_held(ctx, &first, "tcp:192.0.2.1:80", "10.0.0.1");
	add_held(ctx, &second, "tcp:192.0.2.2:80", "10.0.0.2");
	ok(set_hold(ctx, &first, "admin", true) == 0 &&
		   kernel_weight("0A000001:0050") == 0,
	   "a held server has weight 0 in the kernel");
	now = read_server(&first);
	ok(now.held && now.weight == 5, "another context sees it held at 5");
	ok(set_hold(ctx, &second, "check:web", true) == 0 &&
		   kernel_weight("0A000002:0050") == 0 &&
		   read_server(&first).held,
	   "a hold under another service leaves the first alone");
	ok(set_hold(ctx, &first, "check:web", true) == 0 &&
		   set_hold(ctx, &first, "admin", false) == 0 &&
		   kernel_weight("0A000001:0050") == 0,
	   "one of two reasons is left");
	ok(set_hold(ctx, &first, "check:web", false) == 0 &&
		   kernel_weight("0A000001:0050") == 5 &&
		   !read_server(&first).held,
	   "without a reason the weight is back");
	ok(count_files() == 1 && set_hold(ctx, &second, NULL, false) == 0 &&
		   count_files() == 0,
	   "the file of holds goes with the last hold");
	must(set_hold(ctx, &first, "admin", true), "hold");
	clear(ctx);
	ok(count_files() == 0, "a deleted service takes its holds along");
}

/* Of a plan that is refused nothing stays, holds included. */
static void test_hold_undone(struct ipvsctl *ctx)
{
	struct ipvsctl_service bad = service_of("tcp:192.0.2.9:80");
	struct ipvsctl_config *from, *to;
	struct held held;

	add_held(ctx, &held, "tcp:192.0.2.1:80", "10.0.0.1");
	from = load(ctx);
	to = copy(from);
	must(ipvsctl_config_hold(to, &held.service, &held.server, "admin", &err),
	     "hold");
	(void)snprintf(bad.scheduler, sizeof(bad.scheduler), "nosuch");
	must(ipvsctl_config_add_service(to, &bad, &err), "add");
	ok(apply(ctx, from, to, NULL) == -EOPNOTSUPP &&
		   kernel_weight("0A000001:0050") == 5 && count_files() == 0,
	   "a refused plan leaves no hold behind");
	ipvsctl_config_free(from);
	ipvsctl_config_free(to);
	clear(ctx);
}

/* ---- Namespaces and privileges ------------------------------------------------------- */

static void test_netns(struct ipvsctl *ctx)
{
	static const char *const add[] = { "ip", "netns", "add", "lab-a", NULL };
	/* Without any address at all the kernel takes no address for unicast. */
	static const char *const up[] = { "ip",	 "-n", "lab-a", "link",
					  "set", "lo", "up",	NULL };
	static const char *const remove[] = { "ip", "netns", "delete", "lab-a",
					      NULL };
	static const char *const bad[] = { "", "/", ".", ".." };
	static const char *const missing[] = { "nosuch", "a/b" };
	struct ipvsctl *other;
	struct ipvsctl_config *empty, *here;
	struct held held;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(ipvsctl_open(&other, bad[i], &err) == -EINVAL,
		   "'%s' names no namespace: %s", bad[i], err.message);
	for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++)
		ok(ipvsctl_open(&other, missing[i], &err) == -ENOENT &&
			   err.hint[0],
		   "a namespace that is not there: %s", err.message);
	must(run(add) == 0 && run(up) == 0 ? 0 : -1, "ip netns add");
	other = open_context("lab-a");
	add_held(other, &held, "tcp:192.0.2.1:80", "10.0.0.1");
	must(set_hold(other, &held, "admin", true), "hold");
	here = load(ctx);
	empty = load(other);
	ok(!ipvsctl_config_next_service(here, NULL) &&
		   ipvsctl_config_next_service(empty, NULL),
	   "services in a named namespace are there and not here");
	ok(ipvsctl_config_find_server(empty, &held.service, &held.server)->held,
	   "and so are holds");
	ipvsctl_config_free(here);
	ipvsctl_config_free(empty);
	clear(other);
	ipvsctl_close(other);
	must(run(remove) == 0 ? 0 : -1, "ip netns delete");
}

static void without_privileges(void)
{
	struct ipvsctl *ctx;
	struct ipvsctl_config *config;

	if (setgid(65534) < 0 || setuid(65534) < 0)
		_exit(9);
	if (ipvsctl_open(&ctx, NULL, &err) < 0)
		_exit(8);
	if (ipvsctl_load(ctx, IPVSCTL_SERVICES, NULL, &config, &err) != -EPERM)
		_exit(7);
	if (ipvsctl_lock(ctx, 0, &err) != -EPERM)
		_exit(6);
	ipvsctl_close(ctx);
	_exit(0);
}

static void test_privileges(void)
{
	pid_t pid = start(without_privileges);
	int status = -1;

	(void)waitpid(pid, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	   "without CAP_NET_ADMIN everything is -EPERM (%d)",
	   WEXITSTATUS(status));
}

/* ---- Connections ----------------------------------------------------------------------- */

struct count {
	unsigned int ipv4;
	unsigned int ipv6;
	int stop;
};

static int count_one(const struct ipvsctl_connection *connection, void *data)
{
	struct count *count = data;
	if (connection->protocol == IPPROTO_UDP &&
	    connection->service_port == 5353 &&
	    connection->server_port == 5454) {
		count->ipv4 += connection->client.family == AF_INET;
		count->ipv6 += connection->client.family == AF_INET6;
	}
	return count->stop;
}

/* Sends a datagram to port 5353 of the loopback address from that port. */
static void send_one(int family, in_port_t port)
{
	struct sockaddr_in ipv4 = { .sin_family = AF_INET,
				    .sin_port = htons(port),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6,
				     .sin6_port = htons(port),
				     .sin6_addr = in6addr_loopback };
	const struct sockaddr *address =
		family == AF_INET ? (void *)&ipv4 : (void *)&ipv6;
	socklen_t size = family == AF_INET ? sizeof(ipv4) : sizeof(ipv6);
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	must(bind(fd, address, size), "bind");
	ipv4.sin_port = htons(5353);
	ipv6.sin6_port = htons(5353);
	must((int)sendto(fd, "x", 1, 0, address, size), "sendto");
	(void)close(fd);
}

static void add_local(struct ipvsctl_config *config, const char *vip,
		      const char *address)
{
	struct ipvsctl_service service = service_of(vip);
	struct ipvsctl_server server = server_of(&service, address);

	server.forward = IPVSCTL_FORWARD_NAT;
	must(ipvsctl_config_add_service(config, &service, &err), "add");
	must(ipvsctl_config_add_server(config, &service, &server, &err), "add");
}

static void test_connections(struct ipvsctl *ctx)
{
	struct count count = { .stop = 0 };
	struct ipvsctl_config *from = load(ctx), *to = copy(from);

	ok(ipvsctl_each_connection(ctx, count_one, &count, &err) == 0 &&
		   !count.ipv4 && !count.ipv6,
	   "an empty connection table is read");
	add_local(to, "udp:127.0.0.1:5353", "127.0.0.1:5454");
	add_local(to, "udp:[::1]:5353", "[::1]:5454");
	must(apply(ctx, from, to, NULL), "apply");
	/* More than a page of the table. */
	for (in_port_t i = 0; i < 150; i++)
		send_one(AF_INET, (in_port_t)(20000 + i));
	send_one(AF_INET6, 20000);
	must(ipvsctl_each_connection(ctx, count_one, &count, &err), "walk");
	ok(count.ipv4 == 150 && count.ipv6 == 1,
	   "connections are read: %u IPv4, %u IPv6", count.ipv4, count.ipv6);
	count.stop = 7;
	ok(ipvsctl_each_connection(ctx, count_one, &count, &err) == 7,
	   "the walk ends when it is told to");
	clear(ctx);
	ipvsctl_config_free(from);
	ipvsctl_config_free(to);
}

int main(void)
{
	struct ipvsctl *ctx;

	own_namespace();
	ctx = open_context(NULL);
	test_lock(ctx);
	test_holds(ctx);
	test_hold_undone(ctx);
	test_netns(ctx);
	test_privileges();
	test_connections(ctx);
	test_churn(ctx);
	ipvsctl_close(ctx);
	return finish();
}
