/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Does what keepalived's notify asks for. Calls can come at the same time and
 * overtake each other: the writers' lock makes them one after the other, and one
 * that began before the last that was done is too old to count. What the last
 * one was is kept under /run/lbctl:
 *
 *	lbctl-notify 1
 *	VI_1 MASTER 123456
 */
#include "sync/notify.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/own-netns.h"
#include "kept.h"
#include "number.h"
#include "read-whole.h"
#include "sync/daemon.h"
#include "text.h"
#include "words.h"

#define FIRST_WORD    "lbctl-notify"
#define INSTANCES_MAX 64

static const struct kept kept = { .name = "notify", .max = 16384 };

/* DELETED is said of an instance that keepalived's configuration lost. */
static const struct {
	const char *word;
	enum notify_state state;
} words_of_states[] = {
	{ "MASTER", NOTIFY_MASTER }, { "BACKUP", NOTIFY_BACKUP },
	{ "FAULT", NOTIFY_FAULT },   { "STOP", NOTIFY_STOP },
	{ "DELETED", NOTIFY_STOP },
};

static enum notify_state state_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(words_of_states); i++)
		if (strcmp(words_of_states[i].word, word) == 0)
			return words_of_states[i].state;
	return NOTIFY_UNKNOWN;
}

static const char *word_of(enum notify_state state)
{
	for (size_t i = 0; i < ARRAY_SIZE(words_of_states); i++)
		if (words_of_states[i].state == state)
			return words_of_states[i].word;
	return "";
}

/* ---- The command line ---------------------------------------------------- */

struct call {
	enum notify_state state;
	struct notify_id ids[NOTIFY_IDS_MAX];
	size_t id_count;
	struct ipvsctl_sync daemon; /* all but role and id */
	struct notify_instance instances[INSTANCES_MAX];
	size_t instance_count;
};

static int take_name(struct command *command, const char *name, size_t length,
		     char taken[NOTIFY_NAME_MAX + 1])
{
	if (length > NOTIFY_NAME_MAX)
		return command_fail(command, -EINVAL, NULL,
				    "the name of an instance has more than %d "
				    "bytes",
				    NOTIFY_NAME_MAX);
	memcpy(taken, name, length);
	taken[length] = '\0';
	return 0;
}

/* Reads "1" or "VI_1=1". */
static int take_id(struct command *command, const char *text, struct call *call)
{
	static const struct number_range range = { "id", 0, UINT8_MAX };
	const char *equals = strrchr(text, '=');
	struct notify_id *id = &call->ids[call->id_count];
	int r = 0;

	if (call->id_count == NOTIFY_IDS_MAX)
		return command_fail(command, -EINVAL, NULL,
				    "the kernel has one daemon of each role: "
				    "--id can be given twice, not more often");
	if (equals)
		r = take_name(command, text, (size_t)(equals - text), id->name);
	if (r == 0)
		r = number_parse(equals ? equals + 1 : text, &range, &id->id,
				 &command->err);
	call->id_count++;
	return r;
}

static int check_ids(struct command *command, const struct call *call)
{
	const char *name = command->arguments[1];
	bool known = false;

	if (call->id_count == NOTIFY_IDS_MAX &&
	    (!*call->ids[0].name || !*call->ids[1].name ||
	     !strcmp(call->ids[0].name, call->ids[1].name) ||
	     call->ids[0].id == call->ids[1].id))
		return command_fail(command, -EINVAL, NULL,
				    "two ids need two instances: --id %s=1 "
				    "--id OTHER=2",
				    name);
	for (size_t i = 0; i < call->id_count; i++)
		known = known || !*call->ids[i].name ||
			!strcmp(call->ids[i].name, name);
	return known ? 0 :
		       command_fail(command, -EINVAL, name,
				    "no --id is of this instance");
}

static int take_options(struct command *command, struct call *call)
{
	int r = 0;

	for (size_t i = 0; i < command->value_count && r == 0; i++) {
		const struct command_value *value = &command->values[i];

		r = strcmp(value->name, "id") == 0 ?
			    take_id(command, value->value, call) :
			    ipvsctl_sync_set(&call->daemon, value->name,
					     value->value, &command->err);
	}
	if (r == 0 && !call->id_count)
		r = take_id(command, "0", call);
	return r == 0 ? check_ids(command, call) : r;
}

