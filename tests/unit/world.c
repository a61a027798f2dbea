/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Runs of checks with a configuration in memory for a kernel. */
#include "world.h"

#include <errno.h>
#include <string.h>

#include "check/pool/effect.h"
#include "check/pool/guest.h"
#include "check/pool/pool.h"
#include "check/pool/standby.h"
#include "check/pool/verdict.h"
#include "check/pool/weigh.h"
#include "check/tell/news.h"
#include "given.h"
#include "model/holds.h"

void open_world(struct world *world, const char *const *config,
		const char *const *checks)
{
	*world = (struct world){ .kernel = given_config(config),
				 .checks = given_checks(checks),
				 .older = 1000 };
}

void close_world(struct world *world)
{
	ipvsctl_config_free(world->kernel);
	checks_free(&world->checks);
	free(world->state);
}

/* The checks are others from now on. */
void change_checks(struct world *world, const char *const *checks)
{
	checks_free(&world->checks);
	world->checks = given_checks(checks);
}

/* ---- Texts ---- */

/* "10.0.0.1=5(admin,check:web)"; the port only where it is not the service's. */
static void describe_server(FILE *stream, const struct ipvsctl_config *config,
			    const struct ipvsctl_service *service,
			    const struct ipvsctl_server *server)
{
	char text[IPVSCTL_IDENTITY_TEXT];
	const char *reason = NULL;
	bool first = true;

	(void)fprintf(stream, " %s=%u",
		      server->port == service->port ?
			      ipvsctl_address_format(&server->address, text) :
			      ipvsctl_server_format(server, text),
		      server->weight);
	while ((reason = ipvsctl_config_next_reason(config, service, server,
						    reason))) {
		(void)fprintf(stream, "%s%s", first ? "(" : ",", reason);
		first = false;
	}
	if (!first)
		(void)fputc(')', stream);
	assert_int_equal(server->held, !first);
}

/* "fwmark:1 10.0.0.1=5 10.0.0.2=6", a line a service. */
char *describe(const struct ipvsctl_config *config)
{
	struct ipvsctl_config *sorted = NULL;
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);

	assert_non_null(stream);
	assert_int_equal(ipvsctl_config_copy(config, &sorted, NULL), 0);
	ipvsctl_config_sort(sorted);
	ipvsctl_for_each_service(sorted, service) {
		char name[IPVSCTL_IDENTITY_TEXT];

		(void)fprintf(stream, "%s%s", ftell(stream) ? "\n" : "",
			      ipvsctl_service_format(service, name));
		ipvsctl_for_each_server(sorted, service, server)
			describe_server(stream, sorted, service, server);
	}
	assert_int_equal(fclose(stream), 0);
	ipvsctl_config_free(sorted);
	return text;
}

/* ---- Runs ---- */

static void read_state(struct world *world, struct run *run)
{
	struct state *state = &run->state;

	if (world->state)
		assert_int_equal(state_parse(world->state, strlen(world->state),
					     state),
				 0);
	assert_false(state->damaged);
	for (size_t i = 0; i < state->server_count; i++)
		state->servers[i].since -= world->older;
}

static void read_lists(struct world *world, struct run *run)
{
	struct ipvsctl_error err = { 0 };

	run->lists = calloc(world->checks.count + 1, sizeof(*run->lists));
	assert_non_null(run->lists);
	for (size_t i = 0; i < world->checks.count; i++) {
		struct server_file file = { .name = "list" };

		if (i >= ARRAY_SIZE(world->lists) || !world->lists[i])
			continue;
		file.text = strdup(world->lists[i]);
		assert_non_null(file.text);
		file.length = strlen(file.text);
		assert_int_equal(server_list_parse(&file, &run->lists[i], &err),
				 0);
		free(file.text);
	}
}

void open_run(struct world *world, struct command *command, struct run *run)
{
	*command = (struct command){ .program = &checking_program };
	*run = (struct run){ .command = command,
			     .checks = &world->checks,
			     .unsaved.code = world->unsaved ? -EIO : 0,
			     .told = true };
	assert_int_equal(ipvsctl_config_copy(world->kernel, &command->from,
					     NULL),
			 0);
	assert_int_equal(ipvsctl_config_copy(world->kernel, &command->to, NULL),
			 0);
	read_state(world, run);
	read_lists(world, run);
	assert_int_equal(standby_read_all(run), 0);
}

