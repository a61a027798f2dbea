/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * smtp: the server is up if it greets, and answers EHLO. libcurl is not used:
 * its QUIT waits for an answer and blocks all other probes meanwhile (7.88).
 */
#include <sys/epoll.h>

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "check/probe/probe.h"
#include "check/process/loop.h"

#define TALK_MAX  65536 /* bytes that a server may say */
#define LINE_SIZE 96	/* kept of a line */
#define NAME_SIZE 256
#define QUIT	  "QUIT\r\n"

enum phase {
	PHASE_CONNECT,
	PHASE_GREETING,
	PHASE_EHLO,
};

struct smtp {
	enum phase phase;
	size_t said; /* bytes in all */
	size_t length;
	char line[LINE_SIZE];
};

static int smtp_start(struct probe *probe)
{
	struct sockaddr_storage address;
	socklen_t length = probe_sockaddr(probe, &address);
	AUTO_CLOSE int fd = probe_socket(probe, SOCK_STREAM, IPPROTO_TCP);

	if (fd < 0)
		return fd;
	if (connect(fd, (struct sockaddr *)&address, length) < 0 &&
	    errno != EINPROGRESS)
		return -errno;
	probe->state = calloc(1, sizeof(struct smtp));
	if (!probe->state)
		return -ENOMEM;
	return probe_watch(probe, TAKE_FD(fd), EPOLLOUT);
}

/* ---- Saying -------------------------------------------------------------- */

/* Sends a text that fits the socket's buffer. Returns 0 or an errno. */
static int say(const struct probe *probe, const char *text)
{
	const size_t length = strlen(text);
	const ssize_t sent = send(probe->watch.fd, text, length,
				  MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent < 0)
		return errno;
	return (size_t)sent == length ? 0 : ENOBUFS;
}

static int say_ehlo(const struct probe *probe)
{
	char name[NAME_SIZE] = "localhost";
	char text[NAME_SIZE + sizeof("EHLO \r\n")];

	if (probe->check->way.host)
		(void)snprintf(name, sizeof(name), "%s", probe->check->way.host);
	else if (gethostname(name, sizeof(name)) < 0)
		return errno;
	name[sizeof(name) - 1] = '\0';
	(void)snprintf(text, sizeof(text), "EHLO %s\r\n", name);
	return say(probe, text);
}

/* ---- Hearing ------------------------------------------------------------- */

/* Returns whether the probe has ended. */
static bool end_reply(struct probe *probe, struct smtp *smtp)
{
	const bool greeting = smtp->phase == PHASE_GREETING;
	const char *wanted = greeting ? "220" : "250";
	int error;

	if (strncmp(smtp->line, wanted, 3) != 0) {
		(void)say(probe, QUIT);
		/* Strip blanks and dots at the end; the digits remain. */
		for (char *end = strchr(smtp->line, '\0');
		     strchr(" .", end[-1]); end--)
			end[-1] = '\0';
		probe_end(probe, PROBE_DOWN, "%s: %.90s",
			  greeting ? "greeting" : "EHLO", smtp->line);
		return true;
	}
	if (!greeting) {
		(void)say(probe, QUIT);
		probe_end(probe, PROBE_UP, "%s", wanted);
		return true;
	}
	smtp->phase = PHASE_EHLO;
	error = say_ehlo(probe);
	if (error)
		probe_end_errno(probe, error);
	return error;
}

/* Returns whether the probe has ended. */
static bool end_line(struct probe *probe, struct smtp *smtp)
{
	const size_t length = smtp->length;

	smtp->length = 0;
	smtp->line[length] = '\0';
	smtp->line[strcspn(smtp->line, "\r")] = '\0';
	if (strspn(smtp->line, "0123456789") != 3 ||
	    (smtp->line[3] && !strchr(" -", smtp->line[3]))) {
		probe_end(probe, PROBE_DOWN, "no SMTP answer");
		return true;
	}
	return smtp->line[3] != '-' && end_reply(probe, smtp);
}

static void hear(struct probe *probe, const char *bytes, size_t length)
{
	struct smtp *smtp = probe->state;

	smtp->said += length;
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] == '\n') {
			if (end_line(probe, smtp))
				return;
		} else if (smtp->length < LINE_SIZE - 1) {
			smtp->line[smtp->length++] = bytes[i];
		}
	}
	if (smtp->said > TALK_MAX)
		probe_end(probe, PROBE_DOWN, "answer larger than %d KiB",
			  TALK_MAX >> 10);
}

static void receive(struct probe *probe)
{
	char bytes[2048];
	const ssize_t length =
		recv(probe->watch.fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (length > 0)
		hear(probe, bytes, (size_t)length);
	else if (length == 0)
		probe_end(probe, PROBE_DOWN, "closed without an answer");
	else if (errno != EAGAIN && errno != EINTR)
		probe_end_errno(probe, errno);
}

static void connected(struct probe *probe, struct smtp *smtp)
{
	struct loop *loop = prober_loop(probe->prober);
	int error = probe_socket_error(probe);

	if (!error)
		error = -loop_modify(loop, &probe->watch, EPOLLIN);
	if (error)
		probe_end_errno(probe, error);
	else
		smtp->phase = PHASE_GREETING;
}

static void smtp_ready(struct probe *probe, uint32_t events)
{
	struct smtp *smtp = probe->state;

	(void)events;
	if (smtp->phase == PHASE_CONNECT)
		connected(probe, smtp);
	else
		receive(probe);
}

const struct probe_kind probe_smtp = {
	.start = smtp_start,
	.ready = smtp_ready,
	.stop = probe_free_state,
	.descriptors = 1,
};
