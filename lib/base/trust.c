/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The rule of trust, for files that say what is done. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "place.h"
#include "trust.h"

bool trust_owner(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

/* An access control list that lets others write shows as the group's right. */
bool trust_file(const struct stat *status)
{
	return trust_owner(status->st_uid) &&
	       !(status->st_mode & (S_IWGRP | S_IWOTH));
}

bool trust_entry(const struct stat *folder, const struct stat *entry)
{
	if (trust_file(folder))
		return true;
	return trust_owner(folder->st_uid) && folder->st_mode & S_ISVTX &&
	       trust_owner(entry->st_uid);
}

/* What may be written to a device does not come back from it. */
static bool is_trusted(const struct place *place, const struct stat *status)
{
	return place->descriptor || trust_file(status) ||
	       (S_ISCHR(status->st_mode) && trust_owner(status->st_uid));
}

/* Opens the place for good; 1: others can write what is there. */
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

int trust_open(int folder, const char *path, int flags, int *ret_fd,
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
