/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* What takes packets to a real server's VIPs out of tunnels. */
#include "vip/tunnels.h"

#include <string.h>
#include <sys/socket.h>

#include "model/error.h"
#include "model/object.h"
#include "vip/fou.h"
#include "vip/links.h"

/* ---- What VIPs need ------------------------------------------------------ */

/* Returns the first VIP that needs the device, or NULL. */
static const struct ipvsctl_vip *device_user(const struct record *record,
					     const struct tunnel_device *device)
{
	for (size_t i = 0; i < record->vips.count; i++)
		if (tunnel_device_of(&record->vips.vips[i]) == device)
			return &record->vips.vips[i];
	return NULL;
}

static struct opened_port port_of(const struct ipvsctl_vip *vip)
{
	return (struct opened_port){ vip->tunnel_port,
				     tunnel_outer_family(vip) };
}

static bool same_port(const struct opened_port *a, const struct opened_port *b)
{
	return a->port == b->port && a->family == b->family;
}

static bool port_is_needed(const struct record *record,
			   const struct opened_port *port)
{
	for (size_t i = 0; i < record->vips.count; i++) {
		const struct ipvsctl_vip *vip = &record->vips.vips[i];
		const struct opened_port needed = port_of(vip);

		if (vip->tunnel == IPVSCTL_VIP_GUE && same_port(&needed, port))
			return true;
	}
	return false;
}

static bool port_is_noted(const struct record *record,
			  const struct opened_port *port)
{
	for (size_t i = 0; i < record->port_count; i++)
		if (same_port(&record->ports[i], port))
			return true;
	return false;
}

/* Returns the first VIP that needs a port, or NULL. */
static const struct ipvsctl_vip *port_user(const struct record *record)
{
	for (size_t i = 0; i < record->vips.count; i++)
		if (record->vips.vips[i].tunnel == IPVSCTL_VIP_GUE)
			return &record->vips.vips[i];
	return NULL;
}

/* ---- Failures ------------------------------------------------------------ */

static int fail_device(const struct tunnel_device *device, int raw,
		       struct ipvsctl_error *err)
{
	int r;

	if (raw == -EOPNOTSUPP) {
		r = fail(err, -EOPNOTSUPP,
			 "the kernel has no tunnels of kind %s", device->kind);
		return fail_hint(err, r, "modprobe %s", device->module);
	}
	if (raw == -EEXIST) {
		r = fail(err, -EBUSY,
			 "another device of kind %s takes all packets already",
			 device->kind);
		return fail_hint(err, r, "ip -d link show type %s",
				 device->kind);
	}
	r = fail_kernel(err, OPERATION_ADD_VIP, -raw, NULL);
	return fail_about(err, r, "%s", device->name);
}

static int fail_fou(int raw, struct ipvsctl_error *err)
{
	int r;

	if (raw != -ENOENT)
		return fail_kernel(err, OPERATION_ADD_VIP, -raw, NULL);
	r = fail(err, -EOPNOTSUPP, "the kernel has no fou, which gue needs");
	return fail_hint(err, r, "modprobe fou");
}

static int fail_port(const struct opened_port *port, int raw,
		     struct ipvsctl_error *err)
{
	int r;

	if (raw != -EADDRINUSE)
		return fail_fou(raw, err);
	r = fail(err, -EBUSY, "a program has the UDP port %u", port->port);
	return fail_hint(err, r, "ss -ulnp sport = %u", port->port);
}

/* ---- Noting -------------------------------------------------------------- */

/*
 * Of two devices that differ only in the checksums that they want, the kernel
 * asks one, and drops what it does not want. The other may be up only if it is
 * about to go.
 */
static int check_rival(struct rtnetlink *rtnetlink, const struct record *record,
		       const struct tunnel_device *device,
		       struct ipvsctl_error *err)
{
	const struct tunnel_device *rival = tunnel_device_named(device->rival);
	bool needed = device_user(record, rival);
	struct link link = { .up = false };
	int r = link_find(rtnetlink, rival->name, &link);

