/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The ports that rules need reserved. */
#include <stdlib.h>
#include <string.h>

#include "given.h"
#include "unit.h"

#include "model/reserved-ports.h"

static const struct ipvsctl_port_range usual = { 32768, 60999 };
static const struct ipvsctl_port_range lower = { 10000, 20000 };
static const struct ipvsctl_port_range upper = { 10000, 65535 };

/* What is proposed for one more rule, or NULL. */
static char *proposed(const char *rule, const char *reserved,
		      const struct ipvsctl_port_range *local)
{
	struct ipvsctl_config *before = given_config(
		(const char *[]){ "mark 9 --proto udp --dport 40000", NULL });
	struct ipvsctl_config *config = given_config((const char *[]){
		"mark 9 --proto udp --dport 40000", rule, NULL });
	struct text value = { 0 };
	char *text = NULL;
	bool wanted =
		reserved_ports_wanted(before, config, reserved, local, &value);

	assert_int_equal(text_take(&value, &text), 0);
	assert_int_equal(wanted, *text != '\0');
	ipvsctl_config_free(before);
	ipvsctl_config_free(config);
	return text;
}

static void test_what_rules_need_is_added(void **state)
{
	static const struct {
		const char *rule;
		const char *reserved;
		const struct ipvsctl_port_range *local;
		const char *value;
	} cases[] = {
		{ "mark 1 --proto udp --dport 50000:60000", "\n", &usual,
		  "50000-60000" },
		{ "mark 1 --proto udp --dport 50000", "", &usual, "50000" },
		{ "mark 1 --proto udp --dport 1:32800", "", &usual,
		  "32768-32800" },
		{ "mark 1 --proto udp --dport 53,60999:65535", "", &usual,
		  "60999" },
		{ "mark 1 --proto udp --dport 50000,50001,50003", "", &usual,
		  "50000-50001,50003" },
		/* What is reserved already stays so. */
		{ "mark 1 --proto udp --dport 50000:60000", "8080,9000-9001\n",
		  &usual, "8080,9000-9001,50000-60000" },
		{ "mark 1 --proto udp --dport 50000:60000", "49000-55000",
		  &usual, "49000-60000" },
		{ "mark 1 --proto udp --dport 65535", "", &upper, "65535" },
		{ "mark 1 --proto udp --dport 50000 --hook input", "", &usual,
		  "50000" },
		/* Nothing to do. */
		{ "mark 1 --proto udp --dport 50000:60000", "50000-60000",
		  &usual, "" },
		{ "mark 1 --proto udp --dport 50000:60000", "1-65535", &usual,
		  "" },
		{ "mark 1 --proto udp --dport 50000", "", &lower, "" },
		{ "mark 1 --proto udp --dport 53", "", &usual, "" },
		{ "mark 1 --proto tcp --dport 50000", "", &usual, "" },
		{ "mark 1 --proto udp", "", &usual, "" },
		{ "mark 1", "", &usual, "" },
		{ "mark 1 --proto udp --dport 50000 --hook output", "", &usual,
		  "" },
		{ "mark 1 --proto udp --dport 50000 --no-exempt-own", "",
		  &usual, "" },
		{ "mark 1 --proto udp --dport 50000 --exempt-own conntrack", "",
		  &usual, "" },
		{ "mark exclude --proto udp --dport 50000 --exempt-own socket",
		  "", &usual, "" },
		{ "mark 9 --proto udp --dport 5", "", &usual, "" },
		/* Too few ports would be left. */
		{ "mark 1 --proto udp --dport 1024:65535", "", &usual, "" },
		{ "mark 1 --proto udp --dport 33792:65535", "", &usual,
		  "33792-60999" },
		{ "mark 1 --proto udp --dport 33791:65535", "", &usual, "" },
		/* Not what a kernel says. */
		{ "mark 1 --proto udp --dport 50000", "x", &usual, "50000" },
		{ "mark 1 --proto udp --dport 50000", "7-,70000", &usual,
		  "50000" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *value = proposed(cases[i].rule, cases[i].reserved,
				       cases[i].local);

		if (strcmp(value, cases[i].value) != 0)
			fail_msg("case %zu, %s: '%s'", i, cases[i].rule, value);
		free(value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_rules_need_is_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
