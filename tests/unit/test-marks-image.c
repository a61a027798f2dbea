/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Mark rules as the chains of a table. */
#include "alloc.h"
#include "given.h"
#include "unit.h"

#include "iptables/backend.h"
#include "iptables/wanted.h"

static const struct ipvsctl_port_range own_ports = { 32768, 60999 };

static const char *const marks[] = {
	"mark 1 --proto udp --dport 50000:60000",
	"mark 1 --proto tcp --dport 80",
	"mark 2 --ipv6 --in-interface eth0",
	"mark exclude --proto udp --dport 51820",
	"mark 3 --hook output --proto udp --dport 53",
	NULL,
};

static int make_image(const struct layout *layout,
		      const struct ipvsctl_config *config,
		      const struct image *current, struct image *image)
{
	struct wanted wanted;
	int r = wanted_collect(&wanted, layout, config, NULL);

	wanted.own = own_ports;
	if (r == 0)
		r = wanted_image(&wanted, current, image);
	wanted_free(&wanted);
	return r;
}

static size_t count_rules(const struct image *image, const char *chain)
{
	const struct image_chain *found = image_find(image, chain);

	assert_non_null(found);
	return found->count;
}

static void test_chains_of_a_configuration(void **state)
{
	struct ipvsctl_config *config = given_config(marks);
	struct image none = { .layout = &layout_ipv4 };
	struct image image = { 0 };

	(void)state;
	assert_int_equal(make_image(&layout_ipv4, config, &none, &image), 0);
	assert_int_equal(image.chain_count, 7);
	assert_int_equal(count_rules(&image, "LBCTL-PREROUTING"), 1);
	/* One rule and the link to the next priority. */
	assert_int_equal(count_rules(&image, "LBCTL-PREROUTING-50"), 2);
	assert_int_equal(count_rules(&image, "LBCTL-PREROUTING-100"), 2);
	assert_int_equal(count_rules(&image, "LBCTL-OUTPUT-100"), 1);
	assert_int_equal(count_rules(&image, "LBCTL-MARK-0x3"), 1);
	assert_null(image_find(&image, "LBCTL-MARK-0x2"));
	assert_int_equal(image.jumps[IPVSCTL_HOOK_PREROUTING], 1);
	assert_int_equal(image.jumps[IPVSCTL_HOOK_INPUT], 0);
	assert_int_equal(image.jumps[IPVSCTL_HOOK_OUTPUT], 1);
	image_free(&image);
	ipvsctl_config_free(config);
}

static void test_counters_follow_their_rules(void **state)
{
	static const char *const moved[] = {
		"mark 1 --proto tcp --dport 79",
		"mark 9 --proto tcp --dport 80 --comment new",
		NULL,
	};
	struct ipvsctl_config *config = given_config(marks);
	struct ipvsctl_config *later = given_config(moved);
	struct image none = { .layout = &layout_ipv4 };
	struct image before = { 0 };
	struct image after = { 0 };
	const struct image_chain *from;
	const struct image_chain *to;

	(void)state;
	assert_int_equal(make_image(&layout_ipv4, config, &none, &before), 0);
	from = image_find(&before, "LBCTL-PREROUTING-100");
	before.rules[from->first + 1].packets = 7;
	assert_int_equal(make_image(&layout_ipv4, later, &before, &after), 0);
	to = image_find(&after, "LBCTL-PREROUTING-100");
	assert_false(image_same_chain(&before, from, &after, to));
	assert_int_equal(image_carry_counters(&before, from, &after, to), 0);
	assert_int_equal(image_rule(&after, to, 0)->packets, 0);
	assert_int_equal(image_rule(&after, to, 1)->packets, 7);
	image_free(&before);
	image_free(&after);
	ipvsctl_config_free(config);
	ipvsctl_config_free(later);
}

/* Puts a foreign rule at the top of a chain, as iptables -I would. */
static void test_foreign_rules_in_our_chains_stay(void **state)
{
	struct ipvsctl_config *config = given_config(marks);
	struct ipvsctl_config *nothing = given_config((const char *[]){ NULL });
	struct image none = { .layout = &layout_ipv4 };
	struct image current = { .layout = &layout_ipv4 };
	struct image image = { 0 };
	struct chain_id id = { .kind = CHAIN_PRIORITY, .priority = 100 };
	struct decoded decoded;

	(void)state;
	image_add_chain(&current, &id);
	encode_link(&layout_ipv4, "SOMEBODYS", true, &current.arena);
	image_add_rule(&current, 0, 5, 6);
	assert_int_equal(image_check(&current), 0);
	assert_int_equal(image_classify(&current, &current.chains[0], 0,
					&decoded),
			 RULE_ALIEN);
	assert_int_equal(make_image(&layout_ipv4, config, &current, &image), 0);
	assert_int_equal(count_rules(&image, "LBCTL-PREROUTING-100"), 3);
	assert_int_equal(image_rule(&image,
				    image_find(&image, "LBCTL-PREROUTING-100"),
				    0)
				 ->packets,
			 5);
	image_free(&image);
	image = (struct image){ 0 };
	assert_int_equal(make_image(&layout_ipv4, nothing, &current, &image), 0);
	assert_int_equal(count_rules(&image, "LBCTL-PREROUTING-100"), 1);
	image_free(&image);
	image_free(&current);
	image_free(&none);
	ipvsctl_config_free(config);
	ipvsctl_config_free(nothing);
}

static int image_body(void *data)
{
	struct image none = { .layout = &layout_ipv6 };
	struct image image = { 0 };
	int r = make_image(&layout_ipv6, data, &none, &image);

	image_free(&image);
	return r;
}

static int settle_body(void *data)
{
	struct ipvsctl_config *settled = NULL;
	int r = ipvsctl_config_new(&settled, NULL);

	if (r == 0)
		r = backend_settle(data, settled, NULL);
	ipvsctl_config_free(settled);
	return r;
}

static void test_running_out_of_memory(void **state)
{
	/* Without a rule for IPv6 alone, which not every host can have. */
	static const char *const any_host[] = {
		"mark 1 --proto tcp --dport 80 --no-exempt-own",
		"mark 2 --in-interface eth0 --comment kept",
		"mark exclude --proto udp --dport 51820 --ipv4",
		NULL,
	};
	struct ipvsctl_config *config = given_config(marks);
	struct ipvsctl_config *unsettled = given_config(any_host);

	(void)state;
	alloc_each_failure(image_body, config);
	alloc_each_failure(settle_body, unsettled);
	ipvsctl_config_free(config);
	ipvsctl_config_free(unsettled);
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chains_of_a_configuration),
		cmocka_unit_test(test_counters_follow_their_rules),
		cmocka_unit_test(test_foreign_rules_in_our_chains_stay),
		cmocka_unit_test(test_running_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
