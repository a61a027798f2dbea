/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Comments of rules and elements, with the numbers of mark rules. */
#include <stdio.h>
#include <string.h>

#include "nft/expressions.h"

/* Writes a number without printf, since there is one for each element. Returns
   its length. */
static size_t put_number(char *text, uint32_t number)
{
	char digits[10];
	size_t count = 0, length = 0;

	do {
		digits[count++] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	while (count)
		text[length++] = digits[--count];
	return length;
}

size_t comment_format(uint32_t number, const char *comment,
		      char text[NFT_COMMENT_MAX + 1])
{
	size_t length = put_number(text, number);

	if (*comment) {
		text[length++] = ':';
		text[length++] = ' ';
	}
	for (; *comment && length <= NFT_COMMENT_MAX; comment++) {
		bool escape = *comment == '"' || *comment == '%';

		if (escape && length + 3 > NFT_COMMENT_MAX)
			return NFT_COMMENT_MAX + 1;
		if (escape)
			length += (size_t)sprintf(text + length, "%%%02x",
						  (unsigned char)*comment);
		else if (length < NFT_COMMENT_MAX)
			text[length++] = *comment;
		else
			return NFT_COMMENT_MAX + 1;
	}
	text[length] = '\0';
	return length;
}

/* Userdata is a run of values, each behind its type and its length. */
void comment_put(struct batch *batch, uint16_t type, const struct view *view,
		 const struct bearer *bearer)
{
	char userdata[2 + NFT_COMMENT_MAX + 1];
	size_t length;

	if (bearer->number == NO_NUMBER)
		return;
	length = comment_format(bearer->number,
				view_text(view, bearer->comment), userdata + 2);
	if (length > NFT_COMMENT_MAX) /* settling refuses such a comment */
		length = 0;
	userdata[0] = 0; /* the type of comments, of rules and of elements */
	userdata[1] = (char)(length + 1);
	userdata[2 + length] = '\0';
	batch_put(batch, type, userdata, 2 + length + 1);
}

static int get_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	       c >= 'a' && c <= 'f' ? c - 'a' + 10 :
				      -1;
}

uint32_t comment_parse(const char *text, size_t length, char *ret_comment)
{
	const char *end = text + length, *at = text;
	uint64_t number = 0;
	size_t digits = 0;

	while (at + digits < end && digits < 10 && at[digits] >= '0' &&
	       at[digits] <= '9')
		number = number * 10 + (uint64_t)(at[digits++] - '0');
	if (digits && number < NO_NUMBER &&
	    (at + digits == end ||
	     (end - (at + digits) > 2 && !memcmp(at + digits, ": ", 2))))
		at += at + digits == end ? digits : digits + 2;
	else
		number = NO_NUMBER;
	for (; at < end; at++) {
		int high = -1, low = -1;

		if (*at == '%' && end - at > 2) {
			high = get_digit(at[1]);
			low = get_digit(at[2]);
		}
		if (high >= 0 && low >= 0 && number != NO_NUMBER) {
			*ret_comment++ = (char)(high << 4 | low);
			at += 2;
		} else {
			*ret_comment++ = *at;
		}
	}
	*ret_comment = '\0';
	return (uint32_t)number;
}

int comment_get(struct walk userdata, struct view *view, struct bearer *bearer)
{
	char comment[UINT8_MAX + 1];

	bearer->number = NO_NUMBER;
	/* Each value is behind one byte of type and one of length. */
	while (userdata.left >= 2) {
		uint8_t type = (uint8_t)userdata.at[0];
		size_t length = (uint8_t)userdata.at[1];

		if (length > userdata.left - 2)
			return -EBADMSG;
		if (type == 0) {
			size_t used = strnlen(userdata.at + 2, length);

			bearer->number =
				comment_parse(userdata.at + 2, used, comment);
			bearer->comment =
				view_add_text(view, comment, strlen(comment));
		}
		userdata.at += 2 + length;
		userdata.left -= 2 + length;
	}
	return 0;
}
