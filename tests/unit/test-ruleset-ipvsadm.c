/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Rulesets in ipvsadm's language: all of what ipvsadm 1.31 reads with -R. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "rulesets.h"

#include "scope.h"

#define S "tcp:192.0.2.1:80"
#define T "-t 192.0.2.1:80"

static const char *const nothing[] = { NULL };

static const char *const standing[] = {
	"service " S " --scheduler rr --persistent 300",
	"server " S " 10.0.0.1 --weight 5 --upper-threshold 9",
	"server " S " 10.0.0.2:8080 --forward nat",
	"sync master --dev eth0 --id 1",
	"hold " S " 10.0.0.1 admin",
	NULL,
};
#define SERVICE "svc add " S " --scheduler rr --persistent 300\n"
#define FIRST               \
	"svc add-server " S \
	" 10.0.0.1 --forward dr --weight 5 --upper-threshold 9 held\n"
#define SECOND "svc add-server " S " 10.0.0.2:8080 --forward nat --weight 1\n"
#define SYNC   "sync start master --dev eth0 --id 1\n"

static void test_services(void **state)
{
	static const struct {
		const char *text;
		const char *wanted;
	} cases[] = {
		{ "-A -t 192.0.2.1:80 -s rr\n",
		  "svc add " S " --scheduler rr\n" },
		{ "-A -t 192.0.2.1:80\n", "svc add " S " --scheduler wlc\n" },
		{ "-A -u 192.0.2.1:53 -o\n",
		  "svc add udp:192.0.2.1:53 --scheduler wlc --one-packet\n" },
		{ "-A -u 192.0.2.1:53 -O\n",
		  "svc add udp:192.0.2.1:53 --scheduler wlc --one-packet\n" },
		{ "-A -u 192.0.2.1:53 --ops\n",
		  "svc add udp:192.0.2.1:53 --scheduler wlc --one-packet\n" },
		{ "-A --sctp-service 192.0.2.1:9\n",
		  "svc add sctp:192.0.2.1:9 --scheduler wlc\n" },
		{ "-A -t [2001:db8::1]:80 -s sh -b sh-port,sh-fallback\n",
		  "svc add tcp:[2001:db8::1]:80 --scheduler sh --sched-flags "
		  "sh-port,sh-fallback\n" },
		{ "-A -f 7\n", "svc add fwmark:7 --scheduler wlc\n" },
		{ "-A -f 7 -6\n", "svc add fwmark:7/inet6 --scheduler wlc\n" },
		/* What -S makes of large marks. */
		{ "-A -f -1\n", "svc add fwmark:4294967295 --scheduler wlc\n" },
		{ "-A -f -2147483648 -6\n",
		  "svc add fwmark:2147483648/inet6 --scheduler wlc\n" },
		{ "-A -f 2147483647\n",
		  "svc add fwmark:2147483647 --scheduler wlc\n" },
		/* Persistence. */
		{ "-A " T " -p\n",
		  "svc add " S " --scheduler wlc --persistent 360\n" },
		{ "-A " T " -p -s rr\n",
		  "svc add " S " --scheduler rr --persistent 360\n" },
		{ "-A " T " -p 60 -s rr\n",
		  "svc add " S " --scheduler rr --persistent 60\n" },
		{ "-A " T " -p60\n",
		  "svc add " S " --scheduler wlc --persistent 60\n" },
		{ "-A " T " --persistent=60 --pe sip\n",
		  "svc add " S " --scheduler wlc --persistent 60 --pe sip\n" },
		{ "-A " T " -s rr -p 60 -M 255.255.255.0\n",
		  "svc add " S
		  " --scheduler rr --persistent 60 --netmask 24\n" },
		{ "-A -M 255.255.0.0 -p 5 " T "\n",
		  "svc add " S
		  " --scheduler wlc --persistent 5 --netmask 16\n" },
		{ "-A -M 64 -p 5 -t [2001:db8::1]:80\n",
		  "svc add tcp:[2001:db8::1]:80 --scheduler wlc --persistent 5 "
		  "--netmask 64\n" },
		{ "-A -f 7 -6 -p 5 -M 64\n",
		  "svc add fwmark:7/inet6 --scheduler wlc --persistent 5 "
		  "--netmask 64\n" },
		{ "-A -p 5 -M 64 -f 7 -6\n",
		  "svc add fwmark:7/inet6 --scheduler wlc --persistent 5 "
		  "--netmask 64\n" },
		/* The kernel takes these, so it is them that is meant. */
		{ "-A -t 192.0.2.1:0\n",
		  "svc add tcp:192.0.2.1:0 --unchecked --scheduler wlc\n" },
		{ "-A -t 192.0.2.1\n",
		  "svc add tcp:192.0.2.1:0 --unchecked --scheduler wlc\n" },
		{ "-A " T " -p 5 -M 255.0.255.0\n",
		  "svc add " S " --unchecked --scheduler wlc --persistent 5 "
		  "--netmask 255.0.255.0\n" },
		{ "-A " T " -p 5 -M 0.0.0.0\n",
		  "svc add " S " --unchecked --scheduler wlc --persistent 5 "
		  "--netmask 0.0.0.0\n" },
		/* Spellings. */
		{ "-At 192.0.2.1:80 -srr\n", "svc add " S " --scheduler rr\n" },
		{ "-At192.0.2.1:80\n", "svc add " S " --scheduler wlc\n" },
		{ "-A -t=192.0.2.1:80 -p=60\n",
		  "svc add " S " --scheduler wlc --persistent 60\n" },
		{ "-Af7 -6p5\n",
		  "svc add fwmark:7/inet6 --scheduler wlc --persistent 5\n" },
		{ "--add-service --tcp-service=192.0.2.1:80 --scheduler=rr "
		  "--sched-flags=flag-3\n",
		  "svc add " S " --unchecked --scheduler rr --sched-flags "
		  "flag-3\n" },
		{ "--add-service --fwmark-service 7 --ipv6 --netmask 64 "
		  "--persistent 5\n",
		  "svc add fwmark:7/inet6 --scheduler wlc --persistent 5 "
		  "--netmask 64\n" },
		{ "--add-service --udp-service 192.0.2.1:53\n",
		  "svc add udp:192.0.2.1:53 --scheduler wlc\n" },
		/* Lines as in scripts. */
		{ "\n# -A -t x\n\tipvsadm\t-A " T " # web\n\n",
		  "svc add " S " --scheduler wlc\n" },
		{ "-A " T " ipvsadm\r\n", "svc add " S " --scheduler wlc\n" },
		{ "#!/bin/sh\nipvsadm -C\nipvsadm -A " T "\n",
		  "svc add " S " --scheduler wlc\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_makes(nothing, cases[i].text, NULL, cases[i].wanted);
}

static void test_servers(void **state)
{
	static const struct {
		const char *line; /* behind the service's and a newline */
		const char *wanted;
	} cases[] = {
		{ "-a " T " -r 10.0.0.1:80",
		  "10.0.0.1 --forward dr --weight 1" },
		{ "-a " T " -r 10.0.0.1", "10.0.0.1 --forward dr --weight 1" },
		{ "-a " T " -r 10.0.0.1:80 -g -w 0",
		  "10.0.0.1 --forward dr --weight 0" },
		{ "-a " T " -r 10.0.0.1:81 -m -w 65535",
		  "10.0.0.1:81 --forward nat --weight 65535" },
		{ "-a " T " -m -r 10.0.0.1",
		  "10.0.0.1 --forward nat --weight 1" },
		{ "-a " T " -r 10.0.0.1:80 -i -w 1 --tun-type ipip",
		  "10.0.0.1 --forward tun --weight 1" },
		{ "-a " T " -r 10.0.0.1:80 -i -w 1 --tun-type gue --tun-port "
		  "6080 --tun-nocsum",
		  "10.0.0.1 --forward tun --weight 1 --tunnel gue "
		  "--tunnel-port 6080" },
		{ "-a " T " -r 10.0.0.1:80 -i -w 1 --tun-type gue --tun-port "
		  "6080 --tun-remcsum",
		  "10.0.0.1 --forward tun --weight 1 --tunnel gue "
		  "--tunnel-port 6080 --tunnel-checksum remote" },
		{ "-a " T " -r 10.0.0.1:80 -i -w 1 --tun-type gre --tun-csum",
		  "10.0.0.1 --forward tun --weight 1 --tunnel gre "
		  "--tunnel-checksum full" },
		{ "-a " T " -r [2001:db8::5]:80 -i",
		  "2001:db8::5 --forward tun --weight 1" },
		{ "-a " T " -r 10.0.0.1 -x 9 -y 3",
		  "10.0.0.1 --forward dr --weight 1 --upper-threshold 9 "
		  "--lower-threshold 3" },
		{ "-a " T " -r 10.0.0.1 --u-threshold=9 --l-threshold 3",
		  "10.0.0.1 --forward dr --weight 1 --upper-threshold 9 "
		  "--lower-threshold 3" },
		/* What cannot be rewritten is not looked at. */
		{ "-a " T " -r 10.0.0.1:81",
		  "10.0.0.1 --forward dr --weight 1" },
		{ "-a -r 10.0.0.1:81 -i " T,
		  "10.0.0.1 --forward tun --weight 1" },
		/* What -S makes of a server that bypasses. */
		{ "-a " T " -r 10.0.0.1:80 (null) -w 1",
		  "10.0.0.1 --unchecked --forward bypass --weight 1" },
		/* Spellings. */
		{ "-at 192.0.2.1:80 -r10.0.0.1 -gw5",
		  "10.0.0.1 --forward dr --weight 5" },
		{ "--add-server --tcp-service 192.0.2.1:80 --real-server "
		  "10.0.0.1 --masquerading --weight 5",
		  "10.0.0.1 --forward nat --weight 5" },
		{ "ipvsadm --add-server " T " -r 10.0.0.1 --gatewaying",
		  "10.0.0.1 --forward dr --weight 1" },
		{ "ipvsadm --add-server " T " -r 10.0.0.1 --ipip",
		  "10.0.0.1 --forward tun --weight 1" },
	};
	char text[256];
	char wanted[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		(void)snprintf(text, sizeof(text), "-A " T "\n%s\n",
			       cases[i].line);
		(void)snprintf(wanted, sizeof(wanted),
			       "svc add " S " --scheduler wlc\n"
			       "svc add-server " S " %s\n",
			       cases[i].wanted);
		assert_makes(nothing, text, NULL, wanted);
	}
	/* Under a mark each server has its own port, or every one. */
	assert_makes(nothing,
		     "-A -f 7\n-a -f 7 -r 10.0.0.1:0 -g\n"
		     "-a -f 7 -r 10.0.0.2:81 -m\n-a -f 7 -r 10.0.0.3:81 -g\n"
		     "-a -f 7 -r 10.0.0.4\n",
		     NULL,
		     "svc add fwmark:7 --scheduler wlc\n"
		     "svc add-server fwmark:7 10.0.0.1 --forward dr --weight 1\n"
		     "svc add-server fwmark:7 10.0.0.2:81 --forward nat "
		     "--weight 1\n"
		     "svc add-server fwmark:7 10.0.0.3:81 --unchecked "
		     "--forward dr --weight 1\n"
		     "svc add-server fwmark:7 10.0.0.4 --forward dr "
		     "--weight 1\n");
}

static void test_commands_on_what_stands(void **state)
{
	static const struct {
		const char *text;
		const char *wanted;
	} cases[] = {
		{ "-A " T " -s sh\n",
		  "svc add " S " --scheduler sh\n" FIRST SECOND SYNC },
		/* What an edit does not say is the default again. */
		{ "-E " T " -s sh\n",
		  "svc add " S " --scheduler sh\n" FIRST SECOND SYNC },
		{ "--edit-service " T "\n",
		  "svc add " S " --scheduler wlc\n" FIRST SECOND SYNC },
		{ "-D " T "\n", SYNC },
		{ "-D " T " --\n", SYNC },
		{ "--delete-service -t 192.0.2.9:80\n",
		  SERVICE FIRST SECOND SYNC },
		{ "-e " T " -r 10.0.0.1 -w 7\n", SERVICE
		  "svc add-server " S
		  " 10.0.0.1 --forward dr --weight 7 held\n" SECOND SYNC },
		{ "--edit-server " T " -r 10.0.0.2:8080 -m -w 7\n", SERVICE FIRST
		  "svc add-server " S
		  " 10.0.0.2:8080 --forward nat --weight 7\n" SYNC },
		{ "-d " T " -r 10.0.0.1\n", SERVICE SECOND SYNC },
		{ "--delete-server " T " -r 10.0.0.2:8080\n",
		  SERVICE FIRST SYNC },
		{ "-d " T " -r 10.0.0.9\n", SERVICE FIRST SECOND SYNC },
		{ "--start-daemon backup --mcast-interface eth1 --syncid 7\n",
		  SERVICE FIRST SECOND SYNC
		  "sync start backup --dev eth1 --id 7\n" },
		{ "--start-daemon=backup\n",
		  SERVICE FIRST SECOND SYNC "sync start backup --dev eth0\n" },
		{ "--start-daemon backup --mcast-interface=e --sync-maxlen "
		  "1400 --mcast-group 239.0.0.1 --mcast-port 9 --mcast-ttl 2\n",
		  SERVICE FIRST SECOND SYNC
		  "sync start backup --dev e --max-length 1400 --group "
		  "239.0.0.1 --port 9 --ttl 2\n" },
		{ "--stop-daemon master\n", SERVICE FIRST SECOND },
		{ "--stop-daemon backup\n", SERVICE FIRST SECOND SYNC },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_makes(standing, cases[i].text, NULL, cases[i].wanted);
	assert_makes(standing, "-C\n", NULL, "");
	assert_makes(standing, "--clear\n-A " T "\n-a " T " -r 10.0.0.1\n",
		     NULL,
		     "svc add " S " --scheduler wlc\n"
		     "svc add-server " S
		     " 10.0.0.1 --forward dr --weight 1 held\n");
	assert_makes(standing, "--set 900 0 0x10\n", NULL,
		     "svc timeouts 900 0 16\n");
	assert_makes(standing, "ipvsadm --set 1 2 3 # all\n", NULL,
		     "svc timeouts 1 2 3\n");
}

static void test_lines_that_are_refused(void **state)
{
	static const struct refusal cases[] = {
		/* Commands. */
		{ "ipvsadm\n", 1, "",
		  "the line has no command, such as -A or -a", "" },
		{ "-C\n\n" T " -r 10.0.0.1\n", 3, "", NULL, NULL },
		{ "-A -D " T "\n", 1, "", "there are two commands", "" },
		{ "-AE " T "\n", 1, "", NULL, NULL },
		{ "-L\n", 1, "", "'-L' is no option that sets anything up",
		  NULL },
		{ "-Z\n", 1, "", NULL, NULL },
		{ "-A " T " --numeric\n", 1, "", NULL, NULL },
		{ "--zero\n", 1, "", NULL, NULL },
		{ "-R\n", 1, "", NULL, NULL },
		/* What -S writes of a protocol that it does not know. */
		{ "-A --xxx-service 192.0.2.1:80 -s rr\n", 1, "",
		  "'--xxx-service' is no option that sets anything up", NULL },
		{ "-A --tcp 192.0.2.1:80\n", 1, "", NULL, NULL },
		{ "-- -A\n", 1, "", NULL, NULL },
		{ "--=x\n", 1, "", NULL, NULL },
		{ "-A - " T "\n", 1, "", "unexpected argument '-'", NULL },
		{ "-A " T " rr\n", 1, "", "unexpected argument 'rr'", NULL },
		{ "-C all\n", 1, "", "unexpected argument 'all'", NULL },
		/* Services. */
		{ "-A\n", 1, "",
		  "-A needs a service: -t, -u, --sctp-service or -f", NULL },
		{ "-a -r 10.0.0.1\n", 1, "", NULL, NULL },
		{ "-D -s rr\n", 1, "", NULL, NULL },
		{ "-A -t\n", 1, "", "option '--tcp-service' needs a value",
		  NULL },
		{ "-A --tcp-service\n", 1, "", NULL, NULL },
		{ "-A " T " " T "\n", 1, "",
		  "option '--tcp-service' is given twice", NULL },
		{ "-A " T " -f 1\n", 1, "", "a second service is named", NULL },
		{ "-A " T " -o -O\n", 1, "", "option '--ops' is given twice",
		  NULL },
		{ "-A " T " (null)\n", 1, "",
		  "option '--forwarding-method' does not go with this command",
		  NULL },
		{ "-C -o=1\n", 1, "",
		  "'-o=1' is no option that sets anything up", NULL },
		{ "-A -6 -f 7\n", 1, "", "-6 does not follow -f MARK", NULL },
		{ "-A " T " -6\n", 1, "", NULL, NULL },
		{ "-A -f 0\n", 1, "",
		  "mark '0' is not a number from 1 to 4294967295", NULL },
		{ "-A -f -0\n", 1, "", NULL, NULL },
		{ "-A -f -2147483649\n", 1, "", NULL, NULL },
		{ "-A -f 4294967296\n", 1, "", NULL, NULL },
		{ "-A " T " -p x\n", 1, "", NULL, NULL },
		{ "-A " T " -p=\n", 1, "", NULL, NULL },
		{ "-A " T " --persistent=\n", 1, "", NULL, NULL },
		{ "-A " T " -M 255.0.255\n", 1, "", NULL, NULL },
		{ "-A -t [2001:db8::1]:80 -M 255.255.255.0\n", 1, "", NULL,
		  NULL },
		{ "-A " T " -s\n", 1, "", "option '--scheduler' needs a value",
		  NULL },
		{ "-A " T " -s a/b\n", 1, "", NULL, NULL },
		{ "-A " T " -b fast\n", 1, "", NULL, NULL },
		{ "-A " T " --ops=1\n", 1, "",
		  "'--ops=1' is no option that sets anything up", NULL },
		{ "-A " T "\n-A " T "\n", 2, S,
		  "the ruleset adds this service twice", NULL },
		/* Servers. */
		{ "-a " T "\n", 1, "", "-a needs a server: -r", NULL },
		{ "-d " T "\n", 1, "", NULL, NULL },
		{ "-a " T " -r 10.0.0.1 -r 10.0.0.2\n", 1, "",
		  "option '--real-server' is given twice", NULL },
		{ "-A " T " -- -w 1\n", 1, "", "unexpected argument '-w'",
		  NULL },
		{ "-A " T " -w 1\n", 1, "",
		  "option '--weight' does not go with this command", NULL },
		{ "-D " T " -s rr\n", 1, "", NULL, NULL },
		{ "-D " T " -p\n", 1, "", NULL, NULL },
		{ "-d " T " -r 10.0.0.1 -m\n", 1, "", NULL, NULL },
		{ "-a " T " -r 10.0.0.1 --syncid 1\n", 1, "", NULL, NULL },
		{ "-C " T "\n", 1, "", NULL, NULL },
		{ "--set 1 2 3 -w 1\n", 1, "", NULL, NULL },
		{ "--stop-daemon master --mcast-port 1\n", 1, "",
		  "option '--mcast-port' does not go with this command", NULL },
		{ "-a " T " -r 10.0.0.1 -g -m\n", 1, "",
		  "there are two forwarding methods", NULL },
		{ "-a " T " -r 10.0.0.1 -gi\n", 1, "", NULL, NULL },
		{ "-a " T " -r 10.0.0.1 -m (null)\n", 1, "",
		  "there are two forwarding methods", NULL },
		{ "-a " T " -r 10.0.0.1 -w -1\n", 1, "", NULL, NULL },
		{ "-a " T " -r 10.0.0.1 --tun-type vxlan\n", 1, "", NULL, NULL },
		{ "-a " T " -r 10.0.0.1 -i --tun-type gue\n", 1, "10.0.0.1:80",
		  "a gue tunnel needs a port", NULL },
		{ "-a " T " -r 10.0.0.1 -y 3\n", 1, "10.0.0.1:80", NULL, NULL },
		{ "-a " T " -r 2001:db8::1 -m\n", 1, NULL, NULL, NULL },
		{ "-A " T "\n-a " T " -r 10.0.0.1\n-a " T " -r 10.0.0.1:81\n",
		  3, S " 10.0.0.1", "the ruleset adds this server twice", NULL },
		{ "-C\n-e " T " -r 10.0.0.1\n", 2, S, "no such service", NULL },
		{ "-C\n-E " T "\n", 2, S, "no such service", NULL },
		{ "-C\n-A " T "\n-e " T " -r 10.0.0.1\n", 3, S " 10.0.0.1",
		  "no such server", NULL },
		/* Names, where nobody knows any. */
		{ "-A -t localhost:80\n", 1, "",
		  "'localhost': the address of the name is not known",
		  "ipvsadm-save -n" },
		{ "-A -t 192.0.2.1:http\n", 1, "",
		  "'http': the number of the port is not known",
		  "ipvsadm-save -n" },
		{ "-A -t 192.0.2.1:65536\n", 1, "", NULL, NULL },
		{ "-a " T " -r web1\n", 1, "", NULL, "ipvsadm-save -n" },
		{ "-A -t [2001:db8::1\n", 1, "", NULL, NULL },
		{ "-A -t [2001:db8::1]80\n", 1, "", NULL, NULL },
		/* Timeouts and daemons. */
		{ "--set 1 2\n", 1, "", "--set needs three timeouts", NULL },
		{ "--set 1 2 3 4\n", 1, "", "unexpected argument '4'", NULL },
		{ "--set 1 2 2678401\n", 1, "", NULL, NULL },
		{ "--set=1 2 3\n", 1, "", NULL, NULL },
		{ "1 2 3 --set\n", 1, NULL, NULL, NULL },
		{ "--start-daemon\n", 1, "", NULL, NULL },
		{ "--start-daemon leader\n", 1, "",
		  "role 'leader' is none of master, backup", NULL },
		{ "--start-daemon master --syncid 256\n", 1, "", NULL, NULL },
		{ "--start-daemon master --stop-daemon master\n", 1, "",
		  "there are two commands", NULL },
		{ "--start-daemon master\n--start-daemon master\n", 2, "master",
		  "the ruleset adds this sync daemon twice", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_refused(&cases[i], NULL);
}

/* ---- Names ------------------------------------------------------------- */

static int find_address(const char *name, uint16_t family,
			struct ipvsctl_address *ret_address, void *data)
{
	static const struct ipvsctl_address ipv4 = { AF_INET, { 192, 0, 2, 1 } };
	static const struct ipvsctl_address ipv6 = { AF_INET6, { 0x20, 1 } };

	assert_string_equal(data, "names");
	if (strcmp(name, "vip.example") != 0)
		return -ENOENT;
	*ret_address = family == AF_INET6 ? ipv6 : ipv4;
	return 0;
}

static int find_port(const char *name, uint16_t protocol, uint16_t *ret_port,
		     void *data)
{
	assert_string_equal(data, "names");
	if (strcmp(name, "domain") != 0)
		return -ENOENT;
	/* So that it shows which one was asked for. */
	*ret_port = (uint16_t)(protocol * 100);
	return 0;
}

static void test_names_are_looked_up(void **state)
{
	static char data[] = "names";
	static const struct ipvsctl_names names = { .address = find_address,
						    .port = find_port,
						    .data = data };
	static const struct ipvsctl_names only_ports = { .port = find_port,
							 .data = data };
	static const struct listener listener = { .names = &names };
	static const struct listener ports = { .names = &only_ports };
	static const struct {
		const char *text;
		const char *wanted;
	} cases[] = {
		{ "-A -t vip.example:80\n", "svc add " S " --scheduler wlc\n" },
		{ "-A -t vip.example:domain\n",
		  "svc add tcp:192.0.2.1:600 --scheduler wlc\n" },
		{ "-A -u 192.0.2.1:domain\n",
		  "svc add udp:192.0.2.1:1700 --scheduler wlc\n" },
		{ "-A --sctp-service 192.0.2.1:domain\n",
		  "svc add sctp:192.0.2.1:13200 --scheduler wlc\n" },
		{ "-A -t [vip.example]:80\n",
		  "svc add tcp:[2001::]:80 --scheduler wlc\n" },
		{ "-A -t [2001:db8::1]:domain\n",
		  "svc add tcp:[2001:db8::1]:600 --scheduler wlc\n" },
		{ "-A -u 192.0.2.9:53\n"
		  "-a -u 192.0.2.9:53 -r vip.example:domain -m\n",
		  "svc add udp:192.0.2.9:53 --scheduler wlc\n"
		  "svc add-server udp:192.0.2.9:53 192.0.2.1:1700 "
		  "--forward nat --weight 1\n" },
		/* Under a mark a port's protocol is not known: TCP's it is. */
		{ "-A -f 1\n-a -f 1 -r vip.example:domain -m\n",
		  "svc add fwmark:1 --scheduler wlc\n"
		  "svc add-server fwmark:1 192.0.2.1:600 --forward nat "
		  "--weight 1\n" },
	};
	static const struct refusal unknown[] = {
		{ "-A -t elsewhere:80\n", 1, "",
		  "'elsewhere': the address of the name is not known",
		  "ipvsadm-save -n" },
		{ "-A -t vip.example:gopher\n", 1, "",
		  "'gopher': the number of the port is not known",
		  "ipvsadm-save -n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_makes(nothing, cases[i].text, &listener, cases[i].wanted);
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		assert_refused(&unknown[i], &listener);
	assert_refused(&(struct refusal){ "-A -t vip.example:80\n", 1, "", NULL,
					  NULL },
		       &ports);
	assert_makes(nothing, "-A -t 192.0.2.1:domain\n", &ports,
		     "svc add tcp:192.0.2.1:600 --scheduler wlc\n");
	/* Rulesets have no names: what they mean must not change. */
	assert_refused(&(struct refusal){ "svc add tcp:vip.example:80\n", 1,
					  NULL, NULL, NULL },
		       &listener);
}

static void test_running_out_of_memory(void **state)
{
	(void)state;
	assert_survives_without_memory(
		standing,
		"-A -f 7 -6 -p 5 -M 64 -s rr -b flag-1 --pe sip -o\n"
		"-E " T "\n-a " T " -r 10.0.0.3 -m -w 3 -x 9 -y 3\n"
		"-d " T " -r 10.0.0.1\n-e " T " -r 10.0.0.2:8080 -m\n"
		"--start-daemon backup\n--set 1 2 3\n-D " T "\n",
		NULL);
}

/* ---- Lines that are repeated ---- */

static void tell_repeated(const char *name, unsigned int line,
			  enum ipvsctl_object object, void *data)
{
	char *told = data;
	size_t length = strlen(told);

	(void)snprintf(told + length, 64 - length, "%s:%u:%d ", name, line,
		       object == IPVSCTL_OBJECT_SERVER);
}

/* The first line counts, in each run of the text, and each is told of once. */
static void test_repeated_lines(void **state)
{
	static const struct {
		const char *text, *told, *wanted;
	} cases[] = {
		{ "-A " T " -s rr\n-a " T " -r 10.0.0.1\n-a " T
		  " -r 10.0.0.1 -m -w 5\n-A " T " -s wrr\n-A -f 1\n",
		  "x:3:1 x:4:0 ",
		  "svc add " S " --scheduler rr\nsvc add-server " S
		  " 10.0.0.1 --forward dr --weight 1\n"
		  "svc add fwmark:1 --scheduler wlc\n" },
		/* What was deleted is no repetition. */
		{ "-A " T " -s rr\n-D " T "\n-A " T " -s wrr\n", "",
		  "svc add " S " --scheduler wrr\n" },
		{ "-A " T " -s rr\n-C\n-A " T " -s wrr\n-A " T "\n", "x:4:0 ",
		  "svc add " S " --scheduler wrr\n" },
	};
	static const char *const before[] = { "service " S " --scheduler sh",
					      "server " S
					      " 10.0.0.1 --weight 9",
					      NULL };

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		const char *text = cases[i / 2].text;
		struct ipvsctl_config *from =
			given_config(i % 2 ? before : nothing);
		struct ipvsctl_config *to = NULL;
		struct ipvsctl_ruleset *ruleset = NULL;
		char told[64] = "";
		char *made;

		assert_int_equal(ipvsctl_ruleset_new(&ruleset, NULL), 0);
		ipvsctl_ruleset_on_repeated(ruleset, tell_repeated, told);
		assert_int_equal(ipvsctl_ruleset_add(ruleset, "x", text,
						     strlen(text), NULL),
				 0);
		assert_int_equal(ipvsctl_ruleset_run(ruleset, from, &to, NULL),
				 0);
		made = tell(to);
		assert_string_equal(made, cases[i / 2].wanted);
		assert_string_equal(told, cases[i / 2].told);
		free(made);
		ipvsctl_ruleset_free(ruleset);
		ipvsctl_config_free(to);
		ipvsctl_config_free(from);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_servers),
		cmocka_unit_test(test_commands_on_what_stands),
		cmocka_unit_test(test_lines_that_are_refused),
		cmocka_unit_test(test_repeated_lines),
		cmocka_unit_test(test_names_are_looked_up),
		cmocka_unit_test(test_running_out_of_memory),
	};

	return cmocka_run_group_tests_name("ruleset-ipvsadm", tests, NULL, NULL);
}
