/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The table of a check's options, for command lines and checks.conf. */
#include "check/config/check-options.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "check/config/expression.h"
#include "check/config/values.h"
#include "fail.h"
#include "number.h"
#include "program.h"

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
	{ "path", 0, "PATH", "http: path of the request (/)" },
	{ "method", 0, "GET|HEAD", "http: method of the request (GET)" },
	{ "host", 0, "NAME", "http: host to ask for; smtp: our name" },
	{ "header", 0, "NAME:VALUE...", "http: send this header too" },
	{ "status", 0, "LIST", "http: accepted statuses (200-299)" },
	{ "body", 0, "REGEX", "http: the body must match" },
	{ "sha256", 0, "HEX", "http: the body's digest" },
	{ "follow", 0, NULL, "http: follow redirects, on the same server" },
	{ "insecure", 0, NULL, "tls: accept any certificate" },
	{ "ca", 0, "FILE", "tls: certificates to trust, not the system's" },
	{ "sni", 0, "NAME", "tls: name to ask for and to verify (--host)" },
	{ "cert", 0, "FILE", "tls: our certificate" },
	{ "key", 0, "FILE", "tls: its key" },
	{ "http-version", 0, "1.1|2", "http: use this version" },
	{ "send", 0, "TEXT|0xHEX", "udp: data to send" },
	{ "expect", 0, "TEXT|0xHEX", "udp: data the answer must contain" },
	{ "type", 0, "TYPE", "dns: type of the record (A)" },
	{ "answer", 0, "DATA...", "dns: one record must have this data" },
	{ "user", 0, "USER", "exec: run it as USER" },
	{ "weight-from", 0, "status",
	  "exec: its status, less 2, is the weight" },
	{ "name", 0, "NAME", "the check's name (kind and port)" },
	{ "fall", 0, "NUMBER", "down after this many failures (3)" },
	{ "rise", 0, "NUMBER", "up after this many successes (2)" },
	{ "start", 0, "up|down|check",
	  "state of a server before its first probe" },
	{ "on-fail", 0, "drain|remove",
	  "what happens to a server that is down" },
	{ "cut-after", 0, "SECONDS|never",
	  "time until clients leave a server that is down (10)" },
	{ "quorum", 0, "NUMBER|PERCENT%", "servers that should be up (1)" },
	{ "sorry", 0, "SERVER", "takes over when the quorum is lost" },
	{ "backup", 0, "SERVER=SERVER...", "stand-in for a server" },
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

/* ---- Values that are more than a text or a number ------------------------- */

static int set_port(struct check *check, const char *value,
		    struct ipvsctl_error *err)
{
	static const struct number_range ports = { "port", 1, UINT16_MAX };
	uint32_t port = 0;
	int r;

	check->way.server_port = strcmp(value, "server") == 0;
	if (check->way.server_port)
		return 0;
	r = number_parse(value, &ports, &port, err);
	check->way.port = (uint16_t)port;
	return r;
}

static int set_dns_name(struct check *check, const char *value,
			struct ipvsctl_error *err)
{
	if (!*value || strlen(value) > 255)
		return fail(err, -EINVAL, "'%.64s' is not a DNS name", value);
	return value_copy(value, &check->way.dns_name, err);
}

static int set_timeout(struct check *check, const char *value,
		       struct ipvsctl_error *err)
{
	return value_seconds(value, &check->way.timeout_us, err);
}

static int set_source(struct check *check, const char *value,
		      struct ipvsctl_error *err)
{
	return ipvsctl_address_parse(value, &check->way.source, err);
}

static int set_vip(struct check *check, const char *value,
		   struct ipvsctl_error *err)
{
	check->way.via_vip = true;
	return ipvsctl_address_parse(value, &check->way.vip, err);
}

