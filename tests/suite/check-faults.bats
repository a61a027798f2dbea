#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Checks that are killed, run twice, short of something or lied to: no wrong
# verdict, and no wanted weight is lost.

load ../suite-helper

setup() {
    lab_alone
    rm -rf /run/lbctl
    for i in {1..5}; do
        alone ip addr add "10.1.0.$i/32" dev lo
    done
    # 10.9/16 answers nothing at all.
    alone ip link add silent type dummy
    alone ip link set silent up arp off
    alone ip route add 10.9.0.0/16 dev silent
    alone traffic serve s tcp 10.1.0.1 80 --report "$BATS_TEST_TMPDIR/s1"
    alone traffic serve s tcp 10.1.0.2 80 --report "$BATS_TEST_TMPDIR/s2"
    ok alone lbctl-svc add tcp:10.1.0.5:80
    ok alone lbctl-svc add-server tcp:10.1.0.5:80 10.1.0.1 --weight 3
    ok alone lbctl-svc add-server tcp:10.1.0.5:80 10.1.0.2 --weight 2
    ok alone lbctl-svc add-server tcp:10.1.0.5:80 10.1.0.3 --weight 5
}

teardown() {
    traffic stop "$BATS_TEST_TMPDIR"/s[0-9] >/dev/null || true
    umount /run/lbctl 2>/dev/null || true
    lab_not_alone
}

check() {
    alone lbctl-check tcp:10.1.0.5:80 --tcp 80 --timeout "$(scaled 1)" "$@"
}

weights_are() {
    local weights
    weights=$(alone ipvsadm -Sn | sed -n 's/^-a.* -w \(.*\)/\1/p' | xargs)
    [ "$weights" = "$1" ] || {
        echo "expected $1, is $weights"
        return 1
    }
}

@test "killed at any moment, the next run completes, and weights come back" {
    local delay
    for delay in 005 010 015 020 025 030 040 050 060 070 080 100 120 150; do
        timeout -s KILL "0.$delay" nsenter --net="/run/netns/$ALONE" -- \
            lbctl-check tcp:10.1.0.5:80 --tcp 80 --fall 1 --on-fail remove || true
    done
    answers 1 check --fall 1 --on-fail remove
    weights_are '3 2'
    for delay in 005 010 015 020 025 030 040 050 060 070 080 100 120 150; do
        timeout -s KILL "0.$delay" nsenter --net="/run/netns/$ALONE" -- \
            lbctl-check tcp:10.1.0.5:80 --tcp 80 --fall 1 --on-fail drain || true
    done
    alone traffic serve s tcp 10.1.0.3 80 --report "$BATS_TEST_TMPDIR/s3"
    answers 1 check --rise 3
    for delay in 005 010 015 020 025 030 040 050 060 070 080 100 120 150; do
        timeout -s KILL "0.$delay" nsenter --net="/run/netns/$ALONE" -- \
            lbctl-check tcp:10.1.0.5:80 --tcp 80 --rise 3 || true
    done
    answers 0 check --rise 1
    # Between the state that is saved and the kernel that is changed.
    without_leak_search
    traffic stop "$BATS_TEST_TMPDIR/s3" >/dev/null
    answers 1 check --fall 1 --on-fail remove
    weights_are '3 2'
    alone traffic serve s tcp 10.1.0.3 80 --report "$BATS_TEST_TMPDIR/s3"
    for delay in 1 2 3 4; do
        alone strace -f -o /dev/null -e "inject=setsockopt:signal=KILL:when=$delay" \
            lbctl-check tcp:10.1.0.5:80 --tcp 80 --rise 1 --on-fail remove || true
    done
    answers 0 check --rise 1 --on-fail remove
    alone ipvsadm -Sn | sort >"$BATS_TEST_TMPDIR/table"
    cat "$BATS_TEST_TMPDIR/table"
    grep -q 'r 10.1.0.1:80 -g -w 3' "$BATS_TEST_TMPDIR/table"
    grep -q 'r 10.1.0.2:80 -g -w 2' "$BATS_TEST_TMPDIR/table"
    grep -q 'r 10.1.0.3:80 -g -w 5' "$BATS_TEST_TMPDIR/table"
}

@test "runs side by side count one failure once, and do not hinder each other" {
    local jobs=() job
    ok alone lbctl-svc add-server tcp:10.1.0.5:80 10.9.0.1
    for _ in 1 2 3 4; do
        check --fall 2 2>>"$BATS_TEST_TMPDIR/said" 3>&- &
        jobs+=($!)
    done
    for job in "${jobs[@]}"; do wait "$job"; done
    [ ! -s "$BATS_TEST_TMPDIR/said" ]
    answers 0 alone lbctl-check show
    prints '10.9.0.1:80  failing 1/2'
    answers 1 check --fall 2
    weights_are '3 2 0 0'
}

@test "a full or read-only /run: nothing changes, and it is said" {
    mkdir -p /run/lbctl
    mount -t tmpfs -o size=16k run /run/lbctl
    head -c 20000 /dev/zero >/run/lbctl/full 2>/dev/null || true
    fails 3 check --fall 1
    complains 'No space left'
    weights_are '3 2 5'
    rm /run/lbctl/full
    mount -o remount,ro /run/lbctl
    fails 3 check --fall 1
    complains 'Read-only'
    weights_are '3 2 5'
    mount -o remount,rw /run/lbctl
    answers 1 check --fall 1
    weights_are '3 2 0'
}

