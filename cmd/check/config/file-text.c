/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads whole files of limited size, trusted ones or any. */
#include "check/config/file-text.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>

#include "common/file.h"
#include "read-whole.h"

/* Opens the file; does not wait for the writer of a FIFO. */
static int open_file(struct command *command, const char *path, bool trusted,
		     int *ret_fd)
{
	struct stat status;
	int r;

	if (trusted)
		return file_open_trusted(command, path, O_RDONLY | O_NONBLOCK,
					 -EINVAL, ret_fd);
	r = read_open_regular(path, ret_fd, &status);
	return r < 0 ? file_fail_read(command, path, -r) : 0;
}

int file_text_read(struct command *command, const char *path, bool trusted,
		   struct file_text *ret_text)
{
	AUTO_CLOSE int fd = -1;
	struct stat status;
	int r = open_file(command, path, trusted, &fd);

	if (r < 0)
		return r;
	if (fstat(fd, &status) < 0)
		return file_fail_read(command, path, errno);
	if (!S_ISREG(status.st_mode))
		return command_fail(command, -EIO, path,
				    "cannot be read: not a regular file");
	r = read_whole(fd, READ_MAX, &ret_text->text, &ret_text->length);
	if (r == -EFBIG)
		return command_fail(command, -EINVAL, path,
				    "is larger than %zu bytes", READ_MAX);
	return r < 0 ? file_fail_read(command, path, -r) : 0;
}
