/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Formats the data of DNS records, which can be any bytes, as text. */
#include <arpa/inet.h>
#include <arpa/nameser.h>

#include <errno.h>
#include <resolv.h>
#include <string.h>
#include <strings.h>

#include "check/probe/dns.h"

/*
 * Parts of the data: '4' and '6' addresses, 'n' a name, 's' and 'l' numbers of
 * 16 and 32 bits, 't' texts to the end. A check can ask for these types.
 */
static const struct layout {
	uint16_t type;
	const char *name;
	const char *parts;
} layouts[] = {
	{ ns_t_a, "A", "4" },		{ ns_t_aaaa, "AAAA", "6" },
	{ ns_t_cname, "CNAME", "n" },	{ ns_t_mx, "MX", "sn" },
	{ ns_t_ns, "NS", "n" },		{ ns_t_ptr, "PTR", "n" },
	{ ns_t_soa, "SOA", "nnlllll" }, { ns_t_srv, "SRV", "sssn" },
	{ ns_t_txt, "TXT", "t" },
};

static const struct layout *find_layout(uint16_t type)
{
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++)
		if (layouts[i].type == type)
			return &layouts[i];
	return NULL;
}

const char *dns_type_name(uint16_t type)
{
	const struct layout *layout = find_layout(type);

	return layout ? layout->name : "other";
}

/* ---- Writing ------------------------------------------------------------- */

/* Data that is being written as text. */
struct writing {
	const struct dns_record *record;
	const uint8_t *next; /* of the data */
	char *text;
	size_t length;
};

static size_t left(const struct writing *writing)
{
	return writing->record->length -
	       (size_t)(writing->next - writing->record->data);
}

static int put(struct writing *writing, const void *bytes, size_t length)
{
	/* One byte is for the NUL. */
	if (length >= DNS_DATA_TEXT - writing->length)
		return -ENOSPC;
	memcpy(writing->text + writing->length, bytes, length);
	writing->length += length;
	return 0;
}

static int put_address(struct writing *writing, int family, size_t size)
{
	char text[INET6_ADDRSTRLEN];

	if (left(writing) < size)
		return -EINVAL;
	(void)inet_ntop(family, writing->next, text, sizeof(text));
	writing->next += size;
	return put(writing, text, strlen(text));
}

static int put_number(struct writing *writing, size_t size)
{
	uint32_t number = 0;
	char text[12];

	if (left(writing) < size)
		return -EINVAL;
	while (size-- > 0)
		number = number << 8 | *writing->next++;
	return put(writing, text,
		   (size_t)snprintf(text, sizeof(text), "%u", number));
}

static int put_name(struct writing *writing)
{
	const struct dns_record *record = writing->record;
	char name[NS_MAXDNAME];
	int taken = dn_expand(record->message, record->end, writing->next, name,
			      sizeof(name));

	if (taken < 0 || (size_t)taken > left(writing))
		return -EINVAL;
	writing->next += taken;
	if (!name[0])
		return put(writing, ".", 1);
	return put(writing, name, strlen(name));
}

/* Joins all strings into one, as TXT records mean them. */
static int put_texts(struct writing *writing)
{
	int r = 0;

	while (r == 0 && left(writing) > 0) {
		size_t length = *writing->next++;

		if (length > left(writing))
			return -EINVAL;
		r = put(writing, writing->next, length);
		writing->next += length;
	}
	return r;
}

static int put_part(struct writing *writing, char part)
{
	switch (part) {
	case '4':
		return put_address(writing, AF_INET, NS_INADDRSZ);
	case '6':
		return put_address(writing, AF_INET6, NS_IN6ADDRSZ);
	case 'n':
		return put_name(writing);
	case 's':
		return put_number(writing, NS_INT16SZ);
	case 'l':
		return put_number(writing, NS_INT32SZ);
	default:
		return put_texts(writing);
	}
}

int dns_record_format(const struct dns_record *record,
		      char ret_text[DNS_DATA_TEXT])
{
	struct writing writing = {
		.record = record,
		.next = record->data,
		.text = ret_text,
	};
	const struct layout *layout = find_layout(record->type);
	const char *parts = layout ? layout->parts : "";
	int r = layout ? 0 : -EINVAL;

	for (const char *part = parts; r == 0 && *part; part++) {
		if (part != parts)
			r = put(&writing, " ", 1);
		if (r == 0)
			r = put_part(&writing, *part);
	}
	if (r < 0)
		return r;
	if (left(&writing) > 0)
		return -EINVAL;
	ret_text[writing.length] = '\0';
	return (int)writing.length;
}

/* ---- Comparing ----------------------------------------------------------- */

/* Returns the length without the dot at the end of an absolute name. */
static size_t word_length(const char *word)
{
	size_t length = strcspn(word, " \t");

	return length > 1 && word[length - 1] == '.' ? length - 1 : length;
}

static bool same_words(const char *a, const char *b)
{
	for (;;) {
		size_t length;

		a += strspn(a, " \t");
		b += strspn(b, " \t");
		if (!*a || !*b)
			return !*a && !*b;
		length = word_length(a);
		if (length != word_length(b) || strncasecmp(a, b, length) != 0)
			return false;
		a += strcspn(a, " \t");
		b += strcspn(b, " \t");
	}
}

static bool is_address(const struct dns_record *record, int family, size_t size,
		       const char *data)
{
	uint8_t address[NS_IN6ADDRSZ];

	return record->length == size &&
	       inet_pton(family, data, address) == 1 &&
	       memcmp(address, record->data, size) == 0;
}

bool dns_record_is(const struct dns_record *record, const char *data)
{
	char text[DNS_DATA_TEXT];
	int length;

	if (record->type == ns_t_a)
		return is_address(record, AF_INET, NS_INADDRSZ, data);
	if (record->type == ns_t_aaaa)
		return is_address(record, AF_INET6, NS_IN6ADDRSZ, data);
	length = dns_record_format(record, text);
	if (length < 0)
		return false;
	/* Texts must be equal in every byte, including blanks, case and
	   NULs. */
	if (record->type == ns_t_txt)
		return strlen(data) == (size_t)length &&
		       memcmp(data, text, (size_t)length) == 0;
	return same_words(text, data);
}
