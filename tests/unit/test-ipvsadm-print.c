/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Parts of lbctl-ipvsadm's lines: flags, netmasks, names; and their order. */
#include "alloc.h"
#include "given.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <nss.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "ipvsadm/print.h"

/* ---- Names, in place of DNS and of /etc/services ----------------------- */

/* A test is one thread; this is what its names are. */
static struct {
	const char *host; /* of each address; NULL: none */
	const char *back; /* the IPv4 address that it leads back to, or NULL */
	uint16_t port;	  /* of "http", whatever the port was */
	int why;
	unsigned int asked; /* for hosts' names */
	char sources[32];   /* "hosts: files" once that was configured */
} names;

int gethostbyaddr_r(const void *address, socklen_t length, int family,
		    struct hostent *entry, char *buffer, size_t size,
		    struct hostent **ret_found, int *ret_why)
{
	assert_non_null(address);
	assert_int_equal(length, family == AF_INET ? 4 : 16);
	assert_true(strlen(names.host ? names.host : "") < size);
	names.asked++;
	*ret_found = NULL;
	*ret_why = names.why;
	if (!names.host)
		return 0;
	*entry = (struct hostent){ .h_name = buffer };
	(void)memcpy(buffer, names.host, strlen(names.host) + 1);
	*ret_found = entry;
	return 0;
}

int gethostbyname2_r(const char *name, int family, struct hostent *entry,
		     char *buffer, size_t size, struct hostent **ret_found,
		     int *ret_why)
{
	char **list = (char **)(void *)buffer;

	*ret_found = NULL;
	*ret_why = HOST_NOT_FOUND;
	if (!names.back || !names.host || strcmp(name, names.host) != 0)
		return 0;
	assert_int_equal(family, AF_INET);
	assert_true(size >= 64);
	list[0] = buffer + 32;
	list[1] = NULL;
	assert_int_equal(inet_pton(AF_INET, names.back, list[0]), 1);
	*entry = (struct hostent){ .h_length = 4, .h_addr_list = list };
	*ret_found = entry;
	return 0;
}

int getservbyport_r(int port, const char *protocol, struct servent *entry,
		    char *buffer, size_t size, struct servent **ret_found)
{
	(void)size;
	*ret_found = NULL;
	if (port != htons(80) || strcmp(protocol, "tcp") != 0)
		return 0;
	(void)memcpy(buffer, "http", sizeof("http"));
	*entry = (struct servent){ .s_name = buffer };
	*ret_found = entry;
	return 0;
}

int getservbyname_r(const char *name, const char *protocol,
		    struct servent *entry, char *buffer, size_t size,
		    struct servent **ret_found)
{
	(void)buffer;
	(void)size;
	*ret_found = NULL;
	if (strcmp(name, "http") != 0 || strcmp(protocol, "tcp") != 0)
		return 0;
	*entry = (struct servent){ .s_port = htons(names.port) };
	*ret_found = entry;
	return 0;
}

int __nss_configure_lookup(const char *database, const char *sources)
{
	(void)snprintf(names.sources, sizeof(names.sources), "%s: %s", database,
		       sources);
	return 0;
}

/* ---- Flags and netmasks ------------------------------------------------ */

#define FLAG_1 IPVSCTL_SCHED_FLAG_1
#define FLAG_2 IPVSCTL_SCHED_FLAG_2
#define FLAG_3 IPVSCTL_SCHED_FLAG_3

