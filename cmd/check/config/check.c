/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Makes a check of a command line. */
#include "check/config/check.h"

#include <arpa/nameser.h>

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "array.h"
#include "check/config/check-options.h"
#include "check/config/file-text.h"
#include "check/config/placeholder.h"
#include "check/config/reporter.h"
#include "check/config/standbys.h"
#include "check/config/values.h"
#include "fail.h"
#include "number.h"
#include "text.h"

/* ---- Freeing ------------------------------------------------------------- */

static void way_free(struct check_way *way)
{
	char *texts[] = { way->interface, way->path,	  way->method,
			  way->host,	  way->body,	  way->sha256,
			  way->ca_file,	  way->sni,	  way->certificate,
			  way->key,	  way->user,	  way->http_version,
			  way->dns_name,  way->data_file, way->weight_file };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		free(texts[i]);
	for (size_t i = 0; i < way->step_count; i++)
		free(way->steps[i].bytes.bytes);
	free(way->steps);
	free(way->data.bytes);
	array_free_texts(way->headers);
	array_free_texts(way->wanted_headers);
	array_free_texts(way->answers);
	array_free_texts(way->exec);
}

static void check_free(struct check *check)
{
	char *texts[] = { check->where,	     check->selected,
			  check->sorry,	     check->notify,
			  check->mail,	     check->mail_from,
			  check->smtp_url,   check->servers_file,
			  check->upstream,   check->withdraw,
			  check->maintenance };

	reporter_free(check->reporter);
	way_free(&check->way);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		free(texts[i]);
	free(check->selectors);
	for (size_t i = 0; i < check->backup_count; i++)
		free(check->backups[i].stand_in);
	free(check->backups);
	standbys_free(check);
	for (size_t i = 0; i < check->attribute_count; i++)
		free(check->attributes[i].word);
	free(check->attributes);
}

void checks_free(struct checks *checks)
{
	for (size_t i = 0; i < checks->count; i++)
		check_free(&checks->checks[i]);
	free(checks->checks);
	*checks = (struct checks){ 0 };
}

/* ---- Steps --------------------------------------------------------------- */

const struct check_bytes *check_step(const struct check_way *way, bool expects)
{
	for (size_t i = 0; i < way->step_count; i++)
		if (way->steps[i].expects == expects)
			return &way->steps[i].bytes;
	return NULL;
}

/* A datagram and its answer have no order. An empty datagram is a question. */
static int check_steps(const struct check_way *way, struct ipvsctl_error *err)
{
	size_t expected = 0;

	for (size_t i = 0; i < way->step_count; i++) {
		expected += way->steps[i].expects;
		if (way->kind != CHECK_UDP && way->steps[i].bytes.length == 0)
			return fail(err, -EINVAL, "--send: nothing is sent");
	}
	if (way->kind == CHECK_UDP &&
	    (expected > 1 || way->step_count - expected > 1))
		return fail(err, -EINVAL,
			    "--udp takes one --send and one --expect");
	return 0;
}

/* ---- Services ------------------------------------------------------------ */

/* "udp:192.0.2.1:50000:60000": the last part is the last port. */
static int parse_range(const char *text, struct check_selector *ret_selector)
{
	static const struct number_range ports = { "port", 1, UINT16_MAX };
	const char *colon = strrchr(text, ':');
	char first[IPVSCTL_IDENTITY_TEXT] = "";
	struct check_selector selector = { 0 };
	uint32_t last = 0;

	if (!colon || (size_t)(colon - text) >= sizeof(first))
		return -EINVAL;
	(void)memcpy(first, text, (size_t)(colon - text));
	if (ipvsctl_service_parse(first, &selector.service, NULL) < 0 ||
	    number_parse(colon + 1, &ports, &last, NULL) < 0 ||
	    selector.service.fwmark || last < selector.service.port)
		return -EINVAL;
	selector.last_port = (uint16_t)last;
	*ret_selector = selector;
	return 0;
}

