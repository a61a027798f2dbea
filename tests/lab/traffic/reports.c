// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: The lbctl authors
//
// What those in the background have to say, in the middle and at the end.

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "pace.h"
#include "traffic.h"

static int open_process(const char *path)
{
	char line[32];
	pid_t pid;
	FILE *file = fopen(path, "re");

	if (!file)
		die(path);
	if (!fgets(line, sizeof(line), file))
		die_usage(path);
	fclose(file);
	line[strcspn(line, "\n")] = '\0';
	pid = (pid_t)parse_number(line, 1 << 22, NULL);
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static void print_file(const char *path)
{
	char line[4096];
	FILE *file = fopen(path, "re");

	if (!file)
		die(path);
	while (fgets(line, sizeof(line), file))
		fputs(line, stdout);
	fclose(file);
}

// All are told before the first one is waited for: a flow takes its time to end.
int cmd_stop(int argc, char **argv)
{
	struct pollfd *processes = calloc((size_t)argc + 1, sizeof(*processes));

	if (!processes)
		die("memory");
	for (int i = 0; i < argc; i++) {
		processes[i].events = POLLIN;
		processes[i].fd = open_process(argv[i]);
		if (processes[i].fd < 0 ||
		    syscall(SYS_pidfd_send_signal, processes[i].fd, SIGTERM,
			    NULL, 0))
			die(argv[i]);
	}
	for (int i = 0; i < argc; i++) {
		if (poll(&processes[i], 1, (int)paced(10000)) != 1)
			die(argv[i]);
		close(processes[i].fd);
		print_file(argv[i]);
	}
	free(processes);
	return 0;
}

// Waits until a flow has written what it says now.
static void await_look(const char *path)
{
	const struct timespec pause = { .tv_nsec = 20000000L };
	unsigned int left = paced(10000) / 20;

	while (access(path, F_OK) && left-- > 0)
		nanosleep(&pause, NULL);
}

int cmd_look(int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		const int process = open_process(argv[i]);
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s.look", argv[i]);
		unlink(path);
		if (process < 0 ||
		    syscall(SYS_pidfd_send_signal, process, SIGUSR1, NULL, 0))
			die(argv[i]);
		close(process);
		await_look(path);
		print_file(path);
	}
	return 0;
}
