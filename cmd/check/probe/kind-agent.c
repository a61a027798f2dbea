/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * agent: connects to the server's agent and reads the line that it reports, as
 * HAProxy's agent-check does. The attempt is up if there is a report, down if there
 * is no answer, and unknown if the answer says nothing.
 */
#include <sys/epoll.h>

#include <errno.h>
#include <netinet/in.h>

#include "check/probe/probe.h"

struct agent {
	size_t length;
	char text[REPORT_LINE_SIZE];
};

static int agent_start(struct probe *probe)
{
	struct sockaddr_storage address;
	socklen_t length = probe_sockaddr(probe, &address);
	AUTO_CLOSE int fd = probe_socket(probe, SOCK_STREAM, IPPROTO_TCP);

	if (fd < 0)
		return fd;
	if (connect(fd, (struct sockaddr *)&address, length) < 0 &&
	    errno != EINPROGRESS)
		return -errno;
	probe->state = calloc(1, sizeof(struct agent));
	return probe->state ? probe_watch(probe, TAKE_FD(fd), EPOLLIN) :
			      -ENOMEM;
}

static void take_line(struct probe *probe, size_t length)
{
	struct agent *agent = probe->state;

	agent->text[length] = '\0';
	if (weight_report_parse(agent->text, length, false, &probe->report))
		probe_end(probe, PROBE_UP, "%s", agent->text);
	else
		probe_end(probe, PROBE_UNKNOWN,
			  "its agent says no percentage and no known word: "
			  "'%.40s'",
			  agent->text);
}

static void agent_ready(struct probe *probe, uint32_t events)
{
	struct agent *agent = probe->state;
	const size_t room = sizeof(agent->text) - 1 - agent->length;
	ssize_t got = recv(probe->watch.fd, agent->text + agent->length, room,
			   MSG_DONTWAIT);
	size_t length;

	(void)events;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got < 0) {
		probe_end_errno(probe, errno);
		return;
	}
	agent->length += (size_t)got;
	if (weight_report_line(agent->text, agent->length, got == 0, &length))
		take_line(probe, length);
	else if (agent->length == sizeof(agent->text) - 1)
		probe_end(probe, PROBE_UNKNOWN,
			  "the line of its agent has more than %d bytes",
			  REPORT_LINE_SIZE - 2);
}

const struct probe_kind probe_agent = {
	.start = agent_start,
	.ready = agent_ready,
	.stop = probe_free_state,
	.descriptors = 1,
};
