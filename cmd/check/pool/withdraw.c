/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Withdraws the VIP of a check while its quorum is lost, so that a routing daemon
 * that exports it follows. The reasons are kept with the VIP, by the library.
 */
#include "check/pool/withdraw.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "check/pool/change.h"

enum cause {
	CAUSE_QUORUM,
	CAUSE_MAINTENANCE,
	CAUSES,
};

static const char *const causes[CAUSES] = { "quorum", "maintenance" };

enum withdraw_verdict withdraw_by_quorum(const struct watched *watched,
					 size_t count)
{
	enum withdraw_verdict verdict = WITHDRAW_NO;

	for (size_t i = 0; i < count; i++) {
		/* Emptied: those that drain need it as long as they are there. */
		const bool drains = watched[i].drains && watched[i].count == 0;

		if (watched[i].lost && !drains)
			return WITHDRAW_YES;
		if (watched[i].unsure || drains)
			verdict = WITHDRAW_KEEP;
	}
	return verdict;
}

bool withdraw_is_possible(const struct run *run)
{
	for (size_t i = 0; i < run->checks->count; i++)
		if (run->checks->checks[i].withdraw)
			return true;
	for (size_t i = 0; i < run->state.check_count; i++)
		if (run->state.checks[i].vip)
			return true;
	return false;
}

/* A check, its services, and its VIP. */
struct withdrawal {
	struct run *run;
	const struct check *check;
	struct state_check *state;
	struct watched *watched;
	size_t count;
	const struct ipvsctl_vip *vip; /* in command->to */
};

/* ---- Finding ------------------------------------------------------------- */

/* Returns the VIP that the check names, or NULL; of several, the first. */
static const struct ipvsctl_vip *find_vip(const struct ipvsctl_config *config,
					  const char *name)
{
	struct ipvsctl_vip named;

	if (ipvsctl_vip_parse(name, &named, NULL) < 0)
		return NULL;
	ipvsctl_for_each_vip(config, vip)
		if (!ipvsctl_address_compare(&vip->address, &named.address) &&
		    !vip->mark &&
		    (!named.prefix_length ||
		     named.prefix_length == vip->prefix_length))
			return vip;
	return NULL;
}

/* Warns, unless an earlier run has had the VIP: then somebody has deleted it. */
static int miss(const struct withdrawal *withdrawal)
{
	const char *name = withdrawal->check->withdraw;
	struct state_check *state = withdrawal->state;

	state->withdrawn = false;
	if (state->vip && !strcmp(state->vip, name))
		return 0;
	run_warn(withdrawal->run,
		 "%s: lbctl holds no such VIP to withdraw: lbctl-vip add %s "
		 "--dev DEV",
		 name, name);
	return 0;
}

static int refuse_adopted(const struct withdrawal *withdrawal)
{
	run_warn(withdrawal->run,
		 "%s: %s had this address before lbctl, which does not "
		 "withdraw it: ip addr del %s/%u dev %s",
		 withdrawal->check->withdraw, withdrawal->vip->interface,
		 withdrawal->check->withdraw, withdrawal->vip->prefix_length,
		 withdrawal->vip->interface);
	return 0;
}

/* ---- Withdrawing --------------------------------------------------------- */

/* Tells whether the check has a VIP withdrawn for this cause; NULL: it has not. */
static bool has_cause(const struct withdrawal *withdrawal,
		      const struct ipvsctl_vip *vip, enum cause cause)
{
	char reason[REASON_SIZE];

	return vip &&
	       ipvsctl_vip_is_withdrawn(vip,
					change_reason(reason, causes[cause],
						      withdrawal->check->name));
}

static bool has_any_cause(const struct withdrawal *withdrawal,
			  const struct ipvsctl_vip *vip)
{
	return has_cause(withdrawal, vip, CAUSE_QUORUM) ||
	       has_cause(withdrawal, vip, CAUSE_MAINTENANCE);
}

static int apply(const struct withdrawal *withdrawal, enum cause cause,
		 enum withdraw_verdict verdict)
{
	struct command *command = withdrawal->run->command;
	char reason[REASON_SIZE];

	(void)change_reason(reason, causes[cause], withdrawal->check->name);
	if (verdict == WITHDRAW_KEEP)
		return 0;
	return verdict == WITHDRAW_YES ?
		       ipvsctl_config_withdraw_vip(command->to, withdrawal->vip,
						   reason, &command->err) :
		       ipvsctl_config_return_vip(command->to, withdrawal->vip,
						 reason, &command->err);
}

static enum withdraw_verdict by_maintenance(const struct withdrawal *withdrawal)
{
	const char *path = withdrawal->check->maintenance;
	struct stat status;

	if (!path)
		return WITHDRAW_NO;
	if (stat(path, &status) == 0)
		return WITHDRAW_YES;
	if (errno == ENOENT || errno == ENOTDIR)
		return WITHDRAW_NO;
	run_warn(withdrawal->run, "%s: %s; the VIP stays as it is", path,
		 strerror(errno));
	return WITHDRAW_KEEP;
}

