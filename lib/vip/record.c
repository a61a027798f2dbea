/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The text of a record:
 *
 *	lbctl-vips 1
 *	vip 192.0.2.10 --real-server
 *	vip 192.0.2.12 --real-server --tunnel gue --tunnel-port 6080
 *	adopted 192.0.2.11/24 --dev eth0
 *	leaving 192.0.2.14 --dev eth0
 *	withdrawn quorum:web 192.0.2.13 --dev eth0
 *	device tunl0 up
 *	device lbctl-gre made
 *	port 6080 inet
 *	setting ipv4/conf/all/arp_ignore 0 1
 */
#include "vip/record.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "array.h"
#include "fail.h"
#include "model/object.h"
#include "number.h"
#include "text.h"
#include "words.h"

#define FIRST_LINE "lbctl-vips 1"

void record_free(struct record *record)
{
	free(record->vips.vips);
	free(record->ports);
	free(record->settings);
	*record = (struct record){ 0 };
}

int record_put(struct record *record, const struct ipvsctl_vip *vip)
{
	struct ipvsctl_vip *found = vip_table_find(&record->vips, vip);

	if (!found)
		return vip_table_add(&record->vips, vip);
	*found = *vip;
	return 0;
}

void record_drop(struct record *record, const struct ipvsctl_vip *identity)
{
	struct ipvsctl_vip *found = vip_table_find(&record->vips, identity);

	if (found)
		vip_table_delete(&record->vips, found);
}

/* ---- Reading ------------------------------------------------------------- */

/* Sets the attributes that words give as a line does. */
static int set_attributes(char **words, size_t count, struct ipvsctl_vip *vip,
			  struct ipvsctl_error *err)
{
	const struct ipvsctl_attribute *known = ipvsctl_vip_attributes();
	int r = 0;

	for (size_t i = 0; i < count && r == 0; i++) {
		const struct ipvsctl_attribute *attribute = known;
		const char *name = words[i];

		if (strncmp(name, "--", 2) != 0)
			return fail(err, -EINVAL, "an option is missing");
		while (attribute->name && strcmp(attribute->name, name + 2) != 0)
			attribute++;
		if (!attribute->name || (attribute->value && i + 1 == count))
			return fail(err, -EINVAL, "an option is not known");
		r = ipvsctl_vip_set(vip, name + 2,
				    attribute->value ? words[++i] : NULL, err);
	}
	return r;
}

/* Reads the words of a VIP's line after the first: its name and attributes. like
   tells whether it is adopted, leaving or withdrawn. */
static int read_vip(struct record *record, char **words, size_t count,
		    const struct ipvsctl_vip *like, struct ipvsctl_error *err)
{
	struct ipvsctl_vip vip;
	int r = ipvsctl_vip_parse(words[0], &vip, err);

	if (r == 0)
		r = set_attributes(words + 1, count - 1, &vip, err);
	if (r == 0)
		r = ipvsctl_vip_check(&vip, err);
	if (r < 0)
		return r;
	vip.adopted = like->adopted;
	vip.leaving = like->leaving;
	(void)memcpy(vip.withdrawn, like->withdrawn, sizeof(vip.withdrawn));
	return record_put(record, &vip) < 0 ? fail_memory(err) : 0;
}

static int read_withdrawn(struct record *record, const struct words *words,
			  struct ipvsctl_error *err)
{
	const char *reasons = words->words[1];
	struct ipvsctl_vip like = { .adopted = false };
	size_t length = strlen(reasons);

	if (length == 0 || length > IPVSCTL_WITHDRAWN_MAX)
		return fail(err, -EINVAL, "not the reasons of a VIP");
	(void)memcpy(like.withdrawn, reasons, length + 1);
	return read_vip(record, words->words + 2, words->count - 2, &like, err);
}

/* The name becomes a part of a path. */
static bool is_setting(const char *name)
{
	size_t length = strlen(name);

	if (length >= SETTING_NAME || strncmp(name, "ipv", 3) != 0 ||
	    strstr(name, "/../"))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isgraph((unsigned char)name[i]))
			return false;
	return true;
}

static int read_setting(struct record *record, const struct words *words,
			struct ipvsctl_error *err)
{
	static const struct number_range any = { "value", 0, INT32_MAX };
	struct changed_setting setting = { .before = 0 };
	int r;

	if (words->count != 4 || !is_setting(words->words[1]))
		return fail(err, -EINVAL, "not a setting");
	(void)snprintf(setting.name, sizeof(setting.name), "%s",
		       words->words[1]);
	r = number_parse(words->words[2], &any, &setting.before, err);
	if (r == 0)
		r = number_parse(words->words[3], &any, &setting.after, err);
	if (r < 0)
		return r;
	return record_add_setting(record, &setting) < 0 ? fail_memory(err) : 0;
}

