/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads and writes files by name, with messages about failures. */
#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "place.h"
#include "read-whole.h"
#include "replace.h"

/* Describes an error, also where strerror() is not clear. */
static const char *explain(int error)
{
	switch (error) {
	case ENOLINK:
		return "a link that another user can have made is not followed";
	case ENOTSUP:
		return "it is not a regular file";
	case ENXIO:
		return "no program reads this FIFO";
	case ETIMEDOUT:
		return "its reader has stopped reading";
	default:
		return strerror(error);
	}
}

bool file_has(const char *path, const char *text)
{
	AUTO_CLOSE int fd = -1;
	AUTO_FREE char *old = NULL;
	const size_t length = strlen(text);
	size_t old_length;
	struct stat status;

	return read_open_regular(path, &fd, &status) == 0 &&
	       S_ISREG(status.st_mode) && status.st_size == (off_t)length &&
	       read_whole(fd, length, &old, &old_length) == 0 &&
	       old_length == length && memcmp(old, text, length) == 0;
}

int file_replace(struct command *command, const char *path, const char *text,
		 unsigned int flags)
{
	int r = replace_file(AT_FDCWD, path, text, strlen(text), flags);

	return r < 0 ? command_fail(command, r == -ENOMEM ? -ENOMEM : -EIO,
				    path, "cannot be written: %s",
				    explain(-r)) :
		       0;
}

int file_fail_read(struct command *command, const char *path, int error)
{
	return command_fail(command, error == ENOMEM ? -ENOMEM : -EIO, path,
			    "cannot be read: %s", strerror(error));
}

int file_open_trusted(struct command *command, const char *path, int flags,
		      int code, int *ret_fd)
{
	char part[PATH_MAX];
	int r = place_open_trusted(AT_FDCWD, path, flags, ret_fd, part);

	if (r < 0 && !part[0])
		return file_fail_read(command, path, -r);
	if (r == 0)
		return 0;
	if (strcmp(part, path) == 0)
		(void)command_fail(command, code, path,
				   "others than root can write it");
	else
		(void)command_fail(command, code, path,
				   "others than root can write %s", part);
	return fail_hint(&command->err, code, "chown root: %s && chmod go-w %s",
			 part, part);
}
