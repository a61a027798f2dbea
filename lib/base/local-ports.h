/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The ports that the kernel gives to this host's own connections. */
#ifndef LBCTL_LOCAL_PORTS_H
#define LBCTL_LOCAL_PORTS_H

#include "ipvsctl.h"

/* Returns the network namespace's range; the kernel's default if unknown. */
struct ipvsctl_port_range local_ports(void);

#endif
