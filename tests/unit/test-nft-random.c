/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Random mark rules: a packet gets from the table of nf_tables the mark that the
 * first rule that matches says, also after changes of one table into another.
 */
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "table-kernel.h"

#include "kernel/marks.h"
#include "local-ports.h"
#include "model/object.h"
#include "nft/numbering.h"
#include "nft/rules.h"
#include "nft/stages.h"

struct packet {
	uint16_t family;
	uint8_t protocol;
	uint8_t values[FIELD_COUNT][16]; /* in network order */
	const char *in_interface;
	uint16_t hook;
	bool own;   /* a socket of this host has it */
	bool reply; /* as conntrack says */
};

/* ---- The first rule that matches ----------------------------------------- */

static bool has_interface(const char *wanted, const char *name)
{
	size_t length = strlen(wanted);

	if (length && wanted[length - 1] == '+')
		return !strncmp(wanted, name, length - 1);
	return !length || !strcmp(wanted, name);
}

static bool in_addresses(const struct ipvsctl_addresses *addresses,
			 const struct packet *packet, enum match_field field)
{
	size_t width = packet->family == AF_INET ? 4 : 16;
	bool found = false;

	if (!addresses->count)
		return true;
	if (addresses->ranges[0].first.family != packet->family)
		return false;
	for (size_t i = 0; i < addresses->count; i++)
		found |= memcmp(addresses->ranges[i].first.bytes,
				packet->values[field], width) <= 0 &&
			 memcmp(addresses->ranges[i].last.bytes,
				packet->values[field], width) >= 0;
	return found != addresses->negated;
}

static bool in_ports(const struct ipvsctl_ports *ports,
		     const struct packet *packet, enum match_field field)
{
	const uint8_t *value = packet->values[field];
	uint16_t port = (uint16_t)(value[0] << 8 | value[1]);

	bool found = false;

	for (size_t i = 0; i < ports->count; i++)
		found |= ports->ranges[i].first <= port &&
			 port <= ports->ranges[i].last;
	return !ports->count || found != ports->negated;
}

static bool rule_matches(const struct ipvsctl_mark *rule,
			 const struct packet *packet)
{
	enum ipvsctl_exemption exempt =
		mark_shown_exemption(rule, &asking_ports);

	return rule->hook == packet->hook &&
	       (!rule->family || rule->family == packet->family) &&
	       (!rule->protocol || rule->protocol == packet->protocol) &&
	       has_interface(rule->in_interface, packet->in_interface) &&
	       in_addresses(&rule->source, packet, FIELD_SOURCE) &&
	       in_addresses(&rule->destination, packet, FIELD_DESTINATION) &&
	       in_ports(&rule->source_ports, packet, FIELD_SOURCE_PORT) &&
	       in_ports(&rule->destination_ports, packet,
			FIELD_DESTINATION_PORT) &&
	       !(exempt == IPVSCTL_EXEMPT_SOCKET && packet->own) &&
	       !(exempt == IPVSCTL_EXEMPT_CONNTRACK && packet->reply);
}

#define OLD_MARK 0x5a5a5a5au

static uint32_t mark_by_rules(const struct ipvsctl_config *config,
			      const struct packet *packet)
{
	ipvsctl_for_each_mark(config, rule)
		if (rule_matches(rule, packet))
			return rule->exclude ?
				       OLD_MARK :
				       (OLD_MARK & ~rule->mask) | rule->mark;
	return OLD_MARK;
}

/* ---- The table ----------------------------------------------------------- */

static bool line_matches(const struct match *match, const struct packet *packet)
{
	if ((match->family && match->family != packet->family) ||
	    (match->protocol && match->protocol != packet->protocol) ||
	    !has_interface(match->in_interface, packet->in_interface))
		return false;
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		size_t width = field_width((enum match_field)i, packet->family);

		if (match_has(match, (enum match_field)i) &&
		    (memcmp(packet->values[i], match->spans[i].first, width) <
			     0 ||
		     memcmp(packet->values[i], match->spans[i].last, width) > 0))
			return false;
	}
	return true;
}

