/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Any bytes as a reply of the kernel. What can be read must, written and read
 * again, be the same.
 */
#include <linux/netlink.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void again_service(const struct ipvsctl_service *in)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct ipvsctl_service out;

	if (!msg || codec_start(msg, 32, 1, 0) < 0 ||
	    codec_put_service(msg, in) < 0 ||
	    codec_get_service((const char *)nlmsg_data(nlmsg_hdr(msg)) + 4,
			      nlmsg_hdr(msg)->nlmsg_len - NLMSG_HDRLEN - 4,
			      &out) < 0)
		abort();
	if (ipvsctl_service_compare(in, &out) != 0 || in->flags != out.flags ||
	    in->netmask != out.netmask ||
	    strcmp(in->scheduler, out.scheduler) != 0)
		abort();
	nlmsg_free(msg);
}

static void again_server(const struct ipvsctl_server *in)
{
	struct nl_msg *msg = nlmsg_alloc();
	struct ipvsctl_server out;

	if (!msg || codec_start(msg, 32, 1, 0) < 0 ||
	    codec_put_server(msg, in) < 0 ||
	    codec_get_server((const char *)nlmsg_data(nlmsg_hdr(msg)) + 4,
			     nlmsg_hdr(msg)->nlmsg_len - NLMSG_HDRLEN - 4,
			     AF_INET, &out) < 0)
		abort();
	if (ipvsctl_server_compare(in, &out) != 0 || in->weight != out.weight ||
	    in->forward != out.forward || in->tunnel != out.tunnel ||
	    in->tunnel_checksum != out.tunnel_checksum)
		abort();
	nlmsg_free(msg);
}

static void read_ack(const void *bytes, size_t size)
{
	struct nlmsghdr header;
	char text[CODEC_TEXT];
	int raw;

	if (size < sizeof(header))
		return;
	memcpy(&header, bytes, sizeof(header));
	if (header.nlmsg_len > size)
		return;
	if (codec_get_ack(bytes, &raw, text) == 0 &&
	    (raw < 0 || strnlen(text, sizeof(text)) == sizeof(text)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipvsctl_service service;
	struct ipvsctl_server server;
	struct ipvsctl_sync sync;
	struct ipvsctl_timeouts timeouts;
	struct ipvsctl_info info;
	uint16_t family;
	/* An exact, aligned copy: reading past its end is found. */
	void *bytes = malloc(size ? size : 1);

	if (!bytes)
		return 0;
	if (size)
		memcpy(bytes, data, size);
	if (codec_get_service(bytes, size, &service) == 0)
		again_service(&service);
	if (codec_get_server(bytes, size, AF_INET6, &server) == 0)
		again_server(&server);
	(void)!codec_get_sync(bytes, size, &sync);
	(void)!codec_get_timeouts(bytes, size, &timeouts);
	(void)!codec_get_info(bytes, size, &info);
	(void)!codec_get_family(bytes, size, &family);
	read_ack(bytes, size);
	free(bytes);
	return 0;
}
