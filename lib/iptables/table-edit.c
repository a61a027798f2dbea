/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Edits a snapshot of the table. A chain that differs is emptied and filled
 * again, which takes libiptc linear time; to edit single rules, it would have
 * to count up to each of them.
 */
#include <netinet/in.h>

#include <linux/netfilter/x_tables.h>
#include <string.h>

#include "table.h"

/* Returns libiptc's answer as a code. */
static int answer(int ok)
{
	return ok ? 0 : -table_errno();
}

static int fill_chain(struct edit *edit, const struct image_chain *chain)
{
	const struct layout *layout = edit->ops->layout;

	for (size_t i = 0; i < chain->count; i++) {
		const struct image_rule *rule =
			image_rule(edit->wanted, chain, i);
		uint8_t *entry = edit->wanted->arena.data + rule->offset;
		struct xt_counters counters = { rule->packets, rule->bytes };
		if (edit->zero)
			counters = (struct xt_counters){ 0 };
		memcpy(entry + layout->counters, &counters, sizeof(counters));
		int ok = edit->ops->append(chain->name, entry, edit->handle);
		memset(entry + layout->counters, 0, sizeof(counters));
		if (!ok)
			return -table_errno();
	}
	return 0;
}

static bool has_counts(const struct image *image,
		       const struct image_chain *chain)
{
	for (size_t i = 0; i < chain->count; i++)
		if (image_rule(image, chain, i)->packets)
			return true;
	return false;
}

/* Before the first chain that differs: a rule can move to another chain. */
static int begin_change(struct edit *edit)
{
	edit->changed = true;
	if (edit->carried)
		return 0;
	edit->carried = true;
	return image_carry_counters(edit->current, edit->wanted);
}

/* Tells whether the chain must be filled; zeroes or carries counters. */
static int prepare_chain(struct edit *edit, const struct image_chain *chain,
			 bool *ret_fill)
{
	const struct image_chain *old = image_find(edit->current, chain->name);

	*ret_fill = !old ||
		    !image_same_chain(edit->current, old, edit->wanted, chain);
	if (*ret_fill) {
		int r = begin_change(edit);
		if (r < 0)
			return r;
		return answer(
			old ? edit->ops->flush(chain->name, edit->handle) :
			      edit->ops->create(chain->name, edit->handle));
	}
	if (!edit->zero || !has_counts(edit->current, old))
		return 0;
	edit->changed = true;
	return answer(edit->ops->zero(chain->name, edit->handle));
}

/* A chain that only sets a mark refers to no other, so it can be filled now. */
static int begin_chain(struct edit *edit, const struct image_chain *chain,
		       bool *fill)
{
	int r = prepare_chain(edit, chain, fill);

	if (r < 0 || !*fill || chain_parse(chain->name).kind != CHAIN_MARK)
		return r;
	*fill = false;
	return fill_chain(edit, chain);
}

/*
 * Creates and empties all chains before rules refer to them, from the last name
 * to the first: libiptc finds the place of a name at once if that comes before
 * all others (1,000 marks: 12 ms become 6).
 */
static int prepare_chains(struct edit *edit, bool *fill)
{
	for (size_t i = edit->wanted->chain_count; i-- > 0;) {
		int r = begin_chain(edit, &edit->wanted->chains[i], &fill[i]);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < edit->current->chain_count; i++) {
		const struct image_chain *chain = &edit->current->chains[i];
		if (!chain->count || image_find(edit->wanted, chain->name))
			continue;
		edit->changed = true;
		int r = answer(edit->ops->flush(chain->name, edit->handle));
		if (r < 0)
			return r;
	}
	return 0;
}

/* Removes chains; one that a foreign rule still jumps to stays, empty. */
static int remove_chains(struct edit *edit)
{
	for (size_t i = 0; i < edit->current->chain_count; i++) {
		const char *name = edit->current->chains[i].name;
		if (image_find(edit->wanted, name))
			continue;
		if (edit->ops->remove(name, edit->handle))
			edit->changed = true;
		else if (errno != EMLINK)
			return -table_errno();
	}
	return 0;
}

/* Deletes the last of our jumps from a hook's built-in chain. */
static int remove_last_jump(struct edit *edit, unsigned int hook)
{
	const struct table_ops *ops = edit->ops;
	const char *chain = builtin_name(hook);
	unsigned int number = 0;
	unsigned int last = 0;

	for (const void *entry = ops->first_rule(chain, edit->handle); entry;
	     entry = ops->next_rule(entry, edit->handle)) {
		if (table_is_jump(ops, edit->handle, entry, hook))
			last = number;
		number++;
	}
	return answer(ops->delete_number(chain, last, edit->handle));
}

static int add_jump(struct edit *edit, unsigned int hook)
{
	AUTO_BYTES struct bytes entry = { 0 };
	char base[CHAIN_NAME_SIZE];
	struct chain_id id = { .kind = CHAIN_BASE, .hook = (uint16_t)hook };

	encode_link(edit->ops->layout, chain_format(&id, base), true, &entry);
	if (entry.failed)
		return -ENOMEM;
	return answer(edit->ops->append(builtin_name(hook), entry.data,
					edit->handle));
}

/* An existing jump keeps its place; a new one comes last. */
static int settle_jumps(struct edit *edit)
{
	for (unsigned int hook = 0; hook < HOOK_COUNT; hook++) {
		unsigned int have = edit->current->jumps[hook];
		unsigned int want = edit->wanted->jumps[hook];
		int r = 0;
		edit->changed = edit->changed || have != want;
		if (have < want)
			r = add_jump(edit, hook);
		for (; have > want && r == 0; have--)
			r = remove_last_jump(edit, hook);
		if (r < 0)
			return r;
	}
	return 0;
}

int table_edit(struct edit *edit)
{
	bool *fill = calloc(edit->wanted->chain_count + 1, 1);

	if (!fill)
		return -ENOMEM;
	int r = prepare_chains(edit, fill);
	for (size_t i = 0; r == 0 && i < edit->wanted->chain_count; i++)
		if (fill[i])
			r = fill_chain(edit, &edit->wanted->chains[i]);
	if (r == 0)
		r = settle_jumps(edit);
	if (r == 0)
		r = remove_chains(edit);
	free(fill);
	return r;
}
