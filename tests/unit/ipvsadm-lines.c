/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Command lines of lbctl-ipvsadm: what they ask for, and what is said. */
#include "ipvsadm-lines.h"

#include <sys/socket.h>

#include <stdio.h>
#include <string.h>

const struct option_words option_words[OPTION_COUNT] = {
	[NUMERIC] = { "numeric", "-n" },
	[CONNECTION] = { "connection", "-c" },
	[SERVICE] = { "service-address", "-t 192.0.2.1:80" },
	[SCHEDULER] = { "scheduler", "-s rr" },
	[PERSISTENT] = { "persistent", "-p 60" },
	[NETMASK] = { "netmask", "-M 255.255.255.0" },
	[SERVER] = { "real-server", "-r 10.0.0.1:80" },
	[FORWARD] = { "forwarding-method", "-m" },
	[WEIGHT] = { "weight", "-w 5" },
	[U_THRESHOLD] = { "u-threshold", "-x 9" },
	[L_THRESHOLD] = { "l-threshold", "-y 8" },
	[MCAST_INTERFACE] = { "mcast-interface", "--mcast-interface eth1" },
	[TIMEOUT] = { "timeout", "--timeout" },
	[DAEMON] = { "daemon", "--daemon" },
	[STATS] = { "stats", "--stats" },
	[RATE] = { "rate", "--rate" },
	[THRESHOLDS] = { "thresholds", "--thresholds" },
	[PERSISTENT_CONN] = { "persistent-conn", "--persistent-conn" },
	[NOSORT] = { "nosort", "--nosort" },
	[SYNCID] = { "syncid", "--syncid 7" },
	[EXACT] = { "exact", "-X" },
	[OPS] = { "ops", "-o" },
	[PE] = { "pe", "--pe sip" },
	[SCHED_FLAGS] = { "sched-flags", "-b flag-1" },
	[MCAST_GROUP] = { "mcast-group", "--mcast-group 224.0.0.9" },
	[MCAST_PORT] = { "mcast-port", "--mcast-port 9000" },
	[MCAST_TTL] = { "mcast-ttl", "--mcast-ttl 3" },
	[SYNC_MAXLEN] = { "sync-maxlen", "--sync-maxlen 1000" },
	[TUN_INFO] = { "tun-info", "--tun-info" },
	[TUN_TYPE] = { "tun-type", "--tun-type gue" },
	[TUN_PORT] = { "tun-port", "--tun-port 6080" },
	[TUN_NOCSUM] = { "tun-nocsum", "--tun-nocsum" },
	[TUN_CSUM] = { "tun-csum", "--tun-csum" },
	[TUN_REMCSUM] = { "tun-remcsum", "--tun-remcsum" },
	[FULL] = { "full", "--full" },
};

#define WEB "-t 192.0.2.1:80"
#define OF_SERVICE \
	" service-address scheduler persistent netmask ops pe sched-flags "
#define OF_SERVER                                                        \
	" service-address real-server forwarding-method weight "         \
	"u-threshold l-threshold tun-type tun-port tun-nocsum tun-csum " \
	"tun-remcsum "

const struct command_words command_words[COMMAND_COUNT] = {
	[ADD_SERVICE] = { "add-service", "-A " WEB, OF_SERVICE },
	[EDIT_SERVICE] = { "edit-service", "-E " WEB, OF_SERVICE },
	[DELETE_SERVICE] = { "delete-service", "-D " WEB, " service-address " },
	[FLUSH] = { "flush", "-C", "" },
	[LIST] = { "list", "-L",
		   " numeric connection service-address timeout daemon stats "
		   "rate thresholds persistent-conn nosort syncid exact "
		   "tun-info " },
	[ADD_SERVER] = { "add-server", "-a " WEB " -r 10.0.0.1:80", OF_SERVER },
	[DELETE_SERVER] = { "delete-server", "-d " WEB " -r 10.0.0.1:80",
			    " service-address real-server " },
	[EDIT_SERVER] = { "edit-server", "-e " WEB " -r 10.0.0.1:80",
			  OF_SERVER },
	[SET_TIMEOUTS] = { "set", "--set 1 2 3", "" },
	[START_SYNC] = { "start-daemon", "--start-daemon master",
			 " mcast-interface syncid mcast-group mcast-port "
			 "mcast-ttl sync-maxlen " },
	[STOP_SYNC] = { "stop-daemon", "--stop-daemon backup", " syncid " },
	[RESTORE] = { "restore", "-R", "" },
	[SAVE] = { "save", "-S", " numeric full " },
	[ZERO] = { "zero", "-Z", " service-address " },
};

