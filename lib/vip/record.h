/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * What lbctl has done on this host since it was booted, as a text beside the
 * kernel's state: the VIPs that it added, the devices and ports of tunnels that
 * it opened for them, and settings of the kernel that it changed for VIPs and
 * mark rules, with the values that they had.
 */
#ifndef LBCTL_VIP_RECORD_H
#define LBCTL_VIP_RECORD_H

#include "model/config.h"
#include "model/tunnel.h"

#define SETTING_NAME 64

/* A setting in /proc/sys/net that was changed. */
struct changed_setting {
	char name[SETTING_NAME]; /* "ipv4/conf/all/arp_ignore" */
	uint32_t before;
	uint32_t after;
};

/* What was done to a device that takes packets out of tunnels. */
enum device_change {
	DEVICE_AS_FOUND,
	DEVICE_BROUGHT_UP,
	DEVICE_MADE, /* and brought up */
};

/* A UDP port that takes gue, and was opened. */
struct opened_port {
	uint16_t port;
	uint16_t family;
};

struct record {
	struct vip_table vips;		 /* also those that others have added */
	uint8_t devices[TUNNEL_DEVICES]; /* enum device_change, each */
	struct opened_port *ports;
	size_t port_count;
	size_t port_capacity;
	struct changed_setting *settings;
	size_t setting_count;
	size_t setting_capacity;
};

/* Reads a text into an empty record. Returns 0, -EINVAL, -ENOMEM. */
int record_parse(struct record *record, const char *text,
		 struct ipvsctl_error *err) MUST_CHECK;
/* Writes the text, "" for an empty record; free *ret_text. 0 or -ENOMEM. */
int record_format(const struct record *record, char **ret_text) MUST_CHECK;
void record_free(struct record *record);
#define AUTO_RECORD CLEANUP(record_free)

/* Each is about the file of the calling thread's network namespace: reads it
   into an empty record, or replaces it. Returns 0, -EPERM, -ENOMEM, -EIO. */
int record_load(struct record *record, struct ipvsctl_error *err) MUST_CHECK;
int record_save(const struct record *record,
		struct ipvsctl_error *err) MUST_CHECK;

/* Adds or replaces a VIP. Returns 0 or -ENOMEM. */
int record_put(struct record *record, const struct ipvsctl_vip *vip) MUST_CHECK;
/* Adds a setting. Returns 0 or -ENOMEM. */
int record_add_setting(struct record *record,
		       const struct changed_setting *setting) MUST_CHECK;
/* Adds a port. Returns 0 or -ENOMEM. */
int record_add_port(struct record *record,
		    const struct opened_port *port) MUST_CHECK;
/* Removes a VIP, if it is there. */
void record_drop(struct record *record, const struct ipvsctl_vip *identity);

#endif
