/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * What of this host's own is in the way to servers: routes, links, and next hops
 * that do not answer.
 */
#include "vip/paths.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "array.h"
#include "model/address.h"
#include "vip/links.h"
#include "vip/objects.h"

#define HOPS_ASKED	32 /* on each interface */
#define WITNESSES_ASKED 8
#define ROUNDS		3

/* A network that a link which is down leads to. */
struct lost_network {
	const struct link *link;
	struct network network;
};

struct survey {
	struct rtnetlink *rtnetlink;
	struct link *links;
	size_t link_count, link_capacity;
	struct lost_network *lost;
	size_t lost_count, lost_capacity;
	struct neighbour *neighbours;
	struct asked *asked; /* of each neighbour */
	size_t asked_count, neighbour_capacity, asked_capacity;
};

static void survey_free(struct survey *survey)
{
	free(survey->links);
	free(survey->lost);
	free(survey->neighbours);
	free(survey->asked);
}
#define AUTO_SURVEY CLEANUP(survey_free)

static const struct link *find_link(const struct survey *survey, int index)
{
	for (size_t i = 0; i < survey->link_count; i++)
		if (survey->links[i].index == index)
			return &survey->links[i];
	return NULL;
}

/* ---- Links and their networks -------------------------------------------- */

static int take_link(const void *header, struct walk attributes, void *data)
{
	struct survey *survey = data;
	struct link *grown = array_grow(survey->links, &survey->link_capacity,
					survey->link_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	survey->links = grown;
	link_decode(header, attributes, &grown[survey->link_count++]);
	return 0;
}

static bool is_down(const struct link *link)
{
	return !link->up || !link->carrier;
}

/* A link that is down keeps its IPv4 addresses, but not the routes. */
static int take_lost(const struct ipvsctl_vip *vip, bool ours, void *data)
{
	struct survey *survey = data;
	struct lost_network *grown;
	const struct link *link = survey->links;
	const struct link *end = link + survey->link_count;

	(void)ours;
	while (link < end && strcmp(link->name, vip->interface) != 0)
		link++;
	if (link == end || !is_down(link))
		return 0;
	grown = array_grow(survey->lost, &survey->lost_capacity,
			   survey->lost_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	survey->lost = grown;
	grown[survey->lost_count++] = (struct lost_network){
		.link = link,
		.network = { vip->address, vip->prefix_length },
	};
	return 0;
}

static int look_at_links(struct survey *survey)
{
	const struct ifinfomsg header = { .ifi_family = AF_UNSPEC };
	AUTO_REQUEST struct request request = { .bytes.size = 0 };
	bool down = false;
	int r;

	request_start(&request, RTM_GETLINK, 0, &header, sizeof(header));
	r = rtnetlink_dump(survey->rtnetlink, &request, sizeof(header),
			   take_link, survey);
	for (size_t i = 0; r == 0 && i < survey->link_count; i++)
		down = down || is_down(&survey->links[i]);
	return r == 0 && down ?
		       addresses_each(survey->rtnetlink, take_lost, survey) :
		       r;
}

/* The network's address is that of a host in it. */
static bool is_in(const struct network *network,
		  const struct ipvsctl_address *address)
{
	const struct network of_address = { *address, network->prefix_length };
	const struct ipvsctl_address_range one = address_range_of(network);
	const struct ipvsctl_address_range other =
		address_range_of(&of_address);

	return one.last.family == other.last.family &&
	       !ipvsctl_address_compare(&one.last, &other.last);
}

/* A network in which somebody answers is not lost: another way leads there. */
static void drop_reached(struct survey *survey,
			 const struct ipvsctl_path *paths, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < survey->lost_count; i++) {
		const struct lost_network lost = survey->lost[i];
		bool reached = false;

		for (size_t j = 0; !reached && j < count; j++)
			reached = paths[j].answers &&
				  is_in(&lost.network, &paths[j].address);
		if (!reached)
			survey->lost[kept++] = lost;
	}
	survey->lost_count = kept;
}

/* ---- Routes -------------------------------------------------------------- */

struct route {
	int index;
	bool local; /* or to nobody in particular */
	bool own;   /* to this host */
	struct ipvsctl_address gateway, source;
};

/* The gateway of another family. */
static void get_via(const struct netlink_attribute *attribute,
		    struct ipvsctl_address *address)
{
	struct netlink_attribute inner = *attribute;
	uint16_t family;

	if (attribute->length < sizeof(family))
		return;
	memcpy(&family, attribute->value, sizeof(family));
	inner.value += sizeof(family);
	inner.length -= sizeof(family);
	if (family == AF_INET || family == AF_INET6)
		(void)attribute_get_address(&inner, family, address);
}

static int take_route(const void *header, struct walk attributes, void *data)
{
	struct route *route = data;
	struct netlink_attribute attribute;
	struct rtmsg message;

	memcpy(&message, header, sizeof(message));
	route->local = message.rtm_type != RTN_UNICAST;
	route->own = message.rtm_type == RTN_LOCAL;
	while (attribute_next(&attributes, &attribute))
		if (attribute.type == RTA_OIF &&
		    attribute.length == sizeof(route->index))
			memcpy(&route->index, attribute.value,
			       sizeof(route->index));
		else if (attribute.type == RTA_GATEWAY)
			(void)attribute_get_address(&attribute,
						    message.rtm_family,
						    &route->gateway);
		else if (attribute.type == RTA_VIA)
			get_via(&attribute, &route->gateway);
		else if (attribute.type == RTA_PREFSRC)
			(void)attribute_get_address(&attribute,
						    message.rtm_family,
						    &route->source);
	return 0;
}

static int get_route(const struct survey *survey,
		     const struct ipvsctl_path *path, struct route *route)
{
	const size_t length = address_length(&path->address);
	const struct rtmsg header = {
		.rtm_family = (uint8_t)path->address.family,
		.rtm_dst_len = (uint8_t)(length * 8),
		.rtm_src_len = (uint8_t)(address_length(&path->source) * 8),
	};
	AUTO_REQUEST struct request request = { .bytes.size = 0 };

	request_start(&request, RTM_GETROUTE, 0, &header, sizeof(header));
	request_add(&request, RTA_DST, path->address.bytes, length);
	if (path->source.family == path->address.family)
		request_add(&request, RTA_SRC, path->source.bytes, length);
	if (path->mark)
		request_add_number(&request, RTA_MARK, path->mark);
	for (size_t i = 0; path->interface[0] && i < survey->link_count; i++)
		if (strcmp(survey->links[i].name, path->interface) == 0)
			request_add_number(&request, RTA_OIF,
					   (uint32_t)survey->links[i].index);
	return rtnetlink_get(survey->rtnetlink, &request, sizeof(header),
			     take_route, route);
}

/* Without the link's own route, packets take another one or none. */
static void blame_lost(const struct survey *survey, struct ipvsctl_path *path)
{
	for (size_t i = 0; i < survey->lost_count; i++) {
		const struct lost_network *lost = &survey->lost[i];

		if (!is_in(&lost->network, &path->address))
			continue;
		path->fault = IPVSCTL_PATH_LINK_DOWN;
		memcpy(path->interface, lost->link->name,
		       sizeof(path->interface));
		return;
	}
}

/* Follows the path to its link, and finds faults so far. */
static int follow(const struct survey *survey, struct ipvsctl_path *path,
		  struct route *route)
{
	const struct link *link;
	int r = get_route(survey, path, route);

	path->fault = IPVSCTL_PATH_NO_FAULT;
	path->gateway = route->gateway;
	/* Somebody wants it so. */
	if (r == -EHOSTUNREACH || r == -EACCES || r == -EINVAL)
		route->local = true;
	else if (r == -ENETUNREACH)
		path->fault = IPVSCTL_PATH_NO_ROUTE;
	else if (r < 0)
		return r;
	path->local = route->own;
	if (route->local)
		return 0;
	link = find_link(survey, route->index);
	if (link)
		memcpy(path->interface, link->name, sizeof(path->interface));
	if (link && is_down(link))
		path->fault = IPVSCTL_PATH_LINK_DOWN;
	else if (path->fault || path->gateway.family)
		blame_lost(survey, path);
	return 0;
}

/* ---- Asking -------------------------------------------------------------- */

static const struct ipvsctl_address *next_hop(const struct ipvsctl_path *path)
{
	return path->gateway.family ? &path->gateway : &path->address;
}

static struct neighbour *find_asked(struct neighbour *neighbours, size_t count,
				    const char *interface,
				    const struct ipvsctl_address *address)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(neighbours[i].vip.interface, interface) &&
		    !ipvsctl_address_compare(&neighbours[i].vip.address,
					     address))
			return &neighbours[i];
	return NULL;
}

