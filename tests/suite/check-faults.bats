#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Checks that are killed, run twice, short of something or lied to: no wrong
# verdict, and no wanted weight is lost.

load ../suite-helper
load ../other-user

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
    NOTIFY=$BATS_TEST_TMPDIR/notify
    # shellcheck disable=SC2016
    printf '#!/bin/sh\n[ -z "$LBCTL_SERVER" ] || echo "$LBCTL_SERVER $LBCTL_EVENT" >>%s/notified\n' \
        "$BATS_TEST_TMPDIR" >"$NOTIFY"
    chmod 755 "$NOTIFY"
    ok alone lbctl-svc add tcp:10.1.0.5:80
    ok alone lbctl-svc add-server tcp:10.1.0.5:80 10.1.0.1 --weight 3
    ok alone lbctl-svc add-server tcp:10.1.0.5:80 10.1.0.2 --weight 2
    ok alone lbctl-svc add-server tcp:10.1.0.5:80 10.1.0.3 --weight 5
}

teardown() {
    jobs -p | xargs -r kill 2>/dev/null || true
    traffic stop "$BATS_TEST_TMPDIR"/s[0-9] >/dev/null || true
    umount /run/lbctl 2>/dev/null || true
    lab_not_alone
}

check() {
    alone lbctl-check tcp:10.1.0.5:80 --tcp 80 --timeout "$(scaled 1)" "$@"
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

# full_run COMMAND...: runs it while /run/lbctl has no room, or cannot be written.
full_run() {
    head -c 40000 /dev/zero >/run/lbctl/full 2>/dev/null || true
    "$@"
    rm -f /run/lbctl/full
}

read_only_run() {
    mount -o remount,ro /run/lbctl
    "$@"
    mount -o remount,rw /run/lbctl
}

@test "a full or read-only /run: dead servers are drained, and it is said" {
    local way why=('No space left' 'Read-only') number=0 drain='--on-fail drain'
    mkdir -p /run/lbctl
    mount -t tmpfs -o size=32k,mode=755 run /run/lbctl
    for way in full_run read_only_run; do
        # shellcheck disable=SC2086
        for drain in '--on-fail drain' '--on-fail remove'; do
            # Nothing but a drain is done: nobody would know of it later.
            $way fails 4 check --fall 1 $drain --sorry 10.1.0.4:80 --quorum 3 \
                --notify "$NOTIFY" --textfile "$BATS_TEST_TMPDIR/check.prom"
            complains "${why[number]}" '10.1.0.3:80: its weight cannot be saved' \
                'lbctl-svc change-server tcp:10.1.0.5:80 10.1.0.3:80 --weight 5'
            weights_are '3 2 0'
            [ "$(<"$BATS_TEST_TMPDIR/notified")" = '10.1.0.3:80 down' ]
            grep -q '^lbctl_check_up.*10.1.0.3.* 0$' "$BATS_TEST_TMPDIR/check.prom"
            # It is told once, and goes on being said.
            $way answers 4 check --fall 1 $drain --notify "$NOTIFY"
            [ "$(<"$BATS_TEST_TMPDIR/notified")" = '10.1.0.3:80 down' ]
            weights_are '3 2 0'
            # An operator's drain is refused, when its weight would be lost.
            $way fails 3 alone lbctl-svc drain tcp:10.1.0.5:80 10.1.0.1
            weights_are '3 2 0'
            ok alone lbctl-svc change-server tcp:10.1.0.5:80 10.1.0.3:80 --weight 5
            weights_are '3 2 5'
            rm "$BATS_TEST_TMPDIR/notified"
        done
        number=$((number + 1))
    done
    # With room again all is as ever: a sorry server alone, and weights come back.
    answers 1 check --fall 1 --sorry 10.1.0.4:80 --quorum 3
    weights_are '0 0 0 1'
    alone traffic serve s tcp 10.1.0.3 80 --report "$BATS_TEST_TMPDIR/s3"
    answers 0 check --rise 1 --sorry 10.1.0.4:80 --quorum 3
    answers 0 check --rise 1 --sorry 10.1.0.4:80 --quorum 3
    weights_are '3 2 5'
    traffic stop "$BATS_TEST_TMPDIR/s3" >/dev/null
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
    # Who is removed belongs to the service, whatever becomes of the state.
    for wrong in 'no state at all' '' "$(head -c 300 /dev/urandom | base64)"; do
        printf '%s' "$wrong" >"$state"
        answers 1 check --fall 1
        weights_are '3 2'
    done
    cp "$BATS_TEST_TMPDIR/state" "$state"
    chmod 666 "$state"
    answers 1 check --fall 1
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
    json_is '[.services[0].servers[].runtime.effective_weight] | join(" ")' '4 0'
    alone traffic serve s tcp 2001:db8::2 80 --report "$BATS_TEST_TMPDIR/s6"
    ok alone lbctl-check fwmark:6/inet6 --tcp 80 --fall 1 --rise 1
    run_program alone lbctl-svc show fwmark:6/inet6 --json
    json_is '[.services[0].servers[].runtime.effective_weight] | join(" ")' '4 4'
}

metrics_are_ours() {
    [ "$(stat -c %F:%a:%u:%g "$METRICS")" = 'regular file:644:0:0' ]
    grep -q '^lbctl_check_up' "$METRICS"
}

@test "metrics in a folder of another user touch nothing of root's" {
    other_user
    METRICS=$THEIRS/lbctl.prom
    answers 1 check --fall 1 --textfile "$METRICS"
    metrics_are_ours
    as_nobody cat "$METRICS" >/dev/null
    # Whatever has the name, the new file takes it.
    as_nobody ln -sf "$VICTIM" "$METRICS"
    answers 1 check --fall 1 --textfile "$METRICS"
    metrics_are_ours
    victim_is_well
    mknod -m 666 "$BATS_TEST_TMPDIR/null" c 1 3
    as_nobody ln -sf "$BATS_TEST_TMPDIR/null" "$METRICS"
    answers 1 check --fall 1 --textfile "$METRICS"
    metrics_are_ours
    theirs "$METRICS"
    (umask 077 && answers 1 check --fall 1 --textfile "$METRICS")
    metrics_are_ours
    # Neither a FIFO nor a folder is waited for or written to.
    as_nobody rm "$METRICS"
    as_nobody mkfifo "$METRICS"
    fails 3 timeout 100 nsenter --net="/run/netns/$ALONE" -- \
        lbctl-check tcp:10.1.0.5:80 --tcp 80 --timeout 1 --fall 1 \
        --textfile "$METRICS"
    complains "$METRICS: cannot be written: it is not a regular file"
    weights_are '3 2 0'
    # A link of root's own in a folder of its own leads where it leads.
    ln -s theirs/other.prom "$BATS_TEST_TMPDIR/own.prom"
    answers 1 check --fall 1 --textfile "$BATS_TEST_TMPDIR/own.prom"
    [ -L "$BATS_TEST_TMPDIR/own.prom" ]
    METRICS=$THEIRS/other.prom metrics_are_ours
    [ -z "$(find "$THEIRS" -name '.lbctl*')" ]
}

@test "metrics whose name another user swaps all the time harm no other file" {
    local swapper
    other_user
    METRICS=$THEIRS/lbctl.prom
    # Not by counting in i, which bats' run (1.8) counts in as well.
    for _ in {1..12}; do
        theirs "$METRICS"
        as_nobody ln -sf "$VICTIM" "$THEIRS/b"
        swap_as_nobody "$METRICS" "$THEIRS/b" &
        swapper=$!
        answers 1 check --fall 1 --textfile "$METRICS"
        kill "$swapper"
        wait "$swapper" || true
        victim_is_well
    done
}

@test "a list of servers is quoted in no message, whoever owns it" {
    other_user
    echo 'root:salt.secret:19000:0:99999:7:::' >"$VICTIM"
    as_nobody ln -s "$VICTIM" "$THEIRS/up.conf"
    answers 1 check --fall 1 --servers "$THEIRS/up.conf"
    complains "$THEIRS/up.conf:1: this is not an address"
    [[ ${stderr:-} != *secret* && ${stderr:-} != *salt* ]]
    weights_are '3 2 0'
    # What is no file is not even opened.
    rm "$THEIRS/up.conf"
    mknod -m 600 "$BATS_TEST_TMPDIR/device" c 1 5
    as_nobody ln -s "$BATS_TEST_TMPDIR/device" "$THEIRS/up.conf"
    answers 1 check --fall 1 --servers "$THEIRS/up.conf"
    complains 'not a regular file'
}

@test "checks.conf, and what is kept, are believed only if none but root can write" {
    local conf=$BATS_TEST_TMPDIR/conf
    other_user
    echo 'tcp:10.1.0.5:80 --tcp 80 --timeout 1 --fall 1' >"$conf"
    answers 1 alone lbctl-check --config "$conf"
    cp "$conf" "$THEIRS/conf"
    fails 2 alone lbctl-check --config "$THEIRS/conf"
    complains "others than root can write $THEIRS" "chown root: $THEIRS"
    ln -s "$THEIRS/conf" "$BATS_TEST_TMPDIR/linked"
    fails 2 alone lbctl-check --config "$BATS_TEST_TMPDIR/linked"
    ln -s conf "$BATS_TEST_TMPDIR/own"
    answers 1 alone lbctl-check --config "$BATS_TEST_TMPDIR/own"
    chown 65534 /run/lbctl
    fails 3 alone lbctl-check --config "$conf"
    complains '/run/lbctl: others than root can write it'
    chown 0 /run/lbctl
    chown 65534 /run/lbctl/check
    fails 3 alone lbctl-check --config "$conf"
    complains '/run/lbctl/check: others than root can write it'
    rm -rf /run/lbctl
    # Made anew, all may read it, whatever the umask.
    (umask 077 && answers 1 alone lbctl-check --config "$conf")
    [ "$(stat -c %a /run/lbctl /run/lbctl/check)" = $'755\n755' ]
    answers 1 alone setpriv --reuid=65534 --regid=65534 --clear-groups \
        "$PWD/$O/bin/lbctl-check" show
    prints 10.1.0.3
}
