/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Makes questions to name servers, and judges any bytes as replies. */
#include <arpa/nameser.h>

#include <ctype.h>
#include <errno.h>
#include <resolv.h>
#include <string.h>

#include "check/probe/dns.h"

#define HEADER_SIZE    NS_HFIXEDSZ
#define QUESTION_END   NS_QFIXEDSZ /* type and class */
#define FLAG_REPLY     0x80	   /* of the third byte */
#define FLAG_TRUNCATED 0x02
#define FLAG_RECURSE   0x01
#define MASK_OPERATION 0x78
#define MASK_FAILURE   0x0f /* of the fourth */

int dns_query(const struct check_way *way, uint16_t id,
	      uint8_t ret_query[DNS_QUERY_SIZE])
{
	uint8_t *next = ret_query + HEADER_SIZE;
	int length =
		ns_name_compress(way->dns_name, next,
				 DNS_QUERY_SIZE - HEADER_SIZE - QUESTION_END,
				 NULL, NULL);

	if (length < 0)
		return -EINVAL;
	memset(ret_query, 0, HEADER_SIZE);
	ns_put16(id, ret_query);
	ret_query[2] = FLAG_RECURSE;
	ret_query[5] = 1; /* question */
	next += length;
	ns_put16(way->dns_type, next);
	ns_put16(ns_c_in, next + NS_INT16SZ);
	return HEADER_SIZE + length + QUESTION_END;
}

static bool same_name(const uint8_t *a, const uint8_t *b, size_t length)
{
	/* tolower() does not change the lengths of labels. */
	for (size_t i = 0; i < length; i++)
		if (tolower(a[i]) != tolower(b[i]))
			return false;
	return true;
}

/* Tells whether the bytes are a reply to this very question. */
static bool is_ours(const struct check_way *way, uint16_t id,
		    const uint8_t *reply, size_t length)
{
	uint8_t query[DNS_QUERY_SIZE];
	int query_length = dns_query(way, id, query);
	size_t name_end = (size_t)query_length - QUESTION_END;

	if (query_length < 0 || length < (size_t)query_length)
		return false;
	if (memcmp(reply, query, NS_INT16SZ) != 0 ||
	    (reply[2] & (FLAG_REPLY | MASK_OPERATION)) != FLAG_REPLY ||
	    reply[4] != 0 || reply[5] != 1)
		return false;
	return same_name(reply + HEADER_SIZE, query + HEADER_SIZE,
			 name_end - HEADER_SIZE) &&
	       memcmp(reply + name_end, query + name_end, QUESTION_END) == 0;
}

/* ---- Answers ------------------------------------------------------------- */

/* Records found among the answers. */
struct findings {
	bool wanted;		  /* a wanted record */
	bool other;		  /* another one of the type */
	char text[DNS_DATA_TEXT]; /* the wanted one's data, or the first's */
};

static bool is_wanted(const struct check_way *way,
		      const struct dns_record *record)
{
	char **answer = way->answers;

	while (answer && *answer && !dns_record_is(record, *answer))
		answer++;
	return !answer || *answer;
}

static void look_at(const struct check_way *way,
		    const struct dns_record *record, struct findings *findings)
{
	char text[DNS_DATA_TEXT];
	int length = dns_record_format(record, text);
	bool wanted = is_wanted(way, record);

	/* Data that is too long to be shown still is an answer. */
	if (length == -EINVAL)
		return;
	if (wanted || !findings->other)
		(void)snprintf(findings->text, sizeof(findings->text), "%s",
			       length < 0 ? "(long)" : text);
	findings->wanted = wanted;
	findings->other = findings->other || !wanted;
}

/* Returns false if the message is malformed. */
static bool look_at_all(const struct check_way *way, const uint8_t *reply,
			size_t length, struct findings *findings)
{
	ns_msg message;
	ns_rr answer;

	if (ns_initparse(reply, (int)length, &message) < 0)
		return false;
	for (int i = 0; i < ns_msg_count(message, ns_s_an); i++) {
		struct dns_record record = {
			.message = reply,
			.end = reply + length,
		};

		if (ns_parserr(&message, ns_s_an, i, &answer) < 0)
			return false;
		record.data = ns_rr_rdata(answer);
		record.length = ns_rr_rdlen(answer);
		record.type = answer.type;
		if (answer.rr_class == ns_c_in && record.type == way->dns_type)
			look_at(way, &record, findings);
		if (findings->wanted)
			break;
	}
	return true;
}

/* ---- Verdicts ------------------------------------------------------------ */

static void judge(struct dns_judgement *judgement, enum probe_verdict verdict,
		  const char *format, ...) PRINTF(3, 4);
static void judge(struct dns_judgement *judgement, enum probe_verdict verdict,
		  const char *format, ...)
{
	va_list values;

	judgement->verdict = verdict;
	va_start(values, format);
	(void)vsnprintf(judgement->message, sizeof(judgement->message), format,
			values);
	va_end(values);
}

static void judge_failure(unsigned int failure, struct dns_judgement *judgement)
{
	static const char *const names[] = {
		"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
		"NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
		"NXRRSET", "NOTAUTH", "NOTZONE",
	};

	if (failure < ARRAY_SIZE(names))
		judge(judgement, PROBE_DOWN, "%s", names[failure]);
	else
		judge(judgement, PROBE_DOWN, "error code %u", failure);
}

static void judge_answers(const struct check_way *way, const uint8_t *reply,
			  size_t length, struct dns_judgement *judgement)
{
	struct findings findings = { 0 };
	bool sound = look_at_all(way, reply, length, &findings);
	const char *type = dns_type_name(way->dns_type);

	if (findings.wanted)
		judge(judgement, PROBE_UP, "%s %s", type, findings.text);
	else if (reply[2] & FLAG_TRUNCATED)
		judge(judgement, PROBE_UNKNOWN,
		      "truncated reply without a wanted record");
	else if (!sound)
		judge(judgement, PROBE_DOWN, "malformed answer");
	else if (findings.other)
		judge(judgement, PROBE_DOWN, "unexpected %s record: %s", type,
		      findings.text);
	else
		judge(judgement, PROBE_DOWN, "no %s record", type);
}

bool dns_judge(const struct check_way *way, uint16_t id, const uint8_t *reply,
	       size_t length, struct dns_judgement *ret_judgement)
{
	unsigned int failure;

	if (length > NS_MAXMSG || !is_ours(way, id, reply, length))
		return false;
	failure = reply[3] & MASK_FAILURE;
	if (failure == ns_r_noerror)
		judge_answers(way, reply, length, ret_judgement);
	else
		judge_failure(failure, ret_judgement);
	return true;
}
