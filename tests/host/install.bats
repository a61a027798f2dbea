#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# What is installed, and systemd's own tools about it.

load ../suite-helper
load ../install-here

setup() {
    PREFIX=$BATS_TEST_TMPDIR
    UNITS=$PREFIX/lib/systemd/system
}

@test "install puts everything in its place, uninstall leaves nothing" {
    local file link root=$PREFIX/root
    cat >"$PREFIX/cc" <<'CC'
#!/bin/sh
while [ "$1" != -o ]; do shift; done
: >"$2"
CC
    chmod 755 "$PREFIX/cc"
    # What an earlier version had is for operators to choose now.
    mkdir -p "$root/usr/lib/systemd/system/lbctl-check.service.d"
    : >"$root/usr/lib/systemd/system/lbctl-check.service.d/wider.conf"
    # Names of ipvsadm that are somebody else's are not taken.
    mkdir -p "$root/usr/sbin"
    : >"$root/usr/sbin/ipvsadm-save"
    fails 2 make -s install-compat O="$O" CC="$PREFIX/cc" DESTDIR="$root" \
        PREFIX=/usr
    complains "$root/usr/sbin/ipvsadm-save exists and is not ours"
    [ ! -e "$root/usr/sbin/ipvsadm" ]
    rm "$root/usr/sbin/ipvsadm-save"
    ok make -s -o install install-compat DESTDIR="$root" PREFIX=/usr
    for link in sbin/ipvsadm{,-save,-restore} \
        share/man/man8/ipvsadm{,-save,-restore}.8 \
        share/bash-completion/completions/ipvsadm \
        share/fish/vendor_completions.d/ipvsadm.fish; do
        [[ $(readlink -e "$root/usr/$link") == */lbctl-ipvsadm* ]]
    done
    for file in sbin/lbctl-{restore,save,check} \
        lib/systemd/system/lbctl-{restore,reload,save}.service \
        lib/systemd/system/lbctl-{check,check-loop}.service \
        lib/systemd/system/lbctl-{restore.path,check.timer} \
        lib/systemd/system/lbctl-sync-push.{service,timer} \
        lib/systemd/system/lbctl-.service.d/sandbox.conf \
        lib/systemd/system/lbctl-restore.service.d/vips.conf \
        lib/systemd/system/lbctl-{check,check-loop}.service.d/switch-user.conf \
        share/doc/lbctl/examples/{lbctl-check.cron,checks.conf,wider.conf} \
        share/doc/lbctl/examples/sysctl.d/lbctl-{director,pair}.conf \
        share/doc/lbctl/examples/keepalived/restart.conf \
        share/doc/lbctl/examples/keepalived/{dual-master,nat-pair}/checks.conf \
        share/man/man7/lbctl-ha.7 share/man/man7/lbctl-recipes.7 \
        lib/{modules-load.d,sysusers.d}/lbctl.conf; do
        [ -f "$root/usr/$file" ]
    done
    [ -x "$root/usr/share/doc/lbctl/examples/lbctl.init" ]
    [ ! -e "$root/usr/lib/systemd/system/lbctl-check.service.d/wider.conf" ]
    [ "$(stat -c '%a %F' "$root/etc/lbctl")" = '755 directory' ]
    run grep -rE '@[A-Z]+@' "$root/usr/lib/systemd" "$root/usr/share/doc"
    [ "$status" -eq 1 ]
    grep -qx 'ExecStart=/usr/sbin/lbctl-restore /etc/lbctl/lbctl.rules' \
        "$root/usr/lib/systemd/system/lbctl-restore.service"
    # What the operator has written stays, and what another package has put.
    echo mine >"$root/etc/lbctl/lbctl.rules"
    rm "$root/usr/sbin/ipvsadm-save"
    echo theirs >"$root/usr/sbin/ipvsadm-save"
    make -s install-boot uninstall O="$O" DESTDIR="$root" PREFIX=/usr
    [ "$(find "$root" -type f -o -type l -o -name '*lbctl*' | sort)" = \
        "$root/etc/lbctl
$root/etc/lbctl/lbctl.rules
$root/usr/sbin/ipvsadm-save" ]
}

@test "lbctl-ha(7) names every file of its example, and no other" {
    local root=$PREFIX/share/doc/lbctl/examples
    install_here
    (cd "$root" && find keepalived sysctl.d -type f | sort) >"$PREFIX/installed"
    sed -n 's/^\.It Pa //p' man/lbctl-ha.7 | sort | diff "$PREFIX/installed" -
}

@test "systemd's own tools find no fault with the units" {
    local unit
    install_here
    # It judges those of this host along with them.
    answers 0 systemd-analyze verify --man=no \
        "$UNITS"/lbctl-*.{service,path,timer}
    [[ ${stderr:-} != *lbctl* ]]
    for unit in restore:30 reload:30 save:30 sync-push:30 check:33 check-loop:33; do
        ok systemd-analyze security --offline=yes --threshold="${unit#*:}" \
            "$UNITS/lbctl-${unit%:*}.service"
    done
    # Stopping changes nothing.
    run grep -r '^ExecStop' "$UNITS"
    [ "$status" -eq 1 ]
}
