/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads the texts of a ruleset from files and directories. */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"
#include "read-whole.h"
#include "restore/restore.h"

static int add_text(struct command *command, int fd, const char *name,
		    struct restore_texts *texts)
{
	char **grown =
		reallocarray(texts->texts, texts->count + 1, sizeof(*grown));
	size_t length = 0;
	int r;

	if (!grown)
		return command_no_memory(command);
	texts->texts = grown;
	r = read_whole(fd, FILE_RULESET_MAX, &grown[texts->count], &length);
	if (r < 0)
		return file_fail_read(command, name, -r);
	return ipvsctl_ruleset_add(texts->ruleset, name, grown[texts->count++],
				   length, &command->err);
}

void restore_free(struct restore_texts *texts)
{
	ipvsctl_ruleset_free(texts->ruleset);
	for (size_t i = 0; i < texts->count; i++)
		free(texts->texts[i]);
	free(texts->texts);
	lookup_end(&texts->lookup);
}

/* ---- Directories ------------------------------------------------------- */

/* Tells whether a file was not left by an editor or a package manager. */
static int is_meant(const struct dirent *entry)
{
	static const char *const endings[] = {
		"~",	     ".bak",	  ".orig",	".rej",	    ".swp",
		".dpkg-old", ".dpkg-new", ".dpkg-dist", ".ucf-old", ".ucf-dist",
		".rpmsave",  ".rpmnew",	  ".rpmorig"
	};
	size_t length = strlen(entry->d_name);

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		size_t ending = strlen(endings[i]);

		if (length >= ending &&
		    strcmp(entry->d_name + length - ending, endings[i]) == 0)
			return false;
	}
	return entry->d_name[0] != '.' && entry->d_name[0] != '#';
}

/* Sorts by bytes, whatever the locale. */
static int order(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool is_regular(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

/* Opens a file that others cannot have written, or hints how to read it. */
static int open_trusted(struct command *command, const char *path, int flags,
			int *ret_fd)
{
	int r = file_open_trusted(command, path, flags, -EACCES, ret_fd);
	const size_t length = strlen(command->err.hint);

	if (r == -EACCES)
		(void)snprintf(command->err.hint + length,
			       sizeof(command->err.hint) - length,
			       ", or lbctl-restore <%s", path);
	return r;
}

static int read_entry(struct command *command, const char *directory,
		      const char *name, struct restore_texts *texts)
{
	char path[PATH_MAX];
	AUTO_CLOSE int fd = -1;
	int r;

	if (snprintf(path, sizeof(path), "%s/%s", directory, name) >=
	    (int)sizeof(path))
		return file_fail_read(command, directory, ENAMETOOLONG);
	/* Do not wait for the writer of a FIFO. */
	r = open_trusted(command, path, O_RDONLY | O_NONBLOCK, &fd);
	if (r < 0)
		return r;
	if (!is_regular(fd))
		return command_fail(command, -EIO, path,
				    "cannot be read: not a regular file");
	return add_text(command, fd, path, texts);
}

static int read_directory(struct command *command, int fd, const char *path,
			  struct restore_texts *texts)
{
	struct dirent **names = NULL;
	int count = scandirat(fd, ".", &names, is_meant, order);
	int r = 0;

	if (count < 0)
		return file_fail_read(command, path, errno);
	for (int i = 0; i < count; i++) {
		if (r == 0)
			r = read_entry(command, path, names[i]->d_name, texts);
		free(names[i]);
	}
	free(names);
	return r;
}

static bool is_directory(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
}

int restore_read(struct command *command, const char *path,
		 struct restore_texts *texts)
{
	AUTO_CLOSE int fd = -1;
	int r;

	if (strcmp(path, "-") == 0)
		return add_text(command, STDIN_FILENO, "standard input", texts);
	r = open_trusted(command, path, O_RDONLY, &fd);
	if (r < 0)
		return r;
	if (is_directory(fd))
		return read_directory(command, fd, path, texts);
	return add_text(command, fd, path, texts);
}
