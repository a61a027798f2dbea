/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The ways in which ours may differ from ipvsadm 1.31, all in the table at the
 * end. What none of them explains is a fault.
 */
#include "compat.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define UNEXPLAINED 0u

static bool same_text(const char *a, size_t a_size, const char *b, size_t b_size)
{
	return a_size == b_size && memcmp(a, b, a_size) == 0;
}

static bool same_output(const struct step *step)
{
	const struct result *a = &step->results[PEER];
	const struct result *b = &step->results[OURS];

	return same_text(a->output, a->output_size, b->output, b->output_size);
}

static bool same_errors(const struct step *step)
{
	const struct result *a = &step->results[PEER];
	const struct result *b = &step->results[OURS];

	return same_text(a->errors, a->errors_size, b->errors, b->errors_size);
}

static bool same_status(const struct step *step)
{
	return step->results[PEER].status == step->results[OURS].status &&
	       !step->results[PEER].late && !step->results[OURS].late;
}

static bool says(const struct step *step, enum side_of side, int status,
		 const char *errors)
{
	const struct result *result = &step->results[side];

	return result_status(result) == status &&
	       strcmp(result->errors, errors) == 0;
}

static bool unchanged(const struct step *step, enum side_of side)
{
	return state_same(&step->before, &step->after[side]);
}

static bool same_states(const struct step *step)
{
	return state_same(&step->after[PEER], &step->after[OURS]);
}

static bool have(const struct step *step, const char *name)
{
	return options_have(&step->options, name);
}

/* ---- Crashes, names of interfaces, options of ours ------------------------- */

static bool explains_crash(const struct step *step)
{
	bool reads = have(step, "list") || have(step, "save");

	return WIFSIGNALED(step->results[PEER].status) &&
	       !step->results[PEER].late &&
	       WIFEXITED(step->results[OURS].status) &&
	       (!reads || unchanged(step, OURS));
}

static bool explains_interface(const struct step *step)
{
	int at = options_find(&step->options, "mcast-interface");
	const char *name = at < 0 ? NULL : step->options.seen[at].value;

	return name && strlen(name) > IPVSCTL_INTERFACE_MAX &&
	       have(step, "start-daemon") &&
	       says(step, OURS, 255, "No such device\n") &&
	       unchanged(step, OURS) && same_output(step);
}

static bool explains_extra(const struct step *step)
{
	const struct result *peer = &step->results[PEER];

	return result_status(peer) == 255 && unchanged(step, PEER) &&
	       (strstr(peer->errors, "-O: unknown option") ||
		strstr(peer->errors, "--full: unknown option")) &&
	       WIFEXITED(step->results[OURS].status) &&
	       !step->results[OURS].late;
}

/* ---- The order of options ----------------------------------------------------- */

static bool is_ipv6(const char *text)
{
	const char *colon = text ? strchr(text, ':') : NULL;

	return text &&
	       (text[0] == '[' || (colon && strchr(colon + 1, ':') != NULL));
}

/* Whether -M stands before what makes the service IPv6. */
static bool mask_is_early(const struct options *options)
{
	int mask = options_find(options, "netmask");
	int service = options_find_service(options);
	int six = options_find(options, "ipv6");

	if (mask < 0 || service < 0)
		return false;
	if (strcmp(options->seen[service].name, "fwmark-service") == 0)
		return mask < six;
	return mask < service && is_ipv6(options->seen[service].value);
}

static size_t length_without_mask(const char *line)
{
	const char *mask = strncmp(line, "service ", 8) == 0 ?
				   strstr(line, " netmask ") :
				   NULL;

	return mask ? (size_t)(mask - line) : strlen(line);
}

/* Whether one service, and nothing else, differs in its netmask only. */
static bool only_mask_differs(const struct state *a, const struct state *b)
{
	unsigned int differing = 0;

	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		size_t length = length_without_mask(a->lines[i]);

		if (strcmp(a->lines[i], b->lines[i]) == 0)
			continue;
		if (length != length_without_mask(b->lines[i]) ||
		    memcmp(a->lines[i], b->lines[i], length) != 0)
			return false;
		differing++;
	}
	return differing == 1;
}

