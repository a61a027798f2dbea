/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What -L and -S share: the order of services, and parts of lines. */
#ifndef LBCTL_IPVSADM_PRINT_H
#define LBCTL_IPVSADM_PRINT_H

#include "common/page.h"
#include "ipvsadm/ipvsadm.h"
#include "ipvsadm/names.h"

/*
 * All services of config, the kernel's own order or ipvsadm's: by mark, family,
 * protocol, address, port. Free *ret_services; 0 or -ENOMEM.
 */
int print_order(const struct ipvsctl_config *config, bool sorted,
		const struct ipvsctl_service ***ret_services,
		size_t *ret_count) MUST_CHECK;

/*
 * The flags of a service's scheduler, "sh-fallback,sh-port". whole: also those
 * that its scheduler has no use for, which ipvsadm leaves out.
 */
const char *print_flags(const struct ipvsctl_service *service, bool whole,
			char text[64]);
/* The netmask, or "" when it is the one that goes without saying. */
const char *print_netmask(const struct ipvsctl_service *service,
			  char text[IPVSCTL_ADDRESS_TEXT]);
/* Whether a service has scheduler flags. */
bool print_has_flags(const struct ipvsctl_service *service);

/* Ends a command: writes what is left. 0 or a status. */
int print_end(struct page *page) MUST_CHECK;

#endif
