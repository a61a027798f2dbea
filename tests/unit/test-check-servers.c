/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Files of servers: plain, as nginx has them, and what is neither. */
#include "alloc.h"
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "check/pool/listed.h"
#include "check/pool/run.h"
#include "given.h"

static int parse_upstream(const char *text, const char *upstream,
			  struct server_list *list, struct ipvsctl_error *err)
{
	char *copy = strdup(text);
	const struct server_file file = {
		.name = "/etc/servers",
		.text = copy,
		.length = strlen(text),
		.upstream = upstream,
	};
	int r = copy ? server_list_parse(&file, list, err) : -ENOMEM;

	free(copy);
	return r;
}

static int parse(const char *text, struct server_list *list,
		 struct ipvsctl_error *err)
{
	return parse_upstream(text, NULL, list, err);
}

/* "10.0.0.1:80=5@2", of port 0 and without a weight "10.0.0.1@2". */
static char *tell(const struct server_list *list)
{
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);

	assert_non_null(stream);
	for (size_t i = 0; i < list->count; i++) {
		const struct listed_server *one = &list->servers[i];
		char address[IPVSCTL_ADDRESS_TEXT];

		(void)fprintf(stream, "%s%s", i ? " " : "",
			      ipvsctl_address_format(&one->address, address));
		if (one->port)
			(void)fprintf(stream, ":%u", one->port);
		if (one->weighed)
			(void)fprintf(stream, "=%u", one->weight);
		(void)fprintf(stream, "%s@%u", one->backup ? " backup" : "",
			      one->line);
	}
	if (list->strange_line)
		(void)fprintf(stream, " strange@%u", list->strange_line);
	assert_int_equal(fclose(stream), 0);
	return text;
}

