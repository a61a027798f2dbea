/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The results of checks, for people and for scripts. */
#ifndef LBCTL_CHECK_SHOW_CHECKS_H
#define LBCTL_CHECK_SHOW_CHECKS_H

#include "common/command.h"

int check_show(struct command *command);

#endif
