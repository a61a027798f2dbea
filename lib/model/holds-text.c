/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The text that keeps holds outside the kernel, one line for a server:
 *
 *	lbctl-holds 1
 *	SERVICE SERVER WEIGHT REASONS
 *	SERVICE SERVER WEIGHT REASONS removed --forward nat ...
 *	aside SERVICE SERVER WEIGHT REASONS [removed ...]
 *
 * A server that is leaving has a reason with times: see leaving.h.
 *
 * The kernel does not have removed servers. If a hold is set aside, it has not
 * the server and perhaps not the service. During a change, there is a line for
 * the old hold and one for the new: the kernel's weight tells which is true.
 */
#include <stdio.h>
#include <string.h>

#include "fail.h"
#include "model/address.h"
#include "model/attribute.h"
#include "model/holds.h"
#include "model/leaving.h"
#include "model/object.h"
#include "number.h"
#include "text.h"

#define FIRST_LINE "lbctl-holds 1"
#define REMOVED	   "removed"
#define ASIDE	   "aside "

/* Only the text keeps the attributes of a removed server. */
static void add_removed(struct text *text, const struct ipvsctl_server *server)
{
	const struct ipvsctl_server reference = server_default(server);

	text_add_text(text, " " REMOVED);
	attribute_line(text, &server_attribute_table, server, &reference, true);
}

static void add_hold(struct text *text, const struct ipvsctl_config *config,
		     const struct hold *hold)
{
	const struct ipvsctl_server *server =
		ipvsctl_config_find_server(config, &hold->service,
					   &hold->server);
	char service_text[IPVSCTL_IDENTITY_TEXT];
	char server_text[IPVSCTL_IDENTITY_TEXT];

	endpoint_format(&hold->server.address, hold->server.port, server_text);
	text_add(text, "%s%s %s %u ", hold->aside ? ASIDE : "",
		 ipvsctl_service_format(&hold->service, service_text),
		 server_text, server ? server->weight : hold->weight);
	for (size_t i = 0; i < hold->reason_count; i++)
		text_add(text, "%s%s", i ? "," : "", hold->reasons[i]);
	if (!server)
		server = &hold->server;
	if (server->removed)
		add_removed(text, server);
	text_add(text, "\n");
}

/* Adds the line of the old hold, unless the new hold has the same line. */
static void add_former(struct text *text, const struct ipvsctl_config *from,
		       const struct hold *former,
		       const struct ipvsctl_config *to)
{
	const struct hold *hold =
		hold_table_find(&to->holds, &former->service, &former->server);
	AUTO_TEXT struct text was = { 0 }, is = { 0 };

	add_hold(&was, from, former);
	if (hold)
		add_hold(&is, to, hold);
	text->failed = text->failed || was.failed || is.failed;
	if (!text->failed && (!hold || strcmp(was.bytes, is.bytes) != 0))
		text_add_text(text, was.bytes);
}

int holds_format_both(const struct ipvsctl_config *from,
		      const struct ipvsctl_config *to, char **ret_text)
{
	AUTO_TEXT struct text text = { 0 };

	if (from->holds.count + to->holds.count > 0 || to->holds.others)
		text_add_text(&text, FIRST_LINE "\n");
	for (size_t i = 0; i < from->holds.count; i++)
		add_former(&text, from, &from->holds.holds[i], to);
	for (size_t i = 0; i < to->holds.count; i++)
		add_hold(&text, to, &to->holds.holds[i]);
	if (to->holds.others)
		text_add_text(&text, to->holds.others);
	return text_take(&text, ret_text);
}

int holds_format(const struct ipvsctl_config *config, char **ret_text)
{
	static const struct ipvsctl_config nothing = { 0 };

	return holds_format_both(&nothing, config, ret_text);
}

/* One line, split into words that are not parsed yet. */
struct line {
	char *service;
	char *server;
	char *weight;
	char *reasons;
	char *removed; /* attributes of a removed server, or NULL */
	bool aside;
};

