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

static int open_number(const char *name, int flags)
{
	char path[PATH_SIZE];
	int length = snprintf(path, sizeof(path), "/proc/sys/%s", name);
	int fd;

	if (length < 0 || (size_t)length >= sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? nerrno() : fd;
}

int sysctl_get(const char *name, uint32_t *ret_value)
{
	static const struct number_range any = { "value", 0, INT32_MAX };
	char text[VALUE_SIZE] = "";
	AUTO_CLOSE int fd = open_number(name, O_RDONLY);
	ssize_t length;

	if (fd < 0)
		return fd;
	length = read(fd, text, sizeof(text) - 1);
	if (length < 0)
		return nerrno();
	text[strcspn(text, "\n")] = '\0';
	return number_parse(text, &any, ret_value, NULL);
}

int sysctl_set(const char *name, uint32_t value)
{
	char text[VALUE_SIZE];
	AUTO_CLOSE int fd = open_number(name, O_WRONLY);
	int length = snprintf(text, sizeof(text), "%u\n", value);

	if (fd < 0)
		return fd;
	return write(fd, text, (size_t)length) == length ? 0 : nerrno();
}
