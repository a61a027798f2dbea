/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Configurations as texts: complete, the same in both formats, read again. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "rulesets.h"

#include "model/object.h"
#include "scope.h"

#define EVERYTHING \
	(IPVSCTL_SERVICES | IPVSCTL_MARKS | IPVSCTL_SYNC | IPVSCTL_TIMEOUTS)

#define S "tcp:192.0.2.1:80"

static const char *const nothing[] = { NULL };

static const char *const small[] = {
	"service " S " --scheduler rr",
	"server " S " 10.0.0.1 --weight 5",
	"server " S " 10.0.0.2:8080 --forward nat",
	"mark 1 --proto tcp --dport 80 -- -m x 'y z'",
	"mark exclude --src 10.0.0.0/8",
	"sync master --dev eth0 --id 1",
	"timeouts 900 120 300",
	"hold " S " 10.0.0.1 admin",
	NULL,
};

static char *format(const struct ipvsctl_config *config, unsigned int kinds,
		    unsigned int as)
{
	char *text = NULL;

	assert_int_equal(ipvsctl_ruleset_format(config, kinds, as, &text, NULL),
			 0);
	return text;
}

static void assert_lines(const struct ipvsctl_config *config,
			 unsigned int kinds, const char *wanted)
{
	char *text = format(config, kinds, IPVSCTL_FORMAT_RULESET);

	assert_string_equal(text, wanted);
	free(text);
}

#define BEGIN "# lbctl ruleset: see lbctl-ruleset(5)\n"
#define END   "# end of ruleset\n"

static void test_lines_of_the_kinds_that_are_asked_for(void **state)
{
	struct ipvsctl_config *config = given_config(small);
	struct ipvsctl_config *empty = given_config(nothing);

	(void)state;
	assert_lines(config, EVERYTHING,
		     BEGIN "svc timeouts 900 120 300\n"
			   "svc flush\n"
			   "svc add " S " --scheduler rr\n"
			   "svc add-server " S
			   " 10.0.0.1 --forward dr --weight 5\n"
			   "svc add-server " S
			   " 10.0.0.2:8080 --forward nat --weight 1\n"
			   "mark flush\n"
			   "mark exclude --src 10.0.0.0/8\n"
			   "mark add 1 --proto tcp --dport 80 -- -m x 'y z'\n"
			   "sync flush\n"
			   "sync start master --dev eth0 --id 1\n" END);
	assert_lines(config, IPVSCTL_MARKS,
		     BEGIN
		     "mark flush\nmark exclude --src 10.0.0.0/8\n"
		     "mark add 1 --proto tcp --dport 80 -- -m x 'y z'\n" END);
	assert_lines(config, IPVSCTL_TIMEOUTS | IPVSCTL_COUNTERS,
		     BEGIN "svc timeouts 900 120 300\n" END);
	assert_lines(config, 0, BEGIN END);
	assert_lines(empty, EVERYTHING,
		     BEGIN "svc flush\nmark flush\nsync flush\n" END);
	ipvsctl_config_free(config);
	ipvsctl_config_free(empty);
}

