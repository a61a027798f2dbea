/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The table of a check's options, for command lines and checks.conf. */
#include "check/config/check-options.h"

#include <errno.h>
#include <string.h>

#include "check/config/option-values.h"
#include "check/config/values.h"
#include "fail.h"
#include "number.h"

/* Options of a run; all others belong to a check. */
static const char *const of_run[] = { "config", "every", "textfile", "nagios",
				      "window" };

const struct command_option check_options[] = {
	{ "tcp", 0, "PORT", "probe: connect; PORT 'server': each server's own" },
	{ "tls", 0, "PORT", "probe: connect, shake hands, verify" },
	{ "http", 0, "PORT", "probe: HTTP request" },
	{ "https", 0, "PORT", "probe: HTTPS request" },
	{ "udp", 0, "PORT", "probe: send a datagram" },
	{ "dns", 0, "NAME", "probe: ask DNS for NAME" },
	{ "smtp", 0, "PORT", "probe: SMTP greeting and EHLO" },
	{ "ping", 0, NULL, "probe: ICMP echo" },
	{ "exec", 0, "PROGRAM", "probe: run PROGRAM; 0 is up" },
	{ "timeout", 0, "SECONDS", "longest wait for a probe (3)" },
	{ "port", 0, "PORT", "dns: the server's port (53)" },
	{ "source", 0, "ADDRESS", "probe from this address" },
	{ "interface", 0, "DEV", "probe through this interface" },
	{ "mark", 0, "MARK", "firewall mark of the probe's packets" },
	{ "via-vip", 0, NULL, "probe the service's address on each server" },
	{ "vip", 0, "ADDRESS", "via-vip: the address of a mark's service" },
	{ "proxy-protocol", 0, "v1|v2",
	  "tcp, tls, http: begin with a PROXY header" },
	{ "path", 0, "PATH", "http: path of the request (/)" },
	{ "method", 0, "GET|HEAD|POST|PUT|...",
	  "http: method of the request (GET)" },
	{ "data-file", 0, "FILE", "http: the body of the request" },
	{ "host", 0, "NAME", "http: host to ask for; smtp: our name" },
	{ "header", 0, "NAME:VALUE...", "http: send this header too" },
	{ "status", 0, "LIST", "http: accepted statuses (200-299)" },
	{ "expect-header", 0, "NAME:REGEX...",
	  "http: a header of the answer must match" },
	{ "body", 0, "REGEX", "http: the body must match" },
	{ "sha256", 0, "HEX", "http: the body's digest" },
	{ "follow", 0, NULL, "http: follow redirects, on the same server" },
	{ "insecure", 0, NULL, "tls: accept any certificate" },
	{ "ca", 0, "FILE", "tls: certificates to trust, not the system's" },
	{ "sni", 0, "NAME", "tls: name to ask for and to verify (--host)" },
	{ "cert", 0, "FILE", "tls: our certificate" },
	{ "key", 0, "FILE", "tls: its key" },
	{ "http-version", 0, "1.1|2", "http: use this version" },
	{ "send", 0, "TEXT|0xHEX...", "tcp, tls, udp: send this" },
	{ "expect", 0, "TEXT|0xHEX...",
	  "tcp, tls, udp: wait for an answer with this" },
	{ "type", 0, "TYPE", "dns: type of the record (A)" },
	{ "answer", 0, "DATA...", "dns: one record must have this data" },
	{ "user", 0, "USER", "exec: run it as USER" },
	{ "weight-from", 0, "SOURCE",
	  "weight by status, output, agent:PORT or file:PATH" },
	{ "name", 0, "NAME", "the check's name (kind and port)" },
	{ "fall", 0, "NUMBER", "down after this many failures (3)" },
	{ "rise", 0, "NUMBER", "up after this many successes (2)" },
	{ "start", 0, "up|down|check",
	  "state of a server before its first probe" },
	{ "on-fail", 0, "drain|remove",
	  "what happens to a server that is down" },
	{ "cut-after", 0, "SECONDS|never",
	  "time until clients leave a server that is down (10)" },
	{ "slow-start", 0, "SECONDS",
	  "time in which a server that comes in gets its weight" },
	{ "retry-every", 0, "SECONDS",
	  "with --every: interval while failing or recovering" },
	{ "every-down", 0, "SECONDS", "with --every: interval while down" },
	{ "jitter", 0, "PERCENT", "with --every: shorten waits at random" },
	{ "quorum", 0, "NUMBER|PERCENT%", "servers that should be up (1)" },
	{ "keep", 0, "NUMBER|PERCENT%", "take out no more than leaves so many" },
	{ "sorry", 0, "SERVER", "takes over when the quorum is lost" },
	{ "withdraw", 0, "VIP", "withdraw this VIP when the quorum is lost" },
	{ "maintenance", 0, "FILE",
	  "while it exists, the VIP of --withdraw is withdrawn" },
	{ "backup", 0, "SERVER=SERVER...", "stand-in for a server" },
	{ "standby", 0, "FILE|SERVERS...",
	  "checked servers that come in when too few others are up" },
	{ "standby-below", 0, "PERCENT",
	  "they come in with fewer than these up (50)" },
	{ "standby-above", 0, "PERCENT",
	  "they go with these up again (halfway from below to 100)" },
	{ "servers", 0, "FILE", "take the servers from this file" },
	{ "upstream", 0, "NAME", "servers: only this upstream block" },
	{ "notify", 0, "PROGRAM", "run this when a server changes state" },
	{ "mail", 0, "ADDRESS",
	  "mail this address when a server changes state" },
	{ "mail-from", 0, "ADDRESS", "sender of such mail" },
	{ "smtp-url", 0, "URL", "send mail through this server, not sendmail" },
	{ "config", 0, "FILE", "file of checks (/etc/lbctl/checks.conf)" },
	{ "every", 0, "SECONDS", "run periodically, in the foreground" },
	{ "textfile", 0, "FILE", "write Prometheus metrics" },
	{ "nagios", 0, NULL, "answer as a Nagios plugin" },
	{ "window", 0, "NUMBER", "most probes at once (as many as fit)" },
	{ 0 },
};

