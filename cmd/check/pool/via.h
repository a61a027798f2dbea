/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Probes of the service's address, each to a chosen server: the probe has a
 * private mark, and a service of that mark has only that server.
 */
#ifndef LBCTL_CHECK_VIA_H
#define LBCTL_CHECK_VIA_H

#include "check/pool/run.h"

/* While this run holds the lock, the private services are its own. */
struct via {
	int lock;
};

/*
 * Creates the private services, and marks the probes that need them; fine if
 * none does. A probe that cannot be sent that way from this host stays without
 * a mark, and unknown. Returns 0 or a code.
 */
int via_open(struct run *run, struct via *ret_via) MUST_CHECK;
/*
 * Deletes the private services, also those of a run that was killed. failed is
 * the code of a failure that command->err describes; 0: none.
 */
int via_close(struct run *run, struct via *via, int failed) MUST_CHECK;
#endif