static bool explains_mask(const struct step *step)
{
	if (!mask_is_early(&step->options) || !same_output(step))
		return false;
	if (says(step, OURS, 2, "illegal ipv6 netmask specified\n"))
		return unchanged(step, OURS);
	if (says(step, PEER, 2,
		 "illegal virtual server persistent mask specified\n"))
		return unchanged(step, PEER);
	return same_status(step) && same_errors(step) &&
	       only_mask_differs(&step->after[PEER], &step->after[OURS]);
}

static bool lacks_port(const char *text)
{
	return text &&
	       (!strchr(text, ':') || (is_ipv6(text) && !strstr(text, "]:")));
}

/* Whether -r stands before the service whose port it is to have. */
static bool server_is_early(const struct step *step)
{
	const struct options *options = &step->options;
	int server = options_find(options, "real-server");
	int service = options_find_service(options);

	if (server < 0 || service < server ||
	    !lacks_port(options->seen[server].value))
		return false;
	return have(step, "delete-server") ||
	       ((have(step, "add-server") || have(step, "edit-server")) &&
		(have(step, "masquerading") || have(step, "fwmark-service")));
}

static bool is_server_line(const char *a, const char *b, void *data)
{
	(void)data;
	return strncmp(a ? a : b, "server ", 7) == 0;
}

static bool explains_server(const struct step *step)
{
	static const char *const answers[] = { "", "No such destination\n",
					       "Destination already exists\n" };
	unsigned int known = 0;

	if (!server_is_early(step) || !same_output(step))
		return false;
	for (int side = 0; side < SIDES; side++)
		for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
			known += says(step, (enum side_of)side,
				      *answers[i] ? 255 : 0, answers[i]);
	return known == SIDES &&
	       state_differ(&step->after[PEER], &step->after[OURS],
			    is_server_line, NULL);
}

/* ---- Zeroing -------------------------------------------------------------------- */

/* "0.0.0.0:0", "0.0", "[::]:0", "::": what stands for no service at all. */
static bool is_nothing(const char *text)
{
	char host[64];
	struct in_addr ipv4;
	struct in6_addr ipv6;
	const char *port = text ? strrchr(text, ':') : NULL;

	if (!text)
		return false;
	if (is_ipv6(text) && text[0] != '[')
		port = NULL;
	if (port && strcmp(port, ":0") != 0)
		return false;
	(void)snprintf(host, sizeof(host), "%.*s",
		       port ? (int)(port - text) : (int)strlen(text), text);
	if (host[0] == '[') {
		host[strcspn(host, "]")] = '\0';
		return inet_pton(AF_INET6, host + 1, &ipv6) == 1 &&
		       IN6_IS_ADDR_UNSPECIFIED(&ipv6);
	}
	if (inet_pton(AF_INET6, host, &ipv6) == 1)
		return IN6_IS_ADDR_UNSPECIFIED(&ipv6);
	return inet_aton(host, &ipv4) && ipv4.s_addr == 0;
}

static bool explains_zero(const struct step *step)
{
	int service = options_find_service(&step->options);

	return have(step, "zero") && service >= 0 &&
	       is_nothing(step->options.seen[service].value) &&
	       same_output(step) && same_states(step) &&
	       says(step, PEER, 0, "") &&
	       says(step, OURS, 255, "No such service\n");
}

/* ---- Restoring ------------------------------------------------------------------- */

/* Whether each complaint is about what stands already or no longer. */
static bool is_harmless(const char *errors)
{
	static const char *const harmless[] = {
		"Service already exists\n", "Destination already exists\n",
		"Daemon has already run\n", "No such service\n",
		"No such destination\n",    "Service not defined\n",
		"No daemon is running\n",
	};
	const size_t count = sizeof(harmless) / sizeof(harmless[0]);

	while (*errors) {
		size_t i = 0;

		while (i < count &&
		       strncmp(errors, harmless[i], strlen(harmless[i])) != 0)
			i++;
		if (i == count)
			return false;
		errors += strlen(harmless[i]);
	}
	return true;
}

/* How much of a line says what it is about. */
static size_t identity_length(const char *line)
{
	size_t words = strncmp(line, "timeouts ", 9) == 0 ? 4 :
		       strncmp(line, "server ", 7) == 0	  ? 3 :
							    2;
	size_t length = 0;

	while (words--) {
		length += strcspn(line + length, " ");
		length += line[length] == ' ';
	}
	return length;
}

/* Whether both have the same things, of whatever kind these are. */
static bool same_things(const struct state *a, const struct state *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		size_t length = identity_length(a->lines[i]);

		if (strncmp(a->lines[i], b->lines[i], length) != 0)
			return false;
	}
	return true;
}

