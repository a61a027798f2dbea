/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Command lines of lbctl-ipvsadm that are right: what the request holds. */
#include "ipvsadm-lines.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <stdio.h>
#include <string.h>

/* ---- Names, in place of DNS and of /etc/services ----------------------- */

int gethostbyname2_r(const char *name, int family, struct hostent *entry,
		     char *buffer, size_t size, struct hostent **ret_found,
		     int *ret_why)
{
	const struct in_addr address = { htonl(0xc0000201) }; /* 192.0.2.1 */
	char **list = (char **)(void *)buffer;

	*ret_found = NULL;
	*ret_why = HOST_NOT_FOUND;
	if (strcmp(name, "web.example") != 0)
		return 0;
	assert_int_equal(family, AF_INET);
	assert_true(size >= 64);
	list[0] = buffer + 32;
	list[1] = NULL;
	(void)memcpy(list[0], &address, sizeof(address));
	*entry = (struct hostent){ .h_addrtype = AF_INET,
				   .h_length = sizeof(address),
				   .h_addr_list = list };
	*ret_found = entry;
	return 0;
}

int getservbyname_r(const char *name, const char *protocol,
		    struct servent *entry, char *buffer, size_t size,
		    struct servent **ret_found)
{
	static const struct {
		const char *name, *protocol;
		uint16_t port;
	} known[] = {
		{ "http", "tcp", 80 },	 { "domain", "tcp", 53 },
		{ "domain", "udp", 53 }, { "syslog", "udp", 514 },
		{ "shell", "tcp", 514 }, { "m3ua", "sctp", 2905 },
	};

	(void)buffer;
	(void)size;
	*ret_found = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (strcmp(name, known[i].name) != 0 ||
		    strcmp(protocol, known[i].protocol) != 0)
			continue;
		*entry = (struct servent){ .s_port = htons(known[i].port) };
		*ret_found = entry;
	}
	return 0;
}

/* ---- What a request holds ---------------------------------------------- */

struct holds {
	const char *line;
	const char *text;
};

static void assert_holds(const struct holds *cases, size_t count)
{
	struct heard heard;
	char text[LINE_SAID];

	for (size_t i = 0; i < count; i++) {
		hear_right(cases[i].line, &heard);
		if (strcmp(request_text(&heard.request, text), cases[i].text) !=
		    0)
			fail_msg("%s:\n%s, not\n%s", cases[i].line, text,
				 cases[i].text);
	}
}

static void test_services(void **state)
{
	static const struct holds cases[] = {
		{ "-A -t 192.0.2.1:80", "add-service tcp:192.0.2.1:80" },
		{ "-A -u 192.0.2.1:53 -o -s rr",
		  "add-service udp:192.0.2.1:53 scheduler rr one-packet" },
		{ "-A -u 192.0.2.1:53 -O",
		  "add-service udp:192.0.2.1:53 one-packet" },
		{ "-E --sctp-service 192.0.2.1:80 --pe sip -p 1",
		  "edit-service sctp:192.0.2.1:80 persistent 1 pe sip" },
		{ "-A -f 1 -o", "add-service fwmark:1 one-packet" },
		{ "-A -f 4294967295 -6", "add-service fwmark:4294967295/inet6" },
		{ "-A -f 1 -6 -6", "add-service fwmark:1/inet6" },
		{ "-A -t 192.0.2.1:80 -p 60 -M 255.255.0.0",
		  "add-service tcp:192.0.2.1:80 persistent 60 netmask "
		  "0xffff0000" },
		{ "-A -t [2001:db8::1]:80 -p 60 -M 64",
		  "add-service tcp:[2001:db8::1]:80 persistent 60 netmask "
		  "/64" },
		{ "-A -f 7 -6 -p -M 128",
		  "add-service fwmark:7/inet6 persistent 360" },
		{ "-A -t 2001:db8::1 -p",
		  "add-service tcp:[2001:db8::1]:0 persistent 360" },
		{ "-A -t 192.0.2.1 -p -s rr",
		  "add-service tcp:192.0.2.1:0 scheduler rr persistent 360" },
		{ "-A -t 0.0.0.0:0 -p",
		  "add-service tcp:0.0.0.0:0 persistent 360" },
		/* A scheduler by no name, and by too long a one. */
		{ "-A -t 192.0.2.1:80 -s ''", "add-service tcp:192.0.2.1:80" },
		{ "-A -t 192.0.2.1:80 -s 0123456789abcdef0",
		  "add-service tcp:192.0.2.1:80 scheduler 0123456789abcde" },
		{ "-A -t 192.0.2.1:80 --pe 0123456789abcdef0",
		  "add-service tcp:192.0.2.1:80 pe 0123456789abcdef" },
		{ "-D -u 192.0.2.1:53", "delete-service udp:192.0.2.1:53" },
		/* The port may be left out where nothing is made. */
		{ "-D -t 192.0.2.1", "delete-service tcp:192.0.2.1:0" },
		{ "-Z -f 1 -6", "zero fwmark:1/inet6" },
	};

	(void)state;
	assert_holds(cases, ARRAY_SIZE(cases));
}

