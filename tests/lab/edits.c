/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Edits: a line or a text, and the kernel is as it says, or as it was. */
#include "tap.h"

static struct ipvsctl_ruleset *line_of(const char *const *words)
{
	struct ipvsctl_ruleset *ruleset;
	size_t count = 0;

	while (words[count])
		count++;
	must(ipvsctl_ruleset_new(&ruleset, &err), "new");
	must(ipvsctl_ruleset_add_words(ruleset, words, count, &err), "line");
	return ruleset;
}

/* Runs a line; ret_steps gets the number of its plan's steps. */
static int run_line(struct ipvsctl *ctx, enum ipvsctl_edit_reading reading,
		    const char *const *words, size_t *ret_steps)
{
	struct ipvsctl_ruleset *ruleset = line_of(words);
	struct ipvsctl_edit *edit = NULL;
	struct ipvsctl_outcome outcome = { .done = 0 };
	int r;

	err = (struct ipvsctl_error){ .code = 0 };
	r = ipvsctl_edit_begin(ctx, ruleset, reading, &edit, &err);
	*ret_steps = 0;
	if (r == 0) {
		*ret_steps = ipvsctl_plan_count(ipvsctl_edit_plan(edit));
		r = ipvsctl_edit_commit(edit, &outcome, &err);
	}
	must(outcome.standing || (r < 0 && outcome.done) ? -1 : 0,
	     "nothing stands");
	ipvsctl_edit_free(edit);
	ipvsctl_ruleset_free(ruleset);
	return r;
}

#define QUICK IPVSCTL_EDIT_QUICK
#define WEB   "tcp:192.0.2.1:80"

static void test_edits(struct ipvsctl *ctx)
{
	static const char *const add[] = { "svc", "add", WEB, NULL };
	static const char *const change[] = { "svc",	     "change", WEB,
					      "--scheduler", "rr",     NULL };
	static const char *const server[] = { "svc", "add-server", WEB,
					      "10.0.0.1", NULL };
	static const char *const other[] = { "svc", "add-server", WEB,
					     "10.0.0.2", NULL };
	static const char *const delete[] = { "svc", "delete", WEB, NULL };
	struct ipvsctl_service service = service_of(WEB);
	struct ipvsctl_config *now;
	size_t steps;

	clear(ctx);
	ok(run_line(ctx, QUICK, server, &steps) == -ENOENT && steps == 1 &&
		   strcmp(err.hint, "lbctl-svc add " WEB) == 0,
	   "a service that is missing is found by reading: %s", err.message);
	ok(run_line(ctx, QUICK, change, &steps) == -ENOENT && steps == 0,
	   "one to be changed before there is a plan: %s", err.message);
	ok(run_line(ctx, QUICK, add, &steps) == 0 && steps == 1,
	   "a service is added");
	ok(run_line(ctx, QUICK, add, &steps) == -EEXIST && steps == 1 &&
		   strcmp(err.message, "the service exists already") == 0 &&
		   strcmp(err.hint, "lbctl-svc show " WEB) == 0,
	   "once: %s", err.message);
	ok(run_line(ctx, QUICK, change, &steps) == 0 && steps == 1,
	   "it is changed");
	ok(run_line(ctx, QUICK, change, &steps) == 0 && steps == 0,
	   "and need not be changed again");
	ok(run_line(ctx, QUICK, server, &steps) == 0 &&
		   run_line(ctx, IPVSCTL_EDIT_READ, other, &steps) == 0,
	   "servers are added, with and without reading");
	ok(run_line(ctx, QUICK, server, &steps) == -EEXIST &&
		   strcmp(err.subject, "10.0.0.1:80") == 0 &&
		   strcmp(err.message, WEB " has this server already") == 0,
	   "once: %s", err.message);
	now = load(ctx);
	ok(ipvsctl_config_count_servers(now, &service) == 2 &&
		   strcmp(ipvsctl_config_find_service(now, &service)->scheduler,
			  "rr") == 0,
	   "all that stands");
	ipvsctl_config_free(now);
	ok(run_line(ctx, QUICK, delete, &steps) == 0 && steps == 1,
	   "a service is deleted without reading");
	ok(run_line(ctx, QUICK, delete, &steps) == -ENOENT, "once: %s",
	   err.message);
	now = load(ctx);
	ok(!ipvsctl_config_next_service(now, NULL), "and nothing is left");
	ipvsctl_config_free(now);
}

/* What is only looked at needs no lock, and a text is run as a line is. */
static void test_looks(struct ipvsctl *ctx)
{
	static const char text[] = "svc add " WEB "\n"
				   "svc add-server " WEB " 10.0.0.1\n";
	static const char *const delete[] = { "svc", "delete", WEB, NULL };
	struct ipvsctl_ruleset *ruleset = NULL;
	struct ipvsctl_service service = service_of(WEB);
	struct ipvsctl_edit *edit = NULL;
	struct ipvsctl *second = NULL;

	must(ipvsctl_ruleset_new(&ruleset, &err), "new");
	must(ipvsctl_ruleset_add(ruleset, "text", text, strlen(text), &err),
	     "text");
	must(ipvsctl_edit_begin(ctx, ruleset, QUICK, &edit, &err), "begin");
	ok(!ipvsctl_config_next_service(ipvsctl_edit_from(edit), NULL) &&
		   ipvsctl_config_count_servers(ipvsctl_edit_to(edit),
						&service) == 1 &&
		   ipvsctl_plan_count(ipvsctl_edit_plan(edit)) == 2,
	   "a text is run on what stands");
	ok(ipvsctl_edit_commit(edit, NULL, &err) == 0, "and carried out");
	ipvsctl_edit_free(edit);
	ipvsctl_ruleset_free(ruleset);

	must(ipvsctl_open(&second, NULL, &err), "open");
	ruleset = line_of(delete);
	must(ipvsctl_edit_begin(second, ruleset, IPVSCTL_EDIT_LOOK, &edit, &err),
	     "look");
	ok(ipvsctl_plan_count(ipvsctl_edit_plan(edit)) == 2,
	   "a look at a plan needs no lock, and sees all of its steps");
	ipvsctl_edit_free(edit);
	ipvsctl_ruleset_free(ruleset);
	ipvsctl_close(second);
	clear(ctx);
}