/* Finds the packet's element; the kernel takes no key that is there twice. */
static const struct element *look_up(const struct view *view,
				     const struct line *line,
				     const struct packet *packet)
{
	const struct set *set = &view->sets[view_set(view, line->target)];
	uint8_t key[KEY_SIZE] = { 0 };
	size_t at = 0;

	for (size_t i = 0; i < line->key_count; i++) {
		size_t width = field_width((enum match_field)line->keys[i],
					   packet->family);

		memcpy(key + at, packet->values[line->keys[i]], width);
		at += line->key_count > 1 ? (width + 3) & ~(size_t)3 : width;
	}
	assert_int_equal(at, set->key_length);
	for (uint32_t i = 0; i < set->count; i++) {
		const struct element *element = &view->elements[set->first + i];

		if (set->interval ?
			    memcmp(element->key, key, at) <= 0 &&
				    memcmp(key, element->last, at) <= 0 :
			    !memcmp(element->key, key, at))
			return element;
	}
	return NULL;
}

struct verdict {
	bool ended;
	uint32_t mark;
};

static struct verdict run_chain(const struct view *view, uint32_t place,
				const struct packet *packet);

static struct verdict run_map(const struct view *view, const struct line *line,
			      const struct packet *packet)
{
	const struct element *element = look_up(view, line, packet);

	if (!element)
		return (struct verdict){ .ended = false };
	if (!line->verdict)
		return (struct verdict){ true, element->mark };
	if (element->chain == NO_INDEX)
		return (struct verdict){ true, OLD_MARK };
	return run_chain(view, element->chain, packet);
}

static struct verdict run_line(const struct view *view, const struct line *line,
			       const struct packet *packet)
{
	uint32_t chain;

	switch (line->kind) {
	case LINE_RULE:
		return (struct verdict){ true, line->exclude ?
						       OLD_MARK :
						       (OLD_MARK & ~line->mask) |
							       line->mark };
	case LINE_MAP:
		return run_map(view, line, packet);
	case LINE_JUMP:
		chain = view_chain(view, line->target);
		assert_int_not_equal(chain, NO_INDEX);
		return run_chain(view, chain, packet);
	case LINE_EXEMPT:
	case LINE_ALIEN:
	case LINE_SNAT:
		break;
	}
	return (struct verdict){ .ended = false };
}

static struct verdict run_chain(const struct view *view, uint32_t place,
				const struct packet *packet)
{
	const struct chain *chain = &view->chains[place];

	for (uint32_t i = 0; i < chain->count; i++) {
		const struct line *line = &view->lines[chain->first + i];
		struct verdict verdict;

		assert_int_not_equal(line->kind, LINE_ALIEN);
		if (!line_matches(&line->match, packet))
			continue;
		if (line->kind == LINE_EXEMPT &&
		    (line->exempt == IPVSCTL_EXEMPT_SOCKET ? packet->own :
							     packet->reply))
			break;
		verdict = run_line(view, line, packet);
		if (verdict.ended)
			return verdict;
	}
	return (struct verdict){ .ended = false };
}

static uint32_t mark_by_table(const struct view *view,
			      const struct packet *packet)
{
	uint32_t base = view_chain(view, hook_name(packet->hook));
	struct verdict verdict = { .ended = false };

	if (base != NO_INDEX)
		verdict = run_chain(view, base, packet);
	return verdict.ended ? verdict.mark : OLD_MARK;
}

/* ---- Random rules and packets -------------------------------------------- */

/* How many times more addresses and ports there are than at least. */
static unsigned int width = 1;
static unsigned int seed;

static unsigned int below(unsigned int end)
{
	return (unsigned int)rand_r(&seed) % end;
}

/* Returns one of the texts; the first is the most frequent. */
static const char *one_of(const char *const *texts, unsigned int count)
{
	return below(3) ? texts[0] : texts[below(count)];
}

static void add_words(char line[256], const char *const *texts,
		      unsigned int count)
{
	strncat(line, one_of(texts, count), 255 - strlen(line));
}

