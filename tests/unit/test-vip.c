/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* VIPs: attributes, checks, lines, what lines do to them. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "rulesets.h"

#include "model/object.h"
#include "scope.h"

static void test_lines_survive_parse_and_format(void **state)
{
	static const struct {
		const char *text;
		const char *line;
	} cases[] = {
		{ "192.0.2.10 --dev eth0", "192.0.2.10 --dev eth0" },
		{ "192.0.2.10/32 --dev eth0 --announce 3",
		  "192.0.2.10 --dev eth0" },
		{ "192.0.2.10/24 --label eth0:vip --dev eth0 --announce 0",
		  "192.0.2.10/24 --dev eth0 --label eth0:vip --announce 0" },
		{ "192.0.2.10 --dev eth0 --label eth0 --no-probe",
		  "192.0.2.10 --dev eth0 --label eth0 --no-probe" },
		{ "2001:DB8::10/64 --dev eth0.7 --announce 60",
		  "2001:db8::10/64 --dev eth0.7 --announce 60" },
		{ "192.0.2.10 --real-server", "192.0.2.10 --real-server" },
		{ "2001:db8::10/128 --real-server --dev lo",
		  "2001:db8::10 --real-server" },
		{ "192.0.2.10 --real-server --dev dummy0",
		  "192.0.2.10 --dev dummy0 --real-server" },
		{ "192.0.2.10 --real-server --tunnel ipip --dev tunl0",
		  "192.0.2.10 --real-server --tunnel ipip" },
		{ "192.0.2.10 --tunnel-port 6080 --tunnel gue --real-server "
		  "--tunnel-family inet",
		  "192.0.2.10 --real-server --tunnel gue --tunnel-port 6080" },
		{ "2001:db8::10 --real-server --tunnel gre --tunnel-checksum "
		  "full --tunnel-family inet",
		  "2001:db8::10 --real-server --tunnel gre --tunnel-checksum "
		  "full --tunnel-family inet" },
		{ "192.0.2.10 --real-server --tunnel gre --tunnel-checksum none "
		  "--tunnel-family inet6",
		  "192.0.2.10 --real-server --tunnel gre --tunnel-family inet6" },
		{ "192.0.2.0/24 --local-route", "192.0.2.0/24 --local-route" },
		{ "192.0.2.10 --local-route --mark 0x10",
		  "192.0.2.10 --local-route --mark 16" },
		{ "2001:db8::/32 --local-route", "2001:db8::/32 --local-route" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_vip vip = given_vip(cases[i].text);
		struct ipvsctl_vip copy;
		char *line = NULL;
		char *again = NULL;

		assert_int_equal(ipvsctl_vip_line(&vip, &line, NULL), 0);
		assert_memory_equal(line, "vip add ", 8);
		assert_string_equal(line + 8, cases[i].line);
		copy = given_vip(line + 8);
		assert_true(vip_equal(&vip, &copy));
		assert_int_equal(ipvsctl_vip_compare(&vip, &copy), 0);
		assert_int_equal(ipvsctl_vip_line(&copy, &again, NULL), 0);
		assert_string_equal(again, line);
		free(line);
		free(again);
	}
}

/* The device on which the VIP of each tunnel is. */
static void test_tunnels_have_devices(void **state)
{
	static const struct {
		const char *text;
		const char *device;
	} cases[] = {
		{ "192.0.2.10 --tunnel ipip", "tunl0" },
		{ "2001:db8::10 --tunnel ipip --tunnel-family inet", "sit0" },
		{ "2001:db8::10 --tunnel ipip", "ip6tnl0" },
		{ "192.0.2.10 --tunnel ipip --tunnel-family inet6",
		  "lbctl-ip6tnl" },
		{ "192.0.2.10 --tunnel gue --tunnel-port 1", "tunl0" },
		{ "2001:db8::10 --tunnel gue --tunnel-port 1", "ip6tnl0" },
		{ "192.0.2.10 --tunnel gre", "gre0" },
		{ "2001:db8::10 --tunnel gre --tunnel-family inet", "gre0" },
		{ "192.0.2.10 --tunnel gre --tunnel-family inet6", "ip6gre0" },
		{ "192.0.2.10 --tunnel gre --tunnel-checksum full",
		  "lbctl-gre" },
		{ "2001:db8::10 --tunnel gre --tunnel-checksum full",
		  "lbctl-ip6gre" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[128];
		struct ipvsctl_vip vip;

		(void)snprintf(text, sizeof(text), "%s --real-server",
			       cases[i].text);
		vip = given_vip(text);
		assert_string_equal(vip.interface, cases[i].device);
	}
}

static void test_bad_attributes_and_combinations(void **state)
{
	static const struct {
		const char *text;
		const char *message;
		const char *hint;
	} cases[] = {
		{ "192.0.2.10", "the interface is missing",
		  "--dev eth0, or --real-server" },
		{ "192.0.2.10/0 --local-route",
		  "the prefix length 0 is every address", "" },
		{ "192.0.2.10/33 --dev eth0",
		  "prefix length '33' is not a number from 0 to 32", "" },
		{ "2001:db8::1/129 --dev eth0", NULL, "" },
		{ "example.org --dev eth0", NULL, NULL },
		{ "224.0.0.1 --dev eth0", "not an address of a host", "" },
		{ "0.0.0.0 --dev eth0", "not an address of a host", "" },
		{ "192.0.2.10 --dev a/b", NULL, "" },
		{ "192.0.2.10/24 --real-server",
		  "a real server's prefix is the whole address: a shorter one "
		  "makes all of the network its own",
		  "leave out /24" },
		{ "192.0.2.10 --real-server --local-route",
		  "either --real-server or --local-route", "" },
		{ "192.0.2.10 --real-server --announce 2",
		  "only a director's VIP is announced", "" },
		{ "192.0.2.10 --local-route --no-probe",
		  "only a director's VIP is probed", "" },
		{ "192.0.2.10/24 --local-route",
		  "'192.0.2.10/24' has bits set after the prefix",
		  "192.0.2.0/24" },
		{ "192.0.2.10 --local-route --dev eth0",
		  "a local route is always by lo", "" },
		{ "192.0.2.10 --dev eth0 --mark 1",
		  "--mark needs --local-route", "" },
		{ "192.0.2.10 --local-route --mark 0", NULL, "" },
		{ "192.0.2.10 --dev eth0 --announce 61", NULL, "" },
		{ "192.0.2.10 --dev eth0 --label eth1",
		  "a label begins with the interface", "--label eth0:vip" },
		{ "192.0.2.10 --dev eth0 --label eth0x", NULL, NULL },
		{ "192.0.2.10 --dev eth0 --label eth0:0123456789ab", NULL, "" },
		{ "2001:db8::1 --dev eth0 --label eth0:vip",
		  "only IPv4 has labels", "" },
		{ "192.0.2.10 --local-route --label lo:vip",
		  "a route has no label", "" },
		{ "192.0.2.10 --dev eth0 --tunnel gre",
		  "only a real server takes tunnels",
		  "--real-server --tunnel gre" },
		{ "192.0.2.10 --local-route --tunnel ipip",
		  "only a real server takes tunnels", NULL },
		{ "192.0.2.10 --real-server --tunnel ipip --dev lo",
		  "the VIP of such a tunnel is always on tunl0",
		  "leave out --dev lo" },
		{ "192.0.2.10 --real-server --tunnel gue",
		  "a gue tunnel needs a port", "--tunnel-port 6080" },
		{ "192.0.2.10 --real-server --tunnel ipip --tunnel-port 6080",
		  "a tunnel of type ipip has no port", "--tunnel gue" },
		{ "192.0.2.10 --real-server --tunnel gue --tunnel-port 1 "
		  "--tunnel-checksum full",
		  "a real server's gue takes packets whatever their checksums",
		  "leave out --tunnel-checksum" },
		{ "192.0.2.10 --real-server --tunnel gre --tunnel-checksum "
		  "remote",
		  NULL, NULL },
		{ "192.0.2.10 --real-server --tunnel-port 6080",
		  "tunnel options need --tunnel", "--tunnel ipip" },
		{ "192.0.2.10 --real-server --tunnel-family inet6",
		  "tunnel options need --tunnel", NULL },
		{ "192.0.2.10 --real-server --tunnel vxlan", NULL, NULL },
		{ "192.0.2.10 --real-server --tunnel gue --tunnel-port 65536",
		  NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_vip vip = { .mark = 77 };
		struct ipvsctl_error err = { 0 };

		if (read_vip(cases[i].text, &vip, &err) != -EINVAL)
			fail_msg("'%s' is accepted", cases[i].text);
		assert_failure(&err, &(struct failure){ -EINVAL, NULL,
							cases[i].message,
							cases[i].hint });
	}
}

static const char *const standing[] = { "vip 192.0.2.10/24 --dev eth0",
					"vip 192.0.2.11 --real-server",
					"vip 10.0.0.0/8 --local-route",
					"vip 10.0.0.0/16 --local-route",
					"vip 192.0.2.10 --local-route --mark 7",
					NULL };
#define STANDING                              \
	"vip add 10.0.0.0/8 --local-route\n"  \
	"vip add 10.0.0.0/16 --local-route\n" \
	"vip add 192.0.2.10/24 --dev eth0\n"  \
	"vip add 192.0.2.10 --local-route --mark 7\n"

static void test_what_lines_make(void **state)
{
	static const char *const nothing[] = { NULL };
	static const struct {
		const char *text;
		const char *wanted;
	} cases[] = {
		{ "vip delete 192.0.2.11\n", STANDING },
		{ "vip delete 192.0.2.11/32\n", STANDING },
		{ "vip flush\n", "" },
		{ "vip flush\nvip add 192.0.2.1 --dev eth0\n",
		  "vip add 192.0.2.1 --dev eth0\n" },
		{ "vip delete 192.0.2.11\nvip delete 192.0.2.11\n", STANDING },
		{ "vip delete 192.0.2.11\nvip delete 192.0.2.99\n", STANDING },
		/* The same address by another way of holding it */
		{ "vip delete 192.0.2.11\nvip delete 10.0.0.0/8\n"
		  "vip delete 10.0.0.0/16\nvip delete 192.0.2.10 --mark 7\n"
		  "vip add 192.0.2.10 --dev eth1 --no-probe\n",
		  "vip add 192.0.2.10 --dev eth1 --no-probe\n" },
		{ "vip delete 192.0.2.11\nvip delete 10.0.0.0/8\n"
		  "vip delete 10.0.0.0\nvip delete 192.0.2.10 --mark 7\n"
		  "vip replace 192.0.2.10/24 --dev eth0 --announce 1\n",
		  "vip add 192.0.2.10/24 --dev eth0 --announce 1\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_makes(standing, cases[i].text, NULL, cases[i].wanted);
	assert_makes(nothing, "vip delete 192.0.2.1\n", NULL, "");
	assert_makes(nothing,
		     "{\"version\": 2, \"vips\": [{\"vip\": \"192.0.2.1/24\", "
		     "\"dev\": \"eth0\", \"announce\": 0, \"no_probe\": true}, "
		     "{\"vip\": \"192.0.2.2\", \"real_server\": true}, "
		     "{\"vip\": \"192.0.2.3\", \"real_server\": true, "
		     "\"tunnel\": \"gue\", \"tunnel_port\": 6080}]}",
		     NULL,
		     "vip add 192.0.2.1/24 --dev eth0 --announce 0 --no-probe\n"
		     "vip add 192.0.2.2 --real-server\n"
		     "vip add 192.0.2.3 --real-server --tunnel gue "
		     "--tunnel-port 6080\n");
}

static void test_lines_that_are_refused(void **state)
{
	static const struct refusal cases[] = {
		{ "vip add 192.0.2.1\n", 1, "192.0.2.1",
		  "the interface is missing", "--dev eth0, or --real-server" },
		{ "vip add 192.0.2.300 --dev eth0\n", 1, "192.0.2.300", NULL,
		  NULL },
		{ "vip add 192.0.2.1 --dev eth0\nvip add 192.0.2.1/24 --dev "
		  "eth1\n",
		  2, "192.0.2.1/24", "the ruleset adds this VIP twice",
		  "take one of the two lines out" },
		{ "vip delete 192.0.2.1 --dev eth0\n", 1, NULL,
		  "unknown option '--dev'", "vip delete takes --mark" },
		{ "vip change 192.0.2.1\n", 1, NULL, NULL, NULL },
		{ "{\"version\": 2, \"vips\": [{\"vip\": \"192.0.2.1\"}]}", 0,
		  "vips[0]: 192.0.2.1", "the interface is missing", NULL },
		{ "{\"version\": 2, \"vips\": [{}]}", 0, "vips[0]",
		  "the string 'vip' is missing", NULL },
	};
	struct ipvsctl_config *made = NULL;
	struct ipvsctl_error err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_refused(&cases[i], NULL);
	assert_int_equal(run_ruleset(standing, "vip delete 10.0.0.0\n", NULL,
				     &made, &err),
			 -EINVAL);
	assert_string_equal(err.message,
			    "several VIPs have this address, with different "
			    "prefix lengths");
}

static void test_running_out_of_memory(void **state)
{
	(void)state;
	assert_survives_without_memory(standing,
				       "vip add 192.0.2.1 --dev eth0\n"
				       "vip replace 192.0.2.11 --dev eth0\n"
				       "vip delete 10.0.0.0/8\n",
				       NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_survive_parse_and_format),
		cmocka_unit_test(test_tunnels_have_devices),
		cmocka_unit_test(test_bad_attributes_and_combinations),
		cmocka_unit_test(test_what_lines_make),
		cmocka_unit_test(test_lines_that_are_refused),
		cmocka_unit_test(test_running_out_of_memory),
	};

	return cmocka_run_group_tests_name("vip", tests, NULL, NULL);
}
