/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Loads the module for libcurl, which brings some thirty libraries, only if a
   check needs it. */
#include "check/probe/curl-module.h"

#include <dlfcn.h>
#include <errno.h>

#include "fail.h"
#include "module.h"

#define MODULE "lbctl/check-curl.so"

/* Unsets variables by which these libraries would read or write files. */
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

const struct probe_curl *curl_module(struct command *command)
{
	const void *curl;
	const char *why;
	int r;

	clear_environment();
	r = module_load(dlsym(RTLD_DEFAULT, "ipvsctl_version"), MODULE,
			PROBE_CURL_SYMBOL, &curl, &why);
	if (r == 0)
		return curl;
	if (r == -ENOMEM) {
		(void)command_no_memory(command);
		return NULL;
	}
	(void)command_fail(command, r, NULL,
			   "tls and http are not supported here: %s",
			   why ? why : MODULE " cannot be loaded");
	(void)fail_hint(&command->err, r, "apt install libcurl4 libpcre2-8-0");
	return NULL;
}
