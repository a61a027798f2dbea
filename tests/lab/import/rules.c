/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Random tables and packets, out of few addresses and ports, so that rules
 * overlap and packets match them.
 */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "rules.h"

#define COUNT(array)  ((unsigned int)(sizeof(array) / sizeof((array)[0])))
#define ONE_OF(array) ((array)[random_below(COUNT(array))])

static uint32_t state;

void random_seed(unsigned int seed)
{
	state = seed * 2654435761u + 1;
}

unsigned int random_below(unsigned int bound)
{
	state = state * 1664525u + 1013904223u;
	return (state >> 8) % bound;
}

struct text {
	char *at;
	size_t room;
};

static void __attribute__((format(printf, 2, 3)))
add(struct text *text, const char *format, ...)
{
	va_list arguments;
	int wrote;

	va_start(arguments, format);
	wrote = vsnprintf(text->at, text->room, format, arguments);
	va_end(arguments);
	if (wrote < 0 || (size_t)wrote >= text->room)
		return;
	text->at += wrote;
	text->room -= (size_t)wrote;
}

/* ---- Matches -------------------------------------------------------------- */

static const char *const networks[2][6] = {
	{ "10.1.0.0/24", "10.1.0.7/32", "10.1.0.9/32", "10.0.0.0/8",
	  "10.1.0.6/31", "10.2.0.0/16" },
	{ "2001:db8:1::/64", "2001:db8:1::7/128", "2001:db8:1::9/128",
	  "2001:db8::/32", "2001:db8:1::6/127", "2001:db8:2::/48" },
};
static const char *const vips[2][3] = {
	{ "192.0.2.10/32", "192.0.2.0/24", "192.0.2.20/32" },
	{ "2001:db8:a::10/128", "2001:db8:a::/64", "2001:db8:a::20/128" },
};
static const char *const ports[] = { "8080", "8000:8999", "9000", "8080:9000",
				     "53" };
static const char *const lists[] = { "53,8080", "8000:8100,9000",
				     "53,8080:8081,9000" };

static void add_ports(struct text *text, bool negations)
{
	const char *protocol = random_below(3) ? "udp" : "tcp";
	const char *not = negations && !random_below(5) ? "! " : "";

	add(text, " -p %s", protocol);
	switch (random_below(5)) {
	case 0:
		break;
	case 1:
		add(text, " -m multiport %s--dports %s", not, ONE_OF(lists));
		break;
	case 2:
		add(text, " -m %s --sport 40000:40001", protocol);
		break;
	default:
		add(text, " -m %s %s--dport %s", protocol, not, ONE_OF(ports));
	}
}

/* What every rule can have. */
static void add_match(struct text *text, int family, bool negations)
{
	const int six = family == AF_INET6;

	if (random_below(2))
		add(text, "%s -s %s", negations && !random_below(6) ? " !" : "",
		    ONE_OF(networks[six]));
	if (!random_below(3))
		add(text, "%s -d %s", negations && !random_below(6) ? " !" : "",
		    ONE_OF(vips[six]));
	if (!random_below(8))
		add(text, "%s -i %s", negations && !random_below(4) ? " !" : "",
		    random_below(2) ? "eth0" : "eth+");
	if (random_below(3))
		add_ports(text, negations);
	else if (negations && !random_below(6))
		add(text, " ! -p udp");
}

static const char *const words[] = {
	"-m conntrack --ctstate NEW",
	"-m conntrack ! --ctstate INVALID",
	"-m state --state NEW,ESTABLISHED",
	"-m length --length 0:60",
	"-m mac --mac-source 02:00:00:00:00:01",
	"-m mac ! --mac-source 02:00:00:00:00:01",
	"-m pkttype --pkt-type unicast",
	"-m tos --tos 0x10/0x3f",
	"-m dscp --dscp 0x08",
	"-m comment --comment \"a b\"",
	"-m u32 --u32 \"0x0>>0x1c=0x4\"",
	"-m string --string \"zz\" --algo bm",
	"-m bpf --bytecode \"1,6 0 0 65535\"",
	"-m addrtype --dst-type LOCAL",
	"-m addrtype ! --src-type BROADCAST",
	"-m cpu --cpu 0",
	"-m time --timestart 00:00:00 --timestop 23:59:59",
	"-m connmark --mark 0x1",
	"-m connmark ! --mark 0x0/0xff",
	"-m mark --mark 0x0",
	"-m mark ! --mark 0x0",
	"-m mark --mark 0x1",
	"-m mark --mark 0x1/0xff",
	"-m mark ! --mark 0x10/0xf0",
	"-m mark --mark 0x2/0x3",
	"-m socket --nowildcard",
	"-m rpfilter --loose",
	"-m connbytes --connbytes 0:5 --connbytes-dir both --connbytes-mode "
	"packets",
	"-m devgroup --src-group 0x0",
	"-m helper --helper ftp",
	"-m policy --dir in --pol none",
	"-m realm --realm 0x0",
	"-m ecn --ecn-ip-ect 0",
	"-m cluster --cluster-total-nodes 2 --cluster-local-node 1 "
	"--cluster-hash-seed 0x1",
	"-m limit --limit 1/hour --limit-burst 3",
	"-m statistic --mode nth --every 2 --packet 0",
	"-m statistic --mode nth --every 3 --packet 1",
	"-m recent --set --name DEFAULT --rsource",
	"-m recent --rcheck --name DEFAULT --rsource",
	"-m hashlimit --hashlimit-above 1/hour --hashlimit-burst 2 "
	"--hashlimit-mode srcip --hashlimit-name a",
	"-m quota --quota 300",
	"-m connlimit --connlimit-upto 5 --connlimit-mask 32 "
	"--connlimit-saddr",
};
static const char *const words4[] = {
	"-m iprange --src-range 10.1.0.5-10.1.0.8",
	"-m iprange ! --dst-range 192.0.2.10-192.0.2.15",
	"-m ttl --ttl-eq 64",
	"-m ttl --ttl-lt 60",
	"-p icmp -m icmp --icmp-type 8",
};
static const char *const words6[] = {
	"-m iprange --src-range 2001:db8:1::5-2001:db8:1::8",
	"-m hl --hl-eq 64",
	"-m hl --hl-lt 60",
	"-p ipv6-icmp -m icmp6 --icmpv6-type 128",
	"-m frag",
};

