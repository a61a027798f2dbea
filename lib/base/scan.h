/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Finds the options of a command line, in any table, as popt does. popt's own
 * parser loses words, crashes or ends the program if memory is short; this one
 * allocates nothing.
 */
#ifndef LBCTL_BASE_SCAN_H
#define LBCTL_BASE_SCAN_H

#include <stdbool.h>
#include <stddef.h>

enum scan_takes {
	SCAN_NOTHING,
	SCAN_VALUE,
	SCAN_VALUE_PERHAPS,  /* the next word, unless it is an option */
	SCAN_VALUE_ATTACHED, /* behind "=", or none */
};

/* An option of the table. */
struct scan_option {
	int number; /* positive */
	enum scan_takes takes;
};

/* Finds an option by name, or by the letter that name begins with if length is
   0. Returns false if there is none. */
typedef bool (*scan_find_fn)(const void *options, const char *name,
			     size_t length, struct scan_option *ret_option);

/* Mistakes, by popt's numbers. */
enum {
	SCAN_NO_VALUE = -10,
	SCAN_UNKNOWN = -11,
	SCAN_UNWANTED = -12, /* a value */
};

struct scan {
	scan_find_fn find;
	const void *options;	  /* for find */
	const char **argv;	  /* [0] is the program; NULL at the end */
	bool ordered;		  /* stop at the first word that is no option */
	bool wary;		  /* not as popt: "--name" of one is no value */
	const char *value;	  /* of the last option, in argv; or NULL */
	struct scan_option found; /* the last known option */

	/* Private; zero at the start. */
	bool rest;	     /* only words follow */
	int next;	     /* index in argv, less 1 */
	int count;	     /* words found */
	const char *letters; /* of a word like "-ab", yet to be read */
};

/* Returns the number of the next option, or -1 at the end, or a mistake. */
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
