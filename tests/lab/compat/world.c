/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Two network namespaces alike, and programs run in both at once. */
#include "compat.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pace.h"

#define LIMIT_MS   30000
#define OUTPUT_MAX (64UL << 20)

static void must(int r, const char *what)
{
	if (r < 0)
		bail_out(what, strerror(errno));
}

/* ---- Files of their own -------------------------------------------------- */

/* Names that need no server, and that get no answer but from here. */
static const struct {
	const char *source, *target, *text;
} files[] = {
	{ "/run/hosts", "/etc/hosts",
	  "127.0.0.1 localhost\n"
	  "::1 localhost ip6-localhost\n"
	  "10.0.0.1 vip1.example vip1\n"
	  "10.0.0.2 vip2.example\n"
	  "192.168.1.11 real1.example\n"
	  "192.168.1.12 twin.example\n"
	  "192.168.1.13 twin.example\n"
	  "10.0.0.3 a-name-that-is-longer-than-sixty-bytes-and-so-gets-cut."
	  "somewhere.example\n"
	  "10.0.0.4 rather-long-name.example\n"
	  "fd00::1 six.example\n"
	  "fd00:1::1 six-real.example\n" },
	{ "/run/resolv.conf", "/etc/resolv.conf",
	  "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n" },
	{ "/run/nsswitch.conf", "/etc/nsswitch.conf",
	  "passwd: files\ngroup: files\nhosts: files\nnetworks: files\n"
	  "protocols: files\nservices: files\n" },
};

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		bail_out(path, strerror(errno));
}

/* A private /run goes, with the namespaces named in it, however this ends. */
static void own_files(void)
{
	must(unshare(CLONE_NEWNS), "unshare");
	must(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), "mount");
	must(mount("run", "/run", "tmpfs", 0, NULL), "mount /run");
	must(mkdir("/run/netns", 0755), "/run/netns");
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		write_file(files[i].source, files[i].text);
		must(mount(files[i].source, files[i].target, NULL, MS_BIND,
			   NULL),
		     files[i].target);
	}
}

/* ---- Network namespaces ----------------------------------------------------- */

/* A name of 15 bytes is the longest that an interface can have. */
static const char set_up[] = "link set lo up\n"
			     "link add eth0 type dummy\n"
			     "link set eth0 addrgenmode none\n"
			     "address add 10.0.0.254/8 dev eth0\n"
			     "address add fd00::fe/64 dev eth0 nodad\n"
			     "address add fe80::fe/64 dev eth0 nodad\n"
			     "link set eth0 up\n"
			     "link add interface-of-15 type dummy\n"
			     "address add 192.168.77.1/24 dev interface-of-15\n"
			     "link set interface-of-15 up\n";

static void set_up_network(void)
{
	char *argv[] = { (char[]){ "ip" }, (char[]){ "-batch" },
			 (char[]){ "/run/set-up" }, NULL };
	int status;
	pid_t pid;

	write_file(argv[2], set_up);
	errno = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	must(-errno, "ip");
	must(waitpid(pid, &status, 0), "waitpid");
	if (status != 0)
		bail_out("ip -batch", "failed");
}

static void side_open(struct side *side, const char *program, const char *netns)
{
	struct ipvsctl_error err = { .code = 0 };
	char path[64];
	int fd;

	side->program = program;
	(void)snprintf(side->netns, sizeof(side->netns), "%s", netns);
	(void)snprintf(path, sizeof(path), "/run/netns/%s", netns);
	must(unshare(CLONE_NEWNET), "unshare");
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	must(fd, path);
	(void)close(fd);
	must(mount("/proc/thread-self/ns/net", path, NULL, MS_BIND, NULL), path);
	side->netns_fd = open(path, O_RDONLY | O_CLOEXEC);
	must(side->netns_fd, path);
	set_up_network();
	side->input = memfd_create("stdin", MFD_CLOEXEC);
	side->output = memfd_create("stdout", MFD_CLOEXEC);
	side->errors = memfd_create("stderr", MFD_CLOEXEC);
	must(side->input, "memfd_create");
	must(side->output, "memfd_create");
	must(side->errors, "memfd_create");
	if (ipvsctl_open(&side->ctx, netns, &err) < 0)
		bail_out("ipvsctl_open", err.message);
}

static const char *find_program(const char *name)
{
	char *path = NULL, *list, *state = NULL;

	if (strchr(name, '/'))
		return duplicate(name);
	list = duplicate(getenv("PATH") ?: "/usr/sbin:/sbin:/usr/bin:/bin");
	for (char *dir = strtok_r(list, ":", &state); dir;
	     dir = strtok_r(NULL, ":", &state)) {
		if (asprintf(&path, "%s/%s", dir, name) < 0)
			bail_out(name, strerror(errno));
		if (access(path, X_OK) == 0)
			break;
		free(path);
		path = NULL;
	}
	free(list);
	if (!path)
		bail_out(name, "not found");
	return path;
}

