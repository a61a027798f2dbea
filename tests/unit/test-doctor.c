/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Every rule of lbctl-doctor, by documents of facts that provoke it or do not. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "doctor-cases.h"
#include "doctor/facts/facts.h"
#include "doctor/rules/rule.h"
#include "given.h"
#include "output/render.h"

#define EVERYTHING                                                        \
	(IPVSCTL_SERVICES | IPVSCTL_MARKS | IPVSCTL_VIPS | IPVSCTL_SYNC | \
	 IPVSCTL_TIMEOUTS)

/* A host without faults: it holds the VIP 192.0.2.1, and reaches 10.0.0.2. */
static const char healthy[] =
	"{'facts': 1,"
	" 'host': {'kernel': '6.1.0-40-amd64', 'lbctl': '0.1.0', 'user': 0,"
	"          'ipvs': true},"
	" 'links': [{'name': 'lo', 'up': true, 'carrier': true, 'mtu': 65536,"
	"            'loopback': true},"
	"           {'name': 'eth0', 'up': true, 'carrier': true, 'mtu': 1500,"
	"            'multicast': true}],"
	" 'addresses': [{'address': '127.0.0.1', 'prefix_length': 8,"
	"                'interface': 'lo'},"
	"               {'address': '192.0.2.1', 'prefix_length': 32,"
	"                'interface': 'eth0'},"
	"               {'address': '10.0.0.1', 'prefix_length': 24,"
	"                'interface': 'eth0'}],"
	" 'routes': [{'address': '192.0.2.1', 'local': true},"
	"            {'address': '10.0.0.2', 'interface': 'eth0'},"
	"            {'address': '2001:db8::2', 'interface': 'eth0'}],"
	" 'modules': [], 'managers': [], 'foreign_rules': [], 'checks': [],"
	" 'checks_file': {}, 'saved': {}, 'unknown': []}";

static const char *const healthy_sysctls[] = {
	"net/ipv4/ip_forward=1",
	"net/ipv6/conf/all/forwarding=1",
	"net/ipv4/ip_local_port_range=32768\t60999",
	"net/ipv4/ip_local_reserved_ports=",
	"net/ipv4/conf/all/arp_ignore=0",
	"net/ipv4/conf/eth0/arp_ignore=1",
	"net/ipv4/conf/all/arp_announce=2",
	"net/ipv4/conf/eth0/arp_announce=0",
	"net/ipv4/conf/all/rp_filter=0",
	"net/ipv4/vs/conntrack=1",
	"net/ipv4/vs/expire_nodest_conn=1",
	"net/ipv4/vs/expire_quiescent_template=1",
};

/* ---- Documents ----------------------------------------------------------- */

static json_t *relaxed(const char *text)
{
	AUTO_FREE char *copy = strdup(text);
	json_error_t fault;
	json_t *object;

	assert_non_null(copy);
	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	object = json_loads(copy, 0, &fault);
	if (!object)
		fail_msg("%s: %s", fault.text, text);
	return object;
}

/* A later setting of the same name replaces an earlier one. */
static void add_sysctl(json_t *list, const char *setting)
{
	const char *value = strchr(setting, '=') + 1;
	char name[96];

	(void)snprintf(name, sizeof(name), "%.*s", (int)(value - setting - 1),
		       setting);
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!strcmp(json_string_value(json_object_get(
				    json_array_get(list, i), "name")),
			    name))
			(void)json_array_remove(list, i--);
	assert_int_equal(
		json_array_append_new(list, render_pack("{s:s, s:s}", "name",
							name, "value", value)),
		0);
}

static json_t *config_json(const char *const *lines)
{
	static const char *const kinds[] = { "services", "marks", "vips",
					     "daemons" };
	AUTO_CONFIG struct ipvsctl_config *config = given_config(lines);
	AUTO_FREE char *text = NULL;
	json_t *object;

	assert_int_equal(ipvsctl_ruleset_format(config, EVERYTHING,
						IPVSCTL_FORMAT_JSON |
							IPVSCTL_FORMAT_RUNTIME,
						&text, NULL),
			 0);
	object = json_loads(text, 0, NULL);
	assert_non_null(object);
	/* A kind without objects has been read, too. */
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (json_is_null(json_object_get(object, kinds[i])))
			assert_int_equal(json_object_set_new(object, kinds[i],
							     json_array()),
					 0);
	return object;
}

static struct facts facts_of(const struct doctor_case *one)
{
	AUTO_JSON json_t *document = relaxed(healthy);
	AUTO_JSON json_t *differing = one->json ? relaxed(one->json) : NULL;
	AUTO_FREE char *text = NULL;
	json_t *sysctls = json_array();
	struct ipvsctl_error err;
	struct facts facts;

	for (size_t i = 0; i < ARRAY_SIZE(healthy_sysctls); i++)
		add_sysctl(sysctls, healthy_sysctls[i]);
	for (size_t i = 0; i < ARRAY_SIZE(one->sysctls) && one->sysctls[i]; i++)
		add_sysctl(sysctls, one->sysctls[i]);
	assert_int_equal(json_object_set_new(document, "sysctls", sysctls), 0);
	assert_int_equal(json_object_set_new(document, "config",
					     config_json(one->lines)),
			 0);
	if (differing)
		assert_int_equal(json_object_update(document, differing), 0);
	text = json_dumps(document, 0);
	assert_non_null(text);
	if (facts_parse(text, strlen(text), &facts, &err) < 0)
		fail_msg("%s: %s", err.message, text);
	return facts;
}

/* ---- Rules --------------------------------------------------------------- */

