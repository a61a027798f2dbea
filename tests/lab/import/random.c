/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Random tables: what iptables makes of packets, and what the import makes of
 * them. The marks are the same, or the import is refused and changes nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "import.h"
#include "rules.h"
#include "tables.h"

#define PACKETS	    50
#define REASONS_MAX 64

/* How often imports ended in which way. */
struct count {
	char why[160];
	unsigned int times;
};

struct sums {
	struct count reasons[REASONS_MAX];
	size_t reason_count;
	unsigned int imported;
	unsigned int refused;
	unsigned int invalid; /* iptables does not take it */
	unsigned int wrong;
};

static char errors[] = "/tmp/import.XXXXXX";
/* Mangle without a rule, of both families. */
static struct table *empty[2];

/* Names what the refusals have in common: all but the place. */
static void note_refusal(struct sums *sums)
{
	char line[1024] = "";
	char *why;
	FILE *file = fopen(errors, "re");

	while (file && fgets(line, sizeof(line), file) &&
	       strstr(line, "warning: "))
		;
	if (file)
		(void)fclose(file);
	why = strstr(line, "since ");
	if (!why)
		why = strstr(line, "this ");
	why = why ? why : line;
	why[strcspn(why, "\n")] = '\0';
	for (size_t i = 0; i <= sums->reason_count && i < REASONS_MAX; i++) {
		struct count *count = &sums->reasons[i];

		if (i == sums->reason_count) {
			sums->reason_count++;
			(void)snprintf(count->why, sizeof(count->why), "%.150s",
				       why);
		}
		if (strncmp(count->why, why, 150) == 0) {
			count->times++;
			return;
		}
	}
}

static int restore(const char *text, const char *option)
{
	const char *const argv[] = { "lbctl-restore", option, "-", NULL };

	return run_with(argv, text, errors);
}

/* Replaces iptables' table by that one. */
static int load(const char *text, int family)
{
	const char *const argv[] = { family == AF_INET6 ?
					     "ip6tables-legacy-restore" :
					     "iptables-legacy-restore",
				     NULL };

	return run_with(argv, text, "/dev/null");
}

static const struct table *empty_table(int family)
{
	return empty[family == AF_INET6];
}

/* Whether a refused import has left no rule, in either backend. */
static bool is_empty(int family)
{
	struct table *now = tables_read(family);
	bool is = tables_same(now, empty_table(family)) &&
		  restore("mark flush\n", "--dry-run") == 0;

	tables_free(now);
	return is;
}

static void send_all(const struct packet packets[PACKETS],
		     uint64_t marks[PACKETS])
{
	forget_connections();
	for (int i = 0; i < PACKETS; i++)
		marks[i] = packets_send(&packets[i]);
}

static void complain(struct sums *sums, unsigned int seed, const char *text,
		     const char *what)
{
	char line[512];
	const char *rest = text;

	sums->wrong++;
	(void)printf("# seed %u: %s\n", seed, what);
	while (sscanf(rest, "%511[^\n]", line) == 1) {
		(void)printf("#   %s\n", line);
		rest = strchr(rest, '\n') + 1;
	}
}

/* `loaded` is the table that iptables has made of the text. */
static void compare(struct sums *sums, unsigned int seed, const char *text,
		    const struct table *loaded,
		    const struct packet packets[PACKETS])
{
	const int family = packets[0].family;

	uint64_t wanted[PACKETS];
	uint64_t got[PACKETS];
	char what[128];

	tables_put(loaded, family);
	send_all(packets, wanted);
	tables_put(empty_table(family), family);
	if (restore(text, "-q") != 0) {
		complain(sums, seed, text, "another answer the second time");
		return;
	}
	send_all(packets, got);
	if (restore(text, "--dry-run") != 0)
		complain(sums, seed, text, "importing it again changes rules");
	/* Ours may be in nf_tables, where emptying the table leaves them. */
	if (restore("mark flush\n", "-q") != 0)
		complain(sums, seed, text, "our rules do not go");
	for (int i = 0; i < PACKETS; i++) {
		if (wanted[i] == got[i] || wanted[i] == DROPPED)
			continue;
		(void)snprintf(what, sizeof(what),
			       "packet %d has mark 0x%llx, not 0x%llx", i,
			       (unsigned long long)got[i],
			       (unsigned long long)wanted[i]);
		complain(sums, seed, text, what);
		return;
	}
}

