/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Any bytes as what an SMTP server says, in chunks: a byte for the length of
 * each. A probe ends at most once, with a message that a terminal can show.
 */
#include <sys/socket.h>

#include <stdint.h>
#include <stdlib.h>

/* hear() is its own. */
#include "check/probe/kind-smtp.c"
#include "check/probe/prober.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
	if (!truth)
		abort();
}

/* Hands the chunks out until the probe ends. */
static void hand_out(struct probe *probe, const uint8_t *data, size_t size)
{
	while (size > 0 && probe->prober->under_way == 1) {
		size_t length = data[0];
		char *chunk;

		data++;
		size--;
		length = length < size ? length : size;
		chunk = malloc(length ? length : 1);
		must(chunk != NULL);
		memcpy(chunk, data, length);
		hear(probe, chunk, length);
		free(chunk);
		data += length;
		size -= length;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct check check = { .way = { .kind = CHECK_SMTP } };
	struct smtp smtp = { .phase = PHASE_GREETING };
	const struct probe_limits limits = { .window = 0 };
	struct prober prober = { .under_way = 1, .limits = &limits };
	struct probe probe = { .check = &check,
			       .prober = &prober,
			       .state = &smtp };
	int ends[2];

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	probe.watch.fd = ends[0];
	must(loop_new(&prober.loop) == 0);
	hand_out(&probe, data, size);
	must(prober.under_way <= 1);
	for (const char *c = probe.message; *c; c++)
		must(*c >= ' ' && *c <= '~');
	if (prober.under_way == 1)
		(void)close(ends[0]);
	(void)close(ends[1]);
	loop_free(prober.loop);
	return 0;
}
