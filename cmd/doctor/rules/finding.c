/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Runs the rules over the facts, and gathers what they find. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "array.h"
#include "doctor/rules/rule.h"

static const char *const severity_names[SEVERITIES] = {
	[SEVERITY_ERROR] = "error",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_INFO] = "info",
};

const char *severity_name(enum severity severity)
{
	return severity_names[severity];
}

/* ---- Findings ------------------------------------------------------------ */

struct finding *found(struct diagnosis *diagnosis,
		      const struct ipvsctl_service *service, const char *format,
		      ...)
{
	struct finding *grown =
		array_grow(diagnosis->findings, &diagnosis->capacity,
			   diagnosis->count + 1, sizeof(*grown));
	struct finding finding = { .rule = diagnosis->rule };
	va_list arguments;

	if (grown)
		diagnosis->findings = grown;
	va_start(arguments, format);
	if (!grown || vasprintf(&finding.what, format, arguments) < 0)
		diagnosis->failed = true;
	va_end(arguments);
	if (diagnosis->failed)
		return NULL;
	if (service) {
		finding.about_service = true;
		finding.service = *service;
	}
	grown[diagnosis->count] = finding;
	return &grown[diagnosis->count++];
}

void found_mend(struct finding *finding, const char *const *words)
{
	if (!finding)
		return;
	if (finding->text.length)
		text_add_text(&finding->text, " && ");
	for (size_t i = 0; words[i]; i++) {
		if (i > 0)
			text_add_text(&finding->text, " ");
		text_add_word(&finding->text, words[i]);
	}
}

void found_mend_line(struct diagnosis *diagnosis, struct finding *finding,
		     char *line)
{
	if (!line)
		diagnosis->failed = true;
	else if (finding)
		text_add(&finding->text, "%slbctl-%s",
			 finding->text.length ? " && " : "", line);
	free(line);
}

void found_mend_sysctl(struct finding *finding, const char *name, uint32_t value)
{
	char setting[128];

	(void)snprintf(setting, sizeof(setting), "%s=%u", name, value);
	MEND(finding, "sysctl", "-w", setting);
}

/* ---- Rules --------------------------------------------------------------- */

const struct rule *rule_find(const char *id)
{
	for (size_t i = 0; i < rule_count; i++)
		if (strcasecmp(rules[i].id, id) == 0)
			return &rules[i];
	return NULL;
}

enum fact rule_lacks(const struct rule *rule, const struct facts *facts)
{
	int fact = 0;

	while (fact < FACTS &&
	       (facts->known[fact] || !(rule->needs & FACT_BIT(fact))))
		fact++;
	return (enum fact)fact;
}

/* The worst first; findings of one rule in the order in which it found them. */
static int compare(const void *a, const void *b)
{
	const struct finding *one = a, *other = b;
	int order = (int)one->rule->severity - (int)other->rule->severity;

	if (order == 0)
		order = (one->rule > other->rule) - (one->rule < other->rule);
	if (order == 0)
		order = (int)one->about_service - (int)other->about_service;
	if (order == 0 && one->about_service)
		order = ipvsctl_service_compare(&one->service, &other->service);
	return order ? order : strcmp(one->what, other->what);
}

static void judge(struct diagnosis *diagnosis, const struct rule *rule)
{
	const enum fact lacking = rule_lacks(rule, diagnosis->facts);

	if (rule->roles && !(rule->roles & diagnosis->roles))
		return;
	diagnosis->rule = rule;
	if (lacking == FACTS) {
		rule->judge(diagnosis);
		return;
	}
	diagnosis->unknown[diagnosis->unknown_count++] = rule;
	diagnosis->denied =
		diagnosis->denied || diagnosis->facts->denied[lacking];
}

int diagnose(const struct facts *facts, unsigned int roles,
	     struct diagnosis *ret_diagnosis)
{
	struct diagnosis *diagnosis = ret_diagnosis;

	*diagnosis = (struct diagnosis){
		.facts = facts,
		.roles = roles ? roles : roles_of(facts),
		.unknown = calloc(rule_count, sizeof(const struct rule *)),
	};
	if (!diagnosis->unknown)
		return -ENOMEM;
	for (size_t i = 0; i < rule_count; i++)
		judge(diagnosis, &rules[i]);
	for (size_t i = 0; i < diagnosis->count; i++) {
		struct finding *finding = &diagnosis->findings[i];

		if ((finding->text.length || finding->text.failed) &&
		    text_take(&finding->text, &finding->mend) < 0)
			diagnosis->failed = true;
	}
	if (diagnosis->failed)
		return -ENOMEM;
	if (diagnosis->count)
		qsort(diagnosis->findings, diagnosis->count,
		      sizeof(*diagnosis->findings), compare);
	return 0;
}

void diagnosis_free(struct diagnosis *diagnosis)
{
	for (size_t i = 0; i < diagnosis->count; i++) {
		free(diagnosis->findings[i].what);
		free(diagnosis->findings[i].mend);
		text_free(&diagnosis->findings[i].text);
	}
	free(diagnosis->findings);
	free(diagnosis->unknown);
	*diagnosis = (struct diagnosis){ 0 };
}
