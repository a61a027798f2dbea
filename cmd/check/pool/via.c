/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Sends probes through IPVS, to the service's address on one server.
 *
 * Direct routing and tunnels deliver packets to the service's address, which a
 * probe of the server's own address does not test. IPVS looks the mark up
 * first, also for packets that this host sends (6.1).
 */
#include "check/pool/via.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

#include "check/pool/pool.h"
#include "check/pool/removed.h"
#include "check/pool/target.h"
#include "flock.h"
#include "kept.h"
#include "sysctl.h"

#define LOCK "/run/lbctl/check/via-vip.lock"
/* "lb": marks that nobody else is likely to use; those in use are skipped. */
#define FIRST_MARK 0x6c620000U
#define PORT_ANY   9
#define LOCK_US	   INT64_C(60000000)

/* Tells whether probes need services, or a killed run has left some. */
static bool is_needed(const struct run *run)
{
	for (size_t i = 0; i < run->state.server_count; i++)
		if (run->state.servers[i].role == STATE_PROBE)
			return true;
	for (size_t i = 0; i < run->probe_count; i++)
		if (run->probes[i].check->way.via_vip)
			return true;
	return false;
}

/* ---- The way to a server ------------------------------------------------- */

static void from_sockaddr(const struct sockaddr_storage *storage,
			  struct ipvsctl_address *ret_address)
{
	const struct sockaddr_in6 *six = (const void *)storage;
	const struct sockaddr_in *four = (const void *)storage;

	*ret_address = (struct ipvsctl_address){ .family = storage->ss_family };
	if (storage->ss_family == AF_INET6)
		(void)memcpy(ret_address->bytes, &six->sin6_addr, 16);
	else
		(void)memcpy(ret_address->bytes, &four->sin_addr, 4);
}

/* Gets the address that this host uses towards a server. */
static int find_source(const struct ipvsctl_address *server,
		       struct ipvsctl_address *ret_source)
{
	AUTO_CLOSE int fd =
		socket(server->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const struct probe probe = { .address = *server, .port = PORT_ANY };
	struct sockaddr_storage address;
	socklen_t length = probe_sockaddr(&probe, &address);

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, length) < 0)
		return -errno;
	length = sizeof(address);
	if (getsockname(fd, (struct sockaddr *)&address, &length) < 0)
		return -errno;
	from_sockaddr(&address, ret_source);
	return 0;
}

/* Gets an address of an interface; returns false if it is of another family. */
static bool own_address(const struct ifaddrs *one, sa_family_t family,
			struct ipvsctl_address *ret_address)
{
	struct sockaddr_storage storage = { 0 };

	if (!one->ifa_addr || one->ifa_addr->sa_family != family)
		return false;
	(void)memcpy(&storage, one->ifa_addr,
		     family == AF_INET6 ? sizeof(struct sockaddr_in6) :
					  sizeof(struct sockaddr_in));
	from_sockaddr(&storage, ret_address);
	return true;
}

/* Finds the interface that has the address; returns false if none has. */
static bool find_interface(const struct ipvsctl_address *address,
			   char name[IPVSCTL_INTERFACE_MAX + 1])
{
	struct ifaddrs *list = NULL;
	struct ipvsctl_address own;
	bool found = false;

	if (getifaddrs(&list) < 0)
		return false;
	for (const struct ifaddrs *one = list; one && !found;
	     one = one->ifa_next) {
		found = own_address(one, address->family, &own) &&
			ipvsctl_address_compare(&own, address) == 0;
		if (found)
			(void)snprintf(name, IPVSCTL_INTERFACE_MAX + 1, "%s",
				       one->ifa_name);
	}
	freeifaddrs(list);
	return found;
}

static bool is_link_local(const struct ipvsctl_address *address)
{
	return address->family == AF_INET6 && address->bytes[0] == 0xfe &&
	       (address->bytes[1] & 0xc0) == 0x80;
}

/* Finds an address of the VIP's family that the interface has besides it. */
static bool find_beside(const struct ipvsctl_address *vip,
			const char *interface,
			struct ipvsctl_address *ret_address)
{
	struct ifaddrs *list = NULL;
	struct ipvsctl_address own;
	bool found = false;

	if (getifaddrs(&list) < 0)
		return false;
	for (const struct ifaddrs *one = list; one && !found;
	     one = one->ifa_next)
		found = strcmp(one->ifa_name, interface) == 0 &&
			own_address(one, vip->family, &own) &&
			ipvsctl_address_compare(&own, vip) != 0 &&
			!is_link_local(&own);
	freeifaddrs(list);
	if (found)
		*ret_address = own;
	return found;
}

