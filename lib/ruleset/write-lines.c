/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Writes a configuration as the lines of a ruleset. */
#include "fail.h"
#include "model/config.h"
#include "model/leaving.h"
#include "model/object.h"
#include "ruleset/lines.h"
#include "ruleset/ruleset.h"

static void add_services(struct text *text, const struct ipvsctl_config *config)
{
	text_add_text(text, "svc flush\n");
	ipvsctl_for_each_service(config, service) {

		line_add_service(text, service);
		text_add_text(text, "\n");
		ipvsctl_for_each_server(config, service, server) {
			line_add_server(text, service, server);
			text_add_text(text, "\n");
		}
	}
}

static void add_marks(struct text *text, const struct ipvsctl_config *config)
{
	text_add_text(text, "mark flush");
	if (config->backend_stated)
		text_add(text, " --backend %s",
			 ipvsctl_backend_name(config->backend));
	text_add_text(text, "\n");
	ipvsctl_for_each_mark(config, rule) {
		mark_add_line(text, "add", rule);
		text_add_text(text, "\n");
	}
}

static void add_syncs(struct text *text, const struct ipvsctl_config *config)
{
	text_add_text(text, "sync flush\n");
	for (enum ipvsctl_sync_role role = IPVSCTL_SYNC_MASTER;
	     role <= IPVSCTL_SYNC_BACKUP; role++) {
		const struct ipvsctl_sync *sync =
			ipvsctl_config_get_sync(config, role);

		if (!sync)
			continue;
		line_add_sync(text, sync);
		text_add_text(text, "\n");
	}
}

static void add_vips(struct text *text, const struct ipvsctl_config *config)
{
	text_add_text(text, "vip flush\n");
	ipvsctl_for_each_vip(config, vip) {
		line_add_vip(text, vip);
		text_add_text(text, "\n");
	}
}

static void add_timeouts(struct text *text, const struct ipvsctl_config *config)
{
	const struct ipvsctl_timeouts *timeouts =
		ipvsctl_config_get_timeouts(config);

	if (!timeouts)
		return;
	line_add_timeouts(text, timeouts);
	text_add_text(text, "\n");
}

/* In the order of the text. */
static const struct {
	unsigned int kind;
	void (*add)(struct text *text, const struct ipvsctl_config *config);
} parts[] = {
	{ IPVSCTL_TIMEOUTS, add_timeouts }, { IPVSCTL_SERVICES, add_services },
	{ IPVSCTL_MARKS, add_marks },	    { IPVSCTL_VIPS, add_vips },
	{ IPVSCTL_SYNC, add_syncs },
};

static int format_lines(const struct ipvsctl_config *config, unsigned int kinds,
			char **ret_text)
{
	AUTO_TEXT struct text text = { 0 };

	text_add_text(&text, RULESET_BEGIN "\n");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i].kind & kinds)
			parts[i].add(&text, config);
	text_add_text(&text, RULESET_END "\n");
	return text_take(&text, ret_text);
}

static int format_any(const struct ipvsctl_config *config, unsigned int kinds,
		      unsigned int format, char **ret_text)
{
	return format == IPVSCTL_FORMAT_RULESET ?
		       format_lines(config, kinds, ret_text) :
		       ruleset_format_json(config, kinds, format, ret_text);
}

/* Writes what is to stay: a restore must not bring back what is leaving. */
static int format_staying(const struct ipvsctl_config *config,
			  unsigned int kinds, unsigned int format,
			  char **ret_text)
{
	CLEANUP(config_freep) struct ipvsctl_config *staying = NULL;

	if (!leaving_any(config))
		return format_any(config, kinds, format, ret_text);
	if (ipvsctl_config_copy(config, &staying, NULL) < 0)
		return -ENOMEM;
	if (leaving_delete_all(staying) < 0)
		return -ENOMEM;
	return format_any(staying, kinds, format, ret_text);
}

API int ipvsctl_ruleset_format(const struct ipvsctl_config *config,
			       unsigned int kinds, unsigned int format,
			       char **ret_text, struct ipvsctl_error *err)
{
	const unsigned int known = IPVSCTL_FORMAT_JSON |
				   IPVSCTL_FORMAT_RUNTIME |
				   IPVSCTL_FORMAT_PARTIAL;
	int r;

	if ((format & ~known) || (format && !(format & IPVSCTL_FORMAT_JSON)))
		return fail(err, -EINVAL, "there is no format 0x%x", format);
	r = format & IPVSCTL_FORMAT_RUNTIME ?
		    format_any(config, kinds, format, ret_text) :
		    format_staying(config, kinds, format, ret_text);
	if (r == -EINVAL)
		return fail_hint(err,
				 fail(err, r,
				      "a comment, interface name or match is "
				      "not UTF-8, which JSON cannot have"),
				 "lbctl-save, without --json");
	return r < 0 ? fail_memory(err) : 0;
}
