/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Servers that answer as well-known ones do, to what they understand. */
#include "standins.h"

#include <sys/socket.h>

#include <string.h>

#include "scope.h"
#include "talker.h"

#define HEARD_SIZE 4096

/* Bytes with NULs. */
struct bytes {
	const char *bytes;
	size_t length;
};
#define B(text)                        \
	{                              \
		text, sizeof(text) - 1 \
	}

/* A request and its answers, of a server that is well and of one that is not.
   Without a request the server speaks first. */
struct exchange {
	const char *name;
	struct bytes request, good, bad;
};

#define PONG B("PING\r\n"), B("+PONG\r\n")
#define AMQP "AMQP\0\0\x09\x01"

static const struct exchange exchanges[] = {
	{ "redis", PONG,
	  B("-LOADING Redis is loading the dataset in memory\r\n") },
	{ "redis-primary", PONG, B("+PONG\r\n") },
	{ "redis-primary", B("INFO replication\r\n"),
	  B("$40\r\n# Replication\r\nrole:master\r\nconnected_slaves:0\r\n"),
	  B("$40\r\n# Replication\r\nrole:slave\r\nmaster_host:x\r\n") },
	{ "redis-auth", B("AUTH secret\r\n"), B("+OK\r\n"),
	  B("-WRONGPASS invalid username-password pair\r\n") },
	{ "redis-auth", PONG, B("-NOAUTH Authentication required.\r\n") },
	{ "memcached", B("version\r\n"), B("VERSION 1.6.18\r\n"),
	  B("ERROR\r\n") },
	{ "rtsp", B("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n"),
	  B("RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: DESCRIBE, PLAY\r\n\r\n"),
	  B("RTSP/1.0 503 Service Unavailable\r\nCSeq: 1\r\n\r\n") },
	{ "amqp", B(AMQP),
	  B("\x01\0\0\0\0\0\x0f\0\x0a\0\x0a\0\x09\0\0\0\0\0\0\0\0\xce"),
	  B(AMQP) },
	{ "zookeeper", B("ruok"), B("imok"),
	  B("This ZooKeeper instance is not currently serving requests\n") },
	{ "ajp", B("\x12\x34\0\x01\x0a"), B("AB\0\x01\x09"), B("") },
	{ "imap", B(""), B("* OK [CAPABILITY IMAP4rev1] ready.\r\n"),
	  B("* BYE too busy\r\n") },
	{ "imap", B("a LOGOUT\r\n"),
	  B("* BYE Logging out\r\na OK Logout completed.\r\n"), B("") },
	{ "pop3", B(""), B("+OK POP3 ready\r\n"), B("-ERR [IN-USE]\r\n") },
	{ "pop3", B("QUIT\r\n"), B("+OK Bye\r\n"), B("") },
	{ "ftp", B(""), B("220-Hello\r\n220 ready\r\n"),
	  B("421 too many connections (220 allowed).\r\n") },
	{ "ftp", B("QUIT\r\n"), B("221 Goodbye.\r\n"), B("") },
	{ "ssh", B(""), B("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"),
	  B("Exceeded MaxStartups\r\n") },
	{ "smtp-proxy", B(""), B("220 mail ESMTP Postfix\r\n"),
	  B("421 4.3.2 No system resources\r\n") },
	{ "smtp-proxy", B("QUIT\r\n"), B("221 2.0.0 Bye\r\n"), B("") },
	{ "patroni", B("OPTIONS /primary HTTP/1.1\r\n"),
	  B("HTTP/1.0 200 OK\r\n\r\n"),
	  B("HTTP/1.0 503 Service Unavailable\r\n\r\n") },
	{ "http-proxy", B("GET / HTTP/1.1\r\n"), B("HTTP/1.0 200 OK\r\n\r\n"),
	  B("HTTP/1.0 503 Service Unavailable\r\n\r\n") },
};

static size_t hear(int fd, const char *until, size_t length,
		   char heard[HEARD_SIZE])
{
	return talker_hear(fd, until, length, heard, HEARD_SIZE);
}

static void say(int fd, const struct bytes *bytes)
{
	talker_say(fd, bytes->bytes, bytes->length);
}

/* ---- Servers that read more closely -------------------------------------- */

/* Reads exactly so many bytes. */
static bool take(int fd, void *bytes, size_t length)
{
	return recv(fd, bytes, length, MSG_WAITALL) == (ssize_t)length;
}

/* C0 and C1; S0, S1 and S2, which repeats C1. */
static void serve_rtmp(int fd, bool unwell)
{
	uint8_t client[1 + 1536], server[1 + 1536] = { 3 };

	if (!take(fd, client, sizeof(client)) || client[0] != 3)
		return;
	talker_say(fd, server, sizeof(server));
	if (!unwell)
		talker_say(fd, client + 1, sizeof(client) - 1);
}

/* A message of BER with short lengths: the bind request of version 3. */
static void serve_ldap(int fd, bool unwell)
{
	static const uint8_t bind[] = { 0x60, 7, 2, 1, 3, 4, 0, 0x80, 0 };
	uint8_t answer[] = {
		0x30, 12, 2, 1, 0, 0x61, 7, 0x0a, 1, 0, 4, 0, 4, 0
	};
	uint8_t message[2 + 127];

	if (!take(fd, message, 2) || message[0] != 0x30 || message[1] > 127 ||
	    !take(fd, message + 2, message[1]))
		return;
	if (message[2] != 2 || message[3] != 1 ||
	    message[1] != 3 + sizeof(bind) ||
	    memcmp(message + 5, bind, sizeof(bind)) != 0)
		return;
	answer[4] = message[4];
	answer[9] = unwell ? 51 : 0; /* busy */
	talker_say(fd, answer, sizeof(answer));
	/* The unbind has no answer. */
	(void)take(fd, message, 7);
}

