/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Which backend carries the mark rules of a configuration. */
#ifndef LBCTL_BACKEND_H
#define LBCTL_BACKEND_H

#include "ipvsctl.h"
#include "model/attribute.h"
#include "scope.h"

/* Finds a backend by its name. Returns 0 or -EINVAL. */
int backend_parse(const char *name, enum ipvsctl_backend *ret_backend,
		  struct ipvsctl_error *err) MUST_CHECK;

/* What "mark flush" can be told. */
struct backend_wish {
	uint16_t backend; /* enum ipvsctl_backend */
};
extern const struct attribute_table backend_attribute_table;

#endif