static bool line_split(char *bytes, struct line *ret_line)
{
	const bool aside = strncmp(bytes, ASIDE, strlen(ASIDE)) == 0;
	char *rest = bytes + (aside ? strlen(ASIDE) : 0);
	struct line line = { .aside = aside,
			     .service = strsep(&rest, " "),
			     .server = strsep(&rest, " "),
			     .weight = strsep(&rest, " "),
			     .reasons = strsep(&rest, " ") };
	const char *word = rest ? strsep(&rest, " ") : NULL;

	line.removed = word ? rest : NULL;
	*ret_line = line;
	return line.reasons && *line.reasons &&
	       (!word || (strcmp(word, REMOVED) == 0 && rest));
}

/* Reads "--forward nat --weight 3". Returns 0, -EINVAL. */
static int attributes_parse(char *words, struct ipvsctl_server *server)
{
	int r = 0;

	server->removed = true;
	server->unchecked = true;
	while (r == 0 && words) {
		const char *name = strsep(&words, " ");
		const char *value = strsep(&words, " ");

		if (!value || strncmp(name, "--", 2) != 0)
			return -EINVAL;
		r = ipvsctl_server_set(server, name + 2, value, NULL);
	}
	server->unchecked = false;
	return r;
}

/* Tells whether the list has a reason of that name before end. */
static bool has_reason(const char *list, const char *end, const char *reason)
{
	while (list < end) {
		if (ipvsctl_reason_is(list, reason))
			return true;
		list += strcspn(list, ",") + 1;
	}
	return false;
}

/* Tells whether all reasons are valid; gets the lowest weight they leave. */
static bool reasons_parse(const char *reasons, uint32_t *ret_weight)
{
	char reason[IPVSCTL_REASON_MAX + 1];

	*ret_weight = UINT32_MAX;
	for (const char *rest = reasons; rest;) {
		const char *comma = strchrnul(rest, ',');
		size_t length = (size_t)(comma - rest);
		uint32_t weight;

		if (length >= sizeof(reason))
			return false;
		(void)memcpy(reason, rest, length);
		reason[length] = '\0';
		if (!hold_reason_parse(reason, &weight))
			return false;
		/* A reason given twice may have two weights: reject both. */
		if (has_reason(reasons, rest, reason))
			return false;
		*ret_weight = weight < *ret_weight ? weight : *ret_weight;
		rest = *comma ? comma + 1 : NULL;
	}
	return true;
}

/* Drops from the list of a hold that is set aside that the server is leaving: it
   has left with its service. Tells whether reasons are left. */
static bool drop_leaving(char *reasons)
{
	char *rest = reasons, *end = reasons;

	while (rest) {
		const char *reason = strsep(&rest, ",");
		const size_t length = strlen(reason);
		struct ipvsctl_leaving leaving;

		if (leaving_parse(reason, &leaving))
			continue;
		if (end != reasons)
			*end++ = ',';
		(void)memmove(end, reason, length + 1);
		end += length;
	}
	return end != reasons;
}

/* Gets the kernel's server that a line is about; adds a removed one, unless it
   is set aside. NULL: the line does not apply. Returns 0 or -ENOMEM. */
static int find_held(struct service_entry *entry,
		     const struct ipvsctl_server *wanted, bool aside,
		     struct ipvsctl_server **ret_server)
{
	struct ipvsctl_server *server = table_server(&entry->table, wanted);

	/* Another program put it back, deleted it or changed its weight. */
	if ((server && server->removed) ||
	    (wanted->removed ?
		     server || aside :
		     !server ||
			     ipvsctl_server_effective_weight(server) !=
				     ipvsctl_server_effective_weight(wanted))) {
		*ret_server = NULL;
		return 0;
	}
	if (!server && table_add_server(&entry->table, wanted) < 0)
		return -ENOMEM;
	server = table_server(&entry->table, wanted);
	server->weight = wanted->weight;
	server->removed = wanted->removed;
	*ret_server = server;
	return 0;
}

/* Holds the server of a line, whose reasons are valid. 0 or -ENOMEM. */
static int line_hold(struct ipvsctl_config *config,
		     const struct ipvsctl_service *service,
		     const struct ipvsctl_server *wanted,
		     const struct line *line)
{
	struct service_entry *entry = config_entry(config, service);
	const bool present = entry && table_server(&entry->table, wanted);
	struct ipvsctl_server *server = NULL;
	char *reasons = line->reasons;

	if (entry && find_held(entry, wanted, line->aside, &server) < 0)
		return -ENOMEM;
	if (!server && (!line->aside || present)) {
		config->holds.stale = true;
		return 0;
	}
	while (reasons) {
		const char *reason = strsep(&reasons, ",");

		if (hold_table_add_reason(&config->holds, service, wanted,
					  reason) < 0)
			return -ENOMEM;
	}
	if (server)
		hold_table_mark(&config->holds, service, server);
	if (line->aside && !server) {
		hold_table_find(&config->holds, service, wanted)->aside = true;
		config->holds.has_aside = true;
	}
	return 0;
}