static bool ends_in_blanks(const char *text)
{
	size_t length = text ? strlen(text) : 0;

	return length && strchr(" \t\r", text[length - 1]);
}

static bool explains_restore(const struct step *step)
{
	const struct result *peer = &step->results[PEER];
	const struct result *ours = &step->results[OURS];

	if (!have(step, "restore") || !WIFEXITED(ours->status) || ours->late ||
	    ours->output_size)
		return false;
	/* Zeroing is no state. */
	if (strstr(ours->errors, "'-Z' is no option that sets anything up"))
		return unchanged(step, OURS);
	/* A last line that ends in blanks, and no more, ipvsadm loses. */
	if (!peer->errors_size && peer->status == 0)
		return ends_in_blanks(step->command->input) &&
		       !ours->errors_size;
	/* What stood before becomes what its first line says. */
	if (ours->errors_size && is_harmless(ours->errors))
		return is_harmless(peer->errors) &&
		       same_things(&step->after[PEER], &step->after[OURS]);
	if (ours->status != 0)
		return ours->errors_size && unchanged(step, OURS);
	/* What ipvsadm does not read at all: comments, its own large marks. */
	if (strchr(step->command->input, '#') ||
	    strstr(step->command->input, " -f -"))
		return !ours->errors_size;
	return !ours->errors_size && is_harmless(peer->errors) &&
	       same_things(&step->after[PEER], &step->after[OURS]);
}

/* ---- The table ---------------------------------------------------------------------- */

const struct difference differences[] = {
	{ "crash", "1.31 dies by a signal", explains_crash, NULL },
	{ "restore", "-R of ours does all lines or none", explains_restore,
	  NULL },
	{ "extra", "-O and --full exist in ours only", explains_extra, NULL },
	{ "interface", "1.31 cuts names of interfaces that are too long",
	  explains_interface, NULL },
	{ "mask-order", "1.31 does not know yet that -M is for IPv6",
	  explains_mask, NULL },
	{ "server-order", "1.31 gives -r before the service port 0",
	  explains_server, NULL },
	{ "zero-any", "1.31 takes 0.0.0.0:0 for every service", explains_zero,
	  NULL },
	{ "flags", "1.31 does not save flag-3 of sh and mh", NULL,
	  rewrite_flags },
	{ "names", "1.31 saves names that do not lead back", NULL,
	  rewrite_names },
	{ "thresholds", "1.31 does not save thresholds", NULL,
	  rewrite_thresholds },
	{ "unsigned-mark", "1.31 prints marks as signed numbers", NULL,
	  rewrite_marks },
	{ "hash-order", "the kernel's order is another in each namespace", NULL,
	  rewrite_order },
	{ "sort", "1.31 orders wrongly what lies far apart", NULL,
	  rewrite_sort },
	{ NULL, NULL, NULL, NULL },
};

bool step_differs(const struct step *step)
{
	return !same_status(step) || !same_output(step) || !same_errors(step) ||
	       !same_states(step);
}

/* Rewriting would hide lines that are empty, or not ended. */
static bool has_whole_lines(const char *text)
{
	size_t length = strlen(text);

	return !length || (text[0] != '\n' && text[length - 1] == '\n' &&
			   !strstr(text, "\n\n"));
}

static unsigned int explain_listing(const struct step *step)
{
	char *peer = duplicate(step->results[PEER].output);
	char *ours = duplicate(step->results[OURS].output);
	unsigned int which = UNEXPLAINED;

	for (size_t i = 0; has_whole_lines(ours) && differences[i].name; i++)
		if (differences[i].rewrite && strcmp(peer, ours) != 0 &&
		    differences[i].rewrite(step, &peer, &ours))
			which |= 1u << i;
	if (strcmp(peer, ours) != 0)
		which = UNEXPLAINED;
	free(peer);
	free(ours);
	return which;
}

unsigned int step_explain(const struct step *step)
{
	for (size_t i = 0; differences[i].name; i++)
		if (differences[i].explains && differences[i].explains(step))
			return 1u << i;
	if (!same_status(step) || !same_errors(step) || !same_states(step))
		return UNEXPLAINED;
	return have(step, "list") || have(step, "save") ||
			       step->command->count == 0 ?
		       explain_listing(step) :
		       UNEXPLAINED;
}
