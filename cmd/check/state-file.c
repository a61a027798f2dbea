/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The state as a file: one for each network namespace. */
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "check/read.h"
#include "check/state.h"

#define DIRECTORY "/run/lbctl/check"
/* Room for some 200,000 targets; whoever wrote more is not us. */
#define STATE_MAX ((off_t)32 * 1024 * 1024)
#define PATH_SIZE 64

static int fail_state(struct command *command, const char *path, int error)
{
	return command_fail(command, error == ENOMEM ? -ENOMEM : -EIO, path,
			    "cannot be used: %s", strerror(error));
}

/*
 * A number of the namespace that no other has had since boot, as inodes may
 * have (SO_NETNS_COOKIE, 5.14). The program is in it: see enter_netns().
 */
static int namespace_number(uint64_t *ret_number)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t length = sizeof(*ret_number);
	struct stat status;
	bool known = fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE,
					   ret_number, &length) == 0;

	if (fd >= 0)
		(void)close(fd);
	if (known)
		return 0;
	if (stat("/proc/self/ns/net", &status) < 0)
		return -errno;
	*ret_number = status.st_ino;
	return 0;
}

static int path_of(struct command *command, char path[PATH_SIZE])
{
	uint64_t number = 0;
	int r = namespace_number(&number);

	if (r < 0)
		return fail_state(command, "/proc/self/ns/net", -r);
	(void)snprintf(path, PATH_SIZE, DIRECTORY "/state.%ju",
		       (uintmax_t)number);
	return 0;
}

static void warn_damaged(struct command *command, const char *path,
			 const char *what)
{
	struct report report = command_report(command);

	if (!command->quiet)
		report_warning(&report, "%s: %s", path, what);
}

int state_load(struct command *command, bool warn, struct state *ret_state)
{
	struct file_text file = { 0 };
	AUTO_FREE char *text = NULL;
	AUTO_CLOSE int fd = -1;
	char path[PATH_SIZE];
	struct stat status;
	int r = path_of(command, path);

	if (r < 0)
		return r;
	*ret_state = (struct state){ 0 };
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == ELOOP))
		return 0;
	if (fd < 0 || fstat(fd, &status) < 0)
		return fail_state(command, path, errno);
	if (!S_ISREG(status.st_mode) || status.st_size > STATE_MAX ||
	    !read_is_ours(&status)) {
		if (warn)
			warn_damaged(command, path,
				     "could have been written by others; it is "
				     "passed over");
		return 0;
	}
	r = read_open(fd, (size_t)status.st_size, &file);
	text = file.text;
	if (r < 0)
		return fail_state(command, path, -r);
	if (state_parse(text, file.length, ret_state) < 0)
		return command_no_memory(command);
	if (ret_state->damaged && warn)
		warn_damaged(command, path,
			     "was damaged; what of it makes no sense is left "
			     "out");
	return 0;
}

/* ---- Writing ------------------------------------------------------------- */

static int write_whole(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		length -= (size_t)n;
	}
	return 0;
}

static int replace(const char *path, const char *text, size_t length)
{
	/* Always the same, under the lock: a run that is killed leaves no more. */
	static const char name[] = DIRECTORY "/.state.new";
	AUTO_CLOSE int fd = -1;
	int r;

	(void)unlink(name);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	r = write_whole(fd, text, length);
	if (r == 0 && (fchmod(fd, 0644) < 0 || rename(name, path) < 0))
		r = -errno;
	if (r < 0)
		(void)unlink(name);
	return r;
}

static int make_directories(void)
{
	if (mkdir("/run/lbctl", 0755) < 0 && errno != EEXIST)
		return -errno;
	if (mkdir(DIRECTORY, 0755) < 0 && errno != EEXIST)
		return -errno;
	return 0;
}

int state_save(struct command *command, const struct state *state)
{
	AUTO_FREE char *text = NULL;
	char path[PATH_SIZE];
	size_t length = 0;
	int r = path_of(command, path);

	if (r < 0)
		return r;
	if (state_format(state, &text, &length) < 0)
		return command_no_memory(command);
	r = replace(path, text, length);
	if (r == -ENOENT) {
		r = make_directories();
		if (r == 0)
			r = replace(path, text, length);
	}
	return r < 0 ? fail_state(command, path, -r) : 0;
}
