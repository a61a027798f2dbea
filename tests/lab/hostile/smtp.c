// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: The lbctl authors
//
// Just enough SMTP to be greeted and to send a mail to.

#include <string.h>
#include <sys/socket.h>

#include "hostile.h"

static const struct {
	const char *command, *reply;
} replies[] = {
	{ "EHLO ", "250-hostile\r\n250 HELP\r\n" },
	{ "HELO ", "250 hostile\r\n" },
	{ "MAIL ", "250 OK\r\n" },
	{ "RCPT ", "250 OK\r\n" },
	{ "DATA", "354 go on\r\n" },
	{ "QUIT", "221 bye\r\n" },
};

static void reply(const struct client *client, const char *line)
{
	const char *text = "500 what\r\n";

	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++)
		if (!strncmp(line, replies[i].command,
			     strlen(replies[i].command)))
			text = replies[i].reply;
	(void)send(client->fd, text, strlen(text), MSG_NOSIGNAL);
}

static bool hear_line(struct client *client, const char *line)
{
	if (client->data && strcmp(line, ".\r") != 0)
		return true;
	reply(client, client->data ? "MAIL " : line);
	client->data = !client->data && !strncmp(line, "DATA", 4);
	return strncmp(line, "QUIT", 4) != 0;
}

bool smtp_hear(struct client *client)
{
	char *line = client->request;
	char *end;
	bool goes_on = true;

	while (goes_on &&
	       (end = memchr(line, '\n',
			     client->heard - (size_t)(line - client->request)))) {
		*end = '\0';
		goes_on = hear_line(client, line);
		line = end + 1;
	}
	client->heard -= (size_t)(line - client->request);
	memmove(client->request, line, client->heard);
	return goes_on;
}
