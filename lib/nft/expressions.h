/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/*
 * Lines as the kernel's expressions. We write one form; what nft(8) makes of
 * our rules when it saves and loads them is read, too (0.9.8 to 1.1.7).
 */
#ifndef LBCTL_NFT_EXPRESSIONS_H
#define LBCTL_NFT_EXPRESSIONS_H

#include "netlink/walk.h"
#include "nft/batch.h"
#include "nft/view.h"

/* nft(8) takes no longer comment, and with '"' no file at all. */
#define NFT_COMMENT_MAX 128

/*
 * Writes a comment's text as the kernel keeps it: the rule's number, then the
 * comment with '"' and '%' as %22 and %25. Returns its length, more than
 * NFT_COMMENT_MAX if it does not fit.
 */
size_t comment_format(uint32_t number, const char *comment,
		      char text[NFT_COMMENT_MAX + 1]);
/* Gets number and comment of a text; the comment takes no more room. */
uint32_t comment_parse(const char *text, size_t length, char *ret_comment);

/* Appends attributes with the line's expressions and comment. */
void line_put(struct batch *batch, const struct view *view,
	      const struct line *line);
/* Appends an attribute with a comment, if the bearer has a number. */
void comment_put(struct batch *batch, uint16_t type, const struct view *view,
		 const struct bearer *bearer);
/* Appends the expression of a counter, in an attribute of that type. */
void counter_put(struct batch *batch, uint16_t type,
		 const struct bearer *bearer);

/*
 * Each reads what the kernel has, into an object that is zero. What we would
 * never write makes a LINE_ALIEN, no error. Returns 0 or -EBADMSG.
 */
int line_get(struct walk expressions, struct line *line) MUST_CHECK;
/* Reads an element's expression; one that is no counter changes nothing. */
void counter_get(struct walk expression, struct bearer *bearer);
int comment_get(struct walk userdata, struct view *view,
		struct bearer *bearer) MUST_CHECK;

#endif
