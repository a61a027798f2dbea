/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Random states on a real kernel: the plan from one to another, applied, leads
 * there, as a rereading says and as the saved text says; and a plan that the
 * kernel refuses at its end leaves what was.
 */
#include <netinet/in.h>

#include "tap.h"

#define ROUNDS	 80
#define SERVICES 8
#define SERVERS	 5
#define MARKS	 6

#define KINDS (IPVSCTL_SERVICES | IPVSCTL_MARKS | IPVSCTL_TIMEOUTS)

/* Always the same numbers, so that a failure can be repeated. */
static uint32_t seed;

static uint32_t below(uint32_t bound)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % bound;
}

static const char *one_of(const char *const *texts, uint32_t count)
{
	return texts[below(count)];
}

/* ---- Random lines ------------------------------------------------------------ */

static void random_service(char *out, size_t size, uint32_t i)
{
	static const char *const names[SERVICES] = {
		"tcp:192.0.2.1:80", "udp:192.0.2.1:53",	 "sctp:192.0.2.1:5000",
		"fwmark:7",	    "fwmark:4294967295", "tcp:[2001:db8::1]:80",
		"fwmark:7/inet6",   "udp:192.0.2.2:5060"
	};
	static const char *const schedulers[] = {
		"rr",
		"wrr",
		"wlc",
		"sed",
		"nq",
		"sh --sched-flags sh-port",
		"mh --sched-flags mh-fallback,mh-port"
	};
	static const char *const rest[] = { "", "", " --persistent 60",
					    " --persistent 9 --netmask 24" };
	const char *extra = one_of(rest, 4);

	(void)snprintf(out, size, "%s --scheduler %s%s%s", names[i],
		       one_of(schedulers, 7), extra,
		       strcmp(names[i], "udp:192.0.2.1:53") == 0 && below(2) ?
			       " --one-packet" :
			       "");
}

static bool is_ipv6(const char *service)
{
	return strchr(service, '[') || strstr(service, "inet6");
}

static void random_server(char *out, size_t size, const char *service,
			  uint32_t i)
{
	static const char *const forwards[] = {
		"nat",
		"nat",
		"dr",
		"tun",
		"tun --tunnel gre",
		"tun --tunnel gue --tunnel-port 6080 --tunnel-checksum full"
	};
	const char *forward = one_of(forwards, 6);
	bool cross = strncmp(forward, "tun", 3) == 0 && !below(4);
	bool ipv6 = is_ipv6(service) != cross;

	(void)snprintf(out, size,
		       "%s%u --forward %s --weight %u --upper-threshold %u "
		       "--lower-threshold %u",
		       ipv6 ? "2001:db8:9::" : "10.0.0.", i + 1, forward,
		       below(4), below(3) + 2, below(3));
}

static void random_mark(char *out, size_t size, uint32_t i)
{
	static const char *const matches[MARKS] = {
		"--proto udp --dport 5000:5010",
		"--proto tcp --dport 80,443",
		"--src 10.0.0.0/8",
		"--dst 2001:db8::1",
		"--proto udp --dport 7 --hook input",
		"--priority 9"
	};

	if (below(4) == 0)
		(void)snprintf(out, size, "mark exclude %s --priority 50",
			       i == 5 ? "--proto sctp" : matches[i]);
	else
		(void)snprintf(out, size, "mark add %u %s%s", below(3) + 1,
			       matches[i], below(2) ? " --comment so" : "");
}

/* A whole state as a ruleset. */
static char *random_ruleset(void)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	must(stream ? 0 : -1, "open_memstream");
	(void)fprintf(stream, "svc flush\nmark flush\nsvc timeouts %u 120 %u\n",
		      900 + below(3), 300 + below(2));
	for (uint32_t i = 0; i < SERVICES; i++) {
		char service[160], server[160];

		if (below(3) == 0)
			continue;
		random_service(service, sizeof(service), i);
		(void)fprintf(stream, "svc add %s\n", service);
		for (uint32_t j = 0; j < SERVERS; j++) {
			if (below(2))
				continue;
			random_server(server, sizeof(server), service, j);
			(void)fprintf(stream, "svc add-server %.*s %s\n",
				      (int)strcspn(service, " "), service,
				      server);
		}
	}
	for (uint32_t i = 0, at = below(MARKS); i < MARKS; i++) {
		char rule[160];

		if (below(2))
			continue;
		random_mark(rule, sizeof(rule), (at + i) % MARKS);
		(void)fprintf(stream, "%s\n", rule);
	}
	must(fclose(stream), "fclose");
	return text;
}

