/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Finds the options of a command line in popt's tables. popt's own parser loses
 * words, crashes or ends the program if memory is short; this one allocates
 * nothing.
 */
#ifndef LBCTL_SCAN_H
#define LBCTL_SCAN_H

#include <stdbool.h>

#include <popt.h>

struct scan {
	const struct poptOption *options;
	const char **argv; /* [0] is the program; NULL at the end */
	bool ordered;	   /* the first word that is no option ends it */
	const char *value; /* of the last option, in argv; or NULL */

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
/* Returns the word of argv that holds the last option. */
const char *scan_word(const struct scan *scan);
/*
 * Returns the words that are no options; for an ordered scan, all words from
 * the first of these on. They end with NULL and are in argv. Call this after
 * scan_next() returned -1.
 */
const char **scan_words(struct scan *scan);

#endif