/* ---- The table ----------------------------------------------------------- */

#define BIT(kind) (1U << (kind))
#define HTTP	  (BIT(CHECK_HTTP) | BIT(CHECK_HTTPS))
#define TLS	  (BIT(CHECK_TLS) | BIT(CHECK_HTTPS))
#define TALK	  (BIT(CHECK_TCP) | BIT(CHECK_TLS) | BIT(CHECK_UDP))
#define NETWORK	  (~BIT(CHECK_EXEC))
#define ANY	  (~0U)

typedef int (*set_fn)(struct check *check, const char *value,
		      struct ipvsctl_error *err);
/* Copies a text that is valid, as value_host(). */
typedef int (*read_fn)(const char *text, char **ret_text,
		       struct ipvsctl_error *err);

/* One of: set; text, the offset of a char *; flag, the offset of a bool;
   number, the offset of a uint32_t that is at least 1. With words, the text is
   one of them, the number its position from 1. */
struct option {
	const char *name;
	unsigned int kinds; /* that it goes with */
	set_fn set;
	size_t text, flag, number;
	read_fn read;		  /* of a text; NULL: any is taken */
	const char *const *words; /* NULL at the end */
};

#define TEXT(field)   .text = offsetof(struct check, field)
#define FLAG(field)   .flag = offsetof(struct check, field)
#define NUMBER(field) .number = offsetof(struct check, field)

static const char *const methods[] = { "GET",	"HEAD",	  "POST",    "PUT",
				       "PATCH", "DELETE", "OPTIONS", NULL };
static const char *const http_versions[] = { "1.1", "2", NULL };
/* In the order of their enums, without the first value: not given. */
static const char *const starts[] = { "up", "down", "check", NULL };
static const char *const proxy_versions[] = { "v1", "v2", NULL };

static const struct option options[] = {
	{ "timeout", ANY, .set = option_set_timeout },
	{ "port", BIT(CHECK_DNS), .set = option_set_port },
	{ "source", NETWORK, .set = option_set_source },
	{ "interface", NETWORK, .set = option_set_interface },
	{ "mark", NETWORK, .set = option_set_mark },
	{ "via-vip", NETWORK & ~BIT(CHECK_PING), FLAG(way.via_vip) },
	{ "vip", NETWORK & ~BIT(CHECK_PING), .set = option_set_vip },
	{ "proxy-protocol", BIT(CHECK_TCP) | BIT(CHECK_TLS) | HTTP,
	  NUMBER(way.proxy_protocol), .words = proxy_versions },
	{ "path", HTTP, .set = option_set_path },
	{ "method", HTTP, TEXT(way.method), .words = methods },
	{ "data-file", HTTP, TEXT(way.data_file) },
	{ "host", HTTP | BIT(CHECK_SMTP), TEXT(way.host), .read = value_host },
	{ "header", HTTP, .set = option_set_header },
	{ "status", HTTP, .set = option_set_status },
	{ "expect-header", HTTP, .set = option_set_expect_header },
	{ "body", HTTP, .set = option_set_body },
	{ "sha256", HTTP, .set = option_set_sha256 },
	{ "follow", HTTP, FLAG(way.follow) },
	{ "insecure", TLS, FLAG(way.insecure) },
	{ "ca", TLS, TEXT(way.ca_file) },
	{ "sni", TLS, TEXT(way.sni), .read = value_host },
	{ "cert", TLS, TEXT(way.certificate) },
	{ "key", TLS, TEXT(way.key) },
	{ "http-version", HTTP, TEXT(way.http_version), .words = http_versions },
	{ "send", TALK, .set = option_set_send },
	{ "expect", TALK, .set = option_set_expect },
	{ "type", BIT(CHECK_DNS), .set = option_set_type },
	{ "answer", BIT(CHECK_DNS), .set = option_set_answer },
	{ "user", BIT(CHECK_EXEC), TEXT(way.user) },
	{ "weight-from", ANY, .set = option_set_weight_from },
	{ "name", ANY, .set = option_set_name },
	{ "fall", ANY, NUMBER(fall) },
	{ "rise", ANY, NUMBER(rise) },
	{ "start", ANY, NUMBER(start), .words = starts },
	{ "on-fail", ANY, .set = option_set_on_fail },
	{ "cut-after", ANY, .set = option_set_cut_after },
	{ "slow-start", ANY, .set = option_set_slow_start },
	{ "retry-every", ANY, .set = option_set_retry_every },
	{ "every-down", ANY, .set = option_set_every_down },
	{ "jitter", ANY, .set = option_set_jitter },
	{ "quorum", ANY, .set = option_set_quorum },
	{ "keep", ANY, .set = option_set_keep },
	{ "sorry", ANY, .set = option_set_sorry },
	{ "withdraw", ANY, .set = option_set_withdraw },
	{ "maintenance", ANY, TEXT(maintenance) },
	{ "backup", ANY, .set = option_set_backup },
	{ "standby", ANY, .set = option_set_standby },
	{ "standby-below", ANY, .set = option_set_standby_below },
	{ "standby-above", ANY, .set = option_set_standby_above },
	{ "servers", ANY, TEXT(servers_file) },
	{ "upstream", ANY, TEXT(upstream) },
	{ "notify", ANY, .set = option_set_notify },
	{ "mail", ANY, TEXT(mail), .read = value_mail },
	{ "mail-from", ANY, TEXT(mail_from), .read = value_mail },
	{ "smtp-url", ANY, .set = option_set_smtp_url },
};

