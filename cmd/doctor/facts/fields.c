/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The tables of facts and of their fields. */
#include "doctor/facts/fields.h"

#define FIELD(kind, type, member)                                   \
	{                                                           \
#member, kind, offsetof(struct type, member),       \
			sizeof(((const struct type *)NULL)->member) \
	}

static const struct field host_fields[] = {
	FIELD(FIELD_TEXT, fact_host, kernel),
	FIELD(FIELD_TEXT, fact_host, lbctl),
	FIELD(FIELD_NUMBER, fact_host, user),
	FIELD(FIELD_FLAG, fact_host, ipvs),
	FIELD(FIELD_FLAG, fact_host, split),
	{ 0 },
};

static const struct field link_fields[] = {
	FIELD(FIELD_TEXT, fact_link, name),
	FIELD(FIELD_NUMBER, fact_link, mtu),
	FIELD(FIELD_FLAG, fact_link, up),
	FIELD(FIELD_FLAG, fact_link, carrier),
	FIELD(FIELD_FLAG, fact_link, loopback),
	FIELD(FIELD_FLAG, fact_link, noarp),
	FIELD(FIELD_FLAG, fact_link, multicast),
	{ 0 },
};

static const struct field address_fields[] = {
	FIELD(FIELD_ADDRESS, fact_address, address),
	FIELD(FIELD_NUMBER, fact_address, prefix_length),
	FIELD(FIELD_TEXT, fact_address, interface),
	{ 0 },
};

static const struct field route_fields[] = {
	FIELD(FIELD_ADDRESS, fact_route, address),
	FIELD(FIELD_NUMBER, fact_route, mark),
	FIELD(FIELD_FLAG, fact_route, local),
	FIELD(FIELD_FLAG, fact_route, missing),
	FIELD(FIELD_ADDRESS, fact_route, gateway),
	FIELD(FIELD_TEXT, fact_route, interface),
	{ 0 },
};

static const struct field sysctl_fields[] = {
	FIELD(FIELD_TEXT, fact_sysctl, name),
	FIELD(FIELD_STRING, fact_sysctl, value),
	{ 0 },
};

static const struct field name_fields[] = {
	FIELD(FIELD_TEXT, fact_name, name),
	{ 0 },
};

static const struct field foreign_fields[] = {
	FIELD(FIELD_NUMBER, fact_foreign, family),
	FIELD(FIELD_STRING, fact_foreign, rule),
	{ 0 },
};

static const struct field check_fields[] = {
	FIELD(FIELD_TEXT, fact_check, name),
	FIELD(FIELD_STRING, fact_check, services),
	FIELD(FIELD_FLAG, fact_check, configured),
	FIELD(FIELD_FLAG, fact_check, ran),
	FIELD(FIELD_LONG, fact_check, last_seconds),
	FIELD(FIELD_NUMBER, fact_check, servers),
	FIELD(FIELD_NUMBER, fact_check, down),
	{ 0 },
};

static const struct field checks_file_fields[] = {
	FIELD(FIELD_STRING, fact_checks_file, path),
	FIELD(FIELD_STRING, fact_checks_file, fault),
	{ 0 },
};

static const struct field saved_fields[] = {
	FIELD(FIELD_STRING, fact_saved, path),
	FIELD(FIELD_STRING, fact_saved, fault),
	FIELD(FIELD_NUMBER, fact_saved, changes),
	FIELD(FIELD_NUMBER, fact_saved, marks),
	FIELD(FIELD_STRING, fact_saved, first),
	{ 0 },
};

#define ROWS(key, name, type, fields)                            \
	{                                                        \
		key, name, sizeof(struct type), false, 0, fields \
	}
#define ONE(key, name, type, fields)                            \
	{                                                       \
		key, name, sizeof(struct type), true, 0, fields \
	}
#define CONFIGURED(key, name, kinds)             \
	{                                        \
		key, name, 0, false, kinds, NULL \
	}

const struct fact_shape fact_shapes[FACTS] = {
	[FACT_HOST] = ONE("host", "the host", fact_host, host_fields),
	[FACT_SERVICES] =
		CONFIGURED("services", "services",
			   IPVSCTL_SERVICES | IPVSCTL_SYNC | IPVSCTL_TIMEOUTS),
	[FACT_MARKS] = CONFIGURED("marks", "mark rules", IPVSCTL_MARKS),
	[FACT_VIPS] = CONFIGURED("vips", "VIPs", IPVSCTL_VIPS),
	[FACT_LINKS] = ROWS("links", "interfaces", fact_link, link_fields),
	[FACT_ADDRESSES] =
		ROWS("addresses", "addresses", fact_address, address_fields),
	[FACT_ROUTES] = ROWS("routes", "routes", fact_route, route_fields),
	[FACT_SYSCTLS] = ROWS("sysctls", "sysctls", fact_sysctl, sysctl_fields),
	[FACT_MODULES] =
		ROWS("modules", "kernel modules", fact_name, name_fields),
	[FACT_PROCESSES] = ROWS("managers", "processes of other managers",
				fact_name, name_fields),
	[FACT_FOREIGN] = ROWS("foreign_rules", "mark rules of others",
			      fact_foreign, foreign_fields),
	[FACT_CHECKS] =
		ROWS("checks", "results of checks", fact_check, check_fields),
	[FACT_CHECKS_FILE] = ONE("checks_file", "checks.conf", fact_checks_file,
				 checks_file_fields),
	[FACT_SAVED] =
		ONE("saved", "the saved ruleset", fact_saved, saved_fields),
};

const char *fact_name(enum fact fact)
{
	return fact_shapes[fact].name;
}
