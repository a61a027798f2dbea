#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
# lab: long
#
# A pair of directors with keepalived, by the files of lbctl-ha(7): clients go on
# while a director dies, and while it comes back without any connection.

load ../suite-helper
load ../install-here
# shellcheck source=tests/lab/pair.bash
source tests/lab/pair.bash

# So many connections that send, so many that are idle, and flows of UDP.
CONNECTIONS=100
FLOWS=5

setup_file() {
    pair_install
    export PREFIX PAIR_EXAMPLES
}

teardown_file() {
    rm -rf "$PREFIX"
}

setup() {
    lab_new "ha$BATS_TEST_NUMBER"
    PAIR_DELAY=$(scaled 8)
}

teardown() {
    [ "${BATS_TEST_COMPLETED:-}" ] || tail -n 30 "$LAB_DIR"/d?.{log,checks} || true
    lab_cleanup
}

# A line of TAP for people.
tell() {
    echo "# $BATS_TEST_DESCRIPTION: $*" >&3
}

# knows_all d1|d2: it lists all connections of these clients.
knows_all() {
    [ "$(pair_knows "$1" tcp)" -ge $((2 * CONNECTIONS)) ] &&
        [ "$(pair_knows "$1" udp)" -ge "$FLOWS" ]
}

lacks_vip() {
    ! pair_holds "$1" "$PAIR_VIP"
}

daemons_are() {
    [ "$(pair_daemons "$1")" = "$2" ]
}

# count WORD: the number after it in the last output.
count() {
    awk -v word="$1" '$1 == word { print $2 }' <<<"$output"
}

# answered REPORT: all flows have been answered in the last two seconds. Keeps the
# longest time without an answer in $gap.
answered() {
    local began=${EPOCHREALTIME/[.,]/} this
    sleep 2
    run_program traffic look "$1" || return
    this=$(count gap)
    ((this <= gap)) || gap=$this
    ((this < (${EPOCHREALTIME/[.,]/} - began) / 1000))
}

# clients_begin: and d2 knows them. What came before counts for no gap.
clients_begin() {
    pair_clients "$CONNECTIONS" "$FLOWS"
    within 20 knows_all d2
    traffic look "$PAIR_UDP" "$PAIR_ACTIVE" >/dev/null
}

# go_on WHEN: those that send are answered, and new ones. Tells how long not.
go_on() {
    local gap=0 udp_gap
    within 30 answered "$PAIR_UDP"
    [ "$(count silent)" -eq 0 ]
    udp_gap=$gap gap=0
    within 30 answered "$PAIR_ACTIVE"
    [ "$(count silent)" -eq 0 ]
    tell "$1: $(count lost) of $CONNECTIONS lost; without an answer: $gap ms by" \
        "TCP, $udp_gap ms by UDP"
    [ "$(count lost)" -eq 0 ]
    ok lab_in client traffic send tcp "$PAIR_VIP" 443 10
}

# The last look at all, after the idle ones have sent again.
none_is_lost() {
    run_program traffic stop "$PAIR_ACTIVE" "$PAIR_IDLE" "$PAIR_UDP"
    tell "lost of $CONNECTIONS active and of $CONNECTIONS idle connections:" \
        "$(count lost | xargs)"
    local each='s1 50 s2 50 silent 0 moved 0 lost 0'
    [[ $(grep -v gap <<<"$output" | xargs) == "$each $each s1 "*' silent 0 moved 0' ]] || {
        show_run
        return 1
    }
}

# entered d1|d2 INSTANCE COUNT: how often it became master since its start.
entered() {
    [ "$(grep -c "($2) Entering MASTER STATE" "$LAB_DIR/$1.log")" -eq "$3" ]
}

# returns_empty DAEMONS: d1 is booted anew, and gets all connections.
returns_empty() {
    pair_returns d1
    within 20 daemons_are d1 "$1"
    pair_push d2
    within 10 knows_all d1
    lacks_vip d1
}

# Runs the commands that lbctl-ha(7) names for verification.
commands_of_page() {
    local line lines
    mapfile -t lines < <(sed -n 's/^\.Dl # //p' man/lbctl-ha.7 | sed 's/\\-/-/g')
    [ "${#lines[@]}" -ge 5 ]
    for line in "${lines[@]}"; do
        ok lab_in d1 bash -c "$line"
    done
}

# dies_and_returns WAY: d1, while it has the VIP.
dies_and_returns() {
    pair_new dual-master
    within 20 pair_holds d1 "$PAIR_VIP"
    clients_begin
    [ "$1" != keepalived ] || commands_of_page
    pair_dies d1 "$1"
    within 20 pair_holds d2 "$PAIR_VIP"
    go_on 'it died'
    # The other VIP, which is at home there.
    ok lab_in client traffic send tcp 192.0.2.20 443 4
    returns_empty 'master 1, backup 2'
    within "$((PAIR_DELAY + 20))" pair_holds d1 "$PAIR_VIP"
    within 10 lacks_vip d2
    go_on 'it is back'
    none_is_lost
    entered d1 VI_1 1
    entered d2 VI_1 1
}

@test "keepalived takes the files" {
    local file
    lab_host d1
    lab_ip d1 'link add eth0 type dummy' 'link set eth0 multicast on' \
        'link add eth1 type dummy' 'link set eth1 multicast on'
    lab_up
    for file in "$PAIR_EXAMPLES"/keepalived/*/keepalived-?.conf; do
        ok lab_in d1 keepalived --config-test --use-file "$file"
    done
}

@test "keepalived is killed" {
    dies_and_returns keepalived
}

@test "the clients' network goes down" {
    dies_and_returns link
}

@test "the host is gone" {
    dies_and_returns host
}

@test "with NAT, the servers' network goes down, and the other one is stopped" {
    pair_new nat-pair
    within 20 pair_holds d1 "$PAIR_VIP"
    within 5 pair_holds d1 10.10.20.1
    within 5 daemons_are d1 'master 1'
    within 5 daemons_are d2 'backup 1'
    clients_begin
    # One of the two networks, and both addresses move.
    pair_dies d1 inner
    within 20 pair_holds d2 "$PAIR_VIP"
    within 5 pair_holds d2 10.10.20.1
    lacks_vip d1
    within 5 daemons_are d2 'master 1'
    go_on 'it died'
    # The one that comes back waits until it is needed.
    returns_empty 'backup 1'
    pair_dies d2 stop
    within 20 pair_holds d1 "$PAIR_VIP"
    within 5 daemons_are d1 'master 1'
    within 5 daemons_are d2 ''
    go_on 'the other one is stopped'
    none_is_lost
    entered d1 VI_OUT 1
    entered d2 VI_OUT 1
}
