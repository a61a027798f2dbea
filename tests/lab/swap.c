/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * swap A B: exchanges two names again and again until it is killed, or a minute
 * is over, for tests of programs that look at a name more than once.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc != 3) {
		(void)fprintf(stderr, "usage: swap A B\n");
		return 2;
	}
	(void)alarm(60);
	for (;;)
		if (renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2],
			      RENAME_EXCHANGE) < 0) {
			/* The program under test has a name of its own. */
			perror("swap");
			return 1;
		}
}
