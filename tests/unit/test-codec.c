/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Netlink messages: what is written reads back, what is broken is refused. */
#include "unit.h"

#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "netlink/codec.h"

#define MESSAGE_MAX 8192

/* A message under construction and its attributes. */
static struct nl_msg *begin(void)
{
	struct nl_msg *msg = nlmsg_alloc();

	assert_non_null(msg);
	assert_int_equal(codec_start(msg, 32, IPVS_CMD_NEW_SERVICE, 0), 0);
	return msg;
}

static const void *attributes(struct nl_msg *msg)
{
	return (const char *)nlmsg_data(nlmsg_hdr(msg)) + GENL_HDRLEN;
}

static size_t size(struct nl_msg *msg)
{
	return nlmsg_hdr(msg)->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN;
}

static struct ipvsctl_service service_of(const char *text)
{
	struct ipvsctl_service service;

	assert_int_equal(ipvsctl_service_parse(text, &service, NULL), 0);
	return service;
}

static void assert_same_service(const struct ipvsctl_service *a,
				const struct ipvsctl_service *b)
{
	assert_int_equal(ipvsctl_service_compare(a, b), 0);
	assert_string_equal(a->scheduler, b->scheduler);
	assert_string_equal(a->persistence_engine, b->persistence_engine);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->persistence_seconds, b->persistence_seconds);
	assert_int_equal(a->netmask, b->netmask);
}

static void service_round_trip(void **state)
{
	static const char *const texts[] = {
		"tcp:192.0.2.1:80", "udp:[2001:db8::1]:65535",
		"fwmark:7",	    "fwmark:7/inet6",
		"sctp:192.0.2.1:1", "fwmark:4294967295",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ipvsctl_service in = service_of(texts[i]), out;
		struct nl_msg *msg = begin();

		strcpy(in.scheduler, "fifteen-letters");
		strcpy(in.persistence_engine, "sixteen-letters-");
		in.flags = IPVSCTL_ONE_PACKET | IPVSCTL_SCHED_FLAG_1 |
			   IPVSCTL_SCHED_FLAG_2 | IPVSCTL_SCHED_FLAG_3;
		in.persistence_seconds = 300;
		in.netmask = in.address.family == AF_INET ? 0xffffff00 : 64;
		assert_int_equal(codec_put_service(msg, &in), 0);
		assert_int_equal(codec_get_service(attributes(msg), size(msg),
						   &out),
				 0);
		assert_same_service(&in, &out);
		nlmsg_free(msg);
	}
}

/* Cleared flags have to be cleared, an engine left out to be removed. */
static void service_flags_have_a_full_mask(void **state)
{
	struct ipvsctl_service in = service_of("tcp:192.0.2.1:80");
	struct nl_msg *msg = begin();
	struct nlattr *nest, *attribute;
	struct ip_vs_flags flags;

	(void)state;
	assert_int_equal(codec_put_service(msg, &in), 0);
	nest = nla_find(attributes(msg), (int)size(msg), IPVS_CMD_ATTR_SERVICE);
	assert_non_null(nest);
	attribute =
		nla_find(nla_data(nest), nla_len(nest), IPVS_SVC_ATTR_FLAGS);
	assert_non_null(attribute);
	memcpy(&flags, nla_data(attribute), sizeof(flags));
	assert_int_equal(flags.flags, 0);
	assert_int_equal(flags.mask, UINT32_MAX);
	assert_null(
		nla_find(nla_data(nest), nla_len(nest), IPVS_SVC_ATTR_PE_NAME));
	nlmsg_free(msg);
}

static struct ipvsctl_server some_server(void)
{
	struct ipvsctl_service service = service_of("fwmark:1");
	struct ipvsctl_server server;

	assert_int_equal(ipvsctl_server_parse("[2001:db8::7]:8080", &service,
					      &server, NULL),
			 0);
	server.forward = IPVSCTL_FORWARD_TUN;
	server.weight = 0x7fffffff;
	server.tunnel = IPVSCTL_TUNNEL_GUE;
	server.tunnel_port = 6080;
	server.tunnel_checksum = IPVSCTL_TUNNEL_CHECKSUM_REMOTE;
	server.upper_threshold = 70000;
	server.lower_threshold = 60000;
	return server;
}

