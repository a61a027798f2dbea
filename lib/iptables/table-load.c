/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Reads the mark rules that are in force: those that a packet reaches from the
 * built-in chain. Chains of ours that nothing leads to do not count, so that a
 * deleted jump shows, and an apply restores it.
 *
 * Settling reads the rules that a configuration would produce in the same way,
 * so that the two cannot disagree.
 */
#include <linux/capability.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "array.h"
#include "backend.h"
#include "capability.h"
#include "exemption.h"
#include "helper.h"
#include "index.h"
#include "lists.h"
#include "local-ports.h"
#include "model/address.h"
#include "model/config.h"
#include "model/error.h"
#include "model/object.h"
#include "nat.h"
#include "system.h"
#include "table.h"
#include "wanted.h"

#define READING_TRIES 10

/* The rules of one family as found. */
struct found {
	struct image image;
	struct ipvsctl_port_range own;
	struct found_rule *rules;
	size_t count;
	size_t capacity;
	struct bytes requests; /* for the words of rules that need them */
	struct bytes last;     /* the matches that the last rule had in them */
	bool failed;
	int code; /* for a rule whose words are too long */
};

static void found_free(struct found *found)
{
	for (size_t i = 0; i < found->count; i++)
		found_rule_clear(&found->rules[i]);
	free(found->rules);
	bytes_free(&found->requests);
	bytes_free(&found->last);
	image_free(&found->image);
}
#define AUTO_FOUND CLEANUP(found_free)

/* ---- Finding ----------------------------------------------------------------- */

/* Copies what was decoded; its addresses become the rule's own. */
static int copy_decoded(const struct decoded *decoded,
			struct ipvsctl_mark *ret_rule)
{
	struct ipvsctl_mark rule = decoded->rule;

	if (addresses_copy(&decoded->rule.source, &rule.source) < 0)
		return -ENOMEM;
	if (addresses_copy(&decoded->rule.destination, &rule.destination) < 0) {
		addresses_clear(&rule.source);
		return -ENOMEM;
	}
	*ret_rule = rule;
	return 0;
}

/* Tells whether the words are those of the last rule; then notes them. */
static bool same_words(struct found *found, const struct bytes *extra)
{
	const size_t header = found->image.layout->size;
	const uint8_t *matches = extra->size ? extra->data + header : NULL;
	size_t size = extra->size ? extra->size - header : 0;
	bool same = found->last.size == size &&
		    (!size || memcmp(found->last.data, matches, size) == 0);

	if (same)
		return true;
	found->last.size = 0;
	bytes_add(&found->last, matches, size);
	return false;
}

static void ask_words(struct found *found, const struct bytes *extra)
{
	struct print_request request = { 0 };
	AUTO_BYTES struct bytes frame = { 0 };

	bytes_add(&frame, &request, sizeof(request));
	bytes_add(&frame, extra->data, extra->size);
	frame_add(&found->requests, frame.data, frame.size);
	found->failed = found->failed || frame.failed;
}

static void add_found(struct found *found, struct decoded *decoded)
{
	struct found_rule *grown = array_grow(found->rules, &found->capacity,
					      found->count + 1, sizeof(*grown));
	struct found_rule add = { .further = decoded->further };

	found->rules = grown ? grown : found->rules;
	if (!grown || decoded->extra.failed || found->failed ||
	    copy_decoded(decoded, &add.rule) < 0) {
		found->failed = true;
		return;
	}
	add.rule.exempt_own =
		mark_read_exemption(&add.rule, decoded->exemption, &found->own);
	bool same = same_words(found, &decoded->extra);
	add.same_words = same && add.further && decoded->extra.size;
	add.asks = decoded->extra.size && !add.same_words;
	grown[found->count++] = add;
	found->failed = found->last.failed;
	if (add.asks)
		ask_words(found, &decoded->extra);
}

