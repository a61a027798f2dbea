/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Objects from text in the words of a ruleset, for tests: the identity, then
 * options, as in "tcp:192.0.2.1:80 --scheduler rr".
 */
#ifndef LBCTL_UNIT_GIVEN_H
#define LBCTL_UNIT_GIVEN_H

#include "unit.h"

#include "ipvsctl.h"
#include "output/cleanup.h"

/* Parse, set and check; return 0 or the first failure. */
int read_service(const char *text, struct ipvsctl_service *ret_service,
		 struct ipvsctl_error *err);
int read_server(const struct ipvsctl_service *service, const char *text,
		struct ipvsctl_server *ret_server, struct ipvsctl_error *err);
/* "7 --proto udp", or "exclude --proto udp". */
int read_mark(const char *text, struct ipvsctl_mark *ret_rule,
	      struct ipvsctl_error *err);
int read_sync(const char *text, struct ipvsctl_sync *ret_sync,
	      struct ipvsctl_error *err);
int read_vip(const char *text, struct ipvsctl_vip *ret_vip,
	     struct ipvsctl_error *err);

/* The same, where a failure fails the test. A rule is to be cleared. */
struct ipvsctl_service given_service(const char *text);
struct ipvsctl_server given_server(const char *service, const char *text);
struct ipvsctl_mark given_mark(const char *text);
struct ipvsctl_sync given_sync(const char *text);
struct ipvsctl_vip given_vip(const char *text);

/* A failure as expected; parts that are NULL are not looked at. */
struct failure {
	int code;
	const char *subject;
	const char *message;
	const char *hint;
};
void assert_failure(const struct ipvsctl_error *err,
		    const struct failure *wanted);

/*
 * Configurations in lines, each without its "svc" and so on:
 * "service ...", "server SERVICE SERVER ...", "mark ...", "sync ...",
 * "vip ...", "timeouts A B C", "hold SERVICE SERVER REASON", "remove" like that. Ends with
 * NULL.
 */
struct ipvsctl_config *given_config(const char *const *lines);

#endif
