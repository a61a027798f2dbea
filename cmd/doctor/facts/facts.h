/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Facts about a host: all that rules judge, and nothing else. */
#ifndef LBCTL_DOCTOR_FACTS_H
#define LBCTL_DOCTOR_FACTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <ipvsctl.h>

#include "output/cleanup.h"

/* The kinds of facts. One is known as a whole or not at all. */
enum fact {
	FACT_HOST,
	/* Kinds of the configuration: */
	FACT_SERVICES, /* with servers, timeouts and sync daemons */
	FACT_MARKS,
	FACT_VIPS,
	/* Lists of rows: */
	FACT_LINKS,
	FACT_ADDRESSES,
	FACT_ROUTES,
	FACT_SYSCTLS,
	FACT_MODULES,
	FACT_PROCESSES,
	FACT_FOREIGN,
	FACT_CHECKS,
	FACT_CHECKS_FILE,
	FACT_SAVED,
	FACTS,
};

#define FACT_BIT(fact) (1u << (fact))

/* Texts of rows are of others: they are cleaned before they are shown. */
struct fact_host {
	char kernel[65]; /* "6.1.0-40-amd64" */
	char lbctl[32];	 /* the collector's version */
	uint32_t user;
	bool ipvs;  /* it is loaded */
	bool split; /* mark rules of lbctl are in both backends */
};

struct fact_link {
	char name[IPVSCTL_INTERFACE_MAX + 1];
	uint32_t mtu;
	bool up, carrier, loopback, noarp, multicast;
};

struct fact_address {
	struct ipvsctl_address address;
	uint32_t prefix_length;
	char interface[IPVSCTL_INTERFACE_MAX + 1];
};

/* The way to a VIP or a server. */
struct fact_route {
	struct ipvsctl_address address;
	uint32_t mark; /* of the packets; 0: none */
	bool local;    /* this host takes the packets as its own */
	bool missing;
	struct ipvsctl_address gateway; /* AF_UNSPEC: on the link */
	char interface[IPVSCTL_INTERFACE_MAX + 1];
};

struct fact_sysctl {
	char name[96]; /* "net/ipv4/ip_forward" */
	char *value;
};

struct fact_name {
	char name[64];
};

struct fact_foreign {
	uint32_t family; /* 4, 6; 0: both */
	char *rule;
};

/* A check of checks.conf, or one that has run, or both. */
struct fact_check {
	char name[64];
	char *services;	       /* selectors, as in checks.conf */
	bool configured;       /* checks.conf has it */
	bool ran;	       /* and then: */
	uint64_t last_seconds; /* since the last run */
	uint32_t servers;
	uint32_t down;
};

struct fact_checks_file {
	char *path;  /* NULL: there is none */
	char *fault; /* NULL: it can be read */
};

/* The ruleset that the host boots with. */
struct fact_saved {
	char *path;  /* NULL: there is none */
	char *fault; /* why it would not load; NULL: it would */
	uint32_t changes;
	uint32_t marks; /* of the changes: mark rules to add */
	char *first;	/* the first change, as a plan shows it */
};

struct fact_list {
	void *rows;
	size_t count, capacity;
};

struct facts {
	bool known[FACTS];
	char *why[FACTS];   /* it is not known; NULL: no reason is known */
	bool denied[FACTS]; /* a right is missing */
	struct ipvsctl_config *config; /* or NULL */
	struct fact_list lists[FACTS]; /* also of those that are one row */
};

void facts_free(struct facts *facts);
#define AUTO_FACTS CLEANUP(facts_free)

/* Adds a row of zeros to a list, or returns NULL without memory. */
void *facts_add(struct facts *facts, enum fact fact);
/* Records why a fact is unknown; the first reason stays. */
void facts_unknown(struct facts *facts, enum fact fact, int code,
		   const char *why);
/* Returns the row of a fact that has one; zeros if it is unknown. */
const void *facts_one(const struct facts *facts, enum fact fact);

#define facts_for_each(facts, fact, type, row)                               \
	for (const struct type *(                                            \
		     row) = (facts)->lists[fact].rows,                       \
		   *row##_end = (row) ? (row) + (facts)->lists[fact].count : \
					NULL;                                \
	     (row) < row##_end; (row)++)

/* Without IPVS it is known that there are no services. */
void facts_without_ipvs(struct facts *facts);
/* Sorts what is looked up; call it once all facts are there. */
void facts_sort(struct facts *facts);
/* Returns the value of a sysctl, or NULL if the host does not have it. */
const char *facts_sysctl(const struct facts *facts, const char *name);
/* Gets a sysctl that is one number. Returns false if there is none. */
bool facts_number(const struct facts *facts, const char *name,
		  uint32_t *ret_number);
/* Gets the greater of the values of "all" and of the interface, as the kernel
   does for rp_filter, arp_ignore and arp_announce; 0 without any. */
uint32_t facts_greater(const struct facts *facts, const char *interface,
		       const char *name);
/* Returns the way to an address of packets with that mark, or NULL. */
const struct fact_route *facts_route(const struct facts *facts,
				     const struct ipvsctl_address *address,
				     uint32_t mark);
/* Return what has this address or name, or NULL. */
const struct fact_address *facts_address(const struct facts *facts,
					 const struct ipvsctl_address *address);
const struct fact_link *facts_link(const struct facts *facts, const char *name);
/* Tells whether a list of names has this one. */
bool facts_has(const struct facts *facts, enum fact fact, const char *name);

/* ---- As a document ------------------------------------------------------- */

#define FACTS_VERSION 1
#define FACTS_MAX     ((size_t)256 * 1024 * 1024)

/* Returns the name of a fact in documents and messages: "mark rules". */
const char *fact_name(enum fact fact);

/* Writes the document; free *ret_text. Returns 0, -ENOMEM, -EIO. */
int facts_format(const struct facts *facts, char **ret_text,
		 struct ipvsctl_error *err) MUST_CHECK;
/* Reads a document of anybody's. Returns 0, -EINVAL or -ENOMEM. */
int facts_parse(const char *text, size_t length, struct facts *ret_facts,
		struct ipvsctl_error *err) MUST_CHECK;

#endif