/* Adds a chain's rules; returns the chain it goes on to, or NULL. */
static const struct image_chain *read_rules(struct found *found,
					    const struct image_chain *chain)
{
	const struct image *image = &found->image;
	struct heads heads = { .count = 0 };
	struct decoded decoded;

	for (size_t i = 0; i < chain->count; i++) {
		const void *entry = image_entry(image, chain, i);
		enum rule_kind kind = image_classify(image, chain, i, &decoded);
		if (kind == RULE_LINK)
			return image_find(image, decode_link(image->layout,
							     entry, false));
		if (kind == RULE_HEAD)
			heads_add(&heads, entry);
		if (kind == RULE_MARK) {
			if (!decoded.exemption &&
			    heads_cover(&heads, image->layout, entry))
				decoded.exemption = IPVSCTL_EXEMPT_SOCKET;
			add_found(found, &decoded);
		}
		bytes_free(&decoded.extra);
	}
	return NULL;
}

static bool comes_after(const struct chain_id *id, const struct chain_id *before)
{
	if (before->kind == CHAIN_BASE || id->priority > before->priority)
		return true;
	return id->priority == before->priority && id->number > before->number;
}

static void read_hook(struct found *found, uint16_t hook)
{
	char name[CHAIN_NAME_SIZE];
	struct chain_id id = { .kind = CHAIN_BASE, .hook = hook };

	if (!found->image.jumps[hook])
		return;
	const struct image_chain *chain =
		image_find(&found->image, chain_format(&id, name));
	while (chain) {
		const struct image_chain *next = read_rules(found, chain);
		/* Our links lead onward; others could form a loop. */
		chain = next && comes_after(&next->id, &chain->id) ? next :
								     NULL;
	}
}

/* Gives a rule the words of the one before it. */
static int repeat_words(struct found_rule *found, struct ipvsctl_error *err)
{
	const char *words = found[-1].rule.extra;

	if (found->same_words && words &&
	    mark_set_text(&found->rule.extra, words) < 0)
		return fail_memory(err);
	return 0;
}

/* Stores the helper's words in the rules that need them. */
static int take_words(struct found *found, const struct bytes *replies,
		      struct ipvsctl_error *err)
{
	size_t offset = 0;

	for (size_t i = 0; i < found->count; i++) {
		struct ipvsctl_mark *rule = &found->rules[i].rule;
		const void *data;
		size_t size;
		if (i && repeat_words(&found->rules[i], err) < 0)
			return -ENOMEM;
		if (!found->rules[i].asks)
			continue;
		if (!frame_next(replies, &offset, &data, &size) ||
		    size > IPVSCTL_EXTRA_MAX)
			return mark_about(rule,
					  fail(err, found->code,
					       "its further matches are too "
					       "long in iptables' words"),
					  err);
		rule->extra = strndup(data, size);
		if (!rule->extra)
			return fail_memory(err);
	}
	return 0;
}

static int read_words(struct found *found, struct ipvsctl_error *err)
{
	AUTO_BYTES struct bytes replies = { 0 };

	if (found->failed)
		return fail_memory(err);
	if (!found->requests.size && !found->requests.failed)
		return 0;
	int r = helper_run(HELPER_PRINT, found->image.layout->family,
			   &found->requests, &replies, err);
	return r < 0 ? r : take_words(found, &replies, err);
}

/* Finds the rules of the image's chains, with their words. */
static int read_image(struct found *found, struct ipvsctl_error *err)
{
	for (uint16_t hook = 0; hook < HOOK_COUNT; hook++)
		read_hook(found, hook);
	int r = read_words(found, err);
	if (r == 0 && lists_join(found->rules, &found->count) < 0)
		r = fail_memory(err);
	return r;
}

static int read_table(const struct table_ops *ops, struct image *image,
		      struct ipvsctl_error *err)
{
	struct xtc_handle *handle;
	int r = table_open(ops, &handle, err);

	if (r < 0)
		return r;
	r = table_read(ops, handle, image);
	ops->free(handle);
	return r < 0 ? table_fail(err, OPERATION_MARK_OPEN, -r) : 0;
}

/* The caller's changes depend on the rules: two readings must agree. */
static int load_family(const struct table_ops *ops, struct found *found,
		       struct ipvsctl_error *err)
{
	found->image.layout = ops->layout;
	if (!table_exists(ops))
		return 0;
	int r = read_table(ops, &found->image, err);
	for (int tries = 0; r == 0; tries++) {
		AUTO_IMAGE struct image again = { .layout = ops->layout };
		r = read_table(ops, &again, err);
		if (r < 0 || image_same(&found->image, &again))
			break;
		if (tries == READING_TRIES)
			return table_fail(err, OPERATION_MARK_COMMIT, EAGAIN);
		struct image older = found->image;
		found->image = again;
		again = older;
	}
	return r < 0 ? r : read_image(found, err);
}