void take_verdicts(struct run *run, verdict_fn verdict, void *data)
{
	int64_t now = state_now();

	for (size_t i = 0; i < run->members.count; i++) {
		const struct member *member = &run->members.list[i];

		if (!member->row || !member->row->seen)
			continue;
		member->row->seen = false;
		verdict_step(member->check, member->row, verdict(member, data),
			     !member->removed, now);
	}
}

/* The kernel as a run has left it that could not write its holds: they explain
   what they explained before. */
static struct ipvsctl_config *reread(const struct command *command)
{
	struct ipvsctl_config *kernel;
	char *text;

	assert_int_equal(ipvsctl_config_new(&kernel, NULL), 0);
	ipvsctl_for_each_service(command->to, service) {

		assert_int_equal(ipvsctl_config_add_service(kernel, service,
							    NULL),
				 0);
		ipvsctl_for_each_server(command->to, service, server) {
			struct ipvsctl_server plain = *server;

			plain.weight = ipvsctl_server_effective_weight(server);
			assert_int_equal(ipvsctl_config_add_server(
						 kernel, service, &plain, NULL),
					 0);
		}
	}
	assert_int_equal(holds_format(command->from, &text), 0);
	assert_int_equal(holds_parse(kernel, text, strlen(text), NULL, NULL), 0);
	free(text);
	return kernel;
}

/* What it did is what the kernel has, and what it knows is kept. */
void close_run(struct world *world, struct command *command, struct run *run)
{
	size_t length = 0, used = 0;

	if (!world->killed) {
		ipvsctl_config_free(world->kernel);
		world->kernel = world->unsaved ? reread(command) :
						 TAKE_PTR(command->to);
		(void)state_drop_applied(&run->state);
	}
	free(world->state);
	/* What has been carried out is told. */
	for (size_t i = 0; i < run->state.check_count; i++)
		for (size_t j = 0; j < run->state.checks[i].count; j++) {
			struct state_row *row = &run->state.checks[i].rows[j];

			row->changed = row->turned = false;
		}
	for (size_t i = 0; i < run->state.server_count; i++)
		if (run->state.servers[i].since < 0)
			run->state.servers[i].since = 0;
	assert_int_equal(state_format(&run->state, &world->state, &length), 0);
	world->told = (unsigned int)run->transitions.count;
	world->lost = run->quorums_lost;
	world->news[0] = '\0';
	for (size_t i = 0; i < run->transitions.count && used < 800; i++) {
		transition_text(&run->transitions.list[i], world->news + used,
				200);
		used += strlen(world->news + used);
		world->news[used++] = '\n';
		world->news[used] = '\0';
	}
	run_free(run);
	command_free(command);
}

static void run_world(struct world *world, verdict_fn verdict, void *data)
{
	struct command command;
	struct run run;

	open_run(world, &command, &run);
	assert_int_equal(pool_find(&run), 0);
	take_verdicts(&run, verdict, data);
	if (effect_all(&run) != 0)
		fail_msg("%s", command.err.message);
	close_run(world, &command, &run);
}

/* What the member has said of its weight: its program, "10.0.0.1=55", its agent,
   "10.0.0.1~up,50%", or nothing: its program that the weight is the wanted one, its
   agent that it stays. */
static void say_weight(const struct member *member, const char *word)
{
	const enum check_weight_from from = member->check->way.weight_from;
	const char *said = word ? strpbrk(word, "=~") : NULL;
	struct probe probe = { .verdict = PROBE_UP,
			       .report = { .drain = REPORT_LIFTS,
					   .unit = REPORT_PERCENT,
					   .weight = REPORT_PERCENT_MAX } };

	if (said && *said == '=')
		probe.report = (struct weight_report){ .unit = REPORT_NUMBER,
						       .weight = (uint32_t)atoi(
							       said + 1) };
	else if (from != CHECK_WEIGHT_FROM_STATUS)
		probe.report = (struct weight_report){ 0 };
	if (said && *said == '~')
		assert_true(weight_report_parse(said + 1, strlen(said + 1),
						false, &probe.report));
	(void)snprintf(probe.message, sizeof(probe.message), "%s",
		       said ? said + 1 : "");
	weigh_take(member->check, member->row, &probe, NULL);
}

