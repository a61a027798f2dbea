// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: The lbctl authors
//
// Types a line into the terminal that it was started from, as if somebody sat
// there. Ends with 0 when it could, 1 when it has no terminal, 2 when the
// kernel does not let it type.

#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	if (argc != 2) {
		fputs("Usage: typist TEXT\n", stderr);
		return 3;
	}
	if (fd < 0) {
		perror("/dev/tty");
		return 1;
	}
	for (const char *c = argv[1]; *c; c++)
		if (ioctl(fd, TIOCSTI, c) < 0) {
			perror("TIOCSTI");
			return 2;
		}
	return ioctl(fd, TIOCSTI, "\n") < 0 ? 2 : 0;
}
