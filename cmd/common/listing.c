/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The list of services: one pass to measure the columns, one to write the
 * rows. Own formatting, since a general table printer takes ten times as long
 * as the kernel to list ten thousand servers.
 */
#include "common/listing.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "common/output.h"
#include "common/render.h"

#define NOWHERE	    SIZE_MAX
#define COLUMNS_MAX 16
/* A row but for its notes: names, and numbers with their gaps. */
#define ROW_MAX	   (3 * (IPVSCTL_IDENTITY_TEXT + 16) + COLUMNS_MAX * 32)
#define FLUSH_SIZE ((size_t)1 << 16)

/* A column of numbers and where in the structs they are. */
struct column {
	const char *name;
	unsigned int group; /* enum listing_columns; 0: always shown */
	bool wide;	    /* 64 bits */
	size_t server;
	size_t service; /* NOWHERE: servers only */
};

#define SERVER(title, which, field)                                          \
	{                                                                    \
		title, which, false, offsetof(struct ipvsctl_server, field), \
			NOWHERE                                              \
	}
#define COUNTER(title, which, field)                                     \
	{                                                                \
		title, which, true,                                      \
			offsetof(struct ipvsctl_server, counters.field), \
			offsetof(struct ipvsctl_service, counters.field) \
	}

static const struct column columns[] = {
	SERVER("WEIGHT", 0, weight),
	SERVER("UPPER", LISTING_THRESHOLDS, upper_threshold),
	SERVER("LOWER", LISTING_THRESHOLDS, lower_threshold),
	SERVER("ACTIVE", 0, active_connections),
	SERVER("INACTIVE", 0, inactive_connections),
	SERVER("PERSISTENT", LISTING_THRESHOLDS, persistent_connections),
	COUNTER("CONNECTIONS", LISTING_STATS, connections),
	COUNTER("IN-PACKETS", LISTING_STATS, in_packets),
	COUNTER("OUT-PACKETS", LISTING_STATS, out_packets),
	COUNTER("IN-BYTES", LISTING_STATS, in_bytes),
	COUNTER("OUT-BYTES", LISTING_STATS, out_bytes),
	COUNTER("CONNECTIONS/S", LISTING_RATES, connections_per_second),
	COUNTER("IN-PACKETS/S", LISTING_RATES, in_packets_per_second),
	COUNTER("OUT-PACKETS/S", LISTING_RATES, out_packets_per_second),
	COUNTER("IN-BYTES/S", LISTING_RATES, in_bytes_per_second),
	COUNTER("OUT-BYTES/S", LISTING_RATES, out_bytes_per_second),
};
_Static_assert(ARRAY_SIZE(columns) <= COLUMNS_MAX, "a row has room for all");

/* The layout, and the text not yet written. */
struct page {
	FILE *stream;
	const struct listing *listing;
	const struct column *shown[COLUMNS_MAX];
	size_t widths[COLUMNS_MAX];
	size_t count;
	size_t name_width;
	size_t how_width; /* scheduler or forwarding method */
	char *text;
	size_t length;
	size_t capacity;
	size_t row; /* where the current one starts */
	int r;
};

static size_t longer(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* ---- Measuring ---- */

static uint64_t number_at(const void *object, size_t offset, bool wide)
{
	const char *at = (const char *)object + offset;
	uint64_t number;
	uint32_t narrow;

	if (wide) {
		memcpy(&number, at, sizeof(number));
		return number;
	}
	memcpy(&narrow, at, sizeof(narrow));
	return narrow;
}

static size_t digits(uint64_t number)
{
	size_t count = 1;

	for (; number >= 10; number /= 10)
		count++;
	return count;
}

static void choose_columns(struct page *page)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (!columns[i].group ||
		    (columns[i].group & page->listing->columns)) {
			page->widths[page->count] = strlen(columns[i].name);
			page->shown[page->count++] = &columns[i];
		}
}

/* Keeps the largest number of each column, in max. */
static void measure_server(struct page *page,
			   const struct ipvsctl_server *server, uint64_t *max)
{
	char name[IPVSCTL_IDENTITY_TEXT];

	page->name_width =
		longer(page->name_width,
		       strlen(ipvsctl_server_format(server, name)) + 2);
	for (size_t i = 0; i < page->count; i++) {
		const struct column *column = page->shown[i];
		uint64_t number =
			number_at(server, column->server, column->wide);

		if (number > max[i])
			max[i] = number;
	}
}

