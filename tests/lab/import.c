/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Which marks packets get, from iptables and after an import of its rules.
 *
 *   import fresh COMMAND...  runs COMMAND with a network namespace and a /run
 *                            of its own
 *   import list COMMAND...   does so, and sends the packets that standard input
 *                            lists
 *   import state             prints rules and files that an import can change
 *   import random SEED COUNT compares COUNT random sets of rules
 *   import model BACKEND SEED COUNT
 *                            compares COUNT random sets of our rules with a
 *                            model
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "import/import.h"
#include "import/packets.h"
#include "import/tables.h"

int main(int argc, const char **argv)
{
	if (argc > 2 && strcmp(argv[1], "fresh") == 0) {
		fresh();
		(void)execvp(argv[2], (char *const *)(uintptr_t)(argv + 2));
		give_up(argv[2]);
	}
	if (argc == 2 && strcmp(argv[1], "state") == 0)
		return import_state();
	if (argc > 2 && strcmp(argv[1], "list") == 0) {
		int status;

		packets_open();
		status = run_with(argv + 2, NULL, NULL);
		if (status != 0)
			return status;
		return import_list();
	}
	if (argc == 4 && strcmp(argv[1], "random") == 0) {
		packets_open();
		return import_random((unsigned int)strtoul(argv[2], NULL, 0),
				     (unsigned int)strtoul(argv[3], NULL, 0));
	}
	if (argc == 5 && strcmp(argv[1], "model") == 0) {
		packets_open();
		return import_model(argv[2],
				    (unsigned int)strtoul(argv[3], NULL, 0),
				    (unsigned int)strtoul(argv[4], NULL, 0));
	}
	(void)fprintf(stderr, "usage: import fresh COMMAND...\n"
			      "       import list COMMAND...\n"
			      "       import state\n"
			      "       import random SEED COUNT\n"
			      "       import model BACKEND SEED COUNT\n");
	return 2;
}
