/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Steps of a plan as requests to the kernel: each is one message. */
#ifndef LBCTL_REQUEST_H
#define LBCTL_REQUEST_H

#include "model/plan.h"
#include "netlink/genl.h"
#include "scope.h"

/* Encodes a step that is not about marks as genl->request: 0 or -EMSGSIZE. */
int request_put(struct genl *genl, const struct ipvsctl_step *step) MUST_CHECK;
/* Whether there is anything in a step that the kernel would see. */
bool request_needed(const struct ipvsctl_step *step);
/* The step that takes this one back; false when there is none. */
bool request_invert(const struct ipvsctl_step *step,
		    struct ipvsctl_step *ret_inverse);
/* Describes the kernel's refusal of a step; returns the public code. */
int request_fail(const struct ipvsctl_step *step, int raw, const char *text,
		 struct ipvsctl_error *err);

#endif
