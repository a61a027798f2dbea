#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
# lab: long
#
# Real traffic through every forwarding method: TCP and UDP, IPv4 and IPv6, by
# address and by firewall mark. Each combination sends 30 requests through
# three servers under round robin and expects ten answers from each.

load ../suite-helper

setup() {
    lab_new "traffic$BATS_TEST_NUMBER"
}

teardown() {
    lab_cleanup
}

# What lab_send prints when three servers answered ten times each.
EVENLY=$'s1 10\ns2 10\ns3 10\nlost 0'

# Every send has source ports of its own: a client port that an earlier flow
# to the same address used would be taken for that flow, whose server is gone,
# and the kernel drops its packets without a word.
SOURCE_PORT=20000

sends_evenly() {
    local sent
    SOURCE_PORT=$((SOURCE_PORT + 100))
    sent=$(lab_send "$@" --source-ports "$SOURCE_PORT" | sort)
    [ "$sent" = "$(sort <<<"$EVENLY")" ] || {
        echo "lab_send $*: $sent"
        lab_in director lbctl-svc show --stats
        lab_in director lbctl-mark show
        return 1
    }
}

on_director() {
    ok lab_in director "$@"
}

# by_address PROTOCOL VIP PORT OPTIONS SERVER...
by_address() {
    local protocol=$1 vip=$2 port=$3 options
    local service=$protocol:$vip:$port
    read -ra options <<<"$4"
    shift 4
    [[ $vip == *:*:* ]] && service="$protocol:[$vip]:$port"
    on_director lbctl-svc add "$service" --scheduler rr
    on_director lbctl-svc add-server "$service" "$@" "${options[@]}"
    sends_evenly "$protocol" "$vip" "$port" 30
    on_director lbctl-svc delete "$service"
}

# by_mark PROTOCOL VIP PORTS OPTIONS SERVER...
by_mark() {
    local protocol=$1 vip=$2 ports=$3 options service=fwmark:7
    read -ra options <<<"$4"
    shift 4
    [[ $vip == *:*:* ]] && service=fwmark:7/inet6
    on_director lbctl-mark add 7 --proto "$protocol" --dst "$vip" --dport "$ports"
    on_director lbctl-svc add "$service" --scheduler rr
    on_director lbctl-svc add-server "$service" "$@" "${options[@]}"
    sends_evenly "$protocol" "$vip" "$ports" 30
    on_director lbctl-svc delete "$service"
    on_director lbctl-mark delete 7 --proto "$protocol" --dst "$vip" --dport "$ports"
}

# every_way OPTIONS: by address and by mark, both protocols, both families.
every_way() {
    local protocol
    for protocol in tcp udp; do
        by_address "$protocol" "$LAB_VIP" 7000 "$1" "${LAB_SERVERS[@]}"
        by_address "$protocol" "$LAB_VIP6" 7000 "$1" "${LAB_SERVERS6[@]}"
        by_mark "$protocol" "$LAB_VIP" 7000:7009 "$1" "${LAB_SERVERS[@]}"
        by_mark "$protocol" "$LAB_VIP6" 7000:7009 "$1" "${LAB_SERVERS6[@]}"
    done
}

serve_everything() {
    lab_serve_all tcp 7000:7009
    lab_serve_all udp 7000:7009
}

@test "nat carries tcp and udp, IPv4 and IPv6, by address and by mark" {
    lab_balancer nat
    serve_everything
    every_way '--forward nat'
}

@test "nat rewrites the port" {
    lab_balancer nat
    lab_serve_all tcp 8080
    on_director lbctl-svc add "tcp:$LAB_VIP:80" --scheduler rr
    on_director lbctl-svc add-server "tcp:$LAB_VIP:80" \
        "${LAB_SERVERS[@]/%/:8080}" --forward nat
    sends_evenly tcp "$LAB_VIP" 80 30
}

@test "direct routing carries tcp and udp, IPv4 and IPv6, by address and by mark" {
    lab_balancer dr
    serve_everything
    every_way '--forward dr'
}

@test "tunnels carry tcp and udp, IPv4 and IPv6, by address and by mark" {
    lab_balancer tun
    serve_everything
    every_way '--forward tun'
}

@test "tunnels of kind gre and gue carry traffic, with and without checksums" {
    lab_balancer tun
    serve_everything
    by_address udp "$LAB_VIP" 7000 \
        '--forward tun --tunnel gue --tunnel-port 6080' "${LAB_SERVERS[@]}"
    by_address tcp "$LAB_VIP" 7000 \
        '--forward tun --tunnel gue --tunnel-port 6080 --tunnel-checksum full' \
        "${LAB_SERVERS[@]}"
    by_address tcp "$LAB_VIP" 7000 \
        '--forward tun --tunnel gue --tunnel-port 6080 --tunnel-checksum remote' \
        "${LAB_SERVERS[@]}"
    by_address tcp "$LAB_VIP" 7000 '--forward tun --tunnel gre' "${LAB_SERVERS[@]}"
    # From here on the servers want checksums.
    lab_gre_checksums
    by_address udp "$LAB_VIP" 7000 \
        '--forward tun --tunnel gre --tunnel-checksum full' "${LAB_SERVERS[@]}"
}

@test "a tunnel crosses families: IPv4 clients, IPv6 servers and back" {
    lab_balancer tun
    serve_everything
    by_address tcp "$LAB_VIP" 7000 '--forward tun' "${LAB_SERVERS6[@]}"
    by_address tcp "$LAB_VIP6" 7000 '--forward tun' "${LAB_SERVERS[@]}"
}
