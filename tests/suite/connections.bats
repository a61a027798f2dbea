#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# The list of connections: what the kernel has of real traffic, whole and
# filtered.

load ../suite-helper

setup() {
    lab_new "connections$BATS_TEST_NUMBER"
    lab_balancer nat
}

teardown() {
    lab_cleanup
}

on_director() {
    ok lab_in director "$@"
}

# found COUNT OPTION...: so many connections pass the filters.
found() {
    local count=$1
    shift
    on_director lbctl-svc connections "$@"
    # A line of headings, if there is anything under them.
    [ "${#lines[@]}" -eq $((count ? count + 1 : 0)) ] || {
        echo "expected $count connections: $*"
        show_run
        return 1
    }
}

@test "connections are those of the kernel, chosen by what is known of them" {
    # Nobody has connected yet.
    found 0
    on_director lbctl-svc connections --json
    json_is '.version, (.connections | length)' $'1\n0'
    local i
    for i in 0 1 2; do
        lab_serve "s$((i + 1))" "s$((i + 1))" tcp "${LAB_SERVERS[i]}" 7000:7001
        lab_serve "s$((i + 1))" "s$((i + 1))" tcp "${LAB_SERVERS6[i]}" 7000
        lab_serve "s$((i + 1))" "s$((i + 1))" udp "${LAB_SERVERS[i]}" 7000
    done
    lab_ip client 'addr add 172.31.36.9/24 dev front'
    lab_up
    local web=tcp:$LAB_VIP:7000 web6="tcp:[$LAB_VIP6]:7000" dns=udp:$LAB_VIP:7000
    local every=tcp:$LAB_VIP:0
    local service
    for service in "$web" "$dns"; do
        on_director lbctl-svc add "$service" --scheduler rr
        on_director lbctl-svc add-server "$service" "${LAB_SERVERS[@]}" --forward nat
    done
    on_director lbctl-svc add "$web6" --scheduler rr
    on_director lbctl-svc add-server "$web6" "${LAB_SERVERS6[@]}" --forward nat
    lab_connect tcp "$LAB_VIP" 7000
    lab_connect tcp "$LAB_VIP" 7000 --from 172.31.36.9
    lab_connect tcp "$LAB_VIP6" 7000
    lab_send udp "$LAB_VIP" 7000 5
    lab_send tcp "$LAB_VIP" 7000 2 --from 172.31.36.9

    # The same as ipvsadm lists, in another dress.
    on_director lbctl-svc connections --json
    json '.connections[] | "\(.protocol | ascii_upcase) \(.state) " +
        "\(.client_address) \(.client_port) \(.service_address) " +
        "\(.service_port) \(.server_address) \(.server_port)"' |
        sort >"$LAB_DIR/ours"
    lab_in director ipvsadm -Lnc |
        sed -nE 's/[][]//g; s/^(TCP|UDP) +[0-9:]+ +([A-Z_]+) +(.*):([0-9]+) +(.*):([0-9]+) +(.*):([0-9]+)$/\1 \2 \3 \4 \5 \6 \7 \8/p' |
        sort | diff - "$LAB_DIR/ours"
    [ "$(wc -l <"$LAB_DIR/ours")" -eq 10 ]
    json_is '[.connections[] | select(.state == "ESTABLISHED") | .expires_seconds > 600] | unique | join(" ")' true
    on_director lbctl-svc connections --client "$LAB_CLIENT6"
    [[ "$(tr -s ' ' <<<"$output")" == *"
tcp [$LAB_CLIENT6]:"*" [$LAB_VIP6]:7000 [2001:db8:2::1"[123]"]:7000 ESTABLISHED "1[0-9]:[0-9][0-9] ]]

    found 4 --service "$web"
    found 1 --service "$web6"
    found 5 --service "$dns"
    found 0 --service "tcp:$LAB_VIP:7001"
    found 3 --state established
    found 5 --state UDP
    found 0 --state SYN_RECV
    found 3 --client 172.31.36.9
    found 1 --client "$LAB_CLIENT6"
    found 0 --client 10.9.9.9
    found "$(grep -c " ${LAB_SERVERS[0]} 7000$" "$LAB_DIR/ours")" --server "${LAB_SERVERS[0]}"
    found 0 --server "${LAB_SERVERS[0]}:81"
    found 1 --server "$(sed -n 's/.* \(2001:.*\) 7000$/\1/p' "$LAB_DIR/ours")" --service "$web6" --state ESTABLISHED
    found 2 --service "$web" --state ESTABLISHED
    found 1 --service "$web" --state ESTABLISHED --client 172.31.36.9
    found 0 --service "$dns" --state ESTABLISHED

    # What cannot be meant is said to be so.
    fails 2 lab_in director lbctl-svc connections --state ESTABLISHD
    complains ESTABLISHD '--state ESTABLISHED'
    fails 2 lab_in director lbctl-svc connections --client 10.0.0
    fails 2 lab_in director lbctl-svc connections --server web1
    fails 2 lab_in director lbctl-svc connections --service "$LAB_VIP"

    # A service of all ports has the connections to any of them, and with
    # them the templates that keep a client on its server.
    on_director lbctl-svc delete "$web"
    on_director lbctl-svc add "$every" --persistent 60
    on_director lbctl-svc add-server "$every" "${LAB_SERVERS[0]}" --forward nat
    lab_connect tcp "$LAB_VIP" 7001
    on_director lbctl-svc connections --service "$every" --json
    json_is '[.connections[] | select(.service_port == 7001) | .state] | join(" ")' \
        ESTABLISHED
    json_is '[.connections[] | select(.client_port == 0)] | length' 1
    found 1 --service "tcp:$LAB_VIP:7001"
}

@test "the connections of a mark are told from those of other services" {
    local i
    for i in 0 1 2; do
        lab_serve "s$((i + 1))" "s$((i + 1))" tcp "${LAB_SERVERS[i]}" 7000:7009
    done
    local web=tcp:$LAB_VIP:7005
    on_director lbctl-mark add 7 --proto tcp --dst "$LAB_VIP" --dport 7000:7004
    on_director lbctl-svc add fwmark:7 --scheduler rr
    on_director lbctl-svc add "$web" --scheduler rr
    for service in fwmark:7 "$web"; do
        on_director lbctl-svc add-server "$service" "${LAB_SERVERS[@]}" --forward nat
    done
    lab_send tcp "$LAB_VIP" 7000:7004 5
    lab_send tcp "$LAB_VIP" 7005 3
    found 8
    found 5 --service fwmark:7
    found 3 --service "$web"
    found 0 --service fwmark:7/inet6
    found 0 --service fwmark:8
    found 5 --service fwmark:7 --client "$LAB_CLIENT"
}

# entries HOST: its connections, without the time that is left.
entries() {
    lab_in "$1" lbctl-svc connections --json |
        jq -r '.connections[] | del(.expires_seconds) | tojson' | sort
}

same_entries() {
    entries peer | cmp - "$LAB_DIR/entries"
}

# The kernel has one table for all namespaces: what others change in it while it is
# read makes it give entries twice.
@test "three thousand connections are listed whole, and pushed to another director" {
    lab_link sync director 10.9.9.1/24 peer 10.9.9.2/24
    lab_up
    local i
    for i in 0 1 2; do
        lab_serve "s$((i + 1))" "s$((i + 1))" udp "${LAB_SERVERS[i]}" 7000:7099
    done
    {
        echo "mark add 1 --proto udp --dst $LAB_VIP"
        echo 'svc add fwmark:1 --scheduler rr'
        printf 'svc add-server fwmark:1 %s --forward nat\n' "${LAB_SERVERS[@]}"
    } >"$LAB_DIR/rules"
    on_director lbctl-restore "$LAB_DIR/rules"
    lab_send udp "$LAB_VIP" 7000:7099 3000 --source-ports 20000
    lab_in director lbctl-svc connections >"$LAB_DIR/text"
    [ "$(grep -c '^udp ' "$LAB_DIR/text")" -eq 3000 ]
    entries director >"$LAB_DIR/entries"
    [ "$(wc -l <"$LAB_DIR/entries")" -eq 3000 ]
    lab_in director lbctl-svc connections --server "${LAB_SERVERS[1]}" >"$LAB_DIR/text"
    [ "$(grep -c ' UDP ' "$LAB_DIR/text")" -eq 1000 ]

    ok lab_in peer lbctl-restore "$LAB_DIR/rules"
    ok lab_in peer lbctl-sync start backup --dev sync --id 3
    on_director lbctl-sync start master --dev sync --id 3
    local began=${EPOCHREALTIME/./}
    on_director lbctl-sync push --rate 2000 --json
    # What is last need not wait for what would come after it.
    [ $((${EPOCHREALTIME/./} - began)) -ge 1450000 ]
    json_is '.push | "\(.connections) \(.left_out | add)"' '3000 0'
    within 10 same_entries
}
