/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* Rulesets: texts in any language, checked alone and run on configurations. */
#include "ruleset/ruleset.h"

#include <stdio.h>
#include <string.h>

#include "array.h"
#include "fail.h"
#include "model/holds.h"

/* No real ruleset has longer lines, or is longer. */
#define LINE_MAX_BYTES ((size_t)64 * 1024)
#define TEXT_MAX_BYTES ((size_t)256 * 1024 * 1024)

struct input {
	char *name;
	const char *text; /* the caller's */
	size_t length;
	const char *const *words; /* the caller's; NULL: there is a text */
	size_t word_count;
	enum ipvsctl_language language; /* as the caller says */
	reader_fn read;			/* NULL: not looked at yet */
	struct line_numbers repeated;	/* lines to pass over */
};

struct ipvsctl_ruleset {
	struct input *inputs;
	size_t count;
	size_t capacity;
	struct ipvsctl_config *config;	/* what the lines alone make; NULL: it
					  has been handed out */
	struct run run;			/* which makes it; it is strict if there
					  are command lines instead of texts */
	enum ipvsctl_language language; /* of texts to come */
	const struct ipvsctl_names *names;
	ipvsctl_skipped_fn skipped;
	void *skipped_data;
	ipvsctl_repeated_fn repeated;
	void *repeated_data;
};

API int ipvsctl_ruleset_new(struct ipvsctl_ruleset **ret_ruleset,
			    struct ipvsctl_error *err)
{
	struct ipvsctl_ruleset *ruleset = calloc(1, sizeof(*ruleset));

	if (!ruleset)
		return fail_memory(err);
	if (ipvsctl_config_new(&ruleset->config, err) < 0 ||
	    run_begin(&ruleset->run, ruleset->config, false) < 0) {
		ipvsctl_ruleset_free(ruleset);
		return fail_memory(err);
	}
	*ret_ruleset = ruleset;
	return 0;
}

API void ipvsctl_ruleset_free(struct ipvsctl_ruleset *ruleset)
{
	if (!ruleset)
		return;
	for (size_t i = 0; i < ruleset->count; i++) {
		free(ruleset->inputs[i].name);
		free(ruleset->inputs[i].repeated.lines);
	}
	free(ruleset->inputs);
	run_end(&ruleset->run);
	ipvsctl_config_free(ruleset->config);
	free(ruleset);
}

API void ipvsctl_ruleset_read_as(struct ipvsctl_ruleset *ruleset,
				 enum ipvsctl_language language)
{
	ruleset->language = language;
}

API void ipvsctl_ruleset_use_names(struct ipvsctl_ruleset *ruleset,
				   const struct ipvsctl_names *names)
{
	ruleset->names = names;
}

API void ipvsctl_ruleset_on_skipped(struct ipvsctl_ruleset *ruleset,
				    ipvsctl_skipped_fn fn, void *data)
{
	ruleset->skipped = fn;
	ruleset->skipped_data = data;
}

API void ipvsctl_ruleset_on_repeated(struct ipvsctl_ruleset *ruleset,
				     ipvsctl_repeated_fn fn, void *data)
{
	ruleset->repeated = fn;
	ruleset->repeated_data = data;
}

API unsigned int ipvsctl_ruleset_kinds(const struct ipvsctl_ruleset *ruleset)
{
	return ruleset->run.kinds;
}

struct run *ruleset_found(struct ipvsctl_ruleset *ruleset)
{
	return &ruleset->run;
}

/* ---- Texts that cannot be right ---------------------------------------- */

static int fail_at(const struct source *source, unsigned int line, int code,
		   struct ipvsctl_error *err)
{
	size_t length = strlen(source->name);
	size_t room = sizeof(err->file) - 1;

	if (!err)
		return code;
	/* The end of a long path tells more. */
	err->line = line;
	(void)snprintf(err->file, sizeof(err->file), "%s",
		       source->name + (length > room ? length - room : 0));
	return code;
}

/*
 * Checks the lines before they are parsed. open: the last line need not end
 * with a newline.
 */
static int check_lines(const struct source *source, bool open,
		       struct ipvsctl_error *err)
{
	const char *at = source->text;
	const char *end = at + source->length;
	const bool text = strlen(at) == source->length;