/* Tells whether the line is about a service or server that was not loaded. A
   hold that is set aside may be for a service that does not exist. */
static bool is_other(const struct ipvsctl_config *config,
		     const struct ipvsctl_service *service,
		     const struct ipvsctl_server *server,
		     const struct line *line)
{
	if (!config->partial)
		return false;
	if (!config_entry(config, service))
		return !line->aside;
	return config->has_named && !table_server(&config->named, server);
}

/* Returns 0; 1 if the line's service or server was not loaded; -EINVAL for an
   invalid line; -ENOMEM. */
static int line_parse(struct ipvsctl_config *config, char *bytes)
{
	struct line line;
	struct ipvsctl_service service;
	struct ipvsctl_server server;
	uint32_t weight = 0, held_weight = 0;

	if (!line_split(bytes, &line) ||
	    !reasons_parse(line.reasons, &held_weight) ||
	    ipvsctl_service_parse(line.service, &service, NULL) < 0 ||
	    ipvsctl_server_parse(line.server, &service, &server, NULL) < 0 ||
	    number_parse(line.weight,
			 &(struct number_range){ "weight", 0, INT32_MAX },
			 &weight, NULL) < 0 ||
	    (line.removed && attributes_parse(line.removed, &server) < 0))
		return -EINVAL;
	if (is_other(config, &service, &server, &line))
		return 1;
	if (line.aside && (!drop_leaving(line.reasons) ||
			   !reasons_parse(line.reasons, &held_weight))) {
		config->holds.stale = true;
		return 0;
	}
	server.weight = weight;
	server.held = true;
	server.held_weight = held_weight;
	return line_hold(config, &service, &server, &line);
}

/* Joins the words of a line again and keeps the line. */
static void keep_other(struct text *others, char *line, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!line[i])
			line[i] = ' ';
	text_add_text(others, line);
	text_add_text(others, "\n");
}

/* Parses the lines in place. Returns 0 or -ENOMEM. */
static int lines_parse(struct ipvsctl_config *config, char *bytes,
		       size_t *ret_skipped)
{
	char *rest = bytes;
	char *line = strsep(&rest, "\n");
	bool known = strcmp(line, FIRST_LINE) == 0;
	size_t skipped = !known && *line;
	AUTO_TEXT struct text others = { 0 };

	while ((line = strsep(&rest, "\n"))) {
		const size_t length = strlen(line);
		int r = known ? 0 : -EINVAL;

		if (!*line)
			continue;
		if (!r)
			r = line_parse(config, line);
		if (r == -ENOMEM)
			return r;
		if (r > 0)
			keep_other(&others, line, length);
		skipped += r < 0;
	}
	*ret_skipped = skipped;
	return others.length || others.failed ?
		       text_take(&others, &config->holds.others) :
		       0;
}

int holds_parse(struct ipvsctl_config *config, const char *text, size_t length,
		size_t *ret_skipped, struct ipvsctl_error *err)
{
	char *copy = strndup(text, length);
	size_t skipped = 0;

	if (!copy)
		return fail_memory(err);
	int r = lines_parse(config, copy, &skipped);
	free(copy);
	if (r < 0)
		return fail_memory(err);
	if (ret_skipped)
		*ret_skipped = skipped;
	return 0;
}

int holds_set_text_aside(const char *text, char **ret_text)
{
	AUTO_TEXT struct text aside = { 0 };

	for (const char *line = text; *line;) {
		const size_t length = strcspn(line, "\n");

		if (line != text && length > 0 &&
		    strncmp(line, ASIDE, strlen(ASIDE)) != 0)
			text_add_text(&aside, ASIDE);
		text_add(&aside, "%.*s\n", (int)length, line);
		line += length + (line[length] == '\n');
	}
	return text_take(&aside, ret_text);
}
