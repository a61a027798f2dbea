/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Programs kept in memory, with the libraries that they load: the guest's own
 * file system takes many times as long to start one.
 */
#include "compat.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whether the file is on the file system that /run is, or none at all. */
static bool is_there(const char *path)
{
	struct stat run, file;

	return stat("/run", &run) < 0 || stat(path, &file) < 0 ||
	       file.st_dev == run.st_dev || !S_ISREG(file.st_mode);
}

static bool copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	ssize_t r;

	do
		r = sendfile(out, in, NULL, 1 << 20);
	while (r > 0);
	if (in >= 0)
		(void)close(in);
	return out >= 0 && close(out) == 0 && r == 0;
}

/* A file that cannot be copied stays where it is. */
void keep_file(const char *path)
{
	char *real = realpath(path, NULL), copy[64];
	struct stat info;

	if (real && !is_there(real) && stat(real, &info) == 0) {
		(void)snprintf(copy, sizeof(copy), "/run/copy-%llx-%llx",
			       (unsigned long long)info.st_dev,
			       (unsigned long long)info.st_ino);
		if (copy_file(real, copy))
			(void)mount(copy, real, NULL, MS_BIND, NULL);
	}
	free(real);
}

/* What the loader says of a program: lines with a path before " (0x...)". */
static void keep_libraries(char *list)
{
	char *rest = NULL;

	for (char *line = strtok_r(list, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *path = strchr(line, '/'), *end = strstr(line, " (");

		if (!path || !end || end < path)
			continue;
		*end = '\0';
		keep_file(path);
	}
}

void keep_program(const char *program)
{
	char trace[] = "LD_TRACE_LOADED_OBJECTS=1", *name = duplicate(program);
	char *argv[] = { name, NULL }, *environment[] = { trace, NULL };
	char list[8192] = "";
	int fd = memfd_create("libraries", MFD_CLOEXEC);
	posix_spawn_file_actions_t actions;
	pid_t pid;

	errno = posix_spawn_file_actions_init(&actions);
	if (fd < 0 || errno)
		bail_out("memfd_create", strerror(errno));
	(void)posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
	(void)posix_spawn_file_actions_addopen(&actions, STDERR_FILENO,
					       "/dev/null", O_WRONLY, 0);
	if (posix_spawn(&pid, program, &actions, NULL, argv, environment) == 0 &&
	    waitpid(pid, NULL, 0) == pid &&
	    pread(fd, list, sizeof(list) - 1, 0) > 0)
		keep_libraries(list);
	keep_file(program);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)close(fd);
	free(name);
}
