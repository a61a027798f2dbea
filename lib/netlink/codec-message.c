/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Headers, families and acknowledgements of messages. */
#include <limits.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <linux/netlink.h>
#include <netlink/msg.h>
#include <string.h>

#include "netlink/codec-fields.h"
#include "netlink/codec.h"

struct wire_family {
	uint16_t id;
};
static const struct field family_fields[] = {
	[CTRL_ATTR_FAMILY_ID] = FIELD(FORM_NUMBER, struct wire_family, id),
};
static const struct layout family_layout =
	LAYOUT(family_fields, BIT(CTRL_ATTR_FAMILY_ID));

int codec_start(struct nl_msg *msg, uint16_t type, uint8_t command,
		uint16_t flags)
{
	struct nlmsghdr *header = nlmsg_hdr(msg);
	struct genlmsghdr generic = {
		.cmd = command,
		.version = IPVS_GENL_VERSION,
	};

	*header = (struct nlmsghdr){
		.nlmsg_len = NLMSG_HDRLEN,
		.nlmsg_type = type,
		.nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST),
	};
	return nlmsg_append(msg, &generic, sizeof(generic), NLMSG_ALIGNTO) < 0 ?
		       -EMSGSIZE :
		       0;
}

int codec_put_family_name(struct nl_msg *msg, const char *name)
{
	return fields_put_one(msg, CTRL_ATTR_FAMILY_NAME, strlen(name) + 1,
			      name);
}

int codec_get_family(const void *data, size_t length, uint16_t *ret_family)
{
	struct wire_family wire = { .id = 0 };
	uint32_t seen;
	int r = fields_get((struct walk){ data, length }, &family_layout, &wire,
			   &seen);

	if (r < 0)
		return r;
	*ret_family = wire.id;
	return 0;
}

/* Gets the kernel's own text, an attribute after the request it quotes. */
static void get_words(struct walk walk, char text[CODEC_TEXT])
{
	struct netlink_attribute attribute;
	size_t length;

	while (attribute_next(&walk, &attribute)) {
		if (attribute.type != NLMSGERR_ATTR_MSG)
			continue;
		length = strnlen(attribute.value, attribute.length);
		if (length >= CODEC_TEXT)
			length = CODEC_TEXT - 1;
		memcpy(text, attribute.value, length);
		text[length] = '\0';
	}
}

/* Returns the length of an NLMSG_ERROR's quoted request; 0: does not fit. */
static size_t quoted_length(const struct nlmsghdr *header, size_t payload)
{
	struct nlmsghdr quoted;
	size_t length;

	if (payload < sizeof(int) + sizeof(quoted))
		return 0;
	memcpy(&quoted, (const char *)NLMSG_DATA(header) + sizeof(int),
	       sizeof(quoted));
	length = sizeof(quoted);
	if (!(header->nlmsg_flags & NLM_F_CAPPED) &&
	    quoted.nlmsg_len > sizeof(quoted))
		length = ((size_t)quoted.nlmsg_len + 3) & ~(size_t)3;
	return length <= payload - sizeof(int) ? length : 0;
}

int codec_get_ack(const struct nlmsghdr *header, int *ret_raw,
		  char text[CODEC_TEXT])
{
	size_t payload = header->nlmsg_len < NLMSG_HDRLEN ?
				 0 :
				 header->nlmsg_len - NLMSG_HDRLEN;
	size_t skip = sizeof(int);
	int code;

	text[0] = '\0';
	if (payload < sizeof(code))
		return -EBADMSG;
	memcpy(&code, NLMSG_DATA(header), sizeof(code));
	if (code > 0 || code == INT_MIN)
		return -EBADMSG;
	if (header->nlmsg_type == NLMSG_ERROR) {
		size_t quoted = quoted_length(header, payload);
		if (!quoted)
			return -EBADMSG;
		skip += quoted;
	}
	if (header->nlmsg_flags & NLM_F_ACK_TLVS)
		get_words((struct walk){ (const char *)NLMSG_DATA(header) + skip,
					 payload - skip },
			  text);
	*ret_raw = -code;
	return 0;
}
