/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Settings of the kernel. Those of VIPs keep a real server from answering for
 * them, and let it take packets out of tunnels. For each the kernel takes the
 * larger one of "all" and the interface that a packet comes in by or goes out by
 * (5.10 to 6.18). Against answers "all" is enough, and an interface can only stand
 * in the way with a value that means something else.
 */
#include "vip/settings.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "fail.h"
#include "sysctl.h"

#define FOLDER "ipv4/conf/"
#define TRACK  "ipv4/vs/conntrack" /* of mark rules */

static const struct need {
	const char *name; /* "ipv4/conf/all/NAME" */
	uint32_t least;
	uint32_t most;	 /* above, it means something else */
	uint32_t beyond; /* from here on, it is fine again */
	const char *why;
} needs[] = {
	/* 3 leaves out addresses of the scope host, which ours have; 4 to 7
	   mean 0; 8 answers nobody. */
	{ "arp_ignore", 1, 3, 8, "this host would answer ARP for the VIP" },
	{ "arp_announce", 2, 2, UINT32_MAX,
	  "this host would ask by ARP in the VIP's name" },
};

/*
 * Clients do not live behind the tunnel that their packets come out of, which a
 * strict rp_filter (1) of "all" or the device takes for forged. With 2 the kernel
 * passes what it has any route back for, if the device has an address of IPv4.
 */
#define RP_FILTER	"rp_filter"
#define RP_FILTER_LOOSE 2

static int fail_setting(const char *name, int code, const char *what,
			struct ipvsctl_error *err)
{
	if (code == -EACCES || code == -EPERM)
		code = fail(err, -EPERM, "may not be %s", what);
	else
		code = fail(err, -EIO, "cannot be %s: %s", what,
			    strerrordesc_np(-code));
	return fail_about(err, code, "/proc/sys/net/%s", name);
}

/* Fails with -ENOENT, and without err, if there is no such setting: that of an
   interface that is gone. */
static int get(const char *name, uint32_t *ret_value, struct ipvsctl_error *err)
{
	char path[SETTING_NAME + sizeof("net/")];
	int r;

	(void)snprintf(path, sizeof(path), "net/%s", name);
	r = sysctl_get(path, ret_value);
	return r < 0 && r != -ENOENT ? fail_setting(name, r, "read", err) : r;
}

static int set(const char *name, uint32_t value, struct ipvsctl_error *err)
{
	char path[SETTING_NAME + sizeof("net/")];
	int r;

	(void)snprintf(path, sizeof(path), "net/%s", name);
	r = sysctl_set(path, value);
	return r < 0 ? fail_setting(name, r, "written", err) : 0;
}

static void name_setting(char name[SETTING_NAME], const char *interface,
			 const char *setting)
{
	(void)snprintf(name, SETTING_NAME, FOLDER "%s/%s", interface, setting);
}

/* Tells whether a VIP needs the setting. */
static bool vip_needs(const struct ipvsctl_vip *vip, const char *setting)
{
	char name[SETTING_NAME];

	if (!(vip->flags & IPVSCTL_VIP_REAL_SERVER) ||
	    vip->address.family != AF_INET)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		name_setting(name, "all", needs[i].name);
		if (strcmp(name, setting) == 0)
			return true;
	}
	name_setting(name, vip->interface, RP_FILTER);
	return vip->tunnel && strcmp(name, setting) == 0;
}

static bool is_needed(const struct record *record, const char *setting)
{
	for (size_t i = 0; i < record->vips.count; i++)
		if (vip_needs(&record->vips.vips[i], setting))
			return true;
	return false;
}

static const struct changed_setting *find(const struct record *record,
					  const char *name)
{
	for (size_t i = 0; i < record->setting_count; i++)
		if (strcmp(record->settings[i].name, name) == 0)
			return &record->settings[i];
	return NULL;
}

/* ---- Looking ------------------------------------------------------------- */

/* Notes a setting, unless its value is high enough. */
static int note(struct record *record, const char *name, uint32_t least,
		struct ipvsctl_error *err)
{
	struct changed_setting setting = { .after = least };
	int r;

	(void)snprintf(setting.name, sizeof(setting.name), "%s", name);
	r = get(name, &setting.before, err);
	if (r < 0 || setting.before >= least || find(record, name))
		return r;
	return record_add_setting(record, &setting) < 0 ? fail_memory(err) : 0;
}

static int note_need(struct record *record, const char *interface,
		     const char *name, uint32_t least,
		     struct ipvsctl_error *err)
{
	char setting[SETTING_NAME];

	name_setting(setting, interface, name);
	return note(record, setting, least, err);
}

/* Devices that are still to be made are passed over. */
static int note_rp_filter(struct record *record, struct ipvsctl_error *err)
{
	int r = 0;

	for (size_t i = 0; i < record->vips.count && r == 0; i++) {
		const struct ipvsctl_vip *vip = &record->vips.vips[i];

		if (!vip->tunnel || vip->address.family != AF_INET)
			continue;
		r = note_need(record, vip->interface, RP_FILTER,
			      RP_FILTER_LOOSE, err);
		if (r == -ENOENT)
			r = 0;
	}
	return r;
}

