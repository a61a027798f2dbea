/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Parses a command line in ipvsadm's order: the first word is a command, and
 * the first mistake is reported.
 */
#include <netinet/in.h>
#include <sys/socket.h>

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <popt.h>

#include "ipvsadm/ipvsadm.h"

/* A command line that is parsed into a request. */
struct parsing {
	struct request *request;
	struct scan scan;
	const struct ipvsadm_word *word;
	bool server_has_port;
	uint16_t netmask_family; /* of which -M was read */
	char netmask[64];
	char flags[128]; /* of the scheduler, as given */
};

/* Copies as much as there is room for. */
#define copy_text(to, from) ((void)snprintf(to, sizeof(to), "%s", from))

typedef int (*take_fn)(struct parsing *parsing, const char *value);

/* Sets a number as strtol() reads it: " 7", "+7" and "007" are 7. */
static int set_number(struct parsing *parsing, const char *value, int64_t min)
{
	char digits[16];
	const int64_t number = value ? parse_number(value, min, UINT32_MAX) : 0;

	if (number < 0)
		return -EINVAL;
	(void)snprintf(digits, sizeof(digits), "%" PRIu32, (uint32_t)number);
	return ipvsadm_set(parsing->request, parsing->word,
			   value ? digits : NULL, NULL);
}

static int set_text(struct parsing *parsing, const char *value)
{
	return ipvsadm_set(parsing->request, parsing->word, value, NULL);
}

/* ---- Services ---------------------------------------------------------- */

static int take_mark(struct ipvsctl_service *service, const char *value)
{
	int64_t mark = parse_number(value, 1, UINT32_MAX);

	if (mark < 0)
		return complain(EXIT_WRONG,
				"invalid fwmark value `%s' specified", value);
	service->fwmark = (uint32_t)mark;
	service->address.family = AF_INET;
	return 0;
}

static int take_service(struct parsing *parsing, const char *value)
{
	struct ipvsctl_service *service = &parsing->request->service;
	const uint16_t protocol = parsing->word->protocol;
	bool has_port;

	if (!protocol)
		return take_mark(service, value);
	service->protocol = protocol;
	if (parse_endpoint(value, protocol, &service->address, &service->port,
			   &has_port) < 0)
		return complain(EXIT_WRONG, "illegal virtual server "
					    "address[:port] specified");
	return 0;
}

static int take_ipv6(struct parsing *parsing, const char *value)
{
	struct ipvsctl_service *service = &parsing->request->service;

	(void)value;
	if (!service->fwmark)
		return complain(EXIT_WRONG, "-6 used before -f\n");
	service->address.family = AF_INET6;
	return 0;
}

static int take_scheduler(struct parsing *parsing, const char *value)
{
	copy_text(parsing->request->service.scheduler, value);
	return 0;
}

static int take_persistent(struct parsing *parsing, const char *value)
{
	if (set_number(parsing, value, 1) == 0)
		return 0;
	return complain(EXIT_WRONG, "invalid timeout value `%s' specified",
			value);
}

static int take_netmask(struct parsing *parsing, const char *value)
{
	struct ipvsctl_service *service = &parsing->request->service;

	copy_text(parsing->netmask, value);
	parsing->netmask_family = service->address.family;
	return parse_netmask(value, service->address.family, &service->netmask);
}

static int take_pe(struct parsing *parsing, const char *value)
{
	copy_text(parsing->request->service.persistence_engine, value);
	return 0;
}

static int take_flags(struct parsing *parsing, const char *value)
{
	copy_text(parsing->flags, value);
	return 0;
}

/* ---- Servers ----------------------------------------------------------- */

static int take_server(struct parsing *parsing, const char *value)
{
	struct request *request = parsing->request;
	const struct ipvsctl_service *service = &request->service;
	uint16_t protocol = service->fwmark ? IPPROTO_TCP : service->protocol;

	if (parse_endpoint(value, protocol, &request->server.address,
			   &request->server.port, &parsing->server_has_port) < 0)
		return complain(EXIT_WRONG, "illegal real server "
					    "address[:port] specified");
	return 0;
}

static int take_tunnel_type(struct parsing *parsing, const char *value)
{
	if (set_text(parsing, value) == 0)
		return 0;
	return complain(EXIT_WRONG, "illegal tunnel type specified");
}

/* ---- Sync daemons ------------------------------------------------------ */

static int take_role(struct parsing *parsing, const char *value)
{
	if (ipvsctl_sync_parse(value, &parsing->request->sync, NULL) == 0)
		return 0;
	return complain(EXIT_WRONG,
			parsing->word->command == START_SYNC ?
				"illegal start-daemon parameter specified" :
				"illegal start_daemon specified");
}

static int take_interface(struct parsing *parsing, const char *value)
{
	copy_text(parsing->request->sync.interface, value);
	parsing->request->odd_interface = strlen(value) > IPVSCTL_INTERFACE_MAX;
	return 0;
}

static int take_group(struct parsing *parsing, const char *value)
{
	if (set_text(parsing, value) == 0)
		return 0;
	return complain(EXIT_WRONG, "invalid IPv%c mcast-group `%s'",
			strchr(value, ':') ? '6' : '4', value);
}

/* ---- The words --------------------------------------------------------- */

