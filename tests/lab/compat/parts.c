/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Parts of random command lines. Services and servers come from a small world,
 * so that commands meet what earlier ones have made. "Careful" is what can
 * stand in a file for -R: nothing with blanks, nothing that is wrong.
 */
#include "compat.h"

#include <string.h>

/* ---- Services ----------------------------------------------------------------- */

/* As option and value; a "-6" behind a mark. */
struct name {
	const char *letter, *option, *value;
	bool six;
};

static const struct name good[] = {
	{ "t", "tcp-service", "10.0.0.1:80", false },
	{ "t", "tcp-service", "10.0.0.1:443", false },
	{ "u", "udp-service", "10.0.0.1:53", false },
	{ "u", "udp-service", "10.0.0.2:53", false },
	{ "t", "tcp-service", "10.0.0.2:http", false },
	{ "t", "tcp-service", "10.0.0.3:8080", false },
	{ "t", "tcp-service", "10.0.0.4:80", false },
	{ "t", "tcp-service", "192.0.2.1:80", false },
	{ "u", "udp-service", "8.8.8.8:domain", false },
	{ "", "sctp-service", "10.0.0.1:5000", false },
	{ "", "sctp-service", "[fd00::1]:5000", false },
	{ "t", "tcp-service", "[fd00::1]:80", false },
	{ "t", "tcp-service", "[fd00::1]:https", false },
	{ "u", "udp-service", "[2001:db8::1]:53", false },
	{ "t", "tcp-service", "[ff00:ffff::1]:80", false },
	{ "f", "fwmark-service", "1", false },
	{ "f", "fwmark-service", "2", true },
	{ "f", "fwmark-service", "1", true },
	{ "f", "fwmark-service", "3000000000", false },
	{ "f", "fwmark-service", "4294967295", true },
	{ "f", "fwmark-service", "2147483647", false },
};

#define GOOD (sizeof(good) / sizeof(good[0]))

/* The same services by other names, and what is none. */
static const struct name odd[] = {
	{ "t", "tcp-service", "10.1:80", false },
	{ "t", "tcp-service", "0x0a000001:80", false },
	{ "t", "tcp-service", "vip1.example:http", false },
	{ "t", "tcp-service", "vip1:80", false },
	{ "t", "tcp-service", "localhost:80", false },
	{ "u", "udp-service", "10.0.0.2:domain", false },
	{ "t", "tcp-service", "10.0.0.1:080", false },
	{ "t", "tcp-service", "[fd00:0::0:1]:080", false },
	{ "t", "tcp-service", "10.0.0.9", false },
	{ "t", "tcp-service", "10.0.0.9:0", false },
	{ "u", "udp-service", "fd00::9", false },
	{ "t", "tcp-service", "[::ffff:10.0.0.1]:80", false },
	{ "t", "tcp-service", "10.0.0.1:70000", false },
	{ "t", "tcp-service", "10.0.0.1:-1", false },
	{ "t", "tcp-service", "10.0.0.1:x", false },
	{ "t", "tcp-service", "10.0.0.1:80x", false },
	{ "t", "tcp-service", "10.0.0.1: 80", false },
	{ "t", "tcp-service", "10.0.0.1:", false },
	{ "t", "tcp-service", "10.0.0.1:80:80", false },
	{ "u", "udp-service", "10.0.0.1:http", false },
	{ "t", "tcp-service", "12345", false },
	{ "t", "tcp-service", "12345:80", false },
	{ "t", "tcp-service", "[fd00::1]", false },
	{ "t", "tcp-service", "[fd00::1]:", false },
	{ "t", "tcp-service", "[fd00::1", false },
	{ "t", "tcp-service", "[fd00::1]80", false },
	{ "t", "tcp-service", "[10.0.0.1]:80", false },
	{ "t", "tcp-service", "[]:80", false },
	{ "t", "tcp-service", "fd00::1", false },
	{ "t", "tcp-service", "fd00::1%lo", false },
	{ "t", "tcp-service", "[fe80::1%eth0]:80", false },
	{ "t", "tcp-service", "six.example:80", false },
	{ "t", "tcp-service", "nosuch.example:80", false },
	{ "t", "tcp-service", "256.1.1.1:80", false },
	{ "t", "tcp-service", "", false },
	{ "t", "tcp-service", ":80", false },
	{ "t", "tcp-service", " 10.0.0.1:80", false },
	{ "t", "tcp-service", "224.0.0.1:80", false },
	{ "t", "tcp-service", "0.0.0.0:0", false },
	{ "u", "udp-service", "[::]:0", false },
	{ "t", "tcp-service", "0.0.0.0:80", false },
	{ "", "sctp-service", "10.0.0.1", false },
	{ "", "sctp-service", "10.0.0.1:http", false },
	{ "f", "fwmark-service", "0", false },
	{ "f", "fwmark-service", "-1", false },
	{ "f", "fwmark-service", "-294967296", false },
	{ "f", "fwmark-service", "0x10", false },
	{ "f", "fwmark-service", "010", false },
	{ "f", "fwmark-service", "99999999999", false },
	{ "f", "fwmark-service", "4294967296", true },
	{ "f", "fwmark-service", "9223372036854775808", false },
	{ "f", "fwmark-service", "", false },
	{ "f", "fwmark-service", "12x", false },
	{ "f", "fwmark-service", " 7", true },
	{ "f", "fwmark-service", "+7", false },
	{ "f", "fwmark-service", "10.0.0.1:80", false },
	{ "f", "fwmark-service", "2147483648", false },
};