static void test_flags(void **state)
{
	static const struct {
		const char *scheduler;
		uint32_t flags;
		const char *shown, *whole;
	} cases[] = {
		{ "wlc", 0, "", "" },
		{ "wlc", IPVSCTL_ONE_PACKET, "", "" },
		{ "wlc", FLAG_1, "flag-1", "flag-1" },
		{ "wlc", FLAG_2 | FLAG_3, "flag-2,flag-3", "flag-2,flag-3" },
		{ "shh", FLAG_1 | FLAG_2 | FLAG_3, "flag-1,flag-2,flag-3",
		  "flag-1,flag-2,flag-3" },
		{ "sh", 0, "", "" },
		{ "sh", FLAG_1, "sh-fallback", "sh-fallback" },
		{ "sh", FLAG_2, "sh-port", "sh-port" },
		/* A list passes over what a scheduler has no use for. */
		{ "sh", FLAG_3, "", "flag-3" },
		{ "sh", FLAG_1 | FLAG_2 | FLAG_3, "sh-fallback,sh-port",
		  "sh-fallback,sh-port,flag-3" },
		{ "mh", FLAG_1 | FLAG_2, "mh-fallback,mh-port",
		  "mh-fallback,mh-port" },
		{ "mh", FLAG_2 | FLAG_3, "mh-port", "mh-port,flag-3" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_service service = { .flags = cases[i].flags };
		char text[64];

		(void)snprintf(service.scheduler, sizeof(service.scheduler),
			       "%s", cases[i].scheduler);
		assert_string_equal(print_flags(&service, false, text),
				    cases[i].shown);
		assert_string_equal(print_flags(&service, true, text),
				    cases[i].whole);
		assert_int_equal(print_has_flags(&service),
				 cases[i].whole[0] != '\0');
	}
}

static void test_netmasks(void **state)
{
	static const struct {
		uint16_t family;
		uint32_t netmask;
		const char *text;
	} cases[] = {
		{ AF_INET, UINT32_MAX, "" },
		{ AF_INET, 0xffffff00, "255.255.255.0" },
		{ AF_INET, 0, "0.0.0.0" },
		{ AF_INET, 1, "0.0.0.1" },
		{ AF_INET, 128, "0.0.0.128" },
		{ AF_INET6, 128, "" },
		{ AF_INET6, 64, "64" },
		{ AF_INET6, 1, "1" },
		{ AF_INET6, UINT32_MAX, "4294967295" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct ipvsctl_service service = {
			.address.family = cases[i].family,
			.netmask = cases[i].netmask,
		};
		char text[IPVSCTL_ADDRESS_TEXT];

		assert_string_equal(print_netmask(&service, text),
				    cases[i].text);
	}
}

/* ---- Order ------------------------------------------------------------- */

static const char *const unordered[] = {
	"service fwmark:4294967295",
	"service tcp:[fd00::1]:80",
	"service udp:8.8.8.8:53",
	"service fwmark:2147483647/inet6",
	"service tcp:192.168.0.1:80",
	"service fwmark:1/inet6",
	"service tcp:8.8.8.8:443",
	"service fwmark:2147483648",
	"service tcp:[2001:db8::1]:80",
	"service tcp:8.8.8.8:80",
	"service sctp:127.255.255.255:65535",
	"service fwmark:2",
	"service sctp:128.0.0.0:1",
	"service tcp:8.8.8.8:32768",
	"service fwmark:1",
	NULL,
};

static void assert_order(bool sorted, const char *const *wanted)
{
	AUTO_CONFIG struct ipvsctl_config *config = given_config(unordered);
	AUTO_FREE const struct ipvsctl_service **services = NULL;
	size_t count = 0;

	assert_int_equal(print_order(config, sorted, &services, &count), 0);
	assert_int_equal(count, ARRAY_SIZE(unordered) - 1);
	for (size_t i = 0; i < count; i++) {
		char text[IPVSCTL_IDENTITY_TEXT];

		assert_string_equal(ipvsctl_service_format(services[i], text),
				    wanted[i] + strlen("service "));
	}
}

/* By mark, family, protocol, address, port; no number is a negative one. */
static void test_order(void **state)
{
	static const char *const sorted[] = {
		"service tcp:8.8.8.8:80",
		"service tcp:8.8.8.8:443",
		"service tcp:8.8.8.8:32768",
		"service tcp:192.168.0.1:80",
		"service udp:8.8.8.8:53",
		"service sctp:127.255.255.255:65535",
		"service sctp:128.0.0.0:1",
		"service tcp:[2001:db8::1]:80",
		"service tcp:[fd00::1]:80",
		"service fwmark:1",
		"service fwmark:1/inet6",
		"service fwmark:2",
		"service fwmark:2147483647/inet6",
		"service fwmark:2147483648",
		"service fwmark:4294967295",
	};

	(void)state;
	assert_order(true, sorted);
	assert_order(false, unordered);
}

static int order_once(void *data)
{
	AUTO_FREE const struct ipvsctl_service **services = NULL;
	size_t count = 0;

	return print_order(data, false, &services, &count);
}

static void test_order_no_memory(void **state)
{
	AUTO_CONFIG struct ipvsctl_config *config = given_config(unordered);

	(void)state;
	alloc_each_failure(order_once, config);
}

/* ---- Names ------------------------------------------------------------- */

struct named {
	const char *address;
	uint16_t port, protocol;
	const char *text;
};

typedef const char *(*format_fn)(char text[NAMES_TEXT],
				 const struct endpoint *endpoint, bool numeric);

static void assert_named(format_fn format, const struct named *named,
			 bool numeric)
{
	struct ipvsctl_address address = { 0 };
	struct endpoint endpoint = { &address, named->port, named->protocol };
	char text[NAMES_TEXT];

	assert_int_equal(ipvsctl_address_parse(named->address, &address, NULL),
			 0);
	assert_string_equal(format(text, &endpoint, numeric), named->text);
}

static void test_numeric(void **state)
{
	static const struct named cases[] = {
		{ "192.0.2.1", 80, IPPROTO_TCP, "192.0.2.1:80" },
		{ "192.0.2.1", 0, IPPROTO_UDP, "192.0.2.1:0" },
		{ "0.0.0.0", 65535, 0, "0.0.0.0:65535" },
		{ "2001:db8::1", 80, IPPROTO_TCP, "[2001:db8::1]:80" },
		{ "::ffff:192.0.2.1", 1, 0, "[::ffff:192.0.2.1]:1" },
	};

	(void)state;
	(void)memset(&names, 0, sizeof(names));
	names.host = "web.example";
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_named(names_format, &cases[i], true);
		assert_named(names_format_safe, &cases[i], true);
	}
	assert_int_equal(names.asked, 0);
}

static void test_named(void **state)
{
	static const struct named cases[] = {
		{ "192.0.2.1", 80, IPPROTO_TCP, "web.example:http" },
		{ "192.0.2.1", 81, IPPROTO_TCP, "web.example:81" },
		{ "192.0.2.1", 80, IPPROTO_UDP, "web.example:80" },
		{ "192.0.2.1", 80, 0, "web.example:80" },
		{ "2001:db8::1", 80, IPPROTO_TCP, "[web.example]:http" },
	};
	static const struct named nameless[] = {
		{ "192.0.2.1", 80, IPPROTO_TCP, "192.0.2.1:http" },
		{ "2001:db8::1", 443, IPPROTO_TCP, "[2001:db8::1]:443" },
	};

	(void)state;
	(void)memset(&names, 0, sizeof(names));
	names.host = "web.example";
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_named(names_format, &cases[i], false);
	names.host = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(nameless); i++)
		assert_named(names_format, &nameless[i], false);
	assert_string_equal(names.sources, "");
}

