/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The verbs check, collect and explain. */
#include "doctor/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/file.h"
#include "doctor/collect/collect.h"
#include "doctor/show/show.h"
#include "fail.h"
#include "output/output.h"
#include "read-whole.h"

/* ---- Facts --------------------------------------------------------------- */

static int read_facts(struct command *command, const char *path,
		      struct facts *ret_facts)
{
	const bool standard = strcmp(path, "-") == 0;
	const char *name = standard ? "standard input" : path;
	AUTO_CLOSE int opened = -1;
	AUTO_FREE char *text = NULL;
	size_t length = 0;
	int r;

	if (!standard)
		opened = open_at(AT_FDCWD, path, O_RDONLY);
	if (!standard && opened < 0)
		return file_fail_read(command, path, errno);
	r = read_whole(standard ? STDIN_FILENO : opened, FACTS_MAX, &text,
		       &length);
	if (r < 0)
		return file_fail_read(command, name, -r);
	r = facts_parse(text, length, ret_facts, &command->err);
	return r < 0 ? fail_subject(&command->err, r, name) : 0;
}

static int get_facts(struct command *command, struct facts *ret_facts)
{
	const char *path = command_value(command, "from", NULL);

	return path ? read_facts(command, path, ret_facts) :
		      collect(command, ret_facts);
}

int doctor_collect(struct command *command)
{
	AUTO_FACTS struct facts facts = { 0 };
	AUTO_FREE char *text = NULL;
	int r = collect(command, &facts);

	if (r == 0)
		r = facts_format(&facts, &text, &command->err);
	if (r < 0 || !text)
		return r;
	r = output_write(stdout, text, strlen(text));
	return r < 0 ? command_output_failed(command, r) : 0;
}

/* ---- Checking ------------------------------------------------------------ */

static bool has_colour(void)
{
	const char *no = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && no[0]) && terminal &&
	       strcmp(terminal, "dumb") != 0;
}

static int parse_severity(struct command *command, enum severity *ret_severity)
{
	const char *text = command_value(command, "severity", "info");

	for (int i = 0; i < SEVERITIES; i++)
		if (strcmp(text, severity_name((enum severity)i)) == 0) {
			*ret_severity = (enum severity)i;
			return 0;
		}
	return command_fail(command, -EINVAL, "--severity",
			    "'%s' is none of error, warning, info", text);
}

static int parse_roles(struct command *command, unsigned int *ret_roles)
{
	const char *text = command_value(command, "role", NULL);

	if (!text || role_parse(text, ret_roles) == 0)
		return 0;
	return command_fail(command, -EINVAL, "--role",
			    "'%s' is none of director, backup, real-server",
			    text);
}

/* What is asked for. */
struct question {
	struct selection selection;
	struct ipvsctl_service service;
	unsigned int roles; /* 0: as the facts say */
};

static int parse_question(struct command *command, struct question *question)
{
	const char *service = command_value(command, "service", NULL);
	int r = parse_severity(command, &question->selection.least);

	if (r == 0)
		r = parse_roles(command, &question->roles);
	if (r == 0 && service) {
		r = ipvsctl_service_parse(service, &question->service,
					  &command->err);
		question->selection.service = &question->service;
	}
	if (r == 0 && command->json && command_has(command, "nagios"))
		r = command_fail(command, -EINVAL, NULL,
				 "--nagios and --json exclude each other");
	question->selection.colour = has_colour();
	return r;
}

/* Without the right to read services nobody knows whether there is one. */
static int find_service(struct command *command, const struct facts *facts,
			const struct question *question)
{
	const struct ipvsctl_service *service = question->selection.service;
	char name[IPVSCTL_IDENTITY_TEXT];

	if (!service || !facts->known[FACT_SERVICES] ||
	    (facts->config &&
	     ipvsctl_config_find_service(facts->config, service)))
		return 0;
	return fail_hint(&command->err,
			 command_fail(command, 1,
				      ipvsctl_service_format(service, name),
				      "no such service"),
			 "lbctl-svc show");
}

/* Prints the diagnosis. Returns as a verb does. */
static int answer(struct command *command, const struct diagnosis *diagnosis,
		  const struct selection *selection)
{
	int r, status = 0;

	if (command_has(command, "nagios"))
		r = show_nagios(stdout, diagnosis, selection, &status);
	else if (command->json)
		r = show_json(stdout, diagnosis, selection);
	else
		r = show_text(stdout, diagnosis, selection);
	if (r < 0)
		return command_output_failed(command, r);
	if (command_has(command, "nagios")) {
		command->exit_status = status;
		return 0;
	}
	if (count_selected(diagnosis, selection))
		return 1;
	/* What was not judged is not fine. */
	return diagnosis->denied ?
		       command_fail(command, -EPERM, NULL,
				    "nothing found, but %zu rules could not be "
				    "judged: run it as root",
				    diagnosis->unknown_count) :
		       0;
}

int doctor_check(struct command *command)
{
	AUTO_FACTS struct facts facts = { 0 };
	AUTO_DIAGNOSIS struct diagnosis diagnosis = { 0 };
	struct question question = { .roles = 0 };
	int r = parse_question(command, &question);

	if (r == 0)
		r = get_facts(command, &facts);
	if (r == 0)
		r = find_service(command, &facts, &question);
	if (r != 0)
		return r;
	r = diagnose(&facts, question.roles, &diagnosis);
	return r < 0 ? command_no_memory(command) :
		       answer(command, &diagnosis, &question.selection);
}

/* ---- Explaining ---------------------------------------------------------- */

int doctor_explain(struct command *command)
{
	const char *id = command->argument_count ? command->arguments[0] : NULL;
	const struct rule *rule = id ? rule_find(id) : NULL;
	int r;

	if (id && !rule)
		return fail_hint(&command->err,
				 command_fail(command, 1, id, "no such rule"),
				 "lbctl-doctor explain");
	if (command->json)
		r = show_rules_json(stdout, rule);
	else
		r = rule ? show_rule(stdout, rule) : show_rules(stdout);
	return r < 0 ? command_output_failed(command, r) : 0;
}
