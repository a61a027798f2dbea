/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Options about standbys: --standby and its percentages. */
#include "check/config/standbys.h"

#include <errno.h>
#include <string.h>

#include "check/config/option-values.h"
#include "check/config/values.h"
#include "fail.h"
#include "number.h"

#define BELOW 50 /* the default of --standby-below */

/* Copies "10.0.0.1,10.0.0.2:80" as lines. */
static int copy_servers(const char *value, char **ret_lines,
			struct ipvsctl_error *err)
{
	struct ipvsctl_server server;
	AUTO_FREE char *lines = NULL;
	int r = value_copy(value, &lines, err);

	for (char *word = lines; r == 0 && word;) {
		char *comma = strchr(word, ',');

		if (comma)
			*comma = '\0';
		r = value_server(word, &server, err);
		if (comma)
			*comma++ = '\n';
		word = comma;
	}
	if (r == 0)
		*ret_lines = TAKE_PTR(lines);
	return r;
}

int option_set_standby(struct check *check, const char *value,
		       struct ipvsctl_error *err)
{
	struct check_standbys added = { 0 };
	struct check_standbys *grown;
	int r;

	grown = reallocarray(check->standbys, check->standby_ranks + 1,
			     sizeof(*grown));
	if (!grown)
		return fail_memory(err);
	check->standbys = grown;
	r = strchr(value, '/') ? value_copy(value, &added.file, err) :
				 copy_servers(value, &added.servers, err);
	if (r == -EINVAL)
		(void)fail_hint(err, r, "a FILE is named with a '/': ./FILE");
	if (r == 0)
		grown[check->standby_ranks++] = added;
	return r;
}

static int set_percent(const char *name, const char *value,
		       uint32_t *ret_percent, struct ipvsctl_error *err)
{
	const struct number_range range = { name, 1, 100 };
	char digits[16] = "";
	size_t length = strlen(value);

	if (length == 0 || length >= sizeof(digits) || value[length - 1] != '%')
		return number_parse(value, &range, ret_percent, err);
	(void)memcpy(digits, value, length - 1);
	return number_parse(digits, &range, ret_percent, err);
}

int option_set_standby_below(struct check *check, const char *value,
			     struct ipvsctl_error *err)
{
	return set_percent("percentage", value, &check->standby_below, err);
}

int option_set_standby_above(struct check *check, const char *value,
			     struct ipvsctl_error *err)
{
	return set_percent("percentage", value, &check->standby_above, err);
}

int standbys_check(const struct check *check, struct ipvsctl_error *err)
{
	const uint32_t below =
		check->standby_below ? check->standby_below : BELOW;

	if ((check->standby_below || check->standby_above) &&
	    check->standby_ranks == 0 && !check->servers_file)
		return fail(err, -EINVAL,
			    "--standby-%s needs --standby, or --servers with "
			    "backups",
			    check->standby_below ? "below" : "above");
	if (check->standby_above && check->standby_above < below)
		return fail(err, -EINVAL,
			    "--standby-above %u is less than --standby-below "
			    "%u: standbys would come and go",
			    check->standby_above, below);
	return 0;
}

void standbys_set_defaults(struct check *check)
{
	/* nginx sends to backups only while nobody else is up. */
	const bool as_nginx = check->standby_ranks == 0 &&
			      !check->standby_below && !check->standby_above;

	if (!check->standby_below)
		check->standby_below = as_nginx ? 1 : BELOW;
	if (!check->standby_above)
		check->standby_above =
			as_nginx ? 1 : (check->standby_below + 100) / 2;
}

void standbys_free(struct check *check)
{
	for (size_t i = 0; i < check->standby_ranks; i++) {
		free(check->standbys[i].file);
		free(check->standbys[i].servers);
	}
	free(check->standbys);
}
