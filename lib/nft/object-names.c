/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The names of our chains and sets, which tell what they are. */
#include <stdio.h>
#include <string.h>

#include "nft/view.h"
#include "number.h"

static const char *const hooks[NFT_HOOKS] = {
	[IPVSCTL_HOOK_PREROUTING] = "prerouting",
	[IPVSCTL_HOOK_INPUT] = "input",
	[IPVSCTL_HOOK_OUTPUT] = "output",
	[NFT_HOOK_POSTROUTING] = "postrouting",
};

const char *hook_name(unsigned int hook)
{
	return hooks[hook];
}

/* Steps over the hook's name; returns its number, or NFT_HOOKS. */
static unsigned int take_hook(const char **name)
{
	for (unsigned int i = 0; i < NFT_HOOKS; i++) {
		size_t length = strlen(hooks[i]);

		if (strncmp(*name, hooks[i], length) == 0 &&
		    (!(*name)[length] || (*name)[length] == '-')) {
			*name += length;
			return i;
		}
	}
	return NFT_HOOKS;
}

/* Steps over "-NUMBER", as we write it; returns false if it is not there. */
static bool take_number(const char **name, uint32_t max, uint32_t *ret_number)
{
	uint64_t number = 0;
	const char *at = *name;

	if (*at != '-' || at[1] < '0' || at[1] > '9' ||
	    (at[1] == '0' && at[2] >= '0' && at[2] <= '9'))
		return false;
	for (at++; *at >= '0' && *at <= '9' && number <= max; at++)
		number = number * 10 + (uint64_t)(*at - '0');
	if (number > max)
		return false;
	*name = at;
	*ret_number = (uint32_t)number;
	return true;
}

/* Steps over "-map-NUMBER" or "-set-NUMBER". */
static bool take_map(const char **name, uint32_t *ret_number)
{
	if (strncmp(*name, "-map", 4) != 0 && strncmp(*name, "-set", 4) != 0)
		return false;
	*name += 4;
	return take_number(name, NO_INDEX - 1, ret_number);
}

void chain_name_parse(struct chain *chain)
{
	const char *rest = chain->name;
	unsigned int hook = take_hook(&rest);
	uint32_t number = 0, ordinal = 1;

	chain->role = ROLE_ALIEN;
	if (hook == NFT_HOOKS)
		return;
	chain->hook = (uint16_t)hook;
	if (!*rest) {
		chain->role = ROLE_BASE;
	} else if (take_map(&rest, &number)) {
		/* In front of a chain's map is one more. */
		if (take_number(&rest, NO_INDEX - 1, &ordinal) &&
		    (!*rest || take_number(&rest, 0, &number)) && !*rest)
			chain->role = ROLE_BUCKET;
	} else if (take_number(&rest, UINT16_MAX, &number)) {
		if (*rest && (!take_number(&rest, NO_INDEX - 1, &ordinal) ||
			      ordinal < 2))
			return;
		chain->priority = (uint16_t)number;
		chain->ordinal = ordinal;
		chain->role = *rest ? ROLE_ALIEN : ROLE_SEGMENT;
	}
}

void chain_name_format(struct chain *chain)
{
	int length = snprintf(chain->name, sizeof(chain->name), "%s",
			      hook_name(chain->hook));

	if (chain->role != ROLE_SEGMENT)
		return;
	length += snprintf(chain->name + length,
			   sizeof(chain->name) - (size_t)length, "-%u",
			   chain->priority);
	if (chain->ordinal > 1)
		(void)snprintf(chain->name + length,
			       sizeof(chain->name) - (size_t)length, "-%u",
			       chain->ordinal);
}

bool set_name_parse(const char *name, uint32_t *number)
{
	uint32_t found, ordinal;

	if (take_hook(&name) == NFT_HOOKS || !take_map(&name, &found))
		return false;
	if (*name && (!take_number(&name, NO_INDEX - 1, &ordinal) || *name))
		return false;
	if (*number < found)
		*number = found;
	return true;
}