static void add_word(struct text *text, int family)
{
	if (random_below(8))
		add(text, " %s", ONE_OF(words));
	else if (family == AF_INET)
		add(text, " %s", ONE_OF(words4));
	else
		add(text, " %s", ONE_OF(words6));
}

static void begin(struct text *text, char *room, int family)
{
	*text = (struct text){ room, TEXT_MAX };
	add(text,
	    "# Generated by %s-save v1.8.9\n*mangle\n"
	    ":PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n"
	    ":FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
	    ":POSTROUTING ACCEPT [0:0]\n",
	    family == AF_INET6 ? "ip6tables" : "iptables");
}

/* ---- Tables that an import must take ---------------------------------------- */

static const char *leave(void)
{
	return random_below(2) ? "ACCEPT" : "RETURN";
}

/* The rules of one hook. */
static void add_plain_rules(struct text *text, int family, const char *chain)
{
	unsigned int count = 1 + random_below(8);
	unsigned int open = 0; /* MARK rules whose packets are in the chain */
	char match[256] = "";
	bool direct = false; /* that is the one before, and looks at no mark */

	while (count-- > 0) {
		struct text one = { match, sizeof(match) };
		unsigned int kind = random_below(10);

		if (direct && kind == 0) {
			add(text, "-A %s%s -j %s\n", chain, match, leave());
			direct = false;
			open--;
			continue;
		}
		if (open && kind == 1) {
			add(text, "-A %s -m mark ! --mark 0x0 -j %s\n", chain,
			    leave());
			open = 0;
			direct = false;
			continue;
		}
		match[0] = '\0';
		add_match(&one, family, false);
		if (!open && kind < 4) {
			add(text, "-A %s%s%s -j %s\n", chain, match,
			    random_below(3) ? "" : " -m mark --mark 0x1",
			    leave());
			direct = false;
			/* Behind that no packet would come. */
			if (!match[0])
				return;
			continue;
		}
		direct = kind < 7;
		add(text, "-A %s%s%s -j MARK --set-xmark 0x%x/0xffffffff\n",
		    chain, match,
		    direct		      ? "" :
		    !open && !random_below(2) ? " -m mark ! --mark 0x2/0x3" :
						" -m mark --mark 0x0",
		    1 + random_below(20));
		open++;
	}
	if (!random_below(4))
		add(text,
		    "-A %s -p udp -m limit --limit 1/hour --limit-burst 3 "
		    "-j MARK --set-xmark 0x63/0xffffffff\n",
		    chain);
}

void random_plain_table(char room[TEXT_MAX], int family)
{
	struct text text;

	begin(&text, room, family);
	if (random_below(3)) {
		add_plain_rules(&text, family, "PREROUTING");
	} else {
		add(&text, ":deep - [0:0]\n:flat - [0:0]\n"
			   "-A PREROUTING -j deep\n-A deep -j flat\n");
		add_plain_rules(&text, family, "flat");
	}
	if (!random_below(3))
		add_plain_rules(&text, family, "INPUT");
	add(&text, "COMMIT\n");
}

/* ---- Any tables --------------------------------------------------------------- */