/* An edit of one server of three, of which another is held. */
static void test_some_of(struct ipvsctl *ctx, const char *identity,
			 const char *const *addresses)
{
	struct ipvsctl_service service = service_of(identity);
	struct ipvsctl_config *before = load(ctx), *from = copy(before);
	struct ipvsctl_config *to, *held;
	struct ipvsctl_server servers[3];
	const struct ipvsctl_selection selection = { .service = &service,
						     .servers = servers,
						     .count = 2 };
	const struct ipvsctl_server *found;

	must(ipvsctl_config_add_service(from, &service, &err), "add");
	for (size_t i = 0; i < 3; i++) {
		servers[i] = server_of(&service, addresses[i]);
		servers[i].weight = 5;
		must(ipvsctl_config_add_server(from, &service, &servers[i],
					       &err),
		     "add");
	}
	must(ipvsctl_config_hold(from, &service, &servers[1], "other", &err),
	     "hold");
	must(apply(ctx, before, from, NULL), "apply");
	ipvsctl_config_free(from);
	/* The third is named, too, but does not exist any more. */
	from = load(ctx);
	to = copy(from);
	must(ipvsctl_config_delete_server(to, &service, &servers[2], &err),
	     "delete");
	must(apply(ctx, from, to, NULL), "apply");
	ipvsctl_config_free(from);
	servers[1] = servers[2];
	must(ipvsctl_load_servers(ctx, &selection, &from, &err), "load");
	found = ipvsctl_config_next_server(from, &service, NULL);
	ok(found && !ipvsctl_server_compare(found, &servers[0]) &&
		   ipvsctl_config_count_servers(from, &service) == 1,
	   "%s: of the named servers the one that exists is loaded", identity);
	held = copy(from);
	must(ipvsctl_config_hold(to, &service, &servers[0], "some", &err),
	     "hold");
	must(ipvsctl_config_hold(held, &service, &servers[0], "some", &err),
	     "hold");
	ok(apply(ctx, from, held, NULL) == 0 &&
		   !differs(ctx, to, IPVSCTL_SERVICES),
	   "%s: what was not named stays, and is held as before", identity);
	ipvsctl_config_free(held);
	ipvsctl_config_free(from);
	from = load(ctx);
	must(apply(ctx, from, before, NULL), "apply");
	ipvsctl_config_free(from);
	ipvsctl_config_free(to);
	ipvsctl_config_free(before);
}

/* Lines about servers, and about something else. */
static void test_lines(struct ipvsctl *ctx)
{
	static const char *const lines[][7] = {
		{ "svc", "change-server", WEB, "10.0.0.1", "--weight", "7" },
		{ "svc", "timeouts", "800", "0", "0" },
	};
	struct ipvsctl_service service = service_of(WEB);
	struct ipvsctl_server server = server_of(&service, "10.0.0.1");
	struct ipvsctl_config *from = load(ctx), *to = copy(from), *now;
	struct ipvsctl_ruleset *ruleset;
	struct ipvsctl_edit *edit = NULL;

	must(ipvsctl_config_add_service(to, &service, &err), "add");
	must(ipvsctl_config_add_server(to, &service, &server, &err), "add");
	must(apply(ctx, from, to, NULL), "apply");
	must(ipvsctl_ruleset_new(&ruleset, &err), "new");
	must(ipvsctl_ruleset_add_words(ruleset, lines[0], 6, &err), "line");
	must(ipvsctl_ruleset_add_words(ruleset, lines[1], 5, &err), "line");
	must(ipvsctl_edit_begin(ctx, ruleset, QUICK, &edit, &err), "begin");
	must(ipvsctl_edit_commit(edit, NULL, &err), "commit");
	must(ipvsctl_load(ctx, IPVSCTL_SERVICES | IPVSCTL_TIMEOUTS, NULL, &now,
			  &err),
	     "load");
	ok(ipvsctl_config_find_server(now, &service, &server)->weight == 7 &&
		   ipvsctl_config_get_timeouts(now)->tcp == 800,
	   "two lines about two kinds");
	ipvsctl_edit_free(edit);
	ipvsctl_ruleset_free(ruleset);
	ipvsctl_config_free(now);
	ipvsctl_config_free(to);
	ipvsctl_config_free(from);
	clear(ctx);
}

static void test_some(struct ipvsctl *ctx)
{
	static const char *const v4[] = { "10.0.0.1", "10.0.0.2", "10.0.0.3" };
	static const char *const v6[] = { "2001:db8::1", "2001:db8::2",
					  "2001:db8::3" };

	test_some_of(ctx, "tcp:192.0.2.97:80", v4);
	test_some_of(ctx, "tcp:[2001:db8::97]:80", v6);
	test_some_of(ctx, "fwmark:97", v4);
}

int main(void)
{
	struct ipvsctl *ctx;

	own_namespace();
	ctx = open_context(NULL);
	test_edits(ctx);
	test_looks(ctx);
	test_some(ctx);
	test_lines(ctx);
	ipvsctl_close(ctx);
	return finish();
}
