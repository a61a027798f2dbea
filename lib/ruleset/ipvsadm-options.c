/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Parses ipvsadm's language in files, and what "ipvsadm -S" writes wrongly:
 * marks above 2^31 as negative numbers, and "(null)" for the forwarding of a
 * server that bypasses.
 */
#include <netinet/in.h>
#include <string.h>

#include "fail.h"
#include "model/address.h"
#include "model/object.h"
#include "number.h"
#include "ruleset/read-ipvsadm.h"

/* A line that is being parsed. */
struct line {
	struct request request;
	const struct ipvsctl_names *names;  /* or NULL */
	const struct ipvsadm_word *command; /* or NULL */
	const struct ipvsadm_word *given[OPTION_COUNT];
	const char *server_text; /* read when the service is known */
	const char *netmask_text;
};

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
	int r = fail(err, -EINVAL, "'%.64s': the %s is not known", text, what);

	return fail_hint(err, r, "ipvsadm-save -n");
}

static int parse_port(const struct line *line, const char *text,
		      uint16_t protocol, uint16_t *ret_port,
		      struct ipvsctl_error *err)
{
	static const struct number_range range = { "port", 0, UINT16_MAX };
	const struct ipvsctl_names *names = line->names;
	uint32_t port = 0;
	int r = number_parse(text, &range, &port, NULL);

	if (r < 0 && names && names->port)
		r = names->port(text, protocol, ret_port, names->data);
	else
		*ret_port = (uint16_t)port;
	return r < 0 ? fail_name(text, "number of the port", err) : 0;
}

/* Parses an endpoint of numbers, or of names that the caller can look up. */
static int parse_endpoint(const struct line *line, const char *text,
			  struct ipvsctl_service *identity, bool *ret_has_port,
			  struct ipvsctl_error *err)
{
	const struct ipvsctl_names *names = line->names;
	struct endpoint endpoint;
	int r;

	if (endpoint_parse(text, &identity->address, ret_has_port,
			   &identity->port, NULL) == 0)
		return 0;
	/* If it cannot be a name either, report it as a wrong number. */
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
		       parse_port(line, endpoint.port, identity->protocol,
				  &identity->port, err) :
		       0;
}

/* ---- Options ----------------------------------------------------------- */

static int set_mark(struct ipvsctl_service *service, const char *value,
		    struct ipvsctl_error *err)
{
	static const struct number_range below = { "negative mark", 1,
						   INT32_MAX + 1u };
	int r;

	service->address.family = AF_INET;
	if (value[0] != '-')
		return ipvsctl_mark_parse(value, &service->fwmark, err);
	r = number_parse(value + 1, &below, &service->fwmark, err);
	service->fwmark = -service->fwmark;
	return r;
}

static int set_service(struct line *line, const struct ipvsadm_word *word,
		       const char *value, struct ipvsctl_error *err)
{
	struct ipvsctl_service *service = &line->request.service;
	bool has_port;

	if (!word->protocol)
		return set_mark(service, value, err);
	service->protocol = word->protocol;
	return parse_endpoint(line, value, service, &has_port, err);
}

static int set_ipv6(struct ipvsctl_service *service, struct ipvsctl_error *err)
{
	if (!service->fwmark)
		return fail(err, -EINVAL, "-6 does not follow -f MARK");
	service->address.family = AF_INET6;
	return 0;
}

static int set_command(struct line *line, const struct ipvsadm_word *word,
		       const char *value, struct ipvsctl_error *err)
{
	struct ipvsctl_sync named = { 0 };
	int r = 0;

	if (line->command)
		return fail(err, -EINVAL, "there are two commands");
	line->command = word;
	line->request.command = word->command;
	if (value)
		r = ipvsctl_sync_parse(value, &named, err);
	line->request.sync.role = named.role;
	return r;
}

static int set_option(struct line *line, const struct ipvsadm_word *word,
		      const char *value, struct ipvsctl_error *err)
{
	struct request *request = &line->request;

	switch ((int)word->option) {
	case SERVICE:
		return set_service(line, word, value, err);
	case IPV6:
		return set_ipv6(&request->service, err);
	case SERVER:
		line->server_text = value;
		return 0;
	case NETMASK:
		line->netmask_text = value;
		return 0;
	default:
		return ipvsadm_set(request, word, value, err);
	}
}

static int fail_repeated(const struct line *line,
			 const struct ipvsadm_word *word,
			 struct ipvsctl_error *err)
{
	if (strcmp(line->given[word->option]->name, word->name) == 0)
		return fail(err, -EINVAL, "option '--%s' is given twice",
			    word->name);
	return fail(err, -EINVAL,
		    word->option == SERVICE ?
			    "a second service is named" :
			    "there are two forwarding methods");
}

