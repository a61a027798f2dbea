/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Runs whole programs with one allocation failing, each time another one. A
 * run must end as it does with enough memory, or with the status that says
 * that it failed, a message about memory and nothing changed.
 *
 *   oom [--all] [--only TEXT] [SET...]
 *
 * Without --all a sample of the allocations fails: some of each part of a
 * program, since what one part asks for, it handles alike.
 */
#include <ctype.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/socket.h>

#include "../preload/fail-allocation.h"
#include "oom/oom.h"
#include "tap.h"

#define TIME_LIMIT   120 /* seconds; a run that takes longer hangs */
#define WORDS_MAX    40
#define FAULTS_SHOWN 20

static struct fail_shared *shared;
static int shared_fd;
static int server_fd; /* of the one server that answers checks */
static bool all;

/* How a run ended. */
struct outcome {
	int status; /* or minus the signal */
	char *output;
	char *errors;
	struct world *world;
};

/* How many allocations of each caller fail in a sample. */
static const unsigned int quotas[FAIL_CALLERS] = {
	[FAIL_OURS] = 3,    [FAIL_LIBC] = 6,   [FAIL_IPTC] = 16,
	[FAIL_JANSSON] = 5, [FAIL_OTHERS] = 8,
};

/* ---- Running ------------------------------------------------------------- */

static char *read_back(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = calloc(1, (size_t)size + 1);

	must(pread(fd, text, (size_t)size, 0) == size ? 0 : -1, "read");
	(void)close(fd);
	return text;
}

static void split(char *text, const char *words[WORDS_MAX])
{
	size_t count = 0;

	for (char *word = strtok(text, " "); word && count < WORDS_MAX - 1;
	     word = strtok(NULL, " "))
		words[count++] = word;
	words[count] = NULL;
}

/* The environment of a command whose allocations are counted. */
static char **counted_environment(void)
{
	static char number[64], preload[1024];
	static char **made;
	size_t count = 0;

	if (made)
		return made;
	while (environ[count])
		count++;
	made = calloc(count + 3, sizeof(*made));
	(void)snprintf(number, sizeof(number), FAIL_VARIABLE "=%d", shared_fd);
	(void)snprintf(preload, sizeof(preload), "LD_PRELOAD=%s",
		       getenv("LBCTL_PRELOAD"));
	made[0] = number;
	made[1] = preload;
	(void)memcpy(made + 2, environ, count * sizeof(*made));
	return made;
}

/* Without a copy of this process, which takes longer than most commands. */
static pid_t start(const char *command, const int fds[3], bool counted)
{
	const char *words[WORDS_MAX];
	posix_spawn_file_actions_t files;
	char copy[1024];
	pid_t pid;

	(void)snprintf(copy, sizeof(copy), "%s", command);
	split(copy, words);
	(void)posix_spawn_file_actions_init(&files);
	for (int i = 0; i < 3; i++)
		(void)posix_spawn_file_actions_adddup2(&files, fds[i], i);
	must(posix_spawnp(&pid, words[0], &files, NULL,
			  (char *const *)(uintptr_t)words,
			  counted ? counted_environment() : environ) ?
		     -1 :
		     0,
	     command);
	(void)posix_spawn_file_actions_destroy(&files);
	return pid;
}

