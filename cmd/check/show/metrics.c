/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Results of checks, for node_exporter's textfile collector. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "check/pool/weigh.h"
#include "check/show/metrics.h"
#include "common/file.h"
#include "output/render.h"
#include "text.h"

#define SUFFIX ".prom"

/* Writes the value of a member; false: it has none. */
typedef bool (*value_fn)(const struct member *member, char text[32]);

static bool up_value(const struct member *member, char text[32])
{
	static const int values[] = {
		[ROW_NEW] = -1,
		[ROW_UP] = 1,
		[ROW_DOWN] = 0,
	};

	(void)snprintf(text, 32, "%d",
		       values[member->row ? member->row->state : ROW_NEW]);
	return true;
}

static bool duration_value(const struct member *member, char text[32])
{
	uint32_t latency_us = member->row ? member->row->latency_us : 0;

	(void)snprintf(text, 32, "%u.%06u", latency_us / 1000000,
		       latency_us % 1000000);
	return latency_us > 0;
}

static bool last_value(const struct member *member, char text[32])
{
	int64_t last = member->row ? member->row->last : 0;

	if (last == 0)
		return false;
	(void)snprintf(text, 32, "%lld", (long long)state_wall(last));
	return true;
}

static bool transitions_value(const struct member *member, char text[32])
{
	(void)snprintf(text, 32, "%u",
		       member->row ? member->row->transitions : 0);
	return true;
}

static bool weight_value(const struct member *member, char text[32])
{
	(void)snprintf(text, 32, "%u", member->server.weight);
	return true;
}

static bool effective_value(const struct member *member, char text[32])
{
	(void)snprintf(text, 32, "%u", member->weight);
	return true;
}

static bool said_value(const struct member *member, char text[32])
{
	if (!weigh_holds(member->row))
		return false;
	(void)snprintf(text, 32, "%u",
		       weigh_reported(member->row, member->server.weight));
	return true;
}

static bool slow_value(const struct member *member, char text[32])
{
	const int64_t left = member->row ? state_slow_left(member->row) : 0;

	(void)snprintf(text, 32, "%lld.%03lld", (long long)left / 1000,
		       (long long)left % 1000);
	return left > 0;
}

static bool removed_value(const struct member *member, char text[32])
{
	(void)snprintf(text, 32, "%d", member->removed);
	return member->rank == 0;
}

static bool kept_value(const struct member *member, char text[32])
{
	(void)snprintf(text, 32, "%d", member->kept);
	return member->rank == 0;
}

static bool rank_value(const struct member *member, char text[32])
{
	(void)snprintf(text, 32, "%u", member->rank);
	return member->rank > 0;
}

static bool serving_value(const struct member *member, char text[32])
{
	(void)snprintf(text, 32, "%d", member->serving);
	return member->rank > 0;
}

static const struct metric {
	const char *name, *type, *help;
	value_fn value;
} metrics[] = {
	{ "lbctl_check_up", "gauge",
	  "Whether the check has the server as up: 1, 0, or -1 for not known yet.",
	  up_value },
	{ "lbctl_check_duration_seconds", "gauge",
	  "How long the last probe took that was answered.", duration_value },
	{ "lbctl_check_last_run_timestamp_seconds", "gauge",
	  "When the last probe began, in seconds since the epoch.", last_value },
	{ "lbctl_check_transitions_total", "counter",
	  "How many times the server went up or down.", transitions_value },
	{ "lbctl_server_wanted_weight", "gauge",
	  "The weight of the server while it is not drained.", weight_value },
	{ "lbctl_server_effective_weight", "gauge",
	  "The weight of the server in the kernel.", effective_value },
	{ "lbctl_check_weight", "gauge",
	  "The weight that the server, its program or a file reports.",
	  said_value },
	{ "lbctl_check_slow_start_seconds_left", "gauge",
	  "How long the slow start still takes, in which the weight is less.",
	  slow_value },
	{ "lbctl_server_removed", "gauge",
	  "Whether the server is taken out of its service for being down.",
	  removed_value },
	{ "lbctl_server_kept", "gauge",
	  "Whether the server is down but kept in its service.", kept_value },
	{ "lbctl_standby_rank", "gauge", "The rank of a standby, from 1.",
	  rank_value },
	{ "lbctl_standby_in_service", "gauge",
	  "Whether the standby is in the service for lack of other servers.",
	  serving_value },
};

/* name includes the text before it. */
static void put_label(FILE *stream, const char *name, const char *value)
{
	(void)fprintf(stream, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			(void)fputc('\\', stream);
		if (*value == '\n')
			(void)fputs("\\n", stream);
		else
			(void)fputc(*value, stream);
	}
	(void)fputc('"', stream);
}

