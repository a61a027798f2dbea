/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads whole files, with a bound. */
#include "read-whole.h"

#include <fcntl.h>
#include <stdio.h>

#define FIRST_SIZE ((size_t)4096)

/* Only the size of a regular file is known beforehand. */
static size_t guess_size(int fd, size_t max)
{
	struct stat status;

	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) ||
	    status.st_size < 0 || (size_t)status.st_size > max)
		return FIRST_SIZE;
	/* One byte for the NUL, one to see whether the file has grown. */
	return (size_t)status.st_size + 2;
}

int read_whole(int fd, size_t max, char **ret_text, size_t *ret_length)
{
	AUTO_FREE char *text = NULL;
	size_t length = 0, size = 0;
	ssize_t n;

	do {
		if (length + 1 >= size) {
			const size_t wanted =
				size ? size * 2 : guess_size(fd, max);
			char *grown = realloc(text, wanted);

			if (!grown)
				return -ENOMEM;
			text = grown;
			size = wanted;
		}
		n = read(fd, text + length, size - length - 1);
		if (n < 0 && errno != EINTR)
			return nerrno();
		length += n > 0 ? (size_t)n : 0;
		if (length > max)
			return -EFBIG;
	} while (n != 0);
	text[length] = '\0';
	*ret_text = TAKE_PTR(text);
	*ret_length = length;
	return 0;
}

int read_open_regular(const char *path, int *ret_fd, struct stat *ret_status)
{
	AUTO_CLOSE int fd = open_at(AT_FDCWD, path, O_PATH);
	char name[32];

	if (fd < 0 || fstat(fd, ret_status) < 0)
		return nerrno();
	if (S_ISREG(ret_status->st_mode)) {
		(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
		*ret_fd = open_at(AT_FDCWD, name, O_RDONLY | O_NONBLOCK);
		return *ret_fd < 0 ? nerrno() : 0;
	}
	*ret_fd = TAKE_FD(fd);
	return 0;
}
