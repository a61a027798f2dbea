/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Rules about marks and the services that they lead to. */
#include <sys/socket.h>

#include <stdint.h>
#include <string.h>

#include "doctor/rules/judge.h"

/* ---- Sets of marks ------------------------------------------------------- */

/* The marks of services or of rules, by family. */
struct mark_set {
	struct mark_in {
		uint32_t mark;
		uint16_t family;
	} * marks;
	size_t count;
};

static int compare_marks(const void *a, const void *b)
{
	const struct mark_in *one = a, *other = b;

	if (one->mark != other->mark)
		return one->mark < other->mark ? -1 : 1;
	return (one->family > other->family) - (one->family < other->family);
}

static void add_mark(struct mark_set *set, uint32_t mark, uint16_t family)
{
	set->marks[set->count++] = (struct mark_in){ mark, family };
}

static bool has_mark(const struct mark_set *set, uint32_t mark, uint16_t family)
{
	const struct mark_in key = { mark, family };

	return set->count && bsearch(&key, set->marks, set->count, sizeof(key),
				     compare_marks);
}

static void sort_marks(struct mark_set *set)
{
	if (set->count)
		qsort(set->marks, set->count, sizeof(*set->marks),
		      compare_marks);
}

/* Room for all services, and for all rules in both families. */
static bool make_room(struct diagnosis *diagnosis, struct mark_set *set)
{
	size_t count = 1;

	ipvsctl_for_each_service(diagnosis->facts->config, service)
		count++;
	ipvsctl_for_each_mark(diagnosis->facts->config, rule)
		count += 2;
	set->marks = calloc(count, sizeof(*set->marks));
	if (!set->marks)
		diagnosis->failed = true;
	return set->marks;
}

static void add_services(const struct facts *facts, struct mark_set *set)
{
	ipvsctl_for_each_service(facts->config, service)
		if (service->fwmark)
			add_mark(set, service->fwmark, service->address.family);
	sort_marks(set);
}

static void add_rules(const struct facts *facts, struct mark_set *set)
{
	ipvsctl_for_each_mark(facts->config, rule) {
		if (rule->exclude)
			continue;
		if (rule->family != AF_INET6)
			add_mark(set, rule->mark, AF_INET);
		if (rule->family != AF_INET)
			add_mark(set, rule->mark, AF_INET6);
	}
	sort_marks(set);
}

/* ---- M1 and M10 ---------------------------------------------------------- */

/* Tells whether a service has a mark that the rule sets, in one of its
   families. */
static bool is_served(const struct mark_set *services,
		      const struct ipvsctl_mark *rule)
{
	return (rule->family != AF_INET6 &&
		has_mark(services, rule->mark, AF_INET)) ||
	       (rule->family != AF_INET &&
		has_mark(services, rule->mark, AF_INET6));
}

void judge_mark_without_service(struct diagnosis *diagnosis)
{
	const struct facts *facts = diagnosis->facts;
	struct mark_set services = { 0 };
	char family[32];

	if (!facts->config || !make_room(diagnosis, &services))
		return;
	add_services(facts, &services);
	ipvsctl_for_each_mark(facts->config, rule) {
		struct finding *finding;
		char name[48];

		/* A rule that only changes the source needs no service. */
		if (rule->exclude || rule->snat || is_served(&services, rule))
			continue;
		(void)snprintf(family, sizeof(family), "%s",
			       rule->family == AF_INET6 ? "/inet6" : "");
		finding = found(diagnosis, NULL,
				"a mark rule sets mark %u, but no service "
				"fwmark:%u%s exists",
				rule->mark, rule->mark, family);
		(void)snprintf(name, sizeof(name), "fwmark:%u%s", rule->mark,
			       family);
		MEND(finding, "lbctl-svc", "add", name);
	}
	free(services.marks);
}

/* A rule of others can set the mark, in a form that only they know. */
void judge_service_without_mark(struct diagnosis *diagnosis)
{
	const struct facts *facts = diagnosis->facts;
	struct mark_set set = { 0 };

	if (!facts->config || facts->lists[FACT_FOREIGN].count ||
	    !make_room(diagnosis, &set))
		return;
	add_rules(facts, &set);
	ipvsctl_for_each_service(facts->config, service)
		if (service->fwmark &&
		    !has_mark(&set, service->fwmark, service->address.family))
			(void)found(diagnosis, service,
				    "no mark rule sets mark %u for %s",
				    service->fwmark,
				    service->address.family == AF_INET6 ?
					    "IPv6" :
					    "IPv4");
	free(set.marks);
}

/* ---- M3 ------------------------------------------------------------------ */

void judge_mark_not_local(struct diagnosis *diagnosis)
{
	const struct facts *facts = diagnosis->facts;
	struct mark_set services = { 0 };

	if (!facts->config || !make_room(diagnosis, &services))
		return;
	add_services(facts, &services);
	ipvsctl_for_each_mark(facts->config, rule) {
		const struct ipvsctl_address *first =
			rule->destination.count ?
				&rule->destination.ranges[0].first :
				NULL;
		char address[IPVSCTL_ADDRESS_TEXT], mark[16];
		struct finding *finding;

		if (!first || rule->exclude || !is_served(&services, rule) ||
		    !facts_route(facts, first, rule->mark) ||
		    is_held(facts, first, rule->mark))
			continue;
		(void)ipvsctl_address_format(first, address);
		(void)snprintf(mark, sizeof(mark), "%u", rule->mark);
		finding = found(diagnosis, NULL,
				"packets to %s get mark %u, but this host does "
				"not take them as its own",
				address, rule->mark);
		MEND(finding, "lbctl-vip", "add", address, "--local-route",
		     "--mark", mark);
	}
	free(services.marks);
}

/* ---- M4 ------------------------------------------------------------------ */

static const struct ipvsctl_vip *marked_vip(const struct ipvsctl_config *config)
{
	if (!config)
		return NULL;
	ipvsctl_for_each_vip(config, vip)
		if (vip->flags & IPVSCTL_VIP_LOCAL_ROUTE && vip->mark &&
		    vip->address.family == AF_INET)
			return vip;
	return NULL;
}

void judge_src_valid_mark(struct diagnosis *diagnosis)
{
	const struct facts *facts = diagnosis->facts;
	const struct ipvsctl_vip *vip = marked_vip(facts->config);

	if (!vip)
		return;
	facts_for_each(facts, FACT_LINKS, fact_link, link)
	{
		const char *const places[] = { "all", link->name };
		struct finding *finding;

		if (!link->up || link->loopback ||
		    !facts_greater(facts, link->name, "src_valid_mark"))
			continue;
		finding = found(diagnosis, NULL,
				"src_valid_mark is 1 on %s, and mark %u makes "
				"addresses local",
				link->name, vip->mark);
		for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
			char path[96];
			uint32_t value = 0;

			(void)snprintf(path, sizeof(path),
				       "net/ipv4/conf/%s/src_valid_mark",
				       places[i]);
			(void)facts_number(facts, path, &value);
			if (value)
				found_mend_sysctl(finding, path, 0);
		}
	}
}
