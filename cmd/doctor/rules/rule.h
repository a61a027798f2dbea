/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Rules: what they look for, and what they find. */
#ifndef LBCTL_DOCTOR_RULE_H
#define LBCTL_DOCTOR_RULE_H

#include "doctor/facts/facts.h"
#include "text.h"

enum severity {
	SEVERITY_ERROR,
	SEVERITY_WARNING,
	SEVERITY_INFO,
	SEVERITIES,
};

/* Returns "error", "warning" or "info". */
const char *severity_name(enum severity severity);

/* What a host does; it can do several things. */
enum role {
	ROLE_DIRECTOR = 1 << 0, /* it has services, or shall have */
	ROLE_BACKUP = 1 << 1,	/* a director that another one stands for */
	ROLE_SERVER = 1 << 2,	/* a real server that holds VIPs silently */
};

/* Writes "director, real-server" or "none". Returns text. */
const char *roles_format(unsigned int roles, char text[64]);
/* Reads "director", "backup" or "real-server". Returns 0 or -EINVAL. */
int role_parse(const char *text, unsigned int *ret_roles) MUST_CHECK;
/* Works out the roles of the host from the facts. */
unsigned int roles_of(const struct facts *facts);

struct rule;

/* What a rule has found. Texts are of the facts: clean them to show them. */
struct finding {
	const struct rule *rule;
	bool about_service;
	struct ipvsctl_service service; /* if so; otherwise about the host */
	char *what;			/* one sentence, of this host */
	char *mend;	  /* commands for a shell; NULL: a person must decide */
	struct text text; /* of mend, while rules judge */
};

/* The findings, and what rules need to find them. */
struct diagnosis {
	const struct facts *facts;
	unsigned int roles;
	struct finding *findings; /* sorted: the worst first */
	size_t count, capacity;
	const struct rule **unknown; /* rules that lack facts */
	size_t unknown_count;
	bool denied;		 /* one of them for lack of a right */
	bool failed;		 /* memory ran out */
	const struct rule *rule; /* the one that is judging */
};

/*
 * A rule. judge reads nothing but the facts, and only those that needs names
 * must be known; it calls found_...() for what it finds. Texts are whole
 * sentences, for the manual, too.
 */
struct rule {
	const char *id;
	enum severity severity;
	unsigned int roles; /* for hosts with one of these; 0: for all */
	unsigned int needs; /* bits of enum fact */
	const char *what;
	const char *why;
	const char *mend;
	void (*judge)(struct diagnosis *diagnosis);
};

/* All rules, by group and id; rule_count of them. */
extern const struct rule rules[];
extern const size_t rule_count;

/* Returns the rule of that id, in any case, or NULL. */
const struct rule *rule_find(const char *id);
/* Returns the first fact that the rule needs and that is unknown, or FACTS. */
enum fact rule_lacks(const struct rule *rule, const struct facts *facts);

/*
 * Judges the facts by all rules. roles 0: as the facts say. Returns 0 or
 * -ENOMEM; call diagnosis_free() in either case.
 */
int diagnose(const struct facts *facts, unsigned int roles,
	     struct diagnosis *ret_diagnosis) MUST_CHECK;
void diagnosis_free(struct diagnosis *diagnosis);
#define AUTO_DIAGNOSIS CLEANUP(diagnosis_free)

/* ---- For rules ----------------------------------------------------------- */

/* Adds a finding about a service, or the host (NULL). Returns it, or NULL without
   memory, which the functions below accept. */
struct finding *found(struct diagnosis *diagnosis,
		      const struct ipvsctl_service *service, const char *format,
		      ...) PRINTF(3, 4);
/* Adds a command: words that NULL ends. One after another is joined by "&&". */
void found_mend(struct finding *finding, const char *const *words);
/* Adds "lbctl-" and a ruleset line, which is freed; NULL: memory ran out. */
void found_mend_line(struct diagnosis *diagnosis, struct finding *finding,
		     char *line);
/* Adds "sysctl -w NAME=VALUE". */
void found_mend_sysctl(struct finding *finding, const char *name,
		       uint32_t value);

#define MEND(finding, ...) \
	found_mend(finding, (const char *const[]){ __VA_ARGS__, NULL })

#endif
