/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* UDP ports whose packets the kernel takes gue off ("ip fou"). */
#include "vip/fou.h"

#include <arpa/inet.h>
#include <linux/fou.h>
#include <linux/genetlink.h>
#include <string.h>

#include "vip/objects.h"

/* ---- The family ---------------------------------------------------------- */

static int take_family(const void *header, struct walk attributes, void *data)
{
	struct netlink_attribute attribute;
	uint16_t *family = data;

	(void)header;
	while (attribute_next(&attributes, &attribute))
		if (attribute.type == CTRL_ATTR_FAMILY_ID &&
		    attribute.length == sizeof(*family))
			memcpy(family, attribute.value, sizeof(*family));
	return 0;
}

static int find_family(struct fou *fou)
{
	const struct genlmsghdr header = { .cmd = CTRL_CMD_GETFAMILY,
					   .version = 1 };
	AUTO_REQUEST struct request request = { .bytes.size = 0 };

	request_start(&request, GENL_ID_CTRL, 0, &header, sizeof(header));
	request_add(&request, CTRL_ATTR_FAMILY_NAME, FOU_GENL_NAME,
		    sizeof(FOU_GENL_NAME));
	return rtnetlink_get(&fou->socket, &request, sizeof(header),
			     take_family, &fou->family);
}

int fou_open(struct fou *fou)
{
	struct interface none = { .index = 0 };
	int r = rtnetlink_open_generic(&fou->socket);

	if (r == 0)
		r = find_family(fou);
	if (r != -ENOENT)
		return r;
	/* The module has no name by which the kernel would find it for its
	   family (6.1 to 6.12). It loads one for an interface that is missing. */
	(void)!interface_find("fou", &none);
	return find_family(fou);
}

void fou_close(struct fou *fou)
{
	rtnetlink_close(&fou->socket);
}

/* ---- Ports --------------------------------------------------------------- */

static void start(struct request *request, const struct fou *fou,
		  uint8_t command)
{
	const struct genlmsghdr header = { .cmd = command,
					   .version = FOU_GENL_VERSION };

	request_start(request, fou->family, 0, &header, sizeof(header));
}

static void add_byte(struct request *request, uint16_t type, uint8_t byte)
{
	request_add(request, type, &byte, sizeof(byte));
}

static uint8_t get_byte(const struct netlink_attribute *attribute)
{
	return attribute->length == 1 ? (uint8_t)*attribute->value : 0;
}

void fou_decode(struct walk attributes, struct fou_port *ret_port)
{
	struct netlink_attribute attribute;
	struct fou_port port = { .use = FOU_OTHER };
	uint16_t number;

	while (attribute_next(&attributes, &attribute)) {
		if (attribute.type == FOU_ATTR_PORT &&
		    attribute.length == sizeof(number)) {
			memcpy(&number, attribute.value, sizeof(number));
			port.port.port = ntohs(number);
		} else if (attribute.type == FOU_ATTR_AF) {
			port.port.family = get_byte(&attribute);
		} else if (attribute.type == FOU_ATTR_TYPE &&
			   get_byte(&attribute) == FOU_ENCAP_GUE) {
			port.use = FOU_GUE;
		}
	}
	*ret_port = port;
}

static int take_port(const void *header, struct walk attributes, void *data)
{
	struct fou_port *wanted = data;
	struct fou_port port;

	(void)header;
	fou_decode(attributes, &port);
	if (port.port.port == wanted->port.port &&
	    port.port.family == wanted->port.family)
		wanted->use = port.use;
	return 0;
}

int fou_look(struct fou *fou, const struct opened_port *port,
	     enum fou_use *ret_use)
{
	AUTO_REQUEST struct request request = { .bytes.size = 0 };
	struct fou_port wanted = { .port = *port, .use = FOU_CLOSED };
	int r;

	start(&request, fou, FOU_CMD_GET);
	r = rtnetlink_dump(&fou->socket, &request, GENL_HDRLEN, take_port,
			   &wanted);
	if (r == 0)
		*ret_use = wanted.use;
	return r;
}

static int change(struct fou *fou, uint8_t command,
		  const struct opened_port *port)
{
	AUTO_REQUEST struct request request = { .bytes.size = 0 };
	const uint16_t number = htons(port->port);

	start(&request, fou, command);
	request_add(&request, FOU_ATTR_PORT, &number, sizeof(number));
	add_byte(&request, FOU_ATTR_AF, (uint8_t)port->family);
	if (command == FOU_CMD_ADD)
		add_byte(&request, FOU_ATTR_TYPE, FOU_ENCAP_GUE);
	return rtnetlink_change(&fou->socket, &request);
}

int fou_add(struct fou *fou, const struct opened_port *port)
{
	return change(fou, FOU_CMD_ADD, port);
}

int fou_delete(struct fou *fou, const struct opened_port *port)
{
	return change(fou, FOU_CMD_DEL, port);
}
