/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * A malloc() for LD_PRELOAD that lets one allocation of a program fail. The
 * allocations are counted from the moment the program's libraries are loaded.
 */
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fail-allocation.h"

#define PUBLIC __attribute__((visibility("default")))

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *pointer, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static struct fail_shared *shared;

static unsigned char name_caller(const void *address)
{
	static const struct {
		const char *name;
		unsigned char caller;
	} names[] = {
		{ "libc.so", FAIL_LIBC },    { "libip4tc.", FAIL_IPTC },
		{ "libip6tc.", FAIL_IPTC },  { "libjansson.", FAIL_JANSSON },
		{ "libipvsctl", FAIL_OURS }, { "marks-iptables", FAIL_OURS },
		{ "/bin/lbctl", FAIL_OURS },
	};
	Dl_info info;

	if (!dladdr(address, &info) || !info.dli_fname)
		return FAIL_OTHERS;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strstr(info.dli_fname, names[i].name))
			return names[i].caller;
	return FAIL_OTHERS;
}

static int fails(const void *caller)
{
	unsigned int number;

	if (!shared)
		return 0;
	number = __atomic_add_fetch(&shared->count, 1, __ATOMIC_RELAXED);
	if (shared->record && number < FAIL_MAX)
		shared->callers[number] = name_caller(caller);
	if (number != shared->fails)
		return 0;
	errno = ENOMEM;
	return 1;
}

#define FAILS fails(__builtin_return_address(0))

PUBLIC void *malloc(size_t size)
{
	return FAILS ? NULL : __libc_malloc(size);
}

PUBLIC void *calloc(size_t count, size_t size)
{
	return FAILS ? NULL : __libc_calloc(count, size);
}

PUBLIC void *realloc(void *pointer, size_t size)
{
	return FAILS ? NULL : __libc_realloc(pointer, size);
}

PUBLIC void *reallocarray(void *pointer, size_t count, size_t size)
{
	if (size > 0 && count > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	return FAILS ? NULL : __libc_realloc(pointer, count * size);
}

PUBLIC void *memalign(size_t alignment, size_t size)
{
	return FAILS ? NULL : __libc_memalign(alignment, size);
}

PUBLIC void *aligned_alloc(size_t alignment, size_t size)
{
	return FAILS ? NULL : __libc_memalign(alignment, size);
}

PUBLIC int posix_memalign(void **ret_pointer, size_t alignment, size_t size)
{
	void *pointer = FAILS ? NULL : __libc_memalign(alignment, size);

	if (!pointer)
		return ENOMEM;
	*ret_pointer = pointer;
	return 0;
}

static void __attribute__((constructor)) start(void)
{
	const char *text = getenv(FAIL_VARIABLE);
	void *memory;

	if (!text)
		return;
	memory = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED,
		      atoi(text), 0);
	if (memory != MAP_FAILED)
		shared = memory;
}