	for (unsigned int line = 1; at < end; line++) {
		const char *next = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((next ? next : end) - at);

		if (length > LINE_MAX_BYTES)
			return fail_at(source, line,
				       fail(err, -EINVAL,
					    "the line is longer than %zu bytes",
					    LINE_MAX_BYTES),
				       err);
		if (!text && memchr(at, '\0', length))
			return fail_at(source, line,
				       fail(err, -EINVAL,
					    "a NUL byte: this is not text"),
				       err);
		if (!next && !open)
			return fail_at(
				source, line,
				fail(err, -EINVAL,
				     "the last line does not end: the text may "
				     "be cut short"),
				err);
		at = next ? next + 1 : end;
	}
	return 0;
}

/* ---- Languages --------------------------------------------------------- */

/* Returns the first word that is not in a comment. */
static const char *first_word(const char *text)
{
	for (;;) {
		text += strspn(text, " \t\r\n");
		if (*text != '#')
			return text;
		text += strcspn(text, "\n");
	}
}

static reader_fn choose_reader(const char *text)
{
	const char *word = first_word(text);

	if (*word == '{' || *word == '[')
		return ruleset_read_json;
	/* Only comments: iptables-nft-save shows no table that it does not
	   understand. */
	if (!*word && strstr(text, "# Table `"))
		return ruleset_read_iptables;
	if (*word == '*' || *word == ':')
		return ruleset_read_iptables;
	if (*word == '-' || strncmp(word, "ipvsadm", 7) == 0)
		return ruleset_read_ipvsadm;
	return ruleset_read_lines;
}

/* ---- Reading ----------------------------------------------------------- */

/* Finds the language of a text, and checks its lines. */
static int recognise(struct input *input, const struct source *source,
		     struct ipvsctl_error *err)
{
	if (input->language == IPVSCTL_LANGUAGE_IPVSADM) {
		input->read = ruleset_read_ipvsadm;
		return check_lines(source, true, err);
	}
	input->read = choose_reader(source->text);
	return input->read == ruleset_read_json ?
		       0 :
		       check_lines(source, false, err);
}

/* Runs one text on the configuration that run edits. */
static int read_input(const struct ipvsctl_ruleset *ruleset,
		      struct input *input, struct run *run,
		      struct ipvsctl_error *err)
{
	struct source source = { .name = input->name,
				 .text = input->text,
				 .length = input->length,
				 .words = input->words,
				 .word_count = input->word_count,
				 .names = ruleset->names,
				 .skipped_data = ruleset->skipped_data,
				 .repeated = ruleset->repeated,
				 .repeated_data = ruleset->repeated_data,
				 .repeated_lines = &input->repeated };
	int r = 0;

	/* Report only once what is passed over. */
	if (!run->known)
		source.skipped = ruleset->skipped;
	if (!input->read)
		r = recognise(input, &source, err);
	if (r < 0)
		return r;
	r = input->read(&source, run, err);
	/* In a text of another language no single line is at fault. */
	if (r == -EINVAL && input->language != IPVSCTL_LANGUAGE_IPVSADM &&
	    (input->read == ruleset_read_lines ||
	     input->read == ruleset_read_ipvsadm))
		(void)ruleset_name_other(&source, err);
	if (r == -EINVAL || r == -ENOENT)
		return fail_at(&source, source.line, r, err);
	return r;
}

/* Returns why the input cannot be added, or NULL. */
static const char *whynot(const struct ipvsctl_ruleset *ruleset,
			  const struct input *input)
{
	if (!ruleset->config)
		return "the ruleset was already run";
	if (ruleset->count > 0 && ruleset->run.strict != !input->text)
		return "a ruleset has texts or command lines, not both";
	return NULL;
}

/* Adds the input and reads it. */
static int add_input(struct ipvsctl_ruleset *ruleset, const char *name,
		     const struct input *input, struct ipvsctl_error *err)
{
	const char *why = whynot(ruleset, input);
	struct input *grown;

	if (why)
		return fail_at(&(struct source){ .name = name }, 0,
			       fail(err, -EINVAL, "%s", why), err);
	grown = array_grow(ruleset->inputs, &ruleset->capacity,
			   ruleset->count + 1, sizeof(*grown));
	if (!grown)
		return fail_memory(err);
	ruleset->inputs = grown;
	grown += ruleset->count;
	*grown = *input;
	grown->name = strdup(name);
	if (!grown->name)
		return fail_memory(err);
	ruleset->count++;
	ruleset->run.strict = !input->text;
	return read_input(ruleset, grown, &ruleset->run, err);
}

API int ipvsctl_ruleset_add(struct ipvsctl_ruleset *ruleset, const char *name,
			    const char *text, size_t length,
			    struct ipvsctl_error *err)
{
	const struct input input = { .text = text,
				     .length = length,
				     .language = ruleset->language };

