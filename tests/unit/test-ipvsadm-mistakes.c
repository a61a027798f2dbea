/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Command lines of lbctl-ipvsadm that are wrong: what is said, to the byte. */
#include "ipvsadm-lines.h"

#include <netdb.h>
#include <popt.h>

#include <stdio.h>
#include <string.h>

#define TRY "Try `ipvsadm -h' or 'ipvsadm --help' for more information."

/* ---- No name is known -------------------------------------------------- */

int gethostbyname2_r(const char *name, int family, struct hostent *entry,
		     char *buffer, size_t size, struct hostent **ret_found,
		     int *ret_why)
{
	(void)name;
	(void)family;
	(void)entry;
	(void)buffer;
	(void)size;
	*ret_found = NULL;
	*ret_why = HOST_NOT_FOUND;
	return 0;
}

int getservbyname_r(const char *name, const char *protocol,
		    struct servent *entry, char *buffer, size_t size,
		    struct servent **ret_found)
{
	(void)name;
	(void)protocol;
	(void)entry;
	(void)buffer;
	(void)size;
	*ret_found = NULL;
	return 0;
}

struct mistake {
	const char *line;
	const char *said;
};

static void assert_mistakes(const struct mistake *cases, size_t count,
			    int status)
{
	for (size_t i = 0; i < count; i++)
		assert_said(cases[i].line, status, cases[i].said);
}

/* ---- The form of a line ------------------------------------------------ */

