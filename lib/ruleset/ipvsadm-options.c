/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The options of ipvsadm 1.31 as a table, and what "ipvsadm -S" writes wrongly:
 * marks above 2^31 as negative numbers, and "(null)" for the forwarding of a
 * server that bypasses.
 */
#include <netinet/in.h>
#include <string.h>

#include "model/address.h"
#include "model/error.h"
#include "model/object.h"
#include "ruleset/ipvsadm.h"

#define PERSISTENCE_SECONDS 360 /* of -p without a value */

/* ---- Addresses --------------------------------------------------------- */

/* "HOST[:PORT]" where either may be a name. */
struct endpoint {
	char host[256];
	const char *port; /* or NULL */
	uint16_t family;  /* of a name: IPv6 in brackets */
};

static bool split_endpoint(const char *text, struct endpoint *endpoint)
{
	bool bracket = *text == '[';
	const char *start = text + bracket;
	const char *end = bracket ? strchr(text, ']') : strchrnul(text, ':');
	size_t length = end ? (size_t)(end - start) : sizeof(endpoint->host);

	if (length >= sizeof(endpoint->host))
		return false;
	(void)memcpy(endpoint->host, start, length);
	endpoint->host[length] = '\0';
	endpoint->family = bracket ? AF_INET6 : AF_INET;
	end += bracket;
	endpoint->port = *end == ':' ? end + 1 : NULL;
	return *end == ':' || !*end;
}

static int fail_name(const char *text, const char *what,
		     struct ipvsctl_error *err)
{
	int r = fail(err, -EINVAL, "'%.64s': the %s cannot be told", text, what);

	return fail_hint(err, r, "ipvsadm-save -n");
}

static int parse_port(const struct ipvsadm *ipvsadm, const char *text,
		      uint16_t protocol, uint16_t *ret_port,
		      struct ipvsctl_error *err)
{
	static const struct ipvsctl_range range = { "port", 0, UINT16_MAX };
	const struct ipvsctl_names *names = ipvsadm->names;
	uint32_t port = 0;
	int r = ipvsctl_number_parse(text, &range, &port, NULL);

	if (r < 0 && names && names->port)
		r = names->port(text, protocol, ret_port, names->data);
	else
		*ret_port = (uint16_t)port;
	return r < 0 ? fail_name(text, "number of the port", err) : 0;
}

/* An endpoint in numbers, or in names where somebody knows them. */
static int parse_endpoint(const struct ipvsadm *ipvsadm, const char *text,
			  struct ipvsctl_service *identity, bool *ret_has_port,
			  struct ipvsctl_error *err)
{
	const struct ipvsctl_names *names = ipvsadm->names;
	struct endpoint endpoint;
	int r;

	if (endpoint_parse(text, &identity->address, ret_has_port,
			   &identity->port, NULL) == 0)
		return 0;
	/* What is no name either is told as what it should have been. */
	if (!split_endpoint(text, &endpoint))
		return endpoint_parse(text, &identity->address, ret_has_port,
				      &identity->port, err);
	r = ipvsctl_address_parse(endpoint.host, &identity->address, NULL);
	if (r < 0 && names && names->address)
		r = names->address(endpoint.host, endpoint.family,
				   &identity->address, names->data);
	if (r < 0)
		return fail_name(endpoint.host, "address of the name", err);
	*ret_has_port = endpoint.port;
	identity->port = 0;
	return endpoint.port ?
		       parse_port(ipvsadm, endpoint.port, identity->protocol,
				  &identity->port, err) :
		       0;
}

/* ---- Services ---------------------------------------------------------- */

static int take_service(struct ipvsadm *ipvsadm,
			const struct ipvsctl_service *identity,
			struct ipvsctl_error *err)
{
	struct ipvsctl_service *service = &ipvsadm->service;

