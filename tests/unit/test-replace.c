/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Files that are written by name, and read whole. */
#include "alloc.h"
#include "unit.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "read-whole.h"
#include "replace.h"

#define AS_OUTPUT (REPLACE_AS_SHELL | REPLACE_KEEP | REPLACE_SYNC)
#define NOBODY	  65534

static int make_folder(void **state)
{
	static char name[] = "/tmp/lbctl-replace.XXXXXX";

	(void)strcpy(name + strlen(name) - 6, "XXXXXX");
	*state = mkdtemp(name);
	(void)umask(022);
	return *state ? chdir(name) : -1;
}

static int remove_one(const char *path, const struct stat *status, int kind,
		      struct FTW *where)
{
	(void)status;
	(void)kind;
	(void)where;
	return remove(path);
}

static int remove_folder(void **state)
{
	return chdir("/") + nftw(*state, remove_one, 9, FTW_DEPTH | FTW_PHYS);
}

static void make(const char *name, const char *text, mode_t mode)
{
	AUTO_CLOSE int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write_all(fd, text, strlen(text)), 0);
	assert_int_equal(fchmod(fd, mode), 0);
}

static int put(const char *name, const char *text, unsigned int flags)
{
	return replace_file(AT_FDCWD, name, text, strlen(text), flags);
}

static void assert_file(const char *name, const char *text, mode_t mode)
{
	AUTO_CLOSE int fd = open(name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	AUTO_FREE char *read = NULL;
	struct stat status;
	size_t length;

	assert_true(fd >= 0);
	assert_int_equal(read_whole(fd, 1000000, &read, &length), 0);
	assert_int_equal(length, strlen(text));
	assert_string_equal(read, text);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_mode, S_IFREG | mode);
	assert_int_equal(status.st_uid, geteuid());
}

static bool is_link(const char *name)
{
	struct stat status;

	return lstat(name, &status) == 0 && S_ISLNK(status.st_mode);
}

static size_t count_names(void)
{
	DIR *folder = opendir(".");
	size_t count = 0;

	assert_non_null(folder);
	while (readdir(folder))
		count++;
	(void)closedir(folder);
	return count - 2;
}

static void test_permissions(void **state)
{
	(void)state;
	(void)umask(027);
	assert_int_equal(put("output", "a", AS_OUTPUT), 0);
	assert_file("output", "a", 0640);
	assert_int_equal(put("kept", "a", 0), 0);
	assert_file("kept", "a", 0644);
	assert_int_equal(chmod("output", 0604), 0);
	assert_int_equal(put("output", "bc", AS_OUTPUT), 0);
	assert_file("output", "bc", 0604);
	assert_int_equal(put("output", "d", REPLACE_KEEP), 0);
	assert_file("output", "d", 0604);
	assert_int_equal(put("output", "", 0), 0);
	assert_file("output", "", 0644);
	/* Text does not run as anybody. */
	make("strange", "", 04755);
	assert_int_equal(put("strange", "x", AS_OUTPUT), 0);
	assert_file("strange", "x", 0755);
	assert_int_equal(count_names(), 3);
}

static void test_links(void **state)
{
	(void)state;
	make("file", "old", 0600);
	assert_int_equal(mkdir("down", 0755), 0);
	assert_int_equal(symlink("../file", "down/link"), 0);
	assert_int_equal(symlink("down/link", "chain"), 0);
	assert_int_equal(symlink("later", "dangling"), 0);
	assert_int_equal(symlink("loop", "loop"), 0);
	assert_int_equal(put("chain", "new", AS_OUTPUT), 0);
	assert_true(is_link("chain") && is_link("down/link"));
	assert_file("file", "new", 0600);
	assert_int_equal(put("dangling", "x", AS_OUTPUT), 0);
	assert_true(is_link("dangling"));
	assert_file("later", "x", 0644);
	assert_int_equal(put("loop", "x", AS_OUTPUT), -ELOOP);
	/* A folder in which others can make links. */
	assert_int_equal(chmod("down", 0777), 0);
	assert_int_equal(put("chain", "bad", AS_OUTPUT), -ENOLINK);
	assert_int_equal(put("chain", "bad", REPLACE_KEEP), 0);
	assert_file("file", "new", 0600);
	assert_file("down/link", "bad", 0644);
	assert_true(is_link("chain"));
	assert_int_equal(put("chain", "mine", 0), 0);
	assert_file("chain", "mine", 0644);
	/* On the way, as at the end. */
	assert_int_equal(symlink("..", "down/up"), 0);
	assert_int_equal(put("down/up/file", "bad", AS_OUTPUT), -ENOLINK);
	assert_int_equal(put("down/up/file", "bad", 0), -ENOLINK);
	assert_file("file", "new", 0600);
}

