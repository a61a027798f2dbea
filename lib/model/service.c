/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Services: identity, attributes, and checks. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "index.h"
#include "model/address.h"
#include "model/object.h"

static const struct name protocols[] = {
	{ IPPROTO_TCP, "tcp" },
	{ IPPROTO_UDP, "udp" },
	{ IPPROTO_SCTP, "sctp" },
	{ 0, NULL },
};

API const char *ipvsctl_protocol_name(unsigned int protocol)
{
	return protocol ? name_of(protocols, protocol) : "fwmark";
}

/* ---- Identity ---------------------------------------------------------- */

struct ipvsctl_service service_default(const struct ipvsctl_service *identity)
{
	struct ipvsctl_service service = {
		.address = identity->address,
		.protocol = identity->protocol,
		.port = identity->port,
		.fwmark = identity->fwmark,
		.scheduler = "wlc",
		.netmask =
			identity->address.family == AF_INET6 ? 128 : UINT32_MAX,
	};

	return service;
}

static int fwmark_parse(const char *text, struct ipvsctl_service *ret_identity,
			struct ipvsctl_error *err)
{
	struct ipvsctl_service identity = { .address.family = AF_INET };
	const char *slash = strchrnul(text, '/');
	char number[16];

	if ((size_t)(slash - text) >= sizeof(number))
		return fail(err, -EINVAL, "'%.64s' is not a mark", text);
	(void)memcpy(number, text, (size_t)(slash - text));
	number[slash - text] = '\0';
	int r = ipvsctl_mark_parse(number, &identity.fwmark, err);
	if (r < 0)
		return r;
	if (!strcmp(slash, "/inet6"))
		identity.address.family = AF_INET6;
	else if (*slash && strcmp(slash, "/inet") != 0)
		return fail(err, -EINVAL, "'%.32s' is neither /inet nor /inet6",
			    slash);
	*ret_identity = identity;
	return 0;
}

/* Fails for a missing protocol; the hint adds one to a valid endpoint. */
static int fail_protocol(const char *text, struct ipvsctl_error *err)
{
	struct ipvsctl_address address;
	bool has_port = false;
	uint16_t port = 0;
	char example[IPVSCTL_IDENTITY_TEXT] = "192.0.2.1:80";

	if (!endpoint_parse(text, &address, &has_port, &port, NULL))
		endpoint_format(&address, has_port ? port : 80, example);
	int r = fail(err, -EINVAL,
		     "'%.64s' is not tcp:, udp: or sctp:ADDRESS:PORT nor "
		     "fwmark:MARK",
		     text);
	return fail_hint(err, r, "tcp:%s", example);
}

static int address_service_parse(const char *text, const char *colon,
				 struct ipvsctl_service *ret_identity,
				 struct ipvsctl_error *err)
{
	struct ipvsctl_service identity = { 0 };
	char name[8] = "";
	char example[IPVSCTL_IDENTITY_TEXT];
	unsigned int protocol = 0;
	bool has_port = false;

	if (colon && (size_t)(colon - text) < sizeof(name))
		(void)memcpy(name, text, (size_t)(colon - text));
	if (!name_find(protocols, name, &protocol))
		return fail_protocol(text, err);
	identity.protocol = (uint16_t)protocol;
	int r = endpoint_parse(colon + 1, &identity.address, &has_port,
			       &identity.port, err);
	if (r < 0)
		return r;
	if (!has_port) {
		endpoint_format(&identity.address, 80, example);
		r = fail(err, -EINVAL, "the port is missing");
		return fail_hint(err, r, "%s:%s", name, example);
	}
	*ret_identity = identity;
	return 0;
}

API int ipvsctl_service_parse(const char *text,
			      struct ipvsctl_service *ret_service,
			      struct ipvsctl_error *err)
{
	struct ipvsctl_service identity = { 0 };
	int r;

	if (!strncmp(text, "fwmark:", 7))
		r = fwmark_parse(text + 7, &identity, err);
	else
		r = address_service_parse(text, strchr(text, ':'), &identity,
					  err);
	if (r < 0)
		return fail_about(err, r, "%.64s", text);
	*ret_service = service_default(&identity);
	return 0;
}

API const char *ipvsctl_service_format(const struct ipvsctl_service *service,
				       char text[IPVSCTL_IDENTITY_TEXT])
{
	char endpoint[IPVSCTL_IDENTITY_TEXT];

	if (service->fwmark) {
		(void)snprintf(text, IPVSCTL_IDENTITY_TEXT, "fwmark:%u%s",
			       service->fwmark,
			       service->address.family == AF_INET6 ? "/inet6" :
								     "");
		return text;
	}
	endpoint_format(&service->address, service->port, endpoint);
	char *end = stpcpy(text, name_of(protocols, service->protocol));
	*end = ':';
	(void)stpcpy(end + 1, endpoint);
	return text;
}

