/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Values of a check's options, read strictly. */
#include "check/config/values.h"

#include <arpa/nameser.h>

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "array.h"
#include "fail.h"

int value_copy(const char *text, char **ret_text, struct ipvsctl_error *err)
{
	char *copy = strdup(text);

	if (!copy)
		return fail_memory(err);
	free(*ret_text);
	*ret_text = copy;
	return 0;
}

int value_append(const char *text, char ***list, struct ipvsctl_error *err)
{
	return array_add_text(list, text) < 0 ? fail_memory(err) : 0;
}

/* ---- Names ------------------------------------------------------------- */

int value_host(const char *value, char **ret_text, struct ipvsctl_error *err)
{
	for (const char *c = value; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_.", *c))
			return fail(err, -EINVAL,
				    "'%.64s' is not the name of a host", value);
	if (!*value || strlen(value) > 253)
		return fail(err, -EINVAL, "not the name of a host");
	return value_copy(value, ret_text, err);
}

bool value_is_mail(const char *text)
{
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c <= ' ' || strchr("<>,;\"\\\x7f", *c))
			return false;
	return *text && *text != '-';
}

int value_mail(const char *value, char **ret_text, struct ipvsctl_error *err)
{
	if (!value_is_mail(value) || strlen(value) >= 255)
		return fail(err, -EINVAL, "'%.64s' is not one mail address",
			    value);
	return value_copy(value, ret_text, err);
}

int value_server(const char *text, struct ipvsctl_server *ret_server,
		 struct ipvsctl_error *err)
{
	static const struct ipvsctl_service any = { 0 };

	return ipvsctl_server_parse(text, &any, ret_server, err);
}

/* ---- Times --------------------------------------------------------------- */

int value_seconds(const char *text, int64_t *ret_us, struct ipvsctl_error *err)
{
	const char *c = text;
	int64_t us = 0, unit = 1000000;
	size_t digits = 0;

	for (; *c >= '0' && *c <= '9' && us <= CHECK_TIMEOUT_MAX_US;
	     c++, digits++)
		us = us * 10 + (*c - '0') * unit;
	if (*c == '.')
		for (c++; *c >= '0' && *c <= '9' && unit > 1; c++, digits++) {
			unit /= 10;
			us += (*c - '0') * unit;
		}
	if (*c || digits == 0 || us <= 0 || us > CHECK_TIMEOUT_MAX_US)
		return fail(err, -EINVAL,
			    "'%.64s' is not a time in seconds above 0, "
			    "at most %lld, such as 3 or 0.5",
			    text, (long long)(CHECK_TIMEOUT_MAX_US / 1000000));
	*ret_us = us;
	return 0;
}

/* ---- Bytes --------------------------------------------------------------- */

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found =
		c ? strchr(digits, c | ((c >= 'A') ? 0x20 : 0)) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* Two hex digits, or -1. */
static int hex_byte(const char *text)
{
	int high = hex_digit(text[0]);
	int low = high < 0 ? -1 : hex_digit(text[1]);

	return low < 0 ? -1 : high * 16 + low;
}

/* Returns the byte of an escape, or -1; *length is the escape's length. */
static int escaped(const char *text, size_t *length)
{
	static const struct {
		char letter;
		int byte;
	} escapes[] = { { 'r', '\r' },
			{ 'n', '\n' },
			{ 't', '\t' },
			{ '0', 0 },
			{ '\\', '\\' } };

	*length = 1;
	for (size_t i = 0; i < ARRAY_SIZE(escapes); i++)
		if (escapes[i].letter == text[0])
			return escapes[i].byte;
	*length = 3;
	return text[0] == 'x' ? hex_byte(text + 1) : -1;
}

/* Reads "{12}": how many times the byte before it stands there. Returns 0 if it
   is none. */
static size_t repeated(const char *text, size_t *length)
{
	const size_t digits = strspn(text + 1, "0123456789");
	const unsigned long times = strtoul(text + 1, NULL, 10);

	if (digits == 0 || digits > 5 || text[1 + digits] != '}' ||
	    times > CHECK_BYTES)
		return 0;
	*length = digits + 2;
	return times;
}

