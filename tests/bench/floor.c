/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The least a program can do to put or list an IPVS table: prebuilt netlink
 * messages on a raw socket, no library.
 *
 * put: 64 KiB a send, and only the last message is acknowledged (errors
 * answer anyway).
 *
 * list: one dump request a service, its answer and the end of the dump taken
 * by one recvmmsg(), and of the messages only the headers walked. Requests
 * cannot be sent ahead: a socket has one dump at a time. The kernel allocates
 * for every answer as much as the largest receive so far on that socket had
 * room for; hence a socket of its own, with a small buffer, for the many
 * short dumps.
 *
 * sockopt: the same list through the kernel's older interface, which knows
 * IPv4 only and not everything about a server.
 */
#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#define SEND_SIZE     65536
#define SERVICES_SIZE 65536
#define SERVERS_SIZE  8192
#define MESSAGE_SPACE 128 /* no message is longer */
#define ALIGNED(size) (((size_t)(size) + 3) & ~(size_t)3)

/* Messages one after the other; offsets[count] is the end of the last. */
struct messages {
	char *data;
	size_t *offsets;
	size_t count;
};

static void fail(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void messages_init(struct messages *messages, size_t capacity)
{
	messages->data = calloc(capacity, MESSAGE_SPACE);
	messages->offsets = calloc(capacity + 1, sizeof(*messages->offsets));
	messages->count = 0;
	if (!messages->data || !messages->offsets)
		fail("memory");
}

static struct nlmsghdr *last_message(struct messages *messages)
{
	return (void *)(messages->data + messages->offsets[messages->count - 1]);
}

static void add_message(struct messages *messages, uint16_t type,
			uint8_t command, uint16_t flags)
{
	struct nlmsghdr *header;
	struct genlmsghdr *generic;

	messages->count++;
	header = last_message(messages);
	header->nlmsg_type = type;
	header->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	header->nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN;
	generic = NLMSG_DATA(header);
	generic->cmd = command;
	generic->version = 1;
	messages->offsets[messages->count] =
		messages->offsets[messages->count - 1] + header->nlmsg_len;
}

/* Adds an attribute, or opens a nest when data is NULL, to the message. */
static struct nlattr *add_attribute(struct messages *messages, uint16_t type,
				    const void *data, size_t size)
{
	struct nlmsghdr *header = last_message(messages);
	struct nlattr *attribute = (void *)((char *)header + header->nlmsg_len);

	attribute->nla_type = type;
	attribute->nla_len = (uint16_t)(sizeof(*attribute) + size);
	if (data)
		memcpy(attribute + 1, data, size);
	header->nlmsg_len += (uint32_t)ALIGNED(attribute->nla_len);
	messages->offsets[messages->count] =
		messages->offsets[messages->count - 1] + header->nlmsg_len;
	return attribute;
}

static void add_u32(struct messages *messages, uint16_t type, uint32_t value)
{
	add_attribute(messages, type, &value, sizeof(value));
}

static void add_u16(struct messages *messages, uint16_t type, uint16_t value)
{
	add_attribute(messages, type, &value, sizeof(value));
}

static void close_nest(struct messages *messages, struct nlattr *nest)
{
	char *end = messages->data + messages->offsets[messages->count];

	nest->nla_len = (uint16_t)(end - (char *)nest);
}

static struct nlattr *open_service(struct messages *messages, unsigned int i)
{
	struct nlattr *nest =
		add_attribute(messages, IPVS_CMD_ATTR_SERVICE, NULL, 0);

	add_u16(messages, IPVS_SVC_ATTR_AF, AF_INET);
	add_u16(messages, IPVS_SVC_ATTR_PROTOCOL, IPPROTO_TCP);
	add_u32(messages, IPVS_SVC_ATTR_ADDR, htonl(bench_vip(i)));
	add_u16(messages, IPVS_SVC_ATTR_PORT, htons(BENCH_PORT));
	return nest;
}

static void add_service(struct messages *messages, uint16_t family,
			unsigned int i)
{
	static const struct ip_vs_flags flags = { .mask = UINT32_MAX };
	struct nlattr *nest;

	add_message(messages, family, IPVS_CMD_NEW_SERVICE, 0);
	nest = open_service(messages, i);
	add_attribute(messages, IPVS_SVC_ATTR_SCHED_NAME, "rr", sizeof("rr"));
	add_attribute(messages, IPVS_SVC_ATTR_FLAGS, &flags, sizeof(flags));
	add_u32(messages, IPVS_SVC_ATTR_TIMEOUT, 0);
	add_u32(messages, IPVS_SVC_ATTR_NETMASK, UINT32_MAX);
	close_nest(messages, nest);
}

static void add_server(struct messages *messages, uint16_t family,
		       unsigned int service, unsigned int i)
{
	struct nlattr *nest;

	add_message(messages, family, IPVS_CMD_NEW_DEST, 0);
	close_nest(messages, open_service(messages, service));
	nest = add_attribute(messages, IPVS_CMD_ATTR_DEST, NULL, 0);
	add_u32(messages, IPVS_DEST_ATTR_ADDR, htonl(bench_server(i)));
	add_u16(messages, IPVS_DEST_ATTR_PORT, htons(BENCH_PORT));
	add_u32(messages, IPVS_DEST_ATTR_FWD_METHOD, IP_VS_CONN_F_MASQ);
	add_u32(messages, IPVS_DEST_ATTR_WEIGHT, 1);
	add_u32(messages, IPVS_DEST_ATTR_U_THRESH, 0);
	add_u32(messages, IPVS_DEST_ATTR_L_THRESH, 0);
	close_nest(messages, nest);
}

static int open_socket(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	if (fd < 0)
		fail("socket");
	return fd;
}

static void send_messages(int fd, const struct messages *messages, size_t first,
			  size_t end)
{
	size_t size = messages->offsets[end] - messages->offsets[first];

	if (send(fd, messages->data + messages->offsets[first], size, 0) < 0)
		fail("send");
}

/* One receive; ends the program when it is an error. */
static struct nlmsghdr *receive(int fd, char *buffer, size_t size,
				size_t *ret_length)
{
	ssize_t length = recv(fd, buffer, size, 0);
	struct nlmsghdr *header = (void *)buffer;
	const struct nlmsgerr *error = NLMSG_DATA(header);

	if (length < (ssize_t)sizeof(*header))
		fail("recv");
	if (header->nlmsg_type == NLMSG_ERROR && error->error) {
		errno = -error->error;
		fail("the kernel");
	}
	*ret_length = (size_t)length;
	return header;
}

static uint16_t find_family(int fd)
{
	struct messages request;
	char buffer[SERVERS_SIZE];
	size_t length, at = NLMSG_HDRLEN + GENL_HDRLEN;
	uint16_t family;

	messages_init(&request, 1);
	add_message(&request, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	add_attribute(&request, CTRL_ATTR_FAMILY_NAME, IPVS_GENL_NAME,
		      sizeof(IPVS_GENL_NAME));
	send_messages(fd, &request, 0, 1);
	receive(fd, buffer, sizeof(buffer), &length);
	while (at + sizeof(struct nlattr) <= length) {
		const struct nlattr *attribute = (void *)(buffer + at);

		if (attribute->nla_type == CTRL_ATTR_FAMILY_ID) {
			memcpy(&family, attribute + 1, sizeof(family));
			return family;
		}
		at += ALIGNED(attribute->nla_len);
	}
	errno = EPROTO;
	fail("family");
	return 0;
}

static void put(int fd, uint16_t family, unsigned int services,
		unsigned int servers)
{
	struct messages all;
	char buffer[SERVERS_SIZE];
	size_t first = 0, length;

	messages_init(&all, (size_t)services * (servers + 1));
	for (unsigned int i = 0; i < services; i++) {
		add_service(&all, family, i);
		for (unsigned int j = 0; j < servers; j++)
			add_server(&all, family, i, j);
	}
	last_message(&all)->nlmsg_flags |= NLM_F_ACK;
	for (size_t i = 1; i <= all.count; i++) {
		if (i < all.count &&
		    all.offsets[i + 1] - all.offsets[first] <= SEND_SIZE)
			continue;
		send_messages(fd, &all, first, i);
		first = i;
	}
	receive(fd, buffer, sizeof(buffer), &length);
}

/* Counts entries in what one receive gave; true at the end of the dump. */
static bool walk(const char *buffer, size_t length, size_t *count)
{
	const struct nlmsghdr *header = (const void *)buffer;
	size_t size;

	while (length >= sizeof(*header) && header->nlmsg_len <= length) {
		if (header->nlmsg_type == NLMSG_DONE)
			return true;
		if (header->nlmsg_type == NLMSG_ERROR) {
			errno = EIO;
			fail("dump");
		}
		(*count)++;
		size = ALIGNED(header->nlmsg_len);
		if (size >= length)
			break;
		length -= size;
		header = (const void *)((const char *)header + size);
	}
	return false;
}

/* Takes one dump: data and its end in one call where they fit. */
static size_t take_dump(int fd, char *buffer, size_t size)
{
	struct iovec parts[2] = { { buffer, size }, { buffer + size, size } };
	struct mmsghdr messages[2] = {
		{ .msg_hdr = { .msg_iov = &parts[0], .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &parts[1], .msg_iovlen = 1 } },
	};
	size_t count = 0;
	bool done = false;

	while (!done) {
		int got = recvmmsg(fd, messages, 2, MSG_WAITFORONE, NULL);

		if (got < 1)
			fail("recvmmsg");
		for (int i = 0; i < got; i++)
			done |= walk(parts[i].iov_base, messages[i].msg_len,
				     &count);
	}
	return count;
}

static void list(int fd, uint16_t family, unsigned int services,
		 unsigned int servers)
{
	struct messages requests;
	char *buffer = malloc(2 * SERVICES_SIZE);
	int servers_fd = open_socket();
	size_t count;

	if (!buffer)
		fail("memory");
	messages_init(&requests, (size_t)services + 1);
	for (unsigned int i = 0; i < services; i++) {
		add_message(&requests, family, IPVS_CMD_GET_DEST, NLM_F_DUMP);
		close_nest(&requests, open_service(&requests, i));
	}
	add_message(&requests, family, IPVS_CMD_GET_SERVICE, NLM_F_DUMP);
	send_messages(fd, &requests, services, (size_t)services + 1);
	count = take_dump(fd, buffer, SERVICES_SIZE);
	for (unsigned int i = 0; i < services; i++) {
		send_messages(servers_fd, &requests, i, (size_t)i + 1);
		count += take_dump(servers_fd, buffer, SERVERS_SIZE);
	}
	if (count != (size_t)services * (servers + 1)) {
		fprintf(stderr, "floor: %zu entries listed\n", count);
		exit(1);
	}
}

/* One getsockopt(), of a length that the kernel wants to the byte. */
static void get(int fd, int option, void *value, size_t size)
{
	socklen_t length = (socklen_t)size;

	if (getsockopt(fd, IPPROTO_IP, option, value, &length) < 0)
		fail("getsockopt");
}

static void list_sockopt(unsigned int services, unsigned int servers)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ip_vs_get_services *all;
	struct ip_vs_get_dests *some;
	size_t all_size = sizeof(*all) + services * sizeof(*all->entrytable);
	size_t some_size = sizeof(*some) + servers * sizeof(*some->entrytable);

	all = calloc(1, all_size);
	some = calloc(1, some_size);
	if (fd < 0 || !all || !some)
		fail("sockopt");
	all->num_services = services;
	get(fd, IP_VS_SO_GET_SERVICES, all, all_size);
	for (unsigned int i = 0; i < services; i++) {
		const struct ip_vs_service_entry *service = &all->entrytable[i];

		some->protocol = service->protocol;
		some->addr = service->addr;
		some->port = service->port;
		some->fwmark = service->fwmark;
		some->num_dests = servers;
		get(fd, IP_VS_SO_GET_DESTS, some, some_size);
	}
}

static void usage(void)
{
	fputs("Usage: floor put|list|sockopt SERVICES SERVERS\n", stderr);
	exit(2);
}

int main(int argc, char **argv)
{
	int fd;

	if (argc != 4)
		usage();
	if (strcmp(argv[1], "sockopt") == 0) {
		list_sockopt(bench_count(argv[2]), bench_count(argv[3]));
		return 0;
	}
	if (strcmp(argv[1], "put") != 0 && strcmp(argv[1], "list") != 0)
		usage();
	fd = open_socket();
	(strcmp(argv[1], "put") ? list : put)(fd, find_family(fd),
					      bench_count(argv[2]),
					      bench_count(argv[3]));
	return 0;
}