static const char *const others[] = {
	"",
	"-j LOG --log-prefix \"-j MARK\" --log-level 7",
	"-j NFLOG --nflog-group 5",
	"-j CLASSIFY --set-class 1:2",
	"-j TOS --set-tos 0x10/0x3f",
	"-j DSCP --set-dscp 0x08",
	"-j CONNMARK --set-xmark 0x1/0xffffffff",
	"-j CONNMARK --save-mark",
	"-j CONNMARK --restore-mark",
	"-j TRACE",
	"-j CHECKSUM --checksum-fill",
	"-j NFQUEUE --queue-num 3 --queue-bypass",
	"-j HMARK --hmark-tuple src,dst --hmark-mod 4 --hmark-offset 1 "
	"--hmark-rnd 1",
	"-j AUDIT --type accept",
	"-j IDLETIMER --timeout 60 --label x",
	"-j RATEEST --rateest-name r --rateest-interval 250ms "
	"--rateest-ewmalog 500ms",
	"-j TCPMSS --set-mss 1000",
};
static const char *const changes[] = {
	"--set-xmark 0x1/0xff",
	"--set-xmark 0x10/0xf0",
	"--set-xmark 0x0/0xffffffff",
	"--set-xmark 0x3/0x1",
	"--or-mark 0x4",
	"--and-mark 0xf",
	"--xor-mark 0x3",
	"--set-mark 0x2/0x3",
};

static void add_target(struct text *text, bool jumps)
{
	static const char *const chains[] = { "one", "two", "three" };

	switch (random_below(20)) {
	case 0:
	case 1:
		add(text, " -j %s", leave());
		break;
	case 2:
		add(text, random_below(3) ? " -j ACCEPT" : " -j DROP");
		break;
	case 3:
	case 4:
		add(text, " %s", ONE_OF(others));
		break;
	case 5:
	case 6:
		add(text, " -j MARK %s", ONE_OF(changes));
		break;
	case 7:
	case 8:
		if (jumps) {
			add(text, " %s %s", random_below(4) ? "-j" : "-g",
			    ONE_OF(chains));
			break;
		}
		/* fall through */
	default:
		add(text, " -j MARK --set-xmark 0x%x/0xffffffff",
		    1 + random_below(20));
	}
}

static void add_wild_rules(struct text *text, int family, const char *chain,
			   unsigned int count, bool jumps)
{
	/* How strange the rules of this chain are. */
	unsigned int strange = random_below(4);

	while (count-- > 0) {
		add(text, "-A %s", chain);
		add_match(text, family, strange > 1);
		if (random_below(4) < strange)
			add_word(text, family);
		if (!random_below(12))
			add_word(text, family);
		if (strange || random_below(3))
			add_target(text, jumps);
		else
			add(text, " -j MARK --set-xmark 0x%x/0xffffffff",
			    1 + random_below(20));
		add(text, "\n");
	}
}

void random_wild_table(char room[TEXT_MAX], int family)
{
	struct text text;

	begin(&text, room, family);
	add(&text, ":one - [0:0]\n:two - [0:0]\n:three - [0:0]\n");
	add_wild_rules(&text, family, "PREROUTING", 1 + random_below(6), true);
	if (!random_below(3))
		add_wild_rules(&text, family, "INPUT", 1 + random_below(4),
			       true);
	add_wild_rules(&text, family, "one", random_below(4), false);
	if (random_below(3)) {
		add(&text, "-A two -j one\n");
		add_wild_rules(&text, family, "two", random_below(4), false);
	}
	add_wild_rules(&text, family, "three", 1 + random_below(3), false);
	if (!random_below(8))
		add_wild_rules(&text, family, "FORWARD", 1, false);
	add(&text, "COMMIT\n");
}

/* ---- Packets --------------------------------------------------------------------- */

void random_packet(struct packet *packet, int family)
{
	static const char *const sources[2][6] = {
		{ "10.1.0.2", "10.1.0.7", "10.1.0.9", "10.2.0.2", "203.0.113.5",
		  "10.1.0.6" },
		{ "2001:db8:1::2", "2001:db8:1::7", "2001:db8:1::9",
		  "2001:db8:2::2", "2001:db8:f::5", "2001:db8:1::6" },
	};
	static const char *const destinations[2][3] = {
		{ "192.0.2.10", "192.0.2.20", "198.51.100.1" },
		{ "2001:db8:a::10", "2001:db8:a::20", "2001:db8:b::1" },
	};
	static const uint16_t to[] = { 8080, 8050, 9000, 53, 8081, 7 };
	static const uint8_t protocols[] = { IPPROTO_UDP, IPPROTO_UDP,
					     IPPROTO_UDP, IPPROTO_TCP, 1 };
	static const uint8_t tos[] = { 0, 0, 0x10, 0x20 };
	const int six = family == AF_INET6;

	*packet = (struct packet){
		.family = (uint8_t)family,
		.protocol = ONE_OF(protocols),
		.tos = ONE_OF(tos),
		.ttl = random_below(4) ? 64 : 50,
		.mac = (uint8_t)(1 + random_below(2)),
		.device = (uint8_t)!random_below(4),
		.source_port = (uint16_t)(40000 + random_below(8)),
		.destination_port = ONE_OF(to),
		.length = (uint16_t)(random_below(3) * 40),
	};
	if (packet->protocol == 1 && six)
		packet->protocol = IPPROTO_ICMPV6;
	(void)inet_pton(family, ONE_OF(sources[six]), packet->source);
	(void)inet_pton(family, ONE_OF(destinations[six]), packet->destination);
}
