/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Probes by libcurl: requests, headers of answers, conversations by TLS. */
#include "unit.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <string.h>

#include "clock.h"
#include "probing.h"
#include "talker.h"

#define LOCAL "127.0.0.1"

extern const struct probe_curl lbctl_probe_curl;

/* Probes once, as a run does. */
static void run(struct probe *probe)
{
	struct probe_limits limits = { .curl = &lbctl_probe_curl };

	assert_int_equal(lbctl_probe_curl.load(probe, 1, &limits.curl_data), 0);
	run_apart(probe, &limits);
	lbctl_probe_curl.unload(limits.curl_data);
}

static struct check given_http(enum check_kind kind)
{
	struct check check = given_check(kind, PROBING_LONG_US);

	check.way.path = (char *)"/";
	check.way.statuses[0] = (struct check_range){ 200, 299 };
	check.way.status_count = 1;
	check.way.insecure = true;
	return check;
}

/* ---- HTTP ---------------------------------------------------------------- */

struct http {
	const char *until; /* the end of what the client says */
	const char *answer;
	char heard[2048];
	size_t length;
	uint16_t port; /* of the client */
};

static void serve_http(int fd, void *data)
{
	struct http *http = data;
	struct sockaddr_in from;
	socklen_t length = sizeof(from);
	char rest[4096];

	assert_int_equal(getpeername(fd, (struct sockaddr *)&from, &length), 0);
	http->port = ntohs(from.sin_port);
	http->length = talker_hear(fd, http->until, strlen(http->until),
				   http->heard, sizeof(http->heard));
	talker_say(fd, http->answer, strlen(http->answer));
	/* What it has not read would take back the answer. */
	(void)shutdown(fd, SHUT_WR);
	while (recv(fd, rest, sizeof(rest), 0) > 0)
		;
}

#define OK_ANSWER "HTTP/1.0 200 OK\r\n\r\n"

static uint16_t try_http(const struct check *check, struct http *http,
			 enum probe_verdict verdict, const char *message)
{
	uint16_t port;
	struct talker *talker = talker_start(LOCAL, serve_http, http, &port);
	struct probe probe = given_probe(check, LOCAL, port);

	run(&probe);
	talker_stop(talker);
	assert_probe(&probe, verdict, message);
	return port;
}

/* What comes before the headers that are the same for all. */
static void assert_begins(const struct http *http, const char *text)
{
	if (strncmp(http->heard, text, strlen(text)) != 0)
		fail_msg("%s", http->heard);
}

static void assert_has(const struct http *http, const char *text, bool has)
{
	if (!strstr(http->heard, text) == has)
		fail_msg("'%s': %s", text, http->heard);
}

