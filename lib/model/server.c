/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Servers: identity, attributes, and checks. */
#include "fail.h"
#include "index.h"
#include "model/address.h"
#include "model/object.h"

static const struct name forwards[] = {
	{ IPVSCTL_FORWARD_DR, "dr" },
	{ IPVSCTL_FORWARD_NAT, "nat" },
	{ IPVSCTL_FORWARD_TUN, "tun" },
	{ 0, NULL },
};

/* Accepted only with "unchecked". */
static const struct name other_forwards[] = {
	{ IPVSCTL_FORWARD_LOCAL, "local" },
	{ IPVSCTL_FORWARD_BYPASS, "bypass" },
	{ 0, NULL },
};

static const struct name tunnels[] = {
	{ IPVSCTL_TUNNEL_IPIP, "ipip" },
	{ IPVSCTL_TUNNEL_GUE, "gue" },
	{ IPVSCTL_TUNNEL_GRE, "gre" },
	{ 0, NULL },
};

static const struct name checksums[] = {
	{ IPVSCTL_TUNNEL_CHECKSUM_NONE, "none" },
	{ IPVSCTL_TUNNEL_CHECKSUM_FULL, "full" },
	{ IPVSCTL_TUNNEL_CHECKSUM_REMOTE, "remote" },
	{ 0, NULL },
};

API const char *ipvsctl_forward_name(enum ipvsctl_forward forward)
{
	const char *name = name_of(forwards, forward);

	return *name == '?' ? name_of(other_forwards, forward) : name;
}

API const char *ipvsctl_tunnel_name(enum ipvsctl_tunnel tunnel)
{
	return name_of(tunnels, tunnel);
}

API const char *
ipvsctl_tunnel_checksum_name(enum ipvsctl_tunnel_checksum checksum)
{
	return name_of(checksums, checksum);
}

/* ---- Identity ---------------------------------------------------------- */

struct ipvsctl_server server_default(const struct ipvsctl_server *identity)
{
	struct ipvsctl_server server = {
		.address = identity->address,
		.port = identity->port,
		.forward = IPVSCTL_FORWARD_DR,
		.weight = 1,
	};

	return server;
}

static uint16_t default_port(const struct ipvsctl_service *service)
{
	return service->fwmark ? 0 : service->port;
}

API int ipvsctl_server_parse(const char *text,
			     const struct ipvsctl_service *service,
			     struct ipvsctl_server *ret_server,
			     struct ipvsctl_error *err)
{
	struct ipvsctl_server identity = { 0 };
	bool has_port = false;
	int r = endpoint_parse(text, &identity.address, &has_port,
			       &identity.port, err);

	if (r < 0)
		return fail_about(err, r, "%.64s", text);
	if (!has_port)
		identity.port = default_port(service);
	*ret_server = server_default(&identity);
	return 0;
}

API const char *ipvsctl_server_format(const struct ipvsctl_server *server,
				      char text[IPVSCTL_IDENTITY_TEXT])
{
	if (server->port)
		endpoint_format(&server->address, server->port, text);
	else
		(void)ipvsctl_address_format(&server->address, text);
	return text;
}

void server_short_format(const struct ipvsctl_service *service,
			 const struct ipvsctl_server *server,
			 char text[IPVSCTL_IDENTITY_TEXT])
{
	if (server->port == default_port(service))
		(void)ipvsctl_address_format(&server->address, text);
	else
		endpoint_format(&server->address, server->port, text);
}

API int ipvsctl_server_compare(const struct ipvsctl_server *a,
			       const struct ipvsctl_server *b)
{
	int r = ipvsctl_address_compare(&a->address, &b->address);

	return r ? r : (a->port > b->port) - (a->port < b->port);
}

uint32_t server_hash(uint32_t hash, const struct ipvsctl_server *server)
{
	hash = index_hash(hash, &server->address.family,
			  sizeof(server->address.family));
	hash = index_hash(hash, server->address.bytes,
			  address_length(&server->address));
	return index_hash(hash, &server->port, sizeof(server->port));
}

API uint32_t ipvsctl_server_effective_weight(const struct ipvsctl_server *server)
{
	/* A hold does not raise a wanted weight of 0. */
	return server->held && server->weight ? server->held_weight :
						server->weight;
}

