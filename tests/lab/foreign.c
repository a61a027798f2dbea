/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Makes what the kernel takes over netlink (6.1), and what neither our programs
 * nor ipvsadm make: the service 192.0.2.47 of GRE; with the argument "flags",
 * in the service tcp:192.0.2.1:80, the server 10.0.0.1 behind a tunnel of all
 * 16 flags.
 */
#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/handlers.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static struct nl_msg *start(int family, uint8_t command, uint8_t version)
{
	const struct genlmsghdr header = { .cmd = command, .version = version };
	struct nl_msg *message = nlmsg_alloc();

	if (message) {
		nlmsg_put(message, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, 0);
		nlmsg_append(message, (void *)&header, sizeof(header),
			     NLMSG_ALIGNTO);
	}
	return message;
}

static int take_family(struct nl_msg *message, void *family)
{
	const struct nlattr *id =
		nlmsg_find_attr(nlmsg_hdr(message), GENL_HDRLEN,
				CTRL_ATTR_FAMILY_ID);

	if (id)
		*(int *)family = nla_get_u16(id);
	return NL_OK;
}

static int find_family(struct nl_sock *sock, int *family)
{
	struct nl_msg *message = start(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);

	if (!message)
		return -NLE_NOMEM;
	nla_put_string(message, CTRL_ATTR_FAMILY_NAME, IPVS_GENL_NAME);
	nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, take_family,
			    family);
	return nl_send_sync(sock, message); /* frees the message */
}

static int add_service(struct nl_sock *sock, int family)
{
	static const struct ip_vs_flags flags = { .mask = UINT32_MAX };
	struct nl_msg *message =
		start(family, IPVS_CMD_NEW_SERVICE, IPVS_GENL_VERSION);
	struct nlattr *nest;

	if (!message)
		return -NLE_NOMEM;
	nest = nla_nest_start(message, IPVS_CMD_ATTR_SERVICE);
	nla_put_u16(message, IPVS_SVC_ATTR_AF, AF_INET);
	nla_put_u16(message, IPVS_SVC_ATTR_PROTOCOL, IPPROTO_GRE);
	nla_put_u32(message, IPVS_SVC_ATTR_ADDR, inet_addr("192.0.2.47"));
	nla_put_u16(message, IPVS_SVC_ATTR_PORT, htons(1));
	nla_put_string(message, IPVS_SVC_ATTR_SCHED_NAME, "rr");
	nla_put(message, IPVS_SVC_ATTR_FLAGS, sizeof(flags), &flags);
	nla_put_u32(message, IPVS_SVC_ATTR_TIMEOUT, 0);
	nla_put_u32(message, IPVS_SVC_ATTR_NETMASK, UINT32_MAX);
	nla_nest_end(message, nest);
	return nl_send_sync(sock, message);
}

static int add_server(struct nl_sock *sock, int family)
{
	struct nl_msg *message =
		start(family, IPVS_CMD_NEW_DEST, IPVS_GENL_VERSION);
	struct nlattr *nest;

	if (!message)
		return -NLE_NOMEM;
	nest = nla_nest_start(message, IPVS_CMD_ATTR_SERVICE);
	nla_put_u16(message, IPVS_SVC_ATTR_AF, AF_INET);
	nla_put_u16(message, IPVS_SVC_ATTR_PROTOCOL, IPPROTO_TCP);
	nla_put_u32(message, IPVS_SVC_ATTR_ADDR, inet_addr("192.0.2.1"));
	nla_put_u16(message, IPVS_SVC_ATTR_PORT, htons(80));
	nla_nest_end(message, nest);
	nest = nla_nest_start(message, IPVS_CMD_ATTR_DEST);
	nla_put_u16(message, IPVS_DEST_ATTR_ADDR_FAMILY, AF_INET);
	nla_put_u32(message, IPVS_DEST_ATTR_ADDR, inet_addr("10.0.0.1"));
	nla_put_u16(message, IPVS_DEST_ATTR_PORT, htons(80));
	nla_put_u32(message, IPVS_DEST_ATTR_FWD_METHOD, IP_VS_CONN_F_TUNNEL);
	nla_put_u32(message, IPVS_DEST_ATTR_WEIGHT, 1);
	nla_put_u8(message, IPVS_DEST_ATTR_TUN_TYPE,
		   IP_VS_CONN_F_TUNNEL_TYPE_GUE);
	nla_put_u16(message, IPVS_DEST_ATTR_TUN_PORT, htons(6080));
	nla_put_u16(message, IPVS_DEST_ATTR_TUN_FLAGS, UINT16_MAX);
	nla_put_u32(message, IPVS_DEST_ATTR_U_THRESH, 0);
	nla_put_u32(message, IPVS_DEST_ATTR_L_THRESH, 0);
	nla_nest_end(message, nest);
	return nl_send_sync(sock, message);
}

int main(int argc, char **argv)
{
	const bool flags = argc > 1 && strcmp(argv[1], "flags") == 0;
	struct nl_sock *sock = nl_socket_alloc();
	int family = 0;
	int r;

	if (!sock)
		return 1;
	r = nl_connect(sock, NETLINK_GENERIC);
	if (r == 0)
		r = find_family(sock, &family);
	if (r == 0)
		r = flags ? add_server(sock, family) :
			    add_service(sock, family);
	if (r < 0)
		fprintf(stderr, "foreign: %s\n", nl_geterror(r));
	nl_socket_free(sock);
	return r < 0;
}
