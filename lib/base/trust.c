/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The rule of trust, for files that decide what is done. */
#include "trust.h"

bool trust_owner(uid_t uid)
{
	return uid == 0 || uid == geteuid();
}

/* An ACL that lets others write shows in the group's write bit. */
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
