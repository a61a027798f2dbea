/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Mark rules as the chains of a table. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "given.h"
#include "unit.h"

#include "iptables/backend.h"
#include "iptables/wanted.h"
#include "text.h"

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
	struct wanted wanted = { .layout = layout, .own = own_ports };
	int r = wanted_collect(&wanted, config, NULL);

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
	assert_int_equal(image.chain_count, 8);
	assert_int_equal(count_rules(&image, "LBCTL-PREROUTING"), 1);
	/* One rule and the link to the next priority. */
	assert_int_equal(count_rules(&image, "LBCTL-PREROUTING-50"), 2);
	/* The rule that is exempt by sockets has a head, and a chain. */
	assert_int_equal(count_rules(&image, "LBCTL-PREROUTING-100"), 3);
	assert_int_equal(count_rules(&image, "LBCTL-PREROUTING-100-2"), 1);
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
	/* It will be in the first chain of its priority. */
	from = image_find(&before, "LBCTL-PREROUTING-100-2");
	before.rules[from->first].packets = 7;
	assert_int_equal(make_image(&layout_ipv4, later, &before, &after), 0);
	to = image_find(&after, "LBCTL-PREROUTING-100");
	assert_false(image_same_chain(&before, from, &after, to));
	assert_int_equal(image_carry_counters(&before, &after), 0);
	assert_int_equal(image_rule(&after, to, 0)->packets, 0);
	assert_int_equal(image_rule(&after, to, 1)->packets, 7);
	image_free(&before);
	image_free(&after);
	ipvsctl_config_free(config);
	ipvsctl_config_free(later);
}

/* Adds what a chain has: heads, rules, links, and others' rules. */
static void tell_chain(struct text *text, const struct image *image,
		       const struct image_chain *chain)
{
	struct decoded decoded;

	text_add(text, "%s:", chain->name + strlen("LBCTL-PREROUTING-"));
	for (size_t i = 0; i < chain->count; i++) {
		const void *entry = image_entry(image, chain, i);
		struct part target;

		entry_get_target(image->layout, entry, &target);
		switch (image_classify(image, chain, i, &decoded)) {
		case RULE_HEAD:
			text_add(text, " head>%s", target.name + 17);
			break;
		case RULE_LINK:
			text_add(text, " link>%s", target.name + 17);
			break;
		case RULE_MARK:
			text_add(text, " %u", decoded.rule.mark);
			break;
		case RULE_ALIEN:
			text_add_text(text, " alien");
			break;
		}
		bytes_free(&decoded.extra);
	}
	text_add_text(text, "\n");
}

/* Checks the chains of priorities that rules become after those of current. */
static void assert_chains(const char *const *lines, const struct image *current,
			  const char *expected)
{
	struct ipvsctl_config *config = given_config(lines);
	struct image image = { 0 };
	struct text text = { 0 };
	char *told = NULL;

	assert_int_equal(make_image(&layout_ipv4, config, current, &image), 0);
	for (size_t i = 0; i < image.chain_count; i++)
		if (image.chains[i].id.kind == CHAIN_PRIORITY)
			tell_chain(&text, &image, &image.chains[i]);
	assert_int_equal(text_take(&text, &told), 0);
	assert_string_equal(told, expected);
	free(told);
	image_free(&image);
	ipvsctl_config_free(config);
}

static void test_exempt_rules_have_chains_with_heads(void **state)
{
	const struct image none = { .layout = &layout_ipv4 };

	(void)state;
	/* Behind the last of them is a chain to go to. */
	assert_chains((const char *[]){ "mark 1", NULL }, &none,
		      "100: head>100-2 1 link>100-2\n100-2:\n");
	assert_chains((const char *[]){ "mark 1 --proto udp", "mark 2", NULL },
		      &none,
		      "100: head>100-2 head>100-2 1 2 link>100-2\n100-2:\n");
	assert_chains((const char *[]){ "mark 1 --proto udp",
					"mark 2 --no-exempt-own",
					"mark 3 --proto udp --src 10.0.0.1",
					"mark 4 --proto tcp --dport 80",
					"mark 5 --priority 7",
					"mark 6 --exempt-own conntrack", NULL },
		      &none,
		      "100: head>100-2 1 link>100-2\n"
		      "100-2: 2 link>100-3\n"
		      "100-3: head>100-4 3 link>100-4\n"
		      "100-4: 4 6\n"
		      "7: head>100 5 link>100\n");
	/* Five heads would cost more than one look-up. */
	assert_chains((const char *[]){ "mark 1 --src 10.0.0.1",
					"mark 2 --src 10.0.0.2",
					"mark 3 --src 10.0.0.3",
					"mark 4 --src 10.0.0.4",
					"mark 5 --src 10.0.0.5", NULL },
		      &none, "100: head>100-2 1 2 3 4 5 link>100-2\n100-2:\n");
}

