/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Rules of nf_tables made by hand. */
#include "hands.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads a line's expressions from a copy with nothing behind it. */
int read_line(const struct batch *batch, struct line *line)
{
	struct walk walk = { (const char *)batch->bytes.data,
			     batch->bytes.size };
	struct netlink_attribute list;
	char *copy;
	int r;

	assert_false(batch->bytes.failed);
	assert_true(attribute_next(&walk, &list));
	assert_int_equal(list.type, NFTA_RULE_EXPRESSIONS);
	copy = malloc(list.length + 1);
	assert_non_null(copy);
	memcpy(copy, list.value, list.length);
	*line = (struct line){ .bearer.number = NO_NUMBER };
	r = line_get((struct walk){ copy, list.length }, line);
	free(copy);
	return r;
}

char *line_tell(const struct line *line)
{
	AUTO_VIEW struct view view = { .exists = false };
	struct chain *chain = view_add_chain(&view);
	struct line *added = view_add_line(&view);

	assert_true(chain && added);
	*chain = (struct chain){ .name = "c", .role = ROLE_BASE, .count = 1 };
	*added = *line;
	added->bearer.number = NO_NUMBER;
	added->bearer.comment = 0;
	return view_tell(&view);
}

static void put_value(struct batch *batch, uint16_t type, const void *bytes,
		      size_t size)
{
	size_t nest = batch_open(batch, type);

	batch_put(batch, NFTA_DATA_VALUE, bytes, size);
	batch_close(batch, nest);
}

static void put_verdict(struct batch *batch, const struct hand *hand)
{
	size_t data, verdict;

	batch_put_be32(batch, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = batch_open(batch, NFTA_IMMEDIATE_DATA);
	verdict = batch_open(batch, NFTA_DATA_VERDICT);
	batch_put_be32(batch, NFTA_VERDICT_CODE, hand->attributes[0].number);
	if (hand->attributes[1].type)
		batch_put_text(batch, NFTA_VERDICT_CHAIN,
			       hand->attributes[1].bytes);
	batch_close(batch, verdict);
	batch_close(batch, data);
}

static void put_attributes(struct batch *batch, const struct hand *hand)
{
	for (size_t i = 0; hand->attributes[i].type; i++) {
		uint16_t type = hand->attributes[i].type;
		const char *bytes = hand->attributes[i].bytes;

		if (hand->attributes[i].kind == NUMBER)
			batch_put_be32(batch, type, hand->attributes[i].number);
		else if (hand->attributes[i].kind == VALUE)
			put_value(batch, type, bytes,
				  hand->attributes[i].number);
		else
			batch_put_text(batch, type, bytes);
	}
	if (!strcmp(hand->name, "counter")) {
		batch_put_be64(batch, NFTA_COUNTER_BYTES, 900);
		batch_put_be64(batch, NFTA_COUNTER_PACKETS, 3);
	}
}

static void put_hands(struct batch *batch, const struct hand *hands)
{
	size_t list = batch_open(batch, NFTA_RULE_EXPRESSIONS);

	for (; hands->name; hands++) {
		bool verdict = !strcmp(hands->name, "verdict");
		size_t item = batch_open(batch, NFTA_LIST_ELEM), data;

		batch_put_text(batch, NFTA_EXPR_NAME,
			       verdict ? "immediate" : hands->name);
		data = batch_open(batch, NFTA_EXPR_DATA);
		if (verdict)
			put_verdict(batch, hands);
		else
			put_attributes(batch, hands);
		batch_close(batch, data);
		batch_close(batch, item);
	}
	batch_close(batch, list);
}

void check_samples(const struct sample *samples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		AUTO_BATCH struct batch batch = { .count = 0 };
		AUTO_FREE char *told = NULL;
		struct line line;
		char wanted[256];

		put_hands(&batch, samples[i].hands);
		assert_int_equal(read_line(&batch, &line), 0);
		told = line_tell(&line);
		(void)snprintf(wanted, sizeof(wanted), "base c:\n %s\n",
			       samples[i].line);
		if (samples[i].line ? strcmp(told, wanted) != 0 :
				      line.kind != LINE_ALIEN)
			fail_msg("sample %zu is read as %s, not %s", i, told,
				 samples[i].line ? wanted : "alien");
	}
}
