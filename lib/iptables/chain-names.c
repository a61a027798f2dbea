/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Makes and reads the names of our chains. */
#include "chain-names.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "scope.h"

static const char *const builtins[HOOK_COUNT] = { "PREROUTING", "INPUT",
						  "OUTPUT", "POSTROUTING" };

const char *builtin_name(unsigned int hook)
{
	return hook < HOOK_COUNT ? builtins[hook] : "";
}

unsigned int builtin_hook(const char *name)
{
	unsigned int hook = 0;

	while (hook < HOOK_COUNT && strcmp(name, builtins[hook]) != 0)
		hook++;
	return hook;
}

const char *chain_format(const struct chain_id *id, char name[CHAIN_NAME_SIZE])
{
	if (id->kind == CHAIN_BASE)
		(void)snprintf(name, CHAIN_NAME_SIZE, "LBCTL-%s",
			       builtin_name(id->hook));
	else if (id->kind == CHAIN_PRIORITY && id->number)
		(void)snprintf(name, CHAIN_NAME_SIZE, "LBCTL-%s-%u-%" PRIu32,
			       builtin_name(id->hook), id->priority,
			       id->number % (CHAIN_NUMBER_MAX + 1));
	else if (id->kind == CHAIN_PRIORITY)
		(void)snprintf(name, CHAIN_NAME_SIZE, "LBCTL-%s-%u",
			       builtin_name(id->hook), id->priority);
	else if (id->mask == UINT32_MAX)
		(void)snprintf(name, CHAIN_NAME_SIZE, "LBCTL-MARK-0x%" PRIx32,
			       id->mark);
	else
		(void)snprintf(name, CHAIN_NAME_SIZE,
			       "LBCTL-0x%" PRIx32 "-0x%" PRIx32, id->mark,
			       id->mask);
	return name;
}

/* Reads a number of that base and moves *text past it. */
static uint32_t take_number(const char **text, int base)
{
	char *end;
	unsigned long number = strtoul(*text, &end, base);

	*text = end;
	return (uint32_t)number;
}

/* Reads "-PRIORITY" or "-PRIORITY-NUMBER". */
static void parse_priority(const char *text, struct chain_id *id)
{
	if (*text != '-')
		return;
	text++;
	id->priority = (uint16_t)take_number(&text, 10);
	if (*text != '-')
		return;
	text++;
	id->number = take_number(&text, 10);
}

static void parse_hook(const char *text, struct chain_id *id)
{
	for (uint16_t hook = 0; hook < HOOK_COUNT; hook++) {
		size_t length = strlen(builtins[hook]);
		if (strncmp(text, builtins[hook], length) != 0)
			continue;
		id->hook = hook;
		id->kind = text[length] ? CHAIN_PRIORITY : CHAIN_BASE;
		parse_priority(text + length, id);
	}
}

struct chain_id chain_parse(const char *name)
{
	static const char prefix[] = "LBCTL-";
	struct chain_id id = { .kind = CHAIN_FOREIGN };

	if (strncmp(name, prefix, sizeof(prefix) - 1) != 0)
		return id;
	const char *text = name + sizeof(prefix) - 1;
	if (strncmp(text, "MARK-", 5) == 0) {
		id.kind = CHAIN_MARK;
		text += 5;
		id.mark = take_number(&text, 16);
		id.mask = UINT32_MAX;
	} else if (strncmp(text, "0x", 2) == 0) {
		id.kind = CHAIN_MARK;
		id.mark = take_number(&text, 16);
		text += *text == '-';
		id.mask = take_number(&text, 16);
	} else {
		parse_hook(text, &id);
	}
	/* A name that was misread does not come out the same again. */
	char again[CHAIN_NAME_SIZE];
	if (id.number == 1 || (id.kind != CHAIN_FOREIGN &&
			       strcmp(chain_format(&id, again), name) != 0))
		id.kind = CHAIN_FOREIGN;
	return id;
}
