/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * libipvsctl: Linux load balancing (IPVS services and servers, mark rules,
 * VIPs, sync daemons) as plain data, and the calls that exchange it with the kernel.
 *
 * Shape: a *configuration* is memory. ipvsctl_load() reads one from the
 * kernel. The caller copies and edits it. ipvsctl_plan_compare() turns the
 * difference into a *plan*. ipvsctl_apply() carries the plan out: it and
 * ipvsctl_sysctl_write() are the only calls that write. An *edit* does all that
 * for a *ruleset*, which can be one command line: see ipvsctl_edit_begin().
 *
 * Ownership: the caller frees what a ret_ parameter returns. What a next, find
 * or get function returns belongs to its container and is valid until the
 * container changes. Add and change functions copy what they are given, and its
 * texts.
 *
 * Errors: a function that can fail returns 0 or a negative errno, writes its
 * ret_ parameters only on success, and describes a failure in *err, which may
 * be NULL. The codes are part of the interface:
 *   -EINVAL      the input is wrong
 *   -ENOENT      no such service, server, mark rule, VIP, sync daemon or
 *                namespace
 *   -EEXIST      the object already exists
 *   -EPERM       CAP_NET_ADMIN (for marks also CAP_NET_RAW) is missing
 *   -EOPNOTSUPP  this kernel or host lacks what is needed
 *   -EBUSY       another program holds the lock
 *   -EAGAIN      the kernel's state kept changing while it was read
 *   -ETIMEDOUT   the kernel did not answer
 *   -ENOMEM      out of memory
 *   -EIO         anything else; the message has the reason
 *
 * Byte order: ports, marks and numbers are in host order, the bytes of an
 * address in network order. Times are seconds unless the name says otherwise.
 *
 * Growth: structs that callers make and that can get more fields have reserved
 * room, which must be 0, as the functions that fill a struct in leave it. A new
 * field takes some of it, and 0 is its default, so that programs that were built
 * before need not be built again. Numbers in structs have fixed widths, since
 * the size of an enum is the compiler's choice.
 *
 * Only one thread at a time can use a struct ipvsctl; there is no global state.
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

/* A failure. The caller provides it; the call that fails fills it. */
struct ipvsctl_error {
	int code;	   /* negative errno; 0 while unset */
	int kernel_errno;  /* errno of the kernel's refusal; 0: none */
	char file[128];	   /* name of the ruleset's text; "": none */
	unsigned int line; /* in that text, from 1; 0: none */
	char subject[128]; /* the object: "tcp:192.0.2.1:80"; may be "" */
	char message[256]; /* the fault: "no such service" */
	char hint[256];	   /* a command that helps, or "" */
	uint64_t reserved[4];
};

/* ---- Addresses --------------------------------------------------------- */

/* An IPv4 or IPv6 address. */
struct ipvsctl_address {
	uint16_t family;   /* AF_INET or AF_INET6; AF_UNSPEC: none */
	uint8_t bytes[16]; /* network order; IPv4 uses the first four */
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

/* Compares by family, then by bytes. Returns <0, 0 or >0. */
int ipvsctl_address_compare(const struct ipvsctl_address *a,
			    const struct ipvsctl_address *b);

/* ---- Counters ---------------------------------------------------------- */

/* The kernel's 64-bit totals, and its estimates per second. */
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

/* ---- Attributes: one table for options, rulesets and help -------------- */

/*
 * One property of an object that can be set. Its name is the same on a command
 * line ("--NAME VALUE") and in a ruleset. A table ends with a NULL name.
 */
struct ipvsctl_attribute {
	const char *name;    /* "scheduler" */
	const char *value;   /* placeholder, "NAME"; NULL: a flag; "=NAME": a
				value that can be left out, only behind "=" */
	const char *summary; /* one line for --help */
	const void *reserved;
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

/* A virtual service. The fields that identify it come first. */
struct ipvsctl_service {
	/* The VIP. For a firewall mark only the family counts; bytes are 0. */
	struct ipvsctl_address address;
	uint16_t protocol; /* IPPROTO_TCP, _UDP, _SCTP; 0 for a mark */
	uint16_t port;
	uint32_t fwmark; /* if not 0, it and the family identify the service */

	char scheduler[IPVSCTL_SCHEDULER_MAX + 1];
	char persistence_engine[IPVSCTL_PE_MAX + 1]; /* "": none */
	uint32_t flags;		      /* enum ipvsctl_service_flag */
	uint32_t persistence_seconds; /* 0: not persistent */
	uint32_t netmask; /* of persistence. IPv4: the mask in host order,
			     IPv6: the prefix length */
	bool unchecked;	  /* skip checks that the kernel does not make */

