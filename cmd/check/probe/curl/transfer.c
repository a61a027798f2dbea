/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* One transfer of libcurl per probe of tls, http and https. */
#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/epoll.h>

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "check/probe/curl/transfer.h"
#include "check/probe/proxy-header.h"

/* Small, since there are many at once and answers are short. */
#define BUFFER_SIZE 4096L
/* The runner does the timeouts: it reads answers before it decides that time is
   up, and its clock stops with this process. libcurl does neither. */
#define NEVER_MS INT_MAX

struct text_option {
	CURLoption option;
	const char *value;
};

/* ---- Sockets ------------------------------------------------------------- */

/* Only the probe's server may be connected to, whatever redirects say. */
static bool is_server(const struct probe *probe,
		      const struct curl_sockaddr *address)
{
	const struct sockaddr *to = &address->addr;

	if (to->sa_family != probe->address.family)
		return false;
	if (to->sa_family == AF_INET6)
		return !memcmp(&((const struct sockaddr_in6 *)to)->sin6_addr,
			       probe->address.bytes, 16);
	return !memcmp(&((const struct sockaddr_in *)to)->sin_addr,
		       probe->address.bytes, 4);
}

static curl_socket_t on_open(void *data, curlsocktype purpose,
			     struct curl_sockaddr *address)
{
	const struct probe *probe = data;
	struct transfer *transfer = probe->state;
	int fd = transfer->fd;

	(void)purpose;
	if (!is_server(probe, address)) {
		transfer->error = EPERM;
		return CURL_SOCKET_BAD;
	}
	transfer->fd = -1;
	if (fd < 0)
		fd = probe_socket(probe, SOCK_STREAM, IPPROTO_TCP);
	if (fd < 0) {
		transfer->error = -fd;
		return CURL_SOCKET_BAD;
	}
	return fd;
}

/* The header of the PROXY protocol has to be sent before libcurl speaks, so the
   connection can be there already. */
static int on_socket_options(void *data, curl_socket_t fd, curlsocktype purpose)
{
	const struct probe *probe = data;
	const struct transfer *transfer = probe->state;

	(void)fd;
	(void)purpose;
	return transfer->connected ? CURL_SOCKOPT_ALREADY_CONNECTED :
				     CURL_SOCKOPT_OK;
}

/* Counts the bytes received: only they tell headers that are too large from a
   lack of memory, since libcurl reports both alike. */
static int on_close(void *data, curl_socket_t fd)
{
	const struct probe *probe = data;
	struct transfer *transfer = probe->state;
	struct tcp_info info = { 0 };
	socklen_t length = sizeof(info);

	if (transfer &&
	    getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0)
		transfer->received += info.tcpi_bytes_received;
	return close(fd);
}

/* ---- Options ------------------------------------------------------------- */

static CURLcode set_texts(CURL *easy, const struct text_option *options,
			  size_t count)
{
	CURLcode code = CURLE_OK;

	for (size_t i = 0; i < count && !code; i++)
		code = curl_easy_setopt(easy, options[i].option,
					options[i].value);
	return code;
}

/* Sets the options that are the same for all transfers. */
static CURLcode set_fixed(CURL *easy)
{
	static const struct {
		CURLoption option;
		long value;
	} numbers[] = {
		{ CURLOPT_NOSIGNAL, 1 },
		{ CURLOPT_DNS_CACHE_TIMEOUT, 0 },
		{ CURLOPT_FRESH_CONNECT, 1 },
		{ CURLOPT_SSL_SESSIONID_CACHE, 0 },
		{ CURLOPT_CA_CACHE_TIMEOUT, 0 },
		{ CURLOPT_HTTP_CONTENT_DECODING, 0 },
		{ CURLOPT_PATH_AS_IS, 1 },
		{ CURLOPT_BUFFERSIZE, BUFFER_SIZE },
		{ CURLOPT_MAXREDIRS, REDIRECTS_MAX },
		{ CURLOPT_CONNECTTIMEOUT_MS, NEVER_MS },
	};
	/* libcurl must not read files: see curl_credentials_use(). */
	static const struct text_option texts[] = {
		{ CURLOPT_CAINFO, NULL },
		{ CURLOPT_CAPATH, NULL },
		{ CURLOPT_PROXY, "" },
		{ CURLOPT_NOPROXY, "*" },
		{ CURLOPT_PROTOCOLS_STR, "http,https" },
		{ CURLOPT_REDIR_PROTOCOLS_STR, "http,https" },
		{ CURLOPT_USERAGENT, "lbctl-check/" LBCTL_VERSION },
	};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		(void)curl_easy_setopt(easy, numbers[i].option,
				       numbers[i].value);
	return set_texts(easy, texts, ARRAY_SIZE(texts));
}

