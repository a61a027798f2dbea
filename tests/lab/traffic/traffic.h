// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: The lbctl authors
//
// What the serving and the asking side of the traffic tool share.

#ifndef LBCTL_TESTS_TRAFFIC_H
#define LBCTL_TESTS_TRAFFIC_H

#include <signal.h>
#include <stdint.h>
#include <sys/socket.h>

#define STATUS_LOST   1
#define STATUS_FAILED 2
#define NAME_SIZE     32

struct protocol {
	const char *name;
	int type;
	int number;
};

struct endpoint {
	const struct protocol *protocol;
	struct sockaddr_storage addr;
	socklen_t size;
};

// Set by SIGTERM and SIGINT, and by SIGUSR1, after catch_signals().
extern volatile sig_atomic_t stopped, looked;

// Say what is wrong and end the program.
_Noreturn void die(const char *what);
_Noreturn void die_usage(const char *what);

// ret_end may be NULL: the text must then end after the number.
unsigned int parse_number(const char *text, unsigned int max, char **ret_end);
// PORT or FIRST:LAST
void parse_range(const char *text, unsigned int *ret_first,
		 unsigned int *ret_last, char **ret_end);
void parse_address(const char *text, struct endpoint *ret_endpoint);
// PROTOCOL ADDRESS
void parse_endpoint(char **argv, struct endpoint *ret_endpoint);

void set_port(struct endpoint *endpoint, unsigned int port);
// Not blocking.
int open_socket(const struct endpoint *endpoint);
void bind_socket(int fd, struct endpoint *at, unsigned int port);
void watch(int epoll, int fd, uint32_t events, uint64_t tag);
// A server of 10,000 ports needs as many descriptors.
void allow_descriptors(unsigned int n);
void catch_signals(void);

// Goes into the background. The report replaces the process id that 'stop' has
// read from the file.
void into_background(const char *path);
// Empties the file for the report, which goes to stdout.
void begin_report(const char *path);

// The commands: their arguments, without the command's name.
int cmd_serve(int argc, char **argv);
int cmd_stop(int argc, char **argv);
int cmd_look(int argc, char **argv);
int cmd_send(int argc, char **argv);
int cmd_hold(int argc, char **argv);
int cmd_flow(int argc, char **argv);

#endif