static void test_lists(void **state)
{
	static const struct {
		const char *text, *told;
	} cases[] = {
		{ "10.0.0.1", "10.0.0.1@1" },
		{ "10.0.0.1\n", "10.0.0.1@1" },
		{ "10.0.0.1:7880\n", "10.0.0.1:7880@1" },
		{ "\n \n\t10.0.0.1\t \r\n", "10.0.0.1@3" },
		{ "# x\n10.0.0.1 # y\n#10.0.0.2\n10.0.0.3#z\n",
		  "10.0.0.1@2 10.0.0.3@4" },
		{ "2001:db8::1\n[2001:db8::2]:80\n",
		  "2001:db8::1@1 2001:db8::2:80@2" },
		/* In order, and each once. */
		{ "10.0.0.3\n10.0.0.1\n10.0.0.2\n",
		  "10.0.0.1@2 10.0.0.2@3 10.0.0.3@1" },
		{ "10.0.0.1:2\n2001:db8::1\n10.0.0.1:1\n10.0.0.1\n",
		  "10.0.0.1@4 10.0.0.1:1@3 10.0.0.1:2@1 2001:db8::1@2" },
		/* As nginx has them. */
		{ "server 10.0.0.1;", "10.0.0.1@1" },
		{ "\tserver\t10.0.0.1:7880\tweight=2 ;\n", "10.0.0.1:7880=2@1" },
		{ "server 10.0.0.1 weight=0;\n", "10.0.0.1=0@1" },
		{ "server 10.0.0.1 weight=2147483647;\n",
		  "10.0.0.1=2147483647@1" },
		{ "server [2001:db8::1]:80 max_fails=3 fail_timeout=30s;\n",
		  "2001:db8::1:80@1" },
		{ "server 10.0.0.1 down;\nserver 10.0.0.2 weight=3 down;\n"
		  "server 10.0.0.4 drain;\nserver 10.0.0.3;\n",
		  "10.0.0.3@4" },
		/* Backups, and words about them. */
		{ "server 10.0.0.1:80 weight=1 max_fails=3;\n"
		  "server 10.0.0.3:80 weight=2 backup slow_start=30s;\n",
		  "10.0.0.1:80=1@1 10.0.0.3:80=2 backup@2" },
		{ "server 10.0.0.1 backup;\nserver 10.0.0.1;\n", "10.0.0.1@2" },
		{ "server 10.0.0.1 backup;\nserver 10.0.0.2 max_conns=1 "
		  "resolve route=a service=b slow_start=1s;\n",
		  "10.0.0.1 backup@1 10.0.0.2@2" },
		/* Words that nginx does not have. */
		{ "server 10.0.0.1 backups;\n", "10.0.0.1@1 strange@1" },
		{ "server 10.0.0.1;\nserver 10.0.0.2 backup=1;\n"
		  "server 10.0.0.3 weights=2 Backup;\n",
		  "10.0.0.1@1 10.0.0.2@2 10.0.0.3@3 strange@2" },
		{ "server 10.0.0.1; # weight=2;\n", "10.0.0.1@1" },
		{ "upstream livekit {\n"
		  "  least_conn;\n"
		  "  zone x 64k;\n"
		  "  server 10.0.0.1:7880 weight=2;\r\n"
		  "  server 10.0.0.2:7880 weight=1; # the old one\n"
		  "  # server 10.0.0.3:7880;\n"
		  "  keepalive 16;\n"
		  "}\n",
		  "10.0.0.1:7880=2@4 10.0.0.2:7880=1@5" },
		{ "server_name x;\nserver 10.0.0.1;\n", "10.0.0.1@2" },
		{ "upstream x { server 10.0.0.1; server 10.0.0.2; }\n",
		  "10.0.0.1@1 10.0.0.2@1" },
		/* Both, mixed. */
		{ "10.0.0.2\nserver 10.0.0.1;\n", "10.0.0.1@2 10.0.0.2@1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_SERVER_LIST struct server_list list = { 0 };
		struct ipvsctl_error err = { 0 };
		char *told;

		if (parse(cases[i].text, &list, &err) != 0)
			fail_msg("'%s': %s", cases[i].text, err.message);
		told = tell(&list);
		if (strcmp(told, cases[i].told) != 0)
			fail_msg("'%s': '%s'", cases[i].text, told);
		free(told);
	}
}

#define NO_ADDRESS                                                         \
	"this is not an address such as 10.0.0.1 or 10.0.0.1:7880; names " \
	"are not looked up"

static void test_what_is_refused(void **state)
{
	static const struct {
		const char *text;
		unsigned int line;
		const char *message; /* NULL: any */
	} cases[] = {
		{ "", 0, "it lists no server" },
		{ "\n\n", 0, "it lists no server" },
		{ "# 10.0.0.1\n", 0, "it lists no server" },
		{ "server 10.0.0.1 down;\n", 0, "it lists no server" },
		{ "upstream x {\n}\n", 0, NULL },
		{ "\nserver 10.0.0.3:80 backup;\nserver 10.0.0.4:80 backup;\n",
		  2, "it lists only backup servers" },
		{ "upstream web {\n  server 10.0.0.1:80;\n}\nupstream api {\n"
		  "  server 10.0.0.2:80;\n}\n",
		  4,
		  "upstream 'api' is another pool than upstream 'web' in line "
		  "1" },
		{ "upstream a { server 10.0.0.1; } upstream a { server "
		  "10.0.0.1; }\n",
		  1,
		  "upstream 'a' is another pool than upstream 'a' in line 1" },
		{ "upstream $6$salt {\n server 10.0.0.1;\n}\n", 1,
		  "this is no name of an upstream" },
		/* No word of the text is in the message. */
		{ "root:$6$salt$hash:19000:0:99999:7:::\n", 1, NO_ADDRESS },
		{ "10.0.0.1\nweb1\n", 2, NO_ADDRESS },
		{ "10.0.0.256\n", 1, NO_ADDRESS },
		{ "10.0.0.1:\n", 1, NO_ADDRESS },
		{ "10.0.0.1:99999\n", 1, NO_ADDRESS },
		{ "10.0.0.1 10.0.0.2\n", 1, NULL },
		{ "10.0.0.1,10.0.0.2\n", 1, NULL },
		{ "10.0.0.1 weight=2\n", 1, NULL },
		{ "10.0.0.0/24\n", 1, NULL },
		{ "[10.0.0.1\n", 1, NULL },
		{ "2001:db8::1:80:\n", 1, NULL },
		{ "10.0.0.1\n\n\x01\xff\n", 3, NULL },
		{ "server 10.0.0.1\n", 1, NULL },
		{ "server 10.0.0.1; server 10.0.0.2\n", 1, NULL },
		{ "server ;\n", 1, NULL },
		{ "server web1;\n", 1, NO_ADDRESS },
		{ "server unix:/x;\n", 1, NULL },
		{ "server 10.0.0.1 weight=;\n", 1, "this is not a weight" },
		{ "server 10.0.0.1 weight=x;\n", 1, "this is not a weight" },
		{ "server 10.0.0.1 weight=-1;\n", 1, NULL },
		{ "server 10.0.0.1 weight=2147483648;\n", 1, NULL },
		{ "server 10.0.0.1 weight=1.5;\n", 1, NULL },
		/* Half of a file that is being written. */
		{ "10.0.0.1\n10.0.0.2\n10.0.0.", 3, NULL },
		{ "server 10.0.0.1;\nserver 10.0", 2, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_SERVER_LIST struct server_list list = { 0 };
		struct ipvsctl_error err = { 0 };

		if (parse(cases[i].text, &list, &err) != -EINVAL)
			fail_msg("'%s' was taken", cases[i].text);
		if (cases[i].message)
			assert_string_equal(err.message, cases[i].message);
		assert_int_equal(err.code, -EINVAL);
		assert_string_equal(err.file, "/etc/servers");
		if (err.line != cases[i].line)
			fail_msg("'%s': line %u", cases[i].text, err.line);
		assert_null(list.servers);
	}
}

/* The servers of one block, whatever the others say. */
static void test_upstreams(void **state)
{
	static const char text[] =
		"server 10.0.0.9;\n"
		"upstream web { server 10.0.0.1 strange; }\n"
		"upstream api {\n"
		" server 10.0.0.2;\n"
		" server 10.0.0.3 backup;\n"
		"}\n"
		"10.0.0.8\n"
		"upstream none { server 10.0.0.4 backup; }\n";
	static const struct {
		const char *upstream, *told, *message;
	} cases[] = {
		{ "web", "10.0.0.1@2 strange@2", NULL },
		{ "api", "10.0.0.2@4 10.0.0.3 backup@5", NULL },
		{ "none", NULL, "it lists only backup servers" },
		{ "we", NULL, "it has no upstream of that name" },
		{ "", NULL, "it has no upstream of that name" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_SERVER_LIST struct server_list list = { 0 };
		struct ipvsctl_error err = { 0 };
		char *told;
		int r = parse_upstream(text, cases[i].upstream, &list, &err);

		assert_int_equal(r, cases[i].told ? 0 : -EINVAL);
		if (r < 0) {
			assert_string_equal(err.message, cases[i].message);
			continue;
		}
		told = tell(&list);
		assert_string_equal(told, cases[i].told);
		free(told);
	}
}

/* A server that is passed over in silence is one that is drained: only what is
   no server is passed over. */
static void test_servers_are_not_passed_over(void **state)
{
	static const char *const texts[] = {
		"10.0.0.1;\n10.0.0.2\n",
		"[2001:db8::1]:80;\n10.0.0.2\n",
		"upstream x { server 10.0.0.1;\nserver 10.0.0.2;\n}\n",
		"upstream x { server 10.0.0.1; }\n10.0.0.2\n",
		"} server 10.0.0.1;\n10.0.0.2\n",
		"10.0.0.1 {\n10.0.0.2\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO_SERVER_LIST struct server_list list = { 0 };
		struct ipvsctl_error err = { 0 };
		int r = parse(texts[i], &list, &err);

		if (r == 0 && list.count != 2)
			fail_msg("'%s': %zu servers", texts[i], list.count);
	}
}

static void test_duplicates(void **state)
{
	AUTO_SERVER_LIST struct server_list list = { 0 };
	struct ipvsctl_error err = { 0 };

	(void)state;
	assert_int_equal(parse("10.0.0.1:80\n10.0.0.2\n10.0.0.1:80\n"
			       "server 10.0.0.1:80 weight=2;\n10.0.0.1\n",
			       &list, &err),
			 0);
	assert_int_equal(list.count, 3);
}

static void test_nul_bytes(void **state)
{
	static const char text[] = "10.0.0.1\n\00010.0.0.2\n";
	struct server_list list = { 0 };
	struct ipvsctl_error err = { 0 };
	char copy[sizeof(text)];

	(void)state;
	(void)memcpy(copy, text, sizeof(text));
	assert_int_equal(server_list_parse(&(struct server_file){ "x", copy,
								  sizeof(text) -
									  1,
								  NULL },
					   &list, &err),
			 -EINVAL);
	assert_string_equal(err.message, "there are NUL bytes in it");
}

#define MANY	  100000
#define LINE_SIZE 16

static void write_many(char *text, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		text += sprintf(text, "10.%u.%u.%u\n", i >> 16 & 255,
				i >> 8 & 255, i & 255);
}

static void test_many(void **state)
{
	char *text = malloc((size_t)(MANY + 1) * LINE_SIZE);
	struct ipvsctl_error err = { 0 };
	struct server_list list = { 0 };

	(void)state;
	assert_non_null(text);
	write_many(text, MANY);
	assert_int_equal(server_list_parse(&(struct server_file){ "x", text,
								  strlen(text),
								  NULL },
					   &list, &err),
			 0);
	assert_int_equal(list.count, MANY);
	server_list_free(&list);
	write_many(text, MANY + 1);
	assert_int_equal(server_list_parse(&(struct server_file){ "x", text,
								  strlen(text),
								  NULL },
					   &list, &err),
			 -EINVAL);
	assert_int_equal(err.line, MANY + 1);
	free(text);
}

static int parse_some(void *data)
{
	AUTO_SERVER_LIST struct server_list list = { 0 };
	struct ipvsctl_error err = { 0 };

	return parse(data, &list, &err);
}

static void test_memory(void **state)
{
	char text[] = "10.0.0.1\n10.0.0.2\n10.0.0.3\nserver 10.0.0.4;\n"
		      "10.0.0.5\n";

	(void)state;
	alloc_each_failure(parse_some, text);
}

/* ---- As servers of a service --------------------------------------------------- */

static void test_servers_of_services(void **state)
{
	static const struct {
		const char *service, *line, *server; /* server NULL: refused */
	} cases[] = {
		{ "tcp:192.0.2.1:80", "10.0.0.1", "10.0.0.1:80" },
		{ "tcp:192.0.2.1:80", "10.0.0.1:80", "10.0.0.1:80" },
		{ "fwmark:1", "10.0.0.1", "10.0.0.1" },
		{ "fwmark:1", "10.0.0.1:7880", "10.0.0.1" },
		{ "fwmark:1/inet6", "2001:db8::1", "2001:db8::1" },
		/* Direct routing cannot rewrite it; the family is another's. */
		{ "tcp:192.0.2.1:80", "10.0.0.1:81", NULL },
		{ "tcp:192.0.2.1:80", "2001:db8::1", NULL },
		{ "tcp:192.0.2.1:80", "224.0.0.1", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_SERVER_LIST struct server_list list = { 0 };
		struct ipvsctl_service service =
			given_service(cases[i].service);
		const struct check check = { 0 };
		struct ipvsctl_error err = { 0 };
		struct ipvsctl_server server;
		char text[IPVSCTL_IDENTITY_TEXT];
		int r;

		assert_int_equal(parse(cases[i].line, &list, &err), 0);
		r = list_server(&check, &service, &list.servers[0], &server,
				&err);
		if (r != (cases[i].server ? 0 : -EINVAL))
			fail_msg("%s, %s: %d", cases[i].service, cases[i].line,
				 r);
		if (r < 0)
			continue;
		assert_string_equal(ipvsctl_server_format(&server, text),
				    cases[i].server);
		assert_ptr_equal(list_find(&list, &service, &server),
				 &list.servers[0]);
	}
}

static void test_who_is_listed(void **state)
{
	static const char *const text =
		"10.0.0.2:81\n10.0.0.2:80\n10.0.0.1\n10.0.0.3:99\n";
	static const struct {
		const char *service, *server;
		bool listed;
	} cases[] = {
		{ "tcp:192.0.2.1:80", "10.0.0.1:80", true },
		{ "tcp:192.0.2.1:80", "10.0.0.1:81 --forward nat", false },
		{ "tcp:192.0.2.1:80", "10.0.0.2:80", true },
		{ "tcp:192.0.2.1:80", "10.0.0.2:81 --forward nat", true },
		{ "tcp:192.0.2.1:80", "10.0.0.2:82 --forward nat", false },
		{ "tcp:192.0.2.1:80", "10.0.0.3:80", false },
		{ "tcp:192.0.2.1:80", "10.0.0.4:80", false },
		{ "fwmark:1", "10.0.0.3", true },
		{ "fwmark:1", "10.0.0.0", false },
	};
	AUTO_SERVER_LIST struct server_list list = { 0 };
	struct ipvsctl_error err = { 0 };

	(void)state;
	assert_int_equal(parse(text, &list, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_service service =
			given_service(cases[i].service);
		struct ipvsctl_server server =
			given_server(cases[i].service, cases[i].server);

		if ((list_find(&list, &service, &server) != NULL) !=
		    cases[i].listed)
			fail_msg("%s, %s", cases[i].service, cases[i].server);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_upstreams),
		cmocka_unit_test(test_servers_are_not_passed_over),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_nul_bytes),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_servers_of_services),
		cmocka_unit_test(test_who_is_listed),
	};

	return cmocka_run_group_tests_name("check-servers", tests, NULL, NULL);
}
