#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Restoring under traffic: what stays is not touched, what is replaced is
# never missing.

load ../suite-helper

setup() {
    lab_new "live$BATS_TEST_NUMBER"
}

teardown() {
    lab_cleanup
}

on_director() {
    ok lab_in director "$@"
}

# restore: the ruleset on stdin becomes the director's state, without a word about
# schedulers that change.
restore() {
    cat >"$LAB_DIR/rules"
    on_director lbctl-restore --quiet "$LAB_DIR/rules"
}

# A media server's ruleset with that pool: pool_of SCHEDULER SERVER...
pool_of() {
    local scheduler=$1
    shift
    cat <<END
svc flush
mark flush
svc timeouts 900 120 300
mark add 1 --proto udp --dst $LAB_VIP --dport 50000:60000
svc add fwmark:1 --scheduler $scheduler
svc add-server fwmark:1 $* --forward nat
svc add tcp:$LAB_VIP:7880 --scheduler $scheduler
svc add-server tcp:$LAB_VIP:7880 $* --forward nat
END
}

@test "a connection and a flow live through any restore" {
    lab_balancer nat
    reserves lab_in director
    lab_serve_all tcp 7880
    lab_serve_all udp 50000:50010
    pool_of rr "${LAB_SERVERS[@]}" | restore
    for _ in 1 2 3; do
        lab_connect tcp "$LAB_VIP" 7880
        lab_connect udp "$LAB_VIP" 50003
    done
    # Other services, schedulers, weights, rules, timeouts; the order of lines.
    pool_of wlc "${LAB_SERVERS[@]}" | restore
    {
        pool_of wrr "${LAB_SERVERS[@]}"
        echo "svc add tcp:$LAB_VIP:7881"
        echo "svc add-server tcp:$LAB_VIP:7881 ${LAB_SERVERS[*]}"
        echo "svc change-server tcp:$LAB_VIP:7880 ${LAB_SERVERS[0]} --weight 0"
        echo "svc change-server fwmark:1 ${LAB_SERVERS[*]} --weight 9"
        echo "mark exclude --proto udp --dst $LAB_VIP --dport 51820"
        echo 'svc timeouts 800 100 200'
    } | restore
    pool_of sh "${LAB_SERVERS[2]}" "${LAB_SERVERS[0]}" "${LAB_SERVERS[1]}" | restore
    lab_in director lbctl-save >"$LAB_DIR/saved"
    for _ in {1..5}; do
        pool_of rr "${LAB_SERVERS[@]}" 10.10.20.99 | restore
        on_director lbctl-restore --quiet "$LAB_DIR/saved"
    done
    # A restore that fails is no exception.
    {
        pool_of lc "${LAB_SERVERS[@]}" 10.10.20.98
        echo 'svc add fwmark:9 --scheduler nonesuch'
    } >"$LAB_DIR/rules"
    fails 6 lab_in director lbctl-restore "$LAB_DIR/rules"
    lab_in director lbctl-save | diff "$LAB_DIR/saved" -
    lab_disconnect
    within 5 all_kept 6
}

all_kept() {
    [ "$(cat "$LAB_DIR"/connected* | grep -c ' kept$')" -eq "$1" ]
}

# hammer COMMAND: new connections, four at a time, while COMMAND is run on the
# director over and over. HAMMERED is how often.
hammer() {
    local sender
    HAMMERED=0
    lab_send tcp "$LAB_VIP" 7880 800 --window 4 --timeout 1000 \
        --source-ports "$((SOURCE_PORT += 1000))" >"$LAB_DIR/sent" &
    sender=$!
    while kill -0 "$sender" 2>/dev/null; do
        "$@" "$((HAMMERED++ % 2))"
    done
    wait "$sender" || true
    echo "replaced $HAMMERED times:" && cat "$LAB_DIR/sent"
    [ "$HAMMERED" -gt 2 ]
}
SOURCE_PORT=18000

refused_by() {
    hammer "$@" && grep refused "$LAB_DIR/sent"
}

# All servers are replaced: by s2 and s3, then by s1.
replace_pool() {
    lab_in director lbctl-restore "$LAB_DIR/pool$1"
}

# Its status is that of its last line.
replace_pool_by_ipvsadm() {
    lab_in director ipvsadm-restore <"$LAB_DIR/saved$1" || true
}

@test "a client sees no refusal while all servers of a pool are replaced" {
    local lost pool
    lab_balancer nat
    reserves lab_in director
    lab_serve_all tcp 7880
    pool_of rr "${LAB_SERVERS[0]}" >"$LAB_DIR/pool1"
    pool_of rr "${LAB_SERVERS[@]:1}" >"$LAB_DIR/pool0"
    for pool in 0 1; do
        on_director lbctl-restore "$LAB_DIR/pool$pool"
        lab_in director ipvsadm-save -n >"$LAB_DIR/saved$pool"
    done
    # A packet on its way to a server that goes is sent again.
    lab_in director sysctl -qw net.ipv4.vs.expire_nodest_conn=1
    hammer replace_pool
    [ "$(grep -c '^s[123] ' "$LAB_DIR/sent")" -eq 3 ]
    absent refused "$LAB_DIR/sent"
    # What was under way on a server that went is lost with it, no more.
    lost=$(awk '$1 == "lost" { print $2 }' "$LAB_DIR/sent")
    [ "$lost" -le $((4 * HAMMERED)) ]

    # What it is like otherwise, which shows that the test can fail.
    within 60 refused_by replace_pool_by_ipvsadm
}

@test "a director that comes up serves what was saved, by direct routing" {
    lab_balancer dr
    lab_serve_all tcp 443
    {
        echo 'svc timeouts 30 5 60'
        echo "svc add tcp:$LAB_VIP:443 --scheduler wrr --persistent 120"
        echo "svc add-server tcp:$LAB_VIP:443 ${LAB_SERVERS[0]} ${LAB_SERVERS[1]} --weight 2"
    } | restore
    lab_in director lbctl-save --output "$LAB_DIR/lbctl.rules"
    # The kernel forgets, as over a boot.
    lab_in director ipvsadm -C
    lab_in director ipvsadm --set 900 120 300
    on_director lbctl-restore "$LAB_DIR/lbctl.rules"
    lab_in director lbctl-save | diff "$LAB_DIR/lbctl.rules" -
    # Persistence: the client stays with one server.
    run_program lab_send tcp "$LAB_VIP" 443 20
    [ "$status" -eq 0 ]
    prints ' 20' 'lost 0'
}