static void measure_service(struct page *page,
			    const struct ipvsctl_service *service,
			    uint64_t *max)
{
	const struct ipvsctl_server *server = NULL;
	char name[IPVSCTL_IDENTITY_TEXT + 16];

	page->name_width =
		longer(page->name_width, strlen(render_service(service, name)));
	page->how_width = longer(page->how_width, strlen(service->scheduler));
	for (size_t i = 0; i < page->count; i++) {
		const struct column *column = page->shown[i];
		uint64_t number;

		if (column->service == NOWHERE)
			continue;
		number = number_at(service, column->service, column->wide);
		if (number > max[i])
			max[i] = number;
	}
	while ((server = ipvsctl_config_next_server(page->listing->config,
						    service, server)))
		measure_server(page, server, max);
}

static void measure(struct page *page)
{
	uint64_t max[COLUMNS_MAX] = { 0 };

	choose_columns(page);
	page->name_width = strlen("  SERVER");
	page->how_width = strlen("SCHEDULER");
	for (size_t i = 0; i < page->listing->count; i++)
		measure_service(page, page->listing->services[i], max);
	for (size_t i = 0; i < page->count; i++)
		page->widths[i] = longer(page->widths[i], digits(max[i]));
}

/* ---- Writing ---- */

static void flush(struct page *page)
{
	if (page->r == 0 && page->length > 0)
		page->r = output_write(page->stream, page->text, page->length);
	page->length = 0;
}

/* Room for so many bytes, or NULL, after which page->r tells why. */
static char *reserve(struct page *page, size_t length)
{
	size_t capacity = longer(2 * page->capacity, FLUSH_SIZE + ROW_MAX);
	char *text;

	if (page->r < 0)
		return NULL;
	if (page->length + length <= page->capacity)
		return page->text + page->length;
	capacity = longer(capacity, page->length + length);
	text = realloc(page->text, capacity);
	if (!text) {
		page->r = -ENOMEM;
		return NULL;
	}
	page->text = text;
	page->capacity = capacity;
	return text + page->length;
}

static char *put_text(char *at, const char *text, size_t width)
{
	char *end = stpcpy(at, text);

	if (end >= at + width)
		return end;
	memset(end, ' ', width - (size_t)(end - at));
	return at + width;
}

