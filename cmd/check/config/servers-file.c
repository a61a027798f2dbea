/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Files of servers. A line is an address with or without a port, or one of an
 * nginx upstream block: "server 10.0.0.1:7880 weight=2;". Other lines and
 * directives of nginx are skipped. A block is a pool: of a file with several
 * blocks only the wanted one is read.
 */
#include "check/config/servers-file.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "array.h"
#include "check/config/values.h"
#include "fail.h"
#include "number.h"

#define SERVERS_MAX 100000
#define BLANKS	    " \t\r"

/* The name of an upstream block in messages. */
#define UPSTREAM_SIZE 64

struct reader {
	const struct server_file *file;
	unsigned int line;
	unsigned int block_line; /* of the block that is read; 0: none yet */
	char block[UPSTREAM_SIZE];
	bool elsewhere; /* in a block that is not wanted */
	struct server_list *list;
	struct ipvsctl_error *err;
};

/* Fails with file and line. The line is not quoted: the file can be a link to
   one that its owner cannot read. */
static int fail_line(struct reader *reader, const char *what)
{
	struct ipvsctl_error *err = reader->err;
	int r = fail(err, -EINVAL, "%s", what);

	(void)snprintf(err->file, sizeof(err->file), "%s", reader->file->name);
	err->line = reader->line;
	return r;
}

static int add(struct reader *reader, const struct listed_server *server)
{
	struct server_list *list = reader->list;
	struct listed_server *grown;

	if (reader->elsewhere)
		return 0;
	if (list->count == SERVERS_MAX)
		return fail_line(reader, "this is one server too many");
	grown = array_grow(list->servers, &list->capacity, list->count + 1,
			   sizeof(*grown));
	if (!grown)
		return fail(reader->err, -ENOMEM, "out of memory");
	list->servers = grown;
	grown[list->count] = *server;
	grown[list->count++].line = reader->line;
	return 0;
}

static int read_address(struct reader *reader, const char *text,
			struct listed_server *ret_server)
{
	struct ipvsctl_server server;

	if (value_server(text, &server, NULL) < 0)
		return fail_line(reader,
				 "this is not an address such as 10.0.0.1 or "
				 "10.0.0.1:7880; names are not looked up");
	ret_server->address = server.address;
	ret_server->port = server.port;
	return 0;
}

/* Words of nginx about a server. Those that end in = have a value. */
static const struct word {
	const char *text;
	bool out;    /* the server takes no new connections */
	bool backup; /* it takes some only when the others are down */
} words_of_nginx[] = {
	{ .text = "backup", .backup = true },
	{ .text = "down", .out = true },
	{ .text = "drain", .out = true },
	{ .text = "fail_timeout=" },
	{ .text = "max_conns=" },
	{ .text = "max_fails=" },
	{ .text = "resolve" },
	{ .text = "route=" },
	{ .text = "service=" },
	{ .text = "slow_start=" },
	{ .text = "weight=" },
};

static const struct word *find_word(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(words_of_nginx); i++) {
		const struct word *word = &words_of_nginx[i];
		const size_t length = strlen(word->text);

		if (word->text[length - 1] == '=' ?
			    strncmp(text, word->text, length) == 0 :
			    strcmp(text, word->text) == 0)
			return word;
	}
	return NULL;
}

static int read_parameters(struct reader *reader, char *words,
			   struct listed_server *server, bool *ret_out)
{
	static const struct number_range range = { "weight", 0, 0x7fffffff };
	char *rest = NULL;

	for (char *text = strtok_r(words, BLANKS, &rest); text;
	     text = strtok_r(NULL, BLANKS, &rest)) {
		const struct word *word = find_word(text);

		if (!word && !reader->elsewhere && !reader->list->strange_line)
			reader->list->strange_line = reader->line;
		if (!word)
			continue;
		*ret_out = *ret_out || word->out;
		server->backup = server->backup || word->backup;
		if (strcmp(word->text, "weight=") != 0)
			continue;
		if (number_parse(text + 7, &range, &server->weight, NULL) < 0)
			return fail_line(reader, "this is not a weight");
		server->weighed = true;
	}
	return 0;
}

/* Reads what follows "server", up to the semicolon. */
static int read_nginx(struct reader *reader, char *words)
{
	struct listed_server server = { 0 };
	bool out = false;
	char *end;
	int r;

	words += strspn(words, BLANKS);
	end = words + strcspn(words, BLANKS);
	if (*end)
		*end++ = '\0';
	r = read_address(reader, words, &server);
	if (r == 0)
		r = read_parameters(reader, end, &server, &out);
	return r < 0 || out ? r : add(reader, &server);
}

