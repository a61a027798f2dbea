/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The words of a command line, in ipvsadm's order: the first is a command, and
 * the first mistake is the one that is told.
 */
#include <netinet/in.h>
#include <sys/socket.h>

#include <limits.h>
#include <string.h>

#include "common/tables.h"
#include "ipvsadm/ipvsadm.h"

#define DEFAULT_SCHEDULER   "wlc"
#define DEFAULT_INTERFACE   "eth0"
#define DEFAULT_PERSISTENCE 360
#define SYNC_MAXLEN_MAX	    (UINT16_MAX - 20 - 8) /* less IP's and UDP's headers */
#define WEIGHT_MAX	    INT_MAX /* as Debian's ipvsadm has it */

/* A command line on its way into a request. */
struct parsing {
	struct request *request;
	bool server_has_port;
	uint16_t netmask_family; /* as which -M was read */
	char netmask[64];
	char flags[128]; /* of the scheduler, as given */
};

typedef int (*take_fn)(struct parsing *parsing, const char *value);

static void copy_text(char *to, size_t size, const char *from)
{
	size_t length = strnlen(from, size - 1);

	(void)memset(to, 0, size);
	(void)memcpy(to, from, length);
}

/* ---- Services ---------------------------------------------------------- */

static int take_service(struct parsing *parsing, const char *value,
			uint16_t protocol)
{
	struct ipvsctl_service *service = &parsing->request->service;
	bool has_port;

	service->protocol = protocol;
	if (parse_endpoint(value, protocol, &service->address, &service->port,
			   &has_port) < 0)
		return complain(EXIT_WRONG, "illegal virtual server "
					    "address[:port] specified");
	return 0;
}

static int take_tcp(struct parsing *parsing, const char *value)
{
	return take_service(parsing, value, IPPROTO_TCP);
}

static int take_udp(struct parsing *parsing, const char *value)
{
	return take_service(parsing, value, IPPROTO_UDP);
}

static int take_sctp(struct parsing *parsing, const char *value)
{
	return take_service(parsing, value, IPPROTO_SCTP);
}

static int take_fwmark(struct parsing *parsing, const char *value)
{
	struct ipvsctl_service *service = &parsing->request->service;
	int64_t mark = parse_number(value, 1, UINT32_MAX);

	if (mark < 0)
		return complain(EXIT_WRONG,
				"invalid fwmark value `%s' specified", value);
	service->fwmark = (uint32_t)mark;
	service->address.family = AF_INET;
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
	copy_text(parsing->request->service.scheduler,
		  IPVSCTL_SCHEDULER_MAX + 1, value);
	return 0;
}

static int take_persistent(struct parsing *parsing, const char *value)
{
	int64_t seconds = value ? parse_number(value, 1, IPVSCTL_TIMEOUT_MAX) :
				  DEFAULT_PERSISTENCE;

	if (seconds < 0)
		return complain(EXIT_WRONG,
				"invalid timeout value `%s' specified", value);
	parsing->request->service.persistence_seconds = (uint32_t)seconds;
	return 0;
}

static int take_netmask(struct parsing *parsing, const char *value)
{
	struct ipvsctl_service *service = &parsing->request->service;

	copy_text(parsing->netmask, sizeof(parsing->netmask), value);
	parsing->netmask_family = service->address.family;
	return parse_netmask(value, service->address.family, &service->netmask);
}

static int take_pe(struct parsing *parsing, const char *value)
{
	copy_text(parsing->request->service.persistence_engine,
		  IPVSCTL_PE_MAX + 1, value);
	return 0;
}

static int take_ops(struct parsing *parsing, const char *value)
{
	(void)value;
	parsing->request->service.flags |= IPVSCTL_ONE_PACKET;
	return 0;
}

static int take_flags(struct parsing *parsing, const char *value)
{
	copy_text(parsing->flags, sizeof(parsing->flags), value);
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
	static const unsigned int types[] = { IPVSCTL_TUNNEL_IPIP,
					      IPVSCTL_TUNNEL_GUE,
					      IPVSCTL_TUNNEL_GRE };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(ipvsctl_tunnel_name(types[i]), value) == 0) {
			parsing->request->server.tunnel = (uint8_t)types[i];
			return 0;
		}
	return complain(EXIT_WRONG, "illegal tunnel type specified");
}

/* ---- Sync daemons ------------------------------------------------------ */

static int take_start(struct parsing *parsing, const char *value)
{
	if (ipvsctl_sync_parse(value, &parsing->request->sync, NULL) < 0)
		return complain(EXIT_WRONG,
				"illegal start-daemon parameter specified");
	return 0;
}

