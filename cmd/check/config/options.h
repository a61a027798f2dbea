/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The options that make a check, and their values. */
#ifndef LBCTL_CHECK_OPTIONS_H
#define LBCTL_CHECK_OPTIONS_H

#include "check/config/check.h"

/*
 * Sets what one option says. Returns 0, -EINVAL, -ENOMEM with err filled.
 */
int option_set(struct check *check, const char *name, const char *value,
	       struct ipvsctl_error *err) MUST_CHECK;
/* Whether the option goes with that kind of check; run's own go with all. */
bool option_fits(const char *name, enum check_kind kind);
/* Whether the option is about a run, not about a check. */
bool option_of_run(const char *name);

/* Values (values.c): 0, -EINVAL, -ENOMEM with err filled. */

/* "3", "0.25": microseconds, more than 0. */
int value_seconds(const char *text, int64_t *ret_us,
		  struct ipvsctl_error *err) MUST_CHECK;
/* "0x00ff" or text with \r \n \t \0 \\ \xHH. */
int value_bytes(const char *text, struct check_bytes *ret_bytes,
		struct ipvsctl_error *err) MUST_CHECK;
/* "200,301-303". */
int value_statuses(const char *text, struct check_way *way,
		   struct ipvsctl_error *err) MUST_CHECK;
/* A name of a host, for a header, for TLS, for a greeting. */
int value_host(const char *text, char **ret_text,
	       struct ipvsctl_error *err) MUST_CHECK;
/* A mail address that is safe in a header and behind a program's options. */
int value_mail(const char *text, char **ret_text,
	       struct ipvsctl_error *err) MUST_CHECK;
int value_dns_type(const char *text, uint16_t *ret_type,
		   struct ipvsctl_error *err) MUST_CHECK;
/* Fills err; returns code. */
int value_fail(struct ipvsctl_error *err, int code, const char *format, ...)
	PRINTF(3, 4);
int value_copy(const char *text, char **ret_text,
	       struct ipvsctl_error *err) MUST_CHECK;
/* Adds a copy to a list that ends with NULL. */
int value_append(const char *text, char ***list,
		 struct ipvsctl_error *err) MUST_CHECK;

#endif