static void test_addresses(void **state)
{
	static const struct holds cases[] = {
		/* Whatever inet_aton() takes. */
		{ "-D -t 1:80", "delete-service tcp:0.0.0.1:80" },
		{ "-D -t 0x7f.1:80", "delete-service tcp:127.0.0.1:80" },
		{ "-D -t 010.0.0.1:80", "delete-service tcp:8.0.0.1:80" },
		{ "-D -t 192.0.2.1:0", "delete-service tcp:192.0.2.1:0" },
		{ "-D -t 192.0.2.1:65535",
		  "delete-service tcp:192.0.2.1:65535" },
		{ "-D -t 192.0.2.1:+80", "delete-service tcp:192.0.2.1:80" },
		{ "-D -t 192.0.2.1:0080", "delete-service tcp:192.0.2.1:80" },
		/* Of brackets around IPv4 the port within counts. */
		{ "-D -t [192.0.2.1]:80", "delete-service tcp:192.0.2.1:0" },
		{ "-D -t [192.0.2.1:90]:80", "delete-service tcp:192.0.2.1:90" },
		{ "-D -t [::ffff:192.0.2.1]:80",
		  "delete-service tcp:[::ffff:192.0.2.1]:80" },
		{ "-D -t ::", "delete-service tcp:[::]:0" },
		{ "-D -t 2001:db8::1:80",
		  "delete-service tcp:[2001:db8::1:80]:0" },
		/* Names. */
		{ "-D -t web.example:http", "delete-service tcp:192.0.2.1:80" },
		{ "-D -t web.example", "delete-service tcp:192.0.2.1:0" },
		{ "-D -t 192.0.2.1:shell", "delete-service tcp:192.0.2.1:514" },
		{ "-D -u 192.0.2.1:syslog", "delete-service udp:192.0.2.1:514" },
		{ "-D -t [2001:db8::1]:http",
		  "delete-service tcp:[2001:db8::1]:80" },
		{ "-D --sctp-service 192.0.2.1:m3ua",
		  "delete-service sctp:192.0.2.1:2905" },
		/* Under a mark ports are TCP's. */
		{ "-d -f 1 -r web.example:shell",
		  "delete-server fwmark:1 -> 192.0.2.1:514" },
		{ "-A -f 1 -p -M web.example",
		  "add-service fwmark:1 persistent 360 netmask 0xc0000201" },
	};

	(void)state;
	assert_holds(cases, ARRAY_SIZE(cases));
}

