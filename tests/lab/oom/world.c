/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads, compares and restores all that a command can change. */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "../table.h"
#include "../tap.h"
#include "oom.h"

struct file {
	char path[512];
	char *text;
	size_t size;
};

struct world {
	unsigned int parts;
	struct table tables[2];
	struct ipvsctl_config *config;
	char *text; /* of config */
	struct file files[64];
	size_t file_count;
};

static const int families[2] = { AF_INET, AF_INET6 };

static const char *const folders[] = { "/run/lbctl", "/run/lbctl/check", "." };

static struct ipvsctl *context(void)
{
	static struct ipvsctl *ctx;

	if (!ctx)
		ctx = open_context(NULL);
	return ctx;
}

/* ---- IPVS ---------------------------------------------------------------- */

#define KINDS (IPVSCTL_SERVICES | IPVSCTL_SYNC | IPVSCTL_TIMEOUTS)

static void read_ipvs(struct world *world)
{
	must(ipvsctl_load(context(), KINDS, NULL, &world->config, &err), "load");
	must(ipvsctl_ruleset_format(world->config, KINDS,
				    IPVSCTL_FORMAT_RULESET, &world->text, NULL),
	     "format");
}

static void restore_ipvs(const struct world *world)
{
	struct ipvsctl_config *now;

	must(ipvsctl_load(context(), KINDS, NULL, &now, &err), "load");
	must(apply(context(), now, world->config, NULL), "apply");
	ipvsctl_config_free(now);
}

/* ---- Files --------------------------------------------------------------- */

static void read_file(struct world *world, const char *path)
{
	struct file *file = &world->files[world->file_count];
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
		file->size = (size_t)status.st_size;
		file->text = calloc(1, file->size + 1);
		must(read(fd, file->text, file->size) == status.st_size ? 0 : -1,
		     path);
		(void)snprintf(file->path, sizeof(file->path), "%s", path);
		must(++world->file_count < 64 ? 0 : -1, "too many files");
	}
	if (fd >= 0)
		(void)close(fd);
}

static bool is_lock(const char *name)
{
	size_t length = strlen(name);

	return length >= 4 && strcmp(name + length - 4, "lock") == 0;
}

static void read_files(struct world *world)
{
	for (size_t i = 0; i < 3; i++) {
		struct dirent **names = NULL;
		int count = scandir(folders[i], &names, NULL, alphasort);

		for (int j = 0; j < count; j++) {
			char path[512];

			(void)snprintf(path, sizeof(path), "%s/%s", folders[i],
				       names[j]->d_name);
			if (!is_lock(path))
				read_file(world, path);
			free(names[j]);
		}
		free(names);
	}
}

static const struct file *find_file(const struct world *world, const char *path)
{
	for (size_t i = 0; i < world->file_count; i++)
		if (strcmp(world->files[i].path, path) == 0)
			return &world->files[i];
	return NULL;
}

static void restore_files(const struct world *world)
{
	struct world now = { 0 };

	read_files(&now);
	for (size_t i = 0; i < now.file_count; i++) {
		if (!find_file(world, now.files[i].path))
			(void)unlink(now.files[i].path);
		free(now.files[i].text);
	}
	for (size_t i = 0; i < world->file_count; i++) {
		const struct file *file = &world->files[i];
		int fd = open(file->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		must(write(fd, file->text, file->size) == (ssize_t)file->size ?
			     0 :
			     -1,
		     file->path);
		(void)close(fd);
	}
}

/* Puts one '0' where a number stands. */
static size_t squeeze(const struct file *file, char *out)
{
	size_t length = 0;

	for (size_t i = 0; i < file->size; i++) {
		bool digit = isdigit((unsigned char)file->text[i]);

		if (!digit || i == 0 ||
		    !isdigit((unsigned char)file->text[i - 1]))
			out[length++] = digit ? '0' : file->text[i];
	}
	return length;
}

static bool same_file(const struct file *one, const struct file *other,
		      bool numbers)
{
	char *texts[2];
	size_t sizes[2];
	bool same;

	if (strcmp(one->path, other->path) != 0)
		return false;
	if (!numbers)
		return one->size == other->size &&
		       memcmp(one->text, other->text, one->size) == 0;
	texts[0] = calloc(1, one->size + 1);
	texts[1] = calloc(1, other->size + 1);
	sizes[0] = squeeze(one, texts[0]);
	sizes[1] = squeeze(other, texts[1]);
	same = sizes[0] == sizes[1] &&
	       memcmp(texts[0], texts[1], sizes[0]) == 0;
	free(texts[0]);
	free(texts[1]);
	return same;
}

/* ---- All ----------------------------------------------------------------- */

struct world *world_read(unsigned int parts)
{
	struct world *world = calloc(1, sizeof(*world));

	world->parts = parts;
	for (int i = 0; (parts & WORLD_MARKS) && i < 2; i++)
		must(table_read(&world->tables[i], families[i], "mangle"),
		     "reading mangle");
	if (parts & WORLD_IPVS)
		read_ipvs(world);
	read_files(world);
	return world;
}

void world_free(struct world *world)
{
	for (int i = 0; i < 2; i++)
		table_free(&world->tables[i]);
	for (size_t i = 0; i < world->file_count; i++)
		free(world->files[i].text);
	ipvsctl_config_free(world->config);
	free(world->text);
	free(world);
}

bool world_differs(const struct world *one, const struct world *other,
		   bool numbers)
{
	struct ipvsctl_plan *plan;
	size_t count = 0;

	for (int i = 0; (one->parts & WORLD_MARKS) && i < 2; i++)
		if (!table_same(&one->tables[i], &other->tables[i]))
			return true;
	if (one->parts & WORLD_IPVS) {
		must(ipvsctl_plan_compare(one->config, other->config, &plan,
					  &err),
		     "compare");
		count = ipvsctl_plan_count(plan);
		ipvsctl_plan_free(plan);
	}
	if (count > 0 || one->file_count != other->file_count)
		return true;
	for (size_t i = 0; i < one->file_count; i++)
		if (!same_file(&one->files[i], &other->files[i], numbers))
			return true;
	return false;
}

void world_restore(const struct world *world)
{
	for (int i = 0; (world->parts & WORLD_MARKS) && i < 2; i++)
		must(table_put(&world->tables[i], families[i]), "mangle");
	if (world->parts & WORLD_IPVS)
		restore_ipvs(world);
	restore_files(world);
}