/* Puts the words of heard->words into argv; returns how many. */
static void split(struct heard *heard, const char **argv)
{
	char *rest = NULL;
	int count = 0;

	argv[count++] = "ipvsadm";
	for (char *word = strtok_r(heard->words, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		assert_true(count < LINE_WORDS);
		argv[count++] = strcmp(word, "''") == 0 ? "" : word;
	}
	argv[count] = NULL;
}

void hear_line(const char *line, struct heard *heard)
{
	const char *argv[LINE_WORDS + 1];
	FILE *outside = stderr;

	*heard = (struct heard){ .status = -1 };
	(void)snprintf(heard->words, sizeof(heard->words), "%s", line);
	split(heard, argv);
	stderr = fmemopen(heard->said, sizeof(heard->said) - 1, "w");
	assert_non_null(stderr);
	heard->status = options_parse(argv, &heard->request);
	if (heard->status == 0 && heard->request.command < COMMAND_COUNT)
		heard->status = rules_check(&heard->request);
	(void)fclose(stderr);
	stderr = outside;
	if ((heard->status == 0) != !heard->said[0])
		fail_msg("%s: status %d, '%s'", line, heard->status,
			 heard->said);
}

void hear_right(const char *line, struct heard *heard)
{
	hear_line(line, heard);
	if (heard->status != 0)
		fail_msg("%s: %s", line, heard->said);
}

void assert_said(const char *line, int status, const char *said)
{
	struct heard heard;
	char wanted[LINE_SAID];

	hear_line(line, &heard);
	(void)snprintf(wanted, sizeof(wanted), "%s\n", said);
	if (heard.status != status || strcmp(heard.said, wanted) != 0)
		fail_msg("%s: status %d, '%s', not %d, '%s'", line,
			 heard.status, heard.said, status, wanted);
}

/* ---- Requests as text -------------------------------------------------- */

static void put_service(FILE *stream, const struct ipvsctl_service *service)
{
	char text[IPVSCTL_IDENTITY_TEXT];
	const uint32_t all =
		service->address.family == AF_INET6 ? 128 : UINT32_MAX;

	assert_true(service->unchecked);
	if (service->address.family)
		(void)fprintf(stream, " %s",
			      ipvsctl_service_format(service, text));
	if (strcmp(service->scheduler, "wlc") != 0)
		(void)fprintf(stream, " scheduler %s", service->scheduler);
	if (service->persistence_seconds)
		(void)fprintf(stream, " persistent %u",
			      service->persistence_seconds);
	if (service->netmask != all)
		(void)fprintf(stream,
			      all == 128 ? " netmask /%u" : " netmask 0x%08x",
			      service->netmask);
	if (service->persistence_engine[0])
		(void)fprintf(stream, " pe %s", service->persistence_engine);
	if (service->flags & IPVSCTL_ONE_PACKET)
		(void)fputs(" one-packet", stream);
	for (unsigned int i = 0; i < 3; i++)
		if (service->flags & IPVSCTL_SCHED_FLAG_1 << i)
			(void)fprintf(stream, " flag-%u", i + 1);
}

static void put_server(FILE *stream, const struct ipvsctl_server *server)
{
	static const char *const checksums[] = { "", " checksum full",
						 " checksum remote", " ?" };
	char text[IPVSCTL_IDENTITY_TEXT];

	assert_true(server->unchecked);
	assert_false(server->held);
	if (server->address.family)
		(void)fprintf(stream, " -> %s",
			      ipvsctl_server_format(server, text));
	if (server->forward != IPVSCTL_FORWARD_DR)
		(void)fprintf(stream, " %s",
			      ipvsctl_forward_name(server->forward));
	if (server->weight != 1)
		(void)fprintf(stream, " weight %u", server->weight);
	if (server->upper_threshold)
		(void)fprintf(stream, " upper %u", server->upper_threshold);
	if (server->lower_threshold)
		(void)fprintf(stream, " lower %u", server->lower_threshold);
	if (server->tunnel)
		(void)fprintf(stream, " %s",
			      ipvsctl_tunnel_name(server->tunnel));
	if (server->tunnel_port)
		(void)fprintf(stream, " tunnel-port %u", server->tunnel_port);
	(void)fputs(checksums[server->tunnel_checksum & 3], stream);
}

static void put_sync(FILE *stream, const struct ipvsctl_sync *sync)
{
	char text[IPVSCTL_ADDRESS_TEXT];

	if (sync->role)
		(void)fprintf(stream, " %s", ipvsctl_sync_role_name(sync->role));
	if (strcmp(sync->interface, "eth0") != 0)
		(void)fprintf(stream, " interface %s", sync->interface);
	if (sync->id)
		(void)fprintf(stream, " id %u", sync->id);
	if (sync->max_length)
		(void)fprintf(stream, " maxlen %u", sync->max_length);
	if (sync->group.family)
		(void)fprintf(stream, " group %s",
			      ipvsctl_address_format(&sync->group, text));
	if (sync->port)
		(void)fprintf(stream, " port %u", sync->port);
	if (sync->ttl)
		(void)fprintf(stream, " ttl %u", sync->ttl);
}

static const char *command_name(enum ipvsadm_command command)
{
	if (command == HELP)
		return "help";
	if (command == VERSION)
		return "version";
	assert_true(command < COMMAND_COUNT);
	return command_words[command].name;
}

const char *request_text(const struct request *request, char text[LINE_SAID])
{
	const struct ipvsctl_timeouts *timeouts = &request->timeouts;
	FILE *stream = fmemopen(text, LINE_SAID, "w");

	assert_non_null(stream);
	assert_string_equal(request->program, "ipvsadm");
	(void)fputs(command_name(request->command), stream);
	/* The rest of a line that asks for help is not looked at. */
	if (request->command < COMMAND_COUNT) {
		put_service(stream, &request->service);
		put_server(stream, &request->server);
		put_sync(stream, &request->sync);
	}
	if (timeouts->tcp || timeouts->tcp_fin || timeouts->udp)
		(void)fprintf(stream, " timeouts %u %u %u", timeouts->tcp,
			      timeouts->tcp_fin, timeouts->udp);
	if (request->odd_interface)
		(void)fputs(" odd", stream);
	assert_int_equal(fclose(stream), 0);
	return text;
}
