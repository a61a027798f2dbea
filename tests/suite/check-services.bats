#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Which services and servers checks answer for: those that are empty or missing,
# and what files of servers say.

load ../suite-helper

setup() {
    lab_alone
    rm -rf /run/lbctl
    for i in {1..5}; do
        alone ip addr add "10.0.0.$i/32" dev lo
        [ "$i" -eq 5 ] || serve "$i"
    done
    TOLD=$BATS_TEST_TMPDIR/told
    printf '#!/bin/sh\necho "$1 $2 $4 $5" >>%s\n' "$TOLD" >"$BATS_TEST_TMPDIR/tell"
    chmod 755 "$BATS_TEST_TMPDIR/tell"
}

# serve I / stop I: 10.0.0.I takes connections on port 80, and no more.
serve() {
    alone traffic serve "s$1" tcp "10.0.0.$1" 80 --report "$BATS_TEST_TMPDIR/served$1"
}

stop() {
    traffic stop "$BATS_TEST_TMPDIR/served$1" >/dev/null
    rm -f "$BATS_TEST_TMPDIR/served$1"
}

teardown() {
    traffic stop "$BATS_TEST_TMPDIR"/served* >/dev/null || true
    lab_not_alone
}

# told_is LINE...: since the last time.
told_is() {
    [ "$(sort "$TOLD" 2>/dev/null)" = "$(printf '%s\n' "$@" | sort)" ] || {
        cat "$TOLD"
        return 1
    }
    rm -f "$TOLD"
}

table_is() {
    local expected
    expected=$(printf '%s\n' "$@")
    [ "$(alone ipvsadm -Sn)" = "$expected" ] || {
        alone ipvsadm -Sn
        return 1
    }
}

restore() {
    printf '%s\n' "$@" >"$BATS_TEST_TMPDIR/rules"
    ok alone lbctl-restore "$BATS_TEST_TMPDIR/rules"
}

V=192.0.2.10

three_services() {
    restore 'svc flush' "svc add tcp:$V:80 --scheduler rr" \
        "svc add-server tcp:$V:80 10.0.0.1 --forward nat" \
        "svc add tcp:$V:81 --scheduler rr"
}

@test "a service of several that is empty or missing is status 1, critical, and told once" {
    local check
    three_services
    check=(lbctl-check "tcp:$V:80" "tcp:$V:81" "tcp:$V:82" --name web --tcp 80
        --fall 1 --rise 1 --notify "$BATS_TEST_TMPDIR/tell")
    for quorum in '' '--quorum 1'; do
        # shellcheck disable=SC2086
        answers 1 alone "${check[@]}" $quorum
        told_is "quorum-lost tcp:$V:81 web it has no server" \
            "quorum-lost tcp:$V:82 web there is no such service"
        # shellcheck disable=SC2086
        answers 2 alone "${check[@]}" $quorum --nagios --textfile "$BATS_TEST_TMPDIR/web.prom"
        prints "LBCTL CRITICAL - 1 of 1 servers up; no server: tcp:$V:81; no such service: tcp:$V:82" \
            "'quorums_lost'=2"
        [ ! -e "$TOLD" ]
        for port in 80:1 81:0 82:0; do
            grep -q "^lbctl_check_servers_up{.*local_port=\"${port%:*}\".*check=\"web\"} ${port#*:}$" \
                "$BATS_TEST_TMPDIR/web.prom"
        done
        answers 1 alone lbctl-check show web
        prints "tcp:$V:81" "tcp:$V:82" quorum
        ok alone lbctl-check reset
    done

    # Back: told once.
    answers 1 alone "${check[@]}"
    rm "$TOLD"
    ok alone lbctl-svc add "tcp:$V:82"
    ok alone lbctl-svc add-server "tcp:$V:82" 10.0.0.1 --forward nat
    answers 1 alone "${check[@]}"
    told_is "quorum-gained tcp:$V:82 web "
    ok alone lbctl-svc add-server "tcp:$V:81" 10.0.0.1:80 --forward nat
    ok alone "${check[@]}"
    told_is "quorum-gained tcp:$V:81 web "
    ok alone lbctl-check show
}

@test "checks.conf: the sorry server of an empty service comes in and leaves" {
    local config=$BATS_TEST_TMPDIR/checks.conf
    three_services
    echo "tcp:$V:80 tcp:$V:81 tcp:$V:82 --name web --tcp 80 --fall 1 --rise 1" \
        "--sorry 10.0.0.9:80 --forward nat" >"$config"
    answers 2 alone lbctl-check run --config "$config" --nagios
    prints "no such service: tcp:$V:82"
    table_is "-A -t $V:80 -s rr" "-a -t $V:80 -r 10.0.0.1:80 -m -w 1" \
        "-A -t $V:81 -s rr" "-a -t $V:81 -r 10.0.0.9:80 -m -w 1"
    # It is not the service's own: still empty.
    answers 1 alone lbctl-check run --config "$config"
    ok alone lbctl-svc add-server "tcp:$V:81" 10.0.0.2:80 --forward nat --weight 2
    answers 1 alone lbctl-check run --config "$config"
    answers 1 alone lbctl-check run --config "$config"
    table_is "-A -t $V:80 -s rr" "-a -t $V:80 -r 10.0.0.1:80 -m -w 1" \
        "-A -t $V:81 -s rr" "-a -t $V:81 -r 10.0.0.2:80 -m -w 2"
}

@test "ranges miss ports that they had until a reset; all, a mark and IPv6" {
    restore 'svc flush' "svc add udp:$V:50" "svc add-server udp:$V:50 10.0.0.1 --forward nat" \
        "svc add udp:$V:52" "svc add-server udp:$V:52 10.0.0.1 --forward nat" \
        'svc add fwmark:1'
    ok alone lbctl-check "udp:$V:50:60" --tcp 80 --name range
    ok alone lbctl-svc delete "udp:$V:52"
    answers 2 alone lbctl-check "udp:$V:50:60" --tcp 80 --name range --nagios
    prints "no such service: udp:$V:52"
    ok alone lbctl-check reset range
    ok alone lbctl-check "udp:$V:50:60" --tcp 80 --name range
    # A member without a server.
    ok alone lbctl-svc add "udp:$V:53"
    answers 2 alone lbctl-check "udp:$V:50:60" --tcp 80 --name range --nagios
    prints "no server: udp:$V:53"
    ok alone lbctl-svc delete "udp:$V:53"

    answers 2 alone lbctl-check all --tcp 80 --name all --nagios
    prints 'no server: fwmark:1'
    ok alone lbctl-svc delete fwmark:1
    ok alone lbctl-check all --tcp 80 --name all --nagios
    lacks fwmark

    answers 2 alone lbctl-check "udp:$V:50" fwmark:1 'tcp:[2001:db8::1]:80' \
        --tcp 80 --name named --nagios
    prints 'no such service: tcp:[2001:db8::1]:80, fwmark:1'
    # A file whose server is not up yet leaves the service empty, which is down.
    ok alone lbctl-svc add fwmark:2
    echo 10.0.0.5 >"$BATS_TEST_TMPDIR/list"
    answers 2 alone lbctl-check fwmark:2 --tcp 80 --name file --fall 1 --nagios \
        --servers "$BATS_TEST_TMPDIR/list" --forward nat
    rm "$BATS_TEST_TMPDIR/list"
    answers 2 alone lbctl-check fwmark:2 --tcp 80 --name file --nagios \
        --servers "$BATS_TEST_TMPDIR/list"
    prints 'no server: fwmark:2'
}
