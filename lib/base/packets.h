/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Packets that the kernel is busy with. */
#ifndef LBCTL_PACKETS_H
#define LBCTL_PACKETS_H

/*
 * Waits until the kernel is done with the packets that are on their way through
 * its hooks: some 10 ms. Without membarrier(2), does not wait.
 */
void packets_await(void);

#endif
