/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The one table from error codes to exit statuses. */
#include "output/status.h"

#include <errno.h>
#include <stddef.h>

#include "output/cleanup.h"

static const struct {
	int code;
	enum status status;
} statuses[] = {
	{ -EINVAL, STATUS_INPUT },
	{ -EPERM, STATUS_PERMISSION },
	{ -EOPNOTSUPP, STATUS_UNSUPPORTED },
};

enum status status_of(int result, bool standing)
{
	if (result == 0)
		return STATUS_DONE;
	if (standing)
		return STATUS_STANDING;
	if (result > 0)
		return STATUS_NO;
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
		if (statuses[i].code == result)
			return statuses[i].status;
	return STATUS_REFUSED;
}