static void test_a_document_of_the_kinds_that_are_asked_for(void **state)
{
	struct ipvsctl_config *config = given_config(small);
	struct ipvsctl_config *empty = given_config(nothing);
	char *text = format(config, EVERYTHING, IPVSCTL_FORMAT_JSON);

	(void)state;
	assert_string_equal(text, "{\n"
				  "  \"version\": 2,\n"
				  "  \"timeouts\": {\n"
				  "    \"tcp\": 900,\n"
				  "    \"tcp_fin\": 120,\n"
				  "    \"udp\": 300\n"
				  "  },\n"
				  "  \"services\": [\n"
				  "    {\n"
				  "      \"service\": \"" S "\",\n"
				  "      \"scheduler\": \"rr\",\n"
				  "      \"servers\": [\n"
				  "        {\n"
				  "          \"server\": \"10.0.0.1:80\",\n"
				  "          \"forward\": \"dr\",\n"
				  "          \"weight\": 5\n"
				  "        },\n"
				  "        {\n"
				  "          \"server\": \"10.0.0.2:8080\",\n"
				  "          \"forward\": \"nat\",\n"
				  "          \"weight\": 1\n"
				  "        }\n"
				  "      ]\n"
				  "    }\n"
				  "  ],\n"
				  "  \"marks\": [\n"
				  "    {\n"
				  "      \"exclude\": true,\n"
				  "      \"src\": \"10.0.0.0/8\"\n"
				  "    },\n"
				  "    {\n"
				  "      \"mark\": 1,\n"
				  "      \"proto\": \"tcp\",\n"
				  "      \"dport\": \"80\",\n"
				  "      \"extra\": \"-m x \\\"y z\\\"\"\n"
				  "    }\n"
				  "  ],\n"
				  "  \"daemons\": [\n"
				  "    {\n"
				  "      \"role\": \"master\",\n"
				  "      \"dev\": \"eth0\",\n"
				  "      \"id\": 1\n"
				  "    }\n"
				  "  ]\n"
				  "}\n");
	free(text);
	text = format(config, IPVSCTL_SYNC, IPVSCTL_FORMAT_JSON);
	assert_null(strstr(text, "services"));
	assert_non_null(strstr(text, "\"daemons\": ["));
	free(text);
	text = format(empty, IPVSCTL_TIMEOUTS | IPVSCTL_MARKS,
		      IPVSCTL_FORMAT_JSON);
	assert_string_equal(text, "{\n  \"version\": 2,\n"
				  "  \"timeouts\": null,\n"
				  "  \"marks\": null\n}\n");
	free(text);
	ipvsctl_config_free(config);
	ipvsctl_config_free(empty);
}

/* ---- Read again -------------------------------------------------------- */

/* A configuration that a text alone makes, on nothing. */
static struct ipvsctl_config *read_again(const char *text)
{
	struct ipvsctl_config *to = NULL;
	struct ipvsctl_error err = { 0 };

	if (run_ruleset(nothing, text, NULL, &to, &err))
		fail_msg("'%s': line %u: %s: %s", text, err.line, err.subject,
			 err.message);
	return to;
}

/* Whether the text in that format, read again, tells the same. */
static void assert_again(const struct ipvsctl_config *config, unsigned int as,
			 const char *lines)
{
	char *text = format(config, EVERYTHING, as);
	struct ipvsctl_config *copy = read_again(text);
	char *again = format(copy, EVERYTHING, IPVSCTL_FORMAT_RULESET);

	assert_string_equal(again, lines);
	free(again);
	again = format(copy, EVERYTHING, as);
	assert_string_equal(again, text);
	free(again);
	free(text);
	ipvsctl_config_free(copy);
}

static void assert_survives(const struct ipvsctl_config *config)
{
	char *lines = format(config, EVERYTHING, IPVSCTL_FORMAT_RULESET);

	assert_again(config, IPVSCTL_FORMAT_RULESET, lines);
	assert_again(config, IPVSCTL_FORMAT_JSON, lines);
	free(lines);
}