/* Counts the bytes only, if bytes is NULL. */
static int read_text(const char *text, uint8_t *bytes, size_t *ret_length)
{
	size_t count = 0, length, times;
	int byte = -1;

	while (*text) {
		times = 1;
		if (text[0] == '\\' && text[1] == '{' && byte >= 0) {
			times = repeated(text + 1, &length);
			if (times-- == 0)
				return -EINVAL;
			text += 1 + length;
		} else if (*text == '\\') {
			byte = escaped(text + 1, &length);
			if (byte < 0)
				return -EINVAL;
			text += 1 + length;
		} else {
			byte = (unsigned char)*text++;
		}
		if (times > CHECK_BYTES - count)
			return -E2BIG;
		if (bytes)
			(void)memset(bytes + count, byte, times);
		count += times;
	}
	*ret_length = count;
	return 0;
}

static int read_hex(const char *text, uint8_t *bytes, size_t *ret_length)
{
	size_t count = 0;

	for (; *text; text += 2) {
		int byte = hex_byte(text);

		if (byte < 0)
			return -EINVAL;
		if (count == CHECK_BYTES)
			return -E2BIG;
		if (bytes)
			bytes[count] = (uint8_t)byte;
		count++;
	}
	*ret_length = count;
	return 0;
}

int value_bytes(const char *text, struct check_bytes *ret_bytes,
		struct ipvsctl_error *err)
{
	const bool hex = text[0] == '0' && text[1] == 'x';
	int (*parse)(const char *text, uint8_t *bytes, size_t *ret_length) =
		hex ? read_hex : read_text;
	size_t length = 0;
	uint8_t *bytes;
	int r;

	text += hex ? 2 : 0;
	r = parse(text, NULL, &length);
	if (r == -E2BIG)
		return fail(err, -EINVAL, "more than %d bytes", CHECK_BYTES);
	if (r < 0)
		return fail(err, -EINVAL,
			    "'%s%.64s' is neither 0x and pairs of hex digits "
			    "nor text with \\r \\n \\t \\0 \\\\ \\xHH "
			    "\\{TIMES}",
			    hex ? "0x" : "", text);
	bytes = malloc(length + 1);
	if (!bytes)
		return fail_memory(err);
	(void)parse(text, bytes, &length);
	free(ret_bytes->bytes);
	*ret_bytes = (struct check_bytes){ bytes, length };
	return 0;
}

/* ---- Statuses of HTTP ---------------------------------------------------- */

/* Reads a status of three digits; returns 0 if it is not one. */
static uint16_t status_number(const char **text)
{
	const size_t digits = strspn(*text, "0123456789");
	const unsigned long number = strtoul(*text, NULL, 10);

	*text += digits;
	return digits == 3 && number >= 100 && number <= 599 ?
		       (uint16_t)number :
		       0;
}

int value_statuses(const char *text, struct check_way *way,
		   struct ipvsctl_error *err)
{
	const char *c = text;

	way->status_count = 0;
	do {
		struct check_range range = { 0 };

		range.first = range.last = status_number(&c);
		if (range.first && *c == '-') {
			c++;
			range.last = status_number(&c);
		}
		if (!range.first || range.last < range.first ||
		    way->status_count == CHECK_STATUS_RANGES)
			break;
		way->statuses[way->status_count++] = range;
		if (!*c)
			return 0;
	} while (*c++ == ',');
	return fail(err, -EINVAL,
		    "'%.64s' is not a list of up to %d HTTP statuses and "
		    "ranges such as 200-299,301",
		    text, CHECK_STATUS_RANGES);
}

/* ---- DNS ----------------------------------------------------------------- */

int value_dns_type(const char *text, uint16_t *ret_type,
		   struct ipvsctl_error *err)
{
	static const struct {
		const char *name;
		uint16_t type;
	} types[] = {
		{ "A", ns_t_a },     { "AAAA", ns_t_aaaa },
		{ "NS", ns_t_ns },   { "CNAME", ns_t_cname },
		{ "SOA", ns_t_soa }, { "MX", ns_t_mx },
		{ "TXT", ns_t_txt }, { "SRV", ns_t_srv },
		{ "PTR", ns_t_ptr },
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strcasecmp(types[i].name, text) == 0) {
			*ret_type = types[i].type;
			return 0;
		}
	return fail(err, -EINVAL,
		    "'%.64s' is not one of A, AAAA, NS, CNAME, SOA, MX, "
		    "TXT, SRV, PTR",
		    text);
}