/* Fails if the value of an interface, or that of all, means something else. */
static int check_interface(const char *interface, struct ipvsctl_error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		const struct need *need = &needs[i];
		char name[SETTING_NAME];
		uint32_t value = 0;
		int r;

		if ((size_t)snprintf(name, sizeof(name), FOLDER "%s/%s",
				     interface, need->name) >= sizeof(name))
			continue;
		r = get(name, &value, NULL);
		/* The interface may be gone by now. */
		if (r < 0 || value <= need->most || value >= need->beyond)
			continue;
		r = fail(err, -EBUSY, "net.ipv4.conf.%s.%s is %u: %s",
			 interface, need->name, value, need->why);
		return fail_hint(err, r, "sysctl -w net.ipv4.conf.%s.%s=%u",
				 interface, need->name, need->least);
	}
	return 0;
}

static int is_interface(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && strcmp(entry->d_name, "all") != 0 &&
	       strcmp(entry->d_name, "default") != 0 &&
	       strcmp(entry->d_name, "lo") != 0;
}

static int check_interfaces(struct ipvsctl_error *err)
{
	struct dirent **entries = NULL;
	int count = scandir("/proc/sys/net/" FOLDER, &entries, is_interface,
			    alphasort);
	int r = count < 0 ? nerrno() : 0;

	if (r < 0)
		return fail_setting(FOLDER, r, "read", err);
	r = check_interface("all", err);
	for (int i = 0; i < count; i++) {
		if (r == 0)
			r = check_interface(entries[i]->d_name, err);
		free(entries[i]);
	}
	free(entries);
	return r;
}

static bool is_real_server(const struct record *record)
{
	for (size_t i = 0; i < record->vips.count; i++)
		if (record->vips.vips[i].flags & IPVSCTL_VIP_REAL_SERVER &&
		    record->vips.vips[i].address.family == AF_INET)
			return true;
	return false;
}

int settings_note(struct record *record, struct ipvsctl_error *err)
{
	int r = 0;

	if (!is_real_server(record))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(needs) && r == 0; i++)
		r = note_need(record, "all", needs[i].name, needs[i].least, err);
	if (r == 0)
		r = note_rp_filter(record, err);
	return r < 0 ? r : check_interfaces(err);
}

/* ---- Changing ------------------------------------------------------------ */

static bool is_of_marks(const struct changed_setting *setting)
{
	return strcmp(setting->name, TRACK) == 0;
}

/* Sets what is noted for mark rules, or for VIPs. */
static int raise_all(const struct record *record, bool of_marks,
		     struct ipvsctl_error *err)
{
	int r = 0;

	for (size_t i = 0; i < record->setting_count && r == 0; i++) {
		const struct changed_setting *setting = &record->settings[i];
		uint32_t value = 0;

		if (is_of_marks(setting) != of_marks)
			continue;
		r = get(setting->name, &value, err);
		if (r == 0 && value < setting->after)
			r = set(setting->name, setting->after, err);
		if (r == -ENOENT)
			r = 0;
	}
	return r;
}

static int lower(const struct changed_setting *setting,
		 struct ipvsctl_error *err)
{
	uint32_t value = 0;
	int r = get(setting->name, &value, err);

	if (r == 0 && value == setting->after)
		r = set(setting->name, setting->before, err);
	return r == -ENOENT ? 0 : r;
}

/* Gives settings of mark rules, or those that no VIP needs, the values that they
   had, and forgets them. */
static int lower_all(struct record *record, bool of_marks,
		     struct ipvsctl_error *err)
{
	for (size_t i = record->setting_count; i-- > 0;) {
		struct changed_setting *setting = &record->settings[i];
		int r;

		if (is_of_marks(setting) != of_marks ||
		    is_needed(record, setting->name))
			continue;
		r = lower(setting, err);
		if (r < 0)
			return r;
		record->setting_count--;
		memmove(setting, setting + 1,
			(record->setting_count - i) * sizeof(*setting));
	}
	return 0;
}

int settings_raise(const struct record *record, struct ipvsctl_error *err)
{
	return raise_all(record, false, err);
}

int settings_lower(struct record *record, struct ipvsctl_error *err)
{
	return lower_all(record, false, err);
}

int settings_track(bool needed, struct ipvsctl_error *err)
{
	AUTO_RECORD struct record record = { .setting_count = 0 };
	uint32_t value;
	int r;

	if (sysctl_get("net/" TRACK, &value) == -ENOENT)
		return 0;
	r = record_load(&record, err);
	if (r == 0)
		r = needed ? note(&record, TRACK, 1, err) :
			     lower_all(&record, true, err);
	if (r == 0)
		r = record_save(&record, err);
	return r == 0 && needed ? raise_all(&record, true, err) : r;
}
