/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The parts of the program that sends packets to imported rules. */
#ifndef LBCTL_IMPORT_H
#define LBCTL_IMPORT_H

/* Prints the marks of the packets that standard input lists. */
int import_list(void);

#endif
