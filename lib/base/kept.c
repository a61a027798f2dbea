/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Files in /run/lbctl, beside the kernel's state. */
#include "kept.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "read-whole.h"
#include "replace.h"
#include "trust.h"

#define OWN_NAMESPACE "/proc/thread-self/ns/net"
#define FIRST_LINE    "network-namespace "

/* The name of the namespace's file, and its first line. */
struct kept_place {
	char name[48];
	char first_line[48]; /* "" if the kernel has no number to tell (< 5.14) */
};

static int make_folder(int parent, const char *name)
{
	AUTO_CLOSE int fd = -1;

	if (mkdirat(parent, name, 0755) < 0)
		return errno == EEXIST ? 0 : nerrno();
	/* Everybody may read what is kept, whatever the umask. */
	fd = open_at(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	return fd < 0 || fchmod(fd, 0755) < 0 ? nerrno() : 0;
}

static int open_folder(int parent, const char *name, bool make, int *ret_fd)
{
	static const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW;
	AUTO_CLOSE int fd = open_at(parent, name, flags);
	struct stat status;
	int r;

	if (fd < 0 && errno == ENOENT && make) {
		r = make_folder(parent, name);
		if (r < 0)
			return r;
		fd = open_at(parent, name, flags);
	}
	if (fd < 0 || fstat(fd, &status) < 0)
		return nerrno();
	if (!trust_file(&status))
		return KEPT_FOLDER_UNTRUSTED;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int kept_open_folder(const char *name, bool make, int *ret_fd,
		     char path[KEPT_PATH])
{
	AUTO_CLOSE int fd = -1;
	int r = open_folder(AT_FDCWD, KEPT_FOLDER, make, &fd);

	(void)snprintf(path, KEPT_PATH, KEPT_FOLDER);
	if (r == 0 && name) {
		(void)snprintf(path, KEPT_PATH, KEPT_FOLDER "/%s", name);
		return open_folder(fd, name, make, ret_fd);
	}
	if (r == 0)
		*ret_fd = TAKE_FD(fd);
	return r;
}

/* ---- Files of the namespace ---------------------------------------------- */

/* Gets the number of the thread's namespace; Linux has it since 5.14. */
static bool namespace_number(uint64_t *ret_number)
{
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t length = sizeof(*ret_number);

	return fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE,
				     ret_number, &length) == 0;
}

static int find_place(const struct kept *kept, struct kept_place *place)
{
	uint64_t number;
	struct stat status;

	if (stat(OWN_NAMESPACE, &status) < 0)
		return nerrno();
	(void)snprintf(place->name, sizeof(place->name), "%s.%ju", kept->name,
		       (uintmax_t)status.st_ino);
	place->first_line[0] = '\0';
	if (namespace_number(&number))
		(void)snprintf(place->first_line, sizeof(place->first_line),
			       FIRST_LINE "%ju\n", (uintmax_t)number);
	return 0;
}

static int open_place(const struct kept *kept, bool make,
		      struct kept_place *place, int *ret_folder,
		      char path[KEPT_PATH])
{
	size_t length;
	int r = find_place(kept, place);

	(void)snprintf(path, KEPT_PATH, OWN_NAMESPACE);
	if (r == 0)
		r = kept_open_folder(kept->folder, make, ret_folder, path);
	if (r != 0)
		return r;
	length = strlen(path);
	(void)snprintf(path + length, KEPT_PATH - length, "/%s", place->name);
	return 0;
}

/* Removes the first line, or all text if the file is of another namespace. */
static void take_first_line(const struct kept_place *place, char **text,
			    size_t *length)
{
	const size_t first = strlen(place->first_line);

	if (first && strncmp(*text, place->first_line, first) == 0) {
		*length -= first;
		(void)memmove(*text, *text + first, *length + 1);
	} else if (strncmp(*text, FIRST_LINE, strlen(FIRST_LINE)) == 0) {
		free(TAKE_PTR(*text));
		*length = 0;
	}
}

static int read_file(int folder, const struct kept_place *place, size_t max,
		     char **ret_text, size_t *ret_length)
{
	AUTO_CLOSE int fd = open_at(folder, place->name,
				    O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
	struct stat status;
	int r;

	if (fd < 0 && errno == ELOOP)
		return KEPT_FILE_UNTRUSTED;
	if (fd < 0 || fstat(fd, &status) < 0)
		return nerrno();
	if (!S_ISREG(status.st_mode) || !trust_file(&status))
		return KEPT_FILE_UNTRUSTED;
	r = read_whole(fd, max, ret_text, ret_length);
	if (r == 0)
		take_first_line(place, ret_text, ret_length);
	return r;
}

int kept_read(const struct kept *kept, char path[KEPT_PATH], char **ret_text,
	      size_t *ret_length)
{
	AUTO_CLOSE int folder = -1;
	struct kept_place place;
	int r = open_place(kept, false, &place, &folder, path);

	*ret_text = NULL;
	*ret_length = 0;
	if (r == 0)
		r = read_file(folder, &place, kept->max, ret_text, ret_length);
	return r == -ENOENT ? 0 : r;
}

static int write_file(int folder, const struct kept_place *place,
		      const char *text)
{
	AUTO_FREE char *whole = NULL;

	if (!*text)
		return unlinkat(folder, place->name, 0) < 0 && errno != ENOENT ?
			       nerrno() :
			       0;
	if (asprintf(&whole, "%s%s", place->first_line, text) < 0) {
		whole = NULL;
		return -ENOMEM;
	}
	return replace_file(folder, place->name, whole, strlen(whole), 0);
}

int kept_write(const struct kept *kept, const char *text, char path[KEPT_PATH])
{
	AUTO_CLOSE int folder = -1;
	struct kept_place place;
	int r = open_place(kept, *text, &place, &folder, path);

	if (r == -ENOENT && !*text)
		return 0;
	if (r == 0 && strlen(text) > kept->max - sizeof(place.first_line))
		r = -EFBIG;
	return r ? r : write_file(folder, &place, text);
}
