/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* One language's reader, given any bytes that may get to it. */
#ifndef LBCTL_FUZZ_READER_H
#define LBCTL_FUZZ_READER_H

#include "again.h"

#include "ruleset/ruleset.h"

/*
 * Runs the reader on a text, with rest as what else source has. What it accepts
 * can be written and read again.
 */
static inline void try_reader(reader_fn read, struct source rest,
			      const void *data, size_t size)
{
	struct source source = rest;
	struct ipvsctl_config *config = NULL;
	struct ipvsctl_error err = { 0 };
	struct run run;
	/* An exact copy: reading past its end is found. */
	char *text = malloc(size + 1);

	if (!text)
		return;
	if (size)
		(void)memcpy(text, data, size);
	text[size] = '\0';
	source.name = "text";
	source.text = text;
	source.length = size;
	must(ipvsctl_config_new(&config, NULL) == 0);
	must(run_begin(&run, config, false) == 0);
	int r = read(&source, &run, &err);
	must(r == 0 || r == -EINVAL);
	must(err.code == r);
	must(r == 0 || err.message[0]);
	if (r == 0)
		must_survive(config);
	run_end(&run);
	ipvsctl_config_free(config);
	free(text);
}

#endif
