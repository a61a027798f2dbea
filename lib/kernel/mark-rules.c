/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Mark rules of a context: which backend carries them, and what it does. */
#include <string.h>

#include "fail.h"
#include "kernel/context.h"
#include "kernel/netns.h"
#include "model/backend.h"
#include "model/config.h"
#include "model/mark-snat.h"
#include "model/object.h"
#include "packets.h"
#include "vip/settings.h"

API int ipvsctl_use_mark_backend(struct ipvsctl *ctx, const char *name,
				 struct ipvsctl_error *err)
{
	return backend_parse(name, &ctx->backend, err);
}

/* ---- Loading ------------------------------------------------------------- */

static bool has_words(const struct ipvsctl_config *config)
{
	ipvsctl_for_each_mark(config, rule)
		if (rule->extra)
			return true;
	return false;
}

static int load_from(enum ipvsctl_backend which, struct ipvsctl_config *config,
		     struct ipvsctl_error *err)
{
	const struct mark_backend *backend;
	int r = mark_backend_get(which, &backend, err);

	if (r == 0)
		r = backend->load(config, err);
	if (r == 0 && !config->backend && config->marks.count)
		config->backend = which;
	return r;
}

/*
 * Rules of ours can be in both backends only if somebody told us to put them
 * there one after the other. A packet meets those of iptables first, so that
 * those of nft have the last word.
 */
static int load_places(struct ipvsctl_config *config, struct ipvsctl_error *err)
{
	struct mark_places places;
	int r = mark_places_find(&places, err);
	size_t count;

	if (r == 0 && places.in_nft.ours)
		r = load_from(IPVSCTL_BACKEND_NFT, config, err);
	count = config->marks.count;
	if (r == 0 && places.in_iptables.ours)
		r = load_from(IPVSCTL_BACKEND_IPTABLES, config, err);
	if (r < 0)
		return r;
	/* The same rule in both is one in config, so counting shows less. */
	config->backend_split = count && places.in_iptables.ours;
	/* They go where all of them can be. */
	if (config->backend_split && has_words(config))
		config->backend = IPVSCTL_BACKEND_IPTABLES;
	config->backend_stated =
		config->backend &&
		config->backend != mark_places_choose(&places, false);
	return 0;
}

static int load_here(struct ipvsctl *ctx, struct ipvsctl_config *config,
		     struct ipvsctl_error *err)
{
	return ctx->backend ? load_from(ctx->backend, config, err) :
			      load_places(config, err);
}

int context_load_marks(struct ipvsctl *ctx, struct ipvsctl_config *config,
		       struct ipvsctl_error *err)
{
	int back = -1, r = netns_enter(ctx->netns, &back, err);

	if (r < 0)
		return r;
	return netns_leave(back, load_here(ctx, config, err), err);
}

/* ---- Choosing ------------------------------------------------------------ */

static int fail_no_backend(struct ipvsctl_error *err)
{
	int r = fail(err, -EOPNOTSUPP,
		     "the kernel has neither nf_tables nor ip_tables");

	return fail_hint(err, r, "modprobe nf_tables");
}

/* Chooses where the rules have to be. */
static int choose(const struct ipvsctl *ctx,
		  const struct ipvsctl_config *config,
		  const struct mark_places *places,
		  enum ipvsctl_backend *ret_which, struct ipvsctl_error *err)
{
	enum ipvsctl_backend which = ctx->backend;

	if (!which)
		which = config->backend;
	if (!which && places->in_nft.ours)
		which = IPVSCTL_BACKEND_NFT;
	if (!which && places->in_iptables.ours)
		which = IPVSCTL_BACKEND_IPTABLES;
	if (!which)
		which = mark_places_choose(places, has_words(config));
	*ret_which = which;
	return which ? 0 : fail_no_backend(err);
}

/* ---- Applying ------------------------------------------------------------ */

static int apply_in(enum ipvsctl_backend which,
		    const struct ipvsctl_config *wanted,
		    const struct ipvsctl_config *loaded,
		    enum mark_counters counters, struct ipvsctl_error *err)
{
	const struct mark_backend *backend;
	int r = mark_backend_get(which, &backend, err);

	return r < 0 ? r : backend->apply(wanted, loaded, counters, err);
}

/* Deletes our rules of a backend. */
static int clear(enum ipvsctl_backend which, struct ipvsctl_error *err)
{
	CLEANUP(config_freep) struct ipvsctl_config *nothing = NULL;
	int r = ipvsctl_config_new(&nothing, err);

	return r < 0 ? r :
		       apply_in(which, nothing, NULL, MARK_COUNTERS_KEEP, err);
}

/*
 * The rules come in one backend before they go in the other: a packet in
 * between gets its mark twice. One that was past iptables before the rules came
 * there must be past nf_tables, too, before they go.
 */
static int apply_places(struct ipvsctl *ctx,
			const struct ipvsctl_config *wanted,
			const struct ipvsctl_config *loaded, bool zero,
			struct ipvsctl_error *err)
{
	enum mark_counters counters =
		zero ? MARK_COUNTERS_ZERO : MARK_COUNTERS_KEEP;
	struct mark_places places;
	enum ipvsctl_backend which = IPVSCTL_BACKEND_AUTO;
	bool moves;
	int r = mark_places_find(&places, err);