static int take_stop(struct parsing *parsing, const char *value)
{
	if (ipvsctl_sync_parse(value, &parsing->request->sync, NULL) < 0)
		return complain(EXIT_WRONG, "illegal start_daemon specified");
	return 0;
}

static int take_interface(struct parsing *parsing, const char *value)
{
	copy_text(parsing->request->sync.interface, IPVSCTL_INTERFACE_MAX + 1,
		  value);
	parsing->request->odd_interface = strlen(value) > IPVSCTL_INTERFACE_MAX;
	return 0;
}

static int take_group(struct parsing *parsing, const char *value)
{
	return parse_group(value, &parsing->request->sync.group);
}

/* ---- The words --------------------------------------------------------- */

enum takes {
	TAKES_NOTHING,
	TAKES_VALUE,
	TAKES_VALUE_PERHAPS, /* the next word, unless it is an option */
};

/* An unsigned field of the request: a number in a range, or always this one. */
struct field {
	size_t offset;
	size_t size; /* 0: no field */
	uint32_t min;
	uint32_t max;
	const char *complaint; /* NULL: min, whatever was given */
};

#define NOT_SET (-1)

static const struct word {
	const char *name;
	char letter;
	enum takes takes;
	int command; /* enum ipvsadm_command, or NOT_SET */
	int option;  /* enum ipvsadm_option, or NOT_SET */
	take_fn take;
	struct field field;
} words[] = {
#define COMMAND(name, letter, command)                               \
	{                                                            \
		name, letter, TAKES_NOTHING, command, NOT_SET, NULL, \
		{                                                    \
			0, 0, 0, 0, NULL                             \
		}                                                    \
	}
#define ROLE(name, command, take)                             \
	{                                                     \
		name, 0, TAKES_VALUE, command, NOT_SET, take, \
		{                                             \
			0, 0, 0, 0, NULL                      \
		}                                             \
	}
#define FLAG(name, letter, option, take)                            \
	{                                                           \
		name, letter, TAKES_NOTHING, NOT_SET, option, take, \
		{                                                   \
			0, 0, 0, 0, NULL                            \
		}                                                   \
	}
#define VALUE(name, letter, option, take)                         \
	{                                                         \
		name, letter, TAKES_VALUE, NOT_SET, option, take, \
		{                                                 \
			0, 0, 0, 0, NULL                          \
		}                                                 \
	}
#define FIELD(member) \
	offsetof(struct request, member), sizeof(((struct request *)0)->member)
#define NUMBER(name, letter, option, member, min, max, complaint) \
	{                                                         \
		name, letter, TAKES_VALUE, NOT_SET, option, NULL, \
		{                                                 \
			FIELD(member), min, max, complaint        \
		}                                                 \
	}
#define FIXED(name, letter, option, member, value)                  \
	{                                                           \
		name, letter, TAKES_NOTHING, NOT_SET, option, NULL, \
		{                                                   \
			FIELD(member), value, value, NULL           \
		}                                                   \
	}
	COMMAND("add-service", 'A', ADD_SERVICE),
	COMMAND("edit-service", 'E', EDIT_SERVICE),
	COMMAND("delete-service", 'D', DELETE_SERVICE),
	COMMAND("clear", 'C', FLUSH),
	COMMAND("list", 'L', LIST),
	COMMAND("list", 'l', LIST),
	COMMAND("zero", 'Z', ZERO),
	COMMAND("add-server", 'a', ADD_SERVER),
	COMMAND("edit-server", 'e', EDIT_SERVER),
	COMMAND("delete-server", 'd', DELETE_SERVER),
	COMMAND("set", 0, SET_TIMEOUTS),
	COMMAND("help", 'h', HELP),
	COMMAND("version", 'v', VERSION),
	COMMAND("restore", 'R', RESTORE),
	COMMAND("save", 'S', SAVE),
	ROLE("start-daemon", START_SYNC, take_start),
	ROLE("stop-daemon", STOP_SYNC, take_stop),
	VALUE("tcp-service", 't', SERVICE, take_tcp),
	VALUE("udp-service", 'u', SERVICE, take_udp),
	VALUE("sctp-service", 0, SERVICE, take_sctp),
	VALUE("fwmark-service", 'f', SERVICE, take_fwmark),
	FLAG("ipv6", '6', NOT_SET, take_ipv6),
	VALUE("scheduler", 's', SCHEDULER, take_scheduler),
	{ "persistent",
	  'p',
	  TAKES_VALUE_PERHAPS,
	  NOT_SET,
	  PERSISTENT,
	  take_persistent,
	  { 0, 0, 0, 0, NULL } },
	VALUE("netmask", 'M', NETMASK, take_netmask),
	VALUE("pe", 0, PE, take_pe),
	FLAG("ops", 'o', OPS, take_ops),
	FLAG("ops", 'O', OPS, take_ops),
	VALUE("sched-flags", 'b', SCHED_FLAGS, take_flags),
	VALUE("real-server", 'r', SERVER, take_server),
	FIXED("masquerading", 'm', FORWARD, server.forward, IPVSCTL_FORWARD_NAT),
	FIXED("ipip", 'i', FORWARD, server.forward, IPVSCTL_FORWARD_TUN),
	FIXED("gatewaying", 'g', FORWARD, server.forward, IPVSCTL_FORWARD_DR),
	NUMBER("weight", 'w', WEIGHT, server.weight, 0, WEIGHT_MAX,
	       "illegal weight specified"),
	NUMBER("u-threshold", 'x', U_THRESHOLD, server.upper_threshold, 0,
	       INT_MAX, "illegal u_threshold specified"),
	NUMBER("l-threshold", 'y', L_THRESHOLD, server.lower_threshold, 0,
	       INT_MAX, "illegal l_threshold specified"),
	VALUE("tun-type", 0, TUN_TYPE, take_tunnel_type),
	NUMBER("tun-port", 0, TUN_PORT, server.tunnel_port, 1, UINT16_MAX,
	       "illegal tunnel port specified"),
	FIXED("tun-nocsum", 0, TUN_NOCSUM, server.tunnel_checksum,
	      IPVSCTL_TUNNEL_CHECKSUM_NONE),
	FIXED("tun-csum", 0, TUN_CSUM, server.tunnel_checksum,
	      IPVSCTL_TUNNEL_CHECKSUM_FULL),
	FIXED("tun-remcsum", 0, TUN_REMCSUM, server.tunnel_checksum,
	      IPVSCTL_TUNNEL_CHECKSUM_REMOTE),
	FLAG("numeric", 'n', NUMERIC, NULL),
	FLAG("connection", 'c', CONNECTION, NULL),
	FLAG("timeout", 0, TIMEOUT, NULL),
	FLAG("daemon", 0, DAEMON, NULL),
	FLAG("stats", 0, STATS, NULL),
	FLAG("rate", 0, RATE, NULL),
	FLAG("thresholds", 0, THRESHOLDS, NULL),
	FLAG("persistent-conn", 0, PERSISTENT_CONN, NULL),
	FLAG("tun-info", 0, TUN_INFO, NULL),
	FLAG("nosort", 0, NOSORT, NULL),
	FLAG("sort", 0, NOT_SET, NULL),
	FLAG("exact", 'X', EXACT, NULL),
	FLAG("full", 0, FULL, NULL),
	VALUE("mcast-interface", 0, MCAST_INTERFACE, take_interface),
	NUMBER("syncid", 0, SYNCID, sync.id, 0, 255, "illegal syncid specified"),
	VALUE("mcast-group", 0, MCAST_GROUP, take_group),
	NUMBER("mcast-port", 0, MCAST_PORT, sync.port, 1, UINT16_MAX,
	       "illegal mcast-port specified"),
	NUMBER("mcast-ttl", 0, MCAST_TTL, sync.ttl, 1, UINT8_MAX,
	       "illegal mcast-ttl specified"),
	NUMBER("sync-maxlen", 0, SYNC_MAXLEN, sync.max_length, 1,
	       SYNC_MAXLEN_MAX, "illegal sync-maxlen specified"),
};

