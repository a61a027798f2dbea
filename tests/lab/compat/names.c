/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * What -S without -n names: ipvsadm writes names that lead elsewhere, or that
 * it cannot read; ours then writes numbers. Both are rewritten to numbers.
 */
#include "compat.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define CUT 59 /* what ipvsadm keeps of a name and its port */

/* Names of the hosts file, world.c, of which ours keeps silent. */
static const struct {
	const char *name;
	const char *instead;
} hosts[] = {
	{ "six.example", "fd00::1" },
	{ "six-real.example", "fd00:1::1" },
	{ "localhost", "localhost" },
	{ "::1", "localhost" },
	/* Two have this name, and it leads to one. */
	{ "twin.example", "twin" },
	{ "192.168.1.12", "twin" },
	{ "192.168.1.13", "twin" },
};

static bool is_endpoint_option(const char *word)
{
	static const char *const options[] = { "-t", "-u", "--sctp-service",
					       "-r" };

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strcmp(options[i], word) == 0)
			return true;
	return false;
}

static void print_port(FILE *stream, const char *port)
{
	const struct servent *entry = getservbyname(port, NULL);

	if (entry)
		(void)fprintf(stream, ":%u", ntohs((uint16_t)entry->s_port));
	else
		(void)fprintf(stream, ":%s", port);
}

/* A word is cut where ipvsadm would, and has lost its port then. */
static void print_endpoint(FILE *stream, char *word)
{
	char *port = strrchr(word, ':');
	char *host = word;

	if (strlen(word) >= CUT) {
		(void)fprintf(stream, "%.*s", CUT, word);
		return;
	}
	if (!port) {
		(void)fputs(word, stream);
		return;
	}
	*port++ = '\0';
	if (host[0] == '[') {
		host++;
		host[strcspn(host, "]")] = '\0';
	}
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		if (strcmp(hosts[i].name, host) == 0) {
			(void)fputs(hosts[i].instead, stream);
			print_port(stream, port);
			return;
		}
	(void)fputs(host, stream);
	print_port(stream, port);
}

/* The text with its endpoints in numbers. */
static char *in_numbers(const char *text)
{
	char *copy = duplicate(text), *line, *rest = copy, *result = NULL;
	size_t length;
	FILE *stream = open_memstream(&result, &length);

	if (!stream)
		bail_out("open_memstream", "out of memory");
	while (*rest && (line = strsep(&rest, "\n")) && rest) {
		bool endpoint = false;
		char *words = NULL;

		for (char *word = strtok_r(line, " ", &words); word;
		     word = strtok_r(NULL, " ", &words)) {
			if (endpoint)
				print_endpoint(stream, word);
			else
				(void)fputs(word, stream);
			(void)fputc(' ', stream);
			endpoint = is_endpoint_option(word);
		}
		(void)fputc('\n', stream);
	}
	if (fclose(stream) != 0)
		bail_out("fclose", "out of memory");
	free(copy);
	return result;
}

/*
 * Takes what ours says of a flag out, "flag-3" or ",flag-3" behind -b of sh and
 * mh: ipvsadm says " -b " and no more, which it cannot read.
 */
static char *without_flag(const char *text)
{
	char *copy = duplicate(text), *result = NULL, *line, *rest = copy;
	size_t length;
	FILE *stream = open_memstream(&result, &length);

	if (!stream)
		bail_out("open_memstream", "out of memory");
	while (*rest && (line = strsep(&rest, "\n")) && rest) {
		char *flag = strstr(line, "flag-3");

		if (flag &&
		    (strstr(line, " -s sh ") || strstr(line, " -s mh "))) {
			(void)fprintf(stream, "%.*s",
				      (int)(flag - line - (flag[-1] == ',')),
				      line);
			line = flag + strlen("flag-3");
		}
		(void)fprintf(stream, "%s\n", line);
	}
	if (fclose(stream) != 0)
		bail_out("fclose", "out of memory");
	free(copy);
	return result;
}

bool rewrite_flags(const struct step *step, char **peer, char **ours)
{
	char *text;

	(void)peer;
	if (step->self || !options_have(&step->options, "save") ||
	    !strstr(*ours, "flag-3"))
		return false;
	text = without_flag(*ours);
	free(*ours);
	*ours = text;
	return true;
}

bool rewrite_names(const struct step *step, char **peer, char **ours)
{
	char *texts[SIDES];

	if (step->self || !options_have(&step->options, "save") ||
	    options_have(&step->options, "numeric"))
		return false;
	texts[PEER] = in_numbers(*peer);
	texts[OURS] = in_numbers(*ours);
	free(*peer);
	free(*ours);
	*peer = texts[PEER];
	*ours = texts[OURS];
	return true;
}
