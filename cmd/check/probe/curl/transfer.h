/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Shared by the parts of the module: a run, its ways, its transfers. */
#ifndef LBCTL_CHECK_CURL_TRANSFER_H
#define LBCTL_CHECK_CURL_TRANSFER_H

#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#include "check/probe/conversation.h"
#include "check/probe/curl/match.h"
#include "check/probe/probe.h"

#define BODY_MAX_KIB   256 /* of a body, whatever the server sends */
#define HEADER_MAX_KIB 64  /* of all headers of all answers of a transfer */
#define REDIRECTS_MAX  5

#define BODY_MAX   ((size_t)BODY_MAX_KIB << 10)
#define HEADER_MAX ((size_t)HEADER_MAX_KIB << 10)

/* The TLS files of checks that name the same ones. */
struct curl_credentials {
	struct curl_credentials *next;
	const struct check_way *of;
	SSL_CTX *files;
	char fault[PROBE_MESSAGE_SIZE]; /* why they cannot be used; "": fine */
};

/* A header that an answer must have. */
struct wanted_header {
	const char *name; /* NULL: no more */
	size_t length;	  /* of the name */
	struct matcher *value;
};

/* The common data of a check's probes, made once per run. */
struct curl_way {
	struct curl_way *next;
	const struct check *check;
	char *name; /* in URLs, SNI, certificates; NULL: the address */
	struct curl_slist *headers;
	const struct curl_credentials *credentials; /* NULL: none */
	struct matcher *body;			    /* NULL: no expression */
	struct wanted_header wanted[CHECK_WANTED_HEADERS + 1];
	char fault[PROBE_MESSAGE_SIZE]; /* why none can be tried; "": fine */
};

/* The common data of a run's transfers. */
struct curl_run {
	CURLM *multi;
	struct loop *loop;
	struct loop_timer timer; /* libcurl's */
	struct curl_way *ways;	 /* the last used is the first */
	struct curl_credentials *credentials;
	bool deaf; /* the loop could not be told what to wait for */
};

/* Why this module, and not libcurl, ended a transfer. */
enum transfer_ending {
	ENDING_NONE,
	ENDING_STATUS,	/* not accepted: the body does not matter */
	ENDING_ENOUGH,	/* of a body that is not checked */
	ENDING_LARGE,	/* a body that must be checked */
	ENDING_HEADER,	/* too large */
	ENDING_MATCHER, /* it cannot search this */
	ENDING_MEMORY,
};

/* The state of a probe that is under way. */
struct transfer {
	struct curl_run *run;
	const struct curl_way *way;
	CURL *easy;
	struct curl_slist *connect_to;
	int fd;		/* for libcurl's first connection; -1: taken */
	bool connected; /* fd is */
	struct conversation *conversation; /* of steps; NULL: not yet */
	struct loop_watch talk;		   /* its; fd is libcurl's */
	CURLcode talk_code;		   /* why it failed */
	int error;	   /* errno that is our fault; 0: none */
	uint64_t received; /* bytes on the wire, of closed sockets */
	enum transfer_ending ending;
	size_t header_size, body_size;
	/* Headers of the last answer, by position in the way's wanted. */
	bool has[CHECK_WANTED_HEADERS], matches[CHECK_WANTED_HEADERS];
	char *body; /* only if there is an expression */
	size_t body_capacity;
	EVP_MD_CTX *digest; /* only if there is a sha256 */
	char text[CURL_ERROR_SIZE];
};

/* ---- way.c ---- */

/* Returns the way of a check, or NULL without memory; makes it if it is new. */
const struct curl_way *curl_way(struct curl_run *run, const struct check *check);
void curl_ways_free(struct curl_way *ways);

/* ---- credentials.c ---- */

/* Returns the credentials of a way; the first call reads the files. Returns
   NULL without memory. */
const struct curl_credentials *curl_credentials(struct curl_run *run,
						const struct check_way *of);
void curl_credentials_free(struct curl_credentials *list);
/* Makes libcurl use the credentials. */
CURLcode curl_credentials_use(CURL *easy,
			      const struct curl_credentials *credentials);

/* ---- transfer.c: the kinds' functions ---- */

int transfer_start(struct probe *probe);
void transfer_ready(struct probe *probe, uint32_t events);
void message_expire(struct probe *probe);
void transfer_stop(struct probe *probe);

/* ---- steps.c ---- */

/* Begins the conversation of a check, after the handshake. */
void steps_begin(struct probe *probe);
/* Stops waiting for the server. */
void steps_stop(struct transfer *transfer);

/* ---- answer.c ---- */

/* Makes libcurl hand the answer to the transfer. Returns 0 or -ENOMEM. */
int answer_expect(struct probe *probe);
/* Ends the probe of a transfer that libcurl has finished. */
void answer_end(struct probe *probe, CURLcode code);

/* ---- message.c ---- */

/* Ends a probe by the failure that libcurl reports. */
void message_end(struct probe *probe, CURLcode code);
/* Copies a text of a library or a server, without useless parts. */
void message_clean(const char *text, char ret_text[PROBE_MESSAGE_SIZE]);

/* ---- smtp-mail.c ---- */

int mail_send(const struct probe_mail *sent, char ret_why[PROBE_MESSAGE_SIZE]);

#endif