static void test_flags(void **state)
{
	static const struct holds cases[] = {
		{ "-A -f 1 -b flag-1,flag-2,flag-3",
		  "add-service fwmark:1 flag-1 flag-2 flag-3" },
		{ "-A -f 1 -b ,flag-3,,flag-1,",
		  "add-service fwmark:1 flag-1 flag-3" },
		{ "-A -f 1 -b flag-2,flag-2", "add-service fwmark:1 flag-2" },
		{ "-A -f 1 -s sh -b sh-fallback",
		  "add-service fwmark:1 scheduler sh flag-1" },
		{ "-A -f 1 -s sh -b sh-port,flag-3",
		  "add-service fwmark:1 scheduler sh flag-2 flag-3" },
		{ "-A -f 1 -s mh -b mh-port,mh-fallback",
		  "add-service fwmark:1 scheduler mh flag-1 flag-2" },
		{ "-A -b sh-port -s sh -f 1",
		  "add-service fwmark:1 scheduler sh flag-2" },
		{ "-A -f 1 -b ''", "add-service fwmark:1" },
		{ "-A -u 192.0.2.1:53 -o -b flag-1",
		  "add-service udp:192.0.2.1:53 one-packet flag-1" },
	};

	(void)state;
	assert_holds(cases, ARRAY_SIZE(cases));
}

static void test_servers(void **state)
{
	static const struct holds cases[] = {
		{ "-a -t 192.0.2.1:80 -r 10.0.0.1",
		  "add-server tcp:192.0.2.1:80 -> 10.0.0.1:80" },
		{ "-e -t 192.0.2.1:80 -r 10.0.0.1:8080 -m",
		  "edit-server tcp:192.0.2.1:80 -> 10.0.0.1:8080 nat" },
		{ "-a -t 192.0.2.1:80 -r 10.0.0.1 -m",
		  "add-server tcp:192.0.2.1:80 -> 10.0.0.1:80 nat" },
		{ "-e -m -r 10.0.0.1 -t 192.0.2.1:80",
		  "edit-server tcp:192.0.2.1:80 -> 10.0.0.1:80 nat" },
		{ "-a -m -r 10.0.0.1:0 -t 192.0.2.1:80",
		  "add-server tcp:192.0.2.1:80 -> 10.0.0.1 nat" },
		{ "-d -r 10.0.0.1 -u 192.0.2.1:53",
		  "delete-server udp:192.0.2.1:53 -> 10.0.0.1:53" },
		/* Only NAT can go to another port, but to a mark's server. */
		{ "-a -t 192.0.2.1:80 -r 10.0.0.1:8080",
		  "add-server tcp:192.0.2.1:80 -> 10.0.0.1:80" },
		{ "-a -t 192.0.2.1:80 -r 10.0.0.1:8080 -i",
		  "add-server tcp:192.0.2.1:80 -> 10.0.0.1:80 tun" },
		{ "-a -f 1 -r 10.0.0.1:8080 -g",
		  "add-server fwmark:1 -> 10.0.0.1:8080" },
		{ "-a -f 1 -r 10.0.0.1 -m",
		  "add-server fwmark:1 -> 10.0.0.1 nat" },
		{ "-d -t 192.0.2.1:80 -r 10.0.0.1:8080",
		  "delete-server tcp:192.0.2.1:80 -> 10.0.0.1:8080" },
		{ "-a -t 192.0.2.1:80 -r 10.0.0.1 -w 0 -x 10 -y 5",
		  "add-server tcp:192.0.2.1:80 -> 10.0.0.1:80 weight 0 "
		  "upper 10 lower 5" },
		{ "-a -t [2001:db8::1]:80 -r [2001:db8::2]:80",
		  "add-server tcp:[2001:db8::1]:80 -> [2001:db8::2]:80" },
		{ "-a -t 192.0.2.1:80 -r 2001:db8::2 -i",
		  "add-server tcp:192.0.2.1:80 -> [2001:db8::2]:80 tun" },
		{ "-a -f 1 -6 -r 10.0.0.1 -i",
		  "add-server fwmark:1/inet6 -> 10.0.0.1 tun" },
		{ "-a -f 1 -r 10.0.0.1 -i --tun-type ipip",
		  "add-server fwmark:1 -> 10.0.0.1 tun" },
		{ "-a -f 1 -r 10.0.0.1 -i --tun-type gue --tun-port 6080",
		  "add-server fwmark:1 -> 10.0.0.1 tun gue tunnel-port "
		  "6080" },
		{ "-a -f 1 -r 10.0.0.1 -i --tun-type gue --tun-port 1 "
		  "--tun-nocsum",
		  "add-server fwmark:1 -> 10.0.0.1 tun gue tunnel-port 1" },
		{ "-a -f 1 -r 10.0.0.1 -i --tun-remcsum --tun-port 6080 "
		  "--tun-type gue",
		  "add-server fwmark:1 -> 10.0.0.1 tun gue tunnel-port "
		  "6080 checksum remote" },
		{ "-a -f 1 -r 10.0.0.1 -i --tun-type gre --tun-csum",
		  "add-server fwmark:1 -> 10.0.0.1 tun gre checksum full" },
	};

	(void)state;
	assert_holds(cases, ARRAY_SIZE(cases));
}

