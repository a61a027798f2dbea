/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Shows what the last runs have found, from the state alone. */
#include "check/show/show-checks.h"

#include <errno.h>
#include <string.h>

#include "check/config/told.h"
#include "check/state/state.h"
#include "common/own-netns.h"
#include "output/output.h"
#include "output/render.h"

#define AGE_SIZE 24

/* "3s", "2m13s", "5h02m", "3d04h"; "-" for never. */
static const char *format_age(int64_t now, int64_t then, char text[AGE_SIZE])
{
	long long seconds = (now - then) / 1000;

	if (then <= 0 || seconds < 0)
		(void)snprintf(text, AGE_SIZE, "-");
	else if (seconds < 60)
		(void)snprintf(text, AGE_SIZE, "%llds", seconds);
	else if (seconds < 3600)
		(void)snprintf(text, AGE_SIZE, "%lldm%02llds", seconds / 60,
			       seconds % 60);
	else if (seconds < 86400)
		(void)snprintf(text, AGE_SIZE, "%lldh%02lldm", seconds / 3600,
			       seconds / 60 % 60);
	else
		(void)snprintf(text, AGE_SIZE, "%lldd%02lldh", seconds / 86400,
			       seconds / 3600 % 24);
	return text;
}

/* "10.0.0.1:80", or without a port if the kind has none. */
static const char *format_target(const struct state_row *row,
				 char text[IPVSCTL_IDENTITY_TEXT])
{
	const struct ipvsctl_server server = { .address = row->address,
					       .port = row->port };

	if (row->port)
		return ipvsctl_server_format(&server, text);
	return ipvsctl_address_format(&row->address, text);
}

/* Writes the service that the program gets. */
static const char *format_told(const struct state_row *row,
			       char text[IPVSCTL_IDENTITY_TEXT])
{
	const struct ipvsctl_service service = told_service(&row->told);

	return ipvsctl_service_format(&service, text);
}

/* ---- Text ---------------------------------------------------------------- */

static int row_cells(struct render_table *table,
		     const struct state_check *check,
		     const struct state_row *row, int64_t now)
{
	char target[IPVSCTL_IDENTITY_TEXT], state[32], since[AGE_SIZE];
	char last[AGE_SIZE], latency[32] = "", weight[RENDER_NUMBER] = "";
	char service[IPVSCTL_IDENTITY_TEXT], standby[32] = "";
	char slow[32] = "";
	const char *cells[] = {
		check->name,
		row->told.address.family ? format_told(row, service) :
					   check->selected,
		format_target(row, target),
		state_text(check, row, state),
		format_age(now, row->since, since),
		format_age(now, row->last, last),
		latency,
		weight,
		standby,
		slow,
		row->said,
		row->message,
	};

	if (state_slow_left(row))
		(void)snprintf(slow, sizeof(slow), "%llds left",
			       (long long)(state_slow_left(row) + 999) / 1000);
	if (row->rank)
		(void)snprintf(standby, sizeof(standby), "%u, %s", row->rank,
			       row->serving ? "in service" : "not in");
	if (row->drained)
		(void)snprintf(weight, sizeof(weight), "0");
	else if (row->weighed)
		(void)snprintf(weight, sizeof(weight), "%u%s", row->weight,
			       row->percent ? "%" : "");
	if (row->latency_us)
		(void)snprintf(latency, sizeof(latency), "%.1fms",
			       (double)row->latency_us / 1000);
	return render_table_row(table, cells);
}

static int print_rows(const struct command *command, const struct state *state)
{
	static const struct render_column columns[] = {
		{ .name = "CHECK" },
		{ .name = "SERVICES" },
		{ .name = "SERVER" },
		{ .name = "STATE" },
		{ .name = "SINCE", .right = true },
		{ .name = "PROBED", .right = true },
		{ .name = "LATENCY", .right = true },
		{ .name = "WEIGHT", .right = true, .optional = true },
		{ .name = "STANDBY", .optional = true },
		{ .name = "SLOW START", .right = true, .optional = true },
		{ .name = "REPORT", .optional = true },
		{ .name = "WHY", .optional = true },
		{ 0 },
	};
	AUTO_TABLE struct render_table *table = NULL;
	int64_t now = state_now();
	int r = render_table_new(columns, &table);

	for (size_t i = 0; r == 0 && i < state->check_count; i++) {
		const struct state_check *check = &state->checks[i];

		if (!state_is_wanted(command, check->name))
			continue;
		for (size_t j = 0; r == 0 && j < check->count; j++)
			r = row_cells(table, check, &check->rows[j], now);
	}
	return r < 0 ? r : render_table_print(stdout, table);
}

