/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The files in /run/lbctl, read with suspicion and replaced atomically. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "error.h"
#include "holds.h"
#include "netns.h"
#include "state.h"

/* Room for some 200,000 servers; whoever wrote more is not us. */
#define HOLDS_MAX ((size_t)16 * 1024 * 1024)
#define PATH_SIZE 64

int state_fail(int raw, const char *path, struct ipvsctl_error *err)
{
	bool refused = raw == -EACCES || raw == -EPERM || raw == -EROFS;
	int code;

	if (raw == -ENOMEM)
		return fail_memory(err);
	if (refused && geteuid() != 0) {
		code = fail(err, -EPERM, "may not write %s", path);
		return fail_hint(err, code, "run it as root: sudo COMMAND");
	}
	return fail(err, -EIO, "cannot use %s: %s", path, strerrordesc_np(-raw));
}

static int make_directory(void)
{
	return mkdir(STATE_DIRECTORY, 0755) < 0 && errno != EEXIST ? nerrno() :
								     0;
}

int state_open(const char *path, int *ret_fd, struct ipvsctl_error *err)
{
	const int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
	int fd = open(path, flags, 0600);

	if (fd < 0 && errno == ENOENT && make_directory() == 0)
		fd = open(path, flags, 0600);
	if (fd < 0)
		return state_fail(nerrno(), path, err);
	*ret_fd = fd;
	return 0;
}

static int holds_path(int netns, char path[PATH_SIZE], struct ipvsctl_error *err)
{
	ino_t inode;
	int r = netns_inode(netns, &inode, err);

	if (r == 0)
		(void)snprintf(path, PATH_SIZE, STATE_DIRECTORY "/holds.%ju",
			       (uintmax_t)inode);
	return r;
}

/* Whether nobody but root and the caller can have written it. */
static bool trusted(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	       (status.st_uid == 0 || status.st_uid == geteuid()) &&
	       !(status.st_mode & (S_IWGRP | S_IWOTH)) &&
	       status.st_size <= (off_t)HOLDS_MAX;
}

/* The file's text, NULL when there is none to trust. */
static int read_text(int fd, char **ret_text, size_t *ret_length)
{
	AUTO_FREE char *text = NULL;
	size_t length = 0, size = 0;
	ssize_t n;

	if (!trusted(fd))
		return 0;
	do {
		if (length == size) {
			char *grown = realloc(text, size ? size * 2 : 4096);
			if (!grown)
				return -ENOMEM;
			text = grown;
			size = size ? size * 2 : 4096;
		}
		n = read(fd, text + length, size - length);
		if (n < 0 && errno != EINTR)
			return nerrno();
		length += n > 0 ? (size_t)n : 0;
	} while (n != 0 && length <= HOLDS_MAX);
	*ret_text = TAKE_PTR(text);
	*ret_length = length;
	return 0;
}

int state_read_holds(int netns, struct ipvsctl_config *config,
		     struct ipvsctl_error *err)
{
	AUTO_FREE char *text = NULL;
	AUTO_CLOSE int fd = -1;
	char path[PATH_SIZE];
	size_t length = 0;
	int r = holds_path(netns, path, err);

	if (r < 0)
		return r;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == ELOOP))
		return 0;
	if (fd < 0)
		return state_fail(nerrno(), path, err);
	r = read_text(fd, &text, &length);
	if (r < 0)
		return state_fail(r, path, err);
	return text ? holds_parse(config, text, length, NULL, err) : 0;
}

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);
	ssize_t n;

	while (left > 0) {
		n = write(fd, text, left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return nerrno();
		text += n;
		left -= (size_t)n;
	}
	return 0;
}

/* Everybody may read what is held; only root writes it. */
static int replace(const char *path, const char *text)
{
	char name[] = STATE_DIRECTORY "/.holds.XXXXXX";
	AUTO_CLOSE int fd = mkostemp(name, O_CLOEXEC);
	int r;

	if (fd < 0)
		return nerrno();
	r = write_all(fd, text);
	if (r == 0 && (fchmod(fd, 0644) < 0 || rename(name, path) < 0))
		r = nerrno();
	if (r < 0)
		(void)unlink(name);
	return r;
}

int state_write_holds(int netns, const char *text, struct ipvsctl_error *err)
{
	char path[PATH_SIZE];
	int r = holds_path(netns, path, err);

	if (r < 0)
		return r;
	if (!*text) {
		r = unlink(path) < 0 && errno != ENOENT ? nerrno() : 0;
	} else if (strlen(text) > HOLDS_MAX) {
		r = -EFBIG;
	} else {
		r = replace(path, text);
		if (r == -ENOENT && make_directory() == 0)
			r = replace(path, text);
	}
	return r < 0 ? state_fail(r, path, err) : 0;
}
