/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What the backend needs of the host: its lock, proc files, modules. */
#ifndef LBCTL_IPTABLES_SYSTEM_H
#define LBCTL_IPTABLES_SYSTEM_H

#include "ipvsctl.h"
#include "scope.h"

/*
 * Reads a small file into text, with a NUL; leaves out what does not fit.
 * Returns 0, or -1 with errno.
 */
int system_read_file(const char *path, char *text, size_t size);

/*
 * Asks the kernel to load a module. The caller's next attempt shows whether
 * that helped.
 */
void system_load_module(const char *name);

/* Tells whether the namespace can have IPv6 at all. */
bool system_has_ipv6(void);

/*
 * Takes the lock that all iptables programs take; waits at most timeout_ms.
 * Returns a descriptor to close, -EBUSY, -EPERM or -EIO.
 */
int system_lock(unsigned int timeout_ms, struct ipvsctl_error *err) MUST_CHECK;

#endif
