/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Runs probes in a child, and reads its verdicts. */
#include "check/probe/apart.h"

#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "check/probe/confine.h"
#include "check/probe/prober.h"
#include "clock.h"
#include "kept.h"

#define LOOK_US	     INT64_C(10000000)
#define LOOKS	     3
#define KILL_WAIT_MS 2000

static size_t board_size(const struct apart *apart)
{
	return sizeof(struct apart_board) +
	       apart->count *
		       (sizeof(struct apart_record) + sizeof(*apart->messages));
}

/* ---- The child ----------------------------------------------------------- */

static void post(const struct probe *probe, void *data)
{
	struct apart *apart = data;
	const ptrdiff_t position = probe - apart->probes;
	struct apart_record *record = &apart->board->records[position];

	record->verdict = probe->verdict;
	record->latency_us = probe->latency_us;
	record->started = probe->started;
	record->report = probe->report;
	record->said = probe->message[0] != '\0';
	if (record->said)
		(void)memcpy(apart->messages[position], probe->message,
			     sizeof(probe->message));
	/* A child that is killed before this leaves no verdict. */
	__atomic_store_n(&record->done, 1, __ATOMIC_RELEASE);
}

static void live(void *data)
{
	const struct apart *apart = data;

	(void)__atomic_add_fetch(&apart->board->turns, 1, __ATOMIC_RELAXED);
}

static struct confine_needs find_needs(const struct apart *apart)
{
	struct confine_needs needs = { .ping = false };

	for (size_t i = 0; i < apart->count; i++) {
		const struct probe *probe = &apart->probes[i];
		const struct check_way *way = &probe->check->way;

		needs.ping = needs.ping || way->kind == CHECK_PING;
		needs.interface = needs.interface || way->interface;
		needs.mark = needs.mark || probe->mark;
	}
	return needs;
}

/*
 * Makes the kernel copy the child's pages of the probes at once. Copying them
 * one by one, as they are written, took 7 % of a run of 10,000 in QEMU. Linux
 * before 5.14 still does that.
 */
static void copy_probes(const struct apart *apart)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	char *const probes = (char *)apart->probes;
	const size_t before = (uintptr_t)probes & (page - 1);

	(void)madvise(probes - before,
		      before + apart->count * sizeof(*apart->probes),
		      MADV_POPULATE_WRITE);
}

static void work(struct apart *apart)
{
	const struct confine_needs needs = find_needs(apart);
	const struct probe_limits limits = {
		.window = apart->limits->window,
		.curl = apart->limits->curl,
		.curl_data = apart->limits->curl_data,
		.ended = post,
		.turned = live,
		.data = apart,
	};
	const char *step;
	int r;

	copy_probes(apart);
	r = confine(&needs, apart->parent, &step);
	if (r == 0) {
		step = "probes";
		r = probe_all(apart->probes, apart->count, &limits);
	}
	if (r < 0)
		(void)snprintf(apart->board->why, sizeof(apart->board->why),
			       "%s: %s", step, strerrordesc_np(-r));
}

/* ---- The parent: how the child fares ------------------------------------- */

static void say(struct apart *apart, const char *format, ...) PRINTF(2, 3);
static void say(struct apart *apart, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	(void)vsnprintf(apart->why, sizeof(apart->why), format, values);
	va_end(values);
}

/* Stops waiting for the child. */
static void leave(struct apart *apart)
{
	loop_unset(apart->prober->loop, &apart->look);
	if (apart->process.fd >= 0)
		loop_remove(apart->prober->loop, &apart->process);
	apart->prober->under_way--;
}

static void say_end(struct apart *apart, const siginfo_t *info)
{
	const char *signal = sigdescr_np(info->si_status);
	char why[PROBE_MESSAGE_SIZE];

	(void)memcpy(why, apart->board->why, sizeof(why));
	why[sizeof(why) - 1] = '\0';
	if (apart->why[0])
		return; /* look() killed it, and has given the reason. */
	if (info->si_code != CLD_EXITED)
		say(apart,
		    "the process that probes was killed by signal %d (%s)",
		    info->si_status, signal ? signal : "?");
	else if (info->si_status != 0)
		say(apart, "the process that probes ended with status %d",
		    info->si_status);
	else if (why[0])
		say(apart, "the process that probes: %.80s", why);
	else
		say(apart, "the process that probes skipped it");
}

static void process_ready(struct loop_watch *watch, uint32_t events)
{
	struct apart *apart = (struct apart *)((char *)watch -
					       offsetof(struct apart, process));
	siginfo_t info = { 0 };

	(void)events;
	if (waitid(P_PID, (id_t)apart->pid, &info, WEXITED | WNOHANG) < 0 ||
	    info.si_pid == 0)
		return;
	apart->pid = 0;
	say_end(apart, &info);
	leave(apart);
}

/*
 * Compares turns from look to look, without a clock: a child that was stopped
 * together with this process has not hung.
 */
static void look(struct loop_timer *timer)
{
	struct apart *apart =
		(struct apart *)((char *)timer - offsetof(struct apart, look));
	const uint64_t turns =
		__atomic_load_n(&apart->board->turns, __ATOMIC_RELAXED);

	apart->still = turns == apart->turns ? apart->still + 1 : 0;
	apart->turns = turns;
	if (apart->why[0]) {
		/* It was killed at the last look, and the kernel has not ended
		   it. */
		leave(apart);
		return;
	}
	/* A compromised child can turn forever. */
	if (apart->still == LOOKS || apart->looks-- == 0) {
		say(apart, "the process that probes hung and was killed");
		(void)kill(apart->pid, SIGKILL);
	}
	if (loop_set(apart->prober->loop, timer,
		     loop_now(apart->prober->loop) + apart->look_us) < 0)
		leave(apart);
}

