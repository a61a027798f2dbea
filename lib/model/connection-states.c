/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The states of connections: the kernel's names and numbers (5.10 to 7.2). */
#include <netinet/in.h>

#include "ipvsctl.h"
#include "scope.h"

#define IDLE	    0
#define ACTIVE	    IPVSCTL_STATE_ACTIVE
#define HALF_OPEN   IPVSCTL_STATE_HALF_OPEN
#define HALF_CLOSED IPVSCTL_STATE_HALF_CLOSED
#define CLOSING	    IPVSCTL_STATE_CLOSING

/* Protocol 0: of templates, whatever their protocol is. */
static const struct ipvsctl_connection_state states[] = {
	{ "NONE", 0, 0, IDLE },
	{ "ASSURED", 0, 1, IDLE },
	{ "NONE", IPPROTO_TCP, 0, HALF_OPEN },
	{ "ESTABLISHED", IPPROTO_TCP, 1, ACTIVE },
	{ "SYN_SENT", IPPROTO_TCP, 2, HALF_OPEN },
	{ "SYN_RECV", IPPROTO_TCP, 3, HALF_OPEN },
	{ "FIN_WAIT", IPPROTO_TCP, 4, CLOSING },
	{ "TIME_WAIT", IPPROTO_TCP, 5, IDLE },
	{ "CLOSE", IPPROTO_TCP, 6, IDLE },
	{ "CLOSE_WAIT", IPPROTO_TCP, 7, HALF_CLOSED },
	{ "LAST_ACK", IPPROTO_TCP, 8, IDLE },
	{ "LISTEN", IPPROTO_TCP, 9, HALF_OPEN },
	{ "SYNACK", IPPROTO_TCP, 10, HALF_OPEN },
	{ "UDP", IPPROTO_UDP, 0, IDLE },
	{ "NONE", IPPROTO_SCTP, 0, HALF_OPEN },
	{ "INIT1", IPPROTO_SCTP, 1, HALF_OPEN },
	{ "INIT", IPPROTO_SCTP, 2, HALF_OPEN },
	{ "C-SENT", IPPROTO_SCTP, 3, HALF_OPEN },
	{ "C-REPLIED", IPPROTO_SCTP, 4, HALF_OPEN },
	{ "C-WAIT", IPPROTO_SCTP, 5, HALF_OPEN },
	{ "COOKIE", IPPROTO_SCTP, 6, HALF_OPEN },
	{ "C-ECHOED", IPPROTO_SCTP, 7, HALF_OPEN },
	{ "ESTABLISHED", IPPROTO_SCTP, 8, ACTIVE },
	{ "S-SENT", IPPROTO_SCTP, 9, IDLE },
	{ "S-RECEIVED", IPPROTO_SCTP, 10, IDLE },
	{ "S-ACK-SENT", IPPROTO_SCTP, 11, IDLE },
	{ "REJECTED", IPPROTO_SCTP, 12, HALF_OPEN },
	{ "CLOSED", IPPROTO_SCTP, 13, IDLE },
	{ 0 },
};

API const struct ipvsctl_connection_state *ipvsctl_connection_states(void)
{
	return states;
}
