/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Questions to name servers, and verdicts on the answers. */
#ifndef LBCTL_CHECK_DNS_H
#define LBCTL_CHECK_DNS_H

#include "check/probe/probe.h"

#define DNS_QUERY_SIZE (12 + 255 + 4) /* header, longest name, type and class */

struct dns_judgement {
	enum probe_verdict verdict;
	char message[PROBE_MESSAGE_SIZE];
};

/* Returns "A", "AAAA" and so on, or "other". */
const char *dns_type_name(uint16_t type);

/*
 * Writes the check's question. Returns its length, or -EINVAL if the name is
 * impossible.
 */
int dns_query(const struct check_way *way, uint16_t id,
	      uint8_t ret_query[DNS_QUERY_SIZE]) MUST_CHECK;
/*
 * Tells if bytes are a reply to the question, and judges it. A truncated reply
 * without a wanted record is unknown: there can be more.
 */
bool dns_judge(const struct check_way *way, uint16_t id, const uint8_t *reply,
	       size_t length, struct dns_judgement *ret_judgement) MUST_CHECK;

/* ---- Records (dns-record.c) ---- */

struct dns_record {
	const uint8_t *message, *end; /* names can point back into it */
	const uint8_t *data;
	size_t length;
	uint16_t type;
};

/* Room for most data; longer data matches nothing. */
#define DNS_DATA_TEXT 4096

/*
 * Writes a record's data as zone files do, "10 mx.example.org", but names
 * without a dot at the end and texts without quotes. Returns the length,
 * -EINVAL if it is malformed or of an unknown type, or -ENOSPC.
 */
int dns_record_format(const struct dns_record *record,
		      char ret_text[DNS_DATA_TEXT]) MUST_CHECK;
/* Tells if it has this data: numbers, names in any case, addresses by value. */
bool dns_record_is(const struct dns_record *record, const char *data);

#endif
