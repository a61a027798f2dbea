/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The demands of a configuration's mark rules on one family's table. */
#ifndef LBCTL_IPTABLES_WANTED_H
#define LBCTL_IPTABLES_WANTED_H

#include "image.h"

/* A configuration's rules of one family, ready to become an image. */
struct wanted {
	const struct layout *layout;
	struct ipvsctl_port_range own;	   /* local ports of the namespace */
	bool carries;			   /* new rules have their counters */
	const struct ipvsctl_mark **rules; /* by hook, priority, as added */
	size_t count;
	struct bytes matches; /* what the helper compiled of extra words */
	struct place {
		size_t offset;	 /* of its words in matches */
		size_t size;	 /* 0: no words */
		uint32_t number; /* of its chain */
		bool exempt;	 /* its chain begins with heads */
	} * places;		 /* of each rule */
};

/*
 * Gets the number of families that rules are for: both, or IPv4 alone on a host
 * without IPv6. Returns 0, or -EOPNOTSUPP for a rule for IPv6 there.
 */
int wanted_families(const struct ipvsctl_config *config, size_t *ret_count,
		    struct ipvsctl_error *err) MUST_CHECK;

/*
 * Collects the rules of the family whose layout is set; own must be set, too.
 * Asks the helper if rules have words of iptables. Returns 0, what helper_run()
 * returns, or -EOPNOTSUPP for rules that need too many chains.
 */
int wanted_collect(struct wanted *wanted, const struct ipvsctl_config *config,
		   struct ipvsctl_error *err) MUST_CHECK;
void wanted_free(struct wanted *wanted);

/*
 * Makes the image that current should become: our rules, and in their places
 * the rules that others put into our chains. Returns 0 or -ENOMEM.
 */
int wanted_image(const struct wanted *wanted, const struct image *current,
		 struct image *image) MUST_CHECK;

#endif
