/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Interfaces, their addresses, and the kernel's settings. */
#include "doctor/collect/collect.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <ifaddrs.h>
#include <string.h>

/* Room for the longest lists of ports that people write. */
#define SYSCTL_MAX 16384

/* ---- Interfaces ---------------------------------------------------------- */

static uint32_t mtu_of(int fd, const char *name)
{
	struct ifreq request = { .ifr_mtu = 0 };

	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return fd >= 0 && ioctl(fd, SIOCGIFMTU, &request) == 0 ?
		       (uint32_t)request.ifr_mtu :
		       0;
}

static int add_link(struct facts *facts, const struct ifaddrs *one, int fd)
{
	struct fact_link *link = facts_add(facts, FACT_LINKS);

	if (!link)
		return -ENOMEM;
	(void)snprintf(link->name, sizeof(link->name), "%s", one->ifa_name);
	link->mtu = mtu_of(fd, one->ifa_name);
	link->up = one->ifa_flags & IFF_UP;
	link->carrier = one->ifa_flags & IFF_RUNNING;
	link->loopback = one->ifa_flags & IFF_LOOPBACK;
	link->noarp = one->ifa_flags & IFF_NOARP;
	link->multicast = one->ifa_flags & IFF_MULTICAST;
	return 0;
}

/* Gets the bytes of an IPv4 or IPv6 address, or returns 0. */
static size_t address_bytes(const struct sockaddr *from, const void **ret_bytes)
{
	if (from && from->sa_family == AF_INET) {
		*ret_bytes = &((const struct sockaddr_in *)(const void *)from)
				      ->sin_addr;
		return 4;
	}
	if (from && from->sa_family == AF_INET6) {
		*ret_bytes = &((const struct sockaddr_in6 *)(const void *)from)
				      ->sin6_addr;
		return 16;
	}
	return 0;
}

static int add_address(struct facts *facts, const struct ifaddrs *one)
{
	const void *bytes, *mask;
	const size_t length = address_bytes(one->ifa_addr, &bytes);
	struct fact_address *row;

	if (length == 0)
		return 0;
	row = facts_add(facts, FACT_ADDRESSES);
	if (!row)
		return -ENOMEM;
	row->address.family = one->ifa_addr->sa_family;
	(void)memcpy(row->address.bytes, bytes, length);
	/* A label of IPv4, "eth0:1", is not the interface. */
	(void)snprintf(row->interface, sizeof(row->interface), "%.*s",
		       (int)strcspn(one->ifa_name, ":"), one->ifa_name);
	if (address_bytes(one->ifa_netmask, &mask) == length)
		for (size_t i = 0; i < length; i++)
			row->prefix_length += (uint32_t)__builtin_popcount(
				((const uint8_t *)mask)[i]);
	return 0;
}

int collect_network(struct facts *facts)
{
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifaddrs *all = NULL;
	int r = getifaddrs(&all) < 0 ? nerrno() : 0;

	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		facts_unknown(facts, FACT_LINKS, r, strerror(-r));
		facts_unknown(facts, FACT_ADDRESSES, r, strerror(-r));
		return 0;
	}
	facts->known[FACT_LINKS] = facts->known[FACT_ADDRESSES] = true;
	for (const struct ifaddrs *one = all; r == 0 && one; one = one->ifa_next)
		r = one->ifa_addr && one->ifa_addr->sa_family == AF_PACKET ?
			    add_link(facts, one, fd) :
			    add_address(facts, one);
	freeifaddrs(all);
	return r;
}

/* ---- Settings ------------------------------------------------------------ */

/* Reads a setting as one piece: the kernel takes a second read for the end. */
static int read_setting(int sys, const char *name, char value[SYSCTL_MAX])
{
	AUTO_CLOSE int fd = open_at(sys, name, O_RDONLY);
	const ssize_t length = fd < 0 ? -1 : read(fd, value, SYSCTL_MAX - 1);

	if (length < 0)
		return nerrno();
	value[length] = '\0';
	value[strcspn(value, "\n")] = '\0';
	return 0;
}

/* Adds the setting of that name, if the kernel has it. */
static int add_sysctl(struct facts *facts, int sys, const char *name)
{
	char value[SYSCTL_MAX];
	struct fact_sysctl *row;

	if (read_setting(sys, name, value) < 0)
		return 0;
	row = facts_add(facts, FACT_SYSCTLS);
	if (!row)
		return -ENOMEM;
	(void)snprintf(row->name, sizeof(row->name), "%s", name);
	row->value = strdup(value);
	return row->value ? 0 : -ENOMEM;
}

static int add_of_interface(struct facts *facts, int sys, const char *interface)
{
	static const struct {
		const char *family, *name;
	} settings[] = {
		{ "ipv4", "accept_local" },   { "ipv4", "arp_announce" },
		{ "ipv4", "arp_ignore" },     { "ipv4", "forwarding" },
		{ "ipv4", "rp_filter" },      { "ipv4", "send_redirects" },
		{ "ipv4", "src_valid_mark" }, { "ipv6", "forwarding" },
	};
	char path[96];
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(settings); i++) {
		(void)snprintf(path, sizeof(path), "net/%s/conf/%s/%s",
			       settings[i].family, interface, settings[i].name);
		r = add_sysctl(facts, sys, path);
	}
	return r;
}

int collect_sysctls(struct facts *facts)
{
	static const char *const names[] = {
		"net/ipv4/ip_forward",
		"net/ipv4/ip_local_port_range",
		"net/ipv4/ip_local_reserved_ports",
		"net/ipv4/ip_nonlocal_bind",
		"net/netfilter/nf_conntrack_count",
		"net/netfilter/nf_conntrack_max",
		"net/netfilter/nf_conntrack_udp_timeout",
		"net/ipv4/vs/am_droprate",
		"net/ipv4/vs/amemthresh",
		"net/ipv4/vs/backup_only",
		"net/ipv4/vs/cache_bypass",
		"net/ipv4/vs/conn_reuse_mode",
		"net/ipv4/vs/conntrack",
		"net/ipv4/vs/drop_entry",
		"net/ipv4/vs/drop_packet",
		"net/ipv4/vs/expire_nodest_conn",
		"net/ipv4/vs/expire_quiescent_template",
		"net/ipv4/vs/nat_icmp_send",
		"net/ipv4/vs/pmtu_disc",
		"net/ipv4/vs/secure_tcp",
		"net/ipv4/vs/sloppy_sctp",
		"net/ipv4/vs/sloppy_tcp",
		"net/ipv4/vs/snat_reroute",
		"net/ipv4/vs/sync_persist_mode",
		"net/ipv4/vs/sync_threshold",
		"net/ipv4/vs/sync_version",
	};
	AUTO_CLOSE int sys =
		open_at(AT_FDCWD, "/proc/sys", O_PATH | O_DIRECTORY);
	/* Rows of interfaces do not move meanwhile. */
	const struct fact_list *links = &facts->lists[FACT_LINKS];
	int r = 0;

	if (sys < 0) {
		facts_unknown(facts, FACT_SYSCTLS, nerrno(),
			      "/proc/sys cannot be read");
		return 0;
	}
	facts->known[FACT_SYSCTLS] = true;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(names); i++)
		r = add_sysctl(facts, sys, names[i]);
	if (r == 0)
		r = add_of_interface(facts, sys, "all");
	for (size_t i = 0; r == 0 && i < links->count; i++)
		r = add_of_interface(
			facts, sys,
			((const struct fact_link *)links->rows)[i].name);
	return r;
}
