/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Any bytes as the items of a listing of nft -j, NULs included. */
#include "reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void note(const char *name, unsigned int line, const char *rule,
		 const char *why, void *data)
{
	(void)data;
	must(name && !line && rule && *rule && why && *why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char front[] = "{\"nftables\": [";
	static const char back[] = "]}";
	char *text = malloc(size + sizeof(front) + sizeof(back));

	if (!text)
		return 0;
	(void)memcpy(text, front, sizeof(front) - 1);
	if (size)
		(void)memcpy(text + sizeof(front) - 1, data, size);
	(void)memcpy(text + sizeof(front) - 1 + size, back, sizeof(back));
	try_reader(ruleset_read_json, (struct source){ .skipped = note }, text,
		   size + sizeof(front) + sizeof(back) - 2);
	free(text);
	return 0;
}
