/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reports news to programs, by mail and to the log. */
#include "check/tell/tell.h"

#include "check/tell/mail.h"
#include "check/tell/notify.h"
#include "check/tell/warn.h"

void news_tell(struct command *command, const struct news_list *news)
{
	notify_all(command, news, NOTIFY_LOCK);
	mail_all(command, news, MAIL_PROGRAM);
}

void transitions_tell(struct command *command,
		      const struct transitions *transitions)
{
	AUTO_NEWS struct news_list news = { 0 };

	if (transitions->count == 0)
		return;
	if (news_gather(transitions, &news) < 0) {
		tell_warning(command, "transitions are not reported: "
				      "out of memory");
		return;
	}
	news_log(&news);
	news_tell(command, &news);
}
