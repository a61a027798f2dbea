/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Mails about news. */
#ifndef LBCTL_CHECK_MAIL_H
#define LBCTL_CHECK_MAIL_H

#include "check/tell/news.h"

#define MAIL_PROGRAM "/usr/sbin/sendmail"

/* Sends mails by SMTP, or by program, which is called as sendmail is. */
void mail_all(struct command *command, const struct news_list *news,
	      const char *program);

#endif
