/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Short texts that several programs show: numbers, marks, networks. */
#include <netinet/in.h>
#include <sys/socket.h>

#include <string.h>

#include "output/render.h"

char *render_number(char *text, uint64_t number)
{
	char digits[RENDER_NUMBER];
	size_t length = 0;

	do {
		digits[length++] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	while (length > 0)
		*text++ = digits[--length];
	*text = '\0';
	return text;
}

const char *render_mark(char text[32], uint32_t mark)
{
	(void)snprintf(text, 32, "%u (0x%x)", mark, mark);
	return text;
}

const char *render_service(const struct ipvsctl_service *service,
			   char text[IPVSCTL_IDENTITY_TEXT + 16])
{
	size_t length;

	(void)ipvsctl_service_format(service, text);
	length = strlen(text);
	if (service->fwmark)
		(void)snprintf(text + length, 16, " (0x%x)", service->fwmark);
	return text;
}

const char *render_protocol(unsigned int protocol, char text[RENDER_NUMBER])
{
	static const struct {
		unsigned int protocol;
		const char *name;
	} others[] = {
		{ 0, "any" },
		{ IPPROTO_ICMP, "icmp" },
		{ IPPROTO_ICMPV6, "icmpv6" },
		{ IPPROTO_ESP, "esp" },
		{ IPPROTO_AH, "ah" },
		{ IPPROTO_UDPLITE, "udplite" },
		{ IPPROTO_DCCP, "dccp" },
	};
	const char *name = ipvsctl_protocol_name(protocol);

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (others[i].protocol == protocol)
			return others[i].name;
	if (name[0] != '?')
		return name;
	(void)render_number(text, protocol);
	return text;
}
