/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The attributes of services: one table for options, rulesets and help. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "model/object.h"
#include "number.h"

/* ---- Scheduler flags --------------------------------------------------- */

/*
 * Named flags come before their generic names. Those of sh and mh are the same
 * flags, so either name works for both schedulers.
 */
static const struct {
	const char *name;
	const char *scheduler; /* NULL: any */
	uint32_t flag;
} flag_names[] = {
	{ "sh-port", "sh", IPVSCTL_SCHED_FLAG_2 },
	{ "sh-fallback", "sh", IPVSCTL_SCHED_FLAG_1 },
	{ "mh-port", "mh", IPVSCTL_SCHED_FLAG_2 },
	{ "mh-fallback", "mh", IPVSCTL_SCHED_FLAG_1 },
	{ "flag-1", NULL, IPVSCTL_SCHED_FLAG_1 },
	{ "flag-2", NULL, IPVSCTL_SCHED_FLAG_2 },
	{ "flag-3", NULL, IPVSCTL_SCHED_FLAG_3 },
	{ "none", NULL, 0 },
};

static int flag_parse(const char *text, size_t length, uint32_t *flags,
		      struct ipvsctl_error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(flag_names); i++)
		if (strlen(flag_names[i].name) == length &&
		    !strncmp(text, flag_names[i].name, length)) {
			*flags |= flag_names[i].flag;
			return 0;
		}
	return fail(err, -EINVAL,
		    "scheduler flag '%.*s' is none of sh-port, sh-fallback, "
		    "mh-port, mh-fallback, flag-1, flag-2, flag-3, none",
		    length > 64 ? 64 : (int)length, text);
}

static int set_sched_flags(void *object, const char *value,
			   struct ipvsctl_error *err)
{
	struct ipvsctl_service *service = object;
	uint32_t flags = service->flags & IPVSCTL_ONE_PACKET;

	for (const char *rest = value; rest;) {
		const char *comma = strchrnul(rest, ',');
		int r = flag_parse(rest, (size_t)(comma - rest), &flags, err);

		if (r < 0)
			return r;
		rest = *comma ? comma + 1 : NULL;
	}
	service->flags = flags;
	return 0;
}

API const char *ipvsctl_scheduler_flags_format(
	const struct ipvsctl_service *service, char text[64])
{
	uint32_t left =
		service->flags & SERVICE_FLAGS & ~(uint32_t)IPVSCTL_ONE_PACKET;
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(flag_names) && left; i++) {
		uint32_t flag = flag_names[i].flag;

		if (!(left & flag) ||
		    (flag_names[i].scheduler &&
		     strcmp(flag_names[i].scheduler, service->scheduler) != 0))
			continue;
		left &= ~flag;
		used += (size_t)snprintf(text + used, 64 - used, "%s%s",
					 used ? "," : "", flag_names[i].name);
	}
	return text;
}

static bool format_sched_flags(const void *object, char *value)
{
	if (!*ipvsctl_scheduler_flags_format(object, value))
		attribute_text(value, "none");
	return true;
}

/* ---- Persistence ------------------------------------------------------- */

/* Returns how many ones a contiguous mask starts with; -1: not contiguous. */
static int mask_bits(uint32_t mask)
{
	return (~mask & (~mask + 1)) ? -1 : __builtin_popcount(mask);
}

static int dotted_mask_parse(const char *value, bool unchecked,
			     uint32_t *ret_mask, struct ipvsctl_error *err)
{
	struct ipvsctl_address address;
	uint32_t mask;
	int r = ipvsctl_address_parse(value, &address, err);

	if (r < 0)
		return r;
	(void)memcpy(&mask, address.bytes, sizeof(mask));
	mask = ntohl(mask);
	if (mask_bits(mask) <= 0 && !unchecked)
		return fail(err, -EINVAL,
			    "netmask '%s' is not ones followed by zeros",
			    value);
	*ret_mask = mask;
	return 0;
}

static int set_netmask(void *object, const char *value,
		       struct ipvsctl_error *err)
{
	struct ipvsctl_service *service = object;
	uint32_t bits = 0;

