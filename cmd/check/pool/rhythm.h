/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* When each server is probed next, in rounds of --every. */
#ifndef LBCTL_CHECK_RHYTHM_H
#define LBCTL_CHECK_RHYTHM_H

#include "check/pool/run.h"

/* Rounds that differ from server to server. */
struct rhythm {
	int64_t every_us; /* unless an option of a check says another */
	uint32_t seed;	  /* of --jitter; another in each process */
};

/* Tells whether a check has an option of its own about its rounds. */
bool rhythm_is_wanted(const struct checks *checks);
/* Returns the time in milliseconds from one probe of the row to the next. */
int64_t rhythm_wait(const struct rhythm *rhythm, const struct check *check,
		    const struct state_row *row);
/* Tells whether this run probes the row. */
bool rhythm_is_due(const struct run *run, const struct check *check,
		   const struct state_row *row);
/* Returns the microseconds from the beginning of this run to the next. */
int64_t rhythm_next(const struct run *run);

#endif