static void set_callbacks(struct probe *probe, struct transfer *transfer)
{
	CURL *easy = transfer->easy;

	(void)curl_easy_setopt(easy, CURLOPT_PRIVATE, probe);
	(void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->text);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, probe);
	(void)curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket_options);
	(void)curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, probe);
	(void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
	(void)curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, probe);
}

static long http_version(const struct check_way *way)
{
	if (!way->http_version)
		return CURL_HTTP_VERSION_2TLS;
	if (strcmp(way->http_version, "2") != 0)
		return CURL_HTTP_VERSION_1_1;
	return way->kind == CHECK_HTTP ? CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE :
					 CURL_HTTP_VERSION_2TLS;
}

static CURLcode set_method(const struct check_way *way, CURL *easy)
{
	const char *method = way->method;

	if (!method && way->data_file)
		method = "POST";
	if (!method || strcmp(method, "GET") == 0)
		return CURLE_OK;
	if (strcmp(method, "HEAD") == 0)
		return curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	/* Those that send a body say so even if it is empty. */
	if (way->data_file || method[0] == 'P') {
		const struct check_bytes *data = &way->data;

		(void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
		(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE,
				       (long)data->length);
		(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
				       data->length ? (char *)data->bytes : "");
	}
	return curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
}

static CURLcode set_request(const struct check_way *way,
			    const struct transfer *transfer)
{
	CURL *easy = transfer->easy;

	(void)curl_easy_setopt(easy, CURLOPT_CONNECT_TO, transfer->connect_to);
	(void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->way->headers);
	(void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, (long)way->follow);
	(void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, http_version(way));
	(void)curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY,
			       (long)(way->kind == CHECK_TLS));
	/* Otherwise libcurl would close it after the handshake (7.88). It is
	   closed with its handle. */
	(void)curl_easy_setopt(easy, CURLOPT_FORBID_REUSE,
			       (long)(way->step_count == 0));
	return set_method(way, easy);
}

static CURLcode set_tls(const struct check_way *way,
			const struct transfer *transfer)
{
	CURL *easy = transfer->easy;

	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER,
			       (long)!way->insecure);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST,
			       way->insecure ? 0L : 2L);
	/* No ALPN for --tls: the service need not speak HTTP. */
	(void)curl_easy_setopt(easy, CURLOPT_SSL_ENABLE_ALPN,
			       (long)(way->kind != CHECK_TLS));
	return curl_credentials_use(easy, transfer->way->credentials);
}

/* ---- Where to ------------------------------------------------------------ */

static void address_text(const struct probe *probe,
			 char text[INET6_ADDRSTRLEN + 2])
{
	const bool six = probe->address.family == AF_INET6;
	char plain[INET6_ADDRSTRLEN] = "";

	(void)inet_ntop(probe->address.family, probe->address.bytes, plain,
			sizeof(plain));
	(void)snprintf(text, INET6_ADDRSTRLEN + 2, six ? "[%s]" : "%s", plain);
}

static CURLcode set_url(const struct probe *probe,
			const struct transfer *transfer)
{
	const struct check_way *way = &probe->check->way;
	const char *scheme = way->kind == CHECK_HTTP ? "http" : "https";
	const char *path = way->kind == CHECK_TLS ? "/" : way->path;
	const char *name = transfer->way->name;
	AUTO_FREE char *url = NULL;
	char address[INET6_ADDRSTRLEN + 2];

	address_text(probe, address);
	if (asprintf(&url, "%s://%s:%u%s", scheme, name ? name : address,
		     probe->port, path) < 0)
		return CURLE_OUT_OF_MEMORY;
	return curl_easy_setopt(transfer->easy, CURLOPT_URL, url);
}

static int add_connect_to(struct transfer *transfer, const char *entry)
{
	struct curl_slist *list =
		curl_slist_append(transfer->connect_to, entry);

	if (!list)
		return -ENOMEM;
	transfer->connect_to = list;
	return 0;
}

/*
 * All connections go to the server. A redirect can name another port of it. The
 * default port of the scheme means the port that is probed: a server on 8080
 * that does not know its port redirects to "http://name/".
 */
