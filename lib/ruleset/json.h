/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Definitions for reading and for writing a configuration as JSON. */
#ifndef LBCTL_RULESET_JSON_H
#define LBCTL_RULESET_JSON_H

#include <jansson.h>

#include "ruleset/run-lines.h"
#include "scope.h"

/* The version that is written. Version 1 had fewer members. */
#define JSON_VERSION 2

/* The member of any object that readers ignore. */
#define JSON_RUNTIME "runtime"
/* The member of a document that names the backend of mark rules. */
#define JSON_BACKEND "mark_backend"

struct source;
/* Runs what "nft -j list" writes; see ruleset.h. */
int ruleset_read_nft_json(struct source *source, struct run *run,
			  json_t *document,
			  struct ipvsctl_error *err) MUST_CHECK;

struct writer;

/* A member of the document and its kind; tables end with a NULL key. */
struct json_part {
	const char *key;
	unsigned int kind; /* enum ipvsctl_kind */
	void (*write)(struct writer *writer, const char *key);
};
extern const struct json_part json_parts[];

#define JSON_KEY_SIZE 32
/* Writes an attribute's key: "sched_flags" for "sched-flags". Returns key. */
const char *json_key(const char *name, char key[JSON_KEY_SIZE]);

static inline void json_freep(json_t **json)
{
	json_decref(*json);
}
#define AUTO_JSON CLEANUP(json_freep)

#endif
