/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The commands that run short of memory. */
#include <netinet/in.h>
#include <stdint.h>

/* Behind netinet/in.h, which they clash with otherwise. */
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ip_tables.h>

#include "oom.h"

/* ---- Mark rules ---------------------------------------------------------- */

static const char *const marks_begin[] = {
	"iptables-legacy -t mangle -A PREROUTING -p udp --dport 77 -j ACCEPT",
	"iptables-legacy -t mangle -A PREROUTING -p tcp -m tcp --dport 5 "
	"-m comment --comment foreign -j MARK --set-mark 5",
	"ip6tables-legacy -t mangle -A INPUT -p udp --dport 78 -j ACCEPT",
	"lbctl-mark add 1 --proto udp --dport 1 --comment first",
	"lbctl-mark add 2 --proto udp --dst 192.0.2.2 --dport 2",
	"lbctl-mark exclude --proto udp --dport 3",
	"lbctl-mark add 4 --proto tcp --dport 4 -- -m string --string x --algo "
	"bm",
	0,
};

static const char marks_lines[] = "mark flush\n"
				  "mark add 1 --proto udp --dport 1\n"
				  "mark exclude --proto udp --dst 192.0.2.9\n"
				  "mark add 8 --proto tcp --dport 80,443\n";

static const char marks_json[] =
	"{ \"version\": 1, \"marks\": [\n"
	"  { \"mark\": 1, \"proto\": \"udp\", \"dport\": \"1\",\n"
	"    \"comment\": \"a comment that is long enough to grow what holds "
	"it, more than once\" },\n"
	"  { \"exclude\": true, \"proto\": \"udp\", \"dst\": \"192.0.2.129\" },\n"
	"  { \"mark\": 1234567890, \"dst\": \"2001:db8:1111:2222::3333\" } ] }\n";

static const char iptables_text[] =
	"*mangle\n"
	":PREROUTING ACCEPT [0:0]\n"
	"-A PREROUTING -d 192.0.2.7/32 -p udp -m udp --dport 7 -j MARK "
	"--set-xmark 0x7/0xffffffff\n"
	"COMMIT\n";

static const struct oom_case marks_cases[] = {
	{ .command = "lbctl-mark add 9 --proto udp --dport 9" },
	{ .command = "lbctl-mark --json add 9 --proto udp --dport=9" },
	{ .command = "lbctl-mark --dry-run add 9 --proto udp --dport 9" },
	{ .command = "lbctl-mark replace 1 --proto udp --dport 1 --comment c" },
	{ .command = "lbctl-mark delete 1 --proto udp --dport 1" },
	{ .command = "lbctl-mark delete 4 --proto tcp --dport 4 -- -m string "
		     "--string x --algo bm" },
	{ .command = "lbctl-mark exclude --proto tcp --dport 9" },
	{ .command = "lbctl-mark show" },
	{ .command = "lbctl-mark show --all" },
	{ .command = "lbctl-mark show --json" },
	{ .command = "lbctl-mark show --json --all" },
	{ .command = "lbctl-mark flush" },
	{ .command = "lbctl-mark zero" },
	{ .command = "lbctl-save --only mark" },
	{ .command = "lbctl-save --json --only mark" },
	{ .command = "lbctl-save --output saved.rules --only mark" },
	{ .command = "lbctl-restore", .input = marks_lines },
	{ .command = "lbctl-restore --dry-run", .input = marks_lines },
	{ .command = "lbctl-restore --json", .input = marks_json },
	{ .command = "lbctl-restore", .input = iptables_text },
	{ 0 },
};

/* ---- Services ------------------------------------------------------------ */

