/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * flood PORT COMMAND...: sends datagrams to this host's own PORT as fast as it
 * can while COMMAND runs, and prints how many arrived, and how many of them
 * without a mark. The status is that of COMMAND.
 */
#include <arpa/inet.h>
#include <linux/filter.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BURST 32

/* Leaves of a datagram without a mark only the header. Unlike SO_RCVMARK, that
   works before Linux 5.19, too. */
static struct sock_filter filter[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_MARK)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, 8),
	BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
};

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
		char data[8];
		ssize_t size = recv(fd, data, sizeof(data), MSG_DONTWAIT);

		if (size < 0)
			return count;
		*unmarked += size == 0;
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
	const struct sock_fprog program = {
		.len = sizeof(filter) / sizeof(*filter),
		.filter = filter,
	};
	int status = 0;
	pid_t pid;

	if (argc < 3) {
		(void)fprintf(stderr, "usage: flood PORT COMMAND...\n");
		return 2;
	}
	to.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	if (fd < 0 || sender < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
		       sizeof(program)) < 0 ||
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
