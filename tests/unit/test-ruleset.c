/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Rulesets: what the verbs make of what stands, alone and together. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rulesets.h"

#include "scope.h"
#include "text.h"

#define S  "tcp:192.0.2.1:80"
#define S2 "udp:192.0.2.1:53"

static const char *const nothing[] = { NULL };

/* What the tests of single verbs start from. */
static const char *const standing[] = {
	"service " S " --scheduler rr --persistent 300",
	"server " S " 10.0.0.1 --weight 5 --upper-threshold 9",
	"server " S " 10.0.0.2:8080 --forward nat",
	"mark 1 --proto tcp --dport 80 --comment web",
	"mark exclude --src 10.0.0.0/8",
	"sync master --dev eth0 --id 1",
	"timeouts 900 120 300",
	"hold " S " 10.0.0.1 admin",
	NULL,
};
#define TIMEOUTS "svc timeouts 900 120 300\n"
#define SERVICE	 "svc add " S " --scheduler rr --persistent 300\n"
#define SERVERS                                                        \
	"svc add-server " S                                            \
	" 10.0.0.1 --forward dr --weight 5 --upper-threshold 9 held\n" \
	"svc add-server " S " 10.0.0.2:8080 --forward nat --weight 1\n"
#define MARKS                             \
	"mark exclude --src 10.0.0.0/8\n" \
	"mark add 1 --proto tcp --dport 80 --comment web\n"
#define SYNC "sync start master --dev eth0 --id 1\n"

/* ---- Single verbs ------------------------------------------------------ */

static void test_svc_lines_on_what_stands(void **state)
{
	static const struct {
		const char *text;
		const char *services; /* in place of SERVICE SERVERS */
	} cases[] = {
		{ "svc add " S "\n", "svc add " S " --scheduler wlc\n" SERVERS },
		{ "svc add " S2 " --one-packet --scheduler rr\n", SERVICE SERVERS
		  "svc add " S2 " --scheduler rr --one-packet\n" },
		{ "svc add fwmark:7/inet6 --scheduler=sh "
		  "--sched-flags sh-port,sh-fallback --persistent 60 "
		  "--netmask 64 --pe sip\n",
		  SERVICE SERVERS "svc add fwmark:7/inet6 --scheduler sh "
				  "--sched-flags sh-port,sh-fallback "
				  "--persistent 60 --netmask 64 --pe sip\n" },
		{ "svc change " S " --scheduler sh\n",
		  "svc add " S " --scheduler sh --persistent 300\n" SERVERS },
		{ "svc change " S "\n", SERVICE SERVERS },
		{ "svc replace " S " --scheduler sh\n",
		  "svc add " S " --scheduler sh\n" SERVERS },
		{ "svc replace " S2 "\n",
		  SERVICE SERVERS "svc add " S2 " --scheduler wlc\n" },
		{ "svc delete " S "\n", "" },
		{ "svc delete " S2 "\n", SERVICE SERVERS },
		{ "svc delete " S " " S2 "\n", "" },
		{ "svc add-server " S " 10.0.0.1\n", SERVICE
		  "svc add-server " S " 10.0.0.1 --forward dr --weight 1 held\n"
		  "svc add-server " S
		  " 10.0.0.2:8080 --forward nat --weight 1\n" },
		{ "svc add-server " S " --weight 2 10.0.0.3 10.0.0.4\n",
		  SERVICE SERVERS
		  "svc add-server " S " 10.0.0.3 --forward dr --weight 2\n"
		  "svc add-server " S " 10.0.0.4 --forward dr --weight 2\n" },
		{ "svc change-server " S " 10.0.0.1 10.0.0.2:8080 --weight 7\n",
		  SERVICE "svc add-server " S
			  " 10.0.0.1 --forward dr --weight 7 "
			  "--upper-threshold 9 held\n"
			  "svc add-server " S
			  " 10.0.0.2:8080 --forward nat --weight 7\n" },
		{ "svc replace-server " S " 10.0.0.1 10.0.0.3 --weight 7\n",
		  SERVICE
		  "svc add-server " S " 10.0.0.1 --forward dr --weight 7 held\n"
		  "svc add-server " S " 10.0.0.2:8080 --forward nat --weight 1\n"
		  "svc add-server " S " 10.0.0.3 --forward dr --weight 7\n" },
		{ "svc delete-server " S " 10.0.0.1 10.0.0.9\n",
		  SERVICE "svc add-server " S
			  " 10.0.0.2:8080 --forward nat --weight 1\n" },
		{ "svc delete-server " S2 " 10.0.0.1\n", SERVICE SERVERS },
		{ "svc add-server " S " 10.0.0.3:81 --unchecked "
		  "--forward local\n",
		  SERVICE SERVERS
		  "svc add-server " S
		  " 10.0.0.3:81 --unchecked --forward local --weight 1\n" },
	};
	char wanted[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		(void)snprintf(wanted, sizeof(wanted), "%s%s%s", TIMEOUTS,
			       cases[i].services, MARKS SYNC);
		assert_makes(standing, cases[i].text, NULL, wanted);
	}
}

