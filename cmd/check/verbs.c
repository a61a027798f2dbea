/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The verbs run and reset. */
#include "check/verbs.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "check/config/check-options.h"
#include "check/config/check.h"
#include "check/config/values.h"
#include "check/pool/cut.h"
#include "check/pool/effect.h"
#include "check/pool/guest.h"
#include "check/pool/once.h"
#include "check/pool/removed.h"
#include "check/pool/rhythm.h"
#include "check/pool/run.h"
#include "check/pool/secrets.h"
#include "check/pool/unit-rights.h"
#include "check/process/every.h"
#include "check/show/metrics.h"
#include "check/show/nagios.h"
#include "check/state/state.h"
#include "check/tell/teller.h"
#include "clock.h"
#include "common/options.h"
#include "common/own-netns.h"
#include "fail.h"
#include "output/output.h"

#define CONFIG_FILE "/etc/lbctl/checks.conf"

/* Reads the check of the command line, or those of the file. */
static int read_checks(struct command *command, struct checks *checks)
{
	const char *path = command_value(command, "config", NULL);
	int r;

	if (command->argument_count > 0 && path)
		return command_fail(command, -EINVAL, NULL,
				    "--config is for checks of a file, not for "
				    "services named here");
	if (command->argument_count > 0)
		r = check_add(command, command, NULL, checks);
	else
		r = check_read_file(command, path ? path : CONFIG_FILE, checks);
	if (r == -EIO && !path)
		return fail_hint(&command->err, r,
				 "lbctl-check SERVICE --tcp PORT");
	return r < 0 ? r : check_all(command, checks);
}

/* Checks --textfile and --nagios before anything is done. */
static int check_answers(struct command *command)
{
	const char *textfile = command_value(command, "textfile", NULL);
	size_t length = textfile ? strlen(textfile) : 0;

	if (textfile &&
	    (length < 6 || strcmp(textfile + length - 5, ".prom") != 0))
		return command_fail(command, -EINVAL, textfile,
				    "node_exporter reads only files that end "
				    "in .prom");
	if (command_has(command, "nagios") &&
	    (command_has(command, "every") || command->dry_run))
		return command_fail(command, -EINVAL, NULL,
				    "--nagios answers once, about a run: leave "
				    "out --every and --dry-run");
	return 0;
}

/* Without a service, only options of a run are allowed: those of a check are in
   the file. */
static int check_command_line(struct command *command)
{
	for (size_t i = 0;
	     command->argument_count == 0 && i < command->value_count; i++)
		if (command->values[i].attribute ||
		    !option_of_run(command->values[i].name)) {
			command->strange = true;
			return command_fail(command, -EINVAL, NULL,
					    "--%s: of which service? Name one",
					    command->values[i].name);
		}
	return check_answers(command);
}

/* ---- One run ------------------------------------------------------------- */

static int finish(struct run *run, int r)
{
	struct command *command = run->command;
	const char *textfile = command_value(command, "textfile", NULL);
	const bool done = r >= 0 || run->unsaved.code;
	int written = 0;

	if (textfile && done && !command->dry_run)
		written = unit_hint(command, metrics_write(command, textfile,
							   &run->members,
							   &run->watched));
	if (command_has(command, "nagios") && done) {
		const struct nagios_facts facts = {
			.members = &run->members,
			.watched = &run->watched,
			.quorums_lost = run->quorums_lost,
			.faulty = run->faulty,
		};

		command->exit_status = nagios_print(stdout, &facts);
		return 0;
	}
	if (written == 0 || r < 0)
		return r;
	/* The changes that the run made remain. */
	command->standing = command->changed;
	return written;
}

/* The state that rounds of --every share. */
struct rounds {
	struct checks checks; /* the last that could be read */
	struct teller teller;
	const char *netns; /* NULL: no name */
	struct rhythm rhythm;
	int64_t wait_us; /* from the start of this round to the next */
};

/* Keeps the previous checks if the file has a mistake, as while it is
   edited. */
static int read_or_keep(struct command *command, struct checks *kept)
{
	struct report report = command_report(command);
	struct checks checks = { 0 };
	int r = read_checks(command, &checks);

	if (r < 0 && kept->count == 0) {
		checks_free(&checks);
		return r;
	}
	if (r < 0) {
		checks_free(&checks);
		report_error(&report, status_of(r, false), &command->err, NULL);
		command->err = (struct ipvsctl_error){ 0 };
	} else {
		checks_free(kept);
		*kept = checks;
	}
	return 0;
}

