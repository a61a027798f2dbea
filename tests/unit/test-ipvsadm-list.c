/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* -L and -S of a configuration in memory, to the last blank. */
#include "captured.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "given.h"
#include "ipvsadm/ipvsadm.h"

/* ---- In place of the kernel -------------------------------------------- */

/* A test is one thread; this is what it has for a kernel. */
static struct {
	const struct ipvsctl_config *config; /* NULL: it refuses */
	unsigned int kinds;		     /* that were asked for */
	int refusal;
} kernel;

int ipvsctl_load(struct ipvsctl *ctx, unsigned int kinds,
		 const struct ipvsctl_service *service,
		 struct ipvsctl_config **ret_config, struct ipvsctl_error *err)
{
	assert_null(ctx);
	(void)service;
	kernel.kinds = kinds;
	if (kernel.config)
		return ipvsctl_config_copy(kernel.config, ret_config, NULL);
	*err = (struct ipvsctl_error){ .code = -EIO,
				       .kernel_errno = kernel.refusal };
	(void)snprintf(err->message, sizeof(err->message), "it is busy");
	return -EIO;
}

/* What writes to stdout; data is a request. */
typedef int (*command_fn)(const struct request *request);

static int list_all(const struct request *request)
{
	static const struct ipvsctl_info info = { .version = 0x010201,
						  .connection_table_size =
							  4096 };

	return list_services(NULL, &info, request);
}

static int save_all(const struct request *request)
{
	return save_run(NULL, request);
}

static int list_settings(const struct request *request)
{
	return has(request, DAEMON) ? list_sync(NULL) : list_timeouts(NULL);
}

static void assert_output(command_fn command, uint64_t given, const char *wanted)
{
	const struct request request = { .given = given };
	struct captured captured;
	FILE *outside = stdout;
	int status;

	captured_open(&captured);
	stdout = captured.stream;
	status = command(&request);
	stdout = outside;
	captured_equals(&captured, wanted);
	assert_int_equal(status, 0);
}

/* ---- A table ----------------------------------------------------------- */

static const char *const lines[] = {
	"service udp:192.0.2.1:53 --scheduler sh --one-packet "
	"--sched-flags sh-port",
	"service fwmark:4294967295/inet6 --scheduler rr --persistent 360 "
	"--netmask 64",
	"server fwmark:4294967295/inet6 10.0.0.9 --forward tun --tunnel gue "
	"--tunnel-port 6080 --tunnel-checksum remote",
	"server fwmark:4294967295/inet6 2001:db8::9 --forward tun --tunnel "
	"gre",
	"service tcp:192.0.2.1:443 --scheduler wlc --persistent 600 "
	"--netmask 24",
	"server tcp:192.0.2.1:443 10.0.0.2 --forward nat --weight 7",
	"server tcp:192.0.2.1:443 10.0.0.1:8443 --forward nat --weight 5 "
	"--upper-threshold 100 --lower-threshold 50",
	"hold tcp:192.0.2.1:443 10.0.0.2 admin",
	"service sctp:[2001:db8::1]:80 --scheduler mh --sched-flags "
	"mh-fallback,mh-port --persistent 1 --pe sip",
	"server sctp:[2001:db8::1]:80 2001:db8::2 --weight 2147483647",
	"timeouts 900 120 300",
	"sync backup --dev eth1 --id 3",
	"sync master --dev eth0 --id 0 --group 224.0.0.81 --port 8848 "
	"--ttl 1 --max-length 1472",
	NULL,
};

#define HEADER "IP Virtual Server version 1.2.1 (size=4096)\n"
#define TITLES                                     \
	"Prot LocalAddress:Port Scheduler Flags\n" \
	"  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n"

static void test_list(void **state)
{
	AUTO_CONFIG struct ipvsctl_config *config = given_config(lines);

	(void)state;
	kernel.config = config;
	assert_output(
		list_all, BIT(NUMERIC),
		HEADER TITLES
		"TCP  192.0.2.1:443 wlc persistent 600 mask 255.255.255.0\n"
		"  -> 10.0.0.2:443                 Masq    0      0          "
		"0         \n"
		"  -> 10.0.0.1:8443                Masq    5      0          "
		"0         \n"
		"UDP  192.0.2.1:53 sh (sh-port) ops\n"
		"SCTP [2001:db8::1]:80 mh (mh-fallback,mh-port) persistent 1 "
		"pe sip\n"
		"  -> [2001:db8::2]:80             Route   2147483647 0"
		"          0         \n"
		"FWM  4294967295 IPv6 rr persistent 360 mask 64\n"
		"  -> 10.0.0.9:0                   Tunnel  1      0          "
		"0         \n"
		"  -> [2001:db8::9]:0              Tunnel  1      0          "
		"0         \n");
	assert_int_equal(kernel.kinds, IPVSCTL_SERVICES);
}