	if (r < 0 && r != -ENODEV)
		return fail_device(rival, r, err);
	if (!needed && (!link.up || record->devices[rival - tunnel_devices]))
		return 0;
	r = fail(err, -EBUSY,
		 "%s takes all packets of %s, and drops those with checksum %s",
		 rival->name, device->kind,
		 ipvsctl_tunnel_checksum_name(device->checksum));
	return needed ? fail_hint(err, r, "lbctl-vip show") :
			fail_hint(err, r, "ip link set %s down", rival->name);
}

static int note_device(struct rtnetlink *rtnetlink, struct record *record,
		       const struct tunnel_device *device,
		       struct ipvsctl_error *err)
{
	uint8_t *change = &record->devices[device - tunnel_devices];
	struct link link = { .up = false };
	int r = link_find(rtnetlink, device->name, &link);
	bool missing = r == -ENODEV;

	if (r < 0 && !missing)
		return fail_device(device, r, err);
	if (!missing && strcmp(link.kind, device->kind) != 0) {
		r = fail(err, -EBUSY, "%s is not of kind %s", device->name,
			 device->kind);
		return fail_hint(err, r, "ip -d link show %s", device->name);
	}
	if (link.up)
		return 0;
	if (missing)
		*change = DEVICE_MADE;
	else if (*change == DEVICE_AS_FOUND)
		*change = DEVICE_BROUGHT_UP;
	return device->rival ? check_rival(rtnetlink, record, device, err) : 0;
}

static int note_port(struct fou *fou, struct record *record,
		     const struct opened_port *port, struct ipvsctl_error *err)
{
	enum fou_use use = FOU_CLOSED;
	int r = fou_look(fou, port, &use);

	if (r < 0)
		return fail_fou(r, err);
	if (use == FOU_OTHER) {
		r = fail(err, -EBUSY,
			 "the UDP port %u takes something else than gue",
			 port->port);
		return fail_hint(err, r, "ip fou show");
	}
	if (use == FOU_GUE || port_is_noted(record, port))
		return 0;
	return record_add_port(record, port) < 0 ? fail_memory(err) : 0;
}

static int note_ports(struct record *record, struct ipvsctl_error *err)
{
	AUTO_FOU struct fou fou = { .socket.fd = -1 };
	const struct ipvsctl_vip *user = port_user(record);
	int r;

	if (!user)
		return 0;
	r = fou_open(&fou);
	if (r < 0)
		return vip_about(user, fail_fou(r, err), err);
	for (size_t i = 0; i < record->vips.count && r == 0; i++) {
		const struct ipvsctl_vip *vip = &record->vips.vips[i];
		const struct opened_port port = port_of(vip);

		if (vip->tunnel != IPVSCTL_VIP_GUE)
			continue;
		r = note_port(&fou, record, &port, err);
		if (r < 0)
			(void)vip_about(vip, r, err);
	}
	return r;
}

int tunnels_note(struct rtnetlink *rtnetlink, struct record *record,
		 struct ipvsctl_error *err)
{
	for (size_t i = 0; i < TUNNEL_DEVICES; i++) {
		const struct tunnel_device *device = &tunnel_devices[i];
		const struct ipvsctl_vip *user = device_user(record, device);
		int r = user ? note_device(rtnetlink, record, device, err) : 0;

		if (r < 0)
			return vip_about(user, r, err);
	}
	return note_ports(record, err);
}

/* ---- Opening ------------------------------------------------------------- */

static int make_device(struct rtnetlink *rtnetlink,
		       const struct tunnel_device *device)
{
	struct link link;
	int r = link_find(rtnetlink, device->name, &link);

	return r == -ENODEV ? link_make(rtnetlink, device) : r;
}

int tunnels_make(struct rtnetlink *rtnetlink, const struct record *record,
		 struct ipvsctl_error *err)
{
	for (size_t i = 0; i < TUNNEL_DEVICES; i++) {
		const struct tunnel_device *device = &tunnel_devices[i];
		const struct ipvsctl_vip *user = device_user(record, device);
		int r = user ? make_device(rtnetlink, device) : 0;

		if (r < 0)
			return vip_about(user, fail_device(device, r, err), err);
	}
	return 0;
}

