/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Questions to name servers, and what their answers are worth. */
#ifndef LBCTL_CHECK_DNS_H
#define LBCTL_CHECK_DNS_H

#include "check/probe/probe.h"

#define DNS_QUERY_SIZE (12 + 255 + 4) /* header, longest name, the rest */

struct dns_judgement {
	enum probe_verdict verdict;
	char message[PROBE_MESSAGE_SIZE];
};

/* "A", "AAAA". */
const char *dns_type_name(uint16_t type);

/*
 * Writes the question of the check. Returns its length, or -EINVAL when it is
 * for no name that there can be.
 */
int dns_query(const struct check_way *way, uint16_t id,
	      uint8_t ret_query[DNS_QUERY_SIZE]) MUST_CHECK;
/*
 * Whether any bytes are a reply to it, and if so what of. A truncated reply
 * without what is wanted is neither good nor bad: there may be more.
 */
bool dns_judge(const struct check_way *way, uint16_t id, const uint8_t *reply,
	       size_t length, struct dns_judgement *ret_judgement) MUST_CHECK;

/* ---- Records (dns-record.c) ---- */

struct dns_record {
	const uint8_t *message, *end; /* that names may point back into */
	const uint8_t *data;
	size_t length;
	uint16_t type;
};

/* Room for most data; what is longer is equal to nothing. */
#define DNS_DATA_TEXT 4096

/*
 * Writes its data as zone files have it: "10 mx.example.org", without dots at
 * the end of names, texts without quotes. Returns the length, -EINVAL when it
 * is malformed or of another type, or -ENOSPC.
 */
int dns_record_format(const struct dns_record *record,
		      char ret_text[DNS_DATA_TEXT]) MUST_CHECK;
/* Whether it has this data: numbers, names in any case, addresses by value. */
bool dns_record_is(const struct dns_record *record, const char *data);

#endif
