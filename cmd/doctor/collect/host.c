/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The kernel, its modules, and programs that manage load balancing, too. */
#include "doctor/collect/collect.h"

#include <sys/utsname.h>

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "array.h"
#include "read-whole.h"

/* More than /proc/modules ever has. */
#define MODULES_MAX ((size_t)4 * 1024 * 1024)

static int add_name(struct facts *facts, enum fact fact, const char *name,
		    size_t length)
{
	struct fact_name *row = facts_add(facts, fact);

	if (!row)
		return -ENOMEM;
	(void)snprintf(row->name, sizeof(row->name), "%.*s", (int)length, name);
	return 0;
}

/* ---- Modules ------------------------------------------------------------- */

/* Tells whether a module is about packets: no other need be known. */
static bool is_wanted(const char *name)
{
	static const char *const starts[] = { "ip_",  "ip6_", "ip6t_", "ipip",
					      "ipt_", "nf_",  "nfne",  "nft_",
					      "xt_",  "fou",  "gre",   "ip6tab",
					      "iptab" };

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (strncmp(name, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

/* A kernel without modules has no such file. */
static int collect_modules(struct facts *facts)
{
	AUTO_CLOSE int fd = open_at(AT_FDCWD, "/proc/modules", O_RDONLY);
	AUTO_FREE char *text = NULL;
	size_t length = 0;
	int r = fd < 0 ? nerrno() : read_whole(fd, MODULES_MAX, &text, &length);

	if (r == -ENOMEM)
		return r;
	facts->known[FACT_MODULES] = r == 0 || r == -ENOENT;
	if (r == -ENOENT)
		return 0;
	if (r < 0) {
		facts_unknown(facts, FACT_MODULES, r,
			      "/proc/modules cannot be read");
		return 0;
	}
	for (char *line = text; r == 0 && line && *line;) {
		const size_t name = strcspn(line, " \n");

		if (is_wanted(line))
			r = add_name(facts, FACT_MODULES, line, name);
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return r;
}

/* ---- Processes ----------------------------------------------------------- */

static bool is_manager(const char *name)
{
	static const char *const names[] = {
		"keepalived",  "ldirectord", "kube-proxy",  "dockerd",
		"kube-router", "firewalld",  "lbctl-check", "seesaw_engine",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Reads the name of a process, which may end meanwhile. */
static bool read_name(int proc, const char *pid, char name[32])
{
	AUTO_CLOSE int folder = -1;
	AUTO_CLOSE int fd = -1;
	ssize_t length;

	folder = open_at(proc, pid, O_PATH | O_DIRECTORY);
	fd = folder < 0 ? -1 : open_at(folder, "comm", O_RDONLY);
	length = fd < 0 ? -1 : read(fd, name, 31);
	if (length <= 0)
		return false;
	name[length] = '\0';
	name[strcspn(name, "\n")] = '\0';
	return true;
}

static bool has_name(const struct facts *facts, const char *name)
{
	facts_for_each(facts, FACT_PROCESSES, fact_name,
		       row) if (strcmp(row->name, name) == 0) return true;
	return false;
}

static int collect_processes(struct facts *facts)
{
	DIR *proc = opendir("/proc");
	char name[32];
	int r = 0;

	if (!proc) {
		facts_unknown(facts, FACT_PROCESSES, nerrno(),
			      "/proc cannot be read");
		return 0;
	}
	facts->known[FACT_PROCESSES] = true;
	for (const struct dirent *entry = readdir(proc); r == 0 && entry;
	     entry = readdir(proc))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    read_name(dirfd(proc), entry->d_name, name) &&
		    is_manager(name) && !has_name(facts, name))
			r = add_name(facts, FACT_PROCESSES, name, strlen(name));
	(void)closedir(proc);
	return r;
}

int collect_host(struct facts *facts)
{
	struct fact_host *host = facts_add(facts, FACT_HOST);
	struct utsname name = { .release = "" };
	int r;

	if (!host)
		return -ENOMEM;
	(void)uname(&name);
	facts->known[FACT_HOST] = true;
	(void)snprintf(host->kernel, sizeof(host->kernel), "%s", name.release);
	(void)snprintf(host->lbctl, sizeof(host->lbctl), "%s", LBCTL_VERSION);
	host->user = geteuid();
	host->ipvs = ipvsctl_has_ipvs();
	r = collect_modules(facts);
	return r < 0 ? r : collect_processes(facts);
}
