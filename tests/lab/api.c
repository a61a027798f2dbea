/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Drives the library against a real kernel: what is written reads back. */
#include <netinet/in.h>

#include "sample.h"
#include "tap.h"

/* ---- Everything a service or a server can be ------------------------------- */

static const struct sample samples[] = {
	{ "tcp:192.0.2.1:80", "scheduler rr", "10.0.0.1", "" },
	{ "tcp:192.0.2.1:81", "scheduler wrr", "10.0.0.1:8080",
	  "forward nat weight 2147483647" },
	{ "udp:192.0.2.1:53", "one-packet -", "10.0.0.1",
	  "upper-threshold 100 lower-threshold 50 weight 0" },
	{ "sctp:192.0.2.1:5000", "scheduler lc", "10.0.0.1", "" },
	{ "tcp:[2001:db8::1]:443", "scheduler wlc persistent 30 netmask 64",
	  "2001:db8::2", "" },
	{ "udp:[2001:db8::1]:443", "scheduler sh sched-flags sh-port",
	  "[2001:db8::2]:4433", "forward nat" },
	{ "fwmark:7", "persistent 100 netmask 24", "10.0.0.1:0", "" },
	{ "fwmark:4294967295", "scheduler sed one-packet -", "10.0.0.1:9",
	  "forward nat" },
	{ "fwmark:7/inet6", "scheduler nq", "2001:db8::3", "" },
	{ "tcp:192.0.2.2:0", "persistent 2678400 netmask 1", "10.0.0.1", "" },
	{ "udp:192.0.2.1:5060", "persistent 60 pe sip", "10.0.0.1", "" },
	{ "tcp:192.0.2.3:1", "scheduler sh sched-flags sh-port,sh-fallback",
	  "10.0.0.1", "forward tun" },
	{ "tcp:192.0.2.3:2", "scheduler mh sched-flags mh-port", "10.0.0.1",
	  "forward tun tunnel gue tunnel-port 6080 tunnel-checksum remote" },
	{ "tcp:192.0.2.3:3", "scheduler mh sched-flags mh-fallback", "10.0.0.1",
	  "forward tun tunnel gue tunnel-port 6080 tunnel-checksum full" },
	{ "tcp:192.0.2.3:4", "scheduler dh", "10.0.0.1",
	  "forward tun tunnel gre tunnel-checksum full" },
	{ "tcp:192.0.2.3:5", "scheduler lblc", "10.0.0.1",
	  "forward tun tunnel gue tunnel-port 65535" },
	{ "tcp:192.0.2.3:6", "scheduler lblcr", "2001:db8::9", "forward tun" },
	{ "tcp:[2001:db8::1]:7", "scheduler fo", "10.0.0.1", "forward tun" },
	{ "tcp:192.0.2.3:8", "scheduler ovf", "127.0.0.1", "" },
	{ "tcp:192.0.2.3:9", "scheduler rr", NULL, "" },
};

static void test_each_sample(struct ipvsctl *ctx)
{
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct ipvsctl_config *from = load(ctx);
		struct ipvsctl_config *to = copy(from);
		struct ipvsctl_outcome outcome;
		int r;

		add_sample(to, &samples[i]);
		r = apply(ctx, from, to, &outcome);
		ok(r == 0 && outcome.done == (samples[i].server ? 2 : 1) &&
			   !differs(ctx, to, IPVSCTL_SERVICES),
		   "%s %s %s is written and reads back", samples[i].service,
		   samples[i].attributes, samples[i].server_attributes);
		ipvsctl_config_free(from);
		ipvsctl_config_free(to);
	}
}