static int compare(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

API int ipvsctl_service_compare(const struct ipvsctl_service *a,
				const struct ipvsctl_service *b)
{
	int r = compare(a->fwmark != 0, b->fwmark != 0);

	if (!r)
		r = compare(a->address.family, b->address.family);
	if (r || a->fwmark)
		return r ? r : compare(a->fwmark, b->fwmark);
	r = compare(a->protocol, b->protocol);
	if (!r)
		r = ipvsctl_address_compare(&a->address, &b->address);
	return r ? r : compare(a->port, b->port);
}

uint32_t service_hash(uint32_t hash, const struct ipvsctl_service *service)
{
	hash = index_hash(hash, &service->address.family,
			  sizeof(service->address.family));
	hash = index_hash(hash, &service->fwmark, sizeof(service->fwmark));
	if (service->fwmark)
		return hash;
	hash = index_hash(hash, service->address.bytes,
			  address_length(&service->address));
	hash = index_hash(hash, &service->protocol, sizeof(service->protocol));
	return index_hash(hash, &service->port, sizeof(service->port));
}

bool service_equal(const struct ipvsctl_service *a,
		   const struct ipvsctl_service *b)
{
	return !strcmp(a->scheduler, b->scheduler) &&
	       !strcmp(a->persistence_engine, b->persistence_engine) &&
	       !((a->flags ^ b->flags) & SERVICE_FLAGS) &&
	       a->persistence_seconds == b->persistence_seconds &&
	       a->netmask == b->netmask;
}

/* ---- Check ------------------------------------------------------------- */

static int check_identity(const struct ipvsctl_service *service,
			  struct ipvsctl_error *err)
{
	int r;

	if (!address_length(&service->address))
		return fail(err, -EINVAL, "the address family is unknown");
	if (service->fwmark)
		return 0;
	if (!strcmp(name_of(protocols, service->protocol), "?"))
		return fail(err, -EINVAL,
			    "protocol %u is none of tcp, udp, sctp",
			    service->protocol);
	if (!address_is_unicast(&service->address) && !service->unchecked)
		return fail(err, -EINVAL, "the VIP is not a unicast address");
	if (service->port || service->persistence_seconds || service->unchecked)
		return 0;
	r = fail(err, -EINVAL,
		 "port 0, which means every port, needs persistence");
	return fail_hint(err, r, "--persistent 300");
}

static int check_netmask(const struct ipvsctl_service *service,
			 struct ipvsctl_error *err)
{
	bool v6 = service->address.family == AF_INET6;
	uint32_t whole = v6 ? 128 : UINT32_MAX;
	int r;

	if (v6 ? !service->netmask || service->netmask > 128 :
		 !service->netmask && !service->unchecked)
		return fail(err, -EINVAL, "netmask out of range");
	if (service->persistence_seconds || service->netmask == whole ||
	    service->unchecked)
		return 0;
	r = fail(err, -EINVAL, "a netmask means nothing without persistence");
	return fail_hint(err, r, "--persistent 300, or --netmask %u",
			 v6 ? 128 : 32);
}

/* Schedulers of the kernel that have no flags; others may have some. */
static bool has_no_flags(const char *scheduler)
{
	static const char *const names[] = { "rr",  "wrr",  "lc",    "wlc",
					     "dh",  "sed",  "nq",    "fo",
					     "ovf", "lblc", "lblcr", "twos",
					     "none" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(scheduler, names[i]))
			return true;
	return false;
}

static int check_flags(const struct ipvsctl_service *service,
		       struct ipvsctl_error *err)
{
	uint32_t flags = service->flags & ~(uint32_t)IPVSCTL_ONE_PACKET;
	int r;

	if (!flags || !has_no_flags(service->scheduler) || service->unchecked)
		return 0;
	r = fail(err, -EINVAL, "scheduler %s has no flags", service->scheduler);
	return fail_hint(err, r, "--scheduler sh, or --sched-flags none");
}

API int ipvsctl_service_check(const struct ipvsctl_service *service,
			      struct ipvsctl_error *err)
{
	char text[IPVSCTL_IDENTITY_TEXT];
	int r = check_identity(service, err);

	if (!r && !service->scheduler[0])
		r = fail(err, -EINVAL, "the scheduler is missing");
	if (!r && (service->flags & IPVSCTL_ONE_PACKET) && !service->fwmark &&
	    service->protocol != IPPROTO_UDP && !service->unchecked) {
		r = fail(err, -EINVAL,
			 "one-packet scheduling is for udp and fwmark only");
		r = fail_hint(err, r, "--no-one-packet");
	}
	if (!r && service->persistence_seconds > IPVSCTL_TIMEOUT_MAX)
		r = fail(err, -EINVAL, "persistence is longer than %u seconds",
			 IPVSCTL_TIMEOUT_MAX);
	if (!r)
		r = check_netmask(service, err);
	if (!r)
		r = check_flags(service, err);
	return r ? fail_about(err, r, "%s",
			      ipvsctl_service_format(service, text)) :
		   0;
}
