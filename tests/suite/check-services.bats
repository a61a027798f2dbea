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
    # shellcheck disable=SC2016
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

# follow FILE [OPTION...]: a run by a file of servers.
follow() {
    alone lbctl-check "tcp:$V:80" --name n --tcp 80 --fall 1 --rise 1 \
        --servers "$1" --forward nat "${@:2}"
}

@test "nginx lists: backups stand by, and two upstreams are no pool" {
    local list=$BATS_TEST_TMPDIR/servers.conf
    ok alone lbctl-svc add "tcp:$V:80" --scheduler rr
    printf '%s\n' 'server 10.0.0.1:80 weight=1 max_fails=3;' 'server 10.0.0.3:80 backup;' >"$list"
    ok follow "$list"
    ok follow "$list"
    table_is "-A -t $V:80 -s rr" "-a -t $V:80 -r 10.0.0.1:80 -m -w 1"
    ok alone lbctl-check show n
    prints '10.0.0.3:80' '1, not in'
    ok alone lbctl-check show n --json
    json_is '.checks[0].servers[1].rank' 1
    json_is '.checks[0].servers[1].in_service' false

    # Nothing of these changes the pool.
    printf '%s\n' 'server 10.0.0.3:80 backup;' 'server 10.0.0.4:80 backup;' >"$list"
    fails 1 follow "$list"
    complains "$list:1: it lists only backup servers; its pool is left as it is"
    printf '%s\n' 'upstream web {' '    server 10.0.0.1:80;' '}' \
        'upstream api {' '    server 10.0.0.2:80;' '}' >"$list"
    fails 1 follow "$list"
    complains "$list:4: upstream 'api' is another pool than upstream 'web' in line 1" \
        '--upstream NAME'
    fails 1 follow "$list" --upstream none
    complains "$list: it has no upstream of that name"
    table_is "-A -t $V:80 -s rr" "-a -t $V:80 -r 10.0.0.1:80 -m -w 1"
    ok follow "$list" --upstream api
    ok follow "$list" --upstream api
    table_is "-A -t $V:80 -s rr" "-a -t $V:80 -r 10.0.0.2:80 -m -w 1"
    fails 2 alone lbctl-check "tcp:$V:80" --tcp 80 --upstream api
    complains '--servers'

    # In the middle of other words; a word that only begins like it.
    printf '%s\n' 'server 10.0.0.1:80 max_fails=3 backup weight=2;' 'server 10.0.0.2:80 backups;' >"$list"
    fails 1 follow "$list"
    complains "$list:2: nginx does not know a word in this line"
    table_is "-A -t $V:80 -s rr" "-a -t $V:80 -r 10.0.0.2:80 -m -w 1"

    # Of a service by mark.
    ok alone lbctl-svc add fwmark:3 --scheduler rr
    printf '%s\n' 'server 10.0.0.1;' 'server 10.0.0.2 drain;' 'server 10.0.0.4 backup;' >"$list"
    answers 0 alone lbctl-check fwmark:3 --name m --tcp 80 --servers "$list" --forward nat || {
        alone lbctl-check show
        alone ipvsadm -Sn
        false
    }
    table_is "-A -t $V:80 -s rr" "-a -t $V:80 -r 10.0.0.2:80 -m -w 1" \
        '-A -f 3 -s rr' '-a -f 3 -r 10.0.0.1:0 -m -w 1'
}

@test "a server turns into a backup and back while it has a connection" {
    local list=$BATS_TEST_TMPDIR/servers.conf
    ok alone lbctl-svc add "tcp:$V:80" --scheduler rr
    alone ip addr add "$V/32" dev lo
    printf 'server %s;\n' 10.0.0.1:80 10.0.0.2:80 >"$list"
    ok follow "$list"
    for _ in 1 2; do
        nsenter --net="/run/netns/$ALONE" -- traffic hold tcp "$V" 80 60 >/dev/null 2>&1 3>&- &
    done
    sleep "$(scaled 1)"
    sed -i 's/10.0.0.2:80/& backup/' "$list"
    answers 0 follow "$list"
    ok follow "$list"
    table_is "-A -t $V:80 -s rr" "-a -t $V:80 -r 10.0.0.1:80 -m -w 1" \
        "-a -t $V:80 -r 10.0.0.2:80 -m -w 0"
    ok alone lbctl-svc show "tcp:$V:80"
    prints 'leaving:n'
    sed -i 's/ backup//' "$list"
    ok follow "$list"
    table_is "-A -t $V:80 -s rr" "-a -t $V:80 -r 10.0.0.1:80 -m -w 1" \
        "-a -t $V:80 -r 10.0.0.2:80 -m -w 1"
    jobs -p | xargs -r kill 2>/dev/null || true
    wait || true
}
