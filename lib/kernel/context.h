/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The inside of struct ipvsctl; for the library's own parts only. */
#ifndef LBCTL_CONTEXT_H
#define LBCTL_CONTEXT_H

#include "ipvsctl.h"
#include "kernel/marks.h"
#include "netlink/genl.h"
#include "scope.h"
#include "vip/vips.h"

struct ipvsctl {
	struct genl genl;
	int netns;		      /* -1: the caller's */
	int lock;		      /* -1: not held */
	enum ipvsctl_backend backend; /* AUTO: as marks_choose() says */
	ipvsctl_progress_fn progress; /* or NULL */
	void *progress_data;
	ipvsctl_unsaved_fn unsaved; /* or NULL */
	void *unsaved_data;
};

/* Makes ctx->genl ready, in ctx's network namespace. */
int context_connect(struct ipvsctl *ctx, struct ipvsctl_error *err) MUST_CHECK;

/*
 * Loads the mark rules, from both backends if both have some. Returns what
 * ipvsctl_load() does.
 */
int context_load_marks(struct ipvsctl *ctx, struct ipvsctl_config *config,
		       struct ipvsctl_error *err) MUST_CHECK;
/* A change of mark rules. */
struct mark_change {
	const struct ipvsctl_config *before;
	const struct ipvsctl_config *wanted;
	bool fresh; /* before is as it was loaded, and stands */
	bool zero;
};

/*
 * Applies the rules in the backend of wanted, and moves there those that are in
 * the other one. The settings that they need are set first; those that only the
 * rules of before needed are taken back last.
 */
int context_apply_marks(struct ipvsctl *ctx, const struct mark_change *change,
			struct ipvsctl_error *err) MUST_CHECK;

/* Loads VIPs, and the addresses of others; see vips_load(). */
int context_load_vips(struct ipvsctl *ctx, struct ipvsctl_config *config,
		      struct ipvsctl_error *err) MUST_CHECK;
/* Changes VIPs; see vips_apply(). */
int context_apply_vips(struct ipvsctl *ctx, const struct vip_change *changes,
		       size_t count, bool *left_out,
		       struct ipvsctl_error *err) MUST_CHECK;

#endif