static size_t count_asked(const struct survey *survey, const char *interface,
			  bool witness)
{
	size_t count = 0;

	for (size_t i = 0; i < survey->asked_count; i++)
		count +=
			survey->asked[i].witness == witness &&
			!strcmp(survey->neighbours[i].vip.interface, interface);
	return count;
}

static int add_asked(struct survey *survey, const struct neighbour *neighbour,
		     const struct asked *asked)
{
	const size_t wanted = survey->asked_count + 1;
	struct neighbour *neighbours =
		array_grow(survey->neighbours, &survey->neighbour_capacity,
			   wanted, sizeof(*neighbours));
	struct asked *grown;

	if (!neighbours)
		return -ENOMEM;
	survey->neighbours = neighbours;
	grown = array_grow(survey->asked, &survey->asked_capacity, wanted,
			   sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	survey->asked = grown;
	neighbours[survey->asked_count] = *neighbour;
	grown[survey->asked_count++] = *asked;
	return 0;
}

static int ask_hop(struct survey *survey, const struct ipvsctl_path *path,
		   const struct route *route)
{
	struct neighbour neighbour = { .vip.address = *next_hop(path),
				       .asker = route->source };

	memcpy(neighbour.vip.interface, path->interface,
	       sizeof(path->interface));
	if (find_asked(survey->neighbours, survey->asked_count, path->interface,
		       next_hop(path)) ||
	    count_asked(survey, path->interface, false) >= HOPS_ASKED)
		return 0;
	return add_asked(survey, &neighbour,
			 &(struct asked){ .gateway = path->gateway.family });
}

static bool is_link_local(const struct ipvsctl_address *address)
{
	return address->family == AF_INET6 && address->bytes[0] == 0xfe &&
	       (address->bytes[1] & 0xc0) == 0x80;
}

/* Adds another host of a link whose next hops are asked. A switch that lost all
   but this host can still answer on an address of its own port. */
static int take_witness(const void *header, struct walk attributes, void *data)
{
	struct survey *survey = data;
	struct netlink_attribute attribute;
	struct ndmsg message;
	struct neighbour neighbour = { .index = 0 };
	const struct neighbour *first = NULL, *known;
	const struct link *link;

	memcpy(&message, header, sizeof(message));
	link = find_link(survey, message.ndm_ifindex);
	while (attribute_next(&attributes, &attribute))
		if (attribute.type == NDA_DST)
			(void)attribute_get_address(&attribute,
						    message.ndm_family,
						    &neighbour.vip.address);
	if (!link || !neighbour.vip.address.family)
		return 0;
	known = find_asked(survey->neighbours, survey->asked_count, link->name,
			   &neighbour.vip.address);
	if (known && message.ndm_state & (NUD_PERMANENT | NUD_NOARP))
		survey->asked[known - survey->neighbours].fixed = true;
	if (known || !(message.ndm_state &
		       (NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE)))
		return 0;
	for (size_t i = 0; !first && i < survey->asked_count; i++)
		if (!strcmp(survey->neighbours[i].vip.interface, link->name))
			first = &survey->neighbours[i];
	if (!first ||
	    first->vip.address.family != neighbour.vip.address.family ||
	    is_link_local(&neighbour.vip.address) ||
	    count_asked(survey, link->name, true) >= WITNESSES_ASKED)
		return 0;
	memcpy(neighbour.vip.interface, link->name, sizeof(link->name));
	neighbour.asker = first->asker;
	return add_asked(survey, &neighbour, &(struct asked){ .witness = true });
}

static int ask_all(struct survey *survey)
{
	const struct ndmsg header = { .ndm_family = AF_UNSPEC };
	AUTO_REQUEST struct request request = { .bytes.size = 0 };
	int r;

	if (survey->asked_count == 0)
		return 0;
	request_start(&request, RTM_GETNEIGH, 0, &header, sizeof(header));
	r = rtnetlink_dump(survey->rtnetlink, &request, sizeof(header),
			   take_witness, survey);
	if (r == 0)
		r = neighbours_find(survey->neighbours, survey->asked_count);
	for (int round = 0; r == 0 && round < ROUNDS; round++)
		r = neighbours_ask(survey->neighbours, survey->asked_count);
	/* Without this right nothing is known of the hops. */
	if (r != -EPERM && r != -EACCES && r != -EAFNOSUPPORT)
		return r;
	survey->asked_count = 0;
	return 0;
}

/* ---- Judging ------------------------------------------------------------- */

/* Tells whether at least two next hops on the link that must answer were asked, and
   nobody there has answered. */
static bool is_silent(const char *interface, const struct neighbour *neighbours,
		      const struct asked *asked, size_t count)
{
	size_t hops = 0;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(neighbours[i].vip.interface, interface) != 0)
			continue;
		if (neighbours[i].answered || !neighbours[i].index)
			return false;
		hops += !asked[i].witness && !asked[i].fixed;
	}
	return hops > 1;
}

