/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Reads what "ipvsadm -S" writes and "ipvsadm -R" reads: one command a line,
 * words separated by blanks, without quotes. Comments are allowed.
 */
#include "ruleset/read-ipvsadm.h"

#include <string.h>

#include "array.h"
#include "fail.h"
#include "model/object.h"
#include "ruleset/ruleset.h"

/* ---- Commands ---------------------------------------------------------- */

static int add_service(const struct request *request, struct run *run,
		       struct ipvsctl_error *err)
{
	int r = ipvsctl_service_check(&request->service, err);

	return r < 0 ? r : run_add_service(run, &request->service, err);
}

static int edit_service(const struct request *request, struct run *run,
			struct ipvsctl_error *err)
{
	struct ipvsctl_service standing;
	bool found;
	int r = ipvsctl_service_check(&request->service, err);

	if (r == 0)
		r = run_get_service(run, &request->service, &standing, &found,
				    err);
	return r < 0 ? r : run_replace_service(run, &request->service, err);
}

static int delete_service(const struct request *request, struct run *run,
			  struct ipvsctl_error *err)
{
	return run_delete_service(run, &request->service, err);
}

static int add_server(const struct request *request, struct run *run,
		      struct ipvsctl_error *err)
{
	int r = ipvsctl_server_check(&request->service, &request->server, err);

	return r < 0 ? r :
		       run_add_server(run, &request->service, &request->server,
				      err);
}

static int edit_server(const struct request *request, struct run *run,
		       struct ipvsctl_error *err)
{
	struct ipvsctl_server standing = request->server;
	bool found;
	int r = ipvsctl_server_check(&request->service, &request->server, err);

	if (r == 0)
		r = run_get_server(run, &request->service, &standing, &found,
				   err);
	return r < 0 ? r :
		       run_change_server(run, &request->service,
					 &request->server, err);
}

static int delete_server(const struct request *request, struct run *run,
			 struct ipvsctl_error *err)
{
	return run_delete_server(run, &request->service, &request->server, err);
}

static int clear(const struct request *request, struct run *run,
		 struct ipvsctl_error *err)
{
	(void)request;
	(void)err;
	run_flush(run, IPVSCTL_SERVICES);
	return 0;
}

static int set_timeouts(const struct request *request, struct run *run,
			struct ipvsctl_error *err)
{
	(void)err;
	run_set_timeouts(run, &request->timeouts);
	return 0;
}

static int start_sync(const struct request *request, struct run *run,
		      struct ipvsctl_error *err)
{
	int r = ipvsctl_sync_check(&request->sync, err);

	return r < 0 ? r : run_start_sync(run, &request->sync, err);
}

static int stop_sync(const struct request *request, struct run *run,
		     struct ipvsctl_error *err)
{
	(void)err;
	run_stop_sync(run, request->sync.role);
	return 0;
}

/* Commands that change something; ipvsadm_parse() refuses all others. */
static int (*const commands[COMMAND_COUNT])(const struct request *,
					    struct run *,
					    struct ipvsctl_error *) = {
	[ADD_SERVICE] = add_service,	   [EDIT_SERVICE] = edit_service,
	[DELETE_SERVICE] = delete_service, [FLUSH] = clear,
	[ADD_SERVER] = add_server,	   [DELETE_SERVER] = delete_server,
	[EDIT_SERVER] = edit_server,	   [SET_TIMEOUTS] = set_timeouts,
	[START_SYNC] = start_sync,	   [STOP_SYNC] = stop_sync,
};

/* ---- Lines ------------------------------------------------------------- */

struct list {
	const char **words; /* after one that is empty; NULL at the end */
	size_t count;
	size_t capacity;
};

static int add_word(struct list *list, const char *word)
{
	const char **grown = array_grow(list->words, &list->capacity,
					list->count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	list->words = grown;
	grown[list->count++] = word;
	return 0;
}

static int split_line(char *line, struct list *list)
{
	char *state = NULL;
	char *word = strtok_r(line, " \t\r", &state);
	int r;

	list->count = 0;
	r = add_word(list, "");
	for (; r == 0 && word && *word != '#';
	     word = strtok_r(NULL, " \t\r", &state))
		r = add_word(list, word);
	return r < 0 ? r : add_word(list, NULL);
}

/* Tells whether the first reading of the text found the line repeated. */
static bool is_repeated(const struct source *source, size_t *place)
{
	const struct line_numbers *numbers = source->repeated_lines;

	if (*place == numbers->count || numbers->lines[*place] != source->line)
		return false;
	(*place)++;
	return true;
}

/* Records a repeated line, and reports it. Returns 0 or -ENOMEM. */
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
	struct request request;
	int r;

	if (!list->words[1])
		return 0;
	r = ipvsadm_parse(list->words, source->names, &request, err);
	if (r < 0)
		return r;
	run->repeated = false;
	r = commands[request.command](&request, run, err);
	return r == 0 && run->repeated ?
		       note_repeated(source, has(&request, SERVER), err) :
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
