/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Probes: single attempts to use a server, all under way at once. */
#ifndef LBCTL_CHECK_PROBE_H
#define LBCTL_CHECK_PROBE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "check/config/check.h"
#include "check/config/told.h"
#include "check/process/loop.h"

enum probe_verdict {
	PROBE_UNKNOWN, /* it could not be tried, which is not the server's fault */
	PROBE_UP,
	PROBE_DOWN,
};

#define PROBE_MESSAGE_SIZE 112

struct prober;

/* One attempt. The first part is set by whoever wants it, the next is what
   came of it, the last belongs to its kind while it is under way. */
struct probe {
	const struct check *check;	/* how; its services do not matter */
	struct ipvsctl_address server;	/* that is judged */
	struct ipvsctl_address address; /* that is asked; mostly the same */
	struct ipvsctl_address source;	/* AF_UNSPEC: as the check says */
	uint16_t port;			/* 0 where the kind has none */
	uint32_t mark;			/* of the packets sent; 0: none */
	struct told told; /* the service, where its words have it */

	uint8_t verdict;     /* enum probe_verdict */
	bool weighed;	     /* up, and the server has said which weight */
	uint32_t weight;     /* it should have */
	uint32_t latency_us; /* from the start to the verdict, as of loop_now() */
	int64_t started;     /* as of clock_now() */
	char message[PROBE_MESSAGE_SIZE]; /* why not up, or what was said */

	struct prober *prober;
	int64_t left_out;	 /* loop_left_out() at the start */
	bool again;		 /* this is its second attempt */
	struct probe *next;	 /* that is to be started anew */
	struct loop_watch watch; /* watch.fd is -1 or closed at the end */
	struct loop_timer timer; /* the timeout */
	void *state; /* what else the kind needs, freed by its stop */
};

/*
 * How to probe. start begins an attempt, or ends it right away with
 * probe_end(); -EMFILE, -ENFILE, -ENOBUFS, -EAGAIN, -ENOMEM put it off until
 * others have ended; any other negative errno ends it as unknown.
 * A kind without expire is down when the time is up.
 */
struct probe_kind {
	int (*start)(struct probe *probe);
	void (*ready)(struct probe *probe, uint32_t events);
	void (*expire)(struct probe *probe);
	void (*stop)(struct probe *probe); /* frees probe->state, or NULL */
	unsigned int descriptors; /* how many one attempt needs at most */
	unsigned int window;	  /* how many at once at most; 0: no limit */
};

/*
 * Ends an attempt: closes, stops, and keeps verdict and message. One that is
 * down, and during which this process did not run all the time, is made once
 * more instead: the server may have given us up.
 */
void probe_end(struct probe *probe, enum probe_verdict verdict,
	       const char *format, ...) PRINTF(3, 4);
/*
 * Ends an attempt by an errno of the network: down where the server or the way
 * to it is at fault, unknown where this host is.
 */
void probe_end_errno(struct probe *probe, int error);
/* Sets its message, for terminals and JSON: servers have a say in some. */
void probe_say(struct probe *probe, const char *format, ...) PRINTF(2, 3);
/* The errno that waits on its socket, 0: none. */
int probe_socket_error(const struct probe *probe);

/* Its address and port for connect(2); returns the length. */
socklen_t probe_sockaddr(const struct probe *probe,
			 struct sockaddr_storage *ret_address);
/*
 * A non-blocking socket of that type and protocol as the check wants it:
 * source address, interface, mark. Returns it or a negative errno.
 */
int probe_socket(const struct probe *probe, int type, int protocol) MUST_CHECK;
/* Waits for these events on fd, which is the probe's from now on, also when
   that fails. Returns 0 or a negative errno. */
int probe_watch(struct probe *probe, int fd, uint32_t events) MUST_CHECK;
/* The loop that probes are run by, for kinds that wait for more. */
struct loop *prober_loop(struct prober *prober);

/* The kinds that do without another library (kind-*.c). */
extern const struct probe_kind probe_tcp, probe_udp, probe_dns, probe_smtp,
	probe_ping, probe_exec;

/* ---- Kinds of a module -------------------------------------------------- */

/* A mail and where to hand it in. */
struct probe_mail {
	const char *url, *from, *to;
	const char *text; /* the whole message, with its header */
	unsigned int timeout_seconds;
	const volatile sig_atomic_t *stop; /* not 0: end early */
};

/* What the module lbctl/check-curl.so exports under PROBE_CURL_SYMBOL. */
struct probe_curl {
	struct probe_kind tls, http, https;
	/*
	 * Reads the files that probes take, and has libraries read theirs: a
	 * process that is confined cannot. *ret_data is the module's.
	 */
	int (*load)(const struct probe *probes, size_t count, void **ret_data);
	void (*unload)(void *data);
	/* Gets ready for a run, ends it; in a process that was forked, too. */
	int (*open)(struct prober *prober, void *data);
	void (*close)(void *data);
	/* Sends by SMTP. Returns 0 or a negative errno, with why in ret_why. */
	int (*mail)(const struct probe_mail *mail,
		    char ret_why[PROBE_MESSAGE_SIZE]);
};
#define PROBE_CURL_SYMBOL "lbctl_probe_curl"
/* What load gave, in the module. */
void *prober_curl_data(struct prober *prober);

/* ---- All of them --------------------------------------------------------- */

struct probe_limits {
	unsigned int window; /* how many at once at most; 0: what fits */
	const struct probe_curl *curl; /* when a check is of one of its kinds */
	void *curl_data;	       /* what its load gave */
	const volatile sig_atomic_t *stop; /* not 0: end early; or NULL */

	/* Each may be NULL. begin starts something that is waited for, too, and
	   counts as under way; its failure ends the run. */
	int (*begin)(struct prober *prober, void *data);
	void (*ended)(const struct probe *probe, void *data);
	void (*turned)(void *data); /* at least once a second */
	void *data;		    /* of these */
};

/*
 * Runs all probes at once, as far as descriptors allow; each has a verdict
 * afterwards. Returns 0 or a negative errno that kept it from going on, after
 * which those that had not ended are unknown.
 */
int probe_all(struct probe *probes, size_t count,
	      const struct probe_limits *limits) MUST_CHECK;

#endif