#define ODD (sizeof(odd) / sizeof(odd[0]))

static void add_name(struct chance *chance, struct command *command,
		     const struct name *name)
{
	random_spell(chance, command, name->letter, name->option, name->value);
	if (name->six)
		random_spell(chance, command, "6", "ipv6", NULL);
}

void random_service(struct chance *chance, struct command *command, bool careful)
{
	if (!careful && chance_percent(chance, 7))
		add_name(chance, command, &odd[chance_below(chance, ODD)]);
	else
		add_name(chance, command, &good[chance_below(chance, GOOD)]);
}

/* ---- Their options ---------------------------------------------------------------- */

/* Values that are right come first, up to NULL; then those that are not. */
struct choice {
	const char *letter, *option;
	uint32_t percent;
	const char *values[28];
};

static const struct choice service_choices[] = {
	{ "s",
	  "scheduler",
	  70,
	  { "rr",
	    "wrr",
	    "lc",
	    "wlc",
	    "sh",
	    "mh",
	    "sed",
	    "nq",
	    "fo",
	    "ovf",
	    "dh",
	    "lblc",
	    "lblcr",
	    "none",
	    NULL,
	    "nosuch",
	    "",
	    "RR",
	    "rr ",
	    "averyveryverylongname",
	    "fifteen-letters",
	    "sh,",
	    NULL } },
	{ "p",
	  "persistent",
	  25,
	  { "30", "360", "600", "1", "2678400", NULL, "0", "2678401", "-1", "x",
	    "", "30x", "010", "99999999999", NULL } },
	{ "",
	  "pe",
	  6,
	  { "sip", NULL, "nosuch", "", "a-long-name-of-many", NULL } },
	{ NULL, NULL, 0, { NULL } },
};

static const struct choice server_choices[] = {
	{ "w",
	  "weight",
	  60,
	  { "0", "1", "5", "100", "65535", "65536", "2147483647", NULL,
	    "2147483648", "-1", "x", "", "010", "0x5", "5x", "99999999999",
	    NULL } },
	{ "x",
	  "u-threshold",
	  12,
	  { "10", "100", "2147483647", "0", NULL, "2147483648", "-1", "x", "",
	    NULL } },
	{ "y",
	  "l-threshold",
	  8,
	  { "1", "5", "10", "0", NULL, "200", "2147483648", "-1", "x", NULL } },
	{ NULL, NULL, 0, { NULL } },
};