/* What does not begin with a command that can be told. */
static void test_no_command(void **state)
{
	static const char *const lines[] = {
		"''",
		"stray",
		"--",
		"-n",
		"-n -L",
		"-t 192.0.2.1:80 -A",
		"-Q",
		"--nosuch",
		"--lis",
		"-L=-n",
		"-L=",
		"--list=1",
		"-- -L",
		"--start-daemon",
		"--stop-daemon",
		"-?",
		"--usage",
		"--full -S",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		assert_said(lines[i], EXIT_KERNEL_FAILED, TRY);
}

/* What popt says of it, status 255. */
static void test_popt(void **state)
{
	static const struct {
		const char *line;
		const char *word;
		int code;
	} cases[] = {
		{ "-A -t", "-t", POPT_ERROR_NOARG },
		{ "-A --tcp-service", "--tcp-service", POPT_ERROR_NOARG },
		{ "-A -t 192.0.2.1:80 -s", "-s", POPT_ERROR_NOARG },
		{ "-A -t 192.0.2.1:80 -M", "-M", POPT_ERROR_NOARG },
		{ "-A -t 192.0.2.1:80 --pe", "--pe", POPT_ERROR_NOARG },
		{ "-A -t 192.0.2.1:80 -b", "-b", POPT_ERROR_NOARG },
		{ "-A -f", "-f", POPT_ERROR_NOARG },
		{ "-A -u", "-u", POPT_ERROR_NOARG },
		{ "-A --sctp-service", "--sctp-service", POPT_ERROR_NOARG },
		{ "-a -f 1 -r", "-r", POPT_ERROR_NOARG },
		{ "-a -f 1 -r 10.0.0.1 -w", "-w", POPT_ERROR_NOARG },
		{ "-a -f 1 -r 10.0.0.1 -mx", "-mx", POPT_ERROR_NOARG },
		{ "-a -f 1 -y", "-y", POPT_ERROR_NOARG },
		{ "-a -f 1 --tun-type", "--tun-type", POPT_ERROR_NOARG },
		{ "-a -f 1 --tun-port", "--tun-port", POPT_ERROR_NOARG },
		{ "--start-daemon master --mcast-interface",
		  "--mcast-interface", POPT_ERROR_NOARG },
		{ "--start-daemon master --syncid", "--syncid",
		  POPT_ERROR_NOARG },
		{ "--start-daemon master --mcast-group", "--mcast-group",
		  POPT_ERROR_NOARG },
		{ "--start-daemon master --mcast-port", "--mcast-port",
		  POPT_ERROR_NOARG },
		{ "--start-daemon master --mcast-ttl", "--mcast-ttl",
		  POPT_ERROR_NOARG },
		{ "--start-daemon master --sync-maxlen", "--sync-maxlen",
		  POPT_ERROR_NOARG },
		{ "-L -Q", "-Q", POPT_ERROR_BADOPT },
		{ "-LQ", "-LQ", POPT_ERROR_BADOPT },
		{ "-LnQ", "-LnQ", POPT_ERROR_BADOPT },
		{ "-L --nosuch", "--nosuch", POPT_ERROR_BADOPT },
		{ "-L --nosuch=1", "--nosuch=1", POPT_ERROR_BADOPT },
		{ "-L --stat", "--stat", POPT_ERROR_BADOPT },
		{ "-L --stats=1", "--stats=1", POPT_ERROR_UNWANTEDARG },
		{ "--set -1 2 3", "-1", POPT_ERROR_BADOPT },
		{ "-A -f 1 -p -1", "-1", POPT_ERROR_BADOPT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char said[LINE_SAID];

		(void)snprintf(said, sizeof(said), "%s: %s", cases[i].word,
			       poptStrerror(cases[i].code));
		assert_said(cases[i].line, EXIT_KERNEL_FAILED, said);
	}
}

static void test_stray_words(void **state)
{
	static const struct mistake cases[] = {
		{ "-L stray", "unexpected argument stray" },
		{ "-L ''", "unexpected argument " },
		{ "-L -", "unexpected argument -" },
		{ "-L -n stray other", "unexpected argument stray" },
		{ "stray -L", "unexpected argument stray" },
		{ "-L -- -n", "unexpected argument -n" },
		{ "-A -t 192.0.2.1:80 stray", "unexpected argument stray" },
		{ "-A -t 192.0.2.1:80 -p 60 70", "unexpected argument 70" },
		{ "-Z 192.0.2.1:80", "unexpected argument 192.0.2.1:80" },
		{ "--set 1 2 3 4", "unexpected argument 4" },
		{ "--set 1 2 3 -- -4", "unexpected argument -4" },
		{ "--set", "--set option requires 3 timeout values" },
		{ "--set 1", "--set option requires 3 timeout values" },
		{ "--set x y", "--set option requires 3 timeout values" },
		{ "--set x 2 3", "invalid timeout value `x' specified" },
		{ "--set 1 y 3", "invalid timeout value `y' specified" },
		{ "--set 1 2 z", "invalid timeout value `z' specified" },
		{ "--set x 2 3 4", "invalid timeout value `x' specified" },
		/* -l -i -s t: one dash does not make a long option. */
		{ "-list",
		  "Illegal 'scheduler' option with the 'list' command" },
		/* What is unexpected is told before what flags mean. */
		{ "-A -f 1 -b nosuch stray", "unexpected argument stray" },
	};

	(void)state;
	assert_mistakes(cases, ARRAY_SIZE(cases), EXIT_WRONG);
}

static void test_second_command(void **state)
{
	static const char *const words[] = {
		"-A",
		"-E",
		"-D",
		"-C",
		"-L",
		"-l",
		"-Z",
		"-a",
		"-e",
		"-d",
		"-h",
		"-v",
		"-R",
		"-S",
		"--set",
		"--list",
		"--add-service",
		"--help",
		"--version",
		"--restore",
		"--start-daemon=master",
	};
	char line[LINE_SAID], said[LINE_SAID];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		(void)snprintf(line, sizeof(line), "-L -n %s -Q", words[i]);
		(void)snprintf(said, sizeof(said), "invalid option `%s'",
			       words[i]);
		assert_said(line, EXIT_WRONG, said);
	}
	/* As a word of its own the value is what popt has read last. */
	assert_said("-L --start-daemon master", EXIT_WRONG,
		    "invalid option `master'");
	assert_said("-L --stop-daemon nosuch", EXIT_WRONG,
		    "invalid option `nosuch'");
	assert_said("-Ll", EXIT_WRONG, "invalid option `-Ll'");
	assert_said("-LnS", EXIT_WRONG, "invalid option `-LnS'");
}

static void test_repeated(void **state)
{
	static const struct mistake cases[] = {
		{ "-A -t 192.0.2.1:80 -u nosuch",
		  "multiple 'service-address' options specified" },
		{ "-A -f 1 --sctp-service 192.0.2.1:80",
		  "multiple 'service-address' options specified" },
		{ "-a -f 1 -r 10.0.0.1 -m -g",
		  "multiple 'forwarding-method' options specified" },
		{ "-a -f 1 -r 10.0.0.1 -i --masquerading",
		  "multiple 'forwarding-method' options specified" },
		{ "-A -f 1 -oO", "multiple 'ops' options specified" },
		{ "-Lnn", "multiple 'numeric' options specified" },
		/* The first mistake is the one that is told. */
		{ "-L -w 1 -w x", "multiple 'weight' options specified" },
		{ "-L -w x -w 1", "illegal weight specified" },
	};
	char line[LINE_SAID], said[LINE_SAID];

	(void)state;
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const char *words = option_words[i].words;

		(void)snprintf(line, sizeof(line), "-L %s %s", words, words);
		(void)snprintf(said, sizeof(said),
			       "multiple '%s' options specified",
			       option_words[i].name);
		assert_said(line, EXIT_WRONG, said);
	}
	assert_mistakes(cases, ARRAY_SIZE(cases), EXIT_WRONG);
}

