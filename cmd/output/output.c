/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Writes to stdout, and notices every failure. */
#include "output/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "clean.h"
#include "text.h"

void output_open(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			/* Programs that this one starts may inherit it. */
			(void)open("/dev/null",
				   fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static int failure(void)
{
	return errno > 0 ? -errno : -EIO;
}

int output_close(void)
{
	bool failed = ferror(stdout) != 0;
	int r = 0;

	errno = 0;
	if (fflush(stdout) != 0 || failed)
		r = failure();
	if (fclose(stdout) != 0 && r == 0)
		r = failure();
	return r;
}

int output_write(FILE *stream, const char *text, size_t length)
{
	errno = 0;
	if (fwrite(text, 1, length, stream) != length)
		return failure();
	return 0;
}

int output_clean(FILE *stream, const char *text)
{
	char part[256];
	int r = 0;

	while (r == 0 && *text) {
		text += clean_text(text, part, sizeof(part));
		r = output_write(stream, part, strlen(part));
	}
	return r;
}

static int add_part(const char *bytes, size_t length, void *text)
{
	struct text *written = text;

	text_add_bytes(written, bytes, length);
	return written->failed ? -1 : 0;
}

int output_format_json(json_t *document, size_t flags, char **ret_text)
{
	AUTO_JSON json_t *owned = document;
	AUTO_TEXT struct text written = { 0 };

	if (!owned)
		return -ENOMEM;
	/* jansson 2.14 goes on after a key that could not be written. */
	if (json_dump_callback(owned, add_part, &written, flags) < 0)
		written.failed = true;
	text_add_text(&written, "\n");
	return text_take(&written, ret_text);
}

int output_json(FILE *stream, json_t *document)
{
	AUTO_FREE char *text = NULL;
	int r = output_format_json(document, JSON_INDENT(2), &text);

	return r < 0 ? r : output_write(stream, text, strlen(text));
}
