#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Standbys: checked servers that come in when too few others are up, by ranks.

load ../suite-helper

V=192.0.2.10

setup() {
    local i
    lab_alone
    rm -rf /run/lbctl
    alone ip addr add "$V/32" dev lo
    for i in 1 2 3 4 8 9; do
        alone ip addr add "10.0.0.$i/32" dev lo
        serve "$i"
    done
    ok alone lbctl-svc add "tcp:$V:80" --scheduler rr
    ok alone lbctl-svc add-server "tcp:$V:80" 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 --forward nat
}

teardown() {
    local report
    for report in "$BATS_TEST_TMPDIR"/served* "$BATS_TEST_TMPDIR/flows"; do
        traffic stop "$report" >/dev/null 2>&1 || true
    done
    lab_not_alone
}

# serve I... / stop I...: 10.0.0.I takes connections, and no more.
serve() {
    local i
    for i; do
        alone traffic serve "s$i" tcp "10.0.0.$i" 80 --report "$BATS_TEST_TMPDIR/served$i" 3>&-
    done
}
stop() {
    local i
    for i; do
        traffic stop "$BATS_TEST_TMPDIR/served$i" >/dev/null
        rm "$BATS_TEST_TMPDIR/served$i"
    done
}

check() {
    alone lbctl-check "tcp:$V:80" --name s --tcp 80 --fall 1 --rise 1 "$@"
}

# servers_are I=WEIGHT...: in the kernel, 10.0.0.I.
servers_are() {
    local servers
    servers=$(alone ipvsadm -Sn | sed -n 's/^-a.* -r 10.0.0.\([^:]*\):80.* -w \(.*\)/\1=\2/p' | sort | xargs)
    [ "$servers" = "$*" ] || {
        echo "expected $*, is $servers"
        return 1
    }
}

@test "a standby comes in when too few are up, and leaves without cutting anybody" {
    ok check --standby 10.0.0.9
    servers_are 1=1 2=1 3=1 4=1
    ok alone lbctl-check show s
    prints STANDBY '1, not in'
    stop 1 2
    answers 1 check --standby 10.0.0.9
    servers_are 1=0 2=0 3=1 4=1
    stop 3
    answers 1 check --standby 10.0.0.9 --dry-run
    prints "svc add-server tcp:$V:80 10.0.0.9"
    answers 1 check --standby 10.0.0.9 --textfile "$BATS_TEST_TMPDIR/x.prom"
    servers_are 1=0 2=0 3=0 4=1 9=1
    grep 'lbctl_standby_in_service{.*remote_address="10.0.0.9".*} 1' "$BATS_TEST_TMPDIR/x.prom"
    grep 'lbctl_standby_rank{.*remote_address="10.0.0.9".*} 1' "$BATS_TEST_TMPDIR/x.prom"
    answers 1 alone lbctl-check show s
    prints '1, in service' standby
    answers 1 alone lbctl-check show s --json
    json_is '[.checks[0].servers[] | select(.rank == 1) | .in_service] | tostring' '[true]'

    # Four callers, two of them on the standby, go on while it leaves.
    alone traffic flow tcp "$V" 80 4 --report "$BATS_TEST_TMPDIR/flows" 3>&-
    serve 1
    # Half of the first are up: not enough to send it away.
    answers 1 check --standby 10.0.0.9
    servers_are 1=1 2=0 3=0 4=1 9=1
    serve 2 3
    ok check --standby 10.0.0.9
    servers_are 1=1 2=1 3=1 4=1 9=0
    ok alone lbctl-svc show "tcp:$V:80"
    prints leaving:s
    ok check --standby 10.0.0.9
    servers_are 1=1 2=1 3=1 4=1 9=0
    run_program traffic stop "$BATS_TEST_TMPDIR/flows"
    prints 's4 2' 's9 2' 'silent 0' 'lost 0'
}

@test "ranks come in one after the other, from a file, and count for the quorum" {
    local file=$BATS_TEST_TMPDIR/standbys
    echo 'server 10.0.0.8 weight=3;' >"$file"
    local options=(--standby "$file" --standby 10.0.0.9 --quorum 2)
    ok check "${options[@]}"
    stop 1 2 3
    answers 1 check "${options[@]}"
    servers_are 1=0 2=0 3=0 4=1 8=3
    answers 1 alone lbctl-check show s
    lacks quorum
    stop 4
    answers 1 check "${options[@]}"
    servers_are 1=0 2=0 3=0 4=0 8=3 9=1
    # One that goes down leaves, and does not count.
    stop 8
    answers 1 check "${options[@]}"
    servers_are 1=0 2=0 3=0 4=0 8=0 9=1
    answers 1 alone lbctl-check show s
    prints quorum '2, in service'
    serve 1 2 3 4
    answers 1 check "${options[@]}"
    servers_are 1=1 2=1 3=1 4=1 9=0
    answers 1 check "${options[@]}"
    servers_are 1=1 2=1 3=1 4=1

    # A file that cannot be read sends nobody away.
    serve 8
    stop 1 2 3
    answers 1 check "${options[@]}"
    servers_are 1=0 2=0 3=0 4=1 8=3
    rm "$file"
    answers 1 check "${options[@]}"
    complains 'its pool is left as it is'
    servers_are 1=0 2=0 3=0 4=1 8=3
    # Reset sends all away, drained.
    ok alone lbctl-check reset s
    servers_are 1=1 2=1 3=1 4=1 8=0
}

@test "a backup of an nginx list comes in when no other is up" {
    local file=$BATS_TEST_TMPDIR/list
    printf 'server 10.0.0.%s:80;\n' 1 2 3 4 >"$file"
    echo 'server 10.0.0.9:80 backup;' >>"$file"
    ok check --servers "$file" --forward nat
    servers_are 1=1 2=1 3=1 4=1
    stop 1 2 3
    answers 1 check --servers "$file" --forward nat
    servers_are 1=0 2=0 3=0 4=1
    stop 4
    answers 1 check --servers "$file" --forward nat
    servers_are 1=0 2=0 3=0 4=0 9=1
    [ "$(alone traffic send tcp "$V" 80 10 | sort | xargs)" = 'lost 0 s9 10' ]
    serve 4
    answers 1 check --servers "$file" --forward nat
    servers_are 1=0 2=0 3=0 4=1 9=0
}

@test "what standbys cannot be is refused, and nothing is changed" {
    fails 2 check --standby 10.0.0.9 --standby-below 0
    complains --standby-below
    fails 2 check --standby 10.0.0.9 --standby-below 101%
    complains --standby-below
    fails 2 check --standby 10.0.0.9 --standby-above x
    complains --standby-above
    fails 2 check --standby 10.0.0.9 --standby-below 60 --standby-above 59
    complains '--standby-above 59 is less than --standby-below 60'
    fails 2 check --standby 10.0.0.9 --standby-above 49
    complains '--standby-below 50'
    fails 2 check --standby-below 50
    complains '--standby-below needs --standby'
    fails 2 check --standby standbys.conf
    complains "a FILE is named with a '/'"
    fails 2 check --standby 10.0.0.8,
    servers_are 1=1 2=1 3=1 4=1
    answers 1 check --standby ./missing
    complains missing
    servers_are 1=1 2=1 3=1 4=1
}
