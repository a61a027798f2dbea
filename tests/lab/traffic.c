// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: The lbctl authors
//
// Traffic for tests: named servers on many ports, and clients that count who
// answered.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "traffic/traffic.h"

static const char usage_text[] =
	"Usage: traffic serve NAME PROTOCOL ADDRESS PORTS [--report FILE]\n"
	"       traffic look FILE...\n"
	"       traffic stop FILE...\n"
	"       traffic send PROTOCOL ADDRESS PORT[:PORT] COUNT [OPTION...]\n"
	"       traffic hold PROTOCOL ADDRESS PORT SECONDS [OPTION...]\n"
	"       traffic flow PROTOCOL ADDRESS PORT COUNT --report FILE [--idle]\n"
	"               [--gap] [--every MS]\n"
	"\n"
	"PROTOCOL is udp, tcp or sctp; PORTS a list such as 7880,50000:60000.\n"
	"serve answers each request with NAME. It says 'ready', and on SIGTERM\n"
	"what it received; with --report it goes into the background once it\n"
	"is ready, for 'stop' to end it and print what it received.\n"
	"send makes COUNT requests, each from its own socket, spread over the\n"
	"ports, and prints how many each server answered. hold asks once, keeps\n"
	"its socket for SECONDS or until SIGTERM, and asks again. flow goes on\n"
	"in the background once all are answered, or after ten seconds, with\n"
	"COUNT sockets that ask five times a second, or every MS milliseconds;\n"
	"with --idle, connections that ask only once and again at the end.\n"
	"'stop' prints how many each server answers now, how many nobody, how\n"
	"many have come to another server meanwhile, how many connections are\n"
	"lost, and with --gap for how many milliseconds at most one of them had\n"
	"no answer. 'look' prints the same of flows that go on, the gap since\n"
	"the last look.\n"
	"\n"
	"  --from ADDRESS        source address\n"
	"  --source-ports FIRST  request I comes from port FIRST + I\n"
	"  --timeout MS          longest wait for an answer (default 3000), of a\n"
	"                        machine that has nothing else to do\n"
	"  --window N            requests under way at once (default 128)\n"
	"\n"
	"Status: 0 all was answered, 1 something was lost, 2 failure.\n";

_Noreturn void die_usage(const char *what)
{
	fprintf(stderr, "traffic: %s\n%s", what, usage_text);
	exit(STATUS_FAILED);
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";

	signal(SIGPIPE, SIG_IGN);
	if (!strcmp(command, "serve"))
		return cmd_serve(argc - 2, argv + 2);
	if (!strcmp(command, "stop"))
		return cmd_stop(argc - 2, argv + 2);
	if (!strcmp(command, "look"))
		return cmd_look(argc - 2, argv + 2);
	if (!strcmp(command, "send"))
		return cmd_send(argc - 2, argv + 2);
	if (!strcmp(command, "hold"))
		return cmd_hold(argc - 2, argv + 2);
	if (!strcmp(command, "flow"))
		return cmd_flow(argc - 2, argv + 2);
	if (strcmp(command, "--help") != 0)
		die_usage("no such command");
	fputs(usage_text, stdout);
	return 0;
}