static void give_snat(struct found *found, const struct snats *snats)
{
	for (size_t i = 0; i < found->count; i++)
		snats_give(snats, &found->rules[i].rule);
}

/* Reads of the table nat what concerns rules that were found. */
static int load_snat(const struct table_ops *ops, struct found *found,
		     struct ipvsctl_error *err)
{
	AUTO_IMAGE struct image image = { .layout = ops->layout };
	AUTO_SNATS struct snats snats = { .count = 0 };
	int r;

	if (!found->count || !table_exists(ops))
		return 0;
	r = read_table(ops, &image, err);
	if (r < 0)
		return r;
	if (nat_read(&image, &snats) < 0)
		return fail_memory(err);
	snats_sort(&snats);
	give_snat(found, &snats);
	return 0;
}

/* ---- Merging ------------------------------------------------------------------ */

static uint32_t hash_rule(const void *array, size_t position)
{
	return mark_hash(&((const struct found_rule *)array)[position].rule);
}

static bool same_rule(const void *array, size_t position, const void *identity)
{
	const struct ipvsctl_mark *one =
		&((const struct found_rule *)array)[position].rule;
	const struct ipvsctl_mark *other = identity;

	return ipvsctl_mark_same_match(one, other) && mark_equal(one, other);
}

/* A rule without addresses could be one for both families: sets that. */
static void forget_family(struct found *found)
{
	for (size_t i = 0; i < found->count; i++) {
		struct ipvsctl_mark *rule = &found->rules[i].rule;
		if (!rule->source.count && !rule->destination.count)
			rule->family = AF_UNSPEC;
	}
}

/* Finds the rule with the same match, of the same family or else of both. */
static const struct ipvsctl_mark *find_rule(const struct ipvsctl_config *config,
					    const struct ipvsctl_mark *rule)
{
	struct ipvsctl_mark both = *rule;

	both.family = AF_UNSPEC;
	const struct ipvsctl_mark *found =
		ipvsctl_config_find_mark(config, rule);
	return found ? found : ipvsctl_config_find_mark(config, &both);
}

/* Adds a rule, unless an earlier one matches the same: it would never match. */
static int add_rule(struct ipvsctl_config *config, struct ipvsctl_mark *rule,
		    uint16_t family, struct ipvsctl_error *err)
{
	struct ipvsctl_mark both = *rule;

	both.family = AF_UNSPEC;
	if (ipvsctl_config_find_mark(config, &both))
		return 0;
	if (rule->family == AF_UNSPEC)
		rule->family = family;
	if (find_rule(config, rule))
		return 0;
	return config_append_mark(config, rule) < 0 ? fail_memory(err) : 0;
}

/*
 * Adds both families' rules. Equal rules of IPv4 and IPv6 become one rule if no
 * such pair crosses another: then their order is that of both families.
 */
static int merge_indexed(struct ipvsctl_config *config, struct found *ipv4,
			 struct found *ipv6, const struct index *index,
			 struct ipvsctl_error *err)
{
	uint16_t alone = system_has_ipv6() ? AF_INET : AF_UNSPEC;
	size_t next = 0; /* rule of IPv6 that is not added yet */
	int r = 0;

	for (size_t i = 0; i < ipv4->count && r == 0; i++) {
		struct ipvsctl_mark *rule = &ipv4->rules[i].rule;
		size_t twin = SIZE_MAX;
		if (rule->family == AF_UNSPEC && ipv6->count)
			twin = index_find(index, mark_hash(rule), ipv6->rules,
					  same_rule, rule);
		if (twin == SIZE_MAX || twin < next) {
			r = add_rule(config, rule, alone, err);
			continue;
		}
		while (next < twin && r == 0)
			r = add_rule(config, &ipv6->rules[next++].rule,
				     AF_INET6, err);
		rule->packets += ipv6->rules[twin].rule.packets;
		rule->bytes += ipv6->rules[twin].rule.bytes;
		next = twin + 1;
		if (r == 0)
			r = add_rule(config, rule, AF_UNSPEC, err);
	}
	while (next < ipv6->count && r == 0)
		r = add_rule(config, &ipv6->rules[next++].rule, AF_INET6, err);
	return r;
}

