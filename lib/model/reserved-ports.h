/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The ports that the kernel must not give to this host's own sockets, so that
 * rules that are exempt by sockets match no reply to them: such a rule does not
 * see the sockets of UDP that are not connected.
 */
#ifndef LBCTL_RESERVED_PORTS_H
#define LBCTL_RESERVED_PORTS_H

#include "ipvsctl.h"
#include "text.h"

/*
 * Adds to value what ip_local_reserved_ports should be for the rules of config
 * that before does not have; now it is reserved ("80,8000-8100"). Returns
 * whether it is not so already. Never wants most of the local ports reserved:
 * such rules cannot be helped so.
 */
bool reserved_ports_wanted(const struct ipvsctl_config *before,
			   const struct ipvsctl_config *config,
			   const char *reserved,
			   const struct ipvsctl_port_range *local,
			   struct text *value);

#endif
