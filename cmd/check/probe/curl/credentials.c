/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Files of TLS: certificates to trust, and our own. They are read once per run,
 * into a context that libcurl's contexts are filled from: a confined process
 * cannot open files.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <string.h>

#include <openssl/err.h>

#include "check/probe/curl/transfer.h"

static bool is_same(const char *one, const char *other)
{
	return one && other ? !strcmp(one, other) : one == other;
}

static bool is_equal(const struct check_way *one, const struct check_way *other)
{
	return one->insecure == other->insecure &&
	       is_same(one->ca_file, other->ca_file) &&
	       is_same(one->certificate, other->certificate) &&
	       is_same(one->key, other->key);
}

/* Without this, libcrypto would ask for a password on the terminal. */
static int no_password(char *text, int size, int writing, void *data)
{
	(void)text;
	(void)size;
	(void)writing;
	(void)data;
	return 0;
}

static void trust_folder(SSL_CTX *files, const char *path)
{
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		AUTO_FREE struct dirent *entry = entries[i];
		AUTO_FREE char *name = NULL;

		/* Files that are not certificates are ignored. */
		if (entry->d_name[0] != '.' &&
		    asprintf(&name, "%s/%s", path, entry->d_name) >= 0)
			(void)SSL_CTX_load_verify_file(files, name);
	}
	free(entries);
}

/* Opening a FIFO would wait for a writer, and no timeout runs yet. */
static bool is_regular(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static void set_trust(struct curl_credentials *credentials)
{
	const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
	const char *file = credentials->of->ca_file;

	if (!file)
		file = curl->cainfo;
	if (!file && curl->capath)
		trust_folder(credentials->files, curl->capath);
	else if (!file || !is_regular(file) ||
		 !SSL_CTX_load_verify_file(credentials->files, file))
		(void)snprintf(credentials->fault, sizeof(credentials->fault),
			       "error setting certificate file: %.70s",
			       file ? file : "give --ca");
	(void)X509_STORE_set_flags(SSL_CTX_get_cert_store(credentials->files),
				   X509_V_FLAG_TRUSTED_FIRST |
					   X509_V_FLAG_PARTIAL_CHAIN);
}

static void set_identity(struct curl_credentials *credentials)
{
	const char *certificate = credentials->of->certificate;
	SSL_CTX *files = credentials->files;
	const char *why;

	if (is_regular(certificate) && is_regular(credentials->of->key) &&
	    SSL_CTX_use_certificate_chain_file(files, certificate) == 1 &&
	    SSL_CTX_use_PrivateKey_file(files, credentials->of->key,
					SSL_FILETYPE_PEM) == 1)
		return;
	why = ERR_reason_error_string(ERR_peek_last_error());
	(void)snprintf(credentials->fault, sizeof(credentials->fault),
		       "certificate %.50s cannot be used: %.30s", certificate,
		       why ? why : "it or its key cannot be read");
}

static void credentials_free(struct curl_credentials *credentials)
{
	SSL_CTX_free(credentials->files);
	free(credentials);
}

void curl_credentials_free(struct curl_credentials *list)
{
	while (list) {
		struct curl_credentials *next = list->next;

		credentials_free(list);
		list = next;
	}
}

const struct curl_credentials *curl_credentials(struct curl_run *run,
						const struct check_way *of)
{
	struct curl_credentials *credentials = run->credentials;

	while (credentials && !is_equal(credentials->of, of))
		credentials = credentials->next;
	if (credentials)
		return credentials;
	credentials = calloc(1, sizeof(*credentials));
	if (!credentials)
		return NULL;
	credentials->of = of;
	credentials->files = SSL_CTX_new(TLS_client_method());
	if (!credentials->files) {
		credentials_free(credentials);
		return NULL;
	}
	SSL_CTX_set_default_passwd_cb(credentials->files, no_password);
	if (!of->insecure)
		set_trust(credentials);
	if (of->certificate)
		set_identity(credentials);
	/* Otherwise libcurl would report this error as the server's. */
	ERR_clear_error();
	credentials->next = run->credentials;
	run->credentials = credentials;
	return credentials;
}

/* Called by libcurl for each of its contexts. */
static CURLcode fill(CURL *easy, void *context, void *data)
{
	const struct curl_credentials *credentials = data;
	SSL_CTX *files = credentials->files;
	EVP_PKEY *key = SSL_CTX_get0_privatekey(files);
	STACK_OF(X509) *chain = NULL;

	(void)easy;
	SSL_CTX_set1_cert_store(context, SSL_CTX_get_cert_store(files));
	if (!key)
		return CURLE_OK;
	(void)SSL_CTX_get0_chain_certs(files, &chain);
	return SSL_CTX_use_cert_and_key(context,
					SSL_CTX_get0_certificate(files), key,
					chain, 1) == 1 ?
		       CURLE_OK :
		       CURLE_SSL_CERTPROBLEM;
}

CURLcode curl_credentials_use(CURL *easy,
			      const struct curl_credentials *credentials)
{
	CURLcode code = curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, fill);

	if (!code)
		code = curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, credentials);
	return code;
}
