/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Rulesets as JSON documents: what is read, what is refused and where. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rulesets.h"

#include <jansson.h>

#include "ruleset/json-text.h"
#include "scope.h"

#define S "tcp:192.0.2.1:80"

static const char *const nothing[] = { NULL };

static const char *const standing[] = {
	"service " S " --scheduler rr",
	"server " S " 10.0.0.1 --weight 5",
	"mark 1 --proto tcp --dport 80",
	"sync master --dev eth0 --id 1",
	"timeouts 900 120 300",
	"hold " S " 10.0.0.1 admin",
	NULL,
};

/* A document of version 1 with these members. */
#define DOCUMENT(members) "{\"version\": 1, " members "}\n"
/* The arrays of one object each. */
#define SERVICE(members) \
	DOCUMENT("\"services\": [{\"service\": \"" S "\", " members "}]")
#define SERVER(members) \
	SERVICE("\"servers\": [{\"server\": \"10.0.0.1\", " members "}]")
#define MARK(members)	DOCUMENT("\"marks\": [{" members "}]")
#define DAEMON(members) DOCUMENT("\"daemons\": [{" members "}]")

static void test_members_are_the_attributes(void **state)
{
	static const struct {
		const char *text;
		const char *wanted;
	} cases[] = {
		{ SERVICE("\"servers\": []"),
		  "svc add " S " --scheduler wlc\n" },
		{ DOCUMENT("\"services\": [{\"service\": \"fwmark:7/inet6\"}]"),
		  "svc add fwmark:7/inet6 --scheduler wlc\n" },
		{ DOCUMENT("\"services\": [{\"service\": \"udp:192.0.2.1:53\", "
			   "\"scheduler\": \"sh\", \"sched_flags\": "
			   "\"sh-port\", \"one_packet\": true, \"persistent\": "
			   "60, \"netmask\": \"24\", \"pe\": \"sip\"}]"),
		  "svc add udp:192.0.2.1:53 --scheduler sh --sched-flags "
		  "sh-port --one-packet --persistent 60 --netmask 24 "
		  "--pe sip\n" },
		/* Numbers may be texts, and texts that look so numbers. */
		{ SERVICE("\"persistent\": \"0x3c\", \"netmask\": 24"),
		  "svc add " S
		  " --scheduler wlc --persistent 60 --netmask 24\n" },
		{ SERVICE("\"one_packet\": false, \"unchecked\": false"),
		  "svc add " S " --scheduler wlc\n" },
		{ SERVER("\"forward\": \"tun\", \"weight\": 0, "
			 "\"upper_threshold\": 9, \"lower_threshold\": 3, "
			 "\"tunnel\": \"gue\", \"tunnel_port\": 6080, "
			 "\"tunnel_checksum\": \"remote\""),
		  "svc add " S " --scheduler wlc\n"
		  "svc add-server " S
		  " 10.0.0.1 --forward tun --weight 0 --upper-threshold 9 "
		  "--lower-threshold 3 --tunnel gue --tunnel-port 6080 "
		  "--tunnel-checksum remote\n" },
		{ MARK("\"mark\": 1"), "mark add 1\n" },
		{ MARK("\"mark\": \"0x10\", \"exclude\": false"),
		  "mark add 16\n" },
		{ MARK("\"exclude\": true, \"proto\": \"udp\""),
		  "mark exclude --proto udp\n" },
		{ MARK("\"mark\": 1, \"proto\": 17, \"src\": \"10.0.0.0/8\", "
		       "\"sport\": 5, \"dst\": \"192.0.2.1\", \"dport\": "
		       "\"1,2:3\", \"in_interface\": \"eth+\", \"hook\": "
		       "\"input\", \"priority\": 3, \"mask\": \"0xff\", "
		       "\"no_exempt_own\": true, \"comment\": \"it's\", "
		       "\"extra\": \"-m x 'y z'\""),
		  "mark add 1 --proto udp --src 10.0.0.0/8 --sport 5 --dst "
		  "192.0.2.1 --dport 1,2:3 --in-interface eth+ --hook input "
		  "--priority 3 --mask 0xff --no-exempt-own --comment "
		  "'it'\\''s' -- -m x 'y z'\n" },
		{ MARK("\"mark\": 1, \"ipv6\": true, \"ipv4\": false"),
		  "mark add 1 --ipv6\n" },
		/* A flag that is false is the one that says no. */
		{ MARK("\"mark\": 1, \"exempt_own\": false"),
		  "mark add 1 --no-exempt-own\n" },
		{ MARK("\"mark\": 1, \"exempt_own\": true"), "mark add 1\n" },
		{ MARK("\"mark\": 1, \"exempt_own\": \"conntrack\""),
		  "mark add 1 --exempt-own conntrack\n" },
		{ MARK("\"exclude\": true, \"exempt_own\": \"socket\""),
		  "mark exclude --exempt-own socket\n" },
		{ MARK("\"exclude\": true, \"no_exempt_own\": false"),
		  "mark exclude --exempt-own socket\n" },
		{ DAEMON("\"role\": \"backup\", \"dev\": \"e\", \"id\": 255, "
			 "\"max_length\": 1400, \"group\": \"ff02::5\", "
			 "\"port\": 1, \"ttl\": 255"),
		  "sync start backup --dev e --id 255 --max-length 1400 "
		  "--group ff02::5 --port 1 --ttl 255\n" },
		{ DOCUMENT("\"timeouts\": {\"tcp\": 1, \"udp\": 2678400}"),
		  "svc timeouts 1 0 2678400\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_makes(nothing, cases[i].text, NULL, cases[i].wanted);
}

/* Members have no order: programs that sort them change nothing. */
static void test_members_come_in_any_order(void **state)
{
	static const struct {
		const char *text;
		const char *wanted;
	} cases[] = {
		{ SERVER("\"forward\": \"local\", \"unchecked\": true"),
		  "svc add " S " --scheduler wlc\n"
		  "svc add-server " S
		  " 10.0.0.1 --unchecked --forward local --weight 1\n" },
		{ SERVICE("\"netmask\": \"255.0.255.0\", \"persistent\": 5, "
			  "\"unchecked\": true"),
		  "svc add " S " --unchecked --scheduler wlc --persistent 5 "
		  "--netmask 255.0.255.0\n" },
		{ DOCUMENT("\"services\": [{\"servers\": [{\"weight\": 2, "
			   "\"server\": \"10.0.0.1\"}], \"service\": \"" S
			   "\"}]"),
		  "svc add " S " --scheduler wlc\n"
		  "svc add-server " S " 10.0.0.1 --forward dr --weight 2\n" },
		{ MARK("\"mask\": \"0xf00\", \"mark\": \"0x100\""),
		  "mark add 256 --mask 0xf00\n" },
		{ MARK("\"mark\": 9, \"snat\": \"192.0.2.1\""),
		  "mark add 9 --snat=192.0.2.1 --ipv4\n" },
		{ MARK("\"mark\": 9, \"snat\": \"masquerade\""),
		  "mark add 9 --snat\n" },
		{ MARK("\"mark\": 9, \"snat\": true"), "mark add 9 --snat\n" },
		{ MARK("\"mark\": 9, \"snat\": false"), "mark add 9\n" },
		{ "{\"marks\": [{\"mark\": 2}], \"version\": 2}",
		  "mark add 2\n" },
		/* What the kernel knows is passed over, whatever it is. */
		{ DOCUMENT("\"runtime\": {\"x\": 1}, \"lossy\": false, "
			   "\"marks\": [{\"runtime\": null, \"mark\": 2}]"),
		  "mark add 2\n" },
		{ SERVER("\"runtime\": {\"weight\": 9}"),
		  "svc add " S " --scheduler wlc\n"
		  "svc add-server " S " 10.0.0.1 --forward dr --weight 1\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_makes(nothing, cases[i].text, NULL, cases[i].wanted);
}

/* What a document names is all there is of it; timeouts of 0 stay. */
static void test_what_is_described_as_a_whole(void **state)
{
	static const struct {
		const char *text;
		unsigned int kinds;
		const char *wanted;
	} cases[] = {
		{ "{\"version\": 1}", 0, "" },
		{ DOCUMENT("\"services\": []"), IPVSCTL_SERVICES, "" },
		{ DOCUMENT("\"marks\": []"), IPVSCTL_MARKS, "" },
		{ DOCUMENT("\"daemons\": []"), IPVSCTL_SYNC, "" },
		{ DOCUMENT("\"timeouts\": {}"), IPVSCTL_TIMEOUTS,
		  "svc timeouts 900 120 300\n" },
		/* What whoever wrote it could not tell stays. */
		{ DOCUMENT("\"timeouts\": null, \"services\": null, "
			   "\"marks\": null, \"daemons\": null"),
		  0, "" },
		{ DOCUMENT("\"services\": [{\"service\": \"" S
			   "\", \"servers\": [{\"server\": \"10.0.0.1\"}]}], "
			   "\"marks\": null, \"daemons\": []"),
		  IPVSCTL_SERVICES | IPVSCTL_SYNC,
		  "svc add " S " --scheduler wlc\n"
		  "svc add-server " S " 10.0.0.1 --forward dr --weight 1 "
		  "held\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_ruleset *ruleset =
			given_ruleset(cases[i].text, NULL);

		assert_int_equal(ipvsctl_ruleset_kinds(ruleset), cases[i].kinds);
		ipvsctl_ruleset_free(ruleset);
		assert_makes(standing, cases[i].text, NULL, cases[i].wanted);
	}
}

static void test_documents_that_are_refused(void **state)
{
	static const struct refusal cases[] = {
		/* No JSON: these have lines. */
		{ "{", 1, "", NULL, "" },
		{ "{\n\"version\": 1,\n}\n", 3, "", NULL, NULL },
		{ "{\"version\": 1} {}", 1, "", NULL, NULL },
		{ "{\"version\": 1, \"version\": 1}", 1, "", NULL, NULL },
		{ MARK("\"mark\": 1, \"mark\": 1"), 1, "", NULL, NULL },
		{ MARK("\"mark\": 99999999999999999999"), 1, "", NULL, NULL },
		{ MARK("\"comment\": \"\\u0000\""), 1, "", NULL, NULL },
		{ MARK("\"comment\": \"\xff\""), 1, "", NULL, NULL },
		/* Documents. */
		{ "[]", 0, "", "the document must be an object", "" },
		{ "{}", 0, "", "the document's 'version' must be 1 or 2", "" },
		{ "{\"version\": 3}", 0, "", NULL, NULL },
		{ "{\"version\": \"1\"}", 0, "", NULL, NULL },
		{ "{\"version\": 1.0}", 0, "", NULL, NULL },
		{ DOCUMENT("\"service\": []"), 0, "",
		  "'service' is none of version, partial, timeouts, services, "
		  "marks, mark_backend, vips, daemons",
		  "" },
		/* A part that is taken for all would delete the rest. */
		{ DOCUMENT("\"partial\": \"true\", \"services\": []"), 0, "",
		  "'partial' must be true or false", "" },
		{ DOCUMENT("\"partial\": 1"), 0, "", NULL, NULL },
		{ DOCUMENT("\"partial\": null"), 0, "", NULL, NULL },
		{ DOCUMENT("\"lossy\": 0"), 0, "",
		  "'lossy' must be true or false", "" },
		{ DOCUMENT("\"mark_backend\": 2"), 0, "",
		  "'mark_backend' must be a string", "" },
		{ DOCUMENT("\"mark_backend\": \"ebtables\""), 0, "",
		  "mark backend 'ebtables' is none of auto, iptables, nft", "" },
		{ DOCUMENT("\"services\": {}"), 0, "services",
		  "expected an array", "" },
		{ DOCUMENT("\"marks\": true"), 0, "marks", NULL, NULL },
		{ DOCUMENT("\"daemons\": \"\""), 0, "daemons", NULL, NULL },
		{ DOCUMENT("\"services\": [3]"), 0, "services[0]",
		  "expected an object", NULL },
		{ DOCUMENT("\"marks\": [{\"mark\": 1}, null]"), 0, "marks[1]",
		  "expected an object", NULL },
		{ DOCUMENT("\"daemons\": [[]]"), 0, "daemons[0]", NULL, NULL },
		/* Services. */
		{ DOCUMENT("\"services\": [{}]"), 0, "services[0]",
		  "the string 'service' is missing", NULL },
		{ DOCUMENT("\"services\": [{\"service\": 5}]"), 0,
		  "services[0]", "the string 'service' is missing", NULL },
		{ DOCUMENT("\"services\": [{\"service\": \"x\"}]"), 0,
		  "services[0]: x", NULL, NULL },
		{ SERVICE("\"weight\": 1"), 0, "services[0]",
		  "unknown key 'weight'", NULL },
		{ SERVICE("\"sched-flags\": \"none\""), 0, "services[0]",
		  "unknown key 'sched-flags'", NULL },
		{ SERVICE("\"scheduler\": null"), 0, "services[0]",
		  "'scheduler' must be a string or a number", NULL },
		{ SERVICE("\"scheduler\": true"), 0, "services[0]", NULL, NULL },
		{ SERVICE("\"persistent\": 1.5"), 0, "services[0]", NULL, NULL },
		{ SERVICE("\"persistent\": -1"), 0, "services[0]",
		  "persistence '-1' is not a number from 0 to 2678400", NULL },
		{ SERVICE("\"one_packet\": 1"), 0, "services[0]",
		  "'one_packet' must be true or false", NULL },
		{ SERVICE("\"one_packet\": \"yes\""), 0, "services[0]", NULL,
		  NULL },
		{ SERVICE("\"one_packet\": null"), 0, "services[0]", NULL,
		  NULL },
		{ SERVICE("\"one_packet\": true"), 0, "services[0]: " S, NULL,
		  "--no-one-packet" },
		{ DOCUMENT("\"services\": [{\"service\": \"" S
			   "\"}, {\"service\": \"" S "\"}]"),
		  0, "services[1]: " S, "the ruleset adds this service twice",
		  NULL },
		/* Servers. */
		{ SERVICE("\"servers\": {}"), 0, "services[0].servers",
		  "expected an array", NULL },
		{ SERVICE("\"servers\": null"), 0, "services[0].servers", NULL,
		  NULL },
		{ SERVICE("\"servers\": [1]"), 0, "services[0].servers[0]",
		  "expected an object", NULL },
		{ SERVICE("\"servers\": [{\"weight\": 1}]"), 0,
		  "services[0].servers[0]", "the string 'server' is missing",
		  NULL },
		{ SERVICE("\"servers\": [{\"server\": \"10.0.0.1\"}, "
			  "{\"server\": \"x\"}]"),
		  0, "services[0].servers[1]: x", NULL, NULL },
		{ SERVER("\"forward\": \"local\""), 0, "services[0].servers[0]",
		  "forwarding 'local' is none of dr, nat, tun", NULL },
		{ SERVER("\"scheduler\": \"rr\""), 0, "services[0].servers[0]",
		  "unknown key 'scheduler'", NULL },
		{ SERVER("\"tunnel\": \"gre\""), 0,
		  "services[0].servers[0]: 10.0.0.1:80", NULL, NULL },
		{ SERVICE("\"servers\": [{\"server\": \"10.0.0.1\"}, "
			  "{\"server\": \"10.0.0.1:80\"}]"),
		  0, "services[0].servers[1]: " S " 10.0.0.1",
		  "the ruleset adds this server twice", NULL },
		/* Marks. */
		{ MARK(""), 0, "marks[0]",
		  "either the number 'mark' or 'exclude': true is required",
		  NULL },
		{ MARK("\"exclude\": false"), 0, "marks[0]", NULL, NULL },
		{ MARK("\"mark\": 1, \"exclude\": true"), 0, "marks[0]", NULL,
		  NULL },
		{ MARK("\"mark\": 1, \"exclude\": \"yes\""), 0, "marks[0]",
		  "'exclude' must be true or false", NULL },
		{ MARK("\"mark\": 1, \"exclude\": null"), 0, "marks[0]", NULL,
		  NULL },
		{ MARK("\"mark\": true"), 0, "marks[0]", NULL, NULL },
		{ MARK("\"mark\": null"), 0, "marks[0]", NULL, NULL },
		{ MARK("\"mark\": 0"), 0, "marks[0]",
		  "mark '0' is not a number from 1 to 4294967295", NULL },
		{ MARK("\"mark\": 4294967296"), 0, "marks[0]", NULL, NULL },
		{ MARK("\"mark\": 1, \"unchecked\": true"), 0, "marks[0]",
		  "unknown key 'unchecked'", NULL },
		{ MARK("\"mark\": 1, \"ipv4\": true, \"ipv6\": true"), 0,
		  "marks[0]", NULL, NULL },
		{ MARK("\"mark\": 1, \"dport\": 80"), 0, "marks[0]", NULL,
		  "--proto udp" },
		{ MARK("\"mark\": 1, \"comment\": \"a\\nb\""), 0, "marks[0]",
		  NULL, NULL },
		{ MARK("\"mark\": 1, \"extra\": [\"-m\"]"), 0, "marks[0]", NULL,
		  NULL },
		{ DOCUMENT("\"marks\": [{\"mark\": 1}, {\"mark\": 2}]"), 0,
		  "marks[1]", "the ruleset has a rule with this match already",
		  NULL },
		/* Sync daemons. */
		{ DAEMON(""), 0, "daemons[0]", "the string 'role' is missing",
		  NULL },
		{ DAEMON("\"role\": \"boss\""), 0, "daemons[0]", NULL, NULL },
		{ DAEMON("\"role\": \"master\""), 0, "daemons[0]: master",
		  "the interface is missing", NULL },
		{ DAEMON("\"role\": \"master\", \"dev\": \"e\", \"syncid\": 1"),
		  0, "daemons[0]", "unknown key 'syncid'", NULL },
		{ DOCUMENT("\"daemons\": [{\"role\": \"master\", \"dev\": "
			   "\"e\"}, {\"role\": \"master\", \"dev\": \"f\"}]"),
		  0, "daemons[1]: master",
		  "the ruleset adds this sync daemon twice", NULL },
		/* Timeouts. */
		{ DOCUMENT("\"timeouts\": []"), 0, "timeouts",
		  "expected an object", NULL },
		{ DOCUMENT("\"timeouts\": {\"tcp\": \"5\"}"), 0, "timeouts",
		  "'tcp' is none of tcp, tcp_fin and udp with a number from 0 "
		  "to 2678400",
		  NULL },
		{ DOCUMENT("\"timeouts\": {\"sctp\": 5}"), 0, "timeouts", NULL,
		  NULL },
		{ DOCUMENT("\"timeouts\": {\"udp\": -1}"), 0, "timeouts", NULL,
		  NULL },
		{ DOCUMENT("\"timeouts\": {\"tcp_fin\": 2678401}"), 0,
		  "timeouts", NULL, NULL },
		{ DOCUMENT("\"timeouts\": {\"udp\": null}"), 0, "timeouts",
		  NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_refused(&cases[i], NULL);
}

/* One line of any length: programs write JSON so. */
static void test_lines_may_be_long(void **state)
{
	const size_t length = (size_t)100 * 1024;
	char *text = malloc(length + 64);

	(void)state;
	assert_non_null(text);
	(void)memset(text, ' ', length);
	(void)strcpy(text + length, "{\"version\": 1, \"marks\": []}");
	assert_makes(standing, text, NULL, "");
	free(text);
}

static void test_running_out_of_memory(void **state)
{
	(void)state;
	assert_survives_without_memory(
		standing,
		DOCUMENT("\"timeouts\": {\"udp\": 5}, "
			 "\"services\": [{\"service\": \"" S
			 "\", \"servers\": [{\"server\": \"10.0.0.1\"}]}], "
			 "\"marks\": [{\"mark\": 3, \"extra\": \"-m x\"}], "
			 "\"daemons\": [{\"role\": \"backup\", \"dev\": "
			 "\"e\"}]"),
		NULL);
}

/* jansson is what reads the document, and wrote it once. */
static void test_texts_are_written_as_by_jansson(void **state)
{
	static const int64_t numbers[] = { 0,	       7,	  -1,
					   4294967295, INT64_MAX, INT64_MIN };
	struct json_text ours = { .depth = 0 };
	json_t *object = json_object(), *array = json_array();
	AUTO_FREE char *text = NULL, *wanted = NULL;

	(void)state;
	json_text_open(&ours, NULL, '{');
	json_text_open(&ours, "array", '[');
	for (int c = 1; c < 0x80; c++) {
		const char string[] = { 'a', (char)c, (char)c, '\0' };

		json_text_string(&ours, NULL, string);
		assert_int_equal(json_array_append_new(array,
						       json_string(string)),
				 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		json_text_number(&ours, NULL, numbers[i]);
		assert_int_equal(json_array_append_new(array,
						       json_integer(numbers[i])),
				 0);
	}
	json_text_close(&ours, ']');
	json_text_open(&ours, "empty", '{');
	json_text_close(&ours, '}');
	json_text_string(&ours, "text", "\u00e9\u20ac");
	json_text_word(&ours, "word", "null");
	json_text_close(&ours, '}');
	assert_int_equal(json_object_set_new(object, "array", array), 0);
	assert_int_equal(json_object_set_new(object, "empty", json_object()), 0);
	assert_int_equal(json_object_set_new(object, "text",
					     json_string("\u00e9\u20ac")),
			 0);
	assert_int_equal(json_object_set_new(object, "word", json_null()), 0);
	wanted = json_dumps(object, JSON_INDENT(2));
	json_decref(object);
	assert_int_equal(text_take(&ours.text, &text), 0);
	assert_string_equal(text, wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts_are_written_as_by_jansson),
		cmocka_unit_test(test_members_are_the_attributes),
		cmocka_unit_test(test_members_come_in_any_order),
		cmocka_unit_test(test_what_is_described_as_a_whole),
		cmocka_unit_test(test_documents_that_are_refused),
		cmocka_unit_test(test_lines_may_be_long),
		cmocka_unit_test(test_running_out_of_memory),
	};

	return cmocka_run_group_tests_name("ruleset-json", tests, NULL, NULL);
}
