/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* VIPs of one network namespace: what stands, and its changes. */
#include "vip/vips.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "model/error.h"
#include "model/object.h"
#include "vip/held.h"
#include "vip/neighbours.h"
#include "vip/objects.h"
#include "vip/record.h"
#include "vip/settings.h"
#include "vip/tunnels.h"

#define TRIES 10

/* ---- Reading ------------------------------------------------------------- */

struct reading {
	struct ipvsctl_config *config;
	const struct record *record;
};

/* A VIP that nothing is recorded of, as far as the kernel tells. */
static struct ipvsctl_vip guess(const struct ipvsctl_vip *standing)
{
	const struct tunnel_device *device =
		tunnel_device_named(standing->interface);
	struct ipvsctl_vip vip = *standing;
	struct interface interface = { .flags = 0 };

	if (device) {
		vip.flags |= IPVSCTL_VIP_REAL_SERVER;
		vip.tunnel = device->tunnel;
		vip.tunnel_checksum = device->checksum;
		vip.tunnel_family = device->outer;
	}
	if (!(vip.flags & IPVSCTL_VIP_LOCAL_ROUTE) &&
	    interface_find(vip.interface, &interface) == 0 &&
	    interface.flags & IFF_LOOPBACK)
		vip.flags |= IPVSCTL_VIP_REAL_SERVER;
	if (!vip.flags)
		vip.announcements = IPVSCTL_VIP_ANNOUNCEMENTS;
	return vip;
}

static bool is_recorded(const struct ipvsctl_vip *recorded,
			const struct ipvsctl_vip *standing)
{
	return recorded && !strcmp(recorded->interface, standing->interface) &&
	       (recorded->adopted ||
		recorded->prefix_length == standing->prefix_length);
}

static int take_standing(const struct ipvsctl_vip *standing, bool ours,
			 void *data)
{
	struct reading *reading = data;
	const struct ipvsctl_vip *recorded =
		vip_table_find(&reading->record->vips, standing);
	struct ipvsctl_vip guessed;
	int r;

	if (is_recorded(recorded, standing)) {
		guessed = *recorded;
		guessed.down = standing->down;
		guessed.withdrawn[0] = '\0';
		r = vip_table_add(&reading->config->vips, &guessed);
	} else if (ours) {
		guessed = guess(standing);
		r = vip_table_add(&reading->config->vips, &guessed);
	} else {
		r = vip_table_add(&reading->config->others, standing);
	}
	return r == -EEXIST ? 0 : r;
}

static bool has_routes(const struct record *record)
{
	for (size_t i = 0; i < record->vips.count; i++)
		if (record->vips.vips[i].flags & IPVSCTL_VIP_LOCAL_ROUTE)
			return true;
	return false;
}

/* Routes are looked for only where there is a record of some: there can be a
   million of others. */
static int dump(struct rtnetlink *rtnetlink, struct reading *reading)
{
	int r = addresses_each(rtnetlink, take_standing, reading);

	if (r == 0 && has_routes(reading->record))
		r = local_routes_each(rtnetlink, take_standing, reading);
	if (r == 0 && has_routes(reading->record))
		r = local_rules_each(rtnetlink, take_standing, reading);
	return r;
}

/* Adds the VIPs that are withdrawn, and which nobody has put there again. */
static int add_withdrawn(const struct record *record,
			 struct ipvsctl_config *config)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < record->vips.count; i++) {
		const struct ipvsctl_vip *vip = &record->vips.vips[i];

		if (vip->withdrawn[0] && !vip_table_find(&config->vips, vip))
			r = vip_table_add(&config->vips, vip);
	}
	return r;
}

/* A dump that a change interrupts begins anew. */
static int load(struct rtnetlink *rtnetlink, const struct record *record,
		struct ipvsctl_config *config, struct ipvsctl_error *err)
{
	struct reading reading = { config, record };
	int r = -EINTR;

	for (int tries = 0; r == -EINTR && tries < TRIES; tries++) {
		config->vips.count = config->others.count = 0;
		r = dump(rtnetlink, &reading);
	}
	if (r == 0)
		r = add_withdrawn(record, config);
	return r < 0 ? fail_kernel(err, OPERATION_READ, -r, NULL) : 0;
}

