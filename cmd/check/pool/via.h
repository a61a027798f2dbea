/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Probes that go to the service's address, each to a server of its choice:
 * marked with a private mark that a service with that one server is known by.
 */
#ifndef LBCTL_CHECK_VIA_H
#define LBCTL_CHECK_VIA_H

#include "check/pool/run.h"

/* While it is held, the private services are this run's. */
struct via {
	int lock;
};

/*
 * Sets the services up, and the probes that need them; fine when there are
 * none. Probes that cannot be sent that way from this host are left without a
 * mark, and unknown. Returns 0 or a code.
 */
int via_open(struct run *run, struct via *ret_via) MUST_CHECK;
/*
 * Takes them away again, those of a run that was killed too. failed: the code
 * of a failure that command->err is about, 0: none.
 */
int via_close(struct run *run, struct via *via, int failed) MUST_CHECK;
#endif
