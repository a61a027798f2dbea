/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Values of options as types, and the attributes of objects. */
#ifndef LBCTL_OPTIONS_H
#define LBCTL_OPTIONS_H

#include "common/command.h"

/* A verb's option that is a number. */
struct options_range {
	const char *name;
	uint32_t min;
	uint32_t max;
	uint32_t otherwise; /* when it was not given */
};

/* Returns 0 or -EINVAL. */
int options_range(struct command *command, const struct options_range *range,
		  uint32_t *ret_number) MUST_CHECK;

/*
 * Set the object's attributes from the options given, in order; failures are
 * about subject unless they say otherwise. Return 0 or -EINVAL.
 */
int options_set_service(struct command *command,
			struct ipvsctl_service *service) MUST_CHECK;
int options_set_server(struct command *command,
		       struct ipvsctl_server *server) MUST_CHECK;
int options_set_mark(struct command *command,
		     struct ipvsctl_mark *rule) MUST_CHECK;
int options_set_sync(struct command *command,
		     struct ipvsctl_sync *sync) MUST_CHECK;

/* The service that an argument names. Returns 0 or -EINVAL. */
int options_service(struct command *command, const char *text,
		    struct ipvsctl_service *ret_service) MUST_CHECK;

#endif