/* Length, version 3.0, names and values, each with a NUL. */
static void serve_postgresql(int fd, bool unwell)
{
	static const struct bytes
		wants = B("R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0"),
		fails = B("E\0\0\0\x36SFATAL\0C57P03\0"
			  "Mthe database system is starting up\0\0");
	uint8_t message[256] = { 0 };

	if (!take(fd, message, 4) || message[0] || message[1] || message[2] ||
	    message[3] < 9 || !take(fd, message + 4, message[3] - 4U))
		return;
	if (memcmp(message + 4, "\0\3\0\0user", 9) != 0 || !message[13] ||
	    message[message[3] - 1])
		return;
	say(fd, unwell ? &fails : &wants);
}

static void serve_mqtt(int fd, bool unwell)
{
	static const struct bytes taken = B("\x20\x02\0\0"),
				  refused = B("\x20\x02\0\x03");
	uint8_t message[2 + 127], end[2];

	if (!take(fd, message, 2) || message[0] != 0x10 || message[1] > 127 ||
	    !take(fd, message + 2, message[1]))
		return;
	if (memcmp(message + 2, "\0\4MQTT\4\2", 8) != 0 ||
	    message[1] != 12 + message[13])
		return;
	say(fd, unwell ? &refused : &taken);
	(void)take(fd, end, sizeof(end));
}

const char *standin_sip(const char *heard, bool unwell)
{
	static const char *const wanted[] = {
		"\r\nVia: SIP/2.0/",
		";branch=z9hG4bK",
		"\r\nMax-Forwards: ",
		"\r\nFrom: ",
		";tag=",
		"\r\nTo: ",
		"\r\nCall-ID: ",
		"\r\nCSeq: 1 OPTIONS\r\n",
		"\r\n\r\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (!strstr(heard, wanted[i]))
			return "SIP/2.0 400 Bad Request\r\n\r\n";
	if (strncmp(heard, "OPTIONS sip:", 12) != 0)
		return "SIP/2.0 405 Method Not Allowed\r\n\r\n";
	return unwell ? "SIP/2.0 503 Service Unavailable\r\n\r\n" :
			"SIP/2.0 200 OK\r\nAllow: INVITE, OPTIONS\r\n\r\n";
}

static void serve_sip(int fd, bool unwell)
{
	char heard[HEARD_SIZE];
	const char *answer;

	(void)hear(fd, "\r\n\r\n", 4, heard);
	answer = standin_sip(heard, unwell);
	talker_say(fd, answer, strlen(answer));
}

static const struct {
	const char *name;
	void (*serve)(int fd, bool unwell);
} servers[] = {
	{ "rtmp", serve_rtmp },
	{ "ldap", serve_ldap },
	{ "postgresql", serve_postgresql },
	{ "mqtt", serve_mqtt },
	{ "sip-tcp", serve_sip },
	{ "sip-udp", NULL },
};

/* ---- All ----------------------------------------------------------------- */

/* A header of the PROXY protocol, without which nobody is served. */
static bool hear_proxy(int fd, const char *name)
{
	char heard[HEARD_SIZE], byte;
	size_t length = 0;

	if (strcmp(name, "http-proxy") == 0)
		return take(fd, heard, 16) &&
		       !memcmp(heard, "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16);
	if (strcmp(name, "smtp-proxy") != 0)
		return true;
	while (length < 107 && take(fd, &byte, 1) && byte != '\n')
		heard[length++] = byte;
	heard[length] = '\0';
	return strncmp(heard, "PROXY TCP4 127.0.0.1 127.0.0.1 ", 31) == 0 &&
	       heard[length - 1] == '\r';
}

static void serve_exchanges(int fd, const struct standin *standin)
{
	for (size_t i = 0; i < ARRAY_SIZE(exchanges); i++) {
		const struct exchange *one = &exchanges[i];
		const struct bytes *request = &one->request;
		char heard[HEARD_SIZE];

		if (strcmp(one->name, standin->name) != 0)
			continue;
		if (request->length > 0) {
			const size_t length = hear(fd, request->bytes,
						   request->length, heard);

			if (length < request->length ||
			    memcmp(heard, request->bytes, request->length) != 0)
				return;
		}
		say(fd, standin->unwell ? &one->bad : &one->good);
	}
}

bool standin_is_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(servers); i++)
		if (strcmp(servers[i].name, name) == 0)
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(exchanges); i++)
		if (strcmp(exchanges[i].name, name) == 0)
			return true;
	return false;
}

void standin_serve(int fd, void *data)
{
	const struct standin *standin = data;
	char rest[HEARD_SIZE];

	if (!hear_proxy(fd, standin->name))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(servers); i++)
		if (strcmp(servers[i].name, standin->name) == 0)
			servers[i].serve(fd, standin->unwell);
	serve_exchanges(fd, standin);
	/* What was not read would take back the answer. */
	(void)shutdown(fd, SHUT_WR);
	while (recv(fd, rest, sizeof(rest), 0) > 0)
		;
}