/* ---- Values ------------------------------------------------------------ */

static void test_endpoints(void **state)
{
	static const char *const bad[] = {
		"''",
		"80",
		"0",
		":",
		":80",
		"nosuch",
		"nosuch:80",
		"192.0.2.256:80",
		"192.0.2.1.5:80",
		"192.0.2.1:",
		"192.0.2.1:65536",
		"192.0.2.1:-1",
		"192.0.2.1:x",
		"192.0.2.1:80:80",
		"192.0.2.1:80x",
		"[",
		"[]",
		"[]:80",
		"[::1]",
		"[::1",
		"[::1]80",
		"[::1]:",
		"[::1]:65536",
		"[::1]x:80",
		"[::1%lo]:80",
		"fe80::1%lo",
		"[[::1]]:80",
		"[nosuch]:80",
		"192.0.2.1/24",
		"2001:db8::1::2",
		"[192.0.2.1:]:80",
	};
	char line[LINE_SAID];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		(void)snprintf(line, sizeof(line), "-D -t %s", bad[i]);
		assert_said(line, EXIT_WRONG,
			    "illegal virtual server address[:port] specified");
		(void)snprintf(line, sizeof(line), "-D --sctp-service %s",
			       bad[i]);
		assert_said(line, EXIT_WRONG,
			    "illegal virtual server address[:port] specified");
		(void)snprintf(line, sizeof(line), "-d -f 1 -r %s", bad[i]);
		assert_said(line, EXIT_WRONG,
			    "illegal real server address[:port] specified");
	}
}

/* A host's name has less than 1024 bytes with its port. */
static void test_long_names(void **state)
{
	char word[2048];

	(void)state;
	for (size_t length = 1000; length < 1050; length++) {
		const char *argv[] = { "ipvsadm", "-D", "-t", word, NULL };
		struct request request;
		FILE *outside = stderr;
		int status;

		(void)memset(word, 'a', length);
		word[length] = '\0';
		stderr = fopen("/dev/null", "w");
		assert_non_null(stderr);
		status = options_parse(argv, &request);
		(void)fclose(stderr);
		stderr = outside;
		assert_int_equal(status, EXIT_WRONG);
	}
}

static void test_values(void **state)
{
	static const struct mistake cases[] = {
		/* So ipvsadm has it, with a line too many. */
		{ "-A -6 -f 1", "-6 used before -f\n" },
		{ "-A -t 192.0.2.1:80 -6", "-6 used before -f\n" },
		{ "-A -f 1 -M nosuch",
		  "illegal virtual server persistent mask specified" },
		{ "-A -f 1 -M 255.255.255.256",
		  "illegal virtual server persistent mask specified" },
		{ "-A -f 1 -M ''",
		  "illegal virtual server persistent mask specified" },
		{ "-A -t [::1]:80 -M 0", "illegal ipv6 netmask specified" },
		{ "-A -t [::1]:80 -M 129", "illegal ipv6 netmask specified" },
		{ "-A -t [::1]:80 -M x", "illegal ipv6 netmask specified" },
		{ "-A -M 255.255.255.0 -t [::1]:80",
		  "illegal ipv6 netmask specified" },
		{ "-A -M 129 -t [::1]:80", "illegal ipv6 netmask specified" },
		{ "-A -f 1 -b nosuch", "invalid scheduler flag `nosuch'" },
		{ "-A -f 1 -b flag-4", "invalid scheduler flag `flag-4'" },
		{ "-A -f 1 -b flag-1,flag", "invalid scheduler flag `flag'" },
		{ "-A -f 1 -b ,", "invalid scheduler flag `,'" },
		{ "-A -f 1 -b sh-port",
		  "incompatible scheduler flag `sh-port'" },
		{ "-A -f 1 -s mh -b flag-1,sh-fallback",
		  "incompatible scheduler flag `sh-fallback'" },
		{ "-A -f 1 -s sh -b mh-port",
		  "incompatible scheduler flag `mh-port'" },
		{ "-A -f 1 -s shh -b mh-fallback",
		  "incompatible scheduler flag `mh-fallback'" },
		{ "-a -f 1 -r 10.0.0.1 -i --tun-type vxlan",
		  "illegal tunnel type specified" },
		{ "-a -f 1 -r 10.0.0.1 -i --tun-type ''",
		  "illegal tunnel type specified" },
		{ "-a -f 1 -r 10.0.0.1 -i --tun-type GUE",
		  "illegal tunnel type specified" },
		{ "--start-daemon both",
		  "illegal start-daemon parameter specified" },
		{ "--start-daemon ''",
		  "illegal start-daemon parameter specified" },
		{ "--stop-daemon Master", "illegal start_daemon specified" },
		{ "--start-daemon master --mcast-group 223.255.255.255",
		  "invalid IPv4 mcast-group `223.255.255.255'" },
		{ "--start-daemon master --mcast-group 240.0.0.0",
		  "invalid IPv4 mcast-group `240.0.0.0'" },
		{ "--start-daemon master --mcast-group 224.1",
		  "invalid IPv4 mcast-group `224.1'" },
		{ "--start-daemon master --mcast-group ''",
		  "invalid IPv4 mcast-group `'" },
		{ "--start-daemon master --mcast-group fe80::1",
		  "invalid IPv6 mcast-group `fe80::1'" },
		{ "--start-daemon master --mcast-group :",
		  "invalid IPv6 mcast-group `:'" },
	};

	(void)state;
	assert_mistakes(cases, ARRAY_SIZE(cases), EXIT_WRONG);
}