/* The kernel's order, and one service alone. */
static void test_list_some(void **state)
{
	static const char *const two[] = { "service fwmark:1",
					   "service tcp:192.0.2.1:80", NULL };
	AUTO_CONFIG struct ipvsctl_config *config = given_config(two);

	(void)state;
	kernel.config = config;
	assert_output(list_all, BIT(NUMERIC) | BIT(NOSORT),
		      HEADER TITLES "FWM  1 wlc\nTCP  192.0.2.1:80 wlc\n");
	assert_int_equal(kernel.kinds, IPVSCTL_SERVICES | IPVSCTL_UNSORTED);
	assert_output(list_all, BIT(NUMERIC) | BIT(SERVICE),
		      TITLES "TCP  192.0.2.1:80 wlc\nFWM  1 wlc\n");
}

static void test_tunnels_and_thresholds(void **state)
{
	static const char *const some[] = {
		"service fwmark:1",
		"server fwmark:1 10.0.0.1 --forward tun --tunnel gue "
		"--tunnel-port 65535 --tunnel-checksum remote",
		"server fwmark:1 10.0.0.2 --forward tun --tunnel gre "
		"--tunnel-checksum full",
		"server fwmark:1 10.0.0.3 --forward tun",
		"server fwmark:1 10.0.0.4 --upper-threshold 2147483647 "
		"--lower-threshold 2147483647",
		NULL,
	};
	AUTO_CONFIG struct ipvsctl_config *config = given_config(some);

	(void)state;
	kernel.config = config;
	assert_output(
		list_all, BIT(NUMERIC) | BIT(TUN_INFO) | BIT(SERVICE),
		"Prot LocalAddress:Port Scheduler Flags\n"
		"  -> RemoteAddress:Port           Forward TunnelInfo    "
		"Weight ActiveConn InActConn\n"
		"FWM  1 wlc\n"
		"  -> 10.0.0.1:0                   Tunnel  gue:65535:r+c 1   "
		"   0          0         \n"
		"  -> 10.0.0.2:0                   Tunnel  gre:+c        1   "
		"   0          0         \n"
		"  -> 10.0.0.3:0                   Tunnel  ipip          1   "
		"   0          0         \n"
		"  -> 10.0.0.4:0                   Route   n/a           1   "
		"   0          0         \n");
	/* Of several the first counts. */
	assert_output(list_all,
		      BIT(NUMERIC) | BIT(TUN_INFO) | BIT(THRESHOLDS) |
			      BIT(SERVICE),
		      "Prot LocalAddress:Port            Uthreshold Lthreshold "
		      "ActiveConn InActConn \n"
		      "  -> RemoteAddress:Port\n"
		      "FWM  1 wlc\n"
		      "  -> 10.0.0.1:0                   0          0          "
		      "0          0         \n"
		      "  -> 10.0.0.2:0                   0          0          "
		      "0          0         \n"
		      "  -> 10.0.0.3:0                   0          0          "
		      "0          0         \n"
		      "  -> 10.0.0.4:0                   2147483647 2147483647 "
		      "0          0         \n");
}

/* ---- Numbers ----------------------------------------------------------- */

/* One service with one server, and these counters. */
static struct ipvsctl_config *counted(const struct ipvsctl_counters *counters)
{
	struct ipvsctl_service service = given_service("tcp:192.0.2.1:80");
	struct ipvsctl_server server =
		given_server("tcp:192.0.2.1:80", "10.0.0.1");
	struct ipvsctl_config *config = NULL;

	service.counters = *counters;
	server.counters = *counters;
	server.active_connections = UINT32_MAX;
	server.persistent_connections = 12;
	assert_int_equal(ipvsctl_config_new(&config, NULL), 0);
	assert_int_equal(ipvsctl_config_add_service(config, &service, NULL), 0);
	assert_int_equal(ipvsctl_config_add_server(config, &service, &server,
						   NULL),
			 0);
	return config;
}

#define STATS_TITLES                                                     \
	"Prot LocalAddress:Port               Conns   InPkts  OutPkts  " \
	"InBytes OutBytes\n"                                             \
	"  -> RemoteAddress:Port\n"

