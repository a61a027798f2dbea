/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Values of options about what a verdict leads to. */
#include "check/config/option-values.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "check/config/values.h"
#include "fail.h"
#include "number.h"

int option_set_notify(struct check *check, const char *value,
		      struct ipvsctl_error *err)
{
	int r = option_check_program(value, err);

	return r < 0 ? r : value_copy(value, &check->notify, err);
}

int option_set_name(struct check *check, const char *value,
		    struct ipvsctl_error *err)
{
	size_t length = strlen(value);

	for (const char *c = value; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_.", *c))
			length = 0;
	if (length == 0 || length >= CHECK_NAME_SIZE)
		return fail(err, -EINVAL,
			    "name '%.64s' is not 1 to %d letters, digits "
			    "and '-_.'",
			    value, CHECK_NAME_SIZE - 1);
	(void)memcpy(check->name, value, length + 1);
	return 0;
}

int option_set_on_fail(struct check *check, const char *value,
		       struct ipvsctl_error *err)
{
	check->remove = strcmp(value, "remove") == 0;
	if (!check->remove && strcmp(value, "drain") != 0)
		return fail(err, -EINVAL, "'%.64s' is not drain or remove",
			    value);
	return 0;
}

int option_set_cut_after(struct check *check, const char *value,
			 struct ipvsctl_error *err)
{
	check->cuts_tcp = true;
	check->cut_after_us = CHECK_CUT_NEVER;
	if (strcmp(value, "never") == 0)
		return 0;
	check->cut_after_us = 0;
	return strcmp(value, "0") == 0 ?
		       0 :
		       value_seconds(value, &check->cut_after_us, err);
}

/* Reads how many servers, or percent of them. */
static int set_share(const char *name, const char *value, uint32_t *ret_share,
		     bool *ret_percent, struct ipvsctl_error *err)
{
	const struct number_range counts = { name, 1, 100000000 };
	const struct number_range percents = { name, 1, 100 };
	char digits[16];
	size_t length = strlen(value);

	*ret_percent = length > 0 && value[length - 1] == '%';
	if (!*ret_percent || length >= sizeof(digits))
		return number_parse(value, &counts, ret_share, err);
	(void)memcpy(digits, value, length);
	digits[length - 1] = '\0';
	return number_parse(digits, &percents, ret_share, err);
}

int option_set_slow_start(struct check *check, const char *value,
			  struct ipvsctl_error *err)
{
	return value_seconds(value, &check->slow_start_us, err);
}

int option_set_retry_every(struct check *check, const char *value,
			   struct ipvsctl_error *err)
{
	return value_seconds(value, &check->retry_every_us, err);
}

int option_set_every_down(struct check *check, const char *value,
			  struct ipvsctl_error *err)
{
	return value_seconds(value, &check->every_down_us, err);
}

int option_set_jitter(struct check *check, const char *value,
		      struct ipvsctl_error *err)
{
	static const struct number_range percent = { "jitter", 1, 50 };

	return number_parse(value, &percent, &check->jitter_percent, err);
}

int option_set_quorum(struct check *check, const char *value,
		      struct ipvsctl_error *err)
{
	return set_share("quorum", value, &check->quorum,
			 &check->quorum_percent, err);
}

int option_set_keep(struct check *check, const char *value,
		    struct ipvsctl_error *err)
{
	return set_share("keep", value, &check->keep, &check->keep_percent, err);
}

int option_set_sorry(struct check *check, const char *value,
		     struct ipvsctl_error *err)
{
	struct ipvsctl_server server;
	int r = value_server(value, &server, err);

	return r < 0 ? r : value_copy(value, &check->sorry, err);
}

int option_set_withdraw(struct check *check, const char *value,
			struct ipvsctl_error *err)
{
	struct ipvsctl_vip vip;
	int r = ipvsctl_vip_parse(value, &vip, err);

	return r < 0 ? r : value_copy(value, &check->withdraw, err);
}

int option_set_backup(struct check *check, const char *value,
		      struct ipvsctl_error *err)
{
	struct check_backup *grown, backup = { 0 };
	struct ipvsctl_server stand_in;
	const char *equals = strchr(value, '=');
	char first[IPVSCTL_IDENTITY_TEXT] = "";
	int r;

	if (!equals || (size_t)(equals - value) >= sizeof(first))
		return fail(err, -EINVAL,
			    "'%.64s' is not SERVER=SERVER, the second "
			    "standing in for the first",
			    value);
	(void)memcpy(first, value, (size_t)(equals - value));
	r = value_server(first, &backup.server, err);
	if (r == 0)
		r = value_server(equals + 1, &stand_in, err);
	if (r < 0)
		return r;
	grown = reallocarray(check->backups, check->backup_count + 1,
			     sizeof(*grown));
	if (!grown)
		return fail_memory(err);
	check->backups = grown;
	r = value_copy(equals + 1, &backup.stand_in, err);
	if (r == 0)
		grown[check->backup_count++] = backup;
	return r;
}

int option_set_smtp_url(struct check *check, const char *value,
			struct ipvsctl_error *err)
{
	if ((strncmp(value, "smtp://", 7) != 0 &&
	     strncmp(value, "smtps://", 8) != 0) ||
	    !option_is_line(value))
		return fail(err, -EINVAL,
			    "not a URL such as smtp://mail.example.net");
	return value_copy(value, &check->smtp_url, err);
}
