/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Plans, as ruleset lines with signs and as JSON. */
#include "output/render.h"

#include <errno.h>

#include "output/output.h"

static const struct {
	char sign;
	const char *name;
} actions[] = {
	[IPVSCTL_ADD] = { '+', "add" },
	[IPVSCTL_CHANGE] = { '~', "change" },
	[IPVSCTL_DELETE] = { '-', "delete" },
	[IPVSCTL_ZERO] = { '0', "zero" },
	[IPVSCTL_MOVE] = { '~', "move" },
};

static const char *const objects[] = {
	[IPVSCTL_OBJECT_SERVICE] = "service",
	[IPVSCTL_OBJECT_SERVER] = "server",
	[IPVSCTL_OBJECT_MARK] = "mark",
	[IPVSCTL_OBJECT_SYNC] = "sync",
	[IPVSCTL_OBJECT_TIMEOUTS] = "timeouts",
	[IPVSCTL_OBJECT_VIP] = "vip",
};

int render_plan(FILE *stream, const struct ipvsctl_plan *plan)
{
	ipvsctl_for_each_step(plan, step) {
		const char sign[] = { actions[ipvsctl_step_action(step)].sign,
				      ' ' };
		AUTO_FREE char *line = NULL;
		int r;

		if (ipvsctl_step_format(step, &line, NULL) < 0)
			return -ENOMEM;
		r = output_write(stream, sign, sizeof(sign));
		if (r == 0)
			r = output_clean(stream, line);
		if (r == 0)
			r = output_write(stream, "\n", 1);
		if (r < 0)
			return r;
	}
	return 0;
}

static int append_step(json_t *changes, const struct ipvsctl_step *step)
{
	AUTO_FREE char *line = NULL;
	json_t *change;

	if (ipvsctl_step_format(step, &line, NULL) < 0)
		return -ENOMEM;
	change = render_pack("{s:s, s:s, s:s}", "action",
			     actions[ipvsctl_step_action(step)].name, "object",
			     objects[ipvsctl_step_object(step)], "line", line);
	if (change && ipvsctl_step_interrupts(step) &&
	    json_object_set_new(change, "interrupts", json_true()) < 0) {
		json_decref(change);
		return -ENOMEM;
	}
	return json_array_append_new(changes, change);
}

json_t *render_plan_json(const struct ipvsctl_plan *plan)
{
	AUTO_JSON json_t *changes = json_array();

	ipvsctl_for_each_step(plan, step)
		if (append_step(changes, step) < 0)
			return NULL;
	return render_document("changes", TAKE_PTR(changes));
}
