/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * flood PORT COMMAND...: sends datagrams to this host's own PORT as fast as it
 * can while COMMAND runs, and prints how many arrived, and how many of them
 * without a mark. The status is that of COMMAND.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SO_RCVMARK
#define SO_RCVMARK 75
#endif
#define BURST 32

static void __attribute__((noreturn)) give_up(const char *what)
{
	perror(what);
	exit(125);
}

/* Takes what has arrived; returns how many datagrams, and adds the unmarked. */
static unsigned int take(int fd, unsigned long *unmarked)
{
	unsigned int count = 0;

	for (;; count++) {
		union {
			struct cmsghdr header;
			char room[64];
		} control = { .room = "" };
		char data[8];
		struct iovec part = { data, sizeof(data) };
		struct msghdr message = { .msg_iov = &part,
					  .msg_iovlen = 1,
					  .msg_control = &control,
					  .msg_controllen = sizeof(control) };
		uint32_t mark = 0;

		if (recvmsg(fd, &message, MSG_DONTWAIT) < 0)
			return count;
		if (CMSG_FIRSTHDR(&message))
			(void)memcpy(&mark, CMSG_DATA(&control.header),
				     sizeof(mark));
		*unmarked += mark == 0;
	}
}

static pid_t start(char **command)
{
	pid_t pid = fork();

	if (pid < 0)
		give_up("fork");
	if (pid == 0) {
		(void)execvp(command[0], command);
		give_up(command[0]);
	}
	return pid;
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int sender = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unsigned long arrived = 0, unmarked = 0;
	const int on = 1;
	int status = 0;
	pid_t pid;

	if (argc < 3) {
		(void)fprintf(stderr, "usage: flood PORT COMMAND...\n");
		return 2;
	}
	to.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	if (fd < 0 || sender < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVMARK, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&to, sizeof(to)) < 0 ||
	    connect(sender, (struct sockaddr *)&to, sizeof(to)) < 0)
		give_up("sockets");
	pid = start(argv + 2);
	while (waitpid(pid, &status, WNOHANG) == 0) {
		for (int i = 0; i < BURST; i++)
			if (send(sender, "x", 1, 0) < 0)
				give_up("send");
		arrived += take(fd, &unmarked);
	}
	(void)printf("%lu arrived, %lu unmarked\n", arrived, unmarked);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
