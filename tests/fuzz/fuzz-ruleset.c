/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Any bytes as a ruleset in whatever language. What one makes of a
 * configuration can be written and read again, and made again of itself.
 */
#include "again.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a text is run on: built once, since no run changes it. */
static struct ipvsctl_config *nothing, *something;

/* Something of every kind for lines to find, odd things included. */
static struct ipvsctl_config *standing(void)
{
	return read_text(
		"svc add tcp:192.0.2.1:80 --scheduler sh --persistent 5\n"
		"svc add-server tcp:192.0.2.1:80 10.0.0.1 10.0.0.2 --weight 3\n"
		"svc add-server tcp:192.0.2.1:80 10.0.0.3:81 --unchecked\n"
		"svc add fwmark:1\n"
		"svc add-server fwmark:1 10.0.0.1 --forward tun\n"
		"mark exclude --src 10.0.0.0/8\n"
		"mark add 1 --proto tcp\n"
		"mark add 2 --proto udp --ipv4\n"
		"mark add 3 --proto udp\n"
		"sync start master --dev eth0\n"
		"svc timeouts 1 2 3\n");
}

static void hold(struct ipvsctl_config *config)
{
	const struct ipvsctl_service *service =
		ipvsctl_config_next_service(config, NULL);
	const struct ipvsctl_server *server =
		ipvsctl_config_next_server(config, service, NULL);

	must(ipvsctl_config_hold(config, service, server, "admin", NULL) == 0);
}

#define BUT_MARKS (EVERYTHING & ~(unsigned int)IPVSCTL_MARKS)

/*
 * Lines say what is to be true: it stays true. But for marks, whose order
 * depends on which rule a line finds to delete.
 */
static void run_again(struct ipvsctl_ruleset *ruleset,
		      struct ipvsctl_config *once)
{
	struct ipvsctl_config *twice = NULL;
	char *first = NULL;
	char *second = NULL;

	/* What a line changes, a later one may have deleted. */
	if (ipvsctl_ruleset_run(ruleset, once, &twice, NULL) < 0)
		return;
	ipvsctl_config_sort(once);
	ipvsctl_config_sort(twice);
	must(ipvsctl_ruleset_format(once, BUT_MARKS, IPVSCTL_FORMAT_RULESET,
				    &first, NULL) == 0);
	must(ipvsctl_ruleset_format(twice, BUT_MARKS, IPVSCTL_FORMAT_RULESET,
				    &second, NULL) == 0);
	must(strcmp(first, second) == 0);
	free(first);
	free(second);
	/* Without marks it is what has survived already. */
	if (ipvsctl_config_next_mark(twice, NULL))
		must_survive(twice);
	ipvsctl_config_free(twice);
}

static void run(struct ipvsctl_ruleset *ruleset,
		const struct ipvsctl_config *from)
{
	struct ipvsctl_config *to = NULL;
	struct ipvsctl_error err = { 0 };
	int r = ipvsctl_ruleset_run(ruleset, from, &to, &err);

	must(r == 0 || r == -EINVAL || r == -ENOENT);
	must(err.code == r);
	must(r == 0 || (err.file[0] && !to));
	if (r < 0)
		return;
	must_survive(to);
	run_again(ruleset, to);
	ipvsctl_config_free(to);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	something = standing();
	hold(something);
	must(ipvsctl_config_new(&nothing, NULL) == 0);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipvsctl_ruleset *ruleset = NULL;
	struct ipvsctl_error err = { 0 };
	char *text = malloc(size + 1);
	int r;

	must(text != NULL);
	if (size)
		(void)memcpy(text, data, size);
	text[size] = '\0';
	must(ipvsctl_ruleset_new(&ruleset, NULL) == 0);
	r = ipvsctl_ruleset_add(ruleset, "text", text, size, &err);
	must(r == 0 || r == -EINVAL);
	must(err.code == r);
	must(r == 0 || err.file[0]);
	if (r == 0) {
		run(ruleset, nothing);
		run(ruleset, something);
	}
	ipvsctl_ruleset_free(ruleset);
	free(text);
	return 0;
}
