// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: The lbctl authors
//
// Exchanges two files, each time at once, until it is killed or just once.

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const bool once = argc == 4 && strcmp(argv[1], "--once") == 0;

	if (argc != 3 && !once) {
		fputs("Usage: exchange [--once] FILE FILE\n", stderr);
		return 3;
	}
	while (renameat2(AT_FDCWD, argv[argc - 2], AT_FDCWD, argv[argc - 1],
			 RENAME_EXCHANGE) == 0) {
		if (once)
			return 0;
		(void)usleep(1000);
	}
	perror("renameat2");
	return 1;
}
