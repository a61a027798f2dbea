/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What this network namespace has of legacy iptables, told by files only. */
#include "iptables-names.h"

#include <sys/socket.h>

#include <stdio.h>
#include <string.h>

#include "scope.h"

/* Only root may read them; they are there as soon as the modules are. */
#define NAMES_IPV4 "/proc/thread-self/net/ip_tables_names"
#define NAMES_IPV6 "/proc/thread-self/net/ip6_tables_names"

bool iptables_exists(void)
{
	return access(NAMES_IPV4, F_OK) == 0;
}

bool iptables_has_table(int family, const char *table)
{
	const char *path = family == AF_INET ? NAMES_IPV4 : NAMES_IPV6;
	AUTO_CLOSE int fd = open_at(AT_FDCWD, path, O_RDONLY);
	char names[1024] = "\n";
	char line[40];
	size_t have = 1;
	ssize_t got;

	if (fd < 0)
		return errno == EACCES;
	do {
		got = read(fd, names + have, sizeof(names) - 1 - have);
		have += got > 0 ? (size_t)got : 0;
	} while (got > 0 || (got < 0 && errno == EINTR));
	(void)snprintf(line, sizeof(line), "\n%s\n", table);
	return got < 0 || strstr(names, line);
}
