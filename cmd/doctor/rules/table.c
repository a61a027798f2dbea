/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The table of rules. lbctl-doctor(8) has its texts: run scripts/doctor-rules
   after a change. */
#include "doctor/rules/judge.h"

#define SERVICES  FACT_BIT(FACT_SERVICES)
#define MARKS	  FACT_BIT(FACT_MARKS)
#define VIPS	  FACT_BIT(FACT_VIPS)
#define LINKS	  FACT_BIT(FACT_LINKS)
#define ADDRESSES FACT_BIT(FACT_ADDRESSES)
#define ROUTES	  FACT_BIT(FACT_ROUTES)
#define SYSCTLS	  FACT_BIT(FACT_SYSCTLS)
#define FOREIGN	  FACT_BIT(FACT_FOREIGN)
#define CHECKS	  FACT_BIT(FACT_CHECKS)
#define FILE	  FACT_BIT(FACT_CHECKS_FILE)
#define SAVED	  FACT_BIT(FACT_SAVED)

const struct rule rules[] = {
	/* Marks */
	{
		.id = "M1",
		.severity = SEVERITY_ERROR,
		.roles = ROLE_DIRECTOR,
		.needs = SERVICES | MARKS | FOREIGN,
		.what = "No mark rule sets the mark of a service.",
		.why = "Packets reach a service by mark only if a rule sets "
		       "this mark, in the same address family.",
		.mend = "lbctl-mark add MARK --proto PROTOCOL --dst VIP --dport "
			"PORTS",
		.judge = judge_service_without_mark,
	},
	{
		.id = "M2",
		.severity = SEVERITY_WARNING,
		.needs = SERVICES | MARKS,
		.what = "A mark rule sets a mark that no service has.",
		.why = "IPVS compares all 32 bits of the mark and the address "
		       "family; a packet with another mark goes on as if there "
		       "were no load balancer.",
		.mend = "lbctl-svc add fwmark:MARK",
		.judge = judge_mark_without_service,
	},
	{
		.id = "M3",
		.severity = SEVERITY_ERROR,
		.needs = SERVICES | MARKS | VIPS | ADDRESSES | ROUTES,
		.what = "A packet gets the mark of a service, but this host does "
			"not take it as its own.",
		.why = "IPVS sees only packets to addresses of this host; a mark "
		       "does not make an address one. The kernel forwards the "
		       "packet or drops it.",
		.mend = "lbctl-vip add VIP --local-route --mark MARK",
		.judge = judge_mark_not_local,
	},
	/* Direct routing and ARP */
	{
		.id = "A2",
		.severity = SEVERITY_ERROR,
		.roles = ROLE_SERVER,
		.needs = LINKS | ADDRESSES | SYSCTLS,
		.what = "A real server answers ARP requests for its VIP.",
		.why = "The router then sends the clients' packets to this "
		       "server and not to the director. The value of the "
		       "interface that receives the request counts, or that of "
		       "\"all\" if it is greater; that of lo does nothing.",
		.mend = "sysctl -w net/ipv4/conf/INTERFACE/arp_ignore=1",
		.judge = judge_arp_ignore,
	},
	{
		.id = "A3",
		.severity = SEVERITY_ERROR,
		.roles = ROLE_SERVER,
		.needs = LINKS | ADDRESSES | SYSCTLS,
		.what = "A real server sends ARP requests with its VIP as the "
			"sender.",
		.why = "The neighbours that hear such a request take this server "
		       "for the owner of the VIP, and send it what is meant for "
		       "the director.",
		.mend = "sysctl -w net/ipv4/conf/INTERFACE/arp_announce=2",
		.judge = judge_arp_announce,
	},
	{
		.id = "A5",
		.severity = SEVERITY_ERROR,
		.roles = ROLE_SERVER,
		.needs = LINKS | ADDRESSES,
		.what = "A VIP on the loopback interface has a network prefix.",
		.why = "All addresses of that network become addresses of this "
		       "host: it answers its clients and its router by itself.",
		.mend = "ip address add VIP/32 dev lo && ip address delete "
			"VIP/PREFIX dev lo",
		.judge = judge_vip_prefix,
	},
	{
		.id = "A9",
		.severity = SEVERITY_ERROR,
		.needs = SERVICES | ROUTES,
		.what = "A server by direct routing is behind a gateway.",
		.why = "Direct routing changes only the Ethernet address. The "
		       "gateway gets a packet for the VIP and sends it back to "
		       "the director. A tunnel passes gateways.",
		.mend = "lbctl-svc change-server SERVICE SERVER --forward tun",
		.judge = judge_off_link,
	},
	{
		.id = "A12",
		.severity = SEVERITY_ERROR,
		.roles = ROLE_SERVER,
		.needs = LINKS | ADDRESSES | SYSCTLS,
		.what = "The reverse path filter of a real server's tunnel is "
			"strict.",
		.why = "Packets of clients come out of the tunnel, but the way "
		       "back to them leads through another interface: a strict "
		       "filter drops them. The greater value of \"all\" and the "
		       "interface counts; 2 is loose.",
		.mend = "sysctl -w net/ipv4/conf/INTERFACE/rp_filter=2",
		.judge = judge_rp_filter,
	},
	/* NAT */
	{
		.id = "N1",
		.severity = SEVERITY_ERROR,
		.roles = ROLE_DIRECTOR,
		.needs = SERVICES | SYSCTLS,
		.what = "The director does not forward packets, but has servers "
			"by NAT.",
		.why = "Requests reach the servers, but the kernel drops their "
		       "replies, which it has to forward to the clients.",
		.mend = "sysctl -w net/ipv4/ip_forward=1",
		.judge = judge_forwarding,
	},
	{
		.id = "N3",
		.severity = SEVERITY_ERROR,
		.needs = MARKS | SYSCTLS,
		.what = "A mark rule changes the source address, but IPVS does "
			"not track connections.",
		.why = "Netfilter then does not see the connections of IPVS: "
		       "their source stays, and replies do not come back "
		       "through the director.",
		.mend = "sysctl -w net/ipv4/vs/conntrack=1",
		.judge = judge_snat_conntrack,
	},
	/* Services and servers */
	{
		.id = "S11",
		.severity = SEVERITY_ERROR,
		.roles = ROLE_DIRECTOR,
		.needs = SERVICES,
		.what = "A service has no server that can be chosen.",
		.why = "IPVS drops new connections, or answers \"port "
		       "unreachable\", if a service has no server or all weights "
		       "are 0.",
		.mend = "lbctl-svc undrain SERVICE SERVER",
		.judge = judge_no_server,
	},
	{
		.id = "S15",
		.severity = SEVERITY_ERROR,
		.roles = ROLE_DIRECTOR,
		.needs = SERVICES | ROUTES,
		.what = "No route leads to a server.",
		.why = "IPVS chooses the server all the same, and the client "
		       "gets an error or no answer.",
		.mend = "ip route add SERVER via GATEWAY",
		.judge = judge_no_route,
	},
	{
		.id = "V1",
		.severity = SEVERITY_ERROR,
		.roles = ROLE_DIRECTOR,
		.needs = SERVICES | VIPS | ADDRESSES | ROUTES | LINKS,
		.what = "No interface or route of the director holds the VIP of "
			"a service.",
		.why = "Nobody answers for the address, or the kernel forwards "
		       "its packets: IPVS sees only packets to addresses of "
		       "this host. A backup holds no VIP: it says so by --role "
		       "backup or by its sync daemon.",
		.mend = "lbctl-vip add VIP/32 --dev INTERFACE",
		.judge = judge_vip_missing,
	},
	/* Checks */
	{
		.id = "C1",
		.severity = SEVERITY_WARNING,
		.needs = CHECKS,
		.what = "A check of checks.conf has never run.",
		.why = "Servers that fail stay in their services: nothing runs "
		       "lbctl-check.",
		.mend = "systemctl enable --now lbctl-check.timer",
		.judge = judge_check_never,
	},
	{
		.id = "C2",
		.severity = SEVERITY_ERROR,
		.needs = CHECKS,
		.what = "A check of checks.conf has not run for ten minutes.",
		.why = "What it found last still counts: servers that have "
		       "recovered stay out, and servers that fail stay in.",
		.mend = "systemctl enable --now lbctl-check.timer",
		.judge = judge_check_stale,
	},
	{
		.id = "C3",
		.severity = SEVERITY_ERROR,
		.needs = FILE,
		.what = "checks.conf has a mistake.",
		.why = "lbctl-check runs none of its checks until it is "
		       "corrected; a loop goes on with those that it has read "
		       "before.",
		.mend = "lbctl-check --dry-run",
		.judge = judge_checks_file,
	},
	/* Sync daemons */
	{
		.id = "S8",
		.severity = SEVERITY_WARNING,
		.needs = SERVICES,
		.what = "A master and a backup daemon of one host have the same "
			"id.",
		.why = "The backup must take only what the other director "
		       "sends: two masters need an id each, and a backup with "
		       "id 0 takes all.",
		.mend = "lbctl-sync stop backup",
		.judge = judge_sync_loop,
	},
	{
		.id = "S9",
		.severity = SEVERITY_ERROR,
		.needs = SERVICES | LINKS,
		.what = "The interface of a sync daemon cannot carry its "
			"messages.",
		.why = "They are multicast: without them the other director "
		       "resets all connections when it takes over.",
		.mend = "ip link set INTERFACE up",
		.judge = judge_sync_interface,
	},
	/* Boot */
	{
		.id = "B6",
		.severity = SEVERITY_ERROR,
		.needs = SAVED,
		.what = "The saved ruleset would not load.",
		.why = "lbctl-restore takes a ruleset as a whole or not at all: "
		       "after the next boot this host has no services.",
		.mend = "lbctl-restore --dry-run /etc/lbctl/lbctl.rules",
		.judge = judge_saved_fault,
	},
	{
		.id = "B7",
		.severity = SEVERITY_WARNING,
		.needs = SAVED,
		.what = "The saved ruleset differs from the kernel.",
		.why = "The next boot undoes changes that nobody has saved, or "
		       "something has deleted what was loaded, as \"nft flush "
		       "ruleset\" does.",
		.mend = "lbctl-restore /etc/lbctl/lbctl.rules",
		.judge = judge_saved_differs,
	},
};

const size_t rule_count = ARRAY_SIZE(rules);
