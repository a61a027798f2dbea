# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# The only makefile. Everything built goes to $(O); "make help" lists targets.
# CC CFLAGS CPPFLAGS LDFLAGS are yours: the project's own flags are separate.

VERSION := $(file <VERSION)
O ?= build
V ?= 0
WERROR ?=
SANITIZE ?=

CFLAGS ?= -O2 -g
AR ?= ar
PKG_CONFIG ?= pkg-config
INSTALL ?= install
JOBS ?= $(shell nproc)

PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig
MANDIR ?= $(PREFIX)/share/man
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d
DOCDIR ?= $(PREFIX)/share/doc/lbctl
SYSTEMDUNITDIR ?= $(PREFIX)/lib/systemd/system
MODULESLOADDIR ?= $(PREFIX)/lib/modules-load.d
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
# /usr and /usr/local use /etc; any other PREFIX, such as /opt/lbctl, has an etc
# of its own.
SYSCONFDIR ?= $(if $(filter /usr /usr/local,$(PREFIX)),,$(PREFIX))/etc
DESTDIR ?=

SONAME := libipvsctl.so.0

# ---- Flags -------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wshadow -Wformat=2 -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wpointer-arith \
	-Wwrite-strings -Wundef -Wvla -Wconversion -Wsign-conversion \
	-Wswitch-enum -Wimplicit-fallthrough -Wnull-dereference
ifneq ($(findstring clang,$(shell $(CC) --version 2>/dev/null)),clang)
WARNINGS += -Wduplicated-cond -Wlogical-op -Wjump-misses-init
endif
# The flags, if the compiler accepts them and its headers do not warn of them.
HASH := \#
has = $(if $(shell echo '$(HASH)include <string.h>' | $(CC) -O2 -Werror $(1) \
	-x c -c -o /dev/null - 2>&1 || echo no),,$(1))
HARDEN := -fstack-protector-strong -fstack-clash-protection \
	$(call has,-fcf-protection)