/*
 * Imports a table, which iptables has made `loaded` of, where there is none.
 * Returns whether it is not refused.
 */
static bool import_table(struct sums *sums, unsigned int seed, const char *text,
			 const struct table *loaded,
			 const struct packet packets[PACKETS])
{
	const int status = restore(text, "--dry-run");

	if (status == 2) {
		note_refusal(sums);
		sums->refused++;
		if (restore(text, "-q") != 2 || !is_empty(packets[0].family))
			complain(sums, seed, text, "refused, yet changed");
		return false;
	}
	sums->imported++;
	if (status > 1)
		complain(sums, seed, text, "a status that is neither 0 nor 2");
	else
		compare(sums, seed, text, loaded, packets);
	return true;
}

static void try_table(struct sums *sums, unsigned int seed, bool plain)
{
	struct packet packets[PACKETS];
	struct table *loaded;
	char text[TEXT_MAX];
	int family;

	random_seed(seed);
	family = random_below(3) ? AF_INET : AF_INET6;
	if (plain)
		random_plain_table(text, family);
	else
		random_wild_table(text, family);
	for (int i = 0; i < PACKETS; i++)
		random_packet(&packets[i], family);
	if (load(text, family) != 0) {
		sums->invalid++;
		return;
	}
	loaded = tables_read(family);
	tables_put(empty_table(family), family);
	if (!import_table(sums, seed, text, loaded, packets) && plain)
		complain(sums, seed, text, "refused, yet importable");
	tables_free(loaded);
}

/* Tries as many tables that iptables takes. Returns whether all went well. */
static bool run_tables(unsigned int number, const char *name, unsigned int seed,
		       unsigned int count)
{
	struct sums sums = { 0 };
	unsigned int last = seed;

	for (; sums.imported + sums.refused < count; last++)
		try_table(&sums, last, number == 1);
	(void)printf("# seeds %u to %u\n", seed, last - 1);
	(void)printf("# imported %u, refused %u, not taken by iptables %u\n",
		     sums.imported, sums.refused, sums.invalid);
	for (size_t i = 0; i < sums.reason_count; i++)
		(void)printf("# refused %u: %s\n", sums.reasons[i].times,
			     sums.reasons[i].why);
	(void)printf("%sok %u - %s\n", sums.wrong ? "not " : "", number, name);
	(void)fflush(stdout);
	return !sums.wrong;
}

/* Marks that packets come with, by their source port. */
static void mark_before(void)
{
	static const char text[] =
		"*raw\n"
		"-A PREROUTING -p udp --sport 40001 -j MARK --set-mark 1\n"
		"-A PREROUTING -p udp --sport 40002 -j MARK --set-mark 0x12\n"
		"-A PREROUTING -p tcp --sport 40003 -j MARK --set-mark 0x42\n"
		"COMMIT\n";

	if (load(text, AF_INET) != 0 || load(text, AF_INET6) != 0) {
		(void)printf("Bail out! no table raw\n");
		exit(1);
	}
}

int import_random(unsigned int seed, unsigned int count)
{
	int fd = mkstemp(errors);
	bool good;

	if (fd < 0)
		return 1;
	(void)close(fd);
	empty[0] = tables_read(AF_INET);
	empty[1] = tables_read(AF_INET6);
	mark_before();
	(void)printf("1..2\n");
	good = run_tables(1, "tables of rules that are imported", seed, count);
	good &= run_tables(2, "any tables: the same marks, or refused",
			   seed + 100000, count);
	(void)unlink(errors);
	return good ? 0 : 1;
}
