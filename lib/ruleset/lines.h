/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Objects as lines of a ruleset, without the newline, added to a text. */
#ifndef LBCTL_LINES_H
#define LBCTL_LINES_H

#include "ipvsctl.h"
#include "text.h"

void line_add_service(struct text *text, const struct ipvsctl_service *service);
void line_add_server(struct text *text, const struct ipvsctl_service *service,
		     const struct ipvsctl_server *server);
void line_add_vip(struct text *text, const struct ipvsctl_vip *vip);
void line_add_sync(struct text *text, const struct ipvsctl_sync *sync);
void line_add_timeouts(struct text *text,
		       const struct ipvsctl_timeouts *timeouts);

#endif