/* How a value is read: by a function, or as a number. */
static const struct {
	take_fn take;
	const char *complaint;
	int64_t min;
} readings[] = {
	[SERVICE] = { take_service, NULL, 0 },
	[SCHEDULER] = { take_scheduler, NULL, 0 },
	[PERSISTENT] = { take_persistent, NULL, 0 },
	[NETMASK] = { take_netmask, NULL, 0 },
	[SERVER] = { take_server, NULL, 0 },
	[WEIGHT] = { NULL, "illegal weight specified", 0 },
	[U_THRESHOLD] = { NULL, "illegal u_threshold specified", 0 },
	[L_THRESHOLD] = { NULL, "illegal l_threshold specified", 0 },
	[MCAST_INTERFACE] = { take_interface, NULL, 0 },
	[SYNCID] = { NULL, "illegal syncid specified", 0 },
	[PE] = { take_pe, NULL, 0 },
	[SCHED_FLAGS] = { take_flags, NULL, 0 },
	[MCAST_GROUP] = { take_group, NULL, 0 },
	[MCAST_PORT] = { NULL, "illegal mcast-port specified", 0 },
	[MCAST_TTL] = { NULL, "illegal mcast-ttl specified", 0 },
	[SYNC_MAXLEN] = { NULL, "illegal sync-maxlen specified", 0 },
	[TUN_TYPE] = { take_tunnel_type, NULL, 0 },
	[TUN_PORT] = { NULL, "illegal tunnel port specified", 1 },
	[IPV6] = { take_ipv6, NULL, 0 },
	[NO_OPTION] = { NULL, NULL, 0 },
};

static int take_command(struct parsing *parsing)
{
	struct request *request = parsing->request;

	if (request->command != NO_COMMAND)
		return complain(EXIT_WRONG, "invalid option `%s'",
				scan_word(&parsing->scan));
	request->command = parsing->word->command;
	return parsing->scan.value ? take_role(parsing, parsing->scan.value) :
				     0;
}

static int take_word(struct parsing *parsing)
{
	struct request *request = parsing->request;
	const enum ipvsadm_option option = parsing->word->option;
	const char *value = parsing->scan.value;

	if (parsing->word->command != NO_COMMAND)
		return take_command(parsing);
	if (option < OPTION_COUNT) {
		if (has(request, option))
			return rules_repeated(option);
		request->given |= BIT(option);
	}
	if (readings[option].take)
		return readings[option].take(parsing, value);
	if (set_number(parsing, value, readings[option].min) < 0)
		return complain(EXIT_WRONG, "%s", readings[option].complaint);
	return 0;
}

/* ---- The line ---------------------------------------------------------- */

static int take_words(struct parsing *parsing)
{
	struct request *request = parsing->request;
	int next = scan_next(&parsing->scan);
	int status;

	if (next <= 0 || ipvsadm_words[next - 1].command == NO_COMMAND)
		return usage_try(request->program);
	do {
		parsing->word = &ipvsadm_words[next - 1];
		status = take_word(parsing);
	} while (status == 0 && request->command < COMMAND_COUNT &&
		 (next = scan_next(&parsing->scan)) > 0);
	if (status == 0 && next < -1)
		return complain(EXIT_KERNEL_FAILED, "%s: %s",
				scan_word(&parsing->scan), poptStrerror(next));
	return status;
}

/* Takes three words from *stray. */
static int take_timeouts(struct request *request, const char ***stray)
{
	uint32_t *const timeouts[] = { &request->timeouts.tcp,
				       &request->timeouts.tcp_fin,
				       &request->timeouts.udp };
	const char *texts[ARRAY_SIZE(timeouts)];

	for (size_t i = 0; i < ARRAY_SIZE(timeouts); i++) {
		texts[i] = *(*stray)++;
		if (!texts[i])
			return complain(EXIT_WRONG, "--set option requires 3 "
						    "timeout values");
	}
	for (size_t i = 0; i < ARRAY_SIZE(timeouts); i++) {
		int64_t seconds =
			parse_number(texts[i], 0, IPVSCTL_TIMEOUT_MAX);

		if (seconds < 0)
			return complain(EXIT_WRONG,
					"invalid timeout value `%s' specified",
					texts[i]);
		*timeouts[i] = (uint32_t)seconds;
	}
	return 0;
}

/*
 * Completes the request once all is read: if the service follows -M, ipvsadm
 * takes the netmask for IPv4's.
 */
static int settle(struct parsing *parsing)
{
	struct request *request = parsing->request;
	struct ipvsctl_service *service = &request->service;
	int status = 0;

	ipvsadm_settle(request, parsing->server_has_port);
	if (has(request, NETMASK) && service->address.family == AF_INET6 &&
	    parsing->netmask_family != AF_INET6)
		status = parse_netmask(parsing->netmask, AF_INET6,
				       &service->netmask);
	if (status == 0 && parsing->flags[0])
		status = parse_scheduler_flags(parsing->flags, service);
	return status;
}

int options_parse(const char **argv, struct request *request)
{
	struct parsing parsing = { .request = request,
				   .scan = { .find = ipvsadm_find,
					     .argv = argv } };
	const char **unexpected;
	int status;

	ipvsadm_begin(request);
	request->program = argv[0];
	status = take_words(&parsing);
	if (status != 0 || request->command >= COMMAND_COUNT)
		return status;
	unexpected = scan_words(&parsing.scan);
	if (request->command == SET_TIMEOUTS)
		status = take_timeouts(request, &unexpected);
	if (status != 0)
		return status;
	if (*unexpected)
		return complain(EXIT_WRONG, "unexpected argument %s",
				*unexpected);
	return settle(&parsing);
}