/* Each service takes over the attributes of every other sample it can have. */
static void test_changes(struct ipvsctl *ctx)
{
	struct ipvsctl_service target = service_of("udp:192.0.2.1:53");
	struct ipvsctl_server server = server_of(&target, "10.0.0.1");

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct ipvsctl_config *from = load(ctx);
		struct ipvsctl_config *to = copy(from);
		struct ipvsctl_service changed = service_of("udp:192.0.2.1:53");
		struct ipvsctl_server other = server;

		if (strchr(samples[i].service, '[') ||
		    strstr(samples[i].service, "inet6"))
			goto next;
		set_all(&changed, set_service, samples[i].attributes);
		set_all(&other, set_server, samples[i].server_attributes);
		must(ipvsctl_config_change_service(to, &changed, &err), "c");
		must(ipvsctl_config_change_server(to, &target, &other, &err),
		     "c");
		ok(apply(ctx, from, to, NULL) == 0 &&
			   !differs(ctx, to, IPVSCTL_SERVICES),
		   "a change to %s %s reads back", samples[i].attributes,
		   samples[i].server_attributes);
next:
		ipvsctl_config_free(from);
		ipvsctl_config_free(to);
	}
}

static void test_one(struct ipvsctl *ctx)
{
	struct ipvsctl_config *all = load(ctx), *config;

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct ipvsctl_service service = service_of(samples[i].service);
		const struct ipvsctl_service *one;

		must(ipvsctl_load(ctx, IPVSCTL_SERVICES, &service, &config,
				  &err),
		     "load one");
		one = ipvsctl_config_next_service(config, NULL);
		ok(one && !ipvsctl_service_compare(one, &service) &&
			   !ipvsctl_config_next_service(config, one) &&
			   ipvsctl_config_count_servers(config, &service) ==
				   ipvsctl_config_count_servers(all, &service),
		   "%s alone is loaded", samples[i].service);
		ipvsctl_config_free(config);
	}
	struct ipvsctl_service none = service_of("tcp:192.0.2.99:1");
	must(ipvsctl_load(ctx, IPVSCTL_SERVICES, &none, &config, &err), "load");
	ok(!ipvsctl_config_next_service(config, NULL),
	   "a service that is not there is no error");
	ipvsctl_config_free(config);
	ipvsctl_config_free(all);
}

/* The kernel keeps its newest server first. */
static void test_order(struct ipvsctl *ctx)
{
	struct ipvsctl_service service = service_of("tcp:192.0.2.98:80");
	struct ipvsctl_config *from = load(ctx), *to = copy(from), *now;
	const struct ipvsctl_server *first;

	must(ipvsctl_config_add_service(to, &service, &err), "add");
	for (int i = 1; i <= 2; i++) {
		struct ipvsctl_server server =
			server_of(&service, i == 1 ? "10.0.0.1" : "10.0.0.2");

		must(ipvsctl_config_add_server(to, &service, &server, &err),
		     "add");
	}
	must(apply(ctx, from, to, NULL), "apply");
	must(ipvsctl_load(ctx, IPVSCTL_SERVICES | IPVSCTL_UNSORTED, &service,
			  &now, &err),
	     "load");
	first = ipvsctl_config_next_server(now, &service, NULL);
	ok(first && first->address.bytes[3] == 2, "in the kernel's order");
	ipvsctl_config_free(now);
	ipvsctl_config_free(from);
	ipvsctl_config_free(to);
}

/* Also what nobody has loaded, with its holds. */
static void test_flush(struct ipvsctl *ctx)
{
	struct ipvsctl_config *empty, *now, *all = load(ctx);
	struct ipvsctl_config *held = copy(all);
	const struct ipvsctl_service *service;
	struct ipvsctl_plan *plan;

	service = ipvsctl_config_next_service(held, NULL);
	must(ipvsctl_config_hold(held, service,
				 ipvsctl_config_next_server(held, service, NULL),
				 "test", &err),
	     "hold");
	must(apply(ctx, all, held, NULL), "apply");
	must(ipvsctl_config_new(&empty, NULL), "new");
	must(ipvsctl_plan_compare(empty, empty, &plan, &err), "compare");
	must(ipvsctl_plan_flush(plan, NULL), "flush");
	must(ipvsctl_apply(ctx, plan, NULL, &err), "apply");
	ipvsctl_plan_free(plan);
	now = load(ctx);
	ok(!ipvsctl_config_next_service(now, NULL), "a flush deletes all");
	must(apply(ctx, now, all, NULL), "apply");
	ok(!differs(ctx, all, IPVSCTL_SERVICES), "and no hold comes back");
	ipvsctl_config_free(now);
	ipvsctl_config_free(empty);
	ipvsctl_config_free(held);
	ipvsctl_config_free(all);
}