static int set_connect_to(const struct probe *probe, struct transfer *transfer)
{
	const unsigned int usual =
		probe->check->way.kind == CHECK_HTTP ? 80 : 443;
	char address[INET6_ADDRSTRLEN + 2];
	char entry[INET6_ADDRSTRLEN + 32];
	int r;

	address_text(probe, address);
	(void)snprintf(entry, sizeof(entry), ":%u:%s:%u", usual, address,
		       probe->port);
	r = add_connect_to(transfer, entry);
	(void)snprintf(entry, sizeof(entry), "::%s:", address);
	return r < 0 ? r : add_connect_to(transfer, entry);
}

/* ---- Start, stop --------------------------------------------------------- */

static int set_all(struct probe *probe, struct transfer *transfer)
{
	const struct check_way *way = &probe->check->way;
	CURLcode code;
	int r = set_connect_to(probe, transfer);

	if (r < 0)
		return r;
	transfer->easy = curl_easy_init();
	if (!transfer->easy)
		return -ENOMEM;
	set_callbacks(probe, transfer);
	code = set_fixed(transfer->easy);
	if (!code)
		code = set_url(probe, transfer);
	if (!code)
		code = set_request(way, transfer);
	if (!code && transfer->way->credentials)
		code = set_tls(way, transfer);
	if (code)
		return code == CURLE_OUT_OF_MEMORY ? -ENOMEM : -EINVAL;
	return answer_expect(probe);
}

static int add(const struct transfer *transfer)
{
	return curl_multi_add_handle(transfer->run->multi, transfer->easy) ?
		       -ENOMEM :
		       0;
}

/* Connects before libcurl does: transfer_ready() goes on. */
static int connect_ahead(struct probe *probe, int fd)
{
	struct sockaddr_storage address;
	const socklen_t length = probe_sockaddr(probe, &address);
	int r = 0;

	if (connect(fd, (struct sockaddr *)&address, length) < 0 &&
	    errno != EINPROGRESS)
		r = -errno;
	if (r == 0)
		return probe_watch(probe, fd, EPOLLOUT);
	(void)close(fd);
	return r;
}

static int begin(struct probe *probe, struct transfer *transfer)
{
	int fd, r = set_all(probe, transfer);

	if (r < 0)
		return r;
	fd = probe_socket(probe, SOCK_STREAM, IPPROTO_TCP);
	if (fd < 0)
		return fd;
	if (probe->check->way.proxy_protocol != CHECK_PROXY_NONE)
		return connect_ahead(probe, fd);
	transfer->fd = fd;
	return add(transfer);
}

void transfer_ready(struct probe *probe, uint32_t events)
{
	struct transfer *transfer = probe->state;
	int error = probe_socket_error(probe);

	(void)events;
	if (!error)
		error = proxy_header_send(probe, probe->watch.fd);
	if (!error) {
		loop_remove(transfer->run->loop, &probe->watch);
		transfer->fd = TAKE_FD(probe->watch.fd);
		transfer->connected = true;
		error = -add(transfer);
	}
	if (error)
		probe_end_errno(probe, error);
}

int transfer_start(struct probe *probe)
{
	struct curl_run *run = prober_curl_data(probe->prober);
	const struct curl_way *way = curl_way(run, probe->check);
	struct transfer *transfer;
	int r;

	if (!way)
		return -ENOMEM;
	if (way->fault[0]) {
		probe_end(probe, PROBE_UNKNOWN, "%s", way->fault);
		return 0;
	}
	transfer = calloc(1, sizeof(*transfer));
	if (!transfer)
		return -ENOMEM;
	transfer->run = run;
	transfer->way = way;
	transfer->fd = -1;
	probe->state = transfer;
	r = begin(probe, transfer);
	if (r < 0)
		transfer_stop(probe);
	return r;
}

void transfer_stop(struct probe *probe)
{
	struct transfer *transfer = probe->state;

	if (!transfer)
		return;
	steps_stop(transfer);
	if (transfer->easy) {
		/* Also correct for a handle that was not added. */
		(void)curl_multi_remove_handle(transfer->run->multi,
					       transfer->easy);
		curl_easy_cleanup(transfer->easy);
	}
	if (transfer->fd >= 0)
		(void)close(transfer->fd);
	curl_slist_free_all(transfer->connect_to);
	EVP_MD_CTX_free(transfer->digest);
	free(transfer->body);
	free(transfer);
	probe->state = NULL;
}