/* ---- What goes with what ----------------------------------------------- */

static void test_needed(void **state)
{
	static const struct {
		const char *letter, *command;
	} of_services[] = {
		{ "-A", "add-service" },    { "-E", "edit-service" },
		{ "-D", "delete-service" }, { "-a", "add-server" },
		{ "-d", "delete-server" },  { "-e", "edit-server" },
	};
	char line[LINE_SAID], said[LINE_SAID];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(of_services); i++) {
		const char *command = of_services[i].command;

		(void)snprintf(said, sizeof(said),
			       "You need to supply the 'service-address' "
			       "option for the '%s' command",
			       command);
		assert_said(of_services[i].letter, EXIT_WRONG, said);
		/* It is looked for before other options are. */
		(void)snprintf(line, sizeof(line), "%s -r 10.0.0.1 --full",
			       of_services[i].letter);
		assert_said(line, EXIT_WRONG, said);
		if (!strstr(command, "server"))
			continue;
		(void)snprintf(line, sizeof(line), "%s -f 1",
			       of_services[i].letter);
		(void)snprintf(said, sizeof(said),
			       "You need to supply the 'real-server' option "
			       "for the '%s' command",
			       command);
		assert_said(line, EXIT_WRONG, said);
	}
}

/* Each command with each option that does not go with it. */
static void test_illegal(void **state)
{
	char blanks[40], line[LINE_SAID], said[LINE_SAID];

	(void)state;
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		for (size_t j = 0; j < OPTION_COUNT; j++) {
			(void)snprintf(blanks, sizeof(blanks), " %s ",
				       option_words[j].name);
			if (strstr(command_words[i].may, blanks))
				continue;
			(void)snprintf(line, sizeof(line), "%s %s",
				       command_words[i].line,
				       option_words[j].words);
			(void)snprintf(said, sizeof(said),
				       "Illegal '%s' option with the '%s' "
				       "command",
				       option_words[j].name,
				       command_words[i].name);
			assert_said(line, EXIT_WRONG, said);
		}
}

static void test_conflicts(void **state)
{
	static const char list[] = "options conflicts in the list command";
	static const struct mistake cases[] = {
		{ "-L -c -t 192.0.2.1:80",
		  "The option 'service-address' conflicts with the "
		  "'connection' option in the 'list' command" },
		{ "-L --timeout -f 1",
		  "The option 'timeout' conflicts with the 'service-address' "
		  "option in the 'list' command" },
		{ "-L --daemon --timeout",
		  "The option 'daemon' conflicts with the 'timeout' option in "
		  "the 'list' command" },
		{ "-L --daemon -c",
		  "The option 'daemon' conflicts with the 'connection' option "
		  "in the 'list' command" },
		{ "-L -c --stats", list },
		{ "-L -c --rate", list },
		{ "-L -c --thresholds", list },
		{ "-L --timeout --stats", list },
		{ "-L --timeout --persistent-conn", list },
		{ "-L --daemon --rate", list },
		{ "-L --daemon --persistent-conn", list },
		{ "-A -t 192.0.2.1",
		  "Zero port specified for non-persistent service" },
		{ "-E -u 192.0.2.1:0",
		  "Zero port specified for non-persistent service" },
		{ "-A -t [::1]:0 -o",
		  "Zero port specified for non-persistent service" },
		{ "-A -t 192.0.2.1:80 -o",
		  "One-Packet Scheduling is only for UDP virtual services" },
		{ "-E --sctp-service 192.0.2.1:80 -O",
		  "One-Packet Scheduling is only for UDP virtual services" },
	};
	static const char *const fine[] = {
		"-L -c --persistent-conn", "-L -f 1 --stats --rate",
		"-L -c --tun-info -n -X",  "-L --timeout --tun-info",
		"-L --daemon --nosort",
	};
	struct heard heard;

	(void)state;
	assert_mistakes(cases, ARRAY_SIZE(cases), EXIT_WRONG);
	for (size_t i = 0; i < ARRAY_SIZE(fine); i++)
		hear_right(fine[i], &heard);
}