/* data: who is down, "10.0.0.1", or of one check, "web@10.0.0.1", or of whom
   it is not known, "?10.0.0.1", or who says a weight, "10.0.0.1=55". The others
   are up. */
static enum probe_verdict listed_verdict(const struct member *member, void *data)
{
	char address[IPVSCTL_ADDRESS_TEXT], copy[256];
	char of_check[CHECK_NAME_SIZE + IPVSCTL_ADDRESS_TEXT];
	const char *weight = NULL;
	char *rest = NULL;

	(void)ipvsctl_address_format(&member->server.address, address);
	(void)snprintf(of_check, sizeof(of_check), "%s@%s", member->check->name,
		       address);
	(void)snprintf(copy, sizeof(copy), "%s", (const char *)data);
	for (char *word = strtok_r(copy, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		if (!strcmp(word, address) || !strcmp(word, of_check))
			return PROBE_DOWN;
		if (*word == '?' && !strcmp(word + 1, address))
			return PROBE_UNKNOWN;
		if (strncmp(word, address, strlen(address)) == 0 &&
		    strchr("=~", word[strlen(address)]))
			weight = word;
	}
	say_weight(member, weight);
	return PROBE_UP;
}

void run_with(struct world *world, const char *down)
{
	run_world(world, listed_verdict, (void *)(uintptr_t)down);
}

void assert_world(const struct world *world, const char *wanted)
{
	char *text = describe(world->kernel);

	assert_string_equal(text, wanted);
	free(text);
}

void run_and_assert(struct world *world, const char *down, const char *wanted)
{
	run_with(world, down);
	assert_world(world, wanted);
}

/* The check of that name goes as if it had been taken out of the file. */
void forget(struct world *world, const char *name, const char *selected)
{
	const struct checks none = { 0 };
	struct command command;
	struct state_check *check;
	struct run run;

	open_run(world, &command, &run);
	/* No other check takes over what it had. */
	run.checks = &none;
	check = state_find(&run.state, name, selected);
	assert_non_null(check);
	if (effect_forget(&run, check) != 0)
		fail_msg("%s", command.err.message);
	if (guest_leave_all(&run) != 0)
		fail_msg("%s", command.err.message);
	run.checks = &world->checks;
	close_run(world, &command, &run);
}

/* ---- Scenarios ---- */
const char *const two[] = { TWO, NULL };
const char *const two_and_admin[] = { TWO, "hold fwmark:1 10.0.0.1 admin",
				      NULL };

void try_scenarios(const char *const *config, const struct scenario *scenarios,
		   size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct step *step = scenarios[i].steps;
		struct world world;

		open_world(&world, config, scenarios[i].checks);
		for (; step->down; step++) {
			char *text;

			run_with(&world, step->down);
			text = describe(world.kernel);
			if (strcmp(text, step->wanted) != 0)
				fail_msg("scenario %zu, step %td, '%s' down: "
					 "'%s', not '%s'",
					 i, step - scenarios[i].steps,
					 step->down, text, step->wanted);
			free(text);
		}
		close_world(&world);
	}
}

void change_weight(struct world *world, const char *address, uint32_t weight,
		   uint32_t connections)
{
	struct ipvsctl_service service = given_service("fwmark:1");
	struct ipvsctl_server server = given_server("fwmark:1", address);
	const struct ipvsctl_server *found =
		ipvsctl_config_find_server(world->kernel, &service, &server);

	assert_non_null(found);
	server = *found;
	server.weight = weight;
	server.active_connections = connections;
	assert_int_equal(ipvsctl_config_change_server(world->kernel, &service,
						      &server, NULL),
			 0);
}
