/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Reads what "ipvsadm -S" writes and "ipvsadm -R" reads: commands a line,
 * words parted by blanks, without quotes. Comments are comments.
 */
#include "ruleset/ipvsadm.h"

#include <string.h>

#include "array.h"
#include "model/error.h"
#include "model/object.h"
#include "ruleset/ruleset.h"

/* ---- Commands ---------------------------------------------------------- */

static int add_service(struct ipvsadm *ipvsadm, struct run *run,
		       struct ipvsctl_error *err)
{
	int r = ipvsctl_service_check(&ipvsadm->service, err);

	return r < 0 ? r : run_add_service(run, &ipvsadm->service, err);
}

static int edit_service(struct ipvsadm *ipvsadm, struct run *run,
			struct ipvsctl_error *err)
{
	struct ipvsctl_service standing;
	bool found;
	int r = ipvsctl_service_check(&ipvsadm->service, err);

	if (r == 0)
		r = run_get_service(run, &ipvsadm->service, &standing, &found,
				    err);
	return r < 0 ? r : run_replace_service(run, &ipvsadm->service, err);
}

static int delete_service(struct ipvsadm *ipvsadm, struct run *run,
			  struct ipvsctl_error *err)
{
	return run_delete_service(run, &ipvsadm->service, err);
}

static int add_server(struct ipvsadm *ipvsadm, struct run *run,
		      struct ipvsctl_error *err)
{
	int r = ipvsctl_server_check(&ipvsadm->service, &ipvsadm->server, err);

	return r < 0 ? r :
		       run_add_server(run, &ipvsadm->service, &ipvsadm->server,
				      err);
}

static int edit_server(struct ipvsadm *ipvsadm, struct run *run,
		       struct ipvsctl_error *err)
{
	struct ipvsctl_server standing = ipvsadm->server;
	bool found;
	int r = ipvsctl_server_check(&ipvsadm->service, &ipvsadm->server, err);

	if (r == 0)
		r = run_get_server(run, &ipvsadm->service, &standing, &found,
				   err);
	return r < 0 ? r :
		       run_replace_server(run, &ipvsadm->service,
					  &ipvsadm->server, err);
}

static int delete_server(struct ipvsadm *ipvsadm, struct run *run,
			 struct ipvsctl_error *err)
{
	return run_delete_server(run, &ipvsadm->service, &ipvsadm->server, err);
}

static int clear(struct ipvsadm *ipvsadm, struct run *run,
		 struct ipvsctl_error *err)
{
	(void)ipvsadm;
	(void)err;
	run_flush(run, IPVSCTL_SERVICES);
	return 0;
}

static int set_timeouts(struct ipvsadm *ipvsadm, struct run *run,
			struct ipvsctl_error *err)
{
	if (ipvsadm->timeout_count != ARRAY_SIZE(ipvsadm->timeouts))
		return fail(err, -EINVAL, "--set needs three timeouts");
	run_set_timeouts(run, &(struct ipvsctl_timeouts){
				      .tcp = ipvsadm->timeouts[0],
				      .tcp_fin = ipvsadm->timeouts[1],
				      .udp = ipvsadm->timeouts[2] });
	return 0;
}

static int start_sync(struct ipvsadm *ipvsadm, struct run *run,
		      struct ipvsctl_error *err)
{
	int r = 0;

	if (!ipvsadm->sync.interface[0])
		r = ipvsctl_sync_set(&ipvsadm->sync, "dev", "eth0", err);
	if (r == 0)
		r = ipvsctl_sync_check(&ipvsadm->sync, err);
	return r < 0 ? r : run_start_sync(run, &ipvsadm->sync, err);
}

static int stop_sync(struct ipvsadm *ipvsadm, struct run *run,
		     struct ipvsctl_error *err)
{
	(void)err;
	run_stop_sync(run, ipvsadm->sync.role);
	return 0;
}

#define BIT(of)	  (1u << (of))
#define A_SERVICE (BIT(OF_NOTHING) | BIT(OF_SERVICE_NAME))
#define A_SERVER  (A_SERVICE | BIT(OF_SERVER_NAME))

static const struct command {
	char command;
	bool service; /* needs one */
	bool server;
	unsigned int takes; /* BIT() of enum ipvsadm_of */
	int (*run)(struct ipvsadm *ipvsadm, struct run *run,
		   struct ipvsctl_error *err);
} commands[] = {
	{ 'A', true, false, A_SERVICE | BIT(OF_SERVICE), add_service },
	{ 'E', true, false, A_SERVICE | BIT(OF_SERVICE), edit_service },
	{ 'D', true, false, A_SERVICE, delete_service },
	{ 'a', true, true, A_SERVER | BIT(OF_SERVER) | BIT(OF_FORWARD),
	  add_server },
	{ 'e', true, true, A_SERVER | BIT(OF_SERVER) | BIT(OF_FORWARD),
	  edit_server },
	{ 'd', true, true, A_SERVER, delete_server },
	{ 'C', false, false, BIT(OF_NOTHING), clear },
	{ IPVSADM_SET_TIMEOUTS, false, false, BIT(OF_NOTHING), set_timeouts },
	{ IPVSADM_START_SYNC, false, false,
	  BIT(OF_NOTHING) | BIT(OF_SYNC) | BIT(OF_SYNC_ID), start_sync },
	{ IPVSADM_STOP_SYNC, false, false, BIT(OF_NOTHING) | BIT(OF_SYNC_ID),
	  stop_sync },
};

