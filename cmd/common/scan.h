/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Finds the options of a command line in popt's tables. popt's own parser
 * loses words, crashes or ends the program when memory is short; this one
 * allocates nothing.
 */
#ifndef LBCTL_SCAN_H
#define LBCTL_SCAN_H

#include <stdbool.h>

#include <popt.h>

struct scan {
	const struct poptOption *options;
	const char **argv; /* [0] is the program; NULL at the end */
	bool ordered;	   /* the first word that is no option is the end */
	const char *value; /* of the last option, in argv; NULL for none */

	/* Private; zero at the start. */
	bool rest;	     /* only words follow */
	int next;	     /* in argv, less 1 */
	int count;	     /* words found */
	const char *letters; /* of a word like "-ab", yet to be read */
};

/*
 * Returns the val of the next option, or -1 at the end, or one of
 * POPT_ERROR_BADOPT, POPT_ERROR_NOARG, POPT_ERROR_UNWANTEDARG.
 */
int scan_next(struct scan *scan);
/* The word of argv that holds the last option. */
const char *scan_word(const struct scan *scan);
/*
 * The words that are no options, or, of an ordered scan, all words from the
 * first of these on. NULL ends them. Call it after scan_next() returned -1;
 * argv holds them.
 */
const char **scan_words(struct scan *scan);

#endif