static const struct choice daemon_choices[] = {
	{ "",
	  "mcast-interface",
	  50,
	  { "eth0", "eth0", "lo", "interface-of-15", NULL, "nosuch", "",
	    "interface-of-15-and-more", "eth0:1", NULL } },
	{ "",
	  "syncid",
	  50,
	  { "0", "1", "7", "255", NULL, "256", "-1", "x", "", "010", NULL } },
	{ "",
	  "sync-maxlen",
	  25,
	  { "100", "1400", "1472", "1", "65507", NULL, "0", "65508", "x", "-1",
	    NULL } },
	{ "",
	  "mcast-group",
	  25,
	  { "224.0.0.81", "239.1.2.3", "ff02::81", "ff05::1:2", NULL,
	    "10.0.0.1", "fd00::1", "x", "", "224.0.0", "224.0.0.81:80",
	    "ff02::x", "::", NULL } },
	{ "",
	  "mcast-port",
	  25,
	  { "8848", "1", "65535", NULL, "0", "65536", "x", "-1", "", NULL } },
	{ "",
	  "mcast-ttl",
	  25,
	  { "1", "2", "255", NULL, "0", "256", "x", "-1", NULL } },
	{ NULL, NULL, 0, { NULL } },
};

static size_t count_values(const char *const *values)
{
	size_t count = 0;

	while (values[count])
		count++;
	return count;
}

static const char *choose(struct chance *chance, const struct choice *choice,
			  bool careful)
{
	size_t right = count_values(choice->values);
	const char *const *wrong = choice->values + right + 1;

	if (!careful && chance_percent(chance, 5))
		return chance_of(chance, wrong);
	return choice->values[chance_below(chance, (uint32_t)right)];
}

static void add_choices(struct chance *chance, struct command *command,
			const struct choice *choices, bool careful)
{
	for (const struct choice *choice = choices; choice->option; choice++)
		if (chance_percent(chance, choice->percent))
			random_spell(chance, command, choice->letter,
				     choice->option,
				     choose(chance, choice, careful));
}

static void add_flags(struct chance *chance, struct command *command,
		      bool careful)
{
	static const char *const right[] = {
		"sh-port", "sh-fallback",   "sh-fallback,sh-port",
		"flag-1",  "flag-2,flag-1", NULL
	};
	static const char *const more[] = { "mh-port",
					    "mh-fallback,mh-port",
					    "flag-1,flag-2,flag-3",
					    "flag-3",
					    "sh-port,mh-port",
					    "nosuch",
					    "",
					    ",",
					    "sh-port,",
					    ",sh-port",
					    "sh-port,sh-port",
					    "sh-port,nosuch",
					    "sh-portable",
					    "flag-4",
					    "SH-PORT",
					    "sh-port flag-1",
					    NULL };

	if (careful || chance_percent(chance, 60)) {
		random_spell(chance, command, "s", "scheduler", "sh");
		random_spell(chance, command, "b", "sched-flags",
			     chance_of(chance, right));
	} else {
		random_spell(chance, command, "s", "scheduler",
			     chance_percent(chance, 70) ? "mh" : "rr");
		random_spell(chance, command, "b", "sched-flags",
			     chance_of(chance, more));
	}
}

static void add_mask(struct chance *chance, struct command *command,
		     bool careful)
{
	static const char *const masks[] = { "255.255.255.0", "255.255.255.255",
					     "255.255.0.0",   "255.0.255.0",
					     "0.0.0.0",	      NULL };
	static const char *const lengths[] = { "64", "1", "128", "127", NULL };
	static const char *const wrong[] = { "24",  "x",    "",
					     "0",   "129",  "-1",
					     "64",  "64x",  "localhost",
					     "::1", "255.", "nosuch.example",
					     NULL };
	struct options options;
	int service;
	bool six;

	options_read(command, &options);
	service = options_find_service(&options);
	six = options_have(&options, "ipv6") ||
	      (service >= 0 && strchr(options.seen[service].value, '['));
	random_spell(chance, command, "M", "netmask",
		     chance_of(chance, !careful && chance_percent(chance, 15) ?
					       wrong :
				       six ? lengths :
					     masks));
}

