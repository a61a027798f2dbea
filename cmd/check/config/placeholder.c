/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Fills the placeholders in the words of a program, as "{server}".
 *
 * Words are not split and no shell sees them, so a value never adds a word.
 * Braces without a known name stay as they are, for jq and awk.
 */
#include "check/config/placeholder.h"

#include <errno.h>
#include <string.h>

#include "array.h"
#include "text.h"

enum value {
	VALUE_SERVER,
	VALUE_PORT,
	VALUE_SERVICE, /* this and those below: of the service */
	VALUE_SERVICE_ADDRESS,
	VALUE_SERVICE_PORT,
	VALUE_MARK,
};

static const char *const names[] = {
	[VALUE_SERVER] = "{server}",
	[VALUE_PORT] = "{port}",
	[VALUE_SERVICE] = "{service}",
	[VALUE_SERVICE_ADDRESS] = "{service-address}",
	[VALUE_SERVICE_PORT] = "{service-port}",
	[VALUE_MARK] = "{mark}",
};

static bool write_number(unsigned int number, char text[IPVSCTL_IDENTITY_TEXT])
{
	(void)snprintf(text, IPVSCTL_IDENTITY_TEXT, "%u", number);
	return number > 0;
}

/* Writes the value; false: there is none. */
static bool write_value(size_t value, const struct placeholder_values *values,
			char text[IPVSCTL_IDENTITY_TEXT])
{
	const struct ipvsctl_service service = told_service(&values->service);

	switch (value) {
	case VALUE_SERVER:
		(void)ipvsctl_address_format(&values->server, text);
		return true;
	case VALUE_PORT:
		return write_number(values->port, text);
	case VALUE_SERVICE:
		(void)ipvsctl_service_format(&service, text);
		return true;
	case VALUE_SERVICE_ADDRESS:
		(void)ipvsctl_address_format(&service.address, text);
		return service.fwmark == 0;
	case VALUE_SERVICE_PORT:
		return write_number(service.port, text);
	default:
		return write_number(service.fwmark, text);
	}
}

/* Returns the index of the name at the start of text, or their number. */
static size_t find(const char *text)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(names) &&
	       strncmp(text, names[i], strlen(names[i])) != 0)
		i++;
	return i;
}

bool placeholder_tells_service(char *const *words)
{
	for (; *words; words++)
		for (const char *at = *words; *at; at++) {
			const size_t value = find(at);

			if (value >= VALUE_SERVICE && value < ARRAY_SIZE(names))
				return true;
		}
	return false;
}

int placeholder_fill_word(const char *word,
			  const struct placeholder_values *values,
			  char **ret_word, const char **ret_missing)
{
	struct text written = { 0 };
	FILE *stream = text_open(&written);

	*ret_missing = NULL;
	if (!stream)
		return -ENOMEM;
	while (*word) {
		const size_t value = find(word);
		char text[IPVSCTL_IDENTITY_TEXT];

		if (value == ARRAY_SIZE(names)) {
			(void)fputc(*word++, stream);
			continue;
		}
		if (!write_value(value, values, text))
			*ret_missing = names[value];
		(void)fputs(text, stream);
		word += strlen(names[value]);
	}
	if (text_close(stream, &written, ret_word, NULL) < 0)
		return -ENOMEM;
	return *ret_missing ? -EINVAL : 0;
}

int placeholder_fill(char *const *words,
		     const struct placeholder_values *values, char ***ret_words,
		     const char **ret_missing)
{
	size_t count = 0;
	char **filled;
	int r = 0;

	while (words[count])
		count++;
	filled = calloc(count + 1, sizeof(*filled));
	if (!filled)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < count; i++) {
		/* The first is the program. */
		if (i > 0)
			r = placeholder_fill_word(words[i], values, &filled[i],
						  ret_missing);
		else if (!(filled[i] = strdup(words[i])))
			r = -ENOMEM;
	}
	if (r < 0)
		array_free_texts(filled);
	else
		*ret_words = filled;
	return r;
}
