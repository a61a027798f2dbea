/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Translates netlink messages of the kernel's IPVS family to and from the
 * library's objects. Uses no socket, keeps no memory, trusts no message.
 */
#ifndef LBCTL_CODEC_H
#define LBCTL_CODEC_H

#include "ipvsctl.h"
#include "scope.h"

struct nl_msg;
struct nlmsghdr;

/*
 * Encoding. Each function appends to a message begun with codec_start(), which
 * can begin the same message again and again, and returns 0 or -EMSGSIZE.
 */
int codec_start(struct nl_msg *msg, uint16_t type, uint8_t command,
		uint16_t flags) MUST_CHECK;
/* Requests the id of the generic netlink family of that name. */
int codec_put_family_name(struct nl_msg *msg, const char *name) MUST_CHECK;
int codec_put_service(struct nl_msg *msg,
		      const struct ipvsctl_service *service) MUST_CHECK;
/* Returns the kernel's flags of a service: IP_VS_SVC_F_*. */
uint32_t codec_service_flags(const struct ipvsctl_service *service);
int codec_put_service_identity(struct nl_msg *msg,
			       const struct ipvsctl_service *service) MUST_CHECK;
/* Appends a server with the weight for the kernel. */
int codec_put_server(struct nl_msg *msg,
		     const struct ipvsctl_server *server) MUST_CHECK;
int codec_put_server_identity(struct nl_msg *msg,
			      const struct ipvsctl_server *server) MUST_CHECK;
int codec_put_sync(struct nl_msg *msg,
		   const struct ipvsctl_sync *sync) MUST_CHECK;
int codec_put_sync_role(struct nl_msg *msg, uint16_t role) MUST_CHECK;
int codec_put_timeouts(struct nl_msg *msg,
		       const struct ipvsctl_timeouts *timeouts) MUST_CHECK;

/*
 * Decoding. data is what follows the generic netlink header, aligned to 4.
 * Unknown attributes are ignored. Each returns 0, or -EBADMSG for a message
 * that is malformed or lacks something.
 */
int codec_get_family(const void *data, size_t length,
		     uint16_t *ret_family) MUST_CHECK;
int codec_get_service(const void *data, size_t length,
		      struct ipvsctl_service *ret_service) MUST_CHECK;
/* family is the service's: kernels before 3.18 do not send the server's. */
int codec_get_server(const void *data, size_t length, uint16_t family,
		     struct ipvsctl_server *ret_server) MUST_CHECK;
int codec_get_sync(const void *data, size_t length,
		   struct ipvsctl_sync *ret_sync) MUST_CHECK;
int codec_get_timeouts(const void *data, size_t length,
		       struct ipvsctl_timeouts *ret_timeouts) MUST_CHECK;
int codec_get_info(const void *data, size_t length,
		   struct ipvsctl_info *ret_info) MUST_CHECK;

/* Room for the kernel's own words on a failure, with the NUL. */
#define CODEC_TEXT 160

/*
 * Reads an NLMSG_ERROR or NLMSG_DONE message of nlmsg_len readable bytes: a
 * positive errno, or 0 for success, and the kernel's words or "".
 */
int codec_get_ack(const struct nlmsghdr *header, int *ret_raw,
		  char text[CODEC_TEXT]) MUST_CHECK;

#endif
