/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Reads the kernel's state into a configuration, complete or not at all.
 *
 * A dump of one message is a snapshot: the kernel makes it under one lock (6.1)
 * or in one RCU section (7.2). The kernel continues a longer dump by counting
 * entries. If they change meanwhile, it misses some and repeats others, without
 * saying so. So a longer dump is repeated until two in a row agree.
 *
 * A writer in step with the dumps can make both miss the same service. The
 * older interface, whose answers are snapshots, then has a service more. If it
 * has the same services, all of them IPv4, one dump is enough: to miss a
 * service, the dump must contain another that was deleted since.
 *
 * Without counters, servers are read through the older interface if it can
 * report everything about them.
 */
#include <linux/ip_vs.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include "kernel/context.h"
#include "kernel/netns.h"
#include "kernel/run-state.h"
#include "kernel/sockopt.h"
#include "model/config.h"
#include "model/error.h"
#include "netlink/codec.h"

#define TRIES 20

/* The sources of services and servers, and the choice of what to read. */
struct source {
	struct genl *genl;
	struct sockopt sockopt;
	bool counters;
	bool unsorted;
	const struct server_table *only; /* only these servers; NULL: all */
};

/* The state of reading one dump, or one answer, into a configuration. */
struct reading {
	struct ipvsctl_config *config;
	struct service_entry *entry;	 /* the service of the servers */
	const struct server_table *only; /* only these; NULL: all */
	unsigned int first;		 /* datagram with data */
	bool torn;			 /* not a snapshot */
	struct ipvsctl_error *err;
};

static int fail_malformed(struct ipvsctl_error *err)
{
	return fail(err, -EIO, "the kernel's answer is malformed");
}

static int fail_changing(struct ipvsctl_error *err)
{
	return fail(err, -EAGAIN,
		    "services or servers kept changing while they were read");
}

/* Notes if the dump is torn; returns whether there is an object to decode. */
static bool note(struct reading *reading, const struct genl_reply *reply)
{
	if (reply->interrupted)
		reading->torn = true;
	if (!reply->data)
		return false;
	if (!reading->first)
		reading->first = reply->datagram;
	if (reply->datagram != reading->first)
		reading->torn = true;
	return true;
}

/* Handles a reply without an object: a refusal, or the end of a dump. */
static int note_end(const struct reading *reading,
		    const struct genl_reply *reply)
{
	return reply->raw ? fail_kernel(reading->err, OPERATION_READ,
					reply->raw, reply->text) :
			    0;
}

static int add_failed(const struct reading *reading, int r)
{
	return r == -ENOMEM ? fail_memory(reading->err) : 0;
}

/* ---- Servers -------------------------------------------------------------- */

static int take_server(const struct genl_reply *reply, void *data)
{
	struct reading *reading = data;
	const struct ipvsctl_service *service = &reading->entry->service;
	struct ipvsctl_server server;

	if (!note(reading, reply))
		return note_end(reading, reply);
	if (codec_get_server(reply->data, reply->length,
			     service->address.family, &server) < 0)
		return fail_malformed(reading->err);
	if (reading->only && !table_server(reading->only, &server))
		return 0;
	/* Replies have the same size: make room for those of this datagram. */
	if (!reading->entry->table.count &&
	    table_reserve(&reading->entry->table,
			  reply->left / reply->length + 1) < 0)
		return fail_memory(reading->err);
	return add_failed(reading,
			  table_add_server(&reading->entry->table, &server));
}

static int queue_servers(struct genl *genl,
			 const struct ipvsctl_service *service)
{
	if (genl_start(genl, IPVS_CMD_GET_DEST, NLM_F_DUMP) < 0 ||
	    codec_put_service_identity(genl->request, service) < 0)
		return -ENOMEM;
	return genl_queue(genl);
}

static int dump_servers(struct genl *genl, struct reading *reading)
{
	if (queue_servers(genl, &reading->entry->service) < 0)
		return fail_memory(reading->err);
	return genl_exchange(genl, take_server, reading, reading->err);
}

static bool same_servers(const struct server_table *a,
			 const struct server_table *b)
{
	const struct ipvsctl_server *server = NULL;

	if (a->count != b->count)
		return false;
	while ((server = table_next_server(a, server)))
		if (!table_server(b, server))
			return false;
	return true;
}

static void swap_tables(struct server_table *a, struct server_table *b)
{
	struct server_table table = *a;

	*a = *b;
	*b = table;
}

/* Reads the servers once more and leaves the newer reading in entry. */
static int reread_servers(const struct source *source,
			  struct service_entry *entry, bool *ret_same,
			  struct ipvsctl_error *err)
{
	CLEANUP(config_freep) struct ipvsctl_config *fresh = NULL;
	struct reading reading = { .only = source->only, .err = err };
	int r;