static void test_the_rest(void **state)
{
	static const struct holds cases[] = {
		{ "-C", "flush" },
		{ "-Z", "zero" },
		{ "-R", "restore" },
		{ "-S -n --full", "save" },
		{ "-L -n --sort --sort", "list" },
		{ "-L -t 192.0.2.1:80", "list tcp:192.0.2.1:80" },
		{ "-L --syncid 7", "list id 7" },
		{ "--set 900 0 2678400", "set timeouts 900 0 2678400" },
		{ "--set +1 007 2", "set timeouts 1 7 2" },
		{ "--start-daemon master", "start-daemon master" },
		{ "--start-daemon backup --mcast-interface eth1 --syncid 9 "
		  "--sync-maxlen 1000 --mcast-group 239.1.2.3 --mcast-port 99 "
		  "--mcast-ttl 3",
		  "start-daemon backup interface eth1 id 9 maxlen 1000 group "
		  "239.1.2.3 port 99 ttl 3" },
		{ "--start-daemon master --mcast-group ff02::81",
		  "start-daemon master group ff02::81" },
		{ "--start-daemon master --mcast-interface ''",
		  "start-daemon master" },
		{ "--start-daemon master --mcast-interface 0123456789abcde",
		  "start-daemon master interface 0123456789abcde" },
		{ "--start-daemon master --mcast-interface 0123456789abcdef",
		  "start-daemon master interface 0123456789abcde odd" },
		{ "--stop-daemon backup --syncid 3", "stop-daemon backup id 3" },
		/* Whatever else is said. */
		{ "-h --nosuch stray", "help" },
		{ "--help -A -t", "help" },
		{ "-v -Q", "version" },
		{ "--version", "version" },
	};

	(void)state;
	assert_holds(cases, ARRAY_SIZE(cases));
}

/* ---- Lines that mean the same ------------------------------------------ */