/* The kind decides what most rules of a configuration look like. */
static void random_line(unsigned int kind, char line[256])
{
	static const char *const exempts[] = { " --no-exempt-own", "",
					       " --exempt-own conntrack" };
	static const char *const masks[] = { "", "", "", " --mask 15" };
	static const char *const interfaces[] = { "", "", "",
						  " --in-interface eth0",
						  " --in-interface eth+" };
	static const char *const priorities[] = { "", "", "", " --priority 7" };
	static const char *const hooks[] = { "", "", "", " --hook input" };
	unsigned int mark = 1 + below(15);
	bool six = below(8) == 0;

	(void)snprintf(line, 256, "%u", mark);
	if (below(5) == 0)
		(void)snprintf(line, 256, "exclude --priority 100");
	else
		add_words(line, masks, ARRAY_SIZE(masks));
	add_words(line, exempts, ARRAY_SIZE(exempts));
	add_words(line, interfaces, ARRAY_SIZE(interfaces));
	add_words(line, hooks, ARRAY_SIZE(hooks));
	if (line[0] != 'e')
		add_words(line, priorities, ARRAY_SIZE(priorities));
	if (kind & 1 || below(6) == 0)
		(void)snprintf(line + strlen(line), 256 - strlen(line),
			       six ? " --dst fd00::%u/%u" :
				     " --dst 10.0.0.%u/%u",
			       below(4 * width),
			       (six ? 128 : 32) - below(5) / 3 * 2);
	if (below(6) == 0)
		(void)snprintf(line + strlen(line), 256 - strlen(line),
			       six ? " --src fd00::%u" : " --src 10.0.0.%u",
			       below(4 * width));
	if (!(kind & 6) && below(4))
		return;
	(void)snprintf(line + strlen(line), 256 - strlen(line), " --proto %s",
		       below(6) ? "tcp" : "udp");
	if (kind & 2 || below(6) == 0)
		(void)snprintf(line + strlen(line), 256 - strlen(line),
			       " --dport %u,7", below(5 * width));
	else if (kind & 4) {
		mark = below(7 * width);
		(void)snprintf(line + strlen(line), 256 - strlen(line),
			       " --dport %u:%u", mark, mark + below(3));
	}
	if (below(8) == 0)
		(void)snprintf(line + strlen(line), 256 - strlen(line),
			       " --sport %u", below(3));
}

static struct ipvsctl_config *random_config(unsigned int rules)
{
	struct ipvsctl_config *config = NULL;
	unsigned int kind = below(8);

	assert_int_equal(ipvsctl_config_new(&config, NULL), 0);
	for (unsigned int i = 0; i < rules; i++) {
		struct ipvsctl_mark rule;
		char line[256];

		random_line(kind, line);
		if (read_mark(line, &rule, NULL) < 0)
			continue;
		/* A match that is there already is refused. */
		(void)!ipvsctl_config_add_mark(config, &rule, NULL);
		ipvsctl_mark_clear(&rule);
	}
	return config;
}

static struct packet random_packet(void)
{
	static const char *const interfaces[] = { "eth0", "eth1", "lo" };
	struct packet packet = {
		.family = below(8) ? AF_INET : AF_INET6,
		.protocol = below(6) ? IPPROTO_TCP : IPPROTO_UDP,
		.in_interface = interfaces[below(3)],
		.hook = below(4) ? IPVSCTL_HOOK_PREROUTING : IPVSCTL_HOOK_INPUT,
		.own = below(4) == 0,
		.reply = below(4) == 0,
	};

	for (size_t i = FIELD_SOURCE; i <= FIELD_DESTINATION; i++) {
		packet.values[i][0] = packet.family == AF_INET ? 10 : 0xfd;
		packet.values[i][packet.family == AF_INET ? 3 : 15] =
			(uint8_t)below(5 * width);
	}
	for (size_t i = FIELD_SOURCE_PORT; i < FIELD_COUNT; i++)
		packet.values[i][1] = (uint8_t)below(10 * width);
	return packet;
}

static void check_packet(const struct ipvsctl_config *config,
			 const struct view *view, const struct packet *packet)
{
	uint32_t wanted = mark_by_rules(config, packet);
	uint32_t got = mark_by_table(view, packet);

	if (got != wanted) {
		AUTO_FREE char *lines = config_lines(config);
		AUTO_FREE char *told = view_tell(view);

		fail_msg("%s%s%#x, not %#x", lines, told, got, wanted);
	}
}

static void check_packets(const struct ipvsctl_config *config,
			  const struct view *view)
{
	for (size_t i = 0; i < 200; i++) {
		struct packet packet = random_packet();

		check_packet(config, view, &packet);
	}
}

