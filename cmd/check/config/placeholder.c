/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Fills the placeholders in the words of a program, as "{server}".
 *
 * Words are not split and no shell sees them: whatever a value is, one word
 * stays one. Braces that hold no name stay as they are, for jq and awk.
 */
#include "check/config/placeholder.h"
#include "array.h"
#include "text.h"

#include <errno.h>
#include <string.h>

/* Writes the value; false: there is none. */
typedef bool (*value_fn)(const struct placeholder_values *values,
			 char text[IPVSCTL_IDENTITY_TEXT]);

static bool number(unsigned int value, char text[IPVSCTL_IDENTITY_TEXT])
{
	(void)snprintf(text, IPVSCTL_IDENTITY_TEXT, "%u", value);
	return value > 0;
}

static bool server_value(const struct placeholder_values *values,
			 char text[IPVSCTL_IDENTITY_TEXT])
{
	char address[IPVSCTL_ADDRESS_TEXT];

	(void)snprintf(text, IPVSCTL_IDENTITY_TEXT, "%s",
		       ipvsctl_address_format(&values->server, address));
	return true;
}

static bool port_value(const struct placeholder_values *values,
		       char text[IPVSCTL_IDENTITY_TEXT])
{
	return number(values->port, text);
}

static bool service_value(const struct placeholder_values *values,
			  char text[IPVSCTL_IDENTITY_TEXT])
{
	const struct ipvsctl_service service = told_service(&values->service);

	(void)ipvsctl_service_format(&service, text);
	return true;
}

static bool service_address_value(const struct placeholder_values *values,
				  char text[IPVSCTL_IDENTITY_TEXT])
{
	char address[IPVSCTL_ADDRESS_TEXT];

	(void)snprintf(text, IPVSCTL_IDENTITY_TEXT, "%s",
		       ipvsctl_address_format(&values->service.address,
					      address));
	return values->service.fwmark == 0;
}

static bool service_port_value(const struct placeholder_values *values,
			       char text[IPVSCTL_IDENTITY_TEXT])
{
	return number(values->service.port, text);
}

static bool mark_value(const struct placeholder_values *values,
		       char text[IPVSCTL_IDENTITY_TEXT])
{
	return number(values->service.fwmark, text);
}

static const struct placeholder {
	const char *name;
	value_fn value;
	bool of_service;
} placeholders[] = {
	{ "{server}", server_value, false },
	{ "{port}", port_value, false },
	{ "{service}", service_value, true },
	{ "{service-address}", service_address_value, true },
	{ "{service-port}", service_port_value, true },
	{ "{mark}", mark_value, true },
};

/* The one that the text begins with, or NULL. */
static const struct placeholder *find(const char *text)
{
	for (size_t i = 0; *text == '{' && i < ARRAY_SIZE(placeholders); i++)
		if (strncmp(text, placeholders[i].name,
			    strlen(placeholders[i].name)) == 0)
			return &placeholders[i];
	return NULL;
}

bool placeholder_tells_service(char *const *words)
{
	for (; *words; words++)
		for (const char *at = *words; *at; at++) {
			const struct placeholder *found = find(at);

			if (found && found->of_service)
				return true;
		}
	return false;
}

/* Returns 0, -ENOMEM, -EINVAL. */
static int fill_word(const char *word, const struct placeholder_values *values,
		     char **ret_word, const char **ret_missing)
{
	struct text written = { 0 };
	FILE *stream = text_open(&written);

	if (!stream)
		return -ENOMEM;
	while (*word) {
		const struct placeholder *found = find(word);
		char value[IPVSCTL_IDENTITY_TEXT];

		if (!found) {
			(void)fputc(*word++, stream);
			continue;
		}
		if (!found->value(values, value))
			*ret_missing = found->name;
		(void)fputs(value, stream);
		word += strlen(found->name);
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
	*ret_missing = NULL;
	for (size_t i = 0; r == 0 && i < count; i++) {
		/* The first is the program. */
		if (i > 0)
			r = fill_word(words[i], values, &filled[i], ret_missing);
		else if (!(filled[i] = strdup(words[i])))
			r = -ENOMEM;
	}
	if (r < 0)
		array_free_texts(filled);
	else
		*ret_words = filled;
	return r;
}
