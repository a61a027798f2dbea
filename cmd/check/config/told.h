/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The service that a program gets, kept small: each row has one. */
#ifndef LBCTL_CHECK_TOLD_H
#define LBCTL_CHECK_TOLD_H

#include <ipvsctl.h>

/* The identity of a service that programs get; no family: none. */
struct told {
	struct ipvsctl_address address;
	uint16_t protocol;
	uint16_t port;
	uint32_t fwmark;
};

struct told told_of(const struct ipvsctl_service *service);
struct ipvsctl_service told_service(const struct told *told);
/* Compares identities; none comes first. */
int told_compare(const struct told *a, const struct told *b);

#endif
