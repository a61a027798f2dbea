/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Shared by -L and -S: the order of services, and parts of lines. */
#ifndef LBCTL_IPVSADM_PRINT_H
#define LBCTL_IPVSADM_PRINT_H

#include "ipvsadm/ipvsadm.h"
#include "ipvsadm/names.h"
#include "output/page.h"

/*
 * Gets all services of config in the kernel's order, or sorted as ipvsadm does:
 * by mark, family, protocol, address, port. Free *ret_services; 0 or -ENOMEM.
 */
int print_order(const struct ipvsctl_config *config, bool sorted,
		const struct ipvsctl_service ***ret_services,
		size_t *ret_count) MUST_CHECK;

/*
 * Writes the flags of a service's scheduler, "sh-fallback,sh-port"; whole: also
 * those it does not use, which ipvsadm leaves out. Returns text.
 */
const char *print_flags(const struct ipvsctl_service *service, bool whole,
			char text[64]);
/* Writes the netmask, or "" if it is the default. Returns text. */
const char *print_netmask(const struct ipvsctl_service *service,
			  char text[IPVSCTL_ADDRESS_TEXT]);
/* Tells whether a service has scheduler flags. */
bool print_has_flags(const struct ipvsctl_service *service);

/* Ends a command: writes the rest of the page. Returns 0 or a status. */
int print_end(struct page *page) MUST_CHECK;

#endif