static void test_methods(void **state)
{
	static const struct {
		const char *method, *data, *begin, *length;
	} cases[] = {
		{ NULL, NULL, "GET / HTTP/1.1\r\n", NULL },
		{ NULL, "{}", "POST / HTTP/1.1\r\n", "Content-Length: 2\r\n" },
		{ "POST", NULL, "POST / HTTP/1.1\r\n", "Content-Length: 0\r\n" },
		{ "POST", "a=b", "POST / HTTP/1.1\r\n",
		  "Content-Length: 3\r\n" },
		{ "PUT", "a\nb", "PUT / HTTP/1.1\r\n", "Content-Length: 3\r\n" },
		{ "PATCH", NULL, "PATCH / HTTP/1.1\r\n",
		  "Content-Length: 0\r\n" },
		{ "DELETE", NULL, "DELETE / HTTP/1.1\r\n", NULL },
		{ "DELETE", "{}", "DELETE / HTTP/1.1\r\n",
		  "Content-Length: 2\r\n" },
		{ "OPTIONS", NULL, "OPTIONS / HTTP/1.1\r\n", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *data = cases[i].data;
		struct check check = given_http(CHECK_HTTP);
		struct http http = { .until = "\r\n\r\n", .answer = OK_ANSWER };
		char end[16];

		check.way.method = (char *)cases[i].method;
		if (data) {
			check.way.data_file = (char *)"/file";
			check.way.data = (struct check_bytes){ (uint8_t *)data,
							       strlen(data) };
			(void)snprintf(end, sizeof(end), "\r\n\r\n%s", data);
			http.until = end;
		}
		try_http(&check, &http, PROBE_UP, "200");
		assert_begins(&http, cases[i].begin);
		if (cases[i].length)
			assert_has(&http, cases[i].length, true);
		else
			assert_has(&http, "Content-Length", false);
		if (data) {
			assert_has(&http, end, true);
			assert_has(&http, "Content-Type", false);
		}
		assert_has(&http, "Expect:", false);
	}
}

static void test_large_data(void **state)
{
	static char much[CHECK_DATA], type[] = "Content-Type: text/plain";
	char *headers[] = { type, NULL };
	struct check check = given_http(CHECK_HTTP);
	struct http http = { .until = "\r\n\r\n", .answer = OK_ANSWER };

	(void)state;
	(void)memset(much, 'x', sizeof(much));
	check.way.data_file = (char *)"/file";
	check.way.headers = headers;
	check.way.data = (struct check_bytes){ (uint8_t *)much, sizeof(much) };
	/* Answers before it has all: the answer counts. */
	try_http(&check, &http, PROBE_UP, "200");
	assert_has(&http, type, true);
	assert_has(&http, "Content-Length: 1048576\r\n", true);
}

static void test_wanted_headers(void **state)
{
	static const struct {
		const char *wanted[3], *answer;
		enum probe_verdict verdict;
		const char *message;
	} cases[] = {
		{ { "X-Role:^primary$" },
		  "HTTP/1.0 200 OK\r\nx-role: \t primary \t\r\n\r\n",
		  PROBE_UP,
		  "200" },
		{ { "X-Role:^primary$" },
		  "HTTP/1.0 200 OK\r\nX-Role: secondary\r\n\r\n",
		  PROBE_DOWN,
		  "header X-Role does not match" },
		{ { "X-Role:" }, OK_ANSWER, PROBE_DOWN, "no header X-Role" },
		{ { "X-Role:" },
		  "HTTP/1.0 200 OK\r\nX-Role:\r\n\r\n",
		  PROBE_UP,
		  "200" },
		{ { "X-Role:" },
		  "HTTP/1.0 200 OK\r\nX-Roles: x\r\n\r\n",
		  PROBE_DOWN,
		  "no header X-Role" },
		/* One of several is enough. */
		{ { "A:2", "B:^$" },
		  "HTTP/1.0 200 OK\r\nA: 1\r\nA: 2\r\nA: 3\r\nb:\r\n\r\n",
		  PROBE_UP,
		  "200" },
		{ { "A:2", "B:1" },
		  "HTTP/1.0 200 OK\r\nA: 2\r\n\r\n",
		  PROBE_DOWN,
		  "no header B" },
		/* That of an answer before does not count. */
		{ { "A:2" },
		  "HTTP/1.1 100 Continue\r\nA: 2\r\n\r\n"
		  "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
		  PROBE_DOWN,
		  "no header A" },
		{ { "A:2" },
		  "HTTP/1.0 503 No\r\nA: 2\r\n\r\n",
		  PROBE_DOWN,
		  "status 503, wanted 200-299" },
		{ { "A:a{1,255}b" },
		  "HTTP/1.0 200 OK\r\nA: b"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "\r\n\r\n",
		  PROBE_UNKNOWN,
		  "the expression needs too much memory on this header" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct check check = given_http(CHECK_HTTP);
		struct http http = { .until = "\r\n\r\n",
				     .answer = cases[i].answer };

		check.way.wanted_headers = (char **)(uintptr_t)cases[i].wanted;
		try_http(&check, &http, cases[i].verdict, cases[i].message);
	}
}

/* It comes before all that libcurl says. */
static void test_proxy_header(void **state)
{
	static const char local[] = "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0GET / HTTP";
	struct check check = given_http(CHECK_HTTP);
	struct http http = { .until = "GET / HTTP/1.1\r\nHost: ",
			     .answer = OK_ANSWER };
	char begin[128];
	struct probe probe;
	uint16_t port;

	(void)state;
	check.way.proxy_protocol = CHECK_PROXY_V1;
	port = try_http(&check, &http, PROBE_UP, "200");
	(void)snprintf(begin, sizeof(begin),
		       "PROXY TCP4 127.0.0.1 127.0.0.1 %u %u\r\nGET / HTTP/1.1",
		       http.port, port);
	assert_begins(&http, begin);
	check.way.proxy_protocol = CHECK_PROXY_V2;
	try_http(&check, &http, PROBE_UP, "200");
	assert_memory_equal(http.heard, local, sizeof(local) - 1);
	/* By now nobody listens. */
	probe = given_probe(&check, LOCAL, port);
	run(&probe);
	assert_probe(&probe, PROBE_DOWN, "connection refused");
}

/* ---- TLS ----------------------------------------------------------------- */

static SSL_CTX *given_certificate(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();

	assert_true(context && key && certificate);
	(void)ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	(void)X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
	(void)X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	(void)X509_set_pubkey(certificate, key);
	(void)X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate),
					 "CN", MBSTRING_ASC,
					 (const unsigned char *)"test", -1, -1,
					 0);
	(void)X509_set_issuer_name(certificate,
				   X509_get_subject_name(certificate));
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	assert_int_equal(SSL_CTX_use_certificate(context, certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return context;
}

struct tls {
	SSL_CTX *context;
	const char *says[4]; /* after each line that it hears */
	size_t flood;	     /* bytes that it says then */
	bool begins;	     /* with a PROXY header of version 2 */
	bool resets;	     /* after the handshake */
};

static bool hear_line(SSL *ssl)
{
	char byte = 0;

	while (byte != '\n')
		if (SSL_read(ssl, &byte, 1) <= 0)
			return false;
	return true;
}

static void serve_tls(int fd, void *data)
{
	static char flood[4096];
	static const struct linger at_once = { .l_onoff = 1 };
	const struct tls *tls = data;
	SSL *ssl = SSL_new(tls->context);
	char header[16];
	size_t said = 0;

	assert_non_null(ssl);
	(void)memset(flood, 'x', sizeof(flood));
	if (tls->begins)
		assert_int_equal(recv(fd, header, sizeof(header), MSG_WAITALL),
				 sizeof(header));
	(void)SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1 && tls->resets) {
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once,
				 sizeof(at_once));
	} else if (!tls->resets) {
		if (!tls->says[0])
			(void)hear_line(ssl);
		for (size_t i = 0; tls->says[i] && hear_line(ssl); i++)
			(void)SSL_write(ssl, tls->says[i],
					(int)strlen(tls->says[i]));
		while (said < tls->flood &&
		       SSL_write(ssl, flood, sizeof(flood)) > 0)
			said += sizeof(flood);
		if (tls->flood)
			(void)hear_line(ssl);
	}
	SSL_free(ssl);
}