static void test_stats(void **state)
{
	static const struct ipvsctl_counters counters = {
		.connections = 99999999,
		.in_packets = 100000000,
		.out_packets = 999999999,
		.in_bytes = 1000000000,
		.out_bytes = UINT64_MAX,
	};
	AUTO_CONFIG struct ipvsctl_config *config = counted(&counters);

	(void)state;
	kernel.config = config;
	assert_output(
		list_all, BIT(NUMERIC) | BIT(STATS) | BIT(SERVICE),
		STATS_TITLES
		"TCP  192.0.2.1:80                 99999999  100000K  999999K"
		"    1000M18446744T\n"
		"  -> 10.0.0.1:80                  99999999  100000K  999999K"
		"    1000M18446744T\n");
	assert_int_equal(kernel.kinds, IPVSCTL_SERVICES | IPVSCTL_COUNTERS);
	assert_output(list_all,
		      BIT(NUMERIC) | BIT(STATS) | BIT(EXACT) | BIT(SERVICE),
		      STATS_TITLES
		      "TCP  192.0.2.1:80                 99999999 100000000 "
		      "999999999 1000000000 18446744073709551615\n"
		      "  -> 10.0.0.1:80                  99999999 100000000 "
		      "999999999 1000000000 18446744073709551615\n");
}

static void test_rates(void **state)
{
	static const struct ipvsctl_counters counters = {
		.connections_per_second = 1,
		.in_packets_per_second = 123456789,
		.out_packets_per_second = UINT64_MAX,
		.in_bytes_per_second = 99999999999,
		.out_bytes_per_second = 99999999999999,
	};
	AUTO_CONFIG struct ipvsctl_config *config = counted(&counters);

	(void)state;
	kernel.config = config;
	/* Only a server's packets are never shortened. */
	assert_output(
		list_all, BIT(NUMERIC) | BIT(RATE) | BIT(SERVICE),
		"Prot LocalAddress:Port                 CPS    InPPS   OutPPS"
		"    InBPS   OutBPS\n"
		"  -> RemoteAddress:Port\n"
		"TCP  192.0.2.1:80                        1  123456K18446744T"
		"   99999M   99999G\n"
		"  -> 10.0.0.1:80                         1 123456789 "
		"18446744073709551615   99999M   99999G\n");
	assert_output(list_all,
		      BIT(NUMERIC) | BIT(PERSISTENT_CONN) | BIT(SERVICE),
		      "Prot LocalAddress:Port            Weight    PersistConn "
		      "ActiveConn InActConn \n"
		      "  -> RemoteAddress:Port\n"
		      "TCP  192.0.2.1:80 wlc\n"
		      "  -> 10.0.0.1:80                  1         12          "
		      "4294967295 0         \n");
}

/* ---- Settings ---------------------------------------------------------- */

static void test_settings(void **state)
{
	AUTO_CONFIG struct ipvsctl_config *config = given_config(lines);

	(void)state;
	kernel.config = config;
	assert_output(list_settings, BIT(TIMEOUT),
		      "Timeout (tcp tcpfin udp): 900 120 300\n");
	assert_int_equal(kernel.kinds, IPVSCTL_TIMEOUTS);
	assert_output(list_settings, BIT(DAEMON),
		      "master sync daemon (mcast=eth0, syncid=0, maxlen=1472, "
		      "group=224.0.0.81, port=8848, ttl=1)\n"
		      "backup sync daemon (mcast=eth1, syncid=3)\n");
	assert_int_equal(kernel.kinds, IPVSCTL_SYNC);
}

/* ---- Saving ------------------------------------------------------------ */

#define SAVED                                                            \
	"-A -t 192.0.2.1:443 -s wlc -p 600 -M 255.255.255.0\n"           \
	"-a -t 192.0.2.1:443 -r 10.0.0.2:443 -m -w 7\n"                  \
	"-a -t 192.0.2.1:443 -r 10.0.0.1:8443 -m -w 5 -x 100 -y 50\n"    \
	"-A -u 192.0.2.1:53 -s sh -o -b sh-port\n"                       \
	"-A --sctp-service [2001:db8::1]:80 -s mh -p 1 --pe sip -b "     \
	"mh-fallback,mh-port\n"                                          \
	"-a --sctp-service [2001:db8::1]:80 -r [2001:db8::2]:80 -g -w "  \
	"2147483647\n"                                                   \
	"-A -f 4294967295 -6 -s rr -p 360 -M 64\n"                       \
	"-a -f 4294967295 -6 -r 10.0.0.9:0 -i -w 1 --tun-type gue "      \
	"--tun-port 6080 --tun-remcsum\n"                                \
	"-a -f 4294967295 -6 -r [2001:db8::9]:0 -i -w 1 --tun-type gre " \
	"--tun-nocsum\n"