void random_service_options(struct chance *chance, struct command *command,
			    bool careful)
{
	if (chance_percent(chance, 8))
		add_flags(chance, command, careful);
	else
		add_choices(chance, command, service_choices, careful);
	if (chance_percent(chance, 3))
		random_spell(chance, command, "p", "persistent", NULL);
	if (chance_percent(chance, careful ? 4 : 12))
		add_mask(chance, command, careful);
	if (!careful && chance_percent(chance, 6))
		command_add(command,
			    chance_percent(chance, 80) ? "-o" : "--ops");
}

/* ---- Servers ------------------------------------------------------------------------ */

static const char *const ipv4_servers[] = {
	"192.168.1.11",	     "192.168.1.12:80",	  "192.168.1.13:8080",
	"172.16.0.1",	     "10.1.0.1:80",	  "10.1.0.2",
	"192.168.1.11:http", "real1.example:443", NULL
};

static const char *const ipv6_servers[] = { "[fd00:1::1]:80", "[fd00:1::2]:81",
					    "fd00:1::1",      "fd00:1::3",
					    "[ff::1:2]:8080", NULL };

static const char *const odd_servers[] = { "10.2:80",
					   "twin.example",
					   "192.168.1.11:domain",
					   "192.168.1.11:0",
					   "six-real.example",
					   "[fd00:1::1]",
					   "[fd00:1::1]:",
					   "192.168.1.11:",
					   "192.168.1.11:70000",
					   "192.168.1.11:x",
					   "12345",
					   "",
					   "nosuch.example",
					   ":80",
					   "224.0.0.1",
					   "0.0.0.0",
					   "255.255.255.255",
					   "10.255.255.255",
					   "127.0.0.1",
					   "::1",
					   "ff02::1",
					   "fe80::1",
					   "::",
					   "fd00:1::1%eth0",
					   NULL };

static void add_tunnel(struct chance *chance, struct command *command,
		       bool careful)
{
	static const char *const right[] = {
		"--tun-type ipip",
		"--tun-type gre",
		"--tun-type gre --tun-csum",
		"--tun-type gre --tun-nocsum",
		"--tun-type gue --tun-port 6080",
		"--tun-type gue --tun-port 6080 --tun-nocsum",
		"--tun-type=gue --tun-port=1 --tun-csum",
		"--tun-type gue --tun-port 65535 --tun-remcsum",
		NULL
	};
	static const char *const words[] = { "--tun-type=ipip",
					     "--tun-type=gue",
					     "--tun-type=gre",
					     "--tun-type=nosuch",
					     "--tun-type=",
					     "--tun-port=6080",
					     "--tun-port=0",
					     "--tun-port=x",
					     "--tun-port=65536",
					     "--tun-nocsum",
					     "--tun-csum",
					     "--tun-remcsum",
					     NULL };

	if (!careful && chance_percent(chance, 20)) {
		for (uint32_t i = 1 + chance_below(chance, 3); i; i--)
			command_add(command, chance_of(chance, words));
		return;
	}
	for (const char *at = chance_of(chance, right); *at;) {
		size_t length = strcspn(at, " ");

		command_addf(command, "%.*s", (int)length, at);
		at += length + strspn(at + length, " ");
	}
}

static void add_forward(struct chance *chance, struct command *command,
			bool cross, bool careful)
{
	static const char *const spelled[] = {
		"-m",		"-m",	  "-g", "-i", "--masquerading",
		"--gatewaying", "--ipip", NULL
	};

	if (cross || chance_percent(chance, 20)) {
		command_add(command, chance_percent(chance, 90) || careful ?
					     "-i" :
					     "--ipip");
		if (chance_percent(chance, 75))
			add_tunnel(chance, command, careful);
	} else if (chance_percent(chance, 75)) {
		command_add(command, chance_of(chance, spelled));
	}
	if (!careful && chance_percent(chance, 2))
		add_tunnel(chance, command, false);
}

