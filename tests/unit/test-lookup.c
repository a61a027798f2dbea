/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Names in rulesets: which answers count, and that DNS is asked once. */
#include "alloc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common/lookup.h"

/* ---- In place of DNS and of /etc/services ------------------------------ */

/* A test is one thread; this is how often it has asked. */
static unsigned int asked;

/* "one.example" has one address of each family, "two.example" two. */
int gethostbyname2_r(const char *name, int family, struct hostent *entry,
		     char *buffer, size_t size, struct hostent **ret_found,
		     int *ret_why)
{
	static char ipv4[][4] = { { '\xc0', 0, 2, 1 }, { '\xc0', 0, 2, 2 } };
	static char ipv6[][16] = { { 0x20, 1, [15] = 1 },
				   { 0x20, 1, [15] = 2 } };
	const bool two = strcmp(name, "two.example") == 0;
	char **list = (char **)(void *)buffer;

	asked++;
	*ret_found = NULL;
	*ret_why = HOST_NOT_FOUND;
	if (!two && strcmp(name, "one.example") != 0)
		return 0;
	assert_true(size >= 3 * sizeof(*list));
	for (int i = 0; i < 2; i++)
		list[i] = family == AF_INET ? ipv4[i] : ipv6[i];
	list[two ? 2 : 1] = NULL;
	*entry = (struct hostent){ .h_addrtype = family,
				   .h_length = family == AF_INET ? 4 : 16,
				   .h_addr_list = list };
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
	if (strcmp(name, "x11-65535") != 0 || strcmp(protocol, "udp") != 0)
		return 0;
	*entry = (struct servent){ .s_port = htons(65535) };
	*ret_found = entry;
	return 0;
}

/* ---- Tests ------------------------------------------------------------- */

/* text: the address that is to be found, or NULL. */
static void assert_found(struct lookup *lookup, const char *name,
			 uint16_t family, const char *text)
{
	struct ipvsctl_address address = { 0 };
	char found[IPVSCTL_ADDRESS_TEXT];
	int r = lookup->names.address(name, family, &address,
				      lookup->names.data);

	assert_int_equal(r, text ? 0 : -ENOENT);
	if (!text)
		return;
	assert_int_equal(address.family, family);
	assert_string_equal(ipvsctl_address_format(&address, found), text);
}

static void test_asked_once(void **state)
{
	struct lookup lookup;

	(void)state;
	asked = 0;
	lookup_begin(&lookup, false);
	for (int i = 0; i < 3; i++) {
		assert_found(&lookup, "one.example", AF_INET, "192.0.2.1");
		assert_found(&lookup, "one.example", AF_INET6, "2001::1");
		/* That there is none is an answer too. */
		assert_found(&lookup, "none.example", AF_INET, NULL);
		assert_found(&lookup, "one.exampl", AF_INET, NULL);
		assert_found(&lookup, "", AF_INET, NULL);
	}
	assert_int_equal(asked, 5);
	lookup_end(&lookup);
	assert_null(lookup.answers);
	lookup_end(&lookup);
}

/* Of two addresses none is meant, or the first. */
static void test_several(void **state)
{
	struct lookup lookup;

	(void)state;
	asked = 0;
	lookup_begin(&lookup, false);
	assert_found(&lookup, "two.example", AF_INET, NULL);
	assert_found(&lookup, "two.example", AF_INET6, NULL);
	lookup_end(&lookup);
	lookup_begin(&lookup, true);
	assert_found(&lookup, "two.example", AF_INET, "192.0.2.1");
	assert_found(&lookup, "two.example", AF_INET6, "2001::1");
	assert_found(&lookup, "one.example", AF_INET, "192.0.2.1");
	assert_found(&lookup, "none.example", AF_INET, NULL);
	lookup_end(&lookup);
}

static void test_ports(void **state)
{
	struct lookup lookup;
	uint16_t port = 1;

	(void)state;
	lookup_begin(&lookup, false);
	assert_int_equal(lookup.names.port("x11-65535", IPPROTO_UDP, &port,
					   lookup.names.data),
			 0);
	assert_int_equal(port, 65535);
	assert_int_equal(lookup.names.port("x11-65535", IPPROTO_TCP, &port,
					   lookup.names.data),
			 -ENOENT);
	assert_int_equal(lookup.names.port("nosuch", IPPROTO_UDP, &port,
					   lookup.names.data),
			 -ENOENT);
	assert_int_equal(port, 65535);
	lookup_end(&lookup);
}

/* Without memory the answer is the same; it is just asked for again. */
static int find_twice(void *data)
{
	struct lookup lookup;

	(void)data;
	asked = 0;
	lookup_begin(&lookup, false);
	assert_found(&lookup, "one.example", AF_INET, "192.0.2.1");
	assert_found(&lookup, "one.example", AF_INET, "192.0.2.1");
	lookup_end(&lookup);
	return asked == 1 ? 0 : -ENOMEM;
}

static void test_no_memory(void **state)
{
	(void)state;
	alloc_each_failure(find_twice, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asked_once),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests_name("lookup", tests, NULL, NULL);
}
