/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The record of VIPs, and what the kernel and the network tell of them. */
#include <errno.h>
#include <linux/if_ether.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "alloc.h"
#include "given.h"

#include "scope.h"
#include "vip/neighbours.h"
#include "vip/record.h"

static const char whole[] = "lbctl-vips 1\n"
			    "vip 10.0.0.0/8 --local-route --mark 7\n"
			    "vip 192.0.2.10/24 --dev eth0 --label eth0:vip "
			    "--announce 0 --no-probe\n"
			    "adopted 192.0.2.11 --dev eth0\n"
			    "vip 192.0.2.12 --real-server --tunnel gue "
			    "--tunnel-port 6080\n"
			    "withdrawn quorum:web,maintenance:web 192.0.2.13 "
			    "--dev eth0\n"
			    "leaving 192.0.2.14 --dev eth0\n"
			    "vip 2001:db8::1 --real-server\n"
			    "device tunl0 up\n"
			    "device lbctl-gre made\n"
			    "port 6080 inet\n"
			    "port 6081 inet6\n"
			    "setting ipv4/conf/all/arp_ignore 0 1\n";

static void test_records_read_back(void **state)
{
	AUTO_RECORD struct record record = { .setting_count = 0 };
	AUTO_FREE char *text = NULL;
	struct ipvsctl_vip vip = given_vip("192.0.2.11 --dev eth0");

	(void)state;
	assert_int_equal(record_parse(&record, whole, NULL), 0);
	assert_int_equal(record_format(&record, &text), 0);
	assert_string_equal(text, whole);
	assert_true(vip_table_find(&record.vips, &vip)->adopted);
	record_drop(&record, &vip);
	assert_null(vip_table_find(&record.vips, &vip));
	record_drop(&record, &vip);
	assert_int_equal(record_put(&record, &vip), 0);
	assert_false(vip_table_find(&record.vips, &vip)->adopted);
}

static void test_bad_withdrawn(void **state)
{
	static const char *const lines[] = {
		"withdrawn 192.0.2.13 --dev eth0\n",
		"withdrawn a\n",
		"withdrawn '' 192.0.2.13 --dev eth0\n",
		"withdrawn "
		"0123456789012345678901234567890123456789012345678901234567890123"
		"0123456789012345678901234567890123456789012345678901234567890123 "
		"192.0.2.13 --dev eth0\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		AUTO_RECORD struct record record = { .setting_count = 0 };
		char text[512];

		(void)snprintf(text, sizeof(text), "lbctl-vips 1\n%s", lines[i]);
		assert_int_equal(record_parse(&record, text, NULL), -EINVAL);
	}
}

static void test_empty_records(void **state)
{
	static const char *const texts[] = { "", "\n", "lbctl-vips 1\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO_RECORD struct record record = { .setting_count = 0 };
		AUTO_FREE char *text = NULL;

		assert_int_equal(record_parse(&record, texts[i], NULL), 0);
		assert_int_equal(record_format(&record, &text), 0);
		assert_string_equal(text, "");
	}
}

static void test_what_is_no_record(void **state)
{
	static const char *const texts[] = {
		"lbctl-vips 2\n",
		"lbctl-holds 1\n",
		"lbctl-vips 1 2\n",
		"lbctl-vips 1\nvip\n",
		"lbctl-vips 1\nvip 192.0.2.1\n",
		"lbctl-vips 1\nvip 192.0.2.1 --dev\n",
		"lbctl-vips 1\nvip 192.0.2.1 dev eth0\n",
		"lbctl-vips 1\nvip 192.0.2.1 --device eth0\n",
		"lbctl-vips 1\nvip 192.0.2.1 --dev 'eth0\n",
		"lbctl-vips 1\nVIP 192.0.2.1 --dev eth0\n",
		"lbctl-vips 1\nsetting ipv4/conf/all/arp_ignore 0\n",
		"lbctl-vips 1\nsetting ipv4/conf/all/arp_ignore 0 x\n",
		"lbctl-vips 1\nsetting ipv4/conf/all/arp_ignore -1 1\n",
		"lbctl-vips 1\nsetting ipv4/../../kernel/panic 0 1\n",
		"lbctl-vips 1\nsetting kernel/panic 0 1\n",
		"lbctl-vips 1\nsetting '' 0 1\n",
		"lbctl-vips 1\ndevice eth0 up\n",
		"lbctl-vips 1\ndevice tunl0\n",
		"lbctl-vips 1\ndevice tunl0 down\n",
		"lbctl-vips 1\ndevice tunl0 up up\n",
		"lbctl-vips 1\nport 0 inet\n",
		"lbctl-vips 1\nport 65536 inet\n",
		"lbctl-vips 1\nport 6080\n",
		"lbctl-vips 1\nport 6080 ipx\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO_RECORD struct record record = { .setting_count = 0 };
		struct ipvsctl_error err = { 0 };

		if (record_parse(&record, texts[i], &err) != -EINVAL)
			fail_msg("'%s' is accepted", texts[i]);
		assert_int_equal(err.code, -EINVAL);
	}
}

static int read_and_write(void *data)
{
	AUTO_RECORD struct record record = { .setting_count = 0 };
	AUTO_FREE char *text = NULL;
	int r = record_parse(&record, data, NULL);

	return r < 0 ? r : record_format(&record, &text);
}

static void test_memory_runs_out(void **state)
{
	char text[sizeof(whole)];

	(void)state;
	memcpy(text, whole, sizeof(whole));
	alloc_each_failure(read_and_write, text);
}

/* Who says in a packet that he has an address. */
static void test_holders(void **state)
{
	static const uint8_t arp[28] = { 0, 1, 8, 0, 6, 4,   0, 2, 2,
					 0, 0, 0, 0, 1, 192, 0, 2, 10 };
	uint8_t advertisement[64] = { 0x60, 0, 0, 0, 0, 24, 58, 255 };
	uint8_t other[64];
	struct ipvsctl_address address;

	(void)state;
	assert_true(neighbour_holder(ETH_P_ARP, arp, sizeof(arp), &address));
	assert_int_equal(address.family, AF_INET);
	assert_memory_equal(address.bytes, arp + 14, 4);
	assert_false(neighbour_holder(ETH_P_ARP, arp, 27, &address));
	memcpy(other, arp, sizeof(arp));
	other[5] = 16;
	assert_false(neighbour_holder(ETH_P_ARP, other, sizeof(arp), &address));
	advertisement[40] = 136;
	advertisement[48] = 0x20;
	assert_true(neighbour_holder(ETH_P_IPV6, advertisement, 64, &address));
	assert_int_equal(address.family, AF_INET6);
	assert_int_equal(address.bytes[0], 0x20);
	assert_false(neighbour_holder(ETH_P_IPV6, advertisement, 63, &address));
	/* A router has passed it on, or it is something else. */
	advertisement[7] = 254;
	assert_false(neighbour_holder(ETH_P_IPV6, advertisement, 64, &address));
	advertisement[7] = 255;
	advertisement[40] = 135;
	assert_false(neighbour_holder(ETH_P_IPV6, advertisement, 64, &address));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records_read_back),
		cmocka_unit_test(test_bad_withdrawn),
		cmocka_unit_test(test_empty_records),
		cmocka_unit_test(test_what_is_no_record),
		cmocka_unit_test(test_memory_runs_out),
		cmocka_unit_test(test_holders),
	};

	return cmocka_run_group_tests_name("vip-record", tests, NULL, NULL);
}
