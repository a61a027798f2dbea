/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The lock that all programs take before they write. */
#include "fail.h"
#include "flock.h"
#include "kernel/context.h"
#include "kernel/run-state.h"

API int ipvsctl_lock(struct ipvsctl *ctx, unsigned int timeout_ms,
		     struct ipvsctl_error *err)
{
	AUTO_CLOSE int fd = -1;
	int r;

	if (ctx->lock >= 0)
		return 0;
	r = state_open_lock(&fd, err);
	if (r < 0)
		return r;
	r = flock_wait(fd, timeout_ms * INT64_C(1000), NULL);
	if (r == -EBUSY) {
		r = fail(err, r, "another program is changing the setup");
		return fail_hint(err, r, "fuser -v " STATE_LOCK_PATH);
	}
	if (r < 0)
		return state_fail(r, STATE_LOCK_PATH, err);
	ctx->lock = TAKE_FD(fd);
	return 0;
}

API void ipvsctl_unlock(struct ipvsctl *ctx)
{
	closep(&ctx->lock);
	ctx->lock = -1;
}
