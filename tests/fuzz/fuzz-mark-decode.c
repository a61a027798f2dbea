/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Any bytes as a rule of the kernel: read what can be read, crash on none. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "iptables/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_entry(const struct layout *layout, const void *entry)
{
	struct bytes normal = { 0 };
	struct decoded decoded;
	struct snat snat;
	uint32_t mark;
	uint32_t mask;

	entry_normalize(layout, entry, "RETURN", &normal);
	if (normal.failed || !entry_valid(layout, normal.data, normal.size))
		abort();
	if (entry_key_length(layout, normal.data) >
	    entry_target(layout, normal.data))
		abort();
	(void)decode_link(layout, normal.data, true);
	(void)decode_link(layout, normal.data, false);
	(void)decode_head(layout, normal.data);
	(void)decode_set_mark(layout, normal.data, &mark, &mask);
	(void)decode_snat(layout, normal.data, &snat);
	if (decode_mark(layout, normal.data, &decoded)) {
		const char *comment = decoded.rule.comment;
		(void)chain_parse(decoded.label);
		if (comment && strlen(comment) > IPVSCTL_COMMENT_MAX)
			abort();
		if (decoded.extra.size &&
		    !entry_valid(layout, decoded.extra.data, decoded.extra.size))
			abort();
	}
	bytes_free(&decoded.extra);
	bytes_free(&normal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	const struct layout *layout = data[0] & 1 ? &layout_ipv6 : &layout_ipv4;
	/* A copy of its own: aligned, and with nothing behind it. */
	uint8_t *entry = malloc(size - 1);

	if (!entry)
		return 0;
	memcpy(entry, data + 1, size - 1);
	if (entry_valid(layout, entry, size - 1))
		read_entry(layout, entry);
	free(entry);
	return 0;
}
