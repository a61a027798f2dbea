/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Any text as what iptables-save writes. */
#include "reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void note(const char *name, unsigned int line, const char *rule,
		 const char *why, void *data)
{
	(void)data;
	must(name && line && rule && why && *why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (memchr(data, '\0', size))
		return 0;
	try_reader(ruleset_read_iptables, (struct source){ .skipped = note },
		   data, size);
	return 0;
}
