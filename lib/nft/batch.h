/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Messages for nf_tables, written one after the other. Numbers of nf_tables are
 * big-endian; the contents of registers are as the comments say.
 */
#ifndef LBCTL_NFT_BATCH_H
#define LBCTL_NFT_BATCH_H

#include <stdint.h>

#include "bytes.h"

struct batch {
	struct bytes bytes; /* a lack of memory shows in bytes.failed */
	size_t message;	    /* where the last message begins */
	size_t count;	    /* of messages */
};

/* Starts a message of nf_tables about objects of the family inet. */
void batch_start(struct batch *batch, uint16_t type, uint16_t flags);
/* Makes the message one about objects of another family, NFPROTO_... */
void batch_set_family(struct batch *batch, uint8_t family);
/* Ends the last message: sets its length. */
void batch_end(struct batch *batch);
/* Starts and ends one of the two messages around a transaction. */
void batch_frame(struct batch *batch, uint16_t type, const uint32_t *generation);

void batch_put(struct batch *batch, uint16_t type, const void *data,
	       size_t size);
void batch_put_text(struct batch *batch, uint16_t type, const char *text);
void batch_put_be32(struct batch *batch, uint16_t type, uint32_t number);
void batch_put_be64(struct batch *batch, uint16_t type, uint64_t number);
/* Opens a nest; returns what batch_close() needs. */
size_t batch_open(struct batch *batch, uint16_t type);
void batch_close(struct batch *batch, size_t nest);
/* Returns the size of the last message so far. */
size_t batch_message_size(const struct batch *batch);
void batch_free(struct batch *batch);
#define AUTO_BATCH CLEANUP(batch_free)

#endif
