/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Netlink without a library: attributes go out, messages come in. */
#include "netlink/message.h"

#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

void message_put(struct bytes *bytes, uint16_t type, const void *data,
		 size_t size)
{
	const struct nlattr attribute = {
		.nla_len = (uint16_t)(sizeof(attribute) + size),
		.nla_type = type,
	};

	uint8_t *room = bytes_extend(bytes, sizeof(attribute) + size +
						    (4 - size % 4) % 4);

	if (!room)
		return;
	memcpy(room, &attribute, sizeof(attribute));
	if (size)
		memcpy(room + sizeof(attribute), data, size);
}

int message_send_parts(int fd, const struct iovec *parts, size_t count)
{
	const struct msghdr message = { .msg_iov = (struct iovec *)parts,
					.msg_iovlen = count };
	ssize_t sent;

	do
		sent = sendmsg(fd, &message, 0);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? nerrno() : 0;
}

int message_send(int fd, const struct bytes *bytes)
{
	return message_send_parts(fd,
				  &(struct iovec){ bytes->data, bytes->size },
				  1);
}

ssize_t message_receive(int fd, void *buffer, size_t size, int flags)
{
	struct sockaddr_nl sender = { .nl_pid = 0 };
	socklen_t length = sizeof(sender);
	ssize_t got;

	do {
		got = recvfrom(fd, buffer, size, flags | MSG_TRUNC,
			       (void *)&sender, &length);
	} while ((got < 0 && errno == EINTR) || (got >= 0 && sender.nl_pid));
	if (got < 0)
		return errno == EAGAIN ? 0 : nerrno();
	return (size_t)got > size ? -EMSGSIZE : got;
}

int message_next(const char **at, size_t *left,
		 const struct nlmsghdr **ret_header)
{
	const struct nlmsghdr *header = (const void *)*at;
	size_t size;

	if (*left < NLMSG_HDRLEN)
		return 0;
	if (header->nlmsg_len < NLMSG_HDRLEN || header->nlmsg_len > *left)
		return -EBADMSG;
	size = NLMSG_ALIGN((size_t)header->nlmsg_len);
	if (size > *left)
		size = *left;
	*at += size;
	*left -= size;
	*ret_header = header;
	return 1;
}

bool message_is_verdict(const struct nlmsghdr *header)
{
	return header->nlmsg_type == NLMSG_ERROR ||
	       header->nlmsg_type == NLMSG_DONE;
}

int message_verdict(const struct nlmsghdr *header)
{
	int code = 0;

	if (header->nlmsg_len < NLMSG_HDRLEN + sizeof(code))
		return -EBADMSG;
	memcpy(&code, (const char *)header + NLMSG_HDRLEN, sizeof(code));
	return code > 0 ? -EBADMSG : code;
}
