/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Runs a command, whose output goes to /dev/null, and prints how much memory it
 * had at most, in KiB.
 *
 *   peak COMMAND...
 */
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;
	pid_t pid;

	if (argc < 2) {
		fputs("Usage: peak COMMAND...\n", stderr);
		return 2;
	}
	pid = fork();
	if (pid == 0) {
		if (!freopen("/dev/null", "w", stdout))
			_exit(126);
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0 || status != 0) {
		fputs("peak: the command failed\n", stderr);
		return 1;
	}
	printf("%ld\n", usage.ru_maxrss);
	return 0;
}
