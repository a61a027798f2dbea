/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What the compiled lab tests share: TAP, short cuts, a namespace of their own. */
#ifndef LBCTL_TAP_H
#define LBCTL_TAP_H

#include <errno.h>
#include <ipvsctl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct ipvsctl_error err; /* of the last call that failed */
static unsigned int tests_run;
static unsigned int tests_failed;

/* One test point. */
static inline void __attribute__((format(printf, 2, 3)))
ok(bool good, const char *format, ...)
{
	va_list arguments;

	tests_run++;
	tests_failed += !good;
	(void)printf("%sok %u - ", good ? "" : "not ", tests_run);
	va_start(arguments, format);
	(void)vprintf(format, arguments);
	va_end(arguments);
	(void)printf("\n");
	if (!good)
		(void)printf("# last failure: %d %s: %s (%s)\n", err.code,
			     err.subject, err.message, err.hint);
	(void)fflush(stdout);
}

/* For what has to work so that the test can go on. */
static inline void must(int r, const char *what)
{
	if (r >= 0)
		return;
	(void)printf("Bail out! %s: %d %s: %s (%s)\n", what, r, err.subject,
		     err.message, err.hint);
	exit(1);
}

static inline int finish(void)
{
	(void)printf("1..%u\n", tests_run);
	return tests_failed ? 1 : 0;
}

/* Runs a program to its end; returns its status. */
static inline int run(const char *const *argv)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Services of the host and of other tests are out of sight. */
static inline void own_namespace(void)
{
	static const char *const up[] = {
		"ip", "link", "set", "lo", "up", NULL
	};

	must(unshare(CLONE_NEWNET), "unshare");
	must(run(up) == 0 ? 0 : -1, "ip link set lo up");
}

static inline struct ipvsctl *open_context(const char *netns)
{
	struct ipvsctl *ctx;

	must(ipvsctl_open(&ctx, netns, &err), "open");
	return ctx;
}

static inline struct ipvsctl_config *load(struct ipvsctl *ctx)
{
	struct ipvsctl_config *config;

	must(ipvsctl_load(ctx, IPVSCTL_SERVICES, NULL, &config, &err), "load");
	return config;
}

static inline struct ipvsctl_config *copy(const struct ipvsctl_config *config)
{
	struct ipvsctl_config *to;

	must(ipvsctl_config_copy(config, &to, NULL), "copy");
	return to;
}

static inline struct ipvsctl_service service_of(const char *text)
{
	struct ipvsctl_service service;

	must(ipvsctl_service_parse(text, &service, &err), text);
	return service;
}

static inline struct ipvsctl_server
server_of(const struct ipvsctl_service *service, const char *text)
{
	struct ipvsctl_server server;

	must(ipvsctl_server_parse(text, service, &server, &err), text);
	return server;
}

static inline int apply(struct ipvsctl *ctx, const struct ipvsctl_config *from,
			const struct ipvsctl_config *to,
			struct ipvsctl_outcome *ret_outcome)
{
	struct ipvsctl_plan *plan;
	int r;

	must(ipvsctl_plan_compare(from, to, &plan, &err), "compare");
	r = ipvsctl_apply(ctx, plan, ret_outcome, &err);
	ipvsctl_plan_free(plan);
	return r;
}

/* How many steps lead from what the kernel has to config. */
static inline size_t differs(struct ipvsctl *ctx,
			     const struct ipvsctl_config *config,
			     unsigned int kinds)
{
	struct ipvsctl_config *now;
	struct ipvsctl_plan *plan;
	size_t count;

	must(ipvsctl_load(ctx, kinds, NULL, &now, &err), "load");
	must(ipvsctl_plan_compare(now, config, &plan, &err), "compare");
	count = ipvsctl_plan_count(plan);
	for (const struct ipvsctl_step *step = ipvsctl_plan_next(plan, NULL);
	     step; step = ipvsctl_plan_next(plan, step)) {
		char *line;

		must(ipvsctl_step_format(step, &line, NULL), "format");
		(void)printf("# differs: %s\n", line);
		free(line);
	}
	ipvsctl_plan_free(plan);
	ipvsctl_config_free(now);
	return count;
}

/* Deletes every service. */
static inline void clear(struct ipvsctl *ctx)
{
	struct ipvsctl_config *from = load(ctx);
	struct ipvsctl_config *to = copy(from);
	const struct ipvsctl_service *service;

	while ((service = ipvsctl_config_next_service(to, NULL))) {
		struct ipvsctl_service identity = *service;

		must(ipvsctl_config_delete_service(to, &identity, &err),
		     "delete");
	}
	must(apply(ctx, from, to, NULL), "clear");
	ipvsctl_config_free(from);
	ipvsctl_config_free(to);
}

#endif
