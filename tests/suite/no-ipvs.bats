#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
# lab: without ip_vs
#
# A kernel without IPVS and without a mangle table. Runs first and alone in
# the lab, before anything has loaded a module.

load ../suite-helper

# The kernel loads no module, and nothing that a program starts finds any.
setup() {
    [ ! -e /proc/net/ip_vs ] || skip 'this kernel has ip_vs already'
    MODPROBE=$(</proc/sys/kernel/modprobe)
    MODULES=$(readlink -f /lib/modules)
    mount -t tmpfs none "$MODULES"
    echo /bin/false >/proc/sys/kernel/modprobe
}

teardown() {
    [ -n "${MODPROBE:-}" ] || return 0
    echo "$MODPROBE" >/proc/sys/kernel/modprobe
    umount "$MODULES" || true
}

# lacking COMMAND...: says in two lines what this host lacks, with status 6.
lacking() {
    fails 6 "$@"
    [ -z "$output" ]
    complains "$1: " "$1: hint: "
    [ "$(grep -c . <<<"${stderr:-}")" -eq 2 ]
    [ ! -e /proc/net/ip_vs ]
}

@test "without IPVS every command on it says so with status 6" {
    lacking lbctl-svc
    complains IPVS 'modprobe ip_vs'
    lacking lbctl-svc show tcp:192.0.2.1:80
    lacking lbctl-svc add tcp:192.0.2.1:80
    lacking lbctl-svc add-server tcp:192.0.2.1:80 10.0.0.1
    lacking lbctl-svc flush
    lacking lbctl-svc --dry-run delete tcp:192.0.2.1:80
    lacking lbctl-svc connections
    lacking lbctl-svc timeouts
    lacking lbctl-svc timeouts 900 120 300
    lacking lbctl-sync show
    lacking lbctl-sync start master --dev lo
    lacking lbctl-save --only svc
    lacking lbctl-restore - <<<'svc add tcp:192.0.2.1:80'
    # Nothing to restore is restored.
    ok lbctl-restore /dev/null
    fails 6 lbctl-svc --json drain tcp:192.0.2.1:80 10.0.0.1
    [ "$(jq '.error.status' <<<"${stderr:-}")" -eq 6 ]
    fails 6 lbctl-svc show --watch 1
    # Nothing is left behind that a later drain would trip over.
    [ -z "$(find /run/lbctl -name 'holds*')" ]
}

@test "without IPVS a real server has its status and saves, and loads nothing" {
    ip addr show dev lo | grep -q 127.0.0.1 || ip link set lo up
    fails 6 lbctl-vip add 192.0.2.10 --real-server --tunnel ipip
    complains '192.0.2.10: the kernel has no tunnels of kind ipip' 'modprobe ipip'
    fails 6 lbctl-vip add 192.0.2.10 --real-server --tunnel gue --tunnel-port 6080
    complains '192.0.2.10: the kernel has no fou' 'modprobe fou'
    ok lbctl-restore --quiet scripts/boot/dr-server.rules
    ok lbctl-vip delete 192.168.50.100
    ok lbctl-vip add 192.0.2.10 --real-server
    ok lbctl status
    prints 'not available: IPVS is not loaded' 192.0.2.10
    answers 0 lbctl-save
    complains 'IPVS is not loaded: services, sync daemons and timeouts are left out'
    prints 'vip add 192.0.2.10 --real-server'
    lacks svc sync
    lbctl-save --quiet >"$BATS_TEST_TMPDIR/saved"
    ok lbctl-restore --dry-run "$BATS_TEST_TMPDIR/saved"
    ok lbctl-vip flush
    ok lbctl status
    [ ! -e /proc/net/ip_vs ]
}

@test "without IPVS help, versions and mistakes are as ever" {
    local program
    for program in lbctl lbctl-svc lbctl-sync lbctl-mark lbctl-save lbctl-restore; do
        ok "$program" --help
        prints "$program"
        ok "$program" --version
        prints "$program "
    done
    ok lbctl-svc add --help
    prints --scheduler
    fails 2 lbctl-svc add tcp:192.0.2.1
    complains 'tcp:192.0.2.1'
    fails 2 lbctl-sync start master
}

