/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Checks: what to probe, how many failures to allow, and what happens then. */
#ifndef LBCTL_CHECK_CHECK_H
#define LBCTL_CHECK_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "common/command.h"

enum check_kind {
	CHECK_TCP,
	CHECK_TLS,
	CHECK_HTTP,
	CHECK_HTTPS,
	CHECK_UDP,
	CHECK_DNS,
	CHECK_SMTP,
	CHECK_PING,
	CHECK_EXEC,
	CHECK_KINDS, /* that options choose */
	CHECK_AGENT, /* these ask only for a weight, beside such a kind */
	CHECK_FILE,
	CHECK_PROBE_KINDS,
};

enum check_start {
	CHECK_START_AUTO, /* up if the kernel has it, else as first probed */
	CHECK_START_UP,
	CHECK_START_DOWN,
	CHECK_START_CHECK, /* the first probe decides */
};

/* Bytes to send or to search for; NULs are allowed. */
struct check_bytes {
	uint8_t *bytes; /* NULL: not given */
	size_t length;
};

/* A step of a conversation with a server. */
struct check_step {
	bool expects; /* wait for these bytes; otherwise send them */
	struct check_bytes bytes;
};

struct check_range {
	uint16_t first, last;
};

/* The services of a check: one, a range of ports, or all. */
struct check_selector {
	bool all;
	struct ipvsctl_service service;
	uint16_t last_port; /* 0: service alone */
};

/* The source of a server's weight, in place of the wanted weight. */
enum check_weight_from {
	CHECK_WEIGHT_FROM_NOTHING,
	CHECK_WEIGHT_FROM_STATUS, /* a program's, 2 to 255, less 2 */
	CHECK_WEIGHT_FROM_OUTPUT, /* a program's, its first line */
	CHECK_WEIGHT_FROM_AGENT,  /* the server's, asked by TCP */
	CHECK_WEIGHT_FROM_FILE,
};

/* The header of the PROXY protocol that begins a connection. */
enum check_proxy {
	CHECK_PROXY_NONE,
	CHECK_PROXY_V1,
	CHECK_PROXY_V2,
};

/* A server's stand-in. */
struct check_backup {
	struct ipvsctl_server server; /* port 0: any */
	char *stand_in;		      /* as ipvsctl_server_parse() reads it */
};

/* Standbys of one rank: a file of servers, or servers, one of them set. */
struct check_standbys {
	char *file;
	char *servers; /* a line each, as server_list_parse() reads it */
};

#define CHECK_NAME_SIZE	     40 /* "leaving:" and a name fit a hold's reason */
#define CHECK_STATUS_RANGES  16
#define CHECK_STEPS	     64
#define CHECK_BYTES	     65536   /* of a step; */
#define CHECK_EXPECT	     4096    /* of one that expects them */
#define CHECK_DATA	     1048576 /* bytes of a request */
#define CHECK_WANTED_HEADERS 16
#define CHECK_TIMEOUT_MAX_US INT64_C(3600000000)
#define CHECK_CUT_AFTER_US   INT64_C(10000000) /* the default */
#define CHECK_CUT_NEVER	     INT64_MAX

/* How to probe. Probes with equal ways and targets are made once. */
struct check_way {
	enum check_kind kind;
	bool server_port; /* each server's own port */
	uint16_t port;
	int64_t timeout_us;
	struct ipvsctl_address source; /* AF_UNSPEC: none */
	char *interface;	       /* NULL: none; likewise below */
	uint32_t mark;		       /* 0: none */
	enum check_proxy proxy_protocol;
	bool via_vip;
	struct ipvsctl_address vip; /* AF_UNSPEC: the service's */

	/* tls, http, https, smtp */
	char *path; /* never NULL for http and https */
	char *method;
	char *host;	 /* of the Host header; the name smtp greets with */
	char **headers;	 /* "Name: value"; NULL at the end; or NULL */
	char *data_file; /* of the request; NULL: none */
	struct check_bytes data; /* that file */
	char **wanted_headers;	 /* "Name:expression"; likewise */
	struct check_range statuses[CHECK_STATUS_RANGES]; /* accepted */
	size_t status_count;
	char *body;	   /* extended regular expression */
	char *sha256;	   /* of the body; 64 lower-case hex digits */
	bool follow;	   /* redirects */
	bool insecure;	   /* takes any certificate */
	char *ca_file;	   /* NULL: the system's */
	char *sni;	   /* name to ask for and verify; NULL: host */
	char *certificate; /* the client's, PEM */
	char *key;
	char *http_version; /* "1.1", "2"; NULL: as negotiated */

	struct check_step *steps; /* tcp, tls, udp; in order */
	size_t step_count;