static void store(struct request *request, const struct field *field,
		  uint32_t number)
{
	char *at = (char *)request + field->offset;
	const uint16_t two = (uint16_t)number;
	const uint8_t one = (uint8_t)number;

	if (field->size == sizeof(number))
		(void)memcpy(at, &number, sizeof(number));
	else if (field->size == sizeof(two))
		(void)memcpy(at, &two, sizeof(two));
	else
		(void)memcpy(at, &one, sizeof(one));
}

static int take_field(struct request *request, const struct field *field,
		      const char *value)
{
	int64_t number = field->min;

	if (field->complaint) {
		number = parse_number(value, field->min, field->max);
		if (number < 0)
			return complain(EXIT_WRONG, "%s", field->complaint);
	}
	store(request, field, (uint32_t)number);
	return 0;
}

static int take_word(struct parsing *parsing, const struct word *word,
		     const char *value)
{
	struct request *request = parsing->request;

	if (word->option != NOT_SET) {
		const enum ipvsadm_option option =
			(enum ipvsadm_option)word->option;

		if (has(request, option))
			return rules_repeated(option);
		request->given |= BIT(option);
	}
	if (word->field.size)
		return take_field(request, &word->field, value);
	return word->take ? word->take(parsing, value) : 0;
}

/* ---- The line ---------------------------------------------------------- */