static void put_port(FILE *stream, const char *name, uint16_t port)
{
	char text[RENDER_NUMBER];

	(void)render_number(text, port);
	put_label(stream, name, text);
}

/* Labels a service as node_exporter does, so that metrics can be joined. */
static void put_service(FILE *stream, const struct ipvsctl_service *service)
{
	char address[IPVSCTL_ADDRESS_TEXT] = "", mark[16] = "", proto[8];

	(void)snprintf(proto, sizeof(proto), "%s",
		       service->fwmark ?
			       "fwm" :
			       ipvsctl_protocol_name(service->protocol));
	for (char *letter = proto; *letter; letter++)
		*letter = (char)toupper((unsigned char)*letter);
	if (service->fwmark)
		(void)snprintf(mark, sizeof(mark), "%08X", service->fwmark);
	else
		(void)ipvsctl_address_format(&service->address, address);
	put_label(stream, "{local_address", address);
	put_port(stream, ",local_port", service->fwmark ? 0 : service->port);
	put_label(stream, ",proto", proto);
	put_label(stream, ",local_mark", mark);
}

static void put_sample(FILE *stream, const struct metric *metric,
		       const struct member *member)
{
	char address[IPVSCTL_ADDRESS_TEXT], value[32];

	if (!metric->value(member, value))
		return;
	(void)fputs(metric->name, stream);
	put_service(stream, member->service);
	put_label(stream, ",remote_address",
		  ipvsctl_address_format(&member->server.address, address));
	put_port(stream, ",remote_port", member->server.port);
	put_label(stream, ",check", member->check->name);
	(void)fprintf(stream, "} %s\n", value);
}

/* Writes how many servers each watched service has up. */
static void put_services(FILE *stream, const struct members *members,
			 const struct watched_list *watched)
{
	static const char name[] = "lbctl_check_servers_up";

	(void)fprintf(stream,
		      "# HELP %s How many servers of the service the check has "
		      "as up.\n# TYPE %s gauge\n",
		      name, name);
	for (size_t i = 0; i < watched->count; i++) {
		const struct watched *one = &watched->list[i];
		size_t up = 0;

		for (size_t j = one->first; j < one->first + one->count; j++)
			up += members->list[j].row &&
			      members->list[j].row->state == ROW_UP;
		(void)fputs(name, stream);
		put_service(stream, &one->service);
		put_label(stream, ",check", one->check->name);
		(void)fprintf(stream, "} %zu\n", up);
	}
}

/* Writes whether each check has its VIP withdrawn; a check's services are side by
   side. */
static void put_vips(FILE *stream, const struct watched_list *watched)
{
	static const char name[] = "lbctl_vip_withdrawn";
	const struct check *last = NULL;

	(void)fprintf(stream,
		      "# HELP %s Whether the check has the VIP withdrawn.\n"
		      "# TYPE %s gauge\n",
		      name, name);
	for (size_t i = 0; i < watched->count; i++) {
		const struct watched *one = &watched->list[i];

		if (one->check == last || !one->check->withdraw)
			continue;
		last = one->check;
		(void)fputs(name, stream);
		put_label(stream, "{vip", one->check->withdraw);
		put_label(stream, ",check", one->check->name);
		(void)fprintf(stream, "} %d\n", one->withdrawn);
	}
}

/* Free *ret_text. Returns 0 or -ENOMEM. */
static int format_metrics(const struct members *members,
			  const struct watched_list *watched, char **ret_text)
{
	struct text written = { 0 };
	FILE *stream = text_open(&written);

	if (!stream)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(metrics); i++) {
		const struct metric *metric = &metrics[i];

		(void)fprintf(stream, "# HELP %s %s\n# TYPE %s %s\n",
			      metric->name, metric->help, metric->name,
			      metric->type);
		for (size_t j = 0; j < members->count; j++)
			put_sample(stream, metric, &members->list[j]);
	}
	put_services(stream, members, watched);
	put_vips(stream, watched);
	return text_close(stream, &written, ret_text, NULL);
}

int metrics_write(struct command *command, const char *path,
		  const struct members *members,
		  const struct watched_list *watched)
{
	size_t length = strlen(path);
	AUTO_FREE char *text = NULL;

	if (length <= strlen(SUFFIX) ||
	    strcmp(path + length - strlen(SUFFIX), SUFFIX) != 0)
		return command_fail(command, -EINVAL, path,
				    "the name must end in " SUFFIX
				    ", or node_exporter ignores it");
	if (format_metrics(members, watched, &text) < 0)
		return command_no_memory(command);
	return file_replace(command, path, text, REPLACE_KEEP);
}
