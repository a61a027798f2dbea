/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Paths that others can or cannot lead elsewhere. */
#include "unit.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>

#include "place.h"

#define NOBODY 65534

struct trust_case {
	const char *path;
	int code;
	const char *part; /* what others can replace; NULL: nothing */
};

static int make_folder(void **state)
{
	static char name[] = "/tmp/lbctl-trust.XXXXXX";

	(void)strcpy(name + strlen(name) - 6, "XXXXXX");
	*state = mkdtemp(name);
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

static void make(const char *name, mode_t mode)
{
	AUTO_CLOSE int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, mode), 0);
}

static void make_directory(const char *name, mode_t mode)
{
	assert_int_equal(mkdir(name, 0700), 0);
	assert_int_equal(chmod(name, mode), 0);
}

static void make_link(const char *target, const char *name)
{
	assert_int_equal(symlink(target, name), 0);
}

static void try_cases(const struct trust_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char part[PATH_MAX];
		AUTO_CLOSE int fd = -1;
		int r = place_open_trusted(AT_FDCWD, cases[i].path,
					   O_RDONLY | O_NONBLOCK, &fd, part);

		if (r != cases[i].code)
			fail_msg("%s: %d", cases[i].path, r);
		assert_int_equal(fd >= 0, r == 0);
		assert_string_equal(part, cases[i].part ? cases[i].part : "");
	}
}

static void test_permissions(void **state)
{
	static const struct trust_case cases[] = {
		{ "fine", 0, NULL },
		{ "./fine", 0, NULL },
		{ "down//fine", 0, NULL },
		{ "down/../down/./fine", 0, NULL },
		{ "down", 0, NULL },
		{ "down/", 0, NULL },
		{ "link", 0, NULL },
		{ "chain", 0, NULL },
		{ "around/fine", 0, NULL },
		{ "shared/fine", 0, NULL },
		{ "/dev/null", 0, NULL },
		{ "/proc/self/fd/0", 0, NULL },
		{ "/dev/fd/0", 0, NULL },
		{ "group", -EPERM, "group" },
		{ "all", -EPERM, "all" },
		{ "to-all", -EPERM, "to-all" },
		{ "shared", -EPERM, "shared" },
		{ "open/fine", -EPERM, "open" },
		{ "open/down/fine", -EPERM, "open" },
		{ "down/../open/fine", -EPERM, "down/../open" },
		{ "to-open/fine", -EPERM, "open" },
		{ "missing", -ENOENT, NULL },
		{ "missing/fine", -ENOENT, NULL },
		{ "dangling", -ENOENT, NULL },
		{ "fine/x", -ENOTDIR, NULL },
		{ "loop", -ELOOP, NULL },
		{ "", -ENOENT, NULL },
	};

	(void)state;
	make("fine", 0644);
	make("group", 0664);
	make("all", 0646);
	make_directory("down", 0755);
	make("down/fine", 0600);
	make_directory("open", 0777);
	make("open/fine", 0600);
	make_directory("open/down", 0755);
	make("open/down/fine", 0600);
	make_directory("shared", 01777);
	make("shared/fine", 0600);
	make_link("fine", "link");
	make_link("down/../link", "chain");
	make_link("./down/", "around");
	make_link("all", "to-all");
	make_link("open", "to-open");
	make_link("nothing", "dangling");
	make_link("loop", "loop");
	try_cases(cases, ARRAY_SIZE(cases));
}

static void test_absolute_paths_name_the_part(void **state)
{
	char path[PATH_MAX], part[PATH_MAX], open[PATH_MAX / 2];
	int fd = -1;

	make_directory("open", 0777);
	make("open/fine", 0600);
	(void)snprintf(open, sizeof(open), "%s/open", (const char *)*state);
	(void)snprintf(path, sizeof(path), "//%s/fine", open);
	assert_int_equal(place_open_trusted(AT_FDCWD, path, O_RDONLY, &fd, part),
			 -EPERM);
	assert_string_equal(part, open);
	make_link(path, "link");
	assert_int_equal(place_open_trusted(AT_FDCWD, "link", O_RDONLY, &fd,
					    part),
			 -EPERM);
	assert_string_equal(part, open);
	(void)memset(path, 'x', sizeof(path));
	path[PATH_MAX - 1] = '\0';
	assert_int_equal(place_open_trusted(AT_FDCWD, path, O_RDONLY, &fd, part),
			 -ENAMETOOLONG);
}

/* Only root can give files away. */
static void test_owners(void **state)
{
	static const struct trust_case cases[] = {
		{ "theirs", -EPERM, "theirs" },
		{ "home/fine", -EPERM, "home" },
		{ "home/down/fine", -EPERM, "home" },
		{ "shared/theirs", -EPERM, "shared/theirs" },
		{ "shared/link", -EPERM, "shared/link" },
		{ "shared/fine", 0, NULL },
	};

	(void)state;
	if (geteuid() != 0)
		skip();
	make("theirs", 0600);
	make_directory("home", 0755);
	make("home/fine", 0600);
	make_directory("home/down", 0755);
	make("home/down/fine", 0600);
	make_directory("shared", 01777);
	make("shared/fine", 0600);
	make("shared/theirs", 0600);
	make_link("../fine", "shared/link");
	assert_int_equal(chown("theirs", NOBODY, NOBODY), 0);
	assert_int_equal(chown("home", NOBODY, NOBODY), 0);
	assert_int_equal(chown("shared/theirs", NOBODY, NOBODY), 0);
	assert_int_equal(lchown("shared/link", NOBODY, NOBODY), 0);
	try_cases(cases, ARRAY_SIZE(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_permissions, make_folder,
						remove_folder),
		cmocka_unit_test_setup_teardown(test_absolute_paths_name_the_part,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_owners, make_folder,
						remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
