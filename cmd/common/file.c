/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Replaces a file through a temporary one beside it. */
#include "common/file.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define LINKS_MAX 16

static int fail_file(struct command *command, const char *path, int error)
{
	return command_fail(command, error == ENOMEM ? -ENOMEM : -EIO, path,
			    "cannot be written: %s", strerror(error));
}

bool file_has(const char *path, const char *text)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t left = strlen(text);
	struct stat status;
	char buffer[4096];

	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) ||
	    status.st_size != (off_t)left)
		return false;
	while (left > 0) {
		ssize_t n = read(fd, buffer, sizeof(buffer));

		if (n <= 0 || (size_t)n > left ||
		    memcmp(buffer, text, (size_t)n) != 0)
			return false;
		text += n;
		left -= (size_t)n;
	}
	return true;
}

/* Follows the last link of a path; false: it is none. */
static bool follow(char path[PATH_MAX])
{
	char target[PATH_MAX];
	ssize_t length = readlink(path, target, sizeof(target) - 1);
	char *slash = strrchr(path, '/');
	size_t kept = slash ? (size_t)(slash - path) + 1 : 0;

	if (length < 0)
		return false;
	target[length] = '\0';
	if (target[0] == '/')
		kept = 0;
	if (kept + (size_t)length >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return false;
	}
	(void)memcpy(path + kept, target, (size_t)length + 1);
	return true;
}

/* Where the file is that path leads to, though it may not exist yet. */
static int resolve(const char *path, char resolved[PATH_MAX])
{
	int links = 0;

	if (snprintf(resolved, PATH_MAX, "%s", path) >= PATH_MAX)
		return -ENAMETOOLONG;
	while (follow(resolved))
		if (++links > LINKS_MAX)
			return -ELOOP;
	return errno == EINVAL || errno == ENOENT ? 0 : -errno;
}

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		left -= (size_t)n;
	}
	return 0;
}

/* A pipe, a device: there is nothing to put in its place. */
static int write_to(const char *path, const char *text)
{
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -errno : write_all(fd, text);
}

/* Gives the new file what the old one had; NULL: there is none. */
static int take_over(int fd, const struct stat *old)
{
	mode_t mask;

	if (!old) {
		mask = umask(0);
		(void)umask(mask);
		return fchmod(fd, 0644 & ~mask) < 0 ? -errno : 0;
	}
	/* Who may not give files away keeps the permissions anyway. */
	if (fchown(fd, old->st_uid, old->st_gid) < 0 && errno != EPERM)
		return -errno;
	return fchmod(fd, old->st_mode & 07777) < 0 ? -errno : 0;
}

/* The name is on the disk when the directory is. */
static void sync_directory(char *path)
{
	char *slash = strrchr(path, '/');
	int fd;

	if (slash)
		slash[slash == path] = '\0';
	fd = open(slash ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)fsync(fd);
	(void)close(fd);
}

static int replace(char path[PATH_MAX], const struct stat *old, const char *text)
{
	char temporary[PATH_MAX];
	char *slash = strrchr(path, '/');
	AUTO_CLOSE int fd = -1;
	int r;

	if (snprintf(temporary, sizeof(temporary), "%.*s.lbctl.XXXXXX",
		     slash ? (int)(slash - path) + 1 : 0,
		     path) >= (int)sizeof(temporary))
		return -ENAMETOOLONG;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = write_all(fd, text);
	if (r == 0)
		r = take_over(fd, old);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (r == 0 && rename(temporary, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(temporary);
	else
		sync_directory(path);
	return r;
}

int file_replace(struct command *command, const char *path, const char *text)
{
	char resolved[PATH_MAX];
	struct stat status;
	const bool exists = stat(path, &status) == 0;
	int r = 0;

	if (exists && S_ISDIR(status.st_mode))
		return fail_file(command, path, EISDIR);
	if (exists && !S_ISREG(status.st_mode)) {
		r = write_to(path, text);
	} else {
		r = resolve(path, resolved);
		if (r == 0)
			r = replace(resolved, exists ? &status : NULL, text);
	}
	return r < 0 ? fail_file(command, path, -r) : 0;
}
