/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Files of servers. A line is an address with or without a port, or what nginx
 * has in an upstream block: "server 10.0.0.1:7880 weight=2;". The block's own
 * lines and nginx's other directives are passed over.
 */
#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "check/options.h"
#include "check/run.h"

#define SERVERS_MAX 100000
#define BLANKS	    " \t\r"

struct reader {
	const char *name;
	unsigned int line;
	struct server_list *list;
	struct ipvsctl_error *err;
};

/* Says what is wrong and where; the text may be of a file that its owner could
   not read, behind a link. */
static int fail_line(struct reader *reader, const char *what)
{
	struct ipvsctl_error *err = reader->err;
	int r = value_fail(err, -EINVAL, "%s", what);

	(void)snprintf(err->file, sizeof(err->file), "%s", reader->name);
	err->line = reader->line;
	return r;
}

static int add(struct reader *reader, const struct listed_server *server)
{
	struct server_list *list = reader->list;
	struct listed_server *grown = list->servers;

	if (list->count == SERVERS_MAX)
		return fail_line(reader, "this is one server too many");
	if ((list->count & (list->count - 1)) == 0)
		grown = reallocarray(grown, list->count ? list->count * 2 : 1,
				     sizeof(*grown));
	if (!grown)
		return value_fail(reader->err, -ENOMEM, "out of memory");
	list->servers = grown;
	grown[list->count] = *server;
	grown[list->count++].line = reader->line;
	return 0;
}

static int read_address(struct reader *reader, const char *text,
			struct listed_server *ret_server)
{
	static const struct ipvsctl_service none = { 0 };
	struct ipvsctl_server server;

	if (ipvsctl_server_parse(text, &none, &server, NULL) < 0)
		return fail_line(reader,
				 "this is not an address such as 10.0.0.1 or "
				 "10.0.0.1:7880; names are not looked up");
	ret_server->address = server.address;
	ret_server->port = server.port;
	return 0;
}

/* "weight=2" counts, "down" takes the server out; other words are nginx's. */
static int read_parameters(struct reader *reader, char *words,
			   struct listed_server *server, bool *ret_down)
{
	static const struct ipvsctl_range range = { "weight", 0, 0x7fffffff };
	char *rest = NULL;

	for (char *word = strtok_r(words, BLANKS, &rest); word;
	     word = strtok_r(NULL, BLANKS, &rest)) {
		if (strcmp(word, "down") == 0)
			*ret_down = true;
		if (strncmp(word, "weight=", 7) != 0)
			continue;
		if (ipvsctl_number_parse(word + 7, &range, &server->weight,
					 NULL) < 0)
			return fail_line(reader, "this is not a weight");
		server->weighed = true;
	}
	return 0;
}

/* What follows the word "server", without the semicolon. */
static int read_nginx(struct reader *reader, char *words)
{
	struct listed_server server = { 0 };
	bool down = false;
	char *end;
	int r;

	words += strspn(words, BLANKS);
	end = words + strcspn(words, BLANKS);
	if (*end)
		*end++ = '\0';
	r = read_address(reader, words, &server);
	if (r == 0)
		r = read_parameters(reader, end, &server, &down);
	return r < 0 || down ? r : add(reader, &server);
}

static bool starts_with_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	return strncmp(text, word, length) == 0 &&
	       (text[length] == ' ' || text[length] == '\t');
}

static bool starts_with_address(const char *text)
{
	static const struct ipvsctl_service none = { 0 };
	size_t length = strcspn(text, BLANKS);
	char word[IPVSCTL_IDENTITY_TEXT] = "";
	struct ipvsctl_server server;

	if (length < sizeof(word))
		(void)memcpy(word, text, length);
	return ipvsctl_server_parse(word, &none, &server, NULL) == 0;
}

/* What stands before one of nginx's marks; other directives do not matter. */
static int read_statement(struct reader *reader, char *text, char mark)
{
	text += strspn(text, BLANKS);
	if (mark == ';' && starts_with_word(text, "server"))
		return read_nginx(reader, text + sizeof("server"));
	if (starts_with_address(text) || starts_with_word(text, "server"))
		return fail_line(reader,
				 "this is neither an address alone nor 'server "
				 "ADDRESS;'");
	return 0;
}

/* What is left of a line has no mark behind it: an address alone. */
static int read_rest(struct reader *reader, char *text)
{
	struct listed_server server = { 0 };
	size_t length;
	int r;

	text += strspn(text, BLANKS);
	length = strlen(text);
	while (length > 0 && strchr(BLANKS, text[length - 1]))
		text[--length] = '\0';
	if (length == 0)
		return 0;
	r = read_address(reader, text, &server);
	return r < 0 ? r : add(reader, &server);
}

static int read_line(struct reader *reader, char *line)
{
	char *end;
	int r = 0;

	line[strcspn(line, "#")] = '\0';
	while (r == 0 && (end = strpbrk(line, ";{}"))) {
		const char mark = *end;

		*end = '\0';
		r = read_statement(reader, line, mark);
		line = end + 1;
	}
	return r < 0 ? r : read_rest(reader, line);
}

static int compare(const void *a, const void *b)
{
	const struct listed_server *one = a, *other = b;
	int order = ipvsctl_address_compare(&one->address, &other->address);

	return order ? order : (int)one->port - (int)other->port;
}

/* Sorts; a server that is listed twice is one. */
static void settle(struct server_list *list)
{
	size_t kept = 0;

	if (list->count == 0)
		return;
	qsort(list->servers, list->count, sizeof(*list->servers), compare);
	for (size_t i = 0; i < list->count; i++)
		if (kept == 0 ||
		    compare(&list->servers[kept - 1], &list->servers[i]) != 0)
			list->servers[kept++] = list->servers[i];
	list->count = kept;
}

int server_list_parse(const char *name, char *text, size_t length,
		      struct server_list *ret_list, struct ipvsctl_error *err)
{
	AUTO_SERVER_LIST struct server_list list = { 0 };
	struct reader reader = { .name = name, .list = &list, .err = err };
	char *next;
	int r = 0;

	if (strlen(text) != length)
		return fail_line(&reader, "there are NUL bytes in it");
	for (char *line = text; r == 0 && line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		reader.line++;
		r = read_line(&reader, line);
	}
	reader.line = 0;
	/* Most probably it is being written; the pool is not to be emptied. */
	if (r == 0 && list.count == 0)
		r = fail_line(&reader, "it lists no server");
	if (r < 0)
		return r;
	settle(&list);
	*ret_list = list;
	list = (struct server_list){ 0 };
	return 0;
}

void server_list_free(struct server_list *list)
{
	free(list->servers);
	*list = (struct server_list){ 0 };
}
