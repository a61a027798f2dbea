/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Match data that encoding makes and decoding recognises. */
#ifndef LBCTL_IPTABLES_PARTS_H
#define LBCTL_IPTABLES_PARTS_H

#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_sctp.h>
#include <linux/netfilter/xt_socket.h>
#include <stdbool.h>
#include <string.h>

/*
 * "--ctstate INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED --ctdir ORIGINAL":
 * matches everything but replies. The direction alone would leave out untracked
 * packets, too: a NOTRACK rule for a busy service would stop its mark. Naming
 * every state includes them.
 */
static inline struct xt_conntrack_mtinfo3 exempt_match(void)
{
	return (struct xt_conntrack_mtinfo3){
		.match_flags = XT_CONNTRACK_STATE | XT_CONNTRACK_DIRECTION,
		.state_mask = XT_CONNTRACK_STATE_INVALID |
			      XT_CONNTRACK_STATE_BIT(IP_CT_NEW) |
			      XT_CONNTRACK_STATE_BIT(IP_CT_RELATED) |
			      XT_CONNTRACK_STATE_BIT(IP_CT_ESTABLISHED) |
			      XT_CONNTRACK_STATE_UNTRACKED,
	};
}

/* "--ctstate NEW", as iptables makes it. */
static inline struct xt_conntrack_mtinfo3 state_match(bool negated)
{
	return (struct xt_conntrack_mtinfo3){
		.match_flags = XT_CONNTRACK_STATE,
		.invert_flags = negated ? XT_CONNTRACK_STATE : 0,
		.state_mask = XT_CONNTRACK_STATE_BIT(IP_CT_NEW),
	};
}

/*
 * "-m socket", as iptables makes it on kernels since 4.3: all flags are zero. It
 * passes over sockets that are bound to no address. "--nowildcard" would find
 * them, too (seen on 6.18): then a packet for the port of a daemon that listens
 * on all addresses would get no mark, whoever sent it. A TCP or connected UDP
 * socket is bound to the address that it talks from.
 */
#define SOCKET_MATCH	"socket"
#define SOCKET_REVISION 3

/* Makes an sctp match without conditions, as iptables starts from. */
static inline void sctp_blank(struct xt_sctp_info *info)
{
	memset(info, 0, sizeof(*info));
	for (int i = 0; i < XT_NUM_SCTP_FLAGS; i++)
		info->flag_info[i].chunktype = 0xff;
}

#endif