	if (ipvsctl_config_new(&fresh, NULL) < 0 ||
	    ipvsctl_config_add_service(fresh, &entry->service, NULL) < 0)
		return fail_memory(err);
	reading.entry = config_next_entry(fresh, NULL);
	r = dump_servers(source->genl, &reading);
	if (r < 0)
		return r;
	*ret_same = !reading.torn ||
		    same_servers(&entry->table, &reading.entry->table);
	swap_tables(&entry->table, &reading.entry->table);
	return 0;
}

static int settle_servers(const struct source *source,
			  struct service_entry *entry,
			  struct ipvsctl_error *err)
{
	bool same = false;
	int r;

	for (int i = 0; i < TRIES; i++) {
		r = reread_servers(source, entry, &same, err);
		if (r < 0 || same)
			return r;
	}
	return fail_changing(err);
}

/* Reads the servers of an entry that has none yet. */
static int read_servers(struct source *source, struct service_entry *entry,
			struct ipvsctl_error *err)
{
	struct reading reading = { .entry = entry,
				   .only = source->only,
				   .err = err };
	int r = source->counters ?
			-EOPNOTSUPP :
			sockopt_read_servers(&source->sockopt, source->only,
					     !source->unsorted, entry);

	if (r == -ENOMEM)
		return fail_memory(err);
	if (r == 0)
		return 0;
	r = dump_servers(source->genl, &reading);
	if (r == 0 && reading.torn)
		r = settle_servers(source, entry, err);
	return r;
}

/* ---- All services ------------------------------------------------------------ */

static int take_service(const struct genl_reply *reply, void *data)
{
	struct reading *reading = data;
	struct ipvsctl_service service;

	if (!note(reading, reply))
		return note_end(reading, reply);
	if (codec_get_service(reply->data, reply->length, &service) < 0)
		return fail_malformed(reading->err);
	return add_failed(reading, ipvsctl_config_add_service(reading->config,
							      &service, NULL));
}

static int read_services(struct genl *genl, struct ipvsctl_config *config,
			 bool *ret_torn, struct ipvsctl_error *err)
{
	struct reading reading = { .config = config, .err = err };
	int r;

	if (genl_start(genl, IPVS_CMD_GET_SERVICE, NLM_F_DUMP) < 0 ||
	    genl_queue(genl) < 0)
		return fail_memory(err);
	r = genl_exchange(genl, take_service, &reading, err);
	if (r == 0)
		*ret_torn = reading.torn;
	return r;
}

static bool same_services(const struct ipvsctl_config *a,
			  const struct ipvsctl_config *b)
{
	const struct service_entry *entry = NULL;

	if (a->count != b->count)
		return false;
	while ((entry = config_next_entry(a, entry)))
		if (!config_entry(b, &entry->service))
			return false;
	return true;
}

/*
 * Gives each service of fresh its servers: from known, or else from the kernel.
 * The kernel reports no servers for a service that was deleted meanwhile, so a
 * service without servers is a reason for doubt.
 */
static int fill_services(struct source *source, struct ipvsctl_config *fresh,
			 const struct ipvsctl_config *known, bool *doubt,
			 struct ipvsctl_error *err)
{
	struct service_entry *entry = NULL;
	int r = 0;

	while (r == 0 && (entry = config_next_entry(fresh, entry))) {
		struct service_entry *old =
			config_entry(known, &entry->service);

		if (old)
			swap_tables(&entry->table, &old->table);
		else
			r = read_servers(source, entry, err);
		if (!entry->table.count)
			*doubt = true;
	}
	return r;
}

/* Exchanges the services of two configurations. */
static void swap_services(struct ipvsctl_config *a, struct ipvsctl_config *b)
{
	struct ipvsctl_config config = *a;

	a->entries = b->entries;
	a->first = b->first;
	a->end = b->end;
	a->count = b->count;
	a->capacity = b->capacity;
	a->index = b->index;
	b->entries = config.entries;
	b->first = config.first;
	b->end = config.end;
	b->count = config.count;
	b->capacity = config.capacity;
	b->index = config.index;
}

/*
 * Reads the services once more, and the servers of those that are new. Sets
 * *settled when nothing more needs to be read.
 */
