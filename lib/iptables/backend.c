/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The symbol that the module exports. */
#include "backend.h"

API const struct mark_backend lbctl_mark_backend = {
	.look = backend_look,
	.load = backend_load,
	.apply = backend_apply,
	.settle = backend_settle,
	.each_foreign = backend_each_foreign,
};
