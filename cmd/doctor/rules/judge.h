/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* The functions of the table of rules, and what they share. */
#ifndef LBCTL_DOCTOR_JUDGE_H
#define LBCTL_DOCTOR_JUDGE_H

#include "doctor/rules/rule.h"

/* Tells whether an address is a VIP of a real server: one of a loopback
   interface or of a tunnel that is no address of loopback's own. */
bool is_silent_vip(const struct facts *facts,
		   const struct fact_address *address);
/* Tells whether the host takes packets to a VIP as its own, or is known to have
   withdrawn it. */
bool is_held(const struct facts *facts, const struct ipvsctl_address *vip,
	     uint32_t mark);
/* Returns the first service of that forwarding method and family (0: any) of
   servers, or NULL. */
const struct ipvsctl_service *
service_by_forward(const struct ipvsctl_config *config,
		   enum ipvsctl_forward forward, uint16_t family);

/* marks.c */
void judge_mark_without_service(struct diagnosis *diagnosis);
void judge_service_without_mark(struct diagnosis *diagnosis);
void judge_mark_not_local(struct diagnosis *diagnosis);
void judge_src_valid_mark(struct diagnosis *diagnosis);
/* direct.c */
void judge_arp_ignore(struct diagnosis *diagnosis);
void judge_arp_announce(struct diagnosis *diagnosis);
void judge_vip_prefix(struct diagnosis *diagnosis);
void judge_off_link(struct diagnosis *diagnosis);
void judge_rp_filter(struct diagnosis *diagnosis);
void judge_port(struct diagnosis *diagnosis);
/* nat.c */
void judge_redirects(struct diagnosis *diagnosis);
void judge_forwarding(struct diagnosis *diagnosis);
void judge_snat_conntrack(struct diagnosis *diagnosis);
/* pool.c */
void judge_vip_missing(struct diagnosis *diagnosis);
void judge_no_server(struct diagnosis *diagnosis);
void judge_no_route(struct diagnosis *diagnosis);
void judge_link_down(struct diagnosis *diagnosis);
void judge_withdrawn(struct diagnosis *diagnosis);
/* running.c */
void judge_checks_down(struct diagnosis *diagnosis);
void judge_check_never(struct diagnosis *diagnosis);
void judge_check_stale(struct diagnosis *diagnosis);
void judge_checks_file(struct diagnosis *diagnosis);
void judge_saved_fault(struct diagnosis *diagnosis);
void judge_saved_differs(struct diagnosis *diagnosis);
void judge_sync_loop(struct diagnosis *diagnosis);
void judge_sync_interface(struct diagnosis *diagnosis);
/* ports.c */
void judge_local_ports(struct diagnosis *diagnosis);
void judge_shadowed(struct diagnosis *diagnosis);
void judge_affinity(struct diagnosis *diagnosis);
/* state.c */
void judge_expire_nodest(struct diagnosis *diagnosis);
void judge_expire_quiescent(struct diagnosis *diagnosis);
void judge_udp_drain(struct diagnosis *diagnosis);
void judge_threshold(struct diagnosis *diagnosis);
void judge_persistent_port(struct diagnosis *diagnosis);
void judge_defence(struct diagnosis *diagnosis);
void judge_conntrack_full(struct diagnosis *diagnosis);
void judge_sloppy(struct diagnosis *diagnosis);
void judge_reuse(struct diagnosis *diagnosis);
void judge_managers(struct diagnosis *diagnosis);
void judge_split(struct diagnosis *diagnosis);
void judge_flushed(struct diagnosis *diagnosis);
void judge_drained(struct diagnosis *diagnosis);

#endif
