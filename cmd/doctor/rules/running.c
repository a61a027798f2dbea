/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Rules about checks, saved rulesets and sync daemons. */
#include <string.h>

#include "doctor/rules/judge.h"

/* Seconds after which a check has not run for too long. */
#define STALE 600

/* ---- Checks -------------------------------------------------------------- */

void judge_check_never(struct diagnosis *diagnosis)
{
	facts_for_each(diagnosis->facts, FACT_CHECKS, fact_check,
		       check) if (check->configured && !check->ran)
		MEND(found(diagnosis, NULL,
			   "check %s of checks.conf has never run", check->name),
		     "systemctl", "enable", "--now", "lbctl-check.timer");
}

void judge_check_stale(struct diagnosis *diagnosis)
{
	facts_for_each(diagnosis->facts, FACT_CHECKS, fact_check,
		       check) if (check->configured && check->ran &&
				  check->last_seconds > STALE)
		MEND(found(diagnosis, NULL,
			   "check %s has not run for %llu minutes", check->name,
			   (unsigned long long)check->last_seconds / 60),
		     "systemctl", "enable", "--now", "lbctl-check.timer");
}

void judge_checks_file(struct diagnosis *diagnosis)
{
	const struct fact_checks_file *file =
		facts_one(diagnosis->facts, FACT_CHECKS_FILE);

	if (file->path && file->fault)
		MEND(found(diagnosis, NULL, "%s: %s", file->path, file->fault),
		     "lbctl-check", "--dry-run");
}

/* ---- The saved ruleset --------------------------------------------------- */

void judge_saved_fault(struct diagnosis *diagnosis)
{
	const struct fact_saved *saved =
		facts_one(diagnosis->facts, FACT_SAVED);

	if (saved->path && saved->fault)
		MEND(found(diagnosis, NULL, "%s: %s", saved->path, saved->fault),
		     "lbctl-restore", "--dry-run", saved->path);
}

void judge_saved_differs(struct diagnosis *diagnosis)
{
	const struct fact_saved *saved =
		facts_one(diagnosis->facts, FACT_SAVED);

	if (saved->path && !saved->fault && saved->changes)
		MEND(found(diagnosis, NULL,
			   "%s differs from the kernel in %u places: %s",
			   saved->path, saved->changes,
			   saved->first ? saved->first : "?"),
		     "lbctl-restore", saved->path);
}

/* ---- Sync daemons -------------------------------------------------------- */

static const struct ipvsctl_sync *sync_of(const struct diagnosis *diagnosis,
					  enum ipvsctl_sync_role role)
{
	return diagnosis->facts->config ?
		       ipvsctl_config_get_sync(diagnosis->facts->config, role) :
		       NULL;
}

void judge_sync_loop(struct diagnosis *diagnosis)
{
	const struct ipvsctl_sync *master =
		sync_of(diagnosis, IPVSCTL_SYNC_MASTER);
	const struct ipvsctl_sync *backup =
		sync_of(diagnosis, IPVSCTL_SYNC_BACKUP);

	if (master && backup && (master->id == backup->id || !backup->id))
		MEND(found(diagnosis, NULL,
			   "the master daemon sends with id %u, and the backup "
			   "daemon of this host takes id %u, too",
			   master->id, backup->id),
		     "lbctl-sync", "stop", "backup");
}

void judge_sync_interface(struct diagnosis *diagnosis)
{
	for (enum ipvsctl_sync_role role = IPVSCTL_SYNC_MASTER;
	     role <= IPVSCTL_SYNC_BACKUP; role++) {
		const struct ipvsctl_sync *sync = sync_of(diagnosis, role);
		const struct fact_link *link =
			sync ? facts_link(diagnosis->facts, sync->interface) :
			       NULL;
		const char *name = ipvsctl_sync_role_name(role);
		struct finding *finding;

		if (!sync ||
		    (link && link->up && link->carrier && link->multicast))
			continue;
		if (!link) {
			MEND(found(diagnosis, NULL,
				   "the %s daemon's interface %s is gone", name,
				   sync->interface),
			     "lbctl-sync", "stop", name);
			continue;
		}
		finding = found(diagnosis, NULL,
				"the %s daemon's interface %s %s", name,
				sync->interface,
				!link->up      ? "is down" :
				!link->carrier ? "has no carrier" :
						 "has no multicast");
		if (!link->up)
			MEND(finding, "ip", "link", "set", link->name, "up");
		else if (!link->multicast)
			MEND(finding, "ip", "link", "set", link->name,
			     "multicast", "on");
	}
}

void judge_checks_down(struct diagnosis *diagnosis)
{
	facts_for_each(diagnosis->facts, FACT_CHECKS, fact_check,
		       check) if (check->down)
		MEND(found(diagnosis, NULL,
			   "check %s finds %u of %u servers down", check->name,
			   check->down, check->servers),
		     "lbctl-check", "show", check->name);
}