bool server_equal(const struct ipvsctl_server *a, const struct ipvsctl_server *b)
{
	return a->forward == b->forward && a->weight == b->weight &&
	       a->removed == b->removed && a->tunnel == b->tunnel &&
	       a->tunnel_port == b->tunnel_port &&
	       a->tunnel_checksum == b->tunnel_checksum &&
	       a->upper_threshold == b->upper_threshold &&
	       a->lower_threshold == b->lower_threshold;
}

/* ---- Attributes -------------------------------------------------------- */

static int set_forward(void *object, const char *value,
		       struct ipvsctl_error *err)
{
	struct ipvsctl_server *server = object;
	unsigned int forward = 0;
	int r = 0;

	if (!server->unchecked || !name_find(other_forwards, value, &forward))
		r = name_parse(forwards, "forwarding", value, &forward, err);
	if (!r)
		server->forward = (uint16_t)forward;
	return r;
}

static bool format_forward(const void *object, char *value)
{
	const struct ipvsctl_server *server = object;

	attribute_text(value, ipvsctl_forward_name(server->forward));
	return true;
}

/*
 * The first attribute affects those after it; lines.c writes it. Tunnel port 0
 * removes the port, for a change to another tunnel type.
 */
#define ATTRIBUTES(X)                                                          \
	X("unchecked", NULL, "skip lbctl's own checks (must come first)",      \
	  FLAG_FIELD(struct ipvsctl_server, unchecked, true),                  \
	  .written = WRITTEN_NEVER)                                            \
	X("forward", "dr|nat|tun", "dr (direct routing, default), nat or tun", \
	  .set = set_forward, .format = format_forward,                        \
	  .written = WRITTEN_ALWAYS)                                           \
	X("weight", "NUMBER", "share of new connections (1); 0: none",         \
	  NUMBER_FIELD(struct ipvsctl_server, weight, "weight", 0, INT32_MAX), \
	  .written = WRITTEN_ALWAYS)                                           \
	X("upper-threshold", "NUMBER",                                         \
	  "no new connections above so many (0: no limit)",                    \
	  NUMBER_FIELD(struct ipvsctl_server, upper_threshold,                 \
		       "upper threshold", 0, INT32_MAX))                       \
	X("lower-threshold", "NUMBER",                                         \
	  "new connections again below so many (0: 3/4 of the upper)",         \
	  NUMBER_FIELD(struct ipvsctl_server, lower_threshold,                 \
		       "lower threshold", 0, INT32_MAX))                       \
	X("tunnel", "ipip|gue|gre",                                            \
	  "ipip (default), gue or gre, with --forward tun",                    \
	  NAME_FIELD(struct ipvsctl_server, tunnel, "tunnel type", tunnels))   \
	X("tunnel-port", "PORT", "the server's UDP port for gue",              \
	  NUMBER_FIELD(struct ipvsctl_server, tunnel_port, "tunnel port", 0,   \
		       UINT16_MAX))                                            \
	X("tunnel-checksum", "none|full|remote",                               \
	  "none (default), full, or remote (gue only)",                        \
	  NAME_FIELD(struct ipvsctl_server, tunnel_checksum,                   \
		     "tunnel checksum", checksums))

ATTRIBUTE_TABLE(server_attribute_table, ATTRIBUTES);

API const struct ipvsctl_attribute *ipvsctl_server_attributes(void)
{
	return shown;
}

API int ipvsctl_server_set(struct ipvsctl_server *server, const char *name,
			   const char *value, struct ipvsctl_error *err)
{
	return attribute_set(&server_attribute_table, server, name, value, err);
}

/* ---- Check ------------------------------------------------------------- */

static int check_address(const struct ipvsctl_service *service,
			 const struct ipvsctl_server *server,
			 struct ipvsctl_error *err)
{
	int r;

	if (!address_is_unicast(&server->address))
		return fail(err, -EINVAL, "the server's address is not unicast");
	if (server->address.family == service->address.family ||
	    server->forward == IPVSCTL_FORWARD_TUN)
		return 0;
	r = fail(err, -EINVAL,
		 "service and server are of different address families, which "
		 "only a tunnel can join");
	return fail_hint(err, r, "--forward tun");
}

/* Direct routing and tunnels send packets on unchanged. */
static int check_port(const struct ipvsctl_service *service,
		      const struct ipvsctl_server *server,
		      struct ipvsctl_error *err)
{
	bool tunnel = server->forward == IPVSCTL_FORWARD_TUN;
	int r;

