/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What replies of name servers are worth. */
#include "unit.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <resolv.h>
#include <string.h>

#include "check/probe/dns.h"

#define ID 0xbeef

/* A reply that is being made; names in data may point to the question. */
struct reply {
	uint8_t bytes[8192];
	size_t length;
};

static struct check_way given_way(uint16_t type, char **answers)
{
	static char name[] = "www.Example.org";

	return (struct check_way){
		.kind = CHECK_DNS,
		.dns_name = name,
		.dns_type = type,
		.answers = answers,
	};
}

static void begin(struct reply *reply, const struct check_way *way)
{
	int length = dns_query(way, ID, reply->bytes);

	assert_true(length > 0);
	reply->length = (size_t)length;
	reply->bytes[2] |= 0x80;
}

static void add(struct reply *reply, const void *bytes, size_t length)
{
	assert_true(reply->length + length <= sizeof(reply->bytes));
	memcpy(reply->bytes + reply->length, bytes, length);
	reply->length += length;
}

/* An answer whose owner is the name that was asked for. */
static void answer(struct reply *reply, uint16_t type, const void *data,
		   uint16_t length)
{
	uint8_t head[] = { 0xc0, 12, 0, 0, 0, ns_c_in, 0, 0, 0, 60, 0, 0 };

	ns_put16(type, head + 2);
	ns_put16(length, head + 10);
	add(reply, head, sizeof(head));
	add(reply, data, length);
	reply->bytes[7]++;
}

static void answer_address(struct reply *reply, const char *text)
{
	bool six = strchr(text, ':') != NULL;
	uint8_t address[16];

	assert_int_equal(inet_pton(six ? AF_INET6 : AF_INET, text, address), 1);
	answer(reply, six ? ns_t_aaaa : ns_t_a, address, six ? 16 : 4);
}

/* Bytes in front, then a name: what MX, SRV, CNAME are. */
static void answer_name(struct reply *reply, uint16_t type, const char *head,
			const char *name)
{
	uint8_t data[300];
	size_t head_length = strlen(head) / 2;
	int length;

	for (size_t i = 0; i < head_length; i++) {
		unsigned int byte;

		assert_int_equal(sscanf(head + 2 * i, "%2x", &byte), 1);
		data[i] = (uint8_t)byte;
	}
	length = ns_name_compress(name, data + head_length, 256, NULL, NULL);
	assert_true(length > 0);
	answer(reply, type, data, (uint16_t)(head_length + (size_t)length));
}

static void judged(const struct check_way *way, const struct reply *reply,
		   enum probe_verdict verdict, const char *message)
{
	struct dns_judgement judgement;

	assert_true(dns_judge(way, ID, reply->bytes, reply->length, &judgement));
	assert_string_equal(judgement.message, message);
	assert_int_equal(judgement.verdict, verdict);
}

static void ignored(const struct check_way *way, const struct reply *reply)
{
	struct dns_judgement judgement;

	assert_false(
		dns_judge(way, ID, reply->bytes, reply->length, &judgement));
}

/* One answer that is wanted by one word, and how it reads. */
static void wanted(const struct reply *reply, uint16_t type, const char *word,
		   const char *message)
{
	char copy[300];
	char *answers[] = { copy, NULL };
	struct check_way way = given_way(type, answers);

	(void)snprintf(copy, sizeof(copy), "%s", word);
	judged(&way, reply, PROBE_UP, message);
}

static void unwanted(const struct reply *reply, uint16_t type, const char *word)
{
	char copy[300];
	char *answers[] = { copy, NULL };
	struct check_way way = given_way(type, answers);
	struct dns_judgement judgement;

	(void)snprintf(copy, sizeof(copy), "%s", word);
	assert_true(
		dns_judge(&way, ID, reply->bytes, reply->length, &judgement));
	assert_int_equal(judgement.verdict, PROBE_DOWN);
	assert_non_null(strstr(judgement.message, "unexpected"));
}