	if (ipvsadm->has_service)
		return fail(err, -EINVAL, "a second service is named");
	service->address = identity->address;
	service->protocol = identity->protocol;
	service->port = identity->port;
	service->fwmark = identity->fwmark;
	ipvsadm->has_service = true;
	return 0;
}

static int set_address_service(struct ipvsadm *ipvsadm, const char *value,
			       uint16_t protocol, struct ipvsctl_error *err)
{
	struct ipvsctl_service identity = { .protocol = protocol };
	bool has_port = false;
	int r = parse_endpoint(ipvsadm, value, &identity, &has_port, err);

	return r < 0 ? r : take_service(ipvsadm, &identity, err);
}

static int set_tcp(struct ipvsadm *ipvsadm, const char *value,
		   struct ipvsctl_error *err)
{
	return set_address_service(ipvsadm, value, IPPROTO_TCP, err);
}

static int set_udp(struct ipvsadm *ipvsadm, const char *value,
		   struct ipvsctl_error *err)
{
	return set_address_service(ipvsadm, value, IPPROTO_UDP, err);
}

static int set_sctp(struct ipvsadm *ipvsadm, const char *value,
		    struct ipvsctl_error *err)
{
	return set_address_service(ipvsadm, value, IPPROTO_SCTP, err);
}

static int set_fwmark(struct ipvsadm *ipvsadm, const char *value,
		      struct ipvsctl_error *err)
{
	static const struct ipvsctl_range below = { "negative mark", 1,
						    INT32_MAX + 1u };
	struct ipvsctl_service identity = { .address.family = AF_INET };
	int r;

	if (value[0] != '-') {
		r = ipvsctl_mark_parse(value, &identity.fwmark, err);
	} else {
		r = ipvsctl_number_parse(value + 1, &below, &identity.fwmark,
					 err);
		identity.fwmark = -identity.fwmark;
	}
	return r < 0 ? r : take_service(ipvsadm, &identity, err);
}

static int set_ipv6(struct ipvsadm *ipvsadm, const char *value,
		    struct ipvsctl_error *err)
{
	(void)value;
	if (!ipvsadm->service.fwmark)
		return fail(err, -EINVAL, "-6 does not follow -f MARK");
	ipvsadm->service.address.family = AF_INET6;
	return 0;
}

static int set_persistent(struct ipvsadm *ipvsadm, const char *value,
			  struct ipvsctl_error *err)
{
	ipvsadm->service.persistence_seconds = PERSISTENCE_SECONDS;
	return value ? ipvsctl_service_set(&ipvsadm->service, "persistent",
					   value, err) :
		       0;
}

static int set_netmask(struct ipvsadm *ipvsadm, const char *value,
		       struct ipvsctl_error *err)
{
	(void)err;
	ipvsadm->netmask_text = value;
	return 0;
}

/* ---- Servers and sync daemons ------------------------------------------ */

static int set_server(struct ipvsadm *ipvsadm, const char *value,
		      struct ipvsctl_error *err)
{
	(void)err;
	ipvsadm->server_text = value;
	return 0;
}

static int set_role(struct ipvsadm *ipvsadm, const char *value,
		    struct ipvsctl_error *err)
{
	struct ipvsctl_sync named;
	int r = ipvsctl_sync_parse(value, &named, err);

	if (r == 0)
		ipvsadm->sync.role = named.role;
	return r;
}

/* ---- The table --------------------------------------------------------- */

typedef int (*set_fn)(struct ipvsadm *ipvsadm, const char *value,
		      struct ipvsctl_error *err);

enum takes {
	TAKES_NOTHING,
	TAKES_VALUE,
	TAKES_VALUE_PERHAPS, /* the next word, unless it is an option */
};

