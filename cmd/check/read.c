/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads whole files, with bounds and with suspicion. */
#include "check/read.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static int fail_read(struct command *command, const char *path, int error)
{
	return command_fail(command, error == ENOMEM ? -ENOMEM : -EIO, path,
			    "cannot be read: %s", strerror(error));
}

/* Reads up to size bytes, fewer when the file ends before. */
static int fill(int fd, char *text, size_t size, size_t *ret_length)
{
	size_t length = 0;

	while (length < size) {
		ssize_t n = read(fd, text + length, size - length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		length += (size_t)n;
	}
	*ret_length = length;
	return 0;
}

static int read_open(struct command *command, const char *path, int fd,
		     size_t size, char **ret_text, size_t *ret_length)
{
	AUTO_FREE char *text = malloc(size + 1);
	int r;

	if (!text)
		return command_no_memory(command);
	r = fill(fd, text, size, ret_length);
	if (r < 0)
		return fail_read(command, path, -r);
	text[*ret_length] = '\0';
	*ret_text = TAKE_PTR(text);
	return 0;
}

static int read_checked(struct command *command, const char *path, size_t max,
			bool trusted, char **ret_text, size_t *ret_length)
{
	/* A pipe without a writer is not waited for. */
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		return fail_read(command, path, errno);
	if (!S_ISREG(status.st_mode))
		return command_fail(command, -EIO, path,
				    "cannot be read: not a regular file");
	if (trusted && ((status.st_mode & (S_IWGRP | S_IWOTH)) ||
			(status.st_uid != 0 && status.st_uid != geteuid()))) {
		(void)command_fail(command, -EINVAL, path,
				   "others than root can write it");
		return command_hint(command, -EINVAL,
				    "chown root: %s && chmod go-w %s", path,
				    path);
	}
	if (status.st_size < 0 || (size_t)status.st_size > max)
		return command_fail(command, -EINVAL, path,
				    "is larger than %zu bytes", max);
	return read_open(command, path, fd, (size_t)status.st_size, ret_text,
			 ret_length);
}

int read_trusted(struct command *command, const char *path, size_t max,
		 char **ret_text, size_t *ret_length)
{
	return read_checked(command, path, max, true, ret_text, ret_length);
}

int read_file(struct command *command, const char *path, size_t max,
	      char **ret_text, size_t *ret_length)
{
	return read_checked(command, path, max, false, ret_text, ret_length);
}