static int parse_selector(const char *text, struct check_selector *ret_selector,
			  struct ipvsctl_error *err)
{
	*ret_selector = (struct check_selector){ 0 };
	if (strcmp(text, "all") == 0) {
		ret_selector->all = true;
		return 0;
	}
	if (parse_range(text, ret_selector) == 0)
		return 0;
	return ipvsctl_service_parse(text, &ret_selector->service, err);
}

static bool selector_fits(const struct check_selector *selector,
			  const struct ipvsctl_service *service)
{
	struct ipvsctl_service first;

	if (selector->all)
		return true;
	if (!selector->last_port)
		return !ipvsctl_service_compare(&selector->service, service);
	if (service->fwmark || service->port < selector->service.port ||
	    service->port > selector->last_port)
		return false;
	first = *service;
	first.port = selector->service.port;
	return !ipvsctl_service_compare(&selector->service, &first);
}

bool check_selects(const struct check *check,
		   const struct ipvsctl_service *service)
{
	for (size_t i = 0; i < check->selector_count; i++)
		if (selector_fits(&check->selectors[i], service))
			return true;
	return false;
}

bool check_has_in_range(const struct check *check,
			const struct ipvsctl_service *service)
{
	for (size_t i = 0; i < check->selector_count; i++)
		if (check->selectors[i].last_port &&
		    selector_fits(&check->selectors[i], service))
			return true;
	return false;
}

/* Skips what it cannot parse; returns the number of selectors. */
static size_t parse_selected(char *text, struct check_selector *selectors)
{
	char *rest = NULL;
	size_t count = 0;

	for (const char *word = strtok_r(text, ",", &rest); word;
	     word = strtok_r(NULL, ",", &rest))
		if (parse_selector(word, &selectors[count], NULL) == 0)
			count++;
	return count;
}

int check_parse_selected(const char *selected, struct check *ret_check)
{
	char *copy = strdup(selected);
	struct check_selector *selectors;
	size_t count = 1;

	for (const char *c = selected; *c; c++)
		count += *c == ',';
	selectors = calloc(count, sizeof(*selectors));

	if (copy && selectors) {
		ret_check->selector_count = parse_selected(copy, selectors);
		ret_check->selectors = selectors;
	} else {
		free(selectors);
	}
	free(copy);
	return ret_check->selectors ? 0 : -ENOMEM;
}

static int compare_selectors(const void *a, const void *b)
{
	const struct check_selector *one = a, *other = b;

	if (one->all != other->all)
		return one->all ? -1 : 1;
	return ipvsctl_service_compare(&one->service, &other->service);
}

/* Writes the library's spelling, not the user's. */
static void format_selector(FILE *stream, const struct check_selector *selector)
{
	char text[IPVSCTL_IDENTITY_TEXT] = "all";

	if (!selector->all)
		(void)ipvsctl_service_format(&selector->service, text);
	(void)fputs(text, stream);
	if (selector->last_port)
		(void)fprintf(stream, ":%u", selector->last_port);
}

static int format_selectors(const struct check *check, char **ret_selected)
{
	struct text written = { 0 };
	FILE *stream = text_open(&written);

	if (!stream)
		return -ENOMEM;
	for (size_t i = 0; i < check->selector_count; i++) {
		(void)fputs(i > 0 ? "," : "", stream);
		format_selector(stream, &check->selectors[i]);
	}
	return text_close(stream, &written, ret_selected, NULL);
}

static int set_selectors(struct check *check, const struct command *line,
			 struct ipvsctl_error *err)
{
	check->selectors =
		calloc(line->argument_count + 1, sizeof(*check->selectors));
	if (!check->selectors)
		return fail_memory(err);
	for (size_t i = 0; i < line->argument_count; i++) {
		const char *text = line->arguments[i];
		int r = parse_selector(text, &check->selectors[i], err);

		if (r < 0)
			return fail_about(err, r, "%s", text);
		check->selector_count++;
	}
	qsort(check->selectors, check->selector_count,
	      sizeof(*check->selectors), compare_selectors);
	if (format_selectors(check, &check->selected) < 0)
		return fail_memory(err);
	return 0;
}