static const struct ipvsadm_option {
	const char *name;
	set_fn set;	       /* or NULL */
	const char *attribute; /* as rulesets call it */
	const char *value;     /* that is set; NULL: the one given, if any */
	enum takes takes;
	enum ipvsadm_of of;
	char letter;
	char command; /* that it is, or 0 */
} options[] = {
#define COMMAND(name, letter)                                            \
	{                                                                \
		name, NULL, NULL, NULL, TAKES_NOTHING, 0, letter, letter \
	}
#define SPECIAL(name, letter, of, takes, set)               \
	{                                                   \
		name, set, NULL, NULL, takes, of, letter, 0 \
	}
#define VALUE(name, letter, of, attribute)                              \
	{                                                               \
		name, NULL, attribute, NULL, TAKES_VALUE, of, letter, 0 \
	}
#define FIXED(name, letter, of, attribute, value)                          \
	{                                                                  \
		name, NULL, attribute, value, TAKES_NOTHING, of, letter, 0 \
	}
#define NAMED(name, takes, command, set)                    \
	{                                                   \
		name, set, NULL, NULL, takes, 0, 0, command \
	}
	COMMAND("add-service", 'A'),
	COMMAND("edit-service", 'E'),
	COMMAND("delete-service", 'D'),
	COMMAND("add-server", 'a'),
	COMMAND("edit-server", 'e'),
	COMMAND("delete-server", 'd'),
	COMMAND("clear", 'C'),
	NAMED("set", TAKES_NOTHING, IPVSADM_SET_TIMEOUTS, NULL),
	NAMED("start-daemon", TAKES_VALUE, IPVSADM_START_SYNC, set_role),
	NAMED("stop-daemon", TAKES_VALUE, IPVSADM_STOP_SYNC, set_role),
	SPECIAL("tcp-service", 't', OF_SERVICE_NAME, TAKES_VALUE, set_tcp),
	SPECIAL("udp-service", 'u', OF_SERVICE_NAME, TAKES_VALUE, set_udp),
	SPECIAL("sctp-service", 0, OF_SERVICE_NAME, TAKES_VALUE, set_sctp),
	SPECIAL("fwmark-service", 'f', OF_SERVICE_NAME, TAKES_VALUE, set_fwmark),
	SPECIAL("ipv6", '6', OF_SERVICE_NAME, TAKES_NOTHING, set_ipv6),
	SPECIAL("persistent", 'p', OF_SERVICE, TAKES_VALUE_PERHAPS,
		set_persistent),
	SPECIAL("netmask", 'M', OF_SERVICE, TAKES_VALUE, set_netmask),
	SPECIAL("real-server", 'r', OF_SERVER_NAME, TAKES_VALUE, set_server),
	VALUE("scheduler", 's', OF_SERVICE, "scheduler"),
	VALUE("pe", 0, OF_SERVICE, "pe"),
	VALUE("sched-flags", 'b', OF_SERVICE, "sched-flags"),
	FIXED("ops", 'o', OF_SERVICE, "one-packet", NULL),
	FIXED("ops", 'O', OF_SERVICE, "one-packet", NULL),
	FIXED("gatewaying", 'g', OF_FORWARD, "forward", "dr"),
	FIXED("ipip", 'i', OF_FORWARD, "forward", "tun"),
	FIXED("masquerading", 'm', OF_FORWARD, "forward", "nat"),
	VALUE("weight", 'w', OF_SERVER, "weight"),
	VALUE("u-threshold", 'x', OF_SERVER, "upper-threshold"),
	VALUE("l-threshold", 'y', OF_SERVER, "lower-threshold"),
	VALUE("tun-type", 0, OF_SERVER, "tunnel"),
	VALUE("tun-port", 0, OF_SERVER, "tunnel-port"),
	FIXED("tun-nocsum", 0, OF_SERVER, "tunnel-checksum", "none"),
	FIXED("tun-csum", 0, OF_SERVER, "tunnel-checksum", "full"),
	FIXED("tun-remcsum", 0, OF_SERVER, "tunnel-checksum", "remote"),
	VALUE("mcast-interface", 0, OF_SYNC, "dev"),
	VALUE("syncid", 0, OF_SYNC_ID, "id"),
	VALUE("sync-maxlen", 0, OF_SYNC, "max-length"),
	VALUE("mcast-group", 0, OF_SYNC, "group"),
	VALUE("mcast-port", 0, OF_SYNC, "port"),
	VALUE("mcast-ttl", 0, OF_SYNC, "ttl"),
};