static void try_tls(const struct check *check, struct tls *tls,
		    enum probe_verdict verdict, const char *message)
{
	uint16_t port;
	struct talker *talker = talker_start(LOCAL, serve_tls, tls, &port);
	struct probe probe = given_probe(check, LOCAL, port);

	run(&probe);
	talker_stop(talker);
	assert_probe(&probe, verdict, message);
}

static void test_tls(void **state)
{
	struct tls tls = { .context = given_certificate(),
			   .says = { "+PONG\r\n", "role:slave\r\n" } };
	struct check check = given_check(CHECK_TLS, PROBING_LONG_US);

	(void)state;
	check.way.insecure = true;
	try_tls(&check, &tls, PROBE_UP, "TLS handshake done");
	given_step(&check, false, "PING\n");
	given_step(&check, true, "PONG");
	given_step(&check, false, "INFO\n");
	given_step(&check, true, "role:");
	try_tls(&check, &tls, PROBE_UP, "answered");
	check.way.proxy_protocol = CHECK_PROXY_V2;
	tls.begins = true;
	try_tls(&check, &tls, PROBE_UP, "answered");
	check.way.proxy_protocol = CHECK_PROXY_NONE;
	tls.begins = false;
	given_step(&check, true, "master");
	try_tls(&check, &tls, PROBE_DOWN, "step 5: unexpected answer: slave");
	tls.flood = 1 << 20;
	try_tls(&check, &tls, PROBE_DOWN, "step 5: answer larger than 64 KiB");
	tls.resets = true;
	for (int i = 0; i < 20; i++)
		try_tls(&check, &tls, PROBE_DOWN, NULL);
	tls.resets = false;
	tls.says[0] = NULL;
	tls.flood = 0;
	try_tls(&check, &tls, PROBE_DOWN, "step 2: closed without an answer");
	check.way.insecure = false;
	try_tls(&check, &tls, PROBE_DOWN,
		"certificate: self-signed certificate");
	free(check.way.steps);
	SSL_CTX_free(tls.context);
}

