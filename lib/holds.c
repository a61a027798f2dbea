/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Holds in memory, and the text that keeps them beside the kernel's state. */
#include <ctype.h>
#include <string.h>

#include "array.h"
#include "attribute.h"
#include "error.h"
#include "holds.h"
#include "object.h"
#include "text.h"

#define FIRST_LINE "lbctl-holds 1"
#define REMOVED	   "removed"

/* ---- The table --------------------------------------------------------- */

static bool same_hold(const void *array, size_t position, const void *identity)
{
	const struct hold *hold = (const struct hold *)array + position;
	const struct hold *wanted = identity;

	return !ipvsctl_service_compare(&hold->service, &wanted->service) &&
	       !ipvsctl_server_compare(&hold->server, &wanted->server);
}

static uint32_t hash_of(const struct hold *hold)
{
	return server_hash(service_hash(INDEX_HASH_START, &hold->service),
			   &hold->server);
}

static uint32_t hash_hold(const void *array, size_t position)
{
	return hash_of((const struct hold *)array + position);
}

static void hold_free(struct hold *hold)
{
	for (size_t i = 0; i < hold->reason_count; i++)
		free(hold->reasons[i]);
	free(hold->reasons);
	*hold = (struct hold){ 0 };
}

void holds_free(struct hold_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		hold_free(&table->holds[i]);
	free(table->holds);
	index_free(&table->index);
	*table = (struct hold_table){ 0 };
}

/* Adds one that is not in the table; takes its reasons on success. */
static int table_add(struct hold_table *table, const struct hold *hold)
{
	struct hold *grown = array_grow(table->holds, &table->capacity,
					table->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	table->holds = grown;
	grown[table->count] = *hold;
	if (index_add(&table->index, hash_of(hold), table->count, grown,
		      hash_hold) < 0)
		return -ENOMEM;
	table->count++;
	return 0;
}

/* The last one takes its place. */
static void table_remove(struct hold_table *table, struct hold *hold)
{
	struct hold *last = &table->holds[table->count - 1];
	size_t position = (size_t)(hold - table->holds);

	index_remove(&table->index, hash_of(hold), position, table->holds,
		     hash_hold);
	if (hold != last)
		index_move(&table->index, hash_of(last), table->count - 1,
			   position);
	hold_free(hold);
	if (hold != last)
		*hold = *last;
	table->count--;
}

static struct hold *table_find(const struct hold_table *table,
			       const struct ipvsctl_service *service,
			       const struct ipvsctl_server *server)
{
	const struct hold wanted = { .service = *service, .server = *server };
	size_t position;

	if (!table->count)
		return NULL;
	position = index_find(&table->index, hash_of(&wanted), table->holds,
			      same_hold, &wanted);
	return position == SIZE_MAX ? NULL : &table->holds[position];
}

void holds_drop(struct hold_table *table, const struct ipvsctl_service *service,
		const struct ipvsctl_server *server)
{
	struct hold *only = server ? table_find(table, service, server) : NULL;
	size_t kept = 0;

	if (only)
		table_remove(table, only);
	if (server)
		return;
	for (size_t i = 0; i < table->count; i++) {
		struct hold *hold = &table->holds[i];

		if (!ipvsctl_service_compare(&hold->service, service))
			hold_free(hold);
		else
			table->holds[kept++] = *hold;
	}
	if (kept == table->count)
		return;
	table->count = kept;
	index_rebuild(&table->index, table->holds, kept, hash_hold);
}

struct hold *config_hold(const struct ipvsctl_config *config,
			 const struct ipvsctl_service *service,
			 const struct ipvsctl_server *server)
{
	return table_find(&config->holds, service, server);
}

/* ---- Reasons ----------------------------------------------------------- */

static size_t reason_position(const struct hold *hold, const char *reason)
{
	for (size_t i = 0; hold && i < hold->reason_count; i++)
		if (!strcmp(hold->reasons[i], reason))
			return i;
	return SIZE_MAX;
}

static bool reason_is_valid(const char *reason)
{
	size_t length = strlen(reason);

	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)reason[i]) &&
		    !strchr("-_.:", reason[i]))
			return false;
	return length && length <= IPVSCTL_REASON_MAX;
}