static void check_configs(size_t rounds, unsigned int rules)
{
	for (size_t round = 0; round < rounds; round++) {
		struct ipvsctl_config *config = random_config(below(rules));
		AUTO_VIEW struct view view = { .exists = false };

		compile_view(config, &view);
		check_packets(config, &view);
		ipvsctl_config_free(config);
	}
}

static void test_the_first_rule_that_matches_wins(void **state)
{
	(void)state;
	seed = 1;
	check_configs(1000, 60);
	/* Large stages are searched otherwise. */
	width = 6;
	check_configs(200, 400);
	width = 1;
}

/* ---- Settling ------------------------------------------------------------ */

/* What settles is what loads, whatever ports this host asks from. */
static void test_settled_rules_load_as_they_are(void **state)
{
	struct ipvsctl_port_range own = local_ports();
	size_t settled = 0;

	(void)state;
	seed = 3;
	for (size_t round = 0; round < 600; round++) {
		struct ipvsctl_config *config = random_config(below(12));
		struct ipvsctl_config *to = NULL, *loaded = NULL;
		AUTO_VIEW struct view view = { .exists = false };
		struct stage_request request = { .own = &own };

		assert_int_equal(ipvsctl_config_new(&to, NULL), 0);
		assert_int_equal(ipvsctl_config_new(&loaded, NULL), 0);
		request.config = to;
		if (mark_backend_nft.settle(config, to, NULL) == 0) {
			AUTO_FREE struct rule_state *numbered = NULL;
			const struct numbers none = { .count = 0 };
			AUTO_FREE char *before = config_lines(to);
			AUTO_FREE char *after = NULL;

			assert_int_equal(numbering_make(to, loaded, &none,
							&numbered),
					 0);
			request.states = numbered;
			assert_int_equal(stages_compile(&request, &view), 0);
			assert_int_equal(rules_of_view(&view, loaded, &own,
						       NULL),
					 0);
			after = config_lines(loaded);
			assert_string_equal(after, before);
			settled++;
		}
		ipvsctl_config_free(config);
		ipvsctl_config_free(to);
		ipvsctl_config_free(loaded);
	}
	assert_true(settled > 100);
}

/* ---- Changes ------------------------------------------------------------- */

/* Makes the transactions that change the table to that of the rules. */
static void change_to(const struct kernel *kernel,
		      const struct ipvsctl_config *config,
		      struct transactions *sent)
{
	AUTO_VIEW struct view now = { .exists = false };
	AUTO_VIEW struct view wanted = { .exists = false };
	struct ipvsctl_config *current = NULL;
	struct numbers numbers = { .count = 0 };
	struct rule_state *states = NULL;
	struct stage_request request = { .config = config,
					 .own = &asking_ports };

	kernel_tell(kernel, &now);
	assert_int_equal(ipvsctl_config_new(&current, NULL), 0);
	assert_int_equal(rules_of_view(&now, current, &asking_ports, &numbers),
			 0);
	assert_int_equal(numbering_make(config, current, &numbers, &states), 0);
	request.states = states;
	for (size_t i = 0; i < now.set_count; i++)
		(void)set_name_parse(now.sets[i].name, &request.set_number);
	request.set_number++;
	assert_int_equal(stages_compile(&request, &wanted), 0);
	assert_int_equal(capture_change(&now, &wanted, false, sent), 0);
	free(states);
	free(numbers.of);
	ipvsctl_config_free(current);
}

/* Makes the table that of the rules. Returns how many transactions it took. */
static size_t apply(struct kernel *kernel, const struct ipvsctl_config *config)
{
	AUTO_TRANSACTIONS struct transactions sent;

	change_to(kernel, config, &sent);
	kernel_take(kernel, &sent);
	return sent.count;
}

static struct ipvsctl_config *read_rules(const struct view *view)
{
	struct ipvsctl_config *rules = NULL;

	assert_int_equal(ipvsctl_config_new(&rules, NULL), 0);
	assert_int_equal(rules_of_view(view, rules, &asking_ports, NULL), 0);
	return rules;
}

/* Returns the rules as they are read from the table that they make. */
static struct ipvsctl_config *settle(struct ipvsctl_config *config)
{
	AUTO_VIEW struct view view = { .exists = false };