static void test_what_is_no_file(void **state)
{
	AUTO_CLOSE int reader = -1, kept = -1;
	char path[32], text[8] = "";

	(void)state;
	assert_int_equal(mkdir("folder", 0755), 0);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(put("folder", "x", AS_OUTPUT), -EISDIR);
	assert_int_equal(put("folder", "x", 0), -EISDIR);
	assert_int_equal(put("folder/", "x", AS_OUTPUT), -EISDIR);
	assert_int_equal(put("none/x", "x", AS_OUTPUT), -ENOENT);
	assert_int_equal(put("", "x", AS_OUTPUT), -ENOENT);
	assert_int_equal(put("fifo/x", "x", AS_OUTPUT), -ENOTDIR);
	assert_int_equal(put("/dev/full", "x", AS_OUTPUT), -ENOSPC);
	assert_int_equal(put("/dev/null", "x", AS_OUTPUT), 0);
	assert_int_equal(put("/dev/null", "x", 0), -ENOTSUP);
	assert_int_equal(put("fifo", "x", 0), -ENOTSUP);
	assert_int_equal(put("fifo", "x", REPLACE_KEEP), -ENOTSUP);
	assert_int_equal(put("fifo", "x", AS_OUTPUT), -ENXIO);
	reader = open("fifo", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_int_equal(put("fifo", "hello", AS_OUTPUT), 0);
	assert_int_equal(read(reader, text, sizeof(text)), 5);
	assert_string_equal(text, "hello");
	/* What is open already, a file too, keeps its name. */
	kept = open("kept", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", kept);
	assert_int_equal(put(path, "by descriptor", AS_OUTPUT), 0);
	assert_file("kept", "by descriptor", 0600);
	assert_int_equal(count_names(), 3);
}

static void test_what_fails_leaves_the_file(void **state)
{
	static char much[100000];
	struct rlimit before;

	(void)state;
	(void)memset(much, 'x', sizeof(much) - 1);
	make("file", "before", 0644);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE,
				   &(struct rlimit){ 4096, before.rlim_max }),
			 0);
	assert_int_equal(put("file", much, AS_OUTPUT), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_file("file", "before", 0644);
	assert_int_equal(count_names(), 1);
	assert_int_equal(put("file", much, AS_OUTPUT), 0);
	assert_file("file", much, 0644);
}

/* Only root can give files away. */
static void test_owners(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	make("theirs", "old", 0666);
	assert_int_equal(chown("theirs", NOBODY, NOBODY), 0);
	assert_int_equal(put("theirs", "new", AS_OUTPUT), 0);
	assert_file("theirs", "new", 0644);
	assert_int_equal(mkdir("shared", 0755), 0);
	assert_int_equal(chmod("shared", 01777), 0);
	make("shared/theirs", "old", 0666);
	assert_int_equal(chown("shared/theirs", NOBODY, NOBODY), 0);
	assert_int_equal(put("shared/theirs", "new", AS_OUTPUT), -EACCES);
	assert_int_equal(put("shared/theirs", "new", REPLACE_KEEP), 0);
	assert_file("shared/theirs", "new", 0644);
	assert_int_equal(symlink("../theirs", "shared/link"), 0);
	assert_int_equal(put("shared/link", "own", AS_OUTPUT), 0);
	assert_file("theirs", "own", 0644);
	assert_int_equal(lchown("shared/link", NOBODY, NOBODY), 0);
	assert_int_equal(put("shared/link", "bad", AS_OUTPUT), -ENOLINK);
	assert_file("theirs", "own", 0644);
}

static void test_reading(void **state)
{
	AUTO_CLOSE int fd = -1;
	struct stat status;
	char *text = NULL;
	size_t length;

	(void)state;
	make("file", "0123456789", 0600);
	assert_int_equal(mkfifo("fifo", 0600), 0);
	fd = open("file", O_RDONLY | O_CLOEXEC);
	assert_int_equal(read_whole(fd, 9, &text, &length), -EFBIG);
	assert_null(text);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(read_whole(fd, 10, &text, &length), 0);
	assert_string_equal(text, "0123456789");
	free(text);
	closep(&fd);
	fd = open(".", O_RDONLY | O_CLOEXEC);
	assert_int_equal(read_whole(fd, 10, &text, &length), -EISDIR);
	closep(&fd);
	/* A FIFO is neither waited for nor opened. */
	assert_int_equal(read_open_regular("fifo", &fd, &status), 0);
	assert_true(S_ISFIFO(status.st_mode));
	assert_int_equal(read(fd, &status, 1), -1);
	assert_int_equal(errno, EBADF);
	closep(&fd);
	fd = -1;
	assert_int_equal(read_open_regular("none", &fd, &status), -ENOENT);
}

static int read_file(void *data)
{
	AUTO_CLOSE int fd = open(data, O_RDONLY | O_CLOEXEC);
	AUTO_FREE char *text = NULL;
	size_t length;

	return read_whole(fd, 1000000, &text, &length);
}

static int write_file(void *data)
{
	return put(data, "new", AS_OUTPUT);
}

static void test_without_memory(void **state)
{
	static char file[] = "file", unsized[] = "/proc/self/smaps";

	(void)state;
	make("file", "old", 0600);
	alloc_each_failure(read_file, file);
	/* It reads what tells no size in more than one go. */
	alloc_each_failure(read_file, unsized);
	alloc_each_failure(write_file, file);
	assert_file("file", "new", 0600);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_permissions),
		TEST(test_links),
		TEST(test_what_is_no_file),
		TEST(test_what_fails_leaves_the_file),
		TEST(test_owners),
		TEST(test_reading),
		TEST(test_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
