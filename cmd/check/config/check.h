/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Checks: what to probe, how often that may fail, and what then happens. */
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
	CHECK_KINDS,
};

enum check_start {
	CHECK_START_AUTO, /* up where the kernel has it, else as of a probe */
	CHECK_START_UP,
	CHECK_START_DOWN,
	CHECK_START_CHECK, /* the first probe decides */
};

/* Bytes to send or to look for; they may hold NULs. */
struct check_bytes {
	uint8_t *bytes; /* NULL: not given */
	size_t length;
};

struct check_range {
	uint16_t first, last;
};

/* Services that a check is about: one, or a range of ports, or all. */
struct check_selector {
	bool all;
	struct ipvsctl_service service;
	uint16_t last_port; /* 0: just service */
};

/* Where servers get another weight from than the one that is wanted. */
enum check_weight_from {
	CHECK_WEIGHT_FROM_NOTHING,
	CHECK_WEIGHT_FROM_STATUS, /* of a program: 2 to 255 less 2 */
};

/* A server's stand-in. */
struct check_backup {
	struct ipvsctl_server server; /* port 0: any */
	char *stand_in;		      /* as ipvsctl_server_parse() reads it */
};

#define CHECK_NAME_SIZE	     40 /* "leaving:" and this fit a hold's reason */
#define CHECK_STATUS_RANGES  16
#define CHECK_TIMEOUT_MAX_US INT64_C(3600000000)
#define CHECK_CUT_AFTER_US   INT64_C(10000000) /* unless it is given */
#define CHECK_CUT_NEVER	     INT64_MAX

/* How to probe: probes with equal ways and targets are one. */
struct check_way {
	enum check_kind kind;
	bool server_port; /* each server's own port */
	uint16_t port;
	int64_t timeout_us;
	struct ipvsctl_address source; /* AF_UNSPEC: none */
	char *interface;	       /* NULL: none; likewise below */
	uint32_t mark;		       /* 0: none */
	bool via_vip;
	struct ipvsctl_address vip; /* AF_UNSPEC: the service's */

	/* tls, http, https, smtp */
	char *path; /* never NULL for http and https */
	char *method;
	char *host;	/* of the Host header; the name smtp greets with */
	char **headers; /* "Name: value"; NULL at the end; or NULL */
	struct check_range statuses[CHECK_STATUS_RANGES]; /* that are fine */
	size_t status_count;
	char *body;	   /* extended regular expression */
	char *sha256;	   /* of the body; 64 lower-case hex digits */
	bool follow;	   /* redirects */
	bool insecure;	   /* takes any certificate */
	char *ca_file;	   /* NULL: the system's */
	char *sni;	   /* the name asked for and verified; NULL: host */
	char *certificate; /* the client's, PEM */
	char *key;
	char *http_version; /* "1.1", "2"; NULL: as agreed */

	struct check_bytes send;   /* udp */
	struct check_bytes expect; /* udp */

	char *dns_name; /* dns */
	uint16_t dns_type;
	char **answers; /* of which one must be there; NULL at the end; or NULL */

	char **exec;	    /* program and arguments; NULL at the end */
	char *user;	    /* to run it as; NULL: this one */
	bool tells_service; /* to it, in its words */
	enum check_weight_from weight_from;
};

struct check {
	char name[CHECK_NAME_SIZE];
	struct check_way way;
	unsigned int way_number; /* the same for equal ways */
	char *where;		 /* "checks.conf:7", or NULL: command line */

	char *selected; /* the selectors as one word, for the state */
	struct check_selector *selectors;
	size_t selector_count;
	bool from_file; /* of checks.conf */

	uint32_t fall, rise;
	enum check_start start;
	bool remove;   /* on failure; else drain */
	bool cuts_tcp; /* --cut-after was given: TCP's connections, too */
	int64_t cut_after_us; /* down so long: removed; CHECK_CUT_NEVER */
	uint32_t quorum; /* servers, or percent of the pool; 0: not given */
	bool quorum_percent;
	char *sorry; /* as ipvsctl_server_parse() reads it */
	struct check_backup *backups;
	size_t backup_count;

	char *servers_file;
	char *upstream;			  /* of the file; NULL: the only one */
	struct command_value *attributes; /* of servers that are added */
	size_t attribute_count;

	char *notify;
	char *mail;
	char *mail_from;
	char *smtp_url;
};

struct checks {
	struct check *checks;
	size_t count;
};

/* "tcp", "https". */
const char *check_kind_name(enum check_kind kind);
/* The options of a check, in the table of lbctl-check's run. */
extern const struct command_option check_options[];

/*
 * Adds the check that a command line or a line of a file means. Returns 0;
 * -EINVAL, -ENOMEM, -EIO with command->err filled. line is what the words were
 * parsed to; failures are put down to command.
 */
int check_add(struct command *command, const struct command *line,
	      const char *where, struct checks *checks) MUST_CHECK;
/* Adds the checks of a file. Returns as check_add(). */
int check_read_file(struct command *command, const char *path,
		    struct checks *checks) MUST_CHECK;
/* Whether they can stand side by side; numbers their ways. */
int check_all(struct command *command, struct checks *checks) MUST_CHECK;
/* The check of that name which is about the service, or NULL. */
const struct check *checks_find(const struct checks *checks, const char *name,
				const struct ipvsctl_service *service);
void checks_free(struct checks *checks);
#define AUTO_CHECKS CLEANUP(checks_free)

/* Gives a check the selectors of the text that another keeps of them; free
   ret_check->selectors. Returns 0 or -ENOMEM. */
int check_parse_selected(const char *selected,
			 struct check *ret_check) MUST_CHECK;
/* Whether the check is about the service. */
bool check_selects(const struct check *check,
		   const struct ipvsctl_service *service);
/* Whether one of the check's port ranges has the service. */
bool check_has_in_range(const struct check *check,
			const struct ipvsctl_service *service);

#endif
