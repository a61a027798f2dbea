#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# VIPs that are withdrawn while a quorum is lost, or for maintenance.

load ../suite-helper

V=192.0.2.10

setup() {
    lab_alone
    rm -rf /run/lbctl
    alone ip link add d0 type veth peer name d1
    alone ip link set d0 up
    alone ip link set d1 up
    alone ip addr add 10.0.0.1/32 dev lo
    alone ip addr add 10.0.0.2/32 dev lo
    serve 1 2
    ok alone lbctl-vip add "$V" --dev d0 --no-probe --announce 0
    ok alone lbctl-svc add "tcp:$V:80" --scheduler rr
    ok alone lbctl-svc add-server "tcp:$V:80" 10.0.0.1 10.0.0.2 --forward nat
}

teardown() {
    cat /run/lbctl/vips.* 2>/dev/null || true
    traffic stop "$BATS_TEST_TMPDIR"/served* >/dev/null 2>&1 || true
    lab_not_alone
    rm -rf /run/lbctl
}

serve() {
    local i
    for i; do
        alone traffic serve "s$i" tcp "10.0.0.$i" 80 --report "$BATS_TEST_TMPDIR/served$i"
    done
}
stop() {
    local i
    for i; do
        traffic stop "$BATS_TEST_TMPDIR/served$i" >/dev/null
    done
}

check() {
    alone lbctl-check "tcp:$V:80" --name w --tcp 80 --fall 1 --rise 1 --withdraw "$V" "$@"
}

# there / withdrawn [VIP]: the host has the address, and so the route; or not.
there() {
    [ "$(alone ip -o route show table local "${1:-$V}" | wc -l)" -eq 1 ]
}
withdrawn() {
    [ "$(alone ip -o route show table local "$V" | wc -l)" -eq 0 ]
}

# withdraw: by a run that finds both servers down.
withdraw() {
    stop 1 2
    answers 1 check "$@"
    withdrawn
}

# withdraw_again: when only the first was up.
withdraw_again() {
    stop 1
    answers 1 check
    withdrawn
}

# all_answer COUNT: requests to the VIP.
all_answer() {
    alone traffic send tcp "$V" 80 "$1" | grep -qx 'lost 0'
}

@test "a VIP is there while the quorum holds" {
    ok check
    there
    all_answer 20
    stop 1
    answers 1 check
    there
    all_answer 20
    stop 2
    answers 1 check --dry-run
    prints "vip withdraw $V --reason quorum:w"
    there
    answers 1 check --textfile "$BATS_TEST_TMPDIR/x.prom"
    withdrawn
    grep -x 'lbctl_vip_withdrawn{vip="192.0.2.10",check="w"} 1' "$BATS_TEST_TMPDIR/x.prom"
    ok alone lbctl-vip show
    prints withdrawn quorum:w
    ok alone lbctl-vip show --json
    json_is '.vips[0].runtime.withdrawn | tostring' '["quorum:w"]'
    answers 1 alone lbctl-check show w
    prints "VIP $V is withdrawn by w"
    answers 1 alone lbctl-check show w --json
    json_is '.checks[0].vip_withdrawn' true

    # Saved as it is when it is there, and restored as withdrawn.
    ok alone lbctl-save
    prints "vip add $V --dev d0 --announce 0 --no-probe"
    echo "$output" >"$BATS_TEST_TMPDIR/saved"
    ok alone lbctl-restore "$BATS_TEST_TMPDIR/saved"
    withdrawn
    ok alone lbctl-vip replace "$V" --dev d0 --no-probe --announce 1
    withdrawn
    answers 1 check
    withdrawn

    serve 1
    answers 1 check --dry-run
    prints "vip return $V"
    answers 1 check
    there
    all_answer 20
    ok alone lbctl-vip show
    lacks withdrawn
}

@test "clients find the VIP again when a quorum of servers is back" {
    ok check --quorum 2
    stop 1
    answers 1 check --quorum 2
    withdrawn
    run_program alone traffic send tcp "$V" 80 4 --timeout 300
    [ "$status" -ne 0 ]
    serve 1
    ok check --quorum 2
    there
    all_answer 20
}

@test "a file withdraws a VIP for maintenance" {
    local file=$BATS_TEST_TMPDIR/maintenance
    touch "$file"
    ok check --maintenance "$file"
    withdrawn
    ok alone lbctl-vip show
    prints maintenance:w
    withdraw --maintenance "$file"
    rm "$file"
    answers 1 check --maintenance "$file"
    withdrawn
    serve 1 2
    ok check --maintenance "$file"
    there
}

@test "reset brings a VIP back, and one that is deleted is forgotten" {
    withdraw
    ok alone lbctl-check reset w
    there
    answers 1 check
    withdrawn
    ok alone lbctl-vip delete "$V"
    withdrawn
    answers 1 check
    [ -z "$stderr" ]
    withdrawn
    ok alone lbctl-vip add "$V" --dev d0 --no-probe --announce 0
    there
    answers 1 check
    withdrawn
    # By hand, it is there until the next run.
    alone ip addr add "$V/32" dev d0
    answers 1 check
    withdrawn
    serve 1 2
    ok check
    there
    ok alone lbctl-vip delete "$V"
    withdrawn
    ok check
}

@test "what is not known withdraws nothing and brings nothing back" {
    answers 1 check --interface nowhere0
    there
    withdraw
    serve 1 2
    answers 1 check --interface nowhere0
    withdrawn
}

@test "a VIP that cannot come back keeps no server out" {
    withdraw
    alone ip link del d0
    serve 1
    answers 1 check
    complains 'no such interface'
    [ "$(alone ipvsadm -Sn | grep -c -- '-r 10.0.0.1:80 -m -w 1')" -eq 1 ]
    # It comes back when it can.
    alone ip link add d0 type veth peer name d1
    alone ip link set d0 up
    answers 1 check
    there
    # What is withdrawn is deleted like any other.
    withdraw_again
    ok alone lbctl-vip flush
    ok alone lbctl-vip show
    lacks "$V"
}

@test "a VIP that is not lbctl's is left alone" {
    fails 2 alone lbctl-check "tcp:$V:80" --tcp 80 --maintenance /run/x
    complains '--maintenance needs --withdraw'
    fails 2 alone lbctl-check "tcp:$V:80" --tcp 80 --withdraw vip
    complains --withdraw
    answers 1 alone lbctl-check "tcp:$V:80" --tcp 80 --withdraw 192.0.2.99
    complains '192.0.2.99: lbctl holds no such VIP to withdraw' 'lbctl-vip add 192.0.2.99'
    alone ip addr add 192.0.2.20/32 dev d0
    answers 1 alone lbctl-check "tcp:$V:80" --tcp 80 --withdraw 192.0.2.20
    complains '192.0.2.20: lbctl holds no such VIP'
    answers 0 alone lbctl-vip add 192.0.2.20 --dev d0 --no-probe --announce 0
    complains 'd0 had this address already'
    stop 1 2
    answers 1 alone lbctl-check "tcp:$V:80" --tcp 80 --fall 1 --withdraw 192.0.2.20
    complains '192.0.2.20: d0 had this address before lbctl'
    there 192.0.2.20
}