@test "without IPVS lbctl-ipvsadm helps, tells its version and mistakes" {
    ok lbctl-ipvsadm -h
    prints 'IPVS v1.2.1' '--add-service'
    ok lbctl-ipvsadm -v
    [ "$output" = 'ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v1.2.1)' ]
    fails 2 lbctl-ipvsadm -A
    complains "You need to supply the 'service-address' option"
    local command
    for command in -Ln -Sn -C -Z '-A -t 192.0.2.1:80' '-L --timeout'; do
        # shellcheck disable=SC2086 # words
        fails 2 lbctl-ipvsadm $command
        [ -z "$output" ]
        complains "Can't initialize ipvs: Protocol not available"
    done
    fails 2 lbctl-ipvsadm -R <<<'-A -t 192.0.2.1:80'
    complains "Can't initialize ipvs: "
    [ ! -e /proc/net/ip_vs ]
}

@test "without ip_tables and nf_tables mark rules say so with status 6" {
    [ ! -e /proc/net/ip_tables_names ] || skip 'this kernel has ip_tables already'
    lacking lbctl-mark add 1 --proto udp --dport 53 -4
    complains 'neither nf_tables nor ip_tables'
    lacking lbctl-mark exclude --proto udp --dport 53 -6
    lacking lbctl-mark add 1 --backend nft --proto udp
    complains nf_tables
    lacking lbctl-mark add 1 --backend iptables --proto udp
    complains mangle
    # A module that may be there cannot be loaded: a privilege is missing.
    fails 5 setpriv --bounding-set=-all,+net_admin,+net_raw --inh-caps=-all \
        lbctl-mark add 1 --backend iptables --proto udp --dport 53 -4
    complains CAP_SYS_MODULE 'modprobe iptable_mangle'
    # Where there is no table there are no rules, which is no failure to show.
    ok lbctl-mark show
    [ -z "$output" ]
    # Nor to save, nor to have restored.
    ok lbctl-save --only mark
    prints 'mark flush'
    ok lbctl-restore - <<<'mark flush'
    fails 6 lbctl-restore - <<<'mark add 1 --proto udp --dport 53 -4'
}

@test "without ip_tables mark rules are in nf_tables" {
    [ ! -e /proc/net/ip_tables_names ] || skip 'this kernel has ip_tables already'
    teardown
    ok lbctl-mark add 1 --proto udp --dport 53
    nft list table inet lbctl | grep -q 'udp dport 53'
    ok lbctl-mark show
    prints 53
    ok lbctl-mark flush
    # Nobody has loaded it meanwhile.
    [ ! -e /proc/net/ip_tables_names ]
    rmmod nf_tables || true
}

@test "a rule with --snat warns without IPVS, and loads it where it can" {
    local rule=(9 --proto udp --dport 53 --snat --backend nft)
    teardown
    modprobe -a nf_tables nft_chain_nat nft_masq nft_ct
    setup
    answers 0 lbctl-mark add "${rule[@]}"
    complains 'the kernel has no IPVS' 'sysctl -w net.ipv4.vs.conntrack=1'
    [ ! -e /proc/net/ip_vs ]
    ok lbctl-mark flush
    teardown
    ok lbctl-mark add "${rule[@]}"
    [ -e /proc/net/ip_vs ]
    [ "$(sysctl -n net.ipv4.vs.conntrack)" -eq 1 ]
    ok lbctl-mark flush
    [ "$(sysctl -n net.ipv4.vs.conntrack)" -eq 0 ]
    rmmod ip_vs
}

@test "what is only not loaded yet is loaded" {
    teardown
    ok lbctl-svc add tcp:192.0.2.1:80 --scheduler lblcr
    run_program ipvsadm -Sn
    prints '-A -t 192.0.2.1:80 -s lblcr'
    ok lbctl-svc flush
    rmmod ip_vs_lblcr
}