static void server_round_trip(void **state)
{
	struct ipvsctl_server in = some_server(), out;
	struct nl_msg *msg = begin();

	(void)state;
	assert_int_equal(codec_put_server(msg, &in), 0);
	assert_int_equal(codec_get_server(attributes(msg), size(msg), AF_INET,
					  &out),
			 0);
	assert_memory_equal(&in, &out, sizeof(in));
	nlmsg_free(msg);
}

static void held_server_has_weight_0(void **state)
{
	struct ipvsctl_server in = some_server(), out;
	struct nl_msg *msg = begin();

	(void)state;
	in.held = true;
	assert_int_equal(codec_put_server(msg, &in), 0);
	assert_int_equal(codec_get_server(attributes(msg), size(msg), AF_INET,
					  &out),
			 0);
	assert_int_equal(out.weight, 0);
	nlmsg_free(msg);
}

static void put_counter(struct nl_msg *msg, int type, uint64_t value,
			bool narrow)
{
	uint32_t less = (uint32_t)value;

	assert_int_equal(narrow ? nla_put(msg, type, 4, &less) :
				  nla_put(msg, type, 8, &value),
			 0);
}

static void put_counters(struct nl_msg *msg, int nest_type, uint64_t start,
			 bool narrow)
{
	struct nlattr *nest = nla_nest_start(msg, nest_type);

	for (int type = IPVS_STATS_ATTR_CONNS; type < IPVS_STATS_ATTR_PAD;
	     type++)
		put_counter(msg, type, start + (uint64_t)type, narrow);
	assert_int_equal(nla_put(msg, IPVS_STATS_ATTR_PAD, 0, NULL), 0);
	assert_int_equal(nla_put(msg, 200, 3, "new"), 0);
	nla_nest_end(msg, nest);
}

/* A service as a kernel sends it, counters included. */
static struct nl_msg *kernel_service(bool wide, bool narrow, bool wide_first)
{
	struct nl_msg *msg = begin();
	struct nlattr *nest = nla_nest_start(msg, IPVS_CMD_ATTR_SERVICE);
	struct ip_vs_flags flags = { IP_VS_SVC_F_HASHED, UINT32_MAX };

	nla_put_u16(msg, IPVS_SVC_ATTR_AF, AF_INET);
	nla_put_u32(msg, IPVS_SVC_ATTR_FWMARK, 9);
	nla_put_string(msg, IPVS_SVC_ATTR_SCHED_NAME, "none");
	nla_put(msg, IPVS_SVC_ATTR_FLAGS, sizeof(flags), &flags);
	nla_put_u32(msg, IPVS_SVC_ATTR_TIMEOUT, 300);
	nla_put_u32(msg, IPVS_SVC_ATTR_NETMASK, 0xffffffff);
	if (wide && wide_first)
		put_counters(msg, IPVS_SVC_ATTR_STATS64, 1ull << 40, false);
	if (narrow)
		put_counters(msg, IPVS_SVC_ATTR_STATS, 100, true);
	if (wide && !wide_first)
		put_counters(msg, IPVS_SVC_ATTR_STATS64, 1ull << 40, false);
	nla_put_string(msg, 99, "from the future");
	nla_nest_end(msg, nest);
	return msg;
}

static void assert_counters(struct nl_msg *msg, uint64_t start)
{
	struct ipvsctl_service out;

	assert_int_equal(codec_get_service(attributes(msg), size(msg), &out), 0);
	assert_int_equal(out.counters.connections,
			 start ? start + IPVS_STATS_ATTR_CONNS : 0);
	assert_int_equal(out.counters.out_bytes_per_second,
			 start ? start + IPVS_STATS_ATTR_OUTBPS : 0);
	assert_int_equal(out.counters.in_bytes,
			 start ? start + IPVS_STATS_ATTR_INBYTES : 0);
	assert_int_equal(out.flags, 0);
	assert_int_equal(out.persistence_seconds, 0);
	nlmsg_free(msg);
}

static void wide_counters_win(void **state)
{
	(void)state;
	assert_counters(kernel_service(true, true, false), 1ull << 40);
	assert_counters(kernel_service(true, true, true), 1ull << 40);
	assert_counters(kernel_service(true, false, false), 1ull << 40);
	assert_counters(kernel_service(false, true, false), 100);
	assert_counters(kernel_service(false, false, false), 0);
}

