/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Files that report weights. */
#ifndef LBCTL_CHECK_WEIGHT_FILE_H
#define LBCTL_CHECK_WEIGHT_FILE_H

#include "check/probe/probe.h"

/* Makes the path of the probe's file. Free it. Returns as placeholder_fill(). */
int weight_file_path(const struct probe *probe, char **ret_path,
		     const char **ret_missing) MUST_CHECK;

#endif