	compile_view(config, &view);
	ipvsctl_config_free(config);
	return read_rules(&view);
}

static void test_tables_change_into_others(void **state)
{
	struct kernel kernel = { .count = 0 };

	(void)state;
	seed = 2;
	for (size_t round = 0; round < 600; round++) {
		struct ipvsctl_config *config =
			settle(random_config(round % 50 ? below(40) : 0));
		AUTO_VIEW struct view view = { .exists = false };

		(void)apply(&kernel, config);
		kernel_tell(&kernel, &view);
		check_packets(config, &view);
		/* Nothing differs any more, and nothing is left. */
		assert_int_equal(apply(&kernel, config), 0);
		if (!ipvsctl_config_next_mark(config, NULL))
			assert_int_equal(kernel.count, 0);
		ipvsctl_config_free(config);
	}
	kernel_free(&kernel);
}

/* Takes the first transaction only, as if the process died then. */
static void take_first(struct kernel *kernel, const struct transactions *sent)
{
	const struct transactions first = {
		.bytes = { .data = sent->bytes.data, .size = sent->ends[0] },
		.count = 1,
	};

	kernel_take(kernel, &first);
}

/* Returns a copy of which one rule, if it is no exclude, sets another mark. */
static struct ipvsctl_config *remark(const struct ipvsctl_config *config,
				     unsigned int changed)
{
	struct ipvsctl_config *copy = NULL;
	unsigned int at = 0;

	assert_int_equal(ipvsctl_config_new(&copy, NULL), 0);
	ipvsctl_for_each_mark(config, rule) {
		struct ipvsctl_mark other = *rule;

		if (at++ == changed && !rule->exclude)
			other.mark = rule->mask & (rule->mark + 16);
		assert_int_equal(ipvsctl_config_add_mark(copy, &other, NULL), 0);
	}
	return copy;
}

/* Checks a change that has a rule in front, dying after its first transaction. */
static void check_front(struct kernel *kernel,
			const struct ipvsctl_config *config,
			const struct ipvsctl_config *wanted,
			const struct transactions *sent)
{
	AUTO_FREE char *lines = config_lines(wanted);
	AUTO_FREE char *told = NULL;
	AUTO_VIEW struct view halfway = { .exists = false };
	AUTO_VIEW struct view back = { .exists = false };
	struct ipvsctl_config *read;

	take_first(kernel, sent);
	kernel_tell(kernel, &halfway);
	check_packets(wanted, &halfway);
	/* What is shown is what packets get. */
	read = read_rules(&halfway);
	told = config_lines(read);
	assert_string_equal(told, lines);
	ipvsctl_config_free(read);
	/* The next change leaves nothing of it. */
	(void)apply(kernel, config);
	kernel_tell(kernel, &back);
	check_packets(config, &back);
	assert_int_equal(apply(kernel, config), 0);
}

/* Where intervals get other marks, a rule in front has the new one before they go,
   whether or not packets still find them. */
static void test_rules_stand_in_front_of_intervals(void **state)
{
	size_t fronts = 0;

	(void)state;
	seed = 4;
	/* Few of narrow configurations have a map of intervals. */
	width = 6;
	for (size_t round = 0; round < 60; round++) {
		struct ipvsctl_config *config = settle(random_config(200));
		struct kernel kernel = { .count = 0 };

		(void)apply(&kernel, config);
		for (unsigned int i = 0; i < 40; i++) {
			struct ipvsctl_config *wanted = remark(config, i);
			AUTO_TRANSACTIONS struct transactions sent;

			change_to(&kernel, wanted, &sent);
			if (sent.count == 3 &&
			    !transactions_count(&sent, NFT_MSG_NEWSET)) {
				check_front(&kernel, config, wanted, &sent);
				fronts++;
			}
			ipvsctl_config_free(wanted);
		}
		kernel_free(&kernel);
		ipvsctl_config_free(config);
	}
	width = 1;
	assert_true(fronts > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_rule_that_matches_wins),
		cmocka_unit_test(test_settled_rules_load_as_they_are),
		cmocka_unit_test(test_tables_change_into_others),
		cmocka_unit_test(test_rules_stand_in_front_of_intervals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
