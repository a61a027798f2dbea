/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The list of services: one pass to measure the columns, one to write the rows.
 * A general table printer takes ten times as long as the kernel to list ten
 * thousand servers, so this file formats by itself.
 */
#include "output/listing.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "output/page.h"
#include "output/render.h"

#define NOWHERE	    SIZE_MAX
#define COLUMNS_MAX 16
/* A row without its notes: names, and numbers with their gaps. */
#define ROW_MAX (3 * (IPVSCTL_IDENTITY_TEXT + 16) + COLUMNS_MAX * 32)

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

/* The layout, and what is written. */
struct sheet {
	struct page page;
	const struct listing *listing;
	const struct column *shown[COLUMNS_MAX];
	size_t widths[COLUMNS_MAX];
	size_t count;
	size_t name_width;
	size_t how_width; /* scheduler or forwarding method */
	size_t row;	  /* where the current one starts */
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

static void choose_columns(struct sheet *sheet)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (!columns[i].group ||
		    (columns[i].group & sheet->listing->columns)) {
			sheet->widths[sheet->count] = strlen(columns[i].name);
			sheet->shown[sheet->count++] = &columns[i];
		}
}

/* Keeps the largest number of each column, in max. */
static void measure_server(struct sheet *sheet,
			   const struct ipvsctl_server *server, uint64_t *max)
{
	char name[IPVSCTL_IDENTITY_TEXT];

	sheet->name_width =
		longer(sheet->name_width,
		       strlen(ipvsctl_server_format(server, name)) + 2);
	for (size_t i = 0; i < sheet->count; i++) {
		const struct column *column = sheet->shown[i];
		uint64_t number =
			number_at(server, column->server, column->wide);

		if (number > max[i])
			max[i] = number;
	}
}

static void measure_service(struct sheet *sheet,
			    const struct ipvsctl_service *service,
			    uint64_t *max)
{
	char name[IPVSCTL_IDENTITY_TEXT + 16];

	sheet->name_width = longer(sheet->name_width,
				   strlen(render_service(service, name)));
	sheet->how_width = longer(sheet->how_width, strlen(service->scheduler));
	for (size_t i = 0; i < sheet->count; i++) {
		const struct column *column = sheet->shown[i];
		uint64_t number;

		if (column->service == NOWHERE)
			continue;
		number = number_at(service, column->service, column->wide);
		if (number > max[i])
			max[i] = number;
	}
	ipvsctl_for_each_server(sheet->listing->config, service, server)
		measure_server(sheet, server, max);
}

static void measure(struct sheet *sheet)
{
	uint64_t max[COLUMNS_MAX] = { 0 };
	char number[RENDER_NUMBER];

	choose_columns(sheet);
	sheet->name_width = strlen("  SERVER");
	sheet->how_width = strlen("SCHEDULER");
	for (size_t i = 0; i < sheet->listing->count; i++)
		measure_service(sheet, sheet->listing->services[i], max);
	for (size_t i = 0; i < sheet->count; i++)
		sheet->widths[i] =
			longer(sheet->widths[i],
			       (size_t)(render_number(number, max[i]) - number));
}

/* ---- Writing ---- */

static char *pad(struct sheet *sheet, char *at, size_t width)
{
	size_t length = (size_t)(at - sheet->page.text) - sheet->row;

	if (length >= width)
		return at;
	memset(at, ' ', width - length);
	return at + (width - length);
}

/* Starts a row with its two names; returns the end. */
static char *put_names(struct sheet *sheet, char *at, const char *how)
{
	at = pad(sheet, at, sheet->name_width);
	*at++ = ' ';
	*at++ = ' ';
	return page_put_text(at, how, 0);
}

static void end_numbers(struct sheet *sheet, const char *at)
{
	sheet->page.length = (size_t)(at - sheet->page.text);
}

