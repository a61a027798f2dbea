/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Any text as ipvsadm's language, with and without names. */
#include <sys/socket.h>

#include "reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int find_address(const char *name, uint16_t family,
			struct ipvsctl_address *ret_address, void *data)
{
	(void)data;
	if (*name != 'h')
		return -ENOENT;
	*ret_address = (struct ipvsctl_address){ family, { 192, 0, 2, 1 } };
	return 0;
}

static int find_port(const char *name, uint16_t protocol, uint16_t *ret_port,
		     void *data)
{
	(void)data;
	if (*name != 'h')
		return -ENOENT;
	*ret_port = protocol;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ipvsctl_names names = { find_address, find_port,
						    NULL };

	if (memchr(data, '\0', size))
		return 0;
	try_reader(ruleset_read_ipvsadm, (struct source){ 0 }, data, size);
	try_reader(ruleset_read_ipvsadm, (struct source){ .names = &names },
		   data, size);
	return 0;
}
