/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Any bytes as what runs remember: sense is made of what has any, in order, and
 * what is written of it is whole and reads back the same.
 */
#include <stdlib.h>
#include <string.h>

#include "check/state/state.h"

#define FIRST_LINE "lbctl-check 1\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
	if (!truth)
		abort();
}

/* Everything is found where it is looked for. */
static void must_find_all(const struct state *state)
{
	for (size_t i = 0; i < state->check_count; i++) {
		const struct state_check *check = &state->checks[i];
		char text[32];

		must(state_find(state, check->name, check->selected) == check);
		for (size_t j = 0; j < check->count; j++) {
			const struct state_row *row = &check->rows[j];

			must(state_row(check, &row->address, row->port,
				       &row->told) == row);
			must(state_text(check, row, text) == text);
		}
	}
	for (size_t i = 0; i < state->server_count; i++) {
		const struct state_server *one = &state->servers[i];

		must(state_server(state, one->role, one->name, &one->service,
				  one->role < STATE_QUORUM ? &one->server :
							     NULL) != NULL);
	}
}

static void try_text(const char *text, size_t length)
{
	struct state first, second;
	char *once = NULL, *twice = NULL;
	size_t once_length = 0, twice_length = 0;

	must(state_parse(text, length, &first) == 0);
	must_find_all(&first);
	must(state_format(&first, &once, &once_length) == 0);
	must(state_parse(once, once_length, &second) == 0);
	must(!second.damaged);
	must(state_format(&second, &twice, &twice_length) == 0);
	must(once_length == twice_length &&
	     memcmp(once, twice, once_length) == 0);
	while (first.check_count)
		state_drop_check(&first, &first.checks[first.check_count / 2]);
	while (first.server_count)
		state_drop_server(&first,
				  &first.servers[first.server_count / 2]);
	free(once);
	free(twice);
	state_free(&first);
	state_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + sizeof(FIRST_LINE));

	must(text != NULL);
	memcpy(text, FIRST_LINE, sizeof(FIRST_LINE) - 1);
	memcpy(text + sizeof(FIRST_LINE) - 1, data, size);
	try_text(text, size + sizeof(FIRST_LINE) - 1);
	/* Hardly ever with that line, and with no byte behind its end. */
	memmove(text, data, size);
	try_text(text, size);
	free(text);
	return 0;
}
