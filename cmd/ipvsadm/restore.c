/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* -R: parses the whole input, then applies what differs. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "common/lookup.h"
#include "ipvsadm/ipvsadm.h"
#include "output/report.h"
#include "read-whole.h"

#define INPUT "standard input"

struct restore {
	const char *program;
	struct ipvsctl *ctx;
	struct ipvsctl_ruleset *ruleset;
	struct ipvsctl_config *from;
	struct ipvsctl_config *to;
	struct ipvsctl_plan *plan;
	struct lookup lookup;
	unsigned int repeated; /* the last repeated line; 0: none */
	struct ipvsctl_error err;
};

/* Reports an error with its line, which ipvsadm does not. */
static int failed(const struct restore *restore, int status)
{
	const struct report report = { .stream = stderr,
				       .program = restore->program };

	report_error(&report, STATUS_REFUSED, &restore->err, NULL);
	return status;
}

/* Reports a repeated line as ipvsadm does, which asks the kernel. */
static void take_repeated(const char *name, unsigned int line,
			  enum ipvsctl_object object, void *data)
{
	struct restore *restore = data;

	(void)name;
	restore->repeated = line;
	(void)kernel_refused(object == IPVSCTL_OBJECT_SERVER ? ADD_SERVER :
							       ADD_SERVICE,
			     EEXIST);
}

/* Returns the last line with a command, from 1; 0: none. */
static unsigned int last_command(const char *text)
{
	unsigned int last = 0;

	for (unsigned int line = 1; *text; line++) {
		text += strspn(text, " \t\r");
		if (*text && *text != '\n' && *text != '#')
			last = line;
		text = strchrnul(text, '\n');
		text += *text == '\n';
	}
	return last;
}

static int understand(struct restore *restore, const char *text, size_t length,
		      bool exactly)
{
	static const char clear[] = "-C\n";
	struct ipvsctl_ruleset *ruleset = restore->ruleset;
	int r = 0;

	lookup_begin(&restore->lookup, true);
	ipvsctl_ruleset_use_names(ruleset, &restore->lookup.names);
	ipvsctl_ruleset_read_as(ruleset, IPVSCTL_LANGUAGE_IPVSADM);
	ipvsctl_ruleset_on_repeated(ruleset, take_repeated, restore);
	if (exactly)
		r = ipvsctl_ruleset_add(ruleset, INPUT, clear, strlen(clear),
					&restore->err);
	if (r == 0)
		r = ipvsctl_ruleset_add(ruleset, INPUT, text, length,
					&restore->err);
	return r < 0 ? failed(restore, EXIT_WRONG) : 0;
}

/* Also reports changes that could not be undone. */
static int apply_failed(const struct restore *restore,
			const struct ipvsctl_outcome *outcome)
{
	int status = failed(restore, EXIT_KERNEL_FAILED);

	if (outcome->standing > 0)
		(void)complain(status, "%s: %zu changes could not be undone",
			       restore->program, outcome->standing);
	return status;
}

static int carry_out(struct restore *restore)
{
	struct ipvsctl_error *err = &restore->err;
	struct ipvsctl_outcome outcome = { .done = 0 };
	int r = ipvsctl_lock(restore->ctx, LOCK_MS, err);

	if (r == 0)
		r = ipvsctl_load(restore->ctx,
				 ipvsctl_ruleset_kinds(restore->ruleset), NULL,
				 &restore->from, err);
	if (r == 0)
		r = ipvsctl_ruleset_run(restore->ruleset, restore->from,
					&restore->to, err);
	/* A line that does not fit the configuration is wrong input. */
	if (r < 0 && err->line)
		return failed(restore, EXIT_WRONG);
	if (r == 0)
		r = ipvsctl_plan_compare(restore->from, restore->to,
					 &restore->plan, err);
	if (r == 0)
		r = ipvsctl_apply(restore->ctx, restore->plan, &outcome, err);
	return r < 0 ? apply_failed(restore, &outcome) : 0;
}

static int restore_text(struct restore *restore, const char *text,
			size_t length, bool exactly)
{
	struct ipvsctl_info info;
	int status = understand(restore, text, length, exactly);

	if (status == 0)
		status = kernel_open(&restore->ctx, &info);
	if (status == 0)
		status = carry_out(restore);
	/* As in ipvsadm, the last line decides the status. */
	if (status == 0 && restore->repeated &&
	    restore->repeated == last_command(text))
		status = EXIT_KERNEL_FAILED;
	ipvsctl_plan_free(restore->plan);
	ipvsctl_config_free(restore->from);
	ipvsctl_config_free(restore->to);
	ipvsctl_close(restore->ctx);
	lookup_end(&restore->lookup);
	return status;
}

int restore_run(const char *program, bool exactly)
{
	struct restore restore = { .program = program };
	AUTO_FREE char *text = NULL;
	size_t length = 0;
	int status,
		r = read_whole(STDIN_FILENO, FILE_RULESET_MAX, &text, &length);

	if (r < 0)
		return complain(EXIT_WRONG, "%s: %s: cannot be read: %s",
				program, INPUT, strerror(-r));
	if (ipvsctl_ruleset_new(&restore.ruleset, NULL) < 0)
		return complain(EXIT_KERNEL_FAILED, "Memory allocation problem");
	status = restore_text(&restore, text, length, exactly);
	ipvsctl_ruleset_free(restore.ruleset);
	return status;
}
