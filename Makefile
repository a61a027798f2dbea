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

PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig
MANDIR ?= $(PREFIX)/share/man
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d
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
HARDEN := -fstack-protector-strong -fstack-clash-protection
ifeq ($(SANITIZE),)
HARDEN += $(if $(findstring _FORTIFY_SOURCE,$(CFLAGS) $(CPPFLAGS)),,$(if \
	$(findstring -O,$(filter-out -O0,$(CFLAGS))),-D_FORTIFY_SOURCE=2))
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
	$(HARDEN) $(SANITIZER) -MMD -MP \
	-DLBCTL_VERSION='"$(VERSION)"'
BASE_LDFLAGS := $(SANITIZER) -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack \
	-Wl,--as-needed

LIB_CFLAGS = $(BASE_CFLAGS) -Ilib -Ilib/include \
	$(call pkg_cflags,libnl-3.0 libnl-genl-3.0)
LIB_LIBS = $(call pkg_libs,libnl-genl-3.0 libnl-3.0)
IPTABLES_CFLAGS = $(LIB_CFLAGS) $(call pkg_cflags,libip4tc libip6tc xtables)
IPTABLES_LIBS = $(call pkg_libs,libip4tc libip6tc)
XTABLES_LIBS = $(call pkg_libs,xtables)
CMD_CFLAGS = $(BASE_CFLAGS) -Icmd -Ilib/include \
	$(call pkg_cflags,popt jansson smartcols)
CMD_LIBS = $(call pkg_libs,popt jansson smartcols)
TEST_CFLAGS = $(BASE_CFLAGS) -Ilib -Ilib/include -Icmd -Itests/unit \
	$(call pkg_cflags,cmocka libnl-3.0 libnl-genl-3.0 jansson popt)
TEST_LIBS = $(call pkg_libs,cmocka)

# ---- What there is ---------------------------------------------------------------

LIB_OBJECTS := $(patsubst %.c,$(O)/obj/%.o,$(wildcard lib/*.c))
IPTABLES_OBJECTS := $(patsubst %.c,$(O)/obj/%.o,$(wildcard lib/iptables/*.c))
XTABLES_OBJECTS := $(patsubst %.c,$(O)/obj/%.o,$(wildcard lib/xtables/*.c))
COMMON_OBJECTS := $(patsubst %.c,$(O)/obj/%.o,$(wildcard cmd/common/*.c))
# What programs with private parts are made of: cmd/svc/*.c for lbctl-svc.
part_objects = $(patsubst %.c,$(O)/obj/%.o,$(wildcard \
	cmd/$(patsubst lbctl-%,%,$(1))/*.c))
PROGRAMS := $(patsubst cmd/%.c,%,$(wildcard cmd/*.c))
UNIT_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test-*.c))
UNIT_COMMON := $(patsubst %.c,$(O)/obj/%.o,\
	$(filter-out tests/unit/test-%,$(wildcard tests/unit/*.c)))
LAB_TOOLS := $(patsubst tests/lab/%.c,%,$(wildcard tests/lab/*.c))
BENCH_TOOLS := $(patsubst tests/bench/%.c,%,$(wildcard tests/bench/*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz-*.c))
MAN_PAGES := $(wildcard man/*.[1-8])

LIBRARY := $(O)/lib/$(SONAME)
STATIC := $(O)/lib/libipvsctl.a
MODULE := $(O)/lib/lbctl/marks-iptables.so
HELPER := $(O)/lib/lbctl/xtables
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
all: $(LIBRARY) $(MODULE) $(HELPER) $(BINARIES) $(O)/lib/ipvsctl.pc

$(O)/obj/lib/iptables/%.o $(O)/obj/lib/xtables/%.o: \
	OBJECT_CFLAGS = $(IPTABLES_CFLAGS)
$(O)/obj/lib/%.o: OBJECT_CFLAGS = $(LIB_CFLAGS)
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
		-Wl,-soname,$(SONAME) -Wl,--version-script=lib/ipvsctl.map \
		-Wl,--no-undefined-version -o $@ $(LIB_OBJECTS) $(LIB_LIBS)
	$(Q)ln -sf $(SONAME) $(@D)/libipvsctl.so

$(STATIC): $(LIB_OBJECTS)
$(COMMON): $(COMMON_OBJECTS)
$(STATIC) $(COMMON):
	$(call say,AR)
	$(Q)mkdir -p $(@D)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# The backend's own objects and, from the archive, the helpers it uses.
$(MODULE): $(IPTABLES_OBJECTS) $(STATIC)
	$(call say,LD)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(BASE_LDFLAGS) $(UNDEFINED) $(LDFLAGS) -shared \
		-Wl,--exclude-libs,ALL -o $@ $^ $(IPTABLES_LIBS) $(LIB_LIBS)

$(HELPER): $(XTABLES_OBJECTS)
	$(call say,LD)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(BASE_LDFLAGS) $(UNDEFINED) $(LDFLAGS) -pie -rdynamic \
		-o $@ $^ $(XTABLES_LIBS)

# Installed programs are linked again, without the build tree's run path.
link_program = $(CC) $(CFLAGS) $(BASE_LDFLAGS) $(UNDEFINED) $(LDFLAGS) -pie \
	$(2) -o $(1) $(O)/obj/cmd/$(3).o $(call part_objects,$(3)) $(COMMON) \
	$(LIBRARY) $(CMD_LIBS)

.SECONDEXPANSION:
$(BINARIES): $(O)/bin/%: $(O)/obj/cmd/%.o $$(call part_objects,$$*) \
		$(COMMON) $(LIBRARY)
	$(call say,LD)
	$(Q)mkdir -p $(@D)
	$(Q)$(call link_program,$@,-Wl$(comma)-rpath$(comma)'$$ORIGIN/../lib',$*)
comma := ,

$(O)/lib/ipvsctl.pc: lib/ipvsctl.pc.in Makefile VERSION
	$(call say,GEN)
	$(Q)mkdir -p $(@D)
	$(Q)sed -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
		-e 's|@VERSION@|$(VERSION)|' $< >$@

include $(wildcard scripts/*.mk)

-include $(shell find $(O)/obj -name '*.d' 2>/dev/null)