/* Every attribute with a value that is not its default, and odd ones. */
static void test_every_attribute_survives(void **state)
{
	static const char *const everything[] = {
		"timeouts 1 2 2678400",
		"service tcp:192.0.2.1:80 --scheduler sh "
		"--sched-flags sh-fallback,sh-port,flag-3 --persistent 60 "
		"--netmask 24 --pe sip",
		"service tcp:192.0.2.1:0 --persistent 5",
		"service udp:[2001:db8::1]:53 --one-packet --scheduler "
		"own-sched_1.0 --sched-flags flag-1 --netmask 64 "
		"--persistent 1",
		"service sctp:192.0.2.1:9 --scheduler mh --sched-flags mh-port",
		"service fwmark:1",
		"service fwmark:4294967295/inet6 --one-packet",
		"server tcp:192.0.2.1:80 10.0.0.1 --weight 0",
		"server tcp:192.0.2.1:80 10.0.0.2:81 --forward nat "
		"--weight 2147483647",
		"server tcp:192.0.2.1:80 10.0.0.3 --upper-threshold 2 "
		"--lower-threshold 1",
		"server tcp:192.0.2.1:80 10.0.0.4 --forward tun",
		"server tcp:192.0.2.1:80 2001:db8::5 --forward tun "
		"--tunnel gre --tunnel-checksum full",
		"server tcp:192.0.2.1:80 10.0.0.6 --forward tun "
		"--tunnel gue --tunnel-port 6080 --tunnel-checksum remote",
		"server udp:[2001:db8::1]:53 [2001:db8::9]:54 --forward nat",
		"server fwmark:1 10.0.0.1",
		"server fwmark:1 10.0.0.1:80 --forward nat",
		"mark 1",
		"mark 4294967295 --ipv4 --proto icmp --priority 0",
		"mark 2 --proto 47 --ipv6 --priority 65535",
		"mark 0x100 --mask 0xf00 --hook input --in-interface eth+",
		"mark 3 --proto tcp --sport 1,2,3:4 --dport 0:65535 "
		"--src 10.0.0.0/8 --dst 192.0.2.1 --no-exempt-own "
		"--comment 'it'\\''s \"two\" \\ # $x'",
		"mark 4 --src 2001:db8::/32 --hook output",
		"mark 5 --comment -x -- -m x \"\" ! --y 'a b' \\\\ -- #",
		"mark exclude --exempt-own socket --dst 2001:db8::1",
		"mark exclude --ipv6 --priority 100 --proto icmpv6",
		"sync master --dev eth0.7 --id 255 --max-length 65507 --group "
		"ff02::5 --port 1 --ttl 255",
		"sync backup --dev 'a#'\\''b' --group 239.0.0.1",
		NULL,
	};
	struct ipvsctl_config *config = given_config(everything);

	(void)state;
	assert_survives(config);
	ipvsctl_config_sort(config);
	assert_survives(config);
	ipvsctl_config_free(config);
}

