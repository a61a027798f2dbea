/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Attributes, and variables that release what they own, for all parts. */
#ifndef LBCTL_BASE_SCOPE_H
#define LBCTL_BASE_SCOPE_H

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Marks what the library exports, as its version map does, too. */
#define API		      __attribute__((visibility("default")))
#define MUST_CHECK	      __attribute__((warn_unused_result))
#define PRINTF(string, first) __attribute__((format(printf, string, first)))
#define CLEANUP(function)     __attribute__((cleanup(function)))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Hands a pointer over: returns its value, and leaves NULL to the cleanup. */
#define TAKE_PTR(pointer)                               \
	({                                              \
		__typeof__(pointer) taken_ = (pointer); \
		(pointer) = NULL;                       \
		taken_;                                 \
	})

/* Hands a file descriptor over: returns its value, and leaves -1. */
#define TAKE_FD(fd)                \
	({                         \
		int taken_ = (fd); \
		(fd) = -1;         \
		taken_;            \
	})

static inline void freep(void *pointer)
{
	free(*(void **)pointer);
}
#define AUTO_FREE CLEANUP(freep)

static inline void closep(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}
#define AUTO_CLOSE CLEANUP(closep)

/* Opens by openat(2), close-on-exec; a new file has the mode 0600. */
static inline int open_at(int folder, const char *path, int flags)
{
	return openat(folder, path, flags | O_CLOEXEC, 0600);
}

/* Returns errno as a negative code, never 0. */
static inline int nerrno(void)
{
	return errno > 0 ? -errno : -EIO;
}

#endif