static void test_delete(struct ipvsctl *ctx)
{
	struct ipvsctl_config *now;

	clear(ctx);
	now = load(ctx);
	ok(!ipvsctl_config_next_service(now, NULL), "all are deleted");
	ipvsctl_config_free(now);
}

/* ---- Refusals ------------------------------------------------------------------ */

/* A second program gets in first: the plan is out of date when it is applied. */
static void test_stale(struct ipvsctl *ctx)
{
	struct ipvsctl_config *empty = load(ctx);
	struct ipvsctl_config *to = copy(empty);
	struct ipvsctl_outcome outcome;

	add_sample(to, &samples[0]);
	must(apply(ctx, empty, to, NULL), "apply");
	ok(apply(ctx, empty, to, &outcome) == -EEXIST && !outcome.done &&
		   !outcome.standing &&
		   strcmp(err.subject, "tcp:192.0.2.1:80") == 0,
	   "a service that exists already: %s", err.message);
	clear(ctx);
	ok(apply(ctx, to, empty, &outcome) == -ENOENT && !outcome.standing,
	   "a service that is gone already: %s", err.message);
	ipvsctl_config_free(empty);
	ipvsctl_config_free(to);
}

/* ---- Single steps, without reading ------------------------------------------- */

/* Adds a server to a service of which nothing is known. */
static int add_blindly(struct ipvsctl *ctx,
		       const struct ipvsctl_service *service,
		       const char *address, struct ipvsctl_outcome *outcome)
{
	struct ipvsctl_server server = server_of(service, address);
	struct ipvsctl_config *from, *to;
	int r = ipvsctl_assume(ctx, service, NULL, &from, &err);

	if (r != 0)
		return r;
	to = copy(from);
	must(ipvsctl_config_add_server(to, service, &server, &err), "add");
	r = apply(ctx, from, to, outcome);
	ipvsctl_config_free(from);
	ipvsctl_config_free(to);
	return r;
}

static void test_assume(struct ipvsctl *ctx)
{
	struct ipvsctl_service service = service_of("tcp:192.0.2.1:80");
	struct ipvsctl_service missing = service_of("tcp:192.0.2.1:81");
	struct ipvsctl_server server = server_of(&service, "10.0.0.1");
	struct ipvsctl_config *now, *to;
	struct ipvsctl_outcome outcome;

	clear(ctx);
	now = load(ctx);
	to = copy(now);
	add_sample(to, &samples[0]);
	must(apply(ctx, now, to, NULL), "apply");
	ipvsctl_config_free(now);
	ipvsctl_config_free(to);
	ok(add_blindly(ctx, &service, "10.0.0.2", &outcome) == 0 &&
		   outcome.done == 1,
	   "a server is added without reading the others");
	now = load(ctx);
	ok(ipvsctl_config_count_servers(now, &service) == 2,
	   "and stands beside them");
	ok(add_blindly(ctx, &service, "10.0.0.2", &outcome) == -EEXIST &&
		   !outcome.done && !outcome.standing,
	   "one that exists is refused: %s", err.message);
	ok(add_blindly(ctx, &missing, "10.0.0.2", &outcome) == -ENOENT &&
		   !outcome.done && !outcome.standing,
	   "so is one of a service that does not: %s", err.message);
	to = copy(now);
	must(ipvsctl_config_hold(to, &service, &server, "test", &err), "hold");
	must(apply(ctx, now, to, NULL), "apply");
	ok(add_blindly(ctx, &service, "10.0.0.3", &outcome) == 1,
	   "where a server is held, everything must be read");
	ipvsctl_config_free(now);
	ipvsctl_config_free(to);
	clear(ctx);
}

