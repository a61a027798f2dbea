/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * file: reads what a file reports of a server's weight. The attempt is up if there
 * is a report, down if there is no file, and else unknown. Anybody can have written
 * the file, so only the line of a report that makes sense is shown.
 */
#include "check/probe/weight-file.h"

#include <sys/stat.h>

#include <errno.h>
#include <string.h>

#include "check/config/placeholder.h"
#include "read-whole.h"

int weight_file_path(const struct probe *probe, char **ret_path,
		     const char **ret_missing)
{
	const struct placeholder_values values = {
		.server = probe->address,
		.port = probe->port,
		.service = probe->told,
	};

	return placeholder_fill_word(probe->check->way.weight_file, &values,
				     ret_path, ret_missing);
}

/* Reads the first line. Returns 0, -EMSGSIZE if it is too long, -EINVAL if this is
   no regular file, or another negative errno. */
static int read_line(const char *path, char line[REPORT_LINE_SIZE],
		     size_t *ret_length)
{
	AUTO_CLOSE int fd = -1;
	struct stat status;
	int r = read_open_regular(path, &fd, &status);
	ssize_t got;

	if (r < 0)
		return r;
	if (!S_ISREG(status.st_mode))
		return -EINVAL;
	got = read(fd, line, REPORT_LINE_SIZE - 1);
	if (got < 0)
		return -errno;
	if (!weight_report_line(line, (size_t)got, got < REPORT_LINE_SIZE - 1,
				ret_length))
		return -EMSGSIZE;
	line[*ret_length] = '\0';
	return 0;
}

static void end(struct probe *probe, const char *path, int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		probe_end(probe, PROBE_DOWN, "no file");
		break;
	case EINVAL:
		probe_end(probe, PROBE_UNKNOWN, "%.64s: not a regular file",
			  path);
		break;
	case EMSGSIZE:
		probe_end(probe, PROBE_UNKNOWN,
			  "%.64s: its line has more than %d bytes", path,
			  REPORT_LINE_SIZE - 2);
		break;
	case ENOMSG:
		probe_end(probe, PROBE_UNKNOWN,
			  "%.64s: no weight and no known word", path);
		break;
	default:
		probe_end(probe, PROBE_UNKNOWN, "%.64s: %s", path,
			  strerrordesc_np(error));
		break;
	}
}

static int file_start(struct probe *probe)
{
	AUTO_FREE char *path = NULL;
	char line[REPORT_LINE_SIZE];
	const char *missing;
	size_t length = 0;
	int r = weight_file_path(probe, &path, &missing);

	if (r < 0)
		return r;
	r = read_line(path, line, &length);
	if (r == 0 && !weight_report_parse(line, length, true, &probe->report))
		r = -ENOMSG;
	if (r == 0)
		probe_end(probe, PROBE_UP, "%s", line);
	else
		end(probe, path, -r);
	return 0;
}

/* Never called: the attempt ends when it begins. */
static void file_ready(struct probe *probe, uint32_t events)
{
	(void)probe;
	(void)events;
}

const struct probe_kind probe_file = {
	.start = file_start,
	.ready = file_ready,
	.descriptors = 1,
};
