/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Shared by -L and -S. */
#include <arpa/inet.h>
#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "ipvsadm/print.h"
#include "output/listing.h"

#define FLAGS \
	(IPVSCTL_SCHED_FLAG_1 | IPVSCTL_SCHED_FLAG_2 | IPVSCTL_SCHED_FLAG_3)

static int compare_services(const void *left, const void *right)
{
	const struct ipvsctl_service *a =
		*(const struct ipvsctl_service *const *)left;
	const struct ipvsctl_service *b =
		*(const struct ipvsctl_service *const *)right;

	/* Services without a mark (0) come first. */
	if (a->fwmark != b->fwmark)
		return a->fwmark < b->fwmark ? -1 : 1;
	return ipvsctl_service_compare(a, b);
}

int print_order(const struct ipvsctl_config *config, bool sorted,
		const struct ipvsctl_service ***ret_services, size_t *ret_count)
{
	int r = listing_all(config, ret_services, ret_count);

	if (r == 0 && sorted)
		qsort(*ret_services, *ret_count,
		      sizeof(const struct ipvsctl_service *), compare_services);
	return r;
}

bool print_has_flags(const struct ipvsctl_service *service)
{
	return service->flags & FLAGS;
}

/* Tells whether ipvsadm hides the flag: it has no name for these schedulers. */
static bool leaves_out(const struct ipvsctl_service *service, uint32_t flag)
{
	return flag == IPVSCTL_SCHED_FLAG_3 &&
	       (strcmp(service->scheduler, "sh") == 0 ||
		strcmp(service->scheduler, "mh") == 0);
}

const char *print_flags(const struct ipvsctl_service *service, bool whole,
			char text[64])
{
	struct ipvsctl_service one = *service;
	char name[64];
	char *at = text;

	*at = '\0';
	for (uint32_t flag = IPVSCTL_SCHED_FLAG_1; flag & FLAGS; flag <<= 1) {
		one.flags = service->flags & flag;
		if (!one.flags || (!whole && leaves_out(service, flag)))
			continue;
		if (at > text)
			*at++ = ',';
		at = stpcpy(at, ipvsctl_scheduler_flags_format(&one, name));
	}
	return text;
}

const char *print_netmask(const struct ipvsctl_service *service,
			  char text[IPVSCTL_ADDRESS_TEXT])
{
	const struct in_addr mask = { .s_addr = htonl(service->netmask) };

	text[0] = '\0';
	if (service->address.family == AF_INET6 && service->netmask != 128)
		(void)snprintf(text, IPVSCTL_ADDRESS_TEXT, "%u",
			       service->netmask);
	else if (service->address.family == AF_INET &&
		 service->netmask != UINT32_MAX)
		(void)inet_ntop(AF_INET, &mask, text, IPVSCTL_ADDRESS_TEXT);
	return text;
}

int print_end(struct page *page)
{
	int r = page_close(page);

	if (r == 0 || r == -EPIPE)
		return 0;
	return complain(EXIT_LIST_FAILED, "write error: %s", strerror(-r));
}