_Static_assert(ARRAY_SIZE(options) <= 64, "each has its bit");

/* Sets the attribute of the object that it belongs to. */
static int set_attribute(struct ipvsadm *ipvsadm, enum ipvsadm_of of,
			 const char *name, const char *value,
			 struct ipvsctl_error *err)
{
	switch (of) {
	case OF_SERVICE:
		return ipvsctl_service_set(&ipvsadm->service, name, value, err);
	case OF_FORWARD:
		if (ipvsadm->has_forward)
			return fail(err, -EINVAL,
				    "there are two forwarding methods");
		ipvsadm->has_forward = true;
		return ipvsctl_server_set(&ipvsadm->server, name, value, err);
	case OF_SERVER:
		return ipvsctl_server_set(&ipvsadm->server, name, value, err);
	case OF_SYNC:
	case OF_SYNC_ID:
		return ipvsctl_sync_set(&ipvsadm->sync, name, value, err);
	case OF_NOTHING:
	case OF_SERVICE_NAME:
	case OF_SERVER_NAME:
	case OF_COUNT:
		break;
	}
	return 0;
}

static const struct ipvsadm_option *find_letter(char letter)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].letter == letter)
			return &options[i];
	return NULL;
}

static const struct ipvsadm_option *find_name(const char *name, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (strncmp(options[i].name, name, length) == 0 &&
		    !options[i].name[length])
			return &options[i];
	return NULL;
}

/* ---- Lines ------------------------------------------------------------- */

/* The words of a line, being taken apart. */
struct line {
	struct ipvsadm *ipvsadm;
	char *const *words;
	size_t count;
	size_t next;
};

/* Notes that an option was given; -6 says the same however often. */
static bool is_repeated(struct ipvsadm *ipvsadm,
			const struct ipvsadm_option *option)
{
	const uint64_t bit = UINT64_C(1) << (option - options);
	const bool repeated = (ipvsadm->taken & bit) && option->letter != '6';

	ipvsadm->taken |= bit;
	return repeated;
}

/* Takes an option whose value is text, NULL for the next word. */
static int take_option(struct line *line, const struct ipvsadm_option *option,
		       const char *value, struct ipvsctl_error *err)
{
	const char *next =
		line->next < line->count ? line->words[line->next] : NULL;

	if (option->takes != TAKES_NOTHING && !value && next &&
	    (option->takes == TAKES_VALUE || next[0] != '-')) {
		value = next;
		line->next++;
	}
	if (option->takes == TAKES_VALUE && !value)
		return fail(err, -EINVAL, "option '--%s' needs a value",
			    option->name);
	if (option->command && line->ipvsadm->command)
		return fail(err, -EINVAL, "there are two commands");
	if (is_repeated(line->ipvsadm, option))
		return fail(err, -EINVAL, "option '--%s' is given twice",
			    option->name);
	line->ipvsadm->given[option->of] = option->name;
	if (option->command)
		line->ipvsadm->command = option->command;
	if (option->set)
		return option->set(line->ipvsadm, value, err);
	return set_attribute(line->ipvsadm, option->of, option->attribute,
			     option->value ? option->value : value, err);
}

static int fail_option(const char *word, struct ipvsctl_error *err)
{
	return fail(err, -EINVAL, "'%.64s' is no option that sets anything up",
		    word);
}