static int reread_services(struct source *source, struct ipvsctl_config *config,
			   bool first, bool *settled, struct ipvsctl_error *err)
{
	CLEANUP(config_freep) struct ipvsctl_config *fresh = NULL;
	enum sockopt_opinion opinion = SOCKOPT_AGREES;
	bool doubt = false;
	int r;

	r = ipvsctl_config_new(&fresh, err);
	if (r < 0)
		return r;
	r = read_services(source->genl, fresh, &doubt, err);
	if (r < 0)
		return r;
	if (doubt)
		opinion = sockopt_compare_services(&source->sockopt, fresh);
	doubt = opinion != SOCKOPT_AGREES;
	*settled = !first && opinion != SOCKOPT_MISSES &&
		   same_services(config, fresh);
	r = fill_services(source, fresh, config, &doubt, err);
	if (r < 0)
		return r;
	if (!doubt)
		*settled = true;
	swap_services(config, fresh);
	return 0;
}

static int settle_services(struct source *source, struct ipvsctl_config *config,
			   struct ipvsctl_error *err)
{
	bool settled = false;
	int r;

	for (int i = 0; i < TRIES; i++) {
		r = reread_services(source, config, i == 0, &settled, err);
		if (r < 0 || settled)
			return r;
	}
	return fail_changing(err);
}

/* A socket stays in the namespace in which it was made. */
static int open_sockopt(const struct ipvsctl *ctx, struct sockopt *sockopt,
			struct ipvsctl_error *err)
{
	int back, r = netns_enter(ctx->netns, &back, err);

	if (r < 0)
		return r;
	sockopt_open(sockopt);
	return netns_leave(back, 0, err);
}

/* ---- One service ------------------------------------------------------------- */

/* Takes the service, or the refusal if there is none, and then its servers. */
static int take_one(const struct genl_reply *reply, void *data)
{
	struct reading *reading = data;
	int r;

	if (reply->index == 1)
		return reading->entry ? take_server(reply, data) :
					note_end(reading, reply);
	if (!reply->data && reply->raw == ESRCH)
		return 0;
	r = take_service(reply, data);
	/* The servers arrive as a separate dump. */
	reading->first = 0;
	reading->torn = false;
	if (r == 0)
		reading->entry = config_next_entry(reading->config, NULL);
	return r;
}

static int queue_one(struct genl *genl, const struct ipvsctl_service *service,
		     bool servers)
{
	int r = genl_start(genl, IPVS_CMD_GET_SERVICE, 0);

	if (r == 0)
		r = codec_put_service_identity(genl->request, service);
	if (r == 0)
		r = genl_queue(genl);
	return r == 0 && servers ? queue_servers(genl, service) : r;
}

static int load_one(struct source *source, struct ipvsctl_config *config,
		    const struct ipvsctl_service *service,
		    struct ipvsctl_error *err)
{
	/* Long dumps must be repeated; the older interface avoids that. */
	const bool older = source->sockopt.fd >= 0;
	struct reading reading = { .config = config,
				   .only = source->only,
				   .err = err };
	int r;

	config->partial = true;
	if (queue_one(source->genl, service, !older) < 0) {
		genl_drop(source->genl);
		return fail_memory(err);
	}
	r = genl_exchange(source->genl, take_one, &reading, err);
	if (r < 0)
		return r;
	if (older) {
		struct service_entry *entry = config_next_entry(config, NULL);

		return entry ? read_servers(source, entry, err) : 0;
	}
	return reading.torn && reading.entry ?
		       settle_servers(source, reading.entry, err) :
		       0;
}

/* ---- Services ---------------------------------------------------------------- */

/* The older interface has neither IPv6 nor 64-bit counters. A list of all
   services needs it in any case, for comparison. */
static bool ask_older(const struct ipvsctl_config *config,
		      const struct ipvsctl_service *service)
{
	return !service || (!(config->kinds & IPVSCTL_COUNTERS) &&
			    service->address.family == AF_INET);
}

static int load_services(struct ipvsctl *ctx, struct ipvsctl_config *config,
			 const struct ipvsctl_service *service,
			 struct ipvsctl_error *err)
{
	struct source source = {
		.genl = &ctx->genl,
		.sockopt.fd = -1,
		.counters = config->kinds & IPVSCTL_COUNTERS,
		.unsorted = config->kinds & IPVSCTL_UNSORTED,
		.only = config->has_named ? &config->named : NULL,
	};
	int r = ask_older(config, service) ?
			open_sockopt(ctx, &source.sockopt, err) :
			0;

	if (r == 0)
		r = service ? load_one(&source, config, service, err) :
			      settle_services(&source, config, err);
	sockopt_free(&source.sockopt);
	return r;
}

/* ---- Sync daemons and timeouts ------------------------------------------------ */

static int take_timeouts(const struct genl_reply *reply, void *data)
{
	struct reading *reading = data;
	struct ipvsctl_timeouts timeouts;

	if (!note(reading, reply))
		return note_end(reading, reply);
	if (codec_get_timeouts(reply->data, reply->length, &timeouts) < 0)
		return fail_malformed(reading->err);
	ipvsctl_config_set_timeouts(reading->config, &timeouts);
	return 0;
}

