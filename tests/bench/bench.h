/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The table and the rules that all programs of the benchmark put and list. */
#ifndef LBCTL_BENCH_H
#define LBCTL_BENCH_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BENCH_PORT	 80
#define BENCH_FIRST_PORT 5000 /* of a mark rule, with the ten after it */
#define BENCH_LAST_PORT	 5010
#define BENCH_COUNT_MAX	 100000

/* The first blocks of 250 addresses each, so that none ends in 0 or 255. */
static inline uint32_t bench_address(uint32_t network, unsigned int i)
{
	return network + ((i / 250) << 8) + i % 250 + 1;
}

/* The VIP of the service i, and of the mark rule i, in host order. */
static inline uint32_t bench_vip(unsigned int i)
{
	return bench_address(0x0a010000, i); /* 10.1.0.0 */
}

/* The address of a service's server i, in host order. */
static inline uint32_t bench_server(unsigned int i)
{
	return bench_address(0x0a800000, i); /* 10.128.0.0 */
}

/* The mark of mark rule i: its own, or one of as many as $BENCH_MARKS says. */
static inline uint32_t bench_mark(unsigned int i)
{
	static unsigned int marks;

	if (!marks) {
		const char *text = getenv("BENCH_MARKS");

		marks = text ? (unsigned int)strtoul(text, NULL, 10) : 0;
		if (!marks)
			marks = BENCH_COUNT_MAX;
	}
	return i % marks + 1;
}

/* A count from the command line; ends the program when it is none. */
static inline unsigned int bench_count(const char *text)
{
	char *end;
	unsigned long count;

	errno = 0;
	count = strtoul(text, &end, 10);
	if (errno || end == text || *end || count > BENCH_COUNT_MAX) {
		fprintf(stderr, "'%s' is not a count up to %d\n", text,
			BENCH_COUNT_MAX);
		exit(2);
	}
	return (unsigned int)count;
}

static inline double bench_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* Appends a time to a file, one line a time; path may be NULL. */
static inline int bench_report(const char *path, double ms)
{
	FILE *file;
	int written;

	if (!path)
		return 0;
	file = fopen(path, "a");
	if (!file)
		return -errno;
	written = fprintf(file, "%.3f\n", ms);
	if (fclose(file) || written < 0)
		return -EIO;
	return 0;
}

#endif
