/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Single rules in the words of iptables-save. */
#ifndef LBCTL_RULESET_IPTABLES_RULE_H
#define LBCTL_RULESET_IPTABLES_RULE_H

#include "ruleset/iptables-known.h"
#include "ruleset/iptables-match.h"

/* Names of chains and targets have up to 28 characters. */
#define CHAIN_NAME_MAX 28

struct iptables_rule {
	char chain[CHAIN_NAME_MAX + 1];	 /* that it is in */
	char target[CHAIN_NAME_MAX + 1]; /* a chain or a target; "": none */
	bool is_goto;			 /* -g rather than -j */
	/* A jump to a chain that is a part of a rule of nft, or a rule there:
	   to return means to leave the chain that the rule of nft is in. */
	bool is_inner;
	const char *no_marks; /* why what it leads to cannot mark, or NULL */
	struct match match;
	bool never;	    /* its conditions contradict each other */
	const char *why;    /* the match has no equal here, or NULL */
	enum ending ending; /* of the target, unless that is a chain */
	bool marks;	    /* change is what it does to the mark */
	struct change change;
	unsigned int reads;	 /* things, other than the mark by conditions */
	unsigned int sets;	 /* things, by the target */
	unsigned int match_sets; /* things, by the matches */

	/* For following the chains. */
	const char *text;
	unsigned int line;
	unsigned int uses;  /* of the rule in what is imported */
	bool reached;	    /* by a packet of a hook */
	bool shadowed;	    /* others decide for all that it matches */
	bool elsewhere;	    /* reached by a packet of another hook */
	const char *whynot; /* it could not be taken */
};

/*
 * Parses the words of a rule of that family, "-A" first. Returns 0, and the
 * caller clears match.rule; -EINVAL for words that iptables-restore refuses,
 * too, or for another command; -ENOMEM.
 */
int iptables_parse(char *const *words, size_t count, uint16_t family,
		   struct iptables_rule *ret_rule,
		   struct ipvsctl_error *err) MUST_CHECK;

#endif