	char *dns_name; /* dns */
	uint16_t dns_type;
	uint16_t agent_port; /* of weight_from; here it needs no padding */
	char **answers; /* the reply must have one; NULL at the end; or NULL */

	char **exec;	    /* program and arguments; NULL at the end */
	char *user;	    /* to run it as; NULL: the current user */
	bool tells_service; /* exec names a value of the service */
	enum check_weight_from weight_from;
	char *weight_file; /* a path that can have placeholders */
};

struct check {
	char name[CHECK_NAME_SIZE];
	struct check_way way;
	unsigned int way_number; /* equal ways have the same */
	struct check *reporter; /* asks for the weight only; NULL: nobody does */
	char *where;		/* "checks.conf:7"; NULL: command line */

	char *selected; /* the selectors as one word, for the state */
	struct check_selector *selectors;
	size_t selector_count;
	bool from_file; /* from checks.conf */

	uint32_t fall, rise;
	enum check_start start;
	bool remove;	       /* on failure; otherwise drain */
	bool cuts_tcp;	       /* --cut-after was given: cut TCP, too */
	int64_t cut_after_us;  /* time down until removal, or CHECK_CUT_NEVER */
	int64_t slow_start_us; /* from weight 1 to all; 0: at once */
	/* Between probes with --every: while in doubt, and down; 0: as others. */
	int64_t retry_every_us, every_down_us;
	uint32_t jitter_percent; /* of each wait, that it may be shorter */
	uint32_t quorum; /* servers, or percent of the pool; 0: not given */
	bool quorum_percent;
	uint32_t keep; /* servers that stay, likewise */
	bool keep_percent;
	char *sorry; /* as ipvsctl_server_parse() reads it */
	struct check_backup *backups;
	size_t backup_count;

	struct check_standbys *standbys; /* by rank, from rank 1 */
	size_t standby_ranks;
	/* In percent of the first servers: below, a rank comes in; from above on,
	   it goes. */
	uint32_t standby_below, standby_above;

	char *withdraw; /* a VIP: there only while the quorum holds; or NULL */
	char *maintenance; /* while this file exists, the VIP is withdrawn */

	char *servers_file;
	char *upstream;			  /* of the file; NULL: the only one */
	struct command_value *attributes; /* for servers that the check adds */
	size_t attribute_count;

	char *notify;
	char *mail;
	char *mail_from;
	char *smtp_url;
};

struct checks {
	struct check *checks;
	size_t count, capacity;
};

/* Returns the first step of this sort, or NULL: udp has one of each at most. */
const struct check_bytes *check_step(const struct check_way *way, bool expects);

/* Returns "tcp", "https". */
const char *check_kind_name(enum check_kind kind);
/* Tells whether this process makes probes of the kind: no child of it can, since it
   must not start programs or read files. */
static inline bool check_kind_is_own(enum check_kind kind)
{
	return kind == CHECK_EXEC || kind == CHECK_FILE;
}
/* Tells whether probes of the kind are made by libcurl. */
static inline bool check_kind_is_curl(enum check_kind kind)
{
	return kind == CHECK_TLS || kind == CHECK_HTTP || kind == CHECK_HTTPS;
}
/* The options of lbctl-check's verb run: those of a check, and its own. */
extern const struct command_option check_options[];

/*
 * Adds the check of a command line, or of a line of a file. line has the parsed
 * words; failures go to command. Returns 0, or -EINVAL, -EIO or -ENOMEM with
 * command->err filled.
 */
int check_add(struct command *command, const struct command *line,
	      const char *where, struct checks *checks) MUST_CHECK;
/* Adds the checks of a file. Returns as check_add(). */
int check_read_file(struct command *command, const char *path,
		    struct checks *checks) MUST_CHECK;
/* Checks that all checks can run together; numbers their ways. 0 or a code. */
int check_all(struct command *command, struct checks *checks) MUST_CHECK;
/* Returns the check of that name that selects the service, or NULL. */
const struct check *checks_find(const struct checks *checks, const char *name,
				const struct ipvsctl_service *service);
void checks_free(struct checks *checks);
#define AUTO_CHECKS CLEANUP(checks_free)

/* Sets the selectors of ret_check from a text like check->selected; skips what
   it cannot parse. Free ret_check->selectors. Returns 0 or -ENOMEM. */
int check_parse_selected(const char *selected,
			 struct check *ret_check) MUST_CHECK;
/* Tells whether the check selects the service. */
bool check_selects(const struct check *check,
		   const struct ipvsctl_service *service);
/* Tells whether one of the check's port ranges has the service. */
bool check_has_in_range(const struct check *check,
			const struct ipvsctl_service *service);

#endif