/* ---- States ------------------------------------------------------------------ */

static struct ipvsctl_config *load_all(struct ipvsctl *ctx)
{
	struct ipvsctl_config *config;

	must(ipvsctl_load(ctx, KINDS, NULL, &config, &err), "load");
	return config;
}

static char *text_of(const struct ipvsctl_config *config)
{
	char *text;

	must(ipvsctl_ruleset_format(config, KINDS, IPVSCTL_FORMAT_RULESET,
				    &text, NULL),
	     "format");
	return text;
}

static struct ipvsctl_config *config_of(const struct ipvsctl_config *from,
					const char *text)
{
	struct ipvsctl_ruleset *ruleset;
	struct ipvsctl_config *to;

	must(ipvsctl_ruleset_new(&ruleset, NULL), "ruleset");
	if (ipvsctl_ruleset_add(ruleset, "random", text, strlen(text), &err) <
	    0) {
		(void)printf("# %s", text);
		must(-1, "add");
	}
	must(ipvsctl_ruleset_run(ruleset, from, &to, &err), "run");
	ipvsctl_config_sort(to);
	ipvsctl_ruleset_free(ruleset);
	return to;
}

/* Whether the kernel has what the text says, read anew. */
static bool stands(struct ipvsctl *ctx, const char *text)
{
	struct ipvsctl_config *now = load_all(ctx);
	char *saved = text_of(now);
	bool same = strcmp(saved, text) == 0;

	if (!same)
		(void)printf("# wanted:\n%s# stands:\n%s", text, saved);
	free(saved);
	ipvsctl_config_free(now);
	return same;
}

/* From what stands to a random state: 0 as it should be, else what was wrong. */
static const char *go_on(struct ipvsctl *ctx)
{
	struct ipvsctl_config *from = load_all(ctx);
	char *ruleset = random_ruleset();
	struct ipvsctl_config *to = config_of(from, ruleset);
	char *wanted = text_of(to);
	const char *wrong = NULL;

	if (apply(ctx, from, to, NULL) < 0)
		wrong = "the kernel refuses a step";
	else if (!stands(ctx, wanted))
		wrong = "the kernel has something else";
	else if (differs(ctx, to, KINDS))
		wrong = "a second plan is not empty";
	free(wanted);
	free(ruleset);
	ipvsctl_config_free(to);
	ipvsctl_config_free(from);
	return wrong;
}

/* A way to a random state with one step that the kernel will not take. */
static const char *fail_on_the_way(struct ipvsctl *ctx)
{
	struct ipvsctl_config *from = load_all(ctx);
	char *ruleset = random_ruleset();
	struct ipvsctl_config *to = config_of(from, ruleset);
	struct ipvsctl_service service =
		service_of(below(2) ? "tcp:192.0.2.99:1" : "fwmark:99/inet6");
	struct ipvsctl_outcome outcome;
	char *before = text_of(from);
	const char *wrong = NULL;

	must(ipvsctl_service_set(&service, "scheduler", "nonesuch", &err),
	     "set");
	must(ipvsctl_config_add_service(to, &service, &err), "add");
	if (apply(ctx, from, to, &outcome) != -EOPNOTSUPP)
		wrong = "the step is not refused";
	else if (outcome.standing || outcome.done)
		wrong = "something stands";
	else if (!stands(ctx, before))
		wrong = "it is not as it was before";
	free(before);
	free(ruleset);
	ipvsctl_config_free(to);
	ipvsctl_config_free(from);
	return wrong;
}

static void repeat(struct ipvsctl *ctx, const char *what,
		   const char *(*once)(struct ipvsctl *ctx))
{
	for (int i = 0; i < ROUNDS; i++) {
		uint32_t start = seed;
		const char *wrong = once(ctx);

		if (!wrong)
			continue;
		ok(false, "%s: round %d, seed %u: %s", what, i, start, wrong);
		return;
	}
	ok(true, "%s: %d random states", what, ROUNDS);
}

int main(void)
{
	struct ipvsctl *ctx;

	own_namespace();
	ctx = open_context(NULL);
	repeat(ctx, "a plan applied leads where it should", go_on);
	repeat(ctx, "a plan refused leaves what was", fail_on_the_way);
	ipvsctl_close(ctx);
	return finish();
}
