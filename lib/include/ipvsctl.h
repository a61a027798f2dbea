/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * libipvsctl: Linux load balancing (IPVS services and servers, packet marks,
 * connection-sync daemons) as plain data, and the calls that read and write
 * the kernel's.
 *
 * Shape: a *configuration* is memory. ipvsctl_load() reads one from the
 * kernel; a caller copies and edits it; ipvsctl_plan_compare() turns the
 * difference into a *plan*; ipvsctl_apply() is the only call that writes.
 *
 * Ownership: what a ret_ parameter gives is the caller's to free; what a
 * next or find function returns belongs to its container and lives until the
 * container is next changed; values handed to an add function are copied.
 *
 * Errors: functions that can fail return 0 or a negative errno, write their
 * ret_ parameters only on success, and describe a failure in *err, which may
 * be NULL. The codes are part of the interface:
 *   -EINVAL      the input is wrong
 *   -ENOENT      no such service, server, mark rule or sync daemon
 *   -EEXIST      there is one already
 *   -EPERM       CAP_NET_ADMIN (for marks also CAP_NET_RAW) is missing
 *   -EOPNOTSUPP  this kernel or host lacks what is needed
 *   -EBUSY       another writer holds the lock
 *   -EAGAIN      the kernel's state kept changing while it was read
 *   -ETIMEDOUT   the kernel did not answer
 *   -ENOMEM      out of memory
 *   -EIO         anything else; the message carries the reason
 *
 * Byte order: ports, marks and numbers are in host order; the bytes of an
 * address are in network order. Times are in seconds unless the name says so.
 *
 * A struct ipvsctl belongs to one thread at a time; there is no global state.
 * Everything here exists since version 0.1.
 */
#ifndef IPVSCTL_H
#define IPVSCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IPVSCTL_MUST_CHECK __attribute__((warn_unused_result))

/* ---- Errors ------------------------------------------------------------ */

/* A failure, filled by the call that failed; lives in the caller's frame. */
struct ipvsctl_error {
	int code;	  /* negative errno; 0 while unset */
	int kernel_errno; /* what the kernel refused with; 0: it was not asked */
	char file[128];	  /* of a ruleset; "" when not about one */
	unsigned int line; /* in it; 0 when not about one */
	char subject[128]; /* what it is about: "tcp:192.0.2.1:80"; may be "" */
	char message[256]; /* what is wrong: "no such service" */
	char hint[256];	   /* a command that helps, or "" */
};

/* ---- Addresses --------------------------------------------------------- */

/* An IPv4 or IPv6 address. */
struct ipvsctl_address {
	uint16_t family;   /* AF_INET, AF_INET6; AF_UNSPEC: none */
	uint8_t bytes[16]; /* network order; IPv4 uses the first four */
};

/* An address block, or any address when family is AF_UNSPEC. */
struct ipvsctl_network {
	struct ipvsctl_address address;
	uint8_t prefix_length;
};

/* Room for any formatted address, with its terminating NUL. */
#define IPVSCTL_ADDRESS_TEXT 46
/* Room for any formatted service or server identity, with its NUL. */
#define IPVSCTL_IDENTITY_TEXT 64

/*
 * Reads a numeric IPv4 (four decimal parts) or IPv6 address; no names, no
 * scope. Returns 0 or -EINVAL.
 */