static void expect_refusal(struct ipvsctl *ctx,
			   const struct ipvsctl_service *service,
			   const struct ipvsctl_server *server, int code,
			   const char *what)
{
	struct ipvsctl_config *from = load(ctx);
	struct ipvsctl_config *to = copy(from);
	struct ipvsctl_outcome outcome;
	int r;

	must(ipvsctl_config_add_service(to, service, &err), "add");
	if (server)
		must(ipvsctl_config_add_server(to, service, server, &err),
		     "add");
	err = (struct ipvsctl_error){ .code = 0 };
	r = apply(ctx, from, to, &outcome);
	ok(r == code && err.kernel_errno && !outcome.done &&
		   !outcome.standing && err.message[0] && err.subject[0] &&
		   !differs(ctx, from, IPVSCTL_SERVICES),
	   "%s: %d %s: %s", what, r, err.subject, err.message);
	ipvsctl_config_free(from);
	ipvsctl_config_free(to);
}

static void test_refusals(struct ipvsctl *ctx)
{
	struct ipvsctl_service service = service_of("tcp:192.0.2.1:80");
	struct ipvsctl_server server;

	(void)snprintf(service.scheduler, sizeof(service.scheduler), "nosuch");
	expect_refusal(ctx, &service, NULL, -EOPNOTSUPP, "no such scheduler");
	service = service_of("tcp:192.0.2.1:80");
	(void)snprintf(service.persistence_engine,
		       sizeof(service.persistence_engine), "nosuch");
	expect_refusal(ctx, &service, NULL, -EOPNOTSUPP, "no such engine");
	service = service_of("tcp:192.0.2.1:80");
	server = server_of(&service, "224.0.0.1");
	expect_refusal(ctx, &service, &server, -EINVAL, "a multicast server");
	server = server_of(&service, "10.0.0.1");
	server.upper_threshold = 1;
	server.lower_threshold = 2;
	expect_refusal(ctx, &service, &server, -EINVAL, "thresholds crossed");
	server = server_of(&service, "2001:db8::1");
	expect_refusal(ctx, &service, &server, -EINVAL, "families mixed");
	service = service_of("tcp:[2001:db8::1]:80");
	service.netmask = 129;
	expect_refusal(ctx, &service, NULL, -EINVAL, "a prefix too long");
}

/* ---- Many at once, and back ------------------------------------------------------ */

static void add_many(struct ipvsctl_config *config, unsigned int services,
		     unsigned int servers)
{
	char text[64];

	for (unsigned int i = 0; i < services; i++) {
		(void)snprintf(text, sizeof(text), "tcp:10.1.%u.%u:80", i / 250,
			       i % 250 + 1);
		struct ipvsctl_service service = service_of(text);

		must(ipvsctl_config_add_service(config, &service, &err), text);
		for (unsigned int j = 0; j < servers; j++) {
			(void)snprintf(text, sizeof(text), "10.2.%u.%u",
				       j / 250, j % 250 + 1);
			struct ipvsctl_server server =
				server_of(&service, text);

			must(ipvsctl_config_add_server(config, &service,
						       &server, &err),
			     text);
		}
	}
}

/* The last of many steps is refused: all the others are taken back. */
static void test_undo_adds(struct ipvsctl *ctx)
{
	struct ipvsctl_config *empty = load(ctx), *to = copy(empty);
	struct ipvsctl_service last = service_of("tcp:192.0.2.200:80");
	struct ipvsctl_outcome outcome;
	int r;

	add_many(to, 300, 5);
	must(apply(ctx, empty, to, &outcome), "apply");
	ok(outcome.done == 1800 && !differs(ctx, to, IPVSCTL_SERVICES),
	   "1800 steps are done and read back");
	ok(apply(ctx, empty, to, &outcome) == -EEXIST && !outcome.standing &&
		   !outcome.undone && !differs(ctx, to, IPVSCTL_SERVICES),
	   "hundreds of refusals in one send are all taken in");
	clear(ctx);
	(void)snprintf(last.scheduler, sizeof(last.scheduler), "nosuch");
	must(ipvsctl_config_add_service(to, &last, &err), "add");
	r = apply(ctx, empty, to, &outcome);
	ok(r == -EOPNOTSUPP && !outcome.standing && !outcome.done &&
		   outcome.undone > 0 && !differs(ctx, empty, IPVSCTL_SERVICES),
	   "%zu of 1800 steps are undone after a refusal", outcome.undone);
	ipvsctl_config_free(empty);
	ipvsctl_config_free(to);
}