static void test_foreign_rules_keep_their_place_among_heads(void **state)
{
	static const char *const lines[] = { "mark 1 --proto udp",
					     "mark 2 --no-exempt-own", NULL };
	struct image current = { .layout = &layout_ipv4 };
	struct chain_id id = { .kind = CHAIN_PRIORITY, .priority = 100 };

	(void)state;
	image_add_chain(&current, &id);
	encode_head(&layout_ipv4, NULL, 0, "LBCTL-PREROUTING-100-3",
		    &current.arena);
	image_add_rule(&current, 0, 0, 0);
	for (uint32_t number = 0; number < 3; number++) {
		size_t offset = current.arena.size;

		encode_link(&layout_ipv4, "SOMEBODYS", true, &current.arena);
		image_add_rule(&current, offset, 5, 6);
		id.number = number + 2;
		if (number < 2)
			image_add_chain(&current, &id);
	}
	assert_int_equal(image_check(&current), 0);
	assert_chains(lines, &current,
		      "100: head>100-2 alien 1 link>100-2\n"
		      "100-2: alien 2 link>100-3\n"
		      "100-3: alien\n");
	/* Where no chain of rules is left, the foreign rules have theirs. */
	assert_chains(lines + 1, &current,
		      "100: 2 alien link>100-2\n"
		      "100-2: alien link>100-3\n"
		      "100-3: alien\n");
	image_free(&current);
}

/* The same match can be there with an exemption and without. */
static void test_counters_stay_with_the_exemption(void **state)
{
	static const char *const first[] = { "mark 1 --proto udp",
					     "mark 2 --proto udp "
					     "--no-exempt-own",
					     NULL };
	static const char *const then[] = { "mark 3 --proto udp "
					    "--no-exempt-own",
					    "mark 4 --proto udp", NULL };
	struct ipvsctl_config *config = given_config(first);
	struct ipvsctl_config *later = given_config(then);
	struct image none = { .layout = &layout_ipv4 };
	struct image before = { 0 };
	struct image after = { 0 };
	const struct image_chain *chain;

	(void)state;
	assert_int_equal(make_image(&layout_ipv4, config, &none, &before), 0);
	assert_int_equal(make_image(&layout_ipv4, later, &before, &after), 0);
	for (size_t i = 0; i < before.rule_count; i++)
		before.rules[i].packets = i + 1;
	assert_int_equal(image_carry_counters(&before, &after), 0);
	chain = image_find(&before, "LBCTL-PREROUTING-100-2");
	assert_int_equal(image_rule(&after,
				    image_find(&after, "LBCTL-PREROUTING-100"),
				    0)
				 ->packets,
			 chain->first + 1);
	chain = image_find(&before, "LBCTL-PREROUTING-100");
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(image_rule(&after,
					    image_find(&after,
						       "LBCTL-PREROUTING-100-2"),
					    i)
					 ->packets,
				 chain->first + 1 + i);
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
	assert_int_equal(count_rules(&image, "LBCTL-PREROUTING-100"), 4);
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
		cmocka_unit_test(test_exempt_rules_have_chains_with_heads),
		cmocka_unit_test(
			test_foreign_rules_keep_their_place_among_heads),
		cmocka_unit_test(test_counters_stay_with_the_exemption),
		cmocka_unit_test(test_foreign_rules_in_our_chains_stay),
		cmocka_unit_test(test_running_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
