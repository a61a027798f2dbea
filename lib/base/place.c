/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Follows a path part by part, safe from other users' links. */
#include "place.h"

#include <sys/vfs.h>

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>

#include "trust.h"

#define LINKS_MAX 40 /* as in the kernel */
#define LOOK	  (O_PATH | O_NOFOLLOW | O_CLOEXEC)

struct walk {
	struct place *place;
	unsigned int flags;
	unsigned int links;
	bool last;	     /* the name is the path's last */
	bool refused;	     /* place->part is what others can replace */
	char rest[PATH_MAX]; /* the path after the name */
};

void place_free(struct place *place)
{
	closep(&place->folder);
	closep(&place->entry);
	place->folder = place->entry = -1;
}

/* Takes fd over as the folder of the next name. */
static int enter(struct place *place, int fd)
{
	closep(&place->folder);
	place->folder = fd;
	return fd < 0 || fstat(fd, &place->folder_status) < 0 ? nerrno() : 0;
}

/* Takes the next name off the rest; "." once there is none. */
static int take_name(struct walk *walk)
{
	char *start = walk->rest + strspn(walk->rest, "/");
	const size_t length = strcspn(start, "/");
	char *name = walk->place->name;

	if (length > NAME_MAX)
		return -ENAMETOOLONG;
	walk->last = !start[length];
	(void)snprintf(name, NAME_MAX + 1, "%.*s", length ? (int)length : 1,
		       length ? start : ".");
	(void)memmove(walk->rest, start + length, strlen(start + length) + 1);
	return 0;
}

/* Opens the name. O_DIRECTORY makes the kernel automount folders on the way. */
static int look(struct walk *walk)
{
	struct place *place = walk->place;

	place->entry = openat(place->folder, place->name,
			      LOOK | (walk->last ? 0 : O_DIRECTORY));
	if (place->entry < 0 && errno == ENOTDIR)
		place->entry = openat(place->folder, place->name, LOOK);
	if (place->entry < 0)
		return nerrno();
	return fstat(place->entry, &place->status) < 0 ? nerrno() : 0;
}

/* Refuses the name, or its folder if others can write that. */
static int refuse(struct walk *walk)
{
	struct place *place = walk->place;
	const size_t length = strlen(place->part);

	if (!trust_owner(place->folder_status.st_uid) ||
	    !(place->folder_status.st_mode & S_ISVTX))
		(void)snprintf(place->part + length, PATH_MAX - length, "%s",
			       length ? "" : ".");
	else
		(void)snprintf(place->part + length, PATH_MAX - length, "%s%s",
			       length && place->part[length - 1] != '/' ? "/" :
									  "",
			       place->name);
	walk->refused = true;
	return -EPERM;
}

/* Tells whether the link is in /proc/PID/fd, and so leads to no path. */
static bool is_descriptor(const struct place *place)
{
	struct statfs status;

	return place->name[strspn(place->name, "0123456789")] == '\0' &&
	       fstatfs(place->folder, &status) == 0 &&
	       status.f_type == PROC_SUPER_MAGIC;
}

/* Opens the file of the descriptor that the link names. */
static int follow_descriptor(struct place *place)
{
	closep(&place->entry);
	place->entry = openat(place->folder, place->name, O_PATH | O_CLOEXEC);
	if (place->entry < 0 || fstat(place->entry, &place->status) < 0)
		return nerrno();
	place->descriptor = true;
	return 0;
}

