/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Which backend carries the mark rules of a configuration. */
#include "model/backend.h"

#include "model/config.h"

#define WHAT "mark backend"

static const struct name backends[] = {
	{ IPVSCTL_BACKEND_AUTO, "auto" },
	{ IPVSCTL_BACKEND_IPTABLES, "iptables" },
	{ IPVSCTL_BACKEND_NFT, "nft" },
	{ 0, NULL },
};

API const char *ipvsctl_backend_name(enum ipvsctl_backend backend)
{
	return name_of(backends, backend);
}

int backend_parse(const char *name, enum ipvsctl_backend *ret_backend,
		  struct ipvsctl_error *err)
{
	unsigned int number = 0;
	int r = name_parse(backends, WHAT, name, &number, err);

	if (r == 0)
		*ret_backend = (enum ipvsctl_backend)number;
	return r;
}

#define ATTRIBUTES(X)                                               \
	X("backend", "auto|iptables|nft", "what carries the rules", \
	  NAME_FIELD(struct backend_wish, backend, WHAT, backends))

ATTRIBUTE_TABLE(backend_attribute_table, ATTRIBUTES);

API enum ipvsctl_backend
ipvsctl_config_get_backend(const struct ipvsctl_config *config)
{
	return config->backend;
}

API bool ipvsctl_config_is_split(const struct ipvsctl_config *config)
{
	return config->backend_split;
}

API void ipvsctl_config_set_backend(struct ipvsctl_config *config,
				    enum ipvsctl_backend backend)
{
	config->backend = backend;
	config->backend_stated = true;
}
