/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Sync daemons: identity, attributes, and checks. */
#include <arpa/inet.h>
#include <string.h>

#include "fail.h"
#include "model/address.h"
#include "model/object.h"

/* The kernel's defaults. */
#define DEFAULT_PORT 8848
#define DEFAULT_TTL  1
static const struct ipvsctl_address default_group = { AF_INET,
						      { 224, 0, 0, 81 } };

static const struct name roles[] = {
	{ IPVSCTL_SYNC_MASTER, "master" },
	{ IPVSCTL_SYNC_BACKUP, "backup" },
	{ 0, NULL },
};

API const char *ipvsctl_sync_role_name(enum ipvsctl_sync_role role)
{
	return name_of(roles, role);
}

API int ipvsctl_sync_parse(const char *role, struct ipvsctl_sync *ret_sync,
			   struct ipvsctl_error *err)
{
	unsigned int number = 0;
	int r = name_parse(roles, "role", role, &number, err);

	if (!r)
		*ret_sync = (struct ipvsctl_sync){ .role = (uint16_t)number };
	return r;
}

/* ---- Attributes -------------------------------------------------------- */

static int set_group(void *object, const char *value, struct ipvsctl_error *err)
{
	struct ipvsctl_address group;
	struct ipvsctl_sync *sync = object;
	int r = ipvsctl_address_parse(value, &group, err);

	if (!r && !address_is_multicast(&group)) {
		r = fail(err, -EINVAL, "'%s' is not a multicast address", value);
		r = fail_hint(err, r, "--group 224.0.0.81");
	}
	if (!r)
		sync->group = group;
	return r;
}

/* Returns the daemon with the kernel's defaults filled in. */
static struct ipvsctl_sync filled(const struct ipvsctl_sync *sync)
{
	struct ipvsctl_sync full = *sync;

	if (!full.port)
		full.port = DEFAULT_PORT;
	if (!full.ttl)
		full.ttl = DEFAULT_TTL;
	if (full.group.family == AF_UNSPEC)
		full.group = default_group;
	return full;
}

static bool format_group(const void *object, char *value)
{
	struct ipvsctl_sync sync = filled(object);

	(void)ipvsctl_address_format(&sync.group, value);
	return true;
}

#define ATTRIBUTES(X)                                                          \
	X("dev", "DEV", "the interface to send and receive by (required)",     \
	  WORD_FIELD(struct ipvsctl_sync, interface, "interface name",         \
		     WORD_INTERFACE),                                          \
	  .written = WRITTEN_ALWAYS)                                           \
	X("id", "NUMBER", "0 to 255; a backup hears masters of its id (0)",    \
	  NUMBER_FIELD(struct ipvsctl_sync, id, "id", 0, UINT8_MAX))           \
	X("max-length", "BYTES", "longest message (what the interface takes)", \
	  NUMBER_FIELD(struct ipvsctl_sync, max_length, "message length", 1,   \
		       65507))                                                 \
	X("group", "ADDRESS", "multicast group (224.0.0.81)",                  \
	  .set = set_group, .format = format_group)                            \
	X("port", "PORT", "UDP port (8848)",                                   \
	  NUMBER_FIELD(struct ipvsctl_sync, port, "port", 1, UINT16_MAX),      \
	  .unset = DEFAULT_PORT)                                               \
	X("ttl", "NUMBER", "IP time to live of messages (1)",                  \
	  NUMBER_FIELD(struct ipvsctl_sync, ttl, "ttl", 1, UINT8_MAX),         \
	  .unset = DEFAULT_TTL)

ATTRIBUTE_TABLE(sync_attribute_table, ATTRIBUTES);

API const struct ipvsctl_attribute *ipvsctl_sync_attributes(void)
{
	return shown;
}

API int ipvsctl_sync_set(struct ipvsctl_sync *sync, const char *name,
			 const char *value, struct ipvsctl_error *err)
{
	return attribute_set(&sync_attribute_table, sync, name, value, err);
}

/* ---- Whole daemons ----------------------------------------------------- */

bool sync_equal(const struct ipvsctl_sync *a, const struct ipvsctl_sync *b)
{
	struct ipvsctl_sync one = filled(a);
	struct ipvsctl_sync other = filled(b);

	return one.role == other.role && one.id == other.id &&
	       !strcmp(one.interface, other.interface) &&
	       one.port == other.port && one.ttl == other.ttl &&
	       !ipvsctl_address_compare(&one.group, &other.group) &&
	       (one.max_length == other.max_length || !one.max_length ||
		!other.max_length);
}

API int ipvsctl_sync_check(const struct ipvsctl_sync *sync,
			   struct ipvsctl_error *err)
{
	const char *role = ipvsctl_sync_role_name(sync->role);
	int r = 0;

	if (*role == '?')
		return fail(err, -EINVAL,
			    "a sync daemon is either master or backup");
	if (!sync->interface[0]) {
		r = fail(err, -EINVAL, "the interface is missing");
		r = fail_hint(err, r, "--dev eth0");
	} else if (sync->id > UINT8_MAX) {
		r = fail(err, -EINVAL, "id %u is above 255", sync->id);
	} else if (sync->group.family != AF_UNSPEC &&
		   !address_is_multicast(&sync->group)) {
		r = fail(err, -EINVAL, "the group is not multicast");
	}
	return r ? fail_about(err, r, "%s", role) : 0;
}