/* ---- The parent: from begin to end --------------------------------------- */

static int watch_child(struct apart *apart)
{
	int r;

	loop_tick(apart->prober->loop);
	apart->process.fd = pidfd_open(apart->pid, 0);
	if (apart->process.fd < 0)
		return -errno;
	r = loop_add(apart->prober->loop, &apart->process, EPOLLIN);
	return r < 0 ? r :
		       loop_set(apart->prober->loop, &apart->look,
				loop_now(apart->prober->loop) + apart->look_us);
}

/* Creates the folder of the child's root, with a mode that lets others in. */
static void make_folder(void)
{
	char path[KEPT_PATH];
	AUTO_CLOSE int fd = -1;

	if (kept_open_folder(NULL, true, &fd, path) != 0)
		fd = -1;
}

static int begin(struct prober *prober, void *data)
{
	struct apart *apart = data;
	int r;

	apart->began = clock_now();
	apart->parent = getpid();
	make_folder();
	apart->pid = fork();
	if (apart->pid == 0) {
		apart->work(apart);
		_exit(0);
	}
	if (apart->pid < 0) {
		apart->pid = 0;
		say(apart, "no process that probes can be started: %s",
		    strerrordesc_np(errno));
		return 0;
	}
	apart->prober = prober;
	prober->under_way++;
	r = watch_child(apart);
	if (r < 0)
		leave(apart);
	return r;
}

/* Ends a child that still runs; the loop that watched it is gone. */
static void end(struct apart *apart)
{
	struct pollfd ended = { .fd = apart->process.fd, .events = POLLIN };

	if (!apart->why[0])
		say(apart, "interrupted");
	if (apart->pid > 0) {
		(void)kill(apart->pid, SIGKILL);
		if (ended.fd >= 0)
			(void)poll(&ended, 1, KILL_WAIT_MS);
		/* A child that the kernel has not ended yet becomes a
		   zombie. */
		(void)waitpid(apart->pid, NULL, ended.fd >= 0 ? WNOHANG : 0);
	}
	closep(&apart->process.fd);
}

/* Trusts nothing in the record but a verdict of up, down or unknown, and a report
   that an agent may make. */
static void take(const struct apart *apart, size_t position)
{
	struct probe *probe = &apart->probes[position];
	const struct apart_record *posted = &apart->board->records[position];
	const int64_t now = clock_now();
	struct apart_record record = { .done = 0 };
	char message[PROBE_MESSAGE_SIZE] = "";

	if (__atomic_load_n(&posted->done, __ATOMIC_ACQUIRE))
		(void)memcpy(&record, posted, sizeof(record));
	probe->verdict = PROBE_UNKNOWN;
	probe->report = (struct weight_report){ 0 };
	probe->latency_us = 0;
	probe->started = apart->began;
	if (record.said)
		(void)memcpy(message, apart->messages[position],
			     sizeof(message) - 1);
	if (!record.done)
		return probe_say(probe, "%s", apart->why);
	if (record.verdict > PROBE_DOWN ||
	    record.latency_us > now - apart->began ||
	    record.started < apart->began || record.started > now ||
	    !weight_report_is_valid(&record.report, false))
		return probe_say(probe, "the process that probes sent an "
					"impossible verdict");
	probe->verdict = record.verdict;
	probe->latency_us = record.latency_us;
	probe->started = record.started;
	probe->report = record.report;
	probe_say(probe, "%s", message);
}

/* Allows eight times the sum of all timeouts: probes can be made twice, and get up
   to four times their timeout. */
static int64_t find_looks(const struct apart *apart)
{
	int64_t timeouts = 0;

	for (size_t i = 0; i < apart->count; i++)
		timeouts += apart->probes[i].check->way.timeout_us;
	return LOOKS + 8 * timeouts / apart->look_us;
}

int apart_run(struct apart *apart, size_t programs)
{
	const struct probe_limits limits = {
		.window = apart->limits->window,
		.stop = apart->limits->stop,
		.begin = begin,
		.data = apart,
	};
	int r;

	/* MAP_ANONYMOUS ignores the descriptor. */
	apart->board = mmap(NULL, board_size(apart), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, 0, 0);
	if (apart->board == MAP_FAILED)
		return -ENOMEM;
	apart->messages = (void *)&apart->board->records[apart->count];
	apart->process =
		(struct loop_watch){ .fd = -1, .ready = process_ready };
	apart->look = (struct loop_timer){ .expire = look };
	apart->looks = find_looks(apart);
	r = probe_all(apart->probes + apart->count, programs, &limits);
	end(apart);
	for (size_t i = 0; i < apart->count; i++)
		take(apart, i);
	(void)munmap(apart->board, board_size(apart));
	return r;
}

int apart_probe_all(struct probe *probes, size_t count,
		    const struct probe_limits *limits)
{
	struct apart apart = {
		.probes = probes,
		.limits = limits,
		.work = work,
		.look_us = LOOK_US,
	};

	while (apart.count < count &&
	       !check_kind_is_own(probes[apart.count].check->way.kind))
		apart.count++;
	if (apart.count == 0)
		return probe_all(probes, count, limits);
	return apart_run(&apart, count - apart.count);
}