static void sync_round_trip(void **state)
{
	static const char *const groups[] = { NULL, "224.0.0.81", "ff02::81" };

	(void)state;
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		struct ipvsctl_sync in = {
			.role = IPVSCTL_SYNC_BACKUP,
			.interface = "fifteen-letters",
			.id = 255,
		};
		struct ipvsctl_sync out;
		struct nl_msg *msg = begin();

		if (groups[i]) {
			assert_int_equal(ipvsctl_address_parse(groups[i],
							       &in.group, NULL),
					 0);
			in.max_length = 1400;
			in.port = 8848;
			in.ttl = 3;
		}
		assert_int_equal(codec_put_sync(msg, &in), 0);
		assert_int_equal(codec_get_sync(attributes(msg), size(msg),
						&out),
				 0);
		assert_memory_equal(&in, &out, sizeof(in));
		nlmsg_free(msg);
	}
}

static void timeouts_round_trip(void **state)
{
	struct ipvsctl_timeouts in = { .tcp = 900, .tcp_fin = 120, .udp = 300 };
	struct ipvsctl_timeouts out;
	struct nl_msg *msg = begin();

	(void)state;
	assert_int_equal(codec_put_timeouts(msg, &in), 0);
	assert_int_equal(codec_get_timeouts(attributes(msg), size(msg), &out),
			 0);
	assert_memory_equal(&in, &out, sizeof(in));
	nlmsg_free(msg);
}

/* Every cut and every flipped length: refused or read, never out of bounds. */
static void broken_messages(void **state)
{
	struct nl_msg *msg = kernel_service(true, true, false);
	const size_t length = size(msg);
	struct ipvsctl_service service;
	struct ipvsctl_server server;

	(void)state;
	for (size_t cut = 0; cut < length; cut++) {
		char *copy = test_malloc(cut + 1);

		memcpy(copy, attributes(msg), cut);
		if (cut % 4 == 0)
			assert_int_equal(codec_get_service(copy, cut, &service),
					 -EBADMSG);
		test_free(copy);
	}
	for (size_t at = 0; at < length; at++) {
		char *copy = test_malloc(length);

		memcpy(copy, attributes(msg), length);
		copy[at] = (char)~copy[at];
		(void)!codec_get_service(copy, length, &service);
		(void)!codec_get_server(copy, length, AF_INET, &server);
		test_free(copy);
	}
	assert_int_equal(codec_get_server(attributes(msg), length, AF_INET,
					  &server),
			 -EBADMSG);
	nlmsg_free(msg);
}

/* Attributes whose size is not the kernel's, one at a time. */
static void odd_sizes(void **state)
{
	static const struct {
		int type;
		int size;
	} odd[] = {
		{ IPVS_SVC_ATTR_AF, 1 },	  { IPVS_SVC_ATTR_AF, 4 },
		{ IPVS_SVC_ATTR_FWMARK, 2 },	  { IPVS_SVC_ATTR_FLAGS, 4 },
		{ IPVS_SVC_ATTR_SCHED_NAME, 17 }, { IPVS_SVC_ATTR_ADDR, 17 },
		{ IPVS_SVC_ATTR_STATS64, 5 },
	};
	char filler[32];

	(void)state;
	memset(filler, 'x', sizeof(filler));
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct nl_msg *msg = begin();
		struct nlattr *nest =
			nla_nest_start(msg, IPVS_CMD_ATTR_SERVICE);
		struct ip_vs_flags flags = { 0, 0 };
		struct ipvsctl_service service;

		nla_put_u16(msg, IPVS_SVC_ATTR_AF, AF_INET);
		nla_put_u32(msg, IPVS_SVC_ATTR_FWMARK, 9);
		nla_put_string(msg, IPVS_SVC_ATTR_SCHED_NAME, "rr");
		nla_put(msg, IPVS_SVC_ATTR_FLAGS, sizeof(flags), &flags);
		nla_put_u32(msg, IPVS_SVC_ATTR_TIMEOUT, 0);
		nla_put_u32(msg, IPVS_SVC_ATTR_NETMASK, 0);
		nla_put(msg, odd[i].type, odd[i].size, filler);
		nla_nest_end(msg, nest);
		assert_int_equal(codec_get_service(attributes(msg), size(msg),
						   &service),
				 -EBADMSG);
		nlmsg_free(msg);
	}
}

