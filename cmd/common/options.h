/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Options as typed values, and as attributes of objects. */
#ifndef LBCTL_OPTIONS_H
#define LBCTL_OPTIONS_H

#include "common/command.h"

/* A verb's option that is a number. */
struct options_range {
	const char *name;
	uint32_t min;
	uint32_t max;
	uint32_t otherwise; /* if it was not given */
};

/* Gets the number. Returns 0 or -EINVAL. */
int options_range(struct command *command, const struct options_range *range,
		  uint32_t *ret_number) MUST_CHECK;

/*
 * Each sets the object's attributes from the given options, in order. Failures
 * without a subject get the object, but for a mark rule. Returns 0 or -EINVAL, of
 * a mark rule also -ENOMEM.
 */
int options_set_service(struct command *command,
			struct ipvsctl_service *service) MUST_CHECK;
int options_set_server(struct command *command,
		       struct ipvsctl_server *server) MUST_CHECK;
int options_set_mark(struct command *command,
		     struct ipvsctl_mark *rule) MUST_CHECK;
int options_set_sync(struct command *command,
		     struct ipvsctl_sync *sync) MUST_CHECK;

/* Reads the service that an argument names. Returns 0 or -EINVAL. */
int options_service(struct command *command, const char *text,
		    struct ipvsctl_service *ret_service) MUST_CHECK;

#endif