/* What other programs can make of the kernel's tables, and we would not. */
static void test_odd_objects_survive(void **state)
{
	static const struct {
		const char *service;
		const char *server; /* or NULL */
		uint32_t netmask;   /* or 0 */
		bool no_netmask;
		const char *line;
	} cases[] = {
		{ "tcp:192.0.2.1:80", "10.0.0.1 --unchecked --forward local", 0,
		  false,
		  "svc add-server " S " 10.0.0.1 --unchecked --forward "
		  "local --weight 1\n" },
		{ "tcp:192.0.2.1:80", "10.0.0.1:9 --unchecked --forward bypass",
		  0, false,
		  "svc add-server " S " 10.0.0.1:9 --unchecked "
		  "--forward bypass --weight 1\n" },
		{ "tcp:192.0.2.1:80", "10.0.0.1:81 --unchecked", 0, false,
		  "svc add-server " S " 10.0.0.1:81 --unchecked --forward dr "
		  "--weight 1\n" },
		{ "fwmark:1", "10.0.0.1:81 --unchecked --forward tun", 0, false,
		  "svc add-server fwmark:1 10.0.0.1:81 --unchecked "
		  "--forward tun --weight 1\n" },
		{ "tcp:192.0.2.1:80",
		  "10.0.0.1 --unchecked --forward nat --tunnel gue "
		  "--tunnel-port 5",
		  0, false,
		  "svc add-server " S " 10.0.0.1 --unchecked "
		  "--forward nat --weight 1 --tunnel gue "
		  "--tunnel-port 5\n" },
		{ "tcp:192.0.2.1:80 --persistent 5", NULL, 0xff00ff00, false,
		  "svc add " S " --unchecked --scheduler wlc --persistent 5 "
		  "--netmask 255.0.255.0\n" },
		{ "tcp:192.0.2.1:80 --persistent 5", NULL, 0, true,
		  "svc add " S " --unchecked --scheduler wlc --persistent 5 "
		  "--netmask 0.0.0.0\n" },
		{ "tcp:192.0.2.1:80", NULL, 0xffffff00, false,
		  "svc add " S " --unchecked --scheduler wlc --netmask 24\n" },
		{ "tcp:192.0.2.1:0 --unchecked", NULL, 0, false,
		  "svc add tcp:192.0.2.1:0 --unchecked --scheduler wlc\n" },
		{ "tcp:224.0.0.1:80 --unchecked", NULL, 0, false,
		  "svc add tcp:224.0.0.1:80 --unchecked --scheduler wlc\n" },
		{ "tcp:0.0.0.0:80 --unchecked --one-packet", NULL, 0, false,
		  "svc add tcp:0.0.0.0:80 --unchecked --scheduler wlc "
		  "--one-packet\n" },
		{ "tcp:192.0.2.1:80 --unchecked --sched-flags flag-3", NULL, 0,
		  false,
		  "svc add " S " --unchecked --scheduler wlc "
		  "--sched-flags flag-3\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_config *config = given_config(nothing);
		struct ipvsctl_service service =
			given_service(cases[i].service);
		struct ipvsctl_server server;

		if (cases[i].netmask || cases[i].no_netmask)
			service.netmask = cases[i].netmask;
		assert_int_equal(ipvsctl_config_add_service(config, &service,
							    NULL),
				 0);
		if (cases[i].server) {
			server =
				given_server(cases[i].service, cases[i].server);
			assert_int_equal(ipvsctl_config_add_server(config,
								   &service,
								   &server,
								   NULL),
					 0);
		}
		char *told = tell(config);
		if (!strstr(told, cases[i].line))
			fail_msg("not '%s', but '%s'", cases[i].line, told);
		free(told);
		assert_survives(config);
		ipvsctl_config_free(config);
	}
}

/* Bytes that are no UTF-8 are fine in lines; JSON cannot have them. */
static void test_texts_that_json_cannot_have(void **state)
{
	static const char *const latin[][2] = {
		{ "mark 1 --in-interface eth\xff", NULL },
		{ "mark 1 -- -m string --string \xff", NULL },
		{ "sync master --dev \xc3", NULL },
		{ "sync backup --dev \xc3", NULL },
	};
	static const char *const utf8[] = { "mark 1 --comment caf\xc3\xa9",
					    NULL };
	char untouched = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(latin); i++) {
		struct ipvsctl_config *config = given_config(latin[i]);
		char *lines =
			format(config, EVERYTHING, IPVSCTL_FORMAT_RULESET);
		char *text = &untouched;

		assert_again(config, IPVSCTL_FORMAT_RULESET, lines);
		assert_int_equal(ipvsctl_ruleset_format(config, EVERYTHING,
							IPVSCTL_FORMAT_JSON,
							&text, NULL),
				 -EINVAL);
		assert_ptr_equal(text, &untouched);
		free(lines);
		ipvsctl_config_free(config);
	}
	struct ipvsctl_config *config = given_config(utf8);
	assert_survives(config);
	ipvsctl_config_free(config);
}

static void test_no_other_format(void **state)
{
	static const unsigned int others[] = {
		IPVSCTL_FORMAT_RUNTIME,
		IPVSCTL_FORMAT_PARTIAL,
		1U << 3,
		IPVSCTL_FORMAT_JSON | 1U << 3,
	};
	struct ipvsctl_config *config = given_config(small);
	char untouched = 0;
	char *text = &untouched;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		assert_int_equal(ipvsctl_ruleset_format(config, EVERYTHING,
							others[i], &text, NULL),
				 -EINVAL);
		assert_ptr_equal(text, &untouched);
	}
	ipvsctl_config_free(config);
}