static void test_save(void **state)
{
	static const char *const none[] = { NULL };
	AUTO_CONFIG struct ipvsctl_config *config = given_config(lines);
	AUTO_CONFIG struct ipvsctl_config *empty = given_config(none);

	(void)state;
	kernel.config = config;
	assert_output(save_all, BIT(NUMERIC), SAVED);
	assert_int_equal(kernel.kinds, IPVSCTL_SERVICES);
	assert_output(save_all, BIT(NUMERIC) | BIT(FULL),
		      "--set 900 120 300\n" SAVED
		      "--start-daemon master --mcast-interface eth0 --syncid "
		      "0 --sync-maxlen 1472 --mcast-group 224.0.0.81 "
		      "--mcast-port 8848 --mcast-ttl 1\n"
		      "--start-daemon backup --mcast-interface eth1 --syncid "
		      "3\n");
	assert_int_equal(kernel.kinds,
			 IPVSCTL_SERVICES | IPVSCTL_TIMEOUTS | IPVSCTL_SYNC);
	kernel.config = empty;
	assert_output(save_all, 0, "");
}

/* ---- Failures ---------------------------------------------------------- */

static void assert_fails(command_fn command, uint64_t given, const char *said)
{
	const struct request request = { .given = given };
	FILE *outside = stderr;
	struct captured captured;
	int status;

	captured_open(&captured);
	stderr = captured.stream;
	status = command(&request);
	stderr = outside;
	captured_equals(&captured, said);
	assert_int_equal(status, EXIT_LIST_FAILED);
}

static void test_refused(void **state)
{
	(void)state;
	kernel.config = NULL;
	kernel.refusal = ESRCH;
	assert_fails(list_all, 0, "No such service\n");
	assert_fails(save_all, BIT(FULL), "No such service\n");
	kernel.refusal = EPERM;
	assert_fails(list_settings, 0, "Permission denied (you must be root)\n");
	kernel.refusal = ENOMEM;
	assert_fails(list_settings, BIT(DAEMON), "Memory allocation problem\n");
	/* What is none of the kernel's errors has a text of its own. */
	kernel.refusal = 0;
	assert_fails(list_all, 0, "it is busy\n");
}

static void test_not_there(void **state)
{
	static const char *const none[] = { NULL };
	AUTO_CONFIG struct ipvsctl_config *config = given_config(none);

	(void)state;
	kernel.config = config;
	assert_fails(list_all, BIT(SERVICE) | BIT(NUMERIC), "No such service\n");
}

/* Others can make services that ipvsadm has no option for. */
static void test_not_savable(void **state)
{
	struct ipvsctl_service service = given_service("tcp:192.0.2.1:80");
	AUTO_CONFIG struct ipvsctl_config *config = NULL;

	(void)state;
	service.protocol = 47;
	service.unchecked = true;
	assert_int_equal(ipvsctl_config_new(&config, NULL), 0);
	assert_int_equal(ipvsctl_config_add_service(config, &service, NULL), 0);
	kernel.config = config;
	assert_fails(save_all, BIT(NUMERIC),
		     "a service of protocol 47 cannot be saved\n");
	assert_output(list_all, BIT(NUMERIC) | BIT(SERVICE),
		      TITLES "?    192.0.2.1:80 wlc\n");
}

static void test_full_disk(void **state)
{
	AUTO_CONFIG struct ipvsctl_config *config = given_config(lines);
	FILE *full = fopen("/dev/full", "w");
	FILE *outside = stdout;

	(void)state;
	assert_non_null(full);
	assert_int_equal(setvbuf(full, NULL, _IONBF, 0), 0);
	kernel.config = config;
	stdout = full;
	assert_fails(list_all, BIT(NUMERIC),
		     "write error: No space left on device\n");
	assert_fails(save_all, BIT(NUMERIC),
		     "write error: No space left on device\n");
	stdout = outside;
	(void)fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_list_some),
		cmocka_unit_test(test_tunnels_and_thresholds),
		cmocka_unit_test(test_stats),
		cmocka_unit_test(test_rates),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_save),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_not_there),
		cmocka_unit_test(test_not_savable),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests_name("ipvsadm-list", tests, NULL, NULL);
}