void paths_judge(struct ipvsctl_path *paths, size_t count,
		 const struct neighbour *neighbours, const struct asked *asked,
		 size_t asked_count)
{
	for (size_t i = 0; i < count; i++) {
		struct ipvsctl_path *path = &paths[i];
		const struct neighbour *hop;

		if (path->answers || path->fault || !path->interface[0])
			continue;
		hop = find_asked((struct neighbour *)neighbours, asked_count,
				 path->interface, next_hop(path));
		if (path->gateway.family && hop && hop->index &&
		    !hop->answered && !asked[hop - neighbours].fixed)
			path->fault = IPVSCTL_PATH_GATEWAY_SILENT;
		else if ((!hop || !hop->answered) &&
			 is_silent(path->interface, neighbours, asked,
				   asked_count))
			path->fault = IPVSCTL_PATH_LINK_SILENT;
	}
}

/* Tells whether an answer of another path could clear a path. */
static bool is_doubted(const struct survey *survey)
{
	for (size_t i = 0; i < survey->asked_count; i++)
		if (!survey->neighbours[i].answered &&
		    (survey->asked[i].gateway ||
		     is_silent(survey->neighbours[i].vip.interface,
			       survey->neighbours, survey->asked,
			       survey->asked_count)))
			return true;
	return false;
}

