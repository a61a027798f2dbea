/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The steps that changes of a run consist of. */
#include "check/pool/change.h"

#include <errno.h>

const char *change_reason(char reason[REASON_SIZE], const char *what,
			  const char *name)
{
	/* A name of CHECK_NAME_SIZE fits after "check:". */
	(void)snprintf(reason, REASON_SIZE, "%s:%s", what, name);
	return reason;
}

const struct ipvsctl_server *change_find(const struct pool *pool,
					 const struct ipvsctl_server *server)
{
	return ipvsctl_config_find_server(pool->run->command->to, pool->service,
					  server);
}

int change_hold(struct run *run, const struct ipvsctl_service *service,
		const struct ipvsctl_server *server, const char *what,
		const char *name)
{
	char reason[REASON_SIZE];

	return ipvsctl_config_hold(run->command->to, service, server,
				   change_reason(reason, what, name),
				   &run->command->err);
}

int change_release(struct run *run, const struct ipvsctl_service *service,
		   const struct ipvsctl_server *server, const char *what,
		   const char *name)
{
	char reason[REASON_SIZE];
	int r = !server->held ?
			0 :
			ipvsctl_config_release(run->command->to, service,
					       server,
					       change_reason(reason, what, name),
					       NULL);

	return r == -ENOMEM ? command_no_memory(run->command) : 0;
}

int change_skip(const struct pool *pool, int r)
{
	struct ipvsctl_error *err = &pool->run->command->err;
	char service[IPVSCTL_IDENTITY_TEXT];

	if (r != -EINVAL)
		return r;
	pool->run->told = false;
	run_warn(pool->run, "%s: %s%s%s",
		 ipvsctl_service_format(pool->service, service), err->subject,
		 err->subject[0] ? ": " : "", err->message);
	pool->run->told = true;
	*err = (struct ipvsctl_error){ 0 };
	return 0;
}

int change_tell(const struct pool *pool, const struct transition *transition)
{
	struct transition complete = *transition;

	complete.check = pool->check;
	complete.service = *pool->service;
	if (transitions_add(&pool->run->transitions, &complete) < 0)
		return command_no_memory(pool->run->command);
	return 0;
}
