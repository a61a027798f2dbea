/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Values of a check's options. */
#ifndef LBCTL_CHECK_VALUES_H
#define LBCTL_CHECK_VALUES_H

#include "check/config/check.h"

/* Each returns 0, or -EINVAL or -ENOMEM with err filled. */

/* Reads "3" or "0.25" seconds, more than 0, as microseconds. */
int value_seconds(const char *text, int64_t *ret_us,
		  struct ipvsctl_error *err) MUST_CHECK;
/* Reads "0x00ff", or text with \r \n \t \0 \\ \xHH, and \{9} for the byte
   before it nine times. */
int value_bytes(const char *text, struct check_bytes *ret_bytes,
		struct ipvsctl_error *err) MUST_CHECK;
/* Reads "200,301-303" into way->statuses. */
int value_statuses(const char *text, struct check_way *way,
		   struct ipvsctl_error *err) MUST_CHECK;
/* Copies a host's name if valid, for a header, TLS or a greeting. */
int value_host(const char *text, char **ret_text,
	       struct ipvsctl_error *err) MUST_CHECK;
/* Tells whether an address can do no harm in a header or as a word. */
bool value_is_mail(const char *text);
/* Copies a mail address that can do no harm. */
int value_mail(const char *text, char **ret_text,
	       struct ipvsctl_error *err) MUST_CHECK;
/* Reads a server of any service. */
int value_server(const char *text, struct ipvsctl_server *ret_server,
		 struct ipvsctl_error *err) MUST_CHECK;
int value_dns_type(const char *text, uint16_t *ret_type,
		   struct ipvsctl_error *err) MUST_CHECK;
int value_copy(const char *text, char **ret_text,
	       struct ipvsctl_error *err) MUST_CHECK;
/* Adds a copy to a list that ends with NULL. */
int value_append(const char *text, char ***list,
		 struct ipvsctl_error *err) MUST_CHECK;

#endif
