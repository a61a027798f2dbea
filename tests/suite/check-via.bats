#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# Probes of the service's address on each server: by direct routing, tunnels and
# NAT, of IPv4 and IPv6. The second server has the address, but nobody listens.

load ../suite-helper

PORT=1935

setup() {
    lab_new "via$BATS_TEST_NUMBER"
}

teardown() {
    lab_cleanup
}

serve_first() {
    lab_serve s1 s1 tcp "${LAB_ANSWER[0]}" "$1"
    lab_serve s1 s1 tcp "${LAB_ANSWER6[0]}" "$1"
}

on_director() {
    ok lab_in director "$@"
}

# probe VIP SERVER... -- OPTION...: one run with --via-vip of a service with
# these servers, whose options follow.
probe() {
    local vip=$1 servers=()
    shift
    [[ $vip != *:* ]] || vip="[$vip]"
    while [ "$1" != -- ]; do
        servers+=("$1")
        shift
    done
    shift
    on_director lbctl-svc add "tcp:$vip:$PORT" --scheduler rr
    on_director lbctl-svc add-server "tcp:$vip:$PORT" "${servers[@]}" "$@"
    answers 1 lab_in director lbctl-check "tcp:$vip:$PORT" --tcp "$PORT" \
        --via-vip --timeout "$(scaled 1)" --fall 1 --name via
}

forget() {
    lab_in director lbctl-check reset
    lab_in director lbctl-svc flush
}

# verdicts: "up -", or "down WHY" of each server.
verdicts() {
    run_program lab_in director lbctl-check show --json via
    output=$(json '.checks[].servers[] | "\(.last_verdict) \(.message)"')
}

# finds VIP SERVER... -- OPTION...: the first is up and the second down, and no
# private service stays.
finds() {
    probe "$@"
    [ -z "$stderr" ] || {
        echo "$*"
        show_run
        return 1
    }
    verdicts
    [ "$output" = $'up \ndown connection refused' ] || {
        echo "$*: $output"
        return 1
    }
    [ "$(lab_in director ipvsadm -Sn | grep -c -- '-f')" -eq 0 ]
    forget
}

@test "via the VIP by direct routing, IPv4 and IPv6" {
    lab_balancer dr
    serve_first "$PORT"
    lab_in director sysctl -qw net.ipv4.conf.front.accept_local=1
    finds "$LAB_VIP" "${LAB_SERVERS[@]:0:2}" --
    finds "$LAB_VIP6" "${LAB_SERVERS6[@]:0:2}" --
    # A strict filter takes what comes from the network that the VIP is in.
    lab_in director sysctl -qw net.ipv4.conf.front.rp_filter=1
    finds "$LAB_VIP" "${LAB_SERVERS[@]:0:2}" --
}

@test "via the VIP by tunnels, of one family and of two" {
    local first first6
    lab_balancer tun
    first=("${LAB_SERVERS[@]:0:2}") first6=("${LAB_SERVERS6[@]:0:2}")
    serve_first "$PORT"
    lab_in director sysctl -qw net.ipv4.conf.back.accept_local=1
    finds "$LAB_VIP" "${first[@]}" -- --forward tun
    finds "$LAB_VIP6" "${first6[@]}" -- --forward tun
    finds "$LAB_VIP" "${first6[@]}" -- --forward tun
    finds "$LAB_VIP6" "${first[@]}" -- --forward tun
    finds "$LAB_VIP" "${first[@]}" -- --forward tun --tunnel gre
    finds "$LAB_VIP6" "${first6[@]}" -- --forward tun --tunnel gre
    finds "$LAB_VIP" "${first[@]}" -- --forward tun --tunnel gue --tunnel-port 6080
    finds "$LAB_VIP6" "${first6[@]}" -- --forward tun --tunnel gue --tunnel-port 6080
}

@test "via the VIP by NAT, to another port" {
    lab_balancer nat
    serve_first 8080
    finds "$LAB_VIP" "${LAB_SERVERS[0]}:8080" "${LAB_SERVERS[1]}:8080" -- --forward nat
    finds "$LAB_VIP6" "[${LAB_SERVERS6[0]}]:8080" "[${LAB_SERVERS6[1]}]:8080" -- --forward nat
}

@test "what keeps answers from coming in is said" {
    lab_balancer tun
    serve_first "$PORT"
    probe "$LAB_VIP" "${LAB_SERVERS[@]:0:2}" -- --forward tun
    complains 'sysctl -w net.ipv4.conf.back.accept_local=1'
    lab_in director sysctl -qw net.ipv4.conf.back.accept_local=1
    forget
    lab_in director sysctl -qw net.ipv4.conf.back.rp_filter=1
    probe "$LAB_VIP" "${LAB_SERVERS[@]:0:2}" -- --forward tun
    complains 'sysctl -w net.ipv4.conf.back.rp_filter=2'
    lab_in director sysctl -qw net.ipv4.conf.back.rp_filter=2
    forget
    finds "$LAB_VIP" "${LAB_SERVERS[@]:0:2}" -- --forward tun
}
