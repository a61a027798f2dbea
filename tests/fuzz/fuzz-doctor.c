/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Any bytes as a document of facts: reading and judging it never fails but with
 * an error, and what is written of it reads back the same.
 */
#include <stdlib.h>
#include <string.h>

#include "doctor/facts/facts.h"
#include "doctor/rules/rule.h"
#include "doctor/show/show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
	if (!truth)
		abort();
}

static void show(const struct diagnosis *diagnosis)
{
	static const struct selection all = { .least = SEVERITY_INFO };
	FILE *stream = fopen("/dev/null", "w");
	int status;

	must(stream);
	must(show_text(stream, diagnosis, &all) == 0);
	must(show_json(stream, diagnosis, &all) == 0);
	must(show_nagios(stream, diagnosis, &all, &status) == 0);
	(void)fclose(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FACTS struct facts facts = { 0 };
	AUTO_FACTS struct facts again = { 0 };
	AUTO_DIAGNOSIS struct diagnosis diagnosis = { 0 };
	AUTO_FREE char *text = NULL, *second = NULL;
	struct ipvsctl_error err;

	if (facts_parse((const char *)data, size, &facts, &err) < 0) {
		must(err.message[0]);
		return 0;
	}
	must(diagnose(&facts, ~0U, &diagnosis) == 0);
	show(&diagnosis);
	must(facts_format(&facts, &text, NULL) == 0);
	must(facts_parse(text, strlen(text), &again, NULL) == 0);
	must(facts_format(&again, &second, NULL) == 0);
	must(strcmp(text, second) == 0);
	return 0;
}