static void test_mark_lines_on_what_stands(void **state)
{
	static const struct {
		const char *text;
		const char *marks; /* in place of MARKS */
	} cases[] = {
		{ "mark add 2 --proto udp\n", MARKS "mark add 2 --proto udp\n" },
		/* What stands becomes as given, in its place. */
		{ "mark add 2 --dport 80 --proto tcp\n",
		  "mark exclude --src 10.0.0.0/8\n"
		  "mark add 2 --proto tcp --dport 80\n" },
		{ "mark replace 2 --dport 80 --proto tcp\n",
		  "mark exclude --src 10.0.0.0/8\n"
		  "mark add 2 --proto tcp --dport 80\n" },
		{ "mark replace 2 --proto udp\n",
		  MARKS "mark add 2 --proto udp\n" },
		{ "mark replace 0x10 --src 10.0.0.0/8 --priority 50 "
		  "--no-exempt-own\n",
		  "mark add 16 --src 10.0.0.0/8 --priority 50 --no-exempt-own\n"
		  "mark add 1 --proto tcp --dport 80 --comment web\n" },
		{ "mark replace --exclude --src 10.0.0.0/8 --comment lan\n",
		  "mark exclude --src 10.0.0.0/8 --comment lan\n"
		  "mark add 1 --proto tcp --dport 80 --comment web\n" },
		{ "mark exclude --proto icmp\n",
		  "mark exclude --src 10.0.0.0/8\n"
		  "mark exclude --proto icmp\n"
		  "mark add 1 --proto tcp --dport 80 --comment web\n" },
		{ "mark exclude -4\n",
		  "mark exclude --src 10.0.0.0/8\n"
		  "mark exclude --ipv4\n"
		  "mark add 1 --proto tcp --dport 80 --comment web\n" },
		{ "mark delete 1 --proto tcp --dport 80\n",
		  "mark exclude --src 10.0.0.0/8\n" },
		{ "mark delete 2 --proto tcp --dport 80\n", MARKS },
		{ "mark delete 1 --proto tcp\n", MARKS },
		{ "mark delete --exclude --src 10.0.0.0/8\n",
		  "mark add 1 --proto tcp --dport 80 --comment web\n" },
		{ "mark delete -x --src 10.0.0.0/8\n",
		  "mark add 1 --proto tcp --dport 80 --comment web\n" },
		/* One family of a rule of both. */
		{ "mark add 2 --proto tcp --dport 80 -6\n",
		  "mark exclude --src 10.0.0.0/8\n"
		  "mark add 1 --proto tcp --dport 80 --ipv4 --comment web\n"
		  "mark add 2 --proto tcp --dport 80 --ipv6\n" },
		{ "mark delete 1 --proto tcp --dport 80 -6\n",
		  "mark exclude --src 10.0.0.0/8\n"
		  "mark add 1 --proto tcp --dport 80 --ipv4 --comment web\n" },
		/* Words behind --. */
		{ "mark add 2 -- -m iprange --src-range '10.0.0.1-10.0.0.9'\n",
		  MARKS "mark add 2 -- -m iprange "
			"--src-range 10.0.0.1-10.0.0.9\n" },
		{ "mark add 2 --proto udp -- -m string --string 'a \"b' --\n",
		  MARKS "mark add 2 --proto udp -- -m string "
			"--string 'a \"b' --\n" },
		{ "mark add 2 -- -m x\nmark delete 2 -- -m x\n", MARKS },
		{ "mark replace 2 -- -m x\n", MARKS "mark add 2 -- -m x\n" },
		{ "mark add 2 --\n", MARKS "mark add 2\n" },
		{ "mark add 2 --extra '-m set'\n",
		  MARKS "mark add 2 -- -m set\n" },
	};
	char wanted[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		(void)snprintf(wanted, sizeof(wanted), "%s%s%s",
			       TIMEOUTS SERVICE SERVERS, cases[i].marks, SYNC);
		assert_makes(standing, cases[i].text, NULL, wanted);
	}
}