/* Lets rounds differ from server to server, if a check wants that. */
static void set_rhythm(struct run *run, struct rounds *rounds)
{
	if (!rhythm_is_wanted(run->checks))
		return;
	if (command_has(run->command, "every"))
		run->rhythm = &rounds->rhythm;
	else
		run_remark(run, "--retry-every, --every-down and --jitter do "
				"nothing without --every");
}

static int run_checks(struct command *command, void *data)
{
	static const struct options_range window = { "window", 1, 1000000, 0 };
	struct rounds *rounds = data;
	AUTO_RUN struct run run = {
		.command = command,
		.checks = &rounds->checks,
	};
	uint32_t at_once = 0;
	int r = options_range(command, &window, &at_once);

	rounds->wait_us = rounds->rhythm.every_us;
	if (r == 0)
		r = own_netns_is_named(command, rounds->netns);
	if (r == 0)
		r = read_or_keep(command, &rounds->checks);
	if (r < 0)
		return r;
	run.window = at_once;
	run.teller = command_has(command, "every") ? &rounds->teller : NULL;
	run.from_file = command->argument_count == 0;
	if (rounds->checks.count == 0)
		run_warn(&run, "there is no check in the file");
	unit_warn(&run);
	secrets_warn(&run, command_value(command, "config", CONFIG_FILE));
	set_rhythm(&run, rounds);
	r = run_once(&run);
	if (r >= 0 && run.rhythm)
		rounds->wait_us = rhythm_next(&run);
	return finish(&run, r);
}

/* A plugin reports on stdout; an error is "unknown". */
static int answer_nagios(struct command *command, int r)
{
	if (r >= 0)
		return r;
	(void)fputs("LBCTL UNKNOWN - ", stdout);
	(void)output_clean(stdout, command->err.subject);
	(void)fputs(command->err.subject[0] ? ": " : "", stdout);
	(void)output_clean(stdout, command->err.message);
	(void)fputc('\n', stdout);
	command->exit_status = 3;
	return 0;
}

int check_run(struct command *command)
{
	const char *text = command_value(command, "every", NULL);
	AUTO_FREE char *netns = command->netns ? strdup(command->netns) : NULL;
	struct rounds rounds = {
		.netns = netns,
		.rhythm = { .seed = (uint32_t)clock_now() },
	};
	int r = check_command_line(command);

	if (r == 0 && command->netns && !netns)
		r = command_no_memory(command);

	/* If the parent ignored SIGCHLD, waitid() could not tell how programs
	   end. */
	(void)signal(SIGCHLD, SIG_DFL);
	every_catch_signals();
	if (r == 0 && text) {
		r = value_seconds(text, &rounds.rhythm.every_us, &command->err);
		if (r < 0)
			(void)fail_subject(&command->err, r, "--every");
	}
	if (r == 0)
		r = own_netns_enter(command);
	if (r == 0)
		r = text ? every(command, &rounds.wait_us, run_checks, &rounds) :
			   run_checks(command, &rounds);
	teller_end(command, &rounds.teller);
	checks_free(&rounds.checks);
	return command_has(command, "nagios") ? answer_nagios(command, r) : r;
}

/* ---- Reset --------------------------------------------------------------- */

static int forget_named(struct run *run)
{
	struct command *command = run->command;
	/* All of the names must be known before any is forgotten. */
	int r = state_find_wanted(command, &run->state, -ENOENT);

	for (size_t i = run->state.check_count; r == 0 && i-- > 0;)
		if (state_is_wanted(command, run->state.checks[i].name))
			r = effect_forget(run, &run->state.checks[i]);
	return r < 0 ? r : guest_leave_all(run);
}

int check_reset(struct command *command)
{
	const struct checks none = { 0 };
	AUTO_RUN struct run run = { .command = command, .checks = &none };
	int r = own_netns_enter(command);

	if (r == 0)
		r = command_begin(command, IPVSCTL_SERVICES | IPVSCTL_VIPS,
				  NULL);
	if (r == 0)
		r = state_load(command, true, &run.state);
	if (r == 0)
		r = removed_read(&run);
	if (r == 0)
		r = removed_set_aside(&run);
	if (r == 0)
		r = forget_named(&run);
	if (r == 0)
		r = removed_write(&run);
	/* Put servers back before the state forgets them. */
	if (r == 0)
		r = command_commit(command);
	if (r >= 0) {
		int back = cut_put_back(&run);

		r = back ? back : r;
	}
	if (r == 0 && !command->dry_run) {
		(void)state_drop_applied(&run.state);
		r = state_save(command, &run.state);
		command->standing = r < 0 && command->changed;
	}
	return r;
}