void world_open(struct world *world, const char *peer, const char *ours)
{
	/* A program that never stops writing must not fill the memory. */
	const struct rlimit limit = { OUTPUT_MAX, OUTPUT_MAX };

	peer = find_program(peer);
	ours = find_program(ours);
	world->home_fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	must(world->home_fd, "/proc/thread-self/ns/net");
	own_files();
	keep_program(peer);
	keep_program(ours);
	keep_file("/etc/ld.so.cache");
	keep_file("/etc/services");
	side_open(&world->sides[PEER], peer, "peer");
	side_open(&world->sides[OURS], ours, "ours");
	must(setns(world->home_fd, CLONE_NEWNET), "setns");
	must(setrlimit(RLIMIT_FSIZE, &limit), "setrlimit");
}

void world_close(struct world *world)
{
	for (struct side *side = world->sides; side < world->sides + SIDES;
	     side++) {
		ipvsctl_close(side->ctx);
		(void)close(side->input);
		(void)close(side->output);
		(void)close(side->errors);
		(void)close(side->netns_fd);
		free((void *)(uintptr_t)side->program);
	}
	(void)close(world->home_fd);
}

/* ---- Programs ------------------------------------------------------------------ */

static void fill_input(int fd, const char *text)
{
	size_t size = text ? strlen(text) : 0;

	must(ftruncate(fd, 0), "ftruncate");
	if (size && pwrite(fd, text, size, 0) != (ssize_t)size)
		bail_out("pwrite", strerror(errno));
	must((int)lseek(fd, 0, SEEK_SET), "lseek");
}

static pid_t start(const struct side *side, const struct command *command)
{
	char name[] = "ipvsadm", *argv[WORDS_MAX + 2] = { name };
	posix_spawn_file_actions_t actions;
	pid_t pid;

	for (size_t i = 0; i <= command->count; i++)
		argv[i + 1] = command->words[i];
	fill_input(side->input, command->input);
	must((int)lseek(side->output, 0, SEEK_SET), "lseek");
	must((int)lseek(side->errors, 0, SEEK_SET), "lseek");
	must(setns(side->netns_fd, CLONE_NEWNET), "setns");
	errno = posix_spawn_file_actions_init(&actions);
	must(-errno, "posix_spawn");
	if (command->input)
		(void)posix_spawn_file_actions_adddup2(&actions, side->input,
						       STDIN_FILENO);
	else
		(void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO,
						       "/dev/null", O_RDONLY,
						       0);
	(void)posix_spawn_file_actions_adddup2(&actions, side->output,
					       STDOUT_FILENO);
	(void)posix_spawn_file_actions_adddup2(&actions, side->errors,
					       STDERR_FILENO);
	errno = posix_spawn(&pid, side->program, &actions, NULL, argv, environ);
	must(-errno, side->program);
	(void)posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void await(pid_t pid, int64_t deadline, struct result *result)
{
	struct pollfd poll_fd = { .events = POLLIN };
	int64_t left = deadline - now_ms();

	poll_fd.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	must(poll_fd.fd, "pidfd_open");
	if (poll(&poll_fd, 1, left > 0 ? (int)left : 0) == 0) {
		result->late = true;
		(void)kill(pid, SIGKILL);
	}
	(void)close(poll_fd.fd);
	must(waitpid(pid, &result->status, 0), "waitpid");
}

/* Takes what is in the file, and empties it. */
static char *drain(int fd, size_t *ret_size)
{
	struct stat info;
	char *text;

	must(fstat(fd, &info), "fstat");
	*ret_size = (size_t)info.st_size;
	text = allocate(*ret_size + 1);
	if (pread(fd, text, *ret_size, 0) != info.st_size)
		bail_out("pread", strerror(errno));
	must(ftruncate(fd, 0), "ftruncate");
	return text;
}

void world_run(struct world *world, const struct command *command,
	       struct result ret_results[SIDES])
{
	int64_t deadline = now_ms() + paced(LIMIT_MS);
	pid_t pids[SIDES];

	for (int i = 0; i < SIDES; i++)
		pids[i] = start(&world->sides[i], command);
	must(setns(world->home_fd, CLONE_NEWNET), "setns");
	for (int i = 0; i < SIDES; i++) {
		struct result *result = &ret_results[i];

		*result = (struct result){ .late = false };
		await(pids[i], deadline, result);
		result->output =
			drain(world->sides[i].output, &result->output_size);
		result->errors =
			drain(world->sides[i].errors, &result->errors_size);
	}
}

void result_clear(struct result *result)
{
	free(result->output);
	free(result->errors);
	*result = (struct result){ .late = false };
}

int result_status(const struct result *result)
{
	return WIFEXITED(result->status) ? WEXITSTATUS(result->status) : -1;
}