/* Writes the rules that have found something, each once. */
static void found_rules(const struct diagnosis *diagnosis, char text[256])
{
	const struct rule *last = NULL;
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < diagnosis->count; i++) {
		const struct rule *rule = diagnosis->findings[i].rule;

		if (rule != last)
			length += (size_t)snprintf(text + length, 256 - length,
						   "%s%s", length ? " " : "",
						   rule->id);
		last = rule;
	}
}

static void judges(const struct doctor_case *one)
{
	AUTO_FACTS struct facts facts = facts_of(one);
	AUTO_DIAGNOSIS struct diagnosis diagnosis = { 0 };
	const char *mend;
	char text[256];

	assert_int_equal(diagnose(&facts, 0, &diagnosis), 0);
	found_rules(&diagnosis, text);
	if (strcmp(text, one->found) != 0)
		fail_msg("case of %s (%s): found '%s', not '%s': %s", one->rule,
			 one->lines[0] ? one->lines[0] : "no lines", text,
			 one->found,
			 diagnosis.count ? diagnosis.findings[0].what : "-");
	assert_int_equal(diagnosis.unknown_count, 0);
	if (!one->mend)
		return;
	mend = diagnosis.findings[0].mend;
	assert_string_equal(mend ? mend : "", one->mend);
}

static void test_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < doctor_case_count; i++)
		judges(&doctor_cases[i]);
}

/* Every rule is provoked by a case, and judges another that does not. */
static void test_rules_are_all_tested(void **state)
{
	(void)state;
	for (size_t i = 0; i < rule_count; i++) {
		bool provoked = false, spared = false;

		for (size_t j = 0; j < doctor_case_count; j++) {
			if (strcmp(doctor_cases[j].rule, rules[i].id) != 0)
				continue;
			provoked = provoked || doctor_cases[j].found[0];
			spared = spared || !doctor_cases[j].found[0];
		}
		if (!provoked || !spared)
			fail_msg("rule %s is not tested", rules[i].id);
	}
}

/* A rule that lacks a fact is unknown, and finds nothing. */
static void test_unknown_facts(void **state)
{
	static const struct doctor_case nothing = { .rule = "" };

	(void)state;
	for (size_t i = 0; i < rule_count; i++) {
		for (int fact = 0; fact < FACTS; fact++) {
			AUTO_FACTS struct facts facts = facts_of(&nothing);
			AUTO_DIAGNOSIS struct diagnosis diagnosis = { 0 };
			bool unknown = false;

			if (!(rules[i].needs & FACT_BIT(fact)))
				continue;
			facts_unknown(&facts, (enum fact)fact, -EPERM, "no");
			assert_int_equal(diagnose(&facts, ~0U, &diagnosis), 0);
			for (size_t j = 0; j < diagnosis.unknown_count; j++)
				unknown = unknown ||
					  diagnosis.unknown[j] == &rules[i];
			assert_true(unknown);
			assert_true(diagnosis.denied);
		}
	}
}

/* ---- Documents ----------------------------------------------------------- */

/* Written and read again, facts are the same. */
static void test_documents(void **state)
{
	(void)state;
	for (size_t i = 0; i < doctor_case_count; i++) {
		AUTO_FACTS struct facts facts = facts_of(&doctor_cases[i]);
		AUTO_FACTS struct facts again = { 0 };
		AUTO_FREE char *first = NULL, *second = NULL;

		assert_int_equal(facts_format(&facts, &first, NULL), 0);
		assert_int_equal(facts_parse(first, strlen(first), &again, NULL),
				 0);
		assert_int_equal(facts_format(&again, &second, NULL), 0);
		assert_string_equal(first, second);
	}
}

static void test_bad_documents(void **state)
{
	static const char *const texts[] = {
		"",
		"[]",
		"{}",
		"{'facts': 2}",
		"{'facts': '1'}",
		"{'facts': 1, 'links': {}}",
		"{'facts': 1, 'links': [1]}",
		"{'facts': 1, 'links': [{'name': 'longer-than-fifteen'}]}",
		"{'facts': 1, 'links': [{'mtu': -1}]}",
		"{'facts': 1, 'links': [{'mtu': 4294967296}]}",
		"{'facts': 1, 'links': [{'up': 1}]}",
		"{'facts': 1, 'addresses': [{'address': 'x'}]}",
		"{'facts': 1, 'addresses': [{'address': 1}]}",
		"{'facts': 1, 'saved': []}",
		"{'facts': 1, 'saved': {'path': 1}}",
		"{'facts': 1, 'config': {'version': 2, 'services': [{}]}}",
		"{'facts': 1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO_FREE char *text = strdup(texts[i]);
		struct ipvsctl_error err;
		struct facts facts;

		for (char *at = text; *at; at++)
			if (*at == '\'')
				*at = '"';
		if (facts_parse(text, strlen(text), &facts, &err) != -EINVAL)
			fail_msg("accepted: %s", text);
		assert_true(err.message[0]);
	}
}

/* An empty document is one of a host about which nothing is known. */
static void test_empty_document(void **state)
{
	AUTO_FACTS struct facts facts = { 0 };
	AUTO_DIAGNOSIS struct diagnosis diagnosis = { 0 };

	(void)state;
	assert_int_equal(facts_parse("{\"facts\": 1}", 12, &facts, NULL), 0);
	assert_int_equal(diagnose(&facts, ~0U, &diagnosis), 0);
	assert_int_equal(diagnosis.count, 0);
	assert_int_equal(diagnosis.unknown_count, rule_count);
	assert_false(diagnosis.denied);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_rules_are_all_tested),
		cmocka_unit_test(test_unknown_facts),
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_bad_documents),
		cmocka_unit_test(test_empty_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
