/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Messages of nf_tables, whole and broken, as parts of a view. */
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "hands.h"

#include "nft/view-read.h"

/* ---- Chains -------------------------------------------------------------- */

static int take_chain(struct view *view, const char *table, const char *name,
		      const uint32_t *hook)
{
	AUTO_BATCH struct batch batch = { .count = 0 };
	size_t nest;

	batch_start(&batch, NFT_MSG_NEWCHAIN, 0);
	batch_put_text(&batch, NFTA_CHAIN_TABLE, table);
	batch_put_text(&batch, NFTA_CHAIN_NAME, name);
	if (hook) {
		nest = batch_open(&batch, NFTA_CHAIN_HOOK);
		batch_put_be32(&batch, NFTA_HOOK_HOOKNUM, hook[0]);
		batch_put_be32(&batch, NFTA_HOOK_PRIORITY, hook[1]);
		batch_close(&batch, nest);
	}
	batch_end(&batch);
	return view_take_chain(attributes_of(&batch.bytes), view);
}

#define PRIORITY ((uint32_t)-149)
#define LONG                                                                 \
	"prerouting-100-a-name-that-is-longer-than-those-that-we-make-ever-" \
	"could-be"

static void test_chains(void **state)
{
	static const struct {
		const char *table, *name;
		bool based;
		uint32_t hook[2];
		const char *told; /* NULL: not in the view */
	} cases[] = {
		{ "lbctl",
		  "prerouting",
		  true,
		  { NF_INET_PRE_ROUTING, PRIORITY },
		  "base prerouting:\n" },
		{ "lbctl",
		  "input",
		  true,
		  { NF_INET_LOCAL_IN, PRIORITY },
		  "base input:\n" },
		{ "lbctl",
		  "output",
		  true,
		  { NF_INET_LOCAL_OUT, PRIORITY },
		  "base output:\n" },
		{ "lbctl",
		  "output",
		  true,
		  { NF_INET_LOCAL_IN, PRIORITY },
		  "base output (wrong):\n" },
		{ "lbctl",
		  "output",
		  true,
		  { NF_INET_LOCAL_OUT, PRIORITY + 1 },
		  "base output (wrong):\n" },
		{ "lbctl",
		  "postrouting",
		  true,
		  { NF_INET_POST_ROUTING, 99 },
		  "base postrouting:\n" },
		{ "lbctl",
		  "postrouting",
		  true,
		  { NF_INET_POST_ROUTING, PRIORITY },
		  "base postrouting (wrong):\n" },
		{ "lbctl", "output", false, { 0 }, "base output (wrong):\n" },
		{ "lbctl", "output-7", false, { 0 }, "segment output-7:\n" },
		{ "lbctl",
		  "output-7",
		  true,
		  { NF_INET_LOCAL_OUT, PRIORITY },
		  "segment output-7 (wrong):\n" },
		{ "lbctl",
		  "input-map-1-2",
		  false,
		  { 0 },
		  "bucket input-map-1-2:\n" },
		{ "lbctl", "mine", false, { 0 }, "alien mine:\n" },
		{ "lbctl", LONG, false, { 0 }, "alien :\n" },
		{ "lbct", "output-7", false, { 0 }, "" },
		{ "lbctl2", "output-7", false, { 0 }, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_VIEW struct view view = { .exists = false };

		assert_int_equal(take_chain(&view, cases[i].table, cases[i].name,
					    cases[i].based ? cases[i].hook :
							     NULL),
				 0);
		assert_view(&view, cases[i].told);
	}
}

/* ---- Rules --------------------------------------------------------------- */

static int take_accept(struct view *view, const char *table, const char *chain)
{
	static const struct line accept = { .kind = LINE_RULE,
					    .exclude = true,
					    .bearer.number = 7 };
	AUTO_BATCH struct batch batch = { .count = 0 };

	batch_start(&batch, NFT_MSG_NEWRULE, 0);
	batch_put_text(&batch, NFTA_RULE_TABLE, table);
	batch_put_text(&batch, NFTA_RULE_CHAIN, chain);
	batch_put_be64(&batch, NFTA_RULE_HANDLE, 0x500000006);
	line_put(&batch, view, &accept);
	batch_end(&batch);
	return view_take_rule(attributes_of(&batch.bytes), view);
}

static void test_rules_join_their_chains(void **state)
{
	AUTO_VIEW struct view view = { .exists = false };

	(void)state;
	assert_int_equal(take_chain(&view, "lbctl", "input-1", NULL), 0);
	assert_int_equal(take_chain(&view, "lbctl", "input-2", NULL), 0);
	assert_int_equal(view_index(&view), 0);
	assert_int_equal(take_accept(&view, "lbctl", "input-2"), 0);
	assert_int_equal(take_accept(&view, "other", "input-2"), 0);
	assert_int_equal(take_accept(&view, "lbctl", "input-3"), 0);
	assert_int_equal(take_accept(&view, "lbctl", "input-2"), 0);
	assert_int_equal(take_accept(&view, "lbctl", "input-1"), 0);
	/* The kernel sends them chain by chain. */
	assert_int_equal(take_accept(&view, "lbctl", "input-2"), 0);
	assert_view(&view, "segment input-1:\n accept #7\n"
			   "segment input-2:\n accept #7\n accept #7\n");
	assert_int_equal(view.line_count, 3);
	assert_true(view.lines[0].handle == 0x500000006);
}

/* ---- Sets ---------------------------------------------------------------- */

struct given_set {
	const char *name;
	uint32_t flags, key_length, data_type;
	const char *told;
};

static int take_set(struct view *view, const struct given_set *set,
		    uint32_t key_type, uint32_t data_length)
{
	AUTO_BATCH struct batch batch = { .count = 0 };

	batch_start(&batch, NFT_MSG_NEWSET, 0);
	batch_put_text(&batch, NFTA_SET_TABLE, "lbctl");
	batch_put_text(&batch, NFTA_SET_NAME, set->name);
	batch_put_be32(&batch, NFTA_SET_FLAGS, set->flags);
	batch_put_be32(&batch, NFTA_SET_KEY_LEN, set->key_length);
	batch_put_be32(&batch, NFTA_SET_DATA_TYPE, set->data_type);
	batch_put_be32(&batch, NFTA_SET_KEY_TYPE, key_type);
	batch_put_be32(&batch, NFTA_SET_DATA_LEN, data_length);
	batch_end(&batch);
	return view_take_set(attributes_of(&batch.bytes), view);
}

#define MAP_FLAG      NFT_SET_MAP
#define INTERVAL_FLAG (NFT_SET_MAP | NFT_SET_INTERVAL)

static void test_sets(void **state)
{
	static const struct given_set cases[] = {
		{ MAP, MAP_FLAG, 2, 19, "set " MAP " 2:\n" },
		{ MAP, MAP_FLAG, 40, 19, "set " MAP " 40:\n" },
		{ MAP "-7", INTERVAL_FLAG, 16, NFT_DATA_VERDICT,
		  "set " MAP "-7 interval verdict 16:\n" },
		/* nft(8) adds flags that do not count. */
		{ MAP, MAP_FLAG | NFT_SET_CONCAT | NFT_SET_EVAL, 8, 19,
		  "set " MAP " 8:\n" },
		{ MAP, 0, 2, 0, "alien set " MAP " 2:\n" },
		{ MAP, MAP_FLAG, 44, 19, "alien set " MAP " 44:\n" },
		{ MAP, MAP_FLAG, 0, 19, "alien set " MAP " 0:\n" },
		{ MAP, INTERVAL_FLAG, 20, 19,
		  "alien set " MAP " interval 20:\n" },
		{ "__map0", MAP_FLAG, 2, 19, "alien set __map0 2:\n" },
		{ LONG, MAP_FLAG, 2, 19, "alien set  2:\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_VIEW struct view view = { .exists = false };

		assert_int_equal(take_set(&view, &cases[i], 13, 4), 0);
		assert_view(&view, cases[i].told);
	}
}

static void test_sets_of_marks(void **state)
{
	static const struct {
		struct given_set set;
		uint32_t data_length;
	} cases[] = {
		{ { "postrouting-set-1", 0, 4, 0,
		    "set postrouting-set-1 snat 4:\n" },
		  0 },
		{ { "postrouting-map-1", MAP_FLAG, 4, 7,
		    "set postrouting-map-1 snat 4:\n" },
		  4 },
		{ { "postrouting-map-1", MAP_FLAG, 4, 8,
		    "set postrouting-map-1 snat 4:\n" },
		  16 },
		{ { "postrouting-map-1", MAP_FLAG, 4, 8,
		    "alien set postrouting-map-1 snat 4:\n" },
		  8 },
		{ { "postrouting-set-1", 0, 8, 0,
		    "alien set postrouting-set-1 snat 8:\n" },
		  0 },
		{ { "postrouting-map-1", INTERVAL_FLAG, 4, 7,
		    "alien set postrouting-map-1 interval snat 4:\n" },
		  4 },
		{ { "marks", 0, 4, 0, "alien set marks snat 4:\n" }, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_VIEW struct view view = { .exists = false };

		assert_int_equal(take_set(&view, &cases[i].set, 19,
					  cases[i].data_length),
				 0);
		assert_view(&view, cases[i].set.told);
	}
}

/* ---- Intervals ----------------------------------------------------------- */

/* Starts and ends of intervals of ports. */
struct end {
	uint16_t port;
	bool ends;
};

#define ENDS 8

static void put_end(struct batch *batch, const struct end *end, uint32_t mark)
{
	size_t item = batch_open(batch, NFTA_LIST_ELEM), nest;
	const uint8_t key[] = { (uint8_t)(end->port >> 8), (uint8_t)end->port };

	nest = batch_open(batch, NFTA_SET_ELEM_KEY);
	batch_put(batch, NFTA_DATA_VALUE, key, sizeof(key));
	batch_close(batch, nest);
	if (end->ends) {
		batch_put_be32(batch, NFTA_SET_ELEM_FLAGS,
			       NFT_SET_ELEM_INTERVAL_END);
	} else {
		nest = batch_open(batch, NFTA_SET_ELEM_DATA);
		batch_put(batch, NFTA_DATA_VALUE, &mark, sizeof(mark));
		batch_close(batch, nest);
	}
	batch_close(batch, item);
}

static void test_intervals(void **state)
{
	static const struct {
		size_t count;
		struct end ends[ENDS];
		const char *told;
	} cases[] = {
		{ 0, { { 0 } }, "" },
		{ 2, { { 5, false }, { 9, true } }, " 5-8 mark 1\n" },
		{ 2, { { 9, true }, { 5, false } }, " 5-8 mark 2\n" },
		{ 2, { { 0, false }, { 1, true } }, " 0-0 mark 1\n" },
		/* Up to the highest value there is no end. */
		{ 1, { { 5, false } }, " 5-65535 mark 1\n" },
		{ 1, { { 65535, false } }, " 65535-65535 mark 1\n" },
		{ 1, { { 0, false } }, " 0-65535 mark 1\n" },
		/* Adjacent: with the end between, and without */
		{ 4,
		  { { 9, false }, { 5, false }, { 9, true }, { 12, true } },
		  " 5-8 mark 2\n 9-11 mark 1\n" },
		{ 3,
		  { { 5, false }, { 9, false }, { 12, true } },
		  " 5-8 mark 1\n 9-11 mark 2\n" },
		{ 3,
		  { { 256, true }, { 256, false }, { 255, false } },
		  " 255-255 mark 3\n 256-65535 mark 2\n" },
		/* nft(8)'s end at 0 */
		{ 3,
		  { { 5, false }, { 9, true }, { 0, true } },
		  " 5-8 mark 1\n" },
		{ 2, { { 0, true }, { 0, false } }, " 0-65535 mark 2\n" },
		{ 1, { { 0, true } }, "" },
		{ 3, { { 0, true }, { 9, true }, { 12, true } }, "" },
	};
	static const struct given_set set = { MAP, INTERVAL_FLAG, 2, 19, "" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_VIEW struct view view = { .exists = false };
		AUTO_BATCH struct batch batch = { .count = 0 };
		char told[128];
		size_t nest;

		assert_int_equal(take_set(&view, &set, 13, 4), 0);
		batch_start(&batch, NFT_MSG_NEWSETELEM, 0);
		nest = batch_open(&batch, NFTA_SET_ELEM_LIST_ELEMENTS);
		for (uint32_t n = 0; n < cases[i].count; n++)
			put_end(&batch, &cases[i].ends[n], n + 1);
		batch_close(&batch, nest);
		batch_end(&batch);
		assert_int_equal(view_take_elements(attributes_of(&batch.bytes),
						    &view),
				 0);
		view.sets[0].count = (uint32_t)view.element_count;
		view_join_intervals(&view, &view.sets[0]);
		assert_int_equal(view.sets[0].count, view.element_count);
		(void)snprintf(told, sizeof(told),
			       "set " MAP " interval 2:\n%s", cases[i].told);
		assert_view(&view, told);
	}
}

/* ---- Broken messages ----------------------------------------------------- */

static const char *const lines[] = {
	"1 --proto tcp --dst 10.0.0.1 --dport 1:2,4:5,7:8,10:65535 --comment a",
	"2 --proto tcp --dst 10.0.0.2 --dport 1:2,4:5,7:8,10:11",
	"0x10 --mask 0xf0 --in-interface eth0", "exclude --src 2001:db8::/33",
	NULL
};

typedef int (*take_fn)(struct walk attributes, void *data);

static take_fn taker_of(unsigned int type)
{
	return type == NFT_MSG_NEWCHAIN	  ? view_take_chain :
	       type == NFT_MSG_NEWSET	  ? view_take_set :
	       type == NFT_MSG_NEWRULE	  ? view_take_rule :
	       type == NFT_MSG_NEWSETELEM ? view_take_elements :
					    NULL;
}

/* Takes bytes from a copy with nothing behind it. */
static int take_copy(take_fn take, const char *bytes, size_t size,
		     size_t changed)
{
	AUTO_VIEW struct view view = { .exists = false };
	char *copy = malloc(size + !size);
	int r;

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	if (changed < size)
		copy[changed] = (char)~copy[changed];
	r = take((struct walk){ copy, size }, &view);
	free(copy);
	return r;
}

/* Tells whether a message that is cut there ends with a whole attribute. */
static bool is_whole(struct walk attributes, size_t cut)
{
	struct netlink_attribute attribute;
	const char *start = attributes.at;

	do {
		if ((size_t)(attributes.at - start) == cut)
			return true;
	} while (attribute_next(&attributes, &attribute));
	return false;
}

static void break_one(unsigned int type, uint16_t flags, struct walk attributes,
		      void *data)
{
	take_fn take = taker_of(type);
	size_t *broken = data;

	(void)flags;
	for (size_t i = 0; i < attributes.left && take; i++) {
		int r = take_copy(take, attributes.at, i, SIZE_MAX);

		/* The padding of the last attribute is not missed. */
		if (i % 4 == 0)
			assert_int_equal(r, is_whole(attributes, i) ? 0 :
								      -EBADMSG);
		r = take_copy(take, attributes.at, attributes.left, i);
		assert_true(r == 0 || r == -EBADMSG);
		*broken += r < 0;
	}
}

static void test_broken_messages(void **state)
{
	const struct view nothing = { .exists = false };
	AUTO_VIEW struct view view = { .exists = false };
	AUTO_TRANSACTIONS struct transactions sent;
	size_t broken = 0;

	(void)state;
	given_view(lines, &view);
	assert_int_equal(capture_change(&nothing, &view, false, &sent), 0);
	each_message(&sent.bytes, break_one, &broken);
	assert_true(broken > 0);
}

/* An element without a key, or with one that is too long */
static void test_broken_elements(void **state)
{
	static const size_t sizes[] = { 0, KEY_SIZE, KEY_SIZE + 1, 64 };
	static const uint8_t key[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		AUTO_VIEW struct view view = { .exists = false };
		AUTO_BATCH struct batch batch = { .count = 0 };
		size_t list, item, nest;

		batch_start(&batch, NFT_MSG_NEWSETELEM, 0);
		list = batch_open(&batch, NFTA_SET_ELEM_LIST_ELEMENTS);
		item = batch_open(&batch, NFTA_LIST_ELEM);
		nest = batch_open(&batch, NFTA_SET_ELEM_KEY);
		if (sizes[i])
			batch_put(&batch, NFTA_DATA_VALUE, key, sizes[i]);
		batch_close(&batch, nest);
		batch_close(&batch, item);
		batch_close(&batch, list);
		batch_end(&batch);
		assert_int_equal(view_take_elements(attributes_of(&batch.bytes),
						    &view),
				 sizes[i] == KEY_SIZE ? 0 : -EBADMSG);
	}
}

/* ---- Memory -------------------------------------------------------------- */

struct taking {
	struct view *view;
	unsigned int type;
	int r;
};

static void take_one(unsigned int type, uint16_t flags, struct walk attributes,
		     void *data)
{
	struct taking *taking = data;

	(void)flags;
	if (type == taking->type && taking->r == 0)
		taking->r = taker_of(type)(attributes, taking->view);
}

static int take_everything(void *data)
{
	static const unsigned int types[] = { NFT_MSG_NEWCHAIN, NFT_MSG_NEWSET,
					      NFT_MSG_NEWRULE,
					      NFT_MSG_NEWSETELEM };
	const struct transactions *sent = data;
	AUTO_VIEW struct view view = { .exists = false };
	struct taking taking = { .view = &view };

	for (size_t i = 0; i < ARRAY_SIZE(types) && taking.r == 0; i++) {
		if (types[i] == NFT_MSG_NEWRULE)
			taking.r = view_index(&view);
		taking.type = types[i];
		each_message(&sent->bytes, take_one, &taking);
	}
	return taking.r;
}

static void test_memory_runs_out(void **state)
{
	const struct view nothing = { .exists = false };
	AUTO_VIEW struct view view = { .exists = false };
	AUTO_TRANSACTIONS struct transactions sent;

	(void)state;
	given_view(lines, &view);
	assert_int_equal(capture_change(&nothing, &view, false, &sent), 0);
	alloc_each_failure(take_everything, &sent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chains),
		cmocka_unit_test(test_rules_join_their_chains),
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_sets_of_marks),
		cmocka_unit_test(test_intervals),
		cmocka_unit_test(test_broken_messages),
		cmocka_unit_test(test_broken_elements),
		cmocka_unit_test(test_memory_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