ifeq ($(SANITIZE),)
FORTIFY := $(or $(call has,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3),\
	-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
HARDEN += $(if $(findstring _FORTIFY_SOURCE,$(CFLAGS) $(CPPFLAGS)),,$(if \
	$(findstring -O,$(filter-out -O0,$(CFLAGS))),$(FORTIFY)))
UNDEFINED := -Wl,-z,defs
else
SANITIZER := -fsanitize=$(SANITIZE) -fno-omit-frame-pointer \
	-fno-sanitize-recover=all
UNDEFINED :=
endif
ifeq ($(WERROR),1)
WARNINGS += -Werror
endif

pkg_cflags = $(shell $(PKG_CONFIG) --cflags $(1))
pkg_libs = $(shell $(PKG_CONFIG) --libs $(1))

BASE_CFLAGS := -std=gnu17 -D_GNU_SOURCE -fvisibility=hidden -fPIC $(WARNINGS) \
	$(HARDEN) $(SANITIZER) -MMD -MP -ffile-prefix-map=$(CURDIR)=. \
	-DLBCTL_VERSION='"$(VERSION)"'
BASE_LDFLAGS := $(SANITIZER) -Wl,-O1 -Wl,-z,relro -Wl,-z,now \
	-Wl,-z,noexecstack -Wl,--as-needed

# Headers for the library and the programs.
SHARED := -Ilib/base -Ilib/ipvsadm -Ilib/include
LIB_CFLAGS = $(BASE_CFLAGS) -Ilib $(SHARED) \
	$(call pkg_cflags,libnl-3.0 jansson)
LIB_LIBS = $(call pkg_libs,libnl-3.0 jansson)
IPTABLES_CFLAGS = $(LIB_CFLAGS) $(call pkg_cflags,libip4tc libip6tc xtables)
IPTABLES_LIBS = $(call pkg_libs,libip4tc libip6tc)
XTABLES_LIBS = $(call pkg_libs,xtables)
CMD_CFLAGS = $(BASE_CFLAGS) -Icmd $(SHARED) \
	$(call pkg_cflags,popt jansson)
CMD_LIBS = $(call pkg_libs,popt jansson) -lresolv
CURL_CFLAGS = $(CMD_CFLAGS) $(call pkg_cflags,libcurl openssl libpcre2-8)
CURL_LIBS = $(call pkg_libs,libcurl openssl libpcre2-8)
TEST_CFLAGS = $(BASE_CFLAGS) -Ilib $(SHARED) -Icmd -Itests/unit \
	-Itests/lab -Itests/bench \
	$(call pkg_cflags,cmocka libnl-3.0 jansson popt)
TEST_LIBS = $(call pkg_libs,cmocka)

# ---- Sources and products ----------------------------------------------------

# The layers of the library, from the ground up: see scripts/layers. Programs
# need the first two as well, and contain a copy.
LIB_LAYERS := base ipvsadm model ruleset netlink kernel nft vip push
LIB_SOURCES := $(wildcard $(LIB_LAYERS:%=lib/%/*.c))
LIB_OBJECTS := $(LIB_SOURCES:%.c=$(O)/obj/%.o)
BASE_OBJECTS := $(filter $(O)/obj/lib/base/% $(O)/obj/lib/ipvsadm/%,\
	$(LIB_OBJECTS))
IPTABLES_OBJECTS := $(patsubst %.c,$(O)/obj/%.o,$(wildcard lib/iptables/*.c))
XTABLES_OBJECTS := $(patsubst %.c,$(O)/obj/%.o,$(wildcard lib/xtables/*.c))
# The module's own objects, and those that it shares with the program.
CURL_OBJECTS := $(patsubst %.c,$(O)/obj/%.o,$(wildcard cmd/check/probe/curl/*.c) \
	cmd/check/config/expression.c cmd/check/process/loop.c \
	cmd/check/probe/probe.c cmd/check/probe/conversation.c \
	cmd/check/probe/proxy-header.c)
COMMON_OBJECTS := $(patsubst %.c,$(O)/obj/%.o,$(wildcard cmd/common/*.c \
	cmd/output/*.c))
# The private parts of a program: cmd/svc/*.c for lbctl-svc.
part_objects = $(patsubst %.c,$(O)/obj/%.o,$(wildcard \
	cmd/$(patsubst lbctl-%,%,$(1))/*.c cmd/$(patsubst lbctl-%,%,$(1))/*/*.c)) \
	$(borrowed_$(patsubst lbctl-%,%,$(1)))
# Parts that programs borrow from others: checks and saved rulesets are facts.
borrowed_doctor := $(patsubst %.c,$(O)/obj/%.o,$(wildcard cmd/check/config/*.c \
	cmd/check/state/*.c) cmd/restore/read.c)
PROGRAMS := $(patsubst cmd/%.c,%,$(wildcard cmd/*.c))
UNIT_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test-*.c))
UNIT_COMMON := $(patsubst %.c,$(O)/obj/%.o,\
	$(filter-out tests/unit/test-%,$(wildcard tests/unit/*.c)))
LAB_TOOLS := $(patsubst tests/lab/%.c,%,$(wildcard tests/lab/*.c))
PRELOADS := $(patsubst tests/preload/%.c,$(O)/tests/%.so,\
	$(wildcard tests/preload/*.c))
BENCH_TOOLS := $(patsubst tests/bench/%.c,%,$(wildcard tests/bench/*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz-*.c))
MAN_PAGES := $(wildcard man/*.[1-8])

LIBRARY := $(O)/lib/$(SONAME)
STATIC := $(O)/lib/libipvsctl.a
MODULE := $(O)/lib/lbctl/marks-iptables.so
HELPER := $(O)/lib/lbctl/xtables
CURL_MODULE := $(O)/lib/lbctl/check-curl.so
MODULES := $(MODULE) $(HELPER) $(CURL_MODULE)
BASE := $(O)/lib/base.a
COMMON := $(O)/lib/common.a
BINARIES := $(PROGRAMS:%=$(O)/bin/%)

# ---- Rules -----------------------------------------------------------------------

ifeq ($(V),0)
Q := @
say = @printf '  %-7s %s\n' "$(1)" "$(patsubst $(O)/%,%,$@)";
else
Q :=
say =
endif

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules

.PHONY: all
all: ## build the library, the modules and the programs
all: $(LIBRARY) $(MODULES) $(BINARIES)

$(O)/obj/lib/iptables/%.o $(O)/obj/lib/xtables/%.o: \
	OBJECT_CFLAGS = $(IPTABLES_CFLAGS)
$(O)/obj/lib/%.o: OBJECT_CFLAGS = $(LIB_CFLAGS)
$(O)/obj/cmd/check/probe/curl/%.o: OBJECT_CFLAGS = $(CURL_CFLAGS)
$(O)/obj/cmd/%.o: OBJECT_CFLAGS = $(CMD_CFLAGS)
$(O)/obj/tests/%.o: OBJECT_CFLAGS = $(TEST_CFLAGS)
$(O)/obj/%.o: %.c Makefile VERSION
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(OBJECT_CFLAGS) $(CFLAGS) -c -o $@ $<

$(LIBRARY): $(LIB_OBJECTS) lib/ipvsctl.map
	$(call say,LD)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(BASE_LDFLAGS) $(UNDEFINED) $(LDFLAGS) -shared \
		-Wl,-Bsymbolic-functions -Wl,-soname,$(SONAME) \
		-Wl,--version-script=lib/ipvsctl.map \
		-Wl,--no-undefined-version -o $@ $(LIB_OBJECTS) $(LIB_LIBS)
	$(Q)ln -sf $(SONAME) $(@D)/libipvsctl.so

$(STATIC): $(LIB_OBJECTS)
$(BASE): $(BASE_OBJECTS)
$(COMMON): $(COMMON_OBJECTS)
$(STATIC) $(BASE) $(COMMON):
	$(call say,AR)
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# The backend's own objects and, from the archive, the helpers it uses.
$(MODULE): $(IPTABLES_OBJECTS) $(STATIC)
	$(call say,LD)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(BASE_LDFLAGS) $(UNDEFINED) $(LDFLAGS) -shared \
		-Wl,--exclude-libs,ALL -o $@ $^ $(IPTABLES_LIBS) $(LIB_LIBS)

# Like the module, without the parts that talk to the kernel.
$(HELPER): $(XTABLES_OBJECTS) $(O)/obj/lib/iptables/entry.o $(STATIC)
	$(call say,LD)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(BASE_LDFLAGS) $(UNDEFINED) $(LDFLAGS) -pie -rdynamic \
		-o $@ $^ $(XTABLES_LIBS)

$(CURL_MODULE): $(CURL_OBJECTS) $(BASE)
	$(call say,LD)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(BASE_LDFLAGS) $(UNDEFINED) $(LDFLAGS) -shared \
		-o $@ $^ $(CURL_LIBS)

# Installed programs are linked again, without the build tree's run path.
link_program = $(CC) $(CFLAGS) $(BASE_LDFLAGS) $(UNDEFINED) $(LDFLAGS) -pie \
	$(2) -o $(1) $(O)/obj/cmd/$(3).o $(call part_objects,$(3)) $(COMMON) \
	$(BASE) $(LIBRARY) $(CMD_LIBS)

.SECONDEXPANSION:
$(BINARIES): $(O)/bin/%: $(O)/obj/cmd/%.o $$(call part_objects,$$*) \
		$(COMMON) $(BASE) $(LIBRARY)
	$(call say,LD)
	$(Q)mkdir -p $(@D)
	$(Q)$(call link_program,$@,-Wl$(comma)-rpath$(comma)'$$ORIGIN/../lib',$*)
comma := ,

# ---- Tests -----------------------------------------------------------------------

WRAPPED := malloc calloc realloc reallocarray strdup strndup asprintf vasprintf \
	fopencookie
WRAP_FLAGS = $(WRAPPED:%=-Wl,--wrap=%)

# Unit tests may use the internals of the library and of the programs.
UNIT_BINARIES := $(UNIT_TESTS:%=$(O)/tests/%)
UNIT_PARTS := $(patsubst %.c,$(O)/obj/%.o,$(wildcard cmd/*/*.c cmd/*/*/*.c \
	lib/iptables/*.c cmd/check/probe/curl/*.c))
$(O)/tests/unit.a: $(UNIT_COMMON) $(UNIT_PARTS)
	$(call say,AR)
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(UNIT_BINARIES): $(O)/tests/%: $(O)/obj/tests/unit/%.o $(O)/tests/unit.a \
		$(STATIC)
	$(call say,LD)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(BASE_LDFLAGS) $(LDFLAGS) -pie $(WRAP_FLAGS) \
		-o $@ -Wl,--start-group $^ -Wl,--end-group \
		$(TEST_LIBS) $(CMD_LIBS) $(CURL_LIBS) $(IPTABLES_LIBS) $(LIB_LIBS)

# Programs that tests and benchmarks run inside the lab.
LAB_BINARIES := $(LAB_TOOLS:%=$(O)/tests/%)
BENCH_BINARIES := $(BENCH_TOOLS:%=$(O)/tests/%)
# The parts of a program are in a folder with its name.
test_parts = $(patsubst %.c,$(O)/obj/%.o,$(wildcard tests/$(1)/*.c))
$(LAB_BINARIES): $(O)/tests/%: $(O)/obj/tests/lab/%.o \
		$$(call test_parts,lab/$$*) $(LIBRARY)
$(BENCH_BINARIES): $(O)/tests/%: $(O)/obj/tests/bench/%.o \
		$$(call test_parts,bench/$$*) $(LIBRARY)
$(LAB_BINARIES) $(BENCH_BINARIES):
	$(call say,LD)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(BASE_LDFLAGS) $(LDFLAGS) -pie \
		-Wl,-rpath,'$$ORIGIN/../lib' -o $@ $^ $(LIB_LIBS)

# Libraries that tests preload into programs.
$(PRELOADS): $(O)/tests/%.so: $(O)/obj/tests/preload/%.o
	$(call say,LD)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(BASE_LDFLAGS) $(LDFLAGS) -shared -o $@ $^

.PHONY: tests
tests: $(UNIT_BINARIES) $(LAB_BINARIES) $(PRELOADS)

.PHONY: check
check: ## install what is missing, build, run every test on a real kernel
	$(Q)scripts/deps build test
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory all tests completions WERROR=1
	$(Q)O=$(O) tests/run

KERNELS ?= linux-image-amd64 linux-image-amd64/trixie linux-image-amd64/sid

.PHONY: check-kernels
check-kernels: ## the same on each of KERNELS: this Debian's, 13's, unstable's
	$(Q)scripts/deps build test
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory all tests completions WERROR=1
	$(Q)status=0; for kernel in $(KERNELS); do \
		LBCTL_LAB_KERNEL=$$kernel O=$(O) tests/run || status=1; \
	done; exit $$status

.PHONY: check-unit
check-unit: $(UNIT_BINARIES) ## run the unit tests only: no root, no kernel
	$(Q)O=$(O) tests/run --unit

.PHONY: demo
demo: ## install what is missing, build, balance datagrams in the lab
	$(Q)scripts/deps build test
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory all tests
	$(Q)O=$(O) scripts/demo

SOAK_SEEDS ?= 11 12 13 14
SOAK_COUNT ?= 2500

.PHONY: compat-soak
compat-soak: ## SOAK_COUNT (2500) random commands a seed: ipvsadm's and ours alike
	$(Q)scripts/deps build test
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory all tests
	$(Q)scripts/lab --timeout 7200 -- env PATH="$(CURDIR)/$(O)/bin:$$PATH" \
		sh -c 'for seed in $(SOAK_SEEDS); do \
			"$$0" --seed $$seed --count $(SOAK_COUNT) ipvsadm \
				lbctl-ipvsadm || status=1; \
		done; exit $${status:-0}' $(CURDIR)/$(O)/tests/compat

.PHONY: oom
oom: ## every allocation of every command fails once: 10 minutes without KVM
	$(Q)scripts/deps build test
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory all tests
	$(Q)O=$(O) tests/host/oom-marks --all
	$(Q)scripts/lab --timeout 7200 -- env O=$(O) unshare -m sh -c \
		'modprobe -a ip_vs ip_tables ip6_tables && \
		exec tests/suite/oom --all services ipvsadm checks'

.PHONY: bench
bench: ## in one boot, side by side with ipvsadm, iptables and the floor
	$(Q)scripts/deps build test bench
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory all $(BENCH_BINARIES)
	$(Q)$(MAKE) --no-print-directory install DESTDIR=$(O)/bench/root \
		PREFIX=/usr
	$(Q)scripts/lab --out $(O)/bench -- env O=$(O) scripts/bench
	$(Q)if [ "$$(id -u)" = 0 ]; then \
		$(MAKE) --no-print-directory bench-marks bench-vips; \
	else \
		echo 'bench: "sudo make bench-marks bench-vips" measures more'; \
	fi

.PHONY: bench-marks bench-vips
bench-marks: ## mark rules beside nft and iptables, on this kernel, as root
bench-vips: ## VIPs beside ip, on this kernel, as root
bench-marks bench-vips: bench-%:
	$(Q)scripts/deps build test bench
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory all $(BENCH_BINARIES)
	$(Q)mkdir -p $(O)/bench
	$(Q)O=$(O) LAB_OUT=$(O)/bench scripts/bench --$*

.PHONY: asan
asan: ## every test again under AddressSanitizer and UBSan
	$(Q)scripts/deps build test
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory O=$(O)/asan WERROR=1 \
		SANITIZE=address,undefined CFLAGS='-O1 -g' all tests completions
	$(Q)O=$(O)/asan LBCTL_TIMEOUT=5400 tests/run

.PHONY: valgrind
valgrind: $(UNIT_BINARIES) ## the unit tests under valgrind
	$(Q)scripts/deps build test lint
	$(Q)O=$(O) tests/run --valgrind

# ---- Fuzzing -----------------------------------------------------------------------

FUZZ_SECONDS ?= 30
FUZZ_SANITIZE := address,undefined
FUZZ_CFLAGS = $(filter-out -Wduplicated-cond -Wlogical-op -Wjump-misses-init,\
	$(TEST_CFLAGS)) $(call pkg_cflags,libip4tc libip6tc xtables \
	libcurl libcrypto libpcre2-8) \
	-O1 -g -fno-sanitize-recover=all
FUZZ_BINARIES := $(FUZZERS:%=$(O)/fuzz/%)
# Instrumented once, for all targets.
FUZZ_SOURCES := $(LIB_SOURCES) $(wildcard lib/iptables/*.c cmd/common/*.c \
	cmd/output/*.c cmd/check/*.c cmd/check/*/*.c cmd/check/probe/curl/*.c \
	cmd/doctor/*/*.c cmd/ipvsadm/*.c cmd/restore/*.c)
FUZZ_OBJECTS := $(FUZZ_SOURCES:%.c=$(O)/obj/fuzz/%.o)
$(O)/obj/fuzz/%.o: %.c Makefile VERSION
	$(call say,FUZZ)
	$(Q)mkdir -p $(@D)
	$(Q)clang $(CPPFLAGS) $(FUZZ_CFLAGS) \
		-fsanitize=fuzzer-no-link,$(FUZZ_SANITIZE) -c -o $@ $<
$(O)/fuzz/parts.a: $(FUZZ_OBJECTS)
	$(call say,AR)
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(FUZZ_BINARIES): $(O)/fuzz/%: $(O)/obj/fuzz/tests/fuzz/%.o $(O)/fuzz/parts.a
	$(call say,LD)
	$(Q)clang $(FUZZ_CFLAGS) -fsanitize=fuzzer,$(FUZZ_SANITIZE) -o $@ $^ \
		$(CMD_LIBS) $(CURL_LIBS) $(LIB_LIBS) $(IPTABLES_LIBS)

.PHONY: fuzz-smoke
fuzz-smoke: ## every fuzz target for FUZZ_SECONDS (30) each
	$(Q)scripts/deps build lint
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory $(FUZZ_BINARIES)
	$(Q)for target in $(FUZZERS); do \
		echo "fuzzing: $$target, $(FUZZ_SECONDS) s"; \
		mkdir -p $(O)/fuzz/corpus/$$target; \
		seeds=tests/fuzz/corpus/$$target; \
		$(O)/fuzz/$$target -max_total_time=$(FUZZ_SECONDS) -verbosity=0 \
			-artifact_prefix=$(O)/fuzz/ -print_final_stats=1 \
			$(O)/fuzz/corpus/$$target \
			$$([ ! -d $$seeds ] || echo $$seeds) \
			>$(O)/fuzz/$$target.log 2>&1 || \
			{ tail -n 40 $(O)/fuzz/$$target.log; exit 1; }; \
		grep executed_units $(O)/fuzz/$$target.log; \
	done

# ---- Checks of the source ------------------------------------------------------------

C_SOURCES = $(shell git ls-files -c -o --exclude-standard '*.c' '*.h' \
	2>/dev/null)
TIDY_SOURCES = $(filter-out tests/%,$(filter %.c,$(C_SOURCES)))
SHELL_SOURCES = $(shell git ls-files -c -o --exclude-standard scripts tests \
	.ci ':!tests/fuzz/corpus' | xargs grep -lE '^\#!.*(bash|sh|bats)$$' /dev/null) \
	$(wildcard tests/*.bash tests/*/*.bash)

.PHONY: lint
lint: ## clang-format clang-tidy cppcheck shellcheck, layers, symbols, man
lint: lint-deps check-format check-layers check-symbols check-docs check-man \
	check-shell check-cppcheck check-tidy check-build

.PHONY: lint-deps
lint-deps:
	$(Q)scripts/deps build lint
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory all

.PHONY: check-format
check-format:
	@echo 'lint: clang-format'
	$(Q)clang-format --dry-run -Werror $(C_SOURCES)

.PHONY: check-layers check-symbols check-docs
check-layers: ## who may include what
	@echo 'lint: layers'
	$(Q)scripts/check-layers
check-symbols: $(LIBRARY) ## header, version map and library agree
	@echo 'lint: symbols'
	$(Q)O=$(O) scripts/check-symbols
check-docs: all ## options in the programs, man pages and completions agree
	@echo 'lint: documentation'
	$(Q)O=$(O) scripts/check-docs

.PHONY: check-build
check-build: all ## the same bytes from two folders; nothing names a third
	@echo 'lint: build'
	$(Q)O=$(O) scripts/check-build

.PHONY: check-man
check-man:
	@echo 'lint: man pages'
	$(Q)for page in $(MAN_PAGES); do \
		mandoc -Tlint -W warning $$page || exit 1; \
		out=$$(groff -mdoc -ww -z $$page 2>&1); \
		[ -z "$$out" ] || { echo "$$out"; exit 1; }; \
	done

.PHONY: check-shell
check-shell:
	@echo 'lint: shellcheck'
	$(Q)shellcheck -x $(SHELL_SOURCES)

.PHONY: check-cppcheck
check-cppcheck:
	@echo 'lint: cppcheck'
	$(Q)cppcheck --quiet --error-exitcode=1 --std=c11 -j2 \
		--enable=warning,performance,portability \
		--library=posix --inline-suppr --suppress=missingIncludeSystem \
		-D_GNU_SOURCE -DLBCTL_VERSION='"$(VERSION)"' \
		-Ilib $(SHARED) -Icmd lib cmd

TIDY_FLAGS = -std=gnu17 -D_GNU_SOURCE -DLBCTL_VERSION='"$(VERSION)"' -Ilib \
	$(SHARED) -Icmd $(patsubst -I%,-isystem%,$(call pkg_cflags,libnl-3.0 \
	popt jansson))
TIDY_STAMPS = $(TIDY_SOURCES:%=$(O)/tidy/%)
$(TIDY_STAMPS): $(O)/tidy/%: % .clang-tidy $(wildcard lib/*/*.h cmd/*/*.h \
	cmd/*/*/*.h cmd/*/*/*/*.h)
	$(call say,TIDY)
	$(Q)mkdir -p $(@D)
	$(Q)clang-tidy --quiet --warnings-as-errors='*' $< -- $(TIDY_FLAGS) 2>/dev/null
	$(Q)touch $@

.PHONY: check-tidy
check-tidy:
	@echo 'lint: clang-tidy'
	$(Q)$(MAKE) -j$(JOBS) --no-print-directory $(TIDY_STAMPS)

# ---- Completions, installing -----------------------------------------------------------

COMPLETIONS = $(foreach p,$(PROGRAMS),$(O)/completions/bash/$(p) \
	$(O)/completions/zsh/_$(p) $(O)/completions/fish/$(p).fish)
$(O)/completions/%: $(BINARIES) $(wildcard completions/*)
	$(call say,GEN)
	$(Q)mkdir -p $(@D)
	$(Q)completions/generate $(O)/bin $* >$@

.PHONY: completions
completions: $(COMPLETIONS) ## bash, zsh and fish, from the programs' tables

# A run path only if the loader does not search LIBDIR by itself.
INSTALL_RPATH = $(if $(filter /lib /usr/lib /usr/local/lib /lib/% /usr/lib/%,\
	$(LIBDIR)),,-Wl$(comma)-rpath$(comma)$(LIBDIR))

# The install targets fill these in: PREFIX may differ from that of the build.
UNITS := lbctl-restore.service lbctl-restore.path lbctl-reload.service \
	lbctl-save.service lbctl-check.service lbctl-check.timer \
	lbctl-check-loop.service lbctl-sync-push.service lbctl-sync-push.timer
# Drop-ins for the units that probe and run the operator's programs.
CHECK_DROPINS := lbctl-check.service.d lbctl-check-loop.service.d
EXAMPLES := lbctl-check.cron checks.conf dr-director.rules dr-server.rules \
	gue.conf iptables.conf wider.conf
# In folders of their own, as they are under scripts/.
EXAMPLE_DIRS := keepalived/dual-master keepalived/nat-pair keepalived sysctl.d
EXAMPLE_TREES := $(patsubst scripts/%,%,$(foreach d,$(EXAMPLE_DIRS),\
	$(filter-out $(EXAMPLE_DIRS:%=scripts/%),$(wildcard scripts/$(d)/*))))
# Drop-ins that an earlier version installed, and so enabled on every host.
OUTDATED := $(CHECK_DROPINS:%=%/wider.conf)
install_filled = sed -e 's|@SBINDIR@|$(SBINDIR)|g' \
	-e 's|@SYSCONFDIR@|$(SYSCONFDIR)|g' -e 's|@LIBDIR@|$(LIBDIR)|g' \
	-e 's|@INCLUDEDIR@|$(INCLUDEDIR)|g' -e 's|@VERSION@|$(VERSION)|g' $(1) | \
	$(INSTALL) -m $(2) /dev/stdin $(DESTDIR)$(3)
install_boot = $(call install_filled,scripts/boot/$(1),$(2),$(3))

.PHONY: install-boot
install-boot: ## only what restores the configuration at boot, and checks
	$(Q)$(INSTALL) -d $(DESTDIR)$(SYSCONFDIR)/lbctl \
		$(DESTDIR)$(SYSTEMDUNITDIR)/lbctl-.service.d \
		$(DESTDIR)$(SYSTEMDUNITDIR)/lbctl-restore.service.d \
		$(DESTDIR)$(SYSTEMDUNITDIR)/nftables.service.d \
		$(addprefix $(DESTDIR)$(SYSTEMDUNITDIR)/,$(CHECK_DROPINS)) \
		$(DESTDIR)$(MODULESLOADDIR) $(DESTDIR)$(SYSUSERSDIR) \
		$(EXAMPLE_DIRS:%=$(DESTDIR)$(DOCDIR)/examples/%)
	$(Q)$(foreach u,$(UNITS),\
		$(call install_boot,$(u),644,$(SYSTEMDUNITDIR)/$(u)) &&) true
	$(Q)$(call install_boot,sandbox.conf,644,$(SYSTEMDUNITDIR)/lbctl-.service.d/sandbox.conf)
	$(Q)$(call install_boot,vips.conf,644,$(SYSTEMDUNITDIR)/lbctl-restore.service.d/vips.conf)
	$(Q)$(call install_boot,nftables.conf,644,$(SYSTEMDUNITDIR)/nftables.service.d/lbctl.conf)
	$(Q)$(foreach d,$(CHECK_DROPINS),\
		$(call install_boot,switch-user.conf,644,$(SYSTEMDUNITDIR)/$(d)/switch-user.conf) &&) true
	$(Q)rm -f $(OUTDATED:%=$(DESTDIR)$(SYSTEMDUNITDIR)/%)
	$(Q)$(call install_boot,modules-load.conf,644,$(MODULESLOADDIR)/lbctl.conf)
	$(Q)$(call install_boot,sysusers.conf,644,$(SYSUSERSDIR)/lbctl.conf)
	$(Q)$(call install_boot,lbctl.init,755,$(DOCDIR)/examples/lbctl.init)
	$(Q)$(foreach e,$(EXAMPLES),\
		$(call install_boot,$(e),644,$(DOCDIR)/examples/$(e)) &&) true
	$(Q)$(foreach e,$(EXAMPLE_TREES),\
		$(call install_filled,scripts/$(e),644,$(DOCDIR)/examples/$(e)) &&) true

.PHONY: install
install: all completions install-boot ## install under DESTDIR PREFIX (/usr/local)
	$(Q)$(INSTALL) -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(LIBDIR)/lbctl \
		$(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(PKGCONFIGDIR) \
		$(DESTDIR)$(MANDIR)/man3 $(DESTDIR)$(MANDIR)/man5 \
		$(DESTDIR)$(MANDIR)/man7 $(DESTDIR)$(MANDIR)/man8 \
		$(DESTDIR)$(BASHCOMPDIR) $(DESTDIR)$(ZSHCOMPDIR) \
		$(DESTDIR)$(FISHCOMPDIR)
	$(Q)$(INSTALL) -m 755 $(LIBRARY) $(DESTDIR)$(LIBDIR)
	$(Q)ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libipvsctl.so
	$(Q)$(INSTALL) -m 755 $(MODULES) $(DESTDIR)$(LIBDIR)/lbctl
	$(Q)$(INSTALL) -m 644 lib/include/ipvsctl.h $(DESTDIR)$(INCLUDEDIR)
	$(Q)$(call install_filled,lib/ipvsctl.pc.in,644,$(PKGCONFIGDIR)/libipvsctl.pc)
	$(Q)$(foreach p,$(PROGRAMS),$(call link_program,\
		$(DESTDIR)$(SBINDIR)/$(p),$(INSTALL_RPATH),$(p)) &&) true
	$(Q)$(INSTALL) -m 644 $(filter %.3,$(MAN_PAGES)) $(DESTDIR)$(MANDIR)/man3
	$(Q)$(INSTALL) -m 644 $(filter %.5,$(MAN_PAGES)) $(DESTDIR)$(MANDIR)/man5
	$(Q)$(INSTALL) -m 644 $(filter %.7,$(MAN_PAGES)) $(DESTDIR)$(MANDIR)/man7
	$(Q)$(INSTALL) -m 644 $(filter %.8,$(MAN_PAGES)) $(DESTDIR)$(MANDIR)/man8
	$(Q)$(INSTALL) -m 644 $(O)/completions/bash/* $(DESTDIR)$(BASHCOMPDIR)
	$(Q)$(INSTALL) -m 644 $(O)/completions/zsh/* $(DESTDIR)$(ZSHCOMPDIR)
	$(Q)$(INSTALL) -m 644 $(O)/completions/fish/* $(DESTDIR)$(FISHCOMPDIR)
	$(Q)[ -n "$(DESTDIR)" ] || ldconfig || true

# The names under which lbctl-ipvsadm replaces other programs, as LINK=TARGET.
COMPAT := $(foreach n,ipvsadm ipvsadm-save ipvsadm-restore,\
	$(SBINDIR)/$(n)=lbctl-ipvsadm $(MANDIR)/man8/$(n).8=lbctl-ipvsadm.8) \
	$(BASHCOMPDIR)/ipvsadm=lbctl-ipvsadm \
	$(FISHCOMPDIR)/ipvsadm.fish=lbctl-ipvsadm.fish
is_ours = [ "$$(readlink "$(DESTDIR)$${link%%=*}")" = "$${link\#*=}" ]

.PHONY: install-compat
install-compat: install ## the same, with lbctl-ipvsadm as ipvsadm, -save, -restore
	$(Q)for link in $(COMPAT); do \
		path="$(DESTDIR)$${link%%=*}"; \
		[ ! -e "$$path" ] && [ ! -L "$$path" ] || $(is_ours) || { \
			echo "install-compat: $$path exists and is not ours:" \
				"move it with dpkg-divert --rename, or apt" \
				"remove ipvsadm (may empty the table)" >&2; \
			exit 1; \
		}; \
	done
	$(Q)for link in $(COMPAT); do \
		ln -sfn "$${link#*=}" "$(DESTDIR)$${link%%=*}" || exit 1; \
	done

.PHONY: uninstall-compat
uninstall-compat: ## remove only these names
	$(Q)for link in $(COMPAT); do \
		! $(is_ours) || rm -f "$(DESTDIR)$${link%%=*}" || exit 1; \
	done

.PHONY: uninstall
uninstall: uninstall-compat ## remove what install and install-compat put there
	$(Q)rm -f $(PROGRAMS:%=$(DESTDIR)$(SBINDIR)/%) \
		$(DESTDIR)$(LIBDIR)/$(SONAME) $(DESTDIR)$(LIBDIR)/libipvsctl.so \
		$(patsubst $(O)/lib/%,$(DESTDIR)$(LIBDIR)/%,$(MODULES)) \
		$(DESTDIR)$(INCLUDEDIR)/ipvsctl.h \
		$(DESTDIR)$(PKGCONFIGDIR)/libipvsctl.pc \
		$(patsubst man/%,$(DESTDIR)$(MANDIR)/man3/%,$(filter %.3,$(MAN_PAGES))) \
		$(patsubst man/%,$(DESTDIR)$(MANDIR)/man5/%,$(filter %.5,$(MAN_PAGES))) \
		$(patsubst man/%,$(DESTDIR)$(MANDIR)/man7/%,$(filter %.7,$(MAN_PAGES))) \
		$(patsubst man/%,$(DESTDIR)$(MANDIR)/man8/%,$(filter %.8,$(MAN_PAGES))) \
		$(PROGRAMS:%=$(DESTDIR)$(BASHCOMPDIR)/%) \
		$(PROGRAMS:%=$(DESTDIR)$(ZSHCOMPDIR)/_%) \
		$(PROGRAMS:%=$(DESTDIR)$(FISHCOMPDIR)/%.fish) \
		$(UNITS:%=$(DESTDIR)$(SYSTEMDUNITDIR)/%) \
		$(DESTDIR)$(SYSTEMDUNITDIR)/lbctl-.service.d/sandbox.conf \
		$(DESTDIR)$(SYSTEMDUNITDIR)/lbctl-restore.service.d/vips.conf \
		$(DESTDIR)$(SYSTEMDUNITDIR)/nftables.service.d/lbctl.conf \
		$(OUTDATED:%=$(DESTDIR)$(SYSTEMDUNITDIR)/%) \
		$(CHECK_DROPINS:%=$(DESTDIR)$(SYSTEMDUNITDIR)/%/switch-user.conf) \
		$(DESTDIR)$(MODULESLOADDIR)/lbctl.conf \
		$(DESTDIR)$(SYSUSERSDIR)/lbctl.conf \
		$(EXAMPLES:%=$(DESTDIR)$(DOCDIR)/examples/%) \
		$(EXAMPLE_TREES:%=$(DESTDIR)$(DOCDIR)/examples/%) \
		$(DESTDIR)$(DOCDIR)/examples/lbctl.init
	$(Q)rmdir $(DESTDIR)$(LIBDIR)/lbctl $(DESTDIR)$(SYSCONFDIR)/lbctl \
		$(DESTDIR)$(SYSTEMDUNITDIR)/lbctl-.service.d \
		$(DESTDIR)$(SYSTEMDUNITDIR)/lbctl-restore.service.d \
		$(DESTDIR)$(SYSTEMDUNITDIR)/nftables.service.d \
		$(addprefix $(DESTDIR)$(SYSTEMDUNITDIR)/,$(CHECK_DROPINS)) \
		$(EXAMPLE_DIRS:%=$(DESTDIR)$(DOCDIR)/examples/%) \
		$(DESTDIR)$(DOCDIR)/examples $(DESTDIR)$(DOCDIR) 2>/dev/null || true

.PHONY: clean
clean: ## remove what was built
	$(Q)rm -rf $(O)

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | \
		awk -F'\t' '{ printf "  make %-16s %s\n", $$1, $$2 }'
	@echo
	@echo '  Variables: CC CFLAGS CPPFLAGS LDFLAGS, DESTDIR PREFIX SBINDIR'
	@echo '  LIBDIR INCLUDEDIR PKGCONFIGDIR MANDIR DOCDIR BASHCOMPDIR ZSHCOMPDIR'
	@echo '  FISHCOMPDIR SYSCONFDIR SYSTEMDUNITDIR MODULESLOADDIR'
	@echo '  O=build V=1 WERROR=1 SANITIZE=...'

-include $(shell find $(O)/obj -name '*.d' 2>/dev/null)