static int reason_add(struct hold *hold, const char *reason)
{
	char **grown = reallocarray(hold->reasons, hold->reason_count + 1,
				    sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	hold->reasons = grown;
	grown[hold->reason_count] = strdup(reason);
	if (!grown[hold->reason_count])
		return -ENOMEM;
	hold->reason_count++;
	return 0;
}

const char *holds_extra_reason(const struct hold *a, const struct hold *b)
{
	for (size_t i = 0; a && i < a->reason_count; i++)
		if (reason_position(b, a->reasons[i]) == SIZE_MAX)
			return a->reasons[i];
	return NULL;
}

bool holds_equal(const struct hold *a, const struct hold *b)
{
	return !holds_extra_reason(a, b) && !holds_extra_reason(b, a);
}

int holds_copy(const struct hold_table *from, struct hold_table *to)
{
	for (size_t i = 0; i < from->count; i++) {
		struct hold copy = from->holds[i];
		int r = 0;

		copy.reasons = NULL;
		copy.reason_count = 0;
		for (size_t j = 0; !r && j < from->holds[i].reason_count; j++)
			r = reason_add(&copy, from->holds[i].reasons[j]);
		if (r || table_add(to, &copy) < 0) {
			hold_free(&copy);
			return -ENOMEM;
		}
	}
	return 0;
}

/* ---- Holding and releasing --------------------------------------------- */

/* Adds a reason to the hold on a server, which may be new. 0 or -ENOMEM. */
static int hold_server(struct ipvsctl_config *config,
		       const struct ipvsctl_service *service,
		       const struct ipvsctl_server *server, const char *reason)
{
	struct hold *hold = config_hold(config, service, server);
	struct hold fresh = { .service = *service,
			      .server = *server,
			      .weight = server->weight };

	if (hold)
		return reason_position(hold, reason) == SIZE_MAX ?
			       reason_add(hold, reason) :
			       0;
	if (reason_add(&fresh, reason) < 0 ||
	    table_add(&config->holds, &fresh) < 0) {
		hold_free(&fresh);
		return -ENOMEM;
	}
	return 0;
}

/* Adds what from has of a hold. Returns 0 or -ENOMEM. */
static int merge_hold(struct ipvsctl_config *config,
		      const struct ipvsctl_config *from,
		      const struct hold *hold)
{
	const struct ipvsctl_server *server =
		ipvsctl_config_find_server(from, &hold->service, &hold->server);
	struct hold *merged;

	if (!server)
		server = &hold->server;
	for (size_t i = 0; i < hold->reason_count; i++)
		if (hold_server(config, &hold->service, server,
				hold->reasons[i]) < 0)
			return -ENOMEM;
	merged = config_hold(config, &hold->service, server);
	if (merged)
		merged->was_removed = server->removed;
	return 0;
}

int holds_merge(struct ipvsctl_config *config, const struct ipvsctl_config *from)
{
	for (size_t i = 0; i < from->holds.count; i++)
		if (merge_hold(config, from, &from->holds.holds[i]) < 0)
			return -ENOMEM;
	return 0;
}

static bool is_removed(const struct ipvsctl_config *config,
		       const struct hold *hold)
{
	const struct ipvsctl_server *server =
		ipvsctl_config_find_server(config, &hold->service,
					   &hold->server);

	return server && server->removed;
}

int holds_adopt(struct ipvsctl_config *config, const struct ipvsctl_config *from)
{
	for (size_t i = 0; i < from->holds.count; i++) {
		const struct hold *hold = &from->holds.holds[i];
		struct ipvsctl_server *server =
			config_server(config, &hold->service, &hold->server,
				      NULL);

		for (size_t j = 0; server && j < hold->reason_count; j++) {
			if (hold_server(config, &hold->service, server,
					hold->reasons[j]) < 0)
				return -ENOMEM;
			server->held = true;
		}
		if (server)
			server->removed = is_removed(from, hold);
	}
	return 0;
}

API int ipvsctl_config_hold(struct ipvsctl_config *config,
			    const struct ipvsctl_service *service,
			    const struct ipvsctl_server *server,
			    const char *reason, struct ipvsctl_error *err)
{
	struct ipvsctl_server *found;

	if (!reason_is_valid(reason))
		return fail(err, -EINVAL,
			    "reason '%.64s' is not 1 to %d letters, digits and "
			    "'-_.:'",
			    reason, IPVSCTL_REASON_MAX);
	found = config_server(config, service, server, err);
	if (!found)
		return -ENOENT;
	if (hold_server(config, service, found, reason) < 0)
		return fail_memory(err);
	found->held = true;
	return 0;
}

API int ipvsctl_config_remove_server(struct ipvsctl_config *config,
				     const struct ipvsctl_service *service,
				     const struct ipvsctl_server *server,
				     const char *reason,
				     struct ipvsctl_error *err)
{
	int r = ipvsctl_config_hold(config, service, server, reason, err);
	struct ipvsctl_server *found =
		r < 0 ? NULL : config_server(config, service, server, err);

	if (found)
		found->removed = true;
	return r;
}

API int ipvsctl_config_release(struct ipvsctl_config *config,
			       const struct ipvsctl_service *service,
			       const struct ipvsctl_server *server,
			       const char *reason, struct ipvsctl_error *err)
{
	char text[IPVSCTL_IDENTITY_TEXT];
	struct ipvsctl_server *found =
		config_server(config, service, server, err);

	if (!found)
		return -ENOENT;
	struct hold *hold = config_hold(config, service, found);
	size_t position = reason && hold ? reason_position(hold, reason) : 0;
	if (!hold || position == SIZE_MAX) {
		int r = reason ? fail(err, -ENOENT,
				      "the server is not held for '%.64s'",
				      reason) :
				 fail(err, -ENOENT, "the server is not held");

		return fail_about(err, r, "%s",
				  ipvsctl_server_format(found, text));
	}
	if (!reason || hold->reason_count == 1) {
		found->held = false;
		found->removed = false;
		holds_drop(&config->holds, service, found);
		return 0;
	}
	free(hold->reasons[position]);
	hold->reason_count--;
	(void)memmove(&hold->reasons[position], &hold->reasons[position + 1],
		      (hold->reason_count - position) * sizeof(char *));
	return 0;
}

API const char *ipvsctl_config_next_reason(const struct ipvsctl_config *config,
					   const struct ipvsctl_service *service,
					   const struct ipvsctl_server *server,
					   const char *prev)
{
	const struct hold *hold = config_hold(config, service, server);
	size_t next = 0;

	if (!hold)
		return NULL;
	if (prev)
		next = reason_position(hold, prev) + 1;
	return next < hold->reason_count ? hold->reasons[next] : NULL;
}

/* ---- As text ----------------------------------------------------------- */

/* Of a removed server nobody else knows the attributes. */
static void add_removed(struct text *text, const struct ipvsctl_server *server)
{
	const struct ipvsctl_server reference = server_default(server);

	text_add_text(text, " " REMOVED);
	attribute_line(text, &server_attribute_table, server, &reference, true);
}

int holds_format(const struct ipvsctl_config *config, char **ret_text)
{
	AUTO_TEXT struct text text = { 0 };

	if (config->holds.count > 0)
		text_add(&text, FIRST_LINE "\n");
	for (size_t i = 0; i < config->holds.count; i++) {
		const struct hold *hold = &config->holds.holds[i];
		const struct ipvsctl_server *server =
			ipvsctl_config_find_server(config, &hold->service,
						   &hold->server);
		char service_text[IPVSCTL_IDENTITY_TEXT];
		char server_text[IPVSCTL_IDENTITY_TEXT];

		text_add(&text, "%s %s %u ",
			 ipvsctl_service_format(&hold->service, service_text),
			 ipvsctl_server_format(&hold->server, server_text),
			 server ? server->weight : hold->weight);
		for (size_t j = 0; j < hold->reason_count; j++)
			text_add(&text, "%s%s", j ? "," : "", hold->reasons[j]);
		if (!server)
			server = &hold->server;
		if (server->removed || hold->was_removed)
			add_removed(&text, server);
		text_add(&text, "\n");
	}
	return text_take(&text, ret_text);
}

/* One line, cut into words; nothing is known of them yet. */
struct line {
	char *service;
	char *server;
	char *weight;
	char *reasons;
	char *removed; /* attributes of a removed server, or NULL */
};

static bool line_split(char *bytes, struct line *ret_line)
{
	char *rest = bytes;
	struct line line = { .service = strsep(&rest, " "),
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

static bool reasons_are_valid(const char *reasons)
{
	char reason[IPVSCTL_REASON_MAX + 1];

	for (const char *rest = reasons; rest;) {
		const char *comma = strchrnul(rest, ',');
		size_t length = (size_t)(comma - rest);

		if (length >= sizeof(reason))
			return false;
		(void)memcpy(reason, rest, length);
		reason[length] = '\0';
		if (!reason_is_valid(reason))
			return false;
		rest = *comma ? comma + 1 : NULL;
	}
	return true;
}

/* The kernel's server that a line is about, or a removed one, which is added;
   NULL: the line is stale. Returns 0 or -ENOMEM. */
static int find_held(struct service_entry *entry,
		     const struct ipvsctl_server *wanted,
		     struct ipvsctl_server **ret_server)
{
	struct ipvsctl_server *server = table_server(&entry->table, wanted);

	/* Somebody has put it back, or given it a weight. */
	if (wanted->removed ? server != NULL :
			      !server || (server->weight && !server->held)) {
		*ret_server = NULL;
		return 0;
	}
	if (!server && config_add_server(entry, wanted) < 0)
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
		     const struct ipvsctl_server *wanted, char *reasons)
{
	struct service_entry *entry = config_entry(config, service);
	struct ipvsctl_server *server = NULL;

	if (entry && find_held(entry, wanted, &server) < 0)
		return -ENOMEM;
	if (entry ? !server : !config->partial) {
		config->holds.stale = true;
		return 0;
	}
	while (reasons) {
		const char *reason = strsep(&reasons, ",");

		if (hold_server(config, service, wanted, reason) < 0)
			return -ENOMEM;
		if (server)
			server->held = true;
	}
	return 0;
}

/* Returns 0, -EINVAL for a line that makes no sense, -ENOMEM. */
static int line_parse(struct ipvsctl_config *config, char *bytes)
{
	struct line line;
	struct ipvsctl_service service;
	struct ipvsctl_server server;
	uint32_t weight = 0;

	if (!line_split(bytes, &line) || !reasons_are_valid(line.reasons) ||
	    ipvsctl_service_parse(line.service, &service, NULL) < 0 ||
	    ipvsctl_server_parse(line.server, &service, &server, NULL) < 0 ||
	    ipvsctl_number_parse(line.weight,
				 &(struct ipvsctl_range){ "weight", 0,
							  INT32_MAX },
				 &weight, NULL) < 0 ||
	    (line.removed && attributes_parse(line.removed, &server) < 0))
		return -EINVAL;
	server.weight = weight;
	return line_hold(config, &service, &server, line.reasons);
}

/* Takes the lines apart where they lie. Returns 0 or -ENOMEM. */
static int lines_parse(struct ipvsctl_config *config, char *bytes,
		       size_t *ret_skipped)
{
	char *rest = bytes;
	char *line = strsep(&rest, "\n");
	bool known = strcmp(line, FIRST_LINE) == 0;
	size_t skipped = !known && *line;

	while ((line = strsep(&rest, "\n"))) {
		int r = known ? 0 : -EINVAL;

		if (!*line)
			continue;
		if (!r)
			r = line_parse(config, line);
		if (r == -ENOMEM)
			return r;
		skipped += r < 0;
	}
	*ret_skipped = skipped;
	return 0;
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