static int tell(const struct withdrawal *withdrawal, bool quorum)
{
	const struct state_check *state = withdrawal->state;
	struct transition transition = {
		.check = withdrawal->check,
		.event = state->withdrawn ? TRANSITION_VIP_WITHDRAWN :
					    TRANSITION_VIP_RETURNED,
		.service = withdrawal->watched->service,
		.server.address = withdrawal->vip->address,
	};

	if (state->withdrawn)
		(void)snprintf(transition.reason, sizeof(transition.reason),
			       "%s",
			       quorum ? "the quorum is lost" : "maintenance");
	else if (ipvsctl_vip_is_withdrawn(withdrawal->vip, NULL))
		(void)snprintf(transition.done, sizeof(transition.done),
			       "still withdrawn for another reason");
	return transitions_add(&withdrawal->run->transitions, &transition) < 0 ?
		       command_no_memory(withdrawal->run->command) :
		       0;
}

static int remember(const struct withdrawal *withdrawal)
{
	struct state_check *state = withdrawal->state;
	const char *name = withdrawal->check->withdraw;

	if (state->vip && !strcmp(state->vip, name))
		return 0;
	free(state->vip);
	state->vip = strdup(name);
	return state->vip ? 0 : command_no_memory(withdrawal->run->command);
}

static int settle(struct withdrawal *withdrawal)
{
	struct state_check *state = withdrawal->state;
	/* As it stands, whatever an earlier run meant to do. */
	const bool before = has_any_cause(
		withdrawal,
		ipvsctl_config_find_vip(withdrawal->run->command->from,
					withdrawal->vip));
	int r = remember(withdrawal);

	if (r == 0)
		r = apply(withdrawal, CAUSE_QUORUM,
			  withdraw_by_quorum(withdrawal->watched,
					     withdrawal->count));
	if (r == 0)
		r = apply(withdrawal, CAUSE_MAINTENANCE,
			  by_maintenance(withdrawal));
	if (r < 0)
		return r;
	state->withdrawn = has_any_cause(withdrawal, withdrawal->vip);
	for (size_t i = 0; i < withdrawal->count; i++)
		withdrawal->watched[i].withdrawn = state->withdrawn;
	return state->withdrawn == before ?
		       0 :
		       tell(withdrawal, has_cause(withdrawal, withdrawal->vip,
						  CAUSE_QUORUM));
}

/* Brings back a VIP for all that this check has against it. */
static int bring_back(struct run *run, const char *name, const char *check_name)
{
	const struct ipvsctl_vip *vip = find_vip(run->command->to, name);
	char reason[REASON_SIZE];
	int r = 0;

	for (size_t i = 0; vip && r == 0 && i < CAUSES; i++)
		r = ipvsctl_config_return_vip(run->command->to, vip,
					      change_reason(reason, causes[i],
							    check_name),
					      &run->command->err);
	return r;
}

/* Brings back a VIP that the check does not withdraw any more. */
static int drop_other(const struct withdrawal *withdrawal)
{
	struct state_check *state = withdrawal->state;
	const char *wanted = withdrawal->check->withdraw;
	int r;

	if (!state->vip || (wanted && !strcmp(state->vip, wanted)))
		return 0;
	r = bring_back(withdrawal->run, state->vip, state->name);
	/* Not forgotten, nor replaced, before it is back. */
	state->vip_dropped = true;
	return r;
}

static int withdraw(struct withdrawal *withdrawal)
{
	const struct check *check = withdrawal->check;
	int r = drop_other(withdrawal);

	if (r < 0 || withdrawal->state->vip_dropped || !check->withdraw ||
	    withdrawal->count == 0)
		return r;
	withdrawal->vip =
		find_vip(withdrawal->run->command->to, check->withdraw);
	if (!withdrawal->vip)
		return miss(withdrawal);
	return withdrawal->vip->adopted ? refuse_adopted(withdrawal) :
					  settle(withdrawal);
}

int withdraw_all(struct run *run)
{
	struct watched_list *watched = &run->watched;
	size_t next = 0;
	int r = 0;

	if (run->vips_failed)
		return 0;
	run->told = false;

	/* The services of a check are side by side. */
	for (size_t i = 0; r == 0 && i < run->checks->count; i++) {
		const struct check *check = &run->checks->checks[i];
		struct withdrawal withdrawal = {
			.run = run,
			.check = check,
			.state = state_find(&run->state, check->name,
					    check->selected),
			.watched = watched->list + next,
		};

		while (next < watched->count &&
		       watched->list[next].check == check)
			next++;
		withdrawal.count =
			(size_t)(watched->list + next - withdrawal.watched);
		r = withdraw(&withdrawal);
	}
	run->told = true;
	return r;
}

int withdraw_forget(struct run *run, struct state_check *state)
{
	state->dropped = !run->vips_failed;
	return bring_back(run, state->vip, state->name);
}