/* ---- Acknowledgements ------------------------------------------------------ */

struct ack {
	struct nlmsghdr header;
	int code;
	struct nlmsghdr quoted;
	struct nlattr attribute;
	char text[24];
};

static struct ack some_ack(void)
{
	struct ack ack = {
		.header = { .nlmsg_len = sizeof(ack),
			    .nlmsg_type = NLMSG_ERROR,
			    .nlmsg_flags = NLM_F_CAPPED | NLM_F_ACK_TLVS },
		.code = -ESRCH,
		.quoted = { .nlmsg_len = 5000 },
		.attribute = { .nla_len = 4 + sizeof(ack.text),
			       .nla_type = NLMSGERR_ATTR_MSG },
		.text = "words of the kernel",
	};

	return ack;
}

static void acknowledgements(void **state)
{
	struct ack ack = some_ack();
	char text[CODEC_TEXT];
	int raw;

	(void)state;
	assert_int_equal(codec_get_ack(&ack.header, &raw, text), 0);
	assert_int_equal(raw, ESRCH);
	assert_string_equal(text, "words of the kernel");
	ack.header.nlmsg_flags = NLM_F_ACK_TLVS;
	assert_int_equal(codec_get_ack(&ack.header, &raw, text), -EBADMSG);
	ack.quoted.nlmsg_len = sizeof(ack.quoted);
	assert_int_equal(codec_get_ack(&ack.header, &raw, text), 0);
	assert_string_equal(text, "words of the kernel");
	ack.header.nlmsg_flags = 0;
	ack.code = 0;
	assert_int_equal(codec_get_ack(&ack.header, &raw, text), 0);
	assert_int_equal(raw, 0);
	assert_string_equal(text, "");
	ack.code = 5;
	assert_int_equal(codec_get_ack(&ack.header, &raw, text), -EBADMSG);
	ack.code = 0;
	ack.header.nlmsg_len = NLMSG_HDRLEN + 2;
	assert_int_equal(codec_get_ack(&ack.header, &raw, text), -EBADMSG);
	ack.header.nlmsg_len = NLMSG_HDRLEN + 4;
	assert_int_equal(codec_get_ack(&ack.header, &raw, text), -EBADMSG);
	ack.header.nlmsg_type = NLMSG_DONE;
	assert_int_equal(codec_get_ack(&ack.header, &raw, text), 0);
}

static void families(void **state)
{
	struct nl_msg *msg = begin();
	uint16_t family = 0;

	(void)state;
	assert_int_equal(codec_put_family_name(msg, "IPVS"), 0);
	assert_int_equal(codec_get_family(attributes(msg), size(msg), &family),
			 -EBADMSG);
	nla_put_u16(msg, CTRL_ATTR_FAMILY_ID, 33);
	assert_int_equal(codec_get_family(attributes(msg), size(msg), &family),
			 0);
	assert_int_equal(family, 33);
	nlmsg_free(msg);
}

/* A message that is full says so. */
static void full_messages(void **state)
{
	struct ipvsctl_service service = service_of("tcp:192.0.2.1:80");
	struct nl_msg *msg = begin();
	int r, times = 0;

	(void)state;
	do
		r = codec_put_service(msg, &service);
	while (r == 0 && times++ < 1000);
	assert_int_equal(r, -EMSGSIZE);
	nlmsg_free(msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(service_round_trip),
		cmocka_unit_test(service_flags_have_a_full_mask),
		cmocka_unit_test(server_round_trip),
		cmocka_unit_test(held_server_has_weight_0),
		cmocka_unit_test(wide_counters_win),
		cmocka_unit_test(sync_round_trip),
		cmocka_unit_test(timeouts_round_trip),
		cmocka_unit_test(broken_messages),
		cmocka_unit_test(odd_sizes),
		cmocka_unit_test(acknowledgements),
		cmocka_unit_test(families),
		cmocka_unit_test(full_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