/* ---- Options ------------------------------------------------------------- */

/* Keeps attributes as text: their servers are not known yet. */
static int keep_attribute(struct check *check,
			  const struct command_value *value,
			  struct ipvsctl_error *err)
{
	struct command_value *grown =
		reallocarray(check->attributes, check->attribute_count + 1,
			     sizeof(*grown));
	struct ipvsctl_server scratch = { 0 };
	char *copy = NULL;
	int r = ipvsctl_server_set(&scratch, value->name, value->value, err);

	if (grown)
		check->attributes = grown;
	if (r < 0)
		return r;
	if (!grown || (value->value && !(copy = strdup(value->value))))
		return fail_memory(err);
	grown[check->attribute_count++] = (struct command_value){
		.name = value->name, .word = copy, .value = copy
	};
	return 0;
}

static int set_options(struct check *check, const struct command *line,
		       struct ipvsctl_error *err)
{
	for (size_t i = 0; i < line->value_count; i++) {
		const struct command_value *value = &line->values[i];
		int r = value->attribute ? keep_attribute(check, value, err) :
					   option_set(check, value->name,
						      value->value, err);

		if (r < 0)
			return err->subject[0] ?
				       r :
				       fail_about(err, r, "--%s", value->name);
	}
	return 0;
}

/* Words after "--" are the program's arguments. */
static int set_words(struct check *check, const struct command *line,
		     struct ipvsctl_error *err)
{
	int r = 0;

	if (line->word_count > 0 && check->way.kind != CHECK_EXEC)
		return fail(err, -EINVAL, "words after -- are only for --exec");
	for (size_t i = 0; r == 0 && i < line->word_count; i++)
		r = value_append(line->words[i], &check->way.exec, err);
	check->way.tells_service =
		r == 0 && ((check->way.exec &&
			    placeholder_tells_service(check->way.exec + 1)) ||
			   reporter_tells_service(&check->way));
	return r;
}

