/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The state as text, a line each:
 *
 *	lbctl-check 1
 *	server ROLE NAME SINCE REASONS svc add-server SERVICE SERVER ...
 *	quorum NAME SINCE SERVICE
 *	probe NAME SINCE SERVICE
 *	sysctl NAME
 *	check NAME SELECTED FROM-FILE LAST FALL RISE
 *	known SELECTED
 *	vip WITHDRAWN VIP
 *	row ADDRESS PORT STATE VERDICT STREAK SINCE LAST LATENCY TRANSITIONS CHANGED
 *		[WHY]
 *	told SERVICE
 *	weight WEIGHT [percent]
 *	said SOURCE DRAINED DOWN TURNED TEXT
 *	slow-start SINCE MILLISECONDS
 *	asked WHEN
 *	standby RANK SERVING
 *
 * "row", "known" and "vip" belong to the check before them, "told", "weight",
 * "said", "slow-start", "asked" and "standby" to the row before them. REASONS of a
 * leaving server are "guest" unless its file has dropped it. "sysctl" names one that
 * a check has set to 1.
 */
#include <errno.h>
#include <string.h>

#include "array.h"
#include "check/config/told.h"
#include "check/state/state.h"
#include "text.h"

#define FIRST_LINE "lbctl-check 1"
#define GUEST	   "guest"
#define PERCENT	   "percent"

static const char *const roles[STATE_ROLES] = {
	[STATE_REMOVED] = "removed", [STATE_STAND_IN] = "stand-in",
	[STATE_SORRY] = "sorry",     [STATE_STANDBY] = "standby",
	[STATE_LEAVING] = "leaving", [STATE_QUORUM] = "quorum",
	[STATE_PROBE] = "probe",
};

static const char *const sysctls[STATE_SYSCTLS] = {
	[STATE_EXPIRE_NODEST_CONN] = "expire_nodest_conn",
	[STATE_EXPIRE_QUIESCENT_TEMPLATE] = "expire_quiescent_template",
};

const char *state_sysctl_name(enum state_sysctl number)
{
	return sysctls[number];
}

const char *state_role_text(enum state_role role)
{
	return roles[role];
}

/* ---- Words --------------------------------------------------------------- */

/* Takes the next word off a line; "" if there is none. */
static char *word(char **line)
{
	char *start = *line;
	char *blank = strchr(start, ' ');

	if (blank) {
		*blank = '\0';
		*line = blank + 1;
	} else {
		*line = start + strlen(start);
	}
	return start;
}

static bool take_number(char **line, int64_t max, int64_t *ret_number)
{
	const char *text = word(line);
	const long long number = strtoll(text, NULL, 10);

	if (!*text || text[strspn(text, "0123456789")] || number > max)
		return false;
	*ret_number = number;
	return true;
}

static bool take_name(char **line, char name[CHECK_NAME_SIZE])
{
	const char *text = word(line);
	size_t length = strlen(text);

	if (length == 0 || length >= CHECK_NAME_SIZE)
		return false;
	(void)memcpy(name, text, length + 1);
	return true;
}

/* ---- Reading ------------------------------------------------------------- */

struct reader {
	struct state *state;
	size_t check; /* position of the check of these rows */
	bool has_check;
	struct state_row *rows; /* of that check, not added yet */
	size_t count, capacity;
	const char *what; /* the first word of the line */
};

/* Reads a line. Returns 0, -EINVAL if it is malformed, or -ENOMEM. */
typedef int (*line_fn)(struct reader *reader, char *line);

static int end_check(struct reader *reader)
{
	int r = 0;

	if (reader->has_check)
		r = state_add_rows(&reader->state->checks[reader->check],
				   reader->rows, reader->count);
	reader->count = 0;
	reader->has_check = false;
	return r;
}