	if ((!tunnel && server->forward != IPVSCTL_FORWARD_DR) ||
	    server->port == default_port(service) || server->unchecked)
		return 0;
	if (service->fwmark)
		r = fail(err, -EINVAL,
			 "%s cannot rewrite ports: a port under a firewall "
			 "mark needs nat",
			 tunnel ? "a tunnel" : "direct routing");
	else
		r = fail(err, -EINVAL, "%s cannot rewrite port %u to %u",
			 tunnel ? "a tunnel" : "direct routing", service->port,
			 server->port);
	return fail_hint(err, r, "--forward nat, or leave the port out");
}

static int check_tunnel_type(const struct ipvsctl_server *server,
			     struct ipvsctl_error *err)
{
	const char *name = ipvsctl_tunnel_name(server->tunnel);
	int r;

	if (server->tunnel > IPVSCTL_TUNNEL_GRE ||
	    server->tunnel_checksum > IPVSCTL_TUNNEL_CHECKSUM_REMOTE)
		return fail(err, -EINVAL, "the tunnel type is unknown");
	if (server->tunnel == IPVSCTL_TUNNEL_GUE && !server->tunnel_port) {
		r = fail(err, -EINVAL, "a gue tunnel needs a port");
		return fail_hint(err, r, "--tunnel-port 6080");
	}
	if (server->tunnel != IPVSCTL_TUNNEL_GUE && server->tunnel_port) {
		r = fail(err, -EINVAL, "a tunnel of type %s has no port", name);
		return fail_hint(err, r, "--tunnel gue, or --tunnel-port 0");
	}
	if ((server->tunnel == IPVSCTL_TUNNEL_IPIP &&
	     server->tunnel_checksum != IPVSCTL_TUNNEL_CHECKSUM_NONE) ||
	    (server->tunnel == IPVSCTL_TUNNEL_GRE &&
	     server->tunnel_checksum == IPVSCTL_TUNNEL_CHECKSUM_REMOTE)) {
		r = fail(err, -EINVAL,
			 "a tunnel of type %s cannot have checksum %s", name,
			 ipvsctl_tunnel_checksum_name(server->tunnel_checksum));
		return fail_hint(err, r,
				 "--tunnel gue, or --tunnel-checksum none");
	}
	return 0;
}

static int check_forward(const struct ipvsctl_server *server,
			 struct ipvsctl_error *err)
{
	int r;

	if (*ipvsctl_forward_name(server->forward) == '?')
		return fail(err, -EINVAL, "forwarding %u is unknown",
			    server->forward);
	if (server->forward == IPVSCTL_FORWARD_TUN)
		return check_tunnel_type(server, err);
	if ((server->tunnel == IPVSCTL_TUNNEL_IPIP && !server->tunnel_port &&
	     server->tunnel_checksum == IPVSCTL_TUNNEL_CHECKSUM_NONE) ||
	    server->unchecked)
		return 0;
	r = fail(err, -EINVAL, "tunnel options need --forward tun");
	return fail_hint(err, r,
			 "--forward tun, or --tunnel ipip --tunnel-port 0 "
			 "--tunnel-checksum none");
}

static int check_numbers(const struct ipvsctl_server *server,
			 struct ipvsctl_error *err)
{
	int r;

	if (server->weight > INT32_MAX || server->upper_threshold > INT32_MAX ||
	    server->lower_threshold > INT32_MAX)
		return fail(err, -EINVAL,
			    "the weight or a threshold is above %d", INT32_MAX);
	if (server->lower_threshold <= server->upper_threshold)
		return 0;
	r = fail(err, -EINVAL,
		 "the lower threshold, %u, is above the upper one, %u",
		 server->lower_threshold, server->upper_threshold);
	return fail_hint(err, r, "--upper-threshold %u",
			 server->lower_threshold);
}

API int ipvsctl_server_check(const struct ipvsctl_service *service,
			     const struct ipvsctl_server *server,
			     struct ipvsctl_error *err)
{
	char text[IPVSCTL_IDENTITY_TEXT];
	int r = check_forward(server, err);

	if (!r)
		r = check_address(service, server, err);
	if (!r)
		r = check_port(service, server, err);
	if (!r)
		r = check_numbers(server, err);
	return r ? fail_about(err, r, "%s",
			      ipvsctl_server_format(server, text)) :
		   0;
}

bool server_is_odd(const struct ipvsctl_service *service,
		   const struct ipvsctl_server *server)
{
	return name_of(forwards, server->forward)[0] == '?' ||
	       ipvsctl_server_check(service, server, NULL) < 0;
}
