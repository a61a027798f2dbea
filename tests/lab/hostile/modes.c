// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: The lbctl authors
//
// The ways to be hostile, and a few to be nice.

#include <stdlib.h>
#include <string.h>

#include "hostile.h"

#define OK	   "HTTP/1.1 200 OK\r\nConnection: close\r\n"
#define SAYS(text) .first = (text), .first_size = sizeof(text) - 1
#define DIGITS	   "0123456789abcdef"

static const struct mode modes[] = {
	{ .name = "ok", SAYS(OK "Content-Length: 6\r\n\r\nhello\n") },
	{ .name = "echo-headers", SAYS(OK "\r\n"), .echoes = true },
	{ .name = "redirect",
	  SAYS("HTTP/1.1 302 Found\r\nConnection: close\r\n"
	       "Location: http://192.0.2.99/\r\nContent-Length: 0\r\n\r\n") },
	{ .name = "endless-body", SAYS(OK "\r\n"), .again = DIGITS },
	{ .name = "chunk-bomb",
	  SAYS(OK "Transfer-Encoding: chunked\r\n\r\n7fffffffffff\r\n"),
	  .again = DIGITS },
	{ .name = "short-body", SAYS(OK "Content-Length: 7\r\n\r\nhello\n") },
	{ .name = "drip", SAYS(OK "\r\n"), .again = ".", .drips = true },
	{ .name = "huge-header", SAYS(OK "X-Huge: "), .again = DIGITS },
	{ .name = "many-headers", SAYS(OK), .again = "X-Many: " DIGITS "\r\n" },
	{ .name = "continue", SAYS(""), .again = "HTTP/1.1 100 Go\r\n\r\n" },
	{ .name = "nul", SAYS(OK "X-Nul: a\0b\r\n\r\na\0b"), .hangs = true },
	{ .name = "nul-body", SAYS(OK "\r\na\0b\n") },
	{ .name = "controls",
	  SAYS("HTTP/1.1 302 \033[2J\xff\r\n"
	       "Location: ftp://\033[2J\xff/\r\n\r\n") },
	{ .name = "close", SAYS(""), .unasked = true },
	{ .name = "silent", SAYS(""), .hangs = true },
	{ .name = "garbage",
	  .unasked = true,
	  .hangs = true,
	  SAYS("\x93\x1c\xa0\x00\xee\x17\x4d\xff\r\n\x81\x02\n\x00\xc3\x5a") },
	{ .name = "smtp",
	  SAYS("220-hostile\r\n220 hostile ESMTP\r\n"),
	  .unasked = true,
	  .hear = smtp_hear },
	{ .name = "smtp-bad",
	  SAYS("554-hostile\r\n554 go \033[2Jaway\r\n"),
	  .unasked = true,
	  .hangs = true },
	{ .name = "smtp-endless",
	  SAYS(""),
	  .again = "220-hostile\r\n",
	  .unasked = true },
};

// "status-503"
static const struct mode *status_mode(const char *name)
{
	struct mode *mode;
	char *text;

	if (strncmp(name, "status-", 7) != 0 ||
	    strspn(name + 7, "0123456789") != 3 || name[10])
		return NULL;
	mode = calloc(1, sizeof(*mode));
	if (!mode || asprintf(&text,
			      "HTTP/1.1 %s Hostile\r\nConnection: close\r\n"
			      "Content-Length: 6\r\n\r\nhello\n",
			      name + 7) < 0)
		abort();
	mode->name = name;
	mode->first = text;
	mode->first_size = strlen(text);
	return mode;
}

// A body of 8 KiB of one letter, which expressions fit in in many ways.
static const struct mode *letters_mode(const char *name)
{
	static const char head[] = OK "\r\n";
	struct mode *mode;
	char *text;

	if (strcmp(name, "letters") != 0)
		return NULL;
	mode = calloc(1, sizeof(*mode));
	text = malloc(sizeof(head) + 8192);
	if (!mode || !text)
		abort();
	memcpy(text, head, sizeof(head) - 1);
	memset(text + sizeof(head) - 1, 'a', 8192);
	mode->name = name;
	mode->first = text;
	mode->first_size = sizeof(head) - 1 + 8192;
	return mode;
}

const struct mode *find_mode(const char *name)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (!strcmp(modes[i].name, name))
			return &modes[i];
	return letters_mode(name) ?: status_mode(name);
}

void print_modes(FILE *stream)
{
	fputs("Modes: status-NUMBER letters", stream);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		fprintf(stream, "%s%s", i % 6 == 5 ? "\n  " : " ",
			modes[i].name);
	fputc('\n', stream);
}

static size_t copy(char *bytes, size_t size, const char *from, size_t length)
{
	if (length > size)
		length = size;
	memcpy(bytes, from, length);
	return length;
}

size_t next_bytes(const struct client *client, char *bytes, size_t size)
{
	const struct mode *mode = client->mode;
	const size_t first =
		mode->first_size ? mode->first_size : strlen(mode->first);
	const size_t period = mode->again ? strlen(mode->again) : 0;
	const uint64_t after = client->said - first;

	if (client->said < first)
		return copy(bytes, size, mode->first + client->said,
			    first - client->said);
	if (mode->echoes && after < client->heard)
		return copy(bytes, size, client->request + after,
			    client->heard - after);
	for (size_t i = 0; period > 0 && i < size; i++)
		bytes[i] = mode->again[(after + i) % period];
	return period > 0 ? size : 0;
}