@test "a damaged state, or one that others wrote, changes nothing by itself" {
    local state
    answers 1 check --fall 1 --on-fail remove
    weights_are '3 2'
    state=$(echo /run/lbctl/check/state.*)
    cp "$state" "$BATS_TEST_TMPDIR/state"
    # Half a line at the end: the rest is used, and who was taken out is in it.
    head -c -9 "$BATS_TEST_TMPDIR/state" >"$state"
    answers 1 check --fall 1 --on-fail remove
    complains 'was damaged'
    # Who is held stays so, until it has been seen to be well.
    cp "$BATS_TEST_TMPDIR/state" "$state"
    ok alone lbctl-svc add-server tcp:10.1.0.5:80 10.1.0.4 --weight 7
    answers 1 check --fall 1
    weights_are '3 2 0'
    rm "$state"
    answers 1 check --fall 3
    weights_are '3 2 0'
    ok alone lbctl-svc delete-server tcp:10.1.0.5:80 10.1.0.4
    for wrong in 'no state at all' '' "$(head -c 300 /dev/urandom | base64)"; do
        printf '%s' "$wrong" >"$state"
        answers 0 check --fall 1
        weights_are '3 2'
    done
    cp "$BATS_TEST_TMPDIR/state" "$state"
    chmod 666 "$state"
    answers 0 check --fall 1
    complains 'could have been written by others'
    # It is replaced by one that is ours alone.
    [ "$(stat -c %a "$state")" = 644 ]
}

@test "with 64 descriptors for 500 servers all are up, at any window" {
    local i
    alone ip route add local 10.2.0.0/16 dev lo
    alone traffic serve s tcp 0.0.0.0 81 --report "$BATS_TEST_TMPDIR/s4"
    {
        echo 'svc add tcp:10.1.0.5:81'
        for ((i = 0; i < 500; i++)); do
            echo "svc add-server tcp:10.1.0.5:81 10.2.$((i / 200)).$((i % 200 + 1)) --forward nat"
        done
    } >"$BATS_TEST_TMPDIR/rules"
    ok alone lbctl-restore "$BATS_TEST_TMPDIR/rules"
    # shellcheck disable=SC2016
    ok alone bash -c 'ulimit -n 64; lbctl-check tcp:10.1.0.5:81 --tcp 81 --fall 1'
    for i in 1 7 10000; do
        ok alone lbctl-check tcp:10.1.0.5:81 --tcp 81 --fall 1 --window "$i"
    done
    ok alone lbctl-check show --json
    json_is '[.checks[].servers[] | select(.state == "up")] | length' 500
}

@test "what this host cannot do is nobody's fault, and takes nobody out" {
    # No such interface, an address that is not ours, no such program.
    for wrong in '--interface nosuch0' '--source 192.0.2.77'; do
        # shellcheck disable=SC2086
        answers 1 check --fall 1 $wrong
        complains '3 of 3 servers could not be probed'
        weights_are '3 2 5'
    done
    answers 1 alone lbctl-check tcp:10.1.0.5:80 --exec /nonexistent --fall 1
    complains '3 of 3 servers could not be probed' 'No such file'
    weights_are '3 2 5'
    fails 5 alone setpriv --reuid 65534 --clear-groups --bounding-set -all \
        lbctl-check tcp:10.1.0.5:80 --tcp 80
    # Silence after a datagram that nobody has to answer proves nothing.
    alone socat -u UDP-RECV:90,bind=10.1.0.1 OPEN:/dev/null,append 3>&- &
    within 10 alone grep -q ' 0100010A:005A ' /proc/net/udp
    answers 1 alone lbctl-check tcp:10.1.0.5:80 --udp 90 --send ping --timeout "$(scaled 2)" --fall 1
    answers 1 alone lbctl-check show udp-90
    prints '10.1.0.1:90  new' '10.1.0.2:90  down' 'connection refused'
    weights_are '3 0 0'
    kill %%
}

@test "IPv6 servers are probed, drained and given back like others" {
    for i in 1 2; do
        alone ip -6 addr add "2001:db8::$i/128" dev lo nodad
    done
    alone traffic serve s tcp 2001:db8::1 80 --report "$BATS_TEST_TMPDIR/s5"
    ok alone lbctl-svc add fwmark:6/inet6
    ok alone lbctl-svc add-server fwmark:6/inet6 2001:db8::1 2001:db8::2 \
        --forward nat --weight 4
    ok alone lbctl-check fwmark:6/inet6 --ping --fall 1
    answers 1 alone lbctl-check fwmark:6/inet6 --tcp 80 --fall 1 --rise 1
    answers 1 alone lbctl-check show tcp-80
    prints '[2001:db8::1]:80  up' '[2001:db8::2]:80  down' 'onnection refused'
    run_program alone lbctl-svc show fwmark:6/inet6 --json
    json_is '[.services[0].servers[].weight] | join(" ")' '4 0'
    alone traffic serve s tcp 2001:db8::2 80 --report "$BATS_TEST_TMPDIR/s6"
    ok alone lbctl-check fwmark:6/inet6 --tcp 80 --fall 1 --rise 1
    run_program alone lbctl-svc show fwmark:6/inet6 --json
    json_is '[.services[0].servers[].weight] | join(" ")' '4 4'
}
