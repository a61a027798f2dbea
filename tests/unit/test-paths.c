/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Who is blamed when next hops do not answer. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "vip/paths.h"

#define MOST 6

static struct ipvsctl_address given(const char *text)
{
	struct ipvsctl_address address = { 0 };

	assert_int_equal(ipvsctl_address_parse(text, &address, NULL), 0);
	return address;
}

/* "10.0.0.1%eth0", or via a gateway, "10.0.0.1<10.0.0.254%eth0"; with "+" it
   answers. */
static struct ipvsctl_path given_path(const char *text)
{
	struct ipvsctl_path path = { .answers = *text == '+' };
	char copy[64], *gateway, *interface;

	(void)snprintf(copy, sizeof(copy), "%s", text + path.answers);
	interface = strchr(copy, '%');
	assert_non_null(interface);
	*interface++ = '\0';
	gateway = strchr(copy, '<');
	if (gateway) {
		*gateway++ = '\0';
		path.gateway = given(gateway);
	}
	path.address = given(copy);
	(void)snprintf(path.interface, sizeof(path.interface), "%s", interface);
	return path;
}

/* "10.0.0.1%eth0"; "+": it has answered, "*": another host, "-": it cannot be
   asked, "=": it has a fixed entry. */
static void given_asked(const char *text, struct neighbour *neighbour,
			struct asked *asked)
{
	const char *name = text + strspn(text, "+*-^=");
	const size_t signs = (size_t)(name - text);
	const struct ipvsctl_path path = given_path(name);

	*neighbour = (struct neighbour){
		.vip.address = path.address,
		.index = memchr(text, '-', signs) ? 0 : 1,
		.answered = memchr(text, '+', signs) != NULL,
	};
	memcpy(neighbour->vip.interface, path.interface, sizeof(path.interface));
	*asked = (struct asked){ .witness = memchr(text, '*', signs) != NULL,
				 .gateway = memchr(text, '^', signs) != NULL,
				 .fixed = memchr(text, '=', signs) != NULL };
}

#define GATEWAY IPVSCTL_PATH_GATEWAY_SILENT
#define LINK	IPVSCTL_PATH_LINK_SILENT

static void test_judging(void **state)
{
	static const struct {
		const char *paths[MOST], *asked[MOST];
		enum ipvsctl_path_fault faults[MOST];
	} cases[] = {
		/* All are silent. */
		{ { "10.0.0.1%eth0", "10.0.0.2%eth0" },
		  { "10.0.0.1%eth0", "10.0.0.2%eth0" },
		  { LINK, LINK } },
		/* A single one may be dead. */
		{ { "10.0.0.1%eth0" }, { "10.0.0.1%eth0" }, { 0 } },
		{ { "10.0.0.1%eth0", "10.0.0.1%eth0" },
		  { "10.0.0.1%eth0" },
		  { 0 } },
		/* One answers. */
		{ { "10.0.0.1%eth0", "10.0.0.2%eth0", "10.0.0.3%eth0" },
		  { "10.0.0.1%eth0", "+10.0.0.2%eth0", "10.0.0.3%eth0" },
		  { 0 } },
		/* Another host does, or does not. */
		{ { "10.0.0.1%eth0", "10.0.0.2%eth0" },
		  { "10.0.0.1%eth0", "10.0.0.2%eth0", "*+10.0.0.9%eth0" },
		  { 0 } },
		{ { "10.0.0.1%eth0", "10.0.0.2%eth0" },
		  { "10.0.0.1%eth0", "10.0.0.2%eth0", "*10.0.0.9%eth0" },
		  { LINK, LINK } },
		{ { "10.0.0.1%eth0" },
		  { "10.0.0.1%eth0", "*10.0.0.9%eth0" },
		  { 0 } },
		/* Links are judged one by one. */
		{ { "10.0.0.1%eth0", "10.0.0.2%eth0", "10.1.0.1%eth1",
		    "10.1.0.2%eth1" },
		  { "10.0.0.1%eth0", "10.0.0.2%eth0", "10.1.0.1%eth1",
		    "+10.1.0.2%eth1" },
		  { LINK, LINK } },
		/* Behind a gateway. */
		{ { "10.9.0.1<10.0.0.254%eth0", "10.0.0.1%eth0" },
		  { "^10.0.0.254%eth0", "+10.0.0.1%eth0" },
		  { GATEWAY } },
		{ { "10.9.0.1<10.0.0.254%eth0", "10.0.0.1%eth0" },
		  { "^10.0.0.254%eth0", "10.0.0.1%eth0" },
		  { GATEWAY, LINK } },
		{ { "10.9.0.1<10.0.0.254%eth0", "10.0.0.1%eth0" },
		  { "^+10.0.0.254%eth0", "10.0.0.1%eth0" },
		  { 0 } },
		/* Who has a fixed entry need not answer. */
		{ { "10.0.0.1%eth0", "10.0.0.2%eth0" },
		  { "=10.0.0.1%eth0", "=10.0.0.2%eth0" },
		  { 0 } },
		{ { "10.0.0.1%eth0", "10.0.0.2%eth0" },
		  { "=10.0.0.1%eth0", "10.0.0.2%eth0" },
		  { 0 } },
		{ { "10.0.0.1%eth0", "10.0.0.2%eth0" },
		  { "10.0.0.1%eth0", "10.0.0.2%eth0", "^=10.0.0.254%eth0" },
		  { LINK, LINK } },
		{ { "10.9.0.1<10.0.0.254%eth0" },
		  { "^=10.0.0.254%eth0" },
		  { 0 } },
		/* Nobody can be asked on a tunnel. */
		{ { "10.0.0.1%tun0", "10.0.0.2%tun0" },
		  { "-10.0.0.1%tun0", "-10.0.0.2%tun0" },
		  { 0 } },
		/* More than are asked. */
		{ { "10.0.0.1%eth0", "10.0.0.2%eth0", "10.0.0.3%eth0" },
		  { "10.0.0.1%eth0", "10.0.0.2%eth0" },
		  { LINK, LINK, LINK } },
		{ { "10.0.0.3%eth0" }, { NULL }, { 0 } },
		{ { "+10.0.0.3%eth0" },
		  { "10.0.0.1%eth0", "10.0.0.2%eth0" },
		  { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ipvsctl_path paths[MOST];
		struct neighbour neighbours[MOST];
		struct asked asked[MOST];
		size_t count = 0, asked_count = 0;

		for (; count < MOST && cases[i].paths[count]; count++)
			paths[count] = given_path(cases[i].paths[count]);
		for (; asked_count < MOST && cases[i].asked[asked_count];
		     asked_count++)
			given_asked(cases[i].asked[asked_count],
				    &neighbours[asked_count],
				    &asked[asked_count]);
		paths_judge(paths, count, neighbours, asked, asked_count);
		for (size_t j = 0; j < count; j++)
			if (paths[j].fault != cases[i].faults[j])
				fail_msg("case %zu, %s: %d, not %d", i,
					 cases[i].paths[j], paths[j].fault,
					 cases[i].faults[j]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judging),
	};

	return cmocka_run_group_tests_name("paths", tests, NULL, NULL);
}
