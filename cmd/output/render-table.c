/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Prints tables by libsmartcols; listing.c prints services. */
#include <errno.h>
#include <string.h>

#include <libsmartcols.h>

#include "output/output.h"
#include "output/render.h"
#include "text.h"

void render_table_free(struct libscols_table **table)
{
	scols_unref_table(*table);
}

int render_table_new(FILE *stream, const struct render_column *columns,
		     struct libscols_table **ret_table)
{
	AUTO_TABLE struct libscols_table *table = scols_new_table();

	if (!table || scols_table_set_stream(table, stream) < 0)
		return -ENOMEM;
	/* Cells stay whole, whatever the width of the terminal. */
	(void)scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
	(void)scols_table_enable_nowrap(table, 1);
	if (scols_table_set_column_separator(table, "  ") < 0)
		return -ENOMEM;
	for (; columns->name; columns++) {
		int flags = (columns->right ? SCOLS_FL_RIGHT : 0) |
			    (columns->optional ? SCOLS_FL_HIDDEN : 0);

		if (!scols_table_new_column(table, columns->name, 0, flags))
			return -ENOMEM;
	}
	*ret_table = TAKE_PTR(table);
	return 0;
}

/* Sets one cell, and shows a column that was hidden so far. */
static int set_cell(struct libscols_table *table, struct libscols_line *line,
		    size_t i, const char *text)
{
	struct libscols_column *column = scols_table_get_column(table, i);
	bool empty = !text || !text[0];

	if (!empty && scols_column_is_hidden(column))
		(void)scols_column_set_flags(column,
					     scols_column_get_flags(column) &
						     ~SCOLS_FL_HIDDEN);
	return scols_line_set_data(line, i, empty ? "-" : text);
}

int render_table_row(struct libscols_table *table, const char *const *cells)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	size_t count = scols_table_get_ncols(table);

	if (!line)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (set_cell(table, line, i, cells[i]) < 0)
			return -ENOMEM;
	return 0;
}

/* Removes the blanks at the end of each line; returns the length. */
static size_t trim(char *text)
{
	char *end = text;

	for (char *from = text; *from; from++) {
		if (*from == '\n')
			while (end > text && end[-1] == ' ')
				end--;
		*end++ = *from;
	}
	*end = '\0';
	return (size_t)(end - text);
}

int render_table_print(FILE *stream, struct libscols_table *table)
{
	AUTO_FREE char *text = NULL;
	struct text written = { 0 };
	FILE *page;
	size_t length;
	int r;

	if (scols_table_get_nlines(table) == 0)
		return 0;
	page = text_open(&written);
	if (!page)
		return -ENOMEM;
	(void)scols_table_set_stream(table, page);
	/* libsmartcols 2.38 succeeds without a cell that had no memory. */
	errno = 0;
	if (scols_print_table(table) < 0 || errno == ENOMEM)
		written.failed = true;
	(void)scols_table_set_stream(table, stream);
	if (text_close(page, &written, &text, NULL) < 0)
		return -ENOMEM;
	length = trim(text);
	r = output_write(stream, text, length);
	if (r == 0 && length > 0 && text[length - 1] != '\n')
		r = output_write(stream, "\n", 1);
	return r;
}