/*
 * Chooses the source of a probe: the address that this host uses towards the
 * server. For IPv6 that is often the VIP itself, which answers must not come
 * back to, and a tunnel can be of the other family; then another address of the
 * same interface.
 */
static bool choose_source(const struct ipvsctl_address *server,
			  const struct ipvsctl_address *vip,
			  struct ipvsctl_address *ret_source)
{
	char interface[IPVSCTL_INTERFACE_MAX + 1];
	struct ipvsctl_address towards = { 0 };

	if (find_source(server, &towards) < 0)
		return false;
	if (towards.family == vip->family &&
	    ipvsctl_address_compare(&towards, vip) != 0) {
		*ret_source = towards;
		return true;
	}
	return find_interface(&towards, interface) &&
	       find_beside(vip, interface, ret_source);
}

/* ---- The way back -------------------------------------------------------- */

/* Returns a setting of IPv4: the kernel takes the larger of the interface's and
   that of all. */
static uint32_t setting_of(const char *interface, const char *name)
{
	const char *const places[] = { "all", interface };
	uint32_t largest = 0, value;
	char path[96];

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		(void)snprintf(path, sizeof(path), "net/ipv4/conf/%s/%s",
			       places[i], name);
		if (sysctl_get(path, &value) == 0 && value > largest)
			largest = value;
	}
	return largest;
}

/* Returns the setting without which this host drops answers from the VIP that
   come in by this interface; NULL: it takes them. */
static const char *find_obstacle(const struct ipvsctl_address *vip,
				 const char *interface)
{
	char holder[IPVSCTL_INTERFACE_MAX + 1] = "";
	struct ipvsctl_address towards = { 0 };

	if (find_source(vip, &towards) < 0)
		return NULL;
	/* Towards an address of its own, a host comes from that address. */
	if (ipvsctl_address_compare(&towards, vip) == 0 &&
	    setting_of(interface, "accept_local") == 0)
		return "accept_local=1";
	/* A strict filter takes only what would be sent by this interface. */
	if (!find_interface(&towards, holder))
		holder[0] = '\0';
	return setting_of(interface, "rp_filter") == 1 &&
			       strcmp(holder, interface) != 0 ?
		       "rp_filter=2" :
		       NULL;
}

/* Tells whether this host takes answers from the VIP, if it has that, too. */
static bool can_answer(struct run *run, const struct ipvsctl_address *vip,
		       const struct ipvsctl_address *source)
{
	char interface[IPVSCTL_INTERFACE_MAX + 1];
	char text[IPVSCTL_ADDRESS_TEXT];
	const char *setting;

	if (vip->family != AF_INET || !find_interface(source, interface))
		return true;
	setting = find_obstacle(vip, interface);
	if (!setting)
		return true;
	run_warn(run,
		 "%s: this host drops answers from it: "
		 "sysctl -w net.ipv4.conf.%s.%s",
		 ipvsctl_address_format(vip, text), interface, setting);
	return false;
}

/* Sets the probe's addresses; returns false if it cannot be made. */
static bool set_way(struct run *run, struct probe *probe,
		    const struct ipvsctl_service *service, bool translated)
{
	const struct check_way *way = &probe->check->way;
	char text[IPVSCTL_ADDRESS_TEXT];
	bool found = true;

	probe->address = way->vip.family ? way->vip : service->address;
	probe->source = way->source;
	if (!probe->source.family)
		found = choose_source(&probe->server, &probe->address,
				      &probe->source);
	if (!found || probe->source.family != probe->address.family ||
	    !ipvsctl_address_compare(&probe->source, &probe->address)) {
		run_warn(run,
			 "%s: no source address but the VIP: give --source",
			 ipvsctl_address_format(&probe->server, text));
		return false;
	}
	return translated || can_answer(run, &probe->address, &probe->source);
}

/* ---- Services ------------------------------------------------------------ */

/* Adds a service with one server, for one probe. */
static int add_service(struct run *run, struct probe *probe,
		       const struct ipvsctl_server *original, uint32_t *mark)
{
	struct ipvsctl_config *to = run->command->to;
	struct state_server entry = { .role = STATE_PROBE, .name = "-" };
	struct ipvsctl_server server = *original;
	struct ipvsctl_service service;
	int r = ipvsctl_service_parse(probe->address.family == AF_INET6 ?
					      "fwmark:1/inet6" :
					      "fwmark:1",
				      &service, NULL);

	if (r < 0)
		return r;
	do
		service.fwmark = (*mark)++;
	while (ipvsctl_config_find_service(to, &service));
	probe->mark = service.fwmark;
	server.weight = 1;
	server.held = false;
	server.upper_threshold = server.lower_threshold = 0;
	if (server.forward != IPVSCTL_FORWARD_NAT)
		server.port = 0;
	r = ipvsctl_config_add_service(to, &service, &run->command->err);
	if (r == 0)
		r = ipvsctl_config_add_server(to, &service, &server,
					      &run->command->err);
	entry.service = service;
	entry.since = state_now();
	if (r == 0 && state_add_server(&run->state, &entry) < 0)
		r = command_no_memory(run->command);
	return r;
}

