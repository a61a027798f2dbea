/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The ports that the kernel gives to this host's own connections. */
#include "local-ports.h"

#include <stdio.h>

#include "scope.h"

struct ipvsctl_port_range local_ports(void)
{
	struct ipvsctl_port_range range = { 32768, 60999 };
	AUTO_CLOSE int fd =
		open_at(AT_FDCWD, "/proc/sys/net/ipv4/ip_local_port_range",
			O_RDONLY);
	unsigned int first, last;
	char text[64] = "";

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0 ||
	    sscanf(text, "%u %u", &first, &last) != 2 || first > last ||
	    !last || last > UINT16_MAX)
		return range;
	return (struct ipvsctl_port_range){ (uint16_t)first, (uint16_t)last };
}
