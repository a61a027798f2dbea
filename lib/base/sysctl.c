/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Numbers in /proc/sys. */
#include "sysctl.h"

#include <stdio.h>
#include <string.h>

#include "number.h"

#define PATH_SIZE 128
/* The longest number, a sign, a newline. */
#define VALUE_SIZE 16

static int open_number(const char *name, int flags, int *ret_fd)
{
	char path[PATH_SIZE];
	int length = snprintf(path, sizeof(path), "/proc/sys/%s", name);

	if (length < 0 || (size_t)length >= sizeof(path))
		return -ENAMETOOLONG;
	*ret_fd = open_at(AT_FDCWD, path, flags);
	return *ret_fd < 0 ? nerrno() : 0;
}

int sysctl_get(const char *name, uint32_t *ret_value)
{
	static const struct number_range any = { "value", 0, INT32_MAX };
	char text[VALUE_SIZE] = "";
	AUTO_CLOSE int fd = -1;
	ssize_t length;
	int r = open_number(name, O_RDONLY, &fd);

	if (r < 0)
		return r;
	length = read(fd, text, sizeof(text) - 1);
	if (length < 0)
		return nerrno();
	text[strcspn(text, "\n")] = '\0';
	return number_parse(text, &any, ret_value, NULL);
}

int sysctl_set(const char *name, uint32_t value)
{
	char text[VALUE_SIZE];
	AUTO_CLOSE int fd = -1;
	int length = snprintf(text, sizeof(text), "%u\n", value);
	int r = open_number(name, O_WRONLY, &fd);

	if (r < 0)
		return r;
	return write(fd, text, (size_t)length) == length ? 0 : nerrno();
}
