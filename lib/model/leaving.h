/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Servers on their way out: a hold that ends with the server's deletion. */
#ifndef LBCTL_LEAVING_H
#define LBCTL_LEAVING_H

#include "model/config.h"

/* The reason of such a hold, without its times. */
#define LEAVING "leaving"

/*
 * Reads "leaving@SINCE+SECONDS" or "leaving@SINCE+SECONDS:service". Tells
 * whether the reason is one of these.
 */
bool leaving_parse(const char *reason, struct ipvsctl_leaving *ret_leaving);
/* Drops the hold of a server that is wanted again, if it is leaving. Tells
   whether it was. */
bool leaving_stop(struct ipvsctl_config *config,
		  const struct ipvsctl_service *service,
		  const struct ipvsctl_server *server);
/* Makes the service stay when its servers that are leaving are gone. Returns 0 or
   -ENOMEM. */
int leaving_keep_service(struct ipvsctl_config *config,
			 const struct ipvsctl_service *service) MUST_CHECK;
/* Tells whether a server is leaving. */
bool leaving_any(const struct ipvsctl_config *config);
/* Deletes all servers that are leaving. Returns 0 or a negative code. */
int leaving_delete_all(struct ipvsctl_config *config) MUST_CHECK;
/*
 * Puts the servers that from has and `to` lacks back into `to`, as servers that
 * are leaving; one that is leaving in from keeps its start. A service that `to`
 * lacks comes back for them, and so do VIPs. Returns 0 or -ENOMEM.
 */
int leaving_put_back(struct ipvsctl_config *to,
		     const struct ipvsctl_config *from,
		     const struct ipvsctl_leaving *how) MUST_CHECK;

#endif