static void test_same(void **state)
{
	static const char *const pairs[][2] = {
		{ "-Ln", "--list --numeric" },
		{ "-l -n -c -X", "-LXcn" },
		{ "-A -t192.0.2.1:80 -srr -p60",
		  "--add-service --tcp-service=192.0.2.1:80 --scheduler=rr "
		  "--persistent=60" },
		{ "-At 192.0.2.1:80 -s rr", "-A -s rr -t 192.0.2.1:80" },
		{ "-E -u=192.0.2.1:53 -o",
		  "--edit-service --udp-service 192.0.2.1:53 --ops" },
		{ "-A -f1 -6 -b flag-1",
		  "-A --fwmark-service 1 --ipv6 --sched-flags=flag-1" },
		{ "-A -f 1 -p", "-A -p -f 1" },
		{ "-A -f 1 -p 360 -M 255.0.0.0",
		  "-A --netmask 255.0.0.0 -p -f 1" },
		{ "-D -t 192.0.2.1:80", "--delete-service -t 192.0.2.1:80" },
		{ "-A -M 64 -t [2001:db8::1]:80 -p",
		  "-A -t [2001:db8::1]:80 -p -M 64" },
		{ "-A -M 48 -p -f 1 -6", "-A -f 1 -6 -M 48 -p" },
		{ "-A -f 1 -M 48 -6 -p", "-A -f 1 -6 -M 48 -p" },
		{ "-a -r 10.0.0.1 -t 192.0.2.1:80 -m",
		  "-a -t 192.0.2.1:80 -m -r 10.0.0.1" },
		{ "-a -r 10.0.0.1:81 -m -f 1",
		  "--add-server -f 1 --masquerading --real-server 10.0.0.1:81" },
		{ "-a -i -r 2001:db8::1 -t 192.0.2.1:80",
		  "-a -t 192.0.2.1:80 --ipip -r 2001:db8::1" },
		{ "-e -f 1 -r 10.0.0.1 -g -w 3 -x 2 -y 1",
		  "--edit-server -f 1 -r 10.0.0.1 --gatewaying --weight 3 "
		  "--u-threshold 2 --l-threshold=1" },
		{ "-d -f 1 -r 10.0.0.1", "--delete-server -r 10.0.0.1 -f 1" },
		{ "-L --nosort", "-L --nosort --sort" },
		{ "-C", "--clear" },
		{ "-Z", "--zero" },
		{ "-R", "--restore" },
		{ "-Sn", "--save -n" },
		{ "--set 1 2 3", "1 --set 2 3" },
		{ "--set 1 2 3", "--set -- 1 2 3" },
		{ "--start-daemon=master --syncid=1",
		  "--start-daemon master --syncid 1" },
		{ "--stop-daemon=backup", "--stop-daemon backup --" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct heard one, other;
		char text[2][LINE_SAID];

		hear_right(pairs[i][0], &one);
		hear_right(pairs[i][1], &other);
		assert_int_equal(one.request.given, other.request.given);
		if (strcmp(request_text(&one.request, text[0]),
			   request_text(&other.request, text[1])) != 0)
			fail_msg("%s: %s\n%s: %s", pairs[i][0], text[0],
				 pairs[i][1], text[1]);
	}
}

/* ---- Every option ------------------------------------------------------ */

/* Whether a command goes with an option by name. */
static bool may(const struct command_words *command, const char *option)
{
	char blanks[40];

	(void)snprintf(blanks, sizeof(blanks), " %s ", option);
	return strstr(command->may, blanks);
}

static bool is_of_tunnels(int option)
{
	return option == TUN_TYPE || option == TUN_PORT ||
	       option == TUN_NOCSUM || option == TUN_CSUM ||
	       option == TUN_REMCSUM;
}

/* Hears it where it may be given; it is there, and nothing else is. */
static void try_option(enum ipvsadm_command command, int option)
{
	const struct command_words *words = &command_words[command];
	struct heard plain, heard;
	char line[LINE_SAID];

	hear_right(words->line, &plain);
	/* They are there already, or go with -i, or with UDP. */
	if ((plain.request.given & BIT(option)) || is_of_tunnels(option) ||
	    option == OPS)
		return;
	(void)snprintf(line, sizeof(line), "%s %s", words->line,
		       option_words[option].words);
	hear_right(line, &heard);
	assert_int_equal(heard.request.command, command);
	assert_int_equal(heard.request.given, plain.request.given | BIT(option));
}

static void test_every_option(void **state)
{
	(void)state;
	for (int option = 0; option < OPTION_COUNT; option++) {
		bool tried = false;

		assert_non_null(option_words[option].name);
		for (int i = 0; i < COMMAND_COUNT; i++) {
			if (!may(&command_words[i], option_words[option].name))
				continue;
			tried = true;
			try_option((enum ipvsadm_command)i, option);
		}
		if (!tried)
			fail_msg("--%s goes with no command",
				 option_words[option].name);
	}
}

/* ---- Bounds ------------------------------------------------------------ */

static const struct bounds {
	const char *line;
	int64_t min, max;
	const char *shown; /* before the number, in the request's text */
	const char *complaint;
	bool quotes; /* the complaint goes on: "`1' specified" */
} all_bounds[] = {
	{ "-A -f", 1, UINT32_MAX, "fwmark:", "invalid fwmark value", true },
	{ "-A -f 1 -p", 1, 2678400, "persistent ", "invalid timeout value",
	  true },
	{ "-a -f 1 -r 10.0.0.1 -w", 0, INT32_MAX, "weight ",
	  "illegal weight specified", false },
	{ "-a -f 1 -r 10.0.0.1 -x", 0, INT32_MAX, "upper ",
	  "illegal u_threshold specified", false },
	{ "-a -f 1 -r 10.0.0.1 -y", 0, INT32_MAX, "lower ",
	  "illegal l_threshold specified", false },
	{ "-a -f 1 -r 10.0.0.1 -i --tun-type gue --tun-port", 1, UINT16_MAX,
	  "tunnel-port ", "illegal tunnel port specified", false },
	{ "--start-daemon master --syncid", 0, 255, "id ",
	  "illegal syncid specified", false },
	{ "--start-daemon master --mcast-port", 1, UINT16_MAX, "port ",
	  "illegal mcast-port specified", false },
	{ "--start-daemon master --mcast-ttl", 1, 255, "ttl ",
	  "illegal mcast-ttl specified", false },
	{ "--start-daemon master --sync-maxlen", 1, 65507, "maxlen ",
	  "illegal sync-maxlen specified", false },
	{ "--set 1 2", 0, 2678400, " timeouts 1 2 ", "invalid timeout value",
	  true },
};

static void refuse_number(const struct bounds *bounds, const char *number)
{
	const char *shown = strcmp(number, "''") == 0 ? "" : number;
	char line[LINE_SAID], said[LINE_SAID];

	/* To popt that is an option, and -p has no value then. */
	if (*number == '-' &&
	    (strstr(bounds->line, "--set") || strstr(bounds->line, "-p")))
		return;
	(void)snprintf(line, sizeof(line), "%s %s", bounds->line, number);
	if (bounds->quotes)
		(void)snprintf(said, sizeof(said), "%s `%s' specified",
			       bounds->complaint, shown);
	else
		(void)snprintf(said, sizeof(said), "%s", bounds->complaint);
	assert_said(line, EXIT_WRONG, said);
}

static void take_number(const struct bounds *bounds, int64_t number)
{
	struct heard heard;
	char line[LINE_SAID], text[LINE_SAID], wanted[LINE_SAID];

	(void)snprintf(line, sizeof(line), "%s %jd", bounds->line,
		       (intmax_t)number);
	hear_right(line, &heard);
	(void)request_text(&heard.request, text);
	(void)snprintf(wanted, sizeof(wanted), "%s%jd", bounds->shown,
		       (intmax_t)number);
	/* 0 and what else goes without saying are not in the text. */
	if (number > 1 && !strstr(text, wanted))
		fail_msg("%s: %s, not %s", line, text, wanted);
}

static void test_bounds(void **state)
{
	static const char *const bad[] = { "''",
					   "x",
					   "1x",
					   "0x1",
					   "1.0",
					   "+",
					   "1,2",
					   "--1",
					   "1e1",
					   "-1",
					   "99999999999999999999",
					   "\t",
					   "1\t" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all_bounds); i++) {
		const struct bounds *bounds = &all_bounds[i];
		char number[32];

		take_number(bounds, bounds->min);
		take_number(bounds, bounds->max);
		take_number(bounds, bounds->max / 2);
		for (int64_t off = -1; off < 2; off += 2) {
			(void)snprintf(number, sizeof(number), "%jd",
				       (intmax_t)(off < 0 ? bounds->min - 1 :
							    bounds->max + 1));
			refuse_number(bounds, number);
		}
		for (size_t j = 0; j < ARRAY_SIZE(bad); j++)
			refuse_number(bounds, bad[j]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_servers),
		cmocka_unit_test(test_the_rest),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_every_option),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests_name("ipvsadm-options", tests, NULL, NULL);
}