/* Returns its status; one that hangs dies of SIGALRM. */
static int await_end(pid_t pid)
{
	struct pollfd ended = { .fd = pidfd_open(pid, 0), .events = POLLIN };
	int status;

	must(ended.fd, "pidfd_open");
	if (poll(&ended, 1, TIME_LIMIT * 1000) <= 0)
		(void)kill(pid, SIGALRM);
	(void)close(ended.fd);
	must(waitpid(pid, &status, 0) == pid ? 0 : -1, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static struct outcome run_command(const struct oom_case *one, bool counted)
{
	int fds[3] = { memfd_create("stdin", MFD_CLOEXEC),
		       memfd_create("stdout", MFD_CLOEXEC),
		       memfd_create("stderr", MFD_CLOEXEC) };
	struct outcome outcome = { 0 };

	if (one->input)
		must((int)write(fds[0], one->input,
				one->input_size ? one->input_size :
						  strlen(one->input)),
		     "write");
	(void)lseek(fds[0], 0, SEEK_SET);
	outcome.status = await_end(start(one->command, fds, counted));
	(void)close(fds[0]);
	outcome.output = read_back(fds[1]);
	outcome.errors = read_back(fds[2]);
	return outcome;
}

static void outcome_free(struct outcome *outcome)
{
	free(outcome->output);
	free(outcome->errors);
	if (outcome->world)
		world_free(outcome->world);
}

/* A full backlog would refuse the next check. */
static void drop_clients(void)
{
	int fd;

	while ((fd = accept4(server_fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		(void)close(fd);
}

static struct outcome run_case(const struct oom_set *set,
			       const struct oom_case *one, unsigned int fails)
{
	struct outcome outcome;

	shared->fails = fails;
	shared->count = 0;
	outcome = run_command(one, true);
	outcome.world = world_read(set->parts);
	drop_clients();
	return outcome;
}

/* ---- Judging ------------------------------------------------------------- */

/* Puts one '0' for each number, and one blank for those that pad it, in place: in
   a column a number that grows a digit has a blank less before it. */
static void squeeze(char *text)
{
	char *out = text;

	for (const char *at = text; *at; at++) {
		if (!isdigit((unsigned char)*at)) {
			*out++ = *at;
			continue;
		}
		if (at > text && isdigit((unsigned char)at[-1]))
			continue;
		while (out - text > 1 && out[-1] == ' ' && out[-2] == ' ')
			out--;
		*out++ = '0';
	}
	*out = '\0';
}

static bool same_text(const char *one, const char *other, bool numbers)
{
	char *texts[2] = { strdup(one), strdup(other) };
	bool same;

	if (numbers) {
		squeeze(texts[0]);
		squeeze(texts[1]);
	}
	same = strcmp(texts[0], texts[1]) == 0;
	free(texts[0]);
	free(texts[1]);
	return same;
}

/* What is wrong with a refusal, or NULL. */
static const char *judge_refusal(const struct outcome *outcome,
				 const struct outcome *right,
				 const struct world *before, unsigned int flags)
{
	bool changed = world_differs(before, outcome->world, flags & NUMBERS);

	if (!strcasestr(outcome->errors, "memory"))
		return "the message does not name memory";
	if (outcome->status == 4)
		return changed ? NULL : "changes are claimed to stand";
	if (changed && !(flags & RAN) &&
	    (!(flags & ANY_STATE) ||
	     world_differs(right->world, outcome->world, flags & NUMBERS)))
		return "it failed, and yet something changed";
	if (outcome->output[0] == '{')
		return "it failed, and yet there is a document";
	return NULL;
}

/* What is wrong with a run, or NULL. */
static const char *judge(const struct oom_case *one,
			 const struct outcome *outcome,
			 const struct outcome *right,
			 const struct world *before)
{
	int refused = one->refused ? one->refused : 3;

	if (outcome->status < 0)
		return "killed by a signal";
	if (outcome->status == refused || outcome->status == 4 ||
	    (one->flags & ANY_STATUS && outcome->status != 0))
		return judge_refusal(outcome, right, before, one->flags);
	if (one->flags & UNKNOWN && outcome->status == 1 &&
	    strstr(outcome->errors, "could not be probed"))
		return NULL;
	if (outcome->status != right->status)
		return "a status that does not say what happened";
	if (!same_text(outcome->output, right->output, one->flags & NUMBERS))
		return "another output";
	if (world_differs(right->world, outcome->world, one->flags & NUMBERS))
		return "the right status, and another state";
	return NULL;
}

static void show_fault(unsigned int number, const struct outcome *outcome,
		       const char *fault)
{
	static const char *const names[FAIL_CALLERS] = {
		"lbctl", "libc", "libiptc", "libjansson", "another library"
	};

	(void)printf("# allocation %u (%s): status %d: %s: %.*s\n", number,
		     names[shared->callers[number]], outcome->status, fault,
		     (int)strcspn(outcome->errors, "\n"), outcome->errors);
}

/* ---- Choosing ------------------------------------------------------------ */

/* Marks which of the allocations 1..count are to fail. */
static void choose(unsigned int count, bool *chosen)
{
	unsigned int totals[FAIL_CALLERS] = { 0 };
	unsigned int seen[FAIL_CALLERS] = { 0 };

	for (unsigned int i = 1; i <= count; i++)
		totals[shared->callers[i]]++;
	for (unsigned int i = 1; i <= count; i++) {
		unsigned int caller = shared->callers[i];
		unsigned int quota = quotas[caller], total = totals[caller];
		unsigned int n = seen[caller]++;

		/* Evenly spread: where n * quota / total rises. */
		chosen[i] = all || total <= quota ||
			    n * quota / total != (n + 1) * quota / total;
	}
}

/* ---- A command ----------------------------------------------------------- */

struct tally {
	unsigned int runs, refused, faults;
};

static void try_one(const struct oom_set *set, const struct oom_case *one,
		    const struct outcome *right, const struct world *before,
		    unsigned int number, struct tally *tally)
{
	struct outcome outcome = run_case(set, one, number);
	const char *fault = judge(one, &outcome, right, before);

	tally->runs++;
	tally->refused += outcome.status != right->status;
	tally->faults += fault != NULL;
	if (fault && tally->faults <= FAULTS_SHOWN)
		show_fault(number, &outcome, fault);
	if (world_differs(before, outcome.world, false))
		world_restore(before);
	outcome_free(&outcome);
}

static struct tally totals;

static void try_case(const struct oom_set *set, const struct oom_case *one)
{
	static bool chosen[FAIL_MAX];
	struct world *before = world_read(set->parts);
	struct tally tally = { 0 };
	struct outcome right;
	unsigned int count;

	shared->record = true;
	right = run_case(set, one, 0);
	shared->record = false;
	count = shared->count;
	must(count > 0 && count < FAIL_MAX ? 0 : -1, "preloading");
	if (right.status < 0 || right.status > 1)
		(void)printf("# %s\n", right.errors);
	must(right.status == 0 || right.status == 1 ? 0 : -1, one->command);
	world_restore(before);
	choose(count, chosen);
	for (unsigned int i = 1; i <= count; i++)
		if (chosen[i])
			try_one(set, one, &right, before, i, &tally);
	ok(tally.faults == 0,
	   "%s: %u of %u allocations failed: %u refused, %u faults",
	   one->command, tally.runs, count, tally.refused, tally.faults);
	totals.runs += tally.runs;
	totals.refused += tally.refused;
	totals.faults += tally.faults;
	outcome_free(&right);
	world_free(before);
}

static void try_set(const struct oom_set *set, const char *only)
{
	struct world *empty = world_read(set->parts);

	for (size_t i = 0; set->begin[i]; i++) {
		struct outcome outcome = run_command(
			&(struct oom_case){ .command = set->begin[i] }, false);

		if (outcome.status != 0)
			(void)printf("# %s\n", outcome.errors);
		must(outcome.status == 0 ? 0 : -1, set->begin[i]);
		outcome_free(&outcome);
	}
	for (const struct oom_case *one = set->cases; one->command; one++)
		if (!only || strstr(one->command, only))
			try_case(set, one);
	world_restore(empty);
	world_free(empty);
}

/* ---- The whole ----------------------------------------------------------- */

/* A network, a /run and a folder of our own. */
static void begin(void)
{
	char folder[] = "/run/lbctl-oom.XXXXXX";
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(80) };
	int one = 1;

	shared_fd = memfd_create("fail", 0);
	must(ftruncate(shared_fd, sizeof(*shared)), "ftruncate");
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED,
		      shared_fd, 0);
	must(shared != MAP_FAILED ? 0 : -1, "mmap");
	must(unshare(CLONE_NEWNS), "unshare");
	own_namespace();
	must(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), "mount /");
	must(mount("run", "/run", "tmpfs", 0, NULL), "mount /run");
	must(mkdtemp(folder) ? chdir(folder) : -1, folder);
	server_fd =
		socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	(void)setsockopt(server_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	must(bind(server_fd, (struct sockaddr *)&address, sizeof(address)),
	     "bind");
	must(listen(server_fd, 100), "listen");
}

static bool is_named(const char *name, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	const char *only = NULL;

	(void)argc;
	for (argv++; *argv && **argv == '-'; argv++)
		if (strcmp(*argv, "--all") == 0)
			all = true;
		else if (strcmp(*argv, "--only") == 0 && argv[1])
			only = *++argv;
	must(getenv("LBCTL_PRELOAD") ? 0 : -1, "LBCTL_PRELOAD is not set");
	begin();
	for (const struct oom_set *set = oom_sets; set->name; set++)
		if (is_named(set->name, argv))
			try_set(set, only);
	(void)printf("# in all: %u runs, %u refused, %u faults\n", totals.runs,
		     totals.refused, totals.faults);
	return finish();
}