/* ---- To be shown ------------------------------------------------------- */

#define SHOWN ((unsigned int)IPVSCTL_FORMAT_JSON | IPVSCTL_FORMAT_RUNTIME)

#define NO_COUNTERS(indent)                                                   \
	indent "\"counters\": {\n" indent "  \"connections\": 0,\n" indent    \
	       "  \"in_packets\": 0,\n" indent                                \
	       "  \"out_packets\": 0,\n" indent "  \"in_bytes\": 0,\n" indent \
	       "  \"out_bytes\": 0,\n" indent                                 \
	       "  \"connections_per_second\": 0,\n" indent                    \
	       "  \"in_packets_per_second\": 0,\n" indent                     \
	       "  \"out_packets_per_second\": 0,\n" indent                    \
	       "  \"in_bytes_per_second\": 0,\n" indent                       \
	       "  \"out_bytes_per_second\": 0\n" indent "}\n"

/* The wanted weight is the server's, what the kernel has is beside it. */
static void test_what_the_kernel_knows_is_apart(void **state)
{
	static const char *const lines[] = {
		"service fwmark:26/inet6",
		"server fwmark:26/inet6 2001:db8::1 --weight 7",
		"hold fwmark:26/inet6 2001:db8::1 admin",
		"mark 1",
		NULL,
	};
	struct ipvsctl_config *config = given_config(lines);
	char *text = format(config, IPVSCTL_SERVICES | IPVSCTL_MARKS, SHOWN);

	(void)state;
	assert_string_equal(
		text,
		"{\n"
		"  \"version\": 2,\n"
		"  \"services\": [\n"
		"    {\n"
		"      \"service\": \"fwmark:26/inet6\",\n"
		"      \"scheduler\": \"wlc\",\n"
		"      \"runtime\": {\n"
		"        \"protocol\": \"fwmark\",\n"
		"        \"family\": 6,\n"
		"        \"fwmark\": 26,\n" NO_COUNTERS(
			"        ") "      },\n"
				    "      \"servers\": [\n"
				    "        {\n"
				    "          \"server\": \"2001:db8::1\",\n"
				    "          \"forward\": \"dr\",\n"
				    "          \"weight\": 7,\n"
				    "          \"runtime\": {\n"
				    "            \"address\": \"2001:db8::1\",\n"
				    "            \"port\": 0,\n"
				    "            \"effective_weight\": 0,\n"
				    "            \"held\": [\n"
				    "              \"admin\"\n"
				    "            ],\n"
				    "            \"removed\": false,\n"
				    "            \"active_connections\": 0,\n"
				    "            \"inactive_connections\": 0,\n"
				    "            \"persistent_connections\": 0,\n" NO_COUNTERS(
					    "            ") "          }\n"
							    "        }\n"
							    "      ]\n"
							    "    }\n"
							    "  ],\n"
							    "  \"marks\": [\n"
							    "    {\n"
							    "      \"mark\": 1,\n"
							    "      \"runtime\": {\n"
							    "        \"family\": null,\n"
							    "        \"packets\": 0,\n"
							    "        \"bytes\": 0\n"
							    "      }\n"
							    "    }\n"
							    "  ],\n"
							    "  \"runtime\": {\n"
							    "    \"waiting_holds\": 0\n"
							    "  }\n"
							    "}\n");
	free(text);
	ipvsctl_config_free(config);
}

static void test_what_is_shown_restores_the_same(void **state)
{
	struct ipvsctl_config *config = given_config(small);
	char *lines = format(config, EVERYTHING, IPVSCTL_FORMAT_RULESET);
	char *shown = format(config, EVERYTHING, SHOWN);
	struct ipvsctl_config *copy = read_again(shown);
	char *again = format(copy, EVERYTHING, IPVSCTL_FORMAT_RULESET);

	(void)state;
	assert_string_equal(again, lines);
	free(again);
	free(shown);
	free(lines);
	ipvsctl_config_free(copy);
	ipvsctl_config_free(config);
}