static int bring_up(struct rtnetlink *rtnetlink,
		    const struct tunnel_device *device)
{
	struct link link = { .up = false };
	int r = link_find(rtnetlink, device->name, &link);

	return r == 0 && !link.up ? link_set(rtnetlink, &link, true) : r;
}

static int open_ports(const struct record *record, struct ipvsctl_error *err)
{
	AUTO_FOU struct fou fou = { .socket.fd = -1 };
	int r = record->port_count ? fou_open(&fou) : 0;

	if (r < 0)
		return fail_fou(r, err);
	for (size_t i = 0; i < record->port_count; i++) {
		const struct opened_port *port = &record->ports[i];
		enum fou_use use = FOU_CLOSED;

		r = fou_look(&fou, port, &use);
		if (r == 0 && use == FOU_CLOSED && port_is_needed(record, port))
			r = fou_add(&fou, port);
		if (r < 0)
			return fail_port(port, r, err);
	}
	return 0;
}

int tunnels_open(struct rtnetlink *rtnetlink, const struct record *record,
		 struct ipvsctl_error *err)
{
	for (size_t i = 0; i < TUNNEL_DEVICES; i++) {
		const struct tunnel_device *device = &tunnel_devices[i];
		const struct ipvsctl_vip *user = device_user(record, device);
		int r = user ? bring_up(rtnetlink, device) : 0;

		if (r < 0)
			return vip_about(user, fail_device(device, r, err), err);
	}
	return open_ports(record, err);
}

/* ---- Closing ------------------------------------------------------------- */

/* Tells whether the kernel gives a device such an address by itself: a local one
   of the link, or, to sit0, one for each of this host's IPv4 addresses. */
static bool is_automatic(const struct ipvsctl_address *address)
{
	static const uint8_t compatible[12] = { 0 };

	return address->family == AF_INET6 &&
	       ((address->bytes[0] == 0xfe && address->bytes[1] == 0x80) ||
		!memcmp(address->bytes, compatible, sizeof(compatible)));
}

static bool others_use(const struct vip_table *others, const char *device)
{
	for (size_t i = 0; i < others->count; i++)
		if (strcmp(others->vips[i].interface, device) == 0 &&
		    !is_automatic(&others->vips[i].address))
			return true;
	return false;
}

static int put_back(struct rtnetlink *rtnetlink,
		    const struct tunnel_device *device,
		    enum device_change change)
{
	struct link link;
	int r = link_find(rtnetlink, device->name, &link);

	if (r == 0)
		r = link_set(rtnetlink, &link, false);
	if (r == 0 && change == DEVICE_MADE)
		r = link_delete(rtnetlink, &link);
	return r == -ENODEV ? 0 : r;
}

static int close_ports(struct record *record, struct ipvsctl_error *err)
{
	AUTO_FOU struct fou fou = { .socket.fd = -1 };
	size_t kept = 0;
	int r = record->port_count ? fou_open(&fou) : 0;

	for (size_t i = 0; i < record->port_count && r == 0; i++) {
		const struct opened_port port = record->ports[i];

		if (port_is_needed(record, &port)) {
			record->ports[kept++] = port;
			continue;
		}
		r = fou_delete(&fou, &port);
		/* Somebody else may have closed it: -EINVAL. */
		if (r == -EINVAL || r == -ENOENT)
			r = 0;
	}
	if (r < 0)
		return fail_kernel(err, OPERATION_DELETE_VIP, -r, NULL);
	record->port_count = kept;
	return 0;
}

int tunnels_close(struct rtnetlink *rtnetlink, struct record *record,
		  const struct vip_table *others, struct ipvsctl_error *err)
{
	for (size_t i = 0; i < TUNNEL_DEVICES; i++) {
		const struct tunnel_device *device = &tunnel_devices[i];
		int r = 0;

		if (!record->devices[i] || device_user(record, device))
			continue;
		if (!others_use(others, device->name))
			r = put_back(rtnetlink, device, record->devices[i]);
		if (r < 0)
			return fail_device(device, r, err);
		record->devices[i] = DEVICE_AS_FOUND;
	}
	return close_ports(record, err);
}
