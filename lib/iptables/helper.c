/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Runs the helper program: bounded in time and in the size of its output. */
#include "helper.h"

#include <limits.h>
#include <string.h>
#include <sys/socket.h>

#include "child.h"
#include "fail.h"
#include "module.h"

#define HELPER_TIMEOUT_US INT64_C(10000000)
#define COMPLAINT_MAX	  512

void frame_add(struct bytes *frames, const void *data, size_t size)
{
	uint32_t length = (uint32_t)size;

	bytes_add(frames, &length, sizeof(length));
	bytes_add(frames, data, size);
}

bool frame_next(const struct bytes *frames, size_t *offset,
		const void **ret_data, size_t *ret_size)
{
	uint32_t length;

	if (frames->size - *offset < sizeof(length))
		return false;
	memcpy(&length, frames->data + *offset, sizeof(length));
	if (frames->size - *offset - sizeof(length) < length)
		return false;
	*ret_data = frames->data + *offset + sizeof(length);
	*ret_size = length;
	*offset += sizeof(length) + length;
	return true;
}

static size_t count_frames(const struct bytes *frames)
{
	size_t count = 0;
	size_t offset = 0;
	size_t size;
	const void *data;

	while (frame_next(frames, &offset, &data, &size))
		count++;
	return count;
}

/* Adds up to max bytes of the file. Returns whether that was all. */
static bool take(int fd, size_t max, struct bytes *bytes)
{
	const off_t end = lseek(fd, 0, SEEK_END);
	const size_t size = end < (off_t)max ? (size_t)end : max;
	void *room = bytes_extend(bytes, size);

	return (!room || pread(fd, room, size, 0) == (ssize_t)size) &&
	       end == (off_t)size;
}

static int fail_start(int raw, struct ipvsctl_error *err)
{
	if (raw == ENOMEM)
		return fail_memory(err);
	if (raw != ENOENT && raw != EACCES)
		return fail(err, -EIO, "cannot run the xtables helper: %s",
			    strerror(raw));
	fail(err, -EOPNOTSUPP,
	     "lbctl/xtables, which knows iptables' own words, is missing");
	return fail_hint(err, -EOPNOTSUPP, "make install");
}

/* Fails if the helper did not end well, or wrote more than we take. */
static int check_end(const struct child *child, bool whole,
		     struct ipvsctl_error *err)
{
	if (child->error == ETIMEDOUT)
		return fail(err, -ETIMEDOUT,
			    "the xtables helper did not answer");
	if (child->error)
		return fail_start(child->error, err);
	return whole ? 0 : fail(err, -EIO, "the xtables helper wrote too much");
}

/*
 * Runs the helper, and reads its output. Only its replies count: its status is
 * lost if the caller ignores SIGCHLD.
 */
static int run(const char *const words[2], const struct bytes *requests,
	       struct bytes *ret_replies, struct bytes *ret_complaints,
	       struct ipvsctl_error *err)
{
	static const char *const environment[] = {
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL
	};
	const struct child_limits limits = { .each = HELPER_TIMEOUT_US,
					     .end = INT64_MAX,
					     .trusted = true };
	AUTO_CLOSE int replies = child_file();
	AUTO_CLOSE int complaints = child_file();
	char path[PATH_MAX];
	const char *const argv[] = { path, words[0], words[1], NULL };
	struct child child = {
		.argv = argv,
		.envp = environment,
		.input = requests->data,
		.input_size = requests->size,
		.output = replies,
		.errors = complaints,
	};
	if (replies < 0 || complaints < 0)
		return fail_start(replies < 0 ? -replies : -complaints, err);
	if (module_path((const void *)&helper_run, "xtables", path) < 0)
		return fail_start(ENOENT, err);
	children_run(&child, 1, &limits);
	(void)take(complaints, COMPLAINT_MAX, ret_complaints);
	bytes_add(ret_complaints, "", 1);
	return check_end(&child, take(replies, HELPER_REPLIES_MAX, ret_replies),
			 err);
}

int helper_run(enum helper_task task, uint16_t family,
	       const struct bytes *requests, struct bytes *ret_replies,
	       struct ipvsctl_error *err)
{
	const char *const words[] = {
		task == HELPER_PRINT ? "print" : "compile",
		family == AF_INET ? "4" : "6",
	};
	AUTO_BYTES struct bytes complaints = { 0 };
	const char *text;
	int length, r;

	if (requests->failed)
		return fail_memory(err);
	r = run(words, requests, ret_replies, &complaints, err);
	if (r == 0 && ret_replies->failed)
		return fail_memory(err);
	if (r < 0 || count_frames(ret_replies) == count_frames(requests))
		return r;
	text = (const char *)complaints.data;
	if (complaints.failed || !text || !text[0] || text[0] == '\n')
		return fail(err, -EIO, "the xtables helper failed");
	length = (int)strcspn(text, "\n");
	/* The helper's own message, and that of libxtables 1.8.9. */
	if (strncmp(text, "out of memory", 13) == 0 ||
	    memmem(text, (size_t)length, "malloc failed", 13))
		return fail_memory(err);
	/* The caller gave the words to compile, the kernel the rules. */
	return fail(err, task == HELPER_COMPILE ? -EINVAL : -EIO, "%.*s",
		    length, text);
}
