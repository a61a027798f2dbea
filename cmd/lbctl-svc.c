/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* lbctl-svc: manages the kernel's services and the servers behind them. */
#include "common/command-main.h"
#include "common/command.h"
#include "common/edit-options.h"
#include "svc/svc.h"

static const struct command_option show_options[] = {
	{ "stats", 's', NULL, "with totals of connections, packets, bytes" },
	{ "rates", 'r', NULL, "with rates per second" },
	{ "thresholds", 't', NULL, "with connection thresholds" },
	{ "watch", 'w', "SECONDS", "again every so many seconds" },
	{ 0 },
};

static const struct command_option delete_server_options[] = {
	EDIT_OPTION_DRAIN,
	EDIT_OPTION_NO_WAIT,
	{ 0 },
};

static const struct command_option drain_options[] = {
	{ "wait", 'w', NULL, "until the active connections are gone" },
	{ "timeout", 't', "SECONDS", "wait no longer; then status 1" },
	{ "reason", 0, "REASON", "hold for this reason (default: admin)" },
	{ 0 },
};

static const struct command_option undrain_options[] = {
	{ "reason", 0, "REASON", "drop this reason (default: admin)" },
	{ "all", 'a', NULL, "drop all reasons" },
	{ 0 },
};

static const struct command_option connections_options[] = {
	{ "service", 0, "SERVICE", "only of this service" },
	{ "server", 0, "SERVER", "only to this server, ADDRESS[:PORT]" },
	{ "client", 0, "ADDRESS", "only from this client" },
	{ "state", 0, "STATE", "only in this state, as ESTABLISHED" },
	{ 0 },
};

static const struct command_verb verbs[] = {
	{
		.name = "add",
		.arguments = "SERVICE",
		.summary = "add a service; fails if it exists",
		.attributes = ipvsctl_service_attributes,
		.run = command_line,
	},
	{
		.name = "change",
		.arguments = "SERVICE",
		.summary = "change what is given of a service",
		.attributes = ipvsctl_service_attributes,
		.run = command_line,
	},
	{
		.name = "replace",
		.arguments = "SERVICE",
		.summary = "add a service, or make it just as given",
		.attributes = ipvsctl_service_attributes,
		.run = command_line,
	},
	{
		.name = "delete",
		.arguments = "SERVICE...",
		.summary = "delete services with their servers",
		.run = command_line,
	},
	{
		.name = "show",
		.arguments = "[SERVICE...]",
		.summary = "show services and servers",
		.options = show_options,
		.run = svc_show,
	},
	{
		.name = "flush",
		.arguments = "",
		.summary = "delete all services",
		.run = command_line,
	},
	{
		.name = "zero",
		.arguments = "[SERVICE...]",
		.summary = "zero the counters of services and servers",
		.run = svc_zero,
	},
	{
		.name = "add-server",
		.arguments = "SERVICE SERVER...",
		.summary = "add servers; fails if one exists",
		.attributes = ipvsctl_server_attributes,
		.run = command_line,
	},
	{
		.name = "change-server",
		.arguments = "SERVICE SERVER...",
		.summary = "change what is given of servers",
		.attributes = ipvsctl_server_attributes,
		.run = command_line,
	},
	{
		.name = "replace-server",
		.arguments = "SERVICE SERVER...",
		.summary = "add servers, or make them just as given",
		.attributes = ipvsctl_server_attributes,
		.run = command_line,
	},
	{
		.name = "delete-server",
		.arguments = "SERVICE SERVER...",
		.summary = "delete servers",
		.options = delete_server_options,
		.run = command_line,
	},
	{
		.name = "drain",
		.arguments = "SERVICE SERVER...",
		.summary = "send servers no new connections",
		.options = drain_options,
		.run = svc_drain,
	},
	{
		.name = "undrain",
		.arguments = "SERVICE SERVER...",
		.summary = "send servers new connections again",
		.options = undrain_options,
		.run = svc_undrain,
	},
	{
		.name = "connections",
		.arguments = "",
		.summary = "list the connections",
		.options = connections_options,
		.run = svc_connections,
	},
	{
		.name = "timeouts",
		.arguments = "[TCP TCP-FIN UDP]",
		.summary = "show or set the timeouts; 0 keeps one",
		.run = svc_timeouts,
	},
	{ 0 },
};

static const struct command_program program = {
	.name = "lbctl-svc",
	.summary = "services of the load balancer and the servers behind them",
	.verbs = verbs,
	.standard = "show",
};

int main(int argc, const char **argv)
{
	return command_main(&program, argc, argv);
}
