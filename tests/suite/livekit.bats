#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# SPDX-FileCopyrightText: The lbctl authors
#
# A media server's 10,001 UDP ports behind one mark: what an operator with a
# VPN port inside the range goes through, from set-up to maintenance.

load ../suite-helper

setup() {
    lab_new livekit
    lab_balancer nat
    for i in 1 2 3; do
        lab_serve "s$i" "s$i" udp "${LAB_SERVERS[i - 1]}" 50000:60000
    done
    lab_serve director vpn udp "$LAB_VIP" 51820
    reserves lab_in director
    on_director lbctl-mark exclude --proto udp --dst "$LAB_VIP" --dport 51820
    on_director lbctl-mark add 1 --proto udp --dst "$LAB_VIP" --dport 50000:60000
    on_director lbctl-svc add fwmark:1 --scheduler rr
    on_director lbctl-svc add-server fwmark:1 "${LAB_SERVERS[@]}" \
        --forward nat --weight 1
}

teardown() {
    lab_cleanup
}

on_director() {
    ok lab_in director "$@"
}

# answers_are LINES PROTOCOL ADDRESS PORTS COUNT [OPTION...]
answers_are() {
    local expected=$1 sent
    shift
    sent=$(lab_send "$@" | sort)
    [ "$sent" = "$(sort <<<"$expected")" ] || {
        echo "lab_send $*: $sent"
        return 1
    }
}

counted() {
    lab_in director lbctl-svc show fwmark:1 --json >"$LAB_DIR/show" &&
        [ "$(jq '[.services[0].servers[].runtime.counters.in_packets] | add' \
            "$LAB_DIR/show")" -eq "$1" ]
}

@test "datagrams across the range are spread, those to the VPN are not" {
    answers_are $'s1 100\ns2 100\ns3 100\nlost 0' udp "$LAB_VIP" 50000:60000 300
    answers_are $'vpn 5\nlost 0' udp "$LAB_VIP" 51820 5

    # The kernel's counters agree, services and servers alike.
    within 10 counted 300
    on_director lbctl-svc show fwmark:1 --json
    json_is '.services[0].runtime.counters.in_packets' 300
    json_is '[.services[0].servers[].runtime.counters.in_packets] | join(" ")' '100 100 100'
    on_director lbctl-mark show --json
    json_is '[.marks[] | select(.mark) | .runtime.packets] | join(" ")' 300
    json_is '[.marks[] | select(.exclude) | .runtime.packets] | join(" ")' 5
}

@test "a drained server gets no new flows and comes back with its weight" {
    on_director lbctl-svc change-server fwmark:1 "${LAB_SERVERS[1]}" --weight 3
    on_director lbctl-svc drain fwmark:1 "${LAB_SERVERS[1]}"
    answers_are $'s1 30\ns3 30\nlost 0' udp "$LAB_VIP" 50000:60000 60 \
        --source-ports 20000
    on_director lbctl-svc show fwmark:1
    prints 'admin'
    on_director lbctl-svc undrain fwmark:1 "${LAB_SERVERS[1]}"
    run_program lab_in director ipvsadm -Sn
    prints "-a -f 1 -r ${LAB_SERVERS[1]}:0 -m -w 3"
}

@test "the director's own conversations are not captured by the marked range" {
    # From a port inside the range, to a server that is none of the balancer's.
    lab_serve client resolver udp "$LAB_CLIENT" 5353
    ok lab_in director traffic send udp "$LAB_CLIENT" 5353 5 --source-ports 50100 \
        --from "$LAB_VIP"
    prints 'resolver 5' 'lost 0'

    # The rule that says otherwise loses them, which shows the test can fail.
    on_director lbctl-mark delete 1 --proto udp --dst "$LAB_VIP" --dport 50000:60000
    on_director lbctl-mark add 1 --proto udp --dst "$LAB_VIP" --dport 50000:60000 \
        --no-exempt-own
    run_program lab_in director traffic send udp "$LAB_CLIENT" 5353 5 \
        --source-ports 50200 --from "$LAB_VIP" --timeout 500
    prints 'lost 5'
}

@test "an established flow outlives a drain, and the replacement of a rule" {
    lab_serve_all tcp 50000
    on_director lbctl-mark add 1 --proto tcp --dst "$LAB_VIP" --dport 50000:60000
    lab_in client "$LAB_TRAFFIC" hold tcp "$LAB_VIP" 50000 6 >"$LAB_DIR/held" &
    local holder=$!
    within 5 grep -q connected "$LAB_DIR/held"
    for server in "${LAB_SERVERS[@]}"; do
        on_director lbctl-svc drain fwmark:1 "$server"
    done
    on_director lbctl-mark replace 1 --proto tcp --dst "$LAB_VIP" \
        --dport 50000:60000 --comment again
    wait "$holder"
    grep -q kept "$LAB_DIR/held"
}