static void test_query(void **state)
{
	static const uint8_t plain[] = { 0xbe, 0xef, 1, 0,   0,	 1, 0,
					 0,    0,    0, 0,   0,	 3, 'w',
					 'w',  'w',  7, 'E', 'x' };
	static char label[] = "a123456789012345678901234567890123456789012345"
			      "6789012345678901234.org";
	struct check_way way = given_way(ns_t_aaaa, NULL);
	uint8_t query[DNS_QUERY_SIZE];

	(void)state;
	assert_int_equal(dns_query(&way, ID, query), 12 + 17 + 4);
	assert_memory_equal(query, plain, sizeof(plain));
	assert_memory_equal(query + 28, "\0\0\x1c\0\1", 5);
	way.dns_name = label;
	assert_int_equal(dns_query(&way, ID, query), -EINVAL);
}

static void test_addresses(void **state)
{
	char *none[] = { NULL };
	struct check_way four = given_way(ns_t_a, NULL);
	struct check_way six = given_way(ns_t_aaaa, NULL);
	struct reply reply;

	(void)state;
	begin(&reply, &four);
	judged(&four, &reply, PROBE_DOWN, "no A record");
	answer_name(&reply, ns_t_cname, "", "cache.example.net");
	judged(&four, &reply, PROBE_DOWN, "no A record");
	answer_address(&reply, "192.0.2.7");
	answer_address(&reply, "192.0.2.8");
	judged(&four, &reply, PROBE_UP, "A 192.0.2.7");
	wanted(&reply, ns_t_a, "192.0.2.8", "A 192.0.2.8");
	unwanted(&reply, ns_t_a, "192.0.2.9");
	unwanted(&reply, ns_t_a, "192.0.2.7.");
	four.answers = none;
	judged(&four, &reply, PROBE_DOWN, "unexpected A record: 192.0.2.7");

	begin(&reply, &six);
	answer_address(&reply, "2001:db8::7");
	judged(&six, &reply, PROBE_UP, "AAAA 2001:db8::7");
	wanted(&reply, ns_t_aaaa, "2001:DB8:0::0:7", "AAAA 2001:db8::7");
	unwanted(&reply, ns_t_aaaa, "2001:db8::8");
}

static void test_names(void **state)
{
	struct check_way way = given_way(ns_t_mx, NULL);
	struct reply reply;

	(void)state;
	begin(&reply, &way);
	answer_name(&reply, ns_t_mx, "000a", "Mail.example.org");
	judged(&way, &reply, PROBE_UP, "MX 10 Mail.example.org");
	wanted(&reply, ns_t_mx, "10  mail.EXAMPLE.org.",
	       "MX 10 Mail.example.org");
	unwanted(&reply, ns_t_mx, "20 mail.example.org");
	unwanted(&reply, ns_t_mx, "10 mail.example.or");
	unwanted(&reply, ns_t_mx, "10 mail.example.org x");
	unwanted(&reply, ns_t_mx, "10");

	way = given_way(ns_t_srv, NULL);
	begin(&reply, &way);
	answer_name(&reply, ns_t_srv, "000100021f90", "a.example.org");
	wanted(&reply, ns_t_srv, "1 2 8080 a.example.org",
	       "SRV 1 2 8080 a.example.org");

	way = given_way(ns_t_ns, NULL);
	begin(&reply, &way);
	answer(&reply, ns_t_ns, "\xc0\x0c", 2);
	wanted(&reply, ns_t_ns, "www.example.org", "NS www.Example.org");
	begin(&reply, &way);
	answer_name(&reply, ns_t_ns, "", ".");
	wanted(&reply, ns_t_ns, ".", "NS .");
}

static void test_soa(void **state)
{
	static const uint8_t data[] = { 0xc0, 12, 2, 'h', 'm',	0xc0, 16,
					0,    0,  0, 1,	  0xff, 0xff, 0xff,
					0xff, 0,  0, 0,	  3,	0,    0,
					0,    4,  0, 0,	  0,	5 };
	struct check_way way = given_way(ns_t_soa, NULL);
	struct reply reply;

	(void)state;
	begin(&reply, &way);
	answer(&reply, ns_t_soa, data, sizeof(data));
	wanted(&reply, ns_t_soa,
	       "www.example.org. hm.example.org. 1 4294967295 3 4 5",
	       "SOA www.Example.org hm.Example.org 1 4294967295 3 4 5");
}

