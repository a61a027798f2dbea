/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Steps to the next number, of any width, in network order. */
#ifndef LBCTL_STEP_H
#define LBCTL_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Adds 1; returns false past the highest number, which becomes 0. */
static inline bool step_up(uint8_t *number, size_t width)
{
	while (width)
		if (++number[--width])
			return true;
	return false;
}

/* Subtracts 1; returns false below 0, which becomes the highest number. */
static inline bool step_down(uint8_t *number, size_t width)
{
	while (width)
		if (number[--width]--)
			return true;
	return false;
}

#endif