static int open_socket(struct rtnetlink *rtnetlink, struct ipvsctl_error *err)
{
	int r = rtnetlink_open(rtnetlink);

	return r < 0 ? fail_kernel(err, OPERATION_OPEN, -r, NULL) : 0;
}

int vips_load(struct ipvsctl_config *config, struct ipvsctl_error *err)
{
	AUTO_RTNETLINK struct rtnetlink rtnetlink = { .fd = -1 };
	AUTO_RECORD struct record record = { .setting_count = 0 };
	int r = record_load(&record, err);

	if (r == 0)
		r = open_socket(&rtnetlink, err);
	return r < 0 ? r : load(&rtnetlink, &record, config, err);
}

/* ---- All changes --------------------------------------------------------- */

/* What a run of changes needs; wanted has the VIPs that it adds. */
struct job {
	struct rtnetlink rtnetlink;
	struct record record;
	struct ipvsctl_config *now;
	struct vip_change *changes; /* none: of a VIP that is left out */
	struct ipvsctl_vip *wanted;
	bool *left_out; /* the caller's */
	size_t count;
};

static int fail_others(const struct ipvsctl_vip *other,
		       struct ipvsctl_error *err)
{
	char text[IPVSCTL_ADDRESS_TEXT];
	int r = fail(err, -EBUSY, "%s has this address, and not by lbctl",
		     other->interface);

	(void)fail_hint(err, r, "ip addr del %s/%u dev %s",
			ipvsctl_address_format(&other->address, text),
			other->prefix_length, other->interface);
	return vip_about(other, r, err);
}

/* An interface that answers ARP answers for every address that it has. */
static int check_silence(const struct ipvsctl_vip *vip,
			 struct ipvsctl_error *err)
{
	struct interface interface = { .flags = IFF_LOOPBACK };
	int r;

	if (!(vip->flags & IPVSCTL_VIP_REAL_SERVER) ||
	    interface_find(vip->interface, &interface) < 0 ||
	    interface.flags & (IFF_LOOPBACK | IFF_NOARP))
		return 0;
	r = fail(err, -EBUSY, "%s answers ARP for its addresses",
		 vip->interface);
	return vip_about(vip,
			 fail_hint(err, r, "leave out --dev %s", vip->interface),
			 err);
}

/* Decides whether a VIP is ours to add, or stands already. */
static int adopt(const struct job *job, const struct ipvsctl_vip *before,
		 struct ipvsctl_vip *wanted, struct ipvsctl_error *err)
{
	const struct ipvsctl_vip *other =
		wanted->flags & IPVSCTL_VIP_LOCAL_ROUTE ?
			NULL :
			vip_table_find(&job->now->others, wanted);

	wanted->adopted = before && before->adopted;
	if (wanted->adopted)
		return strcmp(before->interface, wanted->interface) == 0 ?
			       0 :
			       fail_others(before, err);
	if (!other)
		return 0;
	if (before || strcmp(other->interface, wanted->interface) != 0)
		return fail_others(other, err);
	wanted->adopted = true;
	return 0;
}

static int adopt_all(struct job *job, struct ipvsctl_error *err)
{
	int r = 0;

	for (size_t i = 0; i < job->count && r == 0; i++) {
		struct vip_change *change = &job->changes[i];

		if (!change->after)
			continue;
		job->wanted[i] = *change->after;
		change->after = &job->wanted[i];
		r = check_silence(&job->wanted[i], err);
		if (r == 0)
			r = adopt(job, change->before, &job->wanted[i], err);
	}
	return r;
}

/* Tells whether a change brings an address to a network. */
static bool arrives(const struct vip_change *change)
{
	const struct ipvsctl_vip *after = change->after;
	const unsigned int silent = IPVSCTL_VIP_REAL_SERVER |
				    IPVSCTL_VIP_LOCAL_ROUTE |
				    IPVSCTL_VIP_NO_PROBE;

	return after && !after->adopted && !after->withdrawn[0] &&
	       !(after->flags & silent) &&
	       (!change->before || change->before->withdrawn[0] ||
		strcmp(change->before->interface, after->interface) != 0);
}

