/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Any bytes as a line of the connection table. */
#include <stdlib.h>
#include <string.h>

#include "kernel/connections.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipvsctl_connection connection;

	if (connection_parse((const char *)data, size, &connection) < 0)
		return 0;
	if (strnlen(connection.state, sizeof(connection.state)) ==
		    sizeof(connection.state) ||
	    strnlen(connection.persistence_data,
		    sizeof(connection.persistence_data)) ==
		    sizeof(connection.persistence_data))
		abort();
	return 0;
}
