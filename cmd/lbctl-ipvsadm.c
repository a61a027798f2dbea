/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* lbctl-ipvsadm: acts as ipvsadm, its -save or its -restore, by its name. */
#include <errno.h>
#include <string.h>

#include "ipvsadm/ipvsadm.h"
#include "output/output.h"

static int list(struct ipvsctl *ctx, const struct ipvsctl_info *info,
		const struct request *request)
{
	if (has(request, CONNECTION))
		return list_connections(ctx, request);
	if (has(request, TIMEOUT))
		return list_timeouts(ctx);
	if (has(request, DAEMON))
		return list_sync(ctx);
	return list_services(ctx, info, request);
}

static int run(const struct request *request)
{
	struct ipvsctl_info info;
	struct ipvsctl *ctx = NULL;
	int status;

	if (request->command == RESTORE)
		return restore_run(request->program, false);
	status = kernel_open(&ctx, &info);
	if (status != 0)
		return status;
	if (request->command == LIST)
		status = list(ctx, &info, request);
	else if (request->command == SAVE)
		status = save_run(ctx, request);
	else
		status = edit_run(ctx, request);
	ipvsctl_close(ctx);
	return status;
}

static int ipvsadm(int argc, const char **argv)
{
	struct request request = { .program = argv[0], .command = LIST };
	int status = argc > 1 ? options_parse(argv, &request) : 0;

	if (status == 0 && request.command == HELP) {
		usage_print(request.program);
		return 0;
	}
	if (status == 0 && request.command == VERSION) {
		usage_version();
		return 0;
	}
	if (status == 0)
		status = rules_check(&request);
	return status == 0 ? run(&request) : status;
}

/* Like the original, ignores words without a dash. */
static int ipvsadm_save(int argc, const char **argv)
{
	struct request request = { .program = argv[0], .command = SAVE };

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-n") == 0)
			request.given |= BIT(NUMERIC);
		else if (strcmp(argv[i], "--full") == 0)
			request.given |= BIT(FULL);
		else if (argv[i][0] == '-')
			return usage_save(argv[0]);
	}
	return run(&request);
}

/* Returns the file that a word names, or a "<" that no shell has read. */
static const char *file_of(const char **word)
{
	const char *name = word[0] + (word[0][0] == '<');

	return !*name && word[1] ? word[1] : name;
}

/* Like the original, ignores options. Refuses the name of a file: if that were
   ignored, the table would stay empty. */
static int ipvsadm_restore(int argc, const char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	const char *name = slash ? slash + 1 : argv[0];

	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-')
			continue;
		(void)complain(EXIT_WRONG,
			       "%s: unexpected argument '%s': rules are read "
			       "from standard input",
			       name, argv[i]);
		return complain(EXIT_WRONG,
				"%s: hint: in a unit file: "
				"StandardInput=file:%s",
				name, file_of(&argv[i]));
	}
	return restore_run(argv[0], true);
}

static const struct {
	const char *name;
	int (*run)(int argc, const char **argv);
} names[] = {
	{ "ipvsadm-save", ipvsadm_save },
	{ "ipvsadm-restore", ipvsadm_restore },
};

/* Lost output is a failure, even if everything else succeeded. */
static int finish(int status)
{
	int r = output_close();

	if (r == 0 || r == -EPIPE || status != 0)
		return status;
	return complain(EXIT_LIST_FAILED, "write error: %s", strerror(-r));
}

int main(int argc, const char **argv)
{
	const char *name = argc > 0 ? strrchr(argv[0], '/') : NULL;
	int (*as)(int argc, const char **argv) = ipvsadm;

	if (argc < 1)
		return usage_try("ipvsadm");
	name = name ? name + 1 : argv[0];
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i].name, name) == 0)
			as = names[i].run;
	output_open();
	return finish(as(argc, argv));
}