static int fail_answered(const struct neighbour *neighbour,
			 struct ipvsctl_error *err)
{
	const uint8_t *mac = neighbour->other_mac;
	char text[IPVSCTL_IDENTITY_TEXT];
	int r = fail(err, -EBUSY,
		     "%02x:%02x:%02x:%02x:%02x:%02x answers for this address "
		     "on %s",
		     mac[0], mac[1], mac[2], mac[3], mac[4], mac[5],
		     neighbour->vip.interface);

	(void)fail_hint(err, r, "lbctl-vip add %s --dev %s --no-probe",
			ipvsctl_vip_format(&neighbour->vip, text),
			neighbour->vip.interface);
	return vip_about(&neighbour->vip, r, err);
}

static int fail_hosts(int raw, struct ipvsctl_error *err)
{
	int r;

	if (raw != -EPERM && raw != -EACCES)
		return fail_kernel(err, OPERATION_ADD_VIP, -raw, NULL);
	r = fail(err, -EPERM,
		 "CAP_NET_RAW is missing, without which the network can "
		 "neither be asked nor told");
	return fail_hint(err, r, "--no-probe --announce 0");
}

static int ask_all(struct neighbour *asked, size_t count,
		   struct ipvsctl_error *err)
{
	int r = 0;

	if (count)
		r = neighbours_find(asked, count);
	if (count && r == 0)
		r = neighbours_ask(asked, count);
	return r < 0 ? fail_hosts(r, err) : 0;
}

/* Leaves out what another host has. Returns -EBUSY, with err, if there is any. */
static int ask_hosts(struct job *job, struct ipvsctl_error *err)
{
	struct neighbour *asked = calloc(job->count + 1, sizeof(*asked));
	size_t count = 0;
	int r = 0;

	if (!asked)
		return fail_memory(err);
	for (size_t i = 0; i < job->count; i++)
		if (arrives(&job->changes[i]))
			asked[count++].vip = *job->changes[i].after;
	r = ask_all(asked, count, err);
	count = 0;
	for (size_t i = 0; i < job->count && (r == 0 || r == -EBUSY); i++) {
		if (!arrives(&job->changes[i]) || !asked[count++].answered)
			continue;
		r = r ? r : fail_answered(&asked[count - 1], err);
		job->changes[i] = (struct vip_change){ NULL, NULL };
		job->left_out[i] = true;
	}
	free(asked);
	return r;
}

/* What comes back counts as withdrawn until the kernel has it: otherwise it would
   be forgotten after a death in between. */
static int note_one(struct record *record, const struct vip_change *change)
{
	struct ipvsctl_vip noted = *change->after;

	if (change->before && !noted.withdrawn[0])
		(void)memcpy(noted.withdrawn, change->before->withdrawn,
			     sizeof(noted.withdrawn));
	return record_put(record, &noted);
}

static int note_all(struct job *job, struct ipvsctl_error *err)
{
	int r;

	for (size_t i = 0; i < job->count; i++)
		if (job->changes[i].after &&
		    note_one(&job->record, &job->changes[i]) < 0)
			return fail_memory(err);
	r = tunnels_note(&job->rtnetlink, &job->record, err);
	if (r == 0)
		r = settings_note(&job->record, err);
	return r < 0 ? r : record_save(&job->record, err);
}

/* Makes devices, notes their settings, which came with them, and sets all. */
static int prepare(struct job *job, struct ipvsctl_error *err)
{
	size_t noted = job->record.setting_count;
	int r = tunnels_make(&job->rtnetlink, &job->record, err);

	if (r == 0)
		r = settings_note(&job->record, err);
	if (r == 0 && job->record.setting_count > noted)
		r = record_save(&job->record, err);
	return r < 0 ? r : settings_raise(&job->record, err);
}

/* Forgets what is deleted, or what was added in vain; records the rest as it is
   now. */
static void forget(struct job *job, bool undone)
{
	for (size_t i = 0; i < job->count; i++) {
		const struct vip_change *change = &job->changes[i];
		const struct ipvsctl_vip *kept =
			undone ? change->before : change->after;

		if (!change->before && !change->after)
			continue;
		if (!kept)
			record_drop(&job->record,
				    undone ? change->after : change->before);
		else if (vip_table_find(&job->record.vips, kept))
			*vip_table_find(&job->record.vips, kept) = *kept;
	}
}