int ipvsctl_address_parse(const char *text, struct ipvsctl_address *ret_address,
			  struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* Writes the address into text and returns text. */
const char *ipvsctl_address_format(const struct ipvsctl_address *address,
				   char text[IPVSCTL_ADDRESS_TEXT]);

/* Orders by family, then address: <0, 0 or >0. */
int ipvsctl_address_compare(const struct ipvsctl_address *a,
			    const struct ipvsctl_address *b);

/* ---- Counters ---------------------------------------------------------- */

/* The kernel's 64-bit totals and its estimates per second. */
struct ipvsctl_counters {
	uint64_t connections;
	uint64_t in_packets;
	uint64_t out_packets;
	uint64_t in_bytes;
	uint64_t out_bytes;
	uint64_t connections_per_second;
	uint64_t in_packets_per_second;
	uint64_t out_packets_per_second;
	uint64_t in_bytes_per_second;
	uint64_t out_bytes_per_second;
};

/* ---- Attributes: one table for options, rulesets and help --------------- */

/*
 * One settable property of an object, spelled the same way on a command line
 * ("--NAME VALUE") and in a ruleset. Tables end with a NULL name.
 */
struct ipvsctl_attribute {
	const char *name;    /* "scheduler" */
	const char *value;   /* placeholder, "NAME"; NULL: a flag */
	const char *summary; /* one line for --help */
};

/* ---- Services ---------------------------------------------------------- */

#define IPVSCTL_SCHEDULER_MAX 15 /* bytes in a scheduler's name */
#define IPVSCTL_PE_MAX	      16 /* bytes in a persistence engine's name */

enum ipvsctl_service_flag {
	IPVSCTL_ONE_PACKET = 1 << 0,
	IPVSCTL_SCHED_FLAG_1 = 1 << 1, /* sh-fallback, mh-fallback */
	IPVSCTL_SCHED_FLAG_2 = 1 << 2, /* sh-port, mh-port */
	IPVSCTL_SCHED_FLAG_3 = 1 << 3,
};

/* A virtual service. What identifies it comes first. */
struct ipvsctl_service {
	/*
	 * The VIP. For a firewall-mark service only its family counts and
	 * the bytes are zero.
	 */
	struct ipvsctl_address address;
	uint16_t protocol; /* IPPROTO_TCP, _UDP, _SCTP; 0 for a mark */
	uint16_t port;
	uint32_t fwmark; /* not 0: identified by this mark and the family */

	char scheduler[IPVSCTL_SCHEDULER_MAX + 1];
	char persistence_engine[IPVSCTL_PE_MAX + 1]; /* "": none */
	uint32_t flags;		      /* enum ipvsctl_service_flag */
	uint32_t persistence_seconds; /* 0: not persistent */
	uint32_t netmask; /* of persistence. IPv4: the mask in host order,
			     IPv6: the prefix length */
	bool unchecked;	  /* do not check more than the kernel does */

	struct ipvsctl_counters counters; /* as read; ignored when written */
};

/*
 * Reads "tcp:192.0.2.1:443", "udp:[2001:db8::1]:53", "fwmark:7" or
 * "fwmark:7/inet6" and fills in a service with default attributes (scheduler
 * wlc). Returns 0 or -EINVAL.
 */
int ipvsctl_service_parse(const char *text, struct ipvsctl_service *ret_service,
			  struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* Writes the identity as ipvsctl_service_parse() reads it; returns text. */
const char *ipvsctl_service_format(const struct ipvsctl_service *service,
				   char text[IPVSCTL_IDENTITY_TEXT]);

/*
 * Orders identities: address services by family, protocol, address, port;
 * then marks by family and number.
 */
int ipvsctl_service_compare(const struct ipvsctl_service *a,
			    const struct ipvsctl_service *b);

/* The attributes that ipvsctl_service_set() knows. */
const struct ipvsctl_attribute *ipvsctl_service_attributes(void);

/*
 * Sets one attribute from text; value is NULL for a flag. Attributes are
 * independent of order; what only shows in combination is left to
 * ipvsctl_service_check(). Returns 0 or -EINVAL.
 */
int ipvsctl_service_set(struct ipvsctl_service *service, const char *name,
			const char *value,
			struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Whether the whole makes sense. Checks what the kernel does not (seen on
 * 6.1, 7.2): protocol, port 0 without persistence, one-packet on TCP,
 * flags for a scheduler that has none, netmask, a VIP that is not unicast.
 * Returns 0 or -EINVAL.
 */
int ipvsctl_service_check(const struct ipvsctl_service *service,
			  struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* "tcp", "udp", "sctp", "fwmark"; "?" for anything else. */
const char *ipvsctl_protocol_name(unsigned int protocol);

/*
 * The scheduler flags as the ruleset spells them ("sh-port,sh-fallback"),
 * or "" when none is set. Returns text, of which 64 bytes are used at most.
 */
const char *ipvsctl_scheduler_flags_format(const struct ipvsctl_service *service,
					   char text[64]);

/* The persistence netmask: "24", "255.0.255.0" when not contiguous, "64". */
const char *ipvsctl_netmask_format(const struct ipvsctl_service *service,
				   char text[IPVSCTL_ADDRESS_TEXT]);

/* ---- Servers ----------------------------------------------------------- */

enum ipvsctl_forward {
	IPVSCTL_FORWARD_NAT = 0,
	IPVSCTL_FORWARD_LOCAL = 1, /* only ever read */
	IPVSCTL_FORWARD_TUN = 2,
	IPVSCTL_FORWARD_DR = 3,
	IPVSCTL_FORWARD_BYPASS = 4, /* only ever read */
};

enum ipvsctl_tunnel {
	IPVSCTL_TUNNEL_IPIP = 0,
	IPVSCTL_TUNNEL_GUE = 1,
	IPVSCTL_TUNNEL_GRE = 2,
};

enum ipvsctl_tunnel_checksum {
	IPVSCTL_TUNNEL_CHECKSUM_NONE = 0,
	IPVSCTL_TUNNEL_CHECKSUM_FULL = 1,
	IPVSCTL_TUNNEL_CHECKSUM_REMOTE = 2,
};

/* A real server of a service. What identifies it comes first. */
struct ipvsctl_server {
	struct ipvsctl_address address;
	uint16_t port;

	uint16_t forward; /* enum ipvsctl_forward */
	uint32_t weight;  /* the wanted weight; not the kernel's while held */
	bool held;	  /* see ipvsctl_config_hold() */
	bool unchecked;	  /* do not check more than the kernel does */
	uint8_t tunnel;	  /* enum ipvsctl_tunnel */
	bool removed;	  /* see ipvsctl_config_remove_server() */
	uint16_t tunnel_port;
	uint16_t tunnel_checksum; /* enum ipvsctl_tunnel_checksum */
	uint32_t upper_threshold; /* connections; 0: none */
	uint32_t lower_threshold;
	uint32_t held_weight; /* the kernel's while held; ignored when written */

	uint32_t active_connections; /* as read; ignored when written */
	uint32_t inactive_connections;
	uint32_t persistent_connections;
	struct ipvsctl_counters counters;
};

/*
 * Reads "10.0.0.1", "10.0.0.1:8080", "2001:db8::1" or "[2001:db8::1]:80" and
 * fills in a server with default attributes (direct routing, weight 1). A
 * port left out is the service's, 0 under a firewall mark. Returns 0 or
 * -EINVAL.
 */
int ipvsctl_server_parse(const char *text,
			 const struct ipvsctl_service *service,
			 struct ipvsctl_server *ret_server,
			 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* Writes "10.0.0.1:8080" or "[2001:db8::1]:80" into text; returns text. */
const char *ipvsctl_server_format(const struct ipvsctl_server *server,
				  char text[IPVSCTL_IDENTITY_TEXT]);

/* Orders identities by family, address, port. */
int ipvsctl_server_compare(const struct ipvsctl_server *a,
			   const struct ipvsctl_server *b);

/* The attributes that ipvsctl_server_set() knows. */
const struct ipvsctl_attribute *ipvsctl_server_attributes(void);

/* As ipvsctl_service_set(), for a server. */
int ipvsctl_server_set(struct ipvsctl_server *server, const char *name,
		       const char *value,
		       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Whether the server makes sense under this service. Checks what the kernel
 * does not (seen on 6.1, 7.2): a port that direct routing or a tunnel cannot
 * rewrite, tunnel options without a tunnel, unknown forwarding and tunnel
 * types; and, for a clear message, what it does: address families, unicast
 * addresses, thresholds. Returns 0 or -EINVAL.
 */
int ipvsctl_server_check(const struct ipvsctl_service *service,
			 const struct ipvsctl_server *server,
			 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* The weight the kernel is to have: while held, that of its hold, and the wanted
   one else, or where that is 0. */
uint32_t ipvsctl_server_effective_weight(const struct ipvsctl_server *server);

/* "nat", "local", "tun", "dr", "bypass"; "?" for anything else. */
const char *ipvsctl_forward_name(unsigned int forward);
/* "ipip", "gue", "gre"; "?" for anything else. */
const char *ipvsctl_tunnel_name(unsigned int tunnel);
/* "none", "full", "remote"; "?" for anything else. */
const char *ipvsctl_tunnel_checksum_name(unsigned int checksum);

/* ---- Mark rules -------------------------------------------------------- */

/* A multiport match holds 15 numbers; a range takes two of them. */
#define IPVSCTL_PORT_SLOTS 15

struct ipvsctl_port_range {
	uint16_t first;
	uint16_t last;
};

struct ipvsctl_ports {
	uint16_t count; /* 0: any port */
	struct ipvsctl_port_range ranges[IPVSCTL_PORT_SLOTS];
};

enum ipvsctl_hook {
	IPVSCTL_HOOK_PREROUTING = 0,
	IPVSCTL_HOOK_INPUT = 1,
	IPVSCTL_HOOK_OUTPUT = 2,
};

#define IPVSCTL_INTERFACE_MAX 15
#define IPVSCTL_COMMENT_MAX   255
#define IPVSCTL_EXTRA_MAX     511

#define IPVSCTL_MARK_PRIORITY	 100
#define IPVSCTL_EXCLUDE_PRIORITY 50

/*
 * A rule that sets, or exempts from, a firewall mark. Rules are tried by
 * priority, then in the order of adding; the first that matches decides.
 */
struct ipvsctl_mark {
	uint32_t mark;	   /* the mark to set; unused when exclude */
	uint32_t mask;	   /* the bits it sets; 0xffffffff: all */
	bool exclude;	   /* leave the packet's mark alone */
	bool exempt_own;   /* not for replies to this host's own traffic */
	uint16_t priority; /* lower comes first */
	uint16_t family;   /* AF_INET, AF_INET6; AF_UNSPEC: both */
	uint16_t hook;	   /* enum ipvsctl_hook */
	uint16_t protocol; /* IP protocol number; 0: any */
	struct ipvsctl_network source;
	struct ipvsctl_network destination;
	struct ipvsctl_ports source_ports;
	struct ipvsctl_ports destination_ports;
	char in_interface[IPVSCTL_INTERFACE_MAX + 1]; /* "eth0", "eth+" */
	char comment[IPVSCTL_COMMENT_MAX + 1];
	char extra[IPVSCTL_EXTRA_MAX + 1]; /* further matches in iptables'
					      words, "-m iprange ..." */
	uint64_t packets;		   /* as read; ignored when written */
	uint64_t bytes;
};

/* A rule that matches everything at the default priority: mark 1, whole. */
void ipvsctl_mark_init(struct ipvsctl_mark *rule, bool exclude);

/* Reads a mark, decimal or 0x, 1 to 0xffffffff. Returns 0 or -EINVAL. */
int ipvsctl_mark_parse(const char *text, uint32_t *ret_mark,
		       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* The attributes that ipvsctl_mark_set() knows. */
const struct ipvsctl_attribute *ipvsctl_mark_attributes(void);

/* As ipvsctl_service_set(), for a mark rule. */
int ipvsctl_mark_set(struct ipvsctl_mark *rule, const char *name,
		     const char *value,
		     struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Sets further matches, "extra", from words of iptables' grammar such as "-m",
 * "iprange": what a command line or a ruleset has behind "--". No words change
 * nothing. Returns 0 or -EINVAL.
 */
int ipvsctl_mark_set_words(struct ipvsctl_mark *rule, const char *const *words,
			   size_t count,
			   struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Whether the whole makes sense: families agree, ports have a protocol that
 * has ports, the mark fits the mask. Settles rule->family when addresses
 * decide it, and has all addresses of a family, and all ports, go without
 * saying. Returns 0 or -EINVAL.
 */
int ipvsctl_mark_check(struct ipvsctl_mark *rule,
		       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* Whether two rules match the same packets at the same place in the order;
   the mark they set, the comment and the counters do not matter. */
bool ipvsctl_mark_same_match(const struct ipvsctl_mark *a,
			     const struct ipvsctl_mark *b);

/* "prerouting", "input", "output". */
const char *ipvsctl_hook_name(unsigned int hook);

/* The ports as "80,443,8000:8100"; "" for any. Returns text. */
const char *ipvsctl_ports_format(const struct ipvsctl_ports *ports,
				 char text[128]);

/* ---- Sync daemons and timeouts ------------------------------------------ */

enum ipvsctl_sync_role {
	IPVSCTL_SYNC_MASTER = 1, /* sends connection state */
	IPVSCTL_SYNC_BACKUP = 2, /* receives it */
};

/* A connection-sync daemon; there is at most one of each role. */
struct ipvsctl_sync {
	uint16_t role; /* enum ipvsctl_sync_role */
	char interface[IPVSCTL_INTERFACE_MAX + 1];
	uint32_t id;		      /* 0 to 255 */
	uint16_t max_length;	      /* bytes a message; 0: kernel's choice */
	struct ipvsctl_address group; /* AF_UNSPEC: kernel's choice */
	uint16_t port;		      /* 0: kernel's choice, 8848 */
	uint8_t ttl;		      /* 0: kernel's choice, 1 */
};

/* "master" or "backup" to a role. Returns 0 or -EINVAL. */
int ipvsctl_sync_parse(const char *role, struct ipvsctl_sync *ret_sync,
		       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
const char *ipvsctl_sync_role_name(unsigned int role);
/* The attributes that ipvsctl_sync_set() knows. */
const struct ipvsctl_attribute *ipvsctl_sync_attributes(void);
/* As ipvsctl_service_set(), for a sync daemon. */
int ipvsctl_sync_set(struct ipvsctl_sync *sync, const char *name,
		     const char *value,
		     struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Whether the whole makes sense. Returns 0 or -EINVAL. */
int ipvsctl_sync_check(const struct ipvsctl_sync *sync,
		       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* How long idle connections are remembered, in seconds. */
struct ipvsctl_timeouts {
	uint32_t tcp;	  /* established */
	uint32_t tcp_fin; /* after a FIN */
	uint32_t udp;
};

#define IPVSCTL_TIMEOUT_MAX 2678400 /* 31 days, as ipvsadm has it */

/* ---- Configurations ------------------------------------------------------ */

/* What a configuration holds, or a call concerns. */
enum ipvsctl_kind {
	IPVSCTL_SERVICES = 1 << 0, /* with their servers */
	IPVSCTL_MARKS = 1 << 1,
	IPVSCTL_SYNC = 1 << 2,
	IPVSCTL_TIMEOUTS = 1 << 3,
	IPVSCTL_COUNTERS = 1 << 4, /* of services and servers, when loaded */
	IPVSCTL_UNSORTED = 1 << 5, /* in the kernel's order, when loaded */
};

struct ipvsctl_config;

/* An empty configuration of no kind. Returns 0 or -ENOMEM. */
int ipvsctl_config_new(struct ipvsctl_config **ret_config) IPVSCTL_MUST_CHECK;
/* Frees a configuration; NULL is fine. */
void ipvsctl_config_free(struct ipvsctl_config *config);
/* A copy to edit. Returns 0 or -ENOMEM. */
int ipvsctl_config_copy(const struct ipvsctl_config *config,
			struct ipvsctl_config **ret_copy) IPVSCTL_MUST_CHECK;
/* Puts services and servers in the order of their compare functions. */
void ipvsctl_config_sort(struct ipvsctl_config *config);

/* The service after prev, the first when prev is NULL; NULL at the end. */
const struct ipvsctl_service *
ipvsctl_config_next_service(const struct ipvsctl_config *config,
			    const struct ipvsctl_service *prev);
/* The service with the same identity, or NULL. */
const struct ipvsctl_service *
ipvsctl_config_find_service(const struct ipvsctl_config *config,
			    const struct ipvsctl_service *identity);
/* Returns 0, -EEXIST, -ENOMEM. */
int ipvsctl_config_add_service(struct ipvsctl_config *config,
			       const struct ipvsctl_service *service,
			       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Replaces the attributes of the service of that identity: 0 or -ENOENT. */
int ipvsctl_config_change_service(struct ipvsctl_config *config,
				  const struct ipvsctl_service *service,
				  struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Deletes the service, its servers and their holds: 0 or -ENOENT. */
int ipvsctl_config_delete_service(struct ipvsctl_config *config,
				  const struct ipvsctl_service *identity,
				  struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Servers of a service that config holds (any struct with its identity).
 * next: the one after prev, the first when prev is NULL; NULL at the end.
 */
const struct ipvsctl_server *
ipvsctl_config_next_server(const struct ipvsctl_config *config,
			   const struct ipvsctl_service *service,
			   const struct ipvsctl_server *prev);
const struct ipvsctl_server *
ipvsctl_config_find_server(const struct ipvsctl_config *config,
			   const struct ipvsctl_service *service,
			   const struct ipvsctl_server *identity);
size_t ipvsctl_config_count_servers(const struct ipvsctl_config *config,
				    const struct ipvsctl_service *service);
/* Returns 0, -ENOENT (no such service), -EEXIST, -ENOMEM. */
int ipvsctl_config_add_server(struct ipvsctl_config *config,
			      const struct ipvsctl_service *service,
			      const struct ipvsctl_server *server,
			      struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Replaces the attributes of that server; its hold stays: 0 or -ENOENT. */
int ipvsctl_config_change_server(struct ipvsctl_config *config,
				 const struct ipvsctl_service *service,
				 const struct ipvsctl_server *server,
				 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Deletes the server and its hold: 0 or -ENOENT. */
int ipvsctl_config_delete_server(struct ipvsctl_config *config,
				 const struct ipvsctl_service *service,
				 const struct ipvsctl_server *identity,
				 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Holds. A server can be held for named reasons at weight 0 ("admin",
 * "check:web") or at another ("weight:web=55"), the least of all counts; the
 * kernel gets the wanted weight when none is left. Holds live in /run/lbctl,
 * beside the kernel's state.
 */
#define IPVSCTL_REASON_MAX 63

/*
 * Holds a server for a reason it may already be held for, perhaps at another
 * weight. Returns 0, -ENOENT, -EINVAL (a reason that is too long, or whose name
 * is empty or has characters other than letters, digits and "-_.:"), -ENOMEM.
 */
int ipvsctl_config_hold(struct ipvsctl_config *config,
			const struct ipvsctl_service *service,
			const struct ipvsctl_server *server, const char *reason,
			struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/*
 * Drops one reason, by its name, or all when reason is NULL. A removed server without
 * reasons is in the kernel again. Returns 0 or -ENOENT.
 */
int ipvsctl_config_release(struct ipvsctl_config *config,
			   const struct ipvsctl_service *service,
			   const struct ipvsctl_server *server,
			   const char *reason,
			   struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/*
 * Takes a server out of the kernel for the time being, for a reason like those
 * of holds: it stays in the service, with server->removed and server->held set.
 * It is written, changed, held and deleted as others are, and is out until its
 * last reason is dropped. Returns as ipvsctl_config_hold().
 */
int ipvsctl_config_remove_server(struct ipvsctl_config *config,
				 const struct ipvsctl_service *service,
				 const struct ipvsctl_server *server,
				 const char *reason,
				 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Whether two reasons have one name, whatever their weights. Each ends at a comma,
   too. */
bool ipvsctl_reason_is(const char *a, const char *b);
/* The weight that a reason leaves to a server: what stands behind its '=', or 0. */
uint32_t ipvsctl_reason_weight(const char *reason);
/* The reason after prev, as it was given, the first when prev is NULL; NULL at
   the end. */
const char *ipvsctl_config_next_reason(const struct ipvsctl_config *config,
				       const struct ipvsctl_service *service,
				       const struct ipvsctl_server *server,
				       const char *prev);

/*
 * Deletes all services with their servers. Their holds are set aside, those of
 * removed servers too: when a ruleset brings a server back, before the next
 * boot, it is held again for the same reasons. Returns 0 or -ENOMEM.
 */
int ipvsctl_config_flush_services(struct ipvsctl_config *config)
	IPVSCTL_MUST_CHECK;
/* How many servers that are not there such holds wait for. */
size_t ipvsctl_config_count_waiting(const struct ipvsctl_config *config);

/* Mark rules, in the order in which they are tried. */
const struct ipvsctl_mark *ipvsctl_config_next_mark(
	const struct ipvsctl_config *config, const struct ipvsctl_mark *prev);
/* The first rule with ipvsctl_mark_same_match(), or NULL. */
const struct ipvsctl_mark *ipvsctl_config_find_mark(
	const struct ipvsctl_config *config, const struct ipvsctl_mark *rule);
/* Adds behind the rules of its priority. Returns 0, -EEXIST, -ENOMEM. */
int ipvsctl_config_add_mark(struct ipvsctl_config *config,
			    const struct ipvsctl_mark *rule,
			    struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/*
 * Changes mark, mask, exclude and comment of the rule with the same match, in
 * its place. Of a rule of both families, a rule of one changes only that one,
 * which splits it. Returns 0, -ENOENT, -ENOMEM.
 */
int ipvsctl_config_change_mark(struct ipvsctl_config *config,
			       const struct ipvsctl_mark *rule,
			       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/*
 * Deletes the rule with the same match, mark and mask, of both families or of
 * one as with ipvsctl_config_change_mark(). Returns 0, -ENOENT, -ENOMEM.
 */
int ipvsctl_config_delete_mark(struct ipvsctl_config *config,
			       const struct ipvsctl_mark *rule,
			       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* The sync daemon of that role, or NULL. */
const struct ipvsctl_sync *ipvsctl_config_get_sync(
	const struct ipvsctl_config *config, enum ipvsctl_sync_role role);
/* Sets, replacing, the sync daemon of sync->role. */
void ipvsctl_config_set_sync(struct ipvsctl_config *config,
			     const struct ipvsctl_sync *sync);
/* Removes the sync daemon of that role; fine when there is none. */
void ipvsctl_config_remove_sync(struct ipvsctl_config *config,
				enum ipvsctl_sync_role role);

/* The timeouts, or NULL when the configuration does not say. */
const struct ipvsctl_timeouts *
ipvsctl_config_get_timeouts(const struct ipvsctl_config *config);
void ipvsctl_config_set_timeouts(struct ipvsctl_config *config,
				 const struct ipvsctl_timeouts *timeouts);

/* ---- Plans ---------------------------------------------------------------- */

enum ipvsctl_action {
	IPVSCTL_ADD,
	IPVSCTL_CHANGE,
	IPVSCTL_DELETE,
	IPVSCTL_ZERO, /* counters */
};

enum ipvsctl_object {
	IPVSCTL_OBJECT_SERVICE,
	IPVSCTL_OBJECT_SERVER,
	IPVSCTL_OBJECT_MARK,
	IPVSCTL_OBJECT_SYNC,
	IPVSCTL_OBJECT_TIMEOUTS,
};

struct ipvsctl_plan;
struct ipvsctl_step;

/*
 * The changes that lead from one configuration to the other, in an order
 * that adds before it takes away and leaves no pool empty on the way. Takes
 * time in proportion to the sizes. Returns 0 or -ENOMEM. The plan refers to
 * both configurations: they must stay as they are until it is freed.
 */
int ipvsctl_plan_compare(const struct ipvsctl_config *from,
			 const struct ipvsctl_config *to,
			 struct ipvsctl_plan **ret_plan,
			 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/*
 * Adds to a plan that the counters of the kinds given (IPVSCTL_SERVICES,
 * IPVSCTL_MARKS) be zeroed; of one service when that is not NULL. Returns 0
 * or -ENOMEM.
 */
int ipvsctl_plan_zero(struct ipvsctl_plan *plan, unsigned int kinds,
		      const struct ipvsctl_service *service) IPVSCTL_MUST_CHECK;
/*
 * Adds to a plan that all services be deleted, whatever they are then, with
 * their servers, and their holds be set aside: nobody need have loaded them. This is not undone,
 * so it is for a plan that begins with it. Returns 0 or -ENOMEM.
 */
int ipvsctl_plan_flush(struct ipvsctl_plan *plan) IPVSCTL_MUST_CHECK;
/* Frees a plan; NULL is fine. */
void ipvsctl_plan_free(struct ipvsctl_plan *plan);
/* How many steps the plan has; 0 means nothing has to change. */
size_t ipvsctl_plan_count(const struct ipvsctl_plan *plan);
/* The step after prev, the first when prev is NULL; NULL at the end. */
const struct ipvsctl_step *ipvsctl_plan_next(const struct ipvsctl_plan *plan,
					     const struct ipvsctl_step *prev);
enum ipvsctl_action ipvsctl_step_action(const struct ipvsctl_step *step);
enum ipvsctl_object ipvsctl_step_object(const struct ipvsctl_step *step);
/*
 * The step as a ruleset line without its sign: "svc add tcp:192.0.2.1:80
 * --scheduler wlc". Returns 0 or -ENOMEM; free *ret_line.
 */
int ipvsctl_step_format(const struct ipvsctl_step *step,
			char **ret_line) IPVSCTL_MUST_CHECK;

/* Ruleset lines of single objects; each returns 0 or -ENOMEM; free *ret. */
int ipvsctl_service_line(const struct ipvsctl_service *service,
			 char **ret_line) IPVSCTL_MUST_CHECK;
int ipvsctl_server_line(const struct ipvsctl_service *service,
			const struct ipvsctl_server *server,
			char **ret_line) IPVSCTL_MUST_CHECK;
int ipvsctl_mark_line(const struct ipvsctl_mark *rule,
		      char **ret_line) IPVSCTL_MUST_CHECK;
int ipvsctl_sync_line(const struct ipvsctl_sync *sync,
		      char **ret_line) IPVSCTL_MUST_CHECK;

/* ---- Rulesets --------------------------------------------------------------- */

struct ipvsctl_ruleset; /* one or more texts, each understood as a whole */

/* A ruleset of no text. Returns 0 or -ENOMEM. */
int ipvsctl_ruleset_new(struct ipvsctl_ruleset **ret_ruleset) IPVSCTL_MUST_CHECK;
/* Frees a ruleset; NULL is fine. */
void ipvsctl_ruleset_free(struct ipvsctl_ruleset *ruleset);

/*
 * Adds a text, as if its lines followed those of the texts before, and checks
 * all in it that can be known without the kernel. The text is length bytes and
 * a NUL, and has to stay as it is until the ruleset is freed; name is what
 * failures call it. By its content it is taken for one of:
 *   a ruleset           "svc add tcp:192.0.2.1:80 --scheduler rr": see
 *                       lbctl-ruleset(5)
 *   JSON                what ipvsctl_ruleset_format() writes
 *   ipvsadm's language  what "ipvsadm -S" writes and "ipvsadm -R" reads
 *   iptables-save       the mangle table's PREROUTING, INPUT and OUTPUT
 *                       chains, as mark rules that give the same marks
 * Returns 0; -EINVAL, with file and line; -ENOMEM. After a failure the ruleset
 * can only be freed.
 */
int ipvsctl_ruleset_add(struct ipvsctl_ruleset *ruleset, const char *name,
			const char *text, size_t length,
			struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

enum ipvsctl_language {
	IPVSCTL_LANGUAGE_ANY, /* what the content looks like */
	IPVSCTL_LANGUAGE_IPVSADM,
};
/*
 * Has the texts that are added from now on taken for that language. One of
 * ipvsadm's may then end without a newline, as ipvsadm takes it.
 */
void ipvsctl_ruleset_read_as(struct ipvsctl_ruleset *ruleset,
			     enum ipvsctl_language language);

/*
 * Numbers of names, which only ipvsadm's language has: "ipvsadm -S" without -n
 * writes them. Each function returns 0 or a negative code, and may be NULL.
 */
struct ipvsctl_names {
	/* The one address of that family. */
	int (*address)(const char *name, uint16_t family,
		       struct ipvsctl_address *ret_address, void *data);
	int (*port)(const char *name, uint16_t protocol, uint16_t *ret_port,
		    void *data);
	void *data;
};
/*
 * Has names looked up; without, they are refused. names must live as long as
 * the ruleset.
 */
void ipvsctl_ruleset_use_names(struct ipvsctl_ruleset *ruleset,
			       const struct ipvsctl_names *names);

/* Gets a rule that ipvsctl_ruleset_add() passed over, and why. */
typedef void (*ipvsctl_skipped_fn)(const char *name, unsigned int line,
				   const char *rule, const char *why,
				   void *data);
/*
 * Has fn called for each iptables rule that is not imported since it neither
 * sets a mark nor keeps packets from being marked.
 */
void ipvsctl_ruleset_on_skipped(struct ipvsctl_ruleset *ruleset,
				ipvsctl_skipped_fn fn, void *data);

/* Gets a line of ipvsadm's language that adds a service or server that a line
   before it has added. */
typedef void (*ipvsctl_repeated_fn)(const char *name, unsigned int line,
				    enum ipvsctl_object object, void *data);
/*
 * Has such lines passed over, as ipvsadm does, and fn called for each. Without,
 * and in other languages, they are an error.
 */
void ipvsctl_ruleset_on_repeated(struct ipvsctl_ruleset *ruleset,
				 ipvsctl_repeated_fn fn, void *data);

/* What the texts are about: enum ipvsctl_kind, to be loaded. */
unsigned int ipvsctl_ruleset_kinds(const struct ipvsctl_ruleset *ruleset);

/*
 * The state that running the lines in order leaves where from is what stands,
 * loaded with ipvsctl_ruleset_kinds() at least. Lines say what is to be true:
 * adding what stands makes it just as given, deleting what does not stand is
 * fine. Servers that from holds are held in the result. No text can be added
 * any more.
 * Returns 0; -ENOENT, with file and line, for a change of what does not stand;
 * -EINVAL for one that does not go with what stands; -ENOMEM.
 */
int ipvsctl_ruleset_run(struct ipvsctl_ruleset *ruleset,
			const struct ipvsctl_config *from,
			struct ipvsctl_config **ret_to,
			struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

enum ipvsctl_format {
	IPVSCTL_FORMAT_RULESET,
	IPVSCTL_FORMAT_JSON,
};

/*
 * Writes those kinds of config as a text that ipvsctl_ruleset_add() reads and
 * that means all there is of them: numeric, with the wanted weights of held
 * servers, and, if config is sorted, the same for the same state. Returns 0,
 * -ENOMEM, -EINVAL for a format that is none or that cannot have a text of
 * config: JSON has only UTF-8. Free *ret_text.
 */
int ipvsctl_ruleset_format(const struct ipvsctl_config *config,
			   unsigned int kinds, enum ipvsctl_format format,
			   char **ret_text) IPVSCTL_MUST_CHECK;

/* ---- The kernel ------------------------------------------------------------ */

struct ipvsctl; /* a connection to one network namespace */

/*
 * Opens the network namespace that /run/netns/NAME names; with a slash in it
 * netns is a path, such as /proc/PID/ns/net. Nothing else is opened: neither a
 * device nor a FIFO. Returns 0, -ENOENT (there is none), -EINVAL (another kind
 * of file), -EPERM, -ENOMEM; close *ret_fd.
 */
int ipvsctl_open_netns(const char *netns, int *ret_fd,
		       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Prepares to work in the namespace that ipvsctl_open_netns() opens, or in the
 * caller's when netns is NULL. Talks to the kernel only when a later call
 * has to. Returns 0, -ENOENT (no such namespace), -EINVAL, -EPERM, -ENOMEM.
 */
int ipvsctl_open(struct ipvsctl **ret_ctx, const char *netns,
		 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Closes and frees; NULL is fine. Drops the lock if held. */
void ipvsctl_close(struct ipvsctl *ctx);

struct ipvsctl_info {
	uint32_t version; /* 0x010201: 1.2.1 */
	uint32_t connection_table_size;
};

/* What the kernel's IPVS says of itself. */
int ipvsctl_info(struct ipvsctl *ctx, struct ipvsctl_info *ret_info,
		 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Takes the lock that all writers of this family take (/run/lbctl/lock),
 * waiting timeout_ms at most. Take it before the load that decides what to
 * write. Returns 0, -EBUSY, -EPERM, -ENOMEM, -EIO.
 */
int ipvsctl_lock(struct ipvsctl *ctx, unsigned int timeout_ms,
		 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
void ipvsctl_unlock(struct ipvsctl *ctx);

/*
 * Reads the kinds given (enum ipvsctl_kind), sorted. IPVSCTL_COUNTERS and
 * IPVSCTL_UNSORTED go with IPVSCTL_SERVICES: without the one the counters of
 * services and servers read as 0, and many IPv4 services are read several times
 * as fast; with the other they keep the kernel's order. The counts of
 * connections and the counters of mark rules are always read.
 *
 * With service not NULL, of services only that one, and a missing one is not
 * an error: the result then has no services. IPVS dumps are not snapshots and
 * do not say so (seen on 6.1, 7.2): repeated entries are dropped, and what did
 * not fit one message is read again until two readings agree. Returns 0,
 * -EPERM, -EOPNOTSUPP, -EAGAIN, -ETIMEDOUT, -ENOMEM, -EIO.
 */
int ipvsctl_load(struct ipvsctl *ctx, unsigned int kinds,
		 const struct ipvsctl_service *service,
		 struct ipvsctl_config **ret_config,
		 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Makes the configuration from which a plan of a single step begins, without
 * reading the kernel: it has the service, or none if that is NULL, and in it the
 * server, if that is not NULL. ipvsctl_apply() fails where the kernel has
 * something else, and has then changed nothing. Returns 0; 1 where a server of
 * the network namespace is held, so that ipvsctl_load() must be called; or a
 * negative errno as that.
 */
int ipvsctl_assume(struct ipvsctl *ctx, const struct ipvsctl_service *service,
		   const struct ipvsctl_server *server,
		   struct ipvsctl_config **ret_config,
		   struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Gives the mark rules of config the form in which they will load once they
 * have been applied: further matches as iptables says them, or as the
 * attributes that they amount to; exempt_own with its default where no reply
 * could match; rules that differ in nothing but the family as one for both,
 * and one whose words mean something else to each family as two; and, on a
 * host without IPv6, rules of IPv4 without addresses as for both. A rule that
 * one before it hides is left out if that one does the same. Counters of rules
 * become 0.
 *
 * Settle what is to be compared with what ipvsctl_load() has read, or sought
 * in it: else equal rules pass for different ones. Nothing is written, and no
 * rules of the kernel's are read; where no rule can have another form nothing
 * is done at all.
 *
 * Returns 0, and pointers to rules of config are no longer valid; -EINVAL,
 * naming the rule, for words that iptables does not take or that grow too long
 * in its spelling, and for a rule hidden by one that does something else;
 * -EOPNOTSUPP, also for a rule for IPv6 on a host without; -EPERM, -ETIMEDOUT,
 * -ENOMEM, -EIO. A failure leaves config as it was.
 */
int ipvsctl_settle(struct ipvsctl *ctx, struct ipvsctl_config *config,
		   struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* What an apply left behind. */
struct ipvsctl_outcome {
	size_t done;	 /* steps that stand */
	size_t undone;	 /* steps done, then taken back after a failure */
	size_t standing; /* after a failure: steps that could not be undone */
};

/*
 * Carries out a plan. When the kernel refuses a step, the steps already done
 * are undone in reverse; ret_outcome, which may be NULL, is written either
 * way and tells what stands. Returns 0 or the code of the refusal.
 */
int ipvsctl_apply(struct ipvsctl *ctx, const struct ipvsctl_plan *plan,
		  struct ipvsctl_outcome *ret_outcome,
		  struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* Hears how many steps of how many an apply has done. */
typedef void (*ipvsctl_progress_fn)(size_t done, size_t count, void *data);
/* Has fn called now and then while a long plan is carried out; NULL: no more. */
void ipvsctl_on_progress(struct ipvsctl *ctx, ipvsctl_progress_fn fn,
			 void *data);

/*
 * Hears why the holds cannot be saved, and answers whether a plan is carried
 * out all the same. The weights of servers that it drains are then known to
 * nobody but the caller.
 */
typedef bool (*ipvsctl_unsaved_fn)(const struct ipvsctl_error *why, void *data);
/* Has fn asked by ipvsctl_apply(); NULL: such a plan is refused, as at first. */
void ipvsctl_on_unsaved(struct ipvsctl *ctx, ipvsctl_unsaved_fn fn, void *data);

/*
 * Reads one of IPVS's sysctls, net.ipv4.vs.NAME, of ctx's network namespace:
 * "expire_nodest_conn". Only those that are numbers of 0 and above. Returns 0,
 * -EOPNOTSUPP (IPVS is not loaded, or has no such one), -EINVAL, -EPERM, -EIO.
 */
int ipvsctl_sysctl_read(struct ipvsctl *ctx, const char *name,
			uint32_t *ret_value,
			struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Writes it. Returns as ipvsctl_sysctl_read(); -EINVAL is -EIO here. */
int ipvsctl_sysctl_write(struct ipvsctl *ctx, const char *name, uint32_t value,
			 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* One entry of the connection table. */
struct ipvsctl_connection {
	uint16_t protocol;
	uint16_t client_port;
	uint16_t service_port;
	uint16_t server_port;
	struct ipvsctl_address client;
	struct ipvsctl_address service; /* the VIP */
	struct ipvsctl_address server;
	char state[16];
	uint32_t expires_seconds;
	char persistence_engine[IPVSCTL_PE_MAX + 1];
	char persistence_data[64];
};

/* Return 0 to go on; anything else ends the walk and is returned by it. */
typedef int (*ipvsctl_connection_fn)(const struct ipvsctl_connection *connection,
				     void *data);

/*
 * Calls fn for each entry of the kernel's connection table, in its order.
 * Returns 0, what fn returned, -EOPNOTSUPP, -EPERM, -EIO.
 */
int ipvsctl_each_connection(struct ipvsctl *ctx, ipvsctl_connection_fn fn,
			    void *data,
			    struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Chooses what carries mark rules: "auto" (the default) or "iptables".
 * Returns 0, or -EINVAL for a name that is not one of these.
 */
int ipvsctl_use_mark_backend(struct ipvsctl *ctx, const char *name,
			     struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* Gets one rule of the mangle table that is not ours, in iptables' words. */
typedef int (*ipvsctl_foreign_rule_fn)(uint16_t family, const char *rule,
				       void *data);

/*
 * Calls fn for each mangle rule that some other program made, IPv4 first.
 * Returns 0, what fn returned, -EOPNOTSUPP, -EPERM, -EIO.
 */
int ipvsctl_each_foreign_rule(struct ipvsctl *ctx, ipvsctl_foreign_rule_fn fn,
			      void *data,
			      struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* ---- Text values ----------------------------------------------------------- */

/* A number's name, for messages, and its bounds. */
struct ipvsctl_range {
	const char *what; /* "weight" */
	uint32_t min;
	uint32_t max;
};

/*
 * Reads a whole decimal or 0x number in range: no sign, no blanks, no octal.
 * Returns 0 or -EINVAL.
 */
int ipvsctl_number_parse(const char *text, const struct ipvsctl_range *range,
			 uint32_t *ret_number,
			 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Lines of words, as a shell would read them and rulesets have them: parted by
 * blanks, 'quoted' or "quoted", with a backslash before any character, # up to
 * the end of the line, and lines joined by a backslash at the end.
 */
struct ipvsctl_words;

/*
 * Starts to read a NUL-terminated text, which has to stay as it is until the
 * words are freed. Returns 0 or -ENOMEM.
 */
int ipvsctl_words_new(struct ipvsctl_words **ret_words,
		      const char *text) IPVSCTL_MUST_CHECK;
/*
 * Reads the next line that has words: *ret_words are *ret_count of them, which
 * last until the next call; *ret_line is its number, from 1, also on failure.
 * Returns 1; 0 at the end; -EINVAL for a quote that is not closed and the
 * like; -ENOMEM.
 */
int ipvsctl_words_next(struct ipvsctl_words *words,
		       const char *const **ret_words, size_t *ret_count,
		       unsigned int *ret_line,
		       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Frees; NULL is fine. */
void ipvsctl_words_free(struct ipvsctl_words *words);

/* The library's version, "0.1.0". */
const char *ipvsctl_version(void);

#ifdef __cplusplus
}
#endif

#endif