/* The option of each kind of probe, and how its value is set. */
static const struct {
	const char *name;
	set_fn set;
} kinds[CHECK_KINDS] = {
	[CHECK_TCP] = { "tcp", option_set_port },
	[CHECK_TLS] = { "tls", option_set_port },
	[CHECK_HTTP] = { "http", option_set_port },
	[CHECK_HTTPS] = { "https", option_set_port },
	[CHECK_UDP] = { "udp", option_set_port },
	[CHECK_DNS] = { "dns", option_set_dns_name },
	[CHECK_SMTP] = { "smtp", option_set_port },
	[CHECK_PING] = { "ping", NULL },
	[CHECK_EXEC] = { "exec", option_set_exec },
};

const char *check_kind_name(enum check_kind kind)
{
	return kinds[kind].name;
}

static const struct option *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (strcmp(options[i].name, name) == 0)
			return &options[i];
	return NULL;
}

bool option_of_run(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(of_run); i++)
		if (strcmp(of_run[i], name) == 0)
			return true;
	return false;
}

bool option_fits(const char *name, enum check_kind kind)
{
	const struct option *option = find(name);

	return !option || (option->kinds & BIT(kind));
}

static int set_kind(struct check *check, enum check_kind kind,
		    const char *value, struct ipvsctl_error *err)
{
	if (check->way.kind != CHECK_KINDS)
		return fail(err, -EINVAL,
			    "--%s and --%s: a check has one kind of probe",
			    kinds[check->way.kind].name, kinds[kind].name);
	check->way.kind = kind;
	return kinds[kind].set ? kinds[kind].set(check, value, err) : 0;
}

static int set_word(const struct option *option, const char *value, char *base,
		    struct ipvsctl_error *err)
{
	char list[64] = "";
	size_t used = 0;

	for (size_t i = 0; option->words[i]; i++) {
		const char *word = option->words[i];

		if (strcmp(word, value) == 0 && option->text)
			return value_copy(value,
					  (char **)(void *)(base + option->text),
					  err);
		if (strcmp(word, value) == 0) {
			*(uint32_t *)(void *)(base + option->number) =
				(uint32_t)i + 1;
			return 0;
		}
		used += (size_t)snprintf(list + used, sizeof(list) - used,
					 "%s%s", i > 0 ? " or " : "", word);
	}
	return fail(err, -EINVAL, "'%.64s' is not %s", value, list);
}

int option_set(struct check *check, const char *name, const char *value,
	       struct ipvsctl_error *err)
{
	const struct option *option = find(name);
	char *base = (char *)check;

	for (int i = 0; i < CHECK_KINDS; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return set_kind(check, (enum check_kind)i, value, err);
	if (!option)
		return 0;
	if (option->words)
		return set_word(option, value, base, err);
	if (option->set)
		return option->set(check, value, err);
	if (option->text)
		return (option->read ? option->read : value_copy)(
			value, (char **)(void *)(base + option->text), err);
	if (option->number)
		return number_parse(value,
				    &(struct number_range){ name, 1, 1000000 },
				    (uint32_t *)(void *)(base + option->number),
				    err);
	*(bool *)(base + option->flag) = true;
	return 0;
}
