/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The identity of a service that programs get. */
#include "check/config/told.h"

struct told told_of(const struct ipvsctl_service *service)
{
	return (struct told){
		.address = service->address,
		.protocol = service->protocol,
		.port = service->port,
		.fwmark = service->fwmark,
	};
}

struct ipvsctl_service told_service(const struct told *told)
{
	return (struct ipvsctl_service){
		.address = told->address,
		.protocol = told->protocol,
		.port = told->port,
		.fwmark = told->fwmark,
	};
}

int told_compare(const struct told *a, const struct told *b)
{
	const struct ipvsctl_service one = told_service(a);
	const struct ipvsctl_service other = told_service(b);

	if (!a->address.family || !b->address.family)
		return !!a->address.family - !!b->address.family;
	return ipvsctl_service_compare(&one, &other);
}
