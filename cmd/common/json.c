/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Services, servers and timeouts as JSON; fields are only ever added. */
#include <sys/socket.h>

#include <stdarg.h>
#include <string.h>

#include "clean.h"
#include "common/render.h"

static json_t *number(uint64_t value)
{
	return json_integer((json_int_t)value);
}

json_t *render_pack(const char *format, ...)
{
	json_error_t error;
	json_t *value;
	va_list arguments;

	va_start(arguments, format);
	value = json_vpack_ex(&error, 0, format, arguments);
	va_end(arguments);
	if (!error.text[0])
		return value;
	json_decref(value);
	return NULL;
}

void render_append(json_t **array, json_t *value)
{
	if (*array && json_array_append_new(*array, value) == 0)
		return;
	if (!*array)
		json_decref(value);
	json_decref(TAKE_PTR(*array));
}

json_t *render_text_json(const char *text)
{
	const size_t size = CLEAN_SIZE(strlen(text));
	AUTO_FREE char *cleaned = malloc(size);

	if (!cleaned)
		return NULL;
	(void)clean_utf8(text, cleaned, size);
	return json_string(cleaned);
}

json_t *render_document(const char *name, json_t *value)
{
	return render_pack("{s:i, s:o}", "version", 1, name, value);
}

json_t *render_counters_json(const struct ipvsctl_counters *counters)
{
	return render_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			   "connections", number(counters->connections),
			   "in_packets", number(counters->in_packets),
			   "out_packets", number(counters->out_packets),
			   "in_bytes", number(counters->in_bytes), "out_bytes",
			   number(counters->out_bytes),
			   "connections_per_second",
			   number(counters->connections_per_second),
			   "in_packets_per_second",
			   number(counters->in_packets_per_second),
			   "out_packets_per_second",
			   number(counters->out_packets_per_second),
			   "in_bytes_per_second",
			   number(counters->in_bytes_per_second),
			   "out_bytes_per_second",
			   number(counters->out_bytes_per_second));
}

static json_t *reasons(const struct ipvsctl_config *config,
		       const struct ipvsctl_service *service,
		       const struct ipvsctl_server *server)
{
	json_t *array = json_array();
	const char *reason = NULL;

	while (server->held &&
	       (reason = ipvsctl_config_next_reason(config, service, server,
						    reason)))
		render_append(&array, json_string(reason));
	return array;
}

static json_t *tunnel(const struct ipvsctl_server *server)
{
	if (server->forward != IPVSCTL_FORWARD_TUN)
		return json_null();
	return render_pack("{s:s, s:i, s:s}", "type",
			   ipvsctl_tunnel_name(server->tunnel), "port",
			   (int)server->tunnel_port, "checksum",
			   ipvsctl_tunnel_checksum_name(
				   server->tunnel_checksum));
}

json_t *render_server_json(const struct ipvsctl_config *config,
			   const struct ipvsctl_service *service,
			   const struct ipvsctl_server *server)
{
	char identity[IPVSCTL_IDENTITY_TEXT];
	char address[IPVSCTL_ADDRESS_TEXT];

	return render_pack(
		"{s:s, s:s, s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:o, s:b, s:o}",
		"server", ipvsctl_server_format(server, identity), "address",
		ipvsctl_address_format(&server->address, address), "port",
		(int)server->port, "forward",
		ipvsctl_forward_name(server->forward), "weight",
		number(ipvsctl_server_effective_weight(server)),
		"wanted_weight", number(server->weight), "held",
		reasons(config, service, server), "tunnel", tunnel(server),
		"upper_threshold", number(server->upper_threshold),
		"lower_threshold", number(server->lower_threshold),
		"active_connections", number(server->active_connections),
		"inactive_connections", number(server->inactive_connections),
		"persistent_connections",
		number(server->persistent_connections), "removed",
		server->removed, "counters",
		render_counters_json(&server->counters));
}

static json_t *service_flags(const struct ipvsctl_service *service)
{
	json_t *array = json_array();
	char text[64];
	char *state = NULL;

	if (service->flags & IPVSCTL_ONE_PACKET)
		render_append(&array, json_string("one-packet"));
	(void)ipvsctl_scheduler_flags_format(service, text);
	for (char *flag = strtok_r(text, ",", &state); flag;
	     flag = strtok_r(NULL, ",", &state))
		render_append(&array, json_string(flag));
	return array;
}

/* What identifies it: a mark, or protocol, address and port. */
static json_t *identity(const struct ipvsctl_service *service)
{
	char text[IPVSCTL_IDENTITY_TEXT];
	char address[IPVSCTL_ADDRESS_TEXT];
	char hex[16];
	int family = service->address.family == AF_INET6 ? 6 : 4;

	(void)ipvsctl_service_format(service, text);
	(void)snprintf(hex, sizeof(hex), "0x%x", service->fwmark);
	if (service->fwmark)
		return render_pack("{s:s, s:s, s:i, s:o, s:s}", "service", text,
				   "protocol", "fwmark", "family", family,
				   "fwmark", number(service->fwmark),
				   "fwmark_hex", hex);
	return render_pack("{s:s, s:s, s:i, s:s, s:i}", "service", text,
			   "protocol", ipvsctl_protocol_name(service->protocol),
			   "family", family, "address",
			   ipvsctl_address_format(&service->address, address),
			   "port", (int)service->port);
}

static json_t *servers(const struct ipvsctl_config *config,
		       const struct ipvsctl_service *service)
{
	AUTO_JSON json_t *array = json_array();
	const struct ipvsctl_server *server = NULL;

	while ((server = ipvsctl_config_next_server(config, service, server)))
		if (json_array_append_new(array,
					  render_server_json(config, service,
							     server)) < 0)
			return NULL;
	return TAKE_PTR(array);
}

json_t *render_service_json(const struct ipvsctl_config *config,
			    const struct ipvsctl_service *service)
{
	AUTO_JSON json_t *object = identity(service);
	AUTO_JSON json_t *rest = NULL;
	char netmask[IPVSCTL_ADDRESS_TEXT];

	rest = render_pack("{s:s, s:o, s:o, s:s, s:s, s:o, s:o}", "scheduler",
			   service->scheduler, "flags", service_flags(service),
			   "persistent_seconds",
			   number(service->persistence_seconds), "netmask",
			   ipvsctl_netmask_format(service, netmask), "pe",
			   service->persistence_engine, "counters",
			   render_counters_json(&service->counters), "servers",
			   servers(config, service));
	if (!object || !rest || json_object_update(object, rest) < 0)
		return NULL;
	return TAKE_PTR(object);
}

json_t *render_timeouts_json(const struct ipvsctl_timeouts *timeouts)
{
	return render_pack("{s:o, s:o, s:o}", "tcp", number(timeouts->tcp),
			   "tcp_fin", number(timeouts->tcp_fin), "udp",
			   number(timeouts->udp));
}
