/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The ports that the kernel gives to this host's own connections. */
#include "local-ports.h"

#include "scope.h"

struct ipvsctl_port_range local_ports(void)
{
	const struct ipvsctl_port_range usual = { 32768, 60999 };
	AUTO_CLOSE int fd =
		open_at(AT_FDCWD, "/proc/sys/net/ipv4/ip_local_port_range",
			O_RDONLY);
	unsigned long first, last;
	char text[64] = "", *end;

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return usual;
	first = strtoul(text, &end, 10);
	last = strtoul(end, NULL, 10);
	if (first > last || !last || last > UINT16_MAX)
		return usual;
	return (struct ipvsctl_port_range){ (uint16_t)first, (uint16_t)last };
}
