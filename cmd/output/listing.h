/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The list of services and servers as text, fast enough for thousands. */
#ifndef LBCTL_LISTING_H
#define LBCTL_LISTING_H

#include <stdio.h>

#include <ipvsctl.h>

#include "output/cleanup.h"

/* Columns that are not always shown. */
enum listing_columns {
	LISTING_THRESHOLDS = 1 << 0,
	LISTING_STATS = 1 << 1,
	LISTING_RATES = 1 << 2,
};

struct listing {
	const struct ipvsctl_config *config;
	const struct ipvsctl_service *const *services; /* in config */
	size_t count;
	unsigned int columns; /* enum listing_columns */
};

/* Writes the list; nothing without services. Returns 0 or a negative errno. */
int listing_print(FILE *stream, const struct listing *listing) MUST_CHECK;
/* Gets all services of config; free *ret_services. Returns 0 or -ENOMEM. */
int listing_all(const struct ipvsctl_config *config,
		const struct ipvsctl_service ***ret_services,
		size_t *ret_count) MUST_CHECK;

#endif
