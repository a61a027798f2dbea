/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Our chain in the table nat. */
#include "nat.h"

static const struct chain_id base = { .kind = CHAIN_BASE,
				      .hook = HOOK_POSTROUTING };

static const struct image_chain *find_base(const struct image *image)
{
	char name[CHAIN_NAME_SIZE];

	return image_find(image, chain_format(&base, name));
}

static bool is_ours(const struct image *image, const struct image_chain *chain,
		    size_t number)
{
	struct snat snat;

	return decode_snat(image->layout, image_entry(image, chain, number),
			   &snat);
}

static void put_alien(const struct image *from, const struct image_chain *chain,
		      size_t number, struct image *image)
{
	const struct image_rule *rule = image_rule(from, chain, number);
	const void *entry = image_entry(from, chain, number);
	size_t offset = image->arena.size;

	bytes_add(&image->arena, entry, entry_length(from->layout, entry));
	image_add_rule(image, offset, rule->packets, rule->bytes);
}

int nat_image(const struct snats *snats, const struct image *current,
	      struct image *image)
{
	const struct image_chain *chain = find_base(current);
	size_t count = 0;

	image->layout = current->layout;
	image_add_chain(image, &base);
	for (size_t i = 0; i < snats->count && !image->failed; i++) {
		size_t offset = image->arena.size;

		if (snats->of[i].family != image->layout->family)
			continue;
		encode_snat(image->layout, &snats->of[i], &image->arena);
		image_add_rule(image, offset, 0, 0);
	}
	for (size_t n = 0; chain && n < chain->count && !image->failed; n++)
		if (!is_ours(current, chain, n))
			put_alien(current, chain, n, image);
	count = image->rule_count;
	image->jumps[HOOK_POSTROUTING] = count > 0;
	if (!count)
		image->chain_count = 0;
	return image_check(image);
}

int nat_read(const struct image *image, struct snats *snats)
{
	const struct image_chain *chain = find_base(image);
	int r = 0;

	if (!chain || !image->jumps[HOOK_POSTROUTING])
		return 0;
	for (size_t n = 0; n < chain->count && r == 0; n++) {
		struct snat snat;

		if (decode_snat(image->layout, image_entry(image, chain, n),
				&snat))
			r = snats_add(snats, &snat);
	}
	return r;
}
