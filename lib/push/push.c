/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * The bulk update that the kernel's sync protocol lacks. Backup daemons take our
 * messages for their master's (5.10 to 7.2).
 */
#include <linux/ip_vs.h>
#include <string.h>

#include "bytes.h"
#include "fail.h"
#include "kernel/context.h"
#include "kernel/netns.h"
#include "model/error.h"
#include "push/belonging.h"
#include "push/held.h"
#include "push/sender.h"
#include "push/sync-message.h"

/* Where the daemon does not tell: fits an Ethernet link with some tags. */
#define MESSAGE_MAX 1400

/*
 * A message that waits for its time. The table is read as fast as it can be: what
 * changes meanwhile makes the kernel give entries twice or not at all.
 */
struct queued {
	size_t size;
	size_t entries;
};

struct push {
	const struct ipvsctl_push *wanted;
	struct belonging belonging;
	struct rtnetlink rtnetlink;
	struct held held;
	struct sender sender;
	struct sync_message *message; /* the last one, not full yet */
	struct bytes queue; /* of struct queued, each with its bytes */
	struct ipvsctl_pushed counts;
	int code; /* a failure of our own, as a negative errno */
};

/* Puts the message into the queue. */
static void flush(struct push *push)
{
	struct sync_message *message = push->message;
	const struct queued queued = { .size = message->size,
				       .entries = message->entries };

	if (!message->entries)
		return;
	bytes_add(&push->queue, &queued, sizeof(queued));
	bytes_add(&push->queue, message->data, message->size);
	push->counts.messages++;
	push->counts.connections += message->entries;
	sync_message_empty(message);
}

static int add(struct push *push, const struct ipvsctl_connection *connection,
	       const struct sync_details *details)
{
	if (!sync_message_add(push->message, connection, details)) {
		flush(push);
		if (!sync_message_add(push->message, connection, details))
			return -EMSGSIZE;
	}
	return push->queue.failed ? -ENOMEM : 0;
}

/* Adds a connection, if its VIP is held. */
static int take_known(struct push *push,
		      const struct ipvsctl_connection *connection,
		      const struct sync_details *details)
{
	int r = connection->protocol ?
			held_vip(&push->held, &connection->service,
				 details->mark) :
			held_mark(&push->held, details->mark,
				  connection->service.family);

	if (r == 0)
		push->counts.elsewhere++;
	return r > 0 ? add(push, connection, details) : r;
}

static int take(const struct ipvsctl_connection *connection, void *data)
{
	struct push *push = data;
	struct sync_details details;
	bool chosen;
	const enum belongs belongs =
		belonging_find(&push->belonging, connection, push->wanted->only,
			       &details, &chosen);

	/* What ends this very second is not worth it; 0 would mean the default. */
	if (!chosen || !connection->expires_seconds)
		return 0;
	switch (belongs) {
	case BELONGS_KNOWN:
		push->code = take_known(push, connection, &details);
		break;
	case BELONGS_HALF_OPEN:
		push->counts.half_open++;
		break;
	case BELONGS_UNKNOWN:
		push->counts.unknown++;
		break;
	case BELONGS_HIDDEN:
		push->counts.hidden++;
		break;
	}
	return push->code;
}

static int open_all(struct push *push, const struct ipvsctl_config *config,
		    struct ipvsctl_error *err)
{
	const struct ipvsctl_sync *daemon = push->wanted->daemon;
	int r = belonging_init(&push->belonging, config);

	push->message = calloc(1, sizeof(*push->message));
	if (r < 0 || !push->message)
		return fail_memory(err);
	push->message->id = (uint8_t)daemon->id;
	push->message->max =
		daemon->max_length ? daemon->max_length : MESSAGE_MAX;
	push->held.rtnetlink = &push->rtnetlink;
	push->held.config = config;
	r = rtnetlink_open(&push->rtnetlink);
	if (r < 0)
		return fail_kernel(err, OPERATION_OPEN, -r, NULL);
	r = sender_open(&push->sender, daemon, push->wanted->rate);
	return r < 0 ? fail_about(err,
				  fail_kernel(err, OPERATION_PUSH, -r, NULL),
				  "%s", daemon->interface) :
		       0;
}

static void close_all(struct push *push)
{
	belonging_free(&push->belonging);
	rtnetlink_close(&push->rtnetlink);
	held_free(&push->held);
	sender_close(&push->sender);
	free(push->message);
	bytes_free(&push->queue);
}

static int send_all(struct push *push)
{
	const uint8_t *at = push->queue.data;
	const uint8_t *end = at + push->queue.size;
	int r = 0;

	while (r == 0 && at < end) {
		struct queued queued;

		memcpy(&queued, at, sizeof(queued));
		at += sizeof(queued);
		r = sender_send(&push->sender, at, queued.size, queued.entries);
		at += queued.size;
	}
	return r;
}

static int push_all(struct push *push, struct ipvsctl *ctx,
		    struct ipvsctl_error *err)
{
	int r = ipvsctl_each_connection(ctx, take, push, err);

	flush(push);
	if (r == 0 && push->queue.failed)
		push->code = -ENOMEM;
	else if (r == 0 && !push->wanted->dry_run)
		push->code = send_all(push);
	if (push->code == -ENOMEM)
		return fail_memory(err);
	if (push->code < 0)
		return fail_about(err,
				  fail_kernel(err, OPERATION_PUSH, -push->code,
					      NULL),
				  "%s", push->wanted->daemon->interface);
	return r;
}

API int ipvsctl_push(struct ipvsctl *ctx, const struct ipvsctl_config *config,
		     const struct ipvsctl_push *wanted,
		     struct ipvsctl_pushed *ret_pushed,
		     struct ipvsctl_error *err)
{
	struct push push = {
		.wanted = wanted,
		.rtnetlink.fd = -1,
		.sender.fd = -1,
	};
	int back = -1, r = netns_enter(ctx->netns, &back, err);

	if (r == 0)
		r = netns_leave(back, open_all(&push, config, err), err);
	if (r == 0)
		r = push_all(&push, ctx, err);
	*ret_pushed = push.counts;
	close_all(&push);
	return r;
}
