/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The files in /run/lbctl, read with suspicion and replaced atomically. */
#include "kernel/run-state.h"

#include <fcntl.h>
#include <string.h>

#include "fail.h"
#include "kept.h"
#include "kernel/netns.h"
#include "model/holds.h"

static const struct kept holds = {
	.name = "holds",
	/* Room for some 200,000 servers, twice while they change; a larger file
	   is not ours. */
	.max = (size_t)32 * 1024 * 1024,
};

/* Room for some 200,000 VIPs. */
static const struct kept vips = { .name = "vips",
				  .max = (size_t)32 * 1024 * 1024 };

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

/* Fills err for what kept.h returns; 0 stays 0. */
static int fail_kept(int r, const char *path, struct ipvsctl_error *err)
{
	int code;

	if (r < 0)
		return state_fail(r, path, err);
	if (r == 0)
		return 0;
	code = fail(err, -EIO, "others than root can write it");
	code = fail_about(err, code, "%s", path);
	return fail_hint(err, code, "chown root: %s && chmod go-w %s", path,
			 path);
}

int state_open_lock(int *ret_fd, struct ipvsctl_error *err)
{
	AUTO_CLOSE int folder = -1;
	char path[KEPT_PATH];
	int r = kept_open_folder(NULL, true, &folder, path);
	int fd;

	if (r != 0)
		return fail_kept(r, path, err);
	fd = openat(folder, STATE_LOCK,
		    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	/* A lock is also possible in a folder that cannot be written. */
	if (fd < 0 && errno == EROFS)
		fd = openat(folder, STATE_LOCK,
			    O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		r = nerrno();
		return state_fail(r, STATE_LOCK_PATH, err);
	}
	*ret_fd = fd;
	return 0;
}

/*
 * Holds that cannot be trusted or read are an error: without them, drained
 * servers would count as having the wanted weight 0.
 */
int state_read_text(int netns, char **ret_text, struct ipvsctl_error *err)
{
	char path[KEPT_PATH];
	size_t length = 0;
	int back, r = netns_enter(netns, &back, err);

	if (r < 0)
		return r;
	r = kept_read(&holds, path, ret_text, &length);
	return netns_leave(back, fail_kept(r, path, err), err);
}

int state_read_holds(int netns, struct ipvsctl_config *config,
		     struct ipvsctl_error *err)
{
	AUTO_FREE char *text = NULL;
	int r = state_read_text(netns, &text, err);

	return r < 0 || !text ?
		       r :
		       holds_parse(config, text, strlen(text), NULL, err);
}

int state_write_holds(int netns, const char *text, struct ipvsctl_error *err)
{
	char path[KEPT_PATH];
	int back, r = netns_enter(netns, &back, err);

	if (r < 0)
		return r;
	r = kept_write(&holds, text, path);
	return netns_leave(back, fail_kept(r, path, err), err);
}

int state_read_vips(char path[KEPT_PATH], char **ret_text,
		    struct ipvsctl_error *err)
{
	size_t length = 0;
	int r = kept_read(&vips, path, ret_text, &length);

	return fail_kept(r, path, err);
}

int state_write_vips(const char *text, struct ipvsctl_error *err)
{
	char path[KEPT_PATH];
	int r = kept_write(&vips, text, path);

	return fail_kept(r, path, err);
}
