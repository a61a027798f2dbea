/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Allocation functions, put in place of libc's by the linker, that can fail. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

/* A test is one thread; this is its state. */
static struct {
	unsigned int left; /* allocations until the one that fails; 0: none */
	bool paused;
	bool failed;
} state;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *pointer, size_t size);
void *__real_reallocarray(void *pointer, size_t count, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t length);
int __real_vasprintf(char **ret_text, const char *format, va_list arguments);
FILE *__real_fopencookie(void *cookie, const char *mode,
			 cookie_io_functions_t functions);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *pointer, size_t size);
void *__wrap_reallocarray(void *pointer, size_t count, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t length);
int __wrap_vasprintf(char **ret_text, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));
int __wrap_asprintf(char **ret_text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
FILE *__wrap_fopencookie(void *cookie, const char *mode,
			 cookie_io_functions_t functions);

static bool fails(void)
{
	if (state.paused || !state.left || --state.left)
		return false;
	state.failed = true;
	errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *pointer, size_t size)
{
	return fails() ? NULL : __real_realloc(pointer, size);
}

void *__wrap_reallocarray(void *pointer, size_t count, size_t size)
{
	return fails() ? NULL : __real_reallocarray(pointer, count, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t length)
{
	return fails() ? NULL : __real_strndup(text, length);
}

int __wrap_vasprintf(char **ret_text, const char *format, va_list arguments)
{
	return fails() ? -1 : __real_vasprintf(ret_text, format, arguments);
}

int __wrap_asprintf(char **ret_text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int length = __wrap_vasprintf(ret_text, format, arguments);
	va_end(arguments);
	return length;
}

FILE *__wrap_fopencookie(void *cookie, const char *mode,
			 cookie_io_functions_t functions)
{
	return fails() ? NULL : __real_fopencookie(cookie, mode, functions);
}

void alloc_pause(void)
{
	state.paused = true;
}

void alloc_resume(void)
{
	state.paused = false;
}

void alloc_each_failure(alloc_body_fn body, void *data)
{
	unsigned int which = 0;

	do {
		state.left = ++which;
		state.paused = false;
		state.failed = false;
		int r = body(data);
		state.left = 0;
		assert_int_equal(r, state.failed ? -ENOMEM : 0);
		assert_true(which < 100000);
	} while (state.failed);
}
