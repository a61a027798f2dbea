/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Prints what ipvsctl_check_paths() says of the ways to addresses, a line each:
 *
 *	ways [+]ADDRESS...	"+": it is known to answer
 *	10.0.0.1 fine
 *	10.0.0.2 down eth1
 *	10.0.0.3 silent eth1 by 10.0.0.254
 */
#include <ipvsctl.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const faults[] = {
	[IPVSCTL_PATH_NO_FAULT] = "fine",
	[IPVSCTL_PATH_NO_ROUTE] = "unreachable",
	[IPVSCTL_PATH_LINK_DOWN] = "down",
	[IPVSCTL_PATH_GATEWAY_SILENT] = "silent",
	[IPVSCTL_PATH_LINK_SILENT] = "silent",
};

static void print(const struct ipvsctl_path *path)
{
	char text[IPVSCTL_ADDRESS_TEXT];

	printf("%s %s", ipvsctl_address_format(&path->address, text),
	       faults[path->fault]);
	if (path->fault && path->interface[0])
		printf(" %s", path->interface);
	if (path->fault == IPVSCTL_PATH_GATEWAY_SILENT)
		printf(" by %s", ipvsctl_address_format(&path->gateway, text));
	putchar('\n');
}

int main(int argc, char **argv)
{
	const size_t count = (size_t)argc - 1;
	struct ipvsctl_path *paths = calloc(count + 1, sizeof(*paths));
	struct ipvsctl_error err = { 0 };
	struct ipvsctl *ctx = NULL;
	int r = ipvsctl_open(&ctx, NULL, &err);

	for (size_t i = 0; r == 0 && i < count; i++) {
		const char *word = argv[i + 1];

		paths[i].answers = *word == '+';
		r = ipvsctl_address_parse(word + paths[i].answers,
					  &paths[i].address, &err);
	}
	if (r == 0)
		r = ipvsctl_check_paths(ctx, paths, count, &err);
	for (size_t i = 0; r == 0 && i < count; i++)
		print(&paths[i]);
	if (r < 0)
		fprintf(stderr, "ways: %s\n", err.message);
	ipvsctl_close(ctx);
	free(paths);
	return r < 0 || fflush(stdout) != 0;
}
