/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* VIPs that are withdrawn: decisions, reasons, and who brings them back. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "check/pool/withdraw.h"
#include "given.h"
#include "world.h"

static void test_quorums_decide(void **state)
{
	static const struct {
		struct watched watched[3];
		enum withdraw_verdict verdict;
	} cases[] = {
		{ { { .lost = false } }, WITHDRAW_NO },
		{ { { .unsure = true } }, WITHDRAW_KEEP },
		{ { { .unsure = true }, { .lost = true } }, WITHDRAW_YES },
		{ { { .lost = true }, { .unsure = true } }, WITHDRAW_YES },
		{ { { .lost = false }, { .lost = false }, { .lost = true } },
		  WITHDRAW_YES },
		/* Those that leave still serve, as long as they are there. */
		{ { { .lost = true, .drains = true } }, WITHDRAW_KEEP },
		{ { { .leaving = true, .drains = true } }, WITHDRAW_KEEP },
		{ { { .lost = true, .drains = true, .count = 1 } },
		  WITHDRAW_YES },
		{ { { .lost = true }, { .lost = true, .drains = true } },
		  WITHDRAW_YES },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(withdraw_by_quorum(cases[i].watched, 3),
				 cases[i].verdict);
	assert_int_equal(withdraw_by_quorum(NULL, 0), WITHDRAW_NO);
}

#define VIP "192.0.2.10"

static const char *const with_vip[] = { TWO, "vip " VIP " --dev eth0",
					"vip 192.0.2.11 --dev eth0", NULL };

static const struct ipvsctl_vip *find(const struct world *world)
{
	const struct ipvsctl_vip vip = given_vip(VIP " --dev eth0");

	return ipvsctl_config_find_vip(world->kernel, &vip);
}

/* A run, and why the VIP is withdrawn after it. */
static void try_run(struct world *world, const char *down, const char *reasons)
{
	run_with(world, down);
	assert_string_equal(find(world)->withdrawn, reasons);
	ipvsctl_for_each_vip(world->kernel, vip)
		if (vip != find(world))
			assert_string_equal(vip->withdrawn, "");
}

static void test_withdrawing(void **state)
{
	static const char *const checks[] = { WEB "--withdraw " VIP, NULL };
	struct world world;

	(void)state;
	open_world(&world, with_vip, checks);
	try_run(&world, "", "");
	assert_string_equal(world.news, "");
	try_run(&world, "10.0.0.1", "");
	try_run(&world, "10.0.0.1 10.0.0.2", "quorum:web");
	assert_non_null(strstr(world.news, "VIP 192.0.2.10 of fwmark:1 is "
					   "withdrawn: the quorum is lost\n"));
	assert_non_null(strstr(world.state, "\nvip 1 192.0.2.10\n"));
	/* Told of once, and what is not known changes nothing. */
	try_run(&world, "10.0.0.1 10.0.0.2", "quorum:web");
	assert_string_equal(world.news, "");
	try_run(&world, "?10.0.0.1 ?10.0.0.2", "quorum:web");
	try_run(&world, "10.0.0.1", "");
	assert_non_null(strstr(world.news, "VIP 192.0.2.10 of fwmark:1 is "
					   "back\n"));
	assert_non_null(strstr(world.state, "\nvip 0 192.0.2.10\n"));
	try_run(&world, "?10.0.0.1 ?10.0.0.2", "");
	/* Reset brings it back. */
	try_run(&world, "10.0.0.1 10.0.0.2", "quorum:web");
	forget(&world, "web", "fwmark:1");
	assert_string_equal(find(&world)->withdrawn, "");
	close_world(&world);
}

/* A check that is gone, or has another VIP, is not forgotten before its VIP is
   back. */
static void test_killed(void **state)
{
	static const char *const checks[] = { WEB "--withdraw " VIP, NULL };
	static const char *const others[] = { WEB "--withdraw 192.0.2.11",
					      NULL };
	const struct ipvsctl_vip other = given_vip("192.0.2.11 --dev eth0");
	struct world world;

	(void)state;
	open_world(&world, with_vip, checks);
	try_run(&world, "10.0.0.1 10.0.0.2", "quorum:web");
	world.killed = true;
	forget(&world, "web", "fwmark:1");
	assert_string_equal(find(&world)->withdrawn, "quorum:web");
	assert_non_null(strstr(world.state, "\nvip 1 192.0.2.10\n"));
	world.killed = false;
	forget(&world, "web", "fwmark:1");
	assert_string_equal(find(&world)->withdrawn, "");
	assert_null(strstr(world.state, "vip"));

	try_run(&world, "10.0.0.1 10.0.0.2", "quorum:web");
	change_checks(&world, others);
	world.killed = true;
	run_with(&world, "10.0.0.1 10.0.0.2");
	assert_non_null(strstr(world.state, "\nvip 1 192.0.2.10\n"));
	world.killed = false;
	run_with(&world, "10.0.0.1 10.0.0.2");
	assert_string_equal(find(&world)->withdrawn, "");
	run_with(&world, "10.0.0.1 10.0.0.2");
	assert_string_equal(
		ipvsctl_config_find_vip(world.kernel, &other)->withdrawn,
		"quorum:web");
	assert_non_null(strstr(world.state, "\nvip 1 192.0.2.11\n"));
	close_world(&world);
}

/* New servers that nobody knows of yet withdraw nothing. */
static void test_unknown(void **state)
{
	static const char *const config[] = { "service fwmark:1",
					      "vip " VIP " --dev eth0", NULL };
	static const char *const checks[] = { WEB
					      "--servers /x --withdraw " VIP,
					      NULL };
	struct world world;

	(void)state;
	open_world(&world, config, checks);
	world.lists[0] = "10.0.0.1\n10.0.0.2\n";
	try_run(&world, "?10.0.0.1 ?10.0.0.2", "");
	try_run(&world, "10.0.0.1 ?10.0.0.2", "");
	try_run(&world, "10.0.0.1 10.0.0.2", "quorum:web");
	try_run(&world, "10.0.0.1", "");
	close_world(&world);
}

/* Two checks with one VIP: it is there when both want it. */
static void test_two_checks(void **state)
{
	static const char *const checks[] = {
		"fwmark:1" FAST "--name a --quorum 2 --withdraw " VIP,
		"fwmark:1" FAST "--name b --withdraw " VIP "/32", NULL
	};
	static const char *const others[] = {
		"fwmark:1" FAST "--name a --quorum 2",
		"fwmark:1" FAST "--name b --withdraw " VIP "/32", NULL
	};
	struct world world;

	(void)state;
	open_world(&world, with_vip, checks);
	try_run(&world, "a@10.0.0.1", "quorum:a");
	try_run(&world, "a@10.0.0.1 b@10.0.0.1 b@10.0.0.2", "quorum:a,quorum:b");
	try_run(&world, "a@10.0.0.1", "quorum:a");
	assert_non_null(strstr(world.news, "is back; still withdrawn for "
					   "another reason\n"));
	try_run(&world, "a@10.0.0.1 b@10.0.0.1 b@10.0.0.2", "quorum:a,quorum:b");
	/* The check goes on without its VIP. */
	change_checks(&world, others);
	try_run(&world, "a@10.0.0.1 b@10.0.0.1 b@10.0.0.2", "quorum:b");
	close_world(&world);
}

/* Deleted, and added again, by others. */
static void test_deleted(void **state)
{
	static const char *const checks[] = { WEB "--withdraw " VIP, NULL };
	const struct ipvsctl_vip vip = given_vip(VIP " --dev eth0");
	struct world world;

	(void)state;
	open_world(&world, with_vip, checks);
	try_run(&world, "10.0.0.1 10.0.0.2", "quorum:web");
	assert_int_equal(ipvsctl_config_delete_vip(world.kernel, &vip, NULL), 0);
	run_with(&world, "10.0.0.1 10.0.0.2");
	assert_null(find(&world));
	assert_int_equal(ipvsctl_config_add_vip(world.kernel, &vip, NULL), 0);
	try_run(&world, "10.0.0.1 10.0.0.2", "quorum:web");
	try_run(&world, "", "");
	close_world(&world);
}

static void test_maintenance(void **state)
{
	char path[] = "/tmp/lbctl-maintenance.XXXXXX";
	char check[256];
	const char *checks[] = { check, NULL };
	struct world world;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	(void)close(fd);
	(void)snprintf(check, sizeof(check),
		       WEB "--withdraw " VIP " --maintenance %s", path);
	open_world(&world, with_vip, checks);
	try_run(&world, "", "maintenance:web");
	assert_non_null(strstr(world.news, "is withdrawn: maintenance\n"));
	try_run(&world, "10.0.0.1 10.0.0.2", "maintenance:web,quorum:web");
	assert_string_equal(strstr(world.news, "VIP") ? world.news : "", "");
	try_run(&world, "", "maintenance:web");
	assert_int_equal(unlink(path), 0);
	try_run(&world, "", "");
	close_world(&world);
}

/* ---- The model ---- */

static void test_reasons(void **state)
{
	const struct ipvsctl_vip vip = given_vip(VIP " --dev eth0");
	struct ipvsctl_config *config = given_config(with_vip);
	struct ipvsctl_vip other = vip;
	struct ipvsctl_error err = { 0 };
	static const char *const bad[] = { "", "a b", "a,b", "a\n" };
	const struct ipvsctl_vip *found = ipvsctl_config_find_vip(config, &vip);
	char name[61];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(ipvsctl_config_withdraw_vip(config, &vip,
							     bad[i], &err),
				 -EINVAL);
	assert_int_equal(ipvsctl_config_withdraw_vip(config, &vip, "a", &err),
			 0);
	assert_int_equal(ipvsctl_config_withdraw_vip(config, &vip, "ab", &err),
			 0);
	assert_int_equal(ipvsctl_config_withdraw_vip(config, &vip, "c", &err),
			 0);
	assert_int_equal(ipvsctl_config_withdraw_vip(config, &vip, "ab", &err),
			 0);
	assert_string_equal(found->withdrawn, "a,ab,c");
	assert_true(ipvsctl_vip_is_withdrawn(found, "c"));
	assert_true(ipvsctl_vip_is_withdrawn(found, NULL));
	assert_false(ipvsctl_vip_is_withdrawn(found, "b"));
	/* It stays withdrawn when it is changed. */
	assert_int_equal(ipvsctl_config_change_vip(config, &vip, &err), 0);
	assert_int_equal(ipvsctl_config_return_vip(config, &vip, "b", &err), 0);
	assert_string_equal(found->withdrawn, "a,ab,c");
	assert_int_equal(ipvsctl_config_return_vip(config, &vip, "ab", &err), 0);
	assert_string_equal(found->withdrawn, "a,c");
	assert_int_equal(ipvsctl_config_return_vip(config, &vip, "c", &err), 0);
	assert_string_equal(found->withdrawn, "a");
	assert_int_equal(ipvsctl_config_return_vip(config, &vip, "a", &err), 0);
	assert_string_equal(found->withdrawn, "");
	assert_false(ipvsctl_vip_is_withdrawn(found, NULL));
	/* There is room for some. */
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(ipvsctl_config_withdraw_vip(config, &vip, name, &err),
			 0);
	name[0] = 'y';
	assert_int_equal(ipvsctl_config_withdraw_vip(config, &vip, name, &err),
			 0);
	name[0] = 'z';
	assert_int_equal(ipvsctl_config_withdraw_vip(config, &vip, name, &err),
			 -EINVAL);
	assert_int_equal(ipvsctl_config_return_vip(config, &vip, NULL, &err), 0);
	assert_string_equal(found->withdrawn, "");
	other.address.bytes[3] = 99;
	assert_int_equal(ipvsctl_config_withdraw_vip(config, &other, "a", &err),
			 -ENOENT);
	assert_int_equal(ipvsctl_config_return_vip(config, &other, "a", &err),
			 -ENOENT);
	ipvsctl_config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quorums_decide),
		cmocka_unit_test(test_withdrawing),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_two_checks),
		cmocka_unit_test(test_deleted),
		cmocka_unit_test(test_maintenance),
		cmocka_unit_test(test_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
