/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Numbers mark rules, and changes as few numbers as possible. */
#include "nft/numbering.h"

#include <string.h>

#include "model/config.h"
#include "rising.h"

/* Numbers a run of rules of one hook and priority. */
static int number_run(struct rule_state *states, size_t count)
{
	AUTO_FREE uint32_t *kept = malloc((count + 1) * sizeof(*kept));
	uint32_t last = 0;
	int r = kept ? 0 : -ENOMEM;

	/* Behind a number that stays, all others must find room. */
	for (size_t i = 0; i < count && r == 0; i++)
		kept[i] = states[i].number < RISING_NONE - count ?
				  states[i].number :
				  RISING_NONE;
	if (r == 0)
		r = rising_keep(kept, count);
	for (size_t i = 0, next = 0; i < count && r == 0; i++) {
		for (next = next > i ? next : i;
		     next < count && kept[next] == RISING_NONE;)
			next++;
		/* Without room in front of what is kept, that moves up, too. */
		if (next < count && kept[next] - last <= next - i)
			kept[next] = RISING_NONE;
		last = kept[i] == RISING_NONE ? last + 1 : kept[i];
		states[i].number = last;
	}
	return r;
}

static bool same_run(const struct ipvsctl_mark *a, const struct ipvsctl_mark *b)
{
	return a->hook == b->hook && a->priority == b->priority;
}

static int number_all(const struct ipvsctl_config *wanted,
		      struct rule_state *states)
{
	const struct ipvsctl_mark *first = NULL;
	size_t from = 0, place = 0;
	int r = 0;

	ipvsctl_for_each_mark(wanted, rule) {
		if (first && !same_run(first, rule) && r == 0) {
			r = number_run(states + from, place - from);
			from = place;
		}
		first = rule;
		place++;
	}
	return r < 0 ? r : number_run(states + from, place - from);
}

int numbering_make(const struct ipvsctl_config *wanted,
		   const struct ipvsctl_config *current,
		   const struct numbers *numbers,
		   struct rule_state **ret_states)
{
	struct rule_state *states =
		calloc(wanted->marks.count + 1, sizeof(*states));
	const struct mark_node *next = current->marks.first;
	size_t place = 0;
	int r;

	if (!states)
		return -ENOMEM;
	ipvsctl_for_each_mark(wanted, rule) {
		struct rule_state *state = &states[place++];
		const struct mark_node *same =
			config_find_next(current, rule, &next);

		state->number = RISING_NONE;
		if (same && same->position < numbers->count)
			*state = (struct rule_state){
				numbers->of[same->position], true,
				same->rule.packets, same->rule.bytes
			};
	}
	r = number_all(wanted, states);
	if (r < 0)
		free(states);
	else
		*ret_states = states;
	return r;
}
