/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Warns of passwords and keys that all users of this host can read. */
#include "check/pool/secrets.h"

#include <sys/stat.h>

#include <string.h>

/* Headers that authenticate the client. */
static const char *const headers[] = {
	"Authorization", "Proxy-Authorization", "Cookie",
	"X-Api-Key",	 "X-Auth-Token",
};

static bool is_secret_header(const char *header)
{
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		const size_t length = strlen(headers[i]);

		if (!strncasecmp(header, headers[i], length) &&
		    header[length] == ':')
			return true;
	}
	return false;
}

/* "smtp://user:password@host" */
static bool has_password(const char *url)
{
	const char *name = url ? strstr(url, "://") : NULL;
	const char *at = name ? strrchr(name, '@') : NULL;

	return at && memchr(name + 3, ':', (size_t)(at - name - 3));
}

/* "AUTH password" of Redis, "PASS password" of POP3 and FTP. */
static bool is_secret_step(const struct check_step *step)
{
	static const char *const words[] = { "AUTH ", "PASS " };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!step->expects && step->bytes.length > strlen(words[i]) &&
		    !strncasecmp((const char *)step->bytes.bytes, words[i],
				 strlen(words[i])))
			return true;
	return false;
}

/* Returns the option that has a secret, or NULL. */
static const char *secret_option(const struct check *check)
{
	if (has_password(check->smtp_url))
		return "smtp-url";
	for (char **header = check->way.headers; header && *header; header++)
		if (is_secret_header(*header))
			return "header";
	for (size_t i = 0; i < check->way.step_count; i++)
		if (is_secret_step(&check->way.steps[i]))
			return "send";
	return NULL;
}

static bool all_may_read(const char *path)
{
	struct stat status;

	return path && stat(path, &status) == 0 && (status.st_mode & S_IROTH);
}

/* Warns of one: the remedy is the same for all. */
static bool warn_options(const struct run *run, const char *file)
{
	for (size_t i = 0; i < run->checks->count; i++) {
		const struct check *check = &run->checks->checks[i];
		const char *option = secret_option(check);

		if (!option)
			continue;
		if (!check->from_file)
			run_remark(run,
				   "--%s: all users can see this secret in the "
				   "list of processes: put the check into a "
				   "file, and chmod 600 it",
				   option);
		else if (all_may_read(file))
			run_remark(run,
				   "%s: all users can read the secret of --%s: "
				   "chmod 600 %s",
				   check->where, option, file);
		else
			continue;
		return true;
	}
	return false;
}

static bool warn_keys(const struct run *run)
{
	const char *last = "";

	for (size_t i = 0; i < run->checks->count; i++) {
		const char *key = run->checks->checks[i].way.key;

		if (!all_may_read(key) || strcmp(key, last) == 0)
			continue;
		run_remark(run, "%s: all users can read this key: chmod 600 %s",
			   key, key);
		last = key;
	}
	return last[0];
}

void secrets_warn(struct run *run, const char *file)
{
	const bool options = warn_options(run, file);

	run->exposed = warn_keys(run) || options;
}
