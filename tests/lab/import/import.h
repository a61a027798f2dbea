/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The parts of the program that sends packets to imported rules. */
#ifndef LBCTL_IMPORT_H
#define LBCTL_IMPORT_H

/* Prints the marks of the packets that standard input lists. */
int import_list(void);
/* Compares random rules before and after an import. */
int import_random(unsigned int seed, unsigned int count);
/* Compares the marks that a backend gives with those of a model. */
int import_model(const char *backend, unsigned int start, unsigned int count);

#endif
