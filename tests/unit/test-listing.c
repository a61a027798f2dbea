/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The list of services, to the last blank. */
#include "captured.h"

#include <errno.h>

#include "alloc.h"
#include "given.h"
#include "output/listing.h"

static const char *const plain[] = {
	"service tcp:192.0.2.1:443 --scheduler wlc --persistent 600 "
	"--netmask 24",
	"server tcp:192.0.2.1:443 10.10.20.11 --forward nat --weight 5",
	"server tcp:192.0.2.1:443 10.10.20.12 --forward nat --weight 7",
	"hold tcp:192.0.2.1:443 10.10.20.12 admin",
	"hold tcp:192.0.2.1:443 10.10.20.12 check:web",
	"service udp:192.0.2.1:53 --scheduler sh --one-packet "
	"--sched-flags sh-port",
	"service fwmark:1 --scheduler rr",
	"server fwmark:1 10.10.20.13 --forward tun --tunnel gue "
	"--tunnel-port 6080 --tunnel-checksum full",
	NULL,
};

static int print(FILE *stream, const struct ipvsctl_config *config,
		 unsigned int columns)
{
	AUTO_FREE const struct ipvsctl_service **services = NULL;
	struct listing listing = { .config = config, .columns = columns };
	int r = listing_all(config, &services, &listing.count);

	if (r < 0)
		return r;
	listing.services = services;
	return listing_print(stream, &listing);
}

static void assert_listing(const char *const *lines, unsigned int columns,
			   const char *expected)
{
	AUTO_CONFIG struct ipvsctl_config *config = given_config(lines);
	struct captured captured;

	captured_open(&captured);
	assert_int_equal(print(captured.stream, config, columns), 0);
	captured_equals(&captured, expected);
}

static void test_plain(void **state)
{
	(void)state;
	assert_listing(
		plain, 0,
		"SERVICE            SCHEDULER\n"
		"  SERVER           FORWARD    WEIGHT  ACTIVE  INACTIVE\n"
		"tcp:192.0.2.1:443  wlc                                  "
		"persistent 600/24\n"
		"  10.10.20.11:443  nat             5       0         0\n"
		"  10.10.20.12:443  nat             0       0         0  "
		"held: admin, check:web, wanted 7\n"
		"udp:192.0.2.1:53   sh                                   "
		"one-packet, sh-port\n"
		"fwmark:1 (0x1)     rr\n"
		"  10.10.20.13      tun             1       0         0  "
		"gue port 6080 checksum full\n");
}

static void test_empty(void **state)
{
	static const char *const lines[] = { NULL };

	(void)state;
	assert_listing(lines, LISTING_STATS, "");
}

static void test_wide(void **state)
{
	static const char *const lines[] = {
		"service tcp:[2001:db8:1111:2222:3333:4444:5555:6666]:65535",
		"server tcp:[2001:db8:1111:2222:3333:4444:5555:6666]:65535 "
		"2001:db8:1111:2222:3333:4444:5555:7777",
		NULL,
	};

	(void)state;
	assert_listing(lines, 0,
		       "SERVICE                                             "
		       "SCHEDULER\n"
		       "  SERVER                                            "
		       "FORWARD    WEIGHT  ACTIVE  INACTIVE\n"
		       "tcp:[2001:db8:1111:2222:3333:4444:5555:6666]:65535  wlc\n"
		       "  [2001:db8:1111:2222:3333:4444:5555:7777]:65535    "
		       "dr              1       0         0\n");
}

/* Numbers are exact, and the longest decides how wide their column is. */
static void test_numbers(void **state)
{
	struct ipvsctl_service service = given_service("tcp:192.0.2.1:80");
	struct ipvsctl_server server =
		given_server("tcp:192.0.2.1:80", "10.0.0.255");
	AUTO_CONFIG struct ipvsctl_config *config = NULL;
	struct captured captured;

	(void)state;
	service.counters.connections = 12345678901234567890u;
	server.weight = 2147483647;
	server.active_connections = 4294967295u;
	server.upper_threshold = 100;
	server.counters.out_bytes = 18446744073709551615u;
	assert_int_equal(ipvsctl_config_new(&config, NULL), 0);
	assert_int_equal(ipvsctl_config_add_service(config, &service, NULL), 0);
	assert_int_equal(ipvsctl_config_add_server(config, &service, &server,
						   NULL),
			 0);
	captured_open(&captured);
	assert_int_equal(print(captured.stream, config, LISTING_STATS), 0);
	captured_equals(
		&captured,
		"SERVICE           SCHEDULER\n"
		"  SERVER          FORWARD        WEIGHT      ACTIVE  INACTIVE"
		"           CONNECTIONS  IN-PACKETS  OUT-PACKETS  IN-BYTES"
		"             OUT-BYTES\n"
		"tcp:192.0.2.1:80  wlc                                        "
		"  12345678901234567890           0            0         0"
		"                     0\n"
		"  10.0.0.255:80   dr         2147483647  4294967295         0"
		"                     0           0            0         0"
		"  18446744073709551615\n");
	captured_open(&captured);
	assert_int_equal(print(captured.stream, config, LISTING_THRESHOLDS), 0);
	captured_equals(&captured,
			"SERVICE           SCHEDULER\n"
			"  SERVER          FORWARD        WEIGHT  UPPER  LOWER"
			"      ACTIVE  INACTIVE  PERSISTENT\n"
			"tcp:192.0.2.1:80  wlc\n"
			"  10.0.0.255:80   dr         2147483647    100      0"
			"  4294967295         0           0\n");
}

static int print_null(void *data)
{
	FILE *null = data;
	AUTO_CONFIG struct ipvsctl_config *config = NULL;

	alloc_pause();
	config = given_config(plain);
	alloc_resume();
	return print(null, config, 0);
}

static void test_no_memory(void **state)
{
	FILE *null = fopen("/dev/null", "w");

	(void)state;
	assert_non_null(null);
	alloc_each_failure(print_null, null);
	assert_int_equal(fclose(null), 0);
}

static void test_full_disk(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	AUTO_CONFIG struct ipvsctl_config *config = given_config(plain);

	(void)state;
	assert_non_null(full);
	assert_int_equal(setvbuf(full, NULL, _IONBF, 0), 0);
	assert_int_equal(print(full, config, 0), -ENOSPC);
	(void)fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
