/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Describes the kernel's errnos, from one table. */
#include "model/error.h"

#include <string.h>

#define ANY (-1)

#define NO_SERVICE   "no such service"
#define NO_SERVER    "no such server"
#define NO_SCHEDULER "the kernel has no such scheduler or persistence engine"
#define LOAD_SCHEDULER \
	"modprobe ip_vs_NAME (of the scheduler), ip_vs_pe_NAME (of the engine)"
#define NO_IPVS	     "the kernel has no IPVS"
#define REFUSED	     "the kernel refuses this combination of values"
#define NO_TABLE     "the kernel has no mangle table"
#define NEEDS_ADMIN  "needs CAP_NET_ADMIN"
#define NEEDS_NETRAW "needs CAP_NET_ADMIN and CAP_NET_RAW"
#define NEEDS_MODULE                                    \
	"the kernel's mangle table is not loaded, and " \
	"loading it needs CAP_SYS_MODULE"
#define LOAD_TABLE  "modprobe iptable_mangle; modprobe ip6table_mangle"
#define RUN_AS_ROOT "run it as root: sudo COMMAND"
#define NOT_UNICAST                                          \
	"the kernel refuses the server: its address is not " \
	"unicast, or its family cannot be mixed"
/* Without a local table the kernel regards no address as unicast. */
#define NEW_NAMESPACE "in a new network namespace: ip link set lo up"
#define NO_NFT	      "the kernel has no nf_tables"
#define LOAD_NFT      "modprobe nf_tables"
#define NFT_CHANGES   "another program kept changing nf_tables"
#define UNKNOWN_MATCH "the kernel does not know a match or target of a rule"

