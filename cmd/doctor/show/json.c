/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* A diagnosis, and the rules, as JSON. */
#include <errno.h>

#include <jansson.h>

#include "doctor/show/show.h"
#include "output/output.h"
#include "output/render.h"

static json_t *finding_json(const struct finding *finding)
{
	const struct rule *rule = finding->rule;
	char service[IPVSCTL_IDENTITY_TEXT];

	return render_pack("{s:s, s:s, s:s?, s:o, s:s, s:o}", "rule", rule->id,
			   "severity", severity_name(rule->severity), "service",
			   finding->about_service ?
				   ipvsctl_service_format(&finding->service,
							  service) :
				   NULL,
			   "what", render_text_json(finding->what), "why",
			   rule->why, "mend",
			   finding->mend ? render_text_json(finding->mend) :
					   json_null());
}

static json_t *unknown_json(const struct diagnosis *diagnosis,
			    const struct rule *rule)
{
	const enum fact fact = rule_lacks(rule, diagnosis->facts);
	const char *why = diagnosis->facts->why[fact];

	return render_pack("{s:s, s:s, s:o}", "rule", rule->id, "lacks",
			   fact_name(fact), "why",
			   why ? render_text_json(why) : json_null());
}

int show_json(FILE *stream, const struct diagnosis *diagnosis,
	      const struct selection *selection)
{
	json_t *findings = json_array(), *unknown = json_array();
	char roles[64];

	for (size_t i = 0; i < diagnosis->count; i++)
		if (is_selected(selection, &diagnosis->findings[i]))
			render_append(&findings,
				      finding_json(&diagnosis->findings[i]));
	for (size_t i = 0; i < diagnosis->unknown_count; i++)
		render_append(&unknown,
			      unknown_json(diagnosis, diagnosis->unknown[i]));
	return output_json(stream,
			   render_pack("{s:i, s:s, s:o, s:o}", "version", 1,
				       "roles",
				       roles_format(diagnosis->roles, roles),
				       "findings", findings, "unknown",
				       unknown));
}

int show_rules_json(FILE *stream, const struct rule *only)
{
	json_t *list = json_array();

	for (size_t i = 0; i < rule_count; i++) {
		const struct rule *rule = &rules[i];

		if (only && rule != only)
			continue;
		render_append(&list, render_pack("{s:s, s:s, s:s, s:s, s:s}",
						 "rule", rule->id, "severity",
						 severity_name(rule->severity),
						 "what", rule->what, "why",
						 rule->why, "mend", rule->mend));
	}
	return output_json(stream, render_document("rules", list));
}
