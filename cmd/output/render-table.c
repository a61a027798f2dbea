/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Prints tables, also long ones; listing.c prints services. */
#include <errno.h>
#include <string.h>

#include "bytes.h"
#include "output/page.h"
#include "output/render.h"

#define GAP 2 /* blanks between columns */

struct render_table {
	const struct render_column *columns;
	size_t column_count;
	size_t widths[RENDER_COLUMNS_MAX];
	bool shown[RENDER_COLUMNS_MAX];
	size_t row_count;
	struct bytes cells; /* row by row, each with its NUL */
};

void render_table_free(struct render_table **table)
{
	if (*table)
		bytes_free(&(*table)->cells);
	free(*table);
}

int render_table_new(const struct render_column *columns,
		     struct render_table **ret_table)
{
	struct render_table *table = calloc(1, sizeof(*table));

	if (!table)
		return -ENOMEM;
	table->columns = columns;
	for (size_t i = 0; i < RENDER_COLUMNS_MAX && columns[i].name; i++) {
		table->widths[i] = strlen(columns[i].name);
		table->shown[i] = !columns[i].optional;
		table->column_count++;
	}
	*ret_table = table;
	return 0;
}

/* Tells whether a byte could be taken for something else, or do harm. */
static bool is_strange(const char *at)
{
	return *at < ' ' || *at > '~' || (*at == '\\' && at[1] == 'x');
}

/* Keeps a cell; strange bytes are written as "\xff". Returns its width. */
static size_t add_cell(struct bytes *cells, const char *text)
{
	static const char digits[] = "0123456789abcdef";
	size_t plain = 0, width;
	char *to;

	while (text[plain] && !is_strange(text + plain))
		plain++;
	width = plain;
	for (const char *at = text + plain; *at; at++)
		width += is_strange(at) ? 4 : 1;
	to = bytes_extend(cells, width + 1);
	if (!to)
		return 0;
	to = mempcpy(to, text, plain);
	for (text += plain; *text; text++) {
		if (is_strange(text)) {
			*to++ = '\\';
			*to++ = 'x';
			*to++ = digits[(unsigned char)*text >> 4];
			*to++ = digits[*text & 15];
		} else {
			*to++ = *text;
		}
	}
	return width;
}

int render_table_row(struct render_table *table, const char *const *cells)
{
	for (size_t i = 0; i < table->column_count; i++) {
		bool empty = !cells[i] || !cells[i][0];
		size_t width = add_cell(&table->cells, empty ? "-" : cells[i]);

		if (width > table->widths[i])
			table->widths[i] = width;
		table->shown[i] = table->shown[i] || !empty;
	}
	table->row_count++;
	return table->cells.failed ? -ENOMEM : 0;
}

/* Writes one cell, padded to its column's width, and the gap behind it. */
static char *put_cell(const struct render_table *table, size_t column, char *at,
		      const char *cell)
{
	const size_t width = table->widths[column];

	if (table->columns[column].right)
		at = page_put_text(at, "", width - strlen(cell));
	at = page_put_text(at, cell, table->columns[column].right ? 0 : width);
	return page_put_text(at, "", GAP);
}

/* Ends a line without the blanks at its end. */
static void end_line(struct page *page, const char *line, char *at)
{
	while (at > line && at[-1] == ' ')
		at--;
	*at++ = '\n';
	page_end(page, at);
}

int render_table_print(FILE *stream, struct render_table *table)
{
	struct page page = { .stream = stream };
	const char *cell = (const char *)table->cells.data;
	size_t room = 2;

	for (size_t i = 0; i < table->column_count; i++)
		room += table->widths[i] + GAP;
	for (size_t row = 0; table->row_count && row <= table->row_count;
	     row++) {
		char *line = page_reserve(&page, room), *at = line;

		if (!line)
			break;
		for (size_t i = 0; i < table->column_count; i++) {
			const char *text = row ? cell : table->columns[i].name;

			if (table->shown[i])
				at = put_cell(table, i, at, text);
			cell += row ? strlen(cell) + 1 : 0;
		}
		end_line(&page, line, at);
	}
	return page_close(&page);
}
