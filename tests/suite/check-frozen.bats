#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Runs that are stopped for longer than their timeouts: a server that answers
# stays in, whatever kind of probe asks it, and one that is dead is found dead.

load ../suite-helper

TIMEOUT=10
FREEZE=14

setup() {
    lab_new "frozen$BATS_TEST_NUMBER"
    lab_balancer nat
    CGROUP=$LAB_DIR/cgroup/run
    mkdir "$LAB_DIR/cgroup"
    mount -t cgroup2 none "$LAB_DIR/cgroup"
    mkdir "$CGROUP"
    serve_all
    ok lab_in director lbctl-svc add fwmark:1
    ok lab_in director lbctl-svc add-server fwmark:1 "${LAB_SERVERS[0]}" \
        --forward nat --weight 3
    ok lab_in director lbctl-svc add-server fwmark:1 "${LAB_SERVERS[1]}" \
        --forward nat --weight 2
    # Nobody has what the second server is asked.
    lab_in director ip neigh replace "${LAB_SERVERS[1]}" dev back \
        lladdr 02:00:00:00:00:99 nud permanent
    write_checks
    # Each packet to a server takes its time.
    lab_in director tc qdisc add dev back root netem delay 1500ms
}

teardown() {
    echo 0 >"$CGROUP/cgroup.freeze" || true
    echo 1 >"$CGROUP/cgroup.kill" || true
    within 10 rmdir "$CGROUP" || true
    umount "$LAB_DIR/cgroup" || true
    lab_cleanup
}

# in_background HOST COMMAND...: until the network ends.
in_background() {
    nsenter --net="/run/netns/$LAB_PREFIX-$1" -- "${@:2}" \
        >/dev/null 2>&1 </dev/null 3>&- &
}

serve_all() {
    local at=${LAB_SERVERS[0]} port
    lab_serve s1 s1 tcp "$at" 80
    lab_serve s1 s1 udp "$at" 5000
    lab_in s1 hostile --background "$at" 8080 ok "$at" 25 smtp 3>&- >/dev/null
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
        -nodes -days 30 -keyout "$LAB_DIR/key" -out "$LAB_DIR/pem" \
        -subj /CN=s1 2>/dev/null
    for port in 443 444; do
        in_background s1 openssl s_server -quiet -www -accept "$at:$port" \
            -cert "$LAB_DIR/pem" -key "$LAB_DIR/key"
    done
    # Answers that anything is 192.0.2.1.
    # shellcheck disable=SC2016
    printf '%s\n' 'use IO::Socket::INET;' \
        '$s = IO::Socket::INET->new(LocalAddr => $ARGV[0], LocalPort => 53,' \
        '    Proto => "udp") or die; while (defined $s->recv($q, 512)) {' \
        'substr($q, 2, 2) = "\x81\x80"; substr($q, 6, 2) = "\0\1";' \
        '$s->send($q . "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\1"); }' \
        >"$LAB_DIR/dns.pl"
    in_background s1 perl "$LAB_DIR/dns.pl" "$at"
    # Gives up who does not ask within four seconds.
    # shellcheck disable=SC2016
    printf '%s\n' '$| = 1; print "220 s1\r\n" if @ARGV; alarm 4;' \
        '$_ = <STDIN>; print "250 s1\r\n" if @ARGV; ' \
        'print "HTTP/1.0 200 OK\r\n\r\n" unless @ARGV;' >"$LAB_DIR/ask.pl"
    in_background s1 socat "TCP-LISTEN:8081,bind=$at,fork,reuseaddr" \
        "EXEC:perl $LAB_DIR/ask.pl"
    in_background s1 socat "TCP-LISTEN:26,bind=$at,fork,reuseaddr" \
        "EXEC:perl $LAB_DIR/ask.pl smtp"
    within 60 all_listen
}

all_listen() {
    [ "$(lab_in s1 ss -Hltun | wc -l)" -eq 9 ]
}

write_checks() {
    # shellcheck disable=SC2016
    printf '%s\n' '#!/bin/sh' "echo >>$LAB_DIR/runs" 'sleep 3' \
        '[ "$LBCTL_SERVER" = 10.10.20.11 ]' \
        >"$LAB_DIR/program"
    chmod 755 "$LAB_DIR/program"
    sed "s/.*/fwmark:1 --fall 1 --rise 1 --timeout $TIMEOUT &/" \
        >"$LAB_DIR/checks" <<END
--tcp 80
--udp 5000 --send 1 --expect s1
--ping
--dns www.example.net
--http 8080
--tls 443 --insecure
--https 444 --insecure
--smtp 25
--exec $LAB_DIR/program
--http 8081 --name impatient-http
--smtp 26 --name impatient-smtp
END
}

# The run stands in a cgroup of its own.
start() {
    rm -f "$LAB_DIR/runs"
    # shellcheck disable=SC2016
    nsenter --net="/run/netns/$LAB_PREFIX-director" -- bash -c '
        echo $$ >"$1/cgroup.procs"
        exec lbctl-check --config "$2"' run "$CGROUP" "$LAB_DIR/checks" \
        >"$LAB_DIR/said" 2>&1 3>&- &
    RUN=$!
    within 60 test -s "$LAB_DIR/runs"
    within 5 are_connecting
}

# The requests are on their way; those to the silent server stay so.
are_connecting() {
    [ "$(lab_in director ss -Htn state syn-sent | wc -l)" -ge 7 ]
}

# Every kind finds the first server up and the second down.
all_is_well() {
    local status=0 verdicts
    wait "$RUN" || status=$?
    cat "$LAB_DIR/said"
    [ "$status" -eq 1 ]
    run_program lab_in director lbctl-check show --json
    # The $ is jq's.
    # shellcheck disable=SC2016
    verdicts=$(json '.checks[] | .name as $name | .servers[] |
        "\($name) \(.server) \(.state) \(.message)"')
    echo "$verdicts"
    [ "$(grep -c '10.10.20.11[:0-9]* up' <<<"$verdicts")" -eq 11 ]
    [ "$(grep -c '10.10.20.12[:0-9]* down' <<<"$verdicts")" -eq 11 ]
    [ "$(lab_in director ipvsadm -Sn | sed -n 's/^-a.* -w //p' | xargs)" = '3 0' ]
    ok lab_in director lbctl-check reset
}

signal_run() {
    local pid
    while read -r pid; do
        [ "$(cat "/proc/$pid/comm")" != lbctl-check ] || kill "-$1" "$pid"
    done <"$CGROUP/cgroup.procs"
}

@test "a run that SIGSTOP stops drains nobody who answers" {
    start
    signal_run STOP
    sleep "$FREEZE"
    signal_run CONT
    all_is_well
}

@test "a run that is frozen with its programs drains nobody who answers" {
    start
    echo 1 >"$CGROUP/cgroup.freeze"
    within 10 grep -q 'frozen 1' "$CGROUP/cgroup.events"
    sleep "$FREEZE"
    echo 0 >"$CGROUP/cgroup.freeze"
    all_is_well
}
