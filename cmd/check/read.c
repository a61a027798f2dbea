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

bool read_is_ours(const struct stat *status)
{
	return !(status->st_mode & (S_IWGRP | S_IWOTH)) &&
	       (status->st_uid == 0 || status->st_uid == geteuid());
}

int read_open(int fd, size_t size, struct file_text *ret_text)
{
	AUTO_FREE char *text = NULL;
	size_t length = 0;
	ssize_t n = 1;

	text = malloc(size + 1);
	if (!text)
		return -ENOMEM;
	while (n != 0 && length < size) {
		n = read(fd, text + length, size - length);
		if (n < 0 && errno != EINTR)
			return -errno;
		length += n > 0 ? (size_t)n : 0;
	}
	text[length] = '\0';
	ret_text->text = TAKE_PTR(text);
	ret_text->length = length;
	return 0;
}

/* Whether it is a file to be read, and by whose word. */
static int check_file(struct command *command, const char *path, bool trusted,
		      const struct stat *status)
{
	if (!S_ISREG(status->st_mode))
		return command_fail(command, -EIO, path,
				    "cannot be read: not a regular file");
	if (status->st_size < 0 || status->st_size > READ_MAX)
		return command_fail(command, -EINVAL, path,
				    "is larger than %lld bytes",
				    (long long)READ_MAX);
	if (!trusted || read_is_ours(status))
		return 0;
	(void)command_fail(command, -EINVAL, path,
			   "others than root can write it");
	return command_hint(command, -EINVAL, "chown root: %s && chmod go-w %s",
			    path, path);
}

int read_file(struct command *command, const char *path, bool trusted,
	      struct file_text *ret_text)
{
	/* A pipe without a writer is not waited for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status = { 0 };
	int r;

	if (fd < 0)
		return fail_read(command, path, errno);
	r = fstat(fd, &status) < 0 ?
		    fail_read(command, path, errno) :
		    check_file(command, path, trusted, &status);
	if (r == 0) {
		r = read_open(fd, (size_t)status.st_size, ret_text);
		if (r < 0)
			(void)fail_read(command, path, -r);
	}
	(void)close(fd);
	return r < 0 ? command->err.code : 0;
}
