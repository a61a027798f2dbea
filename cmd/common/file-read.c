/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads all of a file, or of a pipe. */
#include "common/file-read.h"

#include <sys/stat.h>

#include <errno.h>
#include <unistd.h>

#include "common/cleanup.h"

/* A little more than the library takes, so that it says what is too much. */
#define READ_MAX ((size_t)257 * 1024 * 1024)

/* A file is taken in one go; what tells no size, by and by. */
static size_t guess_size(int fd)
{
	struct stat status;

	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) ||
	    status.st_size < 0 || (size_t)status.st_size >= READ_MAX)
		return 65536;
	return (size_t)status.st_size + 2;
}

int file_read(int fd, char **ret_text, size_t *ret_length)
{
	AUTO_FREE char *text = NULL;
	size_t length = 0, size = 0;
	ssize_t n;

	do {
		/* Behind it all there is to be a NUL. */
		if (length + 1 >= size) {
			const size_t wanted = size ? size * 2 : guess_size(fd);
			char *grown = realloc(text, wanted);

			if (!grown)
				return -ENOMEM;
			text = grown;
			size = wanted;
		}
		n = read(fd, text + length, size - length - 1);
		if (n < 0 && errno != EINTR)
			return -errno;
		length += n > 0 ? (size_t)n : 0;
	} while (n != 0 && length < READ_MAX);
	text[length] = '\0';
	*ret_text = TAKE_PTR(text);
	*ret_length = length;
	return 0;
}