/* "-At 10.0.0.1:80" is "-A -t 10.0.0.1:80". */
static int take_letters(struct line *line, const char *word,
			struct ipvsctl_error *err)
{
	for (const char *at = word + 1; *at; at++) {
		const struct ipvsadm_option *option = find_letter(*at);
		bool rest = at[1] && option && option->takes != TAKES_NOTHING;
		int r = option ? take_option(line, option, rest ? at + 1 : NULL,
					     err) :
				 fail_option(word, err);

		if (r < 0 || rest)
			return r;
	}
	return 0;
}

static int take_name(struct line *line, const char *word,
		     struct ipvsctl_error *err)
{
	size_t length = strcspn(word + 2, "=");
	const struct ipvsadm_option *option = find_name(word + 2, length);
	const char *value = word[2 + length] ? word + 2 + length + 1 : NULL;

	if (!option || (value && option->takes == TAKES_NOTHING))
		return fail_option(word, err);
	return take_option(line, option, value, err);
}

/* A word that is no option: a timeout, or what ipvsadm has written wrongly. */
static int take_argument(struct ipvsadm *ipvsadm, const char *word,
			 struct ipvsctl_error *err)
{
	static const struct ipvsctl_range range = { "timeout", 0,
						    IPVSCTL_TIMEOUT_MAX };

	if (strcmp(word, "(null)") == 0)
		return set_attribute(ipvsadm, OF_FORWARD, "forward", "bypass",
				     err);
	if (ipvsadm->command != IPVSADM_SET_TIMEOUTS ||
	    ipvsadm->timeout_count == ARRAY_SIZE(ipvsadm->timeouts))
		return fail(err, -EINVAL, "unexpected argument '%.64s'", word);
	return ipvsctl_number_parse(word, &range,
				    &ipvsadm->timeouts[ipvsadm->timeout_count++],
				    err);
}

/* What could not be understood before the service was. */
static int settle(struct ipvsadm *ipvsadm, struct ipvsctl_error *err)
{
	struct ipvsctl_service *service = &ipvsadm->service;
	struct ipvsctl_service endpoint = {
		.protocol = service->fwmark ? IPPROTO_TCP : service->protocol
	};
	bool has_port = false;
	int r = 0;

	service->netmask =
		service->address.family == AF_INET6 ? 128 : UINT32_MAX;
	if (ipvsadm->netmask_text)
		r = ipvsctl_service_set(service, "netmask",
					ipvsadm->netmask_text, err);
	if (r < 0 || !ipvsadm->server_text)
		return r;
	r = parse_endpoint(ipvsadm, ipvsadm->server_text, &endpoint, &has_port,
			   err);
	if (r < 0)
		return r;
	/* As ipvsadm has it: what cannot be rewritten is not looked at. */
	if (!has_port || (ipvsadm->command != 'd' && !service->fwmark &&
			  (ipvsadm->server.forward == IPVSCTL_FORWARD_DR ||
			   ipvsadm->server.forward == IPVSCTL_FORWARD_TUN)))
		endpoint.port = service->port;
	ipvsadm->server.address = endpoint.address;
	ipvsadm->server.port = endpoint.port;
	ipvsadm->has_server = true;
	return 0;
}

int ipvsadm_parse(struct ipvsadm *ipvsadm, char *const *words, size_t count,
		  struct ipvsctl_error *err)
{
	struct line line = { .ipvsadm = ipvsadm,
			     .words = words,
			     .count = count };
	bool ended = false; /* behind "--" are arguments */
	int r = 0;

	while (r == 0 && line.next < count) {
		const char *word = words[line.next++];

		if (strcmp(word, "ipvsadm") == 0)
			continue;
		if (ended || word[0] != '-' || !word[1])
			r = take_argument(ipvsadm, word, err);
		else if (strcmp(word, "--") == 0)
			ended = true;
		else if (word[1] == '-')
			r = take_name(&line, word, err);
		else
			r = take_letters(&line, word, err);
	}
	return r < 0 ? r : settle(ipvsadm, err);
}