/* Continues at the link's target. */
static int follow_link(struct walk *walk)
{
	struct place *place = walk->place;
	char target[PATH_MAX];
	ssize_t length = readlinkat(place->entry, "", target, sizeof(target));

	if (length < 0)
		return nerrno();
	if (length == 0)
		return -ENOENT;
	if (++walk->links > LINKS_MAX)
		return -ELOOP;
	if ((size_t)length + strlen(walk->rest) >= PATH_MAX)
		return -ENAMETOOLONG;
	(void)memmove(walk->rest + length, walk->rest, strlen(walk->rest) + 1);
	(void)memcpy(walk->rest, target, (size_t)length);
	closep(&place->entry);
	place->entry = -1;
	if (target[0] != '/')
		return 0;
	place->part[1] = '\0';
	place->part[0] = '/';
	return enter(place, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

static int go_down(struct place *place)
{
	size_t length = strlen(place->part);

	if (!S_ISDIR(place->status.st_mode))
		return -ENOTDIR;
	if (length + strlen(place->name) + 2 > PATH_MAX)
		return -ENAMETOOLONG;
	if (length && place->part[length - 1] != '/')
		place->part[length++] = '/';
	(void)memcpy(place->part + length, place->name, strlen(place->name) + 1);
	place->descriptor = false;
	return enter(place, TAKE_FD(place->entry));
}

/* Tells whether a link at the end of the path must be followed. */
static bool is_followed(const struct walk *walk, bool safe)
{
	return walk->flags & PLACE_FOLLOW ||
	       (walk->flags & PLACE_FOLLOW_SAFE && safe);
}

/* Takes one name. Returns 1 if it is the place, else 0 or a negative errno. */
static int step(struct walk *walk)
{
	struct place *place = walk->place;
	int r = take_name(walk);
	bool safe;

	if (r == 0)
		r = look(walk);
	if (r == -ENOENT && walk->last)
		return 1;
	if (r < 0)
		return r;
	safe = trust_entry(&place->folder_status, &place->status);
	if (!safe && walk->flags & PLACE_TRUSTED)
		return refuse(walk);
	if (S_ISLNK(place->status.st_mode)) {
		if (walk->last && !is_followed(walk, safe))
			return 1;
		if (!safe)
			return refuse(walk);
		if (!is_descriptor(place))
			return follow_link(walk);
		r = follow_descriptor(place);
	}
	if (r == 0 && !walk->last)
		return go_down(place);
	return r < 0 ? r : 1;
}

int place_find(int folder, const char *path, unsigned int flags,
	       struct place *place)
{
	struct walk walk = { .place = place, .flags = flags };
	int r;

	place->folder = place->entry = -1;
	place->descriptor = false;
	place->part[0] = path[0] == '/' ? '/' : '\0';
	place->part[1] = '\0';
	if (!*path)
		return -ENOENT;
	if (strlen(path) >= PATH_MAX)
		return -ENAMETOOLONG;
	(void)memcpy(walk.rest, path, strlen(path) + 1);
	r = enter(place, openat(folder, path[0] == '/' ? "/" : ".",
				O_PATH | O_DIRECTORY | O_CLOEXEC));
	while (r == 0)
		r = step(&walk);
	if (!walk.refused)
		place->part[0] = '\0';
	return r < 0 ? r : 0;
}

/* ---- Trusted files ------------------------------------------------------- */

/* Others may write to a device, which does not change what is read from it. */
static bool is_trusted(const struct place *place, const struct stat *status)
{
	return place->descriptor || trust_file(status) ||
	       (S_ISCHR(status->st_mode) && trust_owner(status->st_uid));
}

/* Opens the place's file. Returns 1 if others can write it. */
static int open_place(const struct place *place, int flags, int *ret_fd)
{
	AUTO_CLOSE int fd = -1;
	struct stat status;

	if (!is_trusted(place, &place->status))
		return 1;
	fd = open_at(place->folder, place->name,
		     flags | (place->descriptor ? 0 : O_NOFOLLOW));
	if (fd < 0 || fstat(fd, &status) < 0)
		return nerrno();
	if (!is_trusted(place, &status))
		return 1;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int place_open_trusted(int folder, const char *path, int flags, int *ret_fd,
		       char ret_part[PATH_MAX])
{
	AUTO_PLACE struct place place;
	int r = place_find(folder, path, PLACE_FOLLOW | PLACE_TRUSTED, &place);

	(void)memcpy(ret_part, place.part, sizeof(place.part));
	if (r == 0 && place.entry < 0)
		r = -ENOENT;
	if (r == 0)
		r = open_place(&place, flags, ret_fd);
	if (r != 1)
		return r;
	(void)snprintf(ret_part, PATH_MAX, "%s", path);
	return -EPERM;
}