static bool has_marked(const struct record *record, uint16_t family)
{
	for (size_t i = 0; i < record->vips.count; i++)
		if (record->vips.vips[i].mark &&
		    record->vips.vips[i].address.family == family)
			return true;
	return false;
}

/* Takes back what no VIP needs any more. */
static int finish(struct job *job, bool undone, struct ipvsctl_error *err)
{
	bool marked[2] = { has_marked(&job->record, AF_INET),
			   has_marked(&job->record, AF_INET6) };
	int r = 0;

	forget(job, undone);
	if (marked[0] && !has_marked(&job->record, AF_INET))
		r = marked_route_delete(&job->rtnetlink, AF_INET);
	if (r == 0 && marked[1] && !has_marked(&job->record, AF_INET6))
		r = marked_route_delete(&job->rtnetlink, AF_INET6);
	if (r < 0)
		return fail_kernel(err, OPERATION_DELETE_VIP, -r, NULL);
	r = settings_lower(&job->record, err);
	if (r == 0)
		r = tunnels_close(&job->rtnetlink, &job->record,
				  &job->now->others, err);
	return r < 0 ? r : record_save(&job->record, err);
}

/* The record as it was noted has too much, which does not count: it stays if even
   finishing fails. */
static int run(struct job *job, struct ipvsctl_error *err)
{
	size_t done = 0;
	bool ends = false;
	int r = prepare(job, err);

	while (r == 0 && done < job->count) {
		r = held_change(&job->rtnetlink, &job->changes[done], err);
		done += r == 0;
	}
	if (r == 0)
		r = tunnels_open(&job->rtnetlink, &job->record, err);
	if (r == 0) {
		ends = true;
		r = finish(job, false, err);
	}
	if (r == 0)
		return 0;
	while (done-- > 0) {
		const struct vip_change back = { job->changes[done].after,
						 job->changes[done].before };

		if (held_change(&job->rtnetlink, &back, NULL) < 0)
			return r;
	}
	if (!ends)
		(void)finish(job, true, NULL);
	return r;
}

static int allocate(struct job *job, const struct vip_change *changes,
		    struct ipvsctl_error *err)
{
	job->changes = calloc(job->count + 1, sizeof(*job->changes));
	job->wanted = calloc(job->count + 1, sizeof(*job->wanted));
	if (!job->changes || !job->wanted)
		return fail_memory(err);
	memcpy(job->changes, changes, job->count * sizeof(*changes));
	return ipvsctl_config_new(&job->now, err);
}

int vips_apply(const struct vip_change *changes, size_t count, bool *left_out,
	       struct ipvsctl_error *err)
{
	struct job job = { .rtnetlink.fd = -1,
			   .left_out = left_out,
			   .count = count };
	int left = 0;
	int r = allocate(&job, changes, err);

	if (r == 0)
		r = record_load(&job.record, err);
	if (r == 0)
		r = open_socket(&job.rtnetlink, err);
	if (r == 0)
		r = load(&job.rtnetlink, &job.record, job.now, err);
	if (r == 0)
		r = adopt_all(&job, err);
	if (r == 0)
		left = ask_hosts(&job, err);
	if (r == 0 && left < 0 && left != -EBUSY)
		r = left;
	if (r == 0)
		r = note_all(&job, err);
	if (r == 0)
		r = run(&job, err);
	rtnetlink_close(&job.rtnetlink);
	record_free(&job.record);
	ipvsctl_config_free(job.now);
	free(job.changes);
	free(job.wanted);
	if (r == 0)
		return left;
	memset(left_out, 0, count * sizeof(*left_out));
	return r;
}

/* ---- Announcements ------------------------------------------------------- */

int vips_announce(const struct ipvsctl_vip *vips, size_t count,
		  struct ipvsctl_error *err)
{
	struct neighbour *told = calloc(count + 1, sizeof(*told));
	int r;

	if (!told)
		return fail_memory(err);
	for (size_t i = 0; i < count; i++)
		told[i].vip = vips[i];
	r = neighbours_find(told, count);
	if (r == 0)
		r = neighbours_tell(told, count);
	free(told);
	return r < 0 ? fail_hosts(r, err) : 0;
}