/*
 * Changes and deletions come back, too: the servers of a service that the
 * kernel deleted, and the old attributes. Two services are to go; the second
 * has gone already.
 */
static void test_undo_deletes(struct ipvsctl *ctx)
{
	struct ipvsctl_service first = service_of("tcp:10.1.0.1:80");
	struct ipvsctl_service last = service_of("tcp:10.1.0.2:80");
	struct ipvsctl_service kept = service_of("tcp:10.1.0.3:80");
	struct ipvsctl_config *empty = load(ctx), *from, *to, *left;
	struct ipvsctl_server server = server_of(&kept, "10.2.0.1");
	struct ipvsctl_outcome outcome;
	int r;

	to = copy(empty);
	add_many(to, 3, 120);
	must(apply(ctx, empty, to, NULL), "apply");
	ipvsctl_config_free(to);
	from = load(ctx);
	left = copy(from);
	must(ipvsctl_config_delete_service(left, &last, &err), "delete");
	must(apply(ctx, from, left, NULL), "apply");
	to = copy(left);
	must(ipvsctl_config_delete_service(to, &first, &err), "delete");
	server.weight = 77;
	must(ipvsctl_config_change_server(to, &kept, &server, &err), "change");
	(void)snprintf(kept.scheduler, sizeof(kept.scheduler), "rr");
	must(ipvsctl_config_change_service(to, &kept, &err), "change");
	r = apply(ctx, from, to, &outcome);
	ok(r == -ENOENT && strcmp(err.subject, "tcp:10.1.0.2:80") == 0,
	   "the second deletion is refused: %s", err.message);
	ok(!outcome.standing && outcome.undone == 123 &&
		   !differs(ctx, left, IPVSCTL_SERVICES),
	   "%zu steps are undone, the first service is back with its servers",
	   outcome.undone);
	ipvsctl_config_free(from);
	ipvsctl_config_free(left);
	ipvsctl_config_free(to);
	ipvsctl_config_free(empty);
	clear(ctx);
}

/* ---- Sync daemons, timeouts, counters, information ---------------------------------- */

static void test_timeouts(struct ipvsctl *ctx)
{
	static const struct ipvsctl_timeouts wanted = { .tcp = 1000,
							.tcp_fin = 100,
							.udp = 200 };
	struct ipvsctl_config *from, *to, *again;
	const struct ipvsctl_timeouts *now;

	must(ipvsctl_load(ctx, IPVSCTL_TIMEOUTS, NULL, &from, &err), "load");
	now = ipvsctl_config_get_timeouts(from);
	ok(now && now->tcp == 900 && now->tcp_fin == 120 && now->udp == 300,
	   "the kernel's own timeouts are read");
	to = copy(from);
	ipvsctl_config_set_timeouts(to, &wanted);
	ok(apply(ctx, from, to, NULL) == 0 &&
		   !differs(ctx, to, IPVSCTL_TIMEOUTS),
	   "timeouts are set and read back");
	again = copy(to);
	ipvsctl_config_set_timeouts(again, &(struct ipvsctl_timeouts){
						   .tcp = 0x7fffffff });
	ok(apply(ctx, to, again, NULL) == -EINVAL &&
		   !differs(ctx, to, IPVSCTL_TIMEOUTS),
	   "a timeout too long is refused: %s", err.message);
	ipvsctl_config_free(from);
	ipvsctl_config_free(to);
	ipvsctl_config_free(again);
}

static struct ipvsctl_sync sync_of(const char *role, const char *id,
				   const char *group)
{
	struct ipvsctl_sync sync;

	must(ipvsctl_sync_parse(role, &sync, &err), role);
	must(ipvsctl_sync_set(&sync, "dev", "lo", &err), "dev");
	must(ipvsctl_sync_set(&sync, "id", id, &err), "id");
	must(ipvsctl_sync_set(&sync, "group", group, &err), "group");
	must(ipvsctl_sync_check(&sync, &err), "check");
	return sync;
}

