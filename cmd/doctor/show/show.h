/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Diagnoses and rules as text, as JSON, and as one line of a plugin. */
#ifndef LBCTL_DOCTOR_SHOW_H
#define LBCTL_DOCTOR_SHOW_H

#include <stdio.h>

#include "doctor/rules/rule.h"

/* The findings that are asked for. */
struct selection {
	enum severity least;		       /* these and worse */
	const struct ipvsctl_service *service; /* and the host; NULL: all */
	bool colour;
};

/* Tells whether the finding is asked for. */
bool is_selected(const struct selection *selection,
		 const struct finding *finding);
/* Returns the number of such findings. */
size_t count_selected(const struct diagnosis *diagnosis,
		      const struct selection *selection);

/* Each returns 0, -ENOMEM or a write's negative errno. */
int show_text(FILE *stream, const struct diagnosis *diagnosis,
	      const struct selection *selection) MUST_CHECK;
int show_json(FILE *stream, const struct diagnosis *diagnosis,
	      const struct selection *selection) MUST_CHECK;
/* Writes a plugin's line, and its status to ret_status. */
int show_nagios(FILE *stream, const struct diagnosis *diagnosis,
		const struct selection *selection, int *ret_status) MUST_CHECK;

/* Writes a rule, or all of them. */
int show_rule(FILE *stream, const struct rule *rule) MUST_CHECK;
int show_rules(FILE *stream) MUST_CHECK;
int show_rules_json(FILE *stream, const struct rule *only) MUST_CHECK;

#endif
