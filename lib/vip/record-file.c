/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Reads and writes the file of the record. */
#include "fail.h"
#include "kernel/run-state.h"
#include "vip/record.h"

int record_load(struct record *record, struct ipvsctl_error *err)
{
	AUTO_FREE char *text = NULL;
	char path[KEPT_PATH];
	int r = state_read_vips(path, &text, err);

	if (r < 0 || !text)
		return r;
	r = record_parse(record, text, NULL);
	if (r == 0)
		return 0;
	if (r == -ENOMEM)
		return fail_memory(err);
	r = fail_about(err, fail(err, -EIO, "lbctl has not written this file"),
		       "%s", path);
	return fail_hint(err, r, "rm %s", path);
}

int record_save(const struct record *record, struct ipvsctl_error *err)
{
	AUTO_FREE char *text = NULL;

	if (record_format(record, &text) < 0)
		return fail_memory(err);
	return state_write_vips(text, err);
}