/* Understands the call. Returns 1 for one that asks for nothing. */
static int understand(struct command *command, struct call *call)
{
	const char *type = command->arguments[0];
	const char *state = command->arguments[2];

	call->state = state_of(state);
	if (strcmp(type, "GROUP") != 0 && strcmp(type, "INSTANCE") != 0)
		return command_fail(command, -EINVAL, type,
				    "not a type of keepalived's: INSTANCE, "
				    "GROUP");
	if (call->state == NOTIFY_UNKNOWN)
		return command_fail(command, -EINVAL, state,
				    "not a state of keepalived's: MASTER, "
				    "BACKUP, FAULT, STOP, DELETED");
	if (*type == 'G')
		return 1;
	return take_options(command, call);
}

/* ---- Earlier calls ------------------------------------------------------- */

static struct notify_instance *find_instance(struct call *call, const char *name)
{
	for (size_t i = 0; i < call->instance_count; i++)
		if (strcmp(call->instances[i].name, name) == 0)
			return &call->instances[i];
	return NULL;
}

/* A file that is not ours says nothing. */
static void read_instances(struct call *call, const char *text)
{
	AUTO_WORDS struct words words;
	int r;

	words_open(&words, text);
	r = words_next(&words, NULL);
	if (r <= 0 || words.count != 2 ||
	    strcmp(words.words[0], FIRST_WORD) != 0)
		return;
	while (words_next(&words, NULL) > 0 &&
	       call->instance_count < INSTANCES_MAX) {
		struct notify_instance *instance =
			&call->instances[call->instance_count];

		if (words.count != 3 ||
		    strlen(words.words[0]) > NOTIFY_NAME_MAX ||
		    state_of(words.words[1]) == NOTIFY_UNKNOWN)
			continue;
		(void)snprintf(instance->name, sizeof(instance->name), "%s",
			       words.words[0]);
		instance->state = state_of(words.words[1]);
		instance->started = strtoull(words.words[2], NULL, 10);
		call->instance_count++;
	}
}

static int fail_kept(struct command *command, int r, const char *path)
{
	return r < 0 ? command_fail(command, r == -ENOMEM ? r : -EIO, path,
				    "cannot be used: %s", strerrordesc_np(-r)) :
		       command_fail(command, -EIO, path,
				    "others than root can write it");
}

static int read_calls(struct command *command, struct call *call)
{
	AUTO_FREE char *text = NULL;
	char path[KEPT_PATH];
	size_t length = 0;
	int r = kept_read(&kept, path, &text, &length);

	if (r != 0)
		return fail_kept(command, r, path);
	if (text)
		read_instances(call, text);
	return 0;
}

static int write_calls(struct command *command, const struct call *call)
{
	AUTO_TEXT struct text text = { 0 };
	AUTO_FREE char *whole = NULL;
	char path[KEPT_PATH];
	int r;

	text_add_text(&text, FIRST_WORD " 1\n");
	for (size_t i = 0; i < call->instance_count; i++) {
		const struct notify_instance *instance = &call->instances[i];

		text_add_word(&text, instance->name);
		text_add(&text, " %s %" PRIu64 "\n", word_of(instance->state),
			 instance->started);
	}
	if (text_take(&text, &whole) < 0)
		return command_no_memory(command);
	r = kept_write(&kept, whole, path);
	return r == 0 ? 0 : fail_kept(command, r, path);
}

/* When this process began, in ticks since boot: field 22, where the second can
   have blanks and parentheses. */
static int get_start(uint64_t *ret_started)
{
	AUTO_CLOSE int fd = open_at(AT_FDCWD, "/proc/self/stat", O_RDONLY);
	AUTO_FREE char *text = NULL;
	size_t length = 0;
	const char *at;

	if (fd < 0 || read_whole(fd, 4096, &text, &length) < 0)
		return -EIO;
	at = strrchr(text, ')');
	for (int field = 2; at && field < 22; field++) {
		at = strchr(at, ' ');
		at = at ? at + 1 : NULL;
	}
	if (!at || !isdigit((unsigned char)*at))
		return -EIO;
	*ret_started = strtoull(at, NULL, 10);
	return 0;
}

