/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The socket to nf_tables: dumps come in, transactions go out. */
#ifndef LBCTL_NFT_CHANNEL_H
#define LBCTL_NFT_CHANNEL_H

#include "netlink/walk.h"
#include "nft/batch.h"

/* How often we begin anew when other programs change the tables meanwhile. */
#define CHANNEL_TRIES 10

struct channel {
	int fd;
	size_t room; /* bytes that one transaction can have */
	char *buffer;
};

/* Opens the socket in this thread's network namespace. Returns 0 or a negative
   errno; the kernel loads nfnetlink for it. */
int channel_open(struct channel *channel) MUST_CHECK;
void channel_close(struct channel *channel);
#define AUTO_CHANNEL CLEANUP(channel_close)

/* Takes the attributes of one message. Returns 0 or a negative code, which ends
   the dump. */
typedef int (*channel_fn)(struct walk attributes, void *data);

/*
 * Sends the one request and calls fn for each message of its answer. Returns 0,
 * the code of fn, -EINTR if the kernel saw a change meanwhile, -EBADMSG, or the
 * kernel's errno, negative.
 */
int channel_ask(struct channel *channel, const struct batch *request,
		channel_fn fn, void *data) MUST_CHECK;
/* Asks once for all objects of that type in a family, NFPROTO_... Returns as
   channel_ask(). */
int channel_dump(struct channel *channel, uint16_t type, uint8_t family,
		 channel_fn fn, void *data) MUST_CHECK;
/* Gets a number that no other network namespace has or gets. Returns 0, or a
   negative errno before 5.14. */
int channel_netns(const struct channel *channel, uint64_t *ret_netns) MUST_CHECK;
/* Gets the number of the current generation of all tables. */
int channel_generation(struct channel *channel,
		       uint32_t *ret_generation) MUST_CHECK;

/* Returns how many bytes of messages one transaction can have; tries to make it
   that many. */
size_t channel_room(struct channel *channel, size_t wanted);
/*
 * Commits the messages as one transaction, if *generation is still current, and
 * sets it to the next. Returns 0; -ERESTART for a later generation; -EMSGSIZE
 * if the socket cannot hold the transaction; or the kernel's errno for the
 * first message that it refused, negative. A failure has changed nothing.
 */
int channel_commit(struct channel *channel, const struct bytes *messages,
		   uint32_t *generation) MUST_CHECK;
/* Commits messages that need not take effect at once, in as many transactions as
   the socket demands. Returns as channel_commit(); those before stay. */
int channel_commit_parts(struct channel *channel, const struct bytes *messages,
			 uint32_t *generation) MUST_CHECK;

#endif
