/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What every part of the library includes first. */
#ifndef LBCTL_BASE_H
#define LBCTL_BASE_H

#include "scope.h"

#define API __attribute__((visibility("default")))

#endif
