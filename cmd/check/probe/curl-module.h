/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The module for the kinds that use libcurl. */
#ifndef LBCTL_CHECK_CURL_MODULE_H
#define LBCTL_CHECK_CURL_MODULE_H

#include "check/probe/probe.h"

/*
 * Loads the module from beside the library; other checks do without it. Returns
 * NULL with command->err filled if that fails.
 */
const struct probe_curl *curl_module(struct command *command) MUST_CHECK;

#endif