static int read_check(struct reader *reader, char *line)
{
	int64_t from_file, last, fall, rise;
	char name[CHECK_NAME_SIZE];
	struct state_check *check;
	const char *selected;

	if (end_check(reader) < 0)
		return -ENOMEM;
	if (!take_name(&line, name) || !*(selected = word(&line)) ||
	    !take_number(&line, 1, &from_file) ||
	    !take_number(&line, INT64_MAX / 2, &last) ||
	    !take_number(&line, UINT32_MAX, &fall) ||
	    !take_number(&line, UINT32_MAX, &rise))
		return -EINVAL;
	check = state_need(reader->state, name, selected);
	if (!check)
		return -ENOMEM;
	check->from_file = from_file != 0;
	check->last = last;
	check->fall = (uint32_t)fall;
	check->rise = (uint32_t)rise;
	reader->check = (size_t)(check - reader->state->checks);
	reader->has_check = true;
	return 0;
}

static int read_known(struct reader *reader, char *line)
{
	struct state_check *check;

	if (!reader->has_check || !*line || strchr(line, ' '))
		return -EINVAL;
	check = &reader->state->checks[reader->check];
	free(check->known);
	check->known = strdup(line);
	return check->known ? 0 : -ENOMEM;
}

static int read_vip(struct reader *reader, char *line)
{
	struct state_check *check;
	struct ipvsctl_vip vip;
	int64_t withdrawn;

	if (!reader->has_check || !take_number(&line, 1, &withdrawn) ||
	    ipvsctl_vip_parse(line, &vip, NULL) < 0)
		return -EINVAL;
	check = &reader->state->checks[reader->check];
	free(check->vip);
	check->vip = strdup(line);
	check->withdrawn = withdrawn != 0;
	return check->vip ? 0 : -ENOMEM;
}

