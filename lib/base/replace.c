/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Replaces a file by name, whole or not at all, in any folder. */
#include "replace.h"

#include <sys/random.h>

#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "place.h"
#include "trust.h"

#define STALLED_MS     10000
#define READER_TRIES   100
#define READER_WAIT_MS 20

struct content {
	const char *bytes;
	size_t length;
	unsigned int flags;
	const struct stat *old; /* group and mode to keep, or NULL */
};

/* A file that has a name only while it needs one. */
struct temporary {
	int folder;
	int fd;
	char name[32]; /* "": none */
};

int write_all(int fd, const char *bytes, size_t length)
{
	struct pollfd pipe = { .fd = fd, .events = POLLOUT };

	while (length > 0) {
		ssize_t n = write(fd, bytes, length);

		if (n < 0 && errno == EAGAIN) {
			if (poll(&pipe, 1, STALLED_MS) == 0)
				return -ETIMEDOUT;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return nerrno();
		bytes += n;
		length -= (size_t)n;
	}
	return 0;
}

/* ---- Temporary files ----------------------------------------------------- */

static int choose_name(struct temporary *temporary)
{
	uint64_t number;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		return nerrno();
	(void)snprintf(temporary->name, sizeof(temporary->name),
		       ".lbctl.%016jx", (uintmax_t)number);
	return 0;
}

/* An unnamed file leaves nothing behind if the program is killed. */
static int open_unnamed(struct temporary *temporary, mode_t mode)
{
	temporary->fd = openat(temporary->folder, ".",
			       O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
	return temporary->fd < 0 ? -EOPNOTSUPP : 0;
}

static int open_named(struct temporary *temporary, mode_t mode)
{
	int r = choose_name(temporary);

	if (r < 0)
		return r;
	temporary->fd =
		openat(temporary->folder, temporary->name,
		       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		       mode);
	if (temporary->fd >= 0)
		return 0;
	temporary->name[0] = '\0';
	return nerrno();
}

/* Fails if the file system has no links, or the process no /proc. */
static int give_name(struct temporary *temporary)
{
	char own[32];
	int r = choose_name(temporary);

	if (r < 0)
		return r;
	(void)snprintf(own, sizeof(own), "/proc/self/fd/%d", temporary->fd);
	if (linkat(AT_FDCWD, own, temporary->folder, temporary->name,
		   AT_SYMLINK_FOLLOW) == 0)
		return 0;
	temporary->name[0] = '\0';
	return -EOPNOTSUPP;
}

static void remove_temporary(struct temporary *temporary)
{
	closep(&temporary->fd);
	if (temporary->name[0])
		(void)unlinkat(temporary->folder, temporary->name, 0);
}

/* ---- Regular files ------------------------------------------------------- */

/* Drops the group's rights if the old group cannot be kept. */
static int set_permissions(int fd, const struct content *content)
{
	const struct stat *old = content->old;
	mode_t mode = old ? old->st_mode & 0777 : 0644;
	struct stat new;

	if (!old && content->flags & REPLACE_AS_SHELL)
		return 0;
	if (fstat(fd, &new) < 0)
		return nerrno();
	if (old && old->st_gid != new.st_gid &&fchown(fd, (uid_t)-1,
						      old->st_gid) < 0) {
		if (errno != EPERM)
			return nerrno();
		mode &= ~(mode_t)S_IRWXG;
	}
	return fchmod(fd, mode) < 0 ? nerrno() : 0;
}

/* A name is on the disk once its folder is synced. */
static void sync_folder(int folder)
{
	AUTO_CLOSE int fd = open_at(folder, ".", O_RDONLY | O_DIRECTORY);

	if (fd >= 0)
		(void)fsync(fd);
}

static int fill(int fd, const struct content *content)
{
	int r = write_all(fd, content->bytes, content->length);

	if (r == 0)
		r = set_permissions(fd, content);
	if (r == 0 && content->flags & REPLACE_SYNC && fsync(fd) < 0)
		r = nerrno();
	return r;
}

/* Puts a new file in place. Returns -EOPNOTSUPP if it needs a name before. */
static int put(const struct place *place, const struct content *content,
	       int (*open_it)(struct temporary *temporary, mode_t mode))
{
	struct temporary temporary = { .folder = place->folder, .fd = -1 };
	const bool as_shell = content->flags & REPLACE_AS_SHELL;
	int r = open_it(&temporary, content->old || !as_shell ? 0600 : 0644);

	if (r == 0)
		r = fill(temporary.fd, content);
	if (r == 0 && !temporary.name[0])
		r = give_name(&temporary);
	if (r == 0 && renameat(place->folder, temporary.name, place->folder,
			       place->name) < 0)
		r = nerrno();
	if (r == 0)
		temporary.name[0] = '\0';
	remove_temporary(&temporary);
	if (r == 0 && content->flags & REPLACE_SYNC)
		sync_folder(place->folder);
	return r;
}

/* ---- Others -------------------------------------------------------------- */

/* Opens a FIFO for which a reader may be just starting. */
static int open_special(const struct place *place)
{
	const struct timespec pause = { .tv_nsec = READER_WAIT_MS * 1000000L };
	int flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	struct stat status;
	int fd = -1;

	flags |= place->descriptor ? O_TRUNC : O_NOFOLLOW;
	for (int i = 0; i < READER_TRIES; i++) {
		fd = openat(place->folder, place->name, flags);
		if (fd >= 0 || errno != ENXIO ||
		    !S_ISFIFO(place->status.st_mode))
			break;
		(void)nanosleep(&pause, NULL);
	}
	if (fd < 0)
		return nerrno();
	/* Another file may have got the name meanwhile. */
	if (!place->descriptor &&
	    (fstat(fd, &status) < 0 || status.st_dev != place->status.st_dev ||
	     status.st_ino != place->status.st_ino)) {
		(void)close(fd);
		return -ESTALE;
	}
	return fd;
}

static int write_special(const struct place *place,
			 const struct content *content)
{
	AUTO_CLOSE int fd = open_special(place);

	return fd < 0 ? fd : write_all(fd, content->bytes, content->length);
}

/* Applies fs.protected_regular and fs.protected_fifos, even if they are 0. */
static bool is_foreign(const struct place *place)
{
	return place->folder_status.st_mode & S_ISVTX &&
	       trust_owner(place->folder_status.st_uid) &&
	       !trust_entry(&place->folder_status, &place->status);
}

static unsigned int links_of(unsigned int flags)
{
	if (flags & REPLACE_AS_SHELL)
		return PLACE_FOLLOW;
	return flags & REPLACE_KEEP ? PLACE_FOLLOW_SAFE : 0;
}

static int replace_place(const struct place *place, struct content *content)
{
	const mode_t mode = place->entry < 0 ? S_IFREG : place->status.st_mode;
	const bool as_shell = content->flags & REPLACE_AS_SHELL;
	int r;

	if (S_ISDIR(mode))
		return -EISDIR;
	if (as_shell && place->entry >= 0 && is_foreign(place))
		return -EACCES;
	if (!S_ISREG(mode) || place->descriptor) {
		if (as_shell)
			return write_special(place, content);
		if (!S_ISLNK(mode))
			return -ENOTSUP;
	}
	if (place->entry >= 0 && S_ISREG(mode) &&
	    content->flags & REPLACE_KEEP && trust_owner(place->status.st_uid))
		content->old = &place->status;
	r = put(place, content, open_unnamed);
	return r == -EOPNOTSUPP ? put(place, content, open_named) : r;
}

int replace_file(int folder, const char *path, const char *bytes, size_t length,
		 unsigned int flags)
{
	struct content content = { .bytes = bytes,
				   .length = length,
				   .flags = flags };
	AUTO_PLACE struct place place;
	int r = place_find(folder, path, links_of(flags), &place);

	if (r == -EPERM && place.part[0])
		return -ENOLINK;
	return r < 0 ? r : replace_place(&place, &content);
}