static const char *const services_begin[] = {
	"lbctl-svc add tcp:10.20.3.1:80 --scheduler wrr",
	"lbctl-svc add-server tcp:10.20.3.1:80 127.0.0.1:80 --weight 5",
	"lbctl-svc add-server tcp:10.20.3.1:80 10.20.3.9:80 --forward tun",
	"lbctl-svc drain tcp:10.20.3.1:80 10.20.3.9:80",
	"lbctl-svc add fwmark:1 --persistent 60",
	"lbctl-svc add-server fwmark:1 10.20.3.7 --forward tun",
	"lbctl-svc add udp:[2001:db8::7]:53 --one-packet",
	"lbctl-svc timeouts 900 120 300",
	"ip link add sync0 type dummy",
	"ip address add 10.20.4.1/24 dev sync0",
	"ip link set sync0 up multicast on",
	"lbctl-sync start master --dev sync0 --id 1",
	0,
};

static const char services_lines[] =
	"svc flush\n"
	"svc add tcp:10.20.3.1:80 --scheduler rr\n"
	"svc add-server tcp:10.20.3.1:80 127.0.0.1:80 --weight 3\n"
	"svc add udp:10.20.3.2:53\n"
	"svc timeouts 800 120 300\n";

static const char services_json[] =
	"{ \"version\": 1, \"services\": [\n"
	"  { \"service\": \"tcp:10.20.3.1:80\", \"scheduler\": \"rr\", "
	"\"servers\": [\n"
	"    { \"server\": \"127.0.0.1:80\", \"weight\": 1234567 },\n"
	"    { \"server\": \"10.20.3.44:80\",\n"
	"      \"forward\": \"tun\" } ] } ] }\n";

static const char ipvsadm_text[] =
	"-A -t 10.20.3.4:80 -s rr\n"
	"-a -t 10.20.3.4:80 -r 10.20.3.5:80 -g -w 1\n"
	"-a -t 10.20.3.4:80 -r 10.20.3.6:80 -m -w 1\n";

static const struct oom_case services_cases[] = {
	{ .command = "lbctl-svc show" },
	{ .command = "lbctl-svc show --json" },
	{ .command = "lbctl-svc add tcp:10.20.3.3:80 --scheduler rr" },
	{ .command = "lbctl-svc --dry-run add tcp:10.20.3.3:80" },
	{ .command = "lbctl-svc add-server fwmark:1 10.20.3.8 --weight 2" },
	{ .command = "lbctl-svc --json change-server tcp:10.20.3.1:80 "
		     "127.0.0.1:80 --weight 2" },
	{ .command = "lbctl-svc delete-server tcp:10.20.3.1:80 10.20.3.9:80" },
	{ .command = "lbctl-svc drain tcp:10.20.3.1:80 127.0.0.1:80" },
	{ .command = "lbctl-svc undrain tcp:10.20.3.1:80 10.20.3.9:80" },
	{ .command = "lbctl-svc flush" },
	{ .command = "lbctl-svc timeouts 100 110 120" },
	{ .command = "lbctl-sync show --json" },
	{ .command = "lbctl-sync stop master" },
	{ .command = "lbctl status" },
	{ .command = "lbctl status --json" },
	{ .command = "lbctl svc show --json" },
	{ .command = "lbctl-save" },
	{ .command = "lbctl-save --json" },
	{ .command = "lbctl-save --output saved.rules --only svc" },
	{ .command = "lbctl-restore", .input = services_lines },
	{ .command = "lbctl-restore --json --dry-run", .input = services_lines },
	{ .command = "lbctl-restore", .input = services_json },
	{ .command = "lbctl-restore", .input = ipvsadm_text },
	{ 0 },
};

/* ---- Health checks ------------------------------------------------------- */

static const char *const checks_begin[] = {
	"lbctl-svc add tcp:10.20.3.1:80 --scheduler wrr",
	"lbctl-svc add-server tcp:10.20.3.1:80 127.0.0.1:80 --weight 5",
	"lbctl-svc add-server tcp:10.20.3.1:80 127.0.0.2:81 --forward nat "
	"--weight 2",
	"lbctl-svc add tcp:10.20.3.2:80",
	"lbctl-svc add-server tcp:10.20.3.2:80 127.0.0.3:81 --forward nat",
	"sh -c lbctl-check${IFS}--name${IFS}one${IFS}tcp:10.20.3.1:80${IFS}"
	"--tcp${IFS}server${IFS}--fall${IFS}1||true",
	"sh -c lbctl-check${IFS}--name${IFS}two${IFS}tcp:10.20.3.2:80${IFS}"
	"--tcp${IFS}server${IFS}--fall${IFS}1||true",
	0,
};

