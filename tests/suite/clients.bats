#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
# lab: long
#
# Clients that go on sending while their server dies: they are served again,
# and whoever has a server that is back in time has lost nothing.

load ../suite-helper

setup() {
    lab_new "clients$BATS_TEST_NUMBER"
    lab_balancer nat
    lab_up
    FLOWS=$LAB_DIR/flows
}

teardown() {
    lab_cleanup
}

on_director() {
    ok lab_in director "$@"
}

# pool SERVICE [OPTION...]: of the first two servers.
pool() {
    local servers=("${LAB_SERVERS[@]:0:2}")
    SERVICE=$1
    [[ $SERVICE != *\[* ]] || servers=("${LAB_SERVERS6[@]:0:2}")
    on_director lbctl-svc add "$SERVICE" --scheduler rr "${@:2}"
    on_director lbctl-svc add-server "$SERVICE" "${servers[@]}" --forward nat
}

serve() {
    lab_serve "s$1" "s$1" "${2:-udp}" "${LAB_SERVERS[$1 - 1]}" 7000
}

# Nothing answers the probes of a server that is dead, and nothing refuses them.
dies() {
    lab_in "s$1" iptables-legacy -I INPUT -j DROP
    lab_in "s$1" ip6tables-legacy -I INPUT ! -p ipv6-icmp -j DROP
    lab_in "s$1" ip6tables-legacy -I INPUT -p ipv6-icmp \
        --icmpv6-type echo-request -j DROP
}
lives() {
    lab_in "s$1" iptables-legacy -F INPUT
}

# flows [ADDRESS]: six begin.
flows() {
    lab_in client traffic flow udp "${1:-$LAB_VIP}" 7000 6 --report "$FLOWS"
    within 10 has_flows 6
}

has_flows() {
    [ "$(lab_in director grep -c '^UDP' /proc/net/ip_vs_conn)" -ge "$1" ]
}

# flows_are TEXT: who answers them now.
flows_are() {
    run_program traffic stop "$FLOWS"
    [ "$(xargs <<<"$output")" = "$1" ] || {
        echo "expected: $1"
        show_run
        return 1
    }
}

check() {
    lab_in director lbctl-check "$SERVICE" --ping --timeout "$(scaled 1)" \
        --fall 1 --rise 1 "$@"
}

sysctl_is() {
    [ "$(lab_in director sysctl -n "net.ipv4.vs.$1")" = "$2" ]
}

@test "flows leave a server that is down for --cut-after, and the next finds it" {
    pool "udp:$LAB_VIP:7000"
    serve 1
    serve 2
    flows
    ok check --cut-after 2
    dies 1
    answers 1 check --cut-after 2
    run_program lab_in director lbctl-svc show "$SERVICE" --json
    json_is '[.services[0].servers[].runtime.effective_weight] | join(" ")' '0 1'
    sysctl_is expire_nodest_conn 0
    sleep 2.2
    answers 1 check --cut-after 2
    complains 'net.ipv4.vs.expire_nodest_conn is 1 now'
    sysctl_is expire_nodest_conn 1
    run_program lab_in director lbctl-check show
    prints 'net.ipv4.vs.expire_nodest_conn=1 is set by checks' removed
    run_program lab_in director lbctl-check show --json
    json_is '.sysctls[].name' net.ipv4.vs.expire_nodest_conn
    flows_are 's2 6 silent 0 moved 3'
    # Said once.
    answers 1 check --cut-after 2
    [[ ${stderr:-} != *expire_nodest_conn* ]]
    lives 1
    answers 0 check --cut-after 2
    run_program lab_in director lbctl-svc show "$SERVICE" --json
    json_is '[.services[0].servers[].runtime.effective_weight] | join(" ")' '1 1'
    answers 1 lab_in director lbctl-check reset --dry-run
    complains 'net.ipv4.vs.expire_nodest_conn would be 0 again'
    sysctl_is expire_nodest_conn 1
    on_director lbctl-check reset
    sysctl_is expire_nodest_conn 0
}

@test "a server that is back before --cut-after has lost no flow" {
    pool "udp:$LAB_VIP:7000"
    serve 1
    serve 2
    flows
    dies 1
    answers 1 check --cut-after 60
    lives 1
    answers 0 check --cut-after 60
    flows_are 's1 3 s2 3 silent 0 moved 0'
    sysctl_is expire_nodest_conn 0
}

@test "without --cut-after it is ten seconds for UDP, and never for TCP" {
    pool "udp:$LAB_VIP:7000"
    on_director lbctl-svc add "tcp:$LAB_VIP:7000" --scheduler rr
    on_director lbctl-svc add-server "tcp:$LAB_VIP:7000" \
        "${LAB_SERVERS[@]:0:2}" --forward nat
    local all=(lab_in director lbctl-check all --ping --timeout "$(scaled 1)"
        --fall 1)
    dies 1
    answers 1 "${all[@]}"
    sleep 10.2
    answers 1 "${all[@]}"
    run_program lab_in director lbctl-svc show "udp:$LAB_VIP:7000" --json
    json_is '[.services[0].servers[] | select(.runtime.removed | not)] | length' 1
    run_program lab_in director lbctl-svc show "tcp:$LAB_VIP:7000" --json
    json_is '[.services[0].servers[] | select(.runtime.removed | not)] | length' 2
    # Given, it is for TCP as well.
    answers 1 "${all[@]}" --cut-after 3
    run_program lab_in director lbctl-svc show "tcp:$LAB_VIP:7000" --json
    json_is '[.services[0].servers[] | select(.runtime.removed | not)] | length' 1
}

@test "a mark carries UDP unless all of its rules are for TCP" {
    local mark
    for mark in 1 2 3; do
        pool "fwmark:$mark"
    done
    on_director lbctl-mark add 1 --proto tcp --dst "$LAB_VIP" --dport 1:9
    on_director lbctl-mark add 2 --proto tcp --dst "$LAB_VIP" --dport 11:19
    on_director lbctl-mark add 2 --proto udp --dst "$LAB_VIP" --dport 11:19
    dies 1
    local all=(lab_in director lbctl-check all --ping --timeout "$(scaled 1)"
        --fall 1)
    answers 1 "${all[@]}"
    sleep 10.2
    answers 1 "${all[@]}"
    for mark in 1 2 3; do
        run_program lab_in director lbctl-svc show "fwmark:$mark" --json
        json_is '[.services[0].servers[] | select(.runtime.removed | not)] | length' $((mark == 1 ? 2 : 1))
    done
}

@test "known clients of a persistent service go to another server at once" {
    pool "tcp:$LAB_VIP:7000" --persistent 300
    serve 1 tcp
    serve 2 tcp
    local server
    run_program lab_in client traffic send tcp "$LAB_VIP" 7000 1
    server=${output:1:1}
    dies "$server"
    answers 1 check
    complains 'net.ipv4.vs.expire_quiescent_template is 1 now'
    run_program lab_in client traffic send tcp "$LAB_VIP" 7000 4
    [ "$(xargs <<<"$output")" = "s$((3 - server)) 4 lost 0" ]
    on_director lbctl-check reset
    sysctl_is expire_quiescent_template 0
    # Nobody is made to leave.
    answers 1 check --cut-after never
    sysctl_is expire_quiescent_template 0
}

@test "what the operator has set is left as it is" {
    pool "udp:$LAB_VIP:7000"
    lab_in director sysctl -qw net.ipv4.vs.expire_nodest_conn=1
    dies 1
    answers 1 check --cut-after 0
    [[ ${stderr:-} != *expire_nodest_conn* ]]
    on_director lbctl-check reset
    sysctl_is expire_nodest_conn 1
    # He has put back himself what a check has set.
    lab_in director sysctl -qw net.ipv4.vs.expire_nodest_conn=0
    fails 1 check --cut-after 0 --dry-run
    complains 'net.ipv4.vs.expire_nodest_conn would be set to 1'
    sysctl_is expire_nodest_conn 0
    answers 1 check --cut-after 0
    sysctl_is expire_nodest_conn 1
    lab_in director sysctl -qw net.ipv4.vs.expire_nodest_conn=0
    on_director lbctl-check reset
    [[ ${stderr:-} != *expire_nodest_conn* ]]
}

@test "flows go to the sorry server, and leave it again" {
    pool "udp:$LAB_VIP:7000"
    serve 1
    serve 2
    serve 3
    local options=(--cut-after 1 --sorry "${LAB_SERVERS[2]}")
    flows
    dies 1
    dies 2
    answers 1 check "${options[@]}"
    sleep 1.1
    answers 1 check "${options[@]}"
    flows_are 's3 6 silent 0 moved 6'
    flows
    lives 1
    answers 1 check "${options[@]}"
    sleep 1.1
    answers 1 check "${options[@]}"
    flows_are 's1 6 silent 0 moved 6'
}

@test "one-packet services have no flows to be cut" {
    pool "udp:$LAB_VIP:7000" --one-packet
    dies 1
    answers 1 check --cut-after 0
    run_program lab_in director lbctl-svc show "$SERVICE" --json
    json_is '[.services[0].servers[] | select(.runtime.removed | not)] | length' 2
    sysctl_is expire_nodest_conn 0
}

@test "IPv6 flows leave a dead server as well" {
    pool "udp:[$LAB_VIP6]:7000"
    lab_serve s1 s1 udp "${LAB_SERVERS6[0]}" 7000
    lab_serve s2 s2 udp "${LAB_SERVERS6[1]}" 7000
    flows "$LAB_VIP6"
    dies 1
    answers 1 check --cut-after 0
    flows_are 's2 6 silent 0 moved 3'
}

@test "drain --wait waits for flows of UDP that still send" {
    local mark
    pool "udp:$LAB_VIP:7000"
    serve 1
    serve 2
    flows
    answers 1 lab_in director lbctl-svc drain "$SERVICE" "${LAB_SERVERS[0]}" \
        --wait --timeout 2
    complains '0 active connections and 3 flows of UDP'
    traffic stop "$FLOWS" >/dev/null
    on_director lbctl-svc drain "$SERVICE" "${LAB_SERVERS[0]}" --wait \
        --timeout "$(scaled 30)"
    # Of a mark they are those that no other service has.
    pool fwmark:1
    on_director lbctl-mark add 1 --proto udp --dst "$LAB_VIP" --dport 7001
    for mark in 1 2; do
        lab_serve "s$mark" "s$mark" udp "${LAB_SERVERS[mark - 1]}" 7001
    done
    flows
    on_director lbctl-svc drain fwmark:1 "${LAB_SERVERS[1]}" --wait
    lab_in client traffic flow udp "$LAB_VIP" 7001 2 --report "$LAB_DIR/marked"
    within 10 has_flows 8
    answers 1 lab_in director lbctl-svc drain fwmark:1 "${LAB_SERVERS[0]}" \
        --wait --timeout 2
    complains '2 flows of UDP'
    traffic stop "$FLOWS" "$LAB_DIR/marked" >/dev/null
}

@test "a deletion says what becomes of those who are left" {
    pool "udp:$LAB_VIP:7000"
    serve 1
    serve 2
    flows
    lab_in director lbctl-save >"$LAB_DIR/all.rules"
    grep -v "${LAB_SERVERS[0]}" "$LAB_DIR/all.rules" >"$LAB_DIR/less.rules"
    answers 1 lab_in director lbctl-restore --dry-run "$LAB_DIR/less.rules"
    complains "$SERVICE: server ${LAB_SERVERS[0]}:7000: 3 remaining connections" \
        'sysctl -w net.ipv4.vs.expire_nodest_conn=1'
    answers 0 lab_in director lbctl-svc delete-server "$SERVICE" \
        "${LAB_SERVERS[0]}"
    complains '3 remaining connections and flows get no answer'
    flows_are 's2 3 silent 3 moved 0'
    on_director lbctl-restore "$LAB_DIR/all.rules"
    lab_in director sysctl -qw net.ipv4.vs.expire_nodest_conn=1
    flows
    on_director lbctl-svc delete-server "$SERVICE" "${LAB_SERVERS[0]}"
    flows_are 's2 6 silent 0 moved 3'
}