/* Adds a word to the notes after the last column. */
static void note(struct sheet *sheet, const char *separator, const char *text)
{
	size_t width = sheet->name_width + 2 + sheet->how_width;
	char *at = page_reserve(&sheet->page,
				ROW_MAX + strlen(separator) + strlen(text));

	if (!at)
		return;
	for (size_t i = 0; i < sheet->count; i++)
		width += 2 + sheet->widths[i];
	if (sheet->page.length - sheet->row <= width) {
		at = pad(sheet, at, width);
		separator = "  ";
	}
	at = page_put_text(at, separator, 0);
	end_numbers(sheet, page_put_text(at, text, 0));
}

static void end_row(struct sheet *sheet)
{
	char *at = page_reserve(&sheet->page, 1);

	if (!at)
		return;
	*at = '\n';
	page_end(&sheet->page, at + 1);
	sheet->row = sheet->page.length;
}

static void persistence_notes(struct sheet *sheet,
			      const struct ipvsctl_service *service)
{
	char netmask[IPVSCTL_ADDRESS_TEXT];
	char text[IPVSCTL_ADDRESS_TEXT + 32];

	(void)snprintf(text, sizeof(text), "persistent %u/%s",
		       service->persistence_seconds,
		       ipvsctl_netmask_format(service, netmask));
	note(sheet, ", ", text);
	if (service->persistence_engine[0]) {
		(void)snprintf(text, sizeof(text), "pe %s",
			       service->persistence_engine);
		note(sheet, ", ", text);
	}
}

static void service_row(struct sheet *sheet,
			const struct ipvsctl_service *service)
{
	char flags[64];
	char *at = page_reserve(&sheet->page, ROW_MAX);
	char *text = at;

	if (!at)
		return;
	(void)render_service(service, text);
	at = put_names(sheet, text + strlen(text), service->scheduler);
	if (sheet->listing->columns & (LISTING_STATS | LISTING_RATES)) {
		at = pad(sheet, at, sheet->name_width + 2 + sheet->how_width);
		for (size_t i = 0; i < sheet->count; i++) {
			const struct column *column = sheet->shown[i];

			at = column->service == NOWHERE ?
				     page_put_text(at, "",
						   2 + sheet->widths[i]) :
				     page_put_number(at,
						     number_at(service,
							       column->service,
							       column->wide),
						     2 + sheet->widths[i]);
		}
	}
	end_numbers(sheet, at);
	if (service->persistence_seconds > 0)
		persistence_notes(sheet, service);
	if (service->flags & IPVSCTL_ONE_PACKET)
		note(sheet, ", ", "one-packet");
	if (ipvsctl_scheduler_flags_format(service, flags)[0])
		note(sheet, ", ", flags);
	end_row(sheet);
}

static void tunnel_notes(struct sheet *sheet,
			 const struct ipvsctl_server *server)
{
	char port[RENDER_NUMBER];

	note(sheet, ", ", ipvsctl_tunnel_name(server->tunnel));
	if (server->tunnel_port > 0) {
		(void)render_number(port, server->tunnel_port);
		note(sheet, " port ", port);
	}
	if (server->tunnel_checksum != IPVSCTL_TUNNEL_CHECKSUM_NONE)
		note(sheet, " checksum ",
		     ipvsctl_tunnel_checksum_name(server->tunnel_checksum));
}

/* The prefix of checks' reasons. */
#define OF_CHECK "check:"

/* Writes the reason without the times of a server that is leaving. */
static void name_reason(const char *reason,
			char ret_name[IPVSCTL_REASON_MAX + 1])
{
	(void)snprintf(ret_name, IPVSCTL_REASON_MAX + 1, "%.*s",
		       (int)strcspn(reason, "@"), reason);
}

