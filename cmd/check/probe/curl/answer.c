/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads as much of an answer as matters, and judges it. */
#include <errno.h>
#include <string.h>

#include "check/probe/curl/match.h"
#include "check/probe/curl/transfer.h"
#include "check/probe/probe.h"

#define BODY_FIRST  4096 /* bytes */
#define DIGEST_SIZE 32
/* Bytes of a body that are searched; see match.c for the time. */
#define REGEX_MAX    ((size_t)8192)
#define UNSEARCHABLE "the expression needs too much memory on this %s"

/* ---- Status -------------------------------------------------------------- */

static bool is_fine(const struct check_way *way, long status)
{
	for (size_t i = 0; i < way->status_count; i++)
		if (status >= way->statuses[i].first &&
		    status <= way->statuses[i].last)
			return true;
	return false;
}

/* "200-299,301" */
static void statuses_text(const struct check_way *way, char *text, size_t size)
{
	size_t length = 0;

	(void)snprintf(text, size, "200-299");
	for (size_t i = 0; i < way->status_count && length < size; i++) {
		const struct check_range *range = &way->statuses[i];
		const char *comma = i > 0 ? "," : "";
		int written;

		if (range->first == range->last)
			written = snprintf(text + length, size - length, "%s%u",
					   comma, range->first);
		else
			written = snprintf(text + length, size - length,
					   "%s%u-%u", comma, range->first,
					   range->last);
		length += (size_t)written;
	}
}