static int take_sync(const struct genl_reply *reply, void *data)
{
	struct reading *reading = data;
	struct ipvsctl_sync sync;

	if (!note(reading, reply))
		return note_end(reading, reply);
	if (codec_get_sync(reply->data, reply->length, &sync) < 0)
		return fail_malformed(reading->err);
	ipvsctl_config_set_sync(reading->config, &sync);
	return 0;
}

static int load_simple(struct genl *genl, uint8_t command, uint16_t flags,
		       genl_reply_fn take, struct reading *reading)
{
	if (genl_start(genl, command, flags) < 0 || genl_queue(genl) < 0)
		return fail_memory(reading->err);
	return genl_exchange(genl, take, reading, reading->err);
}

static int load_settings(struct genl *genl, unsigned int kinds,
			 struct ipvsctl_config *config,
			 struct ipvsctl_error *err)
{
	struct reading reading = { .config = config, .err = err };
	int r = 0;

	if (kinds & IPVSCTL_TIMEOUTS)
		r = load_simple(genl, IPVS_CMD_GET_CONFIG, 0, take_timeouts,
				&reading);
	if (r == 0 && (kinds & IPVSCTL_SYNC))
		r = load_simple(genl, IPVS_CMD_GET_DAEMON, NLM_F_DUMP,
				take_sync, &reading);
	return r;
}

/* ---- All of it ---------------------------------------------------------------- */

/* Netlink reports counters even if the caller does not want them. */
static void drop_counters(struct ipvsctl_config *config)
{
	static const struct ipvsctl_counters none;
	struct service_entry *entry = NULL;

	while ((entry = config_next_entry(config, entry))) {
		struct ipvsctl_server *server = NULL;

		entry->service.counters = none;
		while ((server = table_next_server(&entry->table, server)))
			server->counters = none;
	}
}

static int load_ipvs(struct ipvsctl *ctx, unsigned int kinds,
		     const struct ipvsctl_service *service,
		     struct ipvsctl_config *config, struct ipvsctl_error *err)
{
	int r = context_connect(ctx, err);

	if (r == 0 && (kinds & IPVSCTL_SERVICES)) {
		r = load_services(ctx, config, service, err);
		if (!(kinds & IPVSCTL_COUNTERS))
			drop_counters(config);
		if (r == 0)
			r = state_read_holds(ctx->netns, config, err);
	}
	return r == 0 ? load_settings(&ctx->genl, kinds, config, err) : r;
}

/* Loads config->kinds; of the service's servers, only config->named if any. */
static int load_into(struct ipvsctl *ctx, struct ipvsctl_config *config,
		     const struct ipvsctl_service *service,
		     struct ipvsctl_error *err)
{
	const unsigned int kinds = config->kinds;
	int r = 0;

	if (kinds & (IPVSCTL_SERVICES | IPVSCTL_SYNC | IPVSCTL_TIMEOUTS))
		r = load_ipvs(ctx, kinds, service, config, err);
	if (r == 0 && (kinds & IPVSCTL_MARKS))
		r = context_load_marks(ctx, config, err);
	if (r == 0 && (kinds & IPVSCTL_VIPS))
		r = context_load_vips(ctx, config, err);
	if (r == 0 && !(kinds & IPVSCTL_UNSORTED))
		ipvsctl_config_sort(config);
	return r;
}

API int ipvsctl_load(struct ipvsctl *ctx, unsigned int kinds,
		     const struct ipvsctl_service *service,
		     struct ipvsctl_config **ret_config,
		     struct ipvsctl_error *err)
{
	CLEANUP(config_freep) struct ipvsctl_config *config = NULL;
	int r = ipvsctl_config_new(&config, err);

	if (r < 0)
		return r;
	config->kinds = kinds;
	r = load_into(ctx, config, service, err);
	if (r == 0)
		*ret_config = TAKE_PTR(config);
	return r;
}

API int ipvsctl_load_servers(struct ipvsctl *ctx,
			     const struct ipvsctl_selection *selection,
			     struct ipvsctl_config **ret_config,
			     struct ipvsctl_error *err)
{
	CLEANUP(config_freep) struct ipvsctl_config *config = NULL;
	int r = ipvsctl_config_new(&config, err);

	if (r < 0)
		return r;
	config->kinds = IPVSCTL_SERVICES;
	config->has_named = true;
	for (size_t i = 0; i < selection->count; i++)
		if (table_add_server(&config->named, &selection->servers[i]) ==
		    -ENOMEM)
			return fail_memory(err);
	r = load_into(ctx, config, selection->service, err);
	if (r == 0)
		*ret_config = TAKE_PTR(config);
	return r;
}
