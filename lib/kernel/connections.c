/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Walks the kernel's connection table, however long, without keeping it. */
#include "kernel/connections.h"

#include <fcntl.h>
#include <string.h>

#include "kernel/context.h"
#include "kernel/netns.h"
#include "model/error.h"

#define TABLE "/proc/thread-self/net/ip_vs_conn"
/* The kernel hands out a page at a time. */
#define BUFFER_SIZE 8192

struct table {
	int fd;
	size_t start; /* of the data not taken yet */
	size_t end;
	bool ended;
	char buffer[BUFFER_SIZE];
};

/* Fills up the buffer, dropping what has been taken. */
static int refill(struct table *table)
{
	ssize_t n;

	memmove(table->buffer, table->buffer + table->start,
		table->end - table->start);
	table->end -= table->start;
	table->start = 0;
	do
		n = read(table->fd, table->buffer + table->end,
			 sizeof(table->buffer) - table->end);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return nerrno();
	table->ended = n == 0;
	table->end += (size_t)n;
	return 0;
}

/* Returns 1 and a line, 0 at the end, -EBADMSG for a line without an end. */
static int next_line(struct table *table, const char **ret_line,
		     size_t *ret_length)
{
	for (;;) {
		const char *line = table->buffer + table->start;
		size_t left = table->end - table->start;
		const char *newline = memchr(line, '\n', left);
		int r;

		if (newline) {
			*ret_line = line;
			*ret_length = (size_t)(newline - line);
			table->start += *ret_length + 1;
			return 1;
		}
		if (table->ended)
			return left ? -EBADMSG : 0;
		if (left > CONNECTION_LINE_MAX)
			return -EBADMSG;
		r = refill(table);
		if (r < 0)
			return r;
	}
}

/* Any thread may read the open table. It exists once ip_vs is loaded. */
static int open_table(struct ipvsctl *ctx, int *ret_fd,
		      struct ipvsctl_error *err)
{
	int back, fd, code, r = netns_enter(ctx->netns, &back, err);

	if (r < 0)
		return r;
	fd = open(TABLE, O_RDONLY | O_CLOEXEC);
	code = fd < 0 ? nerrno() : 0;
	if (code == -ENOENT) {
		code = fail(err, -EOPNOTSUPP, "the kernel has no IPVS");
		code = fail_hint(err, code, "modprobe ip_vs");
	} else if (code < 0) {
		code = fail_kernel(err, OPERATION_READ, -code, NULL);
	}
	r = netns_leave(back, code, err);
	if (r < 0) {
		closep(&fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

static int walk(struct table *table, ipvsctl_connection_fn fn, void *data,
		struct ipvsctl_error *err)
{
	struct ipvsctl_connection connection;
	const char *line;
	size_t length;
	bool titles = true;
	int r;

	while ((r = next_line(table, &line, &length)) > 0) {
		if (titles) {
			titles = false;
			continue;
		}
		r = connection_parse(line, length, &connection);
		if (r < 0)
			break;
		r = fn(&connection, data);
		if (r != 0)
			return r;
	}
	if (r == -EBADMSG)
		return fail(err, -EIO,
			    "a line of the connection table is malformed");
	return r < 0 ? fail_kernel(err, OPERATION_READ, -r, NULL) : 0;
}

API int ipvsctl_each_connection(struct ipvsctl *ctx, ipvsctl_connection_fn fn,
				void *data, struct ipvsctl_error *err)
{
	AUTO_CLOSE int fd = -1;
	int r = open_table(ctx, &fd, err);

	/* Connecting makes the kernel load ip_vs. */
	if (r == -EOPNOTSUPP && context_connect(ctx, NULL) == 0)
		r = open_table(ctx, &fd, err);
	if (r < 0)
		return r;
	struct table table = { .fd = fd };
	return walk(&table, fn, data, err);
}