static void test_families(void **state)
{
	static const char said[] = "Different address family is allowed only "
				   "for tunneling servers";
	static const char *const lines[] = {
		"-a -t 192.0.2.1:80 -r [::1]:80",
		"-e -t 192.0.2.1:80 -r [::1]:80 -m",
		"-a -t [::1]:80 -r 10.0.0.1 -g",
		"-a -f 1 -r ::1",
		"-a -f 1 -6 -r 10.0.0.1 -m",
		"-a -r 10.0.0.1 -f 1 -6 --tun-type gue",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		assert_said(lines[i], EXIT_WRONG, said);
}

/* ---- Tunnels ----------------------------------------------------------- */

#define ILLEGAL(option, type) \
	"Illegal '" option "' option with the '" type "' tunnel type"
#define CONFLICT(option, other, type)                        \
	"The option '" option "' conflicts with the '" other \
	"' option in the '" type "' tunnel type"
#define PORTLESS \
	"You need to supply the 'tun-port' option for the 'gue' tunnel type"

static void test_tunnels(void **state)
{
	static const struct mistake cases[] = {
		{ "--tun-port 1", ILLEGAL("tun-port", "ipip") },
		{ "--tun-nocsum", ILLEGAL("tun-nocsum", "ipip") },
		{ "--tun-csum", ILLEGAL("tun-csum", "ipip") },
		{ "--tun-type ipip --tun-remcsum",
		  ILLEGAL("tun-remcsum", "ipip") },
		{ "--tun-remcsum --tun-port 1", ILLEGAL("tun-port", "ipip") },
		{ "--tun-type gue", PORTLESS },
		{ "--tun-type gue --tun-csum --tun-nocsum", PORTLESS },
		{ "--tun-type gue --tun-port 1 --tun-csum --tun-nocsum",
		  CONFLICT("tun-csum", "tun-nocsum", "gue") },
		{ "--tun-type gue --tun-port 1 --tun-remcsum --tun-nocsum",
		  CONFLICT("tun-remcsum", "tun-nocsum", "gue") },
		{ "--tun-type gue --tun-port 1 --tun-remcsum --tun-csum",
		  CONFLICT("tun-remcsum", "tun-csum", "gue") },
		{ "--tun-type gre --tun-port 1", ILLEGAL("tun-port", "gre") },
		{ "--tun-type gre --tun-remcsum",
		  ILLEGAL("tun-remcsum", "gre") },
		{ "--tun-type gre --tun-csum --tun-nocsum",
		  CONFLICT("tun-csum", "tun-nocsum", "gre") },
	};
	static const char *const options[] = { "--tun-type ipip",
					       "--tun-port 1", "--tun-nocsum",
					       "--tun-csum", "--tun-remcsum" };
	char line[LINE_SAID];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		(void)snprintf(line, sizeof(line), "-a -f 1 -r 10.0.0.1 -i %s",
			       cases[i].line);
		assert_said(line, EXIT_WRONG, cases[i].said);
	}
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		(void)snprintf(line, sizeof(line), "-e -f 1 -r 10.0.0.1 %s",
			       options[i]);
		assert_said(line, EXIT_WRONG,
			    "Tunnel options conflict with forward method");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_command),
		cmocka_unit_test(test_popt),
		cmocka_unit_test(test_stray_words),
		cmocka_unit_test(test_second_command),
		cmocka_unit_test(test_repeated),
		cmocka_unit_test(test_endpoints),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_needed),
		cmocka_unit_test(test_illegal),
		cmocka_unit_test(test_conflicts),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_tunnels),
	};

	return cmocka_run_group_tests_name("ipvsadm-mistakes", tests, NULL,
					   NULL);
}