static int take_word(struct line *line, const struct ipvsadm_word *word,
		     const char *value, struct ipvsctl_error *err)
{
	struct request *request = &line->request;

	if (word->command != NO_COMMAND)
		return set_command(line, word, value, err);
	if (word->option < OPTION_COUNT) {
		if (has(request, word->option))
			return fail_repeated(line, word, err);
		request->given |= BIT(word->option);
		line->given[word->option] = word;
	}
	return set_option(line, word, value, err);
}

/* ---- Lines ------------------------------------------------------------- */

/* Takes the three timeouts from words. */
static int take_timeouts(struct ipvsctl_timeouts *timeouts, const char ***words,
			 struct ipvsctl_error *err)
{
	static const struct number_range range = { "timeout", 0,
						   IPVSCTL_TIMEOUT_MAX };
	uint32_t *const each[] = { &timeouts->tcp, &timeouts->tcp_fin,
				   &timeouts->udp };
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(each); i++) {
		if (!**words)
			return fail(err, -EINVAL, "--set needs three timeouts");
		r = number_parse(*(*words)++, &range, each[i], err);
	}
	return r;
}

/* A word that is no option, or what ipvsadm has written wrongly. */
static int take_argument(struct line *line, const char *word,
			 struct ipvsctl_error *err)
{
	static const struct ipvsadm_word bypass = {
		.name = "forwarding-method",
		.command = NO_COMMAND,
		.option = FORWARD,
		.of = OF_SERVER,
		.attribute = "forward",
		.value = "bypass",
	};

	if (strcmp(word, "ipvsadm") == 0)
		return 0;
	if (strcmp(word, "(null)") == 0)
		return take_word(line, &bypass, NULL, err);
	return fail(err, -EINVAL, "unexpected argument '%.64s'", word);
}

static int fail_option(const struct scan *scan, int mistake,
		       struct ipvsctl_error *err)
{
	if (mistake == SCAN_NO_VALUE)
		return fail(err, -EINVAL, "option '--%s' needs a value",
			    ipvsadm_words[scan->found.number - 1].name);
	return fail(err, -EINVAL, "'%.64s' is no option that sets anything up",
		    scan_word(scan));
}

static int take_options(struct line *line, struct scan *scan,
			struct ipvsctl_error *err)
{
	int next, r = 0;

	while (r == 0 && (next = scan_next(scan)) != -1) {
		if (next <= 0 || ipvsadm_words[next - 1].of == OF_OUTPUT)
			return fail_option(scan, next, err);
		r = take_word(line, &ipvsadm_words[next - 1], scan->value, err);
	}
	return r;
}

/* Reads the options that depend on the service. */
static int settle(struct line *line, struct ipvsctl_error *err)
{
	struct request *request = &line->request;
	struct ipvsctl_service *service = &request->service;
	struct ipvsctl_service endpoint = {
		.protocol = service->fwmark ? IPPROTO_TCP : service->protocol
	};
	bool has_port = false;
	int r = 0;

	if (line->netmask_text)
		r = ipvsctl_service_set(service, "netmask", line->netmask_text,
					err);
	if (r == 0 && line->server_text)
		r = parse_endpoint(line, line->server_text, &endpoint,
				   &has_port, err);
	request->server.address = endpoint.address;
	request->server.port = endpoint.port;
	if (r == 0)
		ipvsadm_settle(request, has_port);
	return r;
}

/* Checks that the command has all options it needs, and no wrong ones. */
static int check(const struct line *line, struct ipvsctl_error *err)
{
	const uint64_t given = line->request.given;
	const struct ipvsadm_rule *rule;
	uint64_t wrong;

	if (!line->command)
		return fail(err, -EINVAL,
			    "the line has no command, such as -A or -a");
	rule = &ipvsadm_rules[line->command->command];
	wrong = given & ~(rule->needs | rule->may);
	if (rule->needs & ~given & BIT(SERVICE))
		return fail(err, -EINVAL,
			    "-%c needs a service: -t, -u, --sctp-service or -f",
			    line->command->letter);
	if (rule->needs & ~given)
		return fail(err, -EINVAL, "-%c needs a server: -r",
			    line->command->letter);
	if (!wrong)
		return 0;
	return fail(err, -EINVAL, "option '--%s' does not go with this command",
		    line->given[__builtin_ctzll(wrong)]->name);
}

int ipvsadm_parse(const char **words, const struct ipvsctl_names *names,
		  struct request *ret_request, struct ipvsctl_error *err)
{
	const bool named = words[1] && strcmp(words[1], "ipvsadm") == 0;
	struct scan scan = { .find = ipvsadm_find, .argv = words + named };
	struct line line = { .names = names };
	int r;

	ipvsadm_begin(&line.request);
	r = take_options(&line, &scan, err);
	if (r < 0)
		return r;
	words = scan_words(&scan);
	if (line.request.command == SET_TIMEOUTS)
		r = take_timeouts(&line.request.timeouts, &words, err);
	while (r == 0 && *words)
		r = take_argument(&line, *words++, err);
	if (r == 0)
		r = settle(&line, err);
	if (r == 0)
		r = check(&line, err);
	if (r == 0)
		*ret_request = line.request;
	return r;
}