int record_add_setting(struct record *record,
		       const struct changed_setting *setting)
{
	struct changed_setting *grown =
		array_grow(record->settings, &record->setting_capacity,
			   record->setting_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	record->settings = grown;
	grown[record->setting_count++] = *setting;
	return 0;
}

static const struct name device_changes[] = {
	{ DEVICE_BROUGHT_UP, "up" },
	{ DEVICE_MADE, "made" },
	{ 0, NULL },
};

static int read_device(struct record *record, const struct words *words,
		       struct ipvsctl_error *err)
{
	const struct tunnel_device *device;
	unsigned int change;

	device = tunnel_device_named(words->words[1]);
	if (!device || words->count != 3 ||
	    !name_find(device_changes, words->words[2], &change))
		return fail(err, -EINVAL, "not a device");
	record->devices[device - tunnel_devices] = (uint8_t)change;
	return 0;
}

static const struct name port_families[] = {
	{ AF_INET, "inet" },
	{ AF_INET6, "inet6" },
	{ 0, NULL },
};

static int read_port(struct record *record, const struct words *words,
		     struct ipvsctl_error *err)
{
	static const struct number_range any = { "port", 1, UINT16_MAX };
	struct opened_port port;
	unsigned int family;
	uint32_t number;

	if (words->count != 3 ||
	    !name_find(port_families, words->words[2], &family) ||
	    number_parse(words->words[1], &any, &number, NULL) < 0)
		return fail(err, -EINVAL, "not a port");
	port = (struct opened_port){ (uint16_t)number, (uint16_t)family };
	return record_add_port(record, &port) < 0 ? fail_memory(err) : 0;
}

int record_add_port(struct record *record, const struct opened_port *port)
{
	struct opened_port *grown =
		array_grow(record->ports, &record->port_capacity,
			   record->port_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	record->ports = grown;
	grown[record->port_count++] = *port;
	return 0;
}

static int read_line(struct record *record, const struct words *words,
		     struct ipvsctl_error *err)
{
	const char *first = words->words[0];

	if (words->count >= 2 && strcmp(first, "setting") == 0)
		return read_setting(record, words, err);
	if (words->count >= 2 && strcmp(first, "device") == 0)
		return read_device(record, words, err);
	if (words->count >= 2 && strcmp(first, "port") == 0)
		return read_port(record, words, err);
	if (words->count >= 2 &&
	    (strcmp(first, "vip") == 0 || strcmp(first, "adopted") == 0 ||
	     strcmp(first, "leaving") == 0))
		return read_vip(record, words->words + 1, words->count - 1,
				&(struct ipvsctl_vip){ .adopted = *first == 'a',
						       .leaving =
							       *first == 'l' },
				err);
	if (words->count >= 3 && strcmp(first, "withdrawn") == 0)
		return read_withdrawn(record, words, err);
	return fail(err, -EINVAL, "not a line of this file");
}

int record_parse(struct record *record, const char *text,
		 struct ipvsctl_error *err)
{
	AUTO_WORDS struct words words;
	int r;

	words_open(&words, text);
	r = words_next(&words, err);
	if (r == 0)
		return 0;
	if (r > 0 &&
	    (words.count != 2 || strcmp(words.words[0], "lbctl-vips") != 0 ||
	     strcmp(words.words[1], "1") != 0))
		return fail(err, -EINVAL, "it does not begin with '%s'",
			    FIRST_LINE);
	while (r > 0) {
		int failed = 0;

		r = words_next(&words, err);
		if (r > 0)
			failed = read_line(record, &words, err);
		if (failed)
			return failed;
	}
	return r;
}

/* ---- Writing ------------------------------------------------------------- */

static void add_vip(struct text *text, const struct ipvsctl_vip *vip)
{
	const struct ipvsctl_vip reference = vip_default(vip);
	char name[IPVSCTL_IDENTITY_TEXT];

	text_add_text(text, vip->withdrawn[0] ? "withdrawn " :
			    vip->adopted      ? "adopted" :
			    vip->leaving      ? "leaving" :
						"vip");
	if (vip->withdrawn[0])
		text_add_word(text, vip->withdrawn);
	text_add(text, " %s", ipvsctl_vip_format(vip, name));
	attribute_line(text, &vip_attribute_table, vip, &reference, true);
	text_add_text(text, "\n");
}

static void add_tunnels(struct text *text, const struct record *record)
{
	for (size_t i = 0; i < ARRAY_SIZE(record->devices); i++)
		if (record->devices[i])
			text_add(text, "device %s %s\n", tunnel_devices[i].name,
				 name_of(device_changes, record->devices[i]));
	for (size_t i = 0; i < record->port_count; i++)
		text_add(text, "port %u %s\n", record->ports[i].port,
			 name_of(port_families, record->ports[i].family));
}

static void add_setting(struct text *text, const struct changed_setting *setting)
{
	text_add_text(text, "setting ");
	text_add_word(text, setting->name);
	text_add(text, " %u %u\n", setting->before, setting->after);
}

static bool is_empty(const struct record *record)
{
	for (size_t i = 0; i < ARRAY_SIZE(record->devices); i++)
		if (record->devices[i])
			return false;
	return !record->vips.count && !record->port_count &&
	       !record->setting_count;
}

int record_format(const struct record *record, char **ret_text)
{
	AUTO_TEXT struct text text = { 0 };

	if (!is_empty(record))
		text_add_text(&text, FIRST_LINE "\n");
	for (size_t i = 0; i < record->vips.count; i++)
		add_vip(&text, &record->vips.vips[i]);
	add_tunnels(&text, record);
	for (size_t i = 0; i < record->setting_count; i++)
		add_setting(&text, &record->settings[i]);
	return text_take(&text, ret_text);
}
