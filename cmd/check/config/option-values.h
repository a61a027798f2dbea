/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Values of a check's options that are more than a text, a flag or a number. */
#ifndef LBCTL_CHECK_OPTION_VALUES_H
#define LBCTL_CHECK_OPTION_VALUES_H

#include "check/config/check.h"

/* Each sets the value of one option in check. Returns 0, or -EINVAL or -ENOMEM with
   err filled. */

/* ---- How to probe (option-way.c) ---- */

int option_set_port(struct check *check, const char *value,
		    struct ipvsctl_error *err) MUST_CHECK;
int option_set_dns_name(struct check *check, const char *value,
			struct ipvsctl_error *err) MUST_CHECK;
int option_set_timeout(struct check *check, const char *value,
		       struct ipvsctl_error *err) MUST_CHECK;
int option_set_source(struct check *check, const char *value,
		      struct ipvsctl_error *err) MUST_CHECK;
int option_set_vip(struct check *check, const char *value,
		   struct ipvsctl_error *err) MUST_CHECK;
int option_set_interface(struct check *check, const char *value,
			 struct ipvsctl_error *err) MUST_CHECK;
int option_set_mark(struct check *check, const char *value,
		    struct ipvsctl_error *err) MUST_CHECK;
int option_set_path(struct check *check, const char *value,
		    struct ipvsctl_error *err) MUST_CHECK;
int option_set_header(struct check *check, const char *value,
		      struct ipvsctl_error *err) MUST_CHECK;
int option_set_expect_header(struct check *check, const char *value,
			     struct ipvsctl_error *err) MUST_CHECK;
int option_set_status(struct check *check, const char *value,
		      struct ipvsctl_error *err) MUST_CHECK;
int option_set_body(struct check *check, const char *value,
		    struct ipvsctl_error *err) MUST_CHECK;
int option_set_sha256(struct check *check, const char *value,
		      struct ipvsctl_error *err) MUST_CHECK;
int option_set_send(struct check *check, const char *value,
		    struct ipvsctl_error *err) MUST_CHECK;
int option_set_expect(struct check *check, const char *value,
		      struct ipvsctl_error *err) MUST_CHECK;
int option_set_type(struct check *check, const char *value,
		    struct ipvsctl_error *err) MUST_CHECK;
int option_set_answer(struct check *check, const char *value,
		      struct ipvsctl_error *err) MUST_CHECK;
int option_set_weight_from(struct check *check, const char *value,
			   struct ipvsctl_error *err) MUST_CHECK;
int option_set_exec(struct check *check, const char *value,
		    struct ipvsctl_error *err) MUST_CHECK;

/* ---- What a verdict leads to (option-effect.c) ---- */

int option_set_notify(struct check *check, const char *value,
		      struct ipvsctl_error *err) MUST_CHECK;
int option_set_name(struct check *check, const char *value,
		    struct ipvsctl_error *err) MUST_CHECK;
int option_set_on_fail(struct check *check, const char *value,
		       struct ipvsctl_error *err) MUST_CHECK;
int option_set_cut_after(struct check *check, const char *value,
			 struct ipvsctl_error *err) MUST_CHECK;
int option_set_slow_start(struct check *check, const char *value,
			  struct ipvsctl_error *err) MUST_CHECK;
int option_set_retry_every(struct check *check, const char *value,
			   struct ipvsctl_error *err) MUST_CHECK;
int option_set_every_down(struct check *check, const char *value,
			  struct ipvsctl_error *err) MUST_CHECK;
int option_set_jitter(struct check *check, const char *value,
		      struct ipvsctl_error *err) MUST_CHECK;
int option_set_quorum(struct check *check, const char *value,
		      struct ipvsctl_error *err) MUST_CHECK;
int option_set_keep(struct check *check, const char *value,
		    struct ipvsctl_error *err) MUST_CHECK;
int option_set_sorry(struct check *check, const char *value,
		     struct ipvsctl_error *err) MUST_CHECK;
int option_set_withdraw(struct check *check, const char *value,
			struct ipvsctl_error *err) MUST_CHECK;
int option_set_backup(struct check *check, const char *value,
		      struct ipvsctl_error *err) MUST_CHECK;
int option_set_standby(struct check *check, const char *value,
		       struct ipvsctl_error *err) MUST_CHECK;
int option_set_standby_below(struct check *check, const char *value,
			     struct ipvsctl_error *err) MUST_CHECK;
int option_set_standby_above(struct check *check, const char *value,
			     struct ipvsctl_error *err) MUST_CHECK;
int option_set_smtp_url(struct check *check, const char *value,
			struct ipvsctl_error *err) MUST_CHECK;

/* ---- Of both ---- */

/* Tells whether a text can go into a request without ending a line. */
bool option_is_line(const char *text);
/* Checks a program that root runs: other users must not be able to change it. */
int option_check_program(const char *value,
			 struct ipvsctl_error *err) MUST_CHECK;

#endif
