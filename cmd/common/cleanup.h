/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Attributes that free what a scope owns, for the types programs handle. */
#ifndef LBCTL_CLEANUP_H
#define LBCTL_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <jansson.h>

#include <ipvsctl.h>

#define MUST_CHECK	      __attribute__((warn_unused_result))
#define PRINTF(string, first) __attribute__((format(printf, string, first)))
#define CLEANUP(function)     __attribute__((cleanup(function)))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* Hands a pointer over: its value, leaving NULL behind for the cleanup. */
#define TAKE_PTR(pointer)                               \
	({                                              \
		__typeof__(pointer) taken_ = (pointer); \
		(pointer) = NULL;                       \
		taken_;                                 \
	})

/* Hands a descriptor over, leaving -1 behind. */
#define TAKE_FD(fd)                \
	({                         \
		int taken_ = (fd); \
		(fd) = -1;         \
		taken_;            \
	})

static inline void free_pointer(void *pointer)
{
	free(*(void **)pointer);
}

static inline void free_config(struct ipvsctl_config **config)
{
	ipvsctl_config_free(*config);
}

static inline void free_plan(struct ipvsctl_plan **plan)
{
	ipvsctl_plan_free(*plan);
}

static inline void free_json(json_t **json)
{
	json_decref(*json);
}

static inline void close_descriptor(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

#define AUTO_CLOSE  CLEANUP(close_descriptor)
#define AUTO_FREE   CLEANUP(free_pointer)
#define AUTO_CONFIG CLEANUP(free_config)
#define AUTO_PLAN   CLEANUP(free_plan)
#define AUTO_JSON   CLEANUP(free_json)

#endif