/* What the command cannot do without, and what it cannot do with. */
static int check_options(const struct ipvsadm *ipvsadm,
			 const struct command *command,
			 struct ipvsctl_error *err)
{
	if (command->service && !ipvsadm->has_service)
		return fail(err, -EINVAL,
			    "-%c needs a service: -t, -u, --sctp-service or -f",
			    command->command);
	if (command->server && !ipvsadm->has_server)
		return fail(err, -EINVAL, "-%c needs a server: -r",
			    command->command);
	for (size_t i = 0; i < ARRAY_SIZE(ipvsadm->given); i++)
		if (ipvsadm->given[i] && !(command->takes & BIT(i)))
			return fail(err, -EINVAL,
				    "option '--%s' does not go with this "
				    "command",
				    ipvsadm->given[i]);
	return 0;
}

static int run_command(struct ipvsadm *ipvsadm, struct run *run,
		       struct ipvsctl_error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		int r;

		if (commands[i].command != ipvsadm->command)
			continue;
		r = check_options(ipvsadm, &commands[i], err);
		return r < 0 ? r : commands[i].run(ipvsadm, run, err);
	}
	return fail(err, -EINVAL, "the line has no command, such as -A or -a");
}

/* ---- Lines ------------------------------------------------------------- */

struct list {
	char **words;
	size_t count;
	size_t capacity;
};

static int split_line(char *line, struct list *list)
{
	char *state = NULL;

	list->count = 0;
	for (char *word = strtok_r(line, " \t\r", &state); word && *word != '#';
	     word = strtok_r(NULL, " \t\r", &state)) {
		char **grown = array_grow(list->words, &list->capacity,
					  list->count + 1, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		list->words = grown;
		grown[list->count++] = word;
	}
	return 0;
}

/* Whether the line was found to be repeated when the text was read first. */
static bool is_repeated(const struct source *source, size_t *place)
{
	const struct line_numbers *numbers = source->repeated_lines;

	if (*place == numbers->count || numbers->lines[*place] != source->line)
		return false;
	(*place)++;
	return true;
}

/* Remembers a repeated line, and says so. Returns 0 or -ENOMEM. */
static int note_repeated(struct source *source, bool server,
			 struct ipvsctl_error *err)
{
	struct line_numbers *numbers = source->repeated_lines;
	unsigned int *grown = array_grow(numbers->lines, &numbers->capacity,
					 numbers->count + 1, sizeof(*grown));

	if (!grown)
		return fail_memory(err);
	numbers->lines = grown;
	grown[numbers->count++] = source->line;
	if (source->repeated)
		source->repeated(source->name, source->line,
				 server ? IPVSCTL_OBJECT_SERVER :
					  IPVSCTL_OBJECT_SERVICE,
				 source->repeated_data);
	return 0;
}

static int run_line(struct run *run, struct source *source,
		    const struct list *list, struct ipvsctl_error *err)
{
	struct ipvsadm ipvsadm = {
		.names = source->names,
		/* It is the kernel that says what goes together. */
		.service = { .scheduler = "wlc", .unchecked = true },
		.server = { .forward = IPVSCTL_FORWARD_DR,
			    .weight = 1,
			    .unchecked = true },
	};
	int r = 0;

	if (list->count > 0)
		r = ipvsadm_parse(&ipvsadm, list->words, list->count, err);
	if (r < 0 || !list->count)
		return r;
	run->repeated = false;
	r = run_command(&ipvsadm, run, err);
	return r == 0 && run->repeated ?
		       note_repeated(source, ipvsadm.has_server, err) :
		       r;
}

int ruleset_read_ipvsadm(struct source *source, struct run *run,
			 struct ipvsctl_error *err)
{
	char *copy = strdup(source->text);
	struct list list = { 0 };
	char *rest = copy;
	size_t place = 0;
	int r = copy ? 0 : fail_memory(err);

	/* The first run of a text finds its repeated lines. */
	run->passes_repeated = source->repeated && !run->known;
	while (r == 0 && rest && *rest) {
		source->line++;
		r = split_line(strsep(&rest, "\n"), &list);
		if (r < 0)
			(void)fail_memory(err);
		else if (!run->known || !is_repeated(source, &place))
			r = run_line(run, source, &list, err);
	}
	free(list.words);
	free(copy);
	return r;
}
