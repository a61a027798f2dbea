/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Which backend carries the mark rules of a configuration. */
#ifndef LBCTL_BACKEND_H
#define LBCTL_BACKEND_H

#include "ipvsctl.h"
#include "model/attribute.h"
#include "scope.h"

/* Finds a backend by its name. Returns false for an unknown one. */
bool backend_find(const char *name, enum ipvsctl_backend *ret_backend);

/* What "mark flush" can be told. */
struct backend_wish {
	uint16_t backend; /* enum ipvsctl_backend */
};
extern const struct attribute_table backend_attribute_table;

#endif