void random_server(struct chance *chance, struct command *command, bool careful,
		   bool with_options)
{
	struct options options;
	bool six, cross = chance_percent(chance, 6);
	const char *const *servers;
	int service;

	options_read(command, &options);
	service = options_find_service(&options);
	six = options_have(&options, "ipv6") ||
	      (service >= 0 && strchr(options.seen[service].value, '['));
	servers = six != cross ? ipv6_servers : ipv4_servers;
	if (!careful && chance_percent(chance, 7))
		servers = odd_servers;
	random_spell(chance, command, "r", "real-server",
		     chance_of(chance, servers));
	if (!with_options)
		return;
	add_forward(chance, command,
		    cross && (careful || chance_percent(chance, 80)), careful);
	add_choices(chance, command, server_choices, careful);
}

/* ---- The rest ------------------------------------------------------------------------ */

void random_daemon(struct chance *chance, struct command *command, bool careful)
{
	static const char *const roles[] = { "master", "backup", NULL };
	static const char *const wrong[] = { "both", "", "Master", "mas", NULL };
	const char *role =
		chance_of(chance, !careful && chance_percent(chance, 5) ?
					  wrong :
					  roles);

	if (chance_percent(chance, 45)) {
		random_spell(chance, command, "", "stop-daemon", role);
		if (!careful && chance_percent(chance, 10))
			command_add(command, "--syncid=7");
		return;
	}
	random_spell(chance, command, "", "start-daemon", role);
	add_choices(chance, command, daemon_choices, careful);
}

void random_listing(struct chance *chance, struct command *command)
{
	static const char *const common[] = {
		"--stats",	"--rate",
		"--thresholds", "--persistent-conn",
		"--tun-info",	"--timeout",
		"--daemon",	"--nosort",
		"--exact",	"-c",
		"-X",		"--sort",
		"--connection", NULL
	};

	if (chance_percent(chance, 75))
		command_add(command,
			    chance_percent(chance, 80) ? "-n" : "--numeric");
	if (chance_percent(chance, 30))
		random_service(chance, command, false);
	while (chance_percent(chance, 50))
		command_add(command, chance_of(chance, common));
}

/* Parted by blanks; two of them stand for a word of no letters. */
static const char strays[] =
	"-n -c -X -o -g -i -m -6 -p -sh -Q -w3 -x4 -y5 -srr -M255.255.255.0 "
	"-M64 -bflag-1 -t10.0.0.1:80 -u10.0.0.1:53 -f1 -r192.168.1.11 -f -t -s "
	"-w -r -b -M --pe --tun-type --stats --rate --thresholds "
	"--persistent-conn --tun-info --timeout --daemon --nosort --sort "
	"--exact --pe=sip --syncid=7 --mcast-interface=eth0 "
	"--mcast-group=224.0.0.5 --mcast-port=9000 --mcast-ttl=9 "
	"--sync-maxlen=1000 --tun-type=gue --tun-port=6080 --tun-nocsum "
	"--tun-csum --tun-remcsum --sctp-service=10.0.0.1:5000 -A -E -D -C -R "
	"-S -a -e -d -L -l -Z -h -v --set --add-service --clear "
	"--start-daemon=master --help --version --nosuch --nosuch=1 --stats=1 "
	"--stat - -- stray  -O --full -nn -Lx --weight= --u-threshold "
	"--netmask=255.255.255.0 --real-server";

/* Something that has no business where it is put. */
void random_stray(struct chance *chance, struct command *command)
{
	const char *word = strays;
	uint32_t count = 1, at;

	for (const char *c = strays; *c; c++)
		count += *c == ' ';
	at = chance_below(chance, count);
	while (at--)
		word = strchr(word, ' ') + 1;
	command_addf(command, "%.*s", (int)strcspn(word, " "), word);
}
