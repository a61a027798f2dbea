/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Objects and plans as text and as JSON. */
#ifndef LBCTL_RENDER_H
#define LBCTL_RENDER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include <ipvsctl.h>

#include "output/cleanup.h"

struct render_table;

void render_table_free(struct render_table **table);
#define AUTO_TABLE CLEANUP(render_table_free)

/* ---- Plans (render.c) ---- */

/* Writes a line a step, "+ svc add ...": + add, ~ change, - delete, 0 zero. */
int render_plan(FILE *stream, const struct ipvsctl_plan *plan) MUST_CHECK;
/* Returns {"version": 1, "changes": [...]}, or NULL without memory. */
json_t *render_plan_json(const struct ipvsctl_plan *plan) MUST_CHECK;

/* ---- Tables (render-table.c): return 0, -ENOMEM or a write's negative errno ---- */

struct render_column {
	const char *name;
	bool right;    /* align right: numbers */
	bool optional; /* left out if every cell is empty */
};

#define RENDER_COLUMNS_MAX 16
/* Makes an empty table with these columns, which end with a NULL name and have
   to live as long. */
int render_table_new(const struct render_column *columns,
		     struct render_table **ret_table) MUST_CHECK;
/* Adds a row of formatted cells, one per column; NULL or "" shows as "-", and
   bytes that are not printable ASCII as "\xff". */
int render_table_row(struct render_table *table,
		     const char *const *cells) MUST_CHECK;
/* Writes it without blanks at the ends of lines; nothing if it has no row. */
int render_table_print(FILE *stream, struct render_table *table) MUST_CHECK;

/* ---- Texts of several programs (render-text.c) ---- */

#define RENDER_NUMBER 24

/* Writes a number without printf: listings have many. Returns its NUL. */
char *render_number(char *text, uint64_t number);
/* Writes "1 (0x1)". Returns text. */
const char *render_mark(char text[32], uint32_t mark);
/* Writes "fwmark:1 (0x1)" or as ipvsctl_service_format(). Returns text. */
const char *render_service(const struct ipvsctl_service *service,
			   char text[IPVSCTL_IDENTITY_TEXT + 16]);
/* Returns "udp" or a number; "any" for 0. */
const char *render_protocol(unsigned int protocol, char text[RENDER_NUMBER]);

/* ---- Parts of documents (json.c); NULL without memory -------------------- */

/* Packs as json_pack(), but fails if jansson 2.14 would lose members. */
json_t *render_pack(const char *format, ...) MUST_CHECK;
/* Appends value, and takes it over. Sets *array to NULL if one is lost. */
void render_append(json_t **array, json_t *value);
/* Returns a foreign text; each byte that is not UTF-8 becomes U+FFFD. */
json_t *render_text_json(const char *text) MUST_CHECK;
/* Returns {"version": 1, NAME: VALUE}; takes value over. */
json_t *render_document(const char *name, json_t *value) MUST_CHECK;

/* ---- Whole tables that two programs print ---- */

int render_marks(FILE *stream, const struct ipvsctl_config *config) MUST_CHECK;
int render_vips(FILE *stream, const struct ipvsctl_config *config) MUST_CHECK;
int render_syncs(FILE *stream, const struct ipvsctl_config *config) MUST_CHECK;

#endif