/* A name that does not lead back to the endpoint is not written. */
static void test_named_safely(void **state)
{
	static const struct {
		const char *back;
		uint16_t port;
		struct named named;
	} cases[] = {
		{ "192.0.2.1",
		  80,
		  { "192.0.2.1", 80, IPPROTO_TCP, "web.example:http" } },
		{ "192.0.2.2",
		  80,
		  { "192.0.2.1", 80, IPPROTO_TCP, "192.0.2.1:80" } },
		{ NULL, 80, { "192.0.2.1", 80, IPPROTO_TCP, "192.0.2.1:80" } },
		{ "192.0.2.1",
		  81,
		  { "192.0.2.1", 80, IPPROTO_TCP, "192.0.2.1:80" } },
		/* Names of IPv6 are not read. */
		{ "192.0.2.1",
		  80,
		  { "2001:db8::1", 80, IPPROTO_TCP, "[2001:db8::1]:80" } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		(void)memset(&names, 0, sizeof(names));
		names.host = "web.example";
		names.back = cases[i].back;
		names.port = cases[i].port;
		assert_named(names_format_safe, &cases[i].named, false);
	}
}

/* Names that look like something else, or that fill any buffer. */
static void test_strange_names(void **state)
{
	static const struct named cut = { "2001:db8::1", 80, IPPROTO_TCP, NULL };
	static const struct named one = { "192.0.2.1", 80, IPPROTO_TCP,
					  "192.0.2.1:80" };
	struct ipvsctl_address address = { 0 };
	const struct endpoint endpoint = { &address, cut.port, cut.protocol };
	char name[2 * NAMES_TEXT], text[NAMES_TEXT];

	(void)state;
	assert_int_equal(ipvsctl_address_parse(cut.address, &address, NULL), 0);
	(void)memset(&names, 0, sizeof(names));
	names.host = name;
	for (size_t length = 1; length < sizeof(name); length++) {
		(void)memset(name, 'a', length);
		name[length] = '\0';
		(void)names_format(text, &endpoint, false);
		assert_non_null(strstr(text, "]:http"));
		assert_named(names_format_safe, &one, false);
	}
	/* To inet_aton() these are other addresses. */
	names.port = 80;
	names.host = "192.0.2.7";
	assert_named(names_format_safe, &one, false);
	names.host = "[::1]";
	assert_named(names_format_safe, &one, false);
	names.host = "";
	assert_named(names_format_safe, &one, false);
}

/* A server that is silent is not waited for again. */
static void test_silent_server(void **state)
{
	static const struct named one = { "192.0.2.1", 80, IPPROTO_TCP,
					  "192.0.2.1:http" };

	(void)state;
	(void)memset(&names, 0, sizeof(names));
	names.why = HOST_NOT_FOUND;
	assert_named(names_format, &one, false);
	assert_string_equal(names.sources, "");
	names.why = TRY_AGAIN;
	assert_named(names_format, &one, false);
	assert_string_equal(names.sources, "hosts: files");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_netmasks),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_order_no_memory),
		cmocka_unit_test(test_numeric),
		cmocka_unit_test(test_named),
		cmocka_unit_test(test_named_safely),
		cmocka_unit_test(test_strange_names),
		cmocka_unit_test(test_silent_server),
	};

	return cmocka_run_group_tests_name("ipvsadm-print", tests, NULL, NULL);
}
