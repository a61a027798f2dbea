/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPDX-FileCopyrightText: The lbctl authors */
/* xtables compile|print 4|6: requests on standard input, replies on output. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "iptables/entry.h"
#include "iptables/helper.h"
#include "xtables.h"

#define REQUEST_MAX 65536
#define REPLY_MAX   (4 * REQUEST_MAX)

void complain(const char *format, ...)
{
	va_list list;

	/* Replies that are complete are valid. */
	(void)fflush(stdout);
	va_start(list, format);
	(void)vfprintf(stderr, format, list);
	va_end(list);
	(void)fputc('\n', stderr);
	(void)fflush(stderr);
	_exit(1);
}

/* Reports the library's errors, without its version and its help. */
static void __attribute__((noreturn, format(printf, 2, 3)))
library_error(enum xtables_exittype status, const char *format, ...)
{
	char text[400];
	va_list list;

	va_start(list, format);
	(void)vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	(void)status;
	for (char *at = text; *at; at++)
		if (*at == '\n')
			*at = at[1] ? ' ' : '\0';
	complain("%s", text);
}

/*
 * Tells whether the kernel has that revision of a match or target. The
 * library's own check would run modprobe, and if it cannot ask, fall back to
 * revision 0, which means something else. Here a revision is assumed to exist
 * if it cannot be asked for; the kernel checks it when the rule is committed.
 */
static int kernel_has_revision(const char *name, uint8_t revision, int option)
{
	struct xt_get_revision request = { .revision = revision };
	socklen_t size = sizeof(request);
	bool ipv6 = option == IP6T_SO_GET_REVISION_MATCH ||
		    option == IP6T_SO_GET_REVISION_TARGET;
	int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_RAW | SOCK_CLOEXEC,
			IPPROTO_RAW);

	if (fd < 0)
		return 1;
	(void)strncpy(request.name, name, sizeof(request.name) - 1);
	int r = getsockopt(fd, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, option,
			   &request, &size);
	bool known = r >= 0 || (errno != EPROTONOSUPPORT && errno != ENOENT);
	(void)close(fd);
	return known;
}

static struct option no_options[] = { { 0 } };

struct xtables_globals helper_globals = {
	.program_name = "xtables",
	.program_version = LBCTL_VERSION,
	.orig_opts = no_options,
	.exit_err = library_error,
	.compat_rev = kernel_has_revision,
};

/* Reads one request; free it. Returns NULL at the end of input. */
static char *read_request(size_t *ret_size)
{
	uint32_t size;

	if (fread(&size, 1, sizeof(size), stdin) != sizeof(size))
		return NULL;
	if (size > REQUEST_MAX)
		complain("a request is too long");
	char *request = calloc(1, (size_t)size + 1);
	if (!request)
		complain("out of memory");
	if (fread(request, 1, size, stdin) != size)
		complain("a request is cut short");
	*ret_size = size;
	return request;
}

static void answer_compile(uint8_t family, char *request, size_t size, FILE *out)
{
	uint16_t protocol;

	if (size < sizeof(protocol))
		complain("a request is too short");
	memcpy(&protocol, request, sizeof(protocol));
	compile_words(family, protocol, request + sizeof(protocol), out);
}

static bool is_terminated(const char *text, size_t size)
{
	return text[size - 1] == '\0';
}

static void answer_print(uint8_t family, const char *request, size_t size,
			 FILE *out)
{
	const struct layout *layout =
		family == NFPROTO_IPV4 ? &layout_ipv4 : &layout_ipv6;
	const struct print_request *asked = (const void *)request;
	const char *entry = request + sizeof(*asked);

	if (size < sizeof(*asked) ||
	    !is_terminated(asked->chain, sizeof(asked->chain)) ||
	    !is_terminated(asked->label, sizeof(asked->label)) ||
	    !entry_valid(layout, entry, size - sizeof(*asked)))
		complain("a request is damaged");
	print_entry(family, asked->chain, asked->label, entry, out);
}

static void write_reply(const char *data, size_t size)
{
	uint32_t length = (uint32_t)size;

	if (fwrite(&length, 1, sizeof(length), stdout) != sizeof(length) ||
	    fwrite(data, 1, size, stdout) != size)
		complain("cannot write: %s", strerror(errno));
}

/*
 * Answers all requests. stdout is the reply meanwhile, since the library prints
 * rules there.
 */
static void serve(bool compile, uint8_t family)
{
	/* open_memstream() would drop data silently when memory runs out. */
	static char data[REPLY_MAX];
	size_t blank;
	size_t size;
	char *request;

	while ((request = read_request(&size))) {
		FILE *real = stdout;
		FILE *reply = fmemopen(data, sizeof(data), "w");
		long length;

		if (!reply)
			complain("out of memory");
		if (!compile)
			stdout = reply;
		if (compile)
			answer_compile(family, request, size, reply);
		else
			answer_print(family, request, size, reply);
		stdout = real;
		if (fflush(reply) != 0 || ferror(reply))
			complain("a reply is too long");
		length = ftell(reply);
		(void)fclose(reply);
		/* Matches begin with a blank, a whole rule with -A. */
		blank = !compile && length > 0 && data[0] == ' ';
		write_reply(data + blank, (size_t)length - blank);
		free(request);
	}
	if (fflush(stdout) != 0)
		complain("cannot write: %s", strerror(errno));
}

int main(int argc, char **argv)
{
	const struct rlimit size = { HELPER_REPLIES_MAX, HELPER_REPLIES_MAX };

	if (argc != 3 ||
	    (strcmp(argv[2], "4") != 0 && strcmp(argv[2], "6") != 0) ||
	    (strcmp(argv[1], "compile") != 0 && strcmp(argv[1], "print") != 0))
		complain("usage: xtables compile|print 4|6");
	/* Replies go to memory: limit what an extension can write. */
	(void)setrlimit(RLIMIT_FSIZE, &size);
	uint8_t family = argv[2][0] == '4' ? NFPROTO_IPV4 : NFPROTO_IPV6;
	if (xtables_init_all(&helper_globals, family) < 0)
		complain("libxtables does not start");
	serve(argv[1][0] == 'c', family);
	/* Skip the library's handlers at exit: nothing is left to do. */
	_exit(0);
}