/* Takes the addresses that answer for answers of their next hops. */
static int clear_by_others(struct survey *survey, struct ipvsctl_path *paths,
			   size_t count)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < count && is_doubted(survey); i++) {
		struct route route = { .index = 0 };

		if (!paths[i].answers)
			continue;
		r = follow(survey, &paths[i], &route);
		paths[i].fault = IPVSCTL_PATH_NO_FAULT;
		for (size_t j = 0; j < survey->asked_count; j++) {
			struct neighbour *asked = &survey->neighbours[j];

			if (!strcmp(asked->vip.interface, paths[i].interface) &&
			    (!survey->asked[j].gateway ||
			     !ipvsctl_address_compare(&asked->vip.address,
						      next_hop(&paths[i]))))
				asked->answered = true;
		}
	}
	return r;
}

int paths_check(struct rtnetlink *rtnetlink, struct ipvsctl_path *paths,
		size_t count)
{
	AUTO_SURVEY struct survey survey = { .rtnetlink = rtnetlink };
	int r = look_at_links(&survey);

	drop_reached(&survey, paths, count);
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct route route = { .index = 0 };

		if (paths[i].answers)
			continue;
		r = follow(&survey, &paths[i], &route);
		if (r == 0 && !paths[i].fault && !route.local &&
		    paths[i].interface[0])
			r = ask_hop(&survey, &paths[i], &route);
	}
	if (r == 0)
		r = ask_all(&survey);
	if (r == 0)
		r = clear_by_others(&survey, paths, count);
	if (r == 0)
		paths_judge(paths, count, survey.neighbours, survey.asked,
			    survey.asked_count);
	return r;
}

int paths_find(struct rtnetlink *rtnetlink, struct ipvsctl_path *paths,
	       size_t count)
{
	AUTO_SURVEY struct survey survey = { .rtnetlink = rtnetlink };
	int r = look_at_links(&survey);

	for (size_t i = 0; r == 0 && i < count; i++) {
		struct route route = { .index = 0 };

		r = follow(&survey, &paths[i], &route);
		if (route.local && !route.own)
			paths[i].fault = IPVSCTL_PATH_NO_ROUTE;
	}
	return r;
}