/* Prints the servers and quorums that checks have changed. */
static int print_servers(const struct state *state)
{
	static const struct render_column columns[] = {
		{ .name = "SERVICE" }, { .name = "SERVER" },
		{ .name = "IS" },      { .name = "SINCE", .right = true },
		{ .name = "BY" },      { 0 },
	};
	AUTO_TABLE struct render_table *table = NULL;
	int64_t now = state_now();
	int r = render_table_new(columns, &table);

	for (size_t i = 0; r == 0 && i < state->server_count; i++) {
		const struct state_server *one = &state->servers[i];
		char service[IPVSCTL_IDENTITY_TEXT], since[AGE_SIZE];
		char server[IPVSCTL_IDENTITY_TEXT] = "-";
		const char *cells[] = {
			ipvsctl_service_format(&one->service, service),
			server,
			state_role_text(one->role),
			format_age(now, one->since, since),
			one->reasons && one->reasons[0] ? one->reasons[0] :
							  one->name,
		};

		if (one->role < STATE_QUORUM)
			(void)ipvsctl_server_format(&one->server, server);
		r = render_table_row(table, cells);
	}
	return r < 0 ? r : render_table_print(stdout, table);
}

static int print_sysctls(const struct state *state)
{
	const char *gap = "\n";
	char line[128];
	int r = 0;

	for (int i = 0; r == 0 && i < STATE_SYSCTLS; i++) {
		if (!state->sysctl_set[i])
			continue;
		(void)snprintf(line, sizeof(line),
			       "%snet.ipv4.vs.%s=1 is set by checks\n", gap,
			       state_sysctl_name((enum state_sysctl)i));
		r = output_write(stdout, line, strlen(line));
		gap = "";
	}
	return r;
}

static int print_vips(const struct command *command, const struct state *state)
{
	const char *gap = "\n";
	char line[128];
	int r = 0;

	for (size_t i = 0; r == 0 && i < state->check_count; i++) {
		const struct state_check *check = &state->checks[i];

		if (!check->withdrawn || !state_is_wanted(command, check->name))
			continue;
		(void)snprintf(line, sizeof(line),
			       "%sVIP %s is withdrawn by %s\n", gap, check->vip,
			       check->name);
		r = output_write(stdout, line, strlen(line));
		gap = "";
	}
	return r;
}

static int print_text(const struct command *command, const struct state *state)
{
	int r = print_rows(command, state);

	if (r == 0 && state->server_count > 0)
		r = output_write(stdout, "\n", 1);
	if (r == 0 && state->server_count > 0)
		r = print_servers(state);
	if (r == 0)
		r = print_vips(command, state);
	return r < 0 ? r : print_sysctls(state);
}

/* ---- JSON ---------------------------------------------------------------- */

static json_t *time_json(int64_t since_boot)
{
	return since_boot > 0 ? json_integer(state_wall(since_boot)) :
				json_null();
}

/* Returns the reported weight, if it is of that unit. */
static json_t *number_json(const struct state_row *row, bool percent)
{
	return row->weighed && row->percent == percent ?
		       json_integer(row->weight) :
		       json_null();
}

static json_t *row_json(const struct state_row *row)
{
	static const char *const words[] = { "new", "up", "down" };
	static const char *const verdicts[] = { "unknown", "up", "down" };
	char target[IPVSCTL_IDENTITY_TEXT], service[IPVSCTL_IDENTITY_TEXT];

	return render_pack(
		"{s:s, s:s?, s:s, s:b, s:s, s:i, s:o, s:o, s:f, s:o, s:i, s:i, "
		"s:b, s:s, s:o, s:b, s:b, s:s, s:o}",
		"server", format_target(row, target), "service",
		row->told.address.family ? format_told(row, service) : NULL,
		"state", words[row->state], "kept", row->kept, "last_verdict",
		verdicts[row->verdict], "streak", (int)row->streak, "since",
		time_json(row->since), "last_probe", time_json(row->last),
		"latency_seconds", (double)row->latency_us / 1e6, "weight",
		row->drained ? json_integer(0) : number_json(row, false),
		"transitions", (int)row->transitions, "rank", (int)row->rank,
		"in_service", row->rank == 0 || row->serving, "message",
		row->message, "weight_percent",
		row->drained ? json_null() : number_json(row, true),
		"reported_drain", row->drained, "reported_down", row->told_down,
		"report", row->said, "slow_start_seconds_left",
		state_slow_left(row) ?
			json_real((double)state_slow_left(row) / 1e3) :
			json_null());
}