/* A server that takes the handshake, and then says nothing. */
static void test_silent_tls(void **state)
{
	struct tls tls = { .context = given_certificate(), .says = { "x" } };
	struct check check = given_check(CHECK_TLS, PROBING_SHORT_US);

	(void)state;
	check.way.insecure = true;
	given_step(&check, false, "no line");
	given_step(&check, true, "x");
	try_tls(&check, &tls, PROBE_DOWN, "step 2: no answer within 1 s");
	free(check.way.steps);
	SSL_CTX_free(tls.context);
}

/* ---- A slow host --------------------------------------------------------- */

#define BUSY_US INT64_C(60000)

/* Takes as much of the processor as handshakes would on a slow host. */
static void work(void *data)
{
	const int64_t until = clock_us(CLOCK_THREAD_CPUTIME_ID) + BUSY_US;

	(void)data;
	while (clock_us(CLOCK_THREAD_CPUTIME_ID) < until)
		;
}

static void run_busy(struct probe *probes, size_t count)
{
	struct probe_limits limits = { .curl = &lbctl_probe_curl,
				       .window = 128,
				       .turned = work };

	assert_int_equal(lbctl_probe_curl.load(probes, count, &limits.curl_data),
			 0);
	assert_int_equal(probe_all(probes, count, &limits), 0);
	lbctl_probe_curl.unload(limits.curl_data);
}

/* A server that answers is not down because this process is slow. One that does
   not answer is not known, and the run ends. */
static void test_busy(void **state)
{
	struct tls tls = { .context = given_certificate(), .says = { "x" } };
	struct check check = given_check(CHECK_TLS, PROBING_SHORT_US / 10);
	struct probe probes[8];
	uint16_t port, silent_port;
	struct talker *talker = talker_start(LOCAL, serve_tls, &tls, &port);
	int silent = bound_socket(LOCAL, SOCK_STREAM, &silent_port);

	(void)state;
	assert_int_equal(listen(silent, 8), 0);
	check.way.insecure = true;
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++)
		probes[i] =
			given_probe(&check, LOCAL, i == 0 ? silent_port : port);
	run_busy(probes, ARRAY_SIZE(probes));
	talker_stop(talker);
	for (size_t i = 1; i < ARRAY_SIZE(probes); i++)
		assert_int_not_equal(probes[i].verdict, PROBE_DOWN);
	assert_probe(&probes[0], PROBE_UNKNOWN,
		     "this host is too slow for so many probes at once: try a "
		     "smaller --window");
	assert_true(probes[0].latency_us < PROBING_SHORT_US);
	(void)close(silent);
	SSL_CTX_free(tls.context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_large_data),
		cmocka_unit_test(test_wanted_headers),
		cmocka_unit_test(test_proxy_header),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_silent_tls),
		cmocka_unit_test(test_busy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