static bool starts_with_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	return strncmp(text, word, length) == 0 &&
	       (text[length] == ' ' || text[length] == '\t');
}

static bool starts_with_address(const char *text)
{
	size_t length = strcspn(text, BLANKS);
	char word[IPVSCTL_IDENTITY_TEXT] = "";
	struct ipvsctl_server server;

	if (length < sizeof(word))
		(void)memcpy(word, text, length);
	return value_server(word, &server, NULL) == 0;
}

static int fail_blocks(struct reader *reader, const char *name)
{
	char what[3 * UPSTREAM_SIZE];
	int r;

	(void)snprintf(what, sizeof(what),
		       "upstream '%.32s' is another pool than upstream '%.32s' "
		       "in line %u",
		       name, reader->block, reader->block_line);
	r = fail_line(reader, what);
	(void)snprintf(reader->err->hint, sizeof(reader->err->hint),
		       "--upstream NAME takes the servers of one");
	return r;
}

/* Reads the name after "upstream", before its block. */
static int begin_block(struct reader *reader, char *text)
{
	const char *wanted = reader->file->upstream;
	char *rest = NULL;
	const char *name = strtok_r(text, BLANKS, &rest);

	/* A name that can be quoted: the text may be anything. */
	if (!name || strlen(name) >= UPSTREAM_SIZE ||
	    name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")])
		return fail_line(reader, "this is no name of an upstream");
	reader->elsewhere = wanted && strcmp(wanted, name) != 0;
	if (reader->elsewhere)
		return 0;
	if (reader->block_line)
		return fail_blocks(reader, name);
	reader->block_line = reader->line;
	(void)snprintf(reader->block, sizeof(reader->block), "%s", name);
	return 0;
}

/* Reads the text before a ';', '{' or '}'; ignores other directives. */
static int read_statement(struct reader *reader, char *text, char mark)
{
	text += strspn(text, BLANKS);
	if (mark == '{' && starts_with_word(text, "upstream"))
		return begin_block(reader, text + sizeof("upstream"));
	if (mark == ';' && starts_with_word(text, "server"))
		return read_nginx(reader, text + sizeof("server"));
	if (starts_with_address(text) || starts_with_word(text, "server"))
		return fail_line(reader,
				 "this is neither an address alone nor 'server "
				 "ADDRESS;'");
	return 0;
}

/* Reads the text after the last mark, which can only be an address. */
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
		/* nginx has no blocks in an upstream block. */
		if (mark == '}')
			reader->elsewhere = reader->file->upstream != NULL;
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

/* Also orders entries of one server: the one that counts is first. */
static int compare_lines(const void *a, const void *b)
{
	const struct listed_server *one = a, *other = b;
	int order = compare(a, b);

	if (!order)
		order = (int)one->backup - (int)other->backup;
	return order ? order :
		       (one->line > other->line) - (one->line < other->line);
}

/* Sorts, and keeps the first entry of each server. */
static void settle(struct server_list *list)
{
	size_t kept = 0;

	if (list->count == 0)
		return;
	qsort(list->servers, list->count, sizeof(*list->servers), compare_lines);
	for (size_t i = 0; i < list->count; i++)
		if (kept == 0 ||
		    compare(&list->servers[kept - 1], &list->servers[i]) != 0)
			list->servers[kept++] = list->servers[i];
	list->count = kept;
}

/* Refuses a file without servers: it is probably being written, and the pool
   must not become empty. */
static int check_list(struct reader *reader)
{
	const struct server_list *list = reader->list;

	reader->line = 0;
	if (reader->file->upstream && !reader->block_line)
		return fail_line(reader, "it has no upstream of that name");
	if (list->count == 0)
		return fail_line(reader, "it lists no server");
	for (size_t i = 0; i < list->count; i++)
		if (!list->servers[i].backup)
			return 0;
	reader->line = list->servers[0].line;
	return fail_line(reader, "it lists only backup servers");
}

int server_list_parse(const struct server_file *file,
		      struct server_list *ret_list, struct ipvsctl_error *err)
{
	AUTO_SERVER_LIST struct server_list list = { 0 };
	struct reader reader = {
		.file = file,
		.elsewhere = file->upstream != NULL,
		.list = &list,
		.err = err,
	};
	char *next;
	int r = 0;

	if (strlen(file->text) != file->length)
		return fail_line(&reader, "there are NUL bytes in it");
	for (char *line = file->text; r == 0 && line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		reader.line++;
		r = read_line(&reader, line);
	}
	if (r == 0)
		r = check_list(&reader);
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