	if (length > TEXT_MAX_BYTES)
		return fail_at(&(struct source){ .name = name }, 0,
			       fail(err, -EINVAL, "longer than %zu bytes",
				    TEXT_MAX_BYTES),
			       err);
	return add_input(ruleset, name, &input, err);
}

API int ipvsctl_ruleset_add_words(struct ipvsctl_ruleset *ruleset,
				  const char *const *words, size_t count,
				  struct ipvsctl_error *err)
{
	const struct input input = { .words = words,
				     .word_count = count,
				     .read = ruleset_read_words };

	return add_input(ruleset, "", &input, err);
}

/* ---- Running ----------------------------------------------------------- */

/* Runs all lines on a copy of from. */
static int run_again(const struct ipvsctl_ruleset *ruleset,
		     const struct ipvsctl_config *from,
		     struct ipvsctl_config **ret_to, struct ipvsctl_error *err)
{
	struct ipvsctl_config *to = NULL;
	struct run run;
	int r = 0;

	r = ipvsctl_config_copy(from, &to, err);
	if (r < 0)
		return r;
	if (run_begin(&run, to, true) < 0)
		r = fail_memory(err);
	run.strict = ruleset->run.strict;
	run.before = run.strict ? from : NULL;
	run.settle = ruleset->run.settle;
	run.settle_ctx = ruleset->run.settle_ctx;
	for (size_t i = 0; r == 0 && i < ruleset->count; i++)
		r = read_input(ruleset, &ruleset->inputs[i], &run, err);
	run_end(&run);
	if (r < 0)
		ipvsctl_config_free(to);
	else
		*ret_to = to;
	return r;
}

/* Timeouts that the ruleset alone leaves at 0 keep their current value. */
static void keep_timeouts(struct ipvsctl_config *to,
			  const struct ipvsctl_config *from)
{
	struct ipvsctl_timeouts *timeouts = &to->timeouts;

	if (!to->has_timeouts || !from->has_timeouts)
		return;
	if (!timeouts->tcp)
		timeouts->tcp = from->timeouts.tcp;
	if (!timeouts->tcp_fin)
		timeouts->tcp_fin = from->timeouts.tcp_fin;
	if (!timeouts->udp)
		timeouts->udp = from->timeouts.udp;
}

/*
 * Tells whether the lines have the same result on from as on nothing: because
 * they begin with a flush, or from has nothing that they are about. Only a
 * timeout of 0 keeps its value.
 */
static bool stands_alone(const struct run *alone,
			 const struct ipvsctl_config *from)
{
	unsigned int open = alone->kinds & ~(alone->emptied | IPVSCTL_TIMEOUTS);

	if (alone->strict)
		return false;
	if (open == IPVSCTL_SERVICES && !from->count && !alone->leans)
		return true;
	return !open;
}

/* Gives `to` the holds of from, also those that were set aside. */
static int take_holds(const struct run *run, bool alone,
		      const struct ipvsctl_config *from,
		      struct ipvsctl_config *to)
{
	const bool emptied = run->emptied & IPVSCTL_SERVICES;

	/* A server that a command line adds is not held. */
	if (run->strict && !emptied)
		return 0;
	if (emptied && to->count == 0)
		return holds_set_aside(from, &to->holds);
	if (holds_adopt(to, from) < 0)
		return -ENOMEM;
	/* A ruleset that only adds keeps the other holds that wait. */
	return alone && !emptied ? holds_keep_aside(to, from) : 0;
}

API int ipvsctl_ruleset_run(struct ipvsctl_ruleset *ruleset,
			    const struct ipvsctl_config *from,
			    struct ipvsctl_config **ret_to,
			    struct ipvsctl_error *err)
{
	const bool alone = stands_alone(&ruleset->run, from);
	struct ipvsctl_config *to = NULL;
	int r = 0;

	if (alone)
		to = TAKE_PTR(ruleset->config);
	if (!to)
		r = run_again(ruleset, from, &to, err);
	if (r < 0 || !to)
		return r;
	keep_timeouts(to, from);
	/* A VIP that a command line adds is not withdrawn. */
	if (!ruleset->run.strict)
		withdrawn_adopt(to, from);
	if (take_holds(&ruleset->run, alone, from, to) < 0) {
		ipvsctl_config_free(to);
		return fail_memory(err);
	}
	*ret_to = to;
	return 0;
}
