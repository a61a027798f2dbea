/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The module of the kinds that libcurl carries. */
#ifndef LBCTL_CHECK_MODULE_H
#define LBCTL_CHECK_MODULE_H

#include "check/probe/probe.h"

/*
 * Loads the module, which other checks do without, from beside the library.
 * NULL when it cannot be, which command->err then tells.
 */
const struct probe_curl *curl_module(struct command *command) MUST_CHECK;

#endif