static long http_status(const struct transfer *transfer)
{
	long status = 0;

	(void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

/* ---- What comes ---------------------------------------------------------- */

/* Returns less than the bytes that came, so that libcurl ends the transfer. */
static size_t end_by(struct transfer *transfer, enum transfer_ending ending)
{
	transfer->ending = ending;
	return 0;
}

/* Returns the value without the blanks around it, if it is a header of this
   name. */
static const char *value_of(const struct wanted_header *wanted,
			    const char *bytes, size_t *length)
{
	const char *end = bytes + *length;

	if (*length <= wanted->length || bytes[wanted->length] != ':' ||
	    strncasecmp(bytes, wanted->name, wanted->length) != 0)
		return NULL;
	bytes += wanted->length + 1;
	while (bytes < end && (*bytes == ' ' || *bytes == '\t'))
		bytes++;
	while (end > bytes && strchr(" \t\r\n", end[-1]))
		end--;
	*length = (size_t)(end - bytes);
	return bytes;
}

/* Notes whether it is a wanted header. Returns whether the transfer goes on. */
static bool take_header(struct transfer *transfer, const char *bytes,
			size_t size)
{
	const struct wanted_header *wanted = transfer->way->wanted;

	/* Another answer begins, of the same server. */
	if (size >= 5 && memcmp(bytes, "HTTP/", 5) == 0) {
		(void)memset(transfer->has, 0, sizeof(transfer->has));
		(void)memset(transfer->matches, 0, sizeof(transfer->matches));
	}
	for (size_t i = 0; wanted[i].name; i++) {
		size_t length = size;
		const char *value = value_of(&wanted[i], bytes, &length);
		int r;

		if (!value || transfer->matches[i])
			continue;
		r = matcher_find(wanted[i].value, value,
				 length < REGEX_MAX ? length : REGEX_MAX);
		transfer->has[i] = true;
		transfer->matches[i] = r > 0;
		if (r < 0)
			transfer->ending =
				r == -ENOMEM ? ENDING_MEMORY : ENDING_MATCHER;
		if (r < 0)
			return false;
	}
	return true;
}

static size_t on_header(char *bytes, size_t one, size_t length, void *data)
{
	struct transfer *transfer = ((struct probe *)data)->state;

	(void)one;
	transfer->header_size += length;
	if (transfer->header_size > HEADER_MAX)
		return end_by(transfer, ENDING_HEADER);
	if (transfer->way->wanted[0].name &&
	    !take_header(transfer, bytes, length))
		return 0;
	return length;
}

/* Appends to the body, and adds a NUL as a precaution. */
static bool keep(struct transfer *transfer, const char *bytes, size_t length)
{
	const size_t size = transfer->body_size + length;
	size_t capacity = transfer->body_capacity;
	char *body;

	if (size >= capacity) {
		capacity = capacity ? capacity : BODY_FIRST;
		while (capacity <= size)
			capacity *= 2;
		if (capacity > BODY_MAX + 1)
			capacity = BODY_MAX + 1;
		body = realloc(transfer->body, capacity);
		if (!body)
			return false;
		transfer->body = body;
		transfer->body_capacity = capacity;
	}
	memcpy(transfer->body + transfer->body_size, bytes, length);
	transfer->body[size] = '\0';
	return true;
}

static size_t on_body(char *bytes, size_t one, size_t length, void *data)
{
	const struct probe *probe = data;
	const struct check_way *way = &probe->check->way;
	struct transfer *transfer = probe->state;
	const size_t size = transfer->body_size + length;

	(void)one;
	if (!is_fine(way, http_status(transfer)))
		return end_by(transfer, ENDING_STATUS);
	if ((way->body || way->sha256) && size > BODY_MAX)
		return end_by(transfer, ENDING_LARGE);
	if (way->body && !keep(transfer, bytes, length))
		return end_by(transfer, ENDING_MEMORY);
	if (way->sha256 && !EVP_DigestUpdate(transfer->digest, bytes, length))
		return end_by(transfer, ENDING_MEMORY);
	transfer->body_size = size;
	/* A body that is checked must be read to its end. */
	if (!way->body && !way->sha256 && size >= BODY_MAX)
		return end_by(transfer, ENDING_ENOUGH);
	return length;
}

int answer_expect(struct probe *probe)
{
	struct transfer *transfer = probe->state;
	CURL *easy = transfer->easy;

	(void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, probe);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, probe);
	if (!probe->check->way.sha256)
		return 0;
	transfer->digest = EVP_MD_CTX_new();
	if (!transfer->digest ||
	    !EVP_DigestInit_ex(transfer->digest, EVP_sha256(), NULL))
		return -ENOMEM;
	return 0;
}

/* ---- Judging ------------------------------------------------------------- */

/* Ends the probe unless the body matches. */
static bool body_matches(struct probe *probe)
{
	const struct transfer *transfer = probe->state;
	const size_t size = transfer->body_size < REGEX_MAX ?
				    transfer->body_size :
				    REGEX_MAX;
	const char *body = transfer->body ? transfer->body : "";
	int r = matcher_find(transfer->way->body, body, size);

	if (r == 0)
		probe_end(probe, PROBE_DOWN, "body does not match");
	else if (r == -ENOMEM)
		probe_end(probe, PROBE_UNKNOWN, "out of memory");
	else if (r < 0)
		probe_end(probe, PROBE_UNKNOWN, UNSEARCHABLE, "body");
	return r > 0;
}

/* Ends the probe unless the answer has the wanted headers. */
static bool headers_match(struct probe *probe)
{
	const struct transfer *transfer = probe->state;
	const struct wanted_header *wanted = transfer->way->wanted;
	size_t i = 0;

	while (wanted[i].name && transfer->matches[i])
		i++;
	if (!wanted[i].name)
		return true;
	probe_end(probe, PROBE_DOWN,
		  transfer->has[i] ? "header %.*s does not match" :
				     "no header %.*s",
		  (int)wanted[i].length, wanted[i].name);
	return false;
}

/* The digest in hexadecimal. */
static bool digest_text(struct transfer *transfer,
			char text[2 * DIGEST_SIZE + 1])
{
	unsigned char digest[EVP_MAX_MD_SIZE] = { 0 };

	if (!EVP_DigestFinal_ex(transfer->digest, digest, NULL))
		return false;
	for (size_t i = 0; i < DIGEST_SIZE; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return true;
}

static bool is_other_version(const struct probe *probe)
{
	const struct transfer *transfer = probe->state;
	const char *wanted = probe->check->way.http_version;
	long version = 0;

	(void)curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_VERSION, &version);
	return wanted && !strcmp(wanted, "2") &&
	       version != CURL_HTTP_VERSION_2_0;
}

static void judge_body(struct probe *probe, long status)
{
	const struct check_way *way = &probe->check->way;
	struct transfer *transfer = probe->state;
	char digest[2 * DIGEST_SIZE + 1] = "";

	if (way->body && !body_matches(probe))
		return;
	if (way->sha256 && !digest_text(transfer, digest))
		probe_end(probe, PROBE_UNKNOWN, "out of memory");
	else if (way->sha256 && strcmp(digest, way->sha256) != 0)
		probe_end(probe, PROBE_DOWN, "body has sha256 %s", digest);
	else
		probe_end(probe, PROBE_UP, "%ld", status);
}

static void judge(struct probe *probe)
{
	const struct check_way *way = &probe->check->way;
	const struct transfer *transfer = probe->state;
	const long status = http_status(transfer);
	char wanted[72];

	if (way->kind == CHECK_TLS && way->step_count > 0) {
		steps_begin(probe);
	} else if (way->kind == CHECK_TLS) {
		probe_end(probe, PROBE_UP, "TLS handshake done");
	} else if (!is_fine(way, status)) {
		statuses_text(way, wanted, sizeof(wanted));
		probe_end(probe, PROBE_DOWN, "status %ld, wanted %s", status,
			  wanted);
	} else if (is_other_version(probe)) {
		probe_end(probe, PROBE_DOWN, "no HTTP/2");
	} else if (headers_match(probe)) {
		judge_body(probe, status);
	}
}

void answer_end(struct probe *probe, CURLcode code)
{
	const struct transfer *transfer = probe->state;

	switch (transfer->ending) {
	case ENDING_NONE:
		break;
	case ENDING_STATUS:
	case ENDING_ENOUGH:
		code = CURLE_OK;
		break;
	case ENDING_LARGE:
		probe_end(probe, PROBE_DOWN, "body larger than %d KiB",
			  BODY_MAX_KIB);
		return;
	case ENDING_HEADER:
		probe_end(probe, PROBE_DOWN, "headers larger than %d KiB",
			  HEADER_MAX_KIB);
		return;
	case ENDING_MATCHER:
		probe_end(probe, PROBE_UNKNOWN, UNSEARCHABLE, "header");
		return;
	case ENDING_MEMORY:
		probe_end(probe, PROBE_UNKNOWN, "out of memory");
		return;
	}
	if (code)
		message_end(probe, code);
	else
		judge(probe);
}