static int add_services(struct run *run)
{
	uint32_t mark = FIRST_MARK;
	int r = 0;

	for (size_t i = 0; r == 0 && i < run->members.count; i++) {
		const struct member *member = &run->members.list[i];
		struct probe *probe = (struct probe *)target_of(run, member);

		if (!probe || !probe->check->way.via_vip || probe->mark)
			continue;
		if (set_way(run, probe, member->service,
			    member->server.forward == IPVSCTL_FORWARD_NAT))
			r = add_service(run, probe, &member->server, &mark);
	}
	return r;
}

/* Deletes the services of this run, or of one that was killed. */
static int delete_services(struct run *run)
{
	struct state *state = &run->state;

	for (size_t i = state->server_count; i-- > 0;) {
		struct state_server *entry = &state->servers[i];
		int r;

		if (entry->role != STATE_PROBE)
			continue;
		r = ipvsctl_config_delete_service(run->command->to,
						  &entry->service, NULL);
		if (r < 0 && r != -ENOENT)
			return command_no_memory(run->command);
		state_drop_server(state, entry);
	}
	return 0;
}

/* Does command_commit() without showing the plan. */
static int commit(struct run *run)
{
	AUTO_PLAN struct ipvsctl_plan *plan = NULL;
	struct command *command = run->command;
	int r = ipvsctl_plan_compare(command->from, command->to, &plan,
				     &command->err);

	if (r == 0 && ipvsctl_plan_count(plan) > 0)
		r = ipvsctl_apply(command->ctx, plan, NULL, &command->err);
	return r;
}

static int begin(struct run *run)
{
	struct command *command = run->command;
	int r;

	ipvsctl_config_free(TAKE_PTR(command->to));
	r = command_lock(command);
	if (r == 0)
		r = command_load(command, IPVSCTL_SERVICES, NULL);
	if (r == 0 &&
	    ipvsctl_config_copy(command->from, &command->to, &command->err) < 0)
		r = command_no_memory(command);
	if (r < 0)
		return r;
	state_free(&run->state);
	r = state_load(command, false, &run->state);
	return r < 0 ? r : removed_read(run);
}

/* ---- Opening and closing ------------------------------------------------- */

static int take_lock(struct run *run, struct via *via)
{
	AUTO_CLOSE int folder = -1;
	char path[KEPT_PATH];
	int r;

	/* If this fails, opening the lock fails, too. */
	if (kept_open_folder("check", true, &folder, path) != 0)
		folder = -1;
	via->lock = open(LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	/* Other runs hold it while they probe. */
	r = via->lock < 0 ? -errno : flock_wait(via->lock, LOCK_US, NULL);
	if (r == -EBUSY)
		return command_fail(run->command, r, LOCK,
				    "other probes have held it for too long");
	return r < 0 ? command_fail(run->command, -EIO, LOCK,
				    "cannot be used: %s", strerror(-r)) :
		       0;
}

int via_open(struct run *run, struct via *ret_via)
{
	int r;

	ret_via->lock = -1;
	/* A dry run writes nothing, so its probes stay unknown. */
	if (!is_needed(run) || run->command->dry_run)
		return 0;
	r = take_lock(run, ret_via);
	if (r == 0)
		r = begin(run);
	if (r == 0)
		r = pool_find(run);
	if (r == 0)
		r = delete_services(run);
	if (r == 0)
		r = add_services(run);
	/* Save first: a killed run must leave a record of its services. */
	if (r == 0)
		r = state_save(run->command, &run->state);
	if (r == 0)
		r = commit(run);
	if (run->command->ctx)
		ipvsctl_unlock(run->command->ctx);
	return r;
}

int via_close(struct run *run, struct via *via, int failed)
{
	const struct ipvsctl_error err = run->command->err;
	int r;

	if (via->lock < 0)
		return 0;
	r = begin(run);
	if (r == 0)
		r = delete_services(run);
	if (r == 0)
		r = commit(run);
	if (r == 0)
		r = state_save(run->command, &run->state);
	if (run->command->ctx)
		ipvsctl_unlock(run->command->ctx);
	(void)close(TAKE_FD(via->lock));
	/* Report the earlier failure. */
	if (failed < 0)
		run->command->err = err;
	return r;
}