static int merge(struct ipvsctl_config *config, struct found *ipv4,
		 struct found *ipv6, struct ipvsctl_error *err)
{
	struct index index = { 0 };
	int r = 0;

	forget_family(ipv4);
	forget_family(ipv6);
	for (size_t i = 0; i < ipv6->count && r == 0; i++)
		r = index_add(&index, hash_rule(ipv6->rules, i), i);
	r = r < 0 ? fail_memory(err) :
		    merge_indexed(config, ipv4, ipv6, &index, err);
	index_free(&index);
	return r;
}

int backend_load(struct ipvsctl_config *config, struct ipvsctl_error *err)
{
	struct ipvsctl_port_range own = local_ports();
	AUTO_FOUND struct found ipv4 = { .own = own, .code = -EIO };
	AUTO_FOUND struct found ipv6 = { .own = own, .code = -EIO };
	int r = 0;

	/* The kernel requires them, too, but not if there is no table. */
	if (!has_capability(CAP_NET_ADMIN) || !has_capability(CAP_NET_RAW))
		r = fail_kernel(err, OPERATION_MARK_OPEN, EPERM, NULL);
	if (r == 0)
		r = load_family(&mangle_ipv4, &ipv4, err);
	if (r == 0)
		r = load_family(&mangle_ipv6, &ipv6, err);
	if (r == 0)
		r = load_snat(&nat_ipv4, &ipv4, err);
	if (r == 0)
		r = load_snat(&nat_ipv6, &ipv6, err);
	return r < 0 ? r : merge(config, &ipv4, &ipv6, err);
}

/* ---- Settling ----------------------------------------------------------------- */

static int settle_family(const struct ipvsctl_config *config,
			 const struct layout *layout, struct found *found,
			 struct ipvsctl_error *err)
{
	AUTO_SNATS struct snats snats = { .count = 0 };
	const struct image nothing = { .layout = layout };
	struct wanted wanted = { .layout = layout,
				 .own = found->own,
				 .carries = true };
	int r = wanted_collect(&wanted, config, err);

	if (r == 0 && wanted_image(&wanted, &nothing, &found->image) < 0)
		r = fail_memory(err);
	if (r == 0)
		r = read_image(found, err);
	if (r == 0 && snats_collect(&snats, config) < 0)
		r = fail_memory(err);
	give_snat(found, &snats);
	wanted_free(&wanted);
	return r;
}

/*
 * Loading leaves out a rule after one with the same match. Fails if a wanted
 * rule was left out, unless it would change nothing.
 */
static int check_kept(const struct ipvsctl_config *settled,
		      const struct found *found, struct ipvsctl_error *err)
{
	for (size_t i = 0; i < found->count; i++) {
		const struct ipvsctl_mark *rule = &found->rules[i].rule;
		const struct ipvsctl_mark *kept = find_rule(settled, rule);
		if (kept && !mark_equal(kept, rule))
			return mark_fail_hidden(rule, kept, err);
	}
	return 0;
}

int backend_settle(const struct ipvsctl_config *wanted,
		   struct ipvsctl_config *settled, struct ipvsctl_error *err)
{
	struct ipvsctl_port_range own = local_ports();
	AUTO_FOUND struct found ipv4 = { .own = own, .code = -EINVAL };
	AUTO_FOUND struct found ipv6 = { .own = own, .code = -EINVAL };
	size_t count = 0;
	int r = wanted_families(wanted, &count, err);

	if (r == 0)
		r = settle_family(wanted, &layout_ipv4, &ipv4, err);
	if (r == 0 && count == 2)
		r = settle_family(wanted, &layout_ipv6, &ipv6, err);
	if (r == 0)
		r = merge(settled, &ipv4, &ipv6, err);
	if (r == 0)
		r = check_kept(settled, &ipv4, err);
	return r < 0 ? r : check_kept(settled, &ipv6, err);
}
