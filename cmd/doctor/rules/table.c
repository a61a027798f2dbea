/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The table of rules. lbctl-doctor(8) has its texts: run scripts/doctor-rules
   after a change. */
#include "doctor/rules/judge.h"

#define HOST	  FACT_BIT(FACT_HOST)
#define PROCESSES FACT_BIT(FACT_PROCESSES)
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
	{
		.id = "M4",
		.severity = SEVERITY_ERROR,
		.needs = VIPS | LINKS | SYSCTLS,
		.what = "A mark makes addresses local, and the source of marked packets is looked up by their mark.",
		.why = "With src_valid_mark, which wg-quick sets, the source of a marked packet is looked up in the table that makes everything local: the kernel drops the packet, even without a reverse path filter.",
		.mend = "sysctl -w net/ipv4/conf/all/src_valid_mark=0",
		.judge = judge_src_valid_mark,
	},
	{
		.id = "M5",
		.severity = SEVERITY_ERROR,
		.needs = MARKS | SYSCTLS,
		.what = "A mark rule is for ports that the kernel gives to sockets of this host.",
		.why = "Replies to such sockets get the mark and go to a server: the director's own queries fail now and then. TCP is exempt by the option --exempt-own of the rule, which is on unless it was turned off; UDP sockets that are not connected are not.",
		.mend = "sysctl -w net/ipv4/ip_local_reserved_ports=PORTS",
		.judge = judge_local_ports,
	},
	{
		.id = "M7",
		.severity = SEVERITY_WARNING,
		.needs = SERVICES | MARKS,
		.what = "A mark rule takes the packets of a service by address.",
		.why = "IPVS looks for the service of the mark first: the service by address gets nothing.",
		.mend = "lbctl-svc delete SERVICE",
		.judge = judge_shadowed,
	},
	{
		.id = "M8",
		.severity = SEVERITY_ERROR,
		.needs = SERVICES,
		.what = "A persistent service by mark has a server by NAT with a port.",
		.why = "The kernel rewrites the port only without persistence: the packets go to the port that the client has chosen. Leave the port out, or have the server listen on the client's.",
		.mend = "lbctl-svc replace-server SERVICE ADDRESS --forward nat",
		.judge = judge_persistent_port,
	},
	{
		.id = "M9",
		.severity = SEVERITY_WARNING,
		.needs = SERVICES | MARKS,
		.what = "A service by mark has several ports, and clients do not stay with a server.",
		.why = "Each connection is scheduled alone: media and signalling, RTP and RTCP, or control and data of one client can go to different servers. Persistence or the schedulers sh and mh keep them together.",
		.mend = "lbctl-svc change SERVICE --persistent 300",
		.judge = judge_affinity,
	},
	{
		.id = "M14",
		.severity = SEVERITY_WARNING,
		.needs = HOST | MARKS,
		.what = "Mark rules of lbctl are in iptables and in nft.",
		.why = "Both mark packets, one after the other, and the last mark counts.",
		.mend = "lbctl-mark convert nft",
		.judge = judge_split,
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
	{
		.id = "A13",
		.severity = SEVERITY_ERROR,
		.needs = SERVICES,
		.what = "A server by direct routing or by a tunnel has another port than its service.",
		.why = "Only NAT rewrites ports: the packets come to the server with the port of the service.",
		.mend = "lbctl-svc change-server SERVICE SERVER --forward nat",
		.judge = judge_port,
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
	{
		.id = "N4",
		.severity = SEVERITY_WARNING,
		.roles = ROLE_DIRECTOR,
		.needs = SERVICES | ADDRESSES | ROUTES | SYSCTLS,
		.what = "A director with one interface for clients and servers by NAT sends ICMP redirects.",
		.why = "Servers that obey them answer the clients directly, past the director, and the connection fails.",
		.mend = "sysctl -w net/ipv4/conf/all/send_redirects=0 net/ipv4/conf/INTERFACE/send_redirects=0",
		.judge = judge_redirects,
	},
	{
		.id = "N6",
		.severity = SEVERITY_WARNING,
		.needs = SYSCTLS,
		.what = "The table of tracked connections is nearly full.",
		.why = "A full table drops packets of new connections, to services, too.",
		.mend = "sysctl -w net/netfilter/nf_conntrack_max=NUMBER",
		.judge = judge_conntrack_full,
	},
	/* Services and servers */
	{
		.id = "S1",
		.severity = SEVERITY_ERROR,
		.roles = ROLE_DIRECTOR,
		.needs = SERVICES | SYSCTLS,
		.what = "Servers are taken out, but connections to them do not expire.",
		.why = "Packets of connections to a server that is not there are dropped without a word until the connection times out. With expire_nodest_conn=1 the next packet goes to another server.",
		.mend = "sysctl -w net/ipv4/vs/expire_nodest_conn=1",
		.judge = judge_expire_nodest,
	},
	{
		.id = "S2",
		.severity = SEVERITY_WARNING,
		.roles = ROLE_DIRECTOR,
		.needs = SERVICES,
		.what = "Flows of UDP stay with a server of weight 0.",
		.why = "Each packet renews its flow, and weight 0 only keeps new flows away: a flow that sends never ends.",
		.mend = "lbctl-svc delete-server SERVICE SERVER --drain",
		.judge = judge_udp_drain,
	},
	{
		.id = "S3",
		.severity = SEVERITY_ERROR,
		.roles = ROLE_DIRECTOR,
		.needs = SERVICES | SYSCTLS,
		.what = "A persistent service sends known clients to a server of weight 0.",
		.why = "The kernel remembers the server of a client, whatever its weight, unless expire_quiescent_template is 1.",
		.mend = "sysctl -w net/ipv4/vs/expire_quiescent_template=1",
		.judge = judge_expire_quiescent,
	},
	{
		.id = "S4",
		.severity = SEVERITY_WARNING,
		.roles = ROLE_DIRECTOR,
		.needs = HOST | SYSCTLS,
		.what = "The kernel delays clients that use a port again.",
		.why = "Before Linux 5.9, with net.ipv4.vs.conntrack=1 and conn_reuse_mode=1, it drops the first packet of a connection whose client port it still knows.",
		.mend = "sysctl -w net/ipv4/vs/conn_reuse_mode=0",
		.judge = judge_reuse,
	},
	{
		.id = "S6",
		.severity = SEVERITY_WARNING,
		.roles = ROLE_BACKUP,
		.needs = SERVICES | SYSCTLS,
		.what = "A backup gets only templates, but refuses connections that it does not know.",
		.why = "With sync_persist_mode the master sends no connections of persistent services: after a takeover their packets are dropped unless sloppy_tcp is 1.",
		.mend = "sysctl -w net/ipv4/vs/sloppy_tcp=1",
		.judge = judge_sloppy,
	},
	{
		.id = "S7",
		.severity = SEVERITY_INFO,
		.roles = ROLE_DIRECTOR,
		.needs = SYSCTLS,
		.what = "IPVS defends itself against a flood.",
		.why = "drop_entry, drop_packet and secure_tcp make it drop connections or packets: 2 means that memory is short now, 3 that it does so always.",
		.mend = "sysctl -w net/ipv4/vs/drop_packet=0",
		.judge = judge_defence,
	},
	{
		.id = "S14",
		.severity = SEVERITY_WARNING,
		.roles = ROLE_DIRECTOR,
		.needs = SERVICES,
		.what = "A server has as many connections as it may.",
		.why = "IPVS passes it over until enough connections have ended. If all servers are full, new clients get no answer.",
		.mend = "lbctl-svc change-server SERVICE SERVER --upper-threshold NUMBER",
		.judge = judge_threshold,
	},
	{
		.id = "S16",
		.severity = SEVERITY_INFO,
		.roles = ROLE_DIRECTOR,
		.needs = SERVICES,
		.what = "An operator has drained a server.",
		.why = "It gets no new connections until somebody undrains it.",
		.mend = "lbctl-svc undrain SERVICE SERVER",
		.judge = judge_drained,
	},
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
	{
		.id = "V2",
		.severity = SEVERITY_WARNING,
		.needs = VIPS,
		.what = "A VIP is withdrawn.",
		.why = "A check has taken it away, since its quorum is lost: clients go to another director, or get no answer.",
		.mend = "lbctl-check show",
		.judge = judge_withdrawn,
	},
	{
		.id = "L1",
		.severity = SEVERITY_ERROR,
		.roles = ROLE_DIRECTOR,
		.needs = SERVICES | LINKS | ROUTES,
		.what = "An interface that leads to servers is down.",
		.why = "No packet reaches them. lbctl-check does not blame the servers for it.",
		.mend = "ip link set INTERFACE up",
		.judge = judge_link_down,
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
	{
		.id = "C4",
		.severity = SEVERITY_WARNING,
		.needs = CHECKS,
		.what = "A check finds servers down.",
		.why = "They are held or taken out. lbctl-check show has the reason that the last probe gave.",
		.mend = "lbctl-check show CHECK",
		.judge = judge_checks_down,
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
	{
		.id = "B5",
		.severity = SEVERITY_WARNING,
		.roles = ROLE_DIRECTOR,
		.needs = PROCESSES,
		.what = "Another program manages services, too.",
		.why = "Two managers undo each other's changes.",
		.mend = "systemctl stop PROGRAM",
		.judge = judge_managers,
	},
	{
		.id = "B8",
		.severity = SEVERITY_ERROR,
		.needs = MARKS | SAVED,
		.what = "All mark rules of the saved ruleset are gone.",
		.why = "\"nft flush ruleset\" and a restart of nftables delete the tables of all programs: services by mark get no packet.",
		.mend = "lbctl-restore /etc/lbctl/lbctl.rules",
		.judge = judge_flushed,
	},
};

const size_t rule_count = ARRAY_SIZE(rules);
