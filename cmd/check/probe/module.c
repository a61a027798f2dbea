/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Loads what only some checks need: libcurl brings some thirty libraries. */
#include "check/probe/module.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#define MODULE "lbctl/check-curl.so"

static const struct probe_curl *fail_module(struct command *command,
					    const char *why)
{
	if (errno == ENOMEM) {
		(void)command_no_memory(command);
		return NULL;
	}
	(void)command_fail(command, -EOPNOTSUPP, NULL,
			   "tls and http are not supported here: %s",
			   why ? why : MODULE " cannot be loaded");
	(void)command_hint(command, -EOPNOTSUPP,
			   "apt install libcurl4 libpcre2-8-0");
	return NULL;
}

/* Files that these libraries would read or write at the word of an
   environment; it is nobody's who checks servers. */
static void clear_environment(void)
{
	static const char *const names[] = {
		"SSLKEYLOGFILE",   "OPENSSL_CONF",     "OPENSSL_CONF_INCLUDE",
		"OPENSSL_MODULES", "OPENSSL_ENGINES",  "OPENSSL_TRACE",
		"SSL_CERT_FILE",   "SSL_CERT_DIR",     "CTLOG_FILE",
		"QLOGDIR",	   "CURL_SSL_BACKEND", "CURL_DEBUG"
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		(void)unsetenv(names[i]);
}

/* Only an absolute path: a bare name would be looked up elsewhere. */
static int module_path(char path[PATH_MAX])
{
	void *symbol = dlsym(RTLD_DEFAULT, "ipvsctl_version");
	const char *slash;
	Dl_info info;
	int length;

	if (!symbol || !dladdr(symbol, &info) || !info.dli_fname)
		return -ENOENT;
	slash = strrchr(info.dli_fname, '/');
	if (!slash)
		return -ENOENT;
	length = snprintf(path, PATH_MAX, "%.*s/" MODULE,
			  (int)(slash - info.dli_fname), info.dli_fname);
	return length < PATH_MAX ? 0 : -ENAMETOOLONG;
}

const struct probe_curl *curl_module(struct command *command)
{
	const int flags = RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE;
	const struct probe_curl *curl;
	char path[PATH_MAX];
	void *module;

	errno = 0;
	if (module_path(path) < 0)
		return fail_module(command, NULL);
	clear_environment();
	module = dlopen(path, flags);
	/* glibc 2.36 reports lack of memory as a missing file, too. */
	errno = 0;
	if (!module)
		module = dlopen(path, flags);
	if (!module)
		return fail_module(command, dlerror());
	curl = dlsym(module, PROBE_CURL_SYMBOL);
	(void)dlclose(module);
	return curl ? curl : fail_module(command, NULL);
}