/* "tcp-7880", "exec-check_media", "ping". */
static void set_default_name(struct check *check)
{
	const struct check_way *way = &check->way;
	const char *kind = check_kind_name(way->kind);
	const char *slash = way->exec ? strrchr(way->exec[0], '/') : NULL;

	if (check->name[0])
		return;
	if (slash)
		(void)snprintf(check->name, CHECK_NAME_SIZE, "%s-%.30s", kind,
			       slash + 1);
	else if (way->port)
		(void)snprintf(check->name, CHECK_NAME_SIZE, "%s-%u", kind,
			       way->port);
	else
		(void)snprintf(check->name, CHECK_NAME_SIZE, "%s", kind);
	for (char *c = check->name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_.", *c))
			*c = '_';
}

static int set_defaults(struct check *check, struct ipvsctl_error *err)
{
	struct check_way *way = &check->way;
	bool http = way->kind == CHECK_HTTP || way->kind == CHECK_HTTPS;
	int r = 0;

	if (way->kind == CHECK_DNS && !way->port)
		way->port = 53;
	if (way->kind == CHECK_DNS && !way->dns_type)
		way->dns_type = ns_t_a;
	if (http && !way->path)
		r = value_copy("/", &way->path, err);
	if (http && way->status_count == 0)
		way->statuses[way->status_count++] =
			(struct check_range){ 200, 299 };
	standbys_set_defaults(check);
	set_default_name(check);
	return r < 0 ? r : reporter_new(check, err);
}

/* Tells whether there is exactly one VIP to probe. */
static bool is_one_vip(const struct check *check)
{
	const struct check_selector *selector = &check->selectors[0];

	return check->selector_count == 1 && !selector->all &&
	       !selector->last_port &&
	       (!selector->service.fwmark ||
		check->way.vip.family == selector->service.address.family);
}

/* Checks the options against each other. */
static int check_whole(const struct check *check, const struct command *line,
		       struct ipvsctl_error *err)
{
	const struct check_way *way = &check->way;

	if (way->kind == CHECK_KINDS)
		return fail(err, -EINVAL,
			    "no probe is given: use --tcp, --tls, "
			    "--http, --https, --udp, --dns, --smtp, "
			    "--ping or --exec");
	for (size_t i = 0; i < line->value_count; i++)
		if (!option_fits(line->values[i].name, way->kind))
			return fail(err, -EINVAL, "--%s does not go with --%s",
				    line->values[i].name,
				    check_kind_name(way->kind));
	if (check_steps(way, err) < 0)
		return -EINVAL;
	if (way->via_vip && way->mark)
		return fail(err, -EINVAL,
			    "--via-vip chooses the mark itself: leave "
			    "out --mark");
	if (way->via_vip && !is_one_vip(check))
		return fail(err, -EINVAL,
			    "--via-vip needs exactly one service, and --vip if "
			    "that is a mark");
	/* Each redirect makes a connection, and libcurl only says when. */
	if (way->proxy_protocol != CHECK_PROXY_NONE && way->follow)
		return fail(err, -EINVAL,
			    "--follow does not go with --proxy-protocol");
	if (check->upstream && !check->servers_file)
		return fail(err, -EINVAL, "--upstream needs --servers");
	if (check->maintenance && !check->withdraw)
		return fail(err, -EINVAL, "--maintenance needs --withdraw");
	if (way->data_file && way->method &&
	    (!strcmp(way->method, "GET") || !strcmp(way->method, "HEAD")))
		return fail(err, -EINVAL,
			    "--data-file does not go with --method %s",
			    way->method);
	if (!way->certificate != !way->key)
		return fail(err, -EINVAL, "--cert and --key go together");
	if (check->attribute_count > 0 && !check->servers_file &&
	    !check->sorry && check->backup_count == 0 &&
	    check->standby_ranks == 0)
		return fail(err, -EINVAL,
			    "--%s is for servers that a check adds: give "
			    "--servers, --sorry, --backup or --standby",
			    check->attributes[0].name);
	if (reporter_check(way, err) < 0)
		return -EINVAL;
	return standbys_check(check, err);
}

static int check_fill(struct check *check, const struct command *line,
		      struct ipvsctl_error *err)
{
	int r;

	*check = (struct check){
		.way = { .kind = CHECK_KINDS, .timeout_us = 3000000 },
		.fall = 3,
		.rise = 2,
		.cut_after_us = CHECK_CUT_AFTER_US,
	};
	r = set_selectors(check, line, err);
	if (r == 0)
		r = set_options(check, line, err);
	if (r == 0)
		r = check_whole(check, line, err);
	if (r == 0)
		r = set_words(check, line, err);
	return r < 0 ? r : set_defaults(check, err);
}

/* Reads the file of --data-file: the confined process cannot. */
static int read_data(struct command *command, struct check_way *way)
{
	struct file_text file = { 0 };
	int r;

	if (!way->data_file)
		return 0;
	r = file_text_read(command, way->data_file, true, &file);
	if (r < 0)
		return r;
	way->data = (struct check_bytes){ (uint8_t *)file.text, file.length };
	if (file.length > CHECK_DATA)
		return command_fail(command, -EINVAL, way->data_file,
				    "is larger than %d bytes", CHECK_DATA);
	return 0;
}

int check_add(struct command *command, const struct command *line,
	      const char *where, struct checks *checks)
{
	struct check *grown = array_grow(checks->checks, &checks->capacity,
					 checks->count + 1, sizeof(*grown));
	struct check check = { 0 };
	int r;

	if (!grown)
		return command_no_memory(command);
	checks->checks = grown;
	r = check_fill(&check, line, &command->err);
	if (r == 0)
		r = read_data(command, &check.way);
	if (r == 0 && where)
		r = value_copy(where, &check.where, &command->err);
	if (r < 0) {
		check_free(&check);
		return r;
	}
	check.from_file = where != NULL;
	grown[checks->count++] = check;
	return 0;
}