/* Notes this call. Returns 1 if a later one has been done. */
static int note_call(struct command *command, struct call *call)
{
	const char *name = command->arguments[1];
	struct notify_instance *instance = find_instance(call, name);
	uint64_t started = 0;

	if (get_start(&started) < 0)
		return command_fail(command, -EIO, "/proc/self/stat",
				    "cannot be read");
	if (instance && instance->started > started)
		return 1;
	if (!instance && call->instance_count == INSTANCES_MAX)
		return command_fail(command, -EIO, name,
				    "more than %d instances", INSTANCES_MAX);
	if (!instance)
		instance = &call->instances[call->instance_count++];
	(void)snprintf(instance->name, sizeof(instance->name), "%s", name);
	instance->state = call->state;
	instance->started = started;
	return 0;
}

/* ---- Daemons ------------------------------------------------------------- */

/* Gets the state that counts for an id. */
static enum notify_state state_for(struct call *call, const struct notify_id *id)
{
	const struct notify_instance *instance;

	if (!*id->name)
		return call->state;
	instance = find_instance(call, id->name);
	return instance ? instance->state : NOTIFY_UNKNOWN;
}

/* A daemon is as given; in all else as the one that runs, or the other role's. */
static struct ipvsctl_sync make_daemon(const struct command *command,
				       const struct call *call,
				       enum ipvsctl_sync_role role)
{
	const struct ipvsctl_sync *like =
		ipvsctl_config_get_sync(command->from, role);
	struct ipvsctl_sync daemon = call->daemon;

	if (!like)
		like = ipvsctl_config_get_sync(command->from,
					       role == IPVSCTL_SYNC_MASTER ?
						       IPVSCTL_SYNC_BACKUP :
						       IPVSCTL_SYNC_MASTER);
	if (like)
		daemon_complete(&daemon, like);
	daemon.role = (uint16_t)role;
	return daemon;
}

static int start(struct command *command, const struct call *call,
		 enum ipvsctl_sync_role role, uint32_t id)
{
	struct ipvsctl_sync daemon = make_daemon(command, call, role);

	daemon.id = id;
	if (ipvsctl_sync_check(&daemon, &command->err) < 0)
		return command->err.code;
	ipvsctl_config_set_sync(command->to, &daemon);
	return 0;
}

static int fulfil(struct command *command, const struct call *call,
		  enum ipvsctl_sync_role role, const struct notify_wish *wish)
{
	const struct ipvsctl_sync *runs =
		ipvsctl_config_get_sync(command->from, role);

	if (wish->runs)
		return start(command, call, role, wish->id);
	if (runs && runs->id == wish->id)
		ipvsctl_config_remove_sync(command->to, role);
	return 0;
}

static int make_so(struct command *command, struct call *call)
{
	enum notify_state states[NOTIFY_IDS_MAX] = { NOTIFY_UNKNOWN };
	struct notify_wish wishes[2];
	int r;

	for (size_t i = 0; i < call->id_count; i++)
		states[i] = state_for(call, &call->ids[i]);
	notify_decide(call->ids, call->id_count, states, wishes);
	r = fulfil(command, call, IPVSCTL_SYNC_MASTER, &wishes[0]);
	if (r == 0)
		r = fulfil(command, call, IPVSCTL_SYNC_BACKUP, &wishes[1]);
	return r == 0 ? command_commit(command) : r;
}

int sync_notify(struct command *command)
{
	struct call call = { .id_count = 0 };
	int r = understand(command, &call);

	if (r != 0)
		return r > 0 ? 0 : r;
	r = own_netns_enter(command);
	if (r == 0)
		r = command_begin(command, IPVSCTL_SYNC, NULL);
	if (r == 0)
		r = read_calls(command, &call);
	if (r == 0)
		r = note_call(command, &call);
	if (r != 0)
		return r > 0 ? 0 : r;
	r = make_so(command, &call);
	return r == 0 && !command->dry_run ? write_calls(command, &call) : r;
}
