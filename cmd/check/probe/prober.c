/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Runs probes side by side, as many at once as descriptors allow. */
#include "check/probe/prober.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

/* Probes to start before answers are read. */
#define BURST 64
/* Descriptors left for libraries. */
#define DESCRIPTORS_SPARE 12
/* Longest wait. If the process is stopped in a wait, no more than this counts
   as time of the probes. */
#define TURN_MAX_US INT64_C(100000)
/* A probe by libcurl whose time is up gets more if this process was at work for
   that share of it, up to so many times its timeout. */
#define BUSY_SHARE   4
#define TIMEOUTS_MAX 4

static unsigned int count_open(void)
{
	struct dirent **names = NULL;
	int count = scandir("/proc/self/fd", &names, NULL, alphasort);

	if (count < 0)
		return 16;
	for (int i = 0; i < count; i++)
		free(names[i]);
	free(names);
	return (unsigned int)count;
}

/* Raises the limit of descriptors; returns how many are left for probes. */
static unsigned int descriptors_left(struct prober *prober)
{
	const unsigned int taken = count_open() + DESCRIPTORS_SPARE;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 64;
	prober->limit = limit;
	if (limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
		(void)getrlimit(RLIMIT_NOFILE, &limit);
	}
	if (limit.rlim_cur > 1000000)
		return 1000000;
	return limit.rlim_cur > taken ? (unsigned int)limit.rlim_cur - taken :
					1;
}

static void set_kinds(struct prober *prober)
{
	const struct probe_curl *curl = prober->limits->curl;

	prober->kinds[CHECK_TCP] = &probe_tcp;
	prober->kinds[CHECK_UDP] = &probe_udp;
	prober->kinds[CHECK_DNS] = &probe_dns;
	prober->kinds[CHECK_SMTP] = &probe_smtp;
	prober->kinds[CHECK_PING] = &probe_ping;
	prober->kinds[CHECK_EXEC] = &probe_exec;
	prober->kinds[CHECK_AGENT] = &probe_agent;
	prober->kinds[CHECK_FILE] = &probe_file;
	if (!curl)
		return;
	prober->kinds[CHECK_TLS] = &curl->tls;
	prober->kinds[CHECK_HTTP] = &curl->http;
	prober->kinds[CHECK_HTTPS] = &curl->https;
}

static int prober_open(struct prober *prober, const struct probe_limits *limits)
{
	int r = loop_new(&prober->loop);

	if (r < 0)
		return r;
	set_kinds(prober);
	if (limits->curl)
		r = limits->curl->open(prober, limits->curl_data);
	/* Count last: the loop and the module have opened some. */
	prober->descriptors = descriptors_left(prober);
	prober->window = limits->window;
	if (r == 0 && limits->begin)
		r = limits->begin(prober, limits->data);
	return r;
}

static void prober_close(struct prober *prober)
{
	const struct probe_limits *limits = prober->limits;

	if (limits->curl)
		limits->curl->close(limits->curl_data);
	loop_free(prober->loop);
	/* Programs that run later do not need so many. */
	if (prober->limit.rlim_cur)
		(void)setrlimit(RLIMIT_NOFILE, &prober->limit);
}

/* ---- One probe ----------------------------------------------------------- */

/*
 * Each handshake costs processor time, a millisecond or twenty, in which the
 * others have to wait: that is not their servers' fault. Returns whether the
 * probe gets the time that this process has worked meanwhile, or has ended
 * since it had that too often.
 */
static bool give_time(struct probe *probe)
{
	struct loop *loop = probe->prober->loop;
	const int64_t timeout = probe->check->way.timeout_us;
	const int64_t worked = loop_worked(loop) - probe->worked;
	const int64_t passed =
		loop_now(loop) - (probe->started - probe->left_out);

	if (!check_kind_is_curl(probe->check->way.kind) ||
	    worked < timeout / BUSY_SHARE)
		return false;
	if (passed >= TIMEOUTS_MAX * timeout) {
		probe_end(probe, PROBE_UNKNOWN,
			  "this host is too slow for so many probes at once: "
			  "try a smaller --window");
		return true;
	}
	probe->worked = loop_worked(loop);
	return loop_set(loop, &probe->timer, loop_now(loop) + worked) == 0;
}

static void expire(struct loop_timer *timer)
{
	struct probe *probe =
		(struct probe *)((char *)timer - offsetof(struct probe, timer));
	const struct probe_kind *kind =
		probe->prober->kinds[probe->check->way.kind];

	if (give_time(probe))
		return;
	if (kind->expire)
		kind->expire(probe);
	else
		probe_end_late(probe);
}

/* Tells whether a start can succeed once other probes have ended. */
static bool is_shortage(int r)
{
	static const int shortages[] = { EMFILE, ENFILE, ENOBUFS,
					 EAGAIN, ENOMEM, EADDRNOTAVAIL };

	for (size_t i = 0; i < ARRAY_SIZE(shortages); i++)
		if (shortages[i] == -r)
			return true;
	return false;
}

/* Undoes a start that failed. */
static void unstart(struct probe *probe, const struct probe_kind *kind)
{
	struct prober *prober = probe->prober;

	loop_unset(prober->loop, &probe->timer);
	if (probe->watch.fd >= 0)
		(void)close(TAKE_FD(probe->watch.fd));
	if (kind->stop)
		kind->stop(probe);
}