static int keep_row(struct reader *reader, const struct state_row *row)
{
	struct state_row *grown = array_grow(reader->rows, &reader->capacity,
					     reader->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	reader->rows = grown;
	reader->rows[reader->count++] = *row;
	return 0;
}

static int read_row(struct reader *reader, char *line)
{
	int64_t port, state, verdict, streak, latency, transitions, changed;
	struct state_row row = { 0 };

	if (!reader->has_check ||
	    ipvsctl_address_parse(word(&line), &row.address, NULL) < 0 ||
	    !take_number(&line, UINT16_MAX, &port) ||
	    !take_number(&line, ROW_DOWN, &state) ||
	    !take_number(&line, PROBE_DOWN, &verdict) ||
	    !take_number(&line, UINT32_MAX, &streak) ||
	    !take_number(&line, INT64_MAX / 2, &row.since) ||
	    !take_number(&line, INT64_MAX / 2, &row.last) ||
	    !take_number(&line, UINT32_MAX, &latency) ||
	    !take_number(&line, UINT32_MAX, &transitions) ||
	    !take_number(&line, 1, &changed))
		return -EINVAL;
	row.port = (uint16_t)port;
	row.state = (uint8_t)state;
	row.verdict = (uint8_t)verdict;
	row.streak = (uint32_t)streak;
	row.latency_us = (uint32_t)latency;
	row.transitions = (uint32_t)transitions;
	row.changed = changed != 0;
	(void)snprintf(row.message, sizeof(row.message), "%s", line);
	return keep_row(reader, &row);
}

static struct state_row *last_row(struct reader *reader)
{
	return reader->has_check && reader->count > 0 ?
		       &reader->rows[reader->count - 1] :
		       NULL;
}

static int read_told(struct reader *reader, char *line)
{
	struct state_row *row = last_row(reader);
	struct ipvsctl_service service;

	if (!row || ipvsctl_service_parse(line, &service, NULL) < 0)
		return -EINVAL;
	row->told = told_of(&service);
	return 0;
}

static int read_weight(struct reader *reader, char *line)
{
	struct state_row *row = last_row(reader);
	int64_t weight;

	if (!row || !take_number(&line, INT32_MAX, &weight) ||
	    (*line &&
	     (strcmp(line, PERCENT) != 0 || weight > REPORT_PERCENT_MAX)))
		return -EINVAL;
	row->weighed = true;
	row->percent = *line;
	row->weight = (uint32_t)weight;
	return 0;
}

static int read_said(struct reader *reader, char *line)
{
	struct state_row *row = last_row(reader);
	int64_t source, drained, down, turned;

	if (!row || !take_number(&line, CHECK_WEIGHT_FROM_FILE, &source) ||
	    !take_number(&line, 1, &drained) || !take_number(&line, 1, &down) ||
	    !take_number(&line, 1, &turned))
		return -EINVAL;
	row->source = (uint8_t)source;
	row->drained = drained != 0;
	row->told_down = down != 0;
	row->turned = turned != 0;
	(void)snprintf(row->said, sizeof(row->said), "%s", line);
	return 0;
}

static int read_slow_start(struct reader *reader, char *line)
{
	struct state_row *row = last_row(reader);
	int64_t since, milliseconds;

	if (!row || !take_number(&line, INT64_MAX / 2, &since) ||
	    !take_number(&line, UINT32_MAX, &milliseconds))
		return -EINVAL;
	row->slow_since = since;
	row->slow_ms = (uint32_t)milliseconds;
	return 0;
}

static int read_asked(struct reader *reader, char *line)
{
	struct state_row *row = last_row(reader);
	int64_t asked;

	if (!row || !take_number(&line, INT64_MAX / 2, &asked))
		return -EINVAL;
	row->asked = asked;
	return 0;
}

static int read_standby(struct reader *reader, char *line)
{
	struct state_row *row = last_row(reader);
	int64_t rank, serving;

	if (!row || !take_number(&line, UINT8_MAX, &rank) || rank == 0 ||
	    !take_number(&line, 1, &serving))
		return -EINVAL;
	row->rank = (uint8_t)rank;
	row->serving = serving != 0;
	return 0;
}

static int read_kept(struct reader *reader, char *line)
{
	struct state_row *row = last_row(reader);

	if (!row || *line)
		return -EINVAL;
	row->kept = true;
	return 0;
}

/* Parses "check:a,check:b" to a list; "-" is none. */
static int read_reasons(char *text, char ***reasons)
{
	char *rest = NULL;
	int r = 0;

	if (strcmp(text, "-") == 0)
		return 0;
	for (char *reason = strtok_r(text, ",", &rest); r == 0 && reason;
	     reason = strtok_r(NULL, ",", &rest))
		r = state_add_reason(reasons, reason);
	return r;
}

/* Reads the server of a ruleset line by the library's parser. */
static int read_server_line(const char *service, const char *line,
			    struct state_server *server)
{
	AUTO_CONFIG struct ipvsctl_config *from = NULL;
	AUTO_CONFIG struct ipvsctl_config *to = NULL;
	struct ipvsctl_ruleset *ruleset = NULL;
	const struct ipvsctl_server *found = NULL;
	AUTO_FREE char *text = NULL;
	int length =
		asprintf(&text, "svc add %s --unchecked\n%s\n", service, line);
	int r = -ENOMEM;

	if (length < 0)
		return -ENOMEM;
	if (ipvsctl_config_new(&from, NULL) == 0 &&
	    ipvsctl_ruleset_new(&ruleset, NULL) == 0)
		r = ipvsctl_ruleset_add(ruleset, "state", text, (size_t)length,
					NULL);
	if (r == 0)
		r = ipvsctl_ruleset_run(ruleset, from, &to, NULL);
	if (r == 0)
		found = ipvsctl_config_next_server(to, &server->service, NULL);
	if (found)
		server->server = *found;
	ipvsctl_ruleset_free(ruleset);
	return r == 0 && !found ? -EINVAL : r;
}

/* Returns the role of that name, or STATE_ROLES. */
static enum state_role role_of(const char *name)
{
	int role = 0;

	while (role < STATE_ROLES && strcmp(roles[role], name) != 0)
		role++;
	return (enum state_role)role;
}

static int read_server(struct reader *reader, char *line)
{
	struct state_server server = { .role = role_of(word(&line)) };
	char *reasons, *rest, service[IPVSCTL_IDENTITY_TEXT];
	int r;

	if (server.role >= STATE_QUORUM || !take_name(&line, server.name) ||
	    !take_number(&line, INT64_MAX / 2, &server.since) ||
	    !*(reasons = word(&line)))
		return -EINVAL;
	rest = line;
	if (strncmp(rest, "svc add-server ", 15) != 0)
		return -EINVAL;
	(void)snprintf(service, sizeof(service), "%.*s",
		       (int)strcspn(rest + 15, " "), rest + 15);
	if (ipvsctl_service_parse(service, &server.service, NULL) < 0)
		return -EINVAL;
	r = read_server_line(service, rest, &server);
	server.guest = strcmp(reasons, GUEST) == 0;
	if (r == 0 && !server.guest)
		r = read_reasons(reasons, &server.reasons);
	if (r == 0)
		r = state_add_server(reader->state, &server);
	if (r < 0)
		state_server_clear(&server);
	return r;
}

static int read_service(struct reader *reader, char *line)
{
	struct state_server server = { .role = role_of(reader->what) };

	if (!take_name(&line, server.name) ||
	    !take_number(&line, INT64_MAX / 2, &server.since) ||
	    ipvsctl_service_parse(line, &server.service, NULL) < 0)
		return -EINVAL;
	return state_add_server(reader->state, &server);
}

static int read_sysctl(struct reader *reader, char *line)
{
	for (size_t i = 0; i < STATE_SYSCTLS; i++)
		if (strcmp(sysctls[i], line) == 0) {
			reader->state->sysctl_set[i] = true;
			return 0;
		}
	return -EINVAL;
}

static int read_line(struct reader *reader, char *line)
{
	static const struct {
		const char *name;
		line_fn read;
	} lines[] = {
		{ "check", read_check },
		{ "known", read_known },
		{ "row", read_row },
		{ "server", read_server },
		{ "quorum", read_service },
		{ "probe", read_service },
		{ "sysctl", read_sysctl },
		{ "told", read_told },
		{ "weight", read_weight },
		{ "standby", read_standby },
		{ "kept", read_kept },
		{ "vip", read_vip },
		{ "said", read_said },
		{ "asked", read_asked },
		{ "slow-start", read_slow_start },
	};
	reader->what = word(&line);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (strcmp(lines[i].name, reader->what) == 0)
			return lines[i].read(reader, line);
	return -EINVAL;
}

static int read_lines(struct reader *reader, char *text)
{
	char *next;

	for (char *line = text; line && *line; line = next) {
		int r;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		/* A line without a newline was cut off. */
		r = next ? read_line(reader, line) : -EINVAL;
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			reader->state->damaged = true;
	}
	return end_check(reader);
}

static int read_text(struct state *state, char *text, size_t length)
{
	struct reader reader = { .state = state };
	int r = 0;

	state->damaged = strlen(text) != length;
	if (strncmp(text, FIRST_LINE "\n", strlen(FIRST_LINE) + 1) == 0)
		r = read_lines(&reader, text + strlen(FIRST_LINE) + 1);
	else
		state->damaged = state->damaged || length > 0;
	free(reader.rows);
	return r;
}

int state_parse(const char *text, size_t length, struct state *ret_state)
{
	AUTO_STATE struct state state = { 0 };
	char *copy = strndup(text, length);
	int r = copy ? read_text(&state, copy, length) : -ENOMEM;

	free(copy);
	if (r < 0)
		return r;
	*ret_state = state;
	state = (struct state){ 0 };
	return 0;
}

/* ---- Writing ------------------------------------------------------------- */

static void write_rows(FILE *stream, const struct state_check *check)
{
	char address[IPVSCTL_ADDRESS_TEXT];

	for (size_t i = 0; i < check->count; i++) {
		const struct state_row *row = &check->rows[i];

		(void)fprintf(stream,
			      "row %s %u %u %u %u %lld %lld %u %u %d%s%s\n",
			      ipvsctl_address_format(&row->address, address),
			      row->port, row->state, row->verdict, row->streak,
			      (long long)row->since, (long long)row->last,
			      row->latency_us, row->transitions, row->changed,
			      row->message[0] ? " " : "", row->message);
		if (row->told.address.family) {
			const struct ipvsctl_service service =
				told_service(&row->told);
			char text[IPVSCTL_IDENTITY_TEXT];

			(void)fprintf(stream, "told %s\n",
				      ipvsctl_service_format(&service, text));
		}
		if (row->weighed)
			(void)fprintf(stream, "weight %u%s\n", row->weight,
				      row->percent ? " " PERCENT : "");
		if (row->said[0] || row->drained || row->told_down)
			(void)fprintf(stream, "said %u %d %d %d %s\n",
				      row->source, row->drained, row->told_down,
				      row->turned, row->said);
		if (row->slow_since)
			(void)fprintf(stream, "slow-start %lld %u\n",
				      (long long)row->slow_since, row->slow_ms);
		if (row->asked)
			(void)fprintf(stream, "asked %lld\n",
				      (long long)row->asked);
		if (row->rank)
			(void)fprintf(stream, "standby %u %d\n", row->rank,
				      row->serving);
		if (row->kept)
			(void)fprintf(stream, "kept\n");
	}
}

static int write_server(FILE *stream, const struct state_server *server)
{
	char service[IPVSCTL_IDENTITY_TEXT];
	AUTO_FREE char *line = NULL;

	if (server->role >= STATE_QUORUM) {
		(void)fprintf(stream, "%s %s %lld %s\n", roles[server->role],
			      server->name, (long long)server->since,
			      ipvsctl_service_format(&server->service, service));
		return 0;
	}
	if (ipvsctl_server_line(&server->service, &server->server, &line,
				NULL) < 0)
		return -ENOMEM;
	(void)fprintf(stream, "server %s %s %lld ", roles[server->role],
		      server->name[0] ? server->name : "-",
		      (long long)server->since);
	for (size_t i = 0; server->reasons && server->reasons[i]; i++)
		(void)fprintf(stream, "%s%s", i ? "," : "", server->reasons[i]);
	if (!server->reasons || !server->reasons[0])
		(void)fputs(server->guest ? GUEST : "-", stream);
	(void)fprintf(stream, " %s\n", line);
	return 0;
}

int state_format(const struct state *state, char **ret_text, size_t *ret_length)
{
	struct text written = { 0 };
	FILE *stream = text_open(&written);

	if (!stream)
		return -ENOMEM;
	(void)fprintf(stream, FIRST_LINE "\n");
	/* Write first what cannot be found again, in case the end is lost. */
	for (size_t i = 0; i < STATE_SYSCTLS; i++)
		if (state->sysctl_set[i])
			(void)fprintf(stream, "sysctl %s\n", sysctls[i]);
	for (size_t i = 0; i < state->server_count; i++)
		if (write_server(stream, &state->servers[i]) < 0)
			written.failed = true;
	for (size_t i = 0; i < state->check_count; i++) {
		const struct state_check *check = &state->checks[i];

		(void)fprintf(stream, "check %s %s %d %lld %u %u\n",
			      check->name, check->selected, check->from_file,
			      (long long)check->last, check->fall, check->rise);
		if (check->known)
			(void)fprintf(stream, "known %s\n", check->known);
		if (check->vip)
			(void)fprintf(stream, "vip %d %s\n", check->withdrawn,
				      check->vip);
		write_rows(stream, check);
	}
	return text_close(stream, &written, ret_text, ret_length);
}