	if (service->address.family == AF_INET6)
		return number_parse(value,
				    &(struct number_range){ "netmask", 1, 128 },
				    &service->netmask, err);
	if (strchr(value, '.') && !strchr(value, ':'))
		return dotted_mask_parse(value, service->unchecked,
					 &service->netmask, err);
	int r = number_parse(value, &(struct number_range){ "netmask", 1, 32 },
			     &bits, err);
	if (!r)
		service->netmask = UINT32_MAX << (32 - bits);
	return r;
}

API const char *ipvsctl_netmask_format(const struct ipvsctl_service *service,
				       char text[IPVSCTL_ADDRESS_TEXT])
{
	uint32_t mask = service->netmask;

	if (service->address.family == AF_INET6)
		(void)snprintf(text, IPVSCTL_ADDRESS_TEXT, "%u", mask);
	else if (mask && mask_bits(mask) > 0)
		(void)snprintf(text, IPVSCTL_ADDRESS_TEXT, "%d",
			       mask_bits(mask));
	else
		(void)snprintf(text, IPVSCTL_ADDRESS_TEXT, "%u.%u.%u.%u",
			       mask >> 24, (mask >> 16) & 255,
			       (mask >> 8) & 255, mask & 255);
	return text;
}

static bool format_netmask(const void *object, char *value)
{
	(void)ipvsctl_netmask_format(object, value);
	return true;
}

/* ---- Unchecked --------------------------------------------------------- */

bool service_is_odd(const struct ipvsctl_service *service)
{
	struct ipvsctl_service checked = *service;

	checked.unchecked = false;
	return ipvsctl_service_check(&checked, NULL) < 0 ||
	       (service->address.family == AF_INET &&
		mask_bits(service->netmask) < 0);
}

/* ---- The table --------------------------------------------------------- */

/* The first attribute affects those after it; lines.c writes it. */
#define ATTRIBUTES(X)                                                          \
	X("unchecked", NULL, "skip lbctl's own checks (must come first)",      \
	  FLAG_FIELD(struct ipvsctl_service, unchecked, true),                 \
	  .written = WRITTEN_NEVER)                                            \
	X("scheduler", "NAME",                                                 \
	  "how connections are spread: rr, wrr, lc, wlc (default), sh, mh, "   \
	  "dh, sed, nq, fo, ovf, lblc, lblcr",                                 \
	  WORD_FIELD(struct ipvsctl_service, scheduler, "scheduler name",      \
		     WORD_NAME),                                               \
	  .written = WRITTEN_ALWAYS)                                           \
	X("sched-flags", "LIST",                                               \
	  "sh-port, sh-fallback, mh-port, mh-fallback; none",                  \
	  .set = set_sched_flags, .format = format_sched_flags)                \
	X("one-packet", NULL,                                                  \
	  "schedule every datagram by itself (udp, fwmark)",                   \
	  FLAG_FIELD(struct ipvsctl_service, flags, IPVSCTL_ONE_PACKET))       \
	X("no-one-packet", NULL, "schedule connections (default)",             \
	  NO_FLAG_FIELD(struct ipvsctl_service, flags, IPVSCTL_ONE_PACKET))    \
	X("persistent", "SECONDS",                                             \
	  "keep a client on its server for so long; 0: do not (default)",      \
	  NUMBER_FIELD(struct ipvsctl_service, persistence_seconds,            \
		       "persistence", 0, IPVSCTL_TIMEOUT_MAX))                 \
	X("netmask", "MASK",                                                   \
	  "persistence treats clients of one network alike: prefix length or " \
	  "mask",                                                              \
	  OWN_FIELD(struct ipvsctl_service, netmask, set_netmask,              \
		    format_netmask))                                           \
	X("pe", "NAME", "persistence engine: sip, none (default)",             \
	  WORD_FIELD(struct ipvsctl_service, persistence_engine,               \
		     "persistence engine's name", WORD_NAME),                  \
	  .none = "none")

ATTRIBUTE_TABLE(service_attribute_table, ATTRIBUTES);

API const struct ipvsctl_attribute *ipvsctl_service_attributes(void)
{
	return shown;
}

API int ipvsctl_service_set(struct ipvsctl_service *service, const char *name,
			    const char *value, struct ipvsctl_error *err)
{
	return attribute_set(&service_attribute_table, service, name, value,
			     err);
}
