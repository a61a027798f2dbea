/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Packets that the kernel is busy with. */
#include "packets.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>

#include "scope.h"

/* The kernel holds RCU's lock while a packet goes through the hooks of a place,
   and this command waits for a grace period of RCU. */
void packets_await(void)
{
	(void)syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}