static const struct oom_case checks_cases[] = {
	{ .command = "lbctl-check tcp:10.20.3.1:80 --tcp 80 --timeout 5 "
		     "--fall 1 --dry-run",
	  .flags = NUMBERS },
	{ .command = "lbctl-check --name one tcp:10.20.3.1:80 --tcp 80 "
		     "--timeout 5 --fall 1",
	  .flags = NUMBERS | ANY_STATE | UNKNOWN },
	{ .command = "lbctl-check --name one tcp:10.20.3.1:80 --tcp 80 "
		     "--timeout 5 --fall 1 --textfile ./metrics.prom",
	  .flags = NUMBERS | RAN | UNKNOWN },
	{ .command = "lbctl-check show", .flags = NUMBERS },
	{ .command = "lbctl-check show --json", .flags = NUMBERS },
	{ .command = "lbctl-check reset one" },
	{ 0 },
};

/* ---- As ipvsadm ---------------------------------------------------------- */

/* Its statuses are ipvsadm's: 1, 2 and 255, by where it fails. */
static const struct oom_case ipvsadm_cases[] = {
	{ .command = "lbctl-ipvsadm -Ln", .flags = ANY_STATUS },
	{ .command = "lbctl-ipvsadm -Sn", .flags = ANY_STATUS },
	{ .command = "lbctl-ipvsadm -A -t 10.20.3.4:80 -s rr",
	  .flags = ANY_STATUS },
	{ .command = "lbctl-ipvsadm -e -t 10.20.3.1:80 -r 127.0.0.1:80 -w 9",
	  .flags = ANY_STATUS },
	{ .command = "lbctl-ipvsadm -R",
	  .input = ipvsadm_text,
	  .flags = ANY_STATUS },
	{ 0 },
};

/* ---- The helper that knows iptables' words ------------------------------- */

static const char compile_request[] = "\x20\0\0\0\x06\0"
				      "-m string --string x --algo bm";

#define UDP_MATCH \
	XT_ALIGN(sizeof(struct xt_entry_match) + sizeof(struct xt_udp))

static const struct {
	uint32_t size;
	char chain[32];
	char label[32];
	struct ipt_entry entry;
	struct xt_entry_match match;
	struct xt_udp udp;
	char padding[UDP_MATCH - sizeof(struct xt_entry_match) -
		     sizeof(struct xt_udp)];
	struct xt_standard_target target;
} __attribute__((packed)) print_request = {
	.size = sizeof(print_request) - sizeof(uint32_t),
	.entry = {
		.ip.proto = IPPROTO_UDP,
		.target_offset = sizeof(struct ipt_entry) + UDP_MATCH,
		.next_offset = sizeof(struct ipt_entry) + UDP_MATCH +
			       sizeof(struct xt_standard_target),
	},
	.match.u.user = { .match_size = UDP_MATCH, .name = "udp" },
	.udp = { .spts = { 0, UINT16_MAX }, .dpts = { 7, 7 } },
	.target.target.u.user.target_size = sizeof(struct xt_standard_target),
};

static const char *const helper_begin[] = { 0 };

static const struct oom_case helper_cases[] = {
	{ "xtables compile 4", compile_request, sizeof(compile_request) - 1, 1,
	  0 },
	{ "xtables print 4", (const char *)&print_request,
	  sizeof(print_request), 1, 0 },
	{ 0 },
};

const struct oom_set oom_sets[] = {
	{ "helper", WORLD_MARKS, helper_begin, helper_cases },
	{ "marks", WORLD_MARKS, marks_begin, marks_cases },
	{ "services", WORLD_MARKS | WORLD_IPVS, services_begin, services_cases },
	{ "ipvsadm", WORLD_IPVS, checks_begin, ipvsadm_cases },
	{ "checks", WORLD_IPVS, checks_begin, checks_cases },
	{ 0 },
};