static int set_interface(struct check *check, const char *value,
			 struct ipvsctl_error *err)
{
	if (!*value || strlen(value) > IPVSCTL_INTERFACE_MAX ||
	    strpbrk(value, "/: "))
		return fail(err, -EINVAL,
			    "'%.32s' is not the name of an interface", value);
	return value_copy(value, &check->way.interface, err);
}

static int set_mark(struct check *check, const char *value,
		    struct ipvsctl_error *err)
{
	return ipvsctl_mark_parse(value, &check->way.mark, err);
}

/* Tells whether a text can go into a request without ending a line. */
static bool is_line(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static int set_path(struct check *check, const char *value,
		    struct ipvsctl_error *err)
{
	if (value[0] != '/' || !is_line(value) || strchr(value, ' '))
		return fail(err, -EINVAL,
			    "'%.64s' is not a path: it starts with / and "
			    "has no blanks",
			    value);
	return value_copy(value, &check->way.path, err);
}

static int set_header(struct check *check, const char *value,
		      struct ipvsctl_error *err)
{
	const char *colon = strchr(value, ':');

	if (!colon || colon == value || !is_line(value))
		return fail(err, -EINVAL,
			    "'%.64s' is not a header such as "
			    "'Accept: text/plain'",
			    value);
	return value_append(value, &check->way.headers, err);
}

static int set_status(struct check *check, const char *value,
		      struct ipvsctl_error *err)
{
	return value_statuses(value, &check->way, err);
}

static int set_body(struct check *check, const char *value,
		    struct ipvsctl_error *err)
{
	char pattern[EXPRESSION_PATTERN];
	const char *why, *rest;
	int r = expression_translate(value, pattern, &why, &rest);

	if (r == 0)
		return value_copy(value, &check->way.body, err);
	(void)fail(err, r,
		   "'%.64s' is not an extended regular expression: %s%s"
		   "%.32s%s",
		   value, why, *rest ? " (at '" : "", rest, *rest ? "')" : "");
	return fail_hint(err, r, "man 7 regex");
}

static int set_sha256(struct check *check, const char *value,
		      struct ipvsctl_error *err)
{
	int r = 0;

	if (strlen(value) != 64 || strspn(value, "0123456789abcdefABCDEF") != 64)
		r = fail(err, -EINVAL,
			 "'%.64s' is not 64 hex digits, as sha256sum "
			 "prints them",
			 value);
	if (r == 0)
		r = value_copy(value, &check->way.sha256, err);
	for (char *c = check->way.sha256; r == 0 && *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return r;
}

static int set_send(struct check *check, const char *value,
		    struct ipvsctl_error *err)
{
	return value_bytes(value, &check->way.send, err);
}

static int set_expect(struct check *check, const char *value,
		      struct ipvsctl_error *err)
{
	int r = value_bytes(value, &check->way.expect, err);

	if (r == 0 && check->way.expect.length == 0)
		return fail(err, -EINVAL, "nothing is expected");
	return r;
}

static int set_type(struct check *check, const char *value,
		    struct ipvsctl_error *err)
{
	return value_dns_type(value, &check->way.dns_type, err);
}

static int set_answer(struct check *check, const char *value,
		      struct ipvsctl_error *err)
{
	return value_append(value, &check->way.answers, err);
}

/* Root runs the program: other users must not be able to change it. */
static int check_program(const char *value, struct ipvsctl_error *err)
{
	char why[PROGRAM_WHY_SIZE];

	if (value[0] != '/')
		return fail(err, -EINVAL,
			    "'%.128s' is not the absolute path of a program",
			    value);
	/* A missing program is checked again when it runs. */
	if (program_look(value, why) == -EPERM)
		return fail(err, -EINVAL, "%s", why);
	return 0;
}

static int set_exec(struct check *check, const char *value,
		    struct ipvsctl_error *err)
{
	int r = check_program(value, err);

	return r < 0 ? r : value_append(value, &check->way.exec, err);
}

static int set_notify(struct check *check, const char *value,
		      struct ipvsctl_error *err)
{
	int r = check_program(value, err);

	return r < 0 ? r : value_copy(value, &check->notify, err);
}

static int set_name(struct check *check, const char *value,
		    struct ipvsctl_error *err)
{
	size_t length = strlen(value);

	for (const char *c = value; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_.", *c))
			length = 0;
	if (length == 0 || length >= CHECK_NAME_SIZE)
		return fail(err, -EINVAL,
			    "name '%.64s' is not 1 to %d letters, digits "
			    "and '-_.'",
			    value, CHECK_NAME_SIZE - 1);
	(void)memcpy(check->name, value, length + 1);
	return 0;
}

static int set_on_fail(struct check *check, const char *value,
		       struct ipvsctl_error *err)
{
	check->remove = strcmp(value, "remove") == 0;
	if (!check->remove && strcmp(value, "drain") != 0)
		return fail(err, -EINVAL, "'%.64s' is not drain or remove",
			    value);
	return 0;
}

static int set_cut_after(struct check *check, const char *value,
			 struct ipvsctl_error *err)
{
	check->cuts_tcp = true;
	check->cut_after_us = CHECK_CUT_NEVER;
	if (strcmp(value, "never") == 0)
		return 0;
	check->cut_after_us = 0;
	return strcmp(value, "0") == 0 ?
		       0 :
		       value_seconds(value, &check->cut_after_us, err);
}

static int set_quorum(struct check *check, const char *value,
		      struct ipvsctl_error *err)
{
	static const struct number_range counts = { "quorum", 1, 100000000 };
	static const struct number_range percents = { "quorum", 1, 100 };
	char digits[16];
	size_t length = strlen(value);

	check->quorum_percent = length > 0 && value[length - 1] == '%';
	if (!check->quorum_percent || length >= sizeof(digits))
		return number_parse(value, &counts, &check->quorum, err);
	(void)memcpy(digits, value, length);
	digits[length - 1] = '\0';
	return number_parse(digits, &percents, &check->quorum, err);
}

static int set_sorry(struct check *check, const char *value,
		     struct ipvsctl_error *err)
{
	struct ipvsctl_server server;
	int r = value_server(value, &server, err);

	return r < 0 ? r : value_copy(value, &check->sorry, err);
}

static int set_backup(struct check *check, const char *value,
		      struct ipvsctl_error *err)
{
	struct check_backup *grown, backup = { 0 };
	struct ipvsctl_server stand_in;
	const char *equals = strchr(value, '=');
	char first[IPVSCTL_IDENTITY_TEXT] = "";
	int r;

	if (!equals || (size_t)(equals - value) >= sizeof(first))
		return fail(err, -EINVAL,
			    "'%.64s' is not SERVER=SERVER, the second "
			    "standing in for the first",
			    value);
	(void)memcpy(first, value, (size_t)(equals - value));
	r = value_server(first, &backup.server, err);
	if (r == 0)
		r = value_server(equals + 1, &stand_in, err);
	if (r < 0)
		return r;
	grown = reallocarray(check->backups, check->backup_count + 1,
			     sizeof(*grown));
	if (!grown)
		return fail_memory(err);
	check->backups = grown;
	r = value_copy(equals + 1, &backup.stand_in, err);
	if (r == 0)
		grown[check->backup_count++] = backup;
	return r;
}

static int set_smtp_url(struct check *check, const char *value,
			struct ipvsctl_error *err)
{
	if ((strncmp(value, "smtp://", 7) != 0 &&
	     strncmp(value, "smtps://", 8) != 0) ||
	    !is_line(value))
		return fail(err, -EINVAL,
			    "not a URL such as smtp://mail.example.net");
	return value_copy(value, &check->smtp_url, err);
}

/* ---- The table ----------------------------------------------------------- */

#define BIT(kind) (1U << (kind))
#define HTTP	  (BIT(CHECK_HTTP) | BIT(CHECK_HTTPS))
#define TLS	  (BIT(CHECK_TLS) | BIT(CHECK_HTTPS))
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

static const char *const methods[] = { "GET", "HEAD", NULL };
static const char *const http_versions[] = { "1.1", "2", NULL };
/* In the order of their enums, without the first value: not given. */
static const char *const starts[] = { "up", "down", "check", NULL };
static const char *const weight_sources[] = { "status", NULL };

static const struct option options[] = {
	{ "timeout", ANY, .set = set_timeout },
	{ "port", BIT(CHECK_DNS), .set = set_port },
	{ "source", NETWORK, .set = set_source },
	{ "interface", NETWORK, .set = set_interface },
	{ "mark", NETWORK, .set = set_mark },
	{ "via-vip", NETWORK & ~BIT(CHECK_PING), FLAG(way.via_vip) },
	{ "vip", NETWORK & ~BIT(CHECK_PING), .set = set_vip },
	{ "path", HTTP, .set = set_path },
	{ "method", HTTP, TEXT(way.method), .words = methods },
	{ "host", HTTP | BIT(CHECK_SMTP), TEXT(way.host), .read = value_host },
	{ "header", HTTP, .set = set_header },
	{ "status", HTTP, .set = set_status },
	{ "body", HTTP, .set = set_body },
	{ "sha256", HTTP, .set = set_sha256 },
	{ "follow", HTTP, FLAG(way.follow) },
	{ "insecure", TLS, FLAG(way.insecure) },
	{ "ca", TLS, TEXT(way.ca_file) },
	{ "sni", TLS, TEXT(way.sni), .read = value_host },
	{ "cert", TLS, TEXT(way.certificate) },
	{ "key", TLS, TEXT(way.key) },
	{ "http-version", HTTP, TEXT(way.http_version), .words = http_versions },
	{ "send", BIT(CHECK_UDP), .set = set_send },
	{ "expect", BIT(CHECK_UDP), .set = set_expect },
	{ "type", BIT(CHECK_DNS), .set = set_type },
	{ "answer", BIT(CHECK_DNS), .set = set_answer },
	{ "user", BIT(CHECK_EXEC), TEXT(way.user) },
	{ "weight-from", BIT(CHECK_EXEC), NUMBER(way.weight_from),
	  .words = weight_sources },
	{ "name", ANY, .set = set_name },
	{ "fall", ANY, NUMBER(fall) },
	{ "rise", ANY, NUMBER(rise) },
	{ "start", ANY, NUMBER(start), .words = starts },
	{ "on-fail", ANY, .set = set_on_fail },
	{ "cut-after", ANY, .set = set_cut_after },
	{ "quorum", ANY, .set = set_quorum },
	{ "sorry", ANY, .set = set_sorry },
	{ "backup", ANY, .set = set_backup },
	{ "servers", ANY, TEXT(servers_file) },
	{ "upstream", ANY, TEXT(upstream) },
	{ "notify", ANY, .set = set_notify },
	{ "mail", ANY, TEXT(mail), .read = value_mail },
	{ "mail-from", ANY, TEXT(mail_from), .read = value_mail },
	{ "smtp-url", ANY, .set = set_smtp_url },
};

/* The option of each kind of probe, and how its value is set. */
static const struct {
	const char *name;
	set_fn set;
} kinds[CHECK_KINDS] = {
	[CHECK_TCP] = { "tcp", set_port },
	[CHECK_TLS] = { "tls", set_port },
	[CHECK_HTTP] = { "http", set_port },
	[CHECK_HTTPS] = { "https", set_port },
	[CHECK_UDP] = { "udp", set_port },
	[CHECK_DNS] = { "dns", set_dns_name },
	[CHECK_SMTP] = { "smtp", set_port },
	[CHECK_PING] = { "ping", NULL },
	[CHECK_EXEC] = { "exec", set_exec },
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