static char *put_number(char *at, uint64_t number, size_t width)
{
	char *end = at + 2 + width;
	char *last = end;

	do {
		*--last = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	memset(at, ' ', (size_t)(last - at));
	return end;
}

static char *pad(struct page *page, char *at, size_t width)
{
	size_t length = (size_t)(at - page->text) - page->row;

	if (length >= width)
		return at;
	memset(at, ' ', width - length);
	return at + (width - length);
}

/* Starts a row with its two names; returns the end. */
static char *put_names(struct page *page, char *at, const char *how)
{
	at = pad(page, at, page->name_width);
	*at++ = ' ';
	*at++ = ' ';
	return put_text(at, how, 0);
}

static void end_numbers(struct page *page, const char *at)
{
	page->length = (size_t)(at - page->text);
}

/* Adds a word to the notes behind the last column. */
static void note(struct page *page, const char *separator, const char *text)
{
	size_t width = page->name_width + 2 + page->how_width;
	char *at = reserve(page, ROW_MAX + strlen(separator) + strlen(text));

	if (!at)
		return;
	for (size_t i = 0; i < page->count; i++)
		width += 2 + page->widths[i];
	if (page->length - page->row <= width) {
		at = pad(page, at, width);
		separator = "  ";
	}
	at = put_text(at, separator, 0);
	end_numbers(page, put_text(at, text, 0));
}

static void end_row(struct page *page)
{
	char *at = reserve(page, 1);

	if (!at)
		return;
	*at = '\n';
	page->length++;
	if (page->length > FLUSH_SIZE)
		flush(page);
	page->row = page->length;
}

static void persistence_notes(struct page *page,
			      const struct ipvsctl_service *service)
{
	char netmask[IPVSCTL_ADDRESS_TEXT];
	char text[IPVSCTL_ADDRESS_TEXT + 32];

	(void)snprintf(text, sizeof(text), "persistent %u/%s",
		       service->persistence_seconds,
		       ipvsctl_netmask_format(service, netmask));
	note(page, ", ", text);
	if (service->persistence_engine[0]) {
		(void)snprintf(text, sizeof(text), "pe %s",
			       service->persistence_engine);
		note(page, ", ", text);
	}
}

static void service_row(struct page *page, const struct ipvsctl_service *service)
{
	char flags[64];
	char *at = reserve(page, ROW_MAX);
	char *text = at;

	if (!at)
		return;
	(void)render_service(service, text);
	at = put_names(page, text + strlen(text), service->scheduler);
	if (page->listing->columns & (LISTING_STATS | LISTING_RATES)) {
		at = pad(page, at, page->name_width + 2 + page->how_width);
		for (size_t i = 0; i < page->count; i++) {
			const struct column *column = page->shown[i];

			at = column->service == NOWHERE ?
				     put_text(at, "", 2 + page->widths[i]) :
				     put_number(at,
						number_at(service,
							  column->service,
							  column->wide),
						page->widths[i]);
		}
	}
	end_numbers(page, at);
	if (service->persistence_seconds > 0)
		persistence_notes(page, service);
	if (service->flags & IPVSCTL_ONE_PACKET)
		note(page, ", ", "one-packet");
	if (ipvsctl_scheduler_flags_format(service, flags)[0])
		note(page, ", ", flags);
	end_row(page);
}

static void tunnel_notes(struct page *page, const struct ipvsctl_server *server)
{
	char port[RENDER_NUMBER];

	note(page, ", ", ipvsctl_tunnel_name(server->tunnel));
	if (server->tunnel_port > 0) {
		(void)render_number(port, server->tunnel_port);
		note(page, " port ", port);
	}
	if (server->tunnel_checksum != IPVSCTL_TUNNEL_CHECKSUM_NONE)
		note(page, " checksum ",
		     ipvsctl_tunnel_checksum_name(server->tunnel_checksum));
}

static void held_notes(struct page *page, const struct ipvsctl_service *service,
		       const struct ipvsctl_server *server)
{
	const char *reason = NULL;
	const char *separator = " ";
	char weight[RENDER_NUMBER];

	note(page, ", ", "held:");
	while ((reason = ipvsctl_config_next_reason(page->listing->config,
						    service, server, reason))) {
		note(page, separator, reason);
		separator = ", ";
	}
	(void)render_number(weight, server->weight);
	note(page, ", wanted ", weight);
}

static void server_row(struct page *page, const struct ipvsctl_service *service,
		       const struct ipvsctl_server *server)
{
	char *at = reserve(page, ROW_MAX);

	if (!at)
		return;
	at = put_text(at, "  ", 0);
	at += strlen(ipvsctl_server_format(server, at));
	at = put_names(page, at, ipvsctl_forward_name(server->forward));
	at = pad(page, at, page->name_width + 2 + page->how_width);
	for (size_t i = 0; i < page->count; i++) {
		const struct column *column = page->shown[i];
		uint64_t number =
			number_at(server, column->server, column->wide);

		if (server->held && column == &columns[0])
			number = ipvsctl_server_effective_weight(server);
		at = put_number(at, number, page->widths[i]);
	}
	end_numbers(page, at);
	if (server->forward == IPVSCTL_FORWARD_TUN)
		tunnel_notes(page, server);
	if (server->held)
		held_notes(page, service, server);
	end_row(page);
}

static void header(struct page *page)
{
	char *at = reserve(page, ROW_MAX);

	if (!at)
		return;
	at = put_names(page, put_text(at, "SERVICE", 0), "SCHEDULER");
	end_numbers(page, at);
	end_row(page);
	at = reserve(page, ROW_MAX);
	if (!at)
		return;
	at = put_names(page, put_text(at, "  SERVER", 0), "FORWARD");
	at = pad(page, at, page->name_width + 2 + page->how_width);
	for (size_t i = 0; i < page->count; i++) {
		const char *name = page->shown[i]->name;

		at = put_text(at, "", 2 + page->widths[i] - strlen(name));
		at = put_text(at, name, 0);
	}
	end_numbers(page, at);
	end_row(page);
}

int listing_print(FILE *stream, const struct listing *listing)
{
	struct page page = { .stream = stream, .listing = listing };

	if (listing->count == 0)
		return 0;
	measure(&page);
	header(&page);
	for (size_t i = 0; i < listing->count && page.r == 0; i++) {
		const struct ipvsctl_service *service = listing->services[i];
		const struct ipvsctl_server *server = NULL;

		service_row(&page, service);
		while ((server = ipvsctl_config_next_server(listing->config,
							    service, server)))
			server_row(&page, service, server);
	}
	flush(&page);
	free(page.text);
	return page.r;
}

int listing_all(const struct ipvsctl_config *config,
		const struct ipvsctl_service ***ret_services, size_t *ret_count)
{
	const struct ipvsctl_service *service = NULL;
	const struct ipvsctl_service **services;
	size_t count = 0;

	while ((service = ipvsctl_config_next_service(config, service)))
		count++;
	services = calloc(count + 1, sizeof(const struct ipvsctl_service *));
	if (!services)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		service = ipvsctl_config_next_service(config, service);
		services[i] = service;
	}
	*ret_services = services;
	*ret_count = count;
	return 0;
}
