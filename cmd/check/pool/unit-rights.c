/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Rights that the units deny to checks until wider.conf allows them. */
#include "check/pool/unit-rights.h"

#include <sys/prctl.h>
#include <sys/stat.h>

#include <errno.h>

#include "check/tell/mail.h"
#include "fail.h"

#define WIDER \
	"install the drop-in wider.conf, see lbctl-check(8), UNITS AND CRON"

/* Tells whether a unit of systemd denies new privileges. */
static bool is_kept_from_privileges(void)
{
	return getenv("INVOCATION_ID") &&
	       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

int unit_hint(struct command *command, int r)
{
	if ((r == -EIO || r == -EPERM || r == -EACCES) &&
	    is_kept_from_privileges())
		return fail_hint(&command->err, r, WIDER);
	return r;
}

/* Tells whether the mail program needs a set-user-ID or set-group-ID bit. */
static bool mail_takes_privilege(void)
{
	static const char *const programs[] = { MAIL_PROGRAM,
						"/usr/sbin/postdrop" };
	struct stat status;

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (stat(programs[i], &status) == 0 &&
		    (status.st_mode & (S_ISUID | S_ISGID)))
			return true;
	return false;
}

void unit_warn(const struct run *run)
{
	if (!is_kept_from_privileges() || !mail_takes_privilege())
		return;
	for (size_t i = 0; i < run->checks->count; i++) {
		const struct check *check = &run->checks->checks[i];

		if (!check->mail || check->smtp_url)
			continue;
		run_remark(
			run,
			"--mail: sendmail cannot gain its rights here: " WIDER);
		return;
	}
}