	if (r == 0)
		r = choose(ctx, wanted, &places, &which, err);
	if (r < 0)
		return r;
	moves = which == IPVSCTL_BACKEND_NFT ? places.in_iptables.chains :
					       places.in_nft.chains;
	if (moves && !zero)
		counters = MARK_COUNTERS_CARRY;
	r = apply_in(which, wanted, moves ? NULL : loaded, counters, err);
	if (r == 0 && moves)
		packets_await();
	if (r == 0 && moves)
		r = clear(which == IPVSCTL_BACKEND_NFT ?
				  IPVSCTL_BACKEND_IPTABLES :
				  IPVSCTL_BACKEND_NFT,
			  err);
	return r;
}

static int apply_here(struct ipvsctl *ctx, const struct mark_change *change,
		      struct ipvsctl_error *err)
{
	const struct ipvsctl_config *loaded =
		change->fresh ? change->before : NULL;

	if (ctx->backend)
		return apply_in(ctx->backend, change->wanted, loaded,
				change->zero ? MARK_COUNTERS_ZERO :
					       MARK_COUNTERS_KEEP,
				err);
	return apply_places(ctx, change->wanted, loaded, change->zero, err);
}

int context_apply_marks(struct ipvsctl *ctx, const struct mark_change *change,
			struct ipvsctl_error *err)
{
	const bool snat = config_has_snat(change->wanted);
	int back = -1, r;

	/* The kernel loads IPVS, and with it the setting. If it has none, the
	   rules are right all the same. */
	if (snat && !ipvsctl_has_ipvs() && context_connect(ctx, NULL) == -ENOMEM)
		return fail_memory(err);
	r = netns_enter(ctx->netns, &back, err);
	if (r < 0)
		return r;
	if (snat)
		r = settings_track(true, err);
	if (r == 0)
		r = apply_here(ctx, change, err);
	if (r == 0 && !snat && config_has_snat(change->before))
		r = settings_track(false, err);
	return netns_leave(back, r, err);
}

/* ---- Settling ------------------------------------------------------------ */

/*
 * Tells whether the rule may load back in another form: words have many
 * spellings, the exemption of replies does not always show, lists can be in any
 * order, and a rule of one family can be half of one for both. Only the backend
 * knows for sure, and which comments it can keep.
 */
static bool is_unsettled(const struct ipvsctl_mark *rule)
{
	return rule->extra || rule->comment ||
	       rule->exempt_own != mark_usual_exemption(rule->exclude) ||
	       rule->source.count > 1 || rule->source.negated ||
	       rule->destination.count > 1 || rule->destination.negated ||
	       rule->source_ports.count > 1 || rule->source_ports.negated ||
	       rule->destination_ports.count > 1 ||
	       rule->destination_ports.negated ||
	       (rule->family && !rule->source.count && !rule->destination.count);
}

static bool has_unsettled(const struct ipvsctl_config *config)
{
	ipvsctl_for_each_mark(config, rule)
		if (is_unsettled(rule))
			return true;
	return false;
}

static int settle_here(const struct ipvsctl *ctx,
		       const struct ipvsctl_config *config,
		       struct ipvsctl_config *settled,
		       struct ipvsctl_error *err)
{
	const struct mark_backend *backend = NULL;
	struct mark_places places = { .nft = MARK_ABSENT };
	enum ipvsctl_backend which = IPVSCTL_BACKEND_AUTO;
	int r = 0;

	if (!ctx->backend && !config->backend)
		r = mark_places_find(&places, err);
	if (r < 0)
		return r;
	r = choose(ctx, config, &places, &which, err);
	if (r < 0)
		return r;
	r = mark_backend_get(which, &backend, err);
	return r < 0 ? r : backend->settle(config, settled, err);
}

API int ipvsctl_settle(struct ipvsctl *ctx, struct ipvsctl_config *config,
		       struct ipvsctl_error *err)
{
	CLEANUP(config_freep) struct ipvsctl_config *settled = NULL;
	int back = -1, r;

	if (!has_unsettled(config))
		return 0;
	r = netns_enter(ctx->netns, &back, err);
	if (r < 0)
		return r;
	r = ipvsctl_config_new(&settled, err);
	if (r == 0)
		r = settle_here(ctx, config, settled, err);
	r = netns_leave(back, r, err);
	if (r == 0) {
		struct mark_table rules = config->marks;

		config->marks = settled->marks;
		settled->marks = rules;
	}
	return r < 0 ? r : 0;
}

/* ---- Rules of others ----------------------------------------------------- */

static int tell_of(enum ipvsctl_backend which, ipvsctl_foreign_rule_fn fn,
		   void *data, struct ipvsctl_error *err)
{
	const struct mark_backend *backend = NULL;
	int r = mark_backend_get(which, &backend, err);

	return r < 0 ? r : backend->each_foreign(fn, data, err);
}

/* Tells of the rules of both backends, as far as they are there. */
static int tell_of_both(ipvsctl_foreign_rule_fn fn, void *data,
			struct ipvsctl_error *err)
{
	struct mark_places places;
	int r = mark_places_find(&places, err);

	if (r == 0 && (places.in_iptables.others || places.in_iptables.chains))
		r = tell_of(IPVSCTL_BACKEND_IPTABLES, fn, data, err);
	if (r == 0 && places.nft == MARK_PRESENT)
		r = tell_of(IPVSCTL_BACKEND_NFT, fn, data, err);
	return r;
}

API int ipvsctl_each_foreign_rule(struct ipvsctl *ctx,
				  ipvsctl_foreign_rule_fn fn, void *data,
				  struct ipvsctl_error *err)
{
	int back = -1, r = netns_enter(ctx->netns, &back, err);

	if (r < 0)
		return r;
	if (ctx->backend)
		r = tell_of(ctx->backend, fn, data, err);
	else
		r = tell_of_both(fn, data, err);
	return netns_leave(back, r, err);
}