/* Of a port that is not the service's, 0 has to be written. */
static void test_port_0_is_written_where_it_means_more(void **state)
{
	static const struct {
		const char *lines[3];
		const char *name;
	} cases[] = {
		{ { "service fwmark:1", "server fwmark:1 10.0.0.1", NULL },
		  "\"10.0.0.1\"" },
		{ { "service fwmark:1",
		    "server fwmark:1 10.0.0.1:8080 --forward nat", NULL },
		  "\"10.0.0.1:8080\"" },
		{ { "service tcp:192.0.2.1:0 --persistent 60",
		    "server tcp:192.0.2.1:0 10.0.0.1", NULL },
		  "\"10.0.0.1\"" },
		{ { "service " S, "server " S " 10.0.0.1:0 --forward nat",
		    NULL },
		  "\"10.0.0.1:0\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_config *config = given_config(cases[i].lines);
		char *text =
			format(config, IPVSCTL_SERVICES, IPVSCTL_FORMAT_JSON);

		assert_non_null(strstr(text, cases[i].name));
		assert_survives(config);
		free(text);
		ipvsctl_config_free(config);
	}
}

/* Reading a part flushes nothing. */
static void test_a_part_says_that_it_is_one(void **state)
{
	static const char *const other[] = { "service udp:192.0.2.2:53",
					     "mark 9", NULL };
	struct ipvsctl_config *config = given_config(small);
	char *text = format(config, IPVSCTL_SERVICES | IPVSCTL_MARKS,
			    SHOWN | IPVSCTL_FORMAT_PARTIAL);

	(void)state;
	assert_non_null(strstr(text, "  \"partial\": true,\n"));
	assert_makes(other, text, NULL,
		     "svc add udp:192.0.2.2:53 --scheduler wlc\n"
		     "svc add " S " --scheduler rr\n"
		     "svc add-server " S " 10.0.0.1 --forward dr --weight 5\n"
		     "svc add-server " S
		     " 10.0.0.2:8080 --forward nat --weight 1\n"
		     "mark exclude --src 10.0.0.0/8\n"
		     "mark add 9\n"
		     "mark add 1 --proto tcp --dport 80 -- -m x 'y z'\n");
	free(text);
	ipvsctl_config_free(config);
}

/* Other bytes are shown as others, and then the text cannot be read back. */
static void test_lost_bytes_are_told(void **state)
{
	static const char *const lines[] = { "mark 1 --in-interface eth\xff",
					     NULL };
	struct ipvsctl_config *config = given_config(lines);
	char *text = format(config, IPVSCTL_MARKS, SHOWN);

	(void)state;
	assert_non_null(strstr(text, "\"eth\xef\xbf\xbd\""));
	assert_non_null(strstr(text, "  \"lossy\": true\n"));
	assert_refused(&(struct refusal){ text, 0, "",
					  "the document is 'lossy': it shows "
					  "bytes that are not UTF-8 as others",
					  "lbctl-save" },
		       NULL);
	free(text);
	ipvsctl_config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_of_the_kinds_that_are_asked_for),
		cmocka_unit_test(
			test_a_document_of_the_kinds_that_are_asked_for),
		cmocka_unit_test(test_every_attribute_survives),
		cmocka_unit_test(test_odd_objects_survive),
		cmocka_unit_test(test_texts_that_json_cannot_have),
		cmocka_unit_test(test_no_other_format),
		cmocka_unit_test(test_what_the_kernel_knows_is_apart),
		cmocka_unit_test(test_what_is_shown_restores_the_same),
		cmocka_unit_test(test_port_0_is_written_where_it_means_more),
		cmocka_unit_test(test_a_part_says_that_it_is_one),
		cmocka_unit_test(test_lost_bytes_are_told),
	};

	return cmocka_run_group_tests_name("ruleset-format", tests, NULL, NULL);
}