static void test_sync(struct ipvsctl *ctx)
{
	struct ipvsctl_sync master = sync_of("master", "3", "224.0.0.81");
	struct ipvsctl_sync backup = sync_of("backup", "3", "224.0.0.82");
	struct ipvsctl_config *none, *both, *bad;

	must(ipvsctl_load(ctx, IPVSCTL_SYNC, NULL, &none, &err), "load");
	both = copy(none);
	ipvsctl_config_set_sync(both, &master);
	ipvsctl_config_set_sync(both, &backup);
	ok(apply(ctx, none, both, NULL) == 0 &&
		   !differs(ctx, both, IPVSCTL_SYNC),
	   "both daemons are started and read back");
	bad = copy(both);
	backup.port = 9999;
	backup.ttl = 7;
	ipvsctl_config_set_sync(bad, &backup);
	ok(apply(ctx, both, bad, NULL) == 0 && !differs(ctx, bad, IPVSCTL_SYNC),
	   "a daemon is changed");
	must(apply(ctx, bad, both, NULL), "back");
	(void)snprintf(backup.interface, sizeof(backup.interface), "nosuch0");
	ipvsctl_config_set_sync(bad, &backup);
	ok(apply(ctx, both, bad, NULL) == -EINVAL &&
		   strcmp(err.subject, "backup") == 0 &&
		   !differs(ctx, both, IPVSCTL_SYNC),
	   "a refused change leaves the old daemon running: %s", err.message);
	ok(apply(ctx, none, both, NULL) == -EEXIST &&
		   !differs(ctx, both, IPVSCTL_SYNC),
	   "a daemon that runs already: %s", err.message);
	ok(apply(ctx, both, none, NULL) == 0 &&
		   !differs(ctx, none, IPVSCTL_SYNC),
	   "both daemons are stopped");
	ok(apply(ctx, both, none, NULL) == -ENOENT,
	   "a daemon that does not run: %s", err.message);
	ipvsctl_config_free(none);
	ipvsctl_config_free(both);
	ipvsctl_config_free(bad);
}

static void test_zero(struct ipvsctl *ctx)
{
	struct ipvsctl_service service = service_of("tcp:192.0.2.50:80");
	struct ipvsctl_config *now = load(ctx);
	struct ipvsctl_outcome outcome;
	struct ipvsctl_plan *plan;

	must(ipvsctl_plan_compare(now, now, &plan, &err), "compare");
	must(ipvsctl_plan_zero(plan, IPVSCTL_SERVICES, NULL, NULL), "zero");
	ok(ipvsctl_apply(ctx, plan, &outcome, &err) == 0 && outcome.done == 1,
	   "all counters are zeroed");
	must(ipvsctl_plan_zero(plan, IPVSCTL_SERVICES, &service, NULL), "zero");
	/* What the first step zeroed does not come back. */
	ok(ipvsctl_apply(ctx, plan, &outcome, &err) == -ENOENT &&
		   outcome.standing == 1 &&
		   strcmp(err.subject, "tcp:192.0.2.50:80") == 0,
	   "counters of a service that is not there: %s", err.message);
	ipvsctl_plan_free(plan);
	ipvsctl_config_free(now);
}

static void test_info(struct ipvsctl *ctx)
{
	struct ipvsctl_info info = { .version = 0 };

	ok(ipvsctl_info(ctx, &info, &err) == 0 && info.version >= 0x010201,
	   "IPVS is version %06x", info.version);
}

int main(void)
{
	struct ipvsctl *ctx;

	own_namespace();
	ctx = open_context(NULL);
	test_info(ctx);
	test_each_sample(ctx);
	test_changes(ctx);
	test_one(ctx);
	test_order(ctx);
	test_flush(ctx);
	test_delete(ctx);
	test_stale(ctx);
	test_assume(ctx);
	test_refusals(ctx);
	test_undo_adds(ctx);
	test_undo_deletes(ctx);
	test_timeouts(ctx);
	test_sync(ctx);
	test_zero(ctx);
	ipvsctl_close(ctx);
	return finish();
}
