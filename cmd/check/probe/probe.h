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
#include "check/probe/weight-report.h"
#include "check/process/loop.h"

enum probe_verdict {
	PROBE_UNKNOWN, /* could not be tried; not the server's fault */
	PROBE_UP,
	PROBE_DOWN,
};

#define PROBE_MESSAGE_SIZE 112

struct prober;

/* One attempt. The caller sets the first part. The second part is the result.
   The last part belongs to the kind while the attempt is under way. */
struct probe {
	const struct check *check;	/* how; its services do not matter */
	struct ipvsctl_address server;	/* the one judged */
	struct ipvsctl_address address; /* the one asked; mostly the same */
	struct ipvsctl_address source;	/* AF_UNSPEC: the check's */
	uint16_t port;			/* 0 if the kind has none */
	uint32_t mark;			/* of the packets sent; 0: none */
	struct told told;		/* the service, if its words name it */

	uint8_t verdict; /* enum probe_verdict */
	bool cut_off;	 /* unknown: this host's own way to it is down */
	bool garbled;	 /* up, but the message was to be a report */
	struct weight_report report; /* if up; its text is the message */
	uint32_t latency_us; /* from start to verdict, as of loop_now() */
	int64_t started;     /* as of clock_now() */
	char message[PROBE_MESSAGE_SIZE]; /* why not up, or the answer */

	struct prober *prober;
	int64_t left_out;	 /* loop_left_out() at the start */
	int64_t worked;		 /* loop_worked() when its time began */
	bool again;		 /* this is the second attempt */
	struct probe *next;	 /* next to start again */
	struct loop_watch watch; /* watch.fd is -1 or closed at the end */
	struct loop_timer timer; /* the timeout */
	void *state;		 /* other data of the kind; its stop frees it */
};

/*
 * How to probe. start begins an attempt, or ends it at once with probe_end(). A
 * shortage (-EMFILE, -ENFILE, -ENOBUFS, -EAGAIN, -ENOMEM, -EADDRNOTAVAIL) puts
 * it off until another has ended, if any is under way; other errnos end it as
 * probe_end_errno(). Without expire, a probe is down when its time is up.
 */
struct probe_kind {
	int (*start)(struct probe *probe);
	void (*ready)(struct probe *probe, uint32_t events);
	void (*expire)(struct probe *probe);
	void (*stop)(struct probe *probe); /* frees probe->state, or NULL */
	unsigned int descriptors;	   /* most that one attempt needs */
	unsigned int window;		   /* most at once; 0: no limit */
};

/*
 * Ends an attempt: closes its socket, calls stop, keeps verdict and message. If
 * the attempt is down but this process did not run all the time, it is made
 * once more instead: the server may have given up.
 */
void probe_end(struct probe *probe, enum probe_verdict verdict,
	       const char *format, ...) PRINTF(3, 4);
/*
 * Ends an attempt by an errno of the network: down if the server or the way to
 * it is at fault, unknown if this host is.
 */
void probe_end_errno(struct probe *probe, int error);
/* Ends an attempt, down, because its time is up. */
void probe_end_late(struct probe *probe);
/* Sets the message, made safe for terminals and JSON: servers choose parts of
   some. */
void probe_say(struct probe *probe, const char *format, ...) PRINTF(2, 3);
/* Frees probe->state: the stop of kinds that have nothing else to undo. */
void probe_free_state(struct probe *probe);
/* Returns the pending error of the probe's socket; 0: none. */
int probe_socket_error(const struct probe *probe);

/* Gets the probe's address and port for connect(2). Returns the length. */
socklen_t probe_sockaddr(const struct probe *probe,
			 struct sockaddr_storage *ret_address);
/*
 * Opens a non-blocking socket of that type and protocol, with the check's
 * source address, interface and mark. Returns it or a negative errno.
 */
int probe_socket(const struct probe *probe, int type, int protocol) MUST_CHECK;
/* Waits for these events on fd, which the probe owns from now on, also if this
   fails. Returns 0 or a negative errno. */
int probe_watch(struct probe *probe, int fd, uint32_t events) MUST_CHECK;
/* Returns the loop that runs the probes, for kinds that wait for more. */
struct loop *prober_loop(struct prober *prober);

/* The kinds that need no other library (kind-*.c). */
extern const struct probe_kind probe_tcp, probe_udp, probe_dns, probe_smtp,
	probe_ping, probe_exec, probe_agent, probe_file;

/* ---- Kinds of a module -------------------------------------------------- */

/* A mail, and the server to hand it to. */
struct probe_mail {
	const char *url, *from, *to;
	const char *text; /* the whole message, with its header */
	unsigned int timeout_seconds;
	const volatile sig_atomic_t *stop; /* not 0: end early */
};

/* The module lbctl/check-curl.so exports this as PROBE_CURL_SYMBOL. */
struct probe_curl {
	struct probe_kind tls, http, https;
	/*
	 * Reads the files that probes need, and makes libraries read theirs: a
	 * confined process cannot. The module owns *ret_data.
	 */
	int (*load)(const struct probe *probes, size_t count, void **ret_data);
	void (*unload)(void *data);
	/* open begins a run, close ends it; in a forked process, too. */
	int (*open)(struct prober *prober, void *data);
	void (*close)(void *data);
	/* Sends by SMTP. Returns 0, or a negative errno with why in ret_why. */
	int (*mail)(const struct probe_mail *mail,
		    char ret_why[PROBE_MESSAGE_SIZE]);
};
#define PROBE_CURL_SYMBOL "lbctl_probe_curl"
/* Returns what load gave, for the module. */
void *prober_curl_data(struct prober *prober);

/* ---- All of them --------------------------------------------------------- */

struct probe_limits {
	unsigned int window;	       /* most at once; 0: as many as fit */
	const struct probe_curl *curl; /* if a check is of one of its kinds */
	void *curl_data;	       /* what its load gave */
	const volatile sig_atomic_t *stop; /* not 0: end early; or NULL */

	/* Each can be NULL. begin starts something that counts as under way and
	   is waited for, too; its failure ends the run. */
	int (*begin)(struct prober *prober, void *data);
	void (*ended)(const struct probe *probe, void *data);
	void (*turned)(void *data); /* at least once a second */
	void *data;		    /* for these functions */
};

/*
 * Runs all probes at once, as far as descriptors allow; each has a verdict
 * afterwards. Returns 0, or the negative errno that stopped the run; probes
 * that had not ended are then unknown.
 */
int probe_all(struct probe *probes, size_t count,
	      const struct probe_limits *limits) MUST_CHECK;

#endif