/* Starts a probe; returns false if resources are short for now. */
static bool start(struct prober *prober, struct probe *probe)
{
	const enum check_kind number = probe->check->way.kind;
	const struct probe_kind *kind = prober->kinds[number];
	bool alone = prober->under_way == 0;
	int r;

	probe->prober = prober;
	probe->watch.fd = -1;
	probe->timer = (struct loop_timer){ .expire = expire };
	probe->left_out = loop_left_out(prober->loop);
	probe->worked = loop_worked(prober->loop);
	probe->started = loop_now(prober->loop) + probe->left_out;
	prober->used += kind ? kind->descriptors : 0;
	prober->running[number]++;
	prober->under_way++;
	if (!kind) {
		probe_end(probe, PROBE_UNKNOWN, "libcurl is not available");
		return true;
	}
	if (probe->check->way.via_vip && !probe->mark) {
		probe_end(probe, PROBE_UNKNOWN, "cannot be reached by the VIP");
		return true;
	}
	r = loop_set(prober->loop, &probe->timer,
		     loop_now(prober->loop) + probe->check->way.timeout_us);
	if (r == 0)
		r = kind->start(probe);
	if (r == 0)
		return true;
	if (!is_shortage(r) || alone) {
		probe_end_errno(probe, -r);
		return true;
	}
	unstart(probe, kind);
	prober->used -= kind->descriptors;
	prober->running[number]--;
	prober->under_way--;
	return false;
}

static bool has_room(const struct prober *prober, enum check_kind number)
{
	const struct probe_kind *kind = prober->kinds[number];

	if (prober->under_way == 0 || !kind)
		return true;
	if (prober->window && prober->under_way >= prober->window)
		return false;
	if (kind->window && prober->running[number] >= kind->window)
		return false;
	return prober->used + kind->descriptors <= prober->descriptors;
}

/* ---- All ----------------------------------------------------------------- */

/* The probes to start. Kinds have their own windows, so each has its own
   position. */
struct queue {
	struct probe *probes;
	size_t count;
	size_t next[CHECK_PROBE_KINDS]; /* the next to be started */
	size_t started, anew;
	bool short_of; /* a resource is, until a probe has ended */
};

/* Starts probes of one kind; returns how many of a burst are left. */
static unsigned int start_kind(struct prober *prober, struct queue *queue,
			       enum check_kind number, unsigned int burst)
{
	size_t *next = &queue->next[number];

	for (; burst > 0 && !queue->short_of; burst--) {
		while (*next < queue->count &&
		       queue->probes[*next].check->way.kind != number)
			(*next)++;
		if (*next == queue->count || !has_room(prober, number))
			break;
		if (!start(prober, &queue->probes[*next])) {
			queue->short_of = true;
			break;
		}
		queue->started++;
		(*next)++;
	}
	return burst;
}

/* Starts the probes that must be made again. */
static unsigned int start_again(struct prober *prober, struct queue *queue,
				unsigned int burst)
{
	for (; burst > 0 && prober->again; burst--) {
		struct probe *probe = prober->again;

		if (!has_room(prober, probe->check->way.kind))
			break;
		if (!start(prober, probe)) {
			queue->short_of = true;
			break;
		}
		prober->again = probe->next;
		queue->anew++;
	}
	return burst;
}

static void start_some(struct prober *prober, struct queue *queue)
{
	unsigned int burst = BURST;

	loop_tick(prober->loop);
	burst = start_again(prober, queue, burst);
	for (int kind = 0; kind < CHECK_PROBE_KINDS; kind++)
		burst = start_kind(prober, queue, (enum check_kind)kind, burst);
}

static int run(struct prober *prober, struct probe *probes, size_t count,
	       const struct probe_limits *limits)
{
	struct queue queue = { .probes = probes, .count = count };
	int r = 0;

	while (r == 0 && (queue.started < count || prober->again ||
			  prober->under_way > 0)) {
		size_t before = queue.started + queue.anew, under_way;

		if (limits->stop && *limits->stop)
			return -EINTR;
		if (limits->turned)
			limits->turned(limits->data);
		if (!queue.short_of)
			start_some(prober, &queue);
		under_way = prober->under_way;
		if (under_way == 0)
			continue;
		/* Do not wait if more probes can be started. */
		r = loop_turn(prober->loop, queue.started + queue.anew > before ?
						    0 :
						    TURN_MAX_US);
		if (prober->under_way < under_way)
			queue.short_of = false;
	}
	return r;
}

int probe_all(struct probe *probes, size_t count,
	      const struct probe_limits *limits)
{
	struct prober prober = { .limits = limits };
	int r = prober_open(&prober, limits);

	for (size_t i = 0; i < count; i++) {
		probes[i].prober = NULL;
		probes[i].timer.place = 0;
		probes[i].again = false;
		probes[i].garbled = false;
		probes[i].report = (struct weight_report){ 0 };
		probes[i].verdict = PROBE_UNKNOWN;
		(void)snprintf(probes[i].message, sizeof(probes[i].message),
			       "not tried");
	}
	if (r == 0) {
		r = run(&prober, probes, count, limits);
		/* Probes that were interrupted are unknown. */
		for (size_t i = 0; i < count; i++)
			if (probes[i].prober && probes[i].timer.place)
				probe_end(&probes[i], PROBE_UNKNOWN,
					  "interrupted");
	}
	prober_close(&prober);
	return r;
}
