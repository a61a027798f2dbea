/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* VIPs of a configuration. */
#include <string.h>

#include "array.h"
#include "fail.h"
#include "model/config.h"
#include "model/object.h"

/* Returns the place of the first VIP that is not before the given one. */
static size_t place_of(const struct vip_table *table,
		       const struct ipvsctl_vip *vip)
{
	size_t first = 0, end = table->count;

	/* They mostly come in order. */
	if (end && ipvsctl_vip_compare(&table->vips[end - 1], vip) < 0)
		return end;
	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (ipvsctl_vip_compare(&table->vips[middle], vip) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

struct ipvsctl_vip *vip_table_find(const struct vip_table *table,
				   const struct ipvsctl_vip *identity)
{
	size_t place = place_of(table, identity);

	return place < table->count && !ipvsctl_vip_compare(&table->vips[place],
							    identity) ?
		       &table->vips[place] :
		       NULL;
}

int vip_table_add(struct vip_table *table, const struct ipvsctl_vip *vip)
{
	size_t place = place_of(table, vip);
	struct ipvsctl_vip *grown;

	if (place < table->count &&
	    !ipvsctl_vip_compare(&table->vips[place], vip))
		return -EEXIST;
	grown = array_grow(table->vips, &table->capacity, table->count + 1,
			   sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	table->vips = grown;
	memmove(grown + place + 1, grown + place,
		(table->count - place) * sizeof(*grown));
	grown[place] = *vip;
	table->count++;
	return 0;
}

void vip_table_delete(struct vip_table *table, struct ipvsctl_vip *vip)
{
	table->count--;
	memmove(vip, vip + 1,
		(size_t)(table->vips + table->count - vip) * sizeof(*vip));
}

int vip_table_copy(const struct vip_table *from, struct vip_table *to)
{
	*to = (struct vip_table){ 0 };
	if (!from->count)
		return 0;
	to->vips =
		array_grow(NULL, &to->capacity, from->count, sizeof(*to->vips));
	if (!to->vips)
		return -ENOMEM;
	memcpy(to->vips, from->vips, from->count * sizeof(*to->vips));
	to->count = from->count;
	return 0;
}

void config_free_vips(struct ipvsctl_config *config)
{
	free(config->vips.vips);
	config->vips = (struct vip_table){ 0 };
}

const struct ipvsctl_vip *config_named_vip(const struct ipvsctl_config *config,
					   const struct ipvsctl_vip *name,
					   bool *ret_several)
{
	const struct ipvsctl_vip *found = NULL;

	*ret_several = false;
	for (size_t i = place_of(&config->vips, name); i < config->vips.count;
	     i++) {
		const struct ipvsctl_vip *vip = &config->vips.vips[i];

		if (ipvsctl_address_compare(&vip->address, &name->address) ||
		    vip->mark != name->mark)
			break;
		if (name->prefix_length &&
		    vip->prefix_length != name->prefix_length)
			continue;
		*ret_several = found;
		found = found ? found : vip;
	}
	return found;
}

/* ---- Public ------------------------------------------------------------ */

static int fail_vip(const struct ipvsctl_vip *vip, int code, const char *what,
		    struct ipvsctl_error *err)
{
	return vip_about(vip, fail(err, code, "%s", what), err);
}

API const struct ipvsctl_vip *ipvsctl_config_next_vip(
	const struct ipvsctl_config *config, const struct ipvsctl_vip *prev)
{
	const struct vip_table *table = &config->vips;
	const struct ipvsctl_vip *next = prev ? prev + 1 : table->vips;

	return table->count && next < table->vips + table->count ? next : NULL;
}

API const struct ipvsctl_vip *ipvsctl_config_find_vip(
	const struct ipvsctl_config *config, const struct ipvsctl_vip *identity)
{
	return vip_table_find(&config->vips, identity);
}

API int ipvsctl_config_add_vip(struct ipvsctl_config *config,
			       const struct ipvsctl_vip *vip,
			       struct ipvsctl_error *err)
{
	int r = vip_table_add(&config->vips, vip);

	if (r == -EEXIST)
		return fail_vip(vip, r, "the VIP exists already", err);
	if (r < 0)
		return fail_memory(err);
	config->kinds |= IPVSCTL_VIPS;
	return 0;
}

API int ipvsctl_config_change_vip(struct ipvsctl_config *config,
				  const struct ipvsctl_vip *vip,
				  struct ipvsctl_error *err)
{
	struct ipvsctl_vip *found = vip_table_find(&config->vips, vip);
	char withdrawn[sizeof(vip->withdrawn)];

	if (!found)
		return fail_vip(vip, -ENOENT, "no such VIP", err);
	(void)memcpy(withdrawn, found->withdrawn, sizeof(withdrawn));
	*found = *vip;
	(void)memcpy(found->withdrawn, withdrawn, sizeof(withdrawn));
	return 0;
}

API int ipvsctl_config_delete_vip(struct ipvsctl_config *config,
				  const struct ipvsctl_vip *identity,
				  struct ipvsctl_error *err)
{
	struct vip_table *table = &config->vips;
	struct ipvsctl_vip *found = vip_table_find(table, identity);

	if (!found)
		return fail_vip(identity, -ENOENT, "no such VIP", err);
	vip_table_delete(table, found);
	return 0;
}
