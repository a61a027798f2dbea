/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Cleanup attributes for the types that programs use. */
#ifndef LBCTL_CLEANUP_H
#define LBCTL_CLEANUP_H

#include <stdio.h>

#include <jansson.h>

#include <ipvsctl.h>

#include "scope.h"

static inline void free_config(struct ipvsctl_config **config)
{
	ipvsctl_config_free(*config);
}

static inline void free_plan(struct ipvsctl_plan **plan)
{
	ipvsctl_plan_free(*plan);
}

static inline void free_ruleset(struct ipvsctl_ruleset **ruleset)
{
	ipvsctl_ruleset_free(*ruleset);
}

static inline void free_json(json_t **json)
{
	json_decref(*json);
}

#define AUTO_CONFIG  CLEANUP(free_config)
#define AUTO_PLAN    CLEANUP(free_plan)
#define AUTO_RULESET CLEANUP(free_ruleset)
#define AUTO_JSON    CLEANUP(free_json)
#define AUTO_MARK    CLEANUP(ipvsctl_mark_clear)

#endif