static void test_sync_lines_on_what_stands(void **state)
{
	static const struct {
		const char *text;
		const char *syncs; /* in place of SYNC */
	} cases[] = {
		{ "sync start backup --dev eth1\n",
		  SYNC "sync start backup --dev eth1\n" },
		{ "sync start master --dev eth1\n",
		  "sync start master --dev eth1\n" },
		{ "sync stop master\n", "" },
		{ "sync stop backup\n", SYNC },
		{ "sync stop master\nsync start master --dev e\n",
		  "sync start master --dev e\n" },
		{ "sync start backup --dev e\nsync stop backup\n", SYNC },
	};
	char wanted[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		(void)snprintf(wanted, sizeof(wanted), "%s%s",
			       TIMEOUTS SERVICE SERVERS MARKS, cases[i].syncs);
		assert_makes(standing, cases[i].text, NULL, wanted);
	}
}

/* Timeouts alone: 0 is left to the kernel to keep. */
/* Lines that are alike but for the server, and lines that only look so. */
static void test_pools(void **state)
{
	static const struct {
		const char *lines;
		const char *servers; /* as they are told */
	} cases[] = {
		{ "svc add-server tcp:192.0.2.9:80 10.0.0.1 --weight 3\n"
		  "svc add-server tcp:192.0.2.9:80 10.0.0.2 --weight 3\n"
		  "svc add-server tcp:192.0.2.9:80 '10.0.0.3' --weight 3\n"
		  "svc add-server tcp:192.0.2.9:80 10.0.0.4\\\n5 --weight 3\n"
		  "svc add-server tcp:192.0.2.9:80 10.0.0.5 --weight 4\n"
		  "svc add-server tcp:192.0.2.9:80 10.0.0.6 --weight 3\n",
		  "1 --forward dr --weight 3;2 --forward dr --weight 3;"
		  "3 --forward dr --weight 3;45 --forward dr --weight 3;"
		  "5 --forward dr --weight 4;6 --forward dr --weight 3;" },
		{ " svc add-server tcp:192.0.2.9:80 10.0.0.1\n"
		  " svc add-server tcp:192.0.2.9:80 10.0.0.2\n"
		  "svc add-server tcp:192.0.2.9:80 10.0.0.3 # so\n"
		  "svc add-server tcp:192.0.2.9:80 10.0.0.4 # so\n"
		  "svc add-server tcp:192.0.2.9:80 10.0.0.5\n"
		  "svc add-server tcp:192.0.2.9:80 10.0.0.6\n"
		  "svc add-server tcp:192.0.2.9:80 10.0.0.7 \n",
		  "1 --forward dr --weight 1;2 --forward dr --weight 1;"
		  "3 --forward dr --weight 1;4 --forward dr --weight 1;"
		  "5 --forward dr --weight 1;6 --forward dr --weight 1;"
		  "7 --forward dr --weight 1;" },
		{ "svc add-server --weight 3 tcp:192.0.2.9:80 10.0.0.1\n"
		  "svc add-server --weight 3 tcp:192.0.2.9:80 10.0.0.2\n"
		  "svc add-server tcp:192.0.2.9:80 --weight 3 10.0.0.3\n"
		  "svc add-server tcp:192.0.2.9:80 --weight 4 10.0.0.4\n"
		  "svc add-server tcp:192.0.2.9:80 10.0.0.5 10.0.0.6\n"
		  "svc add-server tcp:192.0.2.9:80 10.0.0.7 10.0.0.8\n",
		  "1 --forward dr --weight 3;2 --forward dr --weight 3;"
		  "3 --forward dr --weight 3;4 --forward dr --weight 4;"
		  "5 --forward dr --weight 1;6 --forward dr --weight 1;"
		  "7 --forward dr --weight 1;8 --forward dr --weight 1;" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_TEXT struct text text = { 0 }, wanted = { 0 };
		AUTO_FREE char *lines = NULL, *told = NULL;
		const char *at = cases[i].servers;

		text_add(&text, "svc flush\nsvc add tcp:192.0.2.9:80\n%s",
			 cases[i].lines);
		text_add(&wanted, "svc add tcp:192.0.2.9:80 --scheduler wlc\n");
		for (; *at; at += strcspn(at, ";") + 1)
			text_add(&wanted,
				 "svc add-server tcp:192.0.2.9:80 10.0.0.%.*s\n",
				 (int)strcspn(at, ";"), at);
		assert_int_equal(text_take(&text, &lines), 0);
		assert_int_equal(text_take(&wanted, &told), 0);
		assert_makes(nothing, lines, NULL, told);
	}
}

static void test_faults_in_pools(void **state)
{
	static const char *const lines[] = {
		"svc add-server tcp:192.0.2.9:80 10.0.0.1\n",
		"svc add-server tcp:192.0.2.9:80 10.0.0.300\n",
		"svc add-server tcp:192.0.2.9:80 10.0.0.2:81\n",
		"svc add-server tcp:192.0.2.9:80 224.0.0.1\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct ipvsctl_ruleset *ruleset = NULL;
		struct ipvsctl_error err = { 0 };
		char text[512];

		(void)snprintf(text, sizeof(text),
			       "svc flush\nsvc add tcp:192.0.2.9:80\n%s%s",
			       "svc add-server tcp:192.0.2.9:80 10.0.0.1\n",
			       lines[i]);
		assert_int_equal(ipvsctl_ruleset_new(&ruleset, NULL), 0);
		assert_int_equal(ipvsctl_ruleset_add(ruleset, "text", text,
						     strlen(text), &err),
				 -EINVAL);
		assert_int_equal(err.line, 4);
		ipvsctl_ruleset_free(ruleset);
	}
}

static void test_timeouts(void **state)
{
	static const struct {
		const char *text;
		const char *wanted;
	} cases[] = {
		{ "svc timeouts 1 2 3\n", "svc timeouts 1 2 3\n" },
		{ "svc timeouts 0 0 3\n", "svc timeouts 900 120 3\n" },
		{ "svc timeouts 1 0 0\nsvc timeouts 0 2 0\n",
		  "svc timeouts 1 2 300\n" },
		{ "svc timeouts 2678400 0x10 3\n",
		  "svc timeouts 2678400 16 3\n" },
		/* Where other lines need what stands, it is known. */
		{ "svc timeouts 0 0 3\nsync stop backup\n",
		  "svc timeouts 900 120 3\n" SERVICE SERVERS MARKS SYNC },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_makes(standing, cases[i].text, NULL, cases[i].wanted);
}

/* What a flush leaves nothing of is told by the lines alone. */
static void test_flushes(void **state)
{
	static const struct {
		const char *text;
		unsigned int kinds;
		const char *wanted;
	} cases[] = {
		{ "", 0, "" },
		{ "# nothing but a comment\n", 0, "" },
		{ "svc flush\n", IPVSCTL_SERVICES, "" },
		{ "mark flush\n", IPVSCTL_MARKS, "" },
		{ "sync flush\n", IPVSCTL_SYNC, "" },
		{ "svc flush\nmark flush\nsvc timeouts 0 0 9\n",
		  IPVSCTL_SERVICES | IPVSCTL_MARKS | IPVSCTL_TIMEOUTS,
		  "svc timeouts 900 120 9\n" },
		/* A server that stays stays held, if all else is new. */
		{ "svc flush\nsvc add " S "\nsvc add-server " S " 10.0.0.1\n",
		  IPVSCTL_SERVICES,
		  "svc add " S " --scheduler wlc\n"
		  "svc add-server " S " 10.0.0.1 --forward dr --weight 1 "
		  "held\n" },
		{ "sync flush\nsync start backup --dev e --ttl 2\n",
		  IPVSCTL_SYNC, "sync start backup --dev e --ttl 2\n" },
		/* What was before it is gone, too, and may come again. */
		{ "svc add " S2 "\nsvc flush\n", IPVSCTL_SERVICES, "" },
		{ "svc add " S2 "\nsvc flush\nsvc add " S2 "\n",
		  IPVSCTL_SERVICES, "svc add " S2 " --scheduler wlc\n" },
		{ "mark add 3\nmark flush\nmark add 3\n", IPVSCTL_MARKS,
		  "mark add 3\n" },
		{ "sync start master --dev e\nsync flush\n"
		  "sync start master --dev f\n",
		  IPVSCTL_SYNC, "sync start master --dev f\n" },
		/* Of one kind only: the others need what stands. */
		{ "svc flush\nmark delete --exclude --src 10.0.0.0/8\n",
		  IPVSCTL_SERVICES | IPVSCTL_MARKS,
		  TIMEOUTS "mark add 1 --proto tcp --dport 80 "
			   "--comment web\n" SYNC },
		{ "mark flush\nsvc delete " S "\n",
		  IPVSCTL_SERVICES | IPVSCTL_MARKS, TIMEOUTS SYNC },
		{ "sync flush\nmark flush\nsvc change-server " S
		  " 10.0.0.1 --weight 6\n",
		  IPVSCTL_SERVICES | IPVSCTL_MARKS | IPVSCTL_SYNC,
		  TIMEOUTS SERVICE
		  "svc add-server " S " 10.0.0.1 --forward dr --weight 6 "
		  "--upper-threshold 9 held\n"
		  "svc add-server " S
		  " 10.0.0.2:8080 --forward nat --weight 1\n" },
		{ "svc delete " S "\nsvc flush\nsvc add " S2 "\n"
		  "svc change " S2 " --scheduler rr\nmark add 2\n",
		  IPVSCTL_SERVICES | IPVSCTL_MARKS,
		  TIMEOUTS "svc add " S2 " --scheduler rr\n" MARKS
			   "mark add 2\n" SYNC },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_ruleset *ruleset =
			given_ruleset(cases[i].text, NULL);

		assert_int_equal(ipvsctl_ruleset_kinds(ruleset), cases[i].kinds);
		ipvsctl_ruleset_free(ruleset);
		assert_makes(standing, cases[i].text, NULL, cases[i].wanted);
	}
}

/* ---- Several lines ----------------------------------------------------- */

static void test_lines_build_on_each_other(void **state)
{
	static const struct {
		const char *const *from;
		const char *text;
		const char *wanted;
	} cases[] = {
		{ nothing,
		  "svc add " S "\nsvc change " S " --scheduler rr\n"
		  "svc add-server " S " 10.0.0.1\n"
		  "svc change-server " S " 10.0.0.1 --weight 3\n"
		  "svc replace-server " S " 10.0.0.1 --forward nat\n",
		  "svc add " S " --scheduler rr\n"
		  "svc add-server " S " 10.0.0.1 --forward nat --weight 1\n" },
		/* What was deleted can be added again. */
		{ nothing, "svc add " S "\nsvc delete " S "\nsvc add " S "\n",
		  "svc add " S " --scheduler wlc\n" },
		{ nothing,
		  "svc add " S "\nsvc add-server " S " 10.0.0.1\n"
		  "svc delete-server " S " 10.0.0.1\n"
		  "svc add-server " S " 10.0.0.1 --weight 2\n",
		  "svc add " S " --scheduler wlc\n"
		  "svc add-server " S " 10.0.0.1 --forward dr --weight 2\n" },
		{ nothing,
		  "svc add " S "\nsvc add-server " S " 10.0.0.1\n"
		  "svc delete " S "\nsvc add " S "\n"
		  "svc add-server " S " 10.0.0.1\n",
		  "svc add " S " --scheduler wlc\n"
		  "svc add-server " S " 10.0.0.1 --forward dr --weight 1\n" },
		{ nothing, "mark add 1\nmark delete 1\nmark add 2\n",
		  "mark add 2\n" },
		/* Whichever is told first of what stands. */
		{ standing,
		  "svc add-server " S " 10.0.0.2:8080 --forward nat\n"
		  "svc add " S " --scheduler rr --persistent 300\n"
		  "svc add-server " S " 10.0.0.1 --weight 5 "
		  "--upper-threshold 9\n",
		  TIMEOUTS SERVICE SERVERS MARKS SYNC },
		/* The server is there in the end: so is its hold. */
		{ standing,
		  "svc delete-server " S " 10.0.0.1\n"
		  "svc add-server " S " 10.0.0.1\n",
		  TIMEOUTS SERVICE
		  "svc add-server " S " 10.0.0.2:8080 --forward nat --weight 1\n"
		  "svc add-server " S
		  " 10.0.0.1 --forward dr --weight 1 held\n" MARKS SYNC },
		/* One family, then both: the first decides for its own. */
		{ nothing, "mark add 1 -4 --proto udp\nmark add 2 --proto udp\n",
		  "mark add 1 --proto udp --ipv4\nmark add 2 --proto udp\n" },
		{ nothing,
		  "mark add 1 -4 --proto udp\nmark add 1 -6 --proto udp\n",
		  "mark add 1 --proto udp --ipv4\n"
		  "mark add 1 --proto udp --ipv6\n" },
		{ nothing, "mark add 1 --priority 2\nmark add 2 --priority 1\n",
		  "mark add 2 --priority 1\nmark add 1 --priority 2\n" },
		/* Words that look like options, quoted names, joined lines. */
		{ nothing,
		  "mark add 3 --comment --exclude --proto=udp \\\n"
		  "  --dport=1,2:3\n",
		  "mark add 3 --proto udp --dport 1,2:3 --comment "
		  "--exclude\n" },
		{ nothing, "'svc' \"add\" \\" S " --pe 'none'\r\n",
		  "svc add " S " --scheduler wlc\n" },
		/* The options of a flag may repeat. */
		{ nothing, "mark add 3 -4 --ipv4\n", "mark add 3 --ipv4\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_makes(cases[i].from, cases[i].text, NULL,
			     cases[i].wanted);
}

/* ---- Twice ------------------------------------------------------------- */

/* Running a text on what it has made changes nothing. */
static void test_running_again_changes_nothing(void **state)
{
	static const char *const texts[] = {
		"svc add " S "\nsvc add-server " S " 10.0.0.1 --weight 3\n"
		"svc delete-server " S " 10.0.0.2:8080\n",
		"svc delete " S "\nsvc add " S2 " --scheduler rr\n",
		"svc replace " S " --scheduler sh\n"
		"svc replace-server " S " 10.0.0.1 10.0.0.7\n",
		"mark add 2 --proto tcp --dport 80 -6\nmark exclude -4\n"
		"mark delete --exclude --src 10.0.0.0/8\n",
		"mark add 2 --proto udp -4\nmark add 3 --proto udp\n",
		"mark replace 9 --proto tcp --dport 80 --comment x\n",
		"sync stop master\nsync start backup --dev e\n",
		"svc timeouts 0 7 0\nsync stop master\n",
		"svc flush\nsvc add " S "\nmark add 4\n",
		"mark flush\nmark exclude\nsvc change " S " --pe sip\n",
	};
	struct ipvsctl_config *from = given_config(standing);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct ipvsctl_ruleset *ruleset = given_ruleset(texts[i], NULL);
		struct ipvsctl_config *once = NULL;
		struct ipvsctl_config *twice = NULL;

		assert_int_equal(ipvsctl_ruleset_run(ruleset, from, &once, NULL),
				 0);
		assert_int_equal(ipvsctl_ruleset_run(ruleset, once, &twice,
						     NULL),
				 0);
		char *first = tell(once);
		char *second = tell(twice);
		assert_string_equal(second, first);
		free(first);
		free(second);
		ipvsctl_config_free(once);
		ipvsctl_config_free(twice);
		ipvsctl_ruleset_free(ruleset);
	}
	char *before = tell(from);
	assert_string_equal(before, TIMEOUTS SERVICE SERVERS MARKS SYNC);
	free(before);
	ipvsctl_config_free(from);
}

static void test_every_reason_of_a_hold_stays(void **state)
{
	static const char *const held[] = {
		"service " S,
		"server " S " 10.0.0.1 --weight 5",
		"hold " S " 10.0.0.1 admin",
		"hold " S " 10.0.0.1 check:web",
		NULL,
	};
	static const char *const texts[] = {
		"svc flush\nsvc add " S "\n"
		"svc add-server " S " 10.0.0.1 --weight 7\n",
		"svc add-server " S " 10.0.0.1 --weight 7\n",
		"svc change-server " S " 10.0.0.1 --weight 7\n",
	};
	struct ipvsctl_service service = given_service(S);
	struct ipvsctl_server server = given_server(S, "10.0.0.1");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct ipvsctl_config *to = NULL;
		const struct ipvsctl_server *found;
		const char *reason;

		assert_int_equal(run_ruleset(held, texts[i], NULL, &to, NULL),
				 0);
		found = ipvsctl_config_find_server(to, &service, &server);
		assert_true(found->held);
		assert_int_equal(found->weight, 7);
		reason =
			ipvsctl_config_next_reason(to, &service, &server, NULL);
		assert_string_equal(reason, "admin");
		reason = ipvsctl_config_next_reason(to, &service, &server,
						    reason);
		assert_string_equal(reason, "check:web");
		assert_null(ipvsctl_config_next_reason(to, &service, &server,
						       reason));
		ipvsctl_config_free(to);
	}
}

static void test_running_out_of_memory(void **state)
{
	static const char *const texts[] = {
		"svc flush\nsvc add " S "\n"
		"svc add-server " S " 10.0.0.1 10.0.0.2\n",
		"svc add " S "\nsvc add " S2 " --scheduler rr\n"
		"svc add-server " S " 10.0.0.3 10.0.0.1 --weight 2\n"
		"svc change-server " S " 10.0.0.1 --weight 3\n"
		"svc replace " S2 "\nsvc change " S2 " --scheduler wrr\n"
		"svc delete-server " S " 10.0.0.1\nsvc delete " S2 "\n",
		"mark add 2 --proto tcp --dport 80 -6\n"
		"mark exclude --comment 'it'\\''s' -- -m x 'y z'\n"
		"mark delete 1 --proto tcp --dport 80 -4\n"
		"mark replace 5 --priority 1\nmark delete 5 --priority 1 -4\n",
		"sync start backup --dev e\nsync stop master\n"
		"svc timeouts 1 2 3\nmark flush\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_survives_without_memory(standing, texts[i], NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_svc_lines_on_what_stands),
		cmocka_unit_test(test_mark_lines_on_what_stands),
		cmocka_unit_test(test_sync_lines_on_what_stands),
		cmocka_unit_test(test_pools),
		cmocka_unit_test(test_faults_in_pools),
		cmocka_unit_test(test_timeouts),
		cmocka_unit_test(test_flushes),
		cmocka_unit_test(test_lines_build_on_each_other),
		cmocka_unit_test(test_running_again_changes_nothing),
		cmocka_unit_test(test_every_reason_of_a_hold_stays),
		cmocka_unit_test(test_running_out_of_memory),
	};

	return cmocka_run_group_tests_name("ruleset", tests, NULL, NULL);
}
