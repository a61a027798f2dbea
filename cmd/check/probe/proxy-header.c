/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Says to a server that it is this host that connects. Version 1 could say
 * UNKNOWN, but some servers refuse that: Postfix did up to 3.4.
 */
#include "check/probe/proxy-header.h"

#include <arpa/inet.h>

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

/* "PROXY TCP6 ADDRESS ADDRESS 65535 65535\r\n" and a NUL: see section 2.1 of
   the specification. */
#define LINE_SIZE 108

/* The signature, version 2 and LOCAL, no family, and nothing that follows. */
static const uint8_t local_header[] = {
	'\r', '\n', '\r', '\n', 0,    '\r', '\n', 'Q',
	'U',  'I',  'T',  '\n', 0x20, 0,    0,	  0,
};

/* Writes the line of version 1. Returns 0 or an errno. */
static int write_line(const struct probe *probe, int fd, char line[LINE_SIZE])
{
	/* The port is at the same place in both families. */
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} source = { .six = { 0 } };
	socklen_t length = sizeof(source);
	const void *from = &source.four.sin_addr;
	bool six;
	char texts[2][INET6_ADDRSTRLEN] = { "", "" };

	if (getsockname(fd, &source.any, &length) < 0)
		return errno;
	six = source.any.sa_family == AF_INET6;
	if (six)
		from = &source.six.sin6_addr;
	(void)inet_ntop(source.any.sa_family, from, texts[0], sizeof(texts[0]));
	(void)inet_ntop(probe->address.family, probe->address.bytes, texts[1],
			sizeof(texts[1]));
	(void)snprintf(line, LINE_SIZE, "PROXY TCP%d %s %s %u %u\r\n",
		       six ? 6 : 4, texts[0], texts[1],
		       ntohs(source.four.sin_port), probe->port);
	return 0;
}

int proxy_header_send(const struct probe *probe, int fd)
{
	const void *header = local_header;
	size_t size = sizeof(local_header);
	char line[LINE_SIZE] = "";
	ssize_t sent;
	int error;

	if (probe->check->way.proxy_protocol == CHECK_PROXY_NONE)
		return 0;
	if (probe->check->way.proxy_protocol == CHECK_PROXY_V1) {
		error = write_line(probe, fd, line);
		if (error)
			return error;
		header = line;
		size = strlen(line);
	}
	/* A new connection has room for it. */
	sent = send(fd, header, size, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0)
		return errno;
	return (size_t)sent == size ? 0 : ENOBUFS;
}
