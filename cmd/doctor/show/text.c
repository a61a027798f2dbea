/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A diagnosis for people: the worst first, each finding in three lines. */
#include <string.h>

#include "clean.h"
#include "doctor/show/show.h"
#include "output/output.h"

/* Findings of one rule that are written; --json has all. */
#define SHOWN_MAX 10

bool is_selected(const struct selection *selection,
		 const struct finding *finding)
{
	return finding->rule->severity <= selection->least &&
	       (!selection->service || !finding->about_service ||
		ipvsctl_service_compare(&finding->service,
					selection->service) == 0);
}

size_t count_selected(const struct diagnosis *diagnosis,
		      const struct selection *selection)
{
	size_t count = 0;

	for (size_t i = 0; i < diagnosis->count; i++)
		count += is_selected(selection, &diagnosis->findings[i]);
	return count;
}

static void put_finding(FILE *stream, const struct finding *finding, bool colour)
{
	static const char *const colours[SEVERITIES] = {
		[SEVERITY_ERROR] = "\033[1;31m",
		[SEVERITY_WARNING] = "\033[1;33m",
		[SEVERITY_INFO] = "\033[1;36m",
	};
	const struct rule *rule = finding->rule;
	char service[IPVSCTL_IDENTITY_TEXT];

	(void)fprintf(stream,
		      "%s%s %s%s: ", colour ? colours[rule->severity] : "",
		      severity_name(rule->severity), rule->id,
		      colour ? "\033[0m" : "");
	if (finding->about_service)
		(void)fprintf(stream, "%s: ",
			      ipvsctl_service_format(&finding->service,
						     service));
	(void)output_clean(stream, finding->what);
	(void)fprintf(stream, "\n    %s\n    mend: ", rule->why);
	if (finding->mend)
		(void)output_clean(stream, finding->mend);
	else
		(void)fprintf(stream, "%s", rule->mend);
	(void)fputc('\n', stream);
}

/* Writes which rules could not be judged, by what they lack. */
static void put_unknown(FILE *stream, const struct diagnosis *diagnosis)
{
	for (int fact = 0; fact < FACTS; fact++) {
		const char *why = diagnosis->facts->why[fact];
		bool begun = false;

		for (size_t i = 0; i < diagnosis->unknown_count; i++) {
			const struct rule *rule = diagnosis->unknown[i];

			if (rule_lacks(rule, diagnosis->facts) !=
			    (enum fact)fact)
				continue;
			(void)fprintf(stream, "%s%s",
				      begun ? " " : "unknown: ", rule->id);
			begun = true;
		}
		if (!begun)
			continue;
		(void)fprintf(stream, ": %s: ", fact_name((enum fact)fact));
		(void)output_clean(stream, why ? why : "not collected");
		(void)fputc('\n', stream);
	}
}

int show_text(FILE *stream, const struct diagnosis *diagnosis,
	      const struct selection *selection)
{
	const struct rule *last = NULL;
	size_t shown = 0;

	for (size_t i = 0; i < diagnosis->count; i++) {
		const struct finding *finding = &diagnosis->findings[i];

		if (!is_selected(selection, finding))
			continue;
		if (finding->rule != last && shown > SHOWN_MAX)
			(void)fprintf(stream, "%s: %zu more like it\n",
				      last->id, shown - SHOWN_MAX);
		if (finding->rule != last)
			shown = 0;
		last = finding->rule;
		if (shown++ < SHOWN_MAX)
			put_finding(stream, finding, selection->colour);
	}
	if (last && shown > SHOWN_MAX)
		(void)fprintf(stream, "%s: %zu more like it\n", last->id,
			      shown - SHOWN_MAX);
	put_unknown(stream, diagnosis);
	return ferror(stream) ? nerrno() : 0;
}

/* ---- Nagios -------------------------------------------------------------- */

int show_nagios(FILE *stream, const struct diagnosis *diagnosis,
		const struct selection *selection, int *ret_status)
{
	static const char *const names[] = { "OK", "WARNING", "CRITICAL",
					     "UNKNOWN" };
	size_t counts[SEVERITIES] = { 0 };
	const struct finding *worst = NULL;
	int status = 0;

	for (size_t i = 0; i < diagnosis->count; i++) {
		const struct finding *finding = &diagnosis->findings[i];

		if (!is_selected(selection, finding))
			continue;
		counts[finding->rule->severity]++;
		worst = worst ? worst : finding;
	}
	if (counts[SEVERITY_ERROR])
		status = 2;
	else if (counts[SEVERITY_WARNING])
		status = 1;
	else if (diagnosis->unknown_count)
		status = 3;
	(void)fprintf(stream, "LBCTL %s - ", names[status]);
	if (worst) {
		(void)fprintf(stream, "%s: ", worst->rule->id);
		(void)output_clean(stream, worst->what);
	} else {
		(void)fputs("nothing found", stream);
	}
	if (diagnosis->unknown_count)
		(void)fprintf(stream, "; not judged: %zu rules",
			      diagnosis->unknown_count);
	(void)fprintf(stream,
		      " | 'errors'=%zu;;;0; 'warnings'=%zu;;;0; "
		      "'infos'=%zu;;;0; 'unknown'=%zu;;;0;%zu\n",
		      counts[SEVERITY_ERROR], counts[SEVERITY_WARNING],
		      counts[SEVERITY_INFO], diagnosis->unknown_count,
		      rule_count);
	*ret_status = status;
	return ferror(stream) ? nerrno() : 0;
}

/* ---- Rules --------------------------------------------------------------- */

int show_rule(FILE *stream, const struct rule *rule)
{
	(void)fprintf(stream, "%s (%s): %s\n    %s\n    mend: %s\n", rule->id,
		      severity_name(rule->severity), rule->what, rule->why,
		      rule->mend);
	return ferror(stream) ? nerrno() : 0;
}

int show_rules(FILE *stream)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < rule_count; i++)
		r = show_rule(stream, &rules[i]);
	return r;
}