static json_t *check_json(const struct state_check *check)
{
	json_t *servers = json_array();

	for (size_t i = 0; i < check->count; i++)
		render_append(&servers, row_json(&check->rows[i]));
	return render_pack("{s:s, s:s, s:o, s:i, s:i, s:b, s:s?, s:b, s:o}",
			   "name", check->name, "services", check->selected,
			   "last_run", time_json(check->last), "fall",
			   (int)check->fall, "rise", (int)check->rise,
			   "from_file", check->from_file, "vip", check->vip,
			   "vip_withdrawn", check->withdrawn, "servers",
			   servers);
}

static json_t *reasons_json(const struct state_server *one)
{
	json_t *reasons = json_array();

	for (size_t i = 0; one->reasons && one->reasons[i]; i++)
		render_append(&reasons, json_string(one->reasons[i]));
	return reasons;
}

static json_t *server_json(const struct state_server *one)
{
	char service[IPVSCTL_IDENTITY_TEXT], server[IPVSCTL_IDENTITY_TEXT];
	AUTO_JSON json_t *object =
		render_pack("{s:s, s:s, s:s, s:o, s:o}", "service",
			    ipvsctl_service_format(&one->service, service),
			    "is", state_role_text(one->role), "check",
			    one->name, "since", time_json(one->since),
			    "reasons", reasons_json(one));

	if (one->role < STATE_QUORUM &&
	    json_object_set_new(object, "server",
				json_string(ipvsctl_server_format(&one->server,
								  server))) < 0)
		return NULL;
	return TAKE_PTR(object);
}

static json_t *sysctl_json(enum state_sysctl number)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "net.ipv4.vs.%s",
		       state_sysctl_name(number));
	return render_pack("{s:s, s:i, s:i}", "name", name, "value", 1,
			   "before", 0);
}

static int print_json(const struct command *command, const struct state *state)
{
	json_t *checks = json_array(), *servers = json_array();
	json_t *sysctls = json_array();

	for (size_t i = 0; i < state->check_count; i++)
		if (state_is_wanted(command, state->checks[i].name))
			render_append(&checks, check_json(&state->checks[i]));
	for (size_t i = 0; i < state->server_count; i++)
		render_append(&servers, server_json(&state->servers[i]));
	for (int i = 0; i < STATE_SYSCTLS; i++)
		if (state->sysctl_set[i])
			render_append(&sysctls,
				      sysctl_json((enum state_sysctl)i));
	return output_json(stdout, render_pack("{s:i, s:o, s:o, s:o}", "version",
					       1, "checks", checks, "servers",
					       servers, "sysctls", sysctls));
}

/* ---- The verb ------------------------------------------------------------ */

static bool any_quorum_lost(const struct command *command,
			    const struct state *state)
{
	for (size_t i = 0; i < state->server_count; i++)
		if (state->servers[i].role == STATE_QUORUM &&
		    state_is_wanted(command, state->servers[i].name))
			return true;
	return false;
}

static bool all_up(const struct command *command, const struct state *state)
{
	for (size_t i = 0; i < state->check_count; i++) {
		const struct state_check *check = &state->checks[i];

		for (size_t j = 0; j < check->count; j++)
			if (state_is_wanted(command, check->name) &&
			    check->rows[j].state == ROW_DOWN)
				return false;
	}
	return !any_quorum_lost(command, state);
}

int check_show(struct command *command)
{
	AUTO_STATE struct state state = { 0 };
	int r = own_netns_enter(command);

	if (r == 0)
		r = state_load(command, true, &state);
	if (r == 0)
		r = state_find_wanted(command, &state, 1);
	if (r != 0)
		return r;
	r = command->json ? print_json(command, &state) :
			    print_text(command, &state);
	if (r < 0)
		return command_output_failed(command, r);
	if (command_has(command, "lost"))
		return any_quorum_lost(command, &state);
	return all_up(command, &state) ? 0 : 1;
}
