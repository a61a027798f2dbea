/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The mangle rules that are not ours, in iptables' words. */
#include <stdio.h>
#include <string.h>

#include "backend.h"
#include "helper.h"
#include "model/error.h"
#include "system.h"
#include "table.h"

static void request_line(const char *chain, const char *label,
			 const struct layout *layout, const void *entry,
			 struct bytes *requests)
{
	struct print_request request = { 0 };
	AUTO_BYTES struct bytes frame = { 0 };

	(void)snprintf(request.chain, sizeof(request.chain), "%s", chain);
	(void)snprintf(request.label, sizeof(request.label), "%s", label);
	bytes_add(&frame, &request, sizeof(request));
	bytes_add(&frame, entry, entry_length(layout, entry));
	frame_add(requests, frame.data, frame.size);
	requests->failed = requests->failed || frame.failed;
}

/* Requests all rules of a foreign chain except our jump. */
static void request_chain(const struct table_ops *ops,
			  struct xtc_handle *handle, const char *chain,
			  struct bytes *requests)
{
	unsigned int hook = builtin_hook(chain);

	for (const void *entry = ops->first_rule(chain, handle); entry;
	     entry = ops->next_rule(entry, handle)) {
		if (hook < HOOK_COUNT && table_is_jump(ops, handle, entry, hook))
			continue;
		const char *label = table_label(ops, entry, handle);
		request_line(chain, label ? label : "", ops->layout, entry,
			     requests);
	}
}

/* Requests the rules that other programs put into our chains. */
static int request_aliens(const struct table_ops *ops,
			  struct xtc_handle *handle, struct bytes *requests)
{
	AUTO_IMAGE struct image image = { .layout = ops->layout };
	int r = table_read(ops, handle, &image);

	for (size_t i = 0; r == 0 && i < image.chain_count; i++) {
		const struct image_chain *chain = &image.chains[i];
		struct decoded decoded;
		if (chain->id.kind == CHAIN_MARK)
			continue;
		for (size_t n = 0; n < chain->count; n++) {
			const void *entry = image_entry(&image, chain, n);
			struct part target;
			entry_get_target(ops->layout, entry, &target);
			if (image_classify(&image, chain, n, &decoded) ==
			    RULE_ALIEN)
				request_line(
					chain->name,
					image_rule(&image, chain, n)->standard ?
						target.name :
						"",
					ops->layout, entry, requests);
			bytes_free(&decoded.extra);
		}
	}
	return r;
}

static int request_all(const struct table_ops *ops, struct bytes *requests,
		       struct ipvsctl_error *err)
{
	struct xtc_handle *handle;

	if (!table_exists(ops))
		return 0;
	int r = table_open(ops, &handle, err);
	if (r < 0)
		return r;
	/* libiptc has only one cursor for chains: walks cannot be nested. */
	for (const char *chain = ops->first_chain(handle); chain;
	     chain = ops->next_chain(handle))
		if (chain_parse(chain).kind == CHAIN_FOREIGN)
			request_chain(ops, handle, chain, requests);
	r = request_aliens(ops, handle, requests);
	ops->free(handle);
	if (r == 0 && requests->failed)
		return fail_memory(err);
	return r < 0 ? table_fail(err, OPERATION_MARK_OPEN, -r) : 0;
}

static int tell(uint16_t family, const struct bytes *replies,
		ipvsctl_foreign_rule_fn fn, void *data,
		struct ipvsctl_error *err)
{
	size_t offset = 0;
	size_t size;
	const void *text;

	while (frame_next(replies, &offset, &text, &size)) {
		AUTO_FREE char *line = strndup(text, size);
		if (!line)
			return fail_memory(err);
		int r = fn(family, line, data);
		if (r)
			return r;
	}
	return 0;
}

static int each_of_family(const struct table_ops *ops,
			  ipvsctl_foreign_rule_fn fn, void *data,
			  struct ipvsctl_error *err)
{
	uint16_t family = ops->layout->family;
	AUTO_BYTES struct bytes requests = { 0 };
	AUTO_BYTES struct bytes replies = { 0 };
	int r = request_all(ops, &requests, err);

	if (r < 0 || !requests.size)
		return r;
	r = helper_run(HELPER_PRINT, family, &requests, &replies, err);
	return r < 0 ? r : tell(family, &replies, fn, data, err);
}

int backend_each_foreign(ipvsctl_foreign_rule_fn fn, void *data,
			 struct ipvsctl_error *err)
{
	int r = each_of_family(&mangle_ipv4, fn, data, err);

	return r ? r : each_of_family(&mangle_ipv6, fn, data, err);
}
