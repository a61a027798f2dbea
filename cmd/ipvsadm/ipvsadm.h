/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * ipvsadm 1.31's command line, and its answers. A function that can fail prints
 * the reason to stderr and returns the exit status; 0 on success.
 */
#ifndef LBCTL_IPVSADM_H
#define LBCTL_IPVSADM_H

#include <stdint.h>

#include <ipvsctl.h>

#include "ipvsadm-words.h"
#include "output/cleanup.h"

/* Exit statuses of ipvsadm. */
enum {
	EXIT_LIST_FAILED = 1,	  /* or output cannot be written */
	EXIT_WRONG = 2,		  /* command line, input; or no IPVS */
	EXIT_KERNEL_FAILED = 255, /* or popt does not understand */
};

/* Milliseconds to wait for the lock; others hold it for a few. */
#define LOCK_MS 10000

/* Writes a line to stderr. Returns status. */
int complain(int status, const char *format, ...) PRINTF(2, 3);

/* ---- Understanding (options.c, rules.c, parse.c) ---- */

/* Fills in request from a command line. Returns 0 or a status. */
int options_parse(const char **argv, struct request *request) MUST_CHECK;
/* Checks the options together. Returns 0 or a status. */
int rules_check(const struct request *request) MUST_CHECK;
/* Reports an option that was given twice. Returns the status. */
int rules_repeated(enum ipvsadm_option option);

/* Returns the whole text as a number from min to max, or -1. */
int64_t parse_number(const char *text, int64_t min, int64_t max) MUST_CHECK;
/*
 * Reads "HOST[:PORT]" of a service or, under it, of a server; looks names up.
 * Sets address and, if there is one, port. Returns 0 or -EINVAL.
 */
int parse_endpoint(const char *text, uint16_t protocol,
		   struct ipvsctl_address *address, uint16_t *port,
		   bool *ret_has_port) MUST_CHECK;
/* Reads a persistence netmask of that family. Returns 0 or a status. */
int parse_netmask(const char *text, uint16_t family,
		  uint32_t *ret_netmask) MUST_CHECK;
/* Sets scheduler flags, "sh-port,flag-3"; cuts text. Returns 0 or a status. */
int parse_scheduler_flags(char *text,
			  struct ipvsctl_service *service) MUST_CHECK;

void usage_print(const char *program);
void usage_version(void);
/* Prints ipvsadm-save's answer to an unknown option. Returns its status. */
int usage_save(const char *program);
/* Prints "Try ..." to stderr. Returns the status. */
int usage_try(const char *program);

/* ---- Doing ---- */

/* Opens the kernel, and checks that it has IPVS. Returns 0 or a status. */
int kernel_open(struct ipvsctl **ret_ctx,
		struct ipvsctl_info *ret_info) MUST_CHECK;
/* Reports what the kernel's errno means for a command. Returns the status. */
int kernel_refused(enum ipvsadm_command command, int raw);
/* Reports why a command failed. Returns status. */
int kernel_failed(enum ipvsadm_command command, const struct ipvsctl_error *err,
		  int status);

/* Runs a command that writes. */
int edit_run(struct ipvsctl *ctx, const struct request *request) MUST_CHECK;
/* Each runs a kind of -L. */
int list_services(struct ipvsctl *ctx, const struct ipvsctl_info *info,
		  const struct request *request) MUST_CHECK;
int list_timeouts(struct ipvsctl *ctx) MUST_CHECK;
int list_sync(struct ipvsctl *ctx) MUST_CHECK;
int list_connections(struct ipvsctl *ctx,
		     const struct request *request) MUST_CHECK;
/* Runs -S. */
int save_run(struct ipvsctl *ctx, const struct request *request) MUST_CHECK;
/* Runs -R; exactly: deletes what the input does not have. */
int restore_run(const char *program, bool exactly) MUST_CHECK;

#endif
