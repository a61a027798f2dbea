/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Which marks packets get, from iptables and after an import of its rules.
 *
 *   import list COMMAND...   runs COMMAND in a namespace of its own, with the
 *                            packets from standard input sent behind it
 *   import random SEED COUNT compares COUNT random sets of rules
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/import.h"
#include "import/packets.h"

int main(int argc, const char **argv)
{
	if (argc > 2 && strcmp(argv[1], "list") == 0) {
		int status;

		packets_open();
		status = run_with(argv + 2, NULL, false);
		if (status != 0)
			return status;
		return import_list();
	}
	if (argc == 4 && strcmp(argv[1], "random") == 0) {
		packets_open();
		return import_random((unsigned int)strtoul(argv[2], NULL, 0),
				     (unsigned int)strtoul(argv[3], NULL, 0));
	}
	(void)fprintf(stderr, "usage: import list COMMAND...\n"
			      "       import random SEED COUNT\n");
	return 2;
}