	struct ipvsctl_counters counters; /* as loaded; ignored when written */
	uint64_t reserved[4];
};

/*
 * Reads "tcp:192.0.2.1:443", "udp:[2001:db8::1]:53", "fwmark:7" or
 * "fwmark:7/inet6" and fills in a service with default attributes (scheduler
 * wlc). Returns 0 or -EINVAL.
 */
int ipvsctl_service_parse(const char *text, struct ipvsctl_service *ret_service,
			  struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* Writes the identity as ipvsctl_service_parse() reads it. Returns text. */
const char *ipvsctl_service_format(const struct ipvsctl_service *service,
				   char text[IPVSCTL_IDENTITY_TEXT]);

/*
 * Compares identities. Address services come first, by family, protocol,
 * address and port; firewall marks follow, by family and number.
 */
int ipvsctl_service_compare(const struct ipvsctl_service *a,
			    const struct ipvsctl_service *b);

/* Returns the attributes that ipvsctl_service_set() knows. */
const struct ipvsctl_attribute *ipvsctl_service_attributes(void);

/*
 * Sets one attribute from text; value is NULL for a flag. The order does not
 * matter, but "unchecked" must come first. ipvsctl_service_check() checks
 * combinations. Returns 0 or -EINVAL.
 */
int ipvsctl_service_set(struct ipvsctl_service *service, const char *name,
			const char *value,
			struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Checks the service, also for what the kernel does not check (seen on 6.1,
 * 7.2): protocol, port 0 without persistence, one-packet on TCP or SCTP, flags
 * for a scheduler that has none, netmask, a VIP that is not unicast. Returns 0
 * or -EINVAL.
 */
int ipvsctl_service_check(const struct ipvsctl_service *service,
			  struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* Returns "tcp", "udp", "sctp", or "fwmark" for 0; "?" for any other. */
const char *ipvsctl_protocol_name(unsigned int protocol);

/*
 * Writes the scheduler flags as a ruleset spells them ("sh-port,sh-fallback"),
 * or "" if none is set; at most 64 bytes. Returns text.
 */
const char *ipvsctl_scheduler_flags_format(const struct ipvsctl_service *service,
					   char text[64]);

/* Writes the persistence netmask: a prefix length ("24"), or "255.0.255.0" if
   the mask has gaps. Returns text. */
const char *ipvsctl_netmask_format(const struct ipvsctl_service *service,
				   char text[IPVSCTL_ADDRESS_TEXT]);

/* ---- Servers ----------------------------------------------------------- */

enum ipvsctl_forward {
	IPVSCTL_FORWARD_NAT = 0,
	IPVSCTL_FORWARD_LOCAL = 1, /* can be set only with "unchecked" */
	IPVSCTL_FORWARD_TUN = 2,
	IPVSCTL_FORWARD_DR = 3,
	IPVSCTL_FORWARD_BYPASS = 4, /* can be set only with "unchecked" */
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

/* A server of a service. The fields that identify it come first. */
struct ipvsctl_server {
	struct ipvsctl_address address;
	uint16_t port;

	uint16_t forward; /* enum ipvsctl_forward */
	uint32_t weight;  /* the wanted weight; not the kernel's if held */
	bool held;	  /* see ipvsctl_config_hold() */
	bool unchecked;	  /* skip checks that the kernel does not make */
	uint8_t tunnel;	  /* enum ipvsctl_tunnel */
	bool removed;	  /* see ipvsctl_config_remove_server() */
	uint16_t tunnel_port;
	uint16_t tunnel_checksum; /* enum ipvsctl_tunnel_checksum */
	uint32_t upper_threshold; /* connections; 0: no limit */
	uint32_t lower_threshold;
	uint32_t held_weight; /* the hold's weight; ignored when written */

	uint32_t active_connections; /* as loaded; ignored when written */
	uint32_t inactive_connections;
	uint32_t persistent_connections;
	struct ipvsctl_counters counters;
	uint64_t reserved[2];
};

/*
 * Reads "10.0.0.1", "10.0.0.1:8080", "2001:db8::1" or "[2001:db8::1]:80" and
 * fills in a server with default attributes (direct routing, weight 1). The
 * default port is the service's, or 0 for a firewall mark. Returns 0 or
 * -EINVAL.
 */
int ipvsctl_server_parse(const char *text,
			 const struct ipvsctl_service *service,
			 struct ipvsctl_server *ret_server,
			 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* Writes "10.0.0.1:8080" or "[2001:db8::1]:80"; if the port is 0, as that of a
   server behind a mark can be, only the address. Returns text. */
const char *ipvsctl_server_format(const struct ipvsctl_server *server,
				  char text[IPVSCTL_IDENTITY_TEXT]);

/* Compares identities by family, address and port. */
int ipvsctl_server_compare(const struct ipvsctl_server *a,
			   const struct ipvsctl_server *b);

/* Returns the attributes that ipvsctl_server_set() knows. */
const struct ipvsctl_attribute *ipvsctl_server_attributes(void);

/* Sets one attribute of a server; see ipvsctl_service_set(). */
int ipvsctl_server_set(struct ipvsctl_server *server, const char *name,
		       const char *value,
		       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Checks the server under this service. Checks first what the kernel does not
 * check (seen on 6.1, 7.2): a port that direct routing or a tunnel cannot
 * rewrite, tunnel options without a tunnel, unknown forwarding and tunnel
 * types; then, for a clear message, what the kernel does check: address
 * families, unicast addresses, thresholds. Returns 0 or -EINVAL.
 */
int ipvsctl_server_check(const struct ipvsctl_service *service,
			 const struct ipvsctl_server *server,
			 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* Returns the weight for the kernel: the hold's if the server is held and its
   wanted weight is not 0, otherwise the wanted weight. */
uint32_t ipvsctl_server_effective_weight(const struct ipvsctl_server *server);

/* Returns "nat", "local", "tun", "dr" or "bypass"; "?" for any other. */
const char *ipvsctl_forward_name(enum ipvsctl_forward forward);
/* Returns "ipip", "gue" or "gre"; "?" for any other. */
const char *ipvsctl_tunnel_name(enum ipvsctl_tunnel tunnel);
/* Returns "none", "full" or "remote"; "?" for any other. */
const char *ipvsctl_tunnel_checksum_name(enum ipvsctl_tunnel_checksum checksum);

/* ---- Mark rules -------------------------------------------------------- */

struct ipvsctl_address_range {
	struct ipvsctl_address first;
	struct ipvsctl_address last;
};

/* Addresses of one family: ranges in their order, which do not overlap. */
struct ipvsctl_addresses {
	const struct ipvsctl_address_range *ranges;
	uint16_t count; /* 0: any address, and ranges is not looked at */
	bool negated;	/* all others; not with count 0 */
};

#define IPVSCTL_ADDRESSES_MAX 64
/* Room for a list of addresses as text, with its NUL. */
#define IPVSCTL_ADDRESSES_TEXT 5952

/* A multiport match has room for 15 numbers; a range takes two. */
#define IPVSCTL_PORT_SLOTS 15

struct ipvsctl_port_range {
	uint16_t first;
	uint16_t last;
};

struct ipvsctl_ports {
	uint16_t count; /* 0: any port */
	bool negated;	/* all others; not with count 0 */
	struct ipvsctl_port_range ranges[IPVSCTL_PORT_SLOTS];
};

/*
 * What keeps a rule from matching replies to this host's own conversations: a
 * look-up of their socket, which sees TCP and connected UDP, or connection
 * tracking, which sees all and costs time on every packet of the namespace.
 */
enum ipvsctl_exemption {
	IPVSCTL_EXEMPT_NONE = 0,
	IPVSCTL_EXEMPT_SOCKET = 1,
	IPVSCTL_EXEMPT_CONNTRACK = 2,
};

/* What carries mark rules in the kernel. */
enum ipvsctl_backend {
	IPVSCTL_BACKEND_AUTO = 0, /* as ipvsctl_use_mark_backend() says */
	IPVSCTL_BACKEND_IPTABLES = 1,
	IPVSCTL_BACKEND_NFT = 2,
};

/* Where an address belongs. */
enum ipvsctl_address_type {
	IPVSCTL_ADDRESS_ANY = 0,
	IPVSCTL_ADDRESS_LOCAL = 1, /* an address of this host */
};

/* The state of a packet's connection. */
enum ipvsctl_state {
	IPVSCTL_STATE_ANY = 0,
	IPVSCTL_STATE_NEW = 1,
};

/* The fields that match everything but their value; see ipvsctl_mark. */
enum ipvsctl_negated {
	IPVSCTL_NOT_PROTOCOL = 1,
	IPVSCTL_NOT_IN_INTERFACE = 2,
	IPVSCTL_NOT_SOURCE_TYPE = 4,
	IPVSCTL_NOT_DESTINATION_TYPE = 8,
	IPVSCTL_NOT_MAC = 16,
	IPVSCTL_NOT_DSCP = 32,
	IPVSCTL_NOT_STATE = 64,
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
 * A rule that sets a mark, or exempts packets from it. The kernel tries rules
 * by priority, then in the order of adding; the first that matches decides.
 *
 * comment and extra are NULL in a rule that has none. Texts and ranges of
 * addresses that ipvsctl_mark_set() stores belong to the rule, and
 * ipvsctl_mark_clear() frees them. A copy by assignment only borrows them: it is
 * valid until those of the rule are set or cleared, and its own must not be. The
 * caller can also let comment, extra and ranges point to memory of its own;
 * these functions must not set or clear them then.
 */
struct ipvsctl_mark {
	uint32_t mark;	     /* the mark to set; unused if exclude is set */
	uint32_t mask;	     /* the bits to set; 0xffffffff: all */
	bool exclude;	     /* leave the packet's mark alone */
	uint16_t exempt_own; /* enum ipvsctl_exemption */
	uint16_t priority;   /* lower comes first */
	uint16_t family;     /* AF_INET, AF_INET6; AF_UNSPEC: both */
	uint16_t hook;	     /* enum ipvsctl_hook */
	uint16_t protocol;   /* IP protocol number; 0: any */
	uint16_t negated;    /* bits of enum ipvsctl_negated */
	uint8_t source_type; /* enum ipvsctl_address_type */
	uint8_t destination_type;
	struct ipvsctl_addresses source;
	struct ipvsctl_addresses destination;
	struct ipvsctl_ports source_ports;
	struct ipvsctl_ports destination_ports;
	char in_interface[IPVSCTL_INTERFACE_MAX + 1]; /* "eth0", "eth+" */
	uint8_t state;				      /* enum ipvsctl_state */
	bool has_dscp;
	uint8_t dscp; /* 0 to 63 */
	bool has_mac;
	uint8_t mac[6];	     /* the sender's, on the last link */
	const char *comment; /* up to IPVSCTL_COMMENT_MAX bytes */
	const char *extra;   /* further matches in iptables' words, "-m length
				 ...", up to IPVSCTL_EXTRA_MAX bytes */
	uint64_t packets;    /* as loaded; ignored when written */
	uint64_t bytes;
	/* Packets with this mark leave with another source, an address of this
	   host. All rules of a mark say the same. */
	bool snat;
	struct ipvsctl_address snat_address; /* AF_UNSPEC: the interface's */
	uint64_t reserved[1];
};

/*
 * Starts a rule that matches all: default priority, mark 1, all bits, no texts;
 * exempt_own is IPVSCTL_EXEMPT_SOCKET, or NONE with exclude.
 * Frees nothing: what the rule owned before must be cleared first.
 */
void ipvsctl_mark_init(struct ipvsctl_mark *rule, bool exclude);
/*
 * Frees the texts and ranges that a rule owns, and sets them to NULL. The rule
 * need not have any, and can be NULL.
 */
void ipvsctl_mark_clear(struct ipvsctl_mark *rule);

/* Reads a mark, 1 to 0xffffffff, decimal or 0x. Returns 0 or -EINVAL. */
int ipvsctl_mark_parse(const char *text, uint32_t *ret_mark,
		       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* Returns the attributes that ipvsctl_mark_set() knows. */
const struct ipvsctl_attribute *ipvsctl_mark_attributes(void);

/*
 * Sets one attribute of a mark rule; see ipvsctl_service_set(). "comment",
 * "extra", "src" and "dst" free what the rule had, and store a copy of value; ""
 * is no text, and "any" no addresses. Returns 0, -EINVAL, -ENOMEM; a failure
 * changes nothing.
 */
int ipvsctl_mark_set(struct ipvsctl_mark *rule, const char *name,
		     const char *value,
		     struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Sets the further matches, "extra", from words of iptables' grammar ("-m",
 * "length"): those after "--" on a command line or in a ruleset. Without words
 * changes nothing. Returns 0; -EINVAL, also if "extra" is set already; -ENOMEM.
 */
int ipvsctl_mark_set_words(struct ipvsctl_mark *rule, const char *const *words,
			   size_t count,
			   struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Checks the whole rule: families agree, ports have a protocol that has ports,
 * the mark fits the mask, which is whole with snat, no text is too long, no
 * condition is one that no packet can fulfil. On success sets rule->family where
 * an address or the protocol implies it, sorts the lists and joins items that overlap, those of
 * addresses in their memory, and forgets lists of all addresses of a family or
 * all ports. Returns 0 or -EINVAL.
 */
int ipvsctl_mark_check(struct ipvsctl_mark *rule,
		       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* Tells whether two rules match the same packets at the same place in the
   order; the mark that they set, comments and counters do not count. */
bool ipvsctl_mark_same_match(const struct ipvsctl_mark *a,
			     const struct ipvsctl_mark *b);

/* Returns "prerouting", "input" or "output"; "?" for any other. */
const char *ipvsctl_hook_name(enum ipvsctl_hook hook);
/* Returns "auto", "iptables" or "nft"; "?" for any other. */
const char *ipvsctl_backend_name(enum ipvsctl_backend backend);
/* Returns "none", "socket" or "conntrack"; "?" for any other. */
const char *ipvsctl_exemption_name(enum ipvsctl_exemption exemption);

/* Writes addresses as "192.0.2.1,10.0.0.0/8,192.0.2.5-192.0.2.9", "!ADDRESS",
   or "" for any. Returns text. */
const char *ipvsctl_addresses_format(const struct ipvsctl_addresses *addresses,
				     char text[IPVSCTL_ADDRESSES_TEXT]);
/* Writes the ports as "80,443,8000:8100", "!80", or "" for any. Returns text. */
const char *ipvsctl_ports_format(const struct ipvsctl_ports *ports,
				 char text[128]);

/* ---- VIPs -------------------------------------------------------------- */

enum ipvsctl_vip_flag {
	/* The address is silent: on the loopback interface of a real server, or on
	   the device of its tunnel. */
	IPVSCTL_VIP_REAL_SERVER = 1 << 0,
	/* No address: a route makes this host take the packets as its own. */
	IPVSCTL_VIP_LOCAL_ROUTE = 1 << 1,
	/* Do not ask first whether another host has the address. */
	IPVSCTL_VIP_NO_PROBE = 1 << 2,
};

/* How packets come to a real server: the tunnel that directors use. */
enum ipvsctl_vip_tunnel {
	IPVSCTL_VIP_NO_TUNNEL,
	IPVSCTL_VIP_IPIP,
	IPVSCTL_VIP_GUE, /* ipip inside UDP */
	IPVSCTL_VIP_GRE,
};

#define IPVSCTL_VIP_ANNOUNCEMENTS     3 /* unless told otherwise */
#define IPVSCTL_VIP_ANNOUNCEMENTS_MAX 60

#define IPVSCTL_WITHDRAWN_MAX 127 /* of all reasons */

/*
 * An address of services that this host holds: without a flag, a director's, on
 * an interface of its network. The fields that identify it come first; of a VIP
 * by a route also its prefix_length.
 */
struct ipvsctl_vip {
	struct ipvsctl_address address;
	uint32_t mark; /* only packets with it; 0: all. By a route only */
	uint8_t prefix_length; /* 0: that of the family's whole addresses */

	uint8_t announcements; /* how often it is announced; director only */
	uint16_t flags;	       /* enum ipvsctl_vip_flag */
	char interface[IPVSCTL_INTERFACE_MAX + 1];
	char label[IPVSCTL_INTERFACE_MAX + 1]; /* IPv4 only; "": none */
	bool adopted; /* as loaded: others added the address, and it stays when
			 the VIP is deleted; ignored when written */
	bool down;    /* as loaded: so is the interface; ignored when written */
	bool leaving; /* it stays only for servers that are leaving */
	/* Of a real server: */
	uint8_t tunnel;		 /* enum ipvsctl_vip_tunnel */
	uint8_t tunnel_checksum; /* enum ipvsctl_tunnel_checksum: NONE or, of
				    gre, FULL */
	uint16_t tunnel_port;	 /* of gue: the UDP port */
	uint16_t tunnel_family;	 /* of the packets around: AF_INET or AF_INET6;
				   0: the VIP's */
	/* Why the kernel does not have it for now: reasons with commas between
	   them, as ipvsctl_config_withdraw_vip() adds them; "": it has it. */
	char withdrawn[IPVSCTL_WITHDRAWN_MAX + 1];
	uint64_t reserved[3];
};

/*
 * Reads "192.0.2.10", "192.0.2.10/24" or "2001:db8::10/128" and fills in a VIP
 * with default attributes. Returns 0 or -EINVAL.
 */
int ipvsctl_vip_parse(const char *text, struct ipvsctl_vip *ret_vip,
		      struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Writes "192.0.2.10", or "192.0.2.10/24" for a prefix that is not the whole
   address. Returns text. */
const char *ipvsctl_vip_format(const struct ipvsctl_vip *vip,
			       char text[IPVSCTL_IDENTITY_TEXT]);
/* Compares identities: by family, address, mark, then VIPs by an address before
   those by a route, and these by prefix length. */
int ipvsctl_vip_compare(const struct ipvsctl_vip *a,
			const struct ipvsctl_vip *b);
/* Returns the attributes that ipvsctl_vip_set() knows. */
const struct ipvsctl_attribute *ipvsctl_vip_attributes(void);
/* Returns those that identify a VIP, beside its address: of lines that delete. */
const struct ipvsctl_attribute *ipvsctl_vip_name_attributes(void);
/* Returns "ipip", "gue", "gre", or "?". */
const char *ipvsctl_vip_tunnel_name(enum ipvsctl_vip_tunnel tunnel);
/* Sets one attribute of a VIP; see ipvsctl_service_set(). */
int ipvsctl_vip_set(struct ipvsctl_vip *vip, const char *name,
		    const char *value,
		    struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/*
 * Checks the whole VIP: a unicast address, an interface where one is needed,
 * attributes that fit the way in which it is held. On success sets the default
 * prefix length, interface, and family of the packets around those of a tunnel,
 * and announcements to 0 where there are none.
 * Returns 0 or -EINVAL.
 */
int ipvsctl_vip_check(struct ipvsctl_vip *vip,
		      struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* ---- Sync daemons and timeouts ----------------------------------------- */

enum ipvsctl_sync_role {
	IPVSCTL_SYNC_MASTER = 1, /* sends connection state */
	IPVSCTL_SYNC_BACKUP = 2, /* receives it */
};

/* A connection-sync daemon. There is at most one of each role. */
struct ipvsctl_sync {
	uint16_t role; /* enum ipvsctl_sync_role */
	char interface[IPVSCTL_INTERFACE_MAX + 1];
	uint32_t id;		      /* 0 to 255 */
	uint16_t max_length;	      /* bytes a message; 0: kernel's choice */
	struct ipvsctl_address group; /* AF_UNSPEC: kernel's choice */
	uint16_t port;		      /* 0: kernel's choice, 8848 */
	uint8_t ttl;		      /* 0: kernel's choice, 1 */
	uint64_t reserved[2];
};

/* Fills in a daemon of the role "master" or "backup". Returns 0 or -EINVAL. */
int ipvsctl_sync_parse(const char *role, struct ipvsctl_sync *ret_sync,
		       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
const char *ipvsctl_sync_role_name(enum ipvsctl_sync_role role);
/* Returns the attributes that ipvsctl_sync_set() knows. */
const struct ipvsctl_attribute *ipvsctl_sync_attributes(void);
/* Sets one attribute of a sync daemon; see ipvsctl_service_set(). */
int ipvsctl_sync_set(struct ipvsctl_sync *sync, const char *name,
		     const char *value,
		     struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Checks the whole sync daemon. Returns 0 or -EINVAL. */
int ipvsctl_sync_check(const struct ipvsctl_sync *sync,
		       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* The seconds for which the kernel remembers idle connections. */
struct ipvsctl_timeouts {
	uint32_t tcp;	  /* established */
	uint32_t tcp_fin; /* after a FIN */
	uint32_t udp;
	uint32_t reserved[5];
};

#define IPVSCTL_TIMEOUT_MAX 2678400 /* 31 days, as in ipvsadm */

/* ---- Configurations ---------------------------------------------------- */

/* The kinds of objects that a configuration has, or that a call concerns. */
enum ipvsctl_kind {
	IPVSCTL_SERVICES = 1 << 0, /* with their servers */
	IPVSCTL_MARKS = 1 << 1,
	IPVSCTL_SYNC = 1 << 2,
	IPVSCTL_TIMEOUTS = 1 << 3,
	IPVSCTL_VIPS = 1 << 4,
};

/* Flags of ipvsctl_load(), beside the kinds. */
enum ipvsctl_load_flag {
	IPVSCTL_COUNTERS = 1 << 16, /* load counters of services and servers */
	IPVSCTL_UNSORTED = 1 << 17, /* keep services in the kernel's order */
};

struct ipvsctl_config;

/*
 * The macros ipvsctl_for_each_...() are loops over a container that does not
 * change meanwhile; they declare the variable that is named last.
 */

/* Creates an empty configuration of no kind. Returns 0 or -ENOMEM. */
int ipvsctl_config_new(struct ipvsctl_config **ret_config,
		       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Frees a configuration; NULL is fine. */
void ipvsctl_config_free(struct ipvsctl_config *config);
/* Copies a configuration, to be edited. Returns 0 or -ENOMEM. */
int ipvsctl_config_copy(const struct ipvsctl_config *config,
			struct ipvsctl_config **ret_copy,
			struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Sorts services and servers by their compare functions. */
void ipvsctl_config_sort(struct ipvsctl_config *config);

/* Returns the service after prev (NULL: the first), or NULL at the end. */
const struct ipvsctl_service *
ipvsctl_config_next_service(const struct ipvsctl_config *config,
			    const struct ipvsctl_service *prev);
#define ipvsctl_for_each_service(config, service)                 \
	for (const struct ipvsctl_service *(service) =            \
		     ipvsctl_config_next_service((config), NULL); \
	     (service);                                           \
	     (service) = ipvsctl_config_next_service((config), (service)))
/* Returns the service with this identity, or NULL. */
const struct ipvsctl_service *
ipvsctl_config_find_service(const struct ipvsctl_config *config,
			    const struct ipvsctl_service *identity);
/* Adds a service. Returns 0, -EEXIST, -ENOMEM. */
int ipvsctl_config_add_service(struct ipvsctl_config *config,
			       const struct ipvsctl_service *service,
			       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Replaces the attributes of an existing service. Returns 0 or -ENOENT. */
int ipvsctl_config_change_service(struct ipvsctl_config *config,
				  const struct ipvsctl_service *service,
				  struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Deletes the service, its servers and their holds. Returns 0 or -ENOENT. */
int ipvsctl_config_delete_service(struct ipvsctl_config *config,
				  const struct ipvsctl_service *identity,
				  struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* The servers of a service in config; only service's identity counts. next
   returns the server after prev (NULL: the first), or NULL at the end. */
const struct ipvsctl_server *
ipvsctl_config_next_server(const struct ipvsctl_config *config,
			   const struct ipvsctl_service *service,
			   const struct ipvsctl_server *prev);
#define ipvsctl_for_each_server(config, service, server)                    \
	for (const struct ipvsctl_server *(server) =                        \
		     ipvsctl_config_next_server((config), (service), NULL); \
	     (server);                                                      \
	     (server) = ipvsctl_config_next_server((config), (service),     \
						   (server)))
const struct ipvsctl_server *
ipvsctl_config_find_server(const struct ipvsctl_config *config,
			   const struct ipvsctl_service *service,
			   const struct ipvsctl_server *identity);
size_t ipvsctl_config_count_servers(const struct ipvsctl_config *config,
				    const struct ipvsctl_service *service);
/* Adds a server. Returns 0, -ENOENT (no such service), -EEXIST, -ENOMEM. */
int ipvsctl_config_add_server(struct ipvsctl_config *config,
			      const struct ipvsctl_service *service,
			      const struct ipvsctl_server *server,
			      struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Replaces the attributes of a server, not its hold. Returns 0 or -ENOENT. */
int ipvsctl_config_change_server(struct ipvsctl_config *config,
				 const struct ipvsctl_service *service,
				 const struct ipvsctl_server *server,
				 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Deletes the server and its hold. Returns 0 or -ENOENT. */
int ipvsctl_config_delete_server(struct ipvsctl_config *config,
				 const struct ipvsctl_service *service,
				 const struct ipvsctl_server *identity,
				 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Holds. A server can be held for named reasons, each at weight 0 ("admin",
 * "check:web") or at another ("weight:web=55"). The least of these weights
 * counts. Without a hold the kernel gets the wanted weight. Holds are kept in
 * /run/lbctl, beside the kernel's state.
 */
#define IPVSCTL_REASON_MAX 63

/*
 * Holds a server for a reason; a reason that it has gets the new weight.
 * Returns 0, -ENOENT, -ENOMEM, -EINVAL (a reason that is too long, or has a bad
 * weight or a name that is empty or not of letters, digits and "-_.:").
 */
int ipvsctl_config_hold(struct ipvsctl_config *config,
			const struct ipvsctl_service *service,
			const struct ipvsctl_server *server, const char *reason,
			struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/*
 * Drops the reason of that name, or all if reason is NULL. A removed server
 * without reasons returns to the kernel. Returns 0, -ENOENT (also: not held).
 */
int ipvsctl_config_release(struct ipvsctl_config *config,
			   const struct ipvsctl_service *service,
			   const struct ipvsctl_server *server,
			   const char *reason,
			   struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/*
 * Takes a server out of the kernel for a reason, like those of holds. It stays
 * in the service, with removed and held set, and can be written, changed, held
 * and deleted like any other. It returns to the kernel when its last reason is
 * dropped. Returns as ipvsctl_config_hold().
 */
int ipvsctl_config_remove_server(struct ipvsctl_config *config,
				 const struct ipvsctl_service *service,
				 const struct ipvsctl_server *server,
				 const char *reason,
				 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Checks the syntax of a reason. Returns 0 or -EINVAL. */
int ipvsctl_reason_check(const char *reason,
			 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Tells whether two reasons have the same name, whatever their weights. A
   comma ends a reason, too. */
bool ipvsctl_reason_is(const char *a, const char *b);
/* Returns the weight of a reason: the number after its '=', or 0. */
uint32_t ipvsctl_reason_weight(const char *reason);
/* Returns the reason after prev (NULL: the first), as it was given, or NULL at
   the end. */
const char *ipvsctl_config_next_reason(const struct ipvsctl_config *config,
				       const struct ipvsctl_service *service,
				       const struct ipvsctl_server *server,
				       const char *prev);

/*
 * A server that is leaving: it is held at weight 0 for the reason "leaving", and
 * deleted when it is idle or its time is up: see ipvsctl_edit_drain(). Times are
 * seconds of CLOCK_BOOTTIME.
 */
struct ipvsctl_leaving {
	uint32_t since;
	uint32_t seconds;      /* after which it is deleted, idle or not */
	uint32_t with_service; /* 1: the service is deleted with its last server */
	uint32_t reserved[5];
};

/* Tells whether the server is leaving. */
bool ipvsctl_config_get_leaving(const struct ipvsctl_config *config,
				const struct ipvsctl_service *service,
				const struct ipvsctl_server *server,
				struct ipvsctl_leaving *ret_leaving);
/*
 * Tells whether the service is deleted once its servers are, all of which are
 * leaving.
 */
bool ipvsctl_config_service_is_leaving(const struct ipvsctl_config *config,
				       const struct ipvsctl_service *service);

/* Deletes a server that is leaving, and its service if that was to go with it.
   Returns 0 or -ENOENT. */
int ipvsctl_config_delete_left(struct ipvsctl_config *config,
			       const struct ipvsctl_service *service,
			       const struct ipvsctl_server *server,
			       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Deletes VIPs that stayed only for servers that were leaving, once none of them is
 * left; one that a service has which is not leaving stays for good.
 */
void ipvsctl_config_delete_left_vips(struct ipvsctl_config *config);

/*
 * Deletes all services and servers, and sets their holds aside, also those of
 * removed servers. A server that a ruleset brings back before the next boot is
 * held again for the same reasons. Returns 0 or -ENOMEM.
 */
int ipvsctl_config_flush_services(struct ipvsctl_config *config,
				  struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Returns the number of missing servers whose holds are set aside. */
size_t ipvsctl_config_count_waiting(const struct ipvsctl_config *config);

/* Returns the rule tried after prev (NULL: the first), or NULL at the end. */
const struct ipvsctl_mark *ipvsctl_config_next_mark(
	const struct ipvsctl_config *config, const struct ipvsctl_mark *prev);
#define ipvsctl_for_each_mark(config, rule)                    \
	for (const struct ipvsctl_mark *(rule) =               \
		     ipvsctl_config_next_mark((config), NULL); \
	     (rule); (rule) = ipvsctl_config_next_mark((config), (rule)))
/* Returns the first rule that ipvsctl_mark_same_match() accepts, or NULL. */
const struct ipvsctl_mark *ipvsctl_config_find_mark(
	const struct ipvsctl_config *config, const struct ipvsctl_mark *rule);
/* Adds a copy of a rule, with its texts, after those of its priority. Returns
   0, -EEXIST, -ENOMEM. */
int ipvsctl_config_add_mark(struct ipvsctl_config *config,
			    const struct ipvsctl_mark *rule,
			    struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/*
 * Changes mark, mask, exclude and comment of the rule with the same match; it
 * keeps its place. Given a rule for one family, splits a rule for both and
 * changes only that family. Returns 0, -ENOENT, -ENOMEM.
 */
int ipvsctl_config_change_mark(struct ipvsctl_config *config,
			       const struct ipvsctl_mark *rule,
			       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/*
 * Deletes the rule with the same match, exclude, mark and mask; given a rule
 * for one family, only that of a rule for both. Returns 0, -ENOENT, -ENOMEM.
 */
int ipvsctl_config_delete_mark(struct ipvsctl_config *config,
			       const struct ipvsctl_mark *rule,
			       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Returns the backend that the mark rules were loaded from or have to be in;
 * IPVSCTL_BACKEND_AUTO for no rules.
 */
enum ipvsctl_backend
ipvsctl_config_get_backend(const struct ipvsctl_config *config);
/* Tells whether rules were loaded from both backends; an apply that changes rules
   leaves them in one. Copies do not remember it. */
bool ipvsctl_config_is_split(const struct ipvsctl_config *config);
/* States the backend: an apply moves the rules to it, and texts of the
   configuration name it. */
void ipvsctl_config_set_backend(struct ipvsctl_config *config,
				enum ipvsctl_backend backend);

/* Returns the VIP after prev (NULL: the first), in the order of
   ipvsctl_vip_compare(), or NULL at the end. */
const struct ipvsctl_vip *ipvsctl_config_next_vip(
	const struct ipvsctl_config *config, const struct ipvsctl_vip *prev);
#define ipvsctl_for_each_vip(config, vip)                     \
	for (const struct ipvsctl_vip *(vip) =                \
		     ipvsctl_config_next_vip((config), NULL); \
	     (vip); (vip) = ipvsctl_config_next_vip((config), (vip)))
/* Returns the VIP with this identity, or NULL. */
const struct ipvsctl_vip *
ipvsctl_config_find_vip(const struct ipvsctl_config *config,
			const struct ipvsctl_vip *identity);
/* Adds a VIP. Returns 0, -EEXIST, -ENOMEM. */
int ipvsctl_config_add_vip(struct ipvsctl_config *config,
			   const struct ipvsctl_vip *vip,
			   struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Replaces the attributes of an existing VIP, which stays withdrawn if it is.
   Returns 0 or -ENOENT. */
int ipvsctl_config_change_vip(struct ipvsctl_config *config,
			      const struct ipvsctl_vip *vip,
			      struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/*
 * Withdraws a VIP for a reason, without blanks and commas: the kernel does not have
 * it until its last reason is dropped, but it is saved, changed and deleted like any
 * other. Returns 0, -ENOENT, -EINVAL (a bad reason, or too many).
 */
int ipvsctl_config_withdraw_vip(struct ipvsctl_config *config,
				const struct ipvsctl_vip *identity,
				const char *reason,
				struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Drops the reason, or all if reason is NULL. Returns 0 or -ENOENT. */
int ipvsctl_config_return_vip(struct ipvsctl_config *config,
			      const struct ipvsctl_vip *identity,
			      const char *reason,
			      struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Tells whether the VIP is withdrawn for the reason, or for any (NULL). */
bool ipvsctl_vip_is_withdrawn(const struct ipvsctl_vip *vip, const char *reason);
/* Deletes the VIP. Returns 0 or -ENOENT. */
int ipvsctl_config_delete_vip(struct ipvsctl_config *config,
			      const struct ipvsctl_vip *identity,
			      struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* Returns the sync daemon of that role, or NULL. */
const struct ipvsctl_sync *ipvsctl_config_get_sync(
	const struct ipvsctl_config *config, enum ipvsctl_sync_role role);
/* Sets or replaces the sync daemon of sync->role. */
void ipvsctl_config_set_sync(struct ipvsctl_config *config,
			     const struct ipvsctl_sync *sync);
/* Removes the sync daemon of that role, if there is one. */
void ipvsctl_config_remove_sync(struct ipvsctl_config *config,
				enum ipvsctl_sync_role role);

/* Returns the timeouts, or NULL if the configuration has none. */
const struct ipvsctl_timeouts *
ipvsctl_config_get_timeouts(const struct ipvsctl_config *config);
void ipvsctl_config_set_timeouts(struct ipvsctl_config *config,
				 const struct ipvsctl_timeouts *timeouts);

/* ---- Plans ------------------------------------------------------------- */

enum ipvsctl_action {
	IPVSCTL_ADD,
	IPVSCTL_CHANGE,
	IPVSCTL_DELETE,
	IPVSCTL_ZERO, /* counters */
	IPVSCTL_MOVE, /* all mark rules, to another backend */
};

enum ipvsctl_object {
	IPVSCTL_OBJECT_SERVICE,
	IPVSCTL_OBJECT_SERVER,
	IPVSCTL_OBJECT_MARK,
	IPVSCTL_OBJECT_SYNC,
	IPVSCTL_OBJECT_TIMEOUTS,
	IPVSCTL_OBJECT_VIP,
};

struct ipvsctl_plan;
struct ipvsctl_step;

/*
 * Computes the changes that lead from one configuration to the other. They add
 * before they delete, and leave no service without servers on the way. Takes
 * time in proportion to the sizes. The plan refers to both configurations: they
 * must not change until it is freed. Returns 0; -ENOMEM; -EINVAL if mark rules of
 * to with one mark differ in snat.
 */
int ipvsctl_plan_compare(const struct ipvsctl_config *from,
			 const struct ipvsctl_config *to,
			 struct ipvsctl_plan **ret_plan,
			 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/*
 * Adds steps that zero the counters of these kinds (IPVSCTL_SERVICES,
 * IPVSCTL_MARKS); of services, only the given one if it is not NULL. Returns 0
 * or -ENOMEM.
 */
int ipvsctl_plan_zero(struct ipvsctl_plan *plan, unsigned int kinds,
		      const struct ipvsctl_service *service,
		      struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/*
 * Adds a step that deletes all services and servers, loaded or not, and sets
 * their holds aside. The step cannot be undone, so it must be the plan's first.
 * Returns 0 or -ENOMEM.
 */
int ipvsctl_plan_flush(struct ipvsctl_plan *plan,
		       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Frees a plan; NULL is fine. */
void ipvsctl_plan_free(struct ipvsctl_plan *plan);
/* Returns the number of steps; 0 means that nothing has to change. */
size_t ipvsctl_plan_count(const struct ipvsctl_plan *plan);
/* Returns the step after prev (NULL: the first), or NULL at the end. */
const struct ipvsctl_step *ipvsctl_plan_next(const struct ipvsctl_plan *plan,
					     const struct ipvsctl_step *prev);
#define ipvsctl_for_each_step(plan, step)             \
	for (const struct ipvsctl_step *(step) =      \
		     ipvsctl_plan_next((plan), NULL); \
	     (step); (step) = ipvsctl_plan_next((plan), (step)))
enum ipvsctl_action ipvsctl_step_action(const struct ipvsctl_step *step);
enum ipvsctl_object ipvsctl_step_object(const struct ipvsctl_step *step);
/*
 * Tells whether the step changes the scheduler of a service with servers: while
 * the kernel does it, it refuses new connections, for some milliseconds.
 */
bool ipvsctl_step_interrupts(const struct ipvsctl_step *step);
/*
 * Writes the step as a line, without a sign: "svc add tcp:192.0.2.1:80
 * --scheduler wlc". It is a ruleset line, except for holds ("svc drain") and
 * counters ("svc zero"). Returns 0 or -ENOMEM; free *ret_line.
 */
int ipvsctl_step_format(const struct ipvsctl_step *step, char **ret_line,
			struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* Each writes an object as a ruleset line: 0 or -ENOMEM; free *ret_line. */
int ipvsctl_service_line(const struct ipvsctl_service *service, char **ret_line,
			 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
int ipvsctl_server_line(const struct ipvsctl_service *service,
			const struct ipvsctl_server *server, char **ret_line,
			struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
int ipvsctl_mark_line(const struct ipvsctl_mark *rule, char **ret_line,
		      struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
int ipvsctl_sync_line(const struct ipvsctl_sync *sync, char **ret_line,
		      struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
int ipvsctl_vip_line(const struct ipvsctl_vip *vip, char **ret_line,
		     struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* ---- Rulesets ---------------------------------------------------------- */

struct ipvsctl_ruleset; /* one or more texts, each read as a whole */

/* Creates a ruleset without texts. Returns 0 or -ENOMEM. */
int ipvsctl_ruleset_new(struct ipvsctl_ruleset **ret_ruleset,
			struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Frees a ruleset; NULL is fine. */
void ipvsctl_ruleset_free(struct ipvsctl_ruleset *ruleset);

/*
 * Adds a text, as if its lines followed those of the earlier texts, and checks
 * everything in it that can be checked without the kernel. The text has length
 * bytes and a NUL, and must not change until the ruleset is freed. Errors
 * report it as name. The content decides in which language the text is:
 *   a ruleset           "svc add tcp:192.0.2.1:80 --scheduler rr": see
 *                       lbctl-ruleset(5)
 *   JSON                what ipvsctl_ruleset_format() writes
 *   ipvsadm's language  what "ipvsadm -S" writes and "ipvsadm -R" reads
 *   iptables-save       the mangle table's PREROUTING, INPUT and OUTPUT
 *                       chains, as mark rules that give the same marks
 *   nft                 what "nft -j list ruleset" writes, in the same way
 * Returns 0; -EINVAL, with file and line; -ENOMEM. After a failure the caller
 * can only free the ruleset.
 */
int ipvsctl_ruleset_add(struct ipvsctl_ruleset *ruleset, const char *name,
			const char *text, size_t length,
			struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Adds a command line of lbctl-svc, lbctl-mark, lbctl-vip or lbctl-sync that
 * edits: "svc",
 * "add", "tcp:192.0.2.1:80", "--scheduler", "rr". Words and the array must not
 * change until the ruleset is freed. Such a ruleset has command lines only, and
 * no texts. They are strict: adding an existing object is -EEXIST; changing or
 * deleting a missing one is -ENOENT; errors have the hints of the programs.
 * Returns 0; -EINVAL; -EEXIST or -ENOENT if an earlier line makes it so; -ENOMEM.
 * After a failure the caller can only free the ruleset.
 */
int ipvsctl_ruleset_add_words(struct ipvsctl_ruleset *ruleset,
			      const char *const *words, size_t count,
			      struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

enum ipvsctl_language {
	IPVSCTL_LANGUAGE_ANY, /* decided by the content */
	IPVSCTL_LANGUAGE_IPVSADM,
};
/*
 * Chooses the language of the texts that are added from now on. A text in
 * ipvsadm's may then end without a newline, as ipvsadm allows.
 */
void ipvsctl_ruleset_read_as(struct ipvsctl_ruleset *ruleset,
			     enum ipvsctl_language language);

/*
 * Functions that look up names. Only ipvsadm's language has names: "ipvsadm -S"
 * without -n writes them. Each returns 0 or a negative code, and may be NULL.
 */
struct ipvsctl_names {
	/* Finds the name's only address of that family. */
	int (*address)(const char *name, uint16_t family,
		       struct ipvsctl_address *ret_address, void *data);
	int (*port)(const char *name, uint16_t protocol, uint16_t *ret_port,
		    void *data);
	void *data;
	void *reserved[4];
};
/*
 * Makes the ruleset look up names; without this call it refuses them. names
 * must live as long as the ruleset.
 */
void ipvsctl_ruleset_use_names(struct ipvsctl_ruleset *ruleset,
			       const struct ipvsctl_names *names);

/* Receives a rule that ipvsctl_ruleset_add() skipped, and the reason. For a rule
   of nft, line is 0 and rule is its place. */
typedef void (*ipvsctl_skipped_fn)(const char *name, unsigned int line,
				   const char *rule, const char *why,
				   void *data);
/*
 * Makes the ruleset call fn for rules of iptables or nft that it does not import
 * because the rule neither sets a mark nor keeps packets from being marked.
 */
void ipvsctl_ruleset_on_skipped(struct ipvsctl_ruleset *ruleset,
				ipvsctl_skipped_fn fn, void *data);

/* Receives a line in ipvsadm's language that adds a service or server that an
   earlier line has added. */
typedef void (*ipvsctl_repeated_fn)(const char *name, unsigned int line,
				    enum ipvsctl_object object, void *data);
/*
 * Makes the ruleset skip lines in ipvsadm's language that add a service or
 * server again, as ipvsadm does, and call fn for each. Without this call, and
 * in other languages, such a line is an error.
 */
void ipvsctl_ruleset_on_repeated(struct ipvsctl_ruleset *ruleset,
				 ipvsctl_repeated_fn fn, void *data);

/* Returns the kinds (enum ipvsctl_kind) in the texts, which must be loaded. */
unsigned int ipvsctl_ruleset_kinds(const struct ipvsctl_ruleset *ruleset);

/*
 * Computes the configuration that results from applying the lines, in order, to
 * from, which was loaded with at least the kinds of ipvsctl_ruleset_kinds(). A
 * line that adds an existing object replaces it; one that deletes a missing
 * object does nothing. Servers that from holds are held in the result. No text
 * can be added afterwards. Returns 0; -ENOENT, with file and line, for a change
 * of a missing object; -EINVAL for one that does not fit from; -ENOMEM; for
 * command lines see ipvsctl_ruleset_add_words().
 */
int ipvsctl_ruleset_run(struct ipvsctl_ruleset *ruleset,
			const struct ipvsctl_config *from,
			struct ipvsctl_config **ret_to,
			struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

enum ipvsctl_format {
	IPVSCTL_FORMAT_RULESET = 0,
	IPVSCTL_FORMAT_JSON = 1 << 0,
	/* Flags of JSON: */
	IPVSCTL_FORMAT_RUNTIME = 1 << 1, /* adds counters, connections, holds */
	IPVSCTL_FORMAT_PARTIAL = 1 << 2, /* says that there are other objects */
};

/*
 * Writes these kinds of config as a text that ipvsctl_ruleset_add() reads.
 * Servers that are leaving are left out, but not with IPVSCTL_FORMAT_RUNTIME. The
 * text is complete for these kinds, numeric, has the wanted weights of held
 * servers, and is the same for the same state if config is sorted. In JSON, a
 * kind that config does not have is null, objects of a partial text are added
 * to those that exist, and readers ignore what IPVSCTL_FORMAT_RUNTIME adds: see
 * lbctl-ruleset(5).
 *
 * Returns 0, -ENOMEM, -EINVAL for an unknown format or one that cannot express
 * config: JSON has only UTF-8. With IPVSCTL_FORMAT_RUNTIME other bytes are
 * replaced, and the text says that it cannot be read back. Free *ret_text.
 */
int ipvsctl_ruleset_format(const struct ipvsctl_config *config,
			   unsigned int kinds, unsigned int format,
			   char **ret_text,
			   struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* ---- The kernel -------------------------------------------------------- */

struct ipvsctl; /* a connection to one network namespace */

/*
 * Opens the network namespace /run/netns/NAME. A netns with a slash is a path,
 * such as /proc/PID/ns/net. Nothing but a namespace is opened: no device, no
 * FIFO. Returns 0, -ENOENT (there is none), -EINVAL (another kind of file),
 * -EPERM, -ENOMEM; close *ret_fd.
 */
int ipvsctl_open_netns(const char *netns, int *ret_fd,
		       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Prepares to work in the namespace that ipvsctl_open_netns() opens, or in the
 * caller's if netns is NULL. Later calls connect to the kernel when they need
 * it. Returns 0, -ENOENT (no such namespace), -EINVAL, -EPERM, -ENOMEM.
 */
int ipvsctl_open(struct ipvsctl **ret_ctx, const char *netns,
		 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Closes and frees; NULL is fine. Drops the lock if it is held. */
void ipvsctl_close(struct ipvsctl *ctx);

struct ipvsctl_info {
	uint32_t version; /* 0x010201: 1.2.1 */
	uint32_t connection_table_size;
	uint64_t reserved[4];
};

/* Reads what the kernel's IPVS says about itself. */
int ipvsctl_info(struct ipvsctl *ctx, struct ipvsctl_info *ret_info,
		 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Takes the lock that all writers of lbctl take (/run/lbctl/lock); waits at
 * most timeout_ms. Take it before the load that decides what to write. Returns
 * 0, -EBUSY, -EPERM, -ENOMEM, -EIO.
 */
int ipvsctl_lock(struct ipvsctl *ctx, unsigned int timeout_ms,
		 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
void ipvsctl_unlock(struct ipvsctl *ctx);

/* Tells whether IPVS is loaded, without loading it. */
bool ipvsctl_has_ipvs(void);

/*
 * Loads these kinds (enum ipvsctl_kind), sorted. IPVSCTL_COUNTERS and
 * IPVSCTL_UNSORTED go with IPVSCTL_SERVICES. Without IPVSCTL_COUNTERS the
 * counters of services and servers are 0, and many IPv4 services load several
 * times as fast. With IPVSCTL_UNSORTED these keep the kernel's order. The
 * counts of connections and the counters of mark rules are always loaded.
 *
 * If service is not NULL, loads no other service; if that one does not exist,
 * the result has no services. IPVS dumps are not snapshots and do not say so
 * (seen on 6.1, 7.2): repeated entries are dropped, and what did not fit one
 * message is read again until two readings agree. Returns 0, -EPERM,
 * -EOPNOTSUPP, -EAGAIN, -ETIMEDOUT, -ENOMEM, -EIO.
 */
int ipvsctl_load(struct ipvsctl *ctx, unsigned int kinds,
		 const struct ipvsctl_service *service,
		 struct ipvsctl_config **ret_config,
		 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* Some servers of a service, by their identities. */
struct ipvsctl_selection {
	const struct ipvsctl_service *service;
	const struct ipvsctl_server *servers;
	size_t count;
	uint64_t reserved[2];
};

/*
 * Loads one service and only the selected servers of it, for an edit of these:
 * a plan from the result leaves all others as they are. A server that does not
 * exist is not in the result. Returns as ipvsctl_load().
 */
int ipvsctl_load_servers(struct ipvsctl *ctx,
			 const struct ipvsctl_selection *selection,
			 struct ipvsctl_config **ret_config,
			 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Makes the configuration from which a plan of a single step begins, without
 * reading the kernel: it has the service, or none if that is NULL, and in it the
 * server, or none if that is NULL. ipvsctl_apply() fails if the kernel lacks what
 * the step changes or deletes, or has what it adds, whatever the attributes are,
 * and then nothing has changed. It never undoes such a step: if the exchange with
 * the kernel breaks off, the step counts as standing. Returns 0; 1 if a server of
 * the network namespace is held, so that the caller must use ipvsctl_load();
 * -EINVAL for a server without a service; or a negative errno as ipvsctl_load().
 */
int ipvsctl_assume(struct ipvsctl *ctx, const struct ipvsctl_service *service,
		   const struct ipvsctl_server *server,
		   struct ipvsctl_config **ret_config,
		   struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Gives the mark rules of config the form in which they load after an apply.
 * Further matches get iptables' spelling, or become the attributes that they
 * amount to. exempt_own gets its default where it makes no difference. Rules that
 * differ only in the family become one for both; a rule whose words mean
 * something else to each family becomes two. On a host without IPv6, IPv4 rules
 * without addresses become rules for both. A rule that an earlier one hides is
 * left out if both do the same. Rules keep their counters.
 *
 * Call this before comparing rules with, or looking them up in, a loaded
 * configuration; otherwise equal rules may differ in spelling. Writes nothing.
 * Does nothing if no rule can have another form. May look which backend has
 * rules if neither ctx nor config names one.
 *
 * Returns 0, and pointers to rules of config are invalid; -EINVAL, naming the
 * rule, for words that iptables refuses or that are too long in its spelling,
 * for words and comments that nf_tables cannot have, and for a rule hidden by
 * one that does something else; -EOPNOTSUPP, also for an IPv6 rule on a host
 * without IPv6; -EPERM, -EAGAIN, -ETIMEDOUT, -ENOMEM, -EIO. A failure leaves
 * config unchanged.
 */
int ipvsctl_settle(struct ipvsctl *ctx, struct ipvsctl_config *config,
		   struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* What of this host's own keeps packets from an address. */
enum ipvsctl_path_fault {
	IPVSCTL_PATH_NO_FAULT,
	IPVSCTL_PATH_NO_ROUTE,
	IPVSCTL_PATH_LINK_DOWN, /* the interface is down or has no carrier */
	IPVSCTL_PATH_GATEWAY_SILENT,
	IPVSCTL_PATH_LINK_SILENT, /* nobody there answers */
};

/* The way from this host to an address. */
struct ipvsctl_path {
	struct ipvsctl_address address;
	struct ipvsctl_address source; /* AF_UNSPEC: none */
	uint32_t mark;		       /* of the packets; 0: none */
	bool answers;		       /* the address is known to be there */
	bool local; /* the result: packets end on this host, by its routes */
	enum ipvsctl_path_fault fault; /* the result; it comes with: */
	/* What leads there, or should; before the call "", or the interface that
	   packets must take. */
	char interface[IPVSCTL_INTERFACE_MAX + 1];
	struct ipvsctl_address gateway; /* AF_UNSPEC: it is on the link */
	uint64_t reserved[4];
};

/*
 * Tells which addresses cannot be reached because of this host or its link. Asks
 * the kernel for routes, and next hops by ARP or IPv6's neighbour discovery, up to
 * 32 on each interface: the kernel itself notices only after half a minute that a
 * known neighbour is silent (6.1). It takes up to 0.6 s if somebody is silent. A
 * link is silent if at least two next hops are, and up to eight others whom the
 * kernel knows there, and if none of the addresses that answer is behind it. A
 * route that says "unreachable" is no fault. Of tunnels and other interfaces
 * without Ethernet only route and link are looked at, and of all without
 * CAP_NET_RAW. Returns 0, -ENOMEM, -EIO.
 */
int ipvsctl_check_paths(struct ipvsctl *ctx, struct ipvsctl_path *paths,
			size_t count,
			struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/*
 * Does the same by routes and links alone: sends nothing and finds nobody silent. A
 * route that says "unreachable" is a fault: there is no route. Returns 0, -ENOMEM,
 * -EIO.
 */
int ipvsctl_find_paths(struct ipvsctl *ctx, struct ipvsctl_path *paths,
		       size_t count,
		       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Looks whether this host has the schedulers and persistence engines that the plan
 * needs, in files only: no module is loaded. Returns 0, also if nobody knows, or
 * -EOPNOTSUPP as ipvsctl_apply() would.
 */
int ipvsctl_plan_check_modules(const struct ipvsctl_plan *plan,
			       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* The outcome of ipvsctl_apply(). */
struct ipvsctl_outcome {
	size_t done;	 /* steps in effect */
	size_t undone;	 /* steps done, then undone after a failure */
	size_t standing; /* after a failure: steps that could not be undone */
	uint64_t reserved[4];
};

/*
 * Carries out a plan; one that changes nothing costs nothing. When a step fails,
 * the steps already done are undone in reverse. But a VIP that another host
 * answers for is left out, and the rest is done: -EBUSY, and what was done is
 * standing. Writes ret_outcome, which may be NULL, also after a failure. Returns
 * 0 or the code of the failure.
 */
int ipvsctl_apply(struct ipvsctl *ctx, const struct ipvsctl_plan *plan,
		  struct ipvsctl_outcome *ret_outcome,
		  struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Tells the hosts of their networks that directors' VIPs are here, as often as
 * each VIP says, 100 ms apart, all side by side; ipvsctl_apply() does so at its
 * end with those that it added. Returns 0, -EPERM (without CAP_NET_RAW), -ENOMEM,
 * -EIO.
 */
int ipvsctl_announce_vips(struct ipvsctl *ctx, const struct ipvsctl_vip *vips,
			  size_t count,
			  struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * An edit does all that leads from a ruleset to the kernel: it locks, loads, runs
 * the ruleset, settles its rules, compares, and applies.
 */
struct ipvsctl_edit;

enum ipvsctl_edit_reading {
	/* Does not read the kernel if the ruleset is a command line that adds
	   or deletes a service or adds a server: see ipvsctl_assume(). The plan
	   may lack the steps that such a step implies. */
	IPVSCTL_EDIT_QUICK,
	IPVSCTL_EDIT_READ, /* always reads */
	IPVSCTL_EDIT_LOOK, /* reads, takes no lock; only for the plan */
};

/*
 * Takes the lock, for which it waits at most 10 seconds, loads what the ruleset
 * is about, and makes the plan; writes nothing. ctx and ruleset must live until
 * the commit, and the ruleset cannot be used for anything else. Returns as
 * ipvsctl_lock(), ipvsctl_load(), ipvsctl_ruleset_run() and ipvsctl_settle().
 */
int ipvsctl_edit_begin(struct ipvsctl *ctx, struct ipvsctl_ruleset *ruleset,
		       enum ipvsctl_edit_reading reading,
		       struct ipvsctl_edit **ret_edit,
		       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Frees an edit; NULL is fine. The lock stays until ipvsctl_unlock(). */
void ipvsctl_edit_free(struct ipvsctl_edit *edit);
/* The loaded configuration, the wanted one, and the steps between them. They
   belong to the edit; its commit can replace them. */
const struct ipvsctl_config *ipvsctl_edit_from(const struct ipvsctl_edit *edit);
const struct ipvsctl_config *ipvsctl_edit_to(const struct ipvsctl_edit *edit);
const struct ipvsctl_plan *ipvsctl_edit_plan(const struct ipvsctl_edit *edit);
/*
 * Each changes what the edit wants, and makes the plan anew, so that steps of the
 * earlier one are invalid. They need an edit that has read the kernel. Each
 * returns 0, -EINVAL for an edit that has not, or -ENOMEM.
 */
/* Servers that the plan deletes, and services and VIPs that they need, stay: the
   servers are leaving. with_service of how does not count. */
int ipvsctl_edit_drain(struct ipvsctl_edit *edit,
		       const struct ipvsctl_leaving *how,
		       struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Servers that exist keep their wanted weights. */
int ipvsctl_edit_keep_weights(struct ipvsctl_edit *edit,
			      struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/*
 * Carries out the plan, once. If the kernel was not read before and refuses a
 * step, reads it and begins anew. Returns as ipvsctl_apply() and
 * ipvsctl_edit_begin(), and writes ret_outcome, which may be NULL, in any case.
 * After a failure that leaves steps standing, ipvsctl_edit_plan() returns those
 * steps, or NULL if they are not known.
 */
int ipvsctl_edit_commit(struct ipvsctl_edit *edit,
			struct ipvsctl_outcome *ret_outcome,
			struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* Receives the number of steps that an apply has done, and of all its steps. */
typedef void (*ipvsctl_progress_fn)(size_t done, size_t count, void *data);
/* Makes ipvsctl_apply() call fn now and then for a long plan; NULL stops. */
void ipvsctl_on_progress(struct ipvsctl *ctx, ipvsctl_progress_fn fn,
			 void *data);

/*
 * Receives the reason why holds cannot be saved. Returns whether to carry out
 * the plan anyway; then only the caller knows the weights of the servers that
 * the plan drains.
 */
typedef bool (*ipvsctl_unsaved_fn)(const struct ipvsctl_error *why, void *data);
/* Makes ipvsctl_apply() ask fn; NULL, the default, refuses such a plan. */
void ipvsctl_on_unsaved(struct ipvsctl *ctx, ipvsctl_unsaved_fn fn, void *data);

/*
 * Reads an IPVS sysctl, net.ipv4.vs.NAME ("expire_nodest_conn"), of ctx's
 * network namespace; only a number of 0 or above. Returns 0, -EOPNOTSUPP (IPVS
 * is not loaded, or has no such sysctl), -EINVAL, -EPERM, -EIO.
 */
int ipvsctl_sysctl_read(struct ipvsctl *ctx, const char *name,
			uint32_t *ret_value,
			struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;
/* Writes a sysctl. Returns as ipvsctl_sysctl_read(); -EIO for a wrong value. */
int ipvsctl_sysctl_write(struct ipvsctl *ctx, const char *name, uint32_t value,
			 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Finds the value of the sysctl net.ipv4.ip_local_reserved_ports, of ctx's
 * network namespace, with which the mark rules of config match no replies to
 * this host's sockets: IPVSCTL_EXEMPT_SOCKET does not see those of UDP that are
 * not connected. Rules that before has, too, do not count, nor do rules without
 * destination ports. Returns 1 and the value, which also has the ports that are
 * reserved now; free *ret_value. Returns 0 if nothing is to be done, or too few
 * ports would be left; -EIO, -ENOMEM, -EPERM.
 */
int ipvsctl_reserve(struct ipvsctl *ctx, const struct ipvsctl_config *before,
		    const struct ipvsctl_config *config, char **ret_value,
		    struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* ---- Connections -------------------------------------------------------- */

/*
 * One entry of the connection table: a connection, or a template, by which a
 * client stays with its server. A template has client port 0 and the state "NONE"
 * or "ASSURED". That of a mark's service has protocol 0, and the mark, in network
 * byte order, as the first four bytes of service.
 */
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
	char persistence_data[256]; /* "?" for what is not printable */
	uint64_t reserved[4];
};

enum {
	IPVSCTL_STATE_ACTIVE = 1 << 0,	    /* the kernel counts it as active */
	IPVSCTL_STATE_HALF_OPEN = 1 << 1,   /* not open yet, or refused */
	IPVSCTL_STATE_HALF_CLOSED = 1 << 2, /* the client has closed it */
	/* One side has closed it, or both: nobody sees which. */
	IPVSCTL_STATE_CLOSING = 1 << 3,
};

/* A state of a protocol's connections; protocol 0: of templates. */
struct ipvsctl_connection_state {
	const char *name; /* the kernel's */
	uint16_t protocol;
	uint16_t number; /* the kernel's */
	uint32_t flags;
};

/* Returns all states; the last one has no name. */
const struct ipvsctl_connection_state *ipvsctl_connection_states(void);

/* Returns 0 to go on; any other value ends the walk, which returns it. */
typedef int (*ipvsctl_connection_fn)(const struct ipvsctl_connection *connection,
				     void *data);

/*
 * Calls fn for each entry of the kernel's connection table, in its order.
 * Returns 0, the value of fn, -EOPNOTSUPP, -EPERM, -EIO.
 */
int ipvsctl_each_connection(struct ipvsctl *ctx, ipvsctl_connection_fn fn,
			    void *data,
			    struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* What ipvsctl_push() shall send, and how fast. */
struct ipvsctl_push {
	const struct ipvsctl_sync *daemon; /* who sends: interface, id, ... */
	const struct ipvsctl_service *only; /* NULL: connections of all services */
	uint32_t rate; /* connections a second; 0: no limit */
	bool dry_run;  /* only count */
	uint64_t reserved[4];
};

/* What became of connections; those left out are not in connections. */
struct ipvsctl_pushed {
	uint64_t connections; /* sent, with templates */
	uint64_t messages;
	uint64_t half_open; /* left out, as the kernel does */
	uint64_t elsewhere; /* left out: this host does not hold the VIP */
	uint64_t unknown;   /* left out: no service has the server, or which one
			       is in doubt, and they forward in different ways */
	uint64_t hidden;    /* left out: there is more to them than the kernel
			       shows: data of a persistence engine with bytes
			       that are not printable; FTP by NAT */
	uint64_t reserved[4];
};

/*
 * Sends connections and templates to the backup daemons of other directors, as
 * the messages of a master daemon (version 1): that of a director that starts has
 * none, and asks for none. config has the services and servers, which tell how
 * connections are forwarded, and the mark rules, which tell the VIPs of marks.
 * Only connections of VIPs that this host holds are sent: another director would
 * take what is old for news. A connection whose mark is in doubt is sent without;
 * it works, but counts at no server. A message that the receiver has no room for
 * is lost without a word.
 *
 * Reading the table takes time that is quadratic in its length: the kernel
 * searches from the start for each page (5.10 to 6.18). What is to be sent is kept
 * in memory, some 40 bytes a connection.
 *
 * Returns 0; -EINVAL if the interface cannot be used; -ENOMEM; or as
 * ipvsctl_each_connection(). *ret_pushed is written in any case.
 */
int ipvsctl_push(struct ipvsctl *ctx, const struct ipvsctl_config *config,
		 const struct ipvsctl_push *push,
		 struct ipvsctl_pushed *ret_pushed,
		 struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/*
 * Chooses the backend of mark rules: "iptables" or "nft" alone, or "auto" (the
 * default). That is the one that has rules of ours; else the one that the
 * configuration states; else iptables for rules with further matches, or where
 * others have mangle rules there and nobody uses nf_tables; else nft; else
 * iptables. With "auto", rules in both are loaded from both, and an apply leaves
 * them in one. Returns 0, or -EINVAL for another name.
 */
int ipvsctl_use_mark_backend(struct ipvsctl *ctx, const char *name,
			     struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* Receives a rule of another program: of iptables in its words, of nf_tables as
   its place and what nft(8) shows. family is AF_UNSPEC for both. Returns as
   ipvsctl_connection_fn. */
typedef int (*ipvsctl_foreign_rule_fn)(uint16_t family, const char *rule,
				       void *data);

/*
 * Calls fn for rules of other programs, of each backend IPv4 first: those of
 * iptables' mangle table, and those of nf_tables that set marks or are in our
 * table. If ipvsctl_use_mark_backend() named a backend, only for those in it.
 * Returns 0, the value of fn, -EOPNOTSUPP, -EPERM, -EAGAIN, -ETIMEDOUT, -ENOMEM,
 * -EIO.
 */
int ipvsctl_each_foreign_rule(struct ipvsctl *ctx, ipvsctl_foreign_rule_fn fn,
			      void *data,
			      struct ipvsctl_error *err) IPVSCTL_MUST_CHECK;

/* Returns the library's version, "0.1.0". */
const char *ipvsctl_version(void);

#ifdef __cplusplus
}
#endif

#endif
