/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Packets sent over a veth pair of a private namespace, and their marks. */
#ifndef LBCTL_IMPORT_PACKETS_H
#define LBCTL_IMPORT_PACKETS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* No mark: the packet was dropped. */
#define DROPPED UINT64_MAX

struct packet {
	uint8_t family;	  /* AF_INET, AF_INET6 */
	uint8_t protocol; /* UDP, TCP, ICMP, ICMPv6 */
	uint8_t tos;
	uint8_t ttl;
	uint8_t mac;	/* the last byte of the sender's */
	uint8_t device; /* 0: eth0, 1: eth1 */
	uint8_t source[16];
	uint8_t destination[16];
	uint16_t source_port;
	uint16_t destination_port;
	uint16_t length; /* of the payload */
};

/* Each of these ends the program on failure. */
void __attribute__((noreturn)) give_up(const char *what);
/* Goes to a network namespace and a /run that are new. */
void fresh(void);
/* Does so, and makes eth0 and eth1 there. */
void packets_open(void);
/* Sends a packet; returns its mark behind the hook input, or DROPPED. */
uint64_t packets_send(const struct packet *packet);
/*
 * Runs a program to its end with input, which may be NULL; returns its status.
 * Its errors go to that file and its output nowhere, or both where ours go.
 */
int run_with(const char *const *argv, const char *input, const char *errors);

#endif
