/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* stdout, which is the product: nothing written to it is lost unnoticed. */
#ifndef LBCTL_OUTPUT_H
#define LBCTL_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "common/cleanup.h"

/*
 * Occupies descriptors 0 to 2 where the caller left them closed, so that no
 * socket becomes stdout; writing to such a stdout fails.
 */
void output_open(void);
/* Flushes and closes stdout. Returns 0 or the negative errno of a failure. */
int output_close(void);

/* Writes text of that length. Returns 0 or the negative errno. */
int output_write(FILE *stream, const char *text, size_t length) MUST_CHECK;
/* Writes a text of others as clean_text() has it. Returns likewise. */
int output_clean(FILE *stream, const char *text);
/*
 * The text of a document with a newline, by jansson's flags; frees the
 * document; NULL is -ENOMEM, which is what it returns without memory.
 */
int output_format_json(json_t *document, size_t flags,
		       char **ret_text) MUST_CHECK;
/* Writes a document and a newline; frees it; NULL is -ENOMEM. */
int output_json(FILE *stream, json_t *document) MUST_CHECK;

#endif