static void test_texts(void **state)
{
	struct check_way way = given_way(ns_t_txt, NULL);
	struct reply reply;
	uint8_t many[20 * 256];

	(void)state;
	begin(&reply, &way);
	answer(&reply, ns_t_txt, "\4v=x \0\5ONE 2", 12);
	judged(&way, &reply, PROBE_UP, "TXT v=x ONE 2");
	wanted(&reply, ns_t_txt, "v=x ONE 2", "TXT v=x ONE 2");
	unwanted(&reply, ns_t_txt, "v=x one 2");
	unwanted(&reply, ns_t_txt, "v=x ONE 2.");
	begin(&reply, &way);
	answer(&reply, ns_t_txt, "\3a\0b", 4);
	unwanted(&reply, ns_t_txt, "a");

	/* Longer than any that is told apart: there is one, though. */
	memset(many, 255, sizeof(many));
	begin(&reply, &way);
	answer(&reply, ns_t_txt, many, 17 * 256);
	judged(&way, &reply, PROBE_UP, "TXT (long)");
}

static void test_failures(void **state)
{
	struct check_way way = given_way(ns_t_a, NULL);
	struct reply reply;

	(void)state;
	begin(&reply, &way);
	reply.bytes[3] = ns_r_nxdomain;
	judged(&way, &reply, PROBE_DOWN, "NXDOMAIN");
	reply.bytes[3] = 0x80 | ns_r_servfail;
	judged(&way, &reply, PROBE_DOWN, "SERVFAIL");
	reply.bytes[3] = 15;
	judged(&way, &reply, PROBE_DOWN, "error code 15");
}

static void test_truncated(void **state)
{
	struct check_way way = given_way(ns_t_a, NULL);
	struct reply reply;

	(void)state;
	begin(&reply, &way);
	reply.bytes[2] |= 2;
	judged(&way, &reply, PROBE_UNKNOWN,
	       "truncated reply without a wanted record");
	answer_address(&reply, "192.0.2.7");
	judged(&way, &reply, PROBE_UP, "A 192.0.2.7");
	/* Cut within a record. */
	reply.length--;
	judged(&way, &reply, PROBE_UNKNOWN,
	       "truncated reply without a wanted record");
}

static void test_others(void **state)
{
	struct check_way way = given_way(ns_t_a, NULL);
	struct reply good, reply;

	(void)state;
	begin(&good, &way);
	answer_address(&good, "192.0.2.7");
	reply = good;
	reply.bytes[14] ^= 0x20; /* W */
	judged(&way, &reply, PROBE_UP, "A 192.0.2.7");
	reply.bytes[14]++;
	ignored(&way, &reply);
	reply = good;
	reply.bytes[1]++; /* id */
	ignored(&way, &reply);
	reply = good;
	reply.bytes[2] &= 0x7f; /* a question */
	ignored(&way, &reply);
	reply = good;
	reply.bytes[30]++; /* type */
	ignored(&way, &reply);
	reply = good;
	reply.bytes[5] = 0; /* no question */
	ignored(&way, &reply);
	for (good.length = 0; good.length < 33; good.length++)
		ignored(&way, &good);
}

static void test_malformed(void **state)
{
	struct check_way way = given_way(ns_t_a, NULL);
	struct reply good, reply;

	(void)state;
	begin(&good, &way);
	answer_address(&good, "192.0.2.7");
	for (reply = good; reply.length > 33; reply.length--) {
		if (reply.length < good.length)
			judged(&way, &reply, PROBE_DOWN, "malformed answer");
	}
	reply = good;
	reply.bytes[7] = 2; /* more than there are */
	judged(&way, &reply, PROBE_DOWN, "malformed answer");
	reply = good;
	reply.bytes[34] = 33; /* a name that points to itself */
	judged(&way, &reply, PROBE_DOWN, "malformed answer");
	begin(&reply, &way);
	answer(&reply, ns_t_a, "\1\2\3", 3);
	answer(&reply, ns_t_a, "\1\2\3\4\5", 5);
	judged(&way, &reply, PROBE_DOWN, "no A record");

	way = given_way(ns_t_txt, NULL);
	begin(&reply, &way);
	answer(&reply, ns_t_txt, "\4abc", 4);
	judged(&way, &reply, PROBE_DOWN, "no TXT record");
	way = given_way(ns_t_mx, NULL);
	begin(&reply, &way);
	answer(&reply, ns_t_mx, "\0\1\xc0", 3);
	answer(&reply, ns_t_mx, "\0\1\xff\xff", 4);
	answer(&reply, ns_t_mx, "\0", 1);
	judged(&way, &reply, PROBE_DOWN, "no MX record");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_query),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_soa),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
