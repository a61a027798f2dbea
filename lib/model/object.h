/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Tables and functions of objects, for the library's own parts. */
#ifndef LBCTL_OBJECT_H
#define LBCTL_OBJECT_H

#include "ipvsctl.h"
#include "model/attribute.h"

/* The flags that a configuration keeps: those that the kernel knows. */
#define SERVICE_FLAGS                                                    \
	((uint32_t)IPVSCTL_ONE_PACKET | (uint32_t)IPVSCTL_SCHED_FLAG_1 | \
	 (uint32_t)IPVSCTL_SCHED_FLAG_2 | (uint32_t)IPVSCTL_SCHED_FLAG_3)

extern const struct attribute_table service_attribute_table;
extern const struct attribute_table server_attribute_table;
extern const struct attribute_table mark_attribute_table;
extern const struct attribute_table sync_attribute_table;
extern const struct attribute_table vip_attribute_table;
extern const struct attribute_table vip_name_table;

/* Returns a service of the same identity with default attributes. */
struct ipvsctl_service service_default(const struct ipvsctl_service *identity);
/* Returns a server of the same identity with default attributes. */
struct ipvsctl_server server_default(const struct ipvsctl_server *identity);

/* Returns a VIP of the same address and prefix, with the attributes that are
   usual for the way in which the given one is held. */
struct ipvsctl_vip vip_default(const struct ipvsctl_vip *identity);

/* Each continues a hash over an identity. */
uint32_t service_hash(uint32_t hash, const struct ipvsctl_service *service);
uint32_t server_hash(uint32_t hash, const struct ipvsctl_server *server);
/* Returns a hash over what ipvsctl_mark_same_match() compares. */
uint32_t mark_hash(const struct ipvsctl_mark *rule);

/* Each tells whether the attributes that can be written are the same. */
bool service_equal(const struct ipvsctl_service *a,
		   const struct ipvsctl_service *b);
bool server_equal(const struct ipvsctl_server *a,
		  const struct ipvsctl_server *b);
/* Returns a rule's comment or further matches, or "" if it has none. */
static inline const char *mark_text(const char *text)
{
	return text ? text : "";
}
/* Returns the exemption that a rule has unless told otherwise. */
enum ipvsctl_exemption mark_usual_exemption(bool exclude);
/* Returns the exemption of a rule that the kernel's rules must show; own has
   the ports that the kernel gives to this host's conversations. */
enum ipvsctl_exemption mark_shown_exemption(
	const struct ipvsctl_mark *rule, const struct ipvsctl_port_range *own);
/*
 * Returns the exemption of a rule that was read with the one that it shows:
 * where none would show, a rule has the usual one.
 */
enum ipvsctl_exemption mark_read_exemption(const struct ipvsctl_mark *rule,
					   enum ipvsctl_exemption shown,
					   const struct ipvsctl_port_range *own);
/* Replaces the text by a copy of value; "" is stored as NULL. 0 or -ENOMEM. */
int mark_set_text(const char **text, const char *value) MUST_CHECK;
/* Copies a rule with its texts; clear the copy. Returns 0 or -ENOMEM. */
int mark_copy(const struct ipvsctl_mark *rule,
	      struct ipvsctl_mark *ret_copy) MUST_CHECK;
/* A DSCP has six bits. */
#define DSCP_MAX  63
#define AUTO_MARK CLEANUP(ipvsctl_mark_clear)
/* Tells whether both do the same with the source of packets. */
bool mark_same_snat(const struct ipvsctl_mark *a, const struct ipvsctl_mark *b);
/* Tells whether mark, mask, comment, exclude and snat are the same. */
bool mark_equal(const struct ipvsctl_mark *a, const struct ipvsctl_mark *b);
/* Makes the rule, as far as it fits, the failure's subject. Returns code. */
int mark_about(const struct ipvsctl_mark *rule, int code,
	       struct ipvsctl_error *err);
/* Fails for a rule that one before it hides, perhaps in other words. */
int mark_fail_hidden(const struct ipvsctl_mark *rule,
		     const struct ipvsctl_mark *before,
		     struct ipvsctl_error *err);
bool vip_equal(const struct ipvsctl_vip *a, const struct ipvsctl_vip *b);
/* Makes the VIP the failure's subject. Returns code. */
int vip_about(const struct ipvsctl_vip *vip, int code,
	      struct ipvsctl_error *err);
/* Tells whether two daemons are the same once the kernel has set defaults. */
bool sync_equal(const struct ipvsctl_sync *a, const struct ipvsctl_sync *b);

/* Each tells if a line needs "unchecked" to be read back. */
bool service_is_odd(const struct ipvsctl_service *service);
bool server_is_odd(const struct ipvsctl_service *service,
		   const struct ipvsctl_server *server);
/* Writes the server as lines do: without its port if that is the service's. */
void server_short_format(const struct ipvsctl_service *service,
			 const struct ipvsctl_server *server,
			 char text[IPVSCTL_IDENTITY_TEXT]);

/*
 * Adds the rule as a ruleset line. For an exclusion, verb "add" writes "mark
 * exclude"; another verb writes "mark VERB --exclude".
 */
void mark_add_line(struct text *text, const char *verb,
		   const struct ipvsctl_mark *rule);

#endif