/* Numbers the words from 1. */
static void make_table(struct poptOption table[ARRAY_SIZE(words) + 1])
{
	static const unsigned int kinds[] = {
		[TAKES_NOTHING] = POPT_ARG_NONE,
		[TAKES_VALUE] = POPT_ARG_STRING,
		[TAKES_VALUE_PERHAPS] = POPT_ARG_STRING | POPT_ARGFLAG_OPTIONAL,
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		table[i] = (struct poptOption){
			.longName = words[i].name,
			.shortName = words[i].letter,
			.argInfo = kinds[words[i].takes],
			.val = (int)i + 1,
		};
	table[ARRAY_SIZE(words)] = (struct poptOption)POPT_TABLEEND;
}

/* The word that was found; next is positive. */
static const struct word *word_of(int next)
{
	return &words[next - 1];
}

static int take_first(struct parsing *parsing, struct scan *scan)
{
	int next = scan_next(scan);

	if (next <= 0 || word_of(next)->command == NOT_SET)
		return usage_try(parsing->request->program);
	parsing->request->command =
		(enum ipvsadm_command)word_of(next)->command;
	return take_word(parsing, word_of(next), scan->value);
}

static int take_option(struct parsing *parsing, const struct scan *scan,
		       int next)
{
	if (word_of(next)->command != NOT_SET)
		return complain(EXIT_WRONG, "invalid option `%s'",
				scan_word(scan));
	return take_word(parsing, word_of(next), scan->value);
}

static int take_options(struct parsing *parsing, struct scan *scan)
{
	int next, status = 0;

	while (status == 0 && (next = scan_next(scan)) > 0)
		status = take_option(parsing, scan, next);
	if (status == 0 && next < -1)
		return complain(EXIT_KERNEL_FAILED, "%s: %s", scan_word(scan),
				poptStrerror(next));
	return status;
}

/* Takes three words off *stray. */
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
 * What could not be known before all was read: ipvsadm takes -M for IPv4's and
 * a server's port for 0 where the service comes behind them.
 */
static int settle(struct parsing *parsing)
{
	struct request *request = parsing->request;
	struct ipvsctl_service *service = &request->service;
	const bool ipv6 = service->address.family == AF_INET6;

	if (!has(request, NETMASK))
		service->netmask = ipv6 ? 128 : UINT32_MAX;
	if (has(request, SERVER) && !parsing->server_has_port)
		request->server.port = service->port;
	if (!service->scheduler[0])
		copy_text(service->scheduler, IPVSCTL_SCHEDULER_MAX + 1,
			  DEFAULT_SCHEDULER);
	if (!request->sync.interface[0])
		copy_text(request->sync.interface, IPVSCTL_INTERFACE_MAX + 1,
			  DEFAULT_INTERFACE);
	if (has(request, NETMASK) && ipv6 && parsing->netmask_family != AF_INET6)
		return parse_netmask(parsing->netmask, AF_INET6,
				     &service->netmask);
	return 0;
}

static int take_all(struct parsing *parsing, struct scan *scan)
{
	struct request *request = parsing->request;
	int status = take_first(parsing, scan);
	const char **unexpected;

	if (status != 0 || request->command >= COMMAND_COUNT)
		return status;
	status = take_options(parsing, scan);
	unexpected = scan_words(scan);
	if (status == 0 && request->command == SET_TIMEOUTS)
		status = take_timeouts(request, &unexpected);
	if (status != 0)
		return status;
	if (*unexpected)
		return complain(EXIT_WRONG, "unexpected argument %s",
				*unexpected);
	status = settle(parsing);
	if (status == 0 && parsing->flags[0]) {
		uint32_t flags = 0;

		status = parse_scheduler_flags(parsing->flags,
					       request->service.scheduler,
					       &flags);
		request->service.flags |= flags;
	}
	return status;
}

int options_parse(const char **argv, struct request *request)
{
	struct poptOption table[ARRAY_SIZE(words) + 1];
	struct parsing parsing = { .request = request };
	struct scan scan = { .find = tables_find,
			     .options = table,
			     .argv = argv };

	*request = (struct request){
		.program = argv[0],
		/* It is the kernel that says what goes together. */
		.service = { .unchecked = true },
		.server = { .forward = IPVSCTL_FORWARD_DR,
			    .weight = 1,
			    .unchecked = true },
	};
	make_table(table);
	return take_all(&parsing, &scan);
}
