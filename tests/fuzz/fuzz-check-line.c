/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Any bytes as checks.conf. A failure names file and line; what is taken is
 * whole, and twice the same.
 */
#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check/config/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
	if (!truth)
		abort();
}

static int run_nothing(struct command *command)
{
	(void)command;
	return 0;
}

/* As lbctl-check has it. */
static const struct command_verb verbs[] = {
	{ .name = "run",
	  .arguments = "[SERVICE...]",
	  .options = check_options,
	  .attributes = ipvsctl_server_attributes,
	  .words = true,
	  .run = run_nothing },
	{ 0 },
};

static const struct command_program program = {
	.name = "lbctl-check",
	.verbs = verbs,
	.standard = "run",
	.implied = true,
};

static void must_be_whole(const struct check *check)
{
	const struct check_way *way = &check->way;
	bool http = way->kind == CHECK_HTTP || way->kind == CHECK_HTTPS;

	must(way->kind < CHECK_KINDS);
	must(check->name[0] && memchr(check->name, '\0', CHECK_NAME_SIZE));
	must(!strpbrk(check->name, " \t\r\n/,:"));
	must(check->from_file && check->where);
	must(check->selector_count > 0 && check->selected[0]);
	/* One word, for the state. */
	must(!strpbrk(check->selected, " \r\n"));
	must(check->fall > 0 && check->rise > 0);
	must(way->timeout_us > 0 && way->timeout_us <= CHECK_TIMEOUT_MAX_US);
	must(!http || (way->path && way->status_count > 0));
	must(way->kind != CHECK_EXEC || (way->exec && way->exec[0]));
	must(way->kind != CHECK_DNS || (way->dns_name && way->dns_type &&
					(way->port || way->server_port)));
	must(!way->path || !strpbrk(way->path, "\r\n "));
	must(!way->host || !strpbrk(way->host, "\r\n "));
	for (char **header = way->headers; header && *header; header++)
		must(!strpbrk(*header, "\r\n"));
	must(!check->mail ||
	     (!strpbrk(check->mail, "\r\n ") && check->mail[0] != '-'));
}

/* Reads it as a file of this process's own. */
static int read_text(const uint8_t *data, size_t size, struct checks *checks)
{
	struct command command = { .program = &program, .verb = verbs };
	int fd = memfd_create("checks.conf", MFD_CLOEXEC);
	char path[32];
	int r;

	must(fd >= 0 && fchmod(fd, 0600) == 0);
	must(write(fd, data, size) == (ssize_t)size);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	r = check_read_file(&command, path, checks);
	/* The file of --data-file need not be there. */
	must(r == 0 || ((r == -EINVAL || r == -EIO) && command.err.file[0]));
	must(r == 0 || (command.err.code == r && command.err.message[0]));
	if (r == 0)
		r = check_all(&command, checks);
	must(r == 0 || (r == -EINVAL && command.err.message[0]));
	(void)close(fd);
	command_free(&command);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct checks once = { 0 }, twice = { 0 };
	int r = read_text(data, size, &once);

	must(read_text(data, size, &twice) == r);
	must(once.count == twice.count);
	for (size_t i = 0; i < once.count; i++) {
		must_be_whole(&once.checks[i]);
		must(strcmp(once.checks[i].name, twice.checks[i].name) == 0);
		must(once.checks[i].way_number == twice.checks[i].way_number);
	}
	checks_free(&once);
	checks_free(&twice);
	return 0;
}
