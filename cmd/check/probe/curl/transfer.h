/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What the parts of the module share: a run, its ways, its transfers. */
#ifndef LBCTL_CHECK_CURL_TRANSFER_H
#define LBCTL_CHECK_CURL_TRANSFER_H

#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#include "check/probe/curl/match.h"
#include "check/probe/probe.h"

#define BODY_MAX_KIB   256 /* of a body, whatever the server sends */
#define HEADER_MAX_KIB 64  /* of all headers of all answers of a transfer */
#define REDIRECTS_MAX  5

#define BODY_MAX   ((size_t)BODY_MAX_KIB << 10)
#define HEADER_MAX ((size_t)HEADER_MAX_KIB << 10)

/* What TLS takes of files, for checks that name the same. */
struct curl_credentials {
	struct curl_credentials *next;
	const struct check_way *of;
	SSL_CTX *files;
	char fault[PROBE_MESSAGE_SIZE]; /* why they cannot be used; "" fine */
};

/* What probes of a check have in common, made once per run. */
struct curl_way {
	struct curl_way *next;
	const struct check *check;
	char *name; /* in URLs, for SNI and certificates; NULL: the address */
	struct curl_slist *headers;
	const struct curl_credentials *credentials; /* NULL: of none */
	struct matcher *body;			    /* NULL: no expression */
	char fault[PROBE_MESSAGE_SIZE]; /* why none can be tried; "" fine */
};

/* What all transfers of a run have in common. */
struct curl_run {
	CURLM *multi;
	struct loop *loop;
	struct loop_timer timer; /* the one that libcurl wants */
	struct curl_way *ways;	 /* the one used last is the first */
	struct curl_credentials *credentials;
	bool deaf; /* the loop could not be told what to wait for */
};

/* Why this module, not libcurl, ended a transfer. */
enum transfer_ending {
	ENDING_NONE,
	ENDING_STATUS, /* is not fine: the body does not matter */
	ENDING_ENOUGH, /* of a body that nothing is looked for in */
	ENDING_LARGE,  /* a body that something is looked for in */
	ENDING_HEADER, /* too large */
	ENDING_MEMORY,
};

/* A probe under way: its state. */
struct transfer {
	struct curl_run *run;
	const struct curl_way *way;
	CURL *easy;
	struct curl_slist *connect_to;
	int fd;		   /* for libcurl to begin with; -1: it has it */
	int error;	   /* an errno that is no server's fault; 0: none */
	uint64_t received; /* bytes on the wire, of sockets that are closed */
	enum transfer_ending ending;
	size_t header_size, body_size;
	char *body; /* only where an expression is looked for */
	size_t body_capacity;
	EVP_MD_CTX *digest; /* only where it matters */
	char text[CURL_ERROR_SIZE];
};

/* ---- way.c ---- */

/* Returns NULL without memory. */
const struct curl_way *curl_way(struct curl_run *run, const struct check *check);
void curl_ways_free(struct curl_way *ways);

/* ---- credentials.c ---- */

/* Those of a way, of which the first call reads the files. Returns NULL without
   memory. */
const struct curl_credentials *curl_credentials(struct curl_run *run,
						const struct check_way *of);
void curl_credentials_free(struct curl_credentials *list);
/* Has libcurl use them. */
CURLcode curl_credentials_use(CURL *easy,
			      const struct curl_credentials *credentials);

/* ---- transfer.c: the kinds' functions ---- */

int transfer_start(struct probe *probe);
void message_expire(struct probe *probe);
void transfer_stop(struct probe *probe);

/* ---- answer.c ---- */

/* Has libcurl give what comes to the transfer. Returns 0 or -ENOMEM. */
int answer_expect(struct probe *probe);
/* Ends the probe of a transfer that libcurl is through with. */
void answer_end(struct probe *probe, CURLcode code);

/* ---- message.c ---- */

/* Ends a probe by what libcurl says of its failure. */
void message_end(struct probe *probe, CURLcode code);
/* A text by a library or a server, without what no reader wants. */
void message_clean(const char *text, char ret_text[PROBE_MESSAGE_SIZE]);

/* ---- mail.c ---- */

int mail_send(const struct probe_mail *sent, char ret_why[PROBE_MESSAGE_SIZE]);

#endif