/* Notes the reasons of checks, or all others; nothing if there are none. */
static void reason_notes(struct sheet *sheet,
			 const struct ipvsctl_service *service,
			 const struct ipvsctl_server *server, bool of_checks)
{
	char name[IPVSCTL_REASON_MAX + 1];
	const char *reason = NULL;
	const char *separator = NULL;

	while ((reason = ipvsctl_config_next_reason(sheet->listing->config,
						    service, server, reason))) {
		const bool removes =
			server->removed &&
			strncmp(reason, OF_CHECK, strlen(OF_CHECK)) == 0;

		if (removes != of_checks)
			continue;
		if (!separator)
			note(sheet, ", ",
			     removes ? "removed by check" : "held:");
		name_reason(removes ? reason + strlen(OF_CHECK) : reason, name);
		note(sheet, separator ? separator : " ", name);
		separator = ", ";
	}
}

static void held_notes(struct sheet *sheet,
		       const struct ipvsctl_service *service,
		       const struct ipvsctl_server *server)
{
	char weight[RENDER_NUMBER];

	reason_notes(sheet, service, server, true);
	reason_notes(sheet, service, server, false);
	(void)render_number(weight, server->weight);
	note(sheet, ", wanted ", weight);
}

static void server_row(struct sheet *sheet,
		       const struct ipvsctl_service *service,
		       const struct ipvsctl_server *server)
{
	char *at = page_reserve(&sheet->page, ROW_MAX);

	if (!at)
		return;
	at = page_put_text(at, "  ", 0);
	at += strlen(ipvsctl_server_format(server, at));
	at = put_names(sheet, at, ipvsctl_forward_name(server->forward));
	at = pad(sheet, at, sheet->name_width + 2 + sheet->how_width);
	for (size_t i = 0; i < sheet->count; i++) {
		const struct column *column = sheet->shown[i];
		uint64_t number =
			number_at(server, column->server, column->wide);

		if (server->held && column == &columns[0])
			number = ipvsctl_server_effective_weight(server);
		at = page_put_number(at, number, 2 + sheet->widths[i]);
	}
	end_numbers(sheet, at);
	if (server->forward == IPVSCTL_FORWARD_TUN)
		tunnel_notes(sheet, server);
	if (server->held)
		held_notes(sheet, service, server);
	end_row(sheet);
}

static void header(struct sheet *sheet)
{
	char *at = page_reserve(&sheet->page, ROW_MAX);

	if (!at)
		return;
	at = put_names(sheet, page_put_text(at, "SERVICE", 0), "SCHEDULER");
	end_numbers(sheet, at);
	end_row(sheet);
	at = page_reserve(&sheet->page, ROW_MAX);
	if (!at)
		return;
	at = put_names(sheet, page_put_text(at, "  SERVER", 0), "FORWARD");
	at = pad(sheet, at, sheet->name_width + 2 + sheet->how_width);
	for (size_t i = 0; i < sheet->count; i++) {
		const char *name = sheet->shown[i]->name;

		at = page_put_text(at, "", 2 + sheet->widths[i] - strlen(name));
		at = page_put_text(at, name, 0);
	}
	end_numbers(sheet, at);
	end_row(sheet);
}

int listing_print(FILE *stream, const struct listing *listing)
{
	struct sheet sheet = { .page.stream = stream, .listing = listing };

	if (listing->count == 0)
		return 0;
	measure(&sheet);
	header(&sheet);
	for (size_t i = 0; i < listing->count && sheet.page.r == 0; i++) {
		const struct ipvsctl_service *service = listing->services[i];

		service_row(&sheet, service);
		ipvsctl_for_each_server(listing->config, service, server)
			server_row(&sheet, service, server);
	}
	return page_close(&sheet.page);
}

int listing_all(const struct ipvsctl_config *config,
		const struct ipvsctl_service ***ret_services, size_t *ret_count)
{
	const struct ipvsctl_service **services;
	size_t count = 0;

	ipvsctl_for_each_service(config, service)
		count++;
	services = calloc(count + 1, sizeof(const struct ipvsctl_service *));
	if (!services)
		return -ENOMEM;
	count = 0;
	ipvsctl_for_each_service(config, service)
		services[count++] = service;
	*ret_services = services;
	*ret_count = count;
	return 0;
}
