/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Steps of a plan as requests to the kernel: each is one message. */
#ifndef LBCTL_REQUEST_H
#define LBCTL_REQUEST_H

#include "model/plan.h"
#include "netlink/genl.h"
#include "scope.h"

/* Encodes a step, not one on marks, as genl->request. 0 or -EMSGSIZE. */
int request_put(struct genl *genl, const struct ipvsctl_step *step) MUST_CHECK;
/* Tells whether a step changes anything that the kernel sees. */
bool request_needed(const struct ipvsctl_step *step);
/* Gets the step that undoes this one. Returns false if there is none. */
bool request_invert(const struct ipvsctl_step *step,
		    struct ipvsctl_step *ret_inverse);
/* Describes the kernel's refusal of a step. Returns the public code. */
int request_fail(const struct ipvsctl_step *step, int raw, const char *text,
		 struct ipvsctl_error *err);

#endif