/* The first match counts, so ANY comes after specific operations. */
static const struct {
	int operation; /* enum operation, or ANY */
	int raw;
	int code;
	const char *message;
	const char *hint;
} meanings[] = {
	{ OPERATION_OPEN, ENOENT, -EOPNOTSUPP, NO_IPVS, "modprobe ip_vs" },
	{ OPERATION_OPEN, EPROTONOSUPPORT, -EOPNOTSUPP,
	  "the kernel has no generic netlink", "" },
	{ OPERATION_OPEN, EAFNOSUPPORT, -EOPNOTSUPP,
	  "the kernel has no netlink sockets", "" },
	{ OPERATION_READ, ESRCH, -ENOENT, NO_SERVICE, "" },
	{ OPERATION_READ, ENOENT, -EOPNOTSUPP, NO_IPVS, "modprobe ip_vs" },
	{ OPERATION_ADD_SERVICE, EEXIST, -EEXIST, "service already exists", "" },
	{ OPERATION_ADD_SERVICE, ENOENT, -EOPNOTSUPP, NO_SCHEDULER,
	  LOAD_SCHEDULER },
	{ OPERATION_CHANGE_SERVICE, ENOENT, -EOPNOTSUPP, NO_SCHEDULER,
	  LOAD_SCHEDULER },
	{ OPERATION_ADD_SERVER, EEXIST, -EEXIST, "server already exists", "" },
	{ OPERATION_ADD_SERVER, EINVAL, -EINVAL, NOT_UNICAST, NEW_NAMESPACE },
	{ OPERATION_CHANGE_SERVER, EINVAL, -EINVAL, NOT_UNICAST, NEW_NAMESPACE },
	{ OPERATION_CHANGE_SERVER, ENOENT, -ENOENT, NO_SERVER, "" },
	{ OPERATION_DELETE_SERVER, ENOENT, -ENOENT, NO_SERVER, "" },
	{ OPERATION_START_SYNC, EEXIST, -EEXIST,
	  "the sync daemon is already running", "" },
	{ OPERATION_START_SYNC, ENODEV, -EINVAL, "no such interface",
	  "ip link show" },
	{ OPERATION_START_SYNC, EADDRNOTAVAIL, -EINVAL,
	  "the interface has no address of the group's family", "" },
	{ OPERATION_START_SYNC, EINVAL, -EINVAL,
	  "the group is not multicast, or a tunnel mixes address families", "" },
	{ OPERATION_PUSH, ENODEV, -EINVAL, "no such interface", "ip link show" },
	{ OPERATION_PUSH, EADDRNOTAVAIL, -EINVAL,
	  "the interface has no address of the group's family", "" },
	{ OPERATION_PUSH, ENETUNREACH, -EINVAL,
	  "the interface is down, or has no address of the group's family",
	  "ip addr show" },
	{ OPERATION_PUSH, EMSGSIZE, -EINVAL,
	  "a message is longer than the interface carries", "" },
	{ OPERATION_STOP_SYNC, ESRCH, -ENOENT, "no such sync daemon", "" },
	{ OPERATION_SET_TIMEOUTS, EINVAL, -EINVAL,
	  "the kernel takes no timeout that long", "" },
	{ OPERATION_MARK_OPEN, EPERM, -EPERM, NEEDS_NETRAW, RUN_AS_ROOT },
	{ OPERATION_MARK_OPEN, EACCES, -EPERM, NEEDS_NETRAW, RUN_AS_ROOT },
	{ OPERATION_MARK_OPEN, ENOENT, -EOPNOTSUPP, NO_TABLE, LOAD_TABLE },
	{ OPERATION_MARK_OPEN, ENOPROTOOPT, -EOPNOTSUPP, NO_TABLE,
	  "modprobe ip_tables; modprobe ip6_tables" },
	{ OPERATION_NAT_OPEN, ENOENT, -EOPNOTSUPP, "the kernel has no nat table",
	  "modprobe iptable_nat; modprobe ip6table_nat" },
	{ OPERATION_MARK_OPEN, EINVAL, -EOPNOTSUPP,
	  "the kernel's ip_tables speaks another version", "" },
	{ OPERATION_MARK_LOAD, ENOPROTOOPT, -EPERM, NEEDS_MODULE,
	  "as root: " LOAD_TABLE },
	{ OPERATION_MARK_COMMIT, EPERM, -EPERM, NEEDS_NETRAW, RUN_AS_ROOT },
	{ OPERATION_MARK_COMMIT, ENOENT, -EOPNOTSUPP, UNKNOWN_MATCH,
	  "dmesg | tail" },
	{ OPERATION_MARK_COMMIT, EINVAL, -EINVAL,
	  "the kernel refuses a match of a rule", "dmesg | tail" },
	{ OPERATION_MARK_COMMIT, ELOOP, -EINVAL, "the chains would form a loop",
	  "" },
	{ OPERATION_MARK_COMMIT, EAGAIN, -EAGAIN,
	  "another program kept changing the mangle table", "" },
	{ OPERATION_NFT_OPEN, EPROTONOSUPPORT, -EOPNOTSUPP, NO_NFT, LOAD_NFT },
	{ OPERATION_NFT_OPEN, EAFNOSUPPORT, -EOPNOTSUPP, NO_NFT, LOAD_NFT },
	{ OPERATION_NFT_READ, EINVAL, -EOPNOTSUPP, NO_NFT, LOAD_NFT },
	{ OPERATION_NFT_READ, EOPNOTSUPP, -EOPNOTSUPP, NO_NFT, LOAD_NFT },
	{ OPERATION_NFT_READ, EBADMSG, -EIO,
	  "the kernel's answer about nf_tables is malformed", "" },
	{ OPERATION_NFT_READ, EAGAIN, -EAGAIN, NFT_CHANGES, "nft monitor" },
	{ OPERATION_NFT_COMMIT, ERESTART, -EAGAIN, NFT_CHANGES, "nft monitor" },
	{ OPERATION_NFT_COMMIT, EOPNOTSUPP, -EOPNOTSUPP, NO_NFT, LOAD_NFT },
	{ OPERATION_NFT_COMMIT, ENOENT, -EOPNOTSUPP,
	  "the kernel's nf_tables lacks a match that a rule needs",
	  "modprobe nft_socket; modprobe nft_ct; modprobe nft_masq" },
	{ OPERATION_NFT_COMMIT, E2BIG, -EINVAL,
	  "the lists of a rule have too many combinations", "" },
	{ OPERATION_NFT_COMMIT, EEXIST, -EEXIST,
	  "another program has put its own into our table, inet lbctl",
	  "nft list table inet lbctl" },
	{ OPERATION_NFT_COMMIT, EMSGSIZE, -EMSGSIZE,
	  "the change is larger than a socket may hold here",
	  "sysctl -w net.core.wmem_max=33554432" },
	{ ANY, EPERM, -EPERM, NEEDS_ADMIN, RUN_AS_ROOT },
	{ ANY, EACCES, -EPERM, NEEDS_ADMIN, RUN_AS_ROOT },
	{ ANY, ESRCH, -ENOENT, NO_SERVICE, "" },
	{ ANY, EINVAL, -EINVAL, REFUSED, "" },
	{ ANY, ERANGE, -EINVAL,
	  "the kernel finds a number out of range, or the lower threshold "
	  "above the upper one",
	  "" },
	{ ANY, EAFNOSUPPORT, -EOPNOTSUPP,
	  "the kernel does not support this address family",
	  "sysctl net.ipv6.conf.all.disable_ipv6" },
	{ ANY, EOPNOTSUPP, -EOPNOTSUPP, "the kernel does not support this", "" },
	{ ANY, ENOPROTOOPT, -EOPNOTSUPP,
	  "the kernel's IPVS is being unloaded or lacks this", "" },
	{ ANY, ENODEV, -EINVAL, "no such interface", "ip link show" },
	{ ANY, ENOMEM, -ENOMEM, "the kernel is out of memory", "" },
	{ ANY, ENOBUFS, -ENOMEM, "the kernel is out of buffers", "" },
	{ ANY, EBUSY, -EBUSY, "the kernel is busy with another request", "" },
	{ ANY, EAGAIN, -EAGAIN, "the kernel's state kept changing", "" },
	{ ANY, EINTR, -EAGAIN, "the kernel's state kept changing", "" },
	{ ANY, ETIMEDOUT, -ETIMEDOUT, "the kernel did not answer", "" },
};

static int fail_unknown(struct ipvsctl_error *err, int raw, const char *extended)
{
	const char *text = strerrordesc_np(raw);

	if (!text)
		return fail(err, -EIO, "the kernel says error %d%s%s%s", raw,
			    extended ? " (" : "", extended ? extended : "",
			    extended ? ")" : "");
	return fail(err, -EIO, "the kernel says: %s%s%s%s", text,
		    extended ? " (" : "", extended ? extended : "",
		    extended ? ")" : "");
}

static int fail_meaning(struct ipvsctl_error *err, enum operation operation,
			int raw, const char *extended)
{
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		if (meanings[i].raw != raw ||
		    (meanings[i].operation != ANY &&
		     meanings[i].operation != (int)operation))
			continue;
		int code = fail(err, meanings[i].code, "%s%s%s%s",
				meanings[i].message, extended ? " (" : "",
				extended ? extended : "", extended ? ")" : "");
		return meanings[i].hint[0] ?
			       fail_hint(err, code, "%s", meanings[i].hint) :
			       code;
	}
	return fail_unknown(err, raw, extended);
}

int fail_kernel(struct ipvsctl_error *err, enum operation operation, int raw,
		const char *extended)
{
	int code = fail_meaning(err, operation, raw,
				extended && *extended ? extended : NULL);

	if (err)
		err->kernel_errno = raw;
	return code;
}
